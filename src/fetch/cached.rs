//! Responses that are kept: equal requests are sent once in a run, and later runs ask only whether something changed.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use ureq::http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::client::Client;
use super::error::{ErrorKind, FetchError};
use super::hosts::AllowedHost;
use super::request::{Method, Request};
use super::response::Response;
use crate::locks::lock;
use crate::source::Fingerprint;

/// Where responses are kept from run to run, by the fingerprints of their requests.
pub trait ResponseStore: Send + Sync {
    /// What was kept.
    fn get(&self, request: Fingerprint) -> Option<Vec<u8>>;

    /// Keeps something. Where that fails it is loaded again the next time.
    fn put(&self, request: Fingerprint, bytes: &[u8]);
}

/// What a run does with the responses of earlier ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CacheMode {
    /// Use them as long as their servers allow, then ask the servers whether they changed.
    #[default]
    Revalidate,
    /// Load everything again.
    Reload,
    /// Use them, and send no request.
    Offline,
}

/// How long a response is used without asking its server, whatever the server allows.
const LONGEST_USE: u64 = 24 * 60 * 60;

/// The headers that are kept.
const KEPT_HEADERS: [&str; 5] = ["content-type", "etag", "last-modified", "link", "cache-control"];

/// A response of success, as it is kept.
#[derive(Serialize, Deserialize)]
struct StoredResponse {
    status: u16,
    /// The URL that answered, without its query.
    url: String,
    headers: Vec<(String, String)>,
    /// When the server last confirmed it, in seconds since 1970.
    confirmed: u64,
    #[serde(with = "serde_bytes")]
    body: Vec<u8>,
}

impl StoredResponse {
    fn new(response: &Response, now: u64) -> Self {
        let header = |name: &'static str| response.headers(name).map(move |value| (name.to_owned(), value.to_owned()));
        Self {
            status: response.status,
            // The query may be secret.
            url: without_query(&response.url),
            headers: KEPT_HEADERS.into_iter().flat_map(header).collect(),
            confirmed: now,
            body: response.body.clone(),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether its server allows to use it now without asking.
    fn is_fresh(&self, now: u64) -> bool {
        let Some(rules) = self.header("cache-control") else { return false };
        let rules: Vec<String> = rules.split(',').map(|rule| rule.trim().to_ascii_lowercase()).collect();
        if rules.iter().any(|rule| rule.starts_with("no-cache") || rule == "no-store") {
            return false;
        }
        let age = rules.iter().find_map(|rule| rule.strip_prefix("max-age=")?.trim_matches('"').parse::<u64>().ok());
        // A clock that was set back makes everything old.
        now.checked_sub(self.confirmed).is_some_and(|passed| passed < age.unwrap_or(0).min(LONGEST_USE))
    }

    /// Adds to a request the condition that the response has changed.
    fn add_conditions(&self, mut request: Request) -> Request {
        for (condition, name) in [("if-none-match", "etag"), ("if-modified-since", "last-modified")] {
            if let Some(value) = self.header(name) {
                // A value that is no header would be no reason to fail.
                request = request.clone().header(condition, value).unwrap_or(request);
            }
        }
        request
    }

    fn into_response(self) -> Option<Response> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            headers.append(HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value).ok()?);
        }
        Some(Response {
            status: self.status,
            url: self.url.parse().ok()?,
            body: self.body,
            is_truncated: false,
            headers,
        })
    }
}

type Outcome = Result<Arc<Response>, FetchError>;

/// A client that keeps responses. It sends equal requests once.
pub struct CachedClient {
    allowed: Vec<AllowedHost>,
    client: OnceLock<Client>,
    store: Option<Arc<dyn ResponseStore>>,
    mode: CacheMode,
    /// The outcome of each request of this run. Who comes second waits for the first.
    outcomes: Mutex<FxHashMap<Fingerprint, Arc<OnceLock<Outcome>>>>,
}

impl fmt::Debug for CachedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedClient").field("allowed", &self.allowed).field("mode", &self.mode).finish_non_exhaustive()
    }
}

impl CachedClient {
    /// Creates a client. Without a store it keeps responses for this run only.
    pub fn new(allowed: &[AllowedHost], store: Option<Arc<dyn ResponseStore>>, mode: CacheMode) -> Self {
        Self { allowed: allowed.to_vec(), client: OnceLock::new(), store, mode, outcomes: Mutex::default() }
    }

