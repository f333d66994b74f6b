//! The linked site: pages, sections, terms and threads, and how they belong together.
//!
//! It is plain data with ids: this module reads and writes no file. [`link()`] makes the site from parsed documents, and
//! [`plan`] lists the outputs that must exist.

pub mod avatar;
mod link;
mod paths;
pub mod plan;
mod related;
mod series;
pub mod sitemap;
mod sort;
mod taxonomy;
pub mod thread;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::clock::Validity;
use crate::config::{Config, Future};
use crate::content::{Date, FileInfo, PageMeta, SectionMeta, Source};
use crate::diagnostic::Location;
use crate::nfc::nfc;
use thread::Thread;

pub use crate::load::Asset;
pub use link::{HeldPosts, Visibility, link};
pub use paths::{MANIFEST, SEARCH_INDEX, STAGING, is_plain};
pub use series::{AllSeries, LISTED_PARTS, PlaceInSeries};
pub use taxonomy::{Taxonomy, Term};

/// So often a section leads on to another one that leads on. Whoever goes in circles ends there too.
const MOST_LED: usize = 8;

/// A page's place in [`Site::pages`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PageId(pub usize);

/// A section's place in [`Site::sections`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SectionId(pub usize);

/// A taxonomy's place in [`Site::taxonomies`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaxonomyId(pub usize);

/// A page or a section: what has a Markdown file of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ContentId {
    /// A page.
    Page(PageId),
    /// A section.
    Section(SectionId),
}

/// What pages and sections have in common.
#[derive(Clone, Debug)]
pub struct Content {
    /// The file that it was read from.
    pub source: Source,
    /// What the file's name says.
    pub file: Arc<FileInfo>,
    /// The path of its address: begins with `/`, and ends with `/`, or with `.html` without `pretty_urls`.
    pub path: String,
    /// The path below which lies what belongs to it, between slashes.
    pub folder: String,
    /// The whole address.
    pub permalink: String,
    /// The parts of the path.
    pub components: Vec<String>,
    /// The sections above it, the home section first.
    pub ancestors: Vec<SectionId>,
    /// It in every language that it is written in, itself among them unless its language has it from another one; empty on a site
    /// with one language.
    pub translations: Vec<ContentId>,
    /// What links to it, in the order of addresses.
    pub backlinks: Vec<ContentId>,
    /// The files that lie beside it and are published with it.
    pub assets: Vec<Asset>,
    /// The talk under it.
    pub thread: Thread,
    /// Whether it can be answered, until it [`closes`](Self::closes).
    pub talk: CommentsState,
    /// When it is closed because of its age; none: never.
    pub closes: Option<Timestamp>,
    /// Words in the Markdown.
    pub words: usize,
    /// Minutes that it takes to read.
    pub reading_time: usize,
}

impl Content {
    /// The language's code.
    pub fn lang(&self) -> &str {
        &self.file.lang
    }

    /// The address that relative addresses in its text are relative to: its own, or that of the folder of its files.
    pub fn base(&self) -> Cow<'_, str> {
        match self.permalink.strip_suffix(".html") {
            Some(stem) if self.path != self.folder && self.file.colocated_path.is_some() => format!("{stem}/").into(),
            _ => self.permalink.as_str().into(),
        }
    }

    /// The address of the feed of its comments.
    pub fn comment_feed(&self) -> String {
        let folder = self.permalink.strip_suffix(".html").filter(|_| self.path != self.folder);
        match folder {
            Some(folder) => format!("{folder}/{}", plan::COMMENT_FEED),
            None => format!("{}{}", self.permalink, plan::COMMENT_FEED),
        }
    }

    /// Whether it can be answered at a moment.
    pub fn talk_at(&self, now: Timestamp) -> CommentsState {
        match self.talk {
            CommentsState::Open if self.closes.is_some_and(|closes| closes <= now) => CommentsState::Closed,
            talk => talk,
        }
    }

    /// Whether it has comments, or readers can write some.
    pub fn has_comments(&self, config: &Config) -> bool {
        let settings = &config.comments;
        let can_have = self.thread.is_begun() || settings.endpoint.is_some() || settings.email.is_some();
        self.talk != CommentsState::Off && can_have
    }

    /// The file as a place for diagnostics.
    pub fn location(&self) -> Location {
        Location::file(self.source.file().clone())
    }
}

