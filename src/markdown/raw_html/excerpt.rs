//! Excerpts of a page, for lists of pages.

use std::cell::LazyCell;

use rustc_hash::FxHashSet;

use super::{PageContext, format_attribute};
use crate::markdown::html::{Edits, Token, Tokens, attributes, raw_attributes, unescape};
use crate::markdown::writer::push_attribute;

impl PageContext<'_> {
    /// Makes an excerpt of a page fit for a list of pages. Links to its anchors lead to the page, and no element keeps
    /// an id that another excerpt in the list may have. Ids that the excerpt itself refers to get the path of the page
    /// as a prefix.
    pub fn excerpt(&self, html: String) -> String {
        if self.is_as_written {
            return html;
        }
        let mut edits = Edits::of(&html);
        let renaming = LazyCell::new(|| Renaming { prefix: self.id_prefix(), ids: own_references(&html) });
        for token in Tokens::of(&html) {
            let Token::Start { name: element, attributes: all, .. } = token else { continue };
            let is_heading = matches!(element.as_bytes(), [b'h', b'1'..=b'6']);
            for attribute in raw_attributes(all) {
                let name = attribute.name.to_ascii_lowercase();
                if name == "id" {
                    match renaming.id(&unescape(attribute.value)).filter(|_| !is_heading) {
                        Some(id) => edits.replace(attribute.whole, &format_attribute(&attribute, &escaped(&id))),
                        None => edits.remove(attribute.whole),
                    }
                } else if is_link(&element, &name) {
                    if attribute.value.starts_with('#')
                        && let Some(address) = self.address(&element, &name, attribute.value)
                    {
                        edits.replace(attribute.whole, &format_attribute(&attribute, &address));
                    }
                } else if (names_ids(&name) || attribute.value.contains('#'))
                    && let Some(value) = renaming.references(&name, &unescape(attribute.value))
                {
                    edits.replace(attribute.whole, &format_attribute(&attribute, &escaped(&value)));
                }
            }
        }
        edits.finish().unwrap_or(html)
    }

    /// Returns the path of the page as the prefix of ids.
    fn id_prefix(&self) -> String {
        let path = self.permalink.split_once("://").map_or(self.permalink, |(_, rest)| rest);
        let path = path.split_once('/').map_or("", |(_, path)| path).trim_matches('/');
        path.replace(|c: char| !c.is_alphanumeric(), "-") + "--"
    }
}

/// New ids for the elements of an excerpt that the excerpt itself refers to.
struct Renaming {
    /// The prefix of the page's ids.
    prefix: String,
    /// The ids that exist in the excerpt and are referred to.
    ids: FxHashSet<String>,
}

impl Renaming {
    /// Returns the new id of an element; none if nothing refers to it.
    fn id(&self, id: &str) -> Option<String> {
        self.ids.contains(id).then(|| format!("{}{id}", self.prefix))
    }

    /// Replaces the ids in the value of an attribute; none if it names none.
    fn references(&self, name: &str, value: &str) -> Option<String> {
        if names_ids(name) {
            let ids = value.split_ascii_whitespace().map(|id| self.id(id).unwrap_or_else(|| id.to_owned()));
            return Some(ids.collect::<Vec<_>>().join(" "));
        }
        let mut renamed = String::with_capacity(value.len());
        for (place, piece) in value.split('#').enumerate() {
            if place > 0 {
                // After an address, the fragment belongs to another document.
                let before = renamed.trim_end_matches(['"', '\'', ' ']);
                let is_own = before.is_empty() || before.ends_with("url(");
                renamed.push('#');
                if is_own && self.ids.contains(fragment(piece)) {
                    renamed.push_str(&self.prefix);
                }
            }
            renamed.push_str(piece);
        }
        (renamed != value).then_some(renamed)
    }
}

/// Whether the value of an attribute is a list of ids.
fn names_ids(attribute: &str) -> bool {
    const NAMES: [&str; 8] =
        ["for", "form", "list", "headers", "itemref", "popovertarget", "commandfor", "contextmenu"];
    const ARIA: [&str; 7] = [
        "aria-labelledby",
        "aria-describedby",
        "aria-controls",
        "aria-owns",
        "aria-flowto",
        "aria-details",
        "aria-activedescendant",
    ];
    NAMES.contains(&attribute) || ARIA.contains(&attribute)
}

/// Whether an attribute is a link. Other references name parts of a drawing.
fn is_link(element: &str, attribute: &str) -> bool {
    matches!(element, "a" | "area") && matches!(attribute, "href" | "xlink:href")
}

/// Returns the id at the beginning of the text after a `#`.
fn fragment(text: &str) -> &str {
    text.split(|c: char| c.is_ascii_whitespace() || matches!(c, ')' | '"' | '\'')).next().unwrap_or_default()
}

/// Escapes a value for an attribute.
fn escaped(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    push_attribute(&mut escaped, value);
    escaped
}

/// Collects the ids in some HTML that other elements in it refer to: as labels, descriptions, parts of drawings.
fn own_references(html: &str) -> FxHashSet<String> {
    let (mut ids, mut referred) = (FxHashSet::default(), FxHashSet::default());
    for token in Tokens::of(html) {
        let Token::Start { name: element, attributes: all, .. } = token else { continue };
        for (name, value) in attributes(all) {
            let name = name.to_ascii_lowercase();
            if name == "id" {
                ids.insert(value.into_owned());
            } else if names_ids(&name) {
                referred.extend(value.split_ascii_whitespace().map(str::to_owned));
            } else if !is_link(&element, &name) {
                referred.extend(value.split('#').skip(1).map(|name| fragment(name).to_owned()));
            }
        }
    }
    ids.retain(|id| referred.contains(id));
    ids
}

#[cfg(test)]
mod tests {
    use super::super::tests::page;

    #[test]
    fn an_excerpt_keeps_only_ids_that_it_refers_to() {
        page("https://a.example/p/", |page| {
            for (html, expected) in [
                ("<h2 id=\"a\">a</h2> <a href=\"#a\">b</a>", "<h2>a</h2> <a href=\"https://a.example/p/#a\">b</a>"),
                ("<a id=a></a><p id=\"b\" class=c>", "<a></a><p class=c>"),
                (
                    "<label for=a></label><input id=a><svg><g id=b /><use href=#b /><g fill='url(#c)'><g id=c></svg>",
                    "<label for=\"p--a\"></label><input id=\"p--a\"><svg><g id=\"p--b\" /><use href=\"#p--b\" />\
                     <g fill=\"url(#p--c)\"><g id=\"p--c\"></svg>",
                ),
                // References to other documents stay, and so does text that names no element here.
                (
                    "<svg><use href=#icon /><use href='x.svg#g'/><g id=g /><i fill='url( \"#g\" )' aria-label='g #1'></svg>",
                    "<svg><use href=#icon /><use href='x.svg#g'/><g id=\"p--g\" />\
                     <i fill=\"url( &quot;#p--g&quot; )\" aria-label='g #1'></svg>",
                ),
            ] {
                assert_eq!(page.excerpt(html.to_owned()), expected);
            }
        });
    }
}
