//! `[cascade]` in the front matter of a section: what the pages below it have that do not say it themselves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::front_matter::{strings, terms};
use super::page::{COMMENTS_MODES, CommentsMode, PageMeta};
use crate::source::Table;

/// The values for pages that do not have them in their own front matter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cascade {
    description: Option<String>,
    weight: Option<i64>,
    draft: Option<bool>,
    render: Option<bool>,
    authors: Option<Vec<String>>,
    taxonomies: BTreeMap<String, Vec<String>>,
    in_search_index: Option<bool>,
    include_in_feeds: Option<bool>,
    hidden: Option<bool>,
    comments: Option<CommentsMode>,
    #[serde(with = "super::extra")]
    extra: Map<String, Value>,
}

/// Which values a page has itself, of those that are never missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnKeys {
    draft: bool,
    render: bool,
    authors: bool,
    in_search_index: bool,
    include_in_feeds: bool,
    hidden: bool,
}

impl OwnKeys {
    pub(super) fn of(table: &Table) -> Self {
        Self {
            draft: table.has("draft"),
            render: table.has("render"),
            authors: table.has("authors"),
            in_search_index: table.has("in_search_index"),
            include_in_feeds: table.has("include_in_feeds"),
            hidden: table.has("hidden"),
        }
    }
}

impl Cascade {
    /// Reads the keys: those of a page, but for what each page has for itself, and for `template`, as a section has
    /// `page_template`.
    pub(super) fn read(mut table: Table) -> Self {
        let has_authors = table.has("authors");
        let cascade = Self {
            description: table.get("description"),
            weight: table.get("weight"),
            draft: table.get("draft"),
            render: table.get("render"),
            authors: Some(strings(&mut table, "authors")).filter(|_| has_authors),
            taxonomies: terms(&mut table, "taxonomies"),
            in_search_index: table.get("in_search_index"),
            include_in_feeds: table.get("include_in_feeds"),
            hidden: table.get("hidden"),
            comments: table.choice("comments", &COMMENTS_MODES),
            extra: table.data("extra"),
        };
        table.close();
        cascade
    }

    /// The names of its taxonomies.
    pub fn taxonomies(&self) -> impl Iterator<Item = &str> {
        self.taxonomies.keys().map(String::as_str)
    }

    /// Leaves out the taxonomies of some names.
    pub fn without_taxonomies(&self, is_unknown: impl Fn(&str) -> bool) -> Self {
        let mut cascade = self.clone();
        cascade.taxonomies.retain(|name, _| !is_unknown(name));
        cascade
    }

    /// Gives a page what it lacks. The cascades of its sections are applied from the nearest on, and what one has given counts
    /// as the page's own to the next.
    pub fn apply(&self, meta: &mut PageMeta) {
        fn fill<T: Clone>(value: &mut Option<T>, default: Option<&T>) {
            if value.is_none() {
                *value = default.cloned();
            }
        }
        fn set<T: Clone>(value: &mut T, is_own: &mut bool, default: Option<&T>) {
            if let Some(default) = default.filter(|_| !*is_own) {
                (*value, *is_own) = (default.clone(), true);
            }
        }
        fill(&mut meta.description, self.description.as_ref());
        fill(&mut meta.weight, self.weight.as_ref());
        fill(&mut meta.comments, self.comments.as_ref());
        set(&mut meta.draft, &mut meta.own.draft, self.draft.as_ref());
        set(&mut meta.render, &mut meta.own.render, self.render.as_ref());
        set(&mut meta.authors, &mut meta.own.authors, self.authors.as_ref());
        set(&mut meta.in_search_index, &mut meta.own.in_search_index, self.in_search_index.as_ref());
        set(&mut meta.include_in_feeds, &mut meta.own.include_in_feeds, self.include_in_feeds.as_ref());
        set(&mut meta.hidden, &mut meta.own.hidden, self.hidden.as_ref());
        for (name, terms) in &self.taxonomies {
            meta.taxonomies.entry(name.clone()).or_insert_with(|| terms.clone());
        }
        merge(&mut meta.extra, &self.extra);
    }
}

/// Adds values that are missing. Tables are merged key by key, as with the `[extra]` of a theme.
fn merge(own: &mut Map<String, Value>, defaults: &Map<String, Value>) {
    for (key, default) in defaults {
        match (own.get_mut(key), default) {
            (Some(Value::Object(own)), Value::Object(defaults)) => merge(own, defaults),
            (Some(_), _) => {}
            (None, default) => {
                own.insert(key.clone(), default.clone());
            }
        }
    }
}
