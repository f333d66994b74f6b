use std::collections::BTreeMap;
use std::ops::Range;

use super::Format;
use super::node::{MapEntry, Node, ParsedFrontMatter, Value, read_toml, read_yaml};
use crate::content::date::Date;
use crate::diagnostic::{Diagnostic, Location, Severity, SourceText, nearest};

/// So many problems are told of one front matter; finding the place of one takes time.
const MOST_PROBLEMS: usize = 30;

/// Keys of Hugo and Jekyll, in small letters, and what they are called here.
const RENAMED: [(&str, &str); 11] = [
    ("lastmod", "updated"),
    ("modified", "updated"),
    ("last_modified_at", "updated"),
    ("publishdate", "date"),
    ("pubdate", "date"),
    ("url", "path"),
    ("permalink", "path"),
    ("redirect_from", "aliases"),
    ("author", "authors"),
    ("layout", "template"),
    ("comment", "comments"),
];

/// The keys of a front matter, taken out one after the other by whoever knows what they mean. What is left at the
/// end is unknown. Each problem is noted, and the reading goes on.
pub(crate) struct Fields<'a> {
    source: &'a SourceText,
    format: Format,
    entries: Vec<MapEntry<'a>>,
    known: Vec<&'static str>,
    /// Whether the notation itself was right. If not, only that is told: what could be read in spite of it may not
    /// be what the author wrote.
    pub sound: bool,
    problems: Vec<Diagnostic>,
}

impl<'a> Fields<'a> {
    pub(super) fn read(source: &'a SourceText, format: Format, range: Range<usize>) -> Self {
        let ParsedFrontMatter { entries, sound, problems } = match format {
            Format::Toml => read_toml(source, &range),
            Format::Yaml => read_yaml(source, &range),
        };
        Self { source, format, entries, known: Vec::new(), sound, problems }
    }

    /// A text.
    pub fn text(&mut self, key: &'static str) -> Option<String> {
        let entry = self.take(key)?;
        self.text_of(entry.node, |kind| format!("`{key}` should be a string, not {kind}"))
    }

    /// A text that must have something in it, if it is there.
    pub fn filled(&mut self, key: &'static str) -> Option<String> {
        let entry = self.take(key)?;
        let place = entry.node.span.clone();
        let text = self.text_of(entry.node, |kind| format!("`{key}` should be a string, not {kind}"))?;
        if text.trim().is_empty() {
            let help = match key {
                "slug" => format!(
                    "leave the key out, and the name of the file takes its place, or write the last part of the page's \
                     address: {}",
                    self.pair(key, "\"my-post\"")
                ),
                "path" => format!(
                    "leave the key out, and the folder and name of the file take its place, or write the page's whole address: \
                     {}; the first page of the site is content/_index.md",
                    self.pair(key, "\"notes/my-post\"")
                ),
                _ => "write something, or leave the key out".to_owned(),
            };
            self.problem(place, format!("`{key}` is empty"), Some(&help));
            return None;
        }
        Some(text)
    }

    /// Like [`Self::filled`], and a whole number will do: `id = 7`.
    pub fn label(&mut self, key: &'static str) -> Option<(String, Location)> {
        let mut entry = self.take(key)?;
        let place = entry.node.span.clone();
        if let Value::Number(number) = &entry.node.value
            && number.is_i64()
        {
            entry.node.value = Value::Text(number.to_string().into());
        }
        let text = self.text_of(entry.node, |kind| format!("`{key}` should be a string, not {kind}"))?;
        Some((text, self.location(place)))
    }

    /// True or false.
    pub fn flag(&mut self, key: &'static str, default: bool) -> bool {
        let Some(entry) = self.take(key) else { return default };
        match entry.node.value {
            Value::Flag(flag) => flag,
            other => {
                let message = format!("`{key}` should be true or false, not {}", other.kind());
                let help = format!("write {} or {}", self.pair(key, "true"), self.pair(key, "false"));
                self.problem(entry.node.span, message, Some(&help));
                default
            }
        }
    }

    /// A whole number.
    pub fn whole(&mut self, key: &'static str) -> Option<i64> {
        let entry = self.take(key)?;
        match &entry.node.value {
            Value::Number(number) if number.is_i64() => number.as_i64(),
            other => {
                let found = match other {
                    Value::Number(number) => number.to_string(),
                    other => other.kind().to_owned(),
                };
                self.problem(entry.node.span, format!("`{key}` should be a whole number, not {found}"), None);
                None
            }
        }
    }

    /// A whole number that is not negative.
    pub fn count(&mut self, key: &'static str) -> Option<usize> {
        let place = self.peek(key).map(|entry| entry.node.span.clone());
        let number = self.whole(key)?;
        match usize::try_from(number) {
            Ok(count) => Some(count),
            Err(_) => {
                if let Some(place) = place {
                    self.problem(place, format!("`{key}` should not be negative"), None);
                }
                None
            }
        }
    }

