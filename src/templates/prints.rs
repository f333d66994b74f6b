//! What each fact is now: fingerprints of everything that a record can hold.
//!
//! They are made from the linked site, not from rendered values, so that to ask whether an output is up to date costs
//! next to nothing. Each covers at least what [`super::values`] shows of the same thing.

use std::hash::{Hash, Hasher};

use xxhash_rust::xxh3::xxh3_64;

use super::Library;
use super::body::insert_anchor;
use super::record::{Facets, Fact, List, Record};
use crate::content::CommentDocument;
use crate::site::plan::{PageList, Pagers};
use crate::site::thread::Comment;
use crate::site::{ContentId, PageId, SectionId, Taxonomy, TaxonomyId, sitemap};
use crate::source::Fingerprint;

/// A fingerprint under construction: the bytes that it is of. Most are short, and are hashed quicker at once than in
/// pieces.
struct Print(Vec<u8>);

impl Print {
    fn new() -> Self {
        Self(Vec::with_capacity(512))
    }

    /// Adds a value. Texts and lists carry their length, so that no two sequences of values are the same bytes.
    fn add(&mut self, value: impl Hash) -> &mut Self {
        value.hash(self);
        self
    }

    fn done(&self) -> Fingerprint {
        Fingerprint::of(&self.0)
    }
}

/// Takes the bytes that a hash is made of.
impl Hasher for Print {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        xxh3_64(&self.0)
    }
}

fn of(value: impl Hash) -> Fingerprint {
    Print::new().add(value).done()
}

impl Library {
    /// The fingerprint of what a fact is now. It is the same in every process, for the same site.
    pub fn print(&self, fact: &Fact) -> Fingerprint {
        let site = &self.site;
        match fact {
            Fact::Template(name) => {
                of(self.templates.resolve(name).zip(self.templates.closure(name).map(|closure| closure.fingerprint)))
            }
            Fact::Config => self.config_print,
            Fact::Content(path, facets) => of(self.find(path).map(|id| self.content_print(id, *facets))),
            Fact::List(list, facets) => self.list_print(list, *facets),
            Fact::File(path) => of(self.world.stamp(path)),
            Fact::Permalink(path) => of(site.by_path.get(path.as_str()).map(|&id| site.content(id).permalink.as_str())),
            Fact::TermAddress(lang, taxonomy, slug) => {
                let found = self.find_term(lang, taxonomy, slug);
                let is_unlisted =
                    self.find_taxonomy(lang, taxonomy).map(|id| site.taxonomy(id).unlisted.contains(slug));
                of((found.map(|(id, index)| site.taxonomy(id).terms[index].permalink.as_str()), is_unlisted))
            }
        }
    }

    /// The fingerprint of all facts of a record.
    pub fn record_print(&self, record: &Record) -> Fingerprint {
        let mut print = Print::new();
        for fact in record.facts() {
            print.add(fact).add(self.print(fact));
        }
        print.done()
    }