/// Whether a page or section can be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CommentsState {
    /// Its thread is shown, with a form.
    Open,
    /// Its thread is shown, without a form.
    Closed,
    /// It has neither.
    Off,
}

/// A page.
#[derive(Clone, Debug)]
pub struct Page {
    /// What it has in common with sections.
    pub content: Content,
    /// Its front matter.
    pub meta: Arc<PageMeta>,
    /// The last part of its address.
    pub slug: String,
    /// Its template, its own or one that a section above it names for its pages.
    pub template: String,
    /// Whether it has an output. One that `render = false` takes out has none, nor has one without the date, weight or title by which
    /// its sections are sorted.
    pub is_rendered: bool,
    /// Whether it is shown before its date though the site holds it back until then.
    pub is_scheduled: bool,
    /// The page before it in its section's order.
    pub lower: Option<PageId>,
    /// The page after it in its section's order.
    pub higher: Option<PageId>,
}

impl Page {
    /// Whether it stands in listings.
    pub fn is_listed(&self) -> bool {
        self.is_rendered && !self.meta.hidden
    }

    /// Whether it belongs into feeds.
    pub fn is_in_feeds(&self) -> bool {
        let is_own = !self.content.source.is_fallback();
        self.is_listed() && is_own && self.meta.include_in_feeds && self.meta.date.is_some()
    }
}

/// A section.
#[derive(Clone, Debug)]
pub struct Section {
    /// What it has in common with pages.
    pub content: Content,
    /// Its front matter.
    pub meta: Arc<SectionMeta>,
    /// Its pages, in its order; with those of transparent sections below it.
    pub pages: Vec<PageId>,
    /// The sections directly below it, by weight.
    pub subsections: Vec<SectionId>,
    /// Its template.
    pub template: String,
}

impl Section {
    /// Whether it is the home section of its language.
    pub fn is_home(&self) -> bool {
        self.content.file.components.is_empty()
    }

    /// How many pages stand on one of its pagers; none when it is not paginated.
    pub fn paginate_by(&self) -> Option<usize> {
        self.meta.paginate_by.filter(|&by| by > 0)
    }
}

/// A comment of the site: where it was made, and its place in that thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommentId {
    /// The page or section.
    pub content: ContentId,
    /// Its place in [`Thread::comments`].
    pub index: usize,
}

/// Everything, linked.
#[derive(Debug)]
pub struct Site {
    /// The configuration.
    pub config: Arc<Config>,
    /// The pages, in the order of their files' paths.
    pub pages: Vec<Page>,
    /// The sections, in the order of their files' paths.
    pub sections: Vec<Section>,
    /// The taxonomies of every language.
    pub taxonomies: Vec<Taxonomy>,
    /// The series that pages are parts of.
    pub series: AllSeries,
    /// What is at a path relative to `content/`, in its composed form (see [`Site::at_file`]).
    pub by_path: FxHashMap<Arc<str>, ContentId>,
    /// The paths, relative to `content/`, of drafts and of what lies in drafted sections, where those are not shown.
    left_out: BTreeSet<String>,
    /// The pages that are held back until their date, by their paths relative to `content/`.
    pub held: BTreeMap<String, Date>,
    /// Every comment that is shown, the newest first.
    pub recent: Vec<CommentId>,
    /// The moment of the build.
    pub now: Timestamp,
    /// The interval of moments at which the same files make the same site, but for templates that look at the clock.
    pub validity: Validity,
    /// The newest date of what is listed that is not in the future.
    pub latest: Option<Date>,
    /// The years from the first date of what is listed to the newest, none of them in the future.
    pub years: Option<(i16, i16)>,
    /// The files of `static/`, the theme's among them.
    pub static_files: Vec<Asset>,
    /// The Sass files that become style sheets, the theme's among them.
    pub stylesheets: Vec<Asset>,
    /// The paths of the site, without slashes around them, that would say something else in an address (see [`is_odd`]).
    odd_paths: FxHashSet<String>,
}

