//! Thread files: the comments that lie beside a page or a section.

mod blocks;
mod owner;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::date::Date;
use super::front_matter::{COMMENT, Id};
use super::reactions::Reaction;
use crate::config::{Network, is_web_address};
use crate::diagnostic::{Diagnostic, Location, SourceText};
use crate::source::{Notation, Table, TableReader, parse_table};
use blocks::CommentBlock;

pub use owner::{ThreadOwner, owner, thread_names};

/// What a comment is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CommentKind {
    /// A reader or the author wrote it.
    #[default]
    Comment,
    /// Another site reported that it links to the post (<https://www.hixie.ch/specs/pingback/pingback>).
    Pingback,
    /// Another site reported a link, with a text.
    Trackback,
    /// Another site reported a link as in <https://www.w3.org/TR/webmention/>.
    Webmention,
    /// Somebody answered on another network.
    Network(Network),
}

const KINDS: [(&str, CommentKind); 10] = [
    ("comment", CommentKind::Comment),
    ("pingback", CommentKind::Pingback),
    ("trackback", CommentKind::Trackback),
    ("webmention", CommentKind::Webmention),
    ("mastodon", CommentKind::Network(Network::Mastodon)),
    ("bluesky", CommentKind::Network(Network::Bluesky)),
    ("hackernews", CommentKind::Network(Network::HackerNews)),
    ("lobsters", CommentKind::Network(Network::Lobsters)),
    ("github", CommentKind::Network(Network::GitHub)),
    ("lemmy", CommentKind::Network(Network::Lemmy)),
];

impl CommentKind {
    /// The word for it in thread files and templates.
    pub fn as_str(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("comment", |(word, _)| word)
    }
}

/// A kind as its word, for formats that people read.
pub mod kind_word {
    use serde::{Deserialize as _, Deserializer, Serializer};

    use super::{CommentKind, KINDS};

    pub fn serialize<S: Serializer>(kind: &CommentKind, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(kind.as_str())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<CommentKind, D::Error> {
        let word = String::deserialize(deserializer)?;
        Ok(KINDS.iter().find(|(name, _)| *name == word).map(|(_, kind)| *kind).unwrap_or_default())
    }
}

/// Whether a comment is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CommentStatus {
    /// It is.
    #[default]
    Approved,
    /// Not yet.
    Pending,
    /// Never.
    Spam,
}

const STATUSES: [(&str, CommentStatus); 3] =
    [("approved", CommentStatus::Approved), ("pending", CommentStatus::Pending), ("spam", CommentStatus::Spam)];

impl CommentStatus {
    /// The word for it in thread files.
    pub fn as_str(self) -> &'static str {
        STATUSES.iter().find(|(_, status)| *status == self).map_or("approved", |(word, _)| word)
    }
}

/// A file of a thread, parsed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadFile {
    /// The path from the root of the site.
    pub path: Arc<str>,
    /// Its comments, in the order of the file.
    pub comments: Vec<Arc<CommentDocument>>,
    /// How often the page was liked and passed on elsewhere. Only a file of reactions has them.
    pub reactions: Vec<Reaction>,
}

/// One comment as its file has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentDocument {
    /// Its name in the thread; none: its place there.
    pub id: Option<String>,
    /// The name of its writer. None: it is anonymous.
    pub author: Option<String>,
    /// The author's site: http or https.
    pub url: Option<String>,
    /// When it was written. None only if an error was reported about it.
    pub date: Option<Date>,
    /// Whether the post's author wrote it. None: the writer's name decides.
    pub by_author: Option<bool>,
    /// The id of the comment that it answers, and the place of that key.
    pub reply_to: Option<(String, Location)>,
    /// What it is.
    pub kind: CommentKind,
    /// What its writer put before the text, so that readers decide whether to read it.
    pub warning: Option<String>,
    /// Whether it is shown.
    pub status: CommentStatus,
    /// Its Markdown, without blank lines around it.
    pub body: Arc<str>,
    /// The place of its id, or else where it begins.
    pub location: Location,
    /// Whether its front matter is valid TOML. If not, an error was reported, and other comments may refer to this one
    /// correctly.
    pub sound: bool,
}

