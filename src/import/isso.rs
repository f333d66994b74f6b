//! Reads the tables of Isso, as `sqlite3 -json comments.db "SELECT * FROM threads; SELECT * FROM comments"` prints them. Its blobs are no
//! text, which does not matter, because they stand in columns that nobody reads.

use std::io::{self, BufRead};

use serde_json::Value;

use super::dates;
use super::json_records::{self, has_key, key, text, value};
use super::model::{Comment, CommentState, CommentWriter, Format, Item, ItemKind, Sink, Text, Thread, ThreadKey};
use crate::content::CommentKind;

/// Whether a file that begins like this has tables of Isso.
pub fn is_isso(head: &str) -> bool {
    has_key(head, "uri") && has_key(head, "title") && !has_key(head, "site")
        || has_key(head, "tid") && has_key(head, "mode")
}

/// Reads a file.
pub fn read(reader: &mut dyn BufRead, sink: &mut dyn Sink) -> io::Result<()> {
    json_records::read(reader, |path| path == "[]", ItemKind::Comments, sink, &mut |record, value, sink| {
        row(value, record.line, sink)
    })
}

/// Takes a row of either table.
pub fn row(row: &Value, line: u64, sink: &mut dyn Sink) -> io::Result<()> {
    if row.get("uri").is_none() {
        return sink.item(Item::Comment(Box::new(comment(row, line))));
    }
    sink.item(Item::Thread(Thread {
        key: thread_key(&text(row, "id")),
        url: text(row, "uri"),
        title: text(row, "title"),
        ..Thread::default()
    }))
}

fn thread_key(id: &str) -> String {
    format!("isso:{id}")
}

fn comment(row: &Value, line: u64) -> Comment {
    Comment {
        key: text(row, "id"),
        thread: ThreadKey::Thread(thread_key(&text(row, "tid"))),
        parent: key(row, "parent"),
        author: text(row, "author"),
        url: text(row, "website"),
        writer: CommentWriter::Unknown,
        // Seconds since 1970, in UTC wherever the server stood.
        date: value(row, "created").as_f64().and_then(dates::epoch),
        kind: CommentKind::Comment,
        decision: match value(row, "mode").as_u64() {
            Some(1) => CommentState::Approved,
            Some(4) => CommentState::Deleted,
            _ => CommentState::Pending,
        },
        body: Text { text: text(row, "text"), format: Format::Markdown },
        line,
    }
}
