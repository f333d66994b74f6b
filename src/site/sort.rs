//! Orders of pages.

use std::cmp::{Ordering, Reverse};

use lexical_sort::natural_lexical_cmp;

use super::{Page, PageId};
use crate::content::SortBy;

/// Sorts a section's pages. Gives them back in order, and apart those that lack what they are sorted by.
pub fn sort(pages: Vec<PageId>, by: SortBy, all: &[Page]) -> (Vec<PageId>, Vec<PageId>) {
    let page = |id: &PageId| &all[id.0];
    let sortable = |id: &PageId| match by {
        SortBy::Date => page(id).meta.date.is_some(),
        SortBy::UpdateDate => page(id).meta.date.is_some() || page(id).meta.updated.is_some(),
        SortBy::Title | SortBy::TitleBytes => page(id).meta.title.is_some(),
        SortBy::Weight => page(id).meta.weight.is_some(),
        SortBy::Slug | SortBy::Permalink | SortBy::None => true,
    };
    let (mut sorted, mut rest): (Vec<_>, Vec<_>) = pages.into_iter().partition(sortable);
    let order = |a: &PageId, b: &PageId| -> Ordering {
        let (a, b) = (page(a), page(b));
        let newest = |page: &Page| page.meta.date.as_ref().max(page.meta.updated.as_ref()).map(|m| m.timestamp);
        let title = |page: &Page| page.meta.title.clone().unwrap_or_default();
        match by {
            SortBy::Date => date(b).cmp(&date(a)),
            SortBy::UpdateDate => newest(b).cmp(&newest(a)),
            SortBy::Title => natural_lexical_cmp(&title(a), &title(b)),
            SortBy::TitleBytes => a.meta.title.cmp(&b.meta.title),
            SortBy::Weight => a.meta.weight.cmp(&b.meta.weight),
            SortBy::Slug => natural_lexical_cmp(&a.slug, &b.slug),
            SortBy::Permalink => a.content.permalink.cmp(&b.content.permalink),
            SortBy::None => a.content.source.path.cmp(&b.content.source.path),
        }
        .then_with(|| a.content.permalink.cmp(&b.content.permalink))
    };
    sorted.sort_by(order);
    rest.sort_by(|a, b| page(a).content.permalink.cmp(&page(b).content.permalink));
    (sorted, rest)
}

fn date(page: &Page) -> Option<jiff::Timestamp> {
    page.meta.date.as_ref().map(|moment| moment.timestamp)
}

/// The place of a page in [`by_date`]'s order.
pub fn date_key(id: PageId, all: &[Page]) -> (Reverse<Option<jiff::Timestamp>>, &str, PageId) {
    (Reverse(date(&all[id.0])), all[id.0].content.permalink.as_str(), id)
}

/// Sorts pages by date, the newest first and those without a date last; ties by address.
pub fn by_date(pages: &mut [PageId], all: &[Page]) {
    // The keys side by side: the pages are all over the memory.
    let mut keys: Vec<_> = pages.iter().map(|&id| date_key(id, all)).collect();
    keys.sort_unstable();
    pages.iter_mut().zip(keys).for_each(|(page, (.., id))| *page = id);
}
