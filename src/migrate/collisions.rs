//! Pages and sections at the address of a taxonomy's list or of a term. In the old site the taxonomy took the address. Two outputs
//! of one address are an error now, so those that nobody saw are not rendered.

use std::collections::BTreeSet;

use super::configuration::{Configuration, entries_of, text_of};
use super::report::Report;
use crate::content::{FileInfo, Languages};
use crate::diagnostic::{Diagnostic, Location, SourceText};
use crate::source::{Notation, TableEntry, Value, parse_table};
use crate::tera1::{Change, ChangeKind, Rewritten, body_start};

/// Returns the paths of the texts that are not to be rendered, and asks about each of them.
pub fn find(
    texts: &[&SourceText],
    configuration: &Configuration,
    source: &SourceText,
    report: &mut Report,
) -> BTreeSet<String> {
    let languages =
        Languages { default: &configuration.default_language, others: configuration.other_languages.as_slice() };
    // These taxonomies are in the addresses of the default language alone.
    let texts: Vec<(&SourceText, FileInfo)> = texts
        .iter()
        .map(|text| (*text, FileInfo::new(&text.path, &languages).0))
        .filter(|(_, file)| file.lang == configuration.default_language)
        .collect();
    let slugify = &configuration.slugify;
    let mut hidden = BTreeSet::new();
    for (name, span) in &configuration.taxonomies {
        let folder = slugify.taxonomy(name);
        let is_below = |file: &FileInfo| file.components.first().is_some_and(|first| slugify.path(first) == folder);
        let below: Vec<_> = texts.iter().filter(|(_, file)| is_below(file)).collect();
        if below.is_empty() {
            continue;
        }
        let terms = terms(&texts, name, configuration);
        for (text, file) in below {
            let (message, place) = if file.is_section() && file.components.len() == 1 {
                let message = format!("the list of the taxonomy `{name}` has the address of the section {}", text.path);
                (message, Location::span(source, span.clone()))
            } else if term_address(file, configuration).is_some_and(|address| terms.contains(&address)) {
                let kind = if file.is_section() { "section" } else { "page" };
                let message = format!("a term of the taxonomy `{name}` has the address of this {kind}");
                (message, Location::span(text, 0..text.text.lines().next().unwrap_or_default().len()))
            } else {
                continue;
            };
            // A page with a `path` or `slug` is somewhere else.
            let keys: &[&str] = if file.is_section() { &["render"] } else { &["render", "path", "slug"] };
            let is_meant = |front: &Vec<TableEntry<'_>>| !front.iter().any(|it| keys.contains(&&*it.key));
            if front_matter(text).as_ref().is_some_and(is_meant) {
                hidden.insert(text.path.to_string());
                report.decide(Diagnostic::warning(message).at(place).help(
                    "the taxonomy took its place, so `render = false` is in its front matter now: remove the file, or take \
                     that out and set `render = false` for the taxonomy",
                ));
            }
        }
    }
    hidden
}

/// Returns the last part of the address of a text that is right below the first folder. None if it is somewhere else.
fn term_address(file: &FileInfo, configuration: &Configuration) -> Option<String> {
    let slugify = &configuration.slugify;
    match file.components.as_slice() {
        [_, last] if file.is_section() => Some(slugify.path(last)),
        [_] if slugify.paths_keep_dates => Some(slugify.path(&file.dated_slug)),
        [_] => Some(slugify.path(&file.slug)),
        _ => None,
    }
}

/// Adds `render = false` to the front matter of a text.
pub fn hide(mut rewritten: Rewritten) -> Rewritten {
    let text = &rewritten.text;
    let Some(start) = text.find('\n').map(|end| end + 1).filter(|_| body_start(text) > 0) else { return rewritten };
    let line_end = if text[..start].ends_with("\r\n") { "\r\n" } else { "\n" };
    let key = if text.trim_start_matches('\u{feff}').starts_with("+++") { "render = false" } else { "render: false" };
    rewritten.text.insert_str(start, &format!("{key}{line_end}"));
    rewritten.changes.push(Change { kind: ChangeKind::Key, span: 0..start, is_needed: true });
    rewritten
}

/// Returns the parts of addresses that the terms of a taxonomy have.
fn terms(texts: &[(&SourceText, FileInfo)], taxonomy: &str, configuration: &Configuration) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (text, _) in texts {
        let Some(front) = front_matter(text) else { continue };
        let Some(table) = front.iter().find(|entry| entry.key == "taxonomies") else { continue };
        let named = entries_of(&table.node).into_iter().flatten().find(|entry| entry.key == taxonomy);
        let Some(Value::List(names)) = named.map(|entry| &entry.node.value) else { continue };
        found.extend(names.iter().filter_map(text_of).map(|name| configuration.slugify.taxonomy(name)));
    }
    found
}

/// Reads the front matter of a text; none if it has none that can be read.
fn front_matter(source: &SourceText) -> Option<Vec<TableEntry<'_>>> {
    let text = &*source.text;
    let start = text.find('\n')? + 1;
    let fence = text[..start].trim_start_matches('\u{feff}').trim_end();
    let notation = if fence == "+++" { Notation::Toml } else { Notation::Yaml };
    let end = text[..body_start(text)].trim_end().strip_suffix(fence).filter(|_| !fence.is_empty())?.len();
    let parsed = parse_table(source, notation, &(start..end.max(start)));
    parsed.is_valid.then_some(parsed.entries)
}
