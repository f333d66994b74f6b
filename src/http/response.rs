//! Responses: their bodies, types and headers.

use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// Which origins may use a response (<https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header>).
pub const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// What an address in a header must not contain.
const UNSAFE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\');

/// Makes a response of a media type.
pub fn with_type(status: StatusCode, media_type: &str, body: impl Into<Bytes>) -> Response {
    let mut response = with_status(status, Body::from(body.into()));
    set(&mut response, CONTENT_TYPE, media_type);
    response
}

/// Makes a response with a body whose type is set elsewhere, or with no body at all.
pub fn with_status(status: StatusCode, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}

/// Makes an HTML page.
pub fn html(status: StatusCode, page: impl Into<Bytes>) -> Response {
    with_type(status, "text/html; charset=utf-8", page)
}

/// Makes a plain text, for programs and people alike.
pub fn text(status: StatusCode, text: impl Into<Bytes>) -> Response {
    with_type(status, "text/plain; charset=utf-8", text)
}

/// Makes a JSON text, for scripts.
pub fn json(status: StatusCode, value: &serde_json::Value) -> Response {
    with_type(status, "application/json", value.to_string().into_boxed_str().into_boxed_bytes())
}

/// Sends the browser to another address.
pub fn redirect(status: StatusCode, address: &str) -> Response {
    let mut response = with_status(status, Body::empty());
    set(&mut response, LOCATION, &utf8_percent_encode(address, UNSAFE).to_string());
    response
}

/// Lists the methods that an address has, to a request with another one.
pub fn method_not_allowed(methods: &str, message: &'static str) -> Response {
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, message);
    set(&mut response, ALLOW, methods);
    response
}

/// Returns the status of an error by its number; a number that means no error is a bad request.
pub fn error_status(number: u16) -> StatusCode {
    let status = StatusCode::from_u16(number).ok();
    status.filter(|status| status.is_client_error() || status.is_server_error()).unwrap_or(StatusCode::BAD_REQUEST)
}

/// Sets a header. Every value is made of visible ASCII; a value that is not would be left out.
pub fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        response.headers_mut().insert(name, value);
    }
}

/// Sets a header that the response does not have yet.
pub fn set_default(response: &mut Response, name: HeaderName, value: &'static str) {
    response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
}
