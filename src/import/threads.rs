//! Comments as thread files: their order, their parents, and text that cannot break the file.

use std::collections::hash_map::Entry;

use rustc_hash::{FxHashMap, FxHashSet};

use super::html;
use super::model::{Comment, CommentState, CommentWriter, Commenter, ItemKind, Omission};
use super::report::{Concern, Report};
use super::toml_text;
use crate::config::is_web_address;
use crate::content::{CommentKind, Date, parse_thread};
use crate::diagnostic::SourceText;

/// The facts about a post that its thread needs.
#[derive(Clone, Debug, Default)]
pub struct PostOfThread<'a> {
    /// The name of the post, for the report.
    pub name: &'a str,
    /// The post's date, for comments that have none.
    pub date: Option<&'a str>,
    /// The account of the post's author.
    pub author: Option<&'a str>,
    /// The ids of comments that stand in another file of the same page, with their ids there.
    pub copies: Option<&'a FxHashMap<String, String>>,
    /// The people whom comments name by their account.
    pub commenters: Option<&'a FxHashMap<String, Commenter>>,
}

/// A comment of a thread file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentBlock {
    /// Its id.
    pub id: String,
    /// Its front matter and text.
    pub text: String,
    /// The id of the comment that it answers.
    pub reply_to: Option<String>,
}

/// Writes the comments of a thread, oldest first.
pub fn blocks(
    comments: Vec<Comment>,
    of: &PostOfThread<'_>,
    zone: &dyn Fn(&str) -> String,
    report: &mut Report,
) -> Vec<CommentBlock> {
    let mut parents: FxHashMap<String, Option<String>> = FxHashMap::default();
    let mut living: FxHashSet<String> = FxHashSet::default();
    let mut kept: Vec<Comment> = Vec::new();
    for comment in comments {
        let known = parents.entry(comment.key.clone());
        let is_new = matches!(known, Entry::Vacant(_));
        // A source that lists a reply by itself and below its parent may name the parent only there.
        let parent = known.or_default();
        if parent.is_none() {
            *parent = comment.parent.clone();
        }
        let reason = match comment.decision {
            _ if !is_new => "their id was in the thread before",
            CommentState::Spam => "they are spam",
            CommentState::Deleted => "they are in the trash",
            CommentState::Internal => "they are notes of a plugin, not comments",
            CommentState::Approved | CommentState::Pending => {
                living.insert(comment.key.clone());
                kept.push(comment);
                continue;
            }
        };
        let omission = Omission { class: ItemKind::Comments, reason: reason.to_owned(), is_loss: false };
        report.leave_out(omission, format!("comment {}", comment.key));
    }
    let mut dated: Vec<(Option<jiff::Timestamp>, Comment)> = kept
        .into_iter()
        .map(|comment| {
            let date = comment.date.as_deref().map(zone).and_then(|date| Date::parse(&date));
            (date.map(|date| date.timestamp), comment)
        })
        .collect();
    dated.sort_by_key(|(date, _)| *date);
    let ids = safe_ids(dated.iter().map(|(_, comment)| comment.key.as_str()));
    let mut out = Vec::with_capacity(dated.len());
    let above = living_parents(&parents, &living);
    for (_, comment) in &dated {
        let parent = above.get(comment.key.as_str()).copied().flatten();
        let copy = above_of(&parents, &comment.key).and_then(|id| of.copies.and_then(|copies| copies.get(id)));
        if copy.is_none() && parent != above_of(&parents, &comment.key) {
            report.concern(Concern::Parents, format!("{}: comment {}", of.name, comment.key));
        }
        let reply_to = parent.and_then(|parent| ids.get(parent)).or(copy).cloned();
        let id = ids.get(comment.key.as_str()).cloned().unwrap_or_default();
        let date = comment.date.as_deref().map(zone).or_else(|| {
            report
                .concern(Concern::Dates, format!("{}: comment {id} has no date, so it has that of its post", of.name));
            of.date.map(str::to_owned)
        });
        let converted = html::comment(&comment.body);
        if converted.unconverted > 0 {
            report.concern(Concern::Unconverted, format!("{}: comment {id}", of.name));
        }
        let front = front_matter(comment, &id, reply_to.as_deref(), date.as_deref().unwrap_or("1970-01-01"), of);
        out.push(CommentBlock { text: block(&front, &converted.markdown), id, reply_to });
    }
    report.write(ItemKind::Comments, out.len() as u64);
    out
}

/// Joins comments to a file, which must hold them all.
pub fn file(blocks: &[CommentBlock]) -> String {
    let text = blocks.iter().map(|block| block.text.as_str()).collect::<Vec<_>>().join("\n");
    let source = SourceText { path: "content/import.comments.md".into(), text: text.as_str().into() };
    let (parsed, problems) = parse_thread(&source);
    if problems.is_empty() && parsed.comments.len() == blocks.len() {
        return text;
    }
    // No text that this module writes looks like the beginning of a comment or an open code block. Should one do so all
    // the same, all of them become text that begins nothing.
    let indented = blocks.iter().map(|block| {
        let (front, body) = block.text.rsplit_once("+++\n").unwrap_or((&block.text, ""));
        let body: Vec<String> =
            body.lines().map(|line| line.replace(['`', '~'], "'").replace("+++", "+ + +")).collect();
        format!("{front}+++\n{}\n", body.join("\n"))
    });
    indented.collect::<Vec<_>>().join("\n")
}

