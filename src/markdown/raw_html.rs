//! Raw HTML in a post. It stays as the author wrote it, with three exceptions: addresses become absolute, so that they
//! work wherever the text is shown; duplicate ids are removed; and scrollable elements can be focused. In a site of Zola's
//! there is no exception.

mod excerpt;

use super::html::{Edits, RawAttribute, Token, Tokens, attribute, raw_attributes, unescape};
use super::ids::Redirects;
use super::links::{absolute, absolute_address, id_of};
use super::post::PostContext;
use super::writer::push_attribute;
use crate::nfc::nfc;

/// The page that a piece of raw HTML is on.
pub(super) struct PageContext<'a> {
    pub permalink: &'a str,
    /// The address that relative ones are relative to.
    pub base: &'a str,
    pub redirects: &'a Redirects,
    /// Whether the HTML is read outside of the site, where addresses that begin at the site's root must be absolute,
    /// too.
    pub is_outside: bool,
    /// Whether the HTML stays as the author wrote it.
    pub is_as_written: bool,
}

/// Makes every address in the HTML of a page absolute.
pub fn absolute_urls(html: &str, permalink: &str) -> String {
    let page = PageContext {
        permalink,
        base: permalink,
        redirects: &Redirects::default(),
        is_outside: true,
        is_as_written: false,
    };
    page.rewrite(html, |_, _| true).unwrap_or_else(|| html.to_owned())
}

/// Attributes whose value is one address. `data` is one only for an `object`.
const ADDRESSES: [&str; 11] = [
    "href",
    "xlink:href",
    "src",
    "poster",
    "cite",
    "action",
    "formaction",
    "background",
    "longdesc",
    "manifest",
    "data",
];

/// An address as it stands in an attribute.
fn escaped(address: &str) -> String {
    let mut escaped = String::with_capacity(address.len());
    push_attribute(&mut escaped, address);
    escaped
}

impl<'a> PageContext<'a> {
    pub fn new(context: &PostContext<'a>, redirects: &'a Redirects) -> Self {
        let is_as_written = context.options.follows_zola;
        Self { permalink: context.permalink, base: context.base, redirects, is_outside: false, is_as_written }
    }
}

