//! A page of another site: its elements in order, its text, and where its links lead.

use url::Url;

use super::target::PageAddress;
use crate::import::dom::{Data, Dom, NodeId};
use crate::import::html::inner_html;

/// The attributes that hold an address, by the elements that have them.
const ADDRESSES: [(&str, &[&str]); 5] = [
    ("href", &["a", "area", "link"]),
    ("src", &["img", "video", "audio", "source", "track", "iframe", "embed"]),
    ("poster", &["video"]),
    ("data", &["object"]),
    ("cite", &["blockquote", "q", "ins", "del"]),
];

/// The elements whose content no reader sees.
const INVISIBLE: [&str; 4] = ["script", "style", "template", "title"];

/// The elements that hold a passage of text.
const PASSAGES: [&str; 8] = ["p", "li", "blockquote", "dd", "dt", "td", "figcaption", "div"];

/// A longer address is no address of a page.
const MAX_BASE: usize = 2_000;

/// A page of another site.
pub struct Page {
    dom: Dom,
    /// Where the page is.
    pub url: Url,
    /// All elements in the order of the page, without those in templates.
    elements: Vec<NodeId>,
}

impl Page {
    /// Parses a page, and makes its addresses whole. None if it nests too deep, or has an address without end.
    pub fn parse(html: &str, url: &Url) -> Option<Self> {
        let mut dom = Dom::parse_page(html)?;
        let elements = elements(&dom, dom.top());
        let base = elements.iter().filter(|&&id| dom.name(id) == "base").find_map(|&id| dom.attribute(id, "href"));
        let base = base.and_then(|base| url.join(base.trim()).ok()).unwrap_or_else(|| url.clone());
        // Each relative address of the page becomes as long as this one.
        if base.as_str().len() > MAX_BASE {
            return None;
        }
        for &id in &elements {
            if let Data::Element(name, attributes) = &mut dom.node_mut(id).data {
                for (_, value) in attributes.iter_mut().filter(|(key, _)| holds_address(name, key)) {
                    // An address that cannot be made whole leads nowhere.
                    if let Ok(whole) = base.join(value.trim()) {
                        *value = whole.into();
                    }
                }
            }
        }
        Some(Self { dom, url: url.clone(), elements })
    }

    /// All elements in the order of the page.
    pub fn elements(&self) -> &[NodeId] {
        &self.elements
    }

    /// The elements within an element, without itself.
    pub fn elements_in(&self, id: NodeId) -> Vec<NodeId> {
        elements(&self.dom, &self.dom.node(id).children)
    }

    /// The name of an element.
    pub fn name(&self, id: NodeId) -> &str {
        self.dom.name(id)
    }

    /// The nodes in an element.
    pub fn children(&self, id: NodeId) -> &[NodeId] {
        &self.dom.node(id).children
    }

    /// The value of an attribute.
    pub fn attribute(&self, id: NodeId, name: &str) -> Option<&str> {
        self.dom.attribute(id, name)
    }

    /// The words of an attribute, such as its classes.
    pub fn words(&self, id: NodeId, name: &str) -> impl Iterator<Item = &str> {
        self.attribute(id, name).unwrap_or_default().split_ascii_whitespace()
    }

