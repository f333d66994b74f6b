//! Reading the keys of a TOML or YAML file so that every problem in it is reported at once.
//!
//! Deriving `Deserialize` would stop at the first wrong value. Here each key is read by itself. A wrong value is reported,
//! and the default takes its place. A key is known if the code reads it, so no second list of the known keys can disagree
//! with the code.

mod from_value;
mod json;
mod types;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Map, Value as Json};

use super::value::{Node, Notation, ParsedTable, TableEntry, Value};
use crate::diagnostic::{Diagnostic, Location, Severity, SourceText, nearest};

pub use from_value::FromValue;
pub use json::Infinity;

/// How many problems of one severity are reported of one file.
///
/// Each problem holds a copy of its line. A file of one line with many mistakes would otherwise fill the memory.
const MAX_PROBLEMS: usize = 30;

/// What is special about one kind of file.
pub struct TableRules {
    /// What has the keys outside of all tables, in a message: "a page". If there is none, it is the file.
    pub subject: Option<&'static str>,
    /// How bad an unknown key is.
    pub unknown_keys: Severity,
    /// What becomes of numbers that are infinite or none.
    pub infinity: Infinity,
    /// The advice about an unknown key, if there is some that is better than the nearest known key.
    pub unknown_help: fn(&KeyContext) -> Option<String>,
    /// The advice about a value of a wrong type, if there is some that is better than an example.
    pub type_help: fn(&KeyContext) -> Option<String>,
}

/// A key with a problem.
pub struct KeyContext<'a> {
    /// The name of its table; empty for a key outside of all tables.
    pub table: &'a str,
    pub key: &'a str,
    pub value: &'a Value<'a>,
    /// The keys of the table that are known so far.
    pub known: &'a [&'static str],
    pub notation: Notation,
}

/// Values, each with its place.
pub type SpannedList<T> = Vec<(T, Range<usize>)>;

/// Reads the table of one file, and collects the problems in it.
pub struct TableReader<'s> {
    source: &'s SourceText,
    parsed: &'s ParsedTable<'s>,
    rules: &'s TableRules,
    problems: RefCell<Vec<Diagnostic>>,
    /// The known keys of each table.
    known: RefCell<BTreeMap<String, Vec<&'static str>>>,
    /// The entries with unknown keys, with the names of their tables.
    unknown: RefCell<Vec<(String, &'s TableEntry<'s>)>>,
}

impl<'s> TableReader<'s> {
    pub fn new(source: &'s SourceText, parsed: &'s ParsedTable<'s>, rules: &'s TableRules) -> Self {
        Self {
            source,
            parsed,
            rules,
            problems: RefCell::default(),
            known: RefCell::default(),
            unknown: RefCell::default(),
        }
    }

    /// The file as a table.
    pub fn root(&self) -> Table<'s, '_> {
        Table { reading: self, name: String::new(), entries: &self.parsed.entries, span: 0..0, known: Vec::new() }
    }

    /// The path of the file.
    pub fn path(&self) -> &'s str {
        &self.source.path
    }

    /// The notation of the file.
    pub fn notation(&self) -> Notation {
        self.parsed.notation
    }

    /// Reports a problem. In a text that is not valid TOML or YAML other problems are mostly consequences, and are left out.
    pub fn problem(&self, diagnostic: Diagnostic) {
        let mut problems = self.problems.borrow_mut();
        let count = problems.iter().filter(|problem| problem.severity == diagnostic.severity).count();
        if self.parsed.is_valid && count < MAX_PROBLEMS {
            problems.push(diagnostic);
        }
    }

    /// Reports an error at a place, with what to do about it.
    pub fn error(&self, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.problem(Diagnostic::error(message).at(self.at(span)).help(help));
    }

    /// A place in the file.
    pub fn at(&self, span: Range<usize>) -> Location {
        Location::span(self.source, span)
    }

    /// The place of the value with a dotted name.
    pub fn place(&self, name: &str) -> Option<Range<usize>> {
        let mut entries = &self.parsed.entries;
        let mut parts = name.split('.').peekable();
        while let Some(part) = parts.next() {
            let node = &entries.iter().find(|entry| entry.key == part)?.node;
            match &node.value {
                _ if parts.peek().is_none() => return Some(node.span.clone()),
                Value::Table(table) => entries = table,
                _ => return None,
            }
        }
        None
    }

    /// The keys that each table can have, as far as they were read.
    #[cfg(test)]
    pub fn known_keys(&self) -> BTreeMap<String, Vec<&'static str>> {
        self.known.borrow().clone()
    }

    /// Ends the reading and gives all problems, first those of the notation.
    pub fn finish(self) -> Vec<Diagnostic> {
        let known = self.known.borrow();
        for (table, entry) in self.unknown.take() {
            let subject = match (self.rules.subject, &*table) {
                (Some(subject), "") => subject.to_owned(),
                (None, "") => self.path().to_owned(),
                (_, table) => self.parsed.notation.heading(table),
            };
            let message = format!("{subject} has no key `{}`", entry.key);
            let help = self.unknown_help(&known, &table, entry);
            let problem = Diagnostic { severity: self.rules.unknown_keys, ..Diagnostic::error(message) };
            self.problem(problem.at(self.at(entry.key_span.clone())).help(help));
        }
        drop(known);
        self.parsed.problems.iter().cloned().chain(self.problems.into_inner()).collect()
    }

    /// What the author of an unknown key probably meant.
    fn unknown_help(&self, known: &BTreeMap<String, Vec<&'static str>>, table: &str, entry: &TableEntry) -> String {
        let notation = self.parsed.notation;
        let here = known.get(table).map_or(&[][..], Vec::as_slice);
        let context = KeyContext { table, key: &entry.key, value: &entry.node.value, known: here, notation };
        if let Some(help) = (self.rules.unknown_help)(&context) {
            return help;
        }
        // `generate_feeds` below a `[markdown]` heading: TOML's tables run to the next heading, which is easily forgotten.
        let elsewhere = known.iter().filter(|(other, keys)| other.as_str() != table && keys.contains(&context.key));
        // The shortest name: [search] rather than [languages.fr.search].
        match elsewhere.min_by_key(|(other, _)| other.len()) {
            Some((other, _)) if other.is_empty() => {
                return format!("`{}` belongs at the top of the file, above the first `[table]`", entry.key);
            }
            Some((other, _)) => return format!("`{}` belongs in {}", entry.key, notation.heading(other)),
            None => {}
        }
        let guess = nearest(&entry.key, here.iter().copied()).map(|known| format!("did you mean `{known}`?"));
        match (guess, here.contains(&"extra")) {
            (Some(guess), true) => format!("{guess} Else put your own values under {}", notation.heading("extra")),
            (Some(guess), false) => guess,
            (None, true) => format!("put your own values under {}", notation.heading("extra")),
            (None, false) => format!("its keys are {}", list(here)),
        }
    }
}