/// Whether a path as it is would say something else in an address: `/tags/C#/`, `a%20b.jpg`.
pub fn is_odd(path: &str) -> bool {
    path.contains(['#', '?', '%'])
}

/// Whether a site holds a page back at a moment, because its date is in the future.
fn is_held(config: &Config, meta: &PageMeta, now: Timestamp) -> bool {
    config.future == Future::Hold && meta.date.as_ref().is_some_and(|date| date.timestamp > now)
}

impl Site {
    /// A page.
    pub fn page(&self, id: PageId) -> &Page {
        &self.pages[id.0]
    }

    /// A section.
    pub fn section(&self, id: SectionId) -> &Section {
        &self.sections[id.0]
    }

    /// A taxonomy.
    pub fn taxonomy(&self, id: TaxonomyId) -> &Taxonomy {
        &self.taxonomies[id.0]
    }

    /// What a page or section has in common with the others.
    pub fn content(&self, id: ContentId) -> &Content {
        match id {
            ContentId::Page(id) => &self.page(id).content,
            ContentId::Section(id) => &self.section(id).content,
        }
    }

    /// The template of a page or section.
    pub fn template(&self, id: ContentId) -> &str {
        match id {
            ContentId::Page(id) => &self.page(id).template,
            ContentId::Section(id) => &self.section(id).template,
        }
    }

    /// The title of a page or section.
    pub fn title(&self, id: ContentId) -> Option<&str> {
        match id {
            ContentId::Page(id) => self.page(id).meta.title.as_deref(),
            ContentId::Section(id) => self.section(id).meta.title.as_deref(),
        }
    }

    /// Every page and section.
    pub fn contents(&self) -> impl Iterator<Item = ContentId> {
        let pages = (0..self.pages.len()).map(|i| ContentId::Page(PageId(i)));
        pages.chain((0..self.sections.len()).map(|i| ContentId::Section(SectionId(i))))
    }

    /// The page or section at a path of the site, or the one that says that it was there before.
    pub fn find(&self, path: &str) -> Option<ContentId> {
        let path = nfc(path);
        // Replies are kept with the path of their time, which may have been written without `pretty_urls` or with them.
        let at = |path: &str| {
            let folder = paths::folder(path);
            let is_it = |content: &Content| content.path == path || content.folder == folder;
            self.contents().find(|&id| is_it(self.content(id)))
        };
        let mut found = at(&path);
        if found.is_none() {
            let wanted = paths::alias_file(path.trim_end_matches("/index.html"));
            found = self.contents().find(|&id| self.aliases(id).iter().any(|alias| paths::alias_file(alias) == wanted));
        }
        // A section can lead on to where its pages are now, and that one too.
        for _ in 0..MOST_LED {
            let Some(ContentId::Section(section)) = found else { break };
            let Some(to) = &self.section(section).meta.redirect_to else { break };
            let to = to.strip_prefix(&*self.config.permalink("")).unwrap_or(to);
            let to = to.split(['?', '#']).next().unwrap_or_default().trim_start_matches('/');
            let to = format!("/{}", nfc(&percent_decode_str(to).decode_utf8_lossy()));
            match at(&to).or_else(|| at(&format!("{to}/"))) {
                Some(next) => found = Some(next),
                None => break,
            }
        }
        found
    }

