//! Series: posts that are parts of one whole, as `series` in their `[extra]` or in their taxonomies says.

use std::collections::BTreeMap;
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::{Page, PageId, Site};
use crate::config::Config;

/// The name of the key, and of the taxonomy.
const KEY: &str = "series";
/// So many parts on each side of a page are listed on it, so that a long series costs as much as a short one.
pub const LISTED_PARTS: usize = 10;

/// All series of a site.
#[derive(Clone, Debug, Default)]
pub struct AllSeries {
    series: Vec<Series>,
    /// The series of each page that has one, and its place in it.
    of_pages: FxHashMap<PageId, (usize, usize)>,
}

/// One series in one language.
#[derive(Clone, Debug)]
struct Series {
    name: String,
    /// Its name in addresses.
    slug: String,
    /// Its parts, by their weights and then by their dates.
    pages: Vec<PageId>,
}

/// The place of a page in its series.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PlaceInSeries<'a> {
    /// The name of the series.
    pub name: &'a str,
    /// The address of its page, if it has one.
    pub permalink: Option<&'a str>,
    /// All of its parts.
    pub pages: &'a [PageId],
    /// The page's place among them, from 0.
    pub place: usize,
}

impl PlaceInSeries<'_> {
    /// The places of the page and of so many parts before and after it.
    pub fn near(&self, before: usize, after: usize) -> Range<usize> {
        self.place.saturating_sub(before)..self.pages.len().min(self.place + after + 1)
    }
}

/// Finds the series of the pages that are listed.
pub(super) fn gather(config: &Config, pages: &[Page]) -> AllSeries {
    let mut found: BTreeMap<(&str, String), (&str, Vec<PageId>)> = BTreeMap::new();
    for (index, page) in pages.iter().enumerate().filter(|(_, page)| page.is_listed()) {
        let own = page.meta.extra.get(KEY).and_then(|name| name.as_str());
        let of_taxonomy = || page.meta.taxonomies.get(KEY).and_then(|terms| terms.first()).map(String::as_str);
        let Some(name) = own.or_else(of_taxonomy).map(str::trim).filter(|name| !name.is_empty()) else { continue };
        let key = (page.content.lang(), config.slugify.taxonomy(name));
        found.entry(key).or_insert((name, Vec::new())).1.push(PageId(index));
    }
    let mut all = AllSeries::default();
    for ((_, slug), (name, mut parts)) in found {
        parts.sort_by_key(|id| {
            let page = &pages[id.0];
            let date = page.meta.date.as_ref().map(|date| date.timestamp);
            (page.meta.weight.unwrap_or(0), date, &page.content.permalink)
        });
        let number = all.series.len();
        all.of_pages.extend(parts.iter().enumerate().map(|(place, &id)| (id, (number, place))));
        all.series.push(Series { name: name.to_owned(), slug, pages: parts });
    }
    all
}

impl Site {
    /// The place of a page in its series; none if it belongs to none.
    pub fn place_in_series(&self, id: PageId) -> Option<PlaceInSeries<'_>> {
        let &(number, place) = self.series.of_pages.get(&id)?;
        let Series { name, slug, pages } = &self.series.series[number];
        let lang = self.page(id).content.lang();
        let taxonomy = self.taxonomies.iter().find(|taxonomy| *taxonomy.lang == *lang && taxonomy.kind.name == KEY);
        let term = taxonomy.filter(|taxonomy| taxonomy.kind.render).and_then(|taxonomy| taxonomy.term(slug));
        Some(PlaceInSeries { name, permalink: term.map(|term| term.permalink.as_str()), pages, place })
    }
}