    /// A date, in TOML's own notation or as a string.
    pub fn moment(&mut self, key: &'static str) -> Option<Date> {
        let entry = self.take(key)?;
        let (moment, found) = match &entry.node.value {
            Value::Date(datetime) => (Date::from_toml(datetime), "a time without a day".to_owned()),
            Value::Text(text) => (Date::parse(text.trim()), format!("\"{text}\"")),
            other => (None, other.kind().to_owned()),
        };
        if moment.is_none() {
            let help = "write it as 2024-05-31, or with its time as 2024-05-31T18:30:00+02:00";
            self.problem(entry.node.span, format!("`{key}` should be a date, not {found}"), Some(help));
        }
        moment
    }

    /// One of several words.
    pub fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&'static str, T)]) -> Option<T> {
        let entry = self.take(key)?;
        let place = entry.node.span.clone();
        let words = choices.iter().map(|(word, _)| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
        let text = match entry.node.value {
            Value::Text(text) => text,
            other => {
                self.problem(place, format!("`{key}` should be one of {words}, not {}", other.kind()), None);
                return None;
            }
        };
        let found = choices.iter().find(|(word, _)| *word == text).map(|(_, choice)| *choice);
        if found.is_none() {
            let help =
                nearest(&text, choices.iter().map(|(word, _)| *word)).map(|word| format!("did you mean \"{word}\"?"));
            self.problem(place, format!("`{key}` should be one of {words}, not \"{text}\""), help.as_deref());
        }
        found
    }

    /// A list of texts.
    pub fn texts(&mut self, key: &'static str) -> Vec<String> {
        let Some(entry) = self.take(key) else { return Vec::new() };
        self.texts_of(key, entry.node).into_iter().map(|(text, _)| text).collect()
    }

    /// The terms of the page in each taxonomy.
    pub fn terms(&mut self, key: &'static str) -> BTreeMap<String, Vec<String>> {
        let Some(entry) = self.take(key) else { return BTreeMap::new() };
        let place = entry.node.span.clone();
        match entry.node.value {
            Value::Table(entries) => {
                let mut terms = BTreeMap::new();
                for entry in entries {
                    let mut list = Vec::new();
                    for (term, place) in self.texts_of(&entry.key, entry.node) {
                        if term.trim().is_empty() {
                            let help = Some("write a term, or leave it out");
                            self.problem(place, format!("`{}` has an empty term", entry.key), help);
                        } else {
                            list.push(term);
                        }
                    }
                    terms.insert(entry.key.into_owned(), list);
                }
                terms
            }
            Value::Nothing => BTreeMap::new(),
            other => {
                let help = match self.format {
                    Format::Toml => "write `[taxonomies]` on a line of its own, and `tags = [\"…\"]` under it",
                    Format::Yaml => "write `taxonomies:`, and `tags: [\"…\"]` under it, indented",
                };
                self.problem(place, format!("`{key}` should be a table of lists, not {}", other.kind()), Some(help));
                BTreeMap::new()
            }
        }
    }

    /// A table of the author's own.
    pub fn own(&mut self, key: &'static str) -> serde_json::Map<String, serde_json::Value> {
        let Some(entry) = self.take(key) else { return serde_json::Map::new() };
        match entry.node.value {
            Value::Table(entries) => {
                entries.into_iter().map(|entry| (entry.key.into_owned(), entry.node.value.into_json())).collect()
            }
            other => {
                let help = match self.format {
                    Format::Toml => "write `[extra]` on a line of its own, and your keys under it",
                    Format::Yaml => "write `extra:`, and your keys under it, indented",
                };
                let message = format!("`{key}` should be a table, not {}", other.kind());
                self.problem(entry.node.span, message, Some(help));
                serde_json::Map::new()
            }
        }
    }

    /// Ends the reading: what was not taken is unknown, and that is as bad as `severity` says. `whose` is what has
    /// these keys ("a page").
    pub fn finish(mut self, severity: Severity, whose: &str) -> Vec<Diagnostic> {
        if self.sound {
            for entry in std::mem::take(&mut self.entries).into_iter().take(MOST_PROBLEMS) {
                let message = format!("{whose} has no key `{}`", entry.key);
                let help = self.help_with_unknown(&entry);
                let problem = Diagnostic { severity, ..Diagnostic::error(message) };
                self.problems.push(problem.at(self.location(entry.key_span.clone())).help(help));
            }
        }
        self.problems
    }

