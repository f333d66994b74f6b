use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::node::{MapEntry, Node, NodeLocation, ParsedFrontMatter, Value};
use crate::diagnostic::{Diagnostic, Location, SourceText};
use crate::source::too_deep_yaml;

/// Reads a range of a text as YAML.
pub(crate) fn read_yaml<'a>(source: &'a SourceText, range: &Range<usize>) -> ParsedFrontMatter<'a> {
    if let Some(at) = too_deep_yaml(&source.text[range.clone()]) {
        let message = "this front matter is nested too deep";
        let at = range.start + at;
        let problem = Diagnostic::error(message).at(Location::span(source, at..at + 1)).help(help_with("limit"));
        return ParsedFrontMatter { entries: Vec::new(), sound: false, problems: vec![problem] };
    }
    let reader = ValueReader::new(ReadGoal::Everything);
    let read = (&reader).deserialize(yaml_serde::Deserializer::from_str(&source.text[range.clone()]));
    let (message, span) = match read {
        Ok(Node { value: Value::Table(entries), .. }) => {
            return ParsedFrontMatter { entries, sound: true, problems: Vec::new() };
        }
        // Nothing, or nothing but comments.
        Ok(Node { value: Value::Nothing, .. }) => {
            return ParsedFrontMatter { entries: Vec::new(), sound: true, problems: Vec::new() };
        }
        Ok(Node { place, value }) => (
            format!("a front matter is made of keys and values, and this is {}", value.kind()),
            span_of(source, range, place),
        ),
        Err(error) => {
            let span = error.location().map(|at| find(source, range, at.line(), at.column()));
            let message = format!("this front matter cannot be read: {}", without_place(&error.to_string()));
            (message, span.unwrap_or(range.start..range.start))
        }
    };
    let help = help_with(&message);
    let problem = Diagnostic::error(message).at(Location::span(source, span)).help(help);
    ParsedFrontMatter { entries: Vec::new(), sound: false, problems: vec![problem] }
}

/// What to do about the commonest slips, by the parser's messages.
fn help_with(message: &str) -> &'static str {
    const HELP: &[(&str, &str)] = &[
        ("mapping values are not allowed", "a text with `: ` in it stands in quotes"),
        ("there twice", "remove one of the two, or rename it"),
        (
            "cannot start any token",
            "lines are indented with blanks, not tabs; a text that begins with a sign stands in quotes",
        ),
        ("anchor", "a text that begins with `*` or `&` stands in quotes"),
        ("tags", "a text that begins with `!` stands in quotes"),
        ("limit", "write it without so many references or levels"),
    ];
    let known = HELP.iter().find(|(part, _)| message.contains(part));
    known.map_or("a line is `key: value`, and what belongs to a key is indented below it", |(_, help)| help)
}

/// The byte range of a node that [`read_yaml`] read.
pub(crate) fn span_of(source: &SourceText, range: &Range<usize>, place: NodeLocation) -> Range<usize> {
    let reader = ValueReader::new(ReadGoal::Place(place.start));
    match (&reader).deserialize(yaml_serde::Deserializer::from_str(&source.text[range.clone()])) {
        Err(error) => match error.location() {
            Some(at) => find(source, range, at.line(), at.column()),
            None => range.start..range.start,
        },
        Ok(_) => range.start..range.start,
    }
}

/// Scalars as they are written, `1.10` where the value is the number 1.1, by the numbers of their nodes.
pub(crate) fn texts_of(source: &SourceText, range: &Range<usize>, places: &[NodeLocation]) -> FxHashMap<usize, String> {
    let reader = ValueReader::new(ReadGoal::Texts(places.iter().map(|place| place.start).collect()));
    // Had the text been unreadable, there would be no places in it.
    let _ = (&reader).deserialize(yaml_serde::Deserializer::from_str(&source.text[range.clone()]));
    reader.texts.into_inner()
}

