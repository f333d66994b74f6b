//! The addresses that a sitemap lists.

use std::borrow::Cow;

use rayon::prelude::*;

use super::plan::{PageList, Pagers};
use super::{Content, ContentId, PageId, SectionId, Site, TaxonomyId};
use crate::config::ExcludePaginatedPages;

/// One entry of a sitemap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address<'a> {
    /// The address.
    pub permalink: Cow<'a, str>,
    /// The page or section at it, if it is one's own address.
    pub content: Option<ContentId>,
}

/// Every address that search engines may list, in order and without repetition.
pub fn addresses(site: &Site) -> Vec<Address<'_>> {
    // Search engines list the original.
    let is_fallback = |content: &Content| content.source.is_fallback();
    let with_pagers = site.config.exclude_paginated_pages_in_sitemap == ExcludePaginatedPages::None;
    let pagers = |list| {
        let pagers = Pagers::of(list, site).filter(|_| with_pagers);
        let paths = pagers.into_iter().flat_map(|pagers| (2..=pagers.count()).map(move |number| pagers.path(number)));
        paths.map(|path| (site.config.permalink(&path).into(), None))
    };
    let sections = site.sections.iter().enumerate().filter(|(_, section)| {
        section.meta.render && section.meta.redirect_to.is_none() && !is_fallback(&section.content)
    });
    let taxonomies =
        site.taxonomies.iter().enumerate().filter(|(_, taxonomy)| taxonomy.kind.render && !taxonomy.terms.is_empty());

    // Of those with the same address the first is listed.
    let mut found: Vec<(Cow<'_, str>, Option<ContentId>)> = Vec::with_capacity(site.pages.len());
    found.extend(
        sections
            .clone()
            .map(|(index, section)| ((&*section.content.permalink).into(), Some(ContentId::Section(SectionId(index))))),
    );
    let pages = site.pages.iter().enumerate().filter(|(_, page)| page.is_listed() && !is_fallback(&page.content));
    found.extend(pages.map(|(index, page)| ((&*page.content.permalink).into(), Some(ContentId::Page(PageId(index))))));
    found.extend(sections.flat_map(|(index, _)| pagers(PageList::Section(SectionId(index)))));
    for (index, taxonomy) in taxonomies {
        found.push(((&*taxonomy.permalink).into(), None));
        for (number, term) in taxonomy.terms.iter().enumerate() {
            found.push(((&*term.permalink).into(), None));
            found.extend(pagers(PageList::Term(TaxonomyId(index), number)));
        }
    }
    found.par_sort_by(|(a, _), (b, _)| a.cmp(b));
    found.dedup_by(|(next, _), (first, _)| next == first);
    found.into_iter().map(|(permalink, content)| Address { permalink, content }).collect()
}
