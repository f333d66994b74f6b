//! Reads the comments of Cusdis: the JSON of its dashboard's API, or of the tables `pages` and `comments` of its database.

use std::io::{self, BufRead};

use serde_json::Value;

use super::dates;
use super::json_records::{self, has_key, is_true, key, text, value};
use super::model::{Comment, CommentState, CommentWriter, Format, Item, ItemKind, Sink, Text, Thread, ThreadKey};
use crate::content::CommentKind;

/// Whether a file that begins like this has comments of Cusdis.
pub fn is_cusdis(head: &str) -> bool {
    has_key(head, "by_nickname") || has_key(head, "projectId") && has_key(head, "slug")
}

/// Reads a file.
pub fn read(reader: &mut dyn BufRead, sink: &mut dyn Sink) -> io::Result<()> {
    let is_record = |path: &str| matches!(path, "[]" | "data[]" | "data.data[]" | "pages[]" | "comments[]");
    json_records::read(reader, is_record, ItemKind::Comments, sink, &mut |record, value, sink| {
        row(value, record.line, sink)
    })
}

/// Takes a row of either table, or a comment of the API with its replies.
pub fn row(row: &Value, line: u64, sink: &mut dyn Sink) -> io::Result<()> {
    if row.get("by_nickname").is_some() || row.get("content").is_some() {
        comments(row, None, 0, line, sink)
    } else if row.get("slug").is_some() {
        page(row, sink)
    } else {
        Ok(())
    }
}

fn page(row: &Value, sink: &mut dyn Sink) -> io::Result<()> {
    // A page is known by the id that the blog gave it, which often is its path.
    sink.item(Item::Thread(Thread {
        key: thread_key(&text(row, "id")),
        url: text(row, "url"),
        identifier: text(row, "slug"),
        title: text(row, "title"),
        ..Thread::default()
    }))
}

fn thread_key(id: &str) -> String {
    format!("cusdis:{id}")
}

/// A comment and, in the API's answer, the replies in it.
fn comments(row: &Value, parent: Option<&str>, depth: usize, line: u64, sink: &mut dyn Sink) -> io::Result<()> {
    if row.get("page").is_some_and(Value::is_object) {
        page(value(row, "page"), sink)?;
    }
    let comment = comment(row, parent, line);
    let id = comment.key.clone();
    sink.item(Item::Comment(Box::new(comment)))?;
    let replies = value(row, "replies.data").as_array().or_else(|| value(row, "replies").as_array());
    for reply in replies.into_iter().flatten().filter(|_| depth < 100) {
        comments(reply, Some(&id), depth + 1, line, sink)?;
    }
    Ok(())
}

fn comment(row: &Value, parent: Option<&str>, line: u64) -> Comment {
    let page = key(row, "pageId").or_else(|| key(row, "page.id")).unwrap_or_default();
    let created = ["createdAt", "created_at"].into_iter().find(|name| row.get(*name).is_some()).unwrap_or_default();
    // A moderator's comment is one of the project's owner.
    let is_owner = key(row, "moderatorId").is_some();
    Comment {
        key: text(row, "id"),
        thread: ThreadKey::Thread(thread_key(&page)),
        parent: key(row, "parentId").or_else(|| parent.map(str::to_owned)),
        author: [text(row, "moderator.displayName"), text(row, "by_nickname")]
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or_default(),
        url: String::new(),
        writer: if is_owner { CommentWriter::PostAuthor } else { CommentWriter::Visitor },
        // SQLite has the date as milliseconds, all others as text, in UTC.
        date: match value(row, created).as_f64() {
            Some(milliseconds) => dates::epoch(milliseconds / 1000.0),
            None => dates::loose_utc(&text(row, created)),
        },
        kind: CommentKind::Comment,
        decision: match () {
            () if key(row, "deletedAt").is_some() => CommentState::Deleted,
            // The public API lists only approved comments, without saying so.
            () if row.get("approved").is_some() && !is_true(row, "approved") => CommentState::Pending,
            () => CommentState::Approved,
        },
        body: Text { text: text(row, "content"), format: Format::Markdown },
        line,
    }
}
