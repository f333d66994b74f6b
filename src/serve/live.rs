//! Live pages: the script that each open page runs, and the events that it receives.
//!
//! A page sends the tags of the files that it uses, its own first. When the tag of a file changes, the server sends an event. A
//! page that was offline for a while, or whose server was, sends its tags again and misses no change.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{RawQuery, Request, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use super::live_script::{SCRIPT, missing_tag, tag};
use super::pages::MAX_PROBLEMS;
use super::path::{self, NOT_FOUND, PathTarget};
use super::response::{self, RequestConditions};
use super::site_view::{ServedOutput, SiteView};
use super::state::ServerState;
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::source::Fingerprint;

/// The address of the events.
pub const EVENTS: &str = "/-/live";

/// The source of the script.
const SOURCE: &[u8] = include_bytes!("live.js");

/// The maximum number of files that a page can watch.
const MAX_WATCHED: usize = 256;

/// How often the server sends something over a stream without events.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(15);

/// Serves the script.
pub async fn script(request: Request) -> Response {
    let output = ServedOutput { contents: Bytes::from_static(SOURCE).into(), fingerprint: Fingerprint::of(SOURCE) };
    response::output(&RequestConditions { method: request.method(), headers: request.headers() }, SCRIPT, output)
}

/// Serves the events of a page until the page closes.
pub async fn events(State(state): State<Arc<ServerState>>, RawQuery(query): RawQuery) -> Response {
    let listener = Listener {
        version: state.view.version(),
        stopping: state.stopping.clone(),
        page: PageState {
            watched: parse_watched(query.as_deref().unwrap_or_default()),
            is_local: state.interface.is_loopback(),
            ..PageState::default()
        },
        is_new: true,
        view: Arc::clone(&state.view),
        events: VecDeque::new(),
    };
    let events = stream::unfold(listener, |mut listener| async {
        let event = listener.next().await?;
        Some((Ok::<_, Infallible>(event), listener))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE_INTERVAL)).into_response()
}

/// A file that an open page uses.
#[derive(Debug, PartialEq, Eq)]
struct WatchedFile {
    /// The raw path of its address.
    path: String,
    /// The tag of the version that the page has. Empty if the page does not know it.
    tag: String,
}

/// Parses `watch=TAG/PATH&watch=TAG/PATH…`. Each value is decoded on its own, and one that is not UTF-8 is left out.
fn parse_watched(query: &str) -> Vec<WatchedFile> {
    let values = query.split('&').filter_map(|pair| pair.strip_prefix("watch="));
    let parse = |value| {
        let value = percent_decode_str(value).decode_utf8().ok()?;
        let (tag, path) = value.split_at(value.find('/')?);
        Some(WatchedFile { path: path.to_owned(), tag: tag.to_owned() })
    };
    values.filter_map(parse).take(MAX_WATCHED).collect()
}

/// The event stream of one open page.
struct Listener {
    view: Arc<dyn SiteView>,
    version: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    page: PageState,
    is_new: bool,
    events: VecDeque<Event>,
}

impl Listener {
    /// Waits for the next event. `None` when the server or the site view ends.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            let mut stopping = self.stopping.clone();
            tokio::select! {
                biased;
                _ = stopping.wait_for(|stop| *stop) => return None,
                checked = self.wait_for_change() => checked?,
            }
        }
    }

    /// Waits for a change, and finds out what it means for the page. A new page does not wait.
    async fn wait_for_change(&mut self) -> Option<()> {
        if !std::mem::take(&mut self.is_new) {
            self.version.changed().await.ok()?;
        }
        self.version.borrow_and_update();
        let (view, mut page) = (Arc::clone(&self.view), std::mem::take(&mut self.page));
        let (page, events) = spawn_blocking(move || {
            let events = page.update(&*view);
            (page, events)
        })
        .await
        .ok()?;
        self.page = page;
        self.events.extend(events);
        Some(())
    }
}

/// The state of an open page.
#[derive(Default)]
struct PageState {
    watched: Vec<WatchedFile>,
    /// The problems that the page shows, as JSON.
    problems: Option<String>,
    /// The networks on which the page is discussed.
    discussed_on: Vec<&'static str>,
    /// Whether the server listens on this computer alone, where the author can gather replies.
    is_local: bool,
}

