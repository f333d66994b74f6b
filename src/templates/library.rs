//! The library: everything about a site that templates can read. Values are created on first use, once, and shared.
//!
//! Front matter and relations come directly from the linked site. Bodies are rendered when a template reads them.
//! Renderings read values through a [`Reader`](super::Reader), which records them.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use tera::Value;

use super::Templates;
use super::body::{self, Body, BodyOutline};
use super::dependencies::{Dependency, FieldMask, PageSet};
use super::images::Images;
use super::per_content::PerContent;
use super::search_texts::SearchTexts;
use super::stylesheets::Stylesheets;
use super::values::{self, Comments, Fields};
use super::whole_index::WholeIndexes;
use crate::config::Mode;
use crate::diagnostic::Diagnostic;
use crate::fetch::CachedClient;
use crate::locks::lock;
use crate::markdown::{Highlighter, render_comment};
use crate::parallel::AT_ONCE;
use crate::search::Text;
use crate::site::{ContentId, PageId, Site, TaxonomyId, Term};
use crate::source::{FileMetadata, Fingerprint, World};

/// Everything that templates can read.
pub struct Library {
    /// The linked site.
    pub site: Site,
    /// The files of the site.
    pub world: Arc<dyn World>,
    /// The compiled templates.
    pub templates: Arc<Templates>,
    /// The highlighter for code.
    pub highlighter: Arc<Highlighter>,
    /// What the site is rendered for.
    pub mode: Mode,
    /// The fingerprint of the configuration and of everything that was read for it.
    pub(super) config_fingerprint: Fingerprint,
    /// Counters of the work so far.
    pub work: Counters,
    pub(super) configs: BTreeMap<String, Value>,
    pub(super) stylesheets: Stylesheets,
    pub(super) whole_indexes: WholeIndexes,
    /// The body outlines of an earlier version of the site.
    earlier_outlines: OnceLock<RememberedBodies>,
    outlines: PerContent<Arc<BodyOutline>>,
    /// Bodies that were rendered before an output needs them. A body that only its own page shows is dropped after use:
    /// with ten thousand pages, bodies would take most of the memory of a build.
    bodies: PerContent<Mutex<Option<Arc<Body>>>>,
    /// The pages whose bodies appear in lists. They are kept, so that they are not rendered twice.
    listed_pages: OnceLock<FxHashSet<PageId>>,
    /// The texts of rendered bodies, for the search index.
    pub(super) search_texts: SearchTexts,
    values: Vec<PerContent<Value>>,
    /// Lists that every page can request.
    page_lists: Mutex<FxHashMap<(PageSet, FieldMask), Value>>,
    taxonomies: Mutex<FxHashMap<TaxonomyKey, Value>>,
    /// The fingerprints of dependencies that cover many things.
    pub(super) fingerprints: Mutex<FxHashMap<Dependency, Fingerprint>>,
    pub(super) meta_fingerprints: PerContent<Fingerprint>,
    pub(super) thread_fingerprints: PerContent<Fingerprint>,
    /// For each thread of the build, the comments that it created last. A page and its comment feed are rendered one
    /// after the other and share most of the cost. Keeping all comments would take too much memory.
    last_comments: Vec<Mutex<Option<Arc<Comments>>>>,
    /// Loaded data files and other results, by their query.
    results: Mutex<FxHashMap<String, Value>>,
    /// What loads data from other servers.
    pub(super) remote: OnceLock<Arc<CachedClient>>,
    /// What is known of images.
    pub(super) images: Images,
    /// The metadata of each file that an output read, as it was at the first read: none for a file that does not exist.
    file_metadata: Mutex<FxHashMap<String, Option<FileMetadata>>>,
}

/// The body outlines of an earlier version of the site, by the paths of their files below `content/`.
pub type RememberedBodies = FxHashMap<String, Arc<BodyOutline>>;

/// A variant of a taxonomy's value: the largest number of terms, and the fields of their pages.
type TaxonomyKey = (TaxonomyId, Option<usize>, Option<FieldMask>);

/// Counters of the work of a library.
#[derive(Debug, Default)]
pub struct Counters {
    /// The number of bodies that were rendered.
    pub bodies: AtomicUsize,
    /// The number of comments that were rendered.
    pub comments: AtomicUsize,
    /// The number of fingerprints of pages and sections that were part of the fingerprints of lists.
    pub fingerprints: AtomicUsize,
    /// The number of pages that were compared to find related ones.
    pub comparisons: AtomicUsize,
}

