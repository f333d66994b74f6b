//! The routes of the inbox: which route of the server answers a request.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONNECTION, REFERRER_POLICY, TRANSFER_ENCODING, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, request};
use axum::response::Response;
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::json;
use tokio::task::spawn_blocking;

use super::app_state::AcceptedReply;
use super::connections::ConnectionSlot;
use super::log::LogLine;
use super::moderate;
use super::response::{ResponsePages, allow, html, json_received, json_refused, with_cookie, with_retry};
use super::state::ServerState;
use crate::http::accept::wants_json;
use crate::http::body::{ReceivedBody, pass_over};
use crate::http::{forwarded, query, response};
use crate::replies::{Refusal, Submission, SubscriptionRequest, guard};

/// Where the server says whether it is well.
pub const HEALTH: &str = "/-/health";

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

impl Route {
    fn of(state: &ServerState, uri: &Uri) -> Option<Self> {
        let is = |path: &str| percent_decode_str(path).eq(percent_decode_str(uri.path()));
        let endpoint = state.endpoint_path();
        let base = endpoint.trim_end_matches('/');
        if uri.path() == HEALTH {
            Some(Self::Health)
        } else if moderate::has_path(uri.path()) {
            Some(Self::Moderate)
        } else if is(endpoint) {
            Some(Self::Reply)
        } else if is(&format!("{base}/change")) {
            Some(Self::Change)
        } else if is(&format!("{base}/token")) {
            Some(Self::Token)
        } else if is(&format!("{base}/work.js")) {
            Some(Self::Work)
        } else if is(&format!("{base}/notice")) {
            Some(Self::Notice)
        } else {
            None
        }
    }

    /// The name of the route in the log.
    fn name(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Change => "change",
            Self::Token => "token",
            Self::Moderate => "moderate",
            Self::Work => "work",
            Self::Notice => "notice",
            Self::Health => "health",
        }
    }
}

/// The server, as a function from requests to answers.
pub fn router(state: Arc<ServerState>) -> Router {
    Router::new().fallback(handle).with_state(state)
}

