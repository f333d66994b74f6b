use std::borrow::Cow;
use std::ops::Range;

use serde_json::Number;
use toml::de::DeValue;

use crate::content::date::Date;
use crate::diagnostic::{Diagnostic, Location, SourceText};
use crate::source::parse_toml;

/// A value of a front matter, whichever way it was written, and its place.
///
/// Both notations are read into this, and checked afterwards: a type error then does not hide the next one, and
/// says what a writer can use.
#[derive(Clone, Debug)]
pub(crate) struct Node<'a> {
    pub value: Value<'a>,
    pub place: NodeLocation,
}

#[derive(Clone, Debug)]
pub(crate) enum Value<'a> {
    /// YAML's null: as if the key were not there.
    Nothing,
    Flag(bool),
    Number(Number),
    Text(Cow<'a, str>),
    /// TOML's own dates. Dates in YAML are texts.
    Date(toml::value::Datetime),
    List(Vec<Node<'a>>),
    Table(Vec<MapEntry<'a>>),
}

#[derive(Clone, Debug)]
pub(crate) struct MapEntry<'a> {
    pub key: Cow<'a, str>,
    pub key_place: NodeLocation,
    pub node: Node<'a>,
}

/// Where a node is: in TOML a byte range of the front matter. YAML's parser tells no places of what is right, so
/// there it is the node's number in the order of reading, and the place is looked up when a problem needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NodeLocation {
    pub start: usize,
    pub end: usize,
}

impl From<Range<usize>> for NodeLocation {
    fn from(range: Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }
}

impl Value<'_> {
    /// What it is, for a message that says what it should not be.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Flag(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::Date(datetime) if datetime.date.is_none() => "a time",
            Self::Date(_) => "a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }

    /// The value as templates see it: dates are strings.
    pub fn into_json(self) -> serde_json::Value {
        match self {
            Self::Nothing => serde_json::Value::Null,
            Self::Flag(flag) => flag.into(),
            Self::Number(number) => number.into(),
            Self::Text(text) => text.into_owned().into(),
            Self::Date(datetime) => Date::from_toml(&datetime).map_or_else(|| datetime.to_string(), |m| m.text).into(),
            Self::List(nodes) => nodes.into_iter().map(|node| node.value.into_json()).collect(),
            Self::Table(entries) => {
                entries.into_iter().map(|entry| (entry.key.into_owned(), entry.node.value.into_json())).collect()
            }
        }
    }
}

/// A front matter as it was read.
pub(crate) struct ParsedFrontMatter<'a> {
    pub entries: Vec<MapEntry<'a>>,
    /// Whether the notation itself was right. If not, keys may be missing that the author did write.
    pub sound: bool,
    pub problems: Vec<Diagnostic>,
}

/// Reads a range of a text as TOML.
pub(crate) fn read_toml<'a>(source: &'a SourceText, range: &Range<usize>) -> ParsedFrontMatter<'a> {
    let (table, mut problems) = parse_toml(source, range);
    let sound = problems.is_empty();
    let mut entries = Vec::new();
    for (key, value) in table.into_inner() {
        entry_from_toml(source, range.start, key, value, &mut entries, &mut problems);
    }
    ParsedFrontMatter { entries, sound, problems }
}

type SpannedKey<'a> = toml::Spanned<toml::de::DeString<'a>>;
type SpannedValue<'a> = toml::Spanned<DeValue<'a>>;

fn entry_from_toml<'a>(
    source: &SourceText,
    start: usize,
    key: SpannedKey<'a>,
    value: SpannedValue<'a>,
    entries: &mut Vec<MapEntry<'a>>,
    problems: &mut Vec<Diagnostic>,
) {
    let key_place = key.span().into();
    let node = node_from_toml(source, start, value, problems);
    entries.push(MapEntry { key: key.into_inner(), key_place, node });
}

fn node_from_toml<'a>(
    source: &SourceText,
    start: usize,
    value: SpannedValue<'a>,
    problems: &mut Vec<Diagnostic>,
) -> Node<'a> {
    let span = value.span();
    let place = span.clone().into();
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text),
        DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(integer) => Value::Number(integer.into()),
            Err(_) => {
                problems.push(
                    Diagnostic::error("this number is too large")
                        .at(Location::span(source, start + span.start..start + span.end))
                        .help("put it in quotes to keep it as it is written"),
                );
                Value::Nothing
            }
        },
        DeValue::Float(float) => {
            let number = float.as_str().parse().ok().and_then(Number::from_f64);
            // Templates have no infinity; the word is the nearest that they can show.
            number.map_or_else(|| Value::Text(float.as_str().to_owned().into()), Value::Number)
        }
        DeValue::Boolean(flag) => Value::Flag(flag),
        DeValue::Datetime(datetime) => Value::Date(datetime),
        DeValue::Array(mut values) => Value::List(
            // The array does not give its elements away, so each is taken out of its place.
            values
                .iter_mut()
                .map(|value| std::mem::replace(value, toml::Spanned::new(0..0, DeValue::Boolean(false))))
                .map(|value| node_from_toml(source, start, value, problems))
                .collect(),
        ),
        DeValue::Table(table) => {
            let mut entries = Vec::with_capacity(table.len());
            for (key, value) in table {
                entry_from_toml(source, start, key, value, &mut entries, problems);
            }
            Value::Table(entries)
        }
    };
    Node { value, place }
}