impl Counters {
    /// Adds to a counter.
    pub(super) fn count(counter: &AtomicUsize, more: usize) {
        counter.fetch_add(more, Ordering::Relaxed);
    }
}

impl Library {
    /// Creates the library of a site. `mode` is what templates see as `config.mode`; `config_fingerprint` covers
    /// everything that the configuration was read from.
    pub fn new(
        site: Site,
        world: Arc<dyn World>,
        templates: Arc<Templates>,
        highlighter: Arc<Highlighter>,
        mode: Mode,
        config_fingerprint: Fingerprint,
    ) -> Arc<Self> {
        let codes = site.config.languages().iter().map(|language| &language.code);
        let configs = codes
            .map(|lang| (lang.clone(), Value::from_serializable(&site.config.template_value(lang, mode))))
            .collect();
        Arc::new(Self {
            configs,
            stylesheets: Stylesheets::new(&site),
            whole_indexes: WholeIndexes::new(&site),
            work: Counters::default(),
            earlier_outlines: OnceLock::new(),
            outlines: PerContent::new(&site),
            bodies: PerContent::new(&site),
            listed_pages: OnceLock::new(),
            search_texts: SearchTexts::new(&site),
            values: (0..FieldMask::COUNT).map(|_| PerContent::new(&site)).collect(),
            page_lists: Mutex::default(),
            taxonomies: Mutex::default(),
            fingerprints: Mutex::default(),
            meta_fingerprints: PerContent::new(&site),
            thread_fingerprints: PerContent::new(&site),
            last_comments: std::iter::repeat_with(Mutex::default).take(rayon::current_num_threads().max(1)).collect(),
            results: Mutex::default(),
            remote: OnceLock::new(),
            images: Images::default(),
            file_metadata: Mutex::default(),
            site,
            world,
            templates,
            highlighter,
            mode,
            config_fingerprint,
        })
    }

    /// Supplies the body outlines of an earlier version of the site. Those whose dependencies have not changed are
    /// used.
    pub fn set_earlier_outlines(&self, bodies: RememberedBodies) {
        let _ = self.earlier_outlines.set(bodies);
    }

    /// Returns the metadata of a file at the first request; none if there was no file. A later change belongs to the
    /// next version of the site: it makes everything that was rendered from the file out of date.
    pub fn file_metadata(&self, path: &str) -> Option<FileMetadata> {
        if let Some(known) = lock(&self.file_metadata).get(path) {
            return *known;
        }
        let stamp = self.world.stamp(path);
        *lock(&self.file_metadata).entry(path.to_owned()).or_insert(stamp)
    }

    /// Sets the pages whose bodies appear in lists.
    pub fn set_listed(&self, pages: FxHashSet<PageId>) {
        let _ = self.listed_pages.set(pages);
    }

    /// Checks every body in parallel: its problems, and whether the anchors that it links to exist. Renders the bodies
    /// that have not been rendered yet.
    pub fn check_bodies(self: &Arc<Self>) -> Vec<Diagnostic> {
        let all: Vec<ContentId> = self.site.contents().collect();
        let all = || all.par_iter().with_max_len(AT_ONCE);
        let mut problems: Vec<_> = all().flat_map_iter(|&id| self.outline(id).problems.iter().cloned()).collect();
        problems.par_extend(all().flat_map_iter(|&id| body::broken_anchors(self, id)));
        body::with_suggestions(self, problems)
    }

    /// Returns the problems of the body of a page or section, as [`Library::check_bodies`] does.
    pub fn problems(self: &Arc<Self>, id: ContentId) -> Vec<Diagnostic> {
        body::with_suggestions(self, self.outline(id).problems.clone())
    }

    /// Returns the outline of the body of a page or section. Renders the body if there is no outline yet.
    pub fn outline(self: &Arc<Self>, id: ContentId) -> &BodyOutline {
        self.outlines.get(id).get_or_init(|| {
            let path = self.site.content(id).file.relative();
            let earlier = self.earlier_outlines.get().and_then(|bodies| bodies.get(path));
            if let Some(outline) = earlier.filter(|outline| self.are_up_to_date(&outline.dependencies)) {
                return outline.clone();
            }
            let (body, outline) = self.render_body_and_outline(id);
            // The output that requests the outline first often shows the body next.
            *lock(self.bodies.get(id).get_or_init(Mutex::default)) = Some(body.into());
            outline.into()
        })
    }

    /// Returns the outline of a body if it exists already.
    pub fn known_outline(&self, id: ContentId) -> Option<&Arc<BodyOutline>> {
        self.outlines.get(id).get()
    }

