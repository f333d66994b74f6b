//! Parsed documents become a site: addresses, sections, order, neighbours, translations, backlinks and threads.

mod cascade;
mod changes;
mod dates;
mod fallback;
mod sections;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use self::dates::{SiteDates, dates};
use super::thread::{self, Thread, ThreadOptions};
use super::{
    AllSeries, CommentsState, Content, ContentId, Page, PageId, Section, SectionId, Site, is_held, paths, series,
    taxonomy,
};
use crate::clock::Validity;
use crate::config::Config;
use crate::content::{
    self, CommentsMode, Date, Document, FileInfo, Languages, PageDocument, PageMeta, SectionDocument, Source,
    ThreadFile, parser_options,
};
use crate::diagnostic::{Diagnostic, Location, SourceText, nearest};
use crate::load::{Asset, Sources};
use crate::nfc::nfc;
use crate::parallel::AT_ONCE;
use crate::source::WalkEntry;

/// What is part of a site that is not for everybody yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Visibility {
    /// Drafts.
    pub drafts: bool,
    /// Comments that nobody has approved yet.
    pub pending: bool,
    /// Posts that the site holds back until their date.
    pub held: HeldPosts,
}

/// What becomes of posts that the site holds back until their date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HeldPosts {
    /// They are left out.
    #[default]
    LeftOut,
    /// They are shown, and marked.
    Marked,
    /// They are shown as they will be on their date.
    Shown,
}

/// Links a site as it is at a moment.
pub fn link(config: Arc<Config>, sources: Sources, unfinished: Visibility, now: Timestamp) -> (Site, Vec<Diagnostic>) {
    let Visibility { drafts, pending, held } = unfinished;
    let mut linker = Linker { config, pending, problems: Vec::new(), links: BTreeMap::new() };
    let Sources { mut documents, mut threads, broken, faulty, assets, static_files, stylesheets, changes } = sources;
    changes::apply(&mut documents, &changes);
    linker.problems.extend(cascade::apply(&mut documents, &linker.config));

    let (mut pages, mut sections, left_out) = split(documents, drafts, &mut threads, &linker.config);
    let validity = validity(&pages, &threads, &linker.config, now);
    let is_marked = held == HeldPosts::Marked;
    let held = match held {
        HeldPosts::LeftOut => hold_back(&mut pages, &mut threads, &linker.config, now),
        HeldPosts::Marked | HeldPosts::Shown => BTreeMap::new(),
    };
    fallback::add(&mut pages, &mut sections, &linker.config);
    let sections = with_home_sections(sections, &linker.config);
    let assets = AssetsByFolder::new(assets, &pages, &sections);

    let mut site = Site {
        pages: Vec::new(),
        sections: Vec::new(),
        taxonomies: Vec::new(),
        series: AllSeries::default(),
        by_path: FxHashMap::default(),
        left_out,
        held,
        now,
        validity,
        recent: Vec::new(),
        latest: None,
        years: None,
        static_files,
        stylesheets,
        odd_paths: FxHashSet::default(),
        config: linker.config.clone(),
    };
    let mut files_of = |document: &Source| threads.remove(&*nfc(&document.path)).unwrap_or_default();
    let files: Vec<Vec<Arc<ThreadFile>>> = sections.iter().map(|document| files_of(&document.source)).collect();
    let sections = sections.into_par_iter().zip(files);
    let (linked, found): (_, Vec<DocumentLinks>) =
        sections.map(|(document, files)| linker.section(document, files, &assets)).unzip();
    site.sections = linked;
    linker.take(found);
    let files: Vec<Vec<Arc<ThreadFile>>> = pages.iter().map(|document| files_of(&document.source)).collect();
    let pages = pages.into_par_iter().zip(files).with_max_len(AT_ONCE);
    let (linked, found): (_, Vec<DocumentLinks>) =
        pages.map(|(document, files)| linker.page(document, files, &assets)).unzip();
    site.pages = linked;
    linker.take(found);
    for (owner, files) in threads.iter().filter(|(owner, _)| !broken.contains(&***owner)) {
        linker.homeless_thread(owner, files);
    }
    site.by_path = site.contents().map(|id| (Arc::from(&*nfc(site.content(id).file.relative())), id)).collect();

    linker.sections(&mut site, &faulty);
    linker.translations(&mut site);
    linker.backlinks(&mut site);
    linker.check_taxonomies(&site);
    let gather = || taxonomy::gather(&site.config, &site.pages);
    let ((taxonomies, problems), SiteDates { recent, latest, years }) = rayon::join(gather, || dates(&site));
    linker.problems.extend(problems);
    let series = series::gather(&site.config, &site.pages);
    site = Site { taxonomies, series, recent, latest, years, ..site };
    site.odd_paths = site.odd_paths();
    for page in &mut site.pages {
        page.is_scheduled = is_marked && is_held(&site.config, &page.meta, now);
        page.content.closes = closing(&site.config, &page.meta);
    }
    (site, linker.problems)
}

