//! The library: everything that templates can read of a site, made on first need, once, and shared.
//!
//! Front matter and relations come from the linked site as they are. Bodies are rendered when something looks into
//! them. Whoever takes a value out of here has that noted in its [`Record`].

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, OnceLock};

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use tera::Value;

use super::Templates;
use super::body::{self, Body, Note};
use super::record::{self, Facets, Fact, List, Record};
use super::values::{self, Comments, Fields};
use crate::config::Mode;
use crate::config::search::IndexFormat;
use crate::diagnostic::Diagnostic;
use crate::locks::lock;
use crate::markdown::Highlighter;
use crate::parallel::AT_ONCE;
use crate::search::{self, Text, whole};
use crate::site::{ContentId, Page, PageId, SectionId, Site, TaxonomyId};
use crate::source::{Fingerprint, World};

/// Everything that templates can read.
pub struct Library {
    /// The linked site.
    pub site: Site,
    /// Where the files of the site are.
    pub world: Arc<dyn World>,
    /// The compiled templates.
    pub templates: Arc<Templates>,
    /// Colours for code.
    pub highlighter: Arc<Highlighter>,
    /// What the site is rendered for.
    pub mode: Mode,
    /// The fingerprint of the configuration and of everything that was read for it.
    pub(super) config_print: Fingerprint,
    configs: BTreeMap<String, Value>,
    notes: PerContent<Note>,
    /// The bodies that lists show. Those that only their own page shows are not kept: with ten thousand pages they would
    /// be most of the memory of a build.
    bodies: PerContent<Arc<Body>>,
    /// What the bodies say that were rendered, until the search takes it.
    texts: PerContent<Mutex<Option<Said>>>,
    values: [PerContent<Value>; Facets::COUNT],
    terms: [Vec<OnceLock<Vec<Value>>>; Facets::COUNT],
    section_pages: [Vec<OnceLock<Value>>; Facets::COUNT],
    taxonomies: [Vec<OnceLock<Value>>; Facets::COUNT],
    pub(super) meta_prints: PerContent<Fingerprint>,
    pub(super) thread_prints: PerContent<Fingerprint>,
    /// For each thread of the build the comments that it made last. A page and the feed of its comments are made one after
    /// the other, and what most of their comments cost is the same for both; to keep them all would be too much.
    last_comments: Vec<Mutex<Option<Arc<Comments>>>>,
    /// Data files that were loaded, by what was asked for.
    pub(super) data: Mutex<FxHashMap<String, Value>>,
}

/// What a body says, as the search of its language wants it.
enum Said {
    /// For an index of ours.
    Passages(Text),
    /// For one of Zola's formats.
    Plain(String),
}

/// A value for each page and section, made on first need. So is the room for them: of many kinds of values no site has any.
#[derive(Debug)]
pub struct PerContent<T> {
    pages: usize,
    sections: usize,
    made: OnceLock<Room<T>>,
}

#[derive(Debug)]
struct Room<T> {
    pages: Vec<OnceLock<T>>,
    sections: Vec<OnceLock<T>>,
}

impl<T> PerContent<T> {
    /// None of them is made yet.
    pub fn new(site: &Site) -> Self {
        Self { pages: site.pages.len(), sections: site.sections.len(), made: OnceLock::new() }
    }

    /// The place of one.
    pub fn get(&self, id: ContentId) -> &OnceLock<T> {
        let made = self.made.get_or_init(|| Room { pages: empty(self.pages), sections: empty(self.sections) });
        match id {
            ContentId::Page(PageId(index)) => &made.pages[index],
            ContentId::Section(SectionId(index)) => &made.sections[index],
        }
    }
}

fn empty<T>(count: usize) -> Vec<OnceLock<T>> {
    std::iter::repeat_with(OnceLock::new).take(count).collect()
}

fn per_facets<T>(count: usize) -> [Vec<OnceLock<T>>; Facets::COUNT] {
    std::array::from_fn(|_| empty(count))
}

/// Puts the pages beside a page into its fields.
fn set_neighbours(fields: &mut Fields, page: &Page, value: impl Fn(ContentId) -> Value) {
    for (key, neighbour) in [("lower", page.lower), ("higher", page.higher)] {
        fields.set(key, neighbour.map(|id| value(ContentId::Page(id))));
    }
}