    /// A page or section by its path from the root of the site.
    fn find(&self, path: &str) -> Option<ContentId> {
        self.site.by_path.get(path.strip_prefix("content/")?).copied()
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

    fn content_print(&self, id: ContentId, facets: Facets) -> Fingerprint {
        let meta = *self.meta_prints.get(id).get_or_init(|| self.meta_print(id));
        if facets == Facets::META {
            return meta;
        }
        let content = self.site.content(id);
        let mut print = Print::new();
        print.add(meta);
        if facets.contains(Facets::LENGTH) {
            print.add((content.words, content.reading_time));
        }
        if facets.contains(Facets::TALK) {
            print.add((content.talk, content.thread.count()));
        }
        if let (ContentId::Page(id), true) = (id, facets.contains(Facets::NEIGHBOURS)) {
            let page = self.site.page(id);
            print.add(
                [page.lower, page.higher].map(|id| id.map(|id| self.content_print(ContentId::Page(id), Facets::META))),
            );
        }
        if facets.contains(Facets::WHOLE) {
            print.add(content.source.body).add(insert_anchor(&self.site, id)).add(self.thread_print(id));
        }
        print.done()
    }

    fn thread_print(&self, id: ContentId) -> Fingerprint {
        *self.thread_prints.get(id).get_or_init(|| {
            let thread = &self.site.content(id).thread;
            let mut print = Print::new();
            print.add(&thread.roots);
            thread.comments.iter().for_each(|comment| add_comment(&mut print, comment));
            print.done()
        })
    }

    fn meta_print(&self, id: ContentId) -> Fingerprint {
        let site = &self.site;
        let content = site.content(id);
        let mut print = Print::new();
        print
            .add((&content.source.path, content.source.front_matter, &content.path, &content.permalink))
            .add((content.lang(), &content.file.colocated_path));
        for &above in &content.ancestors {
            print.add(&site.section(above).content.source.path);
        }
        for asset in &content.assets {
            print.add(&asset.name);
        }
        for (kind, others) in [(0, &content.translations), (1, &content.backlinks)] {
            print.add((kind, others.len()));
            for &other in others {
                let content = site.content(other);
                print.add((&content.source.path, &content.permalink, site.title(other), content.lang()));
            }
        }
        match id {
            ContentId::Page(id) => {
                let page = site.page(id);
                print.add((&page.slug, page.meta.date.as_ref().map(|date| &date.text)));
            }
            ContentId::Section(id) => {
                for &below in &site.section(id).subsections {
                    print.add(&site.section(below).content.source.path);
                }
            }
        }
        print.done()
    }

    fn list_print(&self, list: &List, facets: Facets) -> Fingerprint {
        let site = &self.site;
        match list {
            List::Section(path) => of(self
                .find(path)
                .map(|id| self.content_print(id, Facets::META))
                .zip(self.pages_of(list).map(|pages| self.pages_print(&pages, facets)))),
            List::Term(..) | List::Language(_) | List::Newest(_) => {
                of(self.pages_of(list).map(|pages| self.pages_print(&pages, facets)))
            }
            List::Taxonomy(lang, slug) => of(self.find_taxonomy(lang, slug).map(|id| {
                let mut print = Print::new();
                for term in &site.taxonomy(id).terms {
                    print.add((&term.name, &term.permalink, self.pages_print(&term.pages, facets)));
                }
                print.done()
            })),
            List::Outline(list) => of((self.name_of(list), self.pages_of(list).map(|pages| pages.len()))),
            List::Pager(list, number) => of(self.page_list(list).and_then(|id| Pagers::of(id, site)).map(|pagers| {
                let shape = (pagers.pages.len(), pagers.by, pagers.path);
                let shown = (*number <= pagers.count()).then(|| self.pages_print(&pagers.slice(*number), facets));
                of((shape, shown))
            })),
            List::Neighbours(path) => of(self.find(path).map(|id| {
                let ContentId::Page(id) = id else { return Fingerprint::default() };
                let page = site.page(id);
                let path = |id: Option<PageId>| id.map(|id| &site.page(id).content.source.path);
                of((path(page.lower), path(page.higher)))
            })),
            List::Thread(path) => of(self.find(path).map(|id| self.thread_print(id))),
            List::Comments(lang, limit) => {
                let mut print = Print::new();
                for comment in site.recent_in(lang).take(*limit) {
                    let content = site.content(comment.content);
                    let thread = &content.thread;
                    print.add((&content.permalink, site.title(comment.content)));
                    for index in thread.below(&[comment.index]) {
                        add_comment(&mut print, &thread.comments[index]);
                    }
                    let answered = thread.comments[comment.index].reply_to.map(|index| &thread.comments[index]);
                    print.add(answered.map(|comment| (&comment.id, comment.author())));
                }
                print.done()
            }
            List::Addresses => {
                let mut print = Print::new();
                for address in sitemap::addresses(site) {
                    let dates = match address.content {
                        Some(ContentId::Page(id)) => {
                            let meta = &site.page(id).meta;
                            meta.updated.as_ref().or(meta.date.as_ref()).map(|date| &date.text)
                        }
                        _ => None,
                    };
                    print.add((&address.permalink, dates));
                    let extra = address.content.map(|id| match id {
                        ContentId::Page(id) => &site.page(id).meta.extra,
                        ContentId::Section(id) => &site.section(id).meta.extra,
                    });
                    if let Some(extra) = extra.filter(|extra| !extra.is_empty()) {
                        print.add(serde_json::to_string(extra).unwrap_or_default());
                    }
                }
                print.done()
            }
            List::Years => of(site.years),
            List::Latest => of(site.latest.as_ref().map(|latest| &latest.text)),
        }
    }

    /// The pages of a list, in order; none if there is no such list.
    fn pages_of(&self, list: &List) -> Option<Vec<PageId>> {
        let site = &self.site;
        match list {
            List::Section(path) => match self.find(path)? {
                ContentId::Section(id) => Some(site.section(id).pages.clone()),
                ContentId::Page(_) => None,
            },
            List::Term(lang, taxonomy, slug) => {
                let (id, index) = self.find_term(lang, taxonomy, slug)?;
                Some(site.taxonomy(id).terms[index].pages.clone())
            }
            List::Language(lang) => {
                Some((0..site.pages.len()).map(PageId).filter(|&id| site.page(id).content.lang() == lang).collect())
            }
            List::Newest(list) => {
                let mut pages = site.newest(self.pages_of(list)?.into_iter());
                pages.truncate(site.config.feed_limit.unwrap_or(usize::MAX));
                Some(pages)
            }
            _ => None,
        }
    }

    fn page_list(&self, list: &List) -> Option<PageList> {
        match list {
            List::Section(path) => match self.find(path)? {
                ContentId::Section(id) => Some(PageList::Section(id)),
                ContentId::Page(_) => None,
            },
            List::Term(lang, taxonomy, slug) => {
                let (id, index) = self.find_term(lang, taxonomy, slug)?;
                Some(PageList::Term(id, index))
            }
            _ => None,
        }
    }

    fn name_of(&self, list: &List) -> Option<&str> {
        match self.page_list(list)? {
            PageList::Term(id, index) => Some(&self.site.taxonomy(id).terms[index].name),
            PageList::Section(SectionId(_)) => None,
        }
    }

    fn pages_print(&self, pages: &[PageId], facets: Facets) -> Fingerprint {
        let mut print = Print::new();
        print.add(pages.len());
        for &id in pages {
            print.add(self.content_print(ContentId::Page(id), facets));
        }
        print.done()
    }
}

fn add_comment(print: &mut Print, comment: &Comment) {
    let CommentDocument { url, kind, body, .. } = &*comment.written;
    print
        .add((&comment.id, comment.number, comment.is_pending(), kind, comment.author(), url))
        .add((&comment.date.text, &**body, comment.depth, comment.by_author))
        .add((comment.reply_to, &comment.replies));
}
