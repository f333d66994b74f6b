//! What the front matter of a page says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::date::Date;
use super::front_matter::Fields;
use crate::diagnostic::{Diagnostic, Severity};

/// Whether readers may answer, and whether what they said is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CommentsMode {
    /// The thread is shown, with the reply form.
    Open,
    /// The thread is shown; nobody can add to it.
    Closed,
    /// Neither thread nor form is shown.
    Off,
}

pub(super) const COMMENTS_MODES: [(&str, CommentsMode); 3] =
    [("open", CommentsMode::Open), ("closed", CommentsMode::Closed), ("off", CommentsMode::Off)];

/// The front matter of a page: the keys of Zola 0.23, and `comments`, `hidden` and `include_in_feeds`.
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
    /// Whether it is only built when drafts are asked for.
    pub draft: bool,
    /// Whether it gets a page of its own in the output; without one it is still listed and can be asked for.
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
    /// What becomes of its comments; none: as the site says.
    pub comments: Option<CommentsMode>,
    /// The author's own values.
    #[serde(with = "super::extra")]
    pub extra: serde_json::Map<String, serde_json::Value>,
}

impl PageMeta {
    /// Takes the keys of a page. Unknown ones are told as warnings: Zola passes over them, so sites have them.
    pub(super) fn read(mut fields: Fields<'_>) -> (Self, Vec<Diagnostic>) {
        let meta = Self {
            title: fields.text("title"),
            description: fields.text("description"),
            date: fields.moment("date"),
            updated: fields.moment("updated"),
            weight: fields.whole("weight"),
            draft: fields.flag("draft", false),
            render: fields.flag("render", true),
            slug: fields.filled("slug"),
            path: fields.filled("path"),
            aliases: fields.texts("aliases"),
            authors: fields.texts("authors"),
            taxonomies: fields.terms("taxonomies"),
            template: fields.text("template"),
            in_search_index: fields.flag("in_search_index", true),
            include_in_feeds: fields.flag("include_in_feeds", true),
            hidden: fields.flag("hidden", false),
            comments: fields.choice("comments", &COMMENTS_MODES),
            extra: fields.own("extra"),
        };
        (meta, fields.finish(Severity::Warning, "a page"))
    }
}
