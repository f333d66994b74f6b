//! The library: everything that templates can read of a site, made on first need, once, and shared.
//!
//! Front matter and relations come from the linked site as they are. Bodies are rendered when something looks into
//! them. Whoever takes a value out of here has that noted in its [`Record`].

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use tera::Value;

use super::Templates;
use super::body::Body;
use super::record::{self, Facet, Fact, List, Record};
use super::values;
use crate::config::Mode;
use crate::diagnostic::Diagnostic;
use crate::markdown::Highlighter;
use crate::site::{ContentId, PageId, SectionId, Site, TaxonomyId};
use crate::source::World;

/// Everything that templates can read.
pub struct Library {
    /// The linked site.
    pub site: Site,
    /// Where the files of the site are.
    pub world: Arc<dyn World>,
    /// The compiled templates.
    pub templates: Templates,
    /// Colours for code.
    pub highlighter: Highlighter,
    configs: BTreeMap<String, Value>,
    bodies: PerContent<Body>,
    meta: PerContent<Value>,
    whole: PerContent<Value>,
    section_pages: [Vec<OnceLock<Value>>; 2],
    terms: [Vec<OnceLock<Vec<Value>>>; 2],
    taxonomies: [Vec<OnceLock<Value>>; 2],
    /// Data files that were loaded, by what was asked for.
    pub(super) data: Mutex<FxHashMap<String, Value>>,
}

/// A value for each page and section, made on first need.
struct PerContent<T> {
    pages: Vec<OnceLock<T>>,
    sections: Vec<OnceLock<T>>,
}

impl<T> PerContent<T> {
    fn new(site: &Site) -> Self {
        Self { pages: empty(site.pages.len()), sections: empty(site.sections.len()) }
    }

    fn get(&self, id: ContentId) -> &OnceLock<T> {
        match id {
            ContentId::Page(PageId(index)) => &self.pages[index],
            ContentId::Section(SectionId(index)) => &self.sections[index],
        }
    }
}

fn empty<T>(count: usize) -> Vec<OnceLock<T>> {
    std::iter::repeat_with(OnceLock::new).take(count).collect()
}

fn per_facet<T>(count: usize) -> [Vec<OnceLock<T>>; 2] {
    [empty(count), empty(count)]
}

impl Library {
    /// A library of a site. `mode` is what templates see as `config.mode`.
    pub fn new(
        site: Site,
        world: Arc<dyn World>,
        templates: Templates,
        highlighter: Highlighter,
        mode: Mode,
    ) -> Arc<Self> {
        let codes = site.config.languages().iter().map(|language| &language.code);
        let configs = codes
            .map(|lang| (lang.clone(), Value::from_serializable(&site.config.template_value(lang, mode))))
            .collect();
        Arc::new(Self {
            configs,
            bodies: PerContent::new(&site),
            meta: PerContent::new(&site),
            whole: PerContent::new(&site),
            section_pages: per_facet(site.sections.len()),
            terms: per_facet(site.taxonomies.len()),
            taxonomies: per_facet(site.taxonomies.len()),
            data: Mutex::default(),
            site,
            world,
            templates,
            highlighter,
        })
    }

    /// Renders every body, in parallel, and tells what is wrong with them: a check of everything, and for a build
    /// that needs them all the quickest order.
    pub fn render_bodies(self: &Arc<Self>) -> Vec<Diagnostic> {
        let all: Vec<ContentId> = self.site.contents().collect();
        let mut problems: Vec<Diagnostic> =
            all.par_iter().flat_map_iter(|&id| self.body(id).problems.iter().cloned()).collect();
        problems.par_extend(all.par_iter().flat_map_iter(|&id| super::body::broken_anchors(self, id)));
        problems
    }

    /// The rendered Markdown of a page or section.
    pub fn body(self: &Arc<Self>, id: ContentId) -> &Body {
        self.bodies.get(id).get_or_init(|| Body::render(self, id))
    }

    /// The configuration as templates see it in a language.
    pub fn config(&self, lang: &str) -> Value {
        record::note(Fact::Config(lang.to_owned()));
        self.configs.get(lang).cloned().unwrap_or_else(Value::none)
    }

    /// A page or section as templates see it in a list.
    pub fn content(self: &Arc<Self>, id: ContentId, facet: Facet) -> Value {
        self.note_content(id, facet);
        self.value(id, facet)
    }

    /// A page with its neighbours.
    pub fn page(self: &Arc<Self>, id: PageId, own: Facet, neighbours: Facet) -> Value {
        let page = self.site.page(id);
        let mut map = self.content(ContentId::Page(id), own).into_map().unwrap_or_default();
        for (key, neighbour) in [("lower", page.lower), ("higher", page.higher)] {
            let value = neighbour.map(|id| self.content(ContentId::Page(id), neighbours));
            map.insert(key.into(), value.into());
        }
        map.into()
    }