/// For each comment that is kept, the nearest one above it that is kept too. Comments that answer one another in a circle
/// answer nobody. The work grows with the number of comments, however deep they nest.
fn living_parents<'a>(
    parents: &'a FxHashMap<String, Option<String>>,
    living: &FxHashSet<String>,
) -> FxHashMap<&'a str, Option<&'a str>> {
    // The nearest living comment at or above each id.
    let mut nearest: FxHashMap<&str, Option<&str>> = FxHashMap::default();
    let mut on_circle: FxHashSet<&str> = FxHashSet::default();
    for start in parents.keys() {
        let mut path: Vec<&str> = Vec::new();
        let mut seen: FxHashMap<&str, usize> = FxHashMap::default();
        let mut at = Some(start.as_str());
        let mut end = None;
        while let Some(id) = at {
            if let Some(known) = nearest.get(id) {
                end = *known;
                break;
            }
            if let Some(first) = seen.insert(id, path.len()) {
                on_circle.extend(&path[first..]);
                break;
            }
            path.push(id);
            at = above_of(parents, id);
        }
        for id in path.into_iter().rev() {
            if living.contains(id) {
                end = Some(id);
            } else if on_circle.contains(id) {
                end = None;
            }
            nearest.insert(id, end);
        }
    }
    let parent = |id: &'a str| above_of(parents, id).and_then(|above| nearest.get(above).copied().flatten());
    parents.keys().map(|id| (id.as_str(), if on_circle.contains(id.as_str()) { None } else { parent(id) })).collect()
}

fn above_of<'a>(parents: &'a FxHashMap<String, Option<String>>, id: &str) -> Option<&'a str> {
    parents.get(id).and_then(Option::as_deref)
}

/// The ids as a thread file can have them, each once.
fn safe_ids<'a>(keys: impl Iterator<Item = &'a str>) -> FxHashMap<&'a str, String> {
    let mut ids = FxHashMap::default();
    let mut taken = FxHashSet::default();
    for key in keys {
        let is_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let id = if !key.is_empty() && key.chars().all(is_safe) { key.to_owned() } else { slug::slugify(key) };
        let base = if id.is_empty() { "import".to_owned() } else { id.chars().take(100).collect() };
        let mut id = base.clone();
        let mut number = 1;
        while !taken.insert(id.clone()) {
            number += 1;
            id = format!("{base}-{number}");
        }
        ids.insert(key, id);
    }
    ids
}

fn front_matter<'a>(
    comment: &'a Comment,
    id: &str,
    reply_to: Option<&str>,
    date: &str,
    of: &PostOfThread<'a>,
) -> String {
    let mut lines = vec![format!("id = {}", toml_text::text(id))];
    let commenter = match &comment.writer {
        CommentWriter::Account(key) => of.commenters.and_then(|commenters| commenters.get(key)),
        _ => None,
    };
    let or_listed =
        |own: &'a str, listed: Option<&'a str>| if own.is_empty() { listed.unwrap_or_default() } else { own };
    let author = public_name(or_listed(&comment.author, commenter.map(|commenter| &*commenter.name)));
    if !author.is_empty() {
        lines.push(format!("author = {}", toml_text::text(&author)));
    }
    let url = or_listed(&comment.url, commenter.map(|commenter| &*commenter.url)).trim();
    if is_web_address(url) && !url.contains('@') {
        lines.push(format!("url = {}", toml_text::text(url)));
    }
    lines.push(format!("date = {date}"));
    if let Some(parent) = reply_to {
        lines.push(format!("reply_to = {}", toml_text::text(parent)));
    }
    if comment.kind != CommentKind::Comment {
        lines.push(format!("kind = \"{}\"", comment.kind.as_str()));
    }
    if comment.decision == CommentState::Pending {
        lines.push("status = \"pending\"".to_owned());
    }
    let by_author = match &comment.writer {
        CommentWriter::Unknown => None,
        CommentWriter::Visitor => Some(false),
        // Listed commenters are those of a comment system, which does not know who writes the posts.
        CommentWriter::Account(account) => commenter.is_none().then(|| Some(&**account) == of.author),
        CommentWriter::PostAuthor => Some(true),
    };
    if let Some(by_author) = by_author {
        lines.push(format!("by_author = {by_author}"));
    }
    lines.join("\n")
}

fn block(front: &str, body: &str) -> String {
    let mut text = format!("+++\n{front}\n+++\n");
    for line in body.lines() {
        // The escape of thread files, which reading takes away.
        if line.trim_start_matches('\\').trim_end() == "+++" {
            text.push('\\');
        }
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// A name without the e-mail address that some people give as theirs.
pub fn public_name(name: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words = name.split_whitespace().map(|word| match word.split_once('@') {
        Some((user, host)) if !user.is_empty() && host.contains('.') => user.trim_start_matches('<'),
        _ => word,
    });
    words.collect::<Vec<_>>().join(" ").chars().take(200).collect()
}