    /// Returns the outlines of all rendered bodies, for the next version of the site.
    pub fn bodies(&self) -> RememberedBodies {
        let known = self.site.contents().filter_map(|id| {
            let path = self.site.content(id).file.relative();
            let earlier = || self.earlier_outlines.get()?.get(path);
            let outline = self.known_outline(id).or_else(earlier)?;
            outline.problems.is_empty().then(|| (path.to_owned(), outline.clone()))
        });
        known.collect()
    }

    /// Renders a body, and stores its outline.
    pub(super) fn render_body(self: &Arc<Self>, id: ContentId) -> Body {
        let (body, outline) = self.render_body_and_outline(id);
        let _ = self.outlines.get(id).set(outline.into());
        body
    }

    fn render_body_and_outline(self: &Arc<Self>, id: ContentId) -> (Body, BodyOutline) {
        Counters::count(&self.work.bodies, 1);
        body::render(self, id)
    }

    fn body(self: &Arc<Self>, id: ContentId) -> Arc<Body> {
        let kept = self.bodies.get(id).get_or_init(Mutex::default);
        let known = lock(kept).take();
        // No lock is held while a body is rendered.
        let body = known.unwrap_or_else(|| self.render_body(id).into());
        let is_shown_again = match id {
            ContentId::Page(page) => self.listed_pages.get().is_some_and(|listed| listed.contains(&page)),
            // Each of its pagers can show it.
            ContentId::Section(_) => true,
        };
        if is_shown_again {
            *lock(kept) = Some(body.clone());
        }
        body
    }

    /// Returns the list of the pages of a term.
    pub fn term_set(&self, id: TaxonomyId, index: usize) -> PageSet {
        let taxonomy = self.site.taxonomy(id);
        PageSet::Term(taxonomy.lang.to_string(), taxonomy.kind.slug.clone(), taxonomy.terms[index].slug.clone())
    }

    /// Returns a taxonomy with its terms, as [`Reader::taxonomy`](super::Reader::taxonomy) does.
    pub(super) fn taxonomy(self: &Arc<Self>, id: TaxonomyId, limit: Option<usize>, pages: Option<FieldMask>) -> Value {
        let known = lock(&self.taxonomies).get(&(id, limit, pages)).cloned();
        if let Some(taxonomy) = known {
            return taxonomy;
        }
        let taxonomy = self.site.taxonomy(id);
        let term = |term: &Term| {
            let pages = pages.map(|fields| self.values(&term.pages, fields)).unwrap_or_default();
            values::term(term, &pages.into())
        };
        let terms: Vec<Value> = taxonomy.largest(limit).into_iter().map(term).collect();
        let value = values::taxonomy(taxonomy, &terms);
        lock(&self.taxonomies).insert((id, limit, pages), value.clone());
        value
    }

    /// Returns a list of pages that many outputs can request.
    pub(super) fn page_list(self: &Arc<Self>, set: &PageSet, pages: &[PageId], fields: FieldMask) -> Value {
        let known = lock(&self.page_lists).get(&(set.clone(), fields)).cloned();
        known.unwrap_or_else(|| {
            let list = Value::from(self.values(pages, fields));
            lock(&self.page_lists).insert((set.clone(), fields), list.clone());
            list
        })
    }

    /// Returns the values of some pages.
    pub(super) fn values(self: &Arc<Self>, pages: &[PageId], fields: FieldMask) -> Vec<Value> {
        pages.iter().map(|&id| self.value(ContentId::Page(id), fields)).collect()
    }

    /// Returns the pages that share the most terms with a page.
    pub(super) fn related(&self, id: PageId, limit: usize) -> Vec<PageId> {
        let (related, comparisons) = self.site.related(id, limit);
        Counters::count(&self.work.comparisons, comparisons);
        related
    }

    /// Returns the comments on a page or section.
    pub(super) fn comments(&self, id: ContentId) -> Arc<Comments> {
        let thread = rayon::current_thread_index().unwrap_or(0) % self.last_comments.len();
        let mut last = lock(&self.last_comments[thread]);
        match &*last {
            Some(comments) if comments.content == id => comments.clone(),
            _ => {
                let comments = Comments::of_content(&self.site, id);
                Counters::count(&self.work.comments, comments.count());
                last.insert(comments.into()).clone()
            }
        }
    }

