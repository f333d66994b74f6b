//! What a server answered.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use ureq::http::{HeaderMap, StatusCode};
use url::Url;

use super::error::{ErrorKind, FetchError};
use super::request::printable;

/// A response. Any status is one, also 404 and 500.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status, such as 200.
    pub status: u16,
    /// The URL that answered, after all redirects.
    pub url: Url,
    /// The body, decompressed.
    pub body: Vec<u8>,
    /// Whether the body was longer than the limit, and the rest of it is missing.
    pub is_truncated: bool,
    pub(super) headers: HeaderMap,
}

impl Response {
    /// The first header of a name. A value that is not text is left out.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).next()
    }

    /// The headers of a name in their order, such as several `Link`s.
    pub fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.get_all(name).into_iter().filter_map(|value| std::str::from_utf8(value.as_bytes()).ok())
    }

    /// Whether the status is one of success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The error that a status of failure is.
    ///
    /// # Errors
    /// The status is not one of success.
    pub fn check_status(&self) -> Result<(), FetchError> {
        if self.is_success() {
            return Ok(());
        }
        let name = StatusCode::from_u16(self.status).ok().and_then(|status| status.canonical_reason());
        let reason = match name {
            Some(name) => format!("the server answers {} {name}", self.status),
            None => format!("the server answers {}", self.status),
        };
        let help = match self.status {
            401 | 403 | 407 => "the server wants a password or a key, or refuses programs; look what it asks for",
            404 | 410 => "nothing is at this address; look for a typo, or for its new place",
            429 => "the server had too many requests; wait, and try again",
            500..=599 => "the server has a fault of its own; try again later",
            300..=399 => "the server names no place to go on; look whether the address opens in a browser",
            _ => "look whether the server wants another method, header or body",
        };
        Err(FetchError::new(ErrorKind::Status(self.status), &printable(self.url.as_str()), reason, help))
    }

    /// How long the server wants us to wait, from `now` on.
    pub fn retry_after(&self, now: SystemTime) -> Option<Duration> {
        let value = self.header("retry-after")?.trim();
        if let Ok(seconds) = value.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let then = http_date(value)?;
        let now = Timestamp::try_from(now).ok()?;
        Some(Duration::try_from(then.duration_since(now)).unwrap_or_default())
    }

    /// The media type in lower case and without parameters, such as `text/html`.
    pub fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    /// The body as text, in the encoding that its first bytes or the server name, else UTF-8. What is wrong in it is replaced.
    pub fn text(&self) -> String {
        let label = self.header("content-type").and_then(|value| {
            let parameters = value.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
            let is_charset = |(name, _): &(&str, &str)| name.trim().eq_ignore_ascii_case("charset");
            parameters.into_iter().find(is_charset).map(|(_, label)| label.trim().trim_matches('"'))
        });
        let encoding = label.and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes()));
        encoding.unwrap_or(encoding_rs::UTF_8).decode(&self.body).0.into_owned()
    }
}

/// Parses a date of a header, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(text: &str) -> Option<Timestamp> {
    static PARSER: rfc2822::DateTimeParser = rfc2822::DateTimeParser::new().relaxed_weekday(true);
    PARSER.parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(name: &'static str, value: &[u8], body: &[u8]) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(name, ureq::http::HeaderValue::from_bytes(value).unwrap());
        let url = Url::parse("https://example.org/").unwrap();
        Response { status: 200, url, body: body.to_vec(), is_truncated: false, headers }
    }

    #[test]
    fn a_server_says_how_long_to_wait() {
        let now = SystemTime::from(Timestamp::from_second(784_111_777).unwrap());
        for (value, expected) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10)),
            ("Sun, 06 Nov 1994 08:49:27 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
            ("99999999999999999999999", None),
            ("\u{e4}", None),
        ] {
            let wait = response("retry-after", value.as_bytes(), b"").retry_after(now);
            assert_eq!(wait.map(|wait| wait.as_secs()), expected, "{value}");
        }
    }

    #[test]
    fn text_is_decoded() {
        for (content_type, body, expected) in [
            ("text/html", "ü".as_bytes(), "ü"),
            ("text/html; charset=ISO-8859-1", b"\xfc", "ü"),
            ("text/html; x=y; Charset=\"windows-1252\"", b"\xfc", "ü"),
            ("text/html; charset=nonsense", b"\xfc", "\u{fffd}"),
            ("text/html; charset=latin1", b"\xef\xbb\xbf\xc3\xbc", "ü"),
            ("text/html; charset", b"a", "a"),
        ] {
            let response = response("content-type", content_type.as_bytes(), body);
            assert_eq!(response.text(), expected, "{content_type}");
            assert_eq!(response.media_type().as_deref(), Some("text/html"));
        }
    }
}
