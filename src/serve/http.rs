//! The server: what is asked for, and by whom, and what it gets.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT_RANGES, ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HOST, IF_NONE_MATCH,
    IF_RANGE, LOCATION, ORIGIN, RANGE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use axum::response::IntoResponse;
use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use super::address::{Asked, asked, is_own_host};
use super::live;
use super::stage::{ReplyAnswer, Shown, Stage};
use crate::diagnostic::Diagnostic;
use crate::replies::MAX_BODY;
use crate::source::Fingerprint;

/// The port where a preview is looked for.
const PORT: u16 = 1111;

/// Finds a port: the one that was asked for, or the first free one from 1111 on.
///
/// # Errors
/// If the port that was asked for is taken, or none is free, or the interface is not there.
pub async fn bind(interface: IpAddr, port: Option<u16>) -> io::Result<TcpListener> {
    if let Some(port) = port {
        return TcpListener::bind(SocketAddr::new(interface, port)).await;
    }
    let mut last = None;
    for port in PORT..PORT + 100 {
        match TcpListener::bind(SocketAddr::new(interface, port)).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => last = Some(error),
            result => return result,
        }
    }
    Err(last.unwrap_or_else(|| io::ErrorKind::AddrInUse.into()))
}

/// What answers requests.
#[derive(Clone)]
struct Server {
    stage: Arc<dyn Stage>,
    interface: IpAddr,
    /// Closed when the server ends.
    end: watch::Receiver<()>,
}

/// Serves a site until `shutdown`.
///
/// # Errors
/// If the listener fails.
pub async fn serve(
    listener: TcpListener,
    stage: Arc<dyn Stage>,
    interface: IpAddr,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (ending, end) = watch::channel(());
    let server = Server { stage, interface, end };
    let shutdown = async move {
        shutdown.await;
        // The open event streams end with it; otherwise they would be waited for.
        drop(ending);
    };
    axum::serve(listener, router(server)).with_graceful_shutdown(shutdown).await
}

fn router(server: Server) -> Router {
    Router::new().fallback(answer).with_state(server)
}

async fn answer(State(server): State<Server>, request: Request) -> Response<Body> {
    let mut response = route(&server, request).await;
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    response
}

async fn route(server: &Server, request: Request) -> Response<Body> {
    let host = header(request.headers(), HOST.as_str()).unwrap_or_default();
    if !is_own_host(host, server.interface) {
        let message = "This is the preview of a site on its author's computer. It is not known under that name.";
        return plain(StatusCode::MISDIRECTED_REQUEST, message);
    }
    let path = request.uri().path().to_owned();
    match *request.method() {
        Method::GET | Method::HEAD if path == live::SCRIPT => live::script(),
        Method::GET if path == live::EVENTS => {
            live::events(server.stage.clone(), server.end.clone(), request.uri().query().unwrap_or_default())
        }
        Method::GET | Method::HEAD => {
            let (stage, headers) = (server.stage.clone(), request.headers().clone());
            let query = request.uri().query().map(str::to_owned);
            blocking(move || show(&*stage, &path, query.as_deref(), &headers)).await
        }
        Method::POST if server.stage.endpoint().as_deref() == Some(&path) => take(server, request).await,
        _ => {
            let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD are understood here.");
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            response
        }
    }
}

/// Runs what may take long beside the event loop.
async fn blocking(work: impl FnOnce() -> Response<Body> + Send + 'static) -> Response<Body> {
    let failed = || plain(StatusCode::INTERNAL_SERVER_ERROR, "The preview could not answer.");
    spawn_blocking(work).await.unwrap_or_else(|_| failed())
}

/// What is at an address.
fn show(stage: &dyn Stage, path: &str, query: Option<&str>, headers: &HeaderMap) -> Response<Body> {
    let found = match asked(path, &stage.base_path()) {
        Asked::Output(output) => stage.output(&output).map(|shown| (output, shown)),
        Asked::OutputOrFolder(output, index) => match stage.output(&output) {
            Some(shown) => Some((output, shown)),
            None if stage.output(&index).is_some() => {
                let query = query.map(|query| format!("?{query}")).unwrap_or_default();
                return redirect(StatusCode::MOVED_PERMANENTLY, &format!("{path}/{query}"));
            }
            None => None,
        },
        Asked::Nothing => None,
    };
    match found {
        Some((output, Ok(shown))) => body(StatusCode::OK, &output, shown, headers),
        Some((_, Err(problems))) => broken(&problems),
        None => match stage.output("404.html") {
            Some(Ok(shown)) => body(StatusCode::NOT_FOUND, "404.html", shown, headers),
            Some(Err(problems)) => broken(&problems),
            None => plain(StatusCode::NOT_FOUND, "There is no such page."),
        },
    }
}