impl PageContext<'_> {
    /// Rewrites a piece of raw HTML for the page; none if nothing changes. `keeps` is called with each id, and returns
    /// whether the element keeps it. It is also called with the name of every `a`.
    pub fn rewrite(&self, html: &str, mut keeps: impl FnMut(NameAttribute, &str) -> bool) -> Option<String> {
        let mut edits = Edits::of(html);
        for token in Tokens::of(html) {
            let Token::Start { name: element, attributes: all, .. } = token else { continue };
            if !self.is_outside && matches!(&*element, "table" | "pre") && attribute(all, "tabindex").is_none() {
                edits.insert_before(all, " tabindex=\"0\"");
            }
            for attribute in raw_attributes(all) {
                let name = attribute.name.to_ascii_lowercase();
                if name == "id" {
                    let id = unescape(attribute.value);
                    if !id.is_empty() && !keeps(NameAttribute::Id, &id) {
                        edits.remove(attribute.whole);
                    }
                } else if name == "name" && element == "a" {
                    keeps(NameAttribute::Name, &unescape(attribute.value));
                } else if let Some(value) = self.value(&element, &name, attribute.value) {
                    edits.replace(attribute.whole, &format_attribute(&attribute, &value));
                }
            }
        }
        // The ids are registered and reported all the same.
        if self.is_as_written { None } else { edits.finish() }
    }

    /// Returns the new value of an attribute that names something relative to this page. Values have their entities.
    fn value(&self, element: &str, name: &str, value: &str) -> Option<String> {
        match name {
            "srcset" | "imagesrcset" => self.srcset(value),
            "style" => self.style(value),
            "data" if element != "object" => None,
            // It applies to all addresses that follow, and is no link.
            "href" if element == "base" => None,
            _ if ADDRESSES.contains(&name) => self.address(element, name, value.trim_ascii()),
            _ => None,
        }
    }

    fn address(&self, element: &str, name: &str, value: &str) -> Option<String> {
        let is_link = matches!(element, "a" | "area");
        if value.is_empty() {
            let is_page = is_link && name == "href" || matches!(name, "action" | "formaction");
            return (is_page && !self.permalink.is_empty()).then(|| escaped(self.permalink));
        }
        let Some(anchor) = value.strip_prefix('#') else { return self.absolute(value) };
        // Other elements name parts of a drawing, which are shown wherever it is.
        if !is_link || anchor.is_empty() || self.permalink.is_empty() {
            return None;
        }
        let mut address = escaped(self.permalink);
        address.push('#');
        match self.redirects.get(&id_of(&nfc(&unescape(anchor)))) {
            Some(id) => push_attribute(&mut address, id),
            None => address.push_str(anchor),
        }
        Some(address)
    }

    /// Makes an address absolute. It has its entities.
    fn absolute(&self, value: &str) -> Option<String> {
        if value.starts_with("@/") {
            return None;
        }
        let absolute = if self.is_outside { absolute_address } else { absolute };
        absolute(&unescape(value), self.base)?;
        absolute(value, &escaped(self.base))
    }

    /// Rewrites the candidates of a picture (<https://html.spec.whatwg.org/#parse-a-srcset-attribute>).
    fn srcset(&self, value: &str) -> Option<String> {
        let mut edits = Edits::of(value);
        let mut rest = value;
        while let Some(start) = rest.find(|c: char| !c.is_ascii_whitespace() && c != ',') {
            rest = &rest[start..];
            let (url, behind) = rest.split_at(rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len()));
            let bare = url.trim_end_matches(',');
            if let Some(address) = self.absolute(bare) {
                edits.replace(bare, &address);
            }
            // Without a comma a width or density follows.
            let is_over = bare.len() < url.len();
            rest = if is_over { behind } else { &behind[behind.find(',').unwrap_or(behind.len())..] };
        }
        edits.finish()
    }

    /// Rewrites CSS declarations, in which `url(…)` can name a file.
    fn style(&self, value: &str) -> Option<String> {
        const QUOTES: [&str; 6] = ["\"", "'", "&quot;", "&#34;", "&#39;", "&apos;"];
        let mut edits = Edits::of(value);
        let mut rest = value;
        while let Some(at) = memchr::memchr_iter(b'(', rest.as_bytes())
            .find(|&at| rest.as_bytes()[..at].last_chunk::<3>().is_some_and(|name| name.eq_ignore_ascii_case(b"url")))
        {
            rest = rest[at + 1..].trim_ascii_start();
            let quote = QUOTES.into_iter().find(|quote| rest.starts_with(quote)).unwrap_or_default();
            let url = &rest[quote.len()..];
            let end = url.find(if quote.is_empty() { ")" } else { quote }).unwrap_or(url.len());
            let url = url[..end].trim_ascii();
            if let Some(address) = self.absolute(url) {
                edits.replace(url, &address);
            }
            rest = &rest[quote.len() + end..];
        }
        edits.finish()
    }
}

/// How an element gets the name that links use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NameAttribute {
    /// By its id.
    Id,
    /// By the name of an `a`.
    Name,
}

