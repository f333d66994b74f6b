//! Origins (RFC 6454): which page has sent a request.

use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, HeaderName};
use url::Url;

use super::header::single;

/// Where a browser states how the page that sends a request is related to the server.
pub const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What the headers of a request state about the page that sent it. A page can set neither of them.
#[derive(Clone, Copy, Debug)]
pub struct RequestOrigin<'h> {
    /// The origin of the page. Browsers write `null` for a page that hides where its visitors come from.
    pub origin: Option<&'h str>,
    /// The page's relation to the server: `same-origin`, `same-site`, `cross-site` or `none`.
    pub fetch_site: Option<&'h str>,
}

impl<'h> RequestOrigin<'h> {
    /// Reads the headers. None if one of them is stated twice or is not ASCII.
    pub fn of(headers: &'h HeaderMap) -> Option<Self> {
        let origin = single(headers, &ORIGIN).ok()?;
        let fetch_site = single(headers, &SEC_FETCH_SITE).ok()?;
        Some(Self { origin, fetch_site })
    }

    /// Whether the page states this origin.
    pub fn is(&self, origin: &str) -> bool {
        self.origin.is_some_and(|stated| stated.eq_ignore_ascii_case(origin))
    }
}

/// Returns the origin of an HTTP address, as browsers write it: without a port that the scheme implies.
pub fn origin_of(address: &str) -> Option<String> {
    let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    Some(url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        for (address, origin) in [
            ("https://Blog.example/about?a#b", Some("https://blog.example")),
            ("HTTPS://blog.example:443", Some("https://blog.example")),
            ("http://blog.example:443/", Some("http://blog.example:443")),
            ("http://127.0.0.1:8080", Some("http://127.0.0.1:8080")),
            ("http://[::1]:80", Some("http://[::1]")),
            ("https://thé.example", Some("https://xn--th-cja.example")),
            ("/reply", None),
            ("ftp://blog.example", None),
            ("https://", None),
            ("", None),
        ] {
            assert_eq!(origin_of(address).as_deref(), origin, "{address}");
        }
    }
}
