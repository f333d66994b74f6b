//! The routes of the preview: which part of the server answers a request.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use percent_encoding::percent_decode_str;
use serde_json::json;
use tokio::task::spawn_blocking;

use super::host;
use super::live_script::{self, SCRIPT, missing_tag, tag};
use super::path::{self, NOT_FOUND, PathTarget};
use super::response::RequestConditions;
use super::site_view::{Contents, ServedOutput, SiteView};
use super::state::ServerState;
use super::{gather, live, pages, reply};
use crate::diagnostic::Diagnostic;
use crate::http::accept::wants_html;
use crate::http::host::UntrustedHost;
use crate::http::response::{self, CROSS_ORIGIN_RESOURCE_POLICY};

/// Returns the server as a function from requests to responses.
pub fn router(state: Arc<ServerState>) -> Router {
    Router::new()
        .route(SCRIPT, get(live::script))
        .route(live::EVENTS, get(live::events))
        .route(gather::GATHER, post(gather::gather))
        .fallback(site)
        .layer(middleware::from_fn_with_state(state.clone(), check_host))
        .with_state(state)
}

/// Refuses requests for other hosts, and adds the headers that every response has.
async fn check_host(State(state): State<Arc<ServerState>>, request: Request, next: Next) -> Response {
    let trusted = state.view.trusted_host();
    let mut response = match host::check(request.uri(), request.headers(), state.interface, trusted.as_deref()) {
        Ok(()) => next.run(request).await,
        Err(UntrustedHost::Unclear) => {
            response::text(StatusCode::BAD_REQUEST, "The request does not say which host it is for.\n")
        }
        Err(UntrustedHost::Named(host)) => {
            response::text(StatusCode::MISDIRECTED_REQUEST, pages::untrusted_host(&host))
        }
    };
    // Drafts are private: pages of other origins can neither read the responses nor show them in a frame.
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
        (CONTENT_SECURITY_POLICY, "frame-ancestors 'self'"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    // Browsers may store a file, and must check each time whether it has changed.
    response::set_default(&mut response, CACHE_CONTROL, "no-cache");
    response
}

/// Answers requests for the site and for its reply form.
async fn site(State(state): State<Arc<ServerState>>, request: Request) -> Response {
    match *request.method() {
        // The writer is the author, whose form needs no token and no proof of work.
        Method::GET if is_endpoint(&state, request.uri(), "/token") => {
            return response::json(StatusCode::OK, &json!({}));
        }
        Method::GET | Method::HEAD => {}
        Method::POST if is_endpoint(&state, request.uri(), "") => return reply::accept(state, request).await,
        _ => return response::method_not_allowed("GET, HEAD", "This can be looked at (GET, HEAD) and nothing else.\n"),
    }
    let (request, _) = request.into_parts();
    spawn_blocking(move || {
        let conditions = RequestConditions { method: &request.method, headers: &request.headers };
        show(&*state.view, &conditions, &request.uri)
    })
    .await
    .unwrap_or_else(|_| response::html(StatusCode::INTERNAL_SERVER_ERROR, pages::broken(&[internal_error()])))
}

/// Whether an address is the address of replies, with a suffix.
fn is_endpoint(state: &ServerState, uri: &Uri, suffix: &str) -> bool {
    let endpoint = state.view.endpoint().map(|endpoint| endpoint + suffix);
    endpoint.is_some_and(|endpoint| percent_decode_str(&endpoint).eq(percent_decode_str(uri.path())))
}

/// Answers a request for a page or a file.
fn show(view: &dyn SiteView, conditions: &RequestConditions, uri: &Uri) -> Response {
    let base = view.base_path();
    if let Some(address) = canonical_address(view, conditions, uri) {
        return response::redirect(StatusCode::FOUND, &address);
    }
    match path::find(uri.path(), &base, |output| view.output(output)) {
        PathTarget::Output(path, Ok(output)) => super::response::output(conditions, &path, output),
        PathTarget::Output(_, Err(problems)) => {
            response::html(StatusCode::INTERNAL_SERVER_ERROR, pages::broken(&problems))
        }
        PathTarget::Folder => {
            let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
            response::redirect(StatusCode::FOUND, &format!("{}/{query}", uri.path()))
        }
        PathTarget::Above => response::redirect(StatusCode::FOUND, &base),
        PathTarget::Outside => response::html(StatusCode::NOT_FOUND, pages::outside(uri.path(), &base)),
        PathTarget::Nothing => {
            let page = match view.output(NOT_FOUND) {
                Some(Ok(ServedOutput { contents: Contents::Bytes(bytes), fingerprint })) => {
                    live_script::insert(&bytes, &missing_tag(Some(&tag(fingerprint))))
                }
                _ => pages::missing(uri.path(), &base).into(),
            };
            response::html(StatusCode::NOT_FOUND, page)
        }
    }
}

/// Returns the address of a page at the origin of the site, if the request names this computer by another name. The files of the
/// page belong to the origin of the site, and other origins cannot load them.
fn canonical_address(view: &dyn SiteView, conditions: &RequestConditions, uri: &Uri) -> Option<String> {
    let origin = view.origin()?;
    let host = conditions.headers.get(HOST)?.to_str().ok()?;
    let own = origin.strip_prefix("http://")?;
    let is_elsewhere = wants_html(conditions.headers) && host != own && host::are_of_one_computer(host, own);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    is_elsewhere.then(|| format!("{origin}{path}"))
}

/// The problem that a page reports after a panic.
fn internal_error() -> Diagnostic {
    Diagnostic::error("the preview internal_error over this page")
        .help("this is a mistake in Causerie; please report it")
}