    /// Every path of a page, section, term or file that would say something else in an address.
    fn odd_paths(&self) -> FxHashSet<String> {
        let mut odd: FxHashSet<String> = FxHashSet::default();
        let mut add = |folder: &str, name: &str| {
            if is_odd(folder) || is_odd(name) {
                odd.insert(format!("{folder}{name}").trim_matches('/').to_owned());
            }
        };
        for content in self.contents().map(|id| self.content(id)) {
            add(&content.path, "");
            content.assets.iter().for_each(|asset| add(&content.folder, &asset.name));
        }
        for taxonomy in &self.taxonomies {
            add(&taxonomy.path, "");
            taxonomy.terms.iter().for_each(|term| add(&term.path, ""));
        }
        self.static_files.iter().chain(&self.stylesheets).for_each(|file| add("", &file.name));
        odd
    }

    /// The length of the beginning of a path that names something of the site as it is, as `page.path` and `page.assets` do, though
    /// an address would say something else with it. There may be more behind it, such as a pager or a query.
    pub fn named_part(&self, path: &str) -> usize {
        let start = path.len() - path.trim_start_matches('/').len();
        let is_named = |end: &usize| path.get(start..*end).is_some_and(|path| self.odd_paths.contains(path));
        let whole = path.trim_end_matches('/').len();
        if is_named(&whole) {
            return path.len();
        }
        path.rmatch_indices('/').map(|(at, _)| at).find(is_named).unwrap_or(0)
    }

    /// The page or section of a file, by its path relative to `content/`.
    pub fn at_file(&self, path: &str) -> Option<ContentId> {
        self.by_path.get(&*nfc(path)).copied()
    }

    /// Whether the document at a path relative to `content/` is a draft, or in a drafted section, and not shown.
    pub fn is_left_out(&self, path: &str) -> bool {
        self.left_out.contains(&*nfc(path))
    }

    /// The date until which the document at a path relative to `content/` is held back, if it is.
    pub fn held_until(&self, path: &str) -> Option<&Date> {
        self.held.get(&*nfc(path))
    }

    /// Whether a page or section is held back at a moment.
    pub fn is_held(&self, id: ContentId, now: Timestamp) -> bool {
        match id {
            ContentId::Page(id) => is_held(&self.config, &self.page(id).meta, now),
            ContentId::Section(_) => false,
        }
    }

    /// The other addresses of a page or section.
    pub fn aliases(&self, id: ContentId) -> &[String] {
        match id {
            ContentId::Page(id) => &self.page(id).meta.aliases,
            ContentId::Section(id) => &self.section(id).meta.aliases,
        }
    }

    /// The page or section in the default language, if its own language has it from there.
    pub fn original(&self, id: ContentId) -> Option<ContentId> {
        let content = self.content(id);
        let is_default = |id: &&ContentId| self.config.is_default_language(self.content(**id).lang());
        content.translations.iter().find(is_default).copied().filter(|_| content.source.is_fallback())
    }

    /// Who wrote a page or section.
    pub fn authors(&self, id: ContentId) -> &[String] {
        match id {
            ContentId::Page(id) if !self.page(id).meta.authors.is_empty() => &self.page(id).meta.authors,
            _ => self.config.author.as_slice(),
        }
    }

    /// Every comment of a language that is shown, the newest first.
    pub fn recent_in<'a>(&'a self, lang: &'a str) -> impl Iterator<Item = &'a CommentId> {
        self.recent.iter().filter(move |comment| self.content(comment.content).lang() == lang)
    }

    /// The pages of a language for its feed, the newest first.
    pub fn feed_pages(&self, lang: &str) -> Vec<PageId> {
        let pages = (0..self.pages.len()).map(PageId).filter(|&id| self.page(id).content.lang() == lang);
        self.newest(pages)
    }

    /// Of some pages those that belong into a feed, the newest first.
    pub fn newest(&self, pages: impl Iterator<Item = PageId>) -> Vec<PageId> {
        let mut pages: Vec<PageId> = pages.filter(|&id| self.page(id).is_in_feeds()).collect();
        sort::by_date(&mut pages, &self.pages);
        pages
    }
}
