//! Fingerprints of everything that an output can read.
//!
//! They are computed from the same descriptions as the values that templates see ([`super::values`]), but not from
//! rendered values, so checking whether an output is up to date costs next to nothing. The fingerprint of a body is
//! that of its HTML, which is cached between builds ([`BodyOutline`](super::body::BodyOutline)). So checking a list of
//! bodies renders none of them.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use xxhash_rust::xxh3::xxh3_64;

use super::Library;
use super::body::insert_anchor;
use super::dependencies::{Dependencies, Dependency, FieldMask, PageSet, TermSet, environment_fingerprint};
use super::library::Counters;
use super::values::{self, FieldHasher};
use crate::locks::lock;
use crate::site::plan::{PageList, Pagers};
use crate::site::{ContentId, PageId, Taxonomy, TaxonomyId, sitemap};
use crate::source::Fingerprint;

/// The bytes of a fingerprint under construction. Most are short, and are hashed faster at once than in pieces.
#[derive(Default)]
struct FingerprintBuilder(Vec<u8>);

impl FingerprintBuilder {
    /// Adds a value. Texts and lists include their length, so that different sequences of values are never the same
    /// bytes.
    fn add(&mut self, value: impl Hash) -> &mut Self {
        value.hash(self);
        self
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.0)
    }
}

/// Collects the bytes of a hash.
impl Hasher for FingerprintBuilder {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        xxh3_64(&self.0)
    }
}

fn fingerprint_of(value: impl Hash) -> Fingerprint {
    FingerprintBuilder::default().add(value).fingerprint()
}

/// Returns the fingerprint of the fields that a description sets.
fn fingerprint_of_fields(describe: impl FnOnce(&mut FieldHasher)) -> Fingerprint {
    let mut hasher = FieldHasher::default();
    describe(&mut hasher);
    hasher.finish()
}

impl Library {
    /// Returns the current fingerprint of a dependency. For the same site it is the same in every process.
    pub fn fingerprint(self: &Arc<Self>, dependency: &Dependency) -> Fingerprint {
        if !dependency.is_aggregate() {
            return self.compute_fingerprint(dependency);
        }
        let known = lock(&self.fingerprints).get(dependency).copied();
        known.unwrap_or_else(|| {
            let fingerprint = self.compute_fingerprint(dependency);
            lock(&self.fingerprints).insert(dependency.clone(), fingerprint);
            fingerprint
        })
    }

    fn compute_fingerprint(self: &Arc<Self>, dependency: &Dependency) -> Fingerprint {
        let site = &self.site;
        match dependency {
            Dependency::Config => self.config_fingerprint,
            Dependency::Template(name) => {
                fingerprint_of(self.templates.closure(name).map(|(name, closure)| (name, closure.fingerprint)))
            }
            Dependency::TemplateNames => self.templates.names_fingerprint(),
            Dependency::Markdown(path) => {
                fingerprint_of(self.find_content(path).map(|id| self.markdown_fingerprint(id)))
            }
            Dependency::Content(path, fields) => {
                fingerprint_of(self.find_content(path).map(|id| self.content_fingerprint(id, *fields)))
            }
            Dependency::Pages(PageSet::Pager(set, number), fields) => fingerprint_of(self.pagers(set).map(|pagers| {
                let shape = (pagers.pages.len(), pagers.by, pagers.path);
                let shown = (*number <= pagers.count()).then(|| pagers.slice(*number));
                fingerprint_of((shape, shown.map(|pages| self.pages_fingerprint(&pages, *fields))))
            })),
            Dependency::Pages(set, fields) => {
                fingerprint_of(self.pages_of(set).map(|pages| self.pages_fingerprint(&pages, *fields)))
            }
            Dependency::PageCount(set) => {
                fingerprint_of((self.term_fingerprint(set), self.pages_of(set).map(|pages| pages.len())))
            }
            Dependency::Terms(set, pages) => self.terms_fingerprint(set, *pages),
            Dependency::Series(path) => fingerprint_of(
                self.find_page(path)
                    .and_then(|id| site.place_in_series(id))
                    .map(|series| (series.name, series.permalink, series.pages.len(), series.place)),
            ),
            Dependency::Thread(path) => fingerprint_of(self.find_content(path).map(|id| self.thread_fingerprint(id))),
            Dependency::RecentComments { lang, limit, with_texts } => fingerprint_of_fields(|fields| {
                for comment in site.recent_in(lang).take(*limit) {
                    match with_texts {
                        true => values::describe_comment(site, comment, fields),
                        false => values::describe_comment_outline(site, comment, fields),
                    }
                }
            }),
            Dependency::Addresses => self.addresses_fingerprint(),
            Dependency::Years => fingerprint_of(site.years),
            Dependency::Latest => fingerprint_of(site.latest.as_ref().map(|latest| &latest.text)),
            Dependency::Now => fingerprint_of(site.now.as_second()),
            Dependency::FormattedNow(format) => fingerprint_of(format.write(&site.now.to_string().into()).ok()),
            Dependency::Environment(name) => environment_fingerprint(name),
            Dependency::MomentReached(second) => fingerprint_of(*second <= site.now.as_second()),
            Dependency::File(path) => fingerprint_of(self.file_metadata(path)),
            Dependency::Published(path) => fingerprint_of(self.published_file(path)),
            Dependency::Image(image) => image.fingerprint(),
            Dependency::Remote(data) => self.remote_fingerprint(data),
            Dependency::PrivateRemote(request) => self.private_fingerprint(*request),
            Dependency::Permalink(path) => {
                fingerprint_of(site.at_file(path).map(|id| site.content(id).permalink.as_str()))
            }
            Dependency::PathName(path) => fingerprint_of(site.named_part(path)),
            Dependency::Stylesheet(name) => {
                fingerprint_of(self.compilation(name).map(|compilation| match &compilation.css {
                    Ok(css) => (true, css),
                    Err(problem) => (false, &problem.message),
                }))
            }
            Dependency::Texts(lang) => fingerprint_of(site.config.translations.texts(lang)),
            Dependency::WholeIndex(lang) => self.index_fingerprint(lang),
            Dependency::TermAddress(lang, taxonomy, slug) => {
                let term = self.find_term(lang, taxonomy, slug);
                let is_unlisted =
                    self.find_taxonomy(lang, taxonomy).map(|id| site.taxonomy(id).unlisted.contains(slug));
                fingerprint_of((term.map(|(id, index)| site.taxonomy(id).terms[index].permalink.as_str()), is_unlisted))
            }
        }
    }