/// What was found in a page or section beside itself.
struct DocumentLinks {
    path: Arc<str>,
    /// The paths that it links to.
    links: Arc<[String]>,
    problems: Vec<Diagnostic>,
}

struct Linker {
    config: Arc<Config>,
    pending: bool,
    problems: Vec<Diagnostic>,
    /// The internal links of each file, by the file's relative path.
    links: BTreeMap<Arc<str>, Arc<[String]>>,
}

/// Parts the documents, and leaves out drafts with everything that lies below a drafted section.
fn split(
    documents: Vec<Document>,
    drafts: bool,
    threads: &mut BTreeMap<Arc<str>, Vec<Arc<ThreadFile>>>,
    config: &Config,
) -> (Vec<PageDocument>, Vec<SectionDocument>, BTreeSet<String>) {
    let drafted: BTreeSet<String> = documents
        .iter()
        .filter_map(|document| match document {
            // A draft in one language says nothing of the others; the default language speaks for the folder.
            Document::Section(section)
                if section.meta.draft && config.is_default_language(&section.file.lang) && !drafts =>
            {
                Some(section.file.folder().to_owned())
            }
            _ => None,
        })
        .collect();
    let below_draft = |folder: &str| {
        !drafted.is_empty()
            && (drafted.contains(folder) || folder.match_indices('/').any(|(end, _)| drafted.contains(&folder[..end])))
    };
    let (mut pages, mut sections, mut left_out) = (Vec::with_capacity(documents.len()), Vec::new(), BTreeSet::new());
    for document in documents {
        let (draft, file, path) = match &document {
            Document::Page(page) => (page.meta.draft, &page.file, page.source.path.clone()),
            Document::Section(section) => (section.meta.draft, &section.file, section.source.path.clone()),
        };
        if (draft && !drafts) || below_draft(file.folder()) {
            left_out.insert(nfc(file.relative()).into_owned());
            threads.remove(&*nfc(&path));
            continue;
        }
        match document {
            Document::Page(page) => pages.push(page),
            Document::Section(section) => sections.push(section),
        }
    }
    (pages, sections, left_out)
}

/// Takes out the pages that are held back, with their threads, and gives back their paths and dates.
fn hold_back(
    pages: &mut Vec<PageDocument>,
    threads: &mut BTreeMap<Arc<str>, Vec<Arc<ThreadFile>>>,
    config: &Config,
    now: Timestamp,
) -> BTreeMap<String, Date> {
    let held = pages.extract_if(.., |page| is_held(config, &page.meta, now));
    held.filter_map(|page| {
        threads.remove(&*nfc(&page.source.path));
        Some((nfc(page.file.relative()).into_owned(), page.meta.date.clone()?))
    })
    .collect()
}

