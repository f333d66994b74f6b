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
use super::mentions;
use super::moderate;
use super::response::{ResponsePages, allow_origin, html, with_cookie, with_retry};
use super::state::ServerState;
use crate::http::accept::wants_json;
use crate::http::body::{ReceivedBody, discard};
use crate::http::{forwarded, query, response};
use crate::replies::{Field, Refusal, Submission, SubscriptionRequest, guard};

/// The path of the health check.
pub const HEALTH: &str = "/-/health";

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    Reply,
    Change,
    Token,
    Moderate,
    Work,
    Notice,
    Webmention,
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
        } else if mentions::id_of(uri.path()).is_some() && state.app.config().comments.webmention.is_some() {
            Some(Self::Webmention)
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
            Self::Webmention => "webmention",
            Self::Health => "health",
        }
    }
}

/// Returns the server as a function from requests to responses.
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
        allow_origin(&mut response, state.origins.stated(&head.headers), state.app.trusts_writers());
    }
    if head.headers.contains_key(TRANSFER_ENCODING) {
        // The request may state its length in two ways. If a proxy believed the other one, the rest of the connection is not
        // what the proxy takes it for (RFC 9112, 6.1).
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
        line.write();
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
        // A client does not read the response before it has sent the body.
        let _ = discard(body).await;
        return reply_response(state, headers, &Submission::default(), Err(refusal), false, line, id);
    }
    match (route, &head.method) {
        (Route::Webmention, _) => mentions::answer(state, head, body, address, line).await,
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
            reply_response(state, headers, &Submission::default(), outcome, false, line, id)
        }
        (Route::Reply | Route::Change, &Method::POST) => {
            let received = ReceivedBody::read_within(&state.body_quota, headers, body).await;
            if let Some(slot) = head.extensions.get::<Arc<ConnectionSlot>>() {
                slot.mark_busy();
            }
            let received = match received {
                _ if !state.origins.allow(headers) => Err(Refusal::Foreign),
                received => received,
            };
            let received = match received {
                Ok(received) => Arc::new(received),
                Err(refusal) => {
                    return reply_response(state, headers, &Submission::default(), Err(refusal), false, line, id);
                }
            };
            let (shared, request_headers) = (Arc::clone(&received), headers.clone());
            let work = move |state: &ServerState| {
                let (sent, now) = (shared.submission()?, Timestamp::now());
                match route {
                    Route::Reply => {
                        let is_ours = state.origins.is_ours(&request_headers);
                        state.app.accept(&sent, &request_headers, is_ours, address, now).map(Some)
                    }
                    _ => state.app.change(&sent, now),
                }
            };
            let outcome = state.run_blocking(work).await;
            if outcome.is_ok() {
                state.wake_notifier();
            }
            if let Ok(Some(AcceptedReply { approval: Some(approval), .. })) = &outcome {
                // The response does not wait for the build. The server does when it stops.
                let (state, approval) = (Arc::clone(state), approval.clone());
                spawn_blocking(move || state.publish(approval));
            }
            let sent = received.submission().unwrap_or_default();
            reply_response(state, headers, &sent, outcome, route == Route::Change, line, id)
        }
        (Route::Token | Route::Work, _) => wrong_method("GET, OPTIONS"),
        (Route::Notice, &Method::GET | &Method::POST) => subscription(state, head, body, line).await,
        (Route::Change | Route::Notice, _) => wrong_method("GET, POST, OPTIONS"),
        _ => wrong_method("POST, OPTIONS"),
    }
}

/// Answers a link in a mail about pages. Opening the link changes nothing. The button on its page does, and so does the
/// button of a mail program (RFC 8058), which sends a body that adds nothing to the address.
async fn subscription(
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
        true => match discard(body).await {
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
    let (library, all) = (state.app.public(), state.app.library());
    let pages = ResponsePages { library: &library, all: &all.site, change_url: "", endpoint: &state.endpoint };
    let page = pages.notice(outcome.as_ref().map_err(|refusal| *refusal), &action, is_done);
    // Only the writer of the reply has this address, so this browser gets the writer's cookie, unless it has one already or a
    // page of another site may have sent the form.
    let (headers, now) = (&head.headers, Timestamp::now());
    let is_new = || state.origins.is_ours(headers) && state.app.writer(headers, now).is_none();
    let cookie = match &outcome {
        Ok((SubscriptionRequest::Subscribe, Some(reply))) if is_done && is_new() => state.app.writer_cookie(reply, now),
        _ => None,
    };
    with_cookie(html(status, page, &state.origins), cookie.as_deref())
}

/// Responds with the outcome of a reply, as a page or as JSON.
fn reply_response(
    state: &ServerState,
    headers: &HeaderMap,
    sent: &Submission,
    outcome: Result<Option<AcceptedReply>, Refusal>,
    is_changed: bool,
    line: &mut LogLine<'_>,
    id: &mut Option<String>,
) -> Response {
    let (library, all) = (state.app.public(), state.app.library());
    let change_url = state.below_endpoint("change");
    let pages = ResponsePages { library: &library, all: &all.site, change_url: &change_url, endpoint: &state.endpoint };
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
    if let Ok(Some(accepted)) = &outcome {
        *id = Some(accepted.reply.id.clone());
    }
    let cookie = outcome.as_ref().ok().and_then(|accepted| accepted.as_ref()?.cookie.as_deref());
    if is_script {
        let value = match &outcome {
            Ok(Some(accepted)) => pages.json_received(accepted),
            Ok(None) => pages.json_withdrawn(sent.get(Field::Page)),
            Err(refusal) => pages.json_refused(sent, *refusal),
        };
        let response = with_retry(response::json(status, &value), outcome.as_ref().err().copied());
        return with_cookie(response, cookie);
    }
    let page = match &outcome {
        Ok(Some(accepted)) => pages.received(accepted, is_changed),
        Ok(None) => pages.withdrawn(sent.get(Field::Page)),
        Err(refusal) => pages.refused(sent, *refusal),
    };
    let refusal = outcome.as_ref().err().copied();
    with_cookie(with_retry(html(status, page, &state.origins), refusal), cookie)
}

fn wrong_method(methods: &str) -> Response {
    response::method_not_allowed(methods, "This is where the reply form posts.\n")
}

async fn health(state: Arc<ServerState>) -> Response {
    let is_healthy = spawn_blocking(move || state.app.is_healthy()).await.unwrap_or(false);
    match is_healthy {
        true => response::json(StatusCode::OK, &json!({ "status": "ok" })),
        false => response::json(StatusCode::SERVICE_UNAVAILABLE, &json!({ "status": "replies cannot be kept" })),
    }
}