    /// The text of an element as readers see it, in one line.
    pub fn text(&self, id: NodeId) -> String {
        let (mut text, mut open) = (String::new(), vec![id]);
        while let Some(id) = open.pop() {
            match &self.dom.node(id).data {
                Data::Text(part) => text.push_str(part),
                Data::Comment(_) => {}
                Data::Element(name, _) => {
                    let is_inside = INVISIBLE.contains(&name.as_str());
                    if !matches!(name.as_str(), "a" | "b" | "i" | "em" | "strong" | "span" | "code" | "abbr" | "data") {
                        text.push(' ');
                    }
                    if !is_inside {
                        open.extend(self.dom.node(id).children.iter().rev());
                    }
                }
            }
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// What stands in an element, as HTML with whole addresses.
    pub fn html(&self, id: NodeId) -> String {
        inner_html(&self.dom, &self.dom.node(id).children)
    }

    /// The title of the page.
    pub fn title(&self) -> Option<String> {
        let id = self.elements.iter().copied().find(|&id| self.name(id) == "title")?;
        let mut title = String::new();
        self.dom.all_text(id, &mut title);
        Some(title.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|title| !title.is_empty())
    }

    /// What the page says of itself under a name in its head.
    pub fn meta(&self, name: &str) -> Option<&str> {
        let mut found = self.elements.iter().copied().filter(|&id| self.name(id) == "meta");
        let id = found.find(|&id| self.attribute(id, "name").is_some_and(|own| own.eq_ignore_ascii_case(name)))?;
        self.attribute(id, "content").map(str::trim).filter(|text| !text.is_empty())
    }

    /// The first element that leads readers to an address or shows them what is there. What stands in the head for programs
    /// is no link.
    pub fn link_to(&self, target: &PageAddress) -> Option<NodeId> {
        let leads_there = |&id: &NodeId| {
            let name = self.name(id);
            if name == "link" && self.attribute(id, "class").is_none() {
                return false;
            }
            let attributes = ADDRESSES.iter().filter(|(key, _)| holds_address(name, key));
            attributes.into_iter().filter_map(|(key, _)| self.attribute(id, key)).any(|value| target.has(value))
                || name == "data" && self.attribute(id, "value").is_some_and(|value| target.has(value))
        };
        self.elements.iter().copied().find(leads_there)
    }

    /// The text of the passage that an element stands in.
    pub fn passage_of(&self, wanted: NodeId) -> Option<String> {
        let mut open: Vec<(NodeId, Option<NodeId>)> = self.dom.top().iter().map(|&id| (id, None)).collect();
        while let Some((id, passage)) = open.pop() {
            // What is an entry as a whole is no passage of it.
            let is_whole = self.words(id, "class").any(|class| class.starts_with("h-"));
            let passage = match PASSAGES.contains(&self.name(id)) {
                true => (!is_whole).then_some(id),
                false => passage,
            };
            if id == wanted {
                return passage.map(|id| self.text(id)).filter(|text| !text.is_empty());
            }
            open.extend(self.dom.node(id).children.iter().map(|&child| (child, passage)));
        }
        None
    }
}

fn holds_address(name: &str, key: &str) -> bool {
    ADDRESSES.iter().any(|(known, names)| *known == key && names.contains(&name))
}

fn elements(dom: &Dom, nodes: &[NodeId]) -> Vec<NodeId> {
    let (mut found, mut open) = (Vec::new(), nodes.iter().rev().copied().collect::<Vec<_>>());
    while let Some(id) = open.pop() {
        let name = dom.name(id);
        if name.is_empty() || name == "template" {
            continue;
        }
        found.push(id);
        open.extend(dom.node(id).children.iter().rev());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webmention::target::SiteAddress;

    fn address(base_url: &str, path: &str) -> PageAddress {
        PageAddress::new(SiteAddress::new(base_url).unwrap(), [path])
    }

    fn page(html: &str) -> Page {
        Page::parse(html, &Url::parse("https://ada.example/notes/tea").unwrap()).unwrap()
    }

    #[test]
    fn a_page_links_by_what_readers_can_follow_or_see() {
        let target = address("https://blog.example", "/tea/");
        for linking in [
            "<p><a href='https://blog.example/tea/'>x</a>",
            "<a href=' https://BLOG.example:443/tea/#comment-1 '>x</a>",
            "<img src=https://blog.example/tea/>",
            "<video src='//blog.example/tea/'></video>",
            "<audio><source src='//blog.example/tea/'></audio>",
            "<base href='https://blog.example/x'><a href='tea/'>x</a>",
            "<blockquote cite='https://blog.example/tea/'>x</blockquote>",
            "<data class=u-like-of value='https://blog.example/tea/'></data>",
            "<link class=u-like-of href='https://blog.example/tea/'>",
            "<a href='http://blog.example/tea'>x</a>",
            "<a href='https://blog.example/tea/index.html?from=ada'>x</a>",
        ] {
            assert!(page(linking).link_to(&target).is_some(), "{linking}");
        }
        for other in [
            "https://blog.example/tea/",
            "<!-- <a href='https://blog.example/tea/'>x</a> -->",
            "<pre>&lt;a href='https://blog.example/tea/'></pre>",
            "<script>'<a href=\"https://blog.example/tea/\">'</script>",
            "<template><a href='https://blog.example/tea/'>x</a></template>",
            "<textarea><a href='https://blog.example/tea/'>x</a></textarea>",
            "<link rel=canonical href='https://blog.example/tea/'>",
            "<a href='https://blog.example/tea/2'>x</a>",
            "<a href='https://blog.example:8080/tea/'>x</a>",
            "<a href='https://blog.example.evil.example/tea/'>x</a>",
            "<a href='https://evil.example/?https://blog.example/tea/'>x</a>",
            "<p title='https://blog.example/tea/'>x</p>",
        ] {
            assert!(page(other).link_to(&target).is_none(), "{other}");
        }
    }

    #[test]
    fn texts_are_those_that_readers_see() {
        let page = page(
            "<title> On\n tea </title><meta name=author content=' Ada '>\
             <article><p>One<br>two <b>th</b>ree<script>x()</script></p><ul><li>A <a href=/x>link</a>.</li></ul></article>",
        );
        assert_eq!((page.title().as_deref(), page.meta("AUTHOR")), (Some("On tea"), Some("Ada")));
        let article = page.elements().iter().copied().find(|&id| page.name(id) == "article").unwrap();
        assert_eq!(page.text(article), "One two three A link.");
        let link = page.link_to(&address("https://ada.example", "/x")).unwrap();
        assert_eq!(page.passage_of(link).as_deref(), Some("A link."));
    }
}
