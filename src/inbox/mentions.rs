//! Webmentions at the inbox: taking them, and saying what became of them.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, Method, StatusCode, request};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::json;

use super::log::{self, LogLine};
use super::state::ServerState;
use crate::config::webmention::PATH;
use crate::http::accept::wants_json;
use crate::http::body::ReceivedBody;
use crate::http::response;
use crate::replies::spool::{Mention, MentionState, SpoolError};
use crate::replies::{Refusal, State};
use crate::webmention::{Receiver, Target};

/// The id of a Webmention in a path; empty for the path that they are sent to; none if the path is neither.
pub fn id_of(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(PATH)?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix('/').filter(|id| !id.is_empty()) }
}

/// Answers a request.
pub async fn answer(
    state: &Arc<ServerState>,
    head: &request::Parts,
    body: Body,
    address: IpAddr,
    line: &mut LogLine<'_>,
) -> Response {
    match (id_of(head.uri.path()).unwrap_or_default(), &head.method) {
        ("", &Method::POST) => {
            let received = ReceivedBody::read_within(&state.body_quota, &head.headers, body).await;
            receive(state, &head.headers, received, address, line).await
        }
        ("", _) => response::method_not_allowed("POST", "This is where other sites send Webmentions.\n"),
        (id, &(Method::GET | Method::HEAD)) => status(state, &head.headers, id).await,
        _ => response::method_not_allowed("GET", "This is what became of a Webmention.\n"),
    }
}

/// Why a Webmention is not taken.
struct MentionRefusal {
    status: StatusCode,
    word: &'static str,
    message: String,
    retry_after: Option<u32>,
}

impl MentionRefusal {
    fn new(status: StatusCode, word: &'static str, message: impl ToString) -> Self {
        Self { status, word, message: message.to_string(), retry_after: None }
    }
}

impl From<Refusal> for MentionRefusal {
    fn from(refusal: Refusal) -> Self {
        let message = match refusal {
            Refusal::WrongType => {
                "send a form: application/x-www-form-urlencoded with `source` and `target`".to_owned()
            }
            Refusal::NotAForm => "this is not a form".to_owned(),
            Refusal::TooManyReplies => "too many requests come from here; try again later".to_owned(),
            refusal => refusal.to_string(),
        };
        let status = match refusal {
            Refusal::WrongType | Refusal::TooLarge => StatusCode::BAD_REQUEST,
            refusal => response::error_status(refusal.status()),
        };
        Self { status, word: refusal.name(), message, retry_after: refusal.retry_after() }
    }
}

async fn receive(
    state: &Arc<ServerState>,
    headers: &HeaderMap,
    received: Result<ReceivedBody, Refusal>,
    address: IpAddr,
    line: &mut LogLine<'_>,
) -> Response {
    let work = move |state: &ServerState| Ok(take(state, received, address));
    let taken = state.run_blocking(work).await.unwrap_or_else(|refusal| Err(refusal.into()));
    match taken {
        Ok(id) => {
            line.outcome = Some("queued");
            let place = format!("{}{PATH}/{id}", state.origins.requested(headers));
            let text = format!("The Webmention is queued. What becomes of it: {place}\n");
            let mut answer = match wants_json(headers) {
                true => response::json(StatusCode::ACCEPTED, &json!({ "status": "queued", "location": place })),
                false => response::text(StatusCode::ACCEPTED, text),
            };
            response::set(&mut answer, LOCATION, &place);
            answer
        }
        Err(refusal) => {
            line.outcome = Some(refusal.word);
            let mut answer = match wants_json(headers) {
                true => response::json(refusal.status, &json!({ "status": "refused", "reason": refusal.message })),
                false => response::text(refusal.status, format!("{}\n", refusal.message)),
            };
            refusal.retry_after.inspect(|seconds| response::set(&mut answer, RETRY_AFTER, &seconds.to_string()));
            answer
        }
    }
}

