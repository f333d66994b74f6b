//! Asks networks for discussions: JSON within bounds, at a pace that servers can bear, and only for what has changed.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::config::{Config, Gather, Network};
use crate::fetch::{FetchError, Limits, Method, Request, Response};
use crate::locks::lock;

/// A server is left alone for at most this long, whatever it asks for.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(24);

/// The version of a response, for asking whether there is a newer one (RFC 9110, 8.8).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validator {
    etag: Option<String>,
    last_modified: Option<String>,
}

/// Why a network has not answered a request.
#[derive(Debug)]
pub enum NetworkError {
    /// The post is not there any more, or was never there.
    Gone,
    /// The server wants no more requests for now, or this run has made enough of them.
    Postponed(String),
    /// The request failed.
    Failed(FetchError),
    /// The response is not what the network documents.
    Malformed(String),
    /// The network answers only requests with a token. The text says which.
    NeedsToken(&'static str),
}

impl From<FetchError> for NetworkError {
    fn from(error: FetchError) -> Self {
        Self::Failed(error)
    }
}

/// What the requests of a run share: their number, and which servers want a pause.
pub struct Session<'a> {
    http: crate::fetch::Client,
    settings: &'a Gather,
    limits: Limits,
    github_token: Option<String>,
    requests: AtomicUsize,
    /// When the next request to a server may be sent.
    next_requests: Mutex<BTreeMap<String, Instant>>,
    pauses: Mutex<BTreeMap<String, Pause>>,
}

/// A server that is not asked again in this run.
#[derive(Clone)]
struct Pause {
    reason: String,
    /// Until when later runs leave it alone too.
    until: Option<Timestamp>,
}

impl<'a> Session<'a> {
    /// A run that has sent no request yet. Servers that asked an earlier run for a pause are left alone until it ends.
    pub fn new(config: &'a Config, github_token: Option<String>, pauses: &BTreeMap<String, Timestamp>) -> Self {
        let now = Timestamp::now();
        let pauses = pauses.iter().filter(|(_, until)| **until > now).map(|(host, until)| {
            let reason = format!("{host} has asked for a pause until {}", to_minute(*until));
            (host.clone(), Pause { reason, until: Some(*until) })
        });
        Self {
            http: crate::fetch::Client::new(&config.fetch.private_hosts),
            settings: &config.gather,
            limits: Limits { leaves_host: false, ..config.fetch.limits },
            github_token,
            requests: AtomicUsize::new(0),
            next_requests: Mutex::default(),
            pauses: Mutex::new(pauses.collect()),
        }
    }

    /// How many requests were sent.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed).min(self.settings.max_requests)
    }

    /// The servers that want to be left alone, and until when.
    pub fn pauses(&self) -> BTreeMap<String, Timestamp> {
        let pauses = lock(&self.pauses);
        pauses.iter().filter_map(|(host, pause)| Some((host.clone(), pause.until?))).collect()
    }

    /// The server of a network: that of the configuration, or else the usual one.
    pub fn server(&self, network: Network, usual: &str) -> String {
        self.settings.servers.get(&network).cloned().unwrap_or_else(|| usual.to_owned())
    }

    fn pause(&self, host: &str, reason: String, until: Option<Timestamp>) -> NetworkError {
        let until = until.map(|until| until.min(Timestamp::now() + LONGEST_PAUSE));
        lock(&self.pauses).entry(host.to_owned()).or_insert_with(|| Pause { reason: reason.clone(), until });
        NetworkError::Postponed(reason)
    }

    /// Waits until a server has had its rest since the last request.
    fn wait_for_turn(&self, host: &str) {
        let now = Instant::now();
        let turn = {
            let mut next_requests = lock(&self.next_requests);
            let next = next_requests.entry(host.to_owned()).or_insert(now);
            let turn = (*next).max(now);
            *next = turn + self.settings.delay;
            turn
        };
        thread::sleep(turn.saturating_duration_since(now));
    }

    /// Sends a request. A response is one of success, or 304.
    fn send(&self, request: Request) -> Result<Response, NetworkError> {
        let request = request.limits(self.limits);
        let host = request.host();
        if let Some(pause) = lock(&self.pauses).get(&host) {
            return Err(NetworkError::Postponed(pause.reason.clone()));
        }
        let most = self.settings.max_requests;
        if self.requests.fetch_add(1, Ordering::Relaxed) >= most {
            return Err(NetworkError::Postponed(format!("this run has made {most} requests, which is the limit")));
        }
        self.wait_for_turn(&host);
        let response = self.http.send(&request)?;
        let rest = || format!("{host} answers no more requests for now");
        match response.status {
            404 | 410 => return Err(NetworkError::Gone),
            429 | 503 => {
                let wait = response.retry_after(SystemTime::now());
                let when = wait.map_or("later".to_owned(), |wait| format!("in {} seconds", wait.as_secs()));
                let until = wait.and_then(after).or_else(|| rate_limit_end(&response));
                let reason = format!("{host} has too much to do, and asks to come again {when}");
                return Err(self.pause(&host, reason, until));
            }
            403 if is_used_up(&response) => return Err(self.pause(&host, rest(), rate_limit_end(&response))),
            _ => {}
        }
        if is_used_up(&response) {
            self.pause(&host, rest(), rate_limit_end(&response));
        }
        if response.status != 304 {
            response.check_status()?;
        }
        Ok(response)
    }
}

/// Whether a server says that it answers no more requests. Mastodon and GitHub have one form of the header, Bluesky has the
/// other.
fn is_used_up(response: &Response) -> bool {
    ["x-ratelimit-remaining", "ratelimit-remaining"]
        .iter()
        .any(|name| response.header(name).is_some_and(|left| left.trim() == "0"))
}

