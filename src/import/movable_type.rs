//! Reads the text format of Movable Type, which TypePad, Hatena and others export too.

use std::io::{self, BufRead, Read};

use rustc_hash::FxHashSet;

use super::dates;
use super::html;
use super::model::{
    Comment, CommentState, CommentWriter, Format, Item, ItemKind, Omission, Post, PostKind, Sink, Term, Text,
    ThreadKey, Visibility,
};
use super::page_names::slug;
use super::records::decode;
use crate::content::CommentKind;

/// A longer entry is damaged, or an attack.
const MAX_ENTRY: usize = 64 << 20;

/// The line between two entries.
const ENTRY_END: &[u8] = b"--------";

/// What a section begins with, after a line of five hyphens.
const SECTIONS: [&str; 7] = ["BODY:", "EXTENDED BODY:", "EXCERPT:", "KEYWORDS:", "COMMENT:", "PING:", "TAGS:"];

/// What an entry can begin with.
const KEYS: [&str; 14] = [
    "AUTHOR:",
    "TITLE:",
    "BASENAME:",
    "STATUS:",
    "DATE:",
    "ALLOW COMMENTS:",
    "CONVERT BREAKS:",
    "ALLOW PINGS:",
    "PRIMARY CATEGORY:",
    "CATEGORY:",
    "UNIQUE URL:",
    "TAGS:",
    "IMAGE:",
    "NO ENTRY:",
];

/// Whether a file that begins like this is such a text.
pub fn is_movable_type(head: &str) -> bool {
    let mut lines = head.trim_start_matches('\u{feff}').lines().map(str::trim_end).skip_while(|line| line.is_empty());
    let begins = lines.next().is_some_and(|line| KEYS.iter().any(|key| line.starts_with(key)));
    begins && lines.any(|line| line == "-----" || line == "BODY:")
}

/// Reads a file.
pub fn read(reader: &mut dyn BufRead, sink: &mut dyn Sink) -> io::Result<()> {
    let mut known = FxHashSet::default();
    let mut buffer: Vec<u8> = Vec::new();
    let (mut line_number, mut begin) = (0_u64, 1_u64);
    let mut is_too_long = false;
    // A line of eight hyphens ends an entry only where another one, or nothing, follows.
    let mut separator: Option<usize> = None;
    loop {
        let start = buffer.len();
        let length = Read::take(&mut *reader, MAX_ENTRY as u64).read_until(b'\n', &mut buffer)?;
        line_number += 1;
        let line = buffer[start..].trim_ascii();
        if length == 0 || separator.is_some() && is_key(line) {
            let end = separator.take().unwrap_or(start);
            let rest = buffer.split_off(start);
            buffer.truncate(end);
            if is_too_long {
                let reason = "they are too large for a text".to_owned();
                sink.leave_out(Omission { class: ItemKind::Posts, reason, is_loss: true }, format!("line {begin}"));
            } else if !buffer.trim_ascii().is_empty() {
                let mut repairs = Vec::new();
                let text = decode(std::mem::take(&mut buffer), None, &mut repairs);
                for (what, times) in repairs {
                    sink.repair(what, times);
                }
                entry(text.trim_start_matches('\u{feff}'), begin, &mut known, sink)?;
            }
            if length == 0 {
                return Ok(());
            }
            (buffer, begin, is_too_long) = (rest, line_number, false);
        } else if line == ENTRY_END {
            separator = Some(start);
        } else if !line.is_empty() {
            separator = None;
        }
        if buffer.len() > MAX_ENTRY {
            is_too_long = true;
            buffer.clear();
            separator = None;
        }
    }
}

fn is_key(line: &[u8]) -> bool {
    KEYS.iter().any(|key| line.starts_with(key.as_bytes()))
}

/// A section of an entry: its name and its lines.
struct EntrySection<'t> {
    name: &'t str,
    text: String,
}

/// Parts an entry into the head, which has no name, and its sections. A line of hyphens in a text is text.
fn sections(text: &str) -> Vec<EntrySection<'_>> {
    let mut sections = vec![EntrySection { name: "", text: String::new() }];
    let mut lines = text.lines().map(str::trim_end).peekable();
    while let Some(line) = lines.next() {
        if line == "-----" {
            match lines.peek().copied() {
                None => break,
                Some(next) => {
                    if let Some(name) = SECTIONS.iter().find(|name| next == **name) {
                        lines.next();
                        sections.push(EntrySection { name, text: String::new() });
                        continue;
                    }
                }
            }
            // The one after the last section has nothing behind it.
            if lines.clone().all(str::is_empty) {
                break;
            }
        }
        if let Some(section) = sections.last_mut() {
            section.text.push_str(line);
            section.text.push('\n');
        }
    }
    sections
}

