//! What pages have from the `[cascade]` of the sections above them.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::unknown_taxonomies;
use crate::config::Config;
use crate::content::{Cascade, Document};
use crate::diagnostic::Diagnostic;

/// Gives each page what it lacks, from the sections above it in its language, the nearest first. An unknown taxonomy is reported
/// where the section names it, and no page gets it.
pub(super) fn apply(documents: &mut [Document], config: &Config) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let mut cascades: FxHashMap<(String, String), Cascade> = FxHashMap::default();
    for document in documents.iter() {
        let Document::Section(section) = document else { continue };
        let Some(cascade) = &section.meta.cascade else { continue };
        let (lang, taxonomies) = (&section.file.lang, cascade.taxonomies());
        problems.extend(unknown_taxonomies(config, lang, &section.source, taxonomies));
        let known = config.language(lang).map_or(&[][..], |language| &language.taxonomies);
        let cascade = cascade.without_taxonomies(|name| known.iter().all(|taxonomy| taxonomy.name != name));
        cascades.insert((section.file.folder().to_owned(), lang.clone()), cascade);
    }
    if cascades.is_empty() {
        return problems;
    }
    for document in documents {
        let Document::Page(page) = document else { continue };
        let mut place = (page.file.parent().unwrap_or_default().to_owned(), page.file.lang.clone());
        loop {
            if let Some(cascade) = cascades.get(&place) {
                cascade.apply(Arc::make_mut(&mut page.meta));
            }
            let Some(above) = place.0.rfind('/').or((!place.0.is_empty()).then_some(0)) else { break };
            place.0.truncate(above);
        }
    }
    problems
}
