//! Texts: which one is shown, and what is reported of them.

use std::collections::BTreeSet;

use super::*;
use crate::source::MemoryWorld;

fn config(files: &[(&str, &str)]) -> (Config, Vec<Diagnostic>) {
    let world: MemoryWorld = files.iter().copied().collect();
    let (config, problems) = Config::load(&world);
    (config.expect("a configuration"), problems)
}

fn messages(problems: &[Diagnostic]) -> Vec<String> {
    let line = |problem: &Diagnostic| {
        let place = problem.location.as_ref().map_or_else(String::new, |place| place.path.to_string());
        format!("{place}: {}; {}", problem.message, problem.help.clone().unwrap_or_default())
    };
    problems.iter().map(line).collect()
}

const SITE: &str = "base_url = 'https://a.example'\ntheme = 'calm'\ndefault_language = 'de'\n";

#[test]
fn the_nearest_text_is_shown() {
    let site = format!(
        "{SITE}[translations]\nreply = 'Antwort!'\nown = 'Eigenes'\n[languages.pt-BR]\n[languages.sv.translations]\nsays = 'säger'"
    );
    let (config, problems) = config(&[
        ("site.toml", &site),
        ("themes/calm/theme.toml", ""),
        ("themes/calm/i18n/en.toml", "reply = 'Answer'\ncalm = 'Calm'\nonly = 'Only'\n"),
        ("themes/calm/i18n/pt_PT.toml", "calm = 'Calma'\nnumber = 1\n[other]\ntable = 'x'"),
        ("themes/calm/i18n/de.toml", "calm = 'Ruhig'"),
        ("themes/calm/i18n/README.md", "Hello"),
        ("i18n/de.toml", "calm = 'Still'"),
    ]);
    assert_eq!(problems, []);
    for (lang, key, expected) in [
        ("de", "reply", "Antwort!"),
        ("de", "calm", "Still"),
        ("de", "only", "Only"),
        ("pt-BR", "calm", "Calma"),
        ("pt-BR", "own", "Eigenes"),
        ("sv", "says", "säger"),
        ("sv", "calm", "Still"),
        ("sv", "reply", "Antwort!"),
        ("sv", "only", "Only"),
        ("de", "missing", "missing"),
        ("it", "reply", "reply"),
    ] {
        assert_eq!(config.translations.text(lang, key, &[]), expected, "{lang} {key}");
    }
    assert_eq!(config.translations.find("de", "number"), None);
}

#[test]
fn mistakes_are_reported_where_they_are() {
    let site = format!(
        "{SITE}[translations]\nreply_to_name = 'An {{nmae}}'\nmore_replies = {{ one = '{{count}} Antwort', few = 'x', other = '{{count}}' }}\n\
         reply = 'Antwort {{place}}'\nodd = {{ one = 'x' }}\nodder = {{ otter = 'x', other = 'y' }}\n[languages.fr]\n[languages.it]"
    );
    let (_, problems) = config(&[
        ("site.toml", &site),
        ("themes/calm/theme.toml", ""),
        ("themes/calm/i18n/en.toml", "calm = 'Calm {name}'"),
        ("themes/calm/i18n/fr.toml", "calm = 'Calme {nom}'"),
        ("themes/calm/i18n/it.toml", "calm = "),
        ("themes/calm/i18n/pl.toml", "calm = "),
    ]);
    let messages = messages(&problems);
    for expected in [
        "site.toml: nothing fills in `{nmae}` in the text `reply_to_name`; did you mean `{name}`?",
        "site.toml: the language `de` has no form `few`, so that this one of `more_replies` is never used; its forms are one, other",
        "site.toml: nothing fills in `{place}` in the text `reply`; this text has no places to fill in",
        "themes/calm/i18n/fr.toml: nothing fills in `{nom}` in the text `calm`; this text can have `{name}`",
    ] {
        assert!(messages.iter().any(|message| message == expected), "{expected}\n{messages:#?}");
    }
    for key in ["odd", "odder"] {
        assert!(messages.iter().any(|message| message.contains(&format!("`{key}`"))), "{key}\n{messages:#?}");
    }
    assert!(messages.iter().any(|message| message.starts_with("themes/calm/i18n/it.toml: ")), "{messages:#?}");
    assert!(!messages.iter().any(|message| message.contains("pl.toml")), "{messages:#?}");
}

#[test]
fn every_language_has_every_text() {
    let catalogs: Catalogs = built_in_languages().map(|lang| (lang.to_owned(), read_built_in(lang))).collect();
    let english = &catalogs[COMPLETE];
    let mut wrong = Vec::new();
    for (lang, catalog) in &catalogs {
        let keys = |catalog: &Catalog| catalog.keys().cloned().collect::<BTreeSet<_>>();
        wrong.extend(keys(english).difference(&keys(catalog)).map(|key| format!("{lang} lacks {key}")));
        wrong.extend(keys(catalog).difference(&keys(english)).map(|key| format!("{lang} has {key}")));
        for (key, message) in catalog {
            let Some(original) = english.get(key) else { continue };
            let categories: Vec<_> = message.forms().iter().map(|(category, _)| *category).collect();
            let expected = if original.has_forms() { Conventions::of(lang).categories() } else { vec!["other"] };
            if message.has_forms() != original.has_forms() || categories != expected {
                wrong.push(format!("{lang} {key}: {categories:?} instead of {expected:?}"));
            }
            // A form for one or two things may say the number in words.
            let places = |message: &Message| message.places().into_iter().map(str::to_owned).collect::<Vec<_>>();
            if places(message) != places(original) {
                wrong.push(format!("{lang} {key}: {:?} instead of {:?}", places(message), places(original)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_language_speaks_for_itself() {
    for lang in built_in_languages() {
        let (config, problems) =
            config(&[("site.toml", &format!("base_url = 'https://a.example'\ndefault_language = '{lang}'"))]);
        assert_eq!(problems, []);
        assert_eq!(config.translations.find(lang, "language_name").map(|name| name.lang.as_str()), Some(lang));
        let name = config.translations.text(lang, "language_name", &[]);
        assert!(!name.is_empty() && name != "language_name", "{lang}");
    }
}
