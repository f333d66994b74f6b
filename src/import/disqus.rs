//! Reads the XML export of Disqus, as <https://disqus.com/admin/discussions/export/> sends it.

use std::io::{self, BufRead};

use super::dates;
use super::html;
use super::model::{
    Comment, CommentState, CommentWriter, Format, Item, ItemKind, Omission, Sink, Text, Thread, ThreadKey,
};
use super::records::Records;
use super::xml::{self, Element};
use crate::content::CommentKind;

/// What the keys of threads begin with.
pub const THREAD: &str = "disqus:";

/// Whether a file that begins like this is an export of Disqus.
pub fn is_disqus(head: &str) -> bool {
    head.contains("<disqus") || head.contains("disqus.com/disqus-internals")
}

/// Reads a file.
pub fn read(reader: &mut dyn BufRead, sink: &mut dyn Sink) -> io::Result<()> {
    let mut records = Records::new(reader, &["thread", "post"])?;
    while let Some(record) = records.read()? {
        let mut repairs = record.repairs;
        let element = xml::parse(&record.text, &["thread", "post", "author", "parent"], &mut repairs);
        for (what, times) in repairs {
            sink.repair(what, times);
        }
        let Some(element) = element.filter(|_| record.is_whole) else {
            let class = if record.text.starts_with("<post") { ItemKind::Comments } else { ItemKind::Others };
            let reason = "it is damaged: its end is missing".to_owned();
            sink.leave_out(Omission { class, reason, is_loss: true }, format!("line {}", record.line));
            continue;
        };
        if element.name == "thread" {
            sink.item(Item::Thread(Thread {
                key: thread_key(&element),
                url: element.field("link").to_owned(),
                identifier: element.field("id").to_owned(),
                title: html::text(element.field("title")),
                ..Thread::default()
            }))?;
        } else {
            sink.item(Item::Comment(Box::new(comment(&element, record.line))))?;
        }
    }
    Ok(())
}

fn id(element: &Element) -> Option<String> {
    element.attribute("dsq:id").or_else(|| element.attribute("id")).map(str::to_owned)
}

fn thread_key(element: &Element) -> String {
    format!("{THREAD}{}", id(element).unwrap_or_default())
}

fn comment(element: &Element, line: u64) -> Comment {
    let author = element.child("author");
    let is_true = |name| element.field(name) == "true";
    let decision = match () {
        () if is_true("isSpam") => CommentState::Spam,
        () if is_true("isDeleted") => CommentState::Deleted,
        () if element.child("isApproved").is_some() && !is_true("isApproved") => CommentState::Pending,
        () => CommentState::Approved,
    };
    Comment {
        key: id(element).unwrap_or_default(),
        thread: ThreadKey::Thread(element.child("thread").map(thread_key).unwrap_or_default()),
        parent: element.child("parent").and_then(id),
        author: author.map_or("", |author| author.field("name")).to_owned(),
        url: author.map_or("", |author| author.field("url")).to_owned(),
        writer: CommentWriter::Unknown,
        date: dates::utc(element.field("createdAt")),
        kind: CommentKind::Comment,
        decision,
        body: Text { text: element.field("message").to_owned(), format: Format::Html },
        line,
    }
}
