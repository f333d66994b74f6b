//! Reading TOML tables so that every problem in a file is found in one go.
//!
//! Deriving `Deserialize` would stop at the first wrong value. Here each key is read by itself: a wrong value is
//! noted and the default takes its place. A key is known by having been asked for, so no second list of the known
//! keys can disagree with the code.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Map, Number, Value as Json};
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::renamed;
use crate::diagnostic::{Diagnostic, Location, SourceText, nearest};

/// One file being read: what is known of it so far.
pub struct Reading<'s> {
    source: &'s SourceText,
    problems: RefCell<Vec<Diagnostic>>,
    /// Every key that was asked for, by table.
    known: RefCell<BTreeMap<String, Vec<&'static str>>>,
    /// Every key that is in the file and was not asked for: its table, its name, its place.
    unknown: RefCell<Vec<(String, String, Range<usize>)>>,
    /// Where each value is, by its dotted name.
    places: RefCell<BTreeMap<String, Range<usize>>>,
}

impl<'s> Reading<'s> {
    pub fn new(source: &'s SourceText) -> Self {
        Self {
            source,
            problems: RefCell::default(),
            known: RefCell::default(),
            unknown: RefCell::default(),
            places: RefCell::default(),
        }
    }

    /// The name of the file.
    pub fn path(&self) -> &'s str {
        &self.source.path
    }

    /// Notes a problem.
    pub fn problem(&self, diagnostic: Diagnostic) {
        self.problems.borrow_mut().push(diagnostic);
    }

    /// Notes an error at a place, with what to do about it.
    pub fn error(&self, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.problem(Diagnostic::error(message).at(self.at(span)).help(help));
    }

    /// A place in the file.
    pub fn at(&self, span: Range<usize>) -> Location {
        Location::span(self.source, span)
    }

    /// Where the value of a dotted name is, once it has been read.
    pub fn place(&self, name: &str) -> Option<Range<usize>> {
        self.places.borrow().get(name).cloned()
    }

    /// Ends the reading: every problem, and the place of each value by its dotted name.
    pub fn finish(self) -> (Vec<Diagnostic>, BTreeMap<String, Range<usize>>) {
        let known = self.known.borrow();
        for (table, key, span) in self.unknown.take() {
            self.error(span, unknown_message(&table, &key), unknown_help(&known, &table, &key));
        }
        drop(known);
        (self.problems.into_inner(), self.places.into_inner())
    }
}

fn unknown_message(table: &str, key: &str) -> String {
    if table.is_empty() { format!("there is no key `{key}`") } else { format!("there is no key `{key}` in [{table}]") }
}

/// What the author of an unknown key probably meant.
fn unknown_help(known: &BTreeMap<String, Vec<&'static str>>, table: &str, key: &str) -> String {
    let here = known.get(table).map_or(&[][..], Vec::as_slice);
    if let Some(help) = renamed::help(table, key) {
        return help.to_owned();
    }
    // `generate_feeds` below a `[markdown]` heading: TOML's tables run to the next heading, which is easily forgotten.
    let elsewhere = known.iter().filter(|(other, keys)| other.as_str() != table && keys.contains(&key));
    // The shortest name: [search] rather than [languages.fr.search].
    let elsewhere = elsewhere.min_by_key(|(other, _)| other.len());
    if let Some((other, _)) = elsewhere {
        return if other.is_empty() {
            format!("`{key}` belongs at the top of the file, above the first [table]")
        } else {
            format!("`{key}` belongs in [{other}]")
        };
    }
    match nearest(key, here.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if table.is_empty() => "values of your own go into [extra]".to_owned(),
        None => format!("[{table}] has {}", list(here)),
    }
}

/// Names for a sentence: `a`, `b` and `c`.
pub fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => "no keys".to_owned(),
    }
}

/// One table of a file. A table that the file does not have reads as an empty one.
pub struct Table<'s, 'r> {
    reading: &'r Reading<'s>,
    name: String,
    entries: Option<&'r DeTable<'s>>,
    span: Range<usize>,
    asked: Vec<&'static str>,
}

