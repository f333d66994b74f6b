//! Front matter and data files of other generators: YAML, TOML and JSON as one form.

use serde_json::{Map, Value as Json};

use super::dates;
use crate::diagnostic::SourceText;
use crate::source::{Node, Notation, ScalarValue, Value, YamlNode, YamlValue, parse_table, parse_yaml};

/// The keys of a front matter, or of a table in one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields(pub Map<String, Json>);

/// A file with a front matter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// Its front matter.
    pub fields: Fields,
    /// The text after it.
    pub body: String,
    /// Whether the front matter was damaged, so that it was read line by line.
    pub is_damaged: bool,
}

impl Document {
    /// Reads a file: none if it has no front matter.
    pub fn parse(text: &str) -> Option<Self> {
        let start = text.trim_start_matches('\n');
        if start.starts_with('{') {
            let mut stream = serde_json::Deserializer::from_str(start).into_iter::<Map<String, Json>>();
            let fields = Fields(stream.next()?.ok()?);
            let body = start.get(stream.byte_offset()..)?.trim_start_matches('\n').to_owned();
            return Some(Self { fields, body, is_damaged: false });
        }
        let fence = ["---", "+++"].into_iter().find(|fence| {
            start.strip_prefix(fence).is_some_and(|rest| rest.trim_start_matches([' ', '\t']).starts_with('\n'))
        })?;
        let inner = start.find('\n')? + 1;
        let mut end = inner;
        for line in start[inner..].split_inclusive('\n') {
            let is_end = line.trim_end() == fence || fence == "---" && line.trim_end() == "...";
            if is_end {
                let front = &start[inner..end];
                let body = start[end + line.len()..].trim_start_matches('\n').to_owned();
                let notation = if fence == "+++" { Notation::Toml } else { Notation::Yaml };
                return Some(match table(front, notation) {
                    Some(fields) => Self { fields, body, is_damaged: false },
                    None => Self { fields: line_by_line(front), body, is_damaged: true },
                });
            }
            end += line.len();
        }
        None
    }
}

/// Reads a data file, by the ending of its name.
pub fn data(path: &str, text: &str) -> Option<Json> {
    match path.rsplit_once('.')?.1 {
        "json" => serde_json::from_str(text).ok(),
        "toml" => table(text, Notation::Toml).map(|fields| Json::Object(fields.0)),
        "yml" | "yaml" => {
            let source = SourceText { path: "data".into(), text: text.into() };
            // A document can begin and end with a line of three dashes.
            let start = text.strip_prefix("---\n").map_or(0, |_| 4);
            parse_yaml(&source, &(start..text.len())).ok().map(|node| yaml(&node))
        }
        _ => None,
    }
}

fn table(text: &str, notation: Notation) -> Option<Fields> {
    let source = SourceText { path: "front matter".into(), text: text.into() };
    if notation == Notation::Yaml {
        return match parse_yaml(&source, &(0..text.len())).ok().map(|node| yaml(&node))? {
            Json::Object(fields) => Some(Fields(fields)),
            Json::Null => Some(Fields::default()),
            _ => None,
        };
    }
    let parsed = parse_table(&source, notation, &(0..text.len()));
    parsed
        .is_valid
        .then(|| Fields(parsed.entries.iter().map(|entry| (entry.key.to_string(), toml(&entry.node))).collect()))
}

fn toml(node: &Node<'_>) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(flag) => (*flag).into(),
        Value::Integer(number) => i64::try_from(*number).map_or(Json::Null, Json::from),
        Value::Float(number) => (*number).into(),
        Value::Text(text) => text.to_string().into(),
        Value::Date(date) => date.to_string().into(),
        Value::List(items) => items.iter().map(toml).collect(),
        Value::Table(entries) => entries.iter().map(|entry| (entry.key.to_string(), toml(&entry.node))).collect(),
    }
}

/// Numbers stay as they are written: `1.10` is a version, and `007` a name.
fn yaml(node: &YamlNode<'_>) -> Json {
    match &node.value {
        YamlValue::Scalar(scalar) => match scalar.value {
            ScalarValue::Null => Json::Null,
            ScalarValue::Bool(flag) => flag.into(),
            _ => scalar.text.to_string().into(),
        },
        YamlValue::List(items) => items.iter().map(yaml).collect(),
        YamlValue::Map(entries) => {
            entries.iter().map(|(key, node)| (key.scalar.text.to_string(), yaml(node))).collect()
        }
    }
}