    /// Pairs dependencies with their current fingerprints.
    pub fn with_fingerprints(self: &Arc<Self>, dependencies: &Dependencies) -> Vec<(Dependency, Fingerprint)> {
        dependencies.iter().map(|dependency| (dependency.clone(), self.fingerprint(dependency))).collect()
    }

    /// Returns one fingerprint for several dependencies.
    pub fn combined_fingerprint(self: &Arc<Self>, dependencies: &Dependencies) -> Fingerprint {
        let mut bytes = FingerprintBuilder::default();
        for dependency in dependencies.iter() {
            bytes.add(dependency).add(self.fingerprint(dependency));
        }
        bytes.fingerprint()
    }

    /// Whether dependencies still have their fingerprints.
    pub fn are_up_to_date(self: &Arc<Self>, dependencies: &[(Dependency, Fingerprint)]) -> bool {
        dependencies.iter().all(|(dependency, before)| self.fingerprint(dependency) == *before)
    }

    /// Finds a page or section by its path from the root of the site.
    fn find_content(&self, path: &str) -> Option<ContentId> {
        self.site.at_file(path.strip_prefix("content/")?)
    }

    fn find_page(&self, path: &str) -> Option<PageId> {
        match self.find_content(path)? {
            ContentId::Page(id) => Some(id),
            ContentId::Section(_) => None,
        }
    }

    fn find_taxonomy(&self, lang: &str, slug: &str) -> Option<TaxonomyId> {
        let is_it = |taxonomy: &Taxonomy| *taxonomy.lang == *lang && taxonomy.kind.slug == slug;
        self.site.taxonomies.iter().position(is_it).map(TaxonomyId)
    }

    fn find_term(&self, lang: &str, taxonomy: &str, slug: &str) -> Option<(TaxonomyId, usize)> {
        let id = self.find_taxonomy(lang, taxonomy)?;
        let terms = &self.site.taxonomy(id).terms;
        terms.binary_search_by(|term| term.slug.as_str().cmp(slug)).ok().map(|index| (id, index))
    }

    /// Returns the fingerprint of everything that a body is rendered from.
    fn markdown_fingerprint(&self, id: ContentId) -> Fingerprint {
        let content = self.site.content(id);
        let mut bytes = FingerprintBuilder::default();
        bytes.add((content.source.body, &content.permalink, insert_anchor(&self.site, id)));
        bytes.add(content.has_comments(&self.site.config));
        // Headings avoid the ids of comments and those of the template.
        content.thread.comments.iter().for_each(|comment| _ = bytes.add(&comment.id));
        bytes.add(self.templates.ids(self.site.template(id)).map(|ids| ids.fingerprint));
        bytes.fingerprint()
    }

    fn content_fingerprint(self: &Arc<Self>, id: ContentId, fields: FieldMask) -> Fingerprint {
        let meta = || fingerprint_of_fields(|fields| values::describe_meta(&self.site, id, fields));
        let meta = *self.meta_fingerprints.get(id).get_or_init(meta);
        if fields == FieldMask::META {
            return meta;
        }
        let mut bytes = FingerprintBuilder::default();
        bytes.add(meta).add(fingerprint_of_fields(|hasher| values::describe(&self.site, id, fields, None, hasher)));
        if fields.contains(FieldMask::THREADS) {
            bytes.add(self.thread_fingerprint(id));
        }
        if fields.contains(FieldMask::CONTENT) {
            bytes.add(self.outline(id).content);
        }
        if fields.contains(FieldMask::SUMMARY) {
            let summary = self.outline(id).summary.as_deref();
            bytes.add(fingerprint_of_fields(|fields| values::describe_summary(summary, fields)));
        }
        if let (ContentId::Page(id), Some(fields)) = (id, fields.neighbour_mask()) {
            let page = self.site.page(id);
            let neighbour = |id: Option<PageId>| id.map(|id| self.content_fingerprint(ContentId::Page(id), fields));
            bytes.add([page.lower, page.higher].map(neighbour));
        }
        bytes.fingerprint()
    }

