//! The client: sends requests, follows redirects, keeps the limits.

use std::io::Read;
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use ureq::config::Config;
use ureq::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, LOCATION};
use ureq::http::{self, Uri};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Body};

use super::error::{ErrorKind, FetchError};
use super::hosts::{AllowedHost, check_address, check_name, is_allowed};
use super::request::{Method, Request, printable, take_credentials};
use super::response::Response;

/// Sends requests to public hosts, and to those that its owner allows. Connections are used again; threads can share a client.
#[derive(Debug)]
pub struct Client {
    agent: Agent,
    allowed: Arc<[AllowedHost]>,
}

impl Client {
    /// Creates a client. The allowed hosts may have private addresses.
    pub fn new(allowed: &[AllowedHost]) -> Self {
        let allowed: Arc<[AllowedHost]> = allowed.into();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(CERTIFICATES.clone()))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        // The client follows redirects itself, because each one is checked. A proxy would resolve names where nobody checks the
        // addresses.
        let config = Config::builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .tls_config(tls)
            .user_agent(concat!("causerie/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent: Agent::with_parts(config, DefaultConnector::default(), resolver(&allowed)), allowed }
    }

    /// Sends a request, follows redirects, and reads the response.
    ///
    /// # Errors
    /// There is no whole response within the limits. A status such as 404 is a response, not an error.
    pub fn send(&self, request: &Request) -> Result<Response, FetchError> {
        let deadline = Instant::now() + request.limits.time;
        let mut request = request.clone();
        let mut visited = vec![request.url.clone()];
        loop {
            let response = self.send_once(&request, deadline)?;
            let Some(target) = redirect_target(&request, &response)? else { return self.read(&request, response) };
            if visited.len() > request.limits.redirects || (visited.contains(&target) && request.method != Method::Post)
            {
                let reason = match visited.contains(&target) {
                    true => "the redirects lead in a circle".to_owned(),
                    false => format!("more than {} redirects", request.limits.redirects),
                };
                let help = "look where the address leads in a browser, and write that address";
                return Err(FetchError::new(ErrorKind::Redirect, &visited[0].to_printable(), reason, help));
            }
            if !request.limits.leaves_host && (target.host(), target.port()) != (request.url.host(), request.url.port())
            {
                let reason = format!("it redirects to another host, {}", target.to_printable());
                let help = "look where the address leads in a browser, and write that address";
                return Err(FetchError::new(ErrorKind::Redirect, &visited[0].to_printable(), reason, help));
            }
            visited.push(target.clone());
            request = request.redirected(target, response.status().as_u16())?;
        }
    }

    fn send_once(&self, request: &Request, deadline: Instant) -> Result<http::Response<Body>, FetchError> {
        let name = request.url.to_printable();
        check_name(&request.url, &self.allowed).map_err(|refusal| FetchError::refused(&name, &refusal))?;
        let time = deadline.saturating_duration_since(Instant::now());
        if time.is_zero() {
            return Err(FetchError::from_ureq(&name, ureq::Error::Timeout(ureq::Timeout::Global)));
        }
        let wrong =
            |_| FetchError::new(ErrorKind::Request, &name, "this address is not valid", "look for a typo in it");
        let mut url = request.url.clone();
        url.set_fragment(None);
        let mut builder = http::Request::builder().method(request.method.name()).uri(url.as_str());
        if let Some(headers) = builder.headers_mut() {
            headers.clone_from(&request.headers);
        }
        let sent = match request.method {
            Method::Post => {
                let request = builder.body(request.body.as_slice()).map_err(wrong)?;
                self.agent.run(self.agent.configure_request(request).timeout_global(Some(time)).build())
            }
            Method::Get | Method::Head => {
                let request = builder.body(()).map_err(wrong)?;
                self.agent.run(self.agent.configure_request(request).timeout_global(Some(time)).build())
            }
        };
        sent.map_err(|error| {
            let error = FetchError::from_ureq(&name, error);
            match error.kind {
                ErrorKind::Certificate if CERTIFICATES.is_empty() => FetchError {
                    help: "this machine has no certificates that it trusts: install them (often the package `ca-certificates`), or \
                           name a file of them with SSL_CERT_FILE"
                        .to_owned(),
                    ..error
                },
                _ => error,
            }
        })
    }

    /// Reads a response that is not redirected.
    fn read(&self, request: &Request, response: http::Response<Body>) -> Result<Response, FetchError> {
        let (name, limits) = (request.url.to_printable(), request.limits);
        let (parts, body) = response.into_parts();
        let status = parts.status.as_u16();
        let mut response = Response {
            status,
            url: request.url.clone(),
            body: Vec::new(),
            is_truncated: false,
            headers: parts.headers,
        };
        if request.method == Method::Head || matches!(status, 204 | 304) {
            return Ok(response);
        }
        let too_large = || {
            let reason = format!("the response has more than {} bytes", limits.size);
            FetchError::new(ErrorKind::Size, &name, reason, "load something smaller")
        };
        let announced = response.header(CONTENT_LENGTH.as_str()).and_then(|length| length.parse::<u64>().ok());
        if !limits.truncates && announced.is_some_and(|length| length > limits.size as u64) {
            return Err(too_large());
        }
        // One byte more than the limit shows that there is more.
        let mut reader = body.into_reader().take((limits.size as u64).saturating_add(1));
        reader.read_to_end(&mut response.body).map_err(|error| FetchError::from_ureq(&name, error.into()))?;
        if response.body.len() > limits.size {
            if !limits.truncates {
                return Err(too_large());
            }
            response.body.truncate(limits.size);
            response.is_truncated = true;
        }
        // The library has removed the header of what it has decompressed.
        if let Some(encoding) = response.header(CONTENT_ENCODING.as_str())
            && !encoding.trim().eq_ignore_ascii_case("identity")
            && !response.body.is_empty()
        {
            let reason = format!("the response is compressed as `{}`, which nobody asked for", encoding.escape_debug());
            return Err(FetchError::new(
                ErrorKind::Protocol,
                &name,
                reason,
                "only `gzip` can be read; look at the server",
            ));
        }
        Ok(response)
    }
}

/// The certificates that this machine trusts. They are read once, which takes some milliseconds.
static CERTIFICATES: LazyLock<Arc<Vec<Certificate<'static>>>> = LazyLock::new(|| {
    let found = rustls_native_certs::load_native_certs().certs;
    Arc::new(found.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect())
});

