//! Related pages: those that share terms with a page.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;

use super::{PageId, Site, Taxonomy, Term, sort};

/// So many pages of a term are compared on each side of the page in time. So a page costs the same on a site of any size.
const NEAR: usize = 32;
/// So many terms of a page count.
const MOST_TERMS: usize = 24;
/// The longest list.
const MOST_RELATED: usize = 50;
/// The taxonomies whose terms say who wrote something, or in which order, and not what it is about.
const OTHERS: [&str; 2] = ["authors", "series"];

impl Site {
    /// The pages that share the most terms with a page, of which rare ones count more; among equals those that are nearest
    /// in time. Of a term with many pages only the nearest are compared. Also counts the comparisons.
    pub fn related(&self, id: PageId, limit: usize) -> (Vec<PageId>, usize) {
        let mut scores: FxHashMap<PageId, u32> = FxHashMap::default();
        let mut comparisons = 0;
        let terms = self.taxonomies_of(id).flat_map(|taxonomy| {
            let named = self.page(id).meta.taxonomies.get(&taxonomy.kind.name).into_iter().flatten();
            named.filter_map(|name| taxonomy.term(&self.config.slugify.taxonomy(name)))
        });
        let mut known: Vec<&Term> = Vec::new();
        for term in terms.take(MOST_TERMS) {
            // Two spellings can be one term.
            if known.iter().any(|known| std::ptr::eq(*known, term)) {
                continue;
            }
            known.push(term);
            let own = sort::date_key(id, &self.pages);
            let place = term.pages.partition_point(|&other| sort::date_key(other, &self.pages) < own);
            let near = &term.pages[place.saturating_sub(NEAR)..term.pages.len().min(place + NEAR + 1)];
            let weight = 32 - term.pages.len().ilog2();
            for &other in near.iter().filter(|&&other| other != id) {
                *scores.entry(other).or_default() += weight;
            }
            comparisons += near.len();
        }
        let second = |id: PageId| self.page(id).meta.date.as_ref().map(|date| date.timestamp.as_second());
        let distance = |other: PageId| match (second(id), second(other)) {
            (Some(own), Some(other)) => own.abs_diff(other),
            _ => u64::MAX,
        };
        let mut related: Vec<_> =
            scores.into_iter().map(|(other, score)| (Reverse(score), distance(other), other)).collect();
        // Most are not among the first few, and need no order.
        let limit = limit.min(MOST_RELATED);
        if limit < related.len() {
            related.select_nth_unstable(limit);
            related.truncate(limit);
        }
        related.sort_unstable();
        (related.into_iter().map(|(_, _, id)| id).collect(), comparisons)
    }

    /// The taxonomies of a page's language that say what pages are about.
    fn taxonomies_of(&self, id: PageId) -> impl Iterator<Item = &Taxonomy> {
        let lang = self.page(id).content.lang();
        let of_lang = self.taxonomies.iter().filter(move |taxonomy| *taxonomy.lang == *lang);
        of_lang.filter(|taxonomy| !OTHERS.contains(&&*taxonomy.kind.name))
    }
}