/// When a server answers requests again: Mastodon writes a date, GitHub and Bluesky write seconds since 1970.
fn rate_limit_end(response: &Response) -> Option<Timestamp> {
    let value = response.header("x-ratelimit-reset").or_else(|| response.header("ratelimit-reset"))?.trim();
    match value.parse::<u64>() {
        // A small number can only be a time to wait.
        Ok(seconds) if seconds < 1_000_000_000 => after(Duration::from_secs(seconds)),
        Ok(seconds) => Timestamp::from_second(i64::try_from(seconds).ok()?).ok(),
        Err(_) => value.parse().ok(),
    }
}

fn after(wait: Duration) -> Option<Timestamp> {
    let wait = SignedDuration::try_from(wait).ok()?.min(LONGEST_PAUSE);
    Timestamp::now().checked_add(wait).ok()
}

fn to_minute(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Asks for one discussion. The first request says which version is known.
pub struct NetworkClient<'s> {
    session: &'s Session<'s>,
    known: Option<Validator>,
    /// The version that the server has sent.
    pub received: Option<Validator>,
    /// The account behind a name that can change.
    pub account: Option<String>,
}

impl<'s> NetworkClient<'s> {
    /// A client for one discussion, and the version of it that is known.
    pub fn new(session: &'s Session<'s>, known: Option<Validator>, account: Option<String>) -> Self {
        Self { session, known, received: None, account }
    }

    /// The server of a network: that of the configuration, or else the usual one.
    pub fn server(&self, network: Network, usual: &str) -> String {
        self.session.server(network, usual)
    }

    /// Asks for JSON, unless it is the version that is known.
    pub fn json_if_changed<T: DeserializeOwned>(&mut self, url: &str) -> Result<Option<T>, NetworkError> {
        self.send_if_changed(Request::get(url)?.header("accept", "application/json")?)
    }

    /// Asks for JSON.
    pub fn json<T: DeserializeOwned>(&self, url: &str) -> Result<T, NetworkError> {
        let response = self.session.send(Request::get(url)?.header("accept", "application/json")?)?;
        parse(url, &response)
    }

    /// Asks for JSON that comes in pages. Returns the address of the next page too.
    pub fn json_page<T: DeserializeOwned>(&self, url: &str) -> Result<(T, Option<String>), NetworkError> {
        let response = self.session.send(Request::get(url)?.header("accept", "application/json")?)?;
        let next = response.header("link").and_then(next_link);
        Ok((parse(url, &response)?, next))
    }

    /// Asks for a page as browsers see it.
    pub fn html(&self, url: &str) -> Result<String, NetworkError> {
        Ok(self.session.send(Request::get(url)?.header("accept", "text/html")?)?.text())
    }

    /// Asks GitHub for JSON with its texts as HTML, unless it is the version that is known.
    pub fn github_if_changed<T: DeserializeOwned>(&mut self, url: &str) -> Result<Option<T>, NetworkError> {
        let request = self.github_request(url)?;
        self.send_if_changed(request)
    }

    /// Asks GitHub for JSON with its texts as HTML.
    pub fn github<T: DeserializeOwned>(&self, url: &str) -> Result<T, NetworkError> {
        parse(url, &self.session.send(self.github_request(url)?)?)
    }

    fn github_request(&self, url: &str) -> Result<Request, NetworkError> {
        let request = Request::get(url)?.header("accept", "application/vnd.github.full+json")?;
        Ok(match &self.session.github_token {
            Some(token) => request.header("authorization", &format!("Bearer {token}"))?,
            None => request,
        })
    }

    /// Asks GitHub's GraphQL.
    pub fn graphql<T: DeserializeOwned>(&self, url: &str, query: &serde_json::Value) -> Result<T, NetworkError> {
        let token = self.session.github_token.as_ref().ok_or(NetworkError::NeedsToken(
            "GitHub shows discussions only to accounts: put a token that may read public repositories into the environment \
             variable GITHUB_TOKEN",
        ))?;
        let request = Request::new(Method::Post, url)?
            .header("accept", "application/json")?
            .header("content-type", "application/json")?
            .header("authorization", &format!("Bearer {token}"))?
            .body(query.to_string().into_bytes());
        parse(url, &self.session.send(request)?)
    }

    fn send_if_changed<T: DeserializeOwned>(&mut self, mut request: Request) -> Result<Option<T>, NetworkError> {
        let url = request.printable_url();
        let known = self.known.take().unwrap_or_default();
        for (name, value) in [("if-none-match", &known.etag), ("if-modified-since", &known.last_modified)] {
            if let Some(value) = value {
                request = request.header(name, value)?;
            }
        }
        let response = self.session.send(request)?;
        if response.status == 304 {
            self.received = Some(known);
            return Ok(None);
        }
        let header = |name| response.header(name).map(str::to_owned);
        let validator = Validator { etag: header("etag"), last_modified: header("last-modified") };
        self.received = Some(validator).filter(|validator| *validator != Validator::default());
        parse(&url, &response).map(Some)
    }
}

/// The address of the next page in a header `Link` (RFC 8288).
fn next_link(header: &str) -> Option<String> {
    let is_next = |parameters: &str| parameters.split(';').any(|part| part.trim().replace('"', "") == "rel=next");
    header.split(',').find_map(|link| {
        let (url, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        is_next(parameters).then(|| url.to_owned())
    })
}

fn parse<T: DeserializeOwned>(url: &str, response: &Response) -> Result<T, NetworkError> {
    serde_json::from_slice(&response.body).map_err(|error| {
        let kind = response.media_type().unwrap_or_else(|| "no type".to_owned());
        let url = crate::fetch::printable(url);
        NetworkError::Malformed(format!("the answer of {url} ({kind}) is not what the network documents: {error}"))
    })
}