impl Library {
    /// A library of a site. `mode` is what templates see as `config.mode`; `config_print` is the fingerprint of everything
    /// that the configuration was read from.
    pub fn new(
        site: Site,
        world: Arc<dyn World>,
        templates: Arc<Templates>,
        highlighter: Arc<Highlighter>,
        mode: Mode,
        config_print: Fingerprint,
    ) -> Arc<Self> {
        let codes = site.config.languages().iter().map(|language| &language.code);
        let configs = codes
            .map(|lang| (lang.clone(), Value::from_serializable(&site.config.template_value(lang, mode))))
            .collect();
        Arc::new(Self {
            configs,
            notes: PerContent::new(&site),
            bodies: PerContent::new(&site),
            texts: PerContent::new(&site),
            values: std::array::from_fn(|_| PerContent::new(&site)),
            section_pages: per_facets(site.sections.len()),
            terms: per_facets(site.taxonomies.len()),
            taxonomies: per_facets(site.taxonomies.len()),
            meta_prints: PerContent::new(&site),
            thread_prints: PerContent::new(&site),
            last_comments: std::iter::repeat_with(Mutex::default).take(rayon::current_num_threads().max(1)).collect(),
            data: Mutex::default(),
            site,
            world,
            templates,
            highlighter,
            mode,
            config_print,
        })
    }

    /// Checks every body, in parallel: what is wrong with it, and whether the anchors are there that it links to. Those
    /// that nobody has looked into yet are rendered for it.
    pub fn check_bodies(self: &Arc<Self>) -> Vec<Diagnostic> {
        let all: Vec<ContentId> = self.site.contents().collect();
        let all = || all.par_iter().with_max_len(AT_ONCE);
        let mut problems: Vec<_> = all().flat_map_iter(|&id| self.note(id).problems.iter().cloned()).collect();
        problems.par_extend(all().flat_map_iter(|&id| body::broken_anchors(self, id)));
        body::advised(self, problems)
    }

    /// What is wrong with the body of a page or section, as [`Library::check_bodies`] says it.
    pub fn problems_of(self: &Arc<Self>, id: ContentId) -> Vec<Diagnostic> {
        body::advised(self, self.note(id).problems.clone())
    }

    /// What is known of the body of a page or section. It is rendered for that if nobody has done so yet.
    pub fn note(self: &Arc<Self>, id: ContentId) -> &Note {
        self.notes.get(id).get_or_init(|| body::render(self, id).1)
    }

    /// What is known of a body so far.
    pub fn known_note(&self, id: ContentId) -> Option<&Note> {
        self.notes.get(id).get()
    }

    /// Takes over what an earlier build knew of a body that has not changed.
    pub fn remember_note(&self, id: ContentId, note: Note) {
        let _ = self.notes.get(id).set(note);
    }

    /// What a body says. It is rendered for that if it was not, or if somebody has taken its text already.
    pub fn take_text(self: &Arc<Self>, id: ContentId) -> Text {
        match self.take_said(id) {
            Some(Said::Passages(text)) => text,
            _ => Text::default(),
        }
    }

    /// The same in one piece, if its language has an index of one of Zola's formats.
    pub fn take_plain_text(self: &Arc<Self>, id: ContentId) -> String {
        match self.take_said(id) {
            Some(Said::Plain(text)) => text,
            _ => String::new(),
        }
    }

    fn take_said(self: &Arc<Self>, id: ContentId) -> Option<Said> {
        let take = || lock(self.texts.get(id).get()?).take();
        take().or_else(|| {
            let (_, note) = body::render(self, id);
            let _ = self.notes.get(id).set(note);
            take()
        })
    }

    /// Keeps what a body says for the search.
    pub(super) fn keep_text(&self, id: ContentId, html: &str) {
        let language = self.site.config.language(self.site.content(id).lang());
        let Some(language) = language.filter(|it| it.build_search_index && self.mode != Mode::Check) else { return };
        let said = match language.search.index_format {
            IndexFormat::Causerie if search::finds(&self.site, id) => Said::Passages(Text::of(html)),
            IndexFormat::Causerie => return,
            _ if language.search.include_content && whole::finds(&self.site, id) => {
                Said::Plain(whole::plain_text(html))
            }
            _ => return,
        };
        *lock(self.texts.get(id).get_or_init(Mutex::default)) = Some(said);
    }

    /// What the search keeps of a page or section depends on: everything that it reads for that.
    pub fn search_record(self: &Arc<Self>, id: ContentId) -> Record {
        self.recording(Facets::META, || self.note_for_search(id, Facets::WHOLE)).1
    }

    /// Notes for the rendering in progress what the search reads of a page or section.
    pub fn note_for_search(self: &Arc<Self>, id: ContentId, facets: Facets) {
        record::note(Fact::Config);
        self.note_content(id, facets);
        if let Some(&section) = self.site.content(id).ancestors.last() {
            self.note_content(ContentId::Section(section), Facets::META);
        }
    }

