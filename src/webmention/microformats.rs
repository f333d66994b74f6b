//! The part of microformats2 (<https://microformats.org/wiki/microformats2-parsing>) that says what a page is to another one: its
//! entries, what they answer, and who wrote them.
//!
//! It reads the tree that the import reads. The parsers that there are as libraries bring a parser of HTML of their own.

use url::Url;

use super::page::Page;
use super::target::PageAddress;
use crate::import::dom::NodeId;

/// What a page is to the page that it links to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// It answers it.
    Reply,
    /// It passes it on.
    Repost,
    /// It says that its author likes it.
    Like,
    /// It says that its author has bookmarked it.
    Bookmark,
    /// It only links to it.
    Mention,
}

/// An entry that somebody wrote has fewer properties, and an element fewer names of them.
const MAX_PROPERTIES: usize = 200;
const MAX_CLASSES: usize = 20;

/// The properties that say more than a link, in the order in which they count.
const RELATIONS: [(&str, Relation); 4] = [
    ("in-reply-to", Relation::Reply),
    ("repost-of", Relation::Repost),
    ("like-of", Relation::Like),
    ("bookmark-of", Relation::Bookmark),
];

/// An entry of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is to the other page.
    pub relation: Relation,
    /// Where on the other page it leads: the answered comment, for example.
    pub fragment: Option<String>,
    /// The name of its author.
    pub author: Option<String>,
    /// When it was published, as it says.
    pub published: Option<String>,
    /// Its own address.
    pub url: Option<String>,
    /// Its title.
    pub name: Option<String>,
    /// Its text, as HTML.
    pub content: Option<String>,
    /// Its summary, as text.
    pub summary: Option<String>,
}

/// A property of an entry: its name with its prefix, such as `u-url`, and where its value is.
type Property<'p> = (&'p str, NodeId);

impl Page {
    /// The entry that is about an address: the one that says what it is to that address, or else the first one with a link
    /// to it, or else none.
    pub fn entry_about(&self, target: &PageAddress) -> Option<Entry> {
        let entries: Vec<(NodeId, Vec<Property>)> = self
            .elements()
            .iter()
            .copied()
            .filter(|&id| self.words(id, "class").any(|class| class == "h-entry"))
            .map(|id| (id, self.properties(id)))
            .collect();
        let related = RELATIONS.iter().find_map(|&(name, relation)| {
            entries.iter().find_map(|entry| {
                let addresses = values(&entry.1, "u", name).map(|id| self.address_of(id));
                let address = addresses.flatten().find(|address| target.has(address))?;
                Some((entry, relation, Some(address)))
            })
        });
        let link = self.link_to(target);
        let ((id, properties), relation, address) = related.or_else(|| {
            let holds_link = |id: NodeId| link.is_some_and(|link| self.elements_in(id).contains(&link));
            entries.iter().find(|(id, _)| holds_link(*id)).map(|entry| (entry, Relation::Mention, None))
        })?;
        let text = |name| values(properties, "p", name).map(|id| self.text_of(id)).find(|text| !text.is_empty());
        let fragment = address.and_then(|address| Some(Url::parse(&address).ok()?.fragment()?.to_owned()));
        Some(Entry {
            relation,
            fragment,
            author: self.author_of(properties).or_else(|| self.author_of_feed(*id)),
            published: values(properties, "dt", "published").map(|id| self.date_of(id)).next(),
            url: values(properties, "u", "url").find_map(|id| self.address_of(id)),
            name: text("name"),
            content: values(properties, "e", "content").map(|id| self.html(id)).next(),
            summary: text("summary").or_else(|| text("content")),
        })
    }