impl<'s, 'r> Table<'s, 'r> {
    /// The file as a whole.
    pub fn root(reading: &'r Reading<'s>, entries: &'r DeTable<'s>) -> Self {
        Self { reading, name: String::new(), entries: Some(entries), span: 0..0, asked: Vec::new() }
    }

    /// Where its heading or its braces are.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// The reading that it is part of.
    pub fn reading(&self) -> &'r Reading<'s> {
        self.reading
    }

    fn entry(&mut self, key: &'static str) -> Option<&'r Spanned<DeValue<'s>>> {
        self.asked.push(key);
        let value = self.entries?.get(key)?;
        self.reading.places.borrow_mut().insert(self.dotted(key), value.span());
        Some(value)
    }

    fn dotted(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    /// A value; none where it is missing or, which is then a problem, of another type.
    pub fn get<T: FromToml>(&mut self, key: &'static str) -> Option<T> {
        self.spanned(key).map(|(value, _)| value)
    }

    /// A value or its default.
    pub fn get_or<T: FromToml>(&mut self, key: &'static str, default: T) -> T {
        self.get(key).unwrap_or(default)
    }

    /// A value and its place.
    pub fn spanned<T: FromToml>(&mut self, key: &'static str) -> Option<(T, Range<usize>)> {
        let value = self.entry(key)?;
        let read = T::from_toml(value.get_ref());
        if read.is_none() {
            self.wrong(key, T::EXPECTED, value);
        }
        Some((read?, value.span()))
    }

    /// A list of values, each with its place. A value of another type is a problem, and left out.
    pub fn list<T: FromToml>(&mut self, key: &'static str) -> Option<Vec<(T, Range<usize>)>> {
        let value = self.entry(key)?;
        let Some(items) = value.get_ref().as_array() else {
            self.wrong(key, T::EXPECTED_LIST, value);
            return None;
        };
        let mut read = Vec::new();
        for item in items {
            match T::from_toml(item.get_ref()) {
                Some(value) => read.push((value, item.span())),
                None => self.reading.error(
                    item.span(),
                    format!("`{key}` should be {}, and this is {}", T::EXPECTED_LIST, kind(item.get_ref())),
                    format!("for example: {key} = [{}]", T::EXAMPLE),
                ),
            }
        }
        Some(read)
    }

    /// One of some named choices.
    pub fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let value = self.entry(key)?;
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let all = names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(" or ");
        let Some(written) = value.get_ref().as_str() else {
            self.reading.error(
                value.span(),
                format!("`{key}` should be {all}, and this is {}", kind(value.get_ref())),
                format!("for example: {key} = \"{}\"", names.first().unwrap_or(&"")),
            );
            return None;
        };
        let chosen = choices.iter().find(|(name, _)| *name == written).map(|(_, choice)| *choice);
        if chosen.is_none() {
            let help = match nearest(written, names.iter().copied()) {
                Some(meant) => format!("did you mean \"{meant}\"?"),
                None => format!("write {key} = \"{}\", or leave the line out", names.first().unwrap_or(&"")),
            };
            self.reading.error(value.span(), format!("`{key}` should be {all}, not \"{written}\""), help);
        }
        chosen
    }