    /// A section with its pages.
    pub fn section(self: &Arc<Self>, id: SectionId, own: Facet, pages: Facet) -> Value {
        let path = self.site.section(id).content.file.relative().to_owned();
        record::note(Fact::List(List::Section(path), pages));
        let mut map = self.content(ContentId::Section(id), own).into_map().unwrap_or_default();
        let list = self.section_pages[pages as usize][id.0]
            .get_or_init(|| self.values(self.site.section(id).pages.iter().copied(), pages).into());
        map.insert("pages".into(), list.clone());
        map.into()
    }

    /// A taxonomy with its terms and their pages.
    pub fn taxonomy(self: &Arc<Self>, id: TaxonomyId, facet: Facet) -> Value {
        let taxonomy = self.site.taxonomy(id);
        record::note(Fact::List(List::Taxonomy(taxonomy.lang.to_string(), taxonomy.kind.slug.clone()), facet));
        self.taxonomies[facet as usize][id.0]
            .get_or_init(|| values::taxonomy(taxonomy, self.terms(id, facet).to_vec()))
            .clone()
    }

    /// One term with its pages.
    pub fn term(self: &Arc<Self>, id: TaxonomyId, index: usize, facet: Facet) -> Value {
        let taxonomy = self.site.taxonomy(id);
        let slug = taxonomy.terms[index].slug.clone();
        record::note(Fact::List(List::Term(taxonomy.lang.to_string(), taxonomy.kind.slug.clone(), slug), facet));
        self.terms(id, facet)[index].clone()
    }

    fn terms(self: &Arc<Self>, id: TaxonomyId, facet: Facet) -> &[Value] {
        self.terms[facet as usize][id.0].get_or_init(|| {
            let terms = &self.site.taxonomy(id).terms;
            terms.iter().map(|term| values::term(term, self.values(term.pages.iter().copied(), facet))).collect()
        })
    }

    /// The values of some pages. What they are part of notes the fact.
    pub fn values(self: &Arc<Self>, pages: impl Iterator<Item = PageId>, facet: Facet) -> Vec<Value> {
        pages.map(|id| self.value(ContentId::Page(id), facet)).collect()
    }

    /// One comment, with the page or section that it was made at.
    pub fn comment(self: &Arc<Self>, id: ContentId, index: usize) -> Value {
        let mut fields = values::comment(&self.site, id, index, Vec::new());
        fields.set("page", values::backlink(&self.site, id));
        fields.into()
    }

    /// The newest comments of a language.
    pub fn recent_comments(self: &Arc<Self>, lang: &str, limit: usize) -> Value {
        self.note(Fact::List(List::Comments(lang.to_owned()), Facet::Whole));
        let site = &self.site;
        let recent = || {
            let recent = site.recent.iter().filter(|comment| site.content(comment.content).lang() == lang);
            recent.take(limit).map(|comment| self.comment(comment.content, comment.index)).collect::<Vec<_>>()
        };
        let made = self.remember(format!("comments {limit} {lang}"), || Ok::<_, Infallible>(recent().into()));
        match made {
            Ok(comments) => comments,
            Err(never) => match never {},
        }
    }

    /// Notes what a rendering reads of the site itself.
    pub fn note(&self, fact: Fact) {
        record::note(fact);
    }

    fn note_content(self: &Arc<Self>, id: ContentId, facet: Facet) {
        record::note(Fact::Content(self.site.content(id).file.relative().to_owned(), facet));
        if facet == Facet::Whole {
            // What the body read, whoever shows the body has read.
            record::include(&self.body(id).record);
        }
    }

    fn value(self: &Arc<Self>, id: ContentId, facet: Facet) -> Value {
        let meta = || self.meta.get(id).get_or_init(|| values::meta(&self.site, id));
        match facet {
            Facet::Meta => meta().clone(),
            Facet::Whole => {
                self.whole.get(id).get_or_init(|| values::whole(&self.site, id, meta(), self.body(id))).clone()
            }
        }
    }

    /// What was made for a question before, or what `make` makes of it now.
    pub(super) fn remember<E>(&self, question: String, make: impl FnOnce() -> Result<Value, E>) -> Result<Value, E> {
        let remembered = |data: &Mutex<FxHashMap<String, Value>>| {
            data.lock().unwrap_or_else(PoisonError::into_inner).get(&question).cloned()
        };
        if let Some(value) = remembered(&self.data) {
            return Ok(value);
        }
        let value = make()?;
        self.data.lock().unwrap_or_else(PoisonError::into_inner).insert(question, value.clone());
        Ok(value)
    }

    /// Runs the rendering of an output, and gives back with its result what it read.
    pub fn recording<T>(self: &Arc<Self>, facet: Facet, render: impl FnOnce() -> T) -> (T, Record) {
        record::recording(self, facet, render)
    }
}
