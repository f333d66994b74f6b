//! Taxonomies: the terms that pages carry, and the pages of each term.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Page, PageId, sort};
use crate::config::{Config, TaxonomyConfig};

/// One taxonomy in one language.
#[derive(Clone, Debug)]
pub struct Taxonomy {
    /// Its configuration.
    pub kind: TaxonomyConfig,
    /// The language's code.
    pub lang: Arc<str>,
    /// Its name in addresses.
    pub slug: String,
    /// The path of its list of terms.
    pub path: String,
    /// The address of its list of terms.
    pub permalink: String,
    /// Its terms, in the order of their slugs.
    pub terms: Vec<Term>,
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

    let mut taxonomies = Vec::new();
    for lang in config.language_codes() {
        for kind in config.taxonomies(lang) {
            let slug = config.slugify.taxonomies.apply(&kind.name);
            let path = taxonomy_path(config, lang, &slug);
            let mut terms: BTreeMap<String, Term> = BTreeMap::new();
            for (name, pages) in found.remove(&(lang, kind.name.as_str())).unwrap_or_default() {
                let slug = config.slugify.taxonomies.apply(name);
                let term = terms.entry(slug.clone()).or_insert_with(|| {
                    let path = format!("{path}{slug}/");
                    let permalink = config.permalink(&path);
                    Term { name: name.to_owned(), slug, path, permalink, pages: Vec::new() }
                });
                term.pages.extend(pages);
            }
            let mut terms: Vec<Term> = terms.into_values().collect();
            for term in &mut terms {
                term.pages.sort_unstable();
                term.pages.dedup();
                sort::by_date(&mut term.pages, pages);
            }
            let permalink = config.permalink(&path);
            taxonomies.push(Taxonomy { kind: kind.clone(), lang: lang.into(), slug, path, permalink, terms });
        }
    }
    taxonomies
}

fn taxonomy_path(config: &Config, lang: &str, slug: &str) -> String {
    let mut path = String::from("/");
    if lang != config.default_language {
        path.push_str(lang);
        path.push('/');
    }
    if let Some(root) = &config.taxonomy_root {
        path.push_str(root.trim_matches('/'));
        path.push('/');
    }
    path.push_str(slug);
    path.push('/');
    path
}