/// The keys of a front matter that is damaged: each line `key: value`, and lists of lines `- value` below a key.
fn line_by_line(text: &str) -> Fields {
    let mut fields: Map<String, Json> = Map::new();
    let mut last = String::new();
    for line in text.lines() {
        let unquote = |value: &str| value.trim().trim_matches(['"', '\'']).to_owned();
        if let Some(item) = line.trim_start().strip_prefix("- ") {
            let list = fields.entry(last.clone()).or_insert(Json::Null);
            if !list.is_array() {
                *list = Json::Array(Vec::new());
            }
            if let Json::Array(items) = list {
                items.push(unquote(item).into());
            }
            continue;
        }
        let pair = line.split_once([':', '=']).filter(|(key, _)| !key.is_empty() && !key.contains(char::is_whitespace));
        if let Some((key, value)) = pair {
            last = key.to_owned();
            let value = value.trim();
            let list = value.strip_prefix('[').and_then(|value| value.strip_suffix(']'));
            let value = match list {
                Some(list) => list.split(',').map(unquote).filter(|item| !item.is_empty()).map(Json::from).collect(),
                None => match unquote(value).as_str() {
                    "true" => true.into(),
                    "false" => false.into(),
                    text => text.into(),
                },
            };
            // The last one counts, as in most readers.
            fields.insert(last.clone(), value);
        }
    }
    Fields(fields)
}

/// A value as text.
pub fn as_text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

impl Fields {
    /// The value of a key, whatever the size of its letters.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.0
            .get(key)
            .or_else(|| self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)).map(|(_, value)| value))
            .filter(|value| !value.is_null())
    }

    /// The first of some keys that has a text which is not empty.
    pub fn text(&self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| {
            self.get(key).and_then(as_text).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
        })
    }

    /// The texts of the first of some keys: a list, or one text.
    pub fn texts(&self, keys: &[&str]) -> Vec<String> {
        let Some(value) = keys.iter().find_map(|key| self.get(key)) else { return Vec::new() };
        let all = match value {
            Json::Array(items) => items.iter().filter_map(as_text).collect(),
            value => as_text(value).into_iter().collect::<Vec<_>>(),
        };
        all.into_iter().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect()
    }

    /// Whether a key is true or false.
    pub fn flag(&self, key: &str) -> Option<bool> {
        match self.get(key)? {
            Json::Bool(flag) => Some(*flag),
            Json::String(text) if text == "true" => Some(true),
            Json::String(text) if text == "false" => Some(false),
            _ => None,
        }
    }

    /// The first of some keys that has a date.
    pub fn date(&self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| dates::loose(&self.get(key).and_then(as_text)?))
    }

    /// A table.
    pub fn table(&self, key: &str) -> Self {
        match self.get(key) {
            Some(Json::Object(fields)) => Self(fields.clone()),
            _ => Self::default(),
        }
    }

    /// The names of people: texts, or tables with a name.
    pub fn people(&self, keys: &[&str]) -> Vec<String> {
        let Some(value) = keys.iter().find_map(|key| self.get(key)) else { return Vec::new() };
        let person = |value: &Json| match value {
            Json::Object(fields) => Self(fields.clone()).text(&["name", "title", "display_name"]),
            value => as_text(value),
        };
        let all = match value {
            Json::Array(items) => items.iter().filter_map(person).collect(),
            value => person(value).into_iter().collect::<Vec<_>>(),
        };
        all.into_iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_of_three_notations_is_one_form() {
        for text in [
            "---\ntitle: \"A\"\ntags: [x, y]\ndraft: true\ndate: 2019-05-01 10:00 +0200\n---\n\nBody",
            "+++\ntitle = \"A\"\ntags = [\"x\", \"y\"]\ndraft = true\ndate = 2019-05-01T10:00:00+02:00\n+++\nBody",
            "{\"title\": \"A\", \"tags\": [\"x\", \"y\"], \"draft\": true, \"date\": \"2019-05-01T10:00:00+02:00\"}\n\nBody",
            // A tab, and a key twice, are no YAML.
            "---\ntitle: \"A\"\ntags:\n- x\n- y\ndraft: true\ntitle: 'A'\nx:\ty: z\ndate: 2019-05-01 10:00:00 +0200\n---\nBody",
        ] {
            let document = Document::parse(text).expect(text);
            assert_eq!(document.body, "Body", "{text}");
            assert_eq!(document.fields.text(&["Title"]).as_deref(), Some("A"), "{text}");
            assert_eq!(document.fields.texts(&["tags"]), ["x", "y"], "{text}");
            assert_eq!(document.fields.flag("draft"), Some(true), "{text}");
            assert_eq!(document.fields.date(&["date"]).as_deref(), Some("2019-05-01T10:00:00+02:00"), "{text}");
        }
        for none in ["", "Body", "---", "---\ntitle: a\n", "----\n---", "{ no", "+++\na = 1\n---\n"] {
            assert_eq!(Document::parse(none), None, "{none}");
        }
        assert_eq!(Document::parse("---\n---\nBody").expect("one").body, "Body");
    }
}
