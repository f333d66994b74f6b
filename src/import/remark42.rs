//! Reads the backup of Remark42: JSON lines, the first of which describes the site.

use std::io::{self, BufRead};

use serde_json::Value;

use super::dates;
use super::json_records::{self, has_key, is_true, key, text};
use super::model::{Comment, CommentState, CommentWriter, Format, Item, ItemKind, Sink, Text, Thread, ThreadKey};
use crate::content::CommentKind;

/// Whether a file that begins like this is a backup of Remark42.
pub fn is_remark42(head: &str) -> bool {
    has_key(head, "locator") || has_key(head, "version") && has_key(head, "users") && has_key(head, "posts")
}

/// Reads a file.
pub fn read(reader: &mut dyn BufRead, sink: &mut dyn Sink) -> io::Result<()> {
    let mut page = String::new();
    // The answer of the server's API is a list.
    let is_record = |path: &str| matches!(path, "" | "[]");
    json_records::read(reader, is_record, ItemKind::Comments, sink, &mut |record, value, sink| {
        if value.get("locator").is_none() {
            return Ok(());
        }
        let url = text(value, "locator.url");
        if url != page {
            page.clone_from(&url);
            let title = text(value, "title");
            sink.item(Item::Thread(Thread { key: url.clone(), url: url.clone(), title, ..Thread::default() }))?;
        }
        sink.item(Item::Comment(Box::new(comment(value, url, record.line))))
    })
}

fn comment(value: &Value, page: String, line: u64) -> Comment {
    // What the commenter wrote is there since version 1.1; comments that were imported into Remark42 have only their HTML.
    let original = text(value, "orig");
    let body = if original.trim().is_empty() {
        Text { text: text(value, "text"), format: Format::Html }
    } else {
        Text { text: original, format: Format::Markdown }
    };
    Comment {
        key: text(value, "id"),
        thread: ThreadKey::Thread(page),
        parent: key(value, "pid"),
        author: text(value, "user.name"),
        url: String::new(),
        writer: if is_true(value, "user.admin") { CommentWriter::PostAuthor } else { CommentWriter::Visitor },
        date: dates::loose(&text(value, "time")),
        kind: CommentKind::Comment,
        decision: if is_true(value, "delete") { CommentState::Deleted } else { CommentState::Approved },
        body,
        line,
    }
}
