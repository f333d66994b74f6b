//! Reads the backup of Blogger: the classic Atom file, and the one that Google's Takeout makes.

use std::io::{self, BufRead};

use super::addresses::host;
use super::dates;
use super::html;
use super::model::{
    Author, Blog, Comment, CommentState, CommentWriter, Format, Item, ItemKind, Omission, Post, PostKind, Sink, Term,
    Text, ThreadKey, Visibility,
};
use super::records::Records;
use super::xml::{self, Element};
use crate::content::CommentKind;

/// The elements that have others in them.
const CONTAINERS: &[&str] = &["entry", "author", "app:control", "control"];

/// Whether a file that begins like this is a backup of Blogger.
pub fn is_blogger(head: &str) -> bool {
    head.contains("<feed") && (head.contains("tag:blogger.com,1999:") || head.contains("schemas.google.com/blogger/"))
}

/// Reads a file.
pub fn read(reader: &mut dyn BufRead, sink: &mut dyn Sink) -> io::Result<()> {
    let mut records = Records::new(reader, &["entry"])?;
    let mut blog = None;
    while let Some(record) = records.read()? {
        let mut repairs = record.repairs;
        let element = xml::parse(&record.text, CONTAINERS, &mut repairs);
        for (what, times) in repairs {
            sink.repair(what, times);
        }
        let Some(entry) = element.filter(|_| record.is_whole) else {
            let is_comment = record.text.contains("kind#comment") || record.text.contains(">COMMENT<");
            let class = if is_comment { ItemKind::Comments } else { ItemKind::Posts };
            let reason = "they are damaged: their end is missing".to_owned();
            sink.leave_out(Omission { class, reason, is_loss: true }, format!("line {}", record.line));
            continue;
        };
        match kind(&entry).as_str() {
            "comment" => sink.item(Item::Comment(Box::new(comment(&entry, record.line))))?,
            kind @ ("post" | "page") => {
                let post = post(&entry, kind, record.line);
                let address = post.url.as_deref().filter(|url| blog.is_none() && host(url).is_some());
                if let Some(url) = address.and_then(|url| url.split('/').nth(2)) {
                    blog = Some(url.to_owned());
                    sink.item(Item::Blog(Blog { url: format!("https://{url}") }))?;
                }
                if let Some(author) = entry.child("author") {
                    let user = profile(author);
                    let key = user.clone().unwrap_or_else(|| author.field("name").to_owned());
                    sink.item(Item::Author(Author { key, name: html::text(author.field("name")), user }))?;
                }
                if is_trashed(&entry) {
                    let class = if kind == "page" { ItemKind::Pages } else { ItemKind::Posts };
                    let reason = "they are in the trash".to_owned();
                    sink.leave_out(Omission { class, reason, is_loss: false }, post.title);
                } else {
                    sink.item(Item::Post(Box::new(post)))?;
                }
            }
            kind => {
                let reason = format!("`{kind}` is Blogger's own record");
                let name = format!("line {}", record.line);
                sink.leave_out(Omission { class: ItemKind::Others, reason, is_loss: false }, name);
            }
        }
    }
    Ok(())
}

/// What an entry is: `post`, `page`, `comment`, or a record of Blogger's own.
fn kind(entry: &Element) -> String {
    let is_kind = |category: &&Element| category.attribute("scheme").is_some_and(|scheme| scheme.ends_with("#kind"));
    let classic = entry.all("category").find(is_kind).and_then(|category| category.attribute("term"));
    let classic = classic.map(|term| term.rsplit('#').next().unwrap_or(term));
    classic.unwrap_or_else(|| entry.field("blogger:type")).to_ascii_lowercase()
}

/// The number at the end of an id: `tag:blogger.com,1999:blog-12.post-345`, or of an address.
fn number(id: &str) -> Option<String> {
    let digits = id.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    (!digits.is_empty()).then(|| digits.to_owned())
}

fn key(entry: &Element) -> String {
    let id = entry.field("id");
    number(id).unwrap_or_else(|| id.to_owned())
}

/// The account of somebody: the number of the profile at Blogger or Google+.
fn profile(author: &Element) -> Option<String> {
    let uri = author.field("uri");
    let is_profile = uri.contains("blogger.com/profile/") || uri.contains("plus.google.com/");
    if is_profile { number(uri.trim_end_matches('/')) } else { None }
}

fn is_trashed(entry: &Element) -> bool {
    let trashed = entry.field("blogger:trashed");
    !trashed.is_empty() && trashed != "false" || entry.field("blogger:status").contains("TRASHED")
}

