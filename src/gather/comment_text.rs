//! The text of a comment file with one comment, as Causerie writes it.

use crate::import::ledger::hash;

/// What takes the place of a deleted text that somebody has answered.
const DELETED: &str = "*Deleted by its writer.*\n";

/// The hash of a comment file without the line that names its parent: that line changes when the parent is published.
pub fn text_hash(text: &str) -> String {
    hash(without_parent(text).as_bytes())
}

/// A comment file as an answer to the page itself.
pub fn without_parent(text: &str) -> String {
    match parts(text) {
        Some((front, body)) => format!("+++\n{}\n+++\n{body}", without_keys(front, &["reply_to"])),
        None => text.to_owned(),
    }
}

/// A comment file without its writer and its text, for one that was answered. None if it is no such file.
pub fn placeholder(text: &str) -> Option<String> {
    let (front, _) = parts(text)?;
    Some(format!("+++\n{}\n+++\n{DELETED}", without_keys(front, &["author", "url", "warning"])))
}

/// Whether a comment file is a placeholder.
pub fn is_placeholder(text: &str) -> bool {
    parts(text).is_some_and(|(_, body)| body == DELETED) && placeholder(text).as_deref() == Some(text)
}

/// A warning in one line of at most 200 characters.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect()
}

/// The front matter and the body.
fn parts(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix("+++\n")?.split_once("\n+++\n")
}

/// The lines of a front matter without some keys.
fn without_keys(front: &str, keys: &[&str]) -> String {
    let is_kept = |line: &&str| !line.split_once(" = ").is_some_and(|(key, _)| keys.contains(&key));
    front.lines().filter(is_kept).collect::<Vec<_>>().join("\n")
}
