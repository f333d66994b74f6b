//! The configuration of an old site, and the keys of front matter that changed. Everything else in the files stays byte
//! for byte.

use std::ops::Range;

use super::highlighting::{OLD_DEFAULT, nearest_theme};
use super::report::Report;
use crate::config::slugify::{Slugify, Strategy};
use crate::diagnostic::{Diagnostic, Location, SourceText};
use crate::source::{Node, Notation, TableEntry, Value, parse_table};
use crate::tera1::{Change, ChangeKind, Rewritten};

/// What the migration of other files must know of the configuration.
pub struct Configuration {
    /// The theme, if there is one.
    pub theme: Option<String>,
    /// The names of the taxonomies that have pages, and where they are.
    pub taxonomies: Vec<(String, Range<usize>)>,
    /// The code of the default language.
    pub default_language: String,
    /// The codes of the other languages.
    pub other_languages: Vec<String>,
    /// How names become parts of addresses.
    pub slugify: Slugify,
}

/// Keys with a new name and the same values, wherever they are.
const RENAMED: &[(&str, &str)] = &[
    ("generate_feed", "generate_feeds"),
    ("generate_rss", "generate_feeds"),
    ("rss_limit", "feed_limit"),
    ("build_search", "build_search_index"),
];

/// Keys of the root or of `[markdown]` that are in the table `[markdown.highlighting]` now.
const HIGHLIGHTING: [&str; 6] = [
    "highlight_code",
    "highlight_theme",
    "highlight_themes_css",
    "extra_syntaxes",
    "extra_syntaxes_and_themes",
    "extra_highlight_themes",
];

/// Keys of the root that mean nothing now.
const REMOVED: [&str; 1] = ["check_external_links"];

/// Reads what other files depend on.
///
/// # Errors
/// The file is not TOML.
pub fn read(source: &SourceText) -> Result<Configuration, Diagnostic> {
    let mut parsed = parse_table(source, Notation::Toml, &(0..source.text.len()));
    if !parsed.is_valid {
        let problem = parsed.problems.pop();
        return Err(
            problem.unwrap_or_else(|| Diagnostic::error("this is no TOML").at(Location::file(source.path.clone())))
        );
    }
    let entries = &parsed.entries;
    let text = |key: &str| entries.iter().find(|entry| entry.key == key).and_then(|entry| text_of(&entry.node));
    let is_name = |theme: &&str| !theme.is_empty() && !theme.contains(['/', '\\']) && *theme != "..";
    let default_language = text("default_language").unwrap_or("en").to_owned();
    let languages = table(entries, "languages").unwrap_or_default().iter().map(|entry| entry.key.to_string());
    Ok(Configuration {
        theme: text("theme").filter(is_name).map(str::to_owned),
        taxonomies: taxonomies(entries),
        other_languages: languages.filter(|code| *code != default_language).collect(),
        default_language,
        slugify: slugify(entries),
    })
}

