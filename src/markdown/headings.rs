//! Headings: their ids, the links to them, and the table of contents.

use std::borrow::Cow;

use pulldown_cmark::CowStr;
use serde::Serialize;

use super::html::{Edits, raw_attributes};
use super::writer::{push_attribute, push_number};

/// One heading in a table of contents, as templates see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Heading {
    /// The level, from 1 to 6.
    pub level: u32,
    /// The id, unique in its page.
    pub id: String,
    /// The page's address with the id as its anchor.
    pub permalink: String,
    /// The text without markup.
    pub title: String,
    /// The headings below it, up to the next one of its own level or a higher one.
    pub children: Vec<Heading>,
}

/// Adds a heading to a table of contents, below the last one of a higher level.
pub(super) fn add(toc: &mut Vec<Heading>, heading: Heading) {
    match toc.last_mut() {
        Some(parent) if parent.level < heading.level => add(&mut parent.children, heading),
        _ => toc.push(heading),
    }
}

/// A heading whose text is being written.
pub(super) struct OpenHeading<'a> {
    pub level: u32,
    pub id: Option<CowStr<'a>>,
    pub classes: Vec<CowStr<'a>>,
    /// Where in the output its text begins.
    pub start: usize,
    /// The text without markup.
    pub title: String,
    /// Whether it contains a link. Links do not nest, so the heading cannot be a link itself.
    pub has_link: bool,
}

impl OpenHeading<'_> {
    /// Returns the opening tag.
    pub fn opening_tag(&self, id: &str) -> String {
        let mut out = String::with_capacity(id.len() + 16);
        out.push_str("<h");
        push_number(&mut out, self.level);
        out.push_str(" id=\"");
        push_attribute(&mut out, id);
        out.push('"');
        for (index, class) in self.classes.iter().enumerate() {
            out.push_str(if index == 0 { " class=\"" } else { " " });
            push_attribute(&mut out, class);
        }
        out.push_str(if self.classes.is_empty() { ">" } else { "\">" });
        out
    }
}

/// Returns the opening tag of the first link in some HTML, for a link around a whole heading. It gets no label, because
/// the heading is its label.
pub(super) fn opening_link_tag(html: &str) -> Option<Cow<'_, str>> {
    let tag = first_link(html)?;
    let mut edits = Edits::of(tag);
    for attribute in raw_attributes(&tag[2..tag.len() - 1]) {
        if ["aria-label", "title"].iter().any(|name| attribute.name.eq_ignore_ascii_case(name)) {
            edits.remove(attribute.whole);
        }
    }
    Some(edits.finish().map_or(Cow::Borrowed(tag), Cow::Owned))
}

/// Returns the opening tag of the first link in some HTML.
pub(super) fn first_link(html: &str) -> Option<&str> {
    let start = html.match_indices('<').map(|(at, _)| at).find(|at| {
        let mut tag = html[at + 1..].chars();
        matches!(tag.next(), Some('a' | 'A')) && tag.next().is_some_and(|c| c.is_ascii_whitespace() || c == '>')
    })?;
    let end = memchr::memchr(b'>', &html.as_bytes()[start..])?;
    Some(&html[start..=start + end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toc(levels: &[u32]) -> String {
        fn show(headings: &[Heading]) -> String {
            let one = |h: &Heading| match h.children.is_empty() {
                true => h.level.to_string(),
                false => format!("{}({})", h.level, show(&h.children)),
            };
            headings.iter().map(one).collect::<Vec<_>>().join(" ")
        }
        let mut toc = Vec::new();
        for &level in levels {
            let (id, permalink, title) = Default::default();
            add(&mut toc, Heading { level, id, permalink, title, children: Vec::new() });
        }
        show(&toc)
    }

    #[test]
    fn headings_nest_by_their_levels() {
        assert_eq!(toc(&[1, 1, 1]), "1 1 1");
        assert_eq!(toc(&[1, 2, 2, 3, 2, 1, 2, 3, 3]), "1(2 2(3) 2) 1(2(3 3))");
        assert_eq!(toc(&[1, 2, 3, 4, 5, 4]), "1(2(3(4(5) 4)))");
        // Levels can be skipped, and can begin anywhere.
        assert_eq!(toc(&[2, 4, 3, 2, 1, 6]), "2(4 3) 2 1(6)");
        assert_eq!(toc(&[3, 2, 2, 3, 2, 1, 4]), "3 2 2(3) 2 1(4)");
    }

    #[test]
    fn the_first_link_of_a_template() {
        for (html, link) in [
            ("<a class=\"x\" href=\"#y\">🔗</a>", Some("<a class=\"x\" href=\"#y\">")),
            ("<b><abbr>x</abbr> <A\nhref=#z>", Some("<A\nhref=#z>")),
            ("<a>", Some("<a>")),
            ("<a href=\"#x\" aria-label=\"x\" class=y>#</a>", Some("<a href=\"#x\" class=y>")),
            ("<a href", None),
            (" (in en)", None),
        ] {
            assert_eq!(opening_link_tag(html).as_deref(), link);
        }
    }
}