/// The keys that a text begins with, and what follows them.
fn head<'t>(text: &'t str, keys: &[&str]) -> (Vec<(&'t str, &'t str)>, &'t str) {
    let mut fields = Vec::new();
    let mut rest = text;
    while let Some((line, after)) = rest.split_once('\n') {
        let pair = line.split_once(':').filter(|(key, _)| keys.is_empty() || keys.contains(key));
        match pair {
            Some((key, value)) => fields.push((key, value.trim())),
            None if line.trim().is_empty() && keys.is_empty() => {}
            None => break,
        }
        rest = after;
    }
    (fields, rest)
}

fn field<'t>(fields: &[(&'t str, &'t str)], key: &str) -> &'t str {
    fields.iter().find(|(known, _)| *known == key).map_or("", |(_, value)| value)
}

fn entry(text: &str, line: u64, known: &mut FxHashSet<String>, sink: &mut dyn Sink) -> io::Result<()> {
    let sections = sections(text);
    let (fields, _) = head(&sections[0].text, &[]);
    let field = |key| field(&fields, key);
    let section = |name| sections.iter().find(|section| section.name == name).map_or("", |section| section.text.trim());
    let title = html::text(field("TITLE"));
    let date = date(field("DATE"));
    let base = field("BASENAME");
    let key = if base.is_empty() {
        format!("{} {}", date.as_deref().unwrap_or("undated"), slug(&title))
    } else {
        base.to_owned()
    };
    let key = (1..)
        .map(|number| if number == 1 { key.clone() } else { format!("{key}-{number}") })
        .find(|key| known.insert(key.clone()))
        .unwrap_or_default();
    let (visibility, status) = match field("STATUS").to_ascii_lowercase().as_str() {
        "publish" | "" => (Visibility::Public, "published"),
        "draft" | "review" => (Visibility::Unpublished, "draft"),
        "future" => (Visibility::Unpublished, "future"),
        _ => (Visibility::Private, "unpublished"),
    };
    let breaks = field("CONVERT BREAKS").to_ascii_lowercase();
    let format = match breaks.as_str() {
        "0" | "richtext" | "wysiwyg" | "block_editor" | "none" => Format::Html,
        markdown if markdown.starts_with("markdown") => Format::Markdown,
        _ => Format::HtmlWithLines,
    };
    let (body, more) = (section("BODY:"), section("EXTENDED BODY:"));
    let body = if more.is_empty() { body.to_owned() } else { format!("{body}\n\n<!--more-->\n\n{more}") };
    let own = field("UNIQUE URL");
    let url = if own.is_empty() && base.contains('/') { format!("/entry/{base}") } else { own.to_owned() };
    sink.item(Item::Post(Box::new(Post {
        key: key.clone(),
        kind: PostKind::Post,
        title,
        slug: base.rsplit('/').next().unwrap_or_default().to_owned(),
        url: Some(url).filter(|url| !url.is_empty()),
        date,
        updated: None,
        visibility,
        status: status.to_owned(),
        authors: Some(field("AUTHOR").to_owned()).filter(|author| !author.is_empty()).into_iter().collect(),
        body: Text { text: body, format },
        excerpt: html::text(section("EXCERPT:")),
        terms: terms(&fields),
        former_slugs: Vec::new(),
        aliases: Vec::new(),
        comments_open: field("ALLOW COMMENTS") != "2",
        line,
    })))?;
    let mut ids = FxHashSet::default();
    for section in &sections {
        let kind = match section.name {
            "COMMENT:" => CommentKind::Comment,
            "PING:" => CommentKind::Trackback,
            _ => continue,
        };
        sink.item(Item::Comment(Box::new(comment(&section.text, kind, &key, line, &mut ids))))?;
    }
    Ok(())
}

