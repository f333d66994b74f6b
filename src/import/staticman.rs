//! Reads the data files of Staticman, in a site of Jekyll (`_data/comments`) or Hugo (`data/comments`).

use std::collections::BTreeMap;
use std::io;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value as Json;

use super::fields::{Fields, as_text, data};
use super::folder::{Folder, stem_and_end};
use super::model::{
    Comment, CommentState, CommentWriter, Format, Item, ItemKind, Omission, Sink, Text, Thread, ThreadKey,
};
use crate::content::CommentKind;

/// What sites call the comment that is answered, from the exact to the vague.
const PARENTS: [&str; 16] = [
    "replying_to_uid",
    "replying_to_id",
    "replyID",
    "reply_id",
    "reply_to",
    "replyTo",
    "reply-to",
    "in_reply_to",
    "parent_id",
    "parentId",
    "parent",
    "replying_to",
    "replyThread",
    "reply_thread",
    "_parent",
    "thread",
];

/// A comment as it stands in a file.
struct CommentData {
    /// What the report calls it.
    name: String,
    key: String,
    fields: Fields,
}

/// Reads all comments below a folder. `find` gives the post that a name, slug or address means.
pub fn read(folder: &Folder, root: &str, find: &dyn Fn(&str) -> Option<String>, sink: &mut dyn Sink) -> io::Result<()> {
    let mut threads: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in folder.below(root) {
        let (stem, end) = stem_and_end(path);
        if matches!(end.as_str(), "yml" | "yaml" | "json") {
            let thread = path.rsplit_once('/').map_or(stem, |(thread, _)| thread);
            threads.entry(thread.to_owned()).or_default().push(format!("{root}/{path}"));
        }
    }
    let mut known = FxHashSet::default();
    for (name, paths) in threads {
        let mut comments = Vec::new();
        for path in &paths {
            file(folder, path, &mut comments, sink)?;
        }
        thread(&name, &comments, find, &mut known, sink)?;
    }
    Ok(())
}

/// Reads a file: one comment, or a list of them.
fn file(folder: &Folder, path: &str, comments: &mut Vec<CommentData>, sink: &mut dyn Sink) -> io::Result<()> {
    let mut repairs = Vec::new();
    let text = folder.text(path, &mut repairs)?;
    for (what, times) in repairs {
        sink.repair(what, times);
    }
    let stem = stem_and_end(path).0.rsplit('/').next().unwrap_or_default().to_owned();
    let Some(value) = data(path, &text) else {
        let reason = "their file is damaged: it is no YAML or JSON".to_owned();
        sink.leave_out(Omission { class: ItemKind::Comments, reason, is_loss: true }, path.to_owned());
        return Ok(());
    };
    let (items, is_one): (Vec<(String, Json)>, bool) = match value {
        Json::Array(items) => {
            (items.into_iter().enumerate().map(|(at, item)| (format!("{stem}-{}", at + 1), item)).collect(), false)
        }
        Json::Object(fields) if !fields.is_empty() && fields.values().all(Json::is_object) => {
            (fields.into_iter().collect(), false)
        }
        value => (vec![(stem, value)], true),
    };
    for (key, item) in items {
        let name = if is_one { path.to_owned() } else { format!("{path}: {key}") };
        let Json::Object(fields) = item else {
            let reason = "they are no tables of keys and values".to_owned();
            sink.leave_out(Omission { class: ItemKind::Comments, reason, is_loss: true }, name);
            continue;
        };
        let fields = Fields(fields);
        let key = fields.text(&["_id", "id", "uid"]).unwrap_or(key);
        comments.push(CommentData { name, key, fields });
    }
    Ok(())
}

fn thread(
    name: &str,
    comments: &[CommentData],
    find: &dyn Fn(&str) -> Option<String>,
    known: &mut FxHashSet<ThreadKey>,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    let parents = parents(comments);
    let by_name = find(name);
    for (number, comment) in comments.iter().enumerate() {
        let fields = &comment.fields;
        let Some(message) = fields.text(&["message", "body", "comment", "content", "text"]) else {
            let reason = "they have no text".to_owned();
            sink.leave_out(Omission { class: ItemKind::Comments, reason, is_loss: false }, comment.name.clone());
            continue;
        };
        // A comment that lies in no folder names its page itself.
        let post = by_name
            .clone()
            .or_else(|| fields.text(&["_parent", "parent", "slug", "post", "path"]).and_then(|page| find(&page)));
        let thread = post.map_or_else(|| ThreadKey::Thread(format!("staticman:{name}")), ThreadKey::Post);
        if let ThreadKey::Thread(key) = &thread
            && known.insert(thread.clone())
        {
            let url = format!("/{}/", name.trim_matches('/'));
            sink.item(Item::Thread(Thread {
                key: key.clone(),
                url,
                identifier: String::new(),
                title: name.to_owned(),
                ..Thread::default()
            }))?;
        }
        let decision = match () {
            () if fields.flag("spam") == Some(true) => CommentState::Spam,
            () if ["published", "approved"].iter().any(|key| fields.flag(key) == Some(false)) => CommentState::Pending,
            () => CommentState::Approved,
        };
        sink.item(Item::Comment(Box::new(Comment {
            key: comment.key.clone(),
            thread,
            parent: parents[number].clone(),
            author: fields.text(&["name", "author", "author_name", "nick"]).unwrap_or_default(),
            url: fields.text(&["url", "website", "author_url", "site", "link"]).unwrap_or_default(),
            writer: CommentWriter::Unknown,
            date: fields.date(&["date", "timestamp", "created", "created_at", "published", "updated"]),
            kind: CommentKind::Comment,
            decision,
            body: Text { text: message, format: Format::Markdown },
            line: 1,
        })))?;
    }
    Ok(())
}

/// The comment that each one answers: by its id, or by its number among those that answer none.
fn parents(comments: &[CommentData]) -> Vec<Option<String>> {
    let mut ids: FxHashMap<&str, &str> = FxHashMap::default();
    for comment in comments {
        for key in ["_id", "id", "uid"] {
            if let Some(Json::String(id)) = comment.fields.0.get(key) {
                ids.entry(id).or_insert(&comment.key);
            }
        }
        ids.entry(&comment.key).or_insert(&comment.key);
    }
    // An empty value, and 0, mean that it answers the post.
    let value = |comment: &CommentData, key: &str| {
        comment.fields.get(key).and_then(as_text).filter(|value| !matches!(value.trim(), "" | "0" | "false" | "null"))
    };
    let roots: Vec<&CommentData> = comments.iter().filter(|comment| value(comment, "replying_to").is_none()).collect();
    let parent = |comment: &CommentData| {
        let mut missing = None;
        for key in PARENTS {
            let Some(value) = value(comment, key) else { continue };
            if let Some(parent) = ids.get(value.trim()) {
                if *parent != comment.key {
                    return Some((*parent).to_owned());
                }
                continue;
            }
            let number = value.trim().parse::<usize>().ok().filter(|_| key == "replying_to");
            if let Some(root) = number.and_then(|number| roots.get(number.checked_sub(1)?)) {
                return Some(root.key.clone());
            }
            // These can mean the post.
            if !matches!(key, "_parent" | "parent" | "thread" | "replyThread" | "reply_thread") {
                missing.get_or_insert(value);
            }
        }
        missing
    };
    comments.iter().map(parent).collect()
}
