//! The values of a TOML or YAML file in one form, each with its place.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use rustc_hash::FxHashSet;
use toml::Spanned;
use toml::de::{DeString, DeValue};
use toml::value::Datetime;

use super::{ScalarValue, YamlKey, YamlNode, YamlScalar, YamlValue, parse_toml, parse_yaml};
use crate::diagnostic::{Diagnostic, Location, SourceText};

/// The notation of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    Toml,
    Yaml,
}

impl Notation {
    /// The heading of a table, for a message.
    pub fn heading(self, table: &str) -> String {
        match self {
            Self::Toml => format!("`[{table}]`"),
            Self::Yaml => format!("`{table}:`"),
        }
    }

    /// A key and its value, for a message.
    pub fn pair(self, key: &str, value: &str) -> String {
        match self {
            Self::Toml => format!("`{key} = {value}`"),
            Self::Yaml => format!("`{key}: {value}`"),
        }
    }
}

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Node<'s> {
    pub value: Value<'s>,
    /// The byte range in the file.
    pub span: Range<usize>,
    /// The text of a YAML scalar whose value is not a text: `1.10` where the value is the number 1.1.
    pub raw: Option<Cow<'s, str>>,
}

#[derive(Clone, Debug)]
pub enum Value<'s> {
    /// YAML's null. A key with this value counts as missing.
    Null,
    Bool(bool),
    /// A TOML integer of more than 64 bits is the greatest number here, so that it is too large for every purpose.
    Integer(i128),
    Float(f64),
    Text(Cow<'s, str>),
    /// A date in TOML. Dates in YAML are texts.
    Date(Datetime),
    List(Vec<Node<'s>>),
    Table(Vec<TableEntry<'s>>),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct TableEntry<'s> {
    pub key: Cow<'s, str>,
    pub key_span: Range<usize>,
    pub node: Node<'s>,
}

impl Value<'_> {
    /// The kind of value, for a message that says which kind is expected instead.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Integer(number) if *number < 0 => "a negative number",
            Self::Integer(_) => "a number",
            Self::Float(_) => "a number with a fraction",
            Self::Text(_) => "a string",
            Self::Date(date) if date.date.is_none() => "a time without a day",
            Self::Date(_) => "a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

/// A file, or a part of one, that consists of keys and values.
pub struct ParsedTable<'s> {
    pub notation: Notation,
    pub entries: Vec<TableEntry<'s>>,
    /// Whether the text is correct TOML or YAML. If not, some of its keys may be missing from the entries.
    pub is_valid: bool,
    pub problems: Vec<Diagnostic>,
}

/// Parses a range of a file as keys and values.
pub fn parse_table<'s>(source: &'s SourceText, notation: Notation, range: &Range<usize>) -> ParsedTable<'s> {
    let (entries, problems) = match notation {
        Notation::Toml => {
            let (table, problems) = parse_toml(source, range);
            (table.into_inner().into_iter().map(|(key, value)| toml_entry(range.start, key, value)).collect(), problems)
        }
        Notation::Yaml => match yaml_entries(source, range) {
            Ok(entries) => (entries, Vec::new()),
            Err(problem) => (Vec::new(), vec![problem]),
        },
    };
    ParsedTable { notation, entries, is_valid: problems.is_empty(), problems }
}

/// Converts an entry. `offset` is where the TOML begins in its file.
fn toml_entry<'s>(offset: usize, key: Spanned<DeString<'s>>, value: Spanned<DeValue<'s>>) -> TableEntry<'s> {
    let key_span = shift(key.span(), offset);
    TableEntry { key: key.into_inner(), key_span, node: toml_node(offset, value) }
}

