//! Texts for templates, mail and scripts, in the languages of a site.
//!
//! The text for a key in a language is the site's own (`[translations]`, then `i18n/fr.toml`), or else the theme's
//! (`themes/NAME/i18n/fr.toml`), or else that of the built-in theme. A key without a text in the language has that of the site's
//! default language, and then the English one.

mod check;
pub mod locale;
mod message;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use include_dir::{Dir, include_dir};

use super::Config;
use crate::diagnostic::{Diagnostic, SourceText};
use crate::source::{FromValue as _, Notation, TableEntry, World, parse_table, read_text};

pub use locale::Conventions;
pub use message::Message;

static BUILT_IN: Dir = include_dir!("$CARGO_MANIFEST_DIR/themes/salon/i18n");

/// The language whose texts are complete.
const COMPLETE: &str = "en";

/// The texts of one file, by their keys.
type Catalog = BTreeMap<String, Message>;

/// The texts of a folder, by their languages.
type Catalogs = BTreeMap<String, Catalog>;

/// A text that was found for a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Translation {
    /// The language of the text, whose forms it has.
    pub lang: String,
    /// The text.
    pub message: Message,
}

impl Translation {
    /// Whether this is the English text for a key that Causerie brings.
    pub fn is_english(&self, key: &str) -> bool {
        Translations::english().find(COMPLETE, key).is_some_and(|english| english.message == self.message)
    }
}

/// The texts for all keys in the languages of a site.
#[derive(Clone, Debug, Default)]
pub struct Translations {
    languages: Arc<BTreeMap<String, BTreeMap<String, Translation>>>,
    /// The keys of all files.
    brought: Arc<BTreeSet<String>>,
}

impl Translations {
    /// Collects the texts of a site, and checks those of its theme and its own against each other.
    pub(super) fn load(config: &Config, world: &dyn World) -> (Self, Vec<Diagnostic>) {
        let theme = config.theme.iter().map(|theme| format!("themes/{theme}/i18n"));
        let folders: Vec<String> = ["i18n".to_owned()].into_iter().chain(theme).collect();
        let mut problems = Vec::new();
        let mut read = |folder: &String| {
            let (catalogs, found) = read_folder(config, world, folder);
            problems.extend(found);
            catalogs
        };
        let folders: Vec<Catalogs> = folders.iter().map(&mut read).collect();
        problems.extend(check::site(config, &folders));
        (Self::new(config, &folders), problems)
    }

    fn new(config: &Config, folders: &[Catalogs]) -> Self {
        let default = config.default_language().code.as_str();
        let mut built_in: BTreeMap<&str, Catalog> = BTreeMap::new();
        let mut languages = BTreeMap::new();
        for language in config.languages() {
            let mut texts: BTreeMap<String, Translation> = BTreeMap::new();
            let mut add = |lang: &str, key: &str, message: &Message| {
                if !texts.contains_key(key) {
                    texts.insert(key.to_owned(), Translation { lang: lang.to_owned(), message: message.clone() });
                }
            };
            for lang in [language.code.as_str(), default, COMPLETE] {
                let own = config.language(lang).map(|language| language.translations.as_slice());
                own.unwrap_or_default().iter().for_each(|(key, message)| add(lang, key, message));
                for catalogs in folders {
                    for near in locale::nearest_languages(lang, catalogs.keys().map(String::as_str)) {
                        catalogs[near].iter().for_each(|(key, message)| add(lang, key, message));
                    }
                }
                for near in locale::nearest_languages(lang, built_in_languages()) {
                    let catalog = built_in.entry(near).or_insert_with(|| read_built_in(near));
                    catalog.iter().for_each(|(key, message)| add(lang, key, message));
                }
            }
            languages.insert(language.code.clone(), texts);
        }
        let catalogs = folders.iter().flat_map(Catalogs::values).chain(built_in.values());
        let brought = catalogs.flat_map(Catalog::keys).cloned().collect();
        Self { languages: languages.into(), brought: Arc::new(brought) }
    }