impl CommentDocument {
    /// The comment's id. A comment without one is called by its number among all comments of its thread, in the order of
    /// their files; `index` counts from 0.
    pub fn id_at(&self, index: usize) -> Cow<'_, str> {
        self.id.as_deref().map_or_else(|| (index + 1).to_string().into(), Cow::Borrowed)
    }
}

/// Parses a thread file.
pub fn parse_thread(source: &SourceText) -> (ThreadFile, Vec<Diagnostic>) {
    let (blocks, mut problems) = blocks::blocks(source);
    let stem = owner::stem_in_folder(&source.path).filter(|_| blocks.len() == 1);
    // Each comment goes into its own allocation at once, because a vector of whole comments would keep much memory.
    let mut comments = Vec::with_capacity(blocks.len());
    for block in blocks {
        let mut comment = comment(source, &block, &mut problems);
        if let Some(stem) = stem.filter(|_| comment.id.is_none()) {
            comment.id = Some(id_of_file(source, stem, &mut problems));
        }
        comments.push(Arc::new(comment));
    }
    problems.sort_by_key(super::start);
    (ThreadFile { path: source.path.clone(), comments, reactions: Vec::new() }, problems)
}

/// The id of the only comment of a file, by the file's name.
fn id_of_file(source: &SourceText, stem: &str, problems: &mut Vec<Diagnostic>) -> String {
    // A name with blanks, accents or emoji becomes an id as a title becomes an address.
    let id = if check_id(stem).is_ok() { stem.to_owned() } else { slug::slugify(stem) };
    if let Err(why) = check_id(&id) {
        problems.push(
            Diagnostic::error(format!("the name of this file cannot be the comment's id: {why}"))
                .at(Location::file(source.path.clone()))
                .help("rename the file, or write `id = \"…\"` in it"),
        );
    }
    id
}

fn comment(source: &SourceText, block: &CommentBlock, problems: &mut Vec<Diagnostic>) -> CommentDocument {
    let begin = Location::span(source, block.opening.clone());
    let parsed = parse_table(source, Notation::Toml, &block.front_matter);
    let reading = TableReader::new(source, &parsed, &COMMENT);
    let mut table = reading.root();
    let id = id(&mut table);
    let author = table.get::<String>("author").map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let url = url(&mut table);
    let has_date = table.has("date");
    let date = table.get("date");
    let reply_to = table.spanned("reply_to").map(|(Id(id), span)| (id.trim().to_owned(), reading.at(span)));
    let kind = table.choice("kind", &KINDS).unwrap_or_default();
    let warning = table.get::<String>("warning").map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let status = table.choice("status", &STATUSES).unwrap_or_default();
    // A value that cannot be read counts as false: it makes nobody the author.
    let (has_by_author, by_author) = (table.has("by_author"), table.get_or("by_author", false));
    let by_author = has_by_author.then_some(by_author);
    table.close();
    if !has_date {
        reading.problem(
            Diagnostic::error("this comment has no date")
                .at(begin.clone())
                .help("write when it was written: date = 2024-05-31T18:30:00+02:00"),
        );
    }
    problems.extend(reading.finish());
    let sound = parsed.is_valid;
    let (id, location) = id.map_or((None, begin), |(id, location)| (Some(id), location));
    let body = blocks::unescape(trim_blank_lines(&source.text, block.body.clone())).into();
    CommentDocument { id, author, url, date, by_author, reply_to, kind, warning, status, body, location, sound }
}

