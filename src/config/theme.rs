//! `theme.toml`: what a theme brings to `config.extra`.

use serde_json::{Map, Value as Json};

use super::{Config, renamed};
use crate::diagnostic::{Diagnostic, SourceText};
use crate::source::{Node, Notation, TableEntry, TableReader, Value, parse_table};

/// Adds a theme's `[extra]` to the site's. Where both have a key the site's value stays, and tables are merged key by key.
///
/// Everything else in `theme.toml` (its name, its author, its demo) is for people who look for a theme.
pub(super) fn merge(config: &mut Config, source: &SourceText) -> Vec<Diagnostic> {
    let parsed = parse_table(source, Notation::Toml, &(0..source.text.len()));
    let reading = TableReader::new(source, &parsed, &renamed::RULES);
    let mut merged = std::mem::take(&mut config.extra);
    merge_table(config, &reading, "extra", &mut merged, reading.root().table("extra").entries());
    config.extra = merged;
    reading.finish()
}

/// Whether a static file belongs to the theme's typeface and the site does not use that.
pub(crate) fn is_unused(config: &Config, path: &str) -> bool {
    path.starts_with("themes/salon/static/literata/")
        && config.extra.get("fonts").and_then(Json::as_str) != Some("literata")
}

fn merge_table(config: &Config, reading: &TableReader, name: &str, site: &mut Map<String, Json>, theme: &[TableEntry]) {
    for TableEntry { key, node, .. } in theme {
        let name = format!("{name}.{key}");
        match (site.get_mut(&**key), &node.value) {
            (None, _) => {
                site.insert(key.to_string(), reading.json(node));
            }
            (Some(Json::Object(ours)), Value::Table(theirs)) => merge_table(config, reading, &name, ours, theirs),
            (Some(Json::Object(_)), _) => report_conflict(config, reading, &name, ("a table", "is not"), node),
            (Some(_), Value::Table(_)) => report_conflict(config, reading, &name, ("not a table", "is one"), node),
            (Some(_), _) => {}
        }
    }
}

/// Reports a value that is a table either in the site or in the theme.
fn report_conflict(config: &Config, reading: &TableReader, name: &str, (here, there): (&str, &str), node: &Node) {
    reading.problem(
        Diagnostic::error(format!("`{name}` is {here}, but in the theme it {there}"))
            .at(config.location(name))
            .related("the theme says", reading.at(node.span.clone()))
            .help("give it the shape that the theme expects, or another name"),
    );
}
