//! `theme.toml`: what a theme brings to `config.extra`.

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Config;
use super::table::{self, Reading};
use crate::diagnostic::{Diagnostic, SourceText};
use crate::source::parse_toml;

/// Lays a theme's `[extra]` below the site's: what the site says stays, tables are merged key by key.
///
/// Everything else in `theme.toml` (its name, its author, its demo) is for the people who look for a theme.
pub(super) fn merge(config: &mut Config, source: &SourceText) -> Vec<Diagnostic> {
    let (document, problems) = parse_toml(source, &(0..source.text.len()));
    if !problems.is_empty() {
        return problems;
    }
    let reading = Reading::new(source);
    match document.get_ref().get("extra").map(|extra| (extra.get_ref(), extra.span())) {
        None => {}
        Some((DeValue::Table(extra), _)) => {
            let mut merged = std::mem::take(&mut config.extra);
            merge_table(config, &reading, "extra", &mut merged, extra);
            config.extra = merged;
        }
        Some((_, span)) => {
            reading.error(span, "`extra` should be a table", "write it as a table: [extra], and its keys below");
        }
    }
    reading.finish().0
}

fn merge_table(config: &Config, reading: &Reading, name: &str, site: &mut Map<String, Value>, theme: &DeTable) {
    for (key, value) in theme {
        let key = key.get_ref().as_ref();
        let name = format!("{name}.{key}");
        match (site.get_mut(key), value.get_ref()) {
            (None, _) => {
                site.insert(key.to_owned(), table::json(reading, &name, value));
            }
            (Some(Value::Object(ours)), DeValue::Table(theirs)) => merge_table(config, reading, &name, ours, theirs),
            (Some(Value::Object(_)), _) => differ(config, reading, &name, "a table", value),
            (Some(_), DeValue::Table(_)) => differ(config, reading, &name, "not a table", value),
            (Some(_), _) => {}
        }
    }
}

fn differ(config: &Config, reading: &Reading, name: &str, ours: &str, value: &Spanned<DeValue>) {
    let (here, there) = if ours == "a table" { (ours, "is not") } else { ("not a table", "is one") };
    reading.problem(
        Diagnostic::error(format!("`{name}` is {here}, but in the theme it {there}"))
            .at(config.location(name))
            .related("the theme says", reading.at(value.span()))
            .help("give it the shape that the theme expects, or another name"),
    );
}
