//! Which part of the server answers a request.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::Thread;
use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONNECTION, REFERRER_POLICY, TRANSFER_ENCODING, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, request};
use axum::response::Response;
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::connections::ConnectionSlot;
use super::log::{self, LogLine};
use super::moderate;
use super::origins::Origins;
use super::response::{ResponsePages, allow, html, json_received, json_refused, with_cookie, with_retry};
use super::state::{AcceptedReply, AppState};
use crate::http::accept::wants_json;
use crate::http::body::{BodyQuota, ReceivedBody, pass_over};
use crate::http::{forwarded, query, response};
use crate::locks::lock;
use crate::replies::{DecisionOutcome, Refusal, Submission, SubscriptionRequest, guard};

/// Where the server says whether it is well.
pub const HEALTH: &str = "/-/health";

/// So many replies are written at once: each needs some files of the system's.
const WRITERS: usize = 6;

/// So many threads do what waits for a disk: the writers, and a few that look whether all is well, tidy up or publish. Each has
/// memory of its own that it keeps.
pub const THREADS: usize = WRITERS + 2;

/// What every part of the server knows.
pub struct Inbox {
    /// What it works with.
    pub desk: AppState,
    /// Who may send.
    pub origins: Origins,
    /// The address that the form posts to, as the site says it.
    pub endpoint: String,
    writers: Semaphore,
    /// The room for what is sent and not worked on yet.
    pub(super) room: BodyQuota,
    /// What was decided at once and is to be published, if somebody is at it.
    to_publish: Mutex<Option<Vec<DecisionOutcome>>>,
    /// The thread that tells the author of new replies, if there is one.
    teller: OnceLock<Thread>,
}

/// The parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    Reply,
    Change,
    Token,
    Moderate,
    Work,
    Notice,
    Health,
}

impl Inbox {
    /// An inbox whose form posts to `endpoint`.
    pub fn new(desk: AppState, origins: Origins, endpoint: String) -> Self {
        Self {
            desk,
            origins,
            endpoint,
            writers: Semaphore::new(WRITERS),
            room: BodyQuota::default(),
            to_publish: Mutex::default(),
            teller: OnceLock::new(),
        }
    }

    /// Publishes what was decided at once. Whoever comes while somebody is at it leaves theirs to them.
    fn publish(&self, done: DecisionOutcome) {
        let mut next = match &mut *lock(&self.to_publish) {
            Some(waiting) => return waiting.push(done),
            idle => {
                *idle = Some(Vec::new());
                vec![done]
            }
        };
        while !next.is_empty() {
            for problem in self.desk.publish(&next) {
                log::error("publish", problem.message);
            }
            let mut waiting = lock(&self.to_publish);
            next = waiting.take().unwrap_or_default();
            if !next.is_empty() {
                *waiting = Some(Vec::new());
            }
        }
    }

    /// Begins to tell the author of new replies, if they want that.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(super) fn begin_telling(self: &Arc<Self>) -> std::io::Result<()> {
        if let Some(teller) = moderate::notifier::begin(self)? {
            // It is begun once.
            let _ = self.teller.set(teller);
        }
        Ok(())
    }

    /// The path of the endpoint, which may be at another host than the site.
    fn path(&self) -> &str {
        match self.endpoint.split_once("://") {
            Some((_, rest)) => {
                rest.find('/').map_or("/", |start| &rest[start..]).split(['?', '#']).next().unwrap_or("/")
            }
            None => &self.endpoint,
        }
    }

    /// The address of something below the endpoint.
    fn below(&self, name: &str) -> String {
        let base = self.endpoint.split(['?', '#']).next().unwrap_or_default();
        format!("{}/{name}", base.trim_end_matches('/'))
    }

    fn part(&self, uri: &Uri) -> Option<Route> {
        let is = |path: &str| percent_decode_str(path).eq(percent_decode_str(uri.path()));
        let own = self.path().trim_end_matches('/');
        if uri.path() == HEALTH {
            Some(Route::Health)
        } else if moderate::is_here(uri.path()) {
            Some(Route::Moderate)
        } else if is(self.path()) {
            Some(Route::Reply)
        } else if is(&format!("{own}/change")) {
            Some(Route::Change)
        } else if is(&format!("{own}/token")) {
            Some(Route::Token)
        } else if is(&format!("{own}/work.js")) {
            Some(Route::Work)
        } else if is(&format!("{own}/notice")) {
            Some(Route::Notice)
        } else {
            None
        }
    }
}

