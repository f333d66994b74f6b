//! Readers: how renderings read the site.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use tera::{Error, Kwargs, TeraResult, Value};

use super::Library;
use super::closure::Closure;
use super::dependencies::{Dependencies, Dependency, FieldMask, PageSet, TermSet};
use super::reads::Access;
use super::remote::RemoteData;
use super::values::{self, Fields};
use crate::fetch::{FetchError, Response};
use crate::images::GeneratedImage;
use crate::site::{ContentId, LISTED_PARTS, PageId, SectionId, TaxonomyId};

/// Reads the site for one rendering, and records what it reads.
///
/// A rendering has no other access to the values of a [`Library`], and a reader stays on its thread. So nothing is read
/// without being recorded.
pub struct Reader {
    /// The values of the site.
    pub library: Arc<Library>,
    /// The closure of the template.
    pub closure: Arc<Closure>,
    /// The fields of pages that may be read, whatever the template reads.
    allowed: FieldMask,
    /// The language of the rendering.
    lang: RefCell<Option<String>>,
    /// The name of what is rendered, which no other rendering has, and the number of seeds made of it.
    seeds: Rc<RefCell<(String, usize)>>,
    dependencies: RefCell<Dependencies>,
    /// Whether the rendering has read an environment variable, which may be secret.
    has_secrets: Rc<Cell<bool>>,
    /// The images that the rendering has asked for, by the paths of their files.
    images: Rc<RefCell<BTreeMap<String, GeneratedImage>>>,
}

thread_local! {
    /// The readers of the current renderings, the innermost last. A rendering can start the rendering of another page's
    /// body.
    static READERS: RefCell<Vec<Rc<Reader>>> = const { RefCell::new(Vec::new()) };
}

impl Reader {
    /// Runs a rendering with a reader. Returns its result, and what it read.
    pub fn track<T>(
        library: &Arc<Library>,
        closure: &Arc<Closure>,
        allowed: FieldMask,
        render: impl FnOnce(&Self) -> T,
    ) -> (T, Dependencies) {
        let (library, closure) = (library.clone(), closure.clone());
        let (lang, seeds, dependencies) = (RefCell::default(), Rc::default(), RefCell::default());
        let (has_secrets, images) = (Rc::default(), Rc::default());
        Self { library, closure, allowed, lang, seeds, dependencies, has_secrets, images }.run(render)
    }

    fn run<T>(self, render: impl FnOnce(&Self) -> T) -> (T, Dependencies) {
        /// Removes the reader, even after a panic, so that the next rendering on this thread starts clean.
        struct ReaderGuard;
        impl Drop for ReaderGuard {
            fn drop(&mut self) {
                READERS.with_borrow_mut(Vec::pop);
            }
        }
        let reader = Rc::new(self);
        READERS.with_borrow_mut(|readers| readers.push(reader.clone()));
        let guard = ReaderGuard;
        let result = render(&reader);
        drop(guard);
        (result, reader.dependencies.take().sorted())
    }

    /// Returns the reader of the current rendering on this thread. Functions and filters need it, because Tera knows
    /// them before there is a site.
    ///
    /// # Errors
    /// No rendering is in progress.
    pub(super) fn current() -> TeraResult<Rc<Self>> {
        READERS
            .with_borrow(|readers| readers.last().cloned())
            .ok_or_else(|| Error::message("this can only be called while a site is rendered"))
    }

    /// Renders a part that has its own template. Its reads are recorded here.
    pub(super) fn with_closure<T>(&self, closure: &Arc<Closure>, render: impl FnOnce(&Self) -> T) -> T {
        let (library, closure, lang) = (self.library.clone(), closure.clone(), self.lang.clone());
        let (seeds, dependencies, images) = (self.seeds.clone(), RefCell::default(), self.images.clone());
        let (allowed, has_secrets) = (self.allowed, self.has_secrets.clone());
        let part = Self { library, closure, allowed, lang, seeds, dependencies, has_secrets, images };
        let (result, dependencies) = part.run(render);
        dependencies.iter().for_each(|dependency| self.record(dependency.clone()));
        result
    }

    /// Whether the rendering is that of a body, which knows no other bodies.
    pub(super) fn is_of_body(&self) -> bool {
        !self.allowed.contains(FieldMask::CONTENT)
    }

    /// Sets the language of the rendering. A function that is called inside of a component does not see the variable
    /// `lang` of the output.
    pub fn set_lang(&self, lang: &str) {
        *self.lang.borrow_mut() = Some(lang.to_owned());
    }

    /// Sets the name of what is rendered, the path of an address or of a document. Its seeds begin with the first one.
    pub fn set_subject(&self, path: &str) {
        *self.seeds.borrow_mut() = (path.to_owned(), 0);
    }

