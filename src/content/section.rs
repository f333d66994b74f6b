//! The front matter of a section.

use serde::{Deserialize, Serialize};

use super::cascade::Cascade;
use super::front_matter::strings;
use super::page::{COMMENTS_MODES, CommentsMode};
use crate::config::markdown::{INSERT_ANCHOR, InsertAnchor};
use crate::source::Table;

/// How a section sorts its pages. Ties are broken by the permalink.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SortBy {
    /// The newest first.
    Date,
    /// The last changed first; pages that were never changed by their date.
    UpdateDate,
    /// By title, as a reader sorts: case and accents aside, numbers by value.
    Title,
    /// By the bytes of the title.
    TitleBytes,
    /// The lightest first.
    Weight,
    /// By slug, as a reader sorts.
    Slug,
    /// By permalink, as a reader sorts.
    Permalink,
    /// Not sorted.
    #[default]
    None,
}

const SORT_BY: [(&str, SortBy); 8] = [
    ("date", SortBy::Date),
    ("update_date", SortBy::UpdateDate),
    ("title", SortBy::Title),
    ("title_bytes", SortBy::TitleBytes),
    ("weight", SortBy::Weight),
    ("slug", SortBy::Slug),
    ("permalink", SortBy::Permalink),
    ("none", SortBy::None),
];

/// The front matter of a section: the keys of Zola 0.23, and `comments`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SectionMeta {
    /// The title.
    pub title: Option<String>,
    /// A sentence or two for search engines and previews.
    pub description: Option<String>,
    /// The order of its pages.
    pub sort_by: SortBy,
    /// Its place among its parent's subsections, lightest first.
    pub weight: i64,
    /// Whether it and everything below it are built only with `--drafts`.
    pub draft: bool,
    /// The template, instead of `section.html` (`index.html` for the root).
    pub template: Option<String>,
    /// The template of all pages below it that have none of their own.
    pub page_template: Option<String>,
    /// How many pages a pager shows; none: no pagination. Never 0.
    pub paginate_by: Option<usize>,
    /// The part of the address that comes before a pager's number.
    pub paginate_path: String,
    /// Whether the pages are reversed before they are divided into pagers.
    pub paginate_reversed: bool,
    /// Where headings have links to themselves in its pages. None: as in the site's configuration.
    pub insert_anchor_links: Option<InsertAnchor>,
    /// Whether the search finds the section and its pages.
    pub in_search_index: bool,
    /// Whether it gets a page of its own in the output.
    pub render: bool,
    /// The address that its own leads to.
    pub redirect_to: Option<String>,
    /// Whether its pages are its parent's too.
    pub transparent: bool,
    /// Former addresses, which lead here.
    pub aliases: Vec<String>,
    /// Whether it has feeds of its own.
    pub generate_feeds: bool,
    /// Whether its comments are open. None: as in the site's configuration.
    pub comments: Option<CommentsMode>,
    /// What the pages below it have that do not say it themselves.
    pub cascade: Option<Box<Cascade>>,
    /// The author's own values.
    #[serde(with = "super::extra")]
    pub extra: serde_json::Map<String, serde_json::Value>,
}

impl SectionMeta {
    /// Reads the keys of a section.
    pub(super) fn read(mut table: Table) -> Self {
        let has_cascade = table.has("cascade");
        let cascade = Cascade::read(table.table("cascade"));
        let meta = Self {
            title: table.get("title"),
            description: table.get("description"),
            sort_by: table.choice("sort_by", &SORT_BY).unwrap_or_default(),
            weight: table.get("weight").unwrap_or(0),
            draft: table.get_or("draft", false),
            template: table.get("template"),
            page_template: table.get("page_template"),
            paginate_by: table.get("paginate_by").filter(|count: &usize| *count > 0),
            paginate_path: table.get("paginate_path").unwrap_or_else(|| "page".to_owned()),
            paginate_reversed: table.get_or("paginate_reversed", false),
            insert_anchor_links: table.choice("insert_anchor_links", INSERT_ANCHOR),
            in_search_index: table.get_or("in_search_index", true),
            render: table.get_or("render", true),
            redirect_to: table.get("redirect_to"),
            transparent: table.get_or("transparent", false),
            aliases: strings(&mut table, "aliases"),
            generate_feeds: table.get_or("generate_feeds", false),
            comments: table.choice("comments", &COMMENTS_MODES),
            cascade: has_cascade.then(|| Box::new(cascade)),
            extra: table.data("extra"),
        };
        table.close();
        meta
    }
}

impl Default for SectionMeta {
    /// A section without a file, or with an empty front matter.
    fn default() -> Self {
        Self {
            title: None,
            description: None,
            sort_by: SortBy::None,
            weight: 0,
            draft: false,
            template: None,
            page_template: None,
            paginate_by: None,
            paginate_path: "page".to_owned(),
            paginate_reversed: false,
            insert_anchor_links: None,
            in_search_index: true,
            render: true,
            redirect_to: None,
            transparent: false,
            aliases: Vec::new(),
            generate_feeds: false,
            comments: None,
            cascade: None,
            extra: serde_json::Map::new(),
        }
    }
}
