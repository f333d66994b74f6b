//! Sending: tells other sites about links that posts have gained, kept or lost since the last time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::discovery::endpoint;
use super::send_report::{Change, SendReport};
use super::sent::{LinkState, Sent, SentLink};
use super::target::SiteAddress;
use super::user_agent;
use crate::build::{self, ConfiguredSite, LoadedSite, Report};
use crate::config::Mode;
use crate::diagnostic::{Diagnostic, Severity};
use crate::fetch::{Client, FetchError, Limits, Method, Request, Response};
use crate::load::ParseCache;
use crate::locks::{into_inner, lock};
use crate::site::{ContentId, Site};
use crate::source::Fingerprint;

/// The limits of a request.
const LIMITS: Limits =
    Limits { time: Duration::from_secs(20), size: 1 << 20, truncates: true, redirects: 10, leaves_host: true };

/// So many hosts are written to at the same time.
const HOSTS_AT_ONCE: usize = 8;

/// The time between two requests to a host.
const PAUSE: Duration = Duration::from_millis(200);

/// The longest time that a host may ask for with `Retry-After` within a run.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// How often what was sent is written while a run goes on.
const WRITE_INTERVAL: Duration = Duration::from_secs(2);

/// What to send.
#[derive(Clone, Debug)]
pub struct SendOptions {
    /// The root of the site.
    pub root: PathBuf,
    /// Whether a first run sends for the posts that are there already.
    pub all: bool,
    /// Only for posts from this moment on; the links of others are recorded.
    pub since: Option<Timestamp>,
    /// Whether nothing is sent and written.
    pub dry_run: bool,
}

/// A page with its links.
struct LinkingPage {
    url: String,
    version: String,
    written: Option<Timestamp>,
    /// The addresses that it links to.
    links: BTreeSet<String>,
}

/// A Webmention that is to be sent.
#[derive(Clone, Debug)]
struct Task {
    source: String,
    target: String,
    version: String,
    change: Change,
}

/// What came of a task.
enum Answer {
    Sent,
    NoEndpoint,
    Later(String, Option<Duration>),
    Failed(String),
}

/// Sends Webmentions.
///
/// # Errors
/// The site has errors or no whole address, or what was sent cannot be read or written.
pub fn send(options: &SendOptions, progress: &(dyn Fn(usize, usize) + Sync)) -> Result<SendReport, Vec<Diagnostic>> {
    let one = |problem| vec![problem];
    let loaded = load(&options.root)?;
    let site = &loaded.library.site;
    site.config.require_origin("Webmentions name whole addresses").map_err(one)?;
    let pages = pages(&loaded)?;
    let earlier = Sent::read(&options.root).map_err(one)?;
    let is_first = earlier.is_none();
    let mut sent = earlier.unwrap_or_default();
    let now = Timestamp::now();
    let mut report = SendReport { pages: pages.len(), ..SendReport::default() };
    let tasks = tasks(options, &pages, is_first, &mut sent, now, &mut report);
    report.planned = tasks.len();
    if options.dry_run {
        report.plan = tasks.into_iter().map(|task| (task.change, task.source, task.target)).collect();
        return Ok(report);
    }
    let failed = |error: std::io::Error| vec![Diagnostic::error(format!("what was sent cannot be written: {error}"))];
    sent.write(&options.root).map_err(failed)?;
    let run = Run {
        client: Client::new(&site.config.fetch.private_hosts),
        root: &options.root,
        done: Mutex::new((sent, report, Instant::now())),
        now,
    };
    run.send_all(tasks, progress);
    let (sent, report, _) = into_inner(run.done);
    sent.write(&options.root).map_err(failed)?;
    Ok(report)
}

fn load(root: &Path) -> Result<LoadedSite, Vec<Diagnostic>> {
    let options = build::Options { root: root.to_owned(), ..build::Options::default() };
    let mut report = Report::default();
    // The addresses of other sites are collected when a site is checked.
    let loaded = ConfiguredSite::new(&options, Mode::Check, None, &mut report)
        .and_then(|mut site| site.load(&options, &mut ParseCache::default(), &mut report));
    let has_error = report.diagnostics.iter().any(|problem| problem.severity == Severity::Error);
    loaded.filter(|_| !has_error).ok_or(report.diagnostics)
}

