//! Mistakes in texts: places that nothing fills in, and forms that a language does not have.

use super::locale::Conventions;
use super::{COMPLETE, Catalog, Catalogs, Message, Translations, locale};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Location, SourceText, nearest};
use crate::source::{Notation, parse_table, places};

/// Checks the texts of a site's configuration against those that they replace.
pub(super) fn site(config: &Config, folders: &[Catalogs]) -> Vec<Diagnostic> {
    let original = |key: &str| {
        let in_files = folders.iter().rev().find_map(|catalogs| english(catalogs)?.get(key));
        in_files.or_else(|| of_causerie(key))
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

/// Checks the texts of a file against those in English.
pub(super) fn file(lang: &str, source: &SourceText, catalogs: &Catalogs) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (key, message) in &catalogs[lang] {
        let location = || {
            let parsed = parse_table(source, Notation::Toml, &(0..source.text.len()));
            match places(&parsed.entries).get(key) {
                Some(span) => Location::span(source, span.clone()),
                None => Location::file(source.path.clone()),
            }
        };
        let original = english(catalogs).and_then(|texts| texts.get(key)).or_else(|| of_causerie(key));
        problems.extend(message_problems(key, message, lang, original, location));
    }
    problems
}

/// The texts of a folder in English.
fn english(catalogs: &Catalogs) -> Option<&Catalog> {
    let lang = locale::nearest_languages(COMPLETE, catalogs.keys().map(String::as_str)).into_iter().next()?;
    catalogs.get(lang)
}

/// The English text that comes with Causerie.
fn of_causerie(key: &str) -> Option<&'static Message> {
    Translations::english().find(COMPLETE, key).map(|english| &english.message)
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
