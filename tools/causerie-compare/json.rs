//! What of JSON is compared: its values, one line each.

use serde_json::Value;

use crate::kind::without_image_hash;
use crate::page::collapsed;

/// A file as lines. A script that gives `window.searchIndex` a value counts as that value.
pub fn lines(text: &str) -> Option<Vec<String>> {
    let text = text.trim().trim_end_matches(';');
    let text = match text.split_once('=') {
        Some((name, value)) if name.trim() == "window.searchIndex" => value,
        _ => text,
    };
    let mut lines = Vec::new();
    push("", &serde_json::from_str(text).ok()?, &mut lines);
    lines.sort();
    Some(lines)
}

/// JSON in one line, or nothing if a text is no JSON.
pub fn compact(text: &str) -> Option<String> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    lines(text).map(|lines| lines.join("\n"))
}

fn push(path: &str, value: &Value, lines: &mut Vec<String>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            map.iter().for_each(|(name, value)| push(&format!("{path}.{name}"), value, lines));
        }
        Value::Array(values) if !values.is_empty() => {
            for (number, value) in values.iter().enumerate() {
                push(&format!("{path}[{number:05}]"), value, lines);
            }
        }
        Value::String(text) => lines.push(format!("{path} = {:?}", without_image_hash(collapsed(text).trim()))),
        // 1 and 1.0 are one number.
        Value::Number(number) => lines.push(format!("{path} = {}", number.as_f64().unwrap_or_default())),
        _ => lines.push(format!("{path} = {value}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_values_count() {
        let first = lines("window.searchIndex = {\"a\": [1.0, \"x  y\"], \"b\": null};").unwrap();
        assert_eq!(first, lines("{\"b\":null,\"a\":[1,\"x y\"]}").unwrap());
        assert_ne!(first, lines("{\"b\":null,\"a\":[\"x y\",1]}").unwrap());
        assert!(lines("var x = 1").is_none() && compact("a = 1").is_none());
    }
}