/// An output, whole or in part.
fn body(status: StatusCode, path: &str, Shown { bytes, fingerprint }: Shown, headers: &HeaderMap) -> Response<Body> {
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let is_text = kind.type_() == "text"
        || matches!(kind.subtype().as_str(), "javascript" | "json" | "xml")
        || kind.suffix().is_some_and(|suffix| suffix == "xml");
    let is_page = kind.essence_str() == "text/html";
    let kind = if is_text { format!("{}; charset=utf-8", kind.essence_str()) } else { kind.to_string() };
    let tag = format!("\"{:032x}\"", fingerprint.0);
    let bytes = if is_page { live::with_script(&bytes, fingerprint) } else { bytes };

    let mut response = Response::builder().header(CONTENT_TYPE, kind).header(ETAG, &tag);
    if status == StatusCode::OK && header(headers, IF_NONE_MATCH.as_str()).is_some_and(|known| known.contains(&tag)) {
        return response.status(StatusCode::NOT_MODIFIED).body(Body::empty()).unwrap_or_default();
    }
    if !is_page {
        response = response.header(ACCEPT_RANGES, "bytes");
        let is_same = header(headers, IF_RANGE.as_str()).is_none_or(|known| known == tag);
        let range = header(headers, RANGE.as_str()).filter(|_| is_same && status == StatusCode::OK);
        match range.map(|range| part(range, bytes.len())) {
            Some(Part::Bytes(start, end)) => {
                let total = bytes.len();
                let response = response
                    .status(StatusCode::PARTIAL_CONTENT)
                    .header(CONTENT_RANGE, format!("bytes {start}-{}/{total}", end - 1))
                    .header(CONTENT_LENGTH, end - start);
                return response.body(bytes.slice(start..end).into()).unwrap_or_default();
            }
            Some(Part::Beyond) => {
                let response = response
                    .status(StatusCode::RANGE_NOT_SATISFIABLE)
                    .header(CONTENT_RANGE, format!("bytes */{}", bytes.len()));
                return response.body(Body::empty()).unwrap_or_default();
            }
            Some(Part::Whole) | None => {}
        }
    }
    response.status(status).header(CONTENT_LENGTH, bytes.len()).body(bytes.into()).unwrap_or_default()
}

/// What a `Range` header asks for (RFC 9110, 14.2).
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Bytes(usize, usize),
    /// A part that is not there.
    Beyond,
    /// Several parts, or what cannot be understood: the whole is an answer to both.
    Whole,
}

fn part(range: &str, size: usize) -> Part {
    let Some((first, last)) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Part::Whole;
    };
    let (first, last) = (first.trim(), last.trim());
    let number = |text: &str| text.parse::<usize>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    let (start, end) = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => (first, last.saturating_add(1).min(size)),
        (Some(first), None) if last.is_empty() => (first, size),
        (None, Some(count)) if first.is_empty() => (size.saturating_sub(count), size),
        _ => return Part::Whole,
    };
    if start < end { Part::Bytes(start, end) } else { Part::Beyond }
}

/// A reply from the form of a page.
async fn take(server: &Server, request: Request) -> Response<Body> {
    let headers = request.headers();
    if !is_same_origin(headers) {
        return refused(StatusCode::FORBIDDEN, "Replies can only be sent from this site's own form.");
    }
    let kind = header(headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    if kind.split(';').next().is_none_or(|kind| kind.trim() != "application/x-www-form-urlencoded") {
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "A reply is sent as a form.");
    }
    let Ok(form) = to_bytes(request.into_body(), MAX_BODY).await else {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "This reply is larger than any reply can be.");
    };
    let stage = server.stage.clone();
    blocking(move || match stage.reply(&form) {
        ReplyAnswer::Accepted { location } => redirect(StatusCode::SEE_OTHER, &location),
        ReplyAnswer::Refused { status, message } => {
            refused(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), &message)
        }
    })
    .await
}

/// Whether a form was sent from a page of this very server. Browsers say where it came from; what says nothing is no
/// browser, and could not be lured here by another page.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let host = header(headers, HOST.as_str()).unwrap_or_default();
    let by_origin = header(headers, ORIGIN.as_str()).is_none_or(|origin| origin == format!("http://{host}"));
    let by_site = header(headers, "sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"));
    by_origin && by_site
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn redirect(status: StatusCode, to: &str) -> Response<Body> {
    match HeaderValue::from_str(to) {
        Ok(to) => (status, [(LOCATION, to)]).into_response(),
        // What no header can hold is percent-encoded.
        Err(_) => {
            let to = percent_encoding::utf8_percent_encode(to, percent_encoding::CONTROLS).to_string();
            (status, [(LOCATION, to)]).into_response()
        }
    }
}

fn plain(status: StatusCode, message: &str) -> Response<Body> {
    (status, [(CONTENT_TYPE, "text/plain; charset=utf-8")], message.to_owned()).into_response()
}

/// A small page that says why a reply was not taken.
fn refused(status: StatusCode, message: &str) -> Response<Body> {
    let text = escape(message);
    page(
        status,
        "The reply was not sent",
        &format!("<p>{text}</p><p><a href=\"#\" onclick=\"history.back();return false\">Back to the page</a></p>"),
        "",
    )
}

/// A page for an output that cannot be shown. The problems are laid over it by the script.
fn broken(problems: &[Diagnostic]) -> Response<Body> {
    let text: String = problems.iter().map(|it| format!("<pre>{}</pre>", escape(&live::as_text(it)))).collect();
    let script = live::with_script(b"", Fingerprint(0));
    page(
        StatusCode::INTERNAL_SERVER_ERROR,
        "This page cannot be shown",
        &format!("<p>It appears here as soon as the mistake is mended.</p>{text}"),
        &String::from_utf8_lossy(&script),
    )
}

fn page(status: StatusCode, title: &str, text: &str, script: &str) -> Response<Body> {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
         <style>body{{font:1rem/1.5 system-ui;max-width:44rem;margin:3rem auto;padding:0 1rem}}\
         pre{{overflow:auto}}</style></head><body><main><h1>{title}</h1>{text}</main>{script}</body></html>"
    );
    (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], Bytes::from(html)).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