fn slugify(entries: &[TableEntry<'_>]) -> Slugify {
    let keys = table(entries, "slugify").unwrap_or_default();
    let find = |entries: &[TableEntry<'_>], key: &str, is_meant: fn(&Value<'_>) -> bool| {
        entries.iter().any(|entry| entry.key == key && is_meant(&entry.node.value))
    };
    let strategy = |key: &str| {
        let name = keys.iter().find(|entry| entry.key == key).and_then(|entry| text_of(&entry.node));
        name.and_then(Strategy::named)
    };
    let is_off = find(entries, "slugify_paths", |value| matches!(value, Value::Bool(false)));
    Slugify {
        paths: strategy("paths").unwrap_or(if is_off { Strategy::Off } else { Strategy::On }),
        paths_keep_dates: find(keys, "paths_keep_dates", |value| matches!(value, Value::Bool(true))),
        taxonomies: strategy("taxonomies").unwrap_or_default(),
        ..Slugify::default()
    }
}

fn taxonomies(entries: &[TableEntry<'_>]) -> Vec<(String, Range<usize>)> {
    let Some(entry) = entries.iter().find(|entry| entry.key == "taxonomies") else { return Vec::new() };
    let Value::List(taxonomies) = &entry.node.value else { return Vec::new() };
    let name = |node: &Node<'_>| {
        let entries = entries_of(node)?;
        let find = |key: &str| entries.iter().find(|entry| entry.key == key);
        let is_rendered = find("render").is_none_or(|entry| !matches!(entry.node.value, Value::Bool(false)));
        let name = &find("name").filter(|_| is_rendered)?.node;
        Some((text_of(name)?.to_owned(), name.span.clone()))
    };
    taxonomies.iter().filter_map(name).collect()
}

/// The edits of a file.
#[derive(Default)]
struct Edits {
    /// The replaced ranges, in any order.
    replaced: Vec<(Range<usize>, String)>,
    changes: Vec<Change>,
}

impl Edits {
    fn replace(&mut self, span: Range<usize>, text: impl Into<String>) {
        self.changes.push(Change { kind: ChangeKind::Key, span: span.clone(), is_needed: true });
        self.replaced.push((span, text.into()));
    }

    /// Removes the lines of an entry, with a comment behind it.
    fn remove(&mut self, entry: &TableEntry<'_>, text: &str) {
        let start = text[..entry.key_span.start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[entry.node.span.end..].find('\n').map_or(text.len(), |at| entry.node.span.end + at + 1);
        self.replace(start..end, "");
    }
}

/// Rewrites the configuration.
pub fn rewrite(source: &SourceText, report: &mut Report) -> Rewritten {
    let text = &*source.text;
    let parsed = parse_table(source, Notation::Toml, &(0..text.len()));
    let mut edits = Edits::default();
    rename_keys(&parsed.entries, &mut edits);
    let markdown = table(&parsed.entries, "markdown");
    let has_new_table = markdown.is_some_and(|entries| entries.iter().any(|entry| entry.key == "highlighting"));
    let mut old = Highlighting::default();
    let mut added = String::new();
    for entry in parsed.entries.iter().chain(markdown.into_iter().flatten()) {
        if HIGHLIGHTING.contains(&&*entry.key) {
            old.read(entry);
            edits.remove(entry, text);
            if entry.key.starts_with("extra_") || entry.key == "highlight_themes_css" {
                report.decide(old_files(entry, source));
            }
        }
    }
    for entry in &parsed.entries {
        if REMOVED.contains(&&*entry.key) {
            edits.remove(entry, text);
        } else if entry.key == "slugify_paths" {
            let paths = if matches!(entry.node.value, Value::Bool(false)) { "off" } else { "on" };
            edits.remove(entry, text);
            added.push_str(&format!("\n[slugify]\npaths = \"{paths}\"\n"));
        }
    }
    if old.is_on() && !has_new_table {
        let (theme, is_same) = nearest_theme(old.theme.as_deref().unwrap_or(OLD_DEFAULT));
        added.push_str(&old.new_table(theme));
        if !is_same {
            report.decide(other_theme(&old, theme, source));
        }
    }
    let mut text = apply(text, &mut edits);
    if !added.is_empty() {
        let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        if !text.ends_with('\n') {
            text.push_str(line_end);
        }
        text.push_str(&added.replace('\n', line_end));
    }
    Rewritten { text, changes: edits.changes, ..Rewritten::default() }
}

/// Renames the keys that have a new name, in all tables but the author's own.
fn rename_keys(entries: &[TableEntry<'_>], edits: &mut Edits) {
    for entry in entries {
        if let Some((_, new)) = RENAMED.iter().find(|(old, _)| *old == entry.key) {
            edits.replace(entry.key_span.clone(), *new);
        }
        match (&*entry.key, &entry.node.value) {
            ("feed_filename", Value::Text(_)) => {
                edits.replace(entry.key_span.clone(), "feed_filenames");
                edits.replaced.push((entry.node.span.start..entry.node.span.start, "[".to_owned()));
                edits.replaced.push((entry.node.span.end..entry.node.span.end, "]".to_owned()));
            }
            ("extra" | "translations", _) => {}
            ("taxonomies", Value::List(items)) => {
                for key in items.iter().filter_map(entries_of).flatten().filter(|key| key.key == "rss") {
                    edits.replace(key.key_span.clone(), "feed");
                }
            }
            (_, Value::Table(inner)) => rename_keys(inner, edits),
            _ => {}
        }
    }
}

/// What the old configuration says about highlighted code.
#[derive(Default)]
struct Highlighting {
    is_enabled: Option<bool>,
    theme: Option<String>,
    theme_span: Option<Range<usize>>,
    uses_classes: bool,
}

impl Highlighting {
    fn read(&mut self, entry: &TableEntry<'_>) {
        match (&*entry.key, &entry.node.value) {
            ("highlight_code", Value::Bool(flag)) => self.is_enabled = Some(*flag),
            ("highlight_theme", Value::Text(name)) if name == "css" => self.uses_classes = true,
            ("highlight_theme", Value::Text(name)) => {
                self.theme = Some(name.to_string());
                self.theme_span = Some(entry.node.span.clone());
            }
            ("highlight_themes_css", Value::List(items)) => {
                let mut names = items.iter().filter_map(entries_of).flatten().filter(|key| key.key == "theme");
                if let Some(name) = names.find_map(|key| text_of(&key.node)) {
                    self.theme = Some(name.to_owned());
                }
            }
            _ => {}
        }
    }

    fn is_on(&self) -> bool {
        self.is_enabled == Some(true)
    }

    fn new_table(&self, theme: &str) -> String {
        let style = if self.uses_classes { "style = \"class\"\n" } else { "" };
        format!("\n[markdown.highlighting]\ntheme = \"{theme}\"\n{style}")
    }
}

/// Asks about a theme that is not there any more.
fn other_theme(old: &Highlighting, theme: &str, source: &SourceText) -> Diagnostic {
    let name = old.theme.as_deref().unwrap_or(OLD_DEFAULT);
    let span = old.theme_span.clone().unwrap_or(0..0);
    Diagnostic::warning(format!("there is no theme `{name}` for code any more, and `{theme}` takes its place"))
        .at(Location::span(source, span))
        .help("choose another one in [markdown.highlighting] if you like: see textmate-grammars-themes.netlify.app")
}

/// Asks about files that cannot be used any more.
fn old_files(entry: &TableEntry<'_>, source: &SourceText) -> Diagnostic {
    let location = Location::span(source, entry.key_span.clone());
    let problem = Diagnostic::warning(format!("`{}` is not there any more, and was left out", entry.key)).at(location);
    match &*entry.key {
        "highlight_themes_css" => problem.help(
            "style = \"class\" writes giallo.css, or giallo-light.css and giallo-dark.css: link them in the templates",
        ),
        _ => problem.help(
            "grammars and themes are JSON files of TextMate now: name them in `extra_grammars` and `extra_themes` of \
             [markdown.highlighting]",
        ),
    }
}

/// Keys of pages that old sections could have, where they meant nothing.
const PAGE_KEYS: [&str; 6] = ["authors", "date", "path", "slug", "taxonomies", "updated"];

/// Renames the keys of front matter in a text that is rewritten already. In a section, keys of pages become comments.
pub fn rewrite_front_matter(mut rewritten: Rewritten, is_section: bool) -> Rewritten {
    let end = crate::tera1::body_start(&rewritten.text);
    let (mut at, mut is_root) = (0, true);
    let mut edits = Edits::default();
    for line in rewritten.text[..end].split_inclusive('\n') {
        is_root &= !line.starts_with('[') && !line.starts_with("extra:");
        let key = line.split(['=', ':']).next().unwrap_or_default().trim_end();
        let is_whole = !line.trim_end().ends_with(['[', '{', ':', '|', '>', ',']) && !line.contains("\"\"\"");
        if is_root && key == "generate_feed" {
            edits.replace(at..at + key.len(), "generate_feeds");
        } else if is_root && is_section && is_whole && PAGE_KEYS.contains(&key) {
            edits.replace(at..at, "# ");
        }
        at += line.len();
    }
    if !edits.changes.is_empty() {
        rewritten.text = apply(&rewritten.text, &mut edits);
        rewritten.changes.append(&mut edits.changes);
    }
    rewritten
}

fn apply(text: &str, edits: &mut Edits) -> String {
    edits.replaced.sort_by_key(|(span, _)| (span.start, span.end));
    let (mut new, mut at) = (String::with_capacity(text.len()), 0);
    for (span, replacement) in &edits.replaced {
        // Two keys in one line that goes away.
        if span.start < at {
            continue;
        }
        new.push_str(&text[at..span.start]);
        new.push_str(replacement);
        at = span.end;
    }
    new.push_str(&text[at..]);
    new
}

fn table<'e, 's>(entries: &'e [TableEntry<'s>], name: &str) -> Option<&'e [TableEntry<'s>]> {
    entries.iter().find(|entry| entry.key == name).and_then(|entry| entries_of(&entry.node))
}

/// Returns the entries of a table.
pub fn entries_of<'e, 's>(node: &'e Node<'s>) -> Option<&'e [TableEntry<'s>]> {
    match &node.value {
        Value::Table(entries) => Some(entries),
        _ => None,
    }
}

/// Returns the text of a node, if it is one.
pub fn text_of<'e>(node: &'e Node<'_>) -> Option<&'e str> {
    match &node.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}