    /// Returns a seed for random numbers: in every build the same seeds for the same rendering, and each time another one.
    pub(super) fn next_seed(&self) -> String {
        let (subject, count) = &mut *self.seeds.borrow_mut();
        *count += 1;
        format!("{subject} {count}")
    }

    /// Returns the language of the rendering.
    pub(super) fn lang(&self) -> Option<String> {
        self.lang.borrow().clone()
    }

    /// Records a dependency.
    pub fn record(&self, dependency: Dependency) {
        if let Dependency::File(path) = &dependency {
            // Before the file is read, so that later changes are noticed.
            self.library.file_metadata(path);
        }
        if let Dependency::Environment(_) = &dependency {
            self.has_secrets.set(true);
        }
        self.dependencies.borrow_mut().add(dependency);
    }

    /// Loads data from another server. The build remembers the request, so that it can ask again whether the response changed;
    /// not one that may have a secret in it.
    pub(super) fn remote_data(&self, data: RemoteData) -> Result<Arc<Response>, FetchError> {
        let response = self.library.remote_data(&data);
        self.record(Dependency::Config);
        match self.has_secrets.get() {
            false => self.record(Dependency::Remote(data.into())),
            true => self.record(Dependency::PrivateRemote(data.request()?.fingerprint())),
        }
        response
    }

    /// The file that is published as it is at a path of the site.
    pub fn published_file(&self, path: &str) -> Option<String> {
        self.record(Dependency::Published(path.to_owned()));
        let file = self.library.published_file(path)?.to_owned();
        self.record(Dependency::File(file.clone()));
        Some(file)
    }

    /// Records an image that has to be there, and gives the path of its file.
    pub fn request_image(&self, image: impl Into<GeneratedImage>) -> String {
        let image = image.into();
        let path = image.path();
        self.record(Dependency::Image(image.clone().into()));
        self.library.expect_image(&path, &image);
        self.images.borrow_mut().insert(path.clone(), image);
        path
    }

    /// An image that this rendering has asked for, by the path of its file.
    pub fn requested_image(&self, path: &str) -> Option<GeneratedImage> {
        self.images.borrow().get(path).cloned()
    }

    /// Returns what the template reads of a variable.
    pub fn variable(&self, name: &str) -> &Access {
        self.closure.reads.variable(name)
    }

    /// Returns what the template reads of a function's results: the fields that `mask` returns for each call.
    pub(super) fn call_mask(
        &self,
        function: &str,
        arguments: &Kwargs,
        mask: impl Fn(&Access) -> FieldMask,
    ) -> FieldMask {
        self.closure.reads.call(function, arguments).fold(FieldMask::META, |all, access| all | mask(access))
    }

    /// The same for fields that some calls do not read at all.
    pub(super) fn optional_call_mask(
        &self,
        function: &str,
        arguments: &Kwargs,
        mask: impl Fn(&Access) -> Option<FieldMask>,
    ) -> Option<FieldMask> {
        self.closure.reads.call(function, arguments).filter_map(mask).reduce(|all, mask| all | mask)
    }

    /// Whether the template reads something of the result of any call of a function.
    pub(super) fn reads_result(&self, function: &str, arguments: &Kwargs, looks_at: impl Fn(&Access) -> bool) -> bool {
        self.closure.reads.call(function, arguments).any(looks_at)
    }

    /// Whether nothing is looked at in the results of a function's calls but what the filter `date` writes.
    pub(super) fn is_formatted(&self, function: &str, arguments: &Kwargs) -> bool {
        let mut calls = self.closure.reads.call(function, arguments).peekable();
        calls.peek().is_some() && calls.all(Access::is_formatted)
    }

    /// Returns the configuration in a language.
    pub fn config(&self, lang: &str) -> Value {
        self.record(Dependency::Config);
        self.library.configs.get(lang).cloned().unwrap_or_else(Value::none)
    }

    /// Returns the dependencies of a page's or section's entry in the search index.
    pub fn search_dependencies(library: &Arc<Library>, id: ContentId) -> Dependencies {
        let record = |reader: &Self| reader.record_for_search(id, FieldMask::OWN);
        Self::track(library, &Arc::default(), FieldMask::ALL, record).1
    }

    /// Records what the search index reads of a page or section.
    pub fn record_for_search(&self, id: ContentId, fields: FieldMask) {
        self.record(Dependency::Config);
        self.record_content(id, fields);
        if let Some(&section) = self.library.site.content(id).ancestors.last() {
            self.record_content(ContentId::Section(section), FieldMask::META);
        }
    }

    /// Returns a page or section with some fields.
    pub fn content(&self, id: ContentId, fields: FieldMask) -> Value {
        let fields = self.record_content(id, fields);
        self.library.value(id, fields)
    }

    fn record_content(&self, id: ContentId, fields: FieldMask) -> FieldMask {
        let fields = fields.intersection(self.allowed);
        self.record(Dependency::Content(self.library.site.content(id).source.path.clone(), fields));
        fields
    }