fn terms(fields: &[(&str, &str)]) -> Vec<Term> {
    let mut terms: Vec<Term> = Vec::new();
    let mut add = |taxonomy: &str, name: &str| {
        let term = Term { taxonomy: taxonomy.to_owned(), name: html::text(name) };
        if !term.name.is_empty() && !terms.contains(&term) {
            terms.push(term);
        }
    };
    for (key, value) in fields {
        match *key {
            "PRIMARY CATEGORY" | "CATEGORY" => add("categories", value),
            "TAGS" => tags(value).iter().for_each(|tag| add("tags", tag)),
            _ => {}
        }
    }
    terms
}

/// Tags between commas, in quotes where one holds a comma.
fn tags(text: &str) -> Vec<String> {
    let mut tags = vec![String::new()];
    let mut in_quotes = false;
    for c in text.chars() {
        match c {
            '"' => in_quotes = !in_quotes,
            ',' if !in_quotes => tags.push(String::new()),
            c => {
                if let Some(tag) = tags.last_mut() {
                    tag.push(c);
                }
            }
        }
    }
    tags.into_iter().map(|tag| tag.trim().to_owned()).collect()
}

/// A comment or trackback. It has no id, so that its date becomes one.
fn comment(text: &str, kind: CommentKind, post: &str, line: u64, ids: &mut FxHashSet<String>) -> Comment {
    let (fields, body) = head(text, &["AUTHOR", "EMAIL", "IP", "URL", "DATE", "TITLE", "BLOG NAME", "SCORE"]);
    let field = |key| field(&fields, key);
    let date = date(field("DATE"));
    let digits: String = date.iter().flat_map(|date| date.chars()).filter(char::is_ascii_digit).collect();
    let base = if digits.is_empty() { "undated".to_owned() } else { digits };
    let key = (1..)
        .map(|number| if number == 1 { base.clone() } else { format!("{base}-{number}") })
        .find(|key| ids.insert(key.clone()))
        .unwrap_or_default();
    let title = field("TITLE");
    let body = match kind {
        CommentKind::Trackback if !title.is_empty() => format!("<strong>{title}</strong>\n\n{}", body.trim()),
        _ => body.trim().to_owned(),
    };
    let name = if kind == CommentKind::Comment { field("AUTHOR") } else { field("BLOG NAME") };
    Comment {
        key,
        thread: ThreadKey::Post(post.to_owned()),
        parent: None,
        author: html::text(name),
        url: field("URL").to_owned(),
        writer: CommentWriter::Unknown,
        date,
        kind,
        decision: CommentState::Approved,
        body: Text { text: body, format: Format::HtmlWithLines },
        line,
    }
}

/// A date with the month first: `01/31/2002 03:31:05 PM`, or with 24 hours.
fn date(text: &str) -> Option<String> {
    let (day, time) = text.split_once(' ').unwrap_or((text, ""));
    let mut parts = day.split('/');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    // Two digits for the year are from the last century, or from this one.
    let year = match year.parse::<u32>().ok()? {
        short if year.len() == 2 => {
            if short < 70 {
                2000 + short
            } else {
                1900 + short
            }
        }
        year => year,
    };
    dates::loose(format!("{year:04}-{month}-{day} {time}").trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_the_month_first() {
        assert_eq!(date("01/31/2002 03:31:05 PM").as_deref(), Some("2002-01-31T15:31:05"));
        assert_eq!(date("01/31/2002 15:31:05").as_deref(), Some("2002-01-31T15:31:05"));
        assert_eq!(date("1/2/02 12:00 AM").as_deref(), Some("2002-01-02T00:00:00"));
        for wrong in ["", "31/01/2002", "01/31/20021 15:31:05", "soon"] {
            assert_eq!(date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn hyphens_in_a_text_are_text() {
        let text = "TITLE: A\n-----\nBODY:\none\n-----\ntwo\n-----\nCOMMENT:\nAUTHOR: Jo\nx: y\n-----\n\n";
        let sections = sections(text);
        assert_eq!(sections.iter().map(|section| section.name).collect::<Vec<_>>(), ["", "BODY:", "COMMENT:"]);
        assert_eq!(sections[1].text, "one\n-----\ntwo\n");
        assert_eq!(head(&sections[2].text, &["AUTHOR"]), (vec![("AUTHOR", "Jo")], "x: y\n"));
        assert_eq!(tags("a, \"b, c\",d"), ["a", "b, c", "d"]);
    }
}
