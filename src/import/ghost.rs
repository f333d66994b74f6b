//! Reads the export of Ghost, and its comments from a dump of their table as JSON or CSV.

mod editors;

use std::io::{self, BufRead};

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::dates;
use super::html;
use super::json_records::{self, has_key, is_true, key, text};
use super::model::{
    Author, Comment, CommentState, CommentWriter, Commenter, Format, Item, ItemKind, Omission, Post, PostKind,
    PostSupplement, Sink, Term, Text, ThreadKey, Visibility,
};
use super::records::decode;
use crate::content::CommentKind;

/// Stands for the address of the blog in an export.
const BLOG: &str = "__GHOST_URL__";

/// Whether a file that begins like this comes from Ghost.
pub fn is_ghost(head: &str) -> bool {
    let is_export =
        has_key(head, "meta") && has_key(head, "exported_on") || has_key(head, "db") && has_key(head, "data");
    let is_dump = has_key(head, "post_id") && has_key(head, "html") && has_key(head, "member_id");
    let first = head.trim_start_matches('\u{feff}').lines().next().unwrap_or_default();
    let columns: Vec<&str> = first.split(',').map(|name| name.trim().trim_matches('"')).collect();
    is_export || is_dump || ["post_id", "html", "id"].iter().all(|name| columns.contains(name))
}

/// Reads a file.
pub fn read(reader: &mut dyn BufRead, sink: &mut dyn Sink) -> io::Result<()> {
    let start = reader.fill_buf()?.trim_ascii_start();
    let is_json = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).starts_with(b"{") || start.starts_with(b"[");
    if !is_json {
        return csv(reader, sink);
    }
    let is_record = |path: &str| {
        let table = path.strip_suffix("[]").map(|path| path.rsplit('.').next().unwrap_or(path));
        let tables = ["", "posts", "posts_tags", "posts_authors", "posts_meta", "tags", "users", "comments", "members"];
        // The list around everything is no table.
        path != "db[]" && table.is_some_and(|table| tables.contains(&table))
    };
    let mut relations = Relations::default();
    json_records::read(reader, is_record, ItemKind::Posts, sink, &mut |record, row, sink| {
        let table = record.path.trim_end_matches("[]").rsplit('.').next().unwrap_or_default();
        match table {
            "posts" => {
                let post = post(row, record.line, sink);
                sink.item(Item::Post(Box::new(post)))
            }
            "users" => {
                let name = text(row, "name");
                sink.item(Item::Author(Author { key: text(row, "id"), name, user: None }))
            }
            "members" => sink.item(Item::Commenter(Commenter {
                key: format!("ghost:{}", text(row, "id")),
                name: text(row, "name"),
                url: String::new(),
            })),
            "comments" => comment(row, record.line, sink),
            "" if row.get("post_id").is_some() && row.get("html").is_some() => comment(row, record.line, sink),
            _ => {
                relations.row(table, row);
                Ok(())
            }
        }
    })?;
    relations.send(sink)
}

/// What other tables say about posts: they can stand before or behind the posts.
#[derive(Default)]
struct Relations {
    /// The names of the tags; none: a tag for inner use.
    tags: FxHashMap<String, Option<String>>,
    /// Posts with their tags, authors and summaries, in the order of the file.
    posts_tags: Vec<(String, i64, String)>,
    posts_authors: Vec<(String, i64, String)>,
    summaries: Vec<(String, String)>,
}

impl Relations {
    fn row(&mut self, table: &str, row: &Value) {
        let order = row.get("sort_order").and_then(Value::as_i64).unwrap_or(0);
        let post = text(row, "post_id");
        match table {
            "tags" => {
                let name = text(row, "name");
                let is_inner = name.starts_with('#') || text(row, "visibility") == "internal";
                self.tags.insert(text(row, "id"), (!is_inner && !name.is_empty()).then_some(name));
            }
            "posts_tags" => self.posts_tags.push((post, order, text(row, "tag_id"))),
            "posts_authors" => self.posts_authors.push((post, order, text(row, "author_id"))),
            "posts_meta" => self.summaries.push((post, text(row, "meta_description"))),
            _ => {}
        }
    }

    fn send(mut self, sink: &mut dyn Sink) -> io::Result<()> {
        let mut supplements: FxHashMap<String, PostSupplement> = FxHashMap::default();
        let of = |post: &str| PostSupplement { post: post.to_owned(), ..PostSupplement::default() };
        self.posts_tags.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
        for (post, _, tag) in self.posts_tags {
            if let Some(Some(name)) = self.tags.get(&tag) {
                let term = Term { taxonomy: "tags".to_owned(), name: name.clone() };
                supplements.entry(post.clone()).or_insert_with(|| of(&post)).terms.push(term);
            }
        }
        self.posts_authors.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
        for (post, _, author) in self.posts_authors {
            supplements.entry(post.clone()).or_insert_with(|| of(&post)).authors.push(author);
        }
        for (post, summary) in self.summaries {
            supplements.entry(post.clone()).or_insert_with(|| of(&post)).excerpt = summary;
        }
        let mut supplements: Vec<PostSupplement> = supplements.into_values().collect();
        supplements.sort_by(|a, b| a.post.cmp(&b.post));
        supplements.into_iter().try_for_each(|supplement| sink.item(Item::PostSupplement(supplement)))
    }
}

