//! Thread files: the comments that lie beside a page or a section.

mod blocks;
mod place;

use std::ops::Range;
use std::sync::Arc;

use super::date::Moment;
use super::front_matter::{Fields, toml_fields};
use crate::diagnostic::{Diagnostic, Location, Severity, SourceText};
use blocks::Block;

pub use place::{Owner, owner};

/// What a comment is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Somebody wrote it to the post's author and readers.
    #[default]
    Comment,
    /// Another site told that it links to the post (<https://www.hixie.ch/specs/pingback/pingback>).
    Pingback,
    /// Another site told, with words of its own.
    Trackback,
    /// Another site told, by <https://www.w3.org/TR/webmention/>.
    Webmention,
}

const KINDS: [(&str, Kind); 4] = [
    ("comment", Kind::Comment),
    ("pingback", Kind::Pingback),
    ("trackback", Kind::Trackback),
    ("webmention", Kind::Webmention),
];

impl Kind {
    /// The word for it in thread files and templates.
    pub fn as_str(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("comment", |(word, _)| word)
    }
}

/// Whether a comment is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Status {
    /// It is.
    #[default]
    Approved,
    /// Not yet.
    Pending,
    /// Never.
    Spam,
}

const STATUSES: [(&str, Status); 3] =
    [("approved", Status::Approved), ("pending", Status::Pending), ("spam", Status::Spam)];

/// A file of a thread, parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadFile {
    /// The path from the root of the site.
    pub path: Arc<str>,
    /// Its comments, in the order of the file.
    pub comments: Vec<CommentDocument>,
}

/// One comment as its file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentDocument {
    /// Its name in the thread; none: its place there.
    pub id: Option<String>,
    /// Who wrote it; none: nobody said.
    pub author: Option<String>,
    /// The author's site: http or https.
    pub url: Option<String>,
    /// When it was written; none only if an error was told about it.
    pub date: Option<Moment>,
    /// The id of the comment that it answers, and where that is said.
    pub reply_to: Option<(String, Location)>,
    /// What it is.
    pub kind: Kind,
    /// Whether it is shown.
    pub status: Status,
    /// Its Markdown, without blank lines around it.
    pub body: Arc<str>,
    /// Where its id is said, or else where it begins.
    pub location: Location,
    /// Whether its front matter could be read. If not, an error was told, and the rest of this is guesswork.
    pub sound: bool,
}

/// Parses a thread file.
pub fn parse_thread(source: &SourceText) -> (ThreadFile, Vec<Diagnostic>) {
    let (blocks, mut problems) = blocks::blocks(source);
    let only = blocks.len() == 1;
    let mut comments: Vec<CommentDocument> =
        blocks.into_iter().map(|block| comment(source, &block, &mut problems)).collect();
    if only
        && let Some(comment) = comments.first_mut()
        && comment.id.is_none()
        && let Some(stem) = place::stem_in_folder(&source.path)
    {
        if let Err(why) = check_id(stem) {
            problems.push(
                Diagnostic::error(format!("the name of this file cannot be the comment's id: {why}"))
                    .at(Location::file(source.path.clone()))
                    .help("rename the file, or write `id = \"…\"` in it"),
            );
        } else {
            comment.id = Some(stem.to_owned());
        }
    }
    problems.sort_by_key(super::start);
    (ThreadFile { path: source.path.clone(), comments }, problems)
}

fn comment(source: &SourceText, block: &Block, problems: &mut Vec<Diagnostic>) -> CommentDocument {
    let begin = Location::span(source, block.opening.clone());
    let mut fields = toml_fields(source, block.front_matter.clone());
    let id = id(&mut fields);
    let author = fields.text("author").map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let url = url(&mut fields);
    let has_date = fields.has("date");
    let date = fields.moment("date");
    let reply_to = fields.label("reply_to").map(|(id, location)| (id.trim().to_owned(), location));
    let kind = fields.choice("kind", &KINDS).unwrap_or_default();
    let status = fields.choice("status", &STATUSES).unwrap_or_default();
    let sound = fields.sound;
    if sound && !has_date {
        fields.note(
            Diagnostic::error("this comment has no date")
                .at(begin.clone())
                .help("write when it was written: date = 2024-05-31T18:30:00+02:00"),
        );
    }
    problems.extend(fields.finish(Severity::Error, "a comment", None));
    let (id, location) = id.map_or((None, begin), |(id, location)| (id, location));
    let body = trim_blank_lines(&source.text, block.body.clone());
    CommentDocument { id, author, url, date, reply_to, kind, status, body: body.into(), location, sound }
}

/// The id and its place; no id if it is not fit for one.
fn id(fields: &mut Fields<'_>) -> Option<(Option<String>, Location)> {
    let (id, location) = fields.label("id")?;
    match check_id(&id) {
        Ok(()) => Some((Some(id), location)),
        Err(why) => {
            fields.note(
                Diagnostic::error(format!("this id cannot be used: {why}"))
                    .at(location.clone())
                    .help("use letters from a to z, digits, `-`, `_` and `.`"),
            );
            Some((None, location))
        }
    }
}

/// Ids become parts of addresses (`#comment-ID`), and those are safe with a few characters only.
fn check_id(id: &str) -> Result<(), String> {
    match id.chars().find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.')) {
        _ if id.is_empty() => Err("it is empty".to_owned()),
        Some(' ') => Err("it has a blank in it".to_owned()),
        Some(c) => Err(format!("it has a `{}` in it", c.escape_debug())),
        None => Ok(()),
    }
}

fn url(fields: &mut Fields<'_>) -> Option<String> {
    let (url, location) = fields.label("url")?;
    let url = url.trim();
    if url.is_empty() || is_web_address(url) {
        return (!url.is_empty()).then(|| url.to_owned());
    }
    let problem = Diagnostic::error("`url` should be the address of a site, with http or https").at(location);
    fields.note(match url.split(['/', '?', '#']).next() {
        Some(host) if !host.contains(':') && host.contains('.') && is_web_address(&format!("https://{url}")) => {
            problem.help(format!("did you mean \"https://{url}\"?"))
        }
        _ => problem.help("write an address like \"https://example.org\", or leave the key out"),
    });
    None
}

/// Whether this is http or https, a host, and no character that an address cannot have.
fn is_web_address(url: &str) -> bool {
    let strip =
        |scheme: &str| url.get(..scheme.len()).filter(|s| s.eq_ignore_ascii_case(scheme)).map(|s| &url[s.len()..]);
    let Some(rest) = strip("https://").or_else(|| strip("http://")) else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    !host.is_empty()
        && !host.starts_with([':', '@'])
        && !url.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>' | '\\' | '`'))
}

/// A range without the blank lines around it. The first line keeps its indentation, which Markdown may need.
fn trim_blank_lines(text: &str, range: Range<usize>) -> &str {
    let text = text[range].trim_end();
    &text[super::front_matter::skip_blank_lines(text, 0)..]
}
