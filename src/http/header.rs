//! Headers that a request may state once.

use axum::http::{HeaderMap, HeaderName};

/// A header is stated more than once, or its value is not ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnclearHeader;

/// Returns the value of a header, or none if the request does not state it.
pub fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, UnclearHeader> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| UnclearHeader),
        _ => Err(UnclearHeader),
    }
}
