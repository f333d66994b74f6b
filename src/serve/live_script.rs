//! The element that makes a page a live page, and the tags that it holds.

use bytes::Bytes;

use crate::source::Fingerprint;

/// The address of the script.
pub const SCRIPT: &str = "/-/live.js";

/// The tag of a page that cannot be rendered.
pub const BROKEN: &str = "broken";

/// Returns the tag of a version of a file: its fingerprint, as pages and caches hold it.
pub fn tag(fingerprint: Fingerprint) -> String {
    fingerprint.to_string()
}

/// Returns the tag of a missing page, from the tag of the page that is shown in its place.
pub fn missing_tag(shown: Option<&str>) -> String {
    format!("missing-{}", shown.unwrap_or_default())
}

/// Returns the script element of a live page. A tag holds no character that has a meaning in HTML.
pub fn element(tag: &str) -> String {
    format!("<script type=\"module\" src=\"{SCRIPT}\" data-live=\"{tag}\"></script>")
}

/// Inserts the script element into a page: before the end of its body, or at its end.
pub fn insert(html: &Bytes, tag: &str) -> Bytes {
    let element = element(tag);
    let end = b"</body";
    let position = memchr::memrchr_iter(b'<', html)
        .find(|&at| html.get(at..at + end.len()).is_some_and(|name| name.eq_ignore_ascii_case(end)))
        .unwrap_or(html.len());
    [&html[..position], element.as_bytes(), &html[position..]].concat().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_comes_before_the_end_of_the_body() {
        let script = "<script type=\"module\" src=\"/-/live.js\" data-live=\"7\"></script>";
        let inserted = |html: &'static str| {
            let bytes = insert(&Bytes::from_static(html.as_bytes()), "7");
            String::from_utf8(bytes.to_vec()).expect("still UTF-8")
        };
        assert_eq!(inserted("<body><p>a</body></html>"), format!("<body><p>a{script}</body></html>"));
        assert_eq!(inserted("<p>a</BODY >\n"), format!("<p>a{script}</BODY >\n"));
        assert_eq!(inserted("<p>a"), format!("<p>a{script}"));
        assert_eq!(inserted(""), script);
        assert_eq!(inserted("<!-- </body> --></body>"), format!("<!-- </body> -->{script}</body>"));
        assert_eq!(inserted("a</bod"), format!("a</bod{script}"));
    }
}