    fn body(self: &Arc<Self>, id: ContentId) -> Arc<Body> {
        if let Some(body) = self.bodies.get(id).get() {
            return body.clone();
        }
        let (body, note) = body::render(self, id);
        let _ = self.notes.get(id).set(note);
        body.into()
    }

    /// The configuration as templates see it in a language.
    pub fn config(&self, lang: &str) -> Value {
        record::note(Fact::Config);
        self.configs.get(lang).cloned().unwrap_or_else(Value::none)
    }

    /// A page or section as templates see it in a list.
    pub fn content(self: &Arc<Self>, id: ContentId, facets: Facets) -> Value {
        self.note_content(id, facets);
        self.value(id, facets)
    }

    /// A page with its neighbours.
    pub fn page(self: &Arc<Self>, id: PageId, own: Facets, neighbours: Facets) -> Value {
        let page = self.site.page(id);
        record::note(Fact::List(List::Neighbours(page.content.source.path.clone()), Facets::META));
        let mut fields = self.once(ContentId::Page(id), own);
        set_neighbours(&mut fields, page, |id| self.content(id, neighbours));
        fields.into()
    }

    /// A section with its pages.
    pub fn section(self: &Arc<Self>, id: SectionId, own: Facets, pages: Facets) -> Value {
        let section = self.site.section(id);
        self.note_list(List::Section(section.content.source.path.clone()), &section.pages, pages);
        let mut fields = self.once(ContentId::Section(id), own);
        let list = self.section_pages[pages.index()][id.0].get_or_init(|| self.values(&section.pages, pages).into());
        fields.set("pages", list.clone());
        fields.into()
    }

    /// A taxonomy with its terms and their pages.
    pub fn taxonomy(self: &Arc<Self>, id: TaxonomyId, facets: Facets) -> Value {
        let taxonomy = self.site.taxonomy(id);
        record::note(Fact::List(List::Taxonomy(taxonomy.lang.to_string(), taxonomy.kind.slug.clone()), facets));
        if facets.contains(Facets::WHOLE) {
            taxonomy.terms.iter().for_each(|term| self.include_bodies(&term.pages));
        }
        self.taxonomies[facets.index()][id.0].get_or_init(|| values::taxonomy(taxonomy, self.terms(id, facets))).clone()
    }

    /// One term with its pages.
    pub fn term(self: &Arc<Self>, id: TaxonomyId, index: usize, facets: Facets) -> Value {
        let term = &self.site.taxonomy(id).terms[index];
        self.note_list(self.term_list(id, index), &term.pages, facets);
        self.terms(id, facets)[index].clone()
    }

    /// One term without its pages, but with their number.
    pub fn term_alone(self: &Arc<Self>, id: TaxonomyId, index: usize) -> Value {
        record::note(Fact::List(List::Outline(self.term_list(id, index).into()), Facets::META));
        values::term(&self.site.taxonomy(id).terms[index], Vec::new())
    }

    /// The list of the pages of a term.
    pub fn term_list(&self, id: TaxonomyId, index: usize) -> List {
        let taxonomy = self.site.taxonomy(id);
        List::Term(taxonomy.lang.to_string(), taxonomy.kind.slug.clone(), taxonomy.terms[index].slug.clone())
    }

    fn terms(self: &Arc<Self>, id: TaxonomyId, facets: Facets) -> &[Value] {
        self.terms[facets.index()][id.0].get_or_init(|| {
            let terms = &self.site.taxonomy(id).terms;
            terms.iter().map(|term| values::term(term, self.values(&term.pages, facets))).collect()
        })
    }

    /// The pages of a list. Notes the list.
    pub fn list(self: &Arc<Self>, list: List, pages: &[PageId], facets: Facets) -> Vec<Value> {
        self.note_list(list, pages, facets);
        self.values(pages, facets)
    }

    fn note_list(self: &Arc<Self>, list: List, pages: &[PageId], facets: Facets) {
        record::note(Fact::List(list, facets));
        if facets.contains(Facets::WHOLE) {
            self.include_bodies(pages);
        }
    }

    /// What their bodies read, whoever shows them has read.
    fn include_bodies(self: &Arc<Self>, pages: &[PageId]) {
        for &id in pages {
            record::include(&self.note(ContentId::Page(id)).record);
        }
    }

    fn values(self: &Arc<Self>, pages: &[PageId], facets: Facets) -> Vec<Value> {
        pages.iter().map(|&id| self.value(ContentId::Page(id), facets)).collect()
    }

