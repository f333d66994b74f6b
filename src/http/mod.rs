//! The parts of HTTP that the preview and the inbox share: hosts, origins, addresses, queries, cookies, bodies and responses.

pub mod accept;
pub mod body;
pub mod cookie;
pub mod forwarded;
pub mod header;
pub mod host;
pub mod origin;
pub mod query;
pub mod response;
