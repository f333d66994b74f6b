//! Requests that failed.

use std::fmt;

/// What kind of failure a request met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request itself is wrong, such as a URL without a host.
    Request,
    /// The host is private, and the caller does not allow it.
    Refused,
    /// No connection to the host, or one that ended early.
    Connection,
    /// The server took too long.
    Timeout,
    /// The server has no certificate that this machine trusts.
    Certificate,
    /// The response is too large.
    Size,
    /// The redirects lead nowhere.
    Redirect,
    /// The response is not HTTP, or cannot be decoded.
    Protocol,
    /// The run sends no requests, and there is no copy of the response.
    Offline,
    /// The response has a status that says that the request failed.
    Status(u16),
}

/// The advice where nothing better is known.
const AGAIN: &str = "look whether the address opens in a browser, and try again later";

/// A request that failed: which one, why, and what to do.
#[derive(Clone, Debug)]
pub struct FetchError {
    /// What kind of failure it is.
    pub kind: ErrorKind,
    /// The URL without its password and query.
    pub url: String,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub help: String,
}

impl FetchError {
    pub(super) fn new(kind: ErrorKind, url: &str, reason: impl fmt::Display, help: impl Into<String>) -> Self {
        Self { kind, url: url.to_owned(), reason: reason.to_string(), help: help.into() }
    }

    /// Whether the same request may succeed later.
    pub fn is_temporary(&self) -> bool {
        match self.kind {
            ErrorKind::Connection | ErrorKind::Timeout => true,
            ErrorKind::Status(status) => matches!(status, 408 | 425 | 429 | 500..=599),
            _ => false,
        }
    }

    /// The error of a request that the HTTP library gave up.
    pub(super) fn from_ureq(url: &str, error: ureq::Error) -> Self {
        use ureq::Error;
        match error {
            Error::Other(error) => match error.downcast::<super::hosts::HostRefusal>() {
                Ok(refusal) => Self::refused(url, &refusal),
                Err(error) => Self::new(ErrorKind::Connection, url, error, AGAIN),
            },
            Error::Timeout(_) => Self::new(ErrorKind::Timeout, url, "the server took too long", AGAIN),
            Error::HostNotFound => Self::host_not_found(url),
            Error::Rustls(error) => Self::certificate(url, &error),
            Error::Tls(reason) => Self::new(ErrorKind::Certificate, url, reason, AGAIN),
            Error::Decompress(_, _) => {
                Self::new(ErrorKind::Protocol, url, "the compressed response cannot be decoded", AGAIN)
            }
            Error::LargeResponseHeader(..) => {
                Self::new(ErrorKind::Size, url, "the headers of the response are too large", AGAIN)
            }
            Error::Protocol(_) | Error::Http(_) | Error::BodyStalled => {
                Self::new(ErrorKind::Protocol, url, "the response is not HTTP", AGAIN)
            }
            Error::BadUri(_) => Self::new(ErrorKind::Request, url, "this is not the address of a website", AGAIN),
            Error::Io(error) => Self::from_io(url, &error),
            other => Self::new(ErrorKind::Connection, url, other, AGAIN),
        }
    }

    fn from_io(url: &str, error: &std::io::Error) -> Self {
        use std::io::ErrorKind as Io;
        if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return Self::certificate(url, error);
        }
        let reason = match error.kind() {
            Io::ConnectionRefused => "nothing answers at this address",
            Io::ConnectionReset | Io::ConnectionAborted | Io::UnexpectedEof | Io::BrokenPipe => {
                "the server closed the connection before the response was complete"
            }
            Io::TimedOut | Io::WouldBlock => {
                return Self::new(ErrorKind::Timeout, url, "the server took too long", AGAIN);
            }
            Io::HostUnreachable | Io::NetworkUnreachable | Io::NetworkDown => {
                "this machine has no way to the server; look whether it is online"
            }
            // What the system's resolver says of a name that it does not know has no kind of its own.
            _ if error.to_string().contains("lookup address") => return Self::host_not_found(url),
            _ => return Self::new(ErrorKind::Connection, url, error, AGAIN),
        };
        Self::new(ErrorKind::Connection, url, reason, AGAIN)
    }

    fn host_not_found(url: &str) -> Self {
        let help = "look for a typo in the address, and whether this machine is online";
        Self::new(ErrorKind::Connection, url, "there is no host of this name", help)
    }

    fn certificate(url: &str, error: &rustls::Error) -> Self {
        let help = "renew the certificate of the server; a certificate of your own has to be among those that this machine \
                    trusts, or in the file that SSL_CERT_FILE names";
        match error {
            rustls::Error::InvalidCertificate(reason) => {
                let reason = format!("the certificate of the server is not valid: {reason}");
                Self::new(ErrorKind::Certificate, url, reason, help)
            }
            other => {
                let help = "look whether the address opens in a browser, and whether it begins with `https` rightly";
                Self::new(ErrorKind::Certificate, url, format!("no encrypted connection: {other}"), help)
            }
        }
    }

    pub(super) fn refused(url: &str, refusal: &super::hosts::HostRefusal) -> Self {
        let help = format!("if `{}` is meant, allow it: private_hosts = [\"{0}\"] in [fetch]", refusal.host);
        Self::new(ErrorKind::Refused, url, refusal, help)
    }
}

impl std::error::Error for FetchError {}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}; {}", self.url, self.reason, self.help)
    }
}
