//! Taxonomies: the terms that pages carry, and the pages of each term.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::{Page, PageId, sort};
use crate::config::{self, Config};

/// One taxonomy in one language.
#[derive(Clone, Debug)]
pub struct Taxonomy {
    /// Its configuration.
    pub kind: config::Taxonomy,
    /// The language's code.
    pub lang: Arc<str>,
    /// The path of its list of terms.
    pub path: String,
    /// The address of its list of terms.
    pub permalink: String,
    /// Its terms, in the order of their slugs.
    pub terms: Vec<Term>,
    /// The slugs of terms that have no page of their own, as no page that is listed has them.
    pub unlisted: BTreeSet<String>,
}

impl Taxonomy {
    /// The terms with the most pages, as many as there may be, in the order of their slugs.
    pub fn largest(&self, limit: Option<usize>) -> Vec<&Term> {
        let mut terms: Vec<&Term> = self.terms.iter().collect();
        if let Some(limit) = limit.filter(|limit| *limit < terms.len()) {
            terms.sort_by_key(|term| Reverse(term.pages.len()));
            terms.truncate(limit);
            terms.sort_by(|a, b| a.slug.cmp(&b.slug));
        }
        terms
    }
}

/// One term of a taxonomy.
#[derive(Clone, Debug)]
pub struct Term {
    /// The term as it is written.
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
    /// The path of its list of pages.
    pub path: String,
    /// The address of its list of pages.
    pub permalink: String,
    /// Its pages, the newest first and those without a date last.
    pub pages: Vec<PageId>,
}

/// Gathers the terms of every taxonomy of every language. Terms with the same slug are one term, named as it is
/// written first in the order of the alphabet.
pub(super) fn gather(config: &Config, pages: &[Page]) -> Vec<Taxonomy> {
    let mut found: BTreeMap<(&str, &str), BTreeMap<&str, Vec<PageId>>> = BTreeMap::new();
    for (index, page) in pages.iter().enumerate().filter(|(_, page)| page.is_listed()) {
        for (name, terms) in &page.meta.taxonomies {
            let of_taxonomy = found.entry((page.content.lang(), name)).or_default();
            for term in terms {
                let of_term = of_taxonomy.entry(term.trim()).or_default();
                if of_term.last() != Some(&PageId(index)) {
                    of_term.push(PageId(index));
                }
            }
        }
    }

    let mut carried: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for page in pages.iter().filter(|page| !page.is_listed()) {
        for (name, terms) in &page.meta.taxonomies {
            carried.entry((page.content.lang(), name)).or_default().extend(terms.iter().map(|term| term.trim()));
        }
    }

    let mut taxonomies = Vec::new();
    for language in config.languages() {
        let lang = language.code.as_str();
        for kind in &language.taxonomies {
            let path = config.taxonomy_path(lang, kind);
            let mut terms: BTreeMap<String, Term> = BTreeMap::new();
            for (name, pages) in found.remove(&(lang, kind.name.as_str())).unwrap_or_default() {
                let slug = config.slugify.taxonomy(name);
                let term = terms.entry(slug.clone()).or_insert_with(|| {
                    let path = format!("{path}{slug}/");
                    let permalink = config.permalink(&path);
                    Term { name: name.to_owned(), slug, path, permalink, pages: Vec::new() }
                });
                term.pages.extend(pages);
            }
            let slugs = carried.remove(&(lang, kind.name.as_str())).unwrap_or_default().into_iter();
            let slugs = slugs.map(|name| config.slugify.taxonomy(name));
            let unlisted = slugs.filter(|slug| !terms.contains_key(slug)).collect();
            let mut terms: Vec<Term> = terms.into_values().collect();
            terms.par_iter_mut().for_each(|term| {
                term.pages.sort_unstable();
                term.pages.dedup();
                sort::by_date(&mut term.pages, pages);
            });
            let permalink = config.permalink(&path);
            taxonomies.push(Taxonomy { kind: kind.clone(), lang: lang.into(), path, permalink, terms, unlisted });
        }
    }
    taxonomies
}
