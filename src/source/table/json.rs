//! The author's own data, as templates see it.

use serde_json::{Number, Value as Json};

use super::TableReader;
use crate::source::value::{Node, TableEntry, Value};

/// What becomes of numbers that are infinite or none, because templates have no such numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Infinity {
    /// They are an error.
    Error,
    /// They become texts: `inf`.
    Text,
}

impl TableReader<'_> {
    /// Converts a value. Dates become texts.
    pub fn json(&self, node: &Node) -> Json {
        match &node.value {
            Value::Null => Json::Null,
            Value::Bool(flag) => (*flag).into(),
            Value::Integer(number) => match (i64::try_from(*number), u64::try_from(*number)) {
                (Ok(number), _) => number.into(),
                (_, Ok(number)) => number.into(),
                _ => self.unfit(node, "this number is too large"),
            },
            Value::Float(number) => match (Number::from_f64(*number), self.rules.infinity) {
                (Some(number), _) => Json::Number(number),
                (None, Infinity::Text) => number.to_string().into(),
                (None, Infinity::Error) => self.unfit(node, "templates have no such number"),
            },
            Value::Text(text) => text.to_string().into(),
            Value::Date(date) => {
                // RFC 3339 has no time without seconds, though TOML does.
                let time = date.time.map(|time| toml::value::Time { second: Some(time.second.unwrap_or(0)), ..time });
                toml::value::Datetime { time, ..*date }.to_string().into()
            }
            Value::List(items) => items.iter().map(|item| self.json(item)).collect(),
            Value::Table(entries) => {
                entries.iter().map(|TableEntry { key, node, .. }| (key.to_string(), self.json(node))).collect()
            }
        }
    }

    fn unfit(&self, node: &Node, message: &str) -> Json {
        self.error(node.span.clone(), message, "put it in quotes");
        Json::Null
    }
}
