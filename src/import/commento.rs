//! Reads the export of Commento and of Commento++: a JSON file of comments and commenters.

use std::io::{self, BufRead};

use serde_json::Value;

use super::dates;
use super::json_records::{self, has_key, is_true, key, text};
use super::model::{
    Comment, CommentState, CommentWriter, Commenter, Format, Item, ItemKind, Sink, Text, Thread, ThreadKey,
};
use crate::content::CommentKind;

/// Whether a file that begins like this is an export of Commento.
pub fn is_commento(head: &str) -> bool {
    has_key(head, "commentHex") || has_key(head, "commenterHex") || has_key(head, "commenters")
}

/// Reads a file.
pub fn read(reader: &mut dyn BufRead, sink: &mut dyn Sink) -> io::Result<()> {
    let mut page = String::new();
    let is_record = |path: &str| matches!(path, "comments[]" | "commenters[]");
    json_records::read(reader, is_record, ItemKind::Comments, sink, &mut |record, value, sink| {
        if record.path == "commenters[]" {
            return sink.item(Item::Commenter(Commenter {
                key: account(&text(value, "commenterHex")),
                name: text(value, "name"),
                url: link(value),
            }));
        }
        let path = text(value, "url");
        let url = match text(value, "domain") {
            domain if domain.is_empty() => path,
            domain => format!("https://{domain}/{}", path.trim_start_matches('/')),
        };
        // Comments of one page mostly follow one another. A page that comes again is the same thread.
        if url != page {
            page.clone_from(&url);
            sink.item(Item::Thread(Thread { key: url.clone(), url: url.clone(), ..Thread::default() }))?;
        }
        sink.item(Item::Comment(Box::new(comment(value, url, record.line))))
    })
}

fn account(hex: &str) -> String {
    format!("commento:{hex}")
}

/// The commenter's site. Commento writes a word where there is none.
fn link(value: &Value) -> String {
    Some(text(value, "link")).filter(|link| link != "undefined").unwrap_or_default()
}

fn comment(value: &Value, page: String, line: u64) -> Comment {
    let commenter = text(value, "commenterHex");
    Comment {
        key: text(value, "commentHex"),
        thread: ThreadKey::Thread(page),
        parent: key(value, "parentHex").filter(|parent| parent != "root"),
        author: String::new(),
        url: String::new(),
        writer: match commenter.as_str() {
            "" | "anonymous" => CommentWriter::Unknown,
            _ => CommentWriter::Account(account(&commenter)),
        },
        date: dates::loose(&text(value, "creationDate")),
        kind: CommentKind::Comment,
        decision: match text(value, "state").as_str() {
            _ if is_true(value, "deleted") => CommentState::Deleted,
            "flagged" | "spam" => CommentState::Spam,
            "approved" | "" => CommentState::Approved,
            _ => CommentState::Pending,
        },
        body: Text { text: text(value, "markdown"), format: Format::Markdown },
        line,
    }
}