/// A line and column of the front matter (from 1, in characters) as a range of the file, up to the end of what is
/// written there.
fn find(source: &SourceText, range: &Range<usize>, line: usize, column: usize) -> Range<usize> {
    let text = &source.text[range.clone()];
    let line = text.split_inclusive('\n').nth(line.saturating_sub(1)).unwrap_or("");
    let line_start = if line.is_empty() { text.len() } else { line.as_ptr().addr() - text.as_ptr().addr() };
    let line = line.trim_end_matches('\n');
    let start = line.char_indices().nth(column.saturating_sub(1)).map_or(line.len(), |(at, _)| at);
    let rest = &line[start..];
    let length = match rest.chars().next() {
        Some(quote @ ('"' | '\'')) => rest[1..].find(quote).map_or(rest.len(), |end| end + 2),
        _ => {
            let end = [rest.find(" #"), rest.find(": "), rest.find(", "), rest.find(']')].into_iter().flatten().min();
            let rest = &rest[..end.unwrap_or(rest.len())];
            let rest = rest.trim_end();
            rest.strip_suffix(':').unwrap_or(rest).len()
        }
    };
    let start = range.start + line_start + start;
    start..start + length
}

/// The parser's message without its account of the place, which the diagnostic gives in its own way.
fn without_place(message: &str) -> &str {
    message.split(" at line ").next().unwrap_or(message)
}

/// What a reading is for.
enum ReadGoal {
    /// All values.
    Everything,
    /// The place of one node: the reading fails there, and the parser says where that is.
    Place(usize),
    /// The texts of some scalars.
    Texts(FxHashSet<usize>),
}

/// Reads values and numbers them: every key and every value, in the order of the text.
struct ValueReader {
    aim: ReadGoal,
    count: Cell<usize>,
    texts: RefCell<FxHashMap<usize, String>>,
}

impl ValueReader {
    fn new(aim: ReadGoal) -> Self {
        Self { aim, count: Cell::new(0), texts: RefCell::default() }
    }

    fn number(&self) -> usize {
        let number = self.count.get();
        self.count.set(number + 1);
        number
    }
}

impl<'de> DeserializeSeed<'de> for &ValueReader {
    type Value = Node<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node<'de>, D::Error> {
        let number = self.number();
        let value = match &self.aim {
            ReadGoal::Place(wanted) if *wanted == number => match deserializer.deserialize_any(StopVisitor)? {},
            ReadGoal::Texts(wanted) if wanted.contains(&number) => {
                let text = deserializer.deserialize_str(TextVisitor)?;
                self.texts.borrow_mut().insert(number, text.clone().into_owned());
                Value::Text(text)
            }
            _ => deserializer.deserialize_any(NodeVisitor(self))?,
        };
        Ok(Node { value, place: (number..number).into() })
    }
}

/// Keys are texts, whatever they look like.
struct Key<'r>(&'r ValueReader);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = (Cow<'de, str>, NodeLocation);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let number = self.0.number();
        if matches!(self.0.aim, ReadGoal::Place(wanted) if wanted == number) {
            match deserializer.deserialize_any(StopVisitor)? {}
        }
        Ok((deserializer.deserialize_str(TextVisitor)?, (number..number).into()))
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }
}

/// Accepts nothing, so that the parser tells where it was.
struct StopVisitor;

impl Visitor<'_> for StopVisitor {
    type Value = std::convert::Infallible;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nothing")
    }
}

struct NodeVisitor<'r>(&'r ValueReader);

impl<'de> Visitor<'de> for NodeVisitor<'_> {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value<'de>, E> {
        Ok(Value::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_i128<E>(self, number: i128) -> Result<Value<'de>, E> {
        Ok(Value::Text(number.to_string().into()))
    }

    fn visit_u128<E>(self, number: u128) -> Result<Value<'de>, E> {
        Ok(Value::Text(number.to_string().into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value<'de>, E> {
        // As in TOML: templates have no infinity, so its word stands for it.
        Ok(Number::from_f64(number).map_or_else(|| Value::Text(number.to_string().into()), Value::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Nothing)
    }

    fn visit_none<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Nothing)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value<'de>, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = elements.next_element_seed(self.0)? {
            nodes.push(node);
        }
        Ok(Value::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value<'de>, A::Error> {
        let mut entries: Vec<MapEntry<'de>> = Vec::new();
        let mut keys = FxHashSet::default();
        while let Some((key, key_place)) = map.next_key_seed(Key(self.0))? {
            if !keys.insert(key.clone()) {
                return Err(A::Error::custom(format!("the key `{key}` is there twice")));
            }
            let node = map.next_value_seed(self.0)?;
            entries.push(MapEntry { key, key_place, node });
        }
        Ok(Value::Table(entries))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<Value<'de>, A::Error> {
        Err(A::Error::custom("tags (`!name`) mean nothing here"))
    }
}
