//! The front matter of a page.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::cascade::OwnKeys;
use super::date::Date;
use super::discussions::{self, Discussion};
use super::front_matter::{filled_string, strings, terms};
use crate::source::Table;

/// Whether readers can comment, and whether comments are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CommentsMode {
    /// The thread is shown, with the reply form.
    Open,
    /// The thread is shown, without the reply form.
    Closed,
    /// Neither thread nor form is shown.
    Off,
}

pub(super) const COMMENTS_MODES: [(&str, CommentsMode); 3] =
    [("open", CommentsMode::Open), ("closed", CommentsMode::Closed), ("off", CommentsMode::Off)];

/// The front matter of a page: the keys of Zola 0.23, and `comments`, `discussions`, `hidden` and `include_in_feeds`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageMeta {
    /// The title.
    pub title: Option<String>,
    /// A sentence or two for search engines and previews.
    pub description: Option<String>,
    /// When it was written: from the front matter, or else from the name of the file.
    pub date: Option<Date>,
    /// When it was last changed, if that is another day.
    pub updated: Option<Date>,
    /// The place among its siblings where these are sorted by weight, lightest first.
    pub weight: Option<i64>,
    /// Whether it is built only with `--drafts`.
    pub draft: bool,
    /// Whether it gets a page of its own in the output. Without one it is still listed, and templates can get it.
    pub render: bool,
    /// The last part of its address, instead of the file's name.
    pub slug: Option<String>,
    /// Its whole address, instead of section and slug.
    pub path: Option<String>,
    /// Former addresses, which lead here.
    pub aliases: Vec<String>,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// Its terms in each taxonomy, in the order that the author gave them. None is empty.
    pub taxonomies: BTreeMap<String, Vec<String>>,
    /// The template, instead of the section's `page_template` or `page.html`.
    pub template: Option<String>,
    /// Whether the search finds it.
    pub in_search_index: bool,
    /// Whether feeds have it.
    pub include_in_feeds: bool,
    /// Whether it is built and left out of every listing: sections, terms, feeds, sitemap, search, recent comments.
    pub hidden: bool,
    /// Whether its comments are open. None: as in the site's configuration.
    pub comments: Option<CommentsMode>,
    /// Where it is discussed on other networks.
    pub discussions: Vec<Discussion>,
    /// The author's own values.
    #[serde(with = "super::extra")]
    pub extra: serde_json::Map<String, serde_json::Value>,
    /// Which of these values its own front matter has.
    pub own: OwnKeys,
}

impl PageMeta {
    /// Reads the keys of a page.
    pub(super) fn read(mut table: Table) -> Self {
        let meta = Self {
            own: OwnKeys::of(&table),
            title: table.get("title"),
            description: table.get("description"),
            date: table.get("date"),
            updated: table.get("updated"),
            weight: table.get("weight"),
            draft: table.get_or("draft", false),
            render: table.get_or("render", true),
            slug: filled_string(&mut table, "slug"),
            path: filled_string(&mut table, "path"),
            aliases: strings(&mut table, "aliases"),
            authors: strings(&mut table, "authors"),
            taxonomies: terms(&mut table, "taxonomies"),
            template: table.get("template"),
            in_search_index: table.get_or("in_search_index", true),
            include_in_feeds: table.get_or("include_in_feeds", true),
            hidden: table.get_or("hidden", false),
            comments: table.choice("comments", &COMMENTS_MODES),
            discussions: discussions::read(&mut table),
            extra: table.data("extra"),
        };
        table.close();
        meta
    }
}
