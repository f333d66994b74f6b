//! HTML without needless white space.
//!
//! A page says the same with and without: a run of white space becomes one space or line break, and is never removed between
//! two elements, because whether it shows there depends on the style. Content of `pre`, scripts and styles stays as it is.

use memchr::memmem;

use crate::markdown::html::{Token, Tokens, attributes, raw_attributes};

/// Elements whose content is shown as it is written.
const VERBATIM: [&str; 3] = ["pre", "listing", "textarea"];

/// Minifies a page.
pub fn minify_html(html: &str) -> String {
    let mut minified = String::with_capacity(html.len());
    let mut tokens = Tokens::of(html);
    // The open elements since one whose white space counts.
    let mut verbatim: Vec<String> = Vec::new();
    let mut is_raw = false;
    loop {
        let before = tokens.position();
        let Some(token) = tokens.next() else {
            minified.push_str(&html[before..]);
            return minified;
        };
        // What stands between two tokens is the content of a script or style, or comments.
        let between = &html[before..tokens.token_start()];
        if is_raw || !is_plain_comment(between) {
            minified.push_str(between);
        }
        let written = &html[tokens.token_start()..tokens.position()];
        is_raw = tokens.is_raw_text_next();
        match token {
            Token::Text(_) if verbatim.is_empty() => push_collapsed(&mut minified, written),
            Token::Start { name, attributes, is_empty } => {
                let counts = VERBATIM.contains(&&*name) || has_white_space_style(attributes);
                if !is_empty && (counts || !verbatim.is_empty()) {
                    verbatim.push(name.to_string());
                }
                push_tag(&mut minified, written, attributes);
            }
            Token::End { name } => {
                if let Some(at) = verbatim.iter().rposition(|open| *open == *name) {
                    verbatim.truncate(at);
                }
                minified.push_str(written);
            }
            Token::Text(_) => minified.push_str(written),
        }
    }
}

/// Whether an element says itself how its white space is shown.
fn has_white_space_style(tag: &str) -> bool {
    attributes(tag).any(|(name, value)| {
        let value = value.to_ascii_lowercase();
        name.eq_ignore_ascii_case("style") && value.contains("white-space")
            || name.eq_ignore_ascii_case("contenteditable")
            || name.eq_ignore_ascii_case("xml:space")
    })
}

/// Whether a text is one or more comments that mean nothing to a browser, not even to an old one, and nothing else.
fn is_plain_comment(text: &str) -> bool {
    let mut rest = text;
    while let Some(comment) = rest.strip_prefix("<!--") {
        let Some(end) = memmem::find(comment.as_bytes(), b"-->") else { return false };
        if comment.starts_with(['[', '<', '>', '-', '!', '#']) {
            return false;
        }
        rest = &comment[end + 3..];
    }
    rest.is_empty()
}

/// Adds a text in which each run of white space is one character.
fn push_collapsed(minified: &mut String, text: &str) {
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_whitespace()) {
        minified.push_str(&rest[..start]);
        let length = rest[start..].find(|c: char| !c.is_ascii_whitespace()).unwrap_or(rest.len() - start);
        let run = &rest[start..start + length];
        // What stands before it may have been a comment between two runs.
        if !minified.ends_with(|c: char| c.is_ascii_whitespace()) {
            minified.push(if run.contains('\n') { '\n' } else { ' ' });
        }
        rest = &rest[start + length..];
    }
    minified.push_str(rest);
}

/// Adds the beginning of an element, with one space before each attribute.
fn push_tag(minified: &mut String, written: &str, attributes: &str) {
    let has_run = attributes.as_bytes().windows(2).any(|pair| pair.iter().all(u8::is_ascii_whitespace));
    if !has_run && !attributes.contains(['\n', '\t', '\r']) {
        minified.push_str(written);
        return;
    }
    let name = &written[..written.len() - 1 - attributes.len()];
    minified.push_str(name);
    let mut last = "";
    for attribute in raw_attributes(attributes) {
        minified.push(' ');
        minified.push_str(attribute.whole);
        last = attribute.whole;
    }
    if attributes.trim_end().ends_with('/') && !last.ends_with('/') {
        minified.push_str(" /");
    }
    minified.push('>');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_becomes_one_character() {
        for (html, expected) in [
            ("<p>\n  a   b\t<b>c</b>  <i>d</i>\n\n</p>\n", "<p>\na b <b>c</b> <i>d</i>\n</p>\n"),
            ("a\u{a0} \u{a0}b", "a\u{a0} \u{a0}b"),
            ("<!doctype html>\n\n<html>", "<!doctype html>\n<html>"),
            ("a <!-- note --> b", "a b"),
            ("<!-- a --><!-- b --><p>", "<p>"),
            ("<!--[if IE]> <p>  old </p> <![endif]-->", "<!--[if IE]> <p>  old </p> <![endif]-->"),
            ("<ul>\n  <li>a</li>\n  <li>b</li>\n</ul>", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
            ("a < b  &&  c", "a < b && c"),
            ("<!--  never closed", "<!--  never closed"),
            ("<a  never=\"closed", "<a  never=\"closed"),
        ] {
            assert_eq!(minify_html(html), expected, "{html}");
            assert_eq!(minify_html(expected), expected, "{html}");
        }
    }

    #[test]
    fn what_is_shown_as_it_is_written_stays() {
        for html in [
            "<pre>\n a\n\n  <code>b\n\n  c</code>\n\n</pre>",
            "<pre><pre> a  </pre> b  </pre>",
            "<script>\nif (a  <  b)  {\n\n}\n// <p>  </script>",
            "<script>a = '<!-- x -->';\n\n</script>",
            "<style>\n\na  {  }\n</style>",
            "<textarea>\n\n a  b</textarea>",
            "<title>a  b</title>",
            "<p style=\"White-Space: pre\">a  <b>b  c</b>  d</p>",
            "<div contenteditable>a  b</div>",
            "<p title=\"a  b\">",
            "<svg><path d=\"M0 0\"/></svg>",
        ] {
            assert_eq!(minify_html(html), html);
        }
        assert_eq!(minify_html("<pre>a  <br>  b</pre>  c  d"), "<pre>a  <br>  b</pre> c d");
        assert_eq!(minify_html("<pre><b>a  </pre>  c  d"), "<pre><b>a  </pre> c d");
    }

    #[test]
    fn attributes_have_one_space_between_them() {
        for (html, expected) in [
            ("<a\n   href=\"/x  y\"\n   hidden\n>", "<a href=\"/x  y\" hidden>"),
            ("<path  d='M0  0'\n />", "<path d='M0  0' />"),
            ("<a  href=/x/>", "<a href=/x/>"),
            ("<a  href=x title = \"y  z\">", "<a href=x title = \"y  z\">"),
        ] {
            assert_eq!(minify_html(html), expected);
        }
    }
}
