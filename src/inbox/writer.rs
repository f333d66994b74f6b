//! Who has written before: known by a cookie that says a random name and is signed, if the site's author trusts anybody at all.

use axum::http::HeaderMap;
use jiff::Timestamp;

use crate::http::cookie;
use crate::replies::{Key, Purpose};

/// The name of the cookie. One that is bound to its host cannot make readers write in somebody else's name.
const NAME: &str = "causerie-writer";

/// The writer that a request says it is from. None if it does not, or says more than one.
pub fn of(key: &Key, headers: &HeaderMap, is_secure: bool, now: Timestamp) -> Option<String> {
    let name = cookie::name(NAME, is_secure);
    let mut said = cookie::values(headers, &name);
    let (Some(token), None) = (said.next(), said.next()) else { return None };
    key.verify(Purpose::Writer, token, now).map(|(id, _)| id.to_owned())
}

/// A name for somebody who is new. None if the system gives no random numbers.
pub fn new() -> Option<String> {
    getrandom::u64().ok().map(|number| format!("{number:016x}"))
}

/// The cookie of a writer, for a header.
pub fn cookie(key: &Key, id: &str, is_secure: bool, now: Timestamp) -> String {
    let token = key.sign(Purpose::Writer, id, now);
    cookie::line(&cookie::name(NAME, is_secure), &token, Purpose::Writer.lifetime().as_secs(), is_secure)
}
