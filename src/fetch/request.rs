//! What to request, and within which limits.

use std::time::Duration;

use ureq::http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::error::{ErrorKind, FetchError};
use crate::source::Fingerprint;

/// A method of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Load something.
    Get,
    /// Load the headers alone.
    Head,
    /// Send something.
    Post,
}

impl Method {
    /// The method's name in HTTP.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
        }
    }
}

/// The limits of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long all of it may take, from the first DNS query to the last byte of the response.
    pub time: Duration,
    /// How many bytes the body may have once it is decompressed.
    pub size: usize,
    /// Whether a larger body is cut off. Otherwise it is an error.
    pub truncates: bool,
    /// How many redirects are followed.
    pub redirects: usize,
    /// Whether redirects may lead to other hosts.
    pub leaves_host: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(30), size: 10 << 20, truncates: false, redirects: 10, leaves_host: true }
    }
}

/// One request.
#[derive(Clone, Debug)]
pub struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// The limits of the request.
    pub limits: Limits,
}

/// The headers that the client sets itself, because a wrong value would confuse the two sides about where the request ends.
const OWN_HEADERS: [&str; 7] =
    ["accept-encoding", "connection", "content-length", "expect", "host", "transfer-encoding", "upgrade"];

impl Request {
    /// Creates a request. A user and a password in the URL become a header.
    ///
    /// # Errors
    /// The URL is not a whole one with `http` or `https`.
    pub fn new(method: Method, url: &str) -> Result<Self, FetchError> {
        let wrong = |reason: &str| {
            let help = "write the whole address, such as `https://example.org/data.json`";
            FetchError::new(ErrorKind::Request, &printable(url), reason, help)
        };
        let mut url = Url::parse(url).map_err(|error| wrong(&format!("this is not an address ({error})")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("only addresses with `http` and `https` can be loaded"));
        }
        let mut headers = HeaderMap::new();
        if let Some(value) = take_credentials(&mut url) {
            headers.insert("authorization", value);
        }
        Ok(Self { method, url, headers, body: Vec::new(), limits: Limits::default() })
    }

    /// Creates a request that loads something.
    ///
    /// # Errors
    /// As [`Request::new`].
    pub fn get(url: &str) -> Result<Self, FetchError> {
        Self::new(Method::Get, url)
    }

    /// Adds a header, beside those of the same name.
    ///
    /// # Errors
    /// It is not a header, or one that the client sets itself.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, FetchError> {
        let wrong = |reason: String, help: &str| {
            FetchError::new(ErrorKind::Request, &printable(self.url.as_str()), reason, help)
        };
        let Ok(key) = HeaderName::from_bytes(name.trim().as_bytes()) else {
            return Err(wrong(
                format!("`{}` is not the name of a header", name.escape_debug()),
                "write the name before the `=`, such as `accept=application/json`",
            ));
        };
        if OWN_HEADERS.contains(&key.as_str()) {
            return Err(wrong(format!("the header `{key}` cannot be set"), "leave it out; Causerie sets it itself"));
        }
        // The value may be a password, so that the message does not show it.
        let Ok(mut value) = HeaderValue::from_str(value.trim()) else {
            let help = "a value is one line of visible characters";
            return Err(wrong(format!("the value of the header `{key}` is not one that HTTP allows"), help));
        };
        value.set_sensitive(true);
        self.headers.append(key, value);
        Ok(self)
    }

    /// Sets what is sent.
    pub fn body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    /// Sets the limits.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The fingerprint of what is requested. Equal requests have the same one.
    pub fn fingerprint(&self) -> Fingerprint {
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        Fingerprint::of(format!("{} {} {headers:?} {:?}", self.method.name(), self.url, self.body).as_bytes())
    }

    /// The host, with its port if that is not the usual one.
    pub fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The URL as it may be printed and logged.
    pub fn printable_url(&self) -> String {
        printable(self.url.as_str())
    }
}

/// Moves the user and the password of a URL into the value of a header.
pub(super) fn take_credentials(url: &mut Url) -> Option<HeaderValue> {
    use base64::Engine;
    use percent_encoding::percent_decode_str;

    let (user, password) = (url.username(), url.password());
    if user.is_empty() && password.is_none() {
        return None;
    }
    let mut pair = percent_decode_str(user).collect::<Vec<u8>>();
    pair.push(b':');
    pair.extend(percent_decode_str(password.unwrap_or_default()));
    let value = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
    // Both succeed for every URL with a host, which each one with `http` has.
    let _ = (url.set_username(""), url.set_password(None));
    let mut value = HeaderValue::from_str(&value).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Returns a URL as it may be printed and logged: without user, password, query and fragment, which may be secret.
pub fn printable(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let (head, tail) = url.split_at(end);
    let mark = if tail.is_empty() {
        ""
    } else if tail.starts_with('?') {
        "?…"
    } else {
        "#…"
    };
    let authority = head.find("//").map_or(0, |at| at + 2);
    let authority_end = head[authority..].find('/').map_or(head.len(), |at| authority + at);
    match head[authority..authority_end].rfind('@') {
        Some(at) => format!("{}{}{mark}", &head[..authority], &head[authority + at + 1..]),
        None => format!("{head}{mark}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_printed_without_secrets() {
        for (url, expected) in [
            ("https://example.org/a?key=1#x", "https://example.org/a?…"),
            ("https://example.org/a#x", "https://example.org/a#…"),
            ("https://me:secret@example.org/a@b", "https://example.org/a@b"),
            ("https://me:s@cret@example.org", "https://example.org"),
            ("//me:secret@example.org/", "//example.org/"),
            ("me:secret@example.org", "example.org"),
            ("", ""),
        ] {
            assert_eq!(printable(url), expected);
        }
    }

    #[test]
    fn credentials_become_a_header() {
        let request = Request::get("https://me:s%40cret@example.org/").unwrap();
        assert_eq!(request.url.as_str(), "https://example.org/");
        assert_eq!(request.headers["authorization"], "Basic bWU6c0BjcmV0");
    }

    #[test]
    fn wrong_requests() {
        for (url, expected) in [
            ("", "this is not an address (relative URL without a base)"),
            ("example.org/x", "this is not an address"),
            ("/x", "this is not an address"),
            ("http://", "this is not an address (empty host)"),
            ("file:///etc/passwd", "only addresses with `http` and `https`"),
            ("ftp://example.org/", "only addresses with `http` and `https`"),
            ("data:text/plain,x", "only addresses with `http` and `https`"),
        ] {
            let error = Request::get(url).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Request);
            assert!(error.to_string().contains(expected), "{error}");
        }
        for (name, value, expected) in [
            ("", "x", "`` is not the name of a header"),
            ("a b", "x", "`a b` is not the name"),
            ("x\r\ny", "x", "is not the name"),
            ("X-Key", "secret\r\nHost: evil", "the value of the header `x-key` is not one"),
            ("Host", "evil", "the header `host` cannot be set; leave it out"),
            ("content-LENGTH", "7", "the header `content-length` cannot be set"),
        ] {
            let error = Request::get("https://example.org/").unwrap().header(name, value).unwrap_err().to_string();
            assert!(error.contains(expected) && !error.contains("secret"), "{error}");
        }
    }
}
