//! The preview's server, asked over real sockets about a site that exists in memory only.

mod client;
mod ends;
mod fake;
mod files;
mod live;
mod replies;