    /// Returns a page or section for its own output, which no other output needs.
    pub fn own_content(&self, id: ContentId, fields: FieldMask) -> Value {
        let fields = self.record_content(id, fields);
        self.library.own_value(id, fields)
    }

    /// Returns a section with its pages, if these are read; with a limit, only the first ones.
    pub fn section(&self, id: SectionId, (section, fields): (Value, Option<FieldMask>), limit: Option<usize>) -> Value {
        let Some(fields) = fields else { return section };
        let pages = self.library.site.section(id).pages.as_slice();
        let set = PageSet::Section(self.library.site.section(id).content.source.path.clone());
        let (set, pages) = match limit {
            Some(limit) => (PageSet::First(set.into(), limit), &pages[..limit.min(pages.len())]),
            None => (set, pages),
        };
        let mut section = Fields::from_map(&section);
        section.set_value("pages", self.page_list(set, pages, fields));
        section.into()
    }

    /// Returns the pages of a list that many outputs can request.
    fn page_list(&self, set: PageSet, pages: &[PageId], fields: FieldMask) -> Value {
        let fields = self.record_pages(set.clone(), fields);
        self.library.page_list(&set, pages, fields)
    }

    /// Returns the pages of a list.
    pub fn pages(&self, set: PageSet, pages: &[PageId], fields: FieldMask) -> Vec<Value> {
        let fields = self.record_pages(set, fields);
        self.library.values(pages, fields)
    }

    fn record_pages(&self, set: PageSet, fields: FieldMask) -> FieldMask {
        let fields = fields.intersection(self.allowed);
        self.record(Dependency::Pages(set, fields));
        fields
    }

    /// Returns a taxonomy with its terms; with their pages, if these are read, and only the largest terms, if there is
    /// a limit.
    pub fn taxonomy(&self, id: TaxonomyId, limit: Option<usize>, pages: Option<FieldMask>) -> Value {
        let taxonomy = self.library.site.taxonomy(id);
        let pages = pages.map(|pages| pages.intersection(self.allowed));
        let (lang, slug) = (taxonomy.lang.to_string(), taxonomy.kind.slug.clone());
        self.record(Dependency::Terms(TermSet { lang, taxonomy: slug, limit }, pages));
        self.library.taxonomy(id, limit, pages)
    }

    /// Returns a term; with its pages, if these are read.
    pub fn term(&self, id: TaxonomyId, index: usize, pages: Option<FieldMask>) -> Value {
        let set = self.library.term_set(id, index);
        self.record(Dependency::PageCount(set.clone()));
        let term = &self.library.site.taxonomy(id).terms[index];
        let pages = pages.map(|fields| self.page_list(set, &term.pages, fields));
        values::term(term, &pages.unwrap_or_else(|| Vec::<Value>::new().into()))
    }

    /// Returns the pages that share the most terms with a page.
    pub fn related(&self, id: PageId, limit: usize, fields: FieldMask) -> Vec<Value> {
        let path = self.library.site.page(id).content.source.path.clone();
        self.pages(PageSet::Related(path, limit), &self.library.related(id, limit), fields)
    }

    /// Returns the series of a page, or none. The array has the fields that the template reads of the listed parts, the previous
    /// part and the next part; none for parts that it does not read.
    pub fn series(&self, id: PageId, [listed, previous, next]: [Option<FieldMask>; 3]) -> Value {
        let path = &self.library.site.page(id).content.source.path;
        self.record(Dependency::Series(path.clone()));
        let Some(series) = self.library.site.place_in_series(id) else { return Value::none() };
        let parts = |before, after, fields: Option<FieldMask>| {
            let set = PageSet::Series { path: path.clone(), before, after };
            fields.map(|fields| self.pages(set, &series.pages[series.near(before, after)], fields)).unwrap_or_default()
        };
        let has = |part: bool, fields: Option<FieldMask>| fields.filter(|_| part);
        let parts = values::Parts {
            listed: parts(LISTED_PARTS, LISTED_PARTS, listed),
            previous: parts(1, 0, has(series.place > 0, previous)).into_iter().next(),
            next: parts(0, 1, has(series.place + 1 < series.pages.len(), next)).pop(),
        };
        values::series(&series, &parts)
    }

    /// Returns the newest comments of a language.
    pub fn recent_comments(&self, lang: &str, limit: usize, with_texts: bool) -> Value {
        self.record(Dependency::RecentComments { lang: lang.to_owned(), limit, with_texts });
        self.library.recent_comments(lang, limit, with_texts)
    }

    /// Returns some comments on a page or section, by their indices.
    pub fn comments(&self, id: ContentId, indices: &[usize]) -> Vec<Value> {
        self.record(Dependency::Thread(self.library.site.content(id).source.path.clone()));
        self.library.comments(id).values(indices)
    }
}