/// The interval around `now` in which these documents make the same site with the same warnings.
fn validity(
    pages: &[PageDocument],
    threads: &BTreeMap<Arc<str>, Vec<Arc<ThreadFile>>>,
    config: &Config,
    now: Timestamp,
) -> Validity {
    let of_page = |page: &PageDocument| {
        let dates = page.meta.date.iter().chain(&page.meta.updated).map(|date| date.timestamp);
        Validity::around(now, dates.chain(closing(config, &page.meta)))
    };
    let of_thread = |files: &Vec<Arc<ThreadFile>>| {
        let dates = files.iter().flat_map(|file| file.comments.iter().filter_map(|comment| comment.date.as_ref()));
        Validity::around(now, dates.map(|date| date.timestamp))
    };
    let pages = pages.par_iter().map(of_page).reduce(|| Validity::ALWAYS, Validity::and);
    let threads = threads.par_iter().map(|(_, files)| of_thread(files)).reduce(|| Validity::ALWAYS, Validity::and);
    // The copyright ends with the year at the latest.
    let year = now.to_zoned(TimeZone::UTC).year();
    let new_years = [year, year.saturating_add(1)].into_iter().filter_map(|year| Date::from_day(year, 1, 1));
    pages.and(threads).and(Validity::around(now, new_years.map(|date| date.timestamp)))
}

/// When a page takes no more comments because of its age.
fn closing(config: &Config, meta: &PageMeta) -> Option<Timestamp> {
    let days = i64::try_from(config.comments.close_after_days).unwrap_or(i64::MAX);
    let hours = days.saturating_mul(24).min(24 * 366 * 1000);
    let date = meta.date.as_ref().filter(|_| days > 0)?;
    date.timestamp.checked_add(jiff::SignedDuration::from_hours(hours)).ok()
}

/// Every language has a home section, also where its author wrote none.
fn with_home_sections(mut sections: Vec<SectionDocument>, config: &Config) -> Vec<SectionDocument> {
    for language in config.languages() {
        let lang = language.code.as_str();
        let is_default = config.is_default_language(lang);
        let has_home = sections.iter().any(|s| s.file.lang == lang && s.file.components.is_empty());
        if !has_home {
            let name = if is_default { "_index.md".to_owned() } else { format!("_index.{lang}.md") };
            let source = SourceText { path: format!("content/{name}").into(), text: "+++\n+++\n".into() };
            let others = [lang.to_owned()];
            let languages = Languages { default: &config.default_language().code, others: &others };
            if let (Some(Document::Section(section)), _) =
                content::parse(source, &languages, parser_options(&config.markdown))
            {
                sections.push(section);
            }
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
    fn new(entries: Vec<WalkEntry>, pages: &[PageDocument], sections: &[SectionDocument]) -> Self {
        let bundles: BTreeSet<&str> = pages.iter().filter_map(|page| bundle(&page.file)).collect();
        let folders: BTreeSet<&str> = sections.iter().map(|section| section.file.folder()).collect();
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
            let name = nfc(relative[owner.len()..].trim_start_matches('/')).into_owned();
            let owner = owner.to_owned();
            by_folder.entry(owner).or_default().push(Asset { name, size: entry.stamp.size, source: entry.path });
        }
        Self { by_folder }
    }

    fn of(&self, folder: &str) -> Vec<Asset> {
        self.by_folder.get(folder).cloned().unwrap_or_default()
    }
}

/// What the documents of pages and sections have in common.
struct CommonParts {
    source: Source,
    file: Arc<FileInfo>,
    words: usize,
    comments: Option<CommentsMode>,
    authors: Vec<String>,
}

/// The folder of a page that has one to itself.
fn bundle(file: &FileInfo) -> Option<&str> {
    file.colocated_path.as_deref().map(|folder| folder.trim_end_matches('/'))
}

/// Addresses that authors write must stay in the output folder.
fn paths_that_leave<'a>(source: &Source, written: impl Iterator<Item = &'a String>) -> Vec<Diagnostic> {
    let leaves = written.filter(|path| !paths::stays_inside(path));
    leaves
        .map(|path| {
            Diagnostic::error(format!("`{path}` leads out of the site"))
                .at(source.find_address(path))
                .help("write the address without `..`, as in `posts/my-post`")
        })
        .collect()
}

