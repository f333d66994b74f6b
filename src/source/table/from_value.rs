//! The types that values can be read as.

use crate::source::value::{Node, Notation, Value};

/// A type that a value of a file can be read as.
pub trait FromValue: Sized {
    /// What is expected, for a message.
    const EXPECTED: &'static str;
    /// What a list of it is called.
    const EXPECTED_LIST: &'static str;
    /// How one is written.
    const EXAMPLE: &'static str;

    /// The value, if it has that type.
    fn from_node(node: &Node) -> Option<Self>;

    /// What a value is that has another type.
    fn found(node: &Node) -> String {
        node.value.kind().to_owned()
    }

    /// How a value of another type should be written if its author meant this one.
    fn correction(_node: &Node, _written: &str) -> Option<String> {
        None
    }

    /// The advice about a value of another type.
    fn help(key: &str, node: &Node, written: &str, notation: Notation) -> String {
        match Self::correction(node, written) {
            Some(correction) => format!("write {}", notation.pair(key, &correction)),
            None => format!("for example: {}", notation.pair(key, Self::EXAMPLE)),
        }
    }
}

impl FromValue for bool {
    const EXPECTED: &'static str = "true or false";
    const EXPECTED_LIST: &'static str = "a list of true and false";
    const EXAMPLE: &'static str = "true";

    fn from_node(node: &Node) -> Option<Self> {
        match node.value {
            Value::Bool(flag) => Some(flag),
            _ => None,
        }
    }

    fn correction(node: &Node, _: &str) -> Option<String> {
        let word = match &node.value {
            Value::Text(text) => text.to_ascii_lowercase(),
            Value::Integer(number) => number.to_string(),
            _ => return None,
        };
        match word.trim() {
            "true" | "yes" | "on" | "1" => Some("true".to_owned()),
            "false" | "no" | "off" | "0" => Some("false".to_owned()),
            _ => None,
        }
    }
}

impl FromValue for String {
    const EXPECTED: &'static str = "a string";
    const EXPECTED_LIST: &'static str = "a list of strings";
    const EXAMPLE: &'static str = "\"some text\"";

    /// YAML's scalars are texts where texts are expected: `title: 2024` needs no quotes, and `1.10` keeps its last digit.
    fn from_node(node: &Node) -> Option<Self> {
        match (&node.raw, &node.value) {
            (Some(raw), _) => Some(raw.to_string()),
            (None, Value::Text(text)) => Some(text.to_string()),
            _ => None,
        }
    }

    fn correction(node: &Node, written: &str) -> Option<String> {
        let is_word = matches!(node.value, Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::Date(_));
        is_word.then(|| format!("\"{written}\""))
    }
}

impl FromValue for i64 {
    const EXPECTED: &'static str = "a whole number";
    const EXPECTED_LIST: &'static str = "a list of whole numbers";
    const EXAMPLE: &'static str = "10";

    fn from_node(node: &Node) -> Option<Self> {
        integer(node)?.try_into().ok()
    }

    fn found(node: &Node) -> String {
        match node.value {
            Value::Integer(_) => "one that is too large".to_owned(),
            _ => node.value.kind().to_owned(),
        }
    }

    fn correction(node: &Node, _: &str) -> Option<String> {
        number_in(node).filter(|number| number.parse::<Self>().is_ok())
    }
}

impl FromValue for usize {
    const EXPECTED: &'static str = "a whole number, 0 or more";
    const EXPECTED_LIST: &'static str = "a list of whole numbers, 0 or more";
    const EXAMPLE: &'static str = "10";

    fn from_node(node: &Node) -> Option<Self> {
        integer(node)?.try_into().ok()
    }

    fn found(node: &Node) -> String {
        match node.value {
            Value::Integer(number) if number > 0 => "one that is too large".to_owned(),
            _ => node.value.kind().to_owned(),
        }
    }

    fn correction(node: &Node, _: &str) -> Option<String> {
        number_in(node).filter(|number| number.parse::<Self>().is_ok())
    }
}

fn integer(node: &Node) -> Option<i128> {
    match node.value {
        Value::Integer(number) => Some(number),
        _ => None,
    }
}

/// The number in a text like "10".
fn number_in(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(text.trim().to_owned()),
        _ => None,
    }
}