    /// The text of each comment on a page or section for the search index, by its index.
    ///
    /// A first build reads a page for the search right after it rendered the page on the same thread, so that the HTML of
    /// its comments is still there. A later build renders the comments of the threads that changed a second time. To keep
    /// their texts until then would save little: after a change of a template every page is rendered again, the texts of
    /// all comments would be in memory, and the index needs none of them.
    pub fn comment_texts(&self, id: ContentId) -> impl Fn(usize) -> Text {
        let thread = rayon::current_thread_index().unwrap_or(0) % self.last_comments.len();
        let last = lock(&self.last_comments[thread]).clone().filter(|comments| comments.content == id);
        move |index| match last.as_ref().and_then(|comments| comments.html(index)) {
            Some(html) => Text::of(html),
            None => {
                Counters::count(&self.work.comments, 1);
                Text::of(&render_comment(&self.site.content(id).thread.comments[index].written.body))
            }
        }
    }

    /// Returns the newest comments of a language.
    pub(super) fn recent_comments(self: &Arc<Self>, lang: &str, limit: usize, with_texts: bool) -> Value {
        let recent = || self.site.recent_in(lang).take(limit);
        let make = || {
            if !with_texts {
                return recent().map(|comment| values::comment_outline(&self.site, comment)).collect::<Vec<_>>();
            }
            let mut of_threads: BTreeMap<ContentId, Vec<usize>> = BTreeMap::new();
            for comment in recent() {
                of_threads.entry(comment.content).or_default().push(comment.index);
            }
            let make = |(id, indices): (ContentId, Vec<usize>)| {
                let comments = Comments::with_replies(&self.site, id, &indices);
                Counters::count(&self.work.comments, comments.count());
                (id, comments)
            };
            let made: BTreeMap<ContentId, Comments> = of_threads.into_iter().map(make).collect();
            recent().flat_map(|comment| made[&comment.content].values(&[comment.index])).collect()
        };
        let made = self.cached(format!("comments {limit} {with_texts} {lang}"), || Ok::<_, Infallible>(make().into()));
        match made {
            Ok(comments) => comments,
            Err(never) => match never {},
        }
    }

    /// Returns a page or section for its own output, without caching what only this output shows.
    pub(super) fn own_value(self: &Arc<Self>, id: ContentId, fields: FieldMask) -> Value {
        match self.values[fields.index()].get(id).get() {
            Some(value) => value.clone(),
            None if fields == FieldMask::META => self.value(id, fields),
            None => self.with_fields(id, fields),
        }
    }

    pub(super) fn value(self: &Arc<Self>, id: ContentId, fields: FieldMask) -> Value {
        let make = || match fields {
            FieldMask::META => values::meta(&self.site, id),
            _ => self.with_fields(id, fields),
        };
        self.values[fields.index()].get(id).get_or_init(make).clone()
    }

    /// Returns a page or section with some fields in addition to its front matter.
    fn with_fields(self: &Arc<Self>, id: ContentId, fields: FieldMask) -> Value {
        let comments = fields.contains(FieldMask::THREADS).then(|| self.comments(id));
        let mut value = Fields::from_map(&self.value(id, FieldMask::META));
        values::describe(&self.site, id, fields, comments.as_deref(), &mut value);
        if fields.contains(FieldMask::CONTENT) {
            values::describe_body(&self.body(id), &mut value);
        }
        if fields.contains(FieldMask::SUMMARY) {
            values::describe_summary(self.outline(id).summary.as_deref(), &mut value);
        }
        if let (ContentId::Page(id), Some(fields)) = (id, fields.neighbour_mask()) {
            let page = self.site.page(id);
            for (key, neighbour) in [("lower", page.lower), ("higher", page.higher)] {
                let neighbour = neighbour.map(|id| self.value(ContentId::Page(id), fields));
                value.set_value(key, neighbour.into());
            }
        }
        value.into()
    }

    /// Returns the cached result of a query, or computes it with `make`.
    pub(super) fn cached<E>(&self, query: String, make: impl FnOnce() -> Result<Value, E>) -> Result<Value, E> {
        let known = |data: &Mutex<FxHashMap<String, Value>>| lock(data).get(&query).cloned();
        if let Some(value) = known(&self.results) {
            return Ok(value);
        }
        let value = make()?;
        lock(&self.results).insert(query, value.clone());
        Ok(value)
    }

    /// Returns the cached text for a query, such as a suggestion. A template makes the same query for each of its pages.
    pub(super) fn cached_text(&self, query: String, find: impl FnOnce() -> Option<String>) -> Option<String> {
        let text = self.cached(query, || Ok::<_, Infallible>(find().into()));
        text.unwrap_or_else(|never| match never {}).as_str().map(str::to_owned)
    }
}
