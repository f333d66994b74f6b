//! The summary: what stands before `<!-- more -->`.

use std::ops::Range;

use memchr::memmem;

use super::writer::Writer;

/// What stands in a page's content where its summary ends.
pub(super) const CONTINUE_READING: &str = "<span id=\"continue-reading\"></span>";

/// Where in some HTML the mark of the summary's end is: a comment with the one word `more`.
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

/// The summary of which `html` is the beginning, with the elements closed that are open in it.
///
/// `cutoff` is called, with the HTML so far, where the summary ends inside of an element.
pub(super) fn close<E>(
    writer: &Writer,
    html: &str,
    cutoff: impl FnOnce(&str) -> Result<String, E>,
) -> (String, Option<E>) {
    let mut summary = without_footnote_references(html);
    summary.truncate(summary.trim_end().len());
    let mut problem = None;
    if !writer.open.is_empty() {
        match cutoff(&summary) {
            Ok(html) => summary.push_str(&html),
            Err(error) => problem = Some(error),
        }
    }
    for tag in writer.open.iter().rev() {
        summary.push_str(writer.closing(*tag));
    }
    (summary, problem)
}

/// Footnotes are not part of a summary, so neither are the links to them.
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
