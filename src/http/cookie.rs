//! Cookies: how they are called, given and found. Only the inbox reads them, and no page of another site sends them along.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;

/// What a cookie is called. Over HTTPS it has a prefix with which browsers take it from this very host only, so that no other
/// host of the same domain can give it (RFC 6265bis, 4.1.3.2).
pub fn name(plain: &str, is_secure: bool) -> String {
    let prefix = if is_secure { "__Host-" } else { "" };
    format!("{prefix}{plain}")
}

/// The header that gives a browser a cookie for so many seconds.
pub fn line(name: &str, value: &str, seconds: i64, is_secure: bool) -> String {
    let secure = if is_secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
}

/// The values of all cookies of a name that a request brings.
pub fn values<'h>(headers: &'h HeaderMap, name: &str) -> impl Iterator<Item = &'h str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(move |(found, _)| *found == name).map(|(_, value)| value)
}
