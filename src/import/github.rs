//! Reads comments that live on GitHub: giscus has them in discussions, as the GraphQL API answers, and utterances in issues, as the REST
//! API or `gh issue list --json` answers.

use std::io::{self, BufRead};

use serde_json::Value;

use super::dates;
use super::json_records::{self, has_key, is_true, key, text, value};
use super::model::{Comment, CommentState, CommentWriter, Format, Item, ItemKind, Sink, Text, Thread, ThreadKey};
use crate::content::CommentKind;

/// The keys under which an answer holds discussions and issues.
const CONTAINERS: [&str; 11] =
    ["data", "repository", "discussions", "discussion", "issues", "issue", "search", "nodes", "edges", "node", "items"];

/// Whether a file that begins like this has discussions.
pub fn is_giscus(head: &str) -> bool {
    has_key(head, "discussions") || has_key(head, "discussion") || has_key(head, "authorAssociation")
}

/// Whether a file that begins like this has issues, or comments of some.
pub fn is_utterances(head: &str) -> bool {
    has_key(head, "author_association") || has_key(head, "issue_url") || has_key(head, "comments_url")
}

/// Reads a file.
pub fn read(reader: &mut dyn BufRead, sink: &mut dyn Sink) -> io::Result<()> {
    // Answers come in pages of at most a hundred: each by itself, in a list, or in a list of lists.
    let is_record = |path: &str| path.bytes().all(|byte| matches!(byte, b'[' | b']'));
    json_records::read(reader, is_record, ItemKind::Comments, sink, &mut |record, value, sink| {
        answer(value, record.line, sink)
    })
}

/// Finds discussions, issues and comments in an answer.
fn answer(from: &Value, line: u64, sink: &mut dyn Sink) -> io::Result<()> {
    if let Value::Array(values) = from {
        return values.iter().try_for_each(|value| answer(value, line, sink));
    }
    if from.get("issue_url").is_some() {
        return sink.item(Item::Comment(Box::new(comment(from, text(from, "issue_url"), None, line))));
    }
    if from.get("title").is_some() {
        return thread(from, line, sink);
    }
    CONTAINERS.iter().filter_map(|key| from.get(*key)).try_for_each(|value| answer(value, line, sink))
}

/// A discussion or an issue with what it has of its comments.
fn thread(from: &Value, line: u64, sink: &mut dyn Sink) -> io::Result<()> {
    let title = text(from, "title");
    // Comments of the REST API name their issue by its address.
    let id = key(from, "url").or_else(|| key(from, "id")).unwrap_or_else(|| text(from, "number"));
    let comments = nodes(value(from, "comments"));
    let mut count = value(from, "comments").as_u64().or_else(|| value(from, "comments.totalCount").as_u64());
    for comment in &comments {
        let replies = value(comment, "replies");
        let listed = nodes(replies).len() as u64;
        count = count.map(|count| count.saturating_add(replies["totalCount"].as_u64().unwrap_or(listed)));
    }
    sink.item(Item::Thread(Thread {
        key: id.clone(),
        url: page_address(&text(from, "body")).unwrap_or_default(),
        identifier: title.clone(),
        title,
        count,
        foreign: from.get("pull_request").map(|_| "a pull request"),
        ..Thread::default()
    }))?;
    for first in comments {
        let above = comment(first, id.clone(), None, line);
        let parent = above.key.clone();
        sink.item(Item::Comment(Box::new(above)))?;
        for reply in nodes(value(first, "replies")) {
            sink.item(Item::Comment(Box::new(comment(reply, id.clone(), Some(&parent), line))))?;
        }
    }
    Ok(())
}

/// The values of a list, of GraphQL's `nodes`, or of its `edges`.
fn nodes(list: &Value) -> Vec<&Value> {
    if let Some(edges) = value(list, "edges").as_array() {
        return edges.iter().map(|edge| &edge["node"]).collect();
    }
    list.as_array().or_else(|| list["nodes"].as_array()).into_iter().flatten().filter(|node| node.is_object()).collect()
}

/// The address of the page, with which giscus and utterances end the text of what they open.
fn page_address(body: &str) -> Option<String> {
    let at = [body.rfind("https://"), body.rfind("http://")].into_iter().flatten().max()?;
    let end = body[at..].find(|c: char| c.is_whitespace() || matches!(c, ')' | ']' | '>' | '"')).map(|end| at + end);
    Some(body[at..end.unwrap_or(body.len())].to_owned())
}

fn comment(from: &Value, thread: String, parent: Option<&str>, line: u64) -> Comment {
    let either =
        |keys: [&str; 2]| keys.into_iter().map(|key| text(from, key)).find(|text| !text.is_empty()).unwrap_or_default();
    let markdown = text(from, "body");
    let is_hidden = is_true(from, "isMinimized") || value(from, "minimized").is_object();
    let why = either(["minimizedReason", "minimized.reason"]).to_ascii_lowercase();
    Comment {
        key: text(from, "id"),
        thread: ThreadKey::Thread(thread),
        parent: key(from, "replyTo.id").or_else(|| parent.map(str::to_owned)),
        author: either(["author.login", "user.login"]),
        url: [either(["author.url", "user.html_url"])]
            .into_iter()
            .find(|url| !url.starts_with("https://api."))
            .unwrap_or_default(),
        writer: match either(["authorAssociation", "author_association"]).as_str() {
            "OWNER" => CommentWriter::PostAuthor,
            // Who may write into the repository can be one of its authors.
            "" | "MEMBER" | "COLLABORATOR" => CommentWriter::Unknown,
            _ => CommentWriter::Visitor,
        },
        date: dates::loose(&either(["createdAt", "created_at"])),
        kind: CommentKind::Comment,
        decision: match why.as_str() {
            _ if key(from, "deletedAt").is_some() => CommentState::Deleted,
            "spam" | "abuse" => CommentState::Spam,
            _ if is_hidden => CommentState::Pending,
            _ => CommentState::Approved,
        },
        body: if markdown.trim().is_empty() {
            Text { text: either(["bodyHTML", "body_html"]), format: Format::Html }
        } else {
            Text { text: markdown, format: Format::Markdown }
        },
        line,
    }
}
