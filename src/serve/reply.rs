//! Replies: what the form of a page posts.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN, REFERER};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri};
use axum::response::Response;
use serde_json::json;
use tokio::task::spawn_blocking;

use super::router::Preview;
use super::site_view::ReplyAnswer;
use super::{pages, response};
use crate::inbox::{ReceivedBody, wants_json};
use crate::replies::Refusal;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Takes a posted form, if it comes from a page of this server.
pub async fn take(preview: Arc<Preview>, request: Request) -> Response {
    let (request, body) = request.into_parts();
    let headers = &request.headers;
    let received = ReceivedBody::read(headers, body).await;
    let stage = Arc::clone(&preview.stage);
    let answer = match received {
        _ if !is_from_here(headers) => ReplyAnswer::from(Refusal::Foreign),
        Err(refusal) => refusal.into(),
        Ok(received) => {
            let reply = move || received.sent().map_or_else(ReplyAnswer::from, |sent| stage.reply(&sent));
            spawn_blocking(reply).await.unwrap_or_else(|_| Refusal::StorageFailed.into())
        }
    };
    let is_script = wants_json(headers);
    match answer {
        ReplyAnswer::Accepted { location, message } if is_script => {
            let told = json!({ "status": "pending", "message": message, "location": location });
            response::json(StatusCode::OK, &told)
        }
        ReplyAnswer::Accepted { location, .. } => response::redirect(StatusCode::SEE_OTHER, &location),
        ReplyAnswer::Refused { status, message } => {
            let status = StatusCode::from_u16(status).ok().filter(|it| it.is_client_error() || it.is_server_error());
            let status = status.unwrap_or(StatusCode::BAD_REQUEST);
            if is_script {
                return response::json(status, &json!({ "status": "refused", "message": message }));
            }
            let back = came_from(headers).unwrap_or_else(|| preview.stage.base_path());
            response::page(&Method::POST, status, pages::refused(&message, &back))
        }
    }
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
