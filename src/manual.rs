//! The reference pages of the manual, for tests: made from the rows in `docs/reference/`, which are held against the code.
//!
//! `CAUSERIE_ACCEPT=1 cargo nextest run --lib manual` writes the pages.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A page about keys of a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyPage {
    title: String,
    description: String,
    weight: u32,
    about: String,
    #[serde(rename = "table")]
    tables: Vec<KeyTable>,
}

/// A page whose rows stand in groups.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupedPage<G> {
    pub title: String,
    pub description: String,
    pub weight: u32,
    pub about: String,
    #[serde(rename = "group")]
    pub groups: Vec<G>,
}

/// The keys of one table of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyTable {
    /// The name, such as `comments.mail`; empty for what stands outside of all tables.
    name: String,
    /// The heading, where the name is not enough.
    title: Option<String>,
    #[serde(default)]
    about: String,
    /// Whether there can be several, as of `[[quotes]]`.
    #[serde(default)]
    is_list: bool,
    /// Lines without which the table is not complete.
    #[serde(default)]
    with: Vec<String>,
    /// The name, the default (empty: there is none), an example, and the meaning.
    keys: Vec<[String; 4]>,
    /// The keys that are accepted and change nothing.
    #[serde(default)]
    inert: Vec<String>,
}

/// What the code makes of a text.
pub(crate) struct Reading {
    /// All that the text says, in a form that can be compared.
    pub meaning: String,
    /// The messages about it.
    pub problems: Vec<String>,
    /// The keys that each table can have.
    pub known: BTreeMap<String, Vec<&'static str>>,
}

/// Checks that the pages have every key that the code reads and no other, that the defaults are those of the code, and that
/// every example is read without a problem and changes something. Then writes the pages, or compares them. `everything` is a text
/// that has all tables.
pub(crate) fn check_keys(names: &[&str], everything: &str, read: impl Fn(&str) -> Reading) {
    let pages: Vec<KeyPage> = names.iter().map(|name| rows(name)).collect();
    let tables: Vec<&KeyTable> = pages.iter().flat_map(|page| &page.tables).collect();
    check_names(&tables, &read(everything).known);
    for (name, page) in names.iter().zip(&pages) {
        let mut text = page.about.trim().to_owned();
        for table in &page.tables {
            text.push_str(&table.section(&read));
        }
        write_page(name, (&page.title, &page.description, page.weight), &text);
    }
}

fn check_names(tables: &[&KeyTable], known: &BTreeMap<String, Vec<&'static str>>) {
    let name = |table: &str, key: &str| if table.is_empty() { key.to_owned() } else { format!("{table}.{key}") };
    let read: BTreeSet<String> =
        known.iter().flat_map(|(table, keys)| keys.iter().map(move |key| name(table, key))).collect();
    let rows = tables.iter().flat_map(|table| table.keys.iter().map(|[key, ..]| name(&table.name, key)));
    // A table within another one is a key of it.
    let outer = |table: &&KeyTable| table.name.rsplit_once('.').map(|(outer, _)| outer.to_owned());
    let own = tables.iter().map(|table| table.name.clone()).chain(tables.iter().filter_map(outer));
    let rows: BTreeSet<String> = rows.chain(own).collect();
    let missing: Vec<_> = read.difference(&rows).collect();
    // A table whose keys are the author's is named by one of them, such as `languages.fr`.
    let is_named = |row: &&String| read.contains(*row) || known.contains_key(*row) || row.is_empty();
    let superfluous: Vec<_> = rows.iter().filter(|row| !is_named(row)).collect();
    assert!(missing.is_empty(), "docs/reference has no row for the keys {missing:?}");
    assert!(superfluous.is_empty(), "docs/reference has rows for keys that the code does not read: {superfluous:?}");
}

impl KeyTable {
    /// The Markdown about the table.
    fn section(&self, read: &impl Fn(&str) -> Reading) -> String {
        let heading = match (&self.title, self.name.as_str()) {
            (Some(title), _) => title.clone(),
            (None, name) if self.is_list => format!("`[[{name}]]`"),
            (None, name) => format!("`[{name}]`"),
        };
        let mut text = format!("\n\n## {heading}\n");
        if !self.about.is_empty() {
            text.push_str(&format!("\n{}\n", self.about.trim()));
        }
        for [key, default, example, meaning] in &self.keys {
            let kind = self.check(key, default, example, read);
            // The page has ids of its own, such as `comments`.
            let table = if self.name.is_empty() { "key" } else { &self.name };
            let anchor = format!("{table}-{key}").replace('.', "-");
            let default = if default.is_empty() { "none".to_owned() } else { format!("`{default}`") };
            text.push_str(&format!(
                "\n### `{key}` {{#{}}}\n\nValue: {kind}. Default: {default}.\n\n{}\n\n```toml\n{}\n```\n",
                anchor,
                meaning.trim(),
                self.example(key, example).trim_end(),
            ));
        }
        text
    }