    fn thread_fingerprint(&self, id: ContentId) -> Fingerprint {
        let make = || fingerprint_of_fields(|fields| values::describe_thread(&self.site, id, fields));
        *self.thread_fingerprints.get(id).get_or_init(make)
    }

    fn terms_fingerprint(self: &Arc<Self>, set: &TermSet, pages: Option<FieldMask>) -> Fingerprint {
        let Some(id) = self.find_taxonomy(&set.lang, &set.taxonomy) else { return fingerprint_of(()) };
        let taxonomy = self.site.taxonomy(id);
        let mut bytes = FingerprintBuilder::default();
        bytes.add(taxonomy.terms.len());
        for term in taxonomy.largest(set.limit) {
            bytes.add(fingerprint_of_fields(|fields| values::describe_term(term, fields)));
            bytes.add(pages.map(|fields| self.pages_fingerprint(&term.pages, fields)));
        }
        bytes.fingerprint()
    }

    fn addresses_fingerprint(&self) -> Fingerprint {
        let site = &self.site;
        let mut bytes = FingerprintBuilder::default();
        for address in sitemap::addresses(site) {
            let dates = match address.content {
                Some(ContentId::Page(id)) => {
                    let meta = &site.page(id).meta;
                    meta.updated.as_ref().or(meta.date.as_ref()).map(|date| &date.text)
                }
                _ => None,
            };
            bytes.add((&address.permalink, dates));
            let extra = address.content.map(|id| match id {
                ContentId::Page(id) => &site.page(id).meta.extra,
                ContentId::Section(id) => &site.section(id).meta.extra,
            });
            if let Some(extra) = extra.filter(|extra| !extra.is_empty()) {
                bytes.add(serde_json::to_string(extra).unwrap_or_default());
            }
        }
        bytes.fingerprint()
    }

    /// Returns the pages of a list in order; none if there is no such list.
    fn pages_of(&self, set: &PageSet) -> Option<Vec<PageId>> {
        let site = &self.site;
        match set {
            PageSet::Section(path) => match self.find_content(path)? {
                ContentId::Section(id) => Some(site.section(id).pages.clone()),
                ContentId::Page(_) => None,
            },
            PageSet::Term(lang, taxonomy, slug) => {
                let (id, index) = self.find_term(lang, taxonomy, slug)?;
                Some(site.taxonomy(id).terms[index].pages.clone())
            }
            PageSet::Language(lang) => {
                Some((0..site.pages.len()).map(PageId).filter(|&id| site.page(id).content.lang() == lang).collect())
            }
            PageSet::Newest(set) => {
                let mut pages = site.newest(self.pages_of(set)?.into_iter());
                pages.truncate(site.config.feed_limit.unwrap_or(usize::MAX));
                Some(pages)
            }
            PageSet::Related(path, count) => Some(self.related(self.find_page(path)?, *count)),
            PageSet::Series { path, before, after } => {
                let series = site.place_in_series(self.find_page(path)?)?;
                Some(series.pages[series.near(*before, *after)].to_vec())
            }
            PageSet::First(set, count) => {
                let mut pages = self.pages_of(set)?;
                pages.truncate(*count);
                Some(pages)
            }
            PageSet::Pager(set, number) => {
                let pagers = self.pagers(set)?;
                (*number <= pagers.count()).then(|| pagers.slice(*number))
            }
        }
    }

    fn pagers(&self, set: &PageSet) -> Option<Pagers<'_>> {
        let list = match set {
            PageSet::Section(path) => match self.find_content(path)? {
                ContentId::Section(id) => PageList::Section(id),
                ContentId::Page(_) => return None,
            },
            PageSet::Term(lang, taxonomy, slug) => {
                let (id, index) = self.find_term(lang, taxonomy, slug)?;
                PageList::Term(id, index)
            }
            _ => return None,
        };
        Pagers::of(list, &self.site)
    }

    /// Returns the fingerprint of a term without its pages; none for a list that is not a term's.
    fn term_fingerprint(&self, set: &PageSet) -> Option<Fingerprint> {
        let PageSet::Term(lang, taxonomy, slug) = set else { return None };
        let (id, index) = self.find_term(lang, taxonomy, slug)?;
        let term = &self.site.taxonomy(id).terms[index];
        Some(fingerprint_of_fields(|fields| values::describe_term(term, fields)))
    }

    fn pages_fingerprint(self: &Arc<Self>, pages: &[PageId], fields: FieldMask) -> Fingerprint {
        Counters::count(&self.work.fingerprints, pages.len());
        let mut bytes = FingerprintBuilder::default();
        bytes.add(pages.len());
        for &id in pages {
            bytes.add(self.content_fingerprint(ContentId::Page(id), fields));
        }
        bytes.fingerprint()
    }
}