/// The published pages, and their links to other sites.
fn pages(loaded: &LoadedSite) -> Result<Vec<LinkingPage>, Vec<Diagnostic>> {
    let (library, site) = (&loaded.library, &loaded.library.site);
    let one = |problem| vec![problem];
    let own = SiteAddress::new(&site.config.base_url);
    let is_other = |url: &Url| own.as_ref().is_none_or(|own| own.path_of(url).is_none()) && !is_own_host(site, url);
    let mut pages = Vec::new();
    for id in site.contents() {
        let ContentId::Page(page) = id else { continue };
        let page = site.page(page);
        if !page.is_rendered {
            continue;
        }
        let source = page.content.source.read(&*library.world).map_err(one)?;
        let links = library.outline(id).external.iter().filter_map(|url| {
            let whole = if url.starts_with("//") { format!("https:{url}") } else { url.clone() };
            Url::parse(&whole).ok().filter(is_other).map(String::from)
        });
        pages.push(LinkingPage {
            url: page.content.permalink.clone(),
            version: Fingerprint::of(source.text.as_bytes()).to_string(),
            written: page.meta.date.as_ref().map(|date| date.timestamp),
            links: links.collect(),
        });
    }
    Ok(pages)
}

/// Whether an address is of the host of the site, such as another site below it of the same author.
fn is_own_host(site: &Site, url: &Url) -> bool {
    Url::parse(&site.config.base_url).is_ok_and(|own| own.origin() == url.origin())
}

/// The Webmentions that are due. Links that are only recorded are noted at once.
fn tasks(
    options: &SendOptions,
    pages: &[LinkingPage],
    is_first: bool,
    sent: &mut Sent,
    now: Timestamp,
    report: &mut SendReport,
) -> Vec<Task> {
    let mut tasks = Vec::new();
    for page in pages {
        let known = sent.0.get(&page.url).cloned().unwrap_or_default();
        let is_old = options.since.is_some_and(|since| page.written.is_none_or(|written| written < since));
        let is_recorded = is_old || is_first && !options.all && options.since.is_none();
        report.links += page.links.len();
        for target in &page.links {
            let before = known.get(target);
            let is_due = match before {
                None => true,
                Some(link) if link.version != page.version => true,
                Some(link) => {
                    link.due.is_some_and(|due| due <= now) || options.all && link.state == LinkState::Recorded
                }
            };
            if !is_due {
                report.later += usize::from(before.is_some_and(|link| link.due.is_some()));
            } else if is_recorded {
                report.recorded += 1;
                let is_known_there = before.is_some_and(|link| link.is_known_there);
                let link = SentLink::done(LinkState::Recorded, &page.version, is_known_there);
                sent.0.entry(page.url.clone()).or_default().insert(target.clone(), link);
            } else {
                let change = match before {
                    Some(link) if link.is_known_there => Change::Kept,
                    _ => Change::Gained,
                };
                tasks.push(task(&page.url, target, &page.version, change));
            }
        }
    }
    // Links that are gone, also those of pages that are gone.
    let present: BTreeMap<&str, &LinkingPage> = pages.iter().map(|page| (page.url.as_str(), page)).collect();
    for (url, links) in &mut sent.0 {
        let page = present.get(url.as_str());
        links.retain(|target, link| {
            let is_there = page.is_some_and(|page| page.links.contains(target));
            if is_there {
                return true;
            }
            let version = page.map_or("", |page| page.version.as_str());
            let is_over = link.version == version && link.state == LinkState::Failed;
            if !link.is_known_there || is_over {
                return false;
            }
            let is_due = link.version != version || link.due.is_none_or(|due| due <= now);
            if is_due {
                tasks.push(task(url, target, version, Change::Lost));
            } else {
                report.later += 1;
            }
            true
        });
    }
    sent.0.retain(|_, links| !links.is_empty());
    tasks
}

fn task(source: &str, target: &str, version: &str, change: Change) -> Task {
    Task { source: source.to_owned(), target: target.to_owned(), version: version.to_owned(), change }
}

/// A run: what sends, and what it has done.
struct Run<'a> {
    client: Client,
    root: &'a Path,
    /// What was sent, the report, and when it was written last.
    done: Mutex<(Sent, SendReport, Instant)>,
    now: Timestamp,
}

