//! What keeps open pages up to date: the script that each of them runs, and the events that it listens to.
//!
//! A page tells what it shows as tags, one for each file that it uses, its own first. As soon as a tag is no longer true
//! it hears of it. A page that was away for a while, or whose server was, says its tags anew and misses nothing.

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
use super::pages::MOST_PROBLEMS;
use super::path::{self, NOT_FOUND, PathTarget};
use super::response::{self, RequestConditions};
use super::site_view::{ServedOutput, SiteView};
use super::state::ServerState;
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::source::Fingerprint;

/// The address of the events.
pub const EVENTS: &str = "/-/live";

const SOURCE: &[u8] = include_bytes!("live.js");

/// The most files that a page can watch.
const MOST_WATCHED: usize = 256;

/// How often a quiet stream says that it is still there.
const PULSE: Duration = Duration::from_secs(15);

/// Serves the script.
pub async fn script(request: Request) -> Response {
    let shown = ServedOutput { contents: Bytes::from_static(SOURCE).into(), fingerprint: Fingerprint::of(SOURCE) };
    response::output(&RequestConditions { method: request.method(), headers: request.headers() }, SCRIPT, shown)
}

/// Serves the events, as long as the page listens.
pub async fn events(State(state): State<Arc<ServerState>>, RawQuery(query): RawQuery) -> Response {
    let listener = Listener {
        version: state.view.version(),
        stopping: state.stopping.clone(),
        view: PageState { watched: watched(query.as_deref().unwrap_or_default()), problems: None },
        is_new: true,
        stage: Arc::clone(&state.view),
        events: VecDeque::new(),
    };
    let events = stream::unfold(listener, |mut listener| async {
        let event = listener.next().await?;
        Some((Ok::<_, Infallible>(event), listener))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(PULSE)).into_response()
}

/// A file that an open page uses.
#[derive(Debug, PartialEq, Eq)]
struct WatchedFile {
    /// The raw path of its address.
    path: String,
    /// What the page has of it; empty where the page cannot tell.
    tag: String,
}

/// Reads `watch=TAG/PATH&watch=TAG/PATH…`. A value that is not UTF-8 is left out; the others count.
fn watched(query: &str) -> Vec<WatchedFile> {
    let values = query.split('&').filter_map(|pair| pair.strip_prefix("watch="));
    let read = |value| {
        let value = percent_decode_str(value).decode_utf8().ok()?;
        let (tag, path) = value.split_at(value.find('/')?);
        Some(WatchedFile { path: path.to_owned(), tag: tag.to_owned() })
    };
    values.filter_map(read).take(MOST_WATCHED).collect()
}

/// One open page.
struct Listener {
    stage: Arc<dyn SiteView>,
    version: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    view: PageState,
    is_new: bool,
    events: VecDeque<Event>,
}

impl Listener {
    /// Waits for the next event. None at the end of the server or of the stage.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            let mut stopping = self.stopping.clone();
            tokio::select! {
                biased;
                _ = stopping.wait_for(|stop| *stop) => return None,
                looked = self.look() => looked?,
            }
        }
    }

    /// Waits for a change and looks what it means for the page. A page that is new looks at once.
    async fn look(&mut self) -> Option<()> {
        if !std::mem::take(&mut self.is_new) {
            self.version.changed().await.ok()?;
        }
        self.version.borrow_and_update();
        let (stage, mut view) = (Arc::clone(&self.stage), std::mem::take(&mut self.view));
        let (view, events) = spawn_blocking(move || {
            let events = view.look(&*stage);
            (view, events)
        })
        .await
        .ok()?;
        self.view = view;
        self.events.extend(events);
        Some(())
    }
}

/// What an open page shows.
#[derive(Default)]
struct PageState {
    watched: Vec<WatchedFile>,
    /// The problems that it was told, as it was told.
    problems: Option<String>,
}

impl PageState {
    /// Finds out what the page must hear.
    fn look(&mut self, stage: &dyn SiteView) -> Vec<Event> {
        let base = stage.base_path();
        let mut learned = BTreeMap::new();
        let mut styles = BTreeMap::new();
        for watched in &mut self.watched {
            let Some(PathState { tag, is_style }) = now(stage, &base, &watched.path) else { continue };
            if watched.tag == tag {
                continue;
            }
            let before = std::mem::replace(&mut watched.tag, tag.clone());
            if before.is_empty() {
                learned.insert(watched.path.clone(), tag);
            } else if is_style {
                styles.insert(watched.path.clone(), tag);
            } else {
                // The page is about to go, and all else with it.
                return vec![event("reload", &watched.path)];
            }
        }
        let mut events = Vec::new();
        let told = ProblemList::of(&stage.problems());
        let problems = serde_json::to_string(&told).unwrap_or_default();
        if self.problems.as_ref() != Some(&problems) {
            events.push(Event::default().event("problems").data(&problems));
            self.problems = Some(problems);
        }
        if !learned.is_empty() {
            events.push(event("tags", &learned));
        }
        if !styles.is_empty() {
            events.push(event("styles", &styles));
        }
        events
    }
}

/// What a path shows at the moment.
struct PathState {
    tag: String,
    is_style: bool,
}

/// Looks at a path as if it were requested. None where it cannot be made: then a page keeps what it has.
fn now(stage: &dyn SiteView, base: &str, path: &str) -> Option<PathState> {
    let other = |tag: String| Some(PathState { tag, is_style: false });
    match path::find(path, base, |output| stage.fingerprint(output)) {
        PathTarget::Output(path, fingerprint) => {
            Some(PathState { tag: tag(fingerprint.ok()?), is_style: response::mime(&path).starts_with("text/css") })
        }
        PathTarget::Folder | PathTarget::Above => other("moved".to_owned()),
        PathTarget::Outside => other(missing_tag(None)),
        PathTarget::Nothing => match stage.fingerprint(NOT_FOUND) {
            Some(Ok(fingerprint)) => other(missing_tag(Some(&tag(fingerprint)))),
            _ => other(missing_tag(None)),
        },
    }
}

/// Problems, as the script gets them.
#[derive(Serialize)]
struct ProblemList {
    /// `2 errors, 1 warning`; empty where all is well.
    summary: String,
    problems: Vec<Problem>,
    /// How many there are beyond these.
    more: usize,
}

#[derive(Serialize)]
struct Problem {
    level: &'static str,
    /// As on the terminal.
    text: String,
}

impl ProblemList {
    fn of(problems: &[Diagnostic]) -> Self {
        let shown = &problems[..problems.len().min(MOST_PROBLEMS)];
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
    // Strings and maps of strings can always be written as JSON, which has no line ends in it.
    Event::default().event(name).data(serde_json::to_string(data).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_watched_stands_in_the_query() {
        let watched = |query| watched(query).into_iter().map(|it| (it.tag, it.path)).collect::<Vec<_>>();
        let pair = |tag: &str, path: &str| (tag.to_owned(), path.to_owned());
        assert_eq!(watched("watch=7/&watch=/a.css"), [pair("7", "/"), pair("", "/a.css")]);
        assert_eq!(watched("watch=7%2Fth%25C3%25A9%2F"), [pair("7", "/th%C3%A9/")]);
        assert_eq!(watched(""), []);
        assert_eq!(watched("watch=&watch=7&listen=/&watch=%ff/"), []);
        assert_eq!(watched(&"watch=/&".repeat(1000)).len(), MOST_WATCHED);
    }
}
