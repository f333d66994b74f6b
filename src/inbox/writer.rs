//! The cookie that identifies the writer of earlier replies, if the site trusts writers. It holds a signed random id.

use axum::http::HeaderMap;
use jiff::Timestamp;

use crate::http::cookie;
use crate::replies::{Key, Purpose};

/// The name of the cookie. Over HTTPS it is bound to its host, so that no other host can make a reader write as somebody else.
const NAME: &str = "causerie-writer";

/// Returns the writer that the cookie of a request names. `None` if the request has no such cookie, or more than one.
pub fn of(key: &Key, headers: &HeaderMap, is_secure: bool, now: Timestamp) -> Option<String> {
    let name = cookie::name(NAME, is_secure);
    let mut tokens = cookie::values(headers, &name);
    let (Some(token), None) = (tokens.next(), tokens.next()) else { return None };
    key.verify(Purpose::Writer, token, now).map(|(id, _)| id.to_owned())
}

/// Returns the id of a new writer. `None` if the system has no random numbers.
pub fn new_id() -> Option<String> {
    getrandom::u64().ok().map(|number| format!("{number:016x}"))
}

/// Returns the header that sets the cookie of a writer.
pub fn cookie(key: &Key, id: &str, is_secure: bool, now: Timestamp) -> String {
    let token = key.sign(Purpose::Writer, id, now);
    cookie::set_header(&cookie::name(NAME, is_secure), &token, Purpose::Writer.lifetime().as_secs(), is_secure)
}
