//! Live pages: a script in each page listens for what changed, and lays problems over the page.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Response;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use bytes::Bytes;
use futures_util::stream;
use memchr::memmem;
use percent_encoding::percent_decode_str;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use super::address::{Asked, asked};
use super::stage::Stage;
use crate::diagnostic::{Diagnostic, report};
use crate::source::Fingerprint;

/// Where the script is. What begins with `/-/` is never an output's address that an author would choose.
pub const SCRIPT: &str = "/-/live.js";

/// Where the script listens.
pub const EVENTS: &str = "/-/live";

/// The most outputs that one page can watch.
const MOST_WATCHED: usize = 64;

/// The script.
pub fn script() -> Response<Body> {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("live.js")).into_response()
}

/// A page with the script in it, which is told the fingerprint of the page.
pub fn with_script(page: &[u8], Fingerprint(print): Fingerprint) -> Bytes {
    let script = format!("<script src=\"{SCRIPT}\" data-print=\"{print:032x}\"></script>");
    let at = memmem::rfind(page, b"</body>").unwrap_or(page.len());
    [&page[..at], script.as_bytes(), &page[at..]].concat().into()
}

/// A problem as on the terminal, without colours.
pub fn as_text(problem: &Diagnostic) -> String {
    anstream::adapter::strip_str(&report(problem)).to_string()
}

/// An output that a page watches.
#[derive(Debug)]
struct Watched {
    /// As the page knows it.
    url: String,
    /// What the page has of it.
    print: String,
}

/// One page that listens.
struct Listener {
    stage: Arc<dyn Stage>,
    version: watch::Receiver<u64>,
    end: watch::Receiver<()>,
    watched: Vec<Watched>,
    /// The problems that the page was told.
    problems: Vec<String>,
    is_new: bool,
    events: VecDeque<Event>,
}

/// The stream of events for a page that watches some outputs. `query` names each with `w=URL~FINGERPRINT`; the
/// fingerprint is empty where the page does not know it.
pub fn events(stage: Arc<dyn Stage>, end: watch::Receiver<()>, query: &str) -> Response<Body> {
    let watched = query.split('&').filter_map(|pair| pair.strip_prefix("w=")).filter_map(|value| {
        let value = percent_decode_str(&value.replace('+', " ")).decode_utf8().ok()?.into_owned();
        let (url, print) = value.rsplit_once('~')?;
        Some(Watched { url: url.to_owned(), print: print.to_owned() })
    });
    let watched = watched.take(MOST_WATCHED).collect();
    let version = stage.version();
    let listener =
        Listener { stage, version, end, watched, problems: Vec::new(), is_new: true, events: VecDeque::new() };
    let stream = stream::unfold(listener, |mut listener| async {
        loop {
            if let Some(event) = listener.events.pop_front() {
                return Some((Ok::<_, Infallible>(event), listener));
            }
            if !std::mem::take(&mut listener.is_new) {
                tokio::select! {
                    changed = listener.version.changed() => changed.ok()?,
                    // The sender is only ever dropped.
                    _ = listener.end.changed() => return None,
                }
            }
            listener.version.borrow_and_update();
            listener = spawn_blocking(move || {
                listener.look();
                listener
            })
            .await
            .ok()?;
        }
    });
    Sse::new(stream).keep_alive(KeepAlive::default()).into_response()
}

impl Listener {
    /// Looks what is new for the page.
    fn look(&mut self) {
        let base = self.stage.base_path();
        for Watched { url, print } in &mut self.watched {
            let now = print_of(&*self.stage, url, &base);
            if *print == now {
                continue;
            }
            // What the page did not know yet it is told, and nothing more.
            let kind = if print.is_empty() { "print" } else { "changed" };
            let data = serde_json::json!({ "url": &*url, "print": &now });
            self.events.push_back(Event::default().event(kind).data(data.to_string()));
            *print = now;
        }
        let problems: Vec<String> = self.stage.problems().iter().map(as_text).collect();
        if problems != self.problems {
            let data = serde_json::to_string(&problems).unwrap_or_default();
            self.events.push_back(Event::default().event("problems").data(data));
            self.problems = problems;
        }
    }
}

/// The fingerprint of what is at an address now.
fn print_of(stage: &dyn Stage, url: &str, base: &str) -> String {
    let found = match asked(url, base) {
        Asked::Output(output) => stage.output(&output),
        Asked::OutputOrFolder(output, index) => stage.output(&output).or_else(|| stage.output(&index)),
        Asked::Nothing => None,
    };
    // What is not there is shown as the page for that.
    match found.or_else(|| stage.output("404.html")) {
        Some(Ok(shown)) => format!("{:032x}", shown.fingerprint.0),
        Some(Err(_)) | None => format!("{:032x}", 0),
    }
}