fn toml_node(offset: usize, value: Spanned<DeValue<'_>>) -> Node<'_> {
    let span = shift(value.span(), offset);
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text),
        DeValue::Integer(number) => {
            Value::Integer(i64::from_str_radix(number.as_str(), number.radix()).map_or(i128::MAX, i128::from))
        }
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(flag) => Value::Bool(flag),
        DeValue::Datetime(date) => Value::Date(date),
        DeValue::Array(mut items) => Value::List(
            // The array does not give its elements away, so each is taken out of its place.
            items
                .iter_mut()
                .map(|item| std::mem::replace(item, Spanned::new(0..0, DeValue::Boolean(false))))
                .map(|item| toml_node(offset, item))
                .collect(),
        ),
        DeValue::Table(table) => {
            Value::Table(table.into_iter().map(|(key, value)| toml_entry(offset, key, value)).collect())
        }
    };
    Node { value, span, raw: None }
}

fn shift(span: Range<usize>, offset: usize) -> Range<usize> {
    offset + span.start..offset + span.end
}

fn yaml_entries<'s>(source: &'s SourceText, range: &Range<usize>) -> Result<Vec<TableEntry<'s>>, Diagnostic> {
    match yaml_node(source, parse_yaml(source, range)?)? {
        Node { value: Value::Table(entries), .. } => Ok(entries),
        // Nothing, or nothing but comments.
        Node { value: Value::Null, .. } => Ok(Vec::new()),
        Node { span, value, .. } => {
            let message = format!("this should be keys and values, not {}", value.kind());
            Err(Diagnostic::error(message)
                .at(Location::span(source, span))
                .help("write each line as `key: value`, and indent below a key what belongs to it"))
        }
    }
}

fn yaml_node<'s>(source: &SourceText, node: YamlNode<'s>) -> Result<Node<'s>, Diagnostic> {
    if let Some(tag) = node.tag {
        return Err(Diagnostic::error(format!("the tag `{tag}` means nothing here"))
            .at(Location::span(source, node.span))
            .help("put a text that begins with `!` in quotes"));
    }
    let mut raw = None;
    let value = match node.value {
        YamlValue::Scalar(YamlScalar { text, value: ScalarValue::Text }) => Value::Text(text),
        YamlValue::Scalar(scalar) => {
            raw = Some(scalar.text);
            match scalar.value {
                ScalarValue::Null | ScalarValue::Text => Value::Null,
                ScalarValue::Bool(flag) => Value::Bool(flag),
                ScalarValue::Unsigned(number) => Value::Integer(number.into()),
                ScalarValue::Negative(number) => Value::Integer(number.into()),
                ScalarValue::Float(number) => Value::Float(number),
            }
        }
        YamlValue::List(items) => {
            Value::List(items.into_iter().map(|item| yaml_node(source, item)).collect::<Result<_, _>>()?)
        }
        YamlValue::Map(entries) => {
            let mut keys = FxHashSet::default();
            let entry = |(key, node): (YamlKey<'s>, YamlNode<'s>)| {
                let YamlKey { scalar: YamlScalar { text: key, .. }, span: key_span } = key;
                // All keys are texts here, so `1` is the same key as `"1"`.
                if !keys.insert(key.clone()) {
                    return Err(Diagnostic::error(format!("the key `{key}` is there twice"))
                        .at(Location::span(source, key_span))
                        .help("remove one of the two, or rename it"));
                }
                Ok(TableEntry { key, key_span, node: yaml_node(source, node)? })
            };
            Value::Table(entries.into_iter().map(entry).collect::<Result<_, _>>()?)
        }
    };
    Ok(Node { value, span: node.span, raw })
}

/// The place of each value by its dotted name. The items of a list are numbered from 0.
pub fn places(entries: &[TableEntry]) -> BTreeMap<String, Range<usize>> {
    fn add(name: String, node: &Node, places: &mut BTreeMap<String, Range<usize>>) {
        match &node.value {
            Value::Table(entries) => entries.iter().for_each(|TableEntry { key, node, .. }| {
                add(format!("{name}.{key}"), node, places);
            }),
            Value::List(items) => items.iter().enumerate().for_each(|(index, item)| {
                add(format!("{name}.{index}"), item, places);
            }),
            _ => {}
        }
        places.insert(name, node.span.clone());
    }
    let mut places = BTreeMap::new();
    for TableEntry { key, node, .. } in entries {
        add(key.to_string(), node, &mut places);
    }
    places
}
