//! Asks networks for discussions: JSON within bounds, at a pace that servers can bear, and only for what has changed.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Instant, SystemTime};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::config::Gather;
use crate::config::Network;
use crate::fetch::{FetchError, Method, Request, Response};
use crate::locks::lock;

/// What a server says of a version of something, for asking whether there is a newer one (RFC 9110, 8.8).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validator {
    etag: Option<String>,
    last_modified: Option<String>,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Trouble {
    /// The post is not there any more, or was never there.
    Gone,
    /// The server wants us to come another time, or this run has asked enough.
    Later(String),
    /// The request failed.
    Failed(FetchError),
    /// The answer is not what the network's documentation says.
    Unreadable(String),
    /// Something is needed first.
    Needs(&'static str),
}

impl From<FetchError> for Trouble {
    fn from(error: FetchError) -> Self {
        Self::Failed(error)
    }
}

/// What all discussions of a run share.
pub struct Run<'a> {
    /// What sends the requests.
    pub http: &'a crate::fetch::Client,
    /// The settings.
    pub settings: &'a Gather,
    /// The key for GitHub, where the environment has one.
    pub github_token: Option<String>,
    requests: AtomicUsize,
    /// Servers that are not asked again in this run, and why.
    paused: Mutex<BTreeMap<String, String>>,
}

impl<'a> Run<'a> {
    /// A run that has asked for nothing yet.
    pub fn new(http: &'a crate::fetch::Client, settings: &'a Gather, github_token: Option<String>) -> Self {
        Self { http, settings, github_token, requests: AtomicUsize::new(0), paused: Mutex::default() }
    }

    /// How many requests were made.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed).min(self.settings.max_requests)
    }
}

/// Asks for one discussion. The first request says which version is known.
pub struct Client<'r> {
    run: &'r Run<'r>,
    known: Option<Validator>,
    /// What the server says of the version that it gave.
    pub received: Option<Validator>,
    /// The account behind a name that can change.
    pub account: Option<String>,
    last: Option<Instant>,
}

impl<'r> Client<'r> {
    /// A client for one discussion, and the version of it that is known.
    pub fn new(run: &'r Run<'r>, known: Option<Validator>, account: Option<String>) -> Self {
        Self { run, known, received: None, account, last: None }
    }

    /// The server of a network: that of the configuration, or else the usual one.
    pub fn server(&self, network: Network, usual: &str) -> String {
        self.run.settings.servers.get(&network).cloned().unwrap_or_else(|| usual.to_owned())
    }

    /// The key for GitHub.
    pub fn github_token(&self) -> Option<&str> {
        self.run.github_token.as_deref()
    }

    /// Asks for JSON, if it is not what is known already.
    pub fn json<T: DeserializeOwned>(&mut self, url: &str) -> Result<Option<T>, Trouble> {
        let mut request = Request::get(url)?.header("accept", "application/json")?;
        let known = self.known.take().unwrap_or_default();
        for (name, value) in [("if-none-match", &known.etag), ("if-modified-since", &known.last_modified)] {
            if let Some(value) = value {
                request = request.header(name, value)?;
            }
        }
        let response = self.send(&request)?;
        if response.status == 304 {
            self.received = Some(known);
            return Ok(None);
        }
        let header = |name| response.header(name).map(str::to_owned);
        let validator = Validator { etag: header("etag"), last_modified: header("last-modified") };
        self.received = Some(validator).filter(|validator| *validator != Validator::default());
        parse(&request, &response).map(Some)
    }

    /// Asks for JSON, whatever is known.
    pub fn json_anew<T: DeserializeOwned>(&mut self, url: &str) -> Result<T, Trouble> {
        let request = Request::get(url)?.header("accept", "application/json")?;
        let response = self.send(&request)?;
        parse(&request, &response)
    }

    /// Asks GitHub for JSON with its texts as HTML, if it is not what is known already.
    pub fn github<T: DeserializeOwned>(
        &mut self,
        url: &str,
        is_conditional: bool,
    ) -> Result<Option<(T, Response)>, Trouble> {
        let mut request = Request::get(url)?.header("accept", "application/vnd.github.full+json")?;
        if let Some(token) = self.github_token() {
            request = request.header("authorization", &format!("Bearer {token}"))?;
        }
        let known = if is_conditional { self.known.take() } else { None };
        if let Some(etag) = known.as_ref().and_then(|known| known.etag.as_ref()) {
            request = request.header("if-none-match", etag)?;
        }
        let response = self.send(&request)?;
        if response.status == 304 {
            self.received = known;
            return Ok(None);
        }
        if is_conditional {
            let etag = response.header("etag").map(str::to_owned);
            self.received = etag.map(|etag| Validator { etag: Some(etag), last_modified: None });
        }
        Ok(Some((parse(&request, &response)?, response)))
    }

    /// Asks GitHub's GraphQL.
    pub fn graphql<T: DeserializeOwned>(&mut self, url: &str, query: &serde_json::Value) -> Result<T, Trouble> {
        let token = self.github_token().ok_or(Trouble::Needs(
            "GitHub shows discussions only to accounts: put a token that may read public repositories into the environment \
             variable GITHUB_TOKEN",
        ))?;
        let request = Request::new(Method::Post, url)?
            .header("accept", "application/json")?
            .header("content-type", "application/json")?
            .header("authorization", &format!("Bearer {token}"))?
            .body(query.to_string().into_bytes());
        let response = self.send(&request)?;
        parse(&request, &response)
    }

    fn send(&mut self, request: &Request) -> Result<Response, Trouble> {
        let host = request.host();
        if let Some(reason) = lock(&self.run.paused).get(&host) {
            return Err(Trouble::Later(reason.clone()));
        }
        let settings = self.run.settings;
        if self.run.requests.fetch_add(1, Ordering::Relaxed) >= settings.max_requests {
            let reason = format!("this run has made {} requests, which is the limit", settings.max_requests);
            return Err(Trouble::Later(reason));
        }
        if let Some(last) = self.last {
            thread::sleep(settings.delay.saturating_sub(last.elapsed()));
        }
        let sent = self.run.http.send(request);
        self.last = Some(Instant::now());
        let response = sent?;
        let pause = |reason: String| {
            lock(&self.run.paused).entry(host.clone()).or_insert_with(|| reason.clone());
            reason
        };
        let is_limited = response.header("x-ratelimit-remaining").is_some_and(|left| left.trim() == "0");
        match response.status {
            404 | 410 => Err(Trouble::Gone),
            429 | 503 => {
                let wait = response.retry_after(SystemTime::now());
                let when = wait.map_or("later".to_owned(), |wait| format!("in {} seconds", wait.as_secs()));
                Err(Trouble::Later(pause(format!("{host} has too much to do, and asks to come again {when}"))))
            }
            403 if is_limited => Err(Trouble::Later(pause(format!("{host} answers no more requests for now")))),
            304 => Ok(response),
            _ => {
                if is_limited {
                    pause(format!("{host} answers no more requests for now"));
                }
                response.check_status()?;
                Ok(response)
            }
        }
    }
}

fn parse<T: DeserializeOwned>(request: &Request, response: &Response) -> Result<T, Trouble> {
    serde_json::from_slice(&response.body).map_err(|error| {
        let kind = response.media_type().unwrap_or_else(|| "no type".to_owned());
        Trouble::Unreadable(format!(
            "the answer of {} ({kind}) is not what the network documents: {error}",
            request.printable_url()
        ))
    })
}
