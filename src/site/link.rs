//! Parsed documents become a site: addresses, sections, order, neighbours, translations, backlinks and threads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::sources::Sources;
use super::thread::{self, Rules, Thread};
use super::{
    Asset, CommentId, Content, ContentId, Page, PageId, Section, SectionId, Site, Talk, paths, sort, taxonomy,
};
use crate::config::Config;
use crate::content::{CommentsMode, Document, FileInfo, Moment, PageDocument, SectionDocument};
use crate::diagnostic::{Diagnostic, Location, SourceText, nearest};
use crate::source::Entry;

/// Links a site. `drafts` says whether drafts are part of it.
pub fn link(config: Arc<Config>, sources: Sources, drafts: bool) -> (Site, Vec<Diagnostic>) {
    let mut linker = Linker { config, problems: Vec::new(), links: FxHashMap::default() };
    let Sources { documents, mut threads, assets, static_files } = sources;

    let (pages, sections) = split(documents, drafts, &mut threads, &linker.config);
    let sections = with_home_sections(sections, &pages, &linker.config);
    let mut assets = AssetsByFolder::new(assets, &pages, &sections);

    let mut site = Site {
        pages: Vec::with_capacity(pages.len()),
        sections: Vec::with_capacity(sections.len()),
        taxonomies: Vec::new(),
        by_path: FxHashMap::default(),
        recent: Vec::new(),
        latest: None,
        years: None,
        static_files,
        config: linker.config.clone(),
    };
    for document in sections {
        let files = threads.remove(&*document.source.path).unwrap_or_default();
        site.sections.push(linker.section(document, files, &mut assets));
    }
    for document in pages {
        let files = threads.remove(&*document.source.path).unwrap_or_default();
        site.pages.push(linker.page(document, files, &mut assets));
    }
    for (owner, files) in threads {
        linker.homeless_thread(&owner, &files);
    }
    site.by_path = site
        .contents()
        .map(|id| (Arc::from(site.content(id).file.relative.as_str()), id))
        .collect();

    linker.sections(&mut site);
    linker.translations(&mut site);
    linker.backlinks(&mut site);
    linker.check_taxonomies(&site);
    site.taxonomies = taxonomy::gather(&site.config, &site.pages);
    linker.dates(&mut site);
    (site, linker.problems)
}

struct Linker {
    config: Arc<Config>,
    problems: Vec<Diagnostic>,
    /// The internal links of each file, by the file's relative path.
    links: FxHashMap<String, Vec<String>>,
}

/// Parts the documents, and leaves out drafts with everything that lies below a drafted section.
fn split(
    documents: Vec<Document>,
    drafts: bool,
    threads: &mut BTreeMap<String, Vec<thread::ThreadFile>>,
    config: &Config,
) -> (Vec<PageDocument>, Vec<SectionDocument>) {
    let drafted: BTreeSet<String> = documents
        .iter()
        .filter_map(|document| match document {
            // A draft in one language says nothing of the others; the default language speaks for the folder.
            Document::Section(section)
                if section.meta.draft && section.file.lang == config.default_language && !drafts =>
            {
                Some(section.file.parent.clone())
            }
            _ => None,
        })
        .collect();
    let below_draft = |folder: &str| {
        !drafted.is_empty()
            && (drafted.contains(folder) || folder.match_indices('/').any(|(end, _)| drafted.contains(&folder[..end])))
    };
    let (mut pages, mut sections) = (Vec::new(), Vec::new());
    for document in documents {
        let (draft, file, path) = match &document {
            Document::Page(page) => (page.meta.draft, &page.file, page.source.path.clone()),
            Document::Section(section) => (section.meta.draft, &section.file, section.source.path.clone()),
        };
        if (draft && !drafts) || below_draft(&file.parent) {
            threads.remove(&*path);
            continue;
        }
        match document {
            Document::Page(page) => pages.push(page),
            Document::Section(section) => sections.push(section),
        }
    }
    (pages, sections)
}

/// Every language that has content has a home section, also where its author wrote none.
fn with_home_sections(
    mut sections: Vec<SectionDocument>,
    pages: &[PageDocument],
    config: &Config,
) -> Vec<SectionDocument> {
    for lang in config.language_codes() {
        let is_default = lang == config.default_language;
        let has_content = is_default
            || pages.iter().any(|page| page.file.lang == lang)
            || sections.iter().any(|section| section.file.lang == lang);
        let has_home = sections.iter().any(|s| s.file.lang == lang && s.file.components.is_empty());
        if has_content && !has_home {
            let name = if is_default { "_index.md".to_owned() } else { format!("_index.{lang}.md") };
            sections.push(SectionDocument::empty(&format!("content/{name}"), lang));
        }
    }
    sections.sort_by(|a, b| a.source.path.cmp(&b.source.path));
    sections
}

/// Which files belong to which document: everything below a page's own folder, and what lies directly beside an
/// `_index.md`.
struct AssetsByFolder {
    by_folder: BTreeMap<String, Vec<Asset>>,
}

impl AssetsByFolder {
    fn new(entries: Vec<Entry>, pages: &[PageDocument], sections: &[SectionDocument]) -> Self {
        let bundles: BTreeSet<&str> = pages.iter().filter_map(|page| page.file.bundle.as_deref()).collect();
        let folders: BTreeSet<&str> = sections.iter().map(|section| section.file.parent.as_str()).collect();
        let mut by_folder: BTreeMap<String, Vec<Asset>> = BTreeMap::new();
        for entry in entries {
            let relative = &entry.path["content/".len()..];
            let folder = relative.rsplit_once('/').map_or("", |(folder, _)| folder);
            let mut up = Some(folder);
            let bundle = std::iter::from_fn(|| {
                let here = up?;
                up = here.rsplit_once('/').map(|(parent, _)| parent);
                Some(here)
            })
            .find(|here| bundles.contains(here));
            let Some(owner) = bundle.or_else(|| folders.contains(folder).then_some(folder)) else { continue };
            let name = relative[owner.len()..].trim_start_matches('/').to_owned();
            let owner = owner.to_owned();
            by_folder.entry(owner).or_default().push(Asset { name, size: entry.size, source: entry.path });
        }
        Self { by_folder }
    }

    fn of(&self, folder: &str) -> Vec<Asset> {
        self.by_folder.get(folder).cloned().unwrap_or_default()
    }
}

impl Linker {
    fn content(
        &mut self,
        source: SourceText,
        file: FileInfo,
        body_start: usize,
        path: String,
        thread: Thread,
        assets: Vec<Asset>,
        links: Vec<String>,
        words: usize,
    ) -> Content {
        if !links.is_empty() {
            self.links.insert(file.relative.clone(), links);
        }
        Content {
            permalink: self.config.permalink(&path),
            components: paths::components(&path),
            reading_time: crate::content::reading_time(words, &file.lang),
            source,
            body_start,
            file,
            path,
            ancestors: Vec::new(),
            translations: Vec::new(),
            backlinks: Vec::new(),
            assets,
            thread,
            talk: Talk::Off,
            words,
        }
    }
}