/// The server, as a function from requests to answers.
pub fn router(inbox: Arc<Inbox>) -> Router {
    Router::new().fallback(handle).with_state(inbox)
}

async fn handle(State(inbox): State<Arc<Inbox>>, request: Request) -> Response {
    let start = Instant::now();
    let (head, body) = request.into_parts();
    let part = inbox.part(&head.uri);
    let mut line = LogLine::new(match part {
        Some(Route::Reply) => "reply",
        Some(Route::Change) => "change",
        Some(Route::Token) => "token",
        Some(Route::Moderate) => "moderate",
        Some(Route::Work) => "work",
        Some(Route::Notice) => "notice",
        Some(Route::Health) => "health",
        None => "other",
    });
    let mut id = None;
    let mut response = match part {
        Some(Route::Health) => health(inbox.clone()).await,
        _ if inbox.origins.check_host(&head.uri, &head.headers).is_err() => {
            response::text(StatusCode::MISDIRECTED_REQUEST, "This server has another name.\n")
        }
        Some(Route::Moderate) => moderate::answer(&inbox, &head, body, &mut line).await,
        Some(part) => answer_part(&inbox, part, &head, body, &mut line, &mut id).await,
        None => response::text(StatusCode::NOT_FOUND, "There is nothing here.\n"),
    };
    if part != Some(Route::Moderate) {
        allow(&mut response, inbox.origins.stated(&head.headers), inbox.desk.remembers());
    }
    if head.headers.contains_key(TRANSFER_ENCODING) {
        // It may have said its length in two ways, of which a proxy before us has believed the other (RFC 9112, 6.1). What
        // comes after it, then, is not what its sender was told that it is.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response::set_default(&mut response, CACHE_CONTROL, "no-store");
    response::set_default(&mut response, X_CONTENT_TYPE_OPTIONS, "nosniff");
    // The address of a page may have a token in it.
    response::set_default(&mut response, REFERRER_POLICY, "same-origin");
    line.status = Some(response.status().as_u16());
    line.ms = Some(u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX));
    line.reply = id.as_deref();
    if part != Some(Route::Health) {
        line.tell();
    }
    response
}