/// Formats an attribute with another value, which has its entities.
fn format_attribute(attribute: &RawAttribute<'_>, value: &str) -> String {
    format!("{}=\"{}\"", attribute.name, value.replace('"', "&quot;"))
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn page(permalink: &str, test: impl FnOnce(PageContext<'_>)) {
        let redirects = Redirects::from_iter([("comments".to_owned(), "comments-1".to_owned())]);
        test(PageContext {
            permalink,
            base: permalink,
            redirects: &redirects,
            is_outside: false,
            is_as_written: false,
        });
    }

    #[test]
    fn addresses_lead_to_the_same_place_from_everywhere() {
        page("https://a.example/p/q/", |page| {
            for (html, expected) in [
                ("<a href=b>", "<a href=\"https://a.example/p/q/b\">"),
                ("<A HREF='../b?c&amp;d#e'>", "<A HREF=\"https://a.example/p/b?c&amp;d#e\">"),
                ("<a\n  href = \" b \" title=x>", "<a\n  href=\"https://a.example/p/q/b\" title=x>"),
                ("<a href='a\"b'>", "<a href=\"https://a.example/p/q/a&quot;b\">"),
                ("<a href=\"\">", "<a href=\"https://a.example/p/q/\">"),
                ("<a href=\"#b\">", "<a href=\"https://a.example/p/q/#b\">"),
                ("<a href=#comments>", "<a href=\"https://a.example/p/q/#comments-1\">"),
                ("<area href=?b>", "<area href=\"https://a.example/p/q/?b\">"),
                ("<img src=b.png alt>", "<img src=\"https://a.example/p/q/b.png\" alt>"),
                (
                    "<img srcset=\"b.png, c.png 2x,/d.png 3x , data:,x 4x\">",
                    "<img srcset=\"https://a.example/p/q/b.png, https://a.example/p/q/c.png 2x,/d.png 3x , data:,x 4x\">",
                ),
                (
                    "<video poster=b.jpg><source src=c.webm><track src=d.vtt>",
                    "<video poster=\"https://a.example/p/q/b.jpg\"><source src=\"https://a.example/p/q/c.webm\">\
                     <track src=\"https://a.example/p/q/d.vtt\">",
                ),
                ("<object data=b.pdf>", "<object data=\"https://a.example/p/q/b.pdf\">"),
                ("<blockquote cite=../>", "<blockquote cite=\"https://a.example/p/\">"),
                (
                    "<form action><button formaction=b>",
                    "<form action=\"https://a.example/p/q/\"><button formaction=\"https://a.example/p/q/b\">",
                ),
                (
                    "<svg><image xlink:href=b.png /><a xlink:href=#c>",
                    "<svg><image xlink:href=\"https://a.example/p/q/b.png\" /><a xlink:href=\"https://a.example/p/q/#c\">",
                ),
                (
                    "<p style=\"background: URL('b.png'), url(&quot;c.png&quot;), url( d.png )\">",
                    "<p style=\"background: URL('https://a.example/p/q/b.png'), url(&quot;https://a.example/p/q/c.png&quot;), \
                     url( https://a.example/p/q/d.png )\">",
                ),
                ("<table class=x><pre>", "<table tabindex=\"0\" class=x><pre tabindex=\"0\">"),
            ] {
                assert_eq!(page.rewrite(html, |_, _| true).as_deref(), Some(expected), "{html}");
            }
            for same in [
                "<a href=/b><a href=//b.example><a href=https://b.example/><a href=mailto:b@c><a href=#>",
                "<a href=javascript&#58;x><a href=@/b.md><img src=data:,x><img src><p data=b><base href=b>",
                "<svg><use href=#b /><use xlink:href=#b /><path fill=url(#b) style='fill: url(#b)'>",
                "<textarea><a href=b></textarea><!-- <a href=b> --> &lt;a href=b> <pre tabindex=-1>",
                "<a title='href=b' data-href=b ping=b>",
                "<a href=\"b",
            ] {
                assert_eq!(page.rewrite(same, |_, _| true), None, "{same}");
            }
        });
        page("", |page| assert_eq!(page.rewrite("<a href=b><a href=#b><a href>", |_, _| true), None));
    }

    #[test]
    fn ids_are_kept_or_not() {
        page("https://a.example/", |page| {
            let mut anchors = Vec::new();
            let rewritten = page.rewrite("<p id=a class=b><A ID='c' name=d><br id=\"e\"/><i id=''>", |anchor, id| {
                anchors.push((anchor, id.to_owned()));
                id != "a" && id != "e"
            });
            assert_eq!(rewritten.as_deref(), Some("<p class=b><A ID='c' name=d><br/><i id=''>"));
            let expected = [
                (NameAttribute::Id, "a"),
                (NameAttribute::Id, "c"),
                (NameAttribute::Name, "d"),
                (NameAttribute::Id, "e"),
            ];
            assert_eq!(anchors, expected.map(|(anchor, id)| (anchor, id.to_owned())));
        });
    }
}