    /// The properties of a microformat. Those of the microformats in it are their own.
    fn properties(&self, root: NodeId) -> Vec<Property<'_>> {
        let (mut found, mut open) = (Vec::new(), self.children(root).iter().rev().copied().collect::<Vec<_>>());
        while let Some(id) = open.pop().filter(|_| found.len() < MAX_PROPERTIES) {
            let is_property = |class: &&str| ["p-", "u-", "dt-", "e-"].iter().any(|prefix| class.starts_with(prefix));
            found.extend(self.words(id, "class").filter(is_property).take(MAX_CLASSES).map(|class| (class, id)));
            if !self.is_microformat(id) && self.name(id) != "template" {
                open.extend(self.children(id).iter().rev());
            }
        }
        found
    }

    fn is_microformat(&self, id: NodeId) -> bool {
        self.words(id, "class").any(|class| class.starts_with("h-") && class.len() > 2)
    }

    /// The value of a `u-` property: an address.
    fn address_of(&self, id: NodeId) -> Option<String> {
        let own = match self.name(id) {
            "a" | "area" | "link" => self.attribute(id, "href"),
            "img" | "audio" | "video" | "source" | "iframe" => self.attribute(id, "src"),
            "object" => self.attribute(id, "data"),
            "data" | "input" => self.attribute(id, "value"),
            _ if self.is_microformat(id) => {
                let properties = self.properties(id);
                return values(&properties, "u", "url").find_map(|id| self.address_of(id));
            }
            _ => None,
        };
        let written = own.map_or_else(|| self.text(id), |own| own.trim().to_owned());
        self.url.join(&written).ok().filter(|_| !written.is_empty()).map(String::from)
    }

    /// The value of a `p-` property: a text.
    fn text_of(&self, id: NodeId) -> String {
        let own = match self.name(id) {
            "abbr" | "link" => self.attribute(id, "title"),
            "data" | "input" => self.attribute(id, "value"),
            "img" | "area" => self.attribute(id, "alt"),
            _ => None,
        };
        own.map_or_else(|| self.text(id), |own| own.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// The value of a `dt-` property: a date.
    fn date_of(&self, id: NodeId) -> String {
        let own = match self.name(id) {
            "time" | "ins" | "del" => self.attribute(id, "datetime"),
            "abbr" => self.attribute(id, "title"),
            "data" | "input" => self.attribute(id, "value"),
            _ => None,
        };
        own.map_or_else(|| self.text(id), |own| own.trim().to_owned())
    }

    /// The author that properties name: a text, or a card.
    fn author_of(&self, properties: &[Property]) -> Option<String> {
        let authors = values(properties, "p", "author").chain(values(properties, "u", "author"));
        authors.map(|id| self.name_of(id)).find(|name| !name.is_empty())
    }

    /// The author of the feed that an entry is in, or else the one person that the page is about.
    fn author_of_feed(&self, entry: NodeId) -> Option<String> {
        let with_class = |wanted: &'static str| {
            self.elements().iter().copied().filter(move |&id| self.words(id, "class").any(|class| class == wanted))
        };
        let mut feeds = with_class("h-feed").filter(|&feed| self.elements_in(feed).contains(&entry));
        let of_feed = feeds.find_map(|feed| self.author_of(&self.properties(feed)));
        of_feed.or_else(|| {
            let mut cards = with_class("h-card");
            cards
                .next()
                .filter(|_| cards.next().is_none())
                .map(|card| self.name_of(card))
                .filter(|name| !name.is_empty())
        })
    }

    /// The name of a person: what a card says, or the text or the picture that it is.
    fn name_of(&self, id: NodeId) -> String {
        let properties = if self.is_microformat(id) { self.properties(id) } else { Vec::new() };
        let named = values(&properties, "p", "name").map(|id| self.text_of(id)).find(|name| !name.is_empty());
        named.unwrap_or_else(|| {
            let text = self.text_of(id);
            if !text.is_empty() {
                return text;
            }
            let pictures = self.elements_in(id).into_iter().filter(|&id| self.name(id) == "img");
            pictures.map(|id| self.text_of(id)).find(|name| !name.is_empty()).unwrap_or_default()
        })
    }
}