impl Linker {
    /// Takes the problems and links of pages or sections.
    fn take(&mut self, found: Vec<DocumentLinks>) {
        for DocumentLinks { path, links, problems } in found {
            self.problems.extend(problems);
            if !links.is_empty() {
                self.links.insert(path, links);
            }
        }
    }

    /// A page that knows nothing of the others yet.
    fn page(
        &self,
        document: PageDocument,
        files: Vec<Arc<ThreadFile>>,
        assets: &AssetsByFolder,
    ) -> (Page, DocumentLinks) {
        let PageDocument { source, file, mut meta, words, links } = document;
        let own_path = source.path.clone();
        // The original links to the same.
        let links = if source.is_fallback() { Arc::default() } else { links };
        let mut problems = paths_that_leave(&source, meta.path.iter().chain(&meta.aliases));
        if !meta.path.iter().chain(&meta.aliases).all(|path| paths::stays_inside(path)) {
            let meta = Arc::make_mut(&mut meta);
            meta.path.take_if(|path| !paths::stays_inside(path));
            meta.aliases.retain(|alias| paths::stays_inside(alias));
        }
        let (slug, path) = paths::page_path(&meta, &file, &self.config);
        let own = bundle(&file).map(|folder| assets.of(folder)).unwrap_or_default();
        let authors = meta.authors.clone();
        let parts = CommonParts { source, file, words, comments: meta.comments, authors };
        let content = self.content(parts, path, own, files, &mut problems);
        let template = meta.template.clone().unwrap_or_default();
        let is_rendered = meta.render;
        let (is_scheduled, lower, higher) = (false, None, None);
        let page = Page { content, meta, slug, template, is_rendered, is_scheduled, lower, higher };
        (page, DocumentLinks { path: own_path, links, problems })
    }

    /// A section that knows nothing of the others yet.
    fn section(
        &self,
        document: SectionDocument,
        files: Vec<Arc<ThreadFile>>,
        assets: &AssetsByFolder,
    ) -> (Section, DocumentLinks) {
        let SectionDocument { source, file, mut meta, words, links } = document;
        let own_path = source.path.clone();
        // The original links to the same.
        let links = if source.is_fallback() { Arc::default() } else { links };
        let mut problems = paths_that_leave(&source, meta.aliases.iter());
        if !meta.aliases.iter().all(|alias| paths::stays_inside(alias)) {
            Arc::make_mut(&mut meta).aliases.retain(|alias| paths::stays_inside(alias));
        }
        let path = paths::section_path(&file, &self.config);
        let own = assets.of(file.folder());
        let default = if file.components.is_empty() { "index.html" } else { "section.html" };
        let template = meta.template.clone().unwrap_or_else(|| default.to_owned());
        let (comments, authors) = (meta.comments, Vec::new());
        let parts = CommonParts { source, file, words, comments, authors };
        let content = self.content(parts, path, own, files, &mut problems);
        let section = Section { content, meta, pages: Vec::new(), subsections: Vec::new(), template };
        (section, DocumentLinks { path: own_path, links, problems })
    }

    fn content(
        &self,
        parts: CommonParts,
        path: String,
        assets: Vec<Asset>,
        files: Vec<Arc<ThreadFile>>,
        problems: &mut Vec<Diagnostic>,
    ) -> Content {
        let CommonParts { source, file, words, comments, authors } = parts;
        let settings = &self.config.comments;
        let authors = if authors.is_empty() { self.config.author.iter().cloned().collect() } else { authors };
        let rules = ThreadOptions {
            order: settings.order,
            max_depth: settings.max_depth,
            authors: &authors,
            pending: self.pending,
        };
        let (thread, found) = thread::link(files, &rules);
        problems.extend(found);
        let talk = match comments {
            Some(CommentsMode::Off) => CommentsState::Off,
            Some(CommentsMode::Closed) => CommentsState::Closed,
            Some(CommentsMode::Open) => CommentsState::Open,
            None if settings.enabled => CommentsState::Open,
            None => CommentsState::Off,
        };
        Content {
            permalink: self.config.permalink(&path),
            components: paths::components(&path),
            folder: paths::folder(&path),
            reading_time: content::reading_time(words, &file.lang),
            source,
            file,
            path,
            ancestors: Vec::new(),
            translations: Vec::new(),
            backlinks: Vec::new(),
            assets,
            thread: if talk == CommentsState::Off { Thread::default() } else { thread },
            talk,
            closes: None,
            words,
        }
    }