/// Checks and queues a Webmention. Returns its id.
fn take(
    state: &ServerState,
    received: Result<ReceivedBody, Refusal>,
    address: IpAddr,
) -> Result<String, MentionRefusal> {
    let now = Timestamp::now();
    state.app.count_request(address, now)?;
    let received = received?;
    let fields = received.fields()?;
    let field = |name: &str| {
        let found = fields.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.trim()).unwrap_or_default()
    };
    // A page is one source, whatever part of it is named.
    let source = field("source").split('#').next().unwrap_or_default();
    let target = field("target");
    let library = state.app.library();
    let refused = |refusal: &dyn std::fmt::Display| MentionRefusal::new(StatusCode::BAD_REQUEST, "refused", refusal);
    let found = Target::find(&library.site, source, target, now).map_err(|refusal| refused(&refusal))?;
    let failed = |error: std::io::Error| {
        log::error("webmention", error);
        MentionRefusal::from(Refusal::StorageFailed)
    };
    let receiver = Receiver { root: state.app.root(), site: &library.site, spool: state.app.spool() };
    if !found.is_open && !receiver.knows(source, &found).map_err(failed)? {
        return Err(refused(&crate::webmention::TargetRefusal::Closed));
    }
    state.mentions.count(source, &library.site.config.comments.guard)?;
    let stored = state.app.spool().queue_mention(source, target, now).map_err(failed)?;
    let id = stored.id.clone();
    if !state.mentions.add(stored) {
        // It is on the disk, and its turn comes when others are done.
        log::error("webmention", "the queue is full");
    }
    Ok(id)
}

/// Says what became of a Webmention.
async fn status(state: &Arc<ServerState>, headers: &HeaderMap, id: &str) -> Response {
    let id = id.to_owned();
    let work = move |state: &ServerState| {
        let stored = state.app.spool().mention(&id).map_err(|error| {
            log::error("webmention", error);
            Refusal::StorageFailed
        })?;
        Ok(stored.map(|stored| {
            let words = words(state, &stored.mention);
            (stored.mention, words)
        }))
    };
    match state.run_blocking(work).await {
        Ok(Some((mention, (word, text)))) => match wants_json(headers) {
            true => response::json(
                StatusCode::OK,
                &json!({
                    "status": word, "reason": mention.reason, "source": mention.source, "target": mention.target,
                }),
            ),
            false => {
                let reason = mention.reason.map(|reason| format!(" Reason: {reason}.")).unwrap_or_default();
                let Mention { source, target, .. } = mention;
                response::text(StatusCode::OK, format!("{text}{reason}\n\nSource: {source}\nTarget: {target}\n"))
            }
        },
        Ok(None) => response::text(StatusCode::NOT_FOUND, "There is no such Webmention, or it was long ago.\n"),
        Err(refusal) => response::text(response::error_status(refusal.status()), "Try again later.\n"),
    }
}

/// What became of a Webmention: in a word, and in a sentence.
fn words(state: &ServerState, mention: &Mention) -> (&'static str, &'static str) {
    match mention.state {
        MentionState::Queued => ("queued", "The Webmention is queued."),
        MentionState::Counted => ("published", "The Webmention is verified and counted."),
        MentionState::Removed => ("removed", "What the Webmention said before is removed."),
        MentionState::Refused => ("refused", "The Webmention is refused."),
        MentionState::Reply => {
            let reply = mention.reply.as_deref().map(|id| state.app.spool().get(id));
            match reply {
                Some(Ok(stored)) if stored.reply.notes.state == State::Approved => {
                    ("published", "The Webmention is verified and published.")
                }
                // Who is taken for a spammer learns nothing by it.
                Some(Ok(stored)) if stored.reply.notes.state == State::Rejected => {
                    ("refused", "The Webmention is verified, and the site does not show it.")
                }
                // The record of a decision is kept for a while only.
                Some(Err(SpoolError::NotFound)) => ("decided", "The Webmention is verified and decided."),
                _ => ("waiting", "The Webmention is verified and waits for a decision."),
            }
        }
    }
}
