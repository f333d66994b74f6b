use std::collections::BTreeMap;
use std::ops::Range;

use super::Format;
use super::node::{Entry, Node, Place, Value, read_toml};
use super::yaml::{read_yaml, span_of, text_of};
use crate::content::date::Moment;
use crate::diagnostic::{Diagnostic, Location, Severity, SourceText, nearest};

/// The keys of a front matter, taken out one after the other by whoever knows what they mean. What is left at the
/// end is unknown. Each problem is noted, and the reading goes on.
pub(crate) struct Fields<'a> {
    source: &'a SourceText,
    format: Format,
    range: Range<usize>,
    entries: Vec<Entry<'a>>,
    known: Vec<&'static str>,
    /// Whether the notation itself was sound; if not, keys may be missing that the author did write.
    pub sound: bool,
    problems: Vec<Diagnostic>,
}

impl<'a> Fields<'a> {
    pub(super) fn read(source: &'a SourceText, format: Format, range: Range<usize>) -> Self {
        let (entries, problems) = match format {
            Format::Toml => read_toml(source, &range),
            Format::Yaml => read_yaml(source, &range),
        };
        let sound = problems.is_empty();
        Self { source, format, range, entries, known: Vec::new(), sound, problems }
    }

    /// A text.
    pub fn text(&mut self, key: &'static str) -> Option<String> {
        let entry = self.take(key)?;
        self.text_of(entry.node, |kind| format!("`{key}` should be a string, not {kind}"))
    }

    /// A text that must have something in it, if it is there.
    pub fn filled(&mut self, key: &'static str) -> Option<String> {
        let entry = self.take(key)?;
        let place = entry.node.place;
        let text = self.text_of(entry.node, |kind| format!("`{key}` should be a string, not {kind}"))?;
        if text.trim().is_empty() {
            self.problem(place, format!("`{key}` is empty"), Some("write something, or leave the key out"));
            return None;
        }
        Some(text)
    }

    /// Like [`Self::filled`], and a whole number will do: `id = 7`.
    pub fn label(&mut self, key: &'static str) -> Option<(String, Location)> {
        let mut entry = self.take(key)?;
        let place = entry.node.place;
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
                let help = match &other {
                    Value::Text(text) if matches!(&**text, "true" | "false") => Some("leave out the quotes"),
                    _ => None,
                };
                self.problem(entry.node.place, message, help);
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
                let kind = if matches!(other, Value::Number(_)) { "this one" } else { other.kind() };
                self.problem(entry.node.place, format!("`{key}` should be a whole number, not {kind}"), None);
                None
            }
        }
    }

    /// A whole number that is not negative.
    pub fn count(&mut self, key: &'static str) -> Option<usize> {
        let place = self.peek(key).map(|entry| entry.node.place);
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
    pub fn moment(&mut self, key: &'static str) -> Option<Moment> {
        let entry = self.take(key)?;
        let (moment, kind) = match &entry.node.value {
            Value::Date(datetime) => (Moment::from_toml(datetime), "a time without a day"),
            Value::Text(text) => (Moment::parse(text.trim()), "this string"),
            other => (None, other.kind()),
        };
        if moment.is_none() {
            let help = "write it as 2024-05-31, or with its time as 2024-05-31T18:30:00+02:00";
            self.problem(entry.node.place, format!("`{key}` should be a date, not {kind}"), Some(help));
        }
        moment
    }

    /// One of several words.
    pub fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&'static str, T)]) -> Option<T> {
        let entry = self.take(key)?;
        let place = entry.node.place;
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
        let place = entry.node.place;
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
                self.problem(entry.node.place, message, Some(help));
                serde_json::Map::new()
            }
        }
    }

    /// Ends the reading: what was not taken is unknown, and that is as bad as `severity` says. `whose` is what has
    /// these keys ("a page"), and `own` where the author's own values go.
    pub fn finish(mut self, severity: Severity, whose: &str, own: Option<&str>) -> Vec<Diagnostic> {
        if self.sound {
            for entry in std::mem::take(&mut self.entries) {
                let message = format!("{whose} has no key `{}`", entry.key);
                let guess =
                    nearest(&entry.key, self.known.iter().copied()).map(|known| format!("did you mean `{known}`?"));
                let help = match (guess, own) {
                    (Some(guess), Some(own)) => Some(format!("{guess} {own}")),
                    (guess, own) => guess.or(own.map(str::to_owned)),
                };
                let problem = Diagnostic { severity, help, ..Diagnostic::error(message) };
                let location = self.location(entry.key_place);
                self.problems.push(problem.at(location));
            }
        }
        self.problems
    }

    /// Where the author's own values go in this notation.
    pub fn own_values_hint(&self) -> &'static str {
        match self.format {
            Format::Toml => "put your own values under `[extra]`",
            Format::Yaml => "put your own values under `extra:`",
        }
    }

    /// Notes a problem that the caller found.
    pub fn note(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// Whether a key is there and not yet taken.
    pub fn has(&self, key: &str) -> bool {
        self.peek(key).is_some()
    }

    fn take(&mut self, key: &'static str) -> Option<Entry<'a>> {
        self.known.push(key);
        let at = self.entries.iter().position(|entry| entry.key == key)?;
        let entry = self.entries.remove(at);
        (!matches!(entry.node.value, Value::Nothing)).then_some(entry)
    }

    fn peek(&self, key: &str) -> Option<&Entry<'a>> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// A text. YAML's scalars are texts where a text is wanted: `title: 2024` needs no quotes there.
    fn text_of(&mut self, node: Node<'a>, message: impl FnOnce(&str) -> String) -> Option<String> {
        match node.value {
            Value::Text(text) => Some(text.into_owned()),
            Value::Nothing | Value::Flag(_) | Value::Number(_) if self.format == Format::Yaml => {
                text_of(self.source, &self.range, node.place)
            }
            other => {
                let help =
                    matches!(other, Value::Flag(_) | Value::Number(_) | Value::Date(_)).then_some("put it in quotes");
                self.problem(node.place, message(other.kind()), help);
                None
            }
        }
    }

    fn texts_of(&mut self, key: &str, node: Node<'a>) -> Vec<(String, Place)> {
        match node.value {
            Value::List(nodes) => nodes
                .into_iter()
                .filter_map(|node| {
                    let place = node.place;
                    let text =
                        self.text_of(node, |kind| format!("`{key}` should be a list of strings, and this is {kind}"));
                    Some((text?, place))
                })
                .collect(),
            Value::Nothing => Vec::new(),
            other => {
                let help = match &other {
                    Value::Text(text) => Some(format!("write it as a list: [\"{text}\"]")),
                    _ => None,
                };
                let message = format!("`{key}` should be a list of strings, not {}", other.kind());
                self.problem(node.place, message, help.as_deref());
                Vec::new()
            }
        }
    }

    fn location(&self, place: Place) -> Location {
        let span = match self.format {
            Format::Toml => self.range.start + place.start..self.range.start + place.end,
            Format::Yaml => span_of(self.source, &self.range, place),
        };
        Location::span(self.source, span)
    }

    fn problem(&mut self, place: Place, message: String, help: Option<&str>) {
        let mut problem = Diagnostic::error(message).at(self.location(place));
        problem.help = help.map(str::to_owned);
        self.problems.push(problem);
    }
}