impl PageState {
    /// Compares the page with the site. Returns the events that bring it up to date.
    fn update(&mut self, view: &dyn SiteView) -> Vec<Event> {
        let base = view.base_path();
        let mut new_tags = BTreeMap::new();
        let mut styles = BTreeMap::new();
        for watched in &mut self.watched {
            let Some(PathState { tag, is_style }) = path_state(view, &base, &watched.path) else { continue };
            if watched.tag == tag {
                continue;
            }
            let before = std::mem::replace(&mut watched.tag, tag.clone());
            if before.is_empty() {
                new_tags.insert(watched.path.clone(), tag);
            } else if is_style {
                styles.insert(watched.path.clone(), tag);
            } else {
                // The page reloads, so it needs no other event.
                return vec![event("reload", &watched.path)];
            }
        }
        let mut events = Vec::new();
        let problems = ProblemList::of(&view.problems());
        let problems = serde_json::to_string(&problems).unwrap_or_default();
        if self.problems.as_ref() != Some(&problems) {
            events.push(Event::default().event("problems").data(&problems));
            self.problems = Some(problems);
        }
        let own = self.watched.first().filter(|_| self.is_local);
        let discussed_on = own.map(|page| view.discussed_on(&page.path)).unwrap_or_default();
        if self.discussed_on != discussed_on {
            events.push(event("discussed", &discussed_on));
            self.discussed_on = discussed_on;
        }
        if !new_tags.is_empty() {
            events.push(event("tags", &new_tags));
        }
        if !styles.is_empty() {
            events.push(event("styles", &styles));
        }
        events
    }
}

/// What the server shows for a path.
struct PathState {
    tag: String,
    is_style: bool,
}

/// Finds what the server shows for a path. `None` if it cannot be rendered; then a page keeps its version.
fn path_state(view: &dyn SiteView, base: &str, path: &str) -> Option<PathState> {
    let other = |tag: String| Some(PathState { tag, is_style: false });
    match path::find(path, base, |output| view.fingerprint(output)) {
        PathTarget::Output(path, fingerprint) => {
            Some(PathState { tag: tag(fingerprint.ok()?), is_style: response::mime(&path).starts_with("text/css") })
        }
        PathTarget::Folder | PathTarget::Above => other("moved".to_owned()),
        PathTarget::Outside => other(missing_tag(None)),
        PathTarget::Nothing => match view.fingerprint(NOT_FOUND) {
            Some(Ok(fingerprint)) => other(missing_tag(Some(&tag(fingerprint)))),
            _ => other(missing_tag(None)),
        },
    }
}

/// The problems in the format of the script.
#[derive(Serialize)]
struct ProblemList {
    /// For example `2 errors, 1 warning`. Empty if there are none.
    summary: String,
    problems: Vec<Problem>,
    /// The number of further problems.
    more: usize,
}

#[derive(Serialize)]
struct Problem {
    level: &'static str,
    /// The text as on the terminal.
    text: String,
}

impl ProblemList {
    fn of(problems: &[Diagnostic]) -> Self {
        let shown = &problems[..problems.len().min(MAX_PROBLEMS)];
        let problem = |diagnostic: &Diagnostic| Problem {
            level: match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            text: diagnostic::plain(diagnostic),
        };
        Self {
            summary: diagnostic::summary(problems),
            problems: shown.iter().map(problem).collect(),
            more: problems.len() - shown.len(),
        }
    }
}

fn event(name: &str, data: &(impl Serialize + ?Sized)) -> Event {
    // Strings and maps of strings can always be written as JSON, which escapes line ends.
    Event::default().event(name).data(serde_json::to_string(data).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_watched_stands_in_the_query() {
        let watched = |query| parse_watched(query).into_iter().map(|it| (it.tag, it.path)).collect::<Vec<_>>();
        let pair = |tag: &str, path: &str| (tag.to_owned(), path.to_owned());
        assert_eq!(watched("watch=7/&watch=/a.css"), [pair("7", "/"), pair("", "/a.css")]);
        assert_eq!(watched("watch=7%2Fth%25C3%25A9%2F"), [pair("7", "/th%C3%A9/")]);
        assert_eq!(watched(""), []);
        assert_eq!(watched("watch=&watch=7&listen=/&watch=%ff/"), []);
        assert_eq!(watched(&"watch=/&".repeat(1000)).len(), MAX_WATCHED);
    }
}