fn post(row: &Value, line: u64, sink: &mut dyn Sink) -> Post {
    let slug = text(row, "slug");
    let is_page = text(row, "type") == "page" || is_true(row, "page");
    let (visibility, status) = match (text(row, "status").as_str(), text(row, "visibility").as_str()) {
        ("published", "public" | "") => (Visibility::Public, "published".to_owned()),
        // Those that were only sent by mail were for members, too.
        ("published", other) => (Visibility::Private, other.to_owned()),
        ("sent", _) => (Visibility::Private, "sent to members".to_owned()),
        (status, "public" | "") => (Visibility::Unpublished, status.to_owned()),
        (status, other) => (Visibility::Private, format!("{status}, {other}")),
    };
    if !text(row, "codeinjection_head").trim().is_empty() || !text(row, "codeinjection_foot").trim().is_empty() {
        sink.repair("code injections that were removed", 1);
    }
    let mut body = editors::body(row);
    body.text = body.text.replace(BLOG, "");
    let picture = ["feature_image", "image"].iter().map(|key| text(row, key)).find(|url| !url.is_empty());
    if let Some(url) = picture {
        let url = url.replace(BLOG, "");
        body.text = match body.format {
            Format::Markdown => format!("![](<{}>)\n\n{}", url.replace(['<', '>', '\n'], ""), body.text),
            _ => {
                format!("<p><img src=\"{}\" alt=\"\"></p>\n{}", html::escape_html(&url).replace('"', "%22"), body.text)
            }
        };
    }
    let date = |key: &str| dates::loose_utc(&text(row, key));
    Post {
        key: text(row, "id"),
        kind: if is_page { PostKind::Page } else { PostKind::Post },
        title: text(row, "title"),
        url: (visibility == Visibility::Public && !slug.is_empty()).then(|| format!("/{slug}/")),
        slug,
        date: date("published_at").or_else(|| date("created_at")),
        updated: date("updated_at"),
        visibility,
        status,
        authors: key(row, "author_id").into_iter().collect(),
        body,
        excerpt: ["custom_excerpt", "meta_description"]
            .iter()
            .map(|key| text(row, key))
            .find(|text| !text.is_empty())
            .unwrap_or_default(),
        terms: Vec::new(),
        former_slugs: Vec::new(),
        aliases: Vec::new(),
        comments_open: true,
        line,
    }
}

fn comment(row: &Value, line: u64, sink: &mut dyn Sink) -> io::Result<()> {
    let name =
        ["member_name", "name", "author", "author_name"].iter().map(|key| text(row, key)).find(|name| !name.is_empty());
    let decision = match text(row, "status").as_str() {
        "published" | "" => CommentState::Approved,
        "deleted" => CommentState::Deleted,
        // Hidden by the author of the blog.
        _ => CommentState::Spam,
    };
    if decision == CommentState::Spam {
        let reason = "the author of the blog has hidden them".to_owned();
        let omission = Omission { class: ItemKind::Comments, reason, is_loss: false };
        sink.leave_out(omission, format!("comment {}", text(row, "id")));
        return Ok(());
    }
    let writer = match key(row, "member_id") {
        Some(member) if name.is_none() => CommentWriter::Account(format!("ghost:{member}")),
        _ => CommentWriter::Unknown,
    };
    sink.item(Item::Comment(Box::new(Comment {
        key: text(row, "id"),
        thread: ThreadKey::Post(text(row, "post_id")),
        // The comment that it answers, or else the one that began the thread.
        parent: key(row, "in_reply_to_id").or_else(|| key(row, "parent_id")),
        author: name.unwrap_or_default(),
        url: String::new(),
        writer,
        date: dates::loose_utc(&text(row, "created_at")),
        kind: CommentKind::Comment,
        decision,
        body: Text { text: text(row, "html"), format: Format::Html },
        line,
    })))
}

/// Reads a table of comments.
fn csv(reader: &mut dyn BufRead, sink: &mut dyn Sink) -> io::Result<()> {
    let mut table = csv::ReaderBuilder::new().flexible(true).from_reader(reader);
    let names: Vec<String> = table
        .byte_headers()?
        .iter()
        .map(|name| String::from_utf8_lossy(name).trim_start_matches('\u{feff}').trim().to_owned())
        .collect();
    let mut record = csv::ByteRecord::new();
    while table.read_byte_record(&mut record)? {
        let line = record.position().map_or(0, csv::Position::line);
        let mut repairs = Vec::new();
        let row: Map<String, Value> = names
            .iter()
            .zip(record.iter())
            .map(|(name, value)| (name.clone(), decode(value.to_vec(), None, &mut repairs)))
            // Databases write a missing value in these ways.
            .filter(|(_, value)| !matches!(value.as_str(), "NULL" | "\\N"))
            .map(|(name, value)| (name, Value::String(value)))
            .collect();
        for (what, times) in repairs {
            sink.repair(what, times);
        }
        if record.len() < names.len() {
            let reason = "their line in the table ends early".to_owned();
            sink.leave_out(Omission { class: ItemKind::Comments, reason, is_loss: true }, format!("line {line}"));
            continue;
        }
        comment(&Value::Object(row), line, sink)?;
    }
    Ok(())
}