    /// A thread beside no document. Drafts keep theirs to themselves, so this is a mistake in a name.
    fn homeless_thread(&mut self, owner: &str, files: &[Arc<ThreadFile>]) {
        for file in files {
            self.problems.push(
                Diagnostic::error(format!("these comments belong to `{owner}`, which does not exist"))
                    .at(Location::file(file.path.clone()))
                    .help("name the file like the post that it belongs to: `my-post.comments.md` for `my-post.md`"),
            );
        }
    }

    fn translations(&self, site: &mut Site) {
        if self.config.other_languages().is_empty() {
            return;
        }
        let mut by_canonical: BTreeMap<(bool, String), Vec<ContentId>> = BTreeMap::new();
        for id in site.contents() {
            let is_page = matches!(id, ContentId::Page(_));
            by_canonical.entry((is_page, site.content(id).file.canonical.clone())).or_default().push(id);
        }
        for mut translations in by_canonical.into_values() {
            translations.sort_by_key(|&id| site.content(id).lang().to_owned());
            let written = translations.iter().filter(|&&id| !site.content(id).source.is_fallback());
            let written: Vec<ContentId> = written.copied().collect();
            for &id in &translations {
                content_mut(site, id).translations = written.clone();
            }
        }
    }

    fn backlinks(&self, site: &mut Site) {
        let mut found: BTreeMap<ContentId, BTreeSet<ContentId>> = BTreeMap::new();
        for (from, links) in &self.links {
            let Some(from) = site.at_file(from.strip_prefix("content/").unwrap_or(from)) else { continue };
            let is_listed = match from {
                ContentId::Page(id) => site.page(id).is_listed(),
                ContentId::Section(id) => site.section(id).meta.render,
            };
            if !is_listed {
                continue;
            }
            for target in links.iter().filter_map(|link| site.at_file(link)) {
                found.entry(target).or_default().insert(from);
            }
        }
        for (target, from) in found {
            let mut from: Vec<ContentId> = from.into_iter().collect();
            from.sort_by(|&a, &b| site.content(a).permalink.cmp(&site.content(b).permalink));
            content_mut(site, target).backlinks = from;
        }
    }

    /// Every taxonomy that a page names must be configured in the page's language.
    fn check_taxonomies(&mut self, site: &Site) {
        for page in &site.pages {
            let names = page.meta.taxonomies.keys().map(String::as_str);
            self.problems.extend(unknown_taxonomies(&self.config, page.content.lang(), &page.content.source, names));
        }
    }
}

/// The errors about taxonomies that are not configured in a language.
fn unknown_taxonomies<'a>(
    config: &Config,
    lang: &str,
    source: &Source,
    names: impl Iterator<Item = &'a str>,
) -> Vec<Diagnostic> {
    let taxonomies = config.language(lang).map_or(&[][..], |language| &language.taxonomies);
    let known = || taxonomies.iter().map(|taxonomy| taxonomy.name.as_str());
    let unknown = names.filter(|name| known().all(|known| known != *name));
    unknown
        .map(|name| {
            let problem = Diagnostic::error(format!("there is no taxonomy `{name}`")).at(source.find_key(name));
            problem.help(match nearest(name, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    format!("add `taxonomies = [{{ name = \"{name}\" }}]` to `{}`", config.location("").path)
                }
            })
        })
        .collect()
}

fn content_mut(site: &mut Site, id: ContentId) -> &mut Content {
    match id {
        ContentId::Page(PageId(index)) => &mut site.pages[index].content,
        ContentId::Section(SectionId(index)) => &mut site.sections[index].content,
    }
}
