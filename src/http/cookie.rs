//! Cookies: their names, how they are set, and how they are read. Browsers send them only with requests of pages of this site.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;

/// Returns the name of a cookie. Over HTTPS it has a prefix, with which browsers accept the cookie from this host only. So no
/// other host of the same domain can set it (RFC 6265bis, 4.1.3.2).
pub fn name(plain: &str, is_secure: bool) -> String {
    let prefix = if is_secure { "__Host-" } else { "" };
    format!("{prefix}{plain}")
}

/// Returns the header that sets a cookie for some seconds.
pub fn set_header(name: &str, value: &str, seconds: i64, is_secure: bool) -> String {
    let secure = if is_secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
}

/// Returns the values of all cookies of a request that have a name.
pub fn values<'h>(headers: &'h HeaderMap, name: &str) -> impl Iterator<Item = &'h str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(move |(found, _)| *found == name).map(|(_, value)| value)
}
