//! Mistakes in texts: places that nothing fills in, and forms that a language does not have.

use std::collections::BTreeMap;

use super::locale::Conventions;
use super::{COMPLETE, Catalog, Message, Translations, locale};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Location, SourceText, nearest};
use crate::source::{Notation, parse_table, places};

/// Checks the texts of a site against those that they replace.
pub(super) fn site(config: &Config, theme: &BTreeMap<String, Catalog>) -> Vec<Diagnostic> {
    if config.languages().iter().all(|language| language.translations.is_empty()) {
        return Vec::new();
    }
    let of_theme = locale::nearest_languages(COMPLETE, theme.keys().map(String::as_str)).into_iter().next();
    let original = |key: &str| {
        let in_theme = of_theme.and_then(|lang| theme.get(lang)?.get(key));
        in_theme.or_else(|| Translations::english().find(COMPLETE, key).map(|english| &english.message))
    };
    let mut problems = Vec::new();
    for language in config.languages() {
        for (key, message) in &language.translations {
            let location = || config.translation_location(&language.code, key);
            problems.extend(message_problems(key, message, &language.code, original(key), location));
        }
    }
    problems
}

/// Checks the texts of a theme in one language against those in English.
pub(super) fn theme(lang: &str, source: &SourceText, catalogs: &BTreeMap<String, Catalog>) -> Vec<Diagnostic> {
    let english = locale::nearest_languages(COMPLETE, catalogs.keys().map(String::as_str)).into_iter().next();
    let english = english.and_then(|lang| catalogs.get(lang));
    let mut problems = Vec::new();
    for (key, message) in &catalogs[lang] {
        let location = || {
            let parsed = parse_table(source, Notation::Toml, &(0..source.text.len()));
            match places(&parsed.entries).get(key) {
                Some(span) => Location::span(source, span.clone()),
                None => Location::file(source.path.clone()),
            }
        };
        problems.extend(message_problems(key, message, lang, english.and_then(|texts| texts.get(key)), location));
    }
    problems
}

fn message_problems(
    key: &str,
    message: &Message,
    lang: &str,
    original: Option<&Message>,
    location: impl Fn() -> Location,
) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    if let Some(original) = original {
        let known = original.places();
        for place in message.places().into_iter().filter(|place| !known.contains(place)) {
            let names: Vec<String> = known.iter().map(|name| format!("`{{{name}}}`")).collect();
            let help = match nearest(place, known.iter().copied()) {
                Some(near) => format!("did you mean `{{{near}}}`?"),
                None if names.is_empty() => "this text has no places to fill in".to_owned(),
                None => format!("this text can have {}", names.join(", ")),
            };
            let problem = Diagnostic::warning(format!("nothing fills in `{{{place}}}` in the text `{key}`"));
            problems.push(problem.at(location()).help(help));
        }
    }
    if message.has_forms() {
        let categories = Conventions::of(lang).categories();
        for (category, _) in message.forms().into_iter().filter(|(category, _)| !categories.contains(category)) {
            let message =
                format!("the language `{lang}` has no form `{category}`, so that this one of `{key}` is never used");
            let help = format!("its forms are {}", categories.join(", "));
            problems.push(Diagnostic::warning(message).at(location()).help(help));
        }
    }
    problems
}