async fn answer_part(
    inbox: &Arc<Inbox>,
    part: Route,
    head: &request::Parts,
    body: axum::body::Body,
    line: &mut LogLine<'_>,
    id: &mut Option<String>,
) -> Response {
    let headers = &head.headers;
    let peer = head.extensions.get::<SocketAddr>().map(SocketAddr::ip);
    let peer = peer.unwrap_or(std::net::Ipv4Addr::UNSPECIFIED.into());
    let address = forwarded::client_address(peer, headers, inbox.desk.trusted());
    let is_for_reply =
        matches!(part, Route::Reply | Route::Change) && matches!(head.method, Method::GET | Method::POST);
    if is_for_reply && let Err(refusal) = inbox.desk.ask(address, Timestamp::now()) {
        // What was refused before it was sent is answered to nobody.
        let _ = pass_over(body).await;
        return finish(inbox, headers, &Submission::default(), Err(refusal), false, line, id);
    }
    match (part, &head.method) {
        (_, &Method::OPTIONS) => response::text(StatusCode::NO_CONTENT, ""),
        (Route::Token, &Method::GET) => response::json(
            StatusCode::OK,
            &inbox.desk.ticket(&query::value(head.uri.query(), "page"), Timestamp::now()),
        ),
        (Route::Work, &Method::GET) => {
            response::with_type(StatusCode::OK, "text/javascript; charset=utf-8", guard::SCRIPT)
        }
        (Route::Change, &Method::GET) => {
            let token = query::value(head.uri.query(), "token");
            let work = move |inbox: &Inbox| inbox.desk.own(&token, Timestamp::now()).map(Some);
            let outcome = off_loop(inbox, work).await;
            finish(inbox, headers, &Submission::default(), outcome, false, line, id)
        }
        (Route::Reply | Route::Change, &Method::POST) => {
            let received = ReceivedBody::read_within(&inbox.room, headers, body).await;
            if let Some(place) = head.extensions.get::<Arc<ConnectionSlot>>() {
                place.work();
            }
            let received = match received {
                _ if !inbox.origins.allow(headers) => Err(Refusal::Foreign),
                received => received,
            };
            let received = match received {
                Ok(received) => Arc::new(received),
                Err(refusal) => return finish(inbox, headers, &Submission::default(), Err(refusal), false, line, id),
            };
            let (shared, given) = (Arc::clone(&received), headers.clone());
            let work = move |inbox: &Inbox| {
                let (sent, now) = (shared.sent()?, Timestamp::now());
                match part {
                    Route::Reply => {
                        let is_ours = inbox.origins.is_ours(&given);
                        inbox.desk.take(&sent, &given, is_ours, address, now).map(Some)
                    }
                    _ => inbox.desk.change(&sent, now),
                }
            };
            let outcome = off_loop(inbox, work).await;
            if outcome.is_ok() {
                inbox.teller.get().inspect(|teller| teller.unpark());
            }
            if let Ok(Some(AcceptedReply { done: Some(done), .. })) = &outcome {
                // Nobody waits for that but the server when it ends.
                let (inbox, done) = (Arc::clone(inbox), done.clone());
                spawn_blocking(move || inbox.publish(done));
            }
            let sent = received.sent().unwrap_or_default();
            finish(inbox, headers, &sent, outcome, part == Route::Change, line, id)
        }
        (Route::Token | Route::Work, _) => wrong_method("GET, OPTIONS"),
        (Route::Notice, &Method::GET | &Method::POST) => notice(inbox, head, body, line).await,
        (Route::Change | Route::Notice, _) => wrong_method("GET, POST, OPTIONS"),
        _ => wrong_method("POST, OPTIONS"),
    }
}

/// A link in a mail about answers. To open it does nothing; the button there does, and the mail program's own (RFC 8058), whose
/// body says what its address has said already.
async fn notice(inbox: &Arc<Inbox>, head: &request::Parts, body: axum::body::Body, line: &mut LogLine<'_>) -> Response {
    let is_done = head.method == Method::POST;
    let token = query::value(head.uri.query(), "token");
    let action = format!("{}?token={}", inbox.below("notice"), utf8_percent_encode(&token, NON_ALPHANUMERIC));
    let outcome = match is_done {
        false => off_loop(inbox, move |inbox| inbox.desk.asked(&token, Timestamp::now())).await,
        true => match pass_over(body).await {
            Ok(()) if inbox.origins.allow(&head.headers) => {
                off_loop(inbox, move |inbox| inbox.desk.grant(&token, Timestamp::now())).await
            }
            Ok(()) => Err(Refusal::Foreign),
            Err(refusal) => Err(refusal),
        },
    };
    let (status, word) = match &outcome {
        Ok(_) if !is_done => (StatusCode::OK, "shown"),
        Ok((SubscriptionRequest::Subscribe, _)) => (StatusCode::OK, "hears"),
        Ok((SubscriptionRequest::Unsubscribe, _)) => (StatusCode::OK, "stopped"),
        Err(refusal) => (response::error_status(refusal.status()), refusal.name()),
    };
    line.outcome = Some(word);
    let (library, whole) = (inbox.desk.public(), inbox.desk.library());
    let answers = ResponsePages { library: &library, whole: &whole.site, change: "", endpoint: &inbox.endpoint };
    let page = answers.notice(outcome.as_ref().map_err(|refusal| *refusal), &action, is_done);
    // Whoever has the address has written that reply, and is known by that in this browser too: unless somebody is known there
    // already, or another page than ours has sent this.
    let (headers, now) = (&head.headers, Timestamp::now());
    let is_new = || inbox.origins.is_ours(headers) && inbox.desk.writer(headers, now).is_none();
    let cookie = match &outcome {
        Ok((SubscriptionRequest::Subscribe, Some(kept))) if is_done && is_new() => inbox.desk.cookie(kept, now),
        _ => None,
    };
    with_cookie(html(status, page, &inbox.origins), cookie.as_deref())
}