/// Returns where a response redirects to; none if it is not a redirect.
fn redirect_target(request: &Request, response: &http::Response<Body>) -> Result<Option<url::Url>, FetchError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = response.headers().get(LOCATION) else { return Ok(None) };
    let location = String::from_utf8_lossy(location.as_bytes());
    let wrong = |reason: &str| {
        let (name, help) =
            (request.url.to_printable(), "look where the address leads in a browser, and write that address");
        FetchError::new(
            ErrorKind::Redirect,
            &name,
            format!("it redirects to `{}`, {reason}", printable(&location)),
            help,
        )
    };
    let mut target = request.url.join(&location).map_err(|_| wrong("which is not an address"))?;
    if !matches!(target.scheme(), "http" | "https") {
        return Err(wrong("which is not the address of a website"));
    }
    if target.fragment().is_none() {
        target.set_fragment(request.url.fragment());
    }
    Ok(Some(target))
}

impl Request {
    /// Returns the request that follows a redirect. What the caller says in headers may be secret, so that it stays with its
    /// host; so does the body.
    fn redirected(mut self, mut target: url::Url, status: u16) -> Result<Self, FetchError> {
        let is_same_origin = self.url.origin() == target.origin();
        let becomes_get = status == 303 || matches!(status, 301 | 302) && self.method == Method::Post;
        if becomes_get && self.method != Method::Head {
            self.method = Method::Get;
            self.body.clear();
            self.headers.remove("content-type");
        }
        if !is_same_origin {
            if self.method == Method::Post {
                let reason = format!("it redirects the body to another host, {}", target.to_printable());
                let help = "write the address of that host, if the body may go there";
                return Err(FetchError::new(ErrorKind::Redirect, &self.url.to_printable(), reason, help));
            }
            let harmless = ["accept", "accept-language", "if-modified-since", "if-none-match", "user-agent"];
            let names: Vec<_> =
                self.headers.keys().filter(|name| !harmless.contains(&name.as_str())).cloned().collect();
            for name in names {
                self.headers.remove(name);
            }
        }
        if let Some(credentials) = take_credentials(&mut target) {
            self.headers.insert("authorization", credentials);
        }
        self.url = target;
        Ok(self)
    }
}

/// The form of a URL that may be printed.
trait Printable {
    fn to_printable(&self) -> String;
}

impl Printable for url::Url {
    fn to_printable(&self) -> String {
        printable(self.as_str())
    }
}

/// Creates the resolver of a client.
pub(super) fn resolver(allowed: &[AllowedHost]) -> impl Resolver + use<> {
    CheckedResolver { inner: DefaultResolver::default(), allowed: allowed.into() }
}

/// Resolves names, and lets only public addresses through. A connection is made to one of these, so that a second answer of
/// DNS cannot lead elsewhere.
#[derive(Debug)]
struct CheckedResolver {
    inner: DefaultResolver,
    allowed: Arc<[AllowedHost]>,
}

impl Resolver for CheckedResolver {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        let host = uri.host().unwrap_or_default();
        let mut checked = self.empty();
        let mut refusal = None;
        for &address in &*found {
            if is_allowed(&self.allowed, host, address.port()) {
                checked.push(address);
                continue;
            }
            match check_address(host, uri.port_u16(), address.ip()) {
                Ok(()) => checked.push(address),
                Err(reason) => refusal = Some(reason),
            }
        }
        match refusal {
            Some(refusal) if checked.is_empty() => Err(ureq::Error::Other(Box::new(refusal))),
            _ => Ok(checked),
        }
    }
}