    /// The English texts that Causerie brings, where no site is known.
    pub fn english() -> &'static Self {
        static ENGLISH: LazyLock<Translations> = LazyLock::new(|| {
            let texts = read_built_in(COMPLETE).into_iter();
            let texts = texts.map(|(key, message)| (key, Translation { lang: COMPLETE.to_owned(), message })).collect();
            Translations { languages: Arc::new([(COMPLETE.to_owned(), texts)].into()), brought: Arc::default() }
        });
        &ENGLISH
    }

    /// All texts of a language of the site, by their keys.
    pub fn texts(&self, lang: &str) -> Option<&BTreeMap<String, Translation>> {
        self.languages.get(lang)
    }

    /// Finds the text for a key in a language of the site.
    pub fn find(&self, lang: &str, key: &str) -> Option<&Translation> {
        self.languages.get(lang)?.get(key)
    }

    /// The keys for which there is a text in a language of the site.
    pub fn keys(&self, lang: &str) -> impl Iterator<Item = &str> {
        self.languages.get(lang).into_iter().flatten().map(|(key, _)| key.as_str())
    }

    /// The keys that files bring: those of the theme, and others.
    pub fn brought(&self) -> impl Iterator<Item = &str> {
        self.brought.iter().map(String::as_str)
    }

    /// The text for a key that Causerie brings, with its places filled in. The key itself if there is no text.
    pub fn text(&self, lang: &str, key: &str, filled: &[(&str, &str)]) -> String {
        let Some(Translation { lang, message }) = self.find(lang, key) else { return key.to_owned() };
        let conventions = Conventions::of(lang);
        let fill = |name: &str| {
            let value = filled.iter().find(|(given, _)| *given == name);
            Ok::<_, std::convert::Infallible>(value.map(|(_, value)| conventions.isolated(value)))
        };
        let written = message.write(&conventions, None, |text| Ok(text.to_owned()), fill);
        written.unwrap_or_else(|never| match never {})
    }
}

/// The codes of the languages that Causerie has texts in.
pub fn built_in_languages() -> impl Iterator<Item = &'static str> {
    BUILT_IN.files().filter_map(|file| file.path().file_stem()?.to_str())
}

fn read_built_in(lang: &str) -> Catalog {
    let text = BUILT_IN.get_file(format!("{lang}.toml")).and_then(|file| file.contents_utf8()).unwrap_or_default();
    read(&SourceText { path: format!("(built in) {lang}.toml").into(), text: text.into() }).0
}

/// Reads the files of a folder that the languages of a site need.
fn read_folder(config: &Config, world: &dyn World, folder: &str) -> (Catalogs, Vec<Diagnostic>) {
    let walk = world.walk(folder);
    let mut problems = walk.problems;
    let names = walk.files.iter().filter_map(|file| file.path[folder.len() + 1..].strip_suffix(".toml"));
    let names: Vec<&str> = names.filter(|name| locale::identifier(name).is_some()).collect();
    let languages = config.languages().iter().map(|language| language.code.as_str()).chain([COMPLETE]);
    let needed = languages.flat_map(|lang| locale::nearest_languages(lang, names.iter().copied()));
    let needed: BTreeSet<&str> = needed.collect();
    let (mut sources, mut catalogs) = (Vec::new(), Catalogs::new());
    for lang in needed {
        match read_text(world, &format!("{folder}/{lang}.toml")) {
            Ok(source) => {
                let (catalog, found) = read(&source);
                problems.extend(found);
                catalogs.insert(lang.to_owned(), catalog);
                sources.push((lang, source));
            }
            Err(problem) => problems.push(problem),
        }
    }
    problems.extend(sources.iter().flat_map(|(lang, source)| check::file(lang, source, &catalogs)));
    (catalogs, problems)
}

/// Reads the texts of a file. Other values belong to the theme, which may read its file in another way as well.
fn read(source: &SourceText) -> (Catalog, Vec<Diagnostic>) {
    let parsed = parse_table(source, Notation::Toml, &(0..source.text.len()));
    if !parsed.is_valid {
        return (Catalog::new(), parsed.problems);
    }
    let text = |TableEntry { key, node, .. }: &TableEntry| Some((key.to_string(), Message::from_node(node)?));
    (parsed.entries.iter().filter_map(text).collect(), Vec::new())
}

#[cfg(test)]
mod tests;
