//! Requests the pages of other sites: several hosts at once, and each host politely.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use percent_encoding::percent_decode_str;
use url::Url;

use super::{Fault, Faults, Progress, Targets};
use crate::fetch::{Client, ErrorKind, FetchError, Limits, Method, Request, Response};
use crate::locks::{into_inner, lock};
use crate::markdown::html::{Token, Tokens, attributes};

/// How many hosts are requested at once.
const HOSTS_AT_ONCE: usize = 16;

/// How much of a page is read to find anchors. One that is further down is taken to be there.
const LONGEST_PAGE: usize = 4 << 20;

/// How much of a page is read that has to be there, and nothing else.
const SHORT: usize = 1 << 10;

/// After so many failed connections a host counts as down.
const MOST_FAILURES: usize = 2;

/// How a host is treated.
#[derive(Clone, Copy, Debug)]
pub struct Politeness {
    /// The time between two requests to one host.
    pub pause: Duration,
    /// The longest time that a host may ask for with `Retry-After`.
    pub longest_wait: Duration,
}

impl Default for Politeness {
    fn default() -> Self {
        Self { pause: Duration::from_millis(500), longest_wait: Duration::from_secs(30) }
    }
}

/// Requests pages.
pub struct Checker {
    /// What sends the requests.
    pub client: Client,
    /// The limits of a request.
    pub limits: Limits,
    /// How hosts are treated.
    pub politeness: Politeness,
    /// Shows how many of the pages are checked.
    pub progress: Option<Progress>,
}

impl Checker {
    /// Requests every page, and returns what is wrong with some.
    pub fn check(&self, targets: &Targets) -> BTreeMap<Url, Faults> {
        let mut hosts: BTreeMap<&str, Vec<(&Url, &BTreeSet<String>)>> = BTreeMap::new();
        for target in targets {
            hosts.entry(target.0.host_str().unwrap_or_default()).or_default().push(target);
        }
        // The hosts with the fewest pages are at the beginning, because the last one is taken first: it takes the longest.
        let mut queue: Vec<_> = hosts.into_values().collect();
        queue.sort_by_key(Vec::len);
        let (threads, queue) = (queue.len().min(HOSTS_AT_ONCE), Mutex::new(queue));
        let (found, done) = (Mutex::new(BTreeMap::new()), AtomicUsize::new(0));
        let work = || {
            loop {
                // The lock ends with this line.
                let next = lock(&queue).pop();
                let Some(pages) = next else { return };
                self.check_host(&pages, |page, faults| {
                    if let Some(faults) = faults {
                        lock(&found).insert(page.clone(), faults);
                    }
                    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                    if let Some(progress) = self.progress {
                        progress(done, targets.len());
                    }
                });
            }
        };
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(work);
            }
        });
        into_inner(found)
    }

    /// Requests the pages of one host, one after the other.
    fn check_host(&self, pages: &[(&Url, &BTreeSet<String>)], report: impl Fn(&Url, Option<Faults>)) {
        let mut failures = 0;
        let mut down: Option<FetchError> = None;
        for (index, (page, anchors)) in pages.iter().enumerate() {
            if let Some(error) = &down {
                report(page, Some(Faults::Page(Fault::Page(error.clone()))));
                continue;
            }
            if index > 0 {
                thread::sleep(self.politeness.pause);
            }
            let faults = match self.check_page(page, anchors) {
                Ok(missing) => {
                    failures = 0;
                    (!missing.is_empty()).then_some(Faults::Anchors(missing))
                }
                Err(error) => {
                    let is_down = matches!(error.kind, ErrorKind::Connection | ErrorKind::Timeout | ErrorKind::Refused);
                    failures = if is_down { failures + 1 } else { 0 };
                    down = (failures >= MOST_FAILURES).then(|| error.clone());
                    Some(Faults::Page(Fault::Page(error)))
                }
            };
            report(page, faults);
        }
    }

    /// Requests one page, and returns the anchors that it lacks.
    fn check_page(&self, page: &Url, anchors: &BTreeSet<String>) -> Result<BTreeSet<String>, FetchError> {
        if anchors.is_empty() {
            // Many servers do not know `HEAD`, or answer it otherwise than `GET`.
            let head = self.request(page, Method::Head, SHORT);
            if head.is_ok_and(|response| is_there(&response)) {
                return Ok(BTreeSet::new());
            }
            thread::sleep(self.politeness.pause);
        }
        let size = if anchors.is_empty() { SHORT } else { LONGEST_PAGE };
        let response = self.request(page, Method::Get, size)?;
        if !is_there(&response) {
            response.check_status()?;
        }
        Ok(missing_anchors(&response, anchors))
    }

    /// Sends a request; again, if the server asks for some patience.
    fn request(&self, page: &Url, method: Method, size: usize) -> Result<Response, FetchError> {
        let limits = Limits { size, truncates: true, ..self.limits };
        let request = Request::new(method, page.as_str())?.header("accept", "text/html, */*;q=0.8")?.limits(limits);
        let response = self.client.send(&request)?;
        if !matches!(response.status, 429 | 503) {
            return Ok(response);
        }
        match response.retry_after(SystemTime::now()) {
            Some(wait) if wait <= self.politeness.longest_wait => {
                thread::sleep(wait);
                self.client.send(&request)
            }
            _ => Ok(response),
        }
    }
}

fn is_there(response: &Response) -> bool {
    response.is_success() || response.status == 304
}

/// The anchors that a page lacks. Only HTML has anchors that can be looked for.
fn missing_anchors(response: &Response, anchors: &BTreeSet<String>) -> BTreeSet<String> {
    let is_html = |media_type: String| matches!(media_type.as_str(), "text/html" | "application/xhtml+xml");
    if anchors.is_empty() || response.is_truncated || !response.media_type().is_none_or(is_html) {
        return BTreeSet::new();
    }
    let (html, mut ids) = (response.text(), BTreeSet::new());
    for token in Tokens::of(&html) {
        let Token::Start { attributes: all, .. } = token else { continue };
        for (name, value) in attributes(all) {
            if name.eq_ignore_ascii_case("id") || name.eq_ignore_ascii_case("name") {
                ids.insert(value.into_owned());
            }
        }
    }
    let is_missing = |anchor: &&String| {
        let decoded = percent_decode_str(anchor).decode_utf8_lossy();
        // Some code hosts put a word in front of the ids of what users write, and leave it out of links.
        let prefixed = format!("user-content-{decoded}");
        ![anchor.as_str(), &*decoded, prefixed.as_str()].iter().any(|id| ids.contains(*id))
    };
    anchors.iter().filter(is_missing).cloned().collect()
}
