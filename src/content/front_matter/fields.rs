//! What only front matter has: keys of other programs, and values such as dates and terms.

use std::collections::BTreeMap;

use crate::content::date::Date;
use crate::diagnostic::{Severity, nearest};
use crate::source::{FromValue, Infinity, KeyContext, Node, Notation, Table, TableRules, Value};

/// Pages. Their unknown keys are warnings: Zola passes over them, so sites have them.
pub(crate) const PAGE: TableRules = rules("a page", Severity::Warning);

/// Sections. Their unknown keys are errors, as they are to Zola.
pub(crate) const SECTION: TableRules = rules("a section", Severity::Error);

/// Comments.
pub(crate) const COMMENT: TableRules = rules("a comment", Severity::Error);

/// Files of reactions.
pub(crate) const REACTIONS: TableRules = rules("a file of reactions", Severity::Error);

const fn rules(subject: &'static str, unknown_keys: Severity) -> TableRules {
    TableRules { subject: Some(subject), unknown_keys, infinity: Infinity::Text, unknown_help, type_help }
}

/// Keys of Hugo and Jekyll, in small letters, and their names here.
const RENAMED: [(&str, &str); 11] = [
    ("lastmod", "updated"),
    ("modified", "updated"),
    ("last_modified_at", "updated"),
    ("publishdate", "date"),
    ("pubdate", "date"),
    ("url", "path"),
    ("permalink", "path"),
    ("redirect_from", "aliases"),
    ("author", "authors"),
    ("layout", "template"),
    ("comment", "comments"),
];

/// The advice about a key of Hugo or Jekyll, or about terms in a wrong place.
fn unknown_help(context: &KeyContext) -> Option<String> {
    let KeyContext { table, key, value, known, notation } = context;
    let name = key.to_ascii_lowercase();
    if let Some((_, own)) = RENAMED.iter().find(|(foreign, own)| *foreign == name && known.contains(own)) {
        return Some(format!("this is called `{own}` here"));
    }
    if *table == "cascade" {
        match &*name {
            "template" | "page_template" => {
                let outside = format!("write `page_template` outside of {}", notation.heading("cascade"));
                return Some(format!("{outside}: it names the template of the pages below the section"));
            }
            "title" | "date" | "updated" | "slug" | "path" | "aliases" => {
                return Some("each page has its own; write it in the front matter of the page".to_owned());
            }
            _ => {}
        }
    }
    let is_list = matches!(value, Value::List(_));
    match &*name {
        "summary" | "excerpt" if known.contains(&"description") => Some(
            "this is called `description` here; or write `<!-- more -->` into the text, where its summary ends"
                .to_owned(),
        ),
        "published" if known.contains(&"draft") => Some(match value {
            Value::Bool(false) => format!("write {} instead", notation.pair("draft", "true")),
            _ => format!("leave it out; write {} if it should not be published", notation.pair("draft", "true")),
        }),
        "tags" | "tag" | "categories" | "category" if known.contains(&"taxonomies") && !is_list => {
            let taxonomy = if name.starts_with("tag") { "tags" } else { "categories" };
            let list = notation.pair(taxonomy, "[\"…\"]");
            Some(format!("put the terms under {}, as a list: {list}", notation.heading("taxonomies")))
        }
        _ if is_list && known.contains(&"taxonomies") && nearest(key, known.iter().copied()).is_none() => {
            let (terms, extra) = (notation.heading("taxonomies"), notation.heading("extra"));
            Some(format!("put terms under {terms}, and your own values under {extra}"))
        }
        _ => None,
    }
}

fn type_help(context: &KeyContext) -> Option<String> {
    match (context.table, context.key, context.notation) {
        ("", "taxonomies", Notation::Toml) => {
            Some("write `[taxonomies]` on a line of its own, and `tags = [\"…\"]` under it".to_owned())
        }
        ("", "taxonomies", Notation::Yaml) => {
            Some("write `taxonomies:`, and `tags: [\"…\"]` under it, indented".to_owned())
        }
        _ => None,
    }
}

/// A string that is not empty, if the key is there.
pub(crate) fn filled_string(table: &mut Table, key: &'static str) -> Option<String> {
    let (text, span) = table.spanned::<String>(key)?;
    if !text.trim().is_empty() {
        return Some(text);
    }
    let reading = table.reading();
    let pair = |value| reading.notation().pair(key, value);
    let help = match key {
        "slug" => format!(
            "leave the key out, and the name of the file takes its place, or write the last part of the page's address: {}",
            pair("\"my-post\"")
        ),
        "path" => format!(
            "leave the key out, and the folder and name of the file take its place, or write the page's whole address: {}; \
             the first page of the site is content/_index.md",
            pair("\"notes/my-post\"")
        ),
        _ => "write something, or leave the key out".to_owned(),
    };
    reading.error(span, format!("`{key}` is empty"), help);
    None
}

/// The terms of a page in each taxonomy.
pub(crate) fn terms(table: &mut Table, key: &'static str) -> BTreeMap<String, Vec<String>> {
    let reading = table.reading();
    let mut terms = BTreeMap::new();
    for (taxonomy, mut listed) in table.named_lists::<String>(key) {
        listed.retain(|(term, span)| {
            let is_empty = term.trim().is_empty();
            if is_empty {
                let help = "write a term, or leave it out";
                reading.error(span.clone(), format!("`{taxonomy}` has an empty term"), help);
            }
            !is_empty
        });
        terms.insert(taxonomy, listed.into_iter().map(|(term, _)| term).collect());
    }
    terms
}

/// A list of strings.
pub(crate) fn strings(table: &mut Table, key: &'static str) -> Vec<String> {
    table.list(key).unwrap_or_default().into_iter().map(|(text, _)| text).collect()
}

/// The id of a comment: a string or a whole number.
pub(crate) struct Id(pub String);

impl FromValue for Id {
    const EXPECTED: &'static str = String::EXPECTED;
    const EXPECTED_LIST: &'static str = String::EXPECTED_LIST;
    const EXAMPLE: &'static str = "\"7\"";

    fn from_node(node: &Node) -> Option<Self> {
        i64::from_node(node).map(|number| number.to_string()).or_else(|| String::from_node(node)).map(Self)
    }

    fn correction(node: &Node, written: &str) -> Option<String> {
        String::correction(node, written)
    }
}

impl FromValue for Date {
    const EXPECTED: &'static str = "a date";
    const EXPECTED_LIST: &'static str = "a list of dates";
    const EXAMPLE: &'static str = "2024-05-31";

    fn from_node(node: &Node) -> Option<Self> {
        match &node.value {
            Value::Date(date) => Self::from_toml(date),
            Value::Text(text) => Self::parse(text.trim()),
            _ => None,
        }
    }

    fn found(node: &Node) -> String {
        match &node.value {
            Value::Text(text) => format!("\"{text}\""),
            Value::Date(date) if date.date.is_some() => date.to_string(),
            other => other.kind().to_owned(),
        }
    }

    fn help(_: &str, _: &Node, _: &str, _: Notation) -> String {
        "write it as 2024-05-31, or with its time as 2024-05-31T18:30:00+02:00".to_owned()
    }
}
