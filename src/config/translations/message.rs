//! One text: with places to fill in, and with forms for numbers.

use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::locale::{CATEGORIES, Conventions};
use crate::source::{FromValue, Node, Notation, TableEntry, Value};

/// A text, or its forms for numbers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// The text.
    Text(String),
    /// The forms, by the names of their plural categories. One of them is `other`.
    Forms(Vec<(&'static str, String)>),
}

impl Message {
    /// Every form with its category. A text without forms is one of the category `other`.
    pub fn forms(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::Text(text) => vec![("other", text)],
            Self::Forms(forms) => forms.iter().map(|(category, text)| (*category, text.as_str())).collect(),
        }
    }

    /// Whether it has forms, so that it needs a number.
    pub fn has_forms(&self) -> bool {
        matches!(self, Self::Forms(_))
    }

    fn form(&self, category: &str) -> &str {
        let forms = match self {
            Self::Text(text) => return text,
            Self::Forms(forms) => forms,
        };
        let of = |wanted: &str| forms.iter().find(|(category, _)| *category == wanted);
        of(category).or_else(|| of("other")).map_or("", |(_, text)| text)
    }

    /// The names of the places to fill in, without duplicates.
    pub fn places(&self) -> Vec<&str> {
        let forms = self.forms();
        let mut names: Vec<&str> =
            forms.iter().flat_map(|(_, text)| pieces(text)).filter_map(|piece| piece.err()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Writes the text in the form for a number. `text` writes what stands between the places, and `fill` what belongs into a
    /// place; a place for which there is nothing stays as it is.
    pub fn write<E>(
        &self,
        conventions: &Conventions,
        count: Option<i64>,
        text: impl Fn(&str) -> Result<String, E>,
        fill: impl Fn(&str) -> Result<Option<String>, E>,
    ) -> Result<String, E> {
        let category = count.map_or("other", |count| conventions.category(count));
        let mut written = String::new();
        for piece in pieces(self.form(category)) {
            written.push_str(&match piece {
                Ok(plain) => text(plain)?,
                Err(name) => match (name, count, fill(name)?) {
                    (_, _, Some(filled)) => filled,
                    ("count", Some(count), None) => conventions.number(count),
                    _ => text(&format!("{{{name}}}"))?,
                },
            });
        }
        Ok(written)
    }
}

/// The pieces of a text: what stands there, and, as errors, the names of places to fill in.
fn pieces(text: &str) -> impl Iterator<Item = Result<&str, &str>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let place = rest.match_indices('{').find_map(|(start, _)| {
            let end = start + rest[start..].find('}')?;
            let name = &rest[start + 1..end];
            (!name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')).then_some((start, end, name))
        });
        match place {
            Some((0, end, name)) => {
                rest = &rest[end + 1..];
                Some(Err(name))
            }
            _ if rest.is_empty() => None,
            _ => {
                let (plain, behind) = rest.split_at(place.map_or(rest.len(), |(start, ..)| start));
                rest = behind;
                Some(Ok(plain))
            }
        }
    })
}

impl FromValue for Message {
    const EXPECTED: &'static str = "a string, or its forms for numbers";
    const EXPECTED_LIST: &'static str = "a list of strings";
    const EXAMPLE: &'static str = "\"some text\"";

    fn from_node(node: &Node) -> Option<Self> {
        let Value::Table(entries) = &node.value else { return String::from_node(node).map(Self::Text) };
        let form = |TableEntry { key, node, .. }: &TableEntry| {
            let category = CATEGORIES.into_iter().find(|category| *category == key)?;
            Some((category, String::from_node(node)?))
        };
        let forms: Vec<_> = entries.iter().map(form).collect::<Option<_>>()?;
        forms.iter().any(|(category, _)| *category == "other").then_some(Self::Forms(forms))
    }

    fn help(key: &str, node: &Node, written: &str, notation: Notation) -> String {
        match (&node.value, String::correction(node, written)) {
            (Value::Table(_), _) => {
                "the forms are strings with the names zero, one, two, few, many and other, and there is always one for other"
                    .to_owned()
            }
            (_, Some(correction)) => format!("write {}", notation.pair(key, &correction)),
            _ => format!("for example: {}", notation.pair(key, Self::EXAMPLE)),
        }
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Forms(forms) => {
                let mut map = serializer.serialize_map(Some(forms.len()))?;
                for (category, text) in forms {
                    map.serialize_entry(category, text)?;
                }
                map.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn write(message: &Message, lang: &str, count: Option<i64>) -> String {
        let fill = |name: &str| Ok((name == "name").then(|| "Jo".to_owned()));
        let written = message.write(&Conventions::of(lang), count, |text| Ok::<_, Infallible>(text.to_owned()), fill);
        written.unwrap_or_else(|never| match never {})
    }

    #[test]
    fn places_are_filled_in() {
        for (text, expected) in [
            ("Hello {name}!", "Hello Jo!"),
            ("{name}{name}", "JoJo"),
            ("{other} {} {Name} { {name}", "{other} {} {Name} { Jo"),
            ("} {name", "} {name"),
            ("", ""),
        ] {
            assert_eq!(write(&Message::Text(text.to_owned()), "en", None), expected);
        }
        assert_eq!(Message::Text("{b} {a} {b} {B}".to_owned()).places(), ["a", "b"]);
    }

    #[test]
    fn numbers_choose_forms() {
        let forms = [("one", "{count} odpowiedź"), ("few", "{count} odpowiedzi"), ("other", "{count} odpowiedzi …")];
        let message = Message::Forms(forms.map(|(category, text)| (category, text.to_owned())).into());
        for (count, expected) in [(1, "1 odpowiedź"), (3, "3 odpowiedzi"), (5, "5 odpowiedzi …")] {
            assert_eq!(write(&message, "pl", Some(count)), expected);
        }
        assert_eq!(write(&message, "pl", None), "{count} odpowiedzi …");
    }
}
