//! Headings: their ids, the links to them, and the table of contents.

use pulldown_cmark::CowStr;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

use super::writer::{push_attribute, push_number};

/// One heading of a table of contents, as templates see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Heading {
    /// From 1 to 6.
    pub level: u32,
    /// Its id, unique in its page.
    pub id: String,
    /// The page's address with the id as its anchor.
    pub permalink: String,
    /// Its text, without any markup.
    pub title: String,
    /// The headings below it, up to the next one of its own level or a higher one.
    pub children: Vec<Heading>,
}

/// Adds a heading to a table of contents, below the last one that is of a higher level.
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
    /// Its text, without any markup.
    pub title: String,
    /// Whether there is a link in it. Links do not nest, so it cannot be one itself.
    pub has_link: bool,
}

impl OpenHeading<'_> {
    /// Its opening tag.
    pub fn opening(&self, id: &str) -> String {
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

/// The ids of a page's headings, which are unique.
pub(super) struct Ids<'a> {
    taken: FxHashSet<String>,
    /// For each id that was asked for twice, the number to try next.
    next: FxHashMap<String, usize>,
    /// Whether the page has an id around the text.
    is_around: &'a dyn Fn(&str) -> bool,
}

impl<'a> Ids<'a> {
    /// None yet, in a page that may have some around the text.
    pub fn within(is_around: &'a dyn Fn(&str) -> bool) -> Self {
        Self { taken: FxHashSet::default(), next: FxHashMap::default(), is_around }
    }

    /// Takes an id that the author chose. False if it is taken already.
    pub fn reserve(&mut self, id: &str) -> bool {
        self.taken.insert(id.to_owned())
    }

    /// An id made from a heading's text, with a number behind it if that is taken: `text`, `text-1`, `text-2`.
    pub fn make(&mut self, slug: String) -> String {
        // An id may be anything but empty.
        let slug = if slug.is_empty() { "section".to_owned() } else { slug };
        if !(self.is_around)(&slug) && self.taken.insert(slug.clone()) {
            return slug;
        }
        let number = self.next.entry(slug.clone()).or_insert(1);
        loop {
            let id = format!("{slug}-{number}");
            *number += 1;
            if self.taken.insert(id.clone()) {
                return id;
            }
        }
    }

    /// All of them.
    pub fn into_inner(self) -> impl Iterator<Item = String> {
        self.taken.into_iter()
    }
}

/// The opening tag of the first link in some HTML.
pub(super) fn opening_link(html: &str) -> Option<&str> {
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
        // Levels may be left out, and begin anywhere.
        assert_eq!(toc(&[2, 4, 3, 2, 1, 6]), "2(4 3) 2 1(6)");
        assert_eq!(toc(&[3, 2, 2, 3, 2, 1, 4]), "3 2 2(3) 2 1(4)");
    }

    #[test]
    fn ids_are_made_unique() {
        let mut ids = Ids::within(&|_| false);
        assert!(ids.reserve("b-1") && !ids.reserve("b-1"));
        let mut made = |slug: &str| ids.make(slug.to_owned());
        assert_eq!(
            ["a", "a", "a", "a-1", "b", "b", ""].map(&mut made),
            ["a", "a-1", "a-2", "a-1-1", "b", "b-2", "section"]
        );
    }

    #[test]
    fn the_first_link_of_a_template() {
        for (html, link) in [
            ("<a class=\"x\" href=\"#y\">🔗</a>", Some("<a class=\"x\" href=\"#y\">")),
            ("<b><abbr>x</abbr> <A\nhref=#z>", Some("<A\nhref=#z>")),
            ("<a>", Some("<a>")),
            ("<a href", None),
            (" (in en)", None),
        ] {
            assert_eq!(opening_link(html), link);
        }
    }
}