    /// Returns the response to a request: that of this run, one that was kept, or that of the server.
    ///
    /// # Errors
    /// There is none, or its status is not one of success.
    pub fn load(&self, request: &Request) -> Outcome {
        let outcome = lock(&self.outcomes).entry(request.fingerprint()).or_default().clone();
        outcome.get_or_init(|| self.load_now(request, now())).clone()
    }

    /// Returns the outcome of a request of this run.
    pub fn outcome(&self, request: Fingerprint) -> Option<Outcome> {
        lock(&self.outcomes).get(&request).and_then(|outcome| outcome.get().cloned())
    }

    /// Forgets the failures of this run, so that their requests are sent again.
    pub fn forget_failures(&self) {
        lock(&self.outcomes).retain(|_, outcome| !matches!(outcome.get(), Some(Err(_))));
    }

    fn load_now(&self, request: &Request, now: u64) -> Outcome {
        let fingerprint = request.fingerprint();
        let kept = self.store.as_ref().and_then(|store| store.get(fingerprint));
        let kept = kept.and_then(|bytes| postcard::from_bytes::<StoredResponse>(&bytes).ok());
        let kept = kept.filter(|kept| kept.body.len() <= request.limits.size);
        let kept = match (kept, self.mode) {
            (kept, CacheMode::Offline) => {
                let missing = || {
                    let help = "run once without `--offline`, so that a copy is kept";
                    FetchError::new(ErrorKind::Offline, &request.printable_url(), "no copy of it is kept", help)
                };
                return kept.and_then(StoredResponse::into_response).map(Arc::new).ok_or_else(missing);
            }
            (Some(kept), CacheMode::Revalidate) if kept.is_fresh(now) => match kept.into_response() {
                Some(response) => return Ok(response.into()),
                None => None,
            },
            (kept, _) => kept,
        };
        let conditional = kept.as_ref().filter(|_| self.mode == CacheMode::Revalidate && request.method == Method::Get);
        let conditional = conditional.map_or_else(|| request.clone(), |kept| kept.add_conditions(request.clone()));
        let client = self.client.get_or_init(|| Client::new(&self.allowed));
        let sent = client.send(&conditional).and_then(|response| match (response.status, kept.as_ref()) {
            (304, Some(kept)) => Ok((Some(kept.confirmed_by(&response, now)), response)),
            _ => response.check_status().map(|()| (None, response)),
        });
        let (confirmed, response) = sent.map_err(|error| with_copy(error, kept.as_ref()))?;
        let stored = confirmed.unwrap_or_else(|| StoredResponse::new(&response, now));
        if let Some(store) = &self.store
            && let Ok(bytes) = postcard::to_stdvec(&stored)
        {
            store.put(fingerprint, &bytes);
        }
        match response.status {
            304 => Ok(stored.into_response().unwrap_or(response).into()),
            _ => Ok(response.into()),
        }
    }
}

impl StoredResponse {
    /// The response after the server has said that it did not change.
    fn confirmed_by(&self, confirmation: &Response, now: u64) -> Self {
        let mut headers = self.headers.clone();
        for name in KEPT_HEADERS.into_iter().filter(|name| *name != "content-type") {
            if let Some(value) = confirmation.header(name) {
                headers.retain(|(known, _)| known != name);
                headers.push((name.to_owned(), value.to_owned()));
            }
        }
        Self { status: self.status, url: self.url.clone(), headers, confirmed: now, body: self.body.clone() }
    }
}

/// An error that mentions the copy that `--offline` would use.
fn with_copy(mut error: FetchError, kept: Option<&StoredResponse>) -> FetchError {
    let date = kept.and_then(|kept| Timestamp::from_second(i64::try_from(kept.confirmed).ok()?).ok());
    if let Some(date) = date {
        let day = date.strftime("%Y-%m-%d");
        error.help = format!("{}; `--offline` uses the copy of {day}", error.help);
    }
    error
}