/// Where the values of a property are, in their order.
fn values<'p>(
    properties: &'p [Property<'_>],
    prefix: &'p str,
    name: &'p str,
) -> impl Iterator<Item = NodeId> + use<'p> {
    let is_it = move |class: &str| class.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-')) == Some(name);
    properties.iter().filter(move |(class, _)| is_it(class)).map(|(_, id)| *id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webmention::target::SiteAddress;

    fn entry(html: &str) -> Option<Entry> {
        let page = Page::parse(html, &Url::parse("https://ada.example/notes/7").unwrap()).unwrap();
        page.entry_about(&PageAddress::new(SiteAddress::new("https://blog.example").unwrap(), ["/tea/"]))
    }

    #[test]
    fn an_answer_with_everything() {
        let entry = entry(
            "<body><article class='h-entry'><h1 class='p-name'>Re: tea</h1>\
             <a class='p-author h-card' href='/'><img alt='Photo' src='/a.jpg'><span class='p-name'>Ada  Wren</span></a>\
             <a class='u-in-reply-to' href='https://blog.example/tea/#comment-7'>tea</a>\
             <a class='u-url' href='/notes/7'><time class='dt-published' datetime='2026-01-02T10:00:00Z'>now</time></a>\
             <div class='e-content'><p>Milk <a href='/first'>first</a>.</p></div>\
             <p class='p-summary'>On milk</p>\
             <div class='p-comment h-cite'><a class='p-author h-card'>Bo</a><p class='e-content'>No.</p></div></article>",
        )
        .unwrap();
        assert_eq!((entry.relation, entry.fragment.as_deref()), (Relation::Reply, Some("comment-7")));
        assert_eq!(entry.author.as_deref(), Some("Ada Wren"));
        assert_eq!(entry.published.as_deref(), Some("2026-01-02T10:00:00Z"));
        assert_eq!(entry.url.as_deref(), Some("https://ada.example/notes/7"));
        assert_eq!((entry.name.as_deref(), entry.summary.as_deref()), (Some("Re: tea"), Some("On milk")));
        let content = entry.content.unwrap();
        assert!(content.contains("Milk <a href=\"https://ada.example/first\">first</a>."), "{content}");
    }

    #[test]
    fn what_an_entry_is_to_the_page() {
        let link = "href='https://blog.example/tea/'";
        for (expected, inner) in [
            (Relation::Like, format!("<a class='u-like-of' {link}>x</a>")),
            (Relation::Repost, format!("<a class='u-repost-of' {link}>x</a>")),
            (Relation::Bookmark, format!("<a class='u-bookmark-of' {link}>x</a>")),
            (Relation::Reply, format!("<div class='u-in-reply-to h-cite'><a class='u-url' {link}>x</a></div>")),
            (Relation::Reply, format!("<a class='u-in-reply-to h-cite' {link}>x</a>")),
            (Relation::Reply, format!("<a class='u-like-of u-in-reply-to' {link}>x</a>")),
            (Relation::Like, "<data class='u-like-of' value='https://blog.example/tea/'></data>".to_owned()),
            (Relation::Like, "<span class='u-like-of'>https://blog.example/tea/</span>".to_owned()),
            (Relation::Mention, format!("<a {link}>x</a>")),
            (Relation::Mention, format!("<a class='u-like-of' href='/other'>x</a><a {link}>x</a>")),
            (Relation::Mention, format!("<div class='p-comment h-cite'><a class='u-like-of' {link}>x</a></div>")),
        ] {
            let found = entry(&format!("<div class='h-entry'>{inner}</div>")).map(|entry| entry.relation);
            assert_eq!(found, Some(expected), "{inner}");
        }
        assert_eq!(entry(&format!("<p><a {link}>x</a></p>")), None);
        assert_eq!(entry(&format!("<div class='h-entry'>y</div><a {link}>x</a>")), None);
        // Of several entries it is the one that says so.
        let two = format!(
            "<div class='h-feed'><span class='p-author'>Cy</span><div class='h-entry'><a {link}>x</a></div>\
             <div class='h-entry'><a class='u-like-of' {link}>x</a></div></div>"
        );
        let like = entry(&two).unwrap();
        assert_eq!((like.relation, like.author.as_deref()), (Relation::Like, Some("Cy")));
    }

    #[test]
    fn who_wrote_an_entry() {
        let link = "<a href='https://blog.example/tea/'>x</a>";
        for (expected, inner, outer) in [
            (Some("Ada"), "<span class='p-author'>Ada</span>", ""),
            (Some("Ada"), "<a class='u-author' href='/'>Ada</a>", ""),
            (Some("Ada"), "<a class='p-author h-card' href='/'><img src=x alt='Ada'></a>", ""),
            (Some("Ada"), "", "<p class='h-card'>Ada</p>"),
            (None, "", "<p class='h-card'>Ada</p><p class='h-card'>Bo</p>"),
            (None, "<span class='p-author'> </span>", ""),
        ] {
            let found = entry(&format!("<div class='h-entry'>{inner}{link}</div>{outer}")).unwrap();
            assert_eq!(found.author.as_deref(), expected, "{inner}{outer}");
        }
    }
}
