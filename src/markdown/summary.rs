//! The summary: the part of a page before `<!-- more -->`.

use std::ops::Range;

use memchr::memmem;

use super::open_elements::open_elements;
use super::writer::Writer;

/// The element that marks the end of the summary in a page's content.
pub(super) const CONTINUE_READING: &str = "<span id=\"continue-reading\"></span>";

/// The id of that element.
pub(super) const CONTINUE_READING_ID: &str = "continue-reading";

/// Finds the comment that ends the summary, which consists of the one word `more`.
pub(super) fn marker(html: &str) -> Option<Range<usize>> {
    let mut from = 0;
    loop {
        let start = from + memmem::find(&html.as_bytes()[from..], b"<!--")?;
        from = start + 4;
        let inner = html[from..].trim_start();
        let Some((word, rest)) = inner.split_at_checked(4) else { continue };
        let rest = rest.trim_start();
        if word.eq_ignore_ascii_case("more") && rest.starts_with("-->") {
            return Some(start..html.len() - rest.len() + 3);
        }
    }
}

/// Ends the summary that `html` is the beginning of, by closing its open elements.
///
/// `cutoff` is called with the HTML so far if the summary ends inside of an element.
pub(super) fn close<E>(
    writer: &Writer,
    html: &str,
    cutoff: impl FnOnce(&str) -> Result<String, E>,
) -> (String, Option<E>) {
    let mut summary = without_footnote_references(html);
    summary.truncate(summary.trim_end().len());
    let mut problem = None;
    let open = open_elements(&summary);
    if open.is_empty() {
        return (summary, problem);
    }
    let closing: String = writer.open.iter().rev().map(|tag| writer.closing(*tag)).collect();
    let closing = if open_elements(&format!("{summary}{closing}")).is_empty() {
        closing
    } else {
        // Raw HTML can be open, too.
        let without_text = open.iter().position(|name| !WITHOUT_TEXT.contains(&name.as_str())).unwrap_or(open.len());
        let (inner, outer) = open.split_at(without_text);
        inner.iter().for_each(|name| push_end(&mut summary, name));
        let mut closing = String::new();
        outer.iter().for_each(|name| push_end(&mut closing, name));
        closing
    };
    match cutoff(&summary) {
        Ok(html) => summary.push_str(&html),
        Err(error) => problem = Some(error),
    }
    summary.push_str(&closing);
    (summary, problem)
}

/// Elements that would not show a text at its place.
const WITHOUT_TEXT: [&str; 22] = [
    "colgroup", "iframe", "math", "noembed", "noframes", "object", "optgroup", "option", "audio", "script", "select",
    "style", "svg", "table", "tbody", "template", "textarea", "tfoot", "thead", "title", "tr", "video",
];

fn push_end(html: &mut String, name: &str) {
    html.push_str("</");
    html.push_str(name);
    html.push('>');
}

/// Removes the references to footnotes, which are not part of a summary.
fn without_footnote_references(html: &str) -> String {
    const START: &str = "<sup class=\"footnote-reference\"";
    const END: &str = "</a></sup>";
    let mut out = String::with_capacity(html.len() + 64);
    let mut rest = html;
    while let Some(start) = memmem::find(rest.as_bytes(), START.as_bytes()) {
        let Some(end) = memmem::find(&rest.as_bytes()[start..], END.as_bytes()) else { break };
        out.push_str(&rest[..start]);
        rest = &rest[start + end + END.len()..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_a_comment_with_one_word() {
        for html in ["<!-- more -->", "<!--more-->", "<!-- MORE-->", "<!--\n\tmore\n-->", "<!-- moré --><!-- more -->"]
        {
            assert!(marker(html).is_some(), "{html}");
        }
        for html in ["<!-- more or less -->", "<!-- no more -->", "<!-- more ", "<!--", "more", "<!-- é more -->"] {
            assert!(marker(html).is_none(), "{html}");
        }
        assert_eq!(marker("a <!-- more --> b"), Some(2..15));
    }

    #[test]
    fn references_to_footnotes_are_left_out() {
        let html = "a<sup class=\"footnote-reference\"><a href=\"#1\">1</a></sup>b\
                    <sup class=\"footnote-reference\" id=\"x\"><a href=\"#2\">[2]</a></sup>c<sup>2</sup>";
        assert_eq!(without_footnote_references(html), "abc<sup>2</sup>");
        let open = "a<sup class=\"footnote-reference\">";
        assert_eq!(without_footnote_references(open), open);
    }
}