    /// A text with a value of a key, and what must be beside it.
    fn with_line(&self, key: &str, line: &str) -> String {
        let mut text = match self.name.as_str() {
            "" => String::new(),
            name if self.is_list => format!("[[{name}]]\n"),
            name => format!("[{name}]\n"),
        };
        for other in self.with.iter().filter(|other| other.split(" =").next() != Some(key)) {
            text.push_str(&format!("{other}\n"));
        }
        text + line + "\n"
    }

    /// The text of an example. One of several lines is a whole text already.
    fn example(&self, key: &str, example: &str) -> String {
        if example.contains('\n') {
            return example.trim_start().to_owned();
        }
        self.with_line(key, &format!("{key} = {example}"))
    }

    /// Holds a row against the code, and returns the type of the value in the words of the code.
    fn check(&self, key: &str, default: &str, example: &str, read: &impl Fn(&str) -> Reading) -> String {
        let name = format!("{}.{key}", self.name);
        let plain = read(&self.with_line(key, ""));
        if !default.is_empty() {
            let text = self.with_line(key, &format!("{key} = {default}"));
            assert_eq!(read(&text).meaning, plain.meaning, "{default} is not the default of {name}");
        }
        let text = self.example(key, example);
        let shown = read(&text);
        assert_eq!(shown.problems, [""; 0], "the example of {name}:\n{text}");
        let is_inert = self.inert.iter().any(|inert| inert == key);
        let changes = shown.meaning != plain.meaning;
        assert!(changes != is_inert || example == default, "the example of {name} changes nothing:\n{text}");
        // No key is read as a time of the day.
        let wrong = read(&self.with_line(key, &format!("{key} = 07:32:00")));
        let messages = wrong.problems.iter().find_map(|message| message.split_once(" should be "));
        let kind = messages.and_then(|(_, rest)| rest.rsplit_once(", not ")).map(|(kind, _)| kind.to_owned());
        let kind = kind.unwrap_or_else(|| panic!("{name} takes a time of the day: {:?}", wrong.problems));
        if kind.contains('"') { format!("`{}`", kind.replace(" or ", "` or `").replace(", ", "`, `")) } else { kind }
    }
}

/// The rows of a file in `docs/reference/`.
pub(crate) fn rows<T: DeserializeOwned>(name: &str) -> T {
    let file = folder().join(format!("reference/{name}.toml"));
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Writes a page of the reference if `CAUSERIE_ACCEPT` is set, and else checks that it is up to date.
pub(crate) fn write_page(name: &str, (title, description, weight): (&str, &str, u32), text: &str) {
    let text = format!(
        "+++\n# A test writes this page: CAUSERIE_ACCEPT=1 cargo nextest run --lib manual\ntitle = \"{title}\"\n\
         description = \"{description}\"\nweight = {weight}\n+++\n\n{}\n",
        text.trim()
    );
    accept(&folder().join(format!("content/reference/{name}.md")), &text);
}

/// Writes a part of a page between the lines `{# begin NAME #}` and `{# end NAME #}`, or checks that it is up to date.
pub(crate) fn write_part(page: &str, name: &str, text: &str) {
    let file = folder().join("content").join(page);
    let old = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let (begin, end) = (format!("{{# begin {name} #}}\n"), format!("{{# end {name} #}}"));
    let parts = old.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
    let (before, after) = parts.unwrap_or_else(|| panic!("{page} has no lines {begin}and {end}"));
    accept(&file, &format!("{before}{begin}{}\n{end}{after}", text.trim_end()));
}

fn accept(file: &Path, text: &str) {
    if std::env::var_os("CAUSERIE_ACCEPT").is_some() {
        fs::write(file, text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        return;
    }
    let old = fs::read_to_string(file).unwrap_or_default();
    let help = "is out of date: run `CAUSERIE_ACCEPT=1 cargo nextest run --lib manual`";
    assert!(old == text, "{} {help}", file.display());
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}