/// Names for a sentence: `a`, `b` and `c`.
fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    join(&quoted, "and")
}

/// Joins words for a sentence: a, b or c.
fn join(words: &[String], conjunction: &str) -> String {
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {conjunction} {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

/// A table of a file. A table that the file does not have reads as an empty one.
pub struct Table<'s, 'r> {
    reading: &'r TableReader<'s>,
    /// The dotted name; empty for the file itself.
    name: String,
    entries: &'s [TableEntry<'s>],
    span: Range<usize>,
    known: Vec<&'static str>,
}

impl<'s, 'r> Table<'s, 'r> {
    /// The place of its heading or its braces.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// The reading of its file.
    pub fn reading(&self) -> &'r TableReader<'s> {
        self.reading
    }

    /// The keys and values.
    pub fn entries(&self) -> &'s [TableEntry<'s>] {
        self.entries
    }

    /// Whether the file has a key. The key does not become known.
    pub fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key)
    }

    /// A value. None if it is missing, or if its type is wrong, which is reported.
    pub fn get<T: FromValue>(&mut self, key: &'static str) -> Option<T> {
        self.spanned(key).map(|(value, _)| value)
    }

    /// A value or its default.
    pub fn get_or<T: FromValue>(&mut self, key: &'static str, default: T) -> T {
        self.get(key).unwrap_or(default)
    }

    /// Checks the type of a value that changes nothing here. The key becomes known.
    pub fn accept<T: FromValue>(&mut self, key: &'static str) {
        self.get::<T>(key);
    }

    /// A value and its place.
    pub fn spanned<T: FromValue>(&mut self, key: &'static str) -> Option<(T, Range<usize>)> {
        let node = self.node(key)?;
        let value = T::from_node(node);
        if value.is_none() {
            self.wrong_value::<T>(key, node);
        }
        Some((value?, node.span.clone()))
    }

    /// A list of values, each with its place. Values of a wrong type are reported and left out.
    pub fn list<T: FromValue>(&mut self, key: &'static str) -> Option<SpannedList<T>> {
        let node = self.node(key)?;
        self.items(key, node)
    }

    /// A value, or a list of values, each with its place. Values of a wrong type are reported and left out.
    pub fn one_or_more<T: FromValue>(&mut self, key: &'static str) -> SpannedList<T> {
        let Some(node) = self.node(key) else { return Vec::new() };
        if matches!(node.value, Value::List(_)) {
            return self.items(key, node).unwrap_or_default();
        }
        let value = T::from_node(node);
        if value.is_none() {
            self.wrong_value::<T>(key, node);
        }
        value.map(|value| (value, node.span.clone())).into_iter().collect()
    }

    /// One of several words.
    pub fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let node = self.node(key)?;
        let word = match &node.value {
            Value::Text(word) => Some(&**word),
            _ => None,
        };
        let chosen = choices.iter().find(|(name, _)| Some(*name) == word).map(|(_, choice)| *choice);
        if chosen.is_none() {
            let names = choices.iter().map(|(name, _)| *name);
            let quoted: Vec<String> = names.clone().map(|name| format!("\"{name}\"")).collect();
            let found = word.map_or_else(|| node.value.kind().to_owned(), |word| format!("\"{word}\""));
            let help = match word.and_then(|word| nearest(word, names)) {
                Some(name) => format!("did you mean \"{name}\"?"),
                None => {
                    let example = quoted.first().map_or("", String::as_str);
                    format!("write {}, or leave the line out", self.notation().pair(key, example))
                }
            };
            let message = format!("`{key}` should be {}, not {found}", join(&quoted, "or"));
            self.reading.error(node.span.clone(), message, help);
        }
        chosen
    }

    /// A table inside of this one. It is empty if it is missing or not a table.
    pub fn table(&mut self, key: &'static str) -> Self {
        let name = self.dotted(key);
        match self.node(key) {
            Some(Node { value: Value::Table(entries), span, .. }) => self.inner(name, entries, span.clone()),
            Some(node) => {
                self.wrong_table(key, &name, node);
                self.inner(name, &[], node.span.clone())
            }
            None => self.inner(name, &[], 0..0),
        }
    }

    /// The tables of a list: `[[key]]`, or `key = [{ … }]`. All have the same name.
    pub fn tables(&mut self, key: &'static str) -> Option<Vec<Self>> {
        let node = self.node(key)?;
        let name = self.dotted(key);
        let help = format!("for example: {}", self.notation().pair(key, "[{ name = \"tags\" }]"));
        let Value::List(items) = &node.value else {
            let message = format!("`{key}` should be a list of tables, not {}", node.value.kind());
            self.reading.error(node.span.clone(), message, help);
            return None;
        };
        let mut tables = Vec::new();
        for item in items {
            match &item.value {
                Value::Table(entries) => tables.push(self.inner(name.clone(), entries, item.span.clone())),
                other => {
                    let message = format!("each item of `{key}` should be a table, not {}", other.kind());
                    self.reading.error(item.span.clone(), message, help.clone());
                }
            }
        }
        Some(tables)
    }

    /// The tables of a table whose keys are the author's: `[languages.fr]`. Each with its key and that key's place.
    pub fn named_tables(&mut self, key: &'static str) -> Vec<(String, Range<usize>, Self)> {
        let outer = self.table(key);
        let mut tables = Vec::new();
        for TableEntry { key, key_span, node } in outer.entries {
            let name = outer.dotted(key);
            match &node.value {
                Value::Table(entries) => {
                    let inner = self.inner(name, entries, node.span.clone());
                    tables.push((key.to_string(), key_span.clone(), inner));
                }
                _ => outer.wrong_table(key, &name, node),
            }
        }
        tables
    }

    /// The values of a table whose keys are the author's, in the order of the file: `[translations]`.
    pub fn named_values<T: FromValue>(&mut self, key: &'static str) -> Vec<(String, T)> {
        let table = self.table(key);
        let mut values = Vec::new();
        for TableEntry { key, node, .. } in table.entries {
            match T::from_node(node) {
                Some(value) => values.push((key.to_string(), value)),
                None => table.wrong_value::<T>(key, node),
            }
        }
        values
    }

    /// The lists of a table whose keys are the author's: `[taxonomies]`. A value that is no list is reported and
    /// counts as an empty one.
    pub fn named_lists<T: FromValue>(&mut self, key: &'static str) -> Vec<(String, SpannedList<T>)> {
        let table = self.table(key);
        let list = |TableEntry { key, node, .. }: &TableEntry| {
            let items = if matches!(node.value, Value::Null) { None } else { table.items(key, node) };
            (key.to_string(), items.unwrap_or_default())
        };
        table.entries.iter().map(list).collect()
    }

    /// The author's own data, of any shape: `[extra]`.
    pub fn data(&mut self, key: &'static str) -> Map<String, Json> {
        let table = self.table(key);
        table.entries.iter().map(|entry| (entry.key.to_string(), self.reading.json(&entry.node))).collect()
    }

    /// Ends the table: every key that was not read is unknown.
    pub fn close(self) {
        let unknown = self.entries.iter().filter(|entry| !self.known.contains(&&*entry.key));
        self.reading.unknown.borrow_mut().extend(unknown.map(|entry| (self.name.clone(), entry)));
        self.reading.known.borrow_mut().insert(self.name, self.known);
    }

    fn notation(&self) -> Notation {
        self.reading.parsed.notation
    }

    fn inner(&self, name: String, entries: &'s [TableEntry<'s>], span: Range<usize>) -> Self {
        Self { reading: self.reading, name, entries, span, known: Vec::new() }
    }

    fn node(&mut self, key: &'static str) -> Option<&'s Node<'s>> {
        self.known.push(key);
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        Some(&entry.node).filter(|node| !matches!(node.value, Value::Null))
    }

    fn dotted(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }
}
