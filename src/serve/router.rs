//! Which part of the server answers a request.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use percent_encoding::percent_decode_str;
use serde_json::json;
use tokio::task::spawn_blocking;

use super::host;
use super::live_script::{self, SCRIPT, missing_tag, tag};
use super::path::{self, NOT_FOUND, PathTarget};
use super::response::RequestConditions;
use super::site_view::{Contents, ServedOutput, SiteView};
use super::state::ServerState;
use super::{live, pages, reply};
use crate::diagnostic::Diagnostic;
use crate::http::accept::wants_html;
use crate::http::host::UntrustedHost;
use crate::http::response::{self, CROSS_ORIGIN_RESOURCE_POLICY};

/// The server, as a function from requests to answers.
pub fn router(state: Arc<ServerState>) -> Router {
    Router::new()
        .route(SCRIPT, get(live::script))
        .route(live::EVENTS, get(live::events))
        .fallback(site)
        .layer(middleware::from_fn_with_state(state.clone(), guard))
        .with_state(state)
}

/// Turns away who does not mean this server.
async fn guard(State(state): State<Arc<ServerState>>, request: Request, next: Next) -> Response {
    let mut response = match host::check(request.uri(), request.headers(), state.interface) {
        Ok(()) => next.run(request).await,
        Err(UntrustedHost::Unclear) => {
            response::text(StatusCode::BAD_REQUEST, "The request does not say which host it is for.\n")
        }
        Err(UntrustedHost::Named(host)) => response::text(StatusCode::MISDIRECTED_REQUEST, pages::stranger(&host)),
    };
    // Drafts are nobody else's: pages of other origins can neither read what is served here nor show it in a frame.
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
        (CONTENT_SECURITY_POLICY, "frame-ancestors 'self'"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    // Browsers may keep a file, and must ask each time whether it is still the same.
    response::set_default(&mut response, CACHE_CONTROL, "no-cache");
    response
}

/// Shows the site.
async fn site(State(state): State<Arc<ServerState>>, request: Request) -> Response {
    match *request.method() {
        // Whoever writes here is the author, of whom the form need not ask anything.
        Method::GET if is_endpoint(&state, request.uri(), "/token") => {
            return response::json(StatusCode::OK, &json!({}));
        }
        Method::GET | Method::HEAD => {}
        Method::POST if is_endpoint(&state, request.uri(), "") => return reply::take(state, request).await,
        _ => return response::method_not_allowed("GET, HEAD", "This can be looked at (GET, HEAD) and nothing else.\n"),
    }
    let (request, _) = request.into_parts();
    spawn_blocking(move || {
        let asked = RequestConditions { method: &request.method, headers: &request.headers };
        show(&*state.view, &asked, &request.uri)
    })
    .await
    .unwrap_or_else(|_| response::html(StatusCode::INTERNAL_SERVER_ERROR, pages::broken(&[stumbled()])))
}

/// Whether an address is where replies are posted, or that with something behind it.
fn is_endpoint(state: &ServerState, uri: &Uri, behind: &str) -> bool {
    let endpoint = state.view.endpoint().map(|endpoint| endpoint + behind);
    endpoint.is_some_and(|endpoint| percent_decode_str(&endpoint).eq(percent_decode_str(uri.path())))
}

fn show(stage: &dyn SiteView, asked: &RequestConditions, uri: &Uri) -> Response {
    let base = stage.base_path();
    if let Some(address) = by_its_name(stage, asked, uri) {
        return response::redirect(StatusCode::FOUND, &address);
    }
    match path::find(uri.path(), &base, |output| stage.output(output)) {
        PathTarget::Output(path, Ok(shown)) => super::response::output(asked, &path, shown),
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
            let page = match stage.output(NOT_FOUND) {
                Some(Ok(ServedOutput { contents: Contents::Bytes(bytes), fingerprint })) => {
                    live_script::insert(&bytes, &missing_tag(Some(&tag(fingerprint))))
                }
                _ => pages::missing(uri.path(), &base).into(),
            };
            response::html(StatusCode::NOT_FOUND, page)
        }
    }
}

/// The address of a page that was called by another name of this computer than the site has. What the page uses is of that other
/// origin, and not given to this one.
fn by_its_name(stage: &dyn SiteView, asked: &RequestConditions, uri: &Uri) -> Option<String> {
    let origin = stage.origin()?;
    let host = asked.headers.get(HOST)?.to_str().ok()?;
    let own = origin.strip_prefix("http://")?;
    let leads_elsewhere = wants_html(asked.headers) && host != own && host::are_of_one_computer(host, own);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    leads_elsewhere.then(|| format!("{origin}{path}"))
}

/// What is told where the stage did not come back.
fn stumbled() -> Diagnostic {
    Diagnostic::error("the preview stumbled over this page").help("this is a mistake in Causerie; please report it")
}
