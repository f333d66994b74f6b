//! XML as templates see it, in the shape that Zola gives it.

use roxmltree::{Document, Node};
use tera::{Map, Value};

/// How deep elements can be nested. Deeper data would be too deep for a template as well.
const MAX_DEPTH: usize = 100;

/// What is wrong with a text: line and column, and a message.
type ParseError = (Option<(usize, usize)>, String);

/// Parses XML: a map with the root element.
///
/// An element is its text if it has nothing else, or else a map: an attribute `a` is at the key `@a`, its text at `#text`, and
/// its children are at their names. Several children with one name are an array. Texts that look like numbers or truth values
/// are numbers or truth values.
pub(super) fn parse_xml(text: &str) -> Result<Value, ParseError> {
    let document = Document::parse(text).map_err(|error| {
        let place = error.pos();
        // The message ends with the place.
        let message = error.to_string();
        let end = message.rfind(" at ").unwrap_or(message.len());
        (Some((place.row as usize, place.col as usize)), message[..end].to_owned())
    })?;
    let root = document.root_element();
    let value = element(root, 0).ok_or_else(|| (None, "its elements are nested too deep".to_owned()))?;
    Ok(Map::from_iter([(root.tag_name().name().to_owned().into(), value)]).into())
}

/// Converts an element; none if it is nested too deep.
fn element(node: Node<'_, '_>, depth: usize) -> Option<Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    let attributes = node.attributes().map(|it| (format!("@{}", it.name()).into(), scalar(it.value())));
    let mut map: Map = attributes.collect();
    // The text in front of the first child decides, as in Zola.
    let text = node.text().map(str::trim).unwrap_or_default();
    if !text.is_empty() {
        if map.is_empty() {
            return Some(scalar(text));
        }
        map.insert("#text".into(), scalar(text));
        return Some(map.into());
    }
    let mut children: indexmap::IndexMap<&str, Vec<Value>, rustc_hash::FxBuildHasher> = indexmap::IndexMap::default();
    for child in node.children().filter(Node::is_element) {
        children.entry(child.tag_name().name()).or_default().push(element(child, depth + 1)?);
    }
    for (name, mut values) in children {
        let value = if values.len() == 1 { values.pop()? } else { values.into() };
        map.insert(name.to_owned().into(), value);
    }
    Some(map.into())
}

/// Converts a text that stands alone.
fn scalar(text: &str) -> Value {
    let text = text.trim();
    if let Ok(number) = text.parse::<u64>() {
        return number.into();
    }
    let is_padded = text.starts_with('0') && !text.starts_with("0.");
    match (text.parse::<f64>(), text.parse::<bool>()) {
        (Ok(number), _) if number.is_finite() && !is_padded => number.into(),
        (_, Ok(truth)) => truth.into(),
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(xml: &str) -> String {
        serde_json::to_string(&parse_xml(xml).unwrap()).unwrap()
    }

    #[test]
    fn elements_attributes_and_texts() {
        for (xml, expected) in [
            ("<a/>", r#"{"a":{}}"#),
            ("<a>b</a>", r#"{"a":"b"}"#),
            ("<?xml version='1.0'?><!-- c --><a> 1 </a>", r#"{"a":1}"#),
            ("<a x='1' y='é'>b</a>", r##"{"a":{"@x":1,"@y":"é","#text":"b"}}"##),
            ("<a x='true'/>", r#"{"a":{"@x":true}}"#),
            (
                "<root><headers>Number</headers><headers>Title</headers><records><item>1</item><item>Gutenberg</item></records>\
                 </root>",
                r#"{"root":{"headers":["Number","Title"],"records":{"item":[1,"Gutenberg"]}}}"#,
            ),
            ("<a><b>1.5</b><b><b>x</b></b></a>", r#"{"a":{"b":[1.5,{"b":"x"}]}}"#),
            ("<a><![CDATA[<b>]]></a>", r#"{"a":"<b>"}"#),
            ("<a xmlns:m='n'><m:b>-3</m:b><c>NaN</c><d>0.10</d></a>", r#"{"a":{"b":-3.0,"c":"NaN","d":0.1}}"#),
        ] {
            assert_eq!(json(xml), expected, "{xml}");
        }
    }

    #[test]
    fn mistakes_have_a_place() {
        let (place, message) = parse_xml("<a>\n  <b></c>\n</a>").unwrap_err();
        assert_eq!(place.map(|place| place.0), Some(2));
        assert!(message.contains('b'), "{message}");
        assert!(parse_xml("").is_err());
        let deep = "<a>".repeat(100_000) + &"</a>".repeat(100_000);
        assert!(parse_xml(&deep).unwrap_err().1.contains("too deep"));
        let laughs = "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>";
        assert!(parse_xml(laughs).is_err());
    }
}