    /// Some of the comments on a page or section, by their indices.
    pub fn some_comments(&self, id: ContentId, indices: &[usize]) -> Vec<Value> {
        self.comments(id).some(indices)
    }

    /// The comments on a page or section.
    fn comments(&self, id: ContentId) -> Arc<Comments> {
        let thread = rayon::current_thread_index().unwrap_or(0) % self.last_comments.len();
        let mut last = lock(&self.last_comments[thread]);
        match &*last {
            Some(comments) if comments.content == id => comments.clone(),
            _ => last.insert(Comments::on(&self.site, id).into()).clone(),
        }
    }

    /// The newest comments of a language.
    pub fn recent_comments(self: &Arc<Self>, lang: &str, limit: usize) -> Value {
        record::note(Fact::List(List::Comments(lang.to_owned(), limit), Facets::META));
        let recent = || {
            let mut of_threads: BTreeMap<ContentId, Vec<usize>> = BTreeMap::new();
            for comment in self.site.recent_in(lang).take(limit) {
                of_threads.entry(comment.content).or_default().push(comment.index);
            }
            let make = |(id, indices): (ContentId, Vec<usize>)| (id, Comments::from(&self.site, id, &indices));
            let made: BTreeMap<ContentId, Comments> = of_threads.into_iter().map(make).collect();
            let recent = self.site.recent_in(lang).take(limit);
            recent.flat_map(|comment| made[&comment.content].some(&[comment.index])).collect::<Vec<_>>()
        };
        let made = self.remember(format!("comments {limit} {lang}"), || Ok::<_, Infallible>(recent().into()));
        match made {
            Ok(comments) => comments,
            Err(never) => match never {},
        }
    }

    fn note_content(self: &Arc<Self>, id: ContentId, facets: Facets) {
        record::note(Fact::Content(self.site.content(id).source.path.clone(), facets));
        if facets.contains(Facets::WHOLE) {
            record::include(&self.note(id).record);
        }
    }

    /// A page or section for its own output alone. A body that no list shows is not kept.
    fn once(self: &Arc<Self>, id: ContentId, facets: Facets) -> Fields {
        if facets.contains(Facets::WHOLE) && self.values[facets.index()].get(id).get().is_none() {
            let body = self.body(id);
            self.note_content(id, facets);
            return self.with_facets(id, facets, Some(&body));
        }
        Fields::of(&self.content(id, facets))
    }

    fn with_facets(self: &Arc<Self>, id: ContentId, facets: Facets, body: Option<&Body>) -> Fields {
        let meta = self.value(id, Facets::META);
        let comments = body.map(|_| self.comments(id));
        let mut fields = values::with_facets(&self.site, id, &meta, facets, body.zip(comments.as_deref()));
        if let (ContentId::Page(id), true) = (id, facets.contains(Facets::NEIGHBOURS)) {
            set_neighbours(&mut fields, self.site.page(id), |id| self.value(id, Facets::META));
        }
        fields
    }

    fn value(self: &Arc<Self>, id: ContentId, facets: Facets) -> Value {
        let made = self.values[facets.index()].get(id).get_or_init(|| {
            if facets == Facets::META {
                return values::meta(&self.site, id);
            }
            let body = facets.contains(Facets::WHOLE).then(|| self.bodies.get(id).get_or_init(|| self.body(id)));
            self.with_facets(id, facets, body.map(|body| &**body)).into()
        });
        made.clone()
    }

    /// What was made for a question before, or what `make` makes of it now.
    pub(super) fn remember<E>(&self, question: String, make: impl FnOnce() -> Result<Value, E>) -> Result<Value, E> {
        let remembered = |data: &Mutex<FxHashMap<String, Value>>| lock(data).get(&question).cloned();
        if let Some(value) = remembered(&self.data) {
            return Ok(value);
        }
        let value = make()?;
        lock(&self.data).insert(question, value.clone());
        Ok(value)
    }

    /// What was probably meant by a question that has no answer. A template asks the same for each of its pages.
    pub(super) fn guess(&self, question: String, find: impl FnOnce() -> Option<String>) -> Option<String> {
        let guess = self.remember(question, || Ok::<_, Infallible>(find().into()));
        guess.unwrap_or_else(|never| match never {}).as_str().map(str::to_owned)
    }

    /// Runs the rendering of an output, and gives back with its result what it read.
    pub fn recording<T>(self: &Arc<Self>, facets: Facets, render: impl FnOnce() -> T) -> (T, Record) {
        record::recording(self, facets, render)
    }
}
