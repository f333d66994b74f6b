//! Replies: the forms that pages of the preview post.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::header::{HOST, REFERER};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use serde_json::json;
use tokio::task::spawn_blocking;

use super::pages;
use super::site_view::ReplyOutcome;
use super::state::ServerState;
use crate::http::accept::wants_json;
use crate::http::body::ReceivedBody;
use crate::http::origin::RequestOrigin;
use crate::http::response;
use crate::replies::Refusal;

/// Accepts a posted form, if a page of this server sent it.
pub async fn accept(state: Arc<ServerState>, request: Request) -> Response {
    let (request, body) = request.into_parts();
    let headers = &request.headers;
    let received = ReceivedBody::read(headers, body).await;
    let view = Arc::clone(&state.view);
    let outcome = match received {
        _ if !is_from_here(headers) => ReplyOutcome::from(Refusal::Foreign),
        Err(refusal) => refusal.into(),
        Ok(received) => {
            let reply = move || received.submission().map_or_else(ReplyOutcome::from, |sent| view.reply(&sent));
            spawn_blocking(reply).await.unwrap_or_else(|_| Refusal::StorageFailed.into())
        }
    };
    let is_script = wants_json(headers);
    match outcome {
        ReplyOutcome::Accepted { location, message } if is_script => {
            let body = json!({ "status": "pending", "message": message, "location": location });
            response::json(StatusCode::OK, &body)
        }
        ReplyOutcome::Accepted { location, .. } => response::redirect(StatusCode::SEE_OTHER, &location),
        ReplyOutcome::Refused { status, message } => {
            let status = response::error_status(status);
            if is_script {
                return response::json(status, &json!({ "status": "refused", "message": message }));
            }
            let back = referring_path(headers).unwrap_or_else(|| state.view.base_path());
            response::html(status, pages::refused(&message, &back))
        }
    }
}

/// Whether a form was sent by a page of this server, or by no page at all.
///
/// Of a page that hides where its visitors come from, the origin is `null`, and only the other header states that it is a
/// page of this server.
pub fn is_from_here(headers: &HeaderMap) -> bool {
    let Some(from) = RequestOrigin::of(headers) else { return false };
    let site = from.fetch_site.map(|site| site == "same-origin");
    match from.origin {
        _ if site == Some(false) => false,
        None => true,
        Some("null") => site == Some(true),
        Some(_) => host(headers).is_some_and(|host| from.is(&format!("http://{host}"))),
    }
}

/// Returns the path of the page that sent a form.
fn referring_path(headers: &HeaderMap) -> Option<String> {
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
    use axum::http::HeaderName;
    use axum::http::header::ORIGIN;

    use super::*;
    use crate::http::origin::SEC_FETCH_SITE;

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
            &[(ORIGIN, "http://localhost:1111"), (ORIGIN, "http://localhost:1111")],
            &[(ORIGIN, "http://localhost:1111"), (ORIGIN, "http://example.org")],
            &[(SEC_FETCH_SITE, "same-origin"), (SEC_FETCH_SITE, "cross-site")],
            &[(SEC_FETCH_SITE, "é")],
            &[(ORIGIN, "http://é.example"), (SEC_FETCH_SITE, "same-origin")],
        ] {
            assert!(!is_from_here(&headers(bad)), "{bad:?}");
        }
    }

    #[test]
    fn the_path_back_stays_on_this_server() {
        let back = |referer| referring_path(&headers(&[(REFERER, referer)]));
        assert_eq!(back("http://localhost:1111/posts/tea/?a=b"), Some("/posts/tea/?a=b".to_owned()));
        assert_eq!(back("http://localhost:1111"), Some("/".to_owned()));
        for bad in ["", "/posts/", "http://example.org/", "http://localhost:1111//example.org/", "javascript:alert(1)"]
        {
            assert_eq!(back(bad), None, "{bad}");
        }
        assert_eq!(referring_path(&headers(&[])), None);
    }
}
