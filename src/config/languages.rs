//! The languages of a site.

use serde::ser::{Serialize, SerializeMap as _, SerializeStruct as _, Serializer};

use super::FILE_NAMES;
use super::search::Search;
use super::slugify::Slugify;
use super::taxonomies::{self, Taxonomy};
use super::translations::{Message, locale};
use crate::diagnostic::Diagnostic;
use crate::source::{Table, TableReader};

/// One language of the site, with its configuration. The languages inherit nothing from each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Language {
    /// The code, as in `fr` or `pt-BR`: a Unicode language identifier (UTS 35).
    pub code: String,
    /// The site's title.
    pub title: Option<String>,
    /// The site's description.
    pub description: Option<String>,
    /// Whether there are feeds. Default: false.
    pub generate_feeds: bool,
    /// The feeds' files, which are their templates' names too. Default: `atom.xml`.
    pub feed_filenames: Vec<String>,
    /// The ways to group pages.
    pub taxonomies: Vec<Taxonomy>,
    /// Whether there is a search index. Default: true, and false in a file with one of Zola's names.
    pub build_search_index: bool,
    /// What the search index holds.
    pub search: Search,
    /// Whether it has from the default language the pages and sections that are not translated. Default: false.
    pub fallback: bool,
    /// The site's own texts for templates, by their keys, in the order of the file.
    pub translations: Vec<(String, Message)>,
}

impl Serialize for Language {
    /// What templates see of another language: `config.languages.fr`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Texts<'a>(&'a [(String, Message)]);
        impl Serialize for Texts<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(Some(self.0.len()))?;
                for (key, text) in self.0 {
                    map.serialize_entry(key, text)?;
                }
                map.end()
            }
        }
        let mut language = serializer.serialize_struct("Language", 8)?;
        language.serialize_field("title", &self.title)?;
        language.serialize_field("description", &self.description)?;
        language.serialize_field("generate_feeds", &self.generate_feeds)?;
        language.serialize_field("feed_filenames", &self.feed_filenames)?;
        language.serialize_field("taxonomies", &self.taxonomies)?;
        language.serialize_field("build_search_index", &self.build_search_index)?;
        language.serialize_field("search", &self.search)?;
        language.serialize_field("translations", &Texts(&self.translations))?;
        language.end()
    }
}

/// The values for a language in one table: at the top of the file, or in `[languages.fr]`.
#[derive(Default)]
struct LanguageTable {
    title: Option<String>,
    description: Option<String>,
    generate_feeds: Option<bool>,
    feed_filenames: Option<Vec<String>>,
    taxonomies: Option<Vec<Taxonomy>>,
    build_search_index: Option<bool>,
    search: Option<Search>,
    fallback: bool,
    translations: Option<Vec<(String, Message)>>,
}

impl LanguageTable {
    /// Reads a table. `search` has the values of missing keys of `[search]`.
    fn read(table: &mut Table, code: &str, slugify: &Slugify, search: &Search) -> Self {
        let has_search = table.has("search");
        let has_translations = table.has("translations");
        Self {
            title: table.get("title"),
            description: table.get("description"),
            generate_feeds: table.get("generate_feeds"),
            feed_filenames: read_feed_filenames(table),
            taxonomies: taxonomies::read(table, slugify, code),
            build_search_index: table.get("build_search_index"),
            search: Some(Search::read(table.table("search"), search)).filter(|_| has_search),
            fallback: false,
            translations: Some(table.named_values("translations")).filter(|_| has_translations),
        }
    }

    /// The language. The defaults are those of `search`, and of the configuration file with this name.
    fn language(self, code: String, file: &str, search: &Search) -> Language {
        Language {
            code,
            title: self.title,
            description: self.description,
            generate_feeds: self.generate_feeds.unwrap_or(false),
            feed_filenames: self.feed_filenames.unwrap_or_else(|| vec!["atom.xml".to_owned()]),
            taxonomies: self.taxonomies.unwrap_or_default(),
            build_search_index: self.build_search_index.unwrap_or(file == FILE_NAMES[0]),
            search: self.search.unwrap_or_else(|| search.clone()),
            fallback: self.fallback,
            translations: self.translations.unwrap_or_default(),
        }
    }

