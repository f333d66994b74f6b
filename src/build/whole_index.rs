//! The search indexes of Zola's formats: outputs like any other, which read every page of a language.

use std::sync::Arc;

use rayon::prelude::*;

use crate::parallel::AT_ONCE;
use crate::search::whole;
use crate::source::Fingerprint;
use crate::templates::Library;
use crate::templates::record::{self, Facets, Fact};

/// The bytes of a language's index.
pub fn index(library: &Arc<Library>, lang: &str) -> Vec<u8> {
    let site = &library.site;
    record::note(Fact::Config);
    let Some(language) = site.config.language(lang) else { return Vec::new() };
    let contents = whole::contents(site, lang);
    let facets = if language.search.include_content { Facets::WHOLE } else { Facets::META };
    if facets == Facets::WHOLE {
        contents.par_iter().with_max_len(AT_ONCE).for_each(|&id| {
            library.note(id);
        });
    }
    contents.iter().for_each(|&id| library.note_for_search(id, facets));
    whole::index(site, language, &contents, |id| library.take_plain_text(id))
}

/// The fingerprint of which pages and sections an index has.
pub fn list_print(library: &Library, lang: &str) -> Fingerprint {
    let contents = whole::contents(&library.site, lang);
    let paths: Vec<&str> = contents.iter().map(|&id| &*library.site.content(id).source.path).collect();
    Fingerprint::of(paths.join("\n").as_bytes())
}
