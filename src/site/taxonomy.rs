//! Taxonomies: the terms that pages carry, and the pages of each term.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use unicode_normalization::UnicodeNormalization;

use super::{Page, PageId, sort};
use crate::config::slugify::Strategy;
use crate::config::{self, Config};
use crate::diagnostic::Diagnostic;

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
    /// The term of a slug.
    pub fn term(&self, slug: &str) -> Option<&Term> {
        let found = self.terms.binary_search_by(|term| term.slug.as_str().cmp(slug));
        found.ok().map(|index| &self.terms[index])
    }

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
/// written first in the order of the alphabet. A warning names those that were hardly meant to be one.
pub(super) fn gather(config: &Config, pages: &[Page]) -> (Vec<Taxonomy>, Vec<Diagnostic>) {
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

    let (mut taxonomies, mut problems) = (Vec::new(), Vec::new());
    for language in config.languages() {
        let lang = language.code.as_str();
        for kind in &language.taxonomies {
            let path = config.taxonomy_path(lang, kind);
            let mut terms: BTreeMap<String, Term> = BTreeMap::new();
            let mut merged: BTreeMap<String, Vec<Spelling<'_>>> = BTreeMap::new();
            for (name, pages) in found.remove(&(lang, kind.name.as_str())).unwrap_or_default() {
                let slug = config.slugify.taxonomy(name);
                let first = pages[0];
                let term = terms.entry(slug.clone()).or_insert_with(|| {
                    let path = format!("{path}{slug}/");
                    let permalink = config.permalink(&path);
                    Term { name: name.to_owned(), slug: slug.clone(), path, permalink, pages: Vec::new() }
                });
                term.pages.extend(pages);
                merged.entry(slug).or_default().push(Spelling { name, first });
            }
            problems.extend(merged.iter().filter_map(|(slug, spellings)| {
                let path = format!("{path}{slug}/");
                merged_terms(config, pages, (&kind.name, &path), spellings)
            }));
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
            let kind = config::Taxonomy { feed: kind.feed && config.has_origin(), ..kind.clone() };
            taxonomies.push(Taxonomy { kind, lang: lang.into(), path, permalink, terms, unlisted });
        }
    }
    (taxonomies, problems)
}

/// A term as some pages write it.
struct Spelling<'a> {
    name: &'a str,
    /// The first of these pages.
    first: PageId,
}

/// The warning about terms whose names differ and whose slugs do not. Names that differ in case alone are one word.
fn merged_terms(
    config: &Config,
    pages: &[Page],
    (taxonomy, path): (&str, &str),
    spellings: &[Spelling<'_>],
) -> Option<Diagnostic> {
    const MOST_NAMED: usize = 5;
    let word = |spelling: &Spelling<'_>| spelling.name.nfc().collect::<String>().to_lowercase();
    let mut words = BTreeSet::new();
    let different: Vec<&Spelling<'_>> = spellings.iter().filter(|spelling| words.insert(word(spelling))).collect();
    let (last, others) = different.split_last().filter(|(_, others)| !others.is_empty())?;
    let place = |spelling: &Spelling<'_>| pages[spelling.first.0].content.source.find_in_front_matter(spelling.name);
    let names: Vec<String> = others.iter().map(|spelling| format!("`{}`", spelling.name)).collect();
    let message = format!(
        "{} and `{}` become one term of `{taxonomy}`, as all of them are at `{path}`",
        names.join(", "),
        last.name
    );
    let help = match config.slugify.taxonomies {
        Strategy::On => {
            "write the same name in all pages if one is meant; `taxonomies = \"safe\"` in [slugify] keeps most names apart"
        }
        Strategy::Safe | Strategy::Off => {
            "write the same name in all pages if one is meant, or else choose other names"
        }
    };
    let mut problem = Diagnostic::warning(message).at(place(last)).help(help);
    let named = others.iter().take(MOST_NAMED);
    problem.related.extend(named.map(|spelling| (format!("`{}` is here", spelling.name), place(spelling))));
    Some(problem)
}