    /// A table inside of this one; empty where it is missing or not a table.
    pub fn table(&mut self, key: &'static str) -> Self {
        let value = self.entry(key);
        let name = self.dotted(key);
        let entries = value.and_then(|value| match value.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => {
                self.wrong_table(key, &name, value);
                None
            }
        });
        let span = value.map_or(0..0, Spanned::span);
        Self { reading: self.reading, name, entries, span, asked: Vec::new() }
    }

    /// The tables of a list: `[[key]]`, or `key = [{ … }]`. All bear the same name.
    pub fn tables(&mut self, key: &'static str) -> Option<Vec<Self>> {
        let value = self.entry(key)?;
        let name = self.dotted(key);
        let Some(items) = value.get_ref().as_array() else {
            self.wrong(key, "a list of tables", value);
            return None;
        };
        let mut tables = Vec::new();
        for item in items {
            match item.get_ref() {
                DeValue::Table(entries) => tables.push(Self {
                    reading: self.reading,
                    name: name.clone(),
                    entries: Some(entries),
                    span: item.span(),
                    asked: Vec::new(),
                }),
                other => self.reading.error(
                    item.span(),
                    format!("`{key}` should be a list of tables, and this is {}", kind(other)),
                    format!("for example: {key} = [{{ name = \"tags\" }}]"),
                ),
            }
        }
        Some(tables)
    }

    /// The tables of a table whose keys are the author's: `[languages.fr]`. Each with its key and that key's place.
    pub fn named_tables(&mut self, key: &'static str) -> Vec<(String, Range<usize>, Self)> {
        let outer = self.table(key);
        let mut tables = Vec::new();
        for (inner, value) in outer.entries.into_iter().flat_map(|entries| entries.iter()) {
            let name = outer.dotted(inner.get_ref());
            match value.get_ref() {
                DeValue::Table(entries) => tables.push((
                    inner.get_ref().to_string(),
                    inner.span(),
                    Self { reading: self.reading, name, entries: Some(entries), span: value.span(), asked: Vec::new() },
                )),
                _ => self.wrong_table(inner.get_ref(), &name, value),
            }
        }
        tables
    }

    /// Texts by the author's own keys, in the order of the file: `[translations]`.
    pub fn texts(&mut self, key: &'static str) -> Vec<(String, String)> {
        let table = self.table(key);
        let mut texts = Vec::new();
        for (inner, value) in table.entries.into_iter().flat_map(|entries| entries.iter()) {
            match value.get_ref().as_str() {
                Some(text) => texts.push((inner.get_ref().to_string(), text.to_owned())),
                None => self.wrong(inner.get_ref(), String::EXPECTED, value),
            }
        }
        texts
    }

    /// Data of the author's own, of any shape: `[extra]`.
    pub fn data(&mut self, key: &'static str) -> Map<String, Json> {
        let table = self.table(key);
        table.entries.map_or_else(Map::new, |entries| json_table(self.reading, &table.name, entries))
    }

    /// Whether the file has a key, which is not thereby known.
    pub fn has(&self, key: &str) -> bool {
        self.entries.is_some_and(|entries| entries.contains_key(key))
    }

    /// Ends the table: every key that was not asked for is a problem.
    pub fn close(self) {
        for (key, _) in self.entries.into_iter().flat_map(|entries| entries.iter()) {
            if !self.asked.contains(&key.get_ref().as_ref()) {
                let unknown = (self.name.clone(), key.get_ref().to_string(), key.span());
                self.reading.unknown.borrow_mut().push(unknown);
            }
        }
        self.reading.known.borrow_mut().insert(self.name, self.asked);
    }

    fn wrong(&self, key: &str, expected: &str, value: &Spanned<DeValue>) {
        let help = renamed::type_help(&self.name, key, value.get_ref())
            .map_or_else(|| example(key, expected, value.get_ref()), str::to_owned);
        let found = kind(value.get_ref());
        self.reading.error(value.span(), format!("`{key}` should be {expected}, and this is {found}"), help);
    }

    fn wrong_table(&self, key: &str, name: &str, value: &Spanned<DeValue>) {
        let help = renamed::type_help(&self.name, key, value.get_ref())
            .map_or_else(|| format!("write it as a table: [{name}], and its keys on the lines below"), str::to_owned);
        let found = kind(value.get_ref());
        self.reading.error(value.span(), format!("`{key}` should be a table, and this is {found}"), help);
    }
}