fn without_query(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.into()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::fetch::testing::{Server, answer};

    #[derive(Default)]
    struct Memory(Mutex<FxHashMap<Fingerprint, Vec<u8>>>);

    impl ResponseStore for Memory {
        fn get(&self, request: Fingerprint) -> Option<Vec<u8>> {
            lock(&self.0).get(&request).cloned()
        }

        fn put(&self, request: Fingerprint, bytes: &[u8]) {
            lock(&self.0).insert(request, bytes.to_vec());
        }
    }

    /// One run's client on a server.
    fn run(server: &Server, store: &Arc<Memory>, mode: CacheMode) -> CachedClient {
        CachedClient::new(&[server.allowed()], Some(store.clone()), mode)
    }

    fn body(client: &CachedClient, url: &str) -> Result<String, FetchError> {
        client.load(&Request::get(url).unwrap()).map(|response| response.text())
    }

    #[test]
    fn equal_requests_are_sent_once_in_a_run() {
        let server = Server::answering(answer("200 OK", "", "tea"));
        let client = run(&server, &Arc::default(), CacheMode::Revalidate);
        let request = Request::get(&server.url("/")).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| assert_eq!(body(&client, &server.url("/")).unwrap(), "tea"));
            }
        });
        assert_eq!(server.requests().len(), 1);
        assert!(client.outcome(request.fingerprint()).is_some());
        let other = request.header("accept", "text/x").unwrap();
        assert!(client.outcome(other.fingerprint()).is_none());
        client.load(&other).unwrap();
        assert_eq!(server.requests().len(), 2);
    }

    #[test]
    fn the_next_run_asks_whether_something_changed() {
        let version = Arc::new(AtomicUsize::new(1));
        let current = version.clone();
        let server = Server::start(move |request, stream| {
            let etag = format!("\"{}\"", current.load(Ordering::SeqCst));
            let reply = match request.contains(&format!("if-none-match: {etag}")) {
                true => "HTTP/1.1 304 Not Modified\r\nconnection: close\r\n\r\n".to_owned(),
                false => answer("200 OK", &format!("ETag: {etag}\r\nContent-Type: text/x\r\n"), &format!("tea {etag}")),
            };
            let _ = stream.write_all(reply.as_bytes());
        });
        let store = Arc::default();
        for (new_version, expected, requests) in
            [(1, "tea \"1\"", 1), (1, "tea \"1\"", 2), (2, "tea \"2\"", 3), (2, "tea \"2\"", 4)]
        {
            version.store(new_version, Ordering::SeqCst);
            let client = run(&server, &store, CacheMode::Revalidate);
            assert_eq!(body(&client, &server.url("/")).unwrap(), expected);
            assert_eq!(server.requests().len(), requests);
            let response = client.load(&Request::get(&server.url("/")).unwrap()).unwrap();
            assert_eq!((response.status, response.media_type().as_deref()), (200, Some("text/x")));
        }
        assert_eq!(body(&run(&server, &store, CacheMode::Offline), &server.url("/")).unwrap(), "tea \"2\"");
        assert_eq!(server.requests().len(), 4);
        body(&run(&server, &store, CacheMode::Reload), &server.url("/")).unwrap();
        assert!(!server.requests()[4].contains("if-none-match"));
    }

    #[test]
    fn a_server_can_allow_to_use_a_copy() {
        for (rule, expected) in [
            ("max-age=60", 1),
            ("Public, Max-Age=60", 1),
            ("max-age=60, no-cache", 2),
            ("no-store, max-age=60", 2),
            ("max-age=0", 2),
            ("max-age=x", 2),
            ("", 2),
        ] {
            let server = Server::answering(answer("200 OK", &format!("Cache-Control: {rule}\r\n"), "tea"));
            let store = Arc::default();
            for _ in 0..2 {
                assert_eq!(body(&run(&server, &store, CacheMode::Revalidate), &server.url("/")).unwrap(), "tea");
            }
            assert_eq!(server.requests().len(), expected, "{rule}");
        }
    }

    #[test]
    fn failures_mention_the_copy() {
        let store = Arc::default();
        let server = Server::answering(answer("200 OK", "", "tea"));
        let (url, client) = (server.url("/"), run(&server, &store, CacheMode::Offline));
        let error = body(&client, &url).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Offline);
        assert!(error.to_string().contains("no copy of it is kept; run once without `--offline`"), "{error}");
        body(&run(&server, &store, CacheMode::Revalidate), &url).unwrap();
        let broken = Server::answering(answer("503 Busy", "", ""));
        let error = body(&run(&broken, &store, CacheMode::Revalidate), &broken.url("/")).unwrap_err();
        assert!(!error.help.contains("--offline"), "{error}");
        let client = run(&server, &store, CacheMode::Revalidate);
        drop(server);
        std::thread::sleep(Duration::from_millis(50));
        let error = body(&client, &url).unwrap_err();
        assert!(error.help.contains("`--offline` uses the copy of 20"), "{error}");
        let request = Request::get(&url).unwrap().fingerprint();
        assert!(client.outcome(request).is_some());
        client.forget_failures();
        assert!(client.outcome(request).is_none());
    }
}