    /// Adds the values of `[languages.en]` if `en` is the default language. A key that both tables have must have the same value.
    fn merge(&mut self, other: Self, code: &str, reading: &TableReader) {
        fn one<T: PartialEq>(mine: &mut Option<T>, theirs: Option<T>) -> bool {
            let differ = matches!((&mine, &theirs), (Some(mine), Some(theirs)) if mine != theirs);
            *mine = mine.take().or(theirs);
            differ
        }
        let either = |mine: Option<bool>, theirs: Option<bool>| match (mine, theirs) {
            (Some(mine), Some(theirs)) => Some(mine || theirs),
            (mine, theirs) => mine.or(theirs),
        };
        self.generate_feeds = either(self.generate_feeds, other.generate_feeds);
        self.build_search_index = either(self.build_search_index, other.build_search_index);
        let twice = [
            ("title", one(&mut self.title, other.title)),
            ("description", one(&mut self.description, other.description)),
            ("feed_filenames", one(&mut self.feed_filenames, other.feed_filenames)),
            ("taxonomies", one(&mut self.taxonomies, other.taxonomies)),
            ("search", one(&mut self.search, other.search)),
            ("translations", one(&mut self.translations, other.translations)),
        ];
        for (key, _) in twice.iter().filter(|(_, differ)| *differ) {
            let second = reading.place(&format!("languages.{code}.{key}")).unwrap_or(0..0);
            let first = reading.place(key).unwrap_or(0..0);
            reading.problem(
                Diagnostic::error(format!("`{key}` is set twice for `{code}`, the default language"))
                    .at(reading.at(second))
                    .related("and here", reading.at(first))
                    .help("keep the one at the top of the file, or the one in the language's table"),
            );
        }
    }
}

/// Reads every language: the default one first, then the others in the order of the file.
pub(super) fn read(root: &mut Table, slugify: &Slugify) -> Vec<Language> {
    let reading = root.reading();
    let default = root.spanned::<String>("default_language");
    if let Some((code, span)) = &default {
        check_code(reading, code, span.clone());
    }
    let default = default.map_or_else(|| "en".to_owned(), |(code, _)| code);
    let zolas = Search::default_in(reading.path());
    let mut base = LanguageTable::read(root, &default, slugify, &zolas);
    let (own, others): (Vec<_>, Vec<_>) =
        root.named_tables("languages").into_iter().partition(|(code, ..)| *code == default);
    for (code, span, mut table) in own {
        check_code(reading, &code, span);
        let written = LanguageTable::read(&mut table, &code, slugify, &zolas);
        table.close();
        base.merge(written, &code, reading);
    }
    let base = base.language(default, reading.path(), &zolas);
    let mut languages = Vec::new();
    for (code, span, mut table) in others {
        check_code(reading, &code, span);
        let mut written = LanguageTable::read(&mut table, &code, slugify, &base.search);
        written.fallback = table.get_or("fallback", false);
        table.close();
        languages.push(written.language(code, reading.path(), &base.search));
    }
    languages.insert(0, base);
    languages
}

fn check_code(reading: &TableReader, code: &str, span: std::ops::Range<usize>) {
    if locale::identifier(code).is_none() {
        let message = format!("`{code}` is not the code of a language");
        reading.error(span, message, "codes are like en, fr, pt-BR or zh-Hant");
    }
}

fn read_feed_filenames(table: &mut Table) -> Option<Vec<String>> {
    let reading = table.reading();
    let names = table.list::<String>("feed_filenames")?;
    let mut good: Vec<String> = Vec::new();
    for (name, span) in names {
        let parts_are_names = name.split('/').all(|part| !matches!(part, "" | "." | ".."));
        if !parts_are_names || name.contains('\\') || name.chars().any(char::is_control) {
            let message = format!("`{}` cannot be a feed's file name", name.escape_default());
            reading.error(span, message, "for example: feed_filenames = [\"atom.xml\", \"rss.xml\"]");
        } else if good.contains(&name) {
            reading.error(span, format!("there are two feeds `{name}`"), "remove one of them");
        } else {
            good.push(name);
        }
    }
    Some(good)
}
