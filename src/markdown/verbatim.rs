//! The HTML elements in which white space counts.

/// An HTML element in which white space counts, or a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerbatimElement {
    /// `<pre>`
    Pre,
    /// `<textarea>`
    Textarea,
    /// `<script>`
    Script,
    /// `<style>`
    Style,
    /// `<!-- -->`, in which no element begins.
    Comment,
}

/// What each begins and ends with.
const ELEMENTS: [(VerbatimElement, &str, &str); 5] = [
    (VerbatimElement::Pre, "<pre", "</pre"),
    (VerbatimElement::Textarea, "<textarea", "</textarea"),
    (VerbatimElement::Script, "<script", "</script"),
    (VerbatimElement::Style, "<style", "</style"),
    (VerbatimElement::Comment, "<!--", "-->"),
];

/// A piece of HTML, and the element whose content it is.
pub type HtmlSegment<'t> = (Option<VerbatimElement>, &'t str);

/// Splits HTML, which begins inside of the element `open`, into segments. Also returns the element that is open at the
/// end. The tags of an element are not part of its segment.
pub fn segments(html: &str, mut open: Option<VerbatimElement>) -> (Vec<HtmlSegment<'_>>, Option<VerbatimElement>) {
    let mut found = Vec::new();
    let mut rest = html;
    loop {
        let next = match open {
            Some(element) => find_end(element, rest).map(|at| (at, None)),
            None => find_start(rest).map(|(at, element)| (at, Some(element))),
        };
        let Some((at, element)) = next else { break };
        found.push((open, &rest[..at]));
        (rest, open) = (&rest[at..], element);
    }
    found.push((open, rest));
    (found, open)
}

/// Finds the first such element in some HTML, and where its content begins.
fn find_start(html: &str) -> Option<(usize, VerbatimElement)> {
    memchr::memchr_iter(b'<', html.as_bytes()).find_map(|at| {
        let (element, start, _) = ELEMENTS.into_iter().find(|(_, start, _)| has_tag(&html[at..], start))?;
        let behind = at + start.len();
        let content = match element {
            VerbatimElement::Comment => behind,
            _ => html[behind..].find('>').map_or(html.len(), |end| behind + end + 1),
        };
        Some((content, element))
    })
}

/// Finds the end of an element's content.
fn find_end(element: VerbatimElement, html: &str) -> Option<usize> {
    let (.., end) = ELEMENTS.into_iter().find(|(of, ..)| *of == element)?;
    let first = *end.as_bytes().first()?;
    memchr::memchr_iter(first, html.as_bytes()).find(|&at| has_tag(&html[at..], end))
}

/// Whether some HTML begins with a tag, in any case.
fn has_tag(html: &str, tag: &str) -> bool {
    let bytes = html.as_bytes();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let is_comment = !tag.ends_with(|c: char| c.is_ascii_alphabetic());
    bytes.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()))
        && (is_comment || !bytes.get(tag.len()).is_some_and(is_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_with_their_content() {
        use VerbatimElement::{Comment, Pre, Script, Textarea};
        let of = |html| segments(html, None).0;
        assert_eq!(of("a <b>"), [(None, "a <b>")]);
        assert_eq!(
            of("é<PRE\nclass=b>c<i></Pre >d<preview><textarea>"),
            [
                (None, "é<PRE\nclass=b>"),
                (Some(Pre), "c<i>"),
                (None, "</Pre >d<preview><textarea>"),
                (Some(Textarea), "")
            ]
        );
        assert_eq!(
            of("<script>'<pre>'</script><!--<pre>-->"),
            [
                (None, "<script>"),
                (Some(Script), "'<pre>'"),
                (None, "</script><!--"),
                (Some(Comment), "<pre>"),
                (None, "-->")
            ]
        );
        assert_eq!(
            segments("a</pre><pre", Some(Pre)),
            (vec![(Some(Pre), "a"), (None, "</pre><pre"), (Some(Pre), "")], Some(Pre))
        );
    }
}