async fn handle(State(state): State<Arc<ServerState>>, request: Request) -> Response {
    let start = Instant::now();
    let (head, body) = request.into_parts();
    let route = Route::of(&state, &head.uri);
    let mut line = LogLine::new(route.map_or("other", Route::name));
    let mut id = None;
    let mut response = match route {
        Some(Route::Health) => health(state.clone()).await,
        _ if state.origins.check_host(&head.uri, &head.headers).is_err() => {
            response::text(StatusCode::MISDIRECTED_REQUEST, "This server has another name.\n")
        }
        Some(Route::Moderate) => moderate::answer(&state, &head, body, &mut line).await,
        Some(route) => answer_route(&state, route, &head, body, &mut line, &mut id).await,
        None => response::text(StatusCode::NOT_FOUND, "There is nothing here.\n"),
    };
    if route != Some(Route::Moderate) {
        allow(&mut response, state.origins.stated(&head.headers), state.app.trusts_writers());
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
    if route != Some(Route::Health) {
        line.tell();
    }
    response
}

async fn answer_route(
    state: &Arc<ServerState>,
    route: Route,
    head: &request::Parts,
    body: axum::body::Body,
    line: &mut LogLine<'_>,
    id: &mut Option<String>,
) -> Response {
    let headers = &head.headers;
    let peer = head.extensions.get::<SocketAddr>().map(SocketAddr::ip);
    let peer = peer.unwrap_or(std::net::Ipv4Addr::UNSPECIFIED.into());
    let address = forwarded::client_address(peer, headers, state.app.trusted_proxies());
    let is_for_reply =
        matches!(route, Route::Reply | Route::Change) && matches!(head.method, Method::GET | Method::POST);
    if is_for_reply && let Err(refusal) = state.app.count_request(address, Timestamp::now()) {
        // What was refused before it was sent is answered to nobody.
        let _ = pass_over(body).await;
        return finish(state, headers, &Submission::default(), Err(refusal), false, line, id);
    }
    match (route, &head.method) {
        (_, &Method::OPTIONS) => response::text(StatusCode::NO_CONTENT, ""),
        (Route::Token, &Method::GET) => response::json(
            StatusCode::OK,
            &state.app.form_token(&query::value(head.uri.query(), "page"), Timestamp::now()),
        ),
        (Route::Work, &Method::GET) => {
            response::with_type(StatusCode::OK, "text/javascript; charset=utf-8", guard::SCRIPT)
        }
        (Route::Change, &Method::GET) => {
            let token = query::value(head.uri.query(), "token");
            let work = move |state: &ServerState| state.app.own_reply(&token, Timestamp::now()).map(Some);
            let outcome = state.run_blocking(work).await;
            finish(state, headers, &Submission::default(), outcome, false, line, id)
        }
        (Route::Reply | Route::Change, &Method::POST) => {
            let received = ReceivedBody::read_within(&state.body_quota, headers, body).await;
            if let Some(place) = head.extensions.get::<Arc<ConnectionSlot>>() {
                place.work();
            }
            let received = match received {
                _ if !state.origins.allow(headers) => Err(Refusal::Foreign),
                received => received,
            };
            let received = match received {
                Ok(received) => Arc::new(received),
                Err(refusal) => return finish(state, headers, &Submission::default(), Err(refusal), false, line, id),
            };
            let (shared, given) = (Arc::clone(&received), headers.clone());
            let work = move |state: &ServerState| {
                let (sent, now) = (shared.sent()?, Timestamp::now());
                match route {
                    Route::Reply => {
                        let is_ours = state.origins.is_ours(&given);
                        state.app.accept(&sent, &given, is_ours, address, now).map(Some)
                    }
                    _ => state.app.change(&sent, now),
                }
            };
            let outcome = state.run_blocking(work).await;
            if outcome.is_ok() {
                state.wake_notifier();
            }
            if let Ok(Some(AcceptedReply { approval: Some(approval), .. })) = &outcome {
                // Nobody waits for that but the server when it ends.
                let (state, approval) = (Arc::clone(state), approval.clone());
                spawn_blocking(move || state.publish(approval));
            }
            let sent = received.sent().unwrap_or_default();
            finish(state, headers, &sent, outcome, route == Route::Change, line, id)
        }
        (Route::Token | Route::Work, _) => wrong_method("GET, OPTIONS"),
        (Route::Notice, &Method::GET | &Method::POST) => notice(state, head, body, line).await,
        (Route::Change | Route::Notice, _) => wrong_method("GET, POST, OPTIONS"),
        _ => wrong_method("POST, OPTIONS"),
    }
}

/// A link in a mail about answers. To open it does nothing; the button there does, and the mail program's own (RFC 8058), whose
/// body says what its address has said already.
async fn notice(
    state: &Arc<ServerState>,
    head: &request::Parts,
    body: axum::body::Body,
    line: &mut LogLine<'_>,
) -> Response {
    let is_done = head.method == Method::POST;
    let token = query::value(head.uri.query(), "token");
    let action = format!("{}?token={}", state.below_endpoint("notice"), utf8_percent_encode(&token, NON_ALPHANUMERIC));
    let outcome = match is_done {
        false => state.run_blocking(move |state| state.app.subscription_request(&token, Timestamp::now())).await,
        true => match pass_over(body).await {
            Ok(()) if state.origins.allow(&head.headers) => {
                state.run_blocking(move |state| state.app.change_subscription(&token, Timestamp::now())).await
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
    let (library, whole) = (state.app.public(), state.app.library());
    let answers = ResponsePages { library: &library, whole: &whole.site, change: "", endpoint: &state.endpoint };
    let page = answers.notice(outcome.as_ref().map_err(|refusal| *refusal), &action, is_done);
    // Whoever has the address has written that reply, and is known by that in this browser too: unless somebody is known there
    // already, or another page than ours has sent this.
    let (headers, now) = (&head.headers, Timestamp::now());
    let is_new = || state.origins.is_ours(headers) && state.app.writer(headers, now).is_none();
    let cookie = match &outcome {
        Ok((SubscriptionRequest::Subscribe, Some(kept))) if is_done && is_new() => state.app.writer_cookie(kept, now),
        _ => None,
    };
    with_cookie(html(status, page, &state.origins), cookie.as_deref())
}

/// Tells what became of a reply, in the way that is asked for.
fn finish(
    state: &ServerState,
    headers: &HeaderMap,
    sent: &Submission,
    outcome: Result<Option<AcceptedReply>, Refusal>,
    is_changed: bool,
    line: &mut LogLine<'_>,
    id: &mut Option<String>,
) -> Response {
    let (library, whole) = (state.app.public(), state.app.library());
    let change = state.below_endpoint("change");
    let answers = ResponsePages { library: &library, whole: &whole.site, change: &change, endpoint: &state.endpoint };
    let is_script = wants_json(headers);
    let status = match &outcome {
        Ok(_) => StatusCode::OK,
        Err(refusal) => response::error_status(refusal.status()),
    };
    line.outcome = Some(match &outcome {
        Ok(Some(AcceptedReply { approval: Some(_), .. })) => "published",
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
    with_cookie(with_retry(html(status, page, &state.origins), refusal), cookie)
}

fn wrong_method(methods: &str) -> Response {
    response::method_not_allowed(methods, "This is where the reply form posts.\n")
}

async fn health(state: Arc<ServerState>) -> Response {
    let is_well = spawn_blocking(move || state.app.is_healthy()).await.unwrap_or(false);
    match is_well {
        true => response::json(StatusCode::OK, &json!({ "status": "ok" })),
        false => response::json(StatusCode::SERVICE_UNAVAILABLE, &json!({ "status": "replies cannot be kept" })),
    }
}
