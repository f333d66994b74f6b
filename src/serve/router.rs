//! Which part of the server answers a request.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::X_CONTENT_TYPE_OPTIONS;
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use percent_encoding::percent_decode_str;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use super::answer::{self, Asked, tag};
use super::host::{self, Stranger};
use super::path::{self, Found};
use super::stage::{Contents, Shown, Stage};
use super::{live, pages, reply};
use crate::diagnostic::Diagnostic;

/// The output that is shown where there is none.
pub const NOT_FOUND: &str = "404.html";

/// What every part of the server knows.
pub struct Preview {
    /// What is shown.
    pub stage: Arc<dyn Stage>,
    /// The address that the server was asked to listen on.
    pub interface: IpAddr,
    /// Whether the server is about to end.
    pub stopping: watch::Receiver<bool>,
}

/// The server, as a function from requests to answers.
pub fn router(preview: Arc<Preview>) -> Router {
    Router::new()
        .route(live::SCRIPT, get(live::script))
        .route(live::EVENTS, get(live::events))
        .fallback(site)
        .layer(middleware::from_fn_with_state(preview.clone(), guard))
        .with_state(preview)
}

/// Turns away who does not mean this server.
async fn guard(State(preview): State<Arc<Preview>>, request: Request, next: Next) -> Response {
    let mut response = match host::check(request.uri(), request.headers(), preview.interface) {
        Ok(()) => next.run(request).await,
        Err(Stranger::Unclear) => {
            answer::words(StatusCode::BAD_REQUEST, "The request does not say which host it is for.\n")
        }
        Err(Stranger::Named(host)) => answer::words(StatusCode::MISDIRECTED_REQUEST, pages::stranger(&host)),
    };
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Shows the site.
async fn site(State(preview): State<Arc<Preview>>, request: Request) -> Response {
    match *request.method() {
        // Whoever writes here is the author, of whom the form need not ask anything.
        Method::GET if is_endpoint(&preview, request.uri(), "/token") => {
            return answer::json(StatusCode::OK, &json!({}));
        }
        Method::GET | Method::HEAD => {}
        Method::POST if is_endpoint(&preview, request.uri(), "") => return reply::take(preview, request).await,
        _ => return answer::wrong_method(),
    }
    let (request, _) = request.into_parts();
    spawn_blocking(move || {
        let asked = Asked { method: &request.method, headers: &request.headers };
        show(&*preview.stage, &asked, &request.uri)
    })
    .await
    .unwrap_or_else(|_| answer::page(&Method::GET, StatusCode::INTERNAL_SERVER_ERROR, pages::broken(&[stumbled()])))
}

/// Whether an address is where replies are posted, or that with something behind it.
fn is_endpoint(preview: &Preview, uri: &Uri, behind: &str) -> bool {
    let endpoint = preview.stage.endpoint().map(|endpoint| endpoint + behind);
    endpoint.is_some_and(|endpoint| percent_decode_str(&endpoint).eq(percent_decode_str(uri.path())))
}

fn show(stage: &dyn Stage, asked: &Asked, uri: &Uri) -> Response {
    let base = stage.base_path();
    match path::find(uri.path(), &base, |output| stage.output(output)) {
        Found::Output(path, Ok(shown)) => answer::output(asked, &path, shown),
        Found::Output(_, Err(problems)) => {
            answer::page(asked.method, StatusCode::INTERNAL_SERVER_ERROR, pages::broken(&problems))
        }
        Found::Folder => {
            let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
            answer::redirect(StatusCode::FOUND, &format!("{}/{query}", uri.path()))
        }
        Found::Above => answer::redirect(StatusCode::FOUND, &base),
        Found::Nothing => {
            let page = match stage.output(NOT_FOUND) {
                Some(Ok(Shown { contents: Contents::Bytes(bytes), fingerprint })) => {
                    live::enliven(&bytes, &live::missing(Some(&tag(fingerprint))))
                }
                _ => pages::missing(uri.path(), &base).into(),
            };
            answer::page(asked.method, StatusCode::NOT_FOUND, page)
        }
    }
}

/// What is told where the stage did not come back.
fn stumbled() -> Diagnostic {
    Diagnostic::error("the preview stumbled over this page").help("this is a mistake in Causerie; please report it")
}
