use std::borrow::Cow;
use std::ops::Range;

use rustc_hash::FxHashSet;
use serde_json::Number;
use toml::de::DeValue;

use crate::content::date::Date;
use crate::diagnostic::{Diagnostic, Location, SourceText};
use crate::source::{ScalarValue, YamlKey, YamlNode, YamlScalar, YamlValue, parse_toml, parse_yaml};

/// A value of a front matter, in either notation, and its place.
///
/// Both notations are read into this and checked afterwards. A value of a wrong type then does not hide the next one.
#[derive(Clone, Debug)]
pub(crate) struct Node<'a> {
    pub value: Value<'a>,
    /// The byte range in the file.
    pub span: Range<usize>,
    /// The text of a YAML scalar whose value is not a text: `1.10` where the value is the number 1.1.
    pub raw: Option<Cow<'a, str>>,
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
    pub key_span: Range<usize>,
    pub node: Node<'a>,
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
    let (table, problems) = parse_toml(source, range);
    let sound = problems.is_empty();
    let mut converter = TomlConverter { source, offset: range.start, problems };
    let entries = table.into_inner().into_iter().map(|(key, value)| converter.entry(key, value)).collect();
    ParsedFrontMatter { entries, sound, problems: converter.problems }
}

type SpannedKey<'a> = toml::Spanned<toml::de::DeString<'a>>;
type SpannedValue<'a> = toml::Spanned<DeValue<'a>>;

struct TomlConverter<'a> {
    source: &'a SourceText,
    /// Where the text begins in its file.
    offset: usize,
    problems: Vec<Diagnostic>,
}

impl<'a> TomlConverter<'a> {
    fn span(&self, span: Range<usize>) -> Range<usize> {
        self.offset + span.start..self.offset + span.end
    }

    fn entry(&mut self, key: SpannedKey<'a>, value: SpannedValue<'a>) -> MapEntry<'a> {
        let key_span = self.span(key.span());
        MapEntry { key: key.into_inner(), key_span, node: self.node(value) }
    }

    fn node(&mut self, value: SpannedValue<'a>) -> Node<'a> {
        let span = self.span(value.span());
        let value = match value.into_inner() {
            DeValue::String(text) => Value::Text(text),
            DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
                Ok(integer) => Value::Number(integer.into()),
                Err(_) => {
                    self.problems.push(
                        Diagnostic::error("this number is too large")
                            .at(Location::span(self.source, span.clone()))
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
                    .map(|value| self.node(value))
                    .collect(),
            ),
            DeValue::Table(table) => {
                Value::Table(table.into_iter().map(|(key, value)| self.entry(key, value)).collect())
            }
        };
        Node { value, span, raw: None }
    }
}

/// Reads a range of a text as YAML.
pub(crate) fn read_yaml<'a>(source: &'a SourceText, range: &Range<usize>) -> ParsedFrontMatter<'a> {
    let node = parse_yaml(source, range).and_then(|node| node_from_yaml(source, node));
    let problem = match node {
        Ok(Node { value: Value::Table(entries), .. }) => {
            return ParsedFrontMatter { entries, sound: true, problems: Vec::new() };
        }
        // Nothing, or nothing but comments.
        Ok(Node { value: Value::Nothing, .. }) => {
            return ParsedFrontMatter { entries: Vec::new(), sound: true, problems: Vec::new() };
        }
        Ok(Node { span, value, .. }) => {
            Diagnostic::error(format!("a front matter is made of keys and values, and this is {}", value.kind()))
                .at(Location::span(source, span))
                .help("write each line as `key: value`, and indent below a key what belongs to it")
        }
        Err(problem) => problem,
    };
    ParsedFrontMatter { entries: Vec::new(), sound: false, problems: vec![problem] }
}

fn node_from_yaml<'a>(source: &SourceText, node: YamlNode<'a>) -> Result<Node<'a>, Diagnostic> {
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
                ScalarValue::Null | ScalarValue::Text => Value::Nothing,
                ScalarValue::Bool(flag) => Value::Flag(flag),
                ScalarValue::Unsigned(number) => Value::Number(number.into()),
                ScalarValue::Negative(number) => Value::Number(number.into()),
                // As in TOML: templates have no infinity.
                ScalarValue::Float(number) => {
                    Number::from_f64(number).map_or_else(|| Value::Text(number.to_string().into()), Value::Number)
                }
            }
        }
        YamlValue::List(items) => {
            Value::List(items.into_iter().map(|item| node_from_yaml(source, item)).collect::<Result<_, _>>()?)
        }
        YamlValue::Map(entries) => {
            let mut keys = FxHashSet::default();
            let entry = |(key, node): (YamlKey<'a>, YamlNode<'a>)| {
                let YamlKey { scalar: YamlScalar { text: key, .. }, span: key_span } = key;
                // All keys are texts here, so `1` is the same key as `"1"`.
                if !keys.insert(key.clone()) {
                    return Err(Diagnostic::error(format!("the key `{key}` is there twice"))
                        .at(Location::span(source, key_span))
                        .help("remove one of the two, or rename it"));
                }
                Ok(MapEntry { key, key_span, node: node_from_yaml(source, node)? })
            };
            Value::Table(entries.into_iter().map(entry).collect::<Result<_, _>>()?)
        }
    };
    Ok(Node { value, span: node.span, raw })
}
