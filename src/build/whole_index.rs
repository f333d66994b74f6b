//! The search indexes of Zola's formats: outputs like any other, which read every page of a language.

use rayon::prelude::*;

use crate::parallel::AT_ONCE;
use crate::search::single_file;
use crate::source::Fingerprint;
use crate::templates::dependencies::{Dependency, FieldMask};
use crate::templates::{Library, Reader, search_texts};

/// The bytes of a language's index.
pub fn index(reader: &Reader, lang: &str) -> Vec<u8> {
    let library = &reader.library;
    let site = &library.site;
    reader.record(Dependency::Config);
    let Some(language) = site.config.language(lang) else { return Vec::new() };
    let contents = single_file::contents(site, lang);
    let fields = if language.search.include_content { FieldMask::OWN } else { FieldMask::META };
    if fields.contains(FieldMask::CONTENT) {
        contents.par_iter().with_max_len(AT_ONCE).for_each(|&id| {
            library.outline(id);
        });
    }
    contents.iter().for_each(|&id| reader.record_for_search(id, fields));
    single_file::index(site, language, &contents, |id| search_texts::take_plain(library, id))
}

/// The fingerprint of which pages and sections an index has.
pub fn list_fingerprint(library: &Library, lang: &str) -> Fingerprint {
    let contents = single_file::contents(&library.site, lang);
    let paths: Vec<&str> = contents.iter().map(|&id| &*library.site.content(id).source.path).collect();
    Fingerprint::of(paths.join("\n").as_bytes())
}
