//! Who has written before: known by a cookie that says a random name and is signed, if the site's author trusts anybody at all.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use jiff::Timestamp;

use crate::replies::{Key, Purpose};

/// The name of the cookie over HTTPS. With the prefix, browsers take it from this very host only, so that no other host of the
/// same domain can make readers write in somebody else's name (RFC 6265bis, 4.1.3.2).
const SECURE: &str = "__Host-causerie-writer";
/// And where there is no HTTPS.
const PLAIN: &str = "causerie-writer";

/// The writer that a request says it is from. None if it does not, or says more than one.
pub fn of(key: &Key, headers: &HeaderMap, is_secure: bool, now: Timestamp) -> Option<String> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut said = pairs.filter(|(key, _)| *key == name(is_secure)).map(|(_, token)| token);
    let (Some(token), None) = (said.next(), said.next()) else { return None };
    key.verify(Purpose::Writer, token, now).map(|(id, _)| id.to_owned())
}

/// A name for somebody who is new. None if the system gives no random numbers.
pub fn new() -> Option<String> {
    getrandom::u64().ok().map(|number| format!("{number:016x}"))
}

/// The cookie of a writer, for a header.
pub fn cookie(key: &Key, id: &str, is_secure: bool, now: Timestamp) -> String {
    let (name, token) = (name(is_secure), key.sign(Purpose::Writer, id, now));
    let age = Purpose::Writer.lasts().as_secs();
    let secure = if is_secure { "; Secure" } else { "" };
    format!("{name}={token}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}")
}

fn name(is_secure: bool) -> &'static str {
    if is_secure { SECURE } else { PLAIN }
}
