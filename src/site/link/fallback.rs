//! Pages and sections that a language has from the default one, because nobody has translated them.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::config::{Config, Language};
use crate::content::{
    CommentsMode, FileInfo, Languages, PageDocument, PageMeta, ParsedDocument, SectionDocument, SectionMeta,
};

/// Adds to each language that falls back what only the default language has. The documents stay in the order of their paths.
pub(super) fn add(pages: &mut Vec<PageDocument>, sections: &mut Vec<SectionDocument>, config: &Config) {
    let languages: Vec<&Language> = config.other_languages().iter().filter(|language| language.fallback).collect();
    if languages.is_empty() {
        return;
    }
    let adapt_page = |meta: &mut PageMeta, language: &Language| {
        meta.path = meta.path.take().map(|path| format!("{}/{}", language.code, path.trim().trim_matches('/')));
        meta.aliases.clear();
        meta.comments = Some(CommentsMode::Off);
        meta.taxonomies.retain(|name, _| language.taxonomies.iter().any(|known| known.name == *name));
    };
    let adapt_section = |meta: &mut SectionMeta, _: &Language| {
        meta.aliases.clear();
        meta.comments = Some(CommentsMode::Off);
    };
    for language in languages {
        add_to(pages, language, config, adapt_page);
        add_to(sections, language, config, adapt_section);
    }
    pages.sort_by(|a, b| a.source.path.cmp(&b.source.path));
    sections.sort_by(|a, b| a.source.path.cmp(&b.source.path));
}

fn add_to<Meta: Clone>(
    documents: &mut Vec<ParsedDocument<Meta>>,
    language: &Language,
    config: &Config,
    adapt: impl Fn(&mut Meta, &Language),
) {
    let code = &language.code;
    let default = config.default_language().code.as_str();
    let translated = documents.iter().filter(|document| document.file.lang == *code);
    let translated: FxHashSet<&str> = translated.map(|document| document.file.canonical.as_str()).collect();
    let others = [code.clone()];
    let copy = |document: &ParsedDocument<Meta>| {
        // The path that a translation would have. It names the copy; there is no file.
        let path = format!("content/{}.{code}.md", document.file.canonical);
        let (file, _) = FileInfo::new(&path, &Languages { default, others: &others });
        let mut copy = document.clone();
        copy.source = copy.source.under(path);
        copy.file = file.into();
        adapt(Arc::make_mut(&mut copy.meta), language);
        copy
    };
    let missing = documents
        .iter()
        .filter(|document| document.file.lang == default && !translated.contains(document.file.canonical.as_str()));
    let copies: Vec<_> = missing.map(copy).collect();
    documents.extend(copies);
}
