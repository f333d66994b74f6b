//! The values of taxonomies and their terms.

use serde::Serialize;
use tera::Value;

use super::fields::FieldSink;
use crate::config;
use crate::site::{Taxonomy, Term};

/// A term. Its pages are a value, or are left out of a fingerprint.
#[derive(Serialize)]
struct TermView<'a, P> {
    name: &'a str,
    slug: &'a str,
    path: &'a str,
    permalink: &'a str,
    page_count: usize,
    pages: P,
}

impl<'a, P> TermView<'a, P> {
    fn new(term: &'a Term, pages: P) -> Self {
        let Term { name, slug, path, permalink, pages: all } = term;
        Self { name, slug, path, permalink, page_count: all.len(), pages }
    }
}

/// Returns a term with its pages.
pub(in crate::templates) fn term(term: &Term, pages: &Value) -> Value {
    Value::from_serializable(&TermView::new(term, pages))
}

/// Describes a term without its pages.
pub(in crate::templates) fn describe_term(term: &Term, fields: &mut impl FieldSink) {
    fields.set("term", &TermView::new(term, ()));
}

/// Returns a taxonomy with its terms.
pub(in crate::templates) fn taxonomy(taxonomy: &Taxonomy, terms: &[Value]) -> Value {
    #[derive(Serialize)]
    struct TaxonomyView<'a> {
        kind: &'a config::Taxonomy,
        lang: &'a str,
        permalink: &'a str,
        items: &'a [Value],
    }
    let Taxonomy { kind, lang, permalink, .. } = taxonomy;
    Value::from_serializable(&TaxonomyView { kind, lang, permalink, items: terms })
}