fn link<'e>(entry: &'e Element, rel: &str) -> Option<&'e str> {
    entry.all("link").find(|link| link.attribute("rel") == Some(rel))?.attribute("href")
}

fn body(entry: &Element) -> Text {
    let Some(content) = entry.child("content").or_else(|| entry.child("summary")) else {
        return Text { text: String::new(), format: Format::Html };
    };
    let format = if content.attribute("type") == Some("text") { Format::Plain } else { Format::Html };
    Text { text: content.text().to_owned(), format }
}

fn post(entry: &Element, kind: &str, line: u64) -> Post {
    let control = entry.child("app:control").or_else(|| entry.child("control"));
    let is_draft = control.is_some_and(|control| {
        [control.field("app:draft"), control.field("draft")].into_iter().any(|draft| draft == "yes")
    });
    let status = entry.field("blogger:status");
    let visibility = match status {
        _ if is_draft => Visibility::Unpublished,
        "" | "LIVE" => Visibility::Public,
        _ => Visibility::Unpublished,
    };
    let file = Some(entry.field("blogger:filename")).filter(|file| !file.is_empty());
    let url = link(entry, "alternate").or(file).filter(|_| visibility == Visibility::Public).map(str::to_owned);
    let path = url.as_deref().unwrap_or_default().split(['?', '#']).next().unwrap_or_default();
    let slug = path.rsplit('/').next().unwrap_or_default().trim_end_matches(".html").to_owned();
    let author = entry.child("author");
    let author = author.map(|author| profile(author).unwrap_or_else(|| author.field("name").to_owned()));
    let labels = entry.all("category").filter(|category| {
        category
            .attribute("scheme")
            .is_some_and(|scheme| scheme.ends_with("/atom/ns#") || scheme.starts_with("tag:blogger.com"))
    });
    let mut terms: Vec<Term> = Vec::new();
    for label in labels.filter_map(|label| label.attribute("term")) {
        let term = Term { taxonomy: "tags".to_owned(), name: html::text(label) };
        if !term.name.is_empty() && !terms.contains(&term) {
            terms.push(term);
        }
    }
    Post {
        key: key(entry),
        kind: if kind == "page" { PostKind::Page } else { PostKind::Post },
        title: html::text(entry.field("title")),
        slug,
        url,
        date: dates::loose(entry.field("published")),
        updated: dates::loose(entry.field("updated")),
        visibility,
        status: if is_draft { "draft".to_owned() } else { status.to_ascii_lowercase() },
        authors: author.into_iter().filter(|author| !author.is_empty()).collect(),
        body: body(entry),
        excerpt: html::text(entry.field("blogger:metaDescription")),
        terms,
        former_slugs: Vec::new(),
        aliases: Vec::new(),
        comments_open: true,
        line,
    }
}

fn comment(entry: &Element, line: u64) -> Comment {
    let post = entry.child("thr:in-reply-to");
    let post =
        post.and_then(|post| post.attribute("ref").or(post.attribute("href"))).unwrap_or(entry.field("blogger:parent"));
    // The comment that it answers: an address that ends with its number.
    let parent = link(entry, "related").filter(|url| url.contains("/comments/")).and_then(number);
    let author = entry.child("author");
    let writer = match author.map(profile) {
        Some(Some(account)) => CommentWriter::Account(account),
        // Takeout knows no accounts.
        _ if entry.child("blogger:type").is_some() => CommentWriter::Unknown,
        _ => CommentWriter::Visitor,
    };
    let is_removed = entry.all("gd:extendedProperty").any(|property| {
        property.attribute("name") == Some("blogger.contentRemoved") && property.attribute("value") == Some("true")
    });
    let decision = match entry.field("blogger:status") {
        _ if is_removed || is_trashed(entry) => CommentState::Deleted,
        "" | "LIVE" => CommentState::Approved,
        "PENDING" | "AWAITING_MODERATION" => CommentState::Pending,
        "EMPTIED" | "DELETED" | "REMOVED" => CommentState::Deleted,
        _ => CommentState::Spam,
    };
    Comment {
        key: key(entry),
        thread: ThreadKey::Post(number(post).unwrap_or_else(|| post.to_owned())),
        parent: parent.or_else(|| number(entry.field("blogger:inReplyTo"))),
        author: html::text(author.map_or("", |author| author.field("name"))),
        url: author.map_or("", |author| author.field("uri")).to_owned(),
        writer,
        date: dates::loose(entry.field("published")),
        kind: CommentKind::Comment,
        decision,
        body: body(entry),
        line,
    }
}
