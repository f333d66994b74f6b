//! `[search]`: what the search index holds.

use serde::Serialize;

use super::FILE_NAMES;
use crate::source::Table;

/// The kind of index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexFormat {
    /// Causerie's own: many small files, of which a browser fetches those that it needs.
    #[default]
    Causerie,
    /// Elasticlunr's index as JSON, for the scripts of Zola's themes, like the others.
    ElasticlunrJson,
    /// Elasticlunr's index as a script.
    ElasticlunrJavascript,
    /// Fuse's documents as JSON.
    FuseJson,
    /// Fuse's documents as a script.
    FuseJavascript,
}

/// What the index of one language holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Search {
    /// Titles. Default: true.
    pub include_title: bool,
    /// Descriptions. Default: false.
    pub include_description: bool,
    /// Dates, in RFC 3339. Default: false.
    pub include_date: bool,
    /// Paths; the permalink always is. Default: false.
    pub include_path: bool,
    /// The text itself. Default: true.
    pub include_content: bool,
    /// How many characters of the text. Default: all.
    pub truncate_content_length: Option<usize>,
    /// The kind of index.
    pub index_format: IndexFormat,
}

impl IndexFormat {
    /// The name of the file that is the whole index of a language, as Zola names it. None for Causerie's own format, which
    /// has many files.
    pub fn file_name(self, lang: &str) -> Option<String> {
        match self {
            Self::Causerie => None,
            Self::ElasticlunrJavascript | Self::FuseJavascript => Some(format!("search_index.{lang}.js")),
            Self::ElasticlunrJson | Self::FuseJson => Some(format!("search_index.{lang}.json")),
        }
    }

    /// Whether elasticlunr reads it.
    pub fn is_for_elasticlunr(self) -> bool {
        matches!(self, Self::ElasticlunrJavascript | Self::ElasticlunrJson)
    }
}

/// The language by whose rules elasticlunr finds the words of a language in all their forms, as it calls it. None if it
/// knows no rules for it.
pub fn elasticlunr_language(lang: &str) -> Option<&'static str> {
    let language = lang.split(['-', '_']).next().unwrap_or(lang);
    Some(match language.to_ascii_lowercase().as_str() {
        "ar" => "ar",
        "da" => "da",
        "de" => "de",
        "en" => "en",
        "es" => "es",
        "fi" => "fi",
        "fr" => "fr",
        "hu" => "hu",
        "it" => "it",
        "ko" => "ko",
        "nb" | "nn" | "no" => "no",
        "nl" => "du",
        "pt" => "pt",
        "ro" => "ro",
        "ru" => "ru",
        "sv" => "sv",
        "tr" => "tr",
        _ => return None,
    })
}

impl Default for Search {
    fn default() -> Self {
        Self {
            include_title: true,
            include_description: false,
            include_date: false,
            include_path: false,
            include_content: true,
            truncate_content_length: None,
            index_format: IndexFormat::default(),
        }
    }
}

const FORMATS: &[(&str, IndexFormat)] = &[
    ("causerie", IndexFormat::Causerie),
    ("elasticlunr_javascript", IndexFormat::ElasticlunrJavascript),
    ("elasticlunr_json", IndexFormat::ElasticlunrJson),
    ("fuse_javascript", IndexFormat::FuseJavascript),
    ("fuse_json", IndexFormat::FuseJson),
];

impl Search {
    /// The defaults. A file with one of Zola's names has the defaults of Zola.
    pub(super) fn default_in(file: &str) -> Self {
        let index_format =
            if file == FILE_NAMES[0] { IndexFormat::Causerie } else { IndexFormat::ElasticlunrJavascript };
        Self { index_format, ..Self::default() }
    }

    /// Reads a table. `default` has the values of missing keys.
    pub(super) fn read(mut table: Table, default: &Self) -> Self {
        let search = Self {
            include_title: table.get_or("include_title", default.include_title),
            include_description: table.get_or("include_description", default.include_description),
            include_date: table.get_or("include_date", default.include_date),
            include_path: table.get_or("include_path", default.include_path),
            include_content: table.get_or("include_content", default.include_content),
            truncate_content_length: table.get("truncate_content_length").or(default.truncate_content_length),
            index_format: table.choice("index_format", FORMATS).unwrap_or(default.index_format),
        };
        table.close();
        search
    }
}
