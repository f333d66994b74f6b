//! `[search]`: what the search index holds.

use serde::Serialize;

use super::table::Table;

/// The file that a Zola theme's script expects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexFormat {
    /// Elasticlunr's index as JSON.
    ElasticlunrJson,
    /// Elasticlunr's index as a script.
    #[default]
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
    /// The kind of file.
    pub index_format: IndexFormat,
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
    ("elasticlunr_javascript", IndexFormat::ElasticlunrJavascript),
    ("elasticlunr_json", IndexFormat::ElasticlunrJson),
    ("fuse_javascript", IndexFormat::FuseJavascript),
    ("fuse_json", IndexFormat::FuseJson),
];

impl Search {
    pub(super) fn read(mut table: Table) -> Self {
        let default = Self::default();
        let search = Self {
            include_title: table.get_or("include_title", default.include_title),
            include_description: table.get_or("include_description", default.include_description),
            include_date: table.get_or("include_date", default.include_date),
            include_path: table.get_or("include_path", default.include_path),
            include_content: table.get_or("include_content", default.include_content),
            truncate_content_length: table.get("truncate_content_length"),
            index_format: table.choice("index_format", FORMATS).unwrap_or_default(),
        };
        table.close();
        search
    }
}
