//! The addresses that a sitemap lists.

use std::collections::BTreeMap;

use super::plan::{PageList, Pagers};
use super::{ContentId, PageId, SectionId, Site, TaxonomyId};
use crate::config::ExcludePaginatedPages;

/// One entry of a sitemap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The address.
    pub permalink: String,
    /// The page or section at it, if it is one's own address.
    pub content: Option<ContentId>,
}

/// Every address that search engines may list, in order and without repetition.
pub fn addresses(site: &Site) -> Vec<Address> {
    let mut found: BTreeMap<String, Option<ContentId>> = BTreeMap::new();
    let with_pagers = site.config.exclude_paginated_pages_in_sitemap == ExcludePaginatedPages::None;
    let pagers = |found: &mut BTreeMap<String, Option<ContentId>>, list| {
        if let Some(pagers) = Pagers::of(list, site).filter(|_| with_pagers) {
            for number in 2..=pagers.count() {
                found.entry(site.config.permalink(&pagers.path(number))).or_default();
            }
        }
    };
    for (index, page) in site.pages.iter().enumerate().filter(|(_, page)| page.is_listed()) {
        found.insert(page.content.permalink.clone(), Some(ContentId::Page(PageId(index))));
    }
    for (index, section) in site.sections.iter().enumerate() {
        if section.meta.render && section.meta.redirect_to.is_none() {
            found.insert(section.content.permalink.clone(), Some(ContentId::Section(SectionId(index))));
            pagers(&mut found, PageList::Section(SectionId(index)));
        }
    }
    for (index, taxonomy) in site.taxonomies.iter().enumerate() {
        if taxonomy.kind.render && !taxonomy.terms.is_empty() {
            found.entry(taxonomy.permalink.clone()).or_default();
            for (number, term) in taxonomy.terms.iter().enumerate() {
                found.entry(term.permalink.clone()).or_default();
                pagers(&mut found, PageList::Term(TaxonomyId(index), number));
            }
        }
    }
    found.into_iter().map(|(permalink, content)| Address { permalink, content }).collect()
}