/// Reads the id. An invalid one is reported, but kept, so that its replies find it.
fn id(table: &mut Table) -> Option<(String, Location)> {
    let (Id(id), span) = table.spanned("id")?;
    let location = table.reading().at(span);
    if let Err(why) = check_id(&id) {
        table.reading().problem(
            Diagnostic::error(format!("this id cannot be used: {why}"))
                .at(location.clone())
                .help("use letters from a to z, digits, `-`, `_` and `.`"),
        );
    }
    Some((id, location))
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

fn url(table: &mut Table) -> Option<String> {
    let reading = table.reading();
    let (url, span) = table.spanned::<String>("url")?;
    let location = reading.at(span);
    let url = url.trim();
    if url.is_empty() || is_web_address(url) {
        return (!url.is_empty()).then(|| url.to_owned());
    }
    let problem = Diagnostic::error("`url` should be the address of a site, with http or https").at(location);
    reading.problem(match url.split(['/', '?', '#']).next() {
        Some(host) if !host.contains(':') && host.contains('.') && is_web_address(&format!("https://{url}")) => {
            problem.help(format!("did you mean \"https://{url}\"?"))
        }
        _ => problem.help("write an address like \"https://example.org\", or leave the key out"),
    });
    None
}

/// A range without the blank lines around it. The first line keeps its indentation, which Markdown may need.
fn trim_blank_lines(text: &str, range: Range<usize>) -> &str {
    let text = text[range].trim_end();
    &text[super::front_matter::skip_blank_lines(text, 0)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The comments of a file without problems.
    fn comments(path: &str, text: &str) -> Vec<Arc<CommentDocument>> {
        let (file, problems) = parse_thread(&SourceText { path: path.into(), text: text.into() });
        assert_eq!(problems, [], "{text}");
        file.comments
    }

    fn bodies(text: &str) -> Vec<String> {
        comments("content/tea.comments.md", text).iter().map(|comment| comment.body.to_string()).collect()
    }

    #[test]
    fn a_comment_has_what_its_front_matter_says() {
        let text = "+++\nid = \"7\"\nauthor = \" Jo Field \"\nurl = \"https://jo.example\"\n\
                    date = 2009-05-12T09:14:00-05:00\nreply_to = \"3\"\nkind = \"webmention\"\n\
                    status = \"spam\"\n+++\n\n  Any *Markdown*.\n\n";
        let all = comments("content/tea.comments.md", text);
        let [comment] = &all[..] else { panic!("{all:?}") };
        assert_eq!(comment.id.as_deref(), Some("7"));
        assert_eq!(comment.author.as_deref(), Some("Jo Field"));
        assert_eq!(comment.url.as_deref(), Some("https://jo.example"));
        assert_eq!(comment.date.as_ref().map(|date| date.text.as_str()), Some("2009-05-12T09:14:00-05:00"));
        assert_eq!(comment.reply_to.as_ref().map(|(id, _)| id.as_str()), Some("3"));
        assert_eq!((comment.kind, comment.status, comment.sound), (CommentKind::Webmention, CommentStatus::Spam, true));
        assert_eq!(&*comment.body, "  Any *Markdown*.");
        assert_eq!(comment.location.line_column(), Some((2, 6)));
    }

    #[test]
    fn only_the_date_is_needed() {
        let text = "+++\nid = 7\nauthor = \"  \"\nurl = \"\"\ndate = \"2009-05-12\"\n+++";
        let all = comments("content/tea.comments.md", text);
        let [comment] = &all[..] else { panic!("{all:?}") };
        assert_eq!((comment.id.as_deref(), &comment.author, &comment.url), (Some("7"), &None, &None));
        assert_eq!((comment.kind, comment.status, &*comment.body), (CommentKind::Comment, CommentStatus::Approved, ""));
        assert_eq!(comment.by_author, None);
    }

    #[test]
    fn whether_the_author_wrote_it_is_true_or_false() {
        let read = |value: &str| {
            let text = format!("+++\ndate = 2024-01-01\nby_author = {value}\n+++\n");
            let (file, problems) =
                parse_thread(&SourceText { path: "content/tea.comments.md".into(), text: text.into() });
            (file.comments[0].by_author, problems.len())
        };
        assert_eq!((read("true"), read("false")), ((Some(true), 0), (Some(false), 0)));
        // What cannot be read makes nobody the author.
        for other in ["\"true\"", "1", "[true]"] {
            assert_eq!(read(other), (Some(false), 1), "{other}");
        }
    }

    #[test]
    fn a_file_holds_as_many_comments_as_it_has_front_matters() {
        assert!(bodies("").is_empty());
        assert!(bodies("\n \n").is_empty());
        let text = "\n+++\ndate = 2024-01-01\n+++\nOne.\n+++\ndate = 2024-01-02\n+++ \n+++\ndate = 2024-01-03\n+++\n\nThree,\n\n+ not +++\n +++\n";
        assert_eq!(bodies(text), ["One.", "", "Three,\n\n+ not +++\n +++"]);
    }

    #[test]
    fn a_line_of_plus_signs_in_a_code_block_is_text() {
        for code in [
            "```\n+++\ndate = 1\n+++\n```",
            "~~~ toml +++\n+++\n~~~~",
            "````\n```\n+++\n````",
            "   ```\n+++\n  ```",
            "~~~\n```\n+++\n~~~",
        ] {
            let text = format!("+++\ndate = 2024-01-01\n+++\n{code}\n\n+++\ndate = 2024-01-02\n+++\nTwo.");
            assert_eq!(bodies(&text), [code.trim_end(), "Two."], "{code}");
        }
    }

    #[test]
    fn a_backslash_makes_a_line_of_plus_signs_text() {
        for (written, meant) in [
            ("\\+++", "+++"),
            ("One\n\\+++ \t\ntwo", "One\n+++ \t\ntwo"),
            ("\\\\+++\n\\\\\\+++", "\\+++\n\\\\+++"),
            ("```\n\\+++\n```", "```\n+++\n```"),
            ("\\+++ date\n \\+++\n\\++\n\\++++\na\\+++", "\\+++ date\n \\+++\n\\++\n\\++++\na\\+++"),
        ] {
            let text = format!("+++\ndate = 2024-01-01\n+++\n{written}\n+++\ndate = 2024-01-02\n+++\nTwo.");
            assert_eq!(bodies(&text), [meant, "Two."], "{written}");
        }
    }

    #[test]
    fn what_only_looks_like_a_code_block_ends_no_comment() {
        for text in ["``` a `span` ```", "    ```", "``", "> ```\n> +++", "```\nopen at the end of the file"] {
            let first = format!("+++\ndate = 2024-01-01\n+++\nOne.\n\n+++\ndate = 2024-01-02\n+++\n{text}");
            assert_eq!(bodies(&first).len(), 2, "{text}");
        }
        let text = "+++\ndate = 2024-01-01\n+++\n``` a `span` ```\n\n+++\ndate = 2024-01-02\n+++\nTwo.";
        assert_eq!(bodies(text), ["``` a `span` ```", "Two."]);
    }

    #[test]
    fn a_file_in_a_folder_names_its_only_comment() {
        let one = "+++\ndate = 2024-01-01\n+++\nOne.\n";
        let id = |path: &str, text: &str| comments(path, text)[0].id.clone();
        assert_eq!(id("content/tea.comments/jo.1.md", one).as_deref(), Some("jo.1"));
        assert_eq!(id("content/tea.comments/jo.md", &one.replace("date", "id = \"x\"\ndate")).as_deref(), Some("x"));
        assert_eq!(id("content/tea.comments/jo.md", &one.repeat(2)), None);
        assert_eq!(id("content/tea.comments.md", one), None);
    }

    #[test]
    fn addresses_are_of_the_web() {
        for url in ["http://jo.example", "HTTPS://jo.example/a?b=c#d", "https://[::1]:80/", "https://żółć.example"]
        {
            assert!(is_web_address(url), "{url}");
        }
        for url in [
            "",
            "jo.example",
            "//jo.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "https:jo.example",
            "https://",
            "https:///path",
            "https://?q",
            "https://:80",
            "https://jo.example/\"onload=\"x",
            "https://jo .example",
            "https://jo.example\n",
            "https://jo.example/<b>",
            "ftp://jo.example",
            "mailto:jo@example.org",
            "httpsé://a",
        ] {
            assert!(!is_web_address(url), "{url:?}");
        }
    }
}