    fn help_with_unknown(&self, entry: &MapEntry<'_>) -> String {
        if let Some(help) = self.help_with_foreign(entry) {
            return help;
        }
        let guess = nearest(&entry.key, self.known.iter().copied()).map(|known| format!("did you mean `{known}`?"));
        let known = |key| self.known.contains(&key);
        let rest = if known("taxonomies") && matches!(entry.node.value, Value::List(_)) {
            format!("put terms under {}, and your own values under {}", self.table("taxonomies"), self.table("extra"))
        } else if known("extra") {
            format!("put your own values under {}", self.table("extra"))
        } else if guess.is_none() {
            let known: Vec<String> = self.known.iter().map(|key| format!("`{key}`")).collect();
            format!("its keys are {}", known.join(", "))
        } else {
            String::new()
        };
        match guess {
            Some(guess) if rest.is_empty() => guess,
            Some(guess) => format!("{guess} Else {rest}"),
            None => rest,
        }
    }

    /// What to write instead of a key of Hugo or Jekyll.
    fn help_with_foreign(&self, entry: &MapEntry<'_>) -> Option<String> {
        let name = entry.key.to_ascii_lowercase();
        if let Some((_, own)) = RENAMED.iter().find(|(foreign, own)| *foreign == name && self.known.contains(own)) {
            return Some(format!("this is called `{own}` here"));
        }
        let is_list = matches!(entry.node.value, Value::List(_));
        match &*name {
            "summary" | "excerpt" if self.known.contains(&"description") => Some(
                "this is called `description` here; or write `<!-- more -->` into the text, where its summary ends"
                    .to_owned(),
            ),
            "published" if self.known.contains(&"draft") => Some(match entry.node.value {
                Value::Flag(false) => format!("write {} instead", self.pair("draft", "true")),
                _ => format!("leave it out; what is not to be published has {}", self.pair("draft", "true")),
            }),
            "tags" | "tag" | "categories" | "category" if self.known.contains(&"taxonomies") && !is_list => {
                let taxonomy = if name.starts_with("tag") { "tags" } else { "categories" };
                let list = self.pair(taxonomy, "[\"…\"]");
                Some(format!("put the terms under {}, as a list: {list}", self.table("taxonomies")))
            }
            _ => None,
        }
    }

    /// How a table is written in this notation.
    fn table(&self, name: &str) -> String {
        match self.format {
            Format::Toml => format!("`[{name}]`"),
            Format::Yaml => format!("`{name}:`"),
        }
    }

    /// How a key and its value are written in this notation.
    fn pair(&self, key: &str, value: &str) -> String {
        match self.format {
            Format::Toml => format!("`{key} = {value}`"),
            Format::Yaml => format!("`{key}: {value}`"),
        }
    }

    /// Notes a problem that the caller found.
    pub fn note(&mut self, problem: Diagnostic) {
        if self.sound {
            self.problems.push(problem);
        }
    }

    /// Whether a key is there and not yet taken.
    pub fn has(&self, key: &str) -> bool {
        self.peek(key).is_some()
    }

    fn take(&mut self, key: &'static str) -> Option<MapEntry<'a>> {
        self.known.push(key);
        let at = self.entries.iter().position(|entry| entry.key == key)?;
        let entry = self.entries.remove(at);
        (!matches!(entry.node.value, Value::Nothing)).then_some(entry)
    }

    fn peek(&self, key: &str) -> Option<&MapEntry<'a>> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// YAML's scalars are texts where texts are wanted: `title: 2024` needs no quotes there, nor does a title like
    /// `1.10` lose its last digit.
    fn text_of(&mut self, node: Node<'a>, message: impl FnOnce(&str) -> String) -> Option<String> {
        if let Some(raw) = node.raw {
            return Some(raw.into_owned());
        }
        match node.value {
            Value::Text(text) => Some(text.into_owned()),
            other => {
                let quotable = matches!(other, Value::Flag(_) | Value::Number(_) | Value::Date(_));
                self.problem(node.span, message(other.kind()), quotable.then_some("put it in quotes"));
                None
            }
        }
    }

    fn texts_of(&mut self, key: &str, node: Node<'a>) -> Vec<(String, Range<usize>)> {
        match node.value {
            Value::List(nodes) => {
                let mut texts = Vec::with_capacity(nodes.len());
                for node in nodes {
                    let place = node.span.clone();
                    let message = |kind: &str| format!("`{key}` should be a list of strings, and this is {kind}");
                    texts.extend(self.text_of(node, message).map(|text| (text, place)));
                }
                texts
            }
            Value::Nothing => Vec::new(),
            other => {
                let help = match &other {
                    Value::Text(text) => Some(format!("write it as a list: [\"{text}\"]")),
                    _ => None,
                };
                let message = format!("`{key}` should be a list of strings, not {}", other.kind());
                self.problem(node.span, message, help.as_deref());
                Vec::new()
            }
        }
    }

    fn location(&self, span: Range<usize>) -> Location {
        Location::span(self.source, span)
    }

    fn problem(&mut self, place: Range<usize>, message: String, help: Option<&str>) {
        if self.problems.len() >= MOST_PROBLEMS {
            return;
        }
        let mut problem = Diagnostic::error(message).at(self.location(place));
        problem.help = help.map(str::to_owned);
        self.note(problem);
    }
}