/// What a value is, in a writer's words.
fn kind(value: &DeValue) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(number) if number.as_str().starts_with('-') => "a number below 0",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// How the line would be right, as near as can be to what was written.
fn example(key: &str, expected: &str, value: &DeValue) -> String {
    let text = value.as_str().unwrap_or_default();
    match (expected, value) {
        (bool::EXPECTED, _) if matches!(text, "true" | "false") => format!("without quotes: {key} = {text}"),
        (bool::EXPECTED, _) => format!("write {key} = true, or {key} = false"),
        (usize::EXPECTED, DeValue::String(_)) if text.parse::<usize>().is_ok() => {
            format!("without quotes: {key} = {text}")
        }
        (usize::EXPECTED, _) => format!("for example: {key} = 10"),
        (String::EXPECTED, DeValue::Integer(number)) => format!("in quotes: {key} = \"{number}\""),
        (String::EXPECTED, DeValue::Boolean(word)) => format!("in quotes: {key} = \"{word}\""),
        (String::EXPECTED, DeValue::Datetime(date)) => format!("in quotes: {key} = \"{date}\""),
        (String::EXPECTED_LIST, DeValue::String(_)) if !text.contains(['"', '\\', '\n']) => {
            format!("in brackets: {key} = [\"{text}\"]")
        }
        (String::EXPECTED_LIST, _) => format!("for example: {key} = [{}]", String::EXAMPLE),
        ("a list of tables", _) => format!("for example: {key} = [{{ name = \"tags\" }}]"),
        _ => format!("for example: {key} = \"some text\""),
    }
}

/// A type that a TOML value can be read as.
pub trait FromToml: Sized {
    /// What is expected, in a writer's words.
    const EXPECTED: &'static str;
    /// What a list of it is called.
    const EXPECTED_LIST: &'static str;
    /// How one is written.
    const EXAMPLE: &'static str;

    /// The value, if it has that type.
    fn from_toml(value: &DeValue) -> Option<Self>;
}

impl FromToml for bool {
    const EXPECTED: &'static str = "true or false";
    const EXPECTED_LIST: &'static str = "a list of true and false";
    const EXAMPLE: &'static str = "true";

    fn from_toml(value: &DeValue) -> Option<Self> {
        value.as_bool()
    }
}

impl FromToml for String {
    const EXPECTED: &'static str = "text";
    const EXPECTED_LIST: &'static str = "a list of texts";
    const EXAMPLE: &'static str = "\"one\", \"two\"";

    fn from_toml(value: &DeValue) -> Option<Self> {
        value.as_str().map(str::to_owned)
    }
}

impl FromToml for usize {
    const EXPECTED: &'static str = "a whole number, 0 or more";
    const EXPECTED_LIST: &'static str = "a list of whole numbers, 0 or more";
    const EXAMPLE: &'static str = "1, 2";

    fn from_toml(value: &DeValue) -> Option<Self> {
        value.as_integer().and_then(integer).and_then(|number| Self::try_from(number).ok())
    }
}

/// TOML's integers, wider than the specification's 64 bits so that a number that is too large is seen to be one.
fn integer(number: &DeInteger) -> Option<i128> {
    i128::from_str_radix(number.as_str(), number.radix()).ok()
}

fn json_table(reading: &Reading, name: &str, table: &DeTable) -> Map<String, Json> {
    table
        .iter()
        .map(|(key, value)| {
            let key = key.get_ref().to_string();
            let value = json(reading, &format!("{name}.{key}"), value);
            (key, value)
        })
        .collect()
}

/// Data as templates see it. Dates are text there, in the form in which they were written.
pub fn json(reading: &Reading, name: &str, value: &Spanned<DeValue>) -> Json {
    reading.places.borrow_mut().insert(name.to_owned(), value.span());
    let unfit = |message: &str| {
        reading.error(value.span(), message, "write it in quotes, as text");
        Json::Null
    };
    match value.get_ref() {
        DeValue::String(text) => Json::String(text.to_string()),
        DeValue::Boolean(word) => Json::Bool(*word),
        DeValue::Datetime(date) => Json::String(date.to_string()),
        DeValue::Array(items) => Json::Array({
            let item = |(index, item)| json(reading, &format!("{name}.{index}"), item);
            items.iter().enumerate().map(item).collect()
        }),
        DeValue::Table(table) => Json::Object(json_table(reading, name, table)),
        DeValue::Integer(number) => match integer(number).and_then(|number| i64::try_from(number).ok()) {
            Some(number) => Json::from(number),
            None => unfit("this number is too large"),
        },
        DeValue::Float(number) => match number.as_str().parse().ok().and_then(Number::from_f64) {
            Some(number) => Json::Number(number),
            None => unfit("templates have no such number"),
        },
    }
}