/// Does what waits for a disk where that holds nobody up.
pub(super) async fn off_loop<T: Send + 'static>(
    inbox: &Arc<Inbox>,
    work: impl FnOnce(&Inbox) -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    // It is closed by nobody.
    let _writer = inbox.writers.acquire().await;
    let inbox = Arc::clone(inbox);
    spawn_blocking(move || work(&inbox)).await.unwrap_or(Err(Refusal::StorageFailed))
}

/// Tells what became of a reply, in the way that is asked for.
fn finish(
    inbox: &Inbox,
    headers: &HeaderMap,
    sent: &Submission,
    outcome: Result<Option<AcceptedReply>, Refusal>,
    is_changed: bool,
    line: &mut LogLine<'_>,
    id: &mut Option<String>,
) -> Response {
    let (library, whole) = (inbox.desk.public(), inbox.desk.library());
    let change = inbox.below("change");
    let answers = ResponsePages { library: &library, whole: &whole.site, change: &change, endpoint: &inbox.endpoint };
    let is_script = wants_json(headers);
    let status = match &outcome {
        Ok(_) => StatusCode::OK,
        Err(refusal) => response::error_status(refusal.status()),
    };
    line.outcome = Some(match &outcome {
        Ok(Some(AcceptedReply { done: Some(_), .. })) => "published",
        Ok(Some(_)) => "kept",
        Ok(None) => "withdrawn",
        Err(refusal) => refusal.name(),
    });
    if let Ok(Some(taken)) = &outcome {
        *id = Some(taken.reply.id.clone());
    }
    let cookie = outcome.as_ref().ok().and_then(|taken| taken.as_ref()?.cookie.as_deref());
    if is_script {
        let value = match &outcome {
            Ok(Some(taken)) => json_received(taken),
            Ok(None) => json!({ "status": "withdrawn", "message": "Your reply is gone." }),
            Err(refusal) => json_refused(*refusal),
        };
        let response = with_retry(response::json(status, &value), outcome.as_ref().err().copied());
        return with_cookie(response, cookie);
    }
    let page = match &outcome {
        Ok(Some(taken)) => answers.received(taken, is_changed),
        Ok(None) => answers.withdrawn(),
        Err(refusal) => answers.refused(sent, *refusal),
    };
    let refusal = outcome.as_ref().err().copied();
    with_cookie(with_retry(html(status, page, &inbox.origins), refusal), cookie)
}

fn wrong_method(methods: &str) -> Response {
    response::method_not_allowed(methods, "This is where the reply form posts.\n")
}

async fn health(inbox: Arc<Inbox>) -> Response {
    let is_well = spawn_blocking(move || inbox.desk.is_well()).await.unwrap_or(false);
    match is_well {
        true => response::json(StatusCode::OK, &json!({ "status": "ok" })),
        false => response::json(StatusCode::SERVICE_UNAVAILABLE, &json!({ "status": "replies cannot be kept" })),
    }
}
