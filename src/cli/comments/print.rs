//! Formats replies as a table, as text, and as JSON.

use std::fmt::Write as _;

use serde_json::json;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::replies::guard::Cause;
use crate::replies::{ReplyObject, ReplyView};

// Widths of the table's columns.
const TEXT_WIDTH: usize = 48;
const SPAM_WIDTH: usize = 72;
const PAGE_WIDTH: usize = 32;
const NAME_WIDTH: usize = 20;

/// Formats replies, the paths of changed files, and the number of replies left out, as JSON.
pub fn json(replies: &[ReplyObject], changed: &[String], more: usize) -> String {
    let views: Vec<ReplyView> = replies.iter().map(ReplyView::from).collect();
    // Strings and numbers always serialize.
    let text = serde_json::to_string_pretty(&json!({ "replies": views, "changed": changed, "more": more }));
    format!("{}\n", text.unwrap_or_default())
}

/// Formats replies as a table, one line each.
pub fn table(replies: &[ReplyObject]) -> String {
    let mut rows = vec![["ID", "RECEIVED", "STATE", "PAGE", "FROM", "TEXT", "SPAM"].map(str::to_owned)];
    for kept in replies {
        let received = kept.notes.received.strftime("%Y-%m-%d %H:%M").to_string();
        let first = kept.form.comment().lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        rows.push([
            short_id(kept),
            received,
            kept.notes.state.as_str().to_owned(),
            cut(&kept.notes.page, PAGE_WIDTH),
            cut(kept.form.author().unwrap_or("Anonymous"), NAME_WIDTH),
            cut(first, TEXT_WIDTH),
            main_reason(kept),
        ]);
    }
    if rows.len() == 1 {
        return String::new();
    }
    let width = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or(0);
    // Most tables need no column for spam.
    let columns = if rows.iter().skip(1).all(|row| row[6].is_empty()) { 6 } else { 7 };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell}{}", " ".repeat(width - cell.width() + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Formats one reply in full.
pub fn detail(kept: &ReplyObject) -> String {
    let view = ReplyView::from(kept);
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "{name:<10} {}", plain(value));
    };
    line("Reply", &view.handle);
    line("State", view.state.as_str());
    line("Page", view.page);
    line("From", view.author.unwrap_or("Anonymous"));
    if view.by_author {
        line("", "the author of the post");
    }
    if let Some(author) = view.poses_as {
        line("", &format!("not known to be the author “{author}”: anybody can write that name"));
    }
    if let Some(url) = view.url {
        line("Website", url);
    }
    line("Received", &view.received.strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
    if let Some(id) = view.reply_to {
        line("Answers", id);
    }
    if let Some(decided) = view.decided {
        line("Decided", &decided.strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
    }
    if view.skipped {
        line("By", "nobody: the writer is trusted");
    }
    if let Some(file) = &view.file {
        line("File", file);
    }
    if !view.reasons.is_empty() {
        line("Spam", &format!("{} points", view.score));
        view.reasons.iter().for_each(|shown| line("", &format!("{:>4}  {}", shown.reason.weight, shown.text)));
    }
    text.push('\n');
    for line in view.text.lines() {
        let _ = writeln!(text, "{}", plain(line));
    }
    text
}

/// Returns the guard's total score with its weightiest reason, or with the reason about a deceptive name if there is one.
fn main_reason(kept: &ReplyObject) -> String {
    let guard = &kept.notes.guard;
    let name = guard.reasons.iter().find(|reason| matches!(reason.cause, Cause::AuthorName { .. }));
    match name.filter(|_| kept.poses_as().is_some()).or(guard.reasons.first()) {
        Some(reason) => cut(&format!("{} {reason}", guard.score), SPAM_WIDTH),
        None => String::new(),
    }
}

/// Returns the end of an id, which is nearly always unique.
fn short_id(kept: &ReplyObject) -> String {
    let handle = kept.handle();
    let start = kept.id.rfind('-').map_or(0, |dash| dash + 1);
    handle[start..].to_owned()
}

/// Cuts a text to a number of terminal columns.
fn cut(text: &str, columns: usize) -> String {
    let text = plain(text);
    if text.width() <= columns {
        return text;
    }
    let mut used = 0;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used < columns
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// Removes control characters and those that change the direction of writing, which could confuse a terminal.
fn plain(text: &str) -> String {
    let is_unsafe = |c: char| {
        c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
    };
    text.chars().map(|c| if c == '\t' { ' ' } else { c }).filter(|c| !is_unsafe(*c)).collect()
}
