//! The links of a text, in whatever markup they were written: what a spammer hopes for is not what Markdown makes of it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::text::{MAX_TEXT, clip};

/// So many hosts of one text are kept.
const MAX_HOSTS: usize = 50;

/// What a text has of links.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkCounts {
    /// How many addresses there are.
    pub count: usize,
    /// The names of their hosts, in small letters, without `www.`.
    pub hosts: BTreeSet<String>,
    /// The markup of another system that it has.
    pub foreign_markup: Option<ForeignMarkup>,
}

/// An address in a text: the host it names, and the rest of it, in which another address is no link of its own.
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)\b(?:(?:https?|hxxps?)://(?:www\.)?|www\.)([\w.-]*)([^\s<>"()\[\]]*)"#).expect("a pattern")
});

/// Markup for links that is none here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ForeignMarkup {
    /// `<a href`: people quote it, and some write it.
    #[serde(rename = "html")]
    Html,
    /// `[url=`: programs write it.
    #[serde(rename = "bbcode")]
    BbCode,
}

static HTML: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?i)<a\s[^>]{0,200}href").expect("a pattern"));
static BBCODE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\[(?:url|link)=|\[/(?:url|link)\]").expect("a pattern"));

impl LinkCounts {
    /// Finds the links of a text.
    pub fn of(text: &str) -> Self {
        let text = clip(text, MAX_TEXT);
        let mut links = Self::default();
        if BBCODE.is_match(text) {
            links.foreign_markup = Some(ForeignMarkup::BbCode);
        } else if HTML.is_match(text) {
            links.foreign_markup = Some(ForeignMarkup::Html);
        }
        for address in ADDRESS.captures_iter(text) {
            links.count += 1;
            if links.hosts.len() < MAX_HOSTS {
                links.hosts.extend(host(&address[1]));
            }
        }
        links
    }
}

/// A text without its addresses, and their paths in their place if they are wanted: what is said with them.
pub fn without_addresses(text: &str, with_paths: bool) -> Cow<'_, str> {
    ADDRESS.replace_all(clip(text, MAX_TEXT), if with_paths { " $2 " } else { " " })
}

/// A host's name as it is counted, if it can be one.
fn host(written: &str) -> Option<String> {
    let host = clip(written.trim_matches('.'), 100);
    (host.contains('.') && host.len() > 3).then(|| host.to_lowercase())
}

/// The host of an address that stands alone: the site that a writer gives as their own.
pub fn host_of(url: &str) -> Option<String> {
    LinkCounts::of(clip(url, 2_000)).hosts.pop_first()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(text: &str) -> (usize, Vec<String>) {
        let links = LinkCounts::of(text);
        (links.count, links.hosts.into_iter().collect())
    }

    #[test]
    fn links_are_found_in_every_markup() {
        for text in [
            "See https://www.a.example/b?c=http://d.example now",
            "[this](HTTP://A.example/b)",
            "<https://a.example>",
            "![x](http://a.example/x.png \"title\")",
            "[x]: http://a.example",
            "hxxp://a.example and so on",
            "www.a.example.",
            "<a href=\"http://a.example\">",
            "[url=http://a.example]x",
        ] {
            assert_eq!(hosts(text), (1, vec!["a.example".to_owned()]), "{text}");
        }
        assert_eq!(hosts("http://a.example, https://b.example/ (www.a.example)").0, 3);
        assert_eq!(hosts("no links: example.org, awww.nice, http and https"), (0, vec![]));
        assert_eq!(hosts("http:// https://! http://localhost"), (3, vec![]));
        for markup in ["[URL=x]y", "[url]x[/url]", "[link=x]"] {
            assert_eq!(LinkCounts::of(markup).foreign_markup, Some(ForeignMarkup::BbCode), "{markup}");
        }
        assert_eq!(LinkCounts::of("Buy <A class=x HREF='x'>here</a>").foreign_markup, Some(ForeignMarkup::Html));
        assert_eq!(LinkCounts::of("[url](http://a.example) and <article href>").foreign_markup, None);
        let text = "See https://a.example/cheap-tea, (http://b.example)";
        assert_eq!(without_addresses(text, true), "See  /cheap-tea,  (  )");
        assert_eq!(without_addresses(text, false), "See   ( )");
    }

    #[test]
    fn many_links_take_no_long_time() {
        let text: String = (0..1 << 16).map(|number| format!("http://{number}.example/ ")).collect();
        let links = LinkCounts::of(&text);
        assert!(links.count > 1000 && links.hosts.len() == MAX_HOSTS);
        assert_eq!(LinkCounts::of(&"awww.".repeat(1 << 18)).count, 0);
        assert_eq!(LinkCounts::of(&"http://".repeat(1 << 18)).count, 1);
        assert_eq!(LinkCounts::of(&"<a ".repeat(1 << 18)).foreign_markup, None);
        assert_eq!(host_of("https://www.Jo.example/about").as_deref(), Some("jo.example"));
        assert_eq!(host_of("mailto:x"), None);
    }
}