impl Run<'_> {
    /// Sends everything: several hosts at once, and to each one after the other.
    fn send_all(&self, tasks: Vec<Task>, progress: &(dyn Fn(usize, usize) + Sync)) {
        let total = tasks.len();
        let mut hosts: BTreeMap<String, Vec<Task>> = BTreeMap::new();
        for task in tasks {
            let host = Url::parse(&task.target).ok().and_then(|url| url.host_str().map(str::to_owned));
            hosts.entry(host.unwrap_or_default()).or_default().push(task);
        }
        let (threads, count) = (hosts.len().min(HOSTS_AT_ONCE), AtomicUsize::new(0));
        let queue: Mutex<VecDeque<Vec<Task>>> = Mutex::new(hosts.into_values().collect());
        let work = || {
            loop {
                // The lock ends with this line.
                let next = lock(&queue).pop_front();
                let Some(tasks) = next else { return };
                for (number, task) in tasks.into_iter().enumerate() {
                    if number > 0 {
                        thread::sleep(PAUSE);
                    }
                    let answer = self.send_one(&task);
                    self.note(task, answer);
                    progress(count.fetch_add(1, Ordering::Relaxed) + 1, total);
                }
            }
        };
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(work);
            }
        });
    }

    fn send_one(&self, task: &Task) -> Answer {
        let found = match self.request(Method::Get, &task.target, None) {
            Ok(response) => response,
            Err(error) => return failure(&error, None),
        };
        let Some(endpoint) = endpoint(&found) else {
            return match found.check_status() {
                Err(error) if error.is_temporary() => failure(&error, found.retry_after(SystemTime::now())),
                _ => Answer::NoEndpoint,
            };
        };
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("source", &task.source)
            .append_pair("target", &task.target)
            .finish();
        match self.request(Method::Post, endpoint.as_str(), Some(body)) {
            Ok(response) => match response.check_status() {
                Ok(()) => Answer::Sent,
                Err(error) => failure(&error, response.retry_after(SystemTime::now())),
            },
            Err(error) => failure(&error, None),
        }
    }

    /// Sends a request; once more, if the server asks for some patience.
    fn request(&self, method: Method, url: &str, body: Option<String>) -> Result<Response, FetchError> {
        let mut request = Request::new(method, url)?.header("user-agent", user_agent())?.limits(LIMITS);
        request = match body {
            None => request.header("accept", "text/html, */*;q=0.8")?,
            Some(body) => request.header("content-type", "application/x-www-form-urlencoded")?.body(body.into_bytes()),
        };
        let response = self.client.send(&request)?;
        if !matches!(response.status, 429 | 503) {
            return Ok(response);
        }
        match response.retry_after(SystemTime::now()) {
            Some(wait) if wait <= LONGEST_WAIT => {
                thread::sleep(wait);
                self.client.send(&request)
            }
            _ => Ok(response),
        }
    }

    /// Notes what came of a task.
    fn note(&self, task: Task, answer: Answer) {
        let mut done = lock(&self.done);
        let (sent, report, written) = &mut *done;
        let Task { source, target, version, change } = task;
        let links = sent.0.entry(source.clone()).or_default();
        let before = links.get(&target).cloned();
        let is_known_there = before.as_ref().is_some_and(|before| before.is_known_there);
        let is_lost = change == Change::Lost;
        let link = match answer {
            Answer::Sent => {
                *report.sent.entry(change).or_default() += 1;
                (!is_lost).then(|| SentLink::done(LinkState::Sent, &version, true))
            }
            Answer::NoEndpoint => {
                report.without_endpoint += 1;
                // Where nobody takes Webmentions any more, nobody has to be told.
                (!is_lost).then(|| SentLink::done(LinkState::NoEndpoint, &version, false))
            }
            Answer::Later(reason, wait) => {
                let wait = wait.and_then(|wait| SignedDuration::try_from(wait).ok());
                let link = SentLink::again(before.as_ref(), &version, wait, self.now);
                report.problem(&source, &target, reason, link.state == LinkState::Later);
                Some(link)
            }
            Answer::Failed(reason) => {
                report.problem(&source, &target, reason, false);
                Some(SentLink::done(LinkState::Failed, &version, is_known_there))
            }
        };
        match link {
            Some(link) => drop(links.insert(target, link)),
            None => drop(links.remove(&target)),
        }
        if written.elapsed() > WRITE_INTERVAL {
            // The end of the run reports what is wrong with the file.
            let _ = sent.write(self.root);
            *written = Instant::now();
        }
    }
}

fn failure(error: &FetchError, wait: Option<Duration>) -> Answer {
    let reason = format!("{}: {}", error.url, error.reason);
    if error.is_temporary() { Answer::Later(reason, wait) } else { Answer::Failed(reason) }
}
