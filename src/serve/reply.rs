//! Replies: what the form of a page posts.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN, REFERER};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri};
use axum::response::Response;
use futures_util::StreamExt;
use tokio::task::spawn_blocking;

use super::router::Preview;
use super::stage::ReplyAnswer;
use super::{answer, pages};

/// The largest form that is taken, in bytes.
const MAX_FORM: usize = 64 * 1024;

/// How much of a form that is too large is read all the same: a browser shows an answer only once it could send all.
const MAX_READ: usize = 16 * 1024 * 1024;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Takes a posted form, if it comes from a page of this server.
pub async fn take(preview: Arc<Preview>, request: Request) -> Response {
    let (request, body) = request.into_parts();
    let form = read(body).await;
    let headers = &request.headers;
    let stage = Arc::clone(&preview.stage);
    let answer = if !is_from_here(headers) {
        refused(StatusCode::FORBIDDEN, "The form is not on a page of this site, so nothing was taken from it.")
    } else if !is_form(headers) {
        refused(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "This is not what a form sends (application/x-www-form-urlencoded).",
        )
    } else {
        match form {
            Err(Unread::TooLarge) => {
                refused(StatusCode::PAYLOAD_TOO_LARGE, "The reply is too long: a form can send 64 KiB.")
            }
            Err(Unread::BrokenOff) => refused(StatusCode::BAD_REQUEST, "The reply broke off on its way."),
            Ok(form) => spawn_blocking(move || stage.reply(&form)).await.unwrap_or_else(|_| {
                refused(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "The preview stumbled over the reply, and may not have kept it.",
                )
            }),
        }
    };
    match answer {
        ReplyAnswer::Accepted { location } => answer::redirect(StatusCode::SEE_OTHER, &location),
        ReplyAnswer::Refused { status, message } => {
            let status = StatusCode::from_u16(status).ok().filter(|it| it.is_client_error() || it.is_server_error());
            let back = came_from(headers).unwrap_or_else(|| preview.stage.base_path());
            let page = pages::refused(&message, &back);
            answer::page(&Method::POST, status.unwrap_or(StatusCode::BAD_REQUEST), page)
        }
    }
}

fn refused(status: StatusCode, message: &str) -> ReplyAnswer {
    ReplyAnswer::Refused { status: status.as_u16(), message: message.to_owned() }
}

/// Why a body is no form.
enum Unread {
    TooLarge,
    BrokenOff,
}

async fn read(body: Body) -> Result<Vec<u8>, Unread> {
    let mut stream = body.into_data_stream();
    let mut form = Vec::new();
    let mut length = 0_usize;
    while let Some(part) = stream.next().await {
        let part = part.map_err(|_| Unread::BrokenOff)?;
        length = length.saturating_add(part.len());
        if length > MAX_READ {
            break;
        }
        if length <= MAX_FORM {
            form.extend_from_slice(&part);
        }
    }
    if length > MAX_FORM { Err(Unread::TooLarge) } else { Ok(form) }
}

/// Whether a form was sent by a page of this server, or by no page at all.
///
/// A browser tells where a form was in two headers that no page can set. It makes the origin `null` for pages that hide
/// where their visitors come from, and then only the other one says that they are of this server.
fn is_from_here(headers: &HeaderMap) -> bool {
    let site = headers.get(SEC_FETCH_SITE).map(|site| site.as_bytes() == b"same-origin");
    match headers.get(ORIGIN).map(|origin| origin.to_str().unwrap_or_default()) {
        _ if site == Some(false) => false,
        None => true,
        Some("null") => site == Some(true),
        Some(origin) => host(headers).is_some_and(|host| origin.eq_ignore_ascii_case(&format!("http://{host}"))),
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let mime = headers.get(CONTENT_TYPE).and_then(|mime| mime.to_str().ok()).unwrap_or_default();
    let essence = mime.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// The path of the page that a form was on.
fn came_from(headers: &HeaderMap) -> Option<String> {
    let referer: Uri = headers.get(REFERER)?.to_str().ok()?.parse().ok()?;
    let is_here = referer.authority()?.as_str().eq_ignore_ascii_case(host(headers)?);
    let path = referer.path_and_query()?.as_str();
    (is_here && path.starts_with('/') && !path.starts_with("//")).then(|| path.to_owned())
}

fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(HOST)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, "localhost:1111".parse().expect("a header"));
        for (name, value) in pairs {
            headers.append(name, value.parse().expect("a header"));
        }
        headers
    }

    #[test]
    fn forms_of_this_server_and_of_no_page() {
        for good in [
            &[][..],
            &[(ORIGIN, "http://localhost:1111")],
            &[(ORIGIN, "http://LOCALHOST:1111"), (SEC_FETCH_SITE, "same-origin")],
            &[(ORIGIN, "null"), (SEC_FETCH_SITE, "same-origin")],
            &[(SEC_FETCH_SITE, "same-origin")],
        ] {
            assert!(is_from_here(&headers(good)), "{good:?}");
        }
    }

    #[test]
    fn forms_of_others() {
        for bad in [
            &[(ORIGIN, "http://example.org")][..],
            &[(ORIGIN, "https://localhost:1111")],
            &[(ORIGIN, "http://localhost")],
            &[(ORIGIN, "http://localhost:2222")],
            &[(ORIGIN, "http://127.0.0.1:1111")],
            &[(ORIGIN, "null")],
            &[(ORIGIN, "")],
            &[(SEC_FETCH_SITE, "cross-site")],
            &[(SEC_FETCH_SITE, "same-site")],
            &[(SEC_FETCH_SITE, "none")],
            &[(SEC_FETCH_SITE, "")],
            &[(ORIGIN, "http://localhost:1111"), (SEC_FETCH_SITE, "cross-site")],
            &[(ORIGIN, "http://example.org"), (SEC_FETCH_SITE, "same-origin")],
        ] {
            assert!(!is_from_here(&headers(bad)), "{bad:?}");
        }
    }

    #[test]
    fn the_way_back_stays_here() {
        let back = |referer| came_from(&headers(&[(REFERER, referer)]));
        assert_eq!(back("http://localhost:1111/posts/tea/?a=b"), Some("/posts/tea/?a=b".to_owned()));
        assert_eq!(back("http://localhost:1111"), Some("/".to_owned()));
        for bad in ["", "/posts/", "http://example.org/", "http://localhost:1111//example.org/", "javascript:alert(1)"]
        {
            assert_eq!(back(bad), None, "{bad}");
        }
        assert_eq!(came_from(&headers(&[])), None);
    }
}
