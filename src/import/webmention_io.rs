//! Reads the Webmentions that webmention.io has of a site: the answers of its API, `mentions.jf2` and the older `mentions`.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use rustc_hash::FxHashSet;
use serde_json::Value;

use super::dates;
use super::html::{escape_html, shortened};
use super::json_records::{self, has_key, is_true, key, text};
use super::model::{Comment, CommentState, CommentWriter, Format, Item, ItemKind, Sink, Text, Thread, ThreadKey};
use crate::config::is_web_address;
use crate::content::CommentKind;

/// So many characters of a text that is not written for the page are kept.
const MAX_EXCERPT: usize = 400;

/// Whether a file that begins like this has Webmentions.
pub fn is_webmention_io(head: &str) -> bool {
    has_key(head, "wm-target")
        || has_key(head, "wm-property")
        || has_key(head, "verified_date") && has_key(head, "activity")
}

/// Reads a file.
pub fn read(reader: &mut dyn BufRead, sink: &mut dyn Sink) -> io::Result<()> {
    let is_record = |path: &str| matches!(path, "children[]" | "links[]" | "[]");
    let mut pages: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut known = FxHashSet::default();
    json_records::read(reader, is_record, ItemKind::Comments, sink, &mut |record, value, sink| {
        let mention = Mention::of(value);
        if !known.insert(mention.id.clone()) {
            return Ok(());
        }
        let counts = pages.entry(mention.target.clone()).or_default();
        match mention.property.as_str() {
            "like-of" | "like" => counts.0 += 1,
            "repost-of" | "repost" => counts.1 += 1,
            _ => sink.item(Item::Comment(Box::new(mention.comment(record.line))))?,
        }
        Ok(())
    })?;
    for (url, (likes, reposts)) in pages {
        sink.item(Item::Thread(Thread { key: thread_key(&url), url, likes, reposts, ..Thread::default() }))?;
    }
    Ok(())
}

fn thread_key(target: &str) -> String {
    format!("webmention.io:{target}")
}

/// A Webmention in either form.
struct Mention {
    id: String,
    /// The page, without a place on it.
    target: String,
    property: String,
    author: String,
    url: String,
    date: Option<String>,
    is_private: bool,
    is_verified: bool,
    name: String,
    html: String,
    text: String,
}

impl Mention {
    fn of(value: &Value) -> Self {
        let is_jf2 = value.get("wm-source").is_some() || value.get("wm-target").is_some();
        let first = |names: &[&str]| {
            names.iter().map(|name| text(value, name)).find(|text| !text.is_empty()).unwrap_or_default()
        };
        let (source, target) = (first(&["wm-source", "source"]), first(&["wm-target", "target"]));
        let date = match is_jf2 {
            true => first(&["published", "wm-received"]),
            false => first(&["data.published", "verified_date"]),
        };
        Self {
            id: key(value, "wm-id").or_else(|| key(value, "id")).unwrap_or_else(|| format!("{source} {target}")),
            property: first(&["wm-property", "activity.type"]),
            author: first(&["author.name", "data.author.name"]),
            url: Some(if is_jf2 { text(value, "url") } else { text(value, "data.url") })
                .filter(|url| is_web_address(url))
                .unwrap_or(source),
            date: dates::loose_utc(&date),
            is_private: is_true(value, "wm-private") || is_true(value, "private"),
            is_verified: value.get("verified").is_none() || is_true(value, "verified"),
            name: if is_jf2 { text(value, "name") } else { text(value, "data.name") },
            html: first(&["content.html", "data.content"]),
            text: text(value, "content.text"),
            target: target.split('#').next().unwrap_or_default().to_owned(),
        }
    }

    fn comment(self, line: u64) -> Comment {
        let is_reply = matches!(self.property.as_str(), "in-reply-to" | "reply");
        let has_text = !(self.html.is_empty() && self.text.is_empty());
        let body = match () {
            () if is_reply && !self.html.is_empty() => Text { text: self.html, format: Format::Html },
            () if is_reply && has_text => Text { text: self.text, format: Format::Plain },
            () => {
                let passage = if self.text.is_empty() { super::html::text(&self.html) } else { self.text };
                Text { text: mention(&self.name, &self.url, &passage), format: Format::Html }
            }
        };
        let decision = match () {
            () if self.is_private => CommentState::Internal,
            () if !self.is_verified => CommentState::Pending,
            () => CommentState::Approved,
        };
        Comment {
            key: self.id,
            thread: ThreadKey::Thread(thread_key(&self.target)),
            parent: None,
            author: self.author,
            url: self.url,
            writer: CommentWriter::Visitor,
            date: self.date,
            kind: CommentKind::Webmention,
            decision,
            body,
            line,
        }
    }
}

/// A page that only links, as HTML: its title, linked, and a passage. Either can be empty.
pub fn mention(title: &str, url: &str, passage: &str) -> String {
    let passage = shortened(passage.trim(), MAX_EXCERPT);
    let is_same = passage.is_empty() || passage == title.trim();
    let title = shortened(title.trim(), MAX_EXCERPT / 2);
    // A note without a title has its text alone: the name of its writer is the link to it.
    let title = if title.is_empty() && is_same { url } else { &title };
    let mut out = String::new();
    if !title.is_empty() {
        let title = escape_html(title);
        out = if is_web_address(url) {
            format!("<p><a href=\"{}\">{title}</a></p>", escape_html(url))
        } else {
            format!("<p>{title}</p>")
        };
    }
    if !is_same {
        out.push_str(&format!("<p>{}</p>", escape_html(&passage)));
    }
    out
}
