//! The `Accept` header: which media types a client wants.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

/// Whether the client is a script that reads JSON, and not a person who looks at a page.
pub fn wants_json(headers: &HeaderMap) -> bool {
    names(headers, "application/json")
}

/// Whether the client is a browser that opens a page.
pub fn wants_html(headers: &HeaderMap) -> bool {
    names(headers, "text/html")
}

/// Whether the header names a media type. A wildcard names none.
fn names(headers: &HeaderMap, media_type: &str) -> bool {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    accept.split(',').any(|part| part.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(media_type))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_name_json_and_browsers_name_html() {
        let accept = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, value.parse().expect("a header"));
            (wants_json(&headers), wants_html(&headers))
        };
        assert_eq!(accept("application/json"), (true, false));
        assert_eq!(accept("text/html, application/json;q=0.9"), (true, true));
        assert_eq!(accept("*/*"), (false, false));
        assert_eq!(accept("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"), (false, true));
        assert!(!wants_json(&HeaderMap::new()) && !wants_html(&HeaderMap::new()));
    }
}
