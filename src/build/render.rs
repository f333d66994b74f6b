//! One output's bytes, from its recipe.

use std::sync::Arc;

use tera::{Context, Value};

use crate::diagnostic::{Diagnostic, Location};
use crate::site::plan::{COMMENT_FEED, FeedOf, PageList, Pagers, Recipe};
use crate::site::{ContentId, PageId, SectionId, TaxonomyId, sitemap};
use crate::templates::Library;
use crate::templates::record::{Facet, Fact, List, Record};

/// The bytes of an output.
#[derive(Debug)]
pub enum Bytes {
    /// Made here.
    Made(Vec<u8>),
    /// Those of a file of the site, which may be large.
    Copied {
        /// Where the file lies.
        source: String,
        /// Its size in bytes.
        size: u64,
    },
}

/// An output, and what it read to become what it is.
#[derive(Debug)]
pub struct Rendered {
    /// Its bytes.
    pub bytes: Bytes,
    /// What it read. While that is the same, so are the bytes.
    pub record: Record,
}

/// Renders an output.
pub fn render(library: &Arc<Library>, recipe: &Recipe) -> Result<Rendered, Diagnostic> {
    let template = template(library, recipe);
    let closure = template.as_ref().and_then(|(name, _)| library.templates.closure(name));
    let facet = if closure.is_some_and(|closure| closure.sees_bodies) { Facet::Whole } else { Facet::Meta };
    let (bytes, mut record) = library.recording(facet, || match (recipe, &template) {
        (Recipe::Copy { source, size }, _) => Ok(Bytes::Copied { source: source.clone(), size: *size }),
        (Recipe::HighlightCss(theme), _) => match library.highlighter.css(theme) {
            Ok(css) => Ok(Bytes::Made(css.into_bytes())),
            Err(message) => Err(Diagnostic::error(message).at(config(library))),
        },
        (_, Some((name, asked_by))) => {
            let context = Contexts { library, facet }.of(recipe);
            library.templates.render(name, &context, asked_by.clone()).map(Bytes::Made)
        }
        (_, None) => Ok(Bytes::Made(Vec::new())),
    });
    if let Recipe::Copy { source, .. } = recipe {
        record.note(Fact::File(source.clone()));
    }
    if let Some(name) = template.as_ref().and_then(|(name, _)| library.templates.resolve(name)) {
        record.note(Fact::Template(name.to_owned()));
    }
    Ok(Rendered { bytes: bytes?, record })
}

fn config(library: &Library) -> Location {
    library.site.config.location("")
}

/// The template of an output, and the file that asked for it.
fn template(library: &Library, recipe: &Recipe) -> Option<(String, Option<Location>)> {
    let site = &library.site;
    let own = |kind: &str, specific: &str, general: &str| {
        let specific = format!("{kind}/{specific}.html");
        if library.templates.resolve(&specific).is_some() { specific } else { general.to_owned() }
    };
    let section = |id: SectionId| (site.section(id).template.clone(), site.section(id).content.location());
    let term = |id: TaxonomyId| (own(&site.taxonomy(id).kind.name, "single", "taxonomy_single.html"), config(library));
    let (name, asked_by) = match recipe {
        Recipe::Page(id) => (site.page(*id).template.clone(), site.page(*id).content.location()),
        Recipe::Section(id) | Recipe::Pager { list: PageList::Section(id), .. } => section(*id),
        Recipe::Term(id, _) | Recipe::Pager { list: PageList::Term(id, _), .. } => term(*id),
        Recipe::TermList(id) => (own(&site.taxonomy(*id).kind.name, "list", "taxonomy_list.html"), config(library)),
        Recipe::Feed { template, .. } => (template.clone(), config(library)),
        Recipe::CommentFeed(_) | Recipe::RecentComments(_) => return Some(("comments-atom.xml".to_owned(), None)),
        Recipe::Sitemap(_) => return Some(("sitemap.xml".to_owned(), None)),
        Recipe::SitemapIndex(_) => return Some(("split_sitemap_index.xml".to_owned(), None)),
        Recipe::Robots => return Some(("robots.txt".to_owned(), None)),
        Recipe::NotFound => return Some(("404.html".to_owned(), None)),
        Recipe::Redirect(_) => return Some(("internal/alias.html".to_owned(), None)),
        Recipe::Copy { .. } | Recipe::HighlightCss(_) => return None,
    };
    Some((name, Some(asked_by)))
}

/// Makes what a template sees.
struct Contexts<'a> {
    library: &'a Arc<Library>,
    /// What the template is given of pages in lists.
    facet: Facet,
}

impl Contexts<'_> {
    fn of(&self, recipe: &Recipe) -> Context {
        let site = &self.library.site;
        let default = site.config.default_language().code.as_str();
        match recipe {
            Recipe::Page(id) => {
                let content = &site.page(*id).content;
                let mut context = self.at(content.lang(), &content.path);
                context.insert_value("page", self.library.page(*id, Facet::Whole, self.facet));
                context
            }
            Recipe::Section(id) => {
                let content = &site.section(*id).content;
                let mut context = self.at(content.lang(), &content.path);
                context.insert_value("section", self.section(*id));
                context
            }
            Recipe::Pager { list, number } => self.pager(*list, *number),
            Recipe::TermList(id) => {
                let taxonomy = site.taxonomy(*id);
                let mut context = self.at(&taxonomy.lang, &taxonomy.path);
                let value = self.library.taxonomy(*id, self.facet);
                let field = |key: &str| value.get_from_path(key).cloned().unwrap_or_else(Value::none);
                context.insert_value("taxonomy", field("kind"));
                context.insert_value("terms", field("items"));
                context
            }
            Recipe::Term(id, index) => {
                let path = site.taxonomy(*id).terms[*index].path.clone();
                self.term(*id, *index, &path)
            }
            Recipe::Feed { of, path, .. } => self.feed(of, path),
            Recipe::CommentFeed(id) => self.comment_feed(*id),
            Recipe::RecentComments(lang) => self.recent_comments(lang),
            Recipe::Sitemap(range) => self.sitemap(range.clone()),
            Recipe::SitemapIndex(parts) => {
                let mut context = self.global(default);
                let parts = 1..=*parts;
                let maps: Vec<String> = parts.map(|part| site.file_url(&format!("sitemap{part}.xml"))).collect();
                context.insert("sitemaps", &maps);
                context
            }
            Recipe::Redirect(to) => {
                let mut context = Context::new();
                context.insert("url", to);
                context
            }
            Recipe::Robots | Recipe::NotFound | Recipe::Copy { .. } | Recipe::HighlightCss(_) => self.global(default),
        }
    }

    /// What every template sees.
    fn global(&self, lang: &str) -> Context {
        let mut context = Context::new();
        context.insert_value("config", self.library.config(lang));
        context.insert("lang", lang);
        context
    }

    /// What every template of an address sees.
    fn at(&self, lang: &str, path: &str) -> Context {
        let mut context = self.global(lang);
        context.insert("current_path", path);
        context.insert("current_url", &self.library.site.config.permalink(path));
        context
    }

    fn section(&self, id: SectionId) -> Value {
        self.library.section(id, Facet::Whole, self.facet)
    }

    fn term(&self, id: TaxonomyId, index: usize, path: &str) -> Context {
        let taxonomy = self.library.site.taxonomy(id);
        let mut context = self.at(&taxonomy.lang, path);
        context.insert_value("taxonomy", Value::from_serializable(&taxonomy.kind));
        context.insert_value("term", self.library.term(id, index, self.facet));
        context
    }

    fn pager(&self, list: PageList, number: usize) -> Context {
        let site = &self.library.site;
        let Some(pagers) = Pagers::of(list, site) else { return Context::new() };
        let path = pagers.path(number);
        let mut context = match list {
            PageList::Section(id) => {
                let mut context = self.at(site.section(id).content.lang(), &path);
                context.insert_value("section", self.section(id));
                context
            }
            PageList::Term(id, index) => self.term(id, index, &path),
        };
        let url = |number| Value::from(site.config.permalink(&pagers.path(number)));
        let mut map = tera::Map::new();
        let mut set = |key: &'static str, value: Value| map.insert(key.into(), value);
        set("paginate_by", pagers.by.into());
        set("base_url", site.config.permalink(&pagers.base()).into());
        set("number_pagers", pagers.count().into());
        set("total_pages", pagers.pages.len().into());
        set("current_index", number.into());
        set("first", url(1));
        set("last", url(pagers.count()));
        set("previous", if number > 1 { url(number - 1) } else { Value::none() });
        set("next", if number < pagers.count() { url(number + 1) } else { Value::none() });
        set("pages", self.library.values(pagers.slice(number).iter().copied(), self.facet).into());
        context.insert_value("paginator", map.into());
        context
    }

    fn feed(&self, of: &FeedOf, path: &str) -> Context {
        let (library, site) = (self.library, &self.library.site);
        let (lang, pages, list) = match of {
            FeedOf::Site(lang) => (lang.clone(), site.feed_pages(lang), List::Feed(lang.clone())),
            FeedOf::Section(id) => {
                let section = site.section(*id);
                let list = List::Section(section.content.file.relative().to_owned());
                (section.content.lang().to_owned(), site.newest(section.pages.iter().copied()), list)
            }
            FeedOf::Term(id, index) => {
                let taxonomy = site.taxonomy(*id);
                let term = &taxonomy.terms[*index];
                let lang = taxonomy.lang.to_string();
                let list = List::Term(lang.clone(), taxonomy.kind.slug.clone(), term.slug.clone());
                (lang, site.newest(term.pages.iter().copied()), list)
            }
        };
        library.note(Fact::List(list, self.facet));
        let shown = &pages[..pages.len().min(site.config.feed_limit.unwrap_or(usize::MAX))];
        let mut context = self.global(&lang);
        context.insert_value("pages", library.values(shown.iter().copied(), self.facet).into());
        context.insert("feed_url", &site.file_url(path));
        let dates = shown.iter().map(|&id| site.page(id)).flat_map(|page| [&page.meta.updated, &page.meta.date]);
        if let Some(newest) = dates.flatten().max() {
            context.insert("last_updated", newest.text.as_str());
        }
        match of {
            FeedOf::Site(_) => {}
            FeedOf::Section(id) => context.insert_value("section", self.section(*id)),
            FeedOf::Term(id, index) => {
                context.insert_value("taxonomy", Value::from_serializable(&site.taxonomy(*id).kind));
                context.insert_value("term", library.term(*id, *index, self.facet));
            }
        }
        context
    }

    fn comment_feed(&self, id: ContentId) -> Context {
        let (library, site) = (self.library, &self.library.site);
        let content = site.content(id);
        library.note(Fact::Content(content.file.relative().to_owned(), Facet::Whole));
        let mut newest: Vec<usize> = (0..content.thread.comments.len()).collect();
        newest.reverse();
        let newest = newest.into_iter().take(site.config.feed_limit.unwrap_or(usize::MAX));
        let comments: Vec<Value> = newest.map(|index| library.comment(id, index)).collect();
        let mut context = self.global(content.lang());
        context.insert_value("comments", comments.into());
        let key = if matches!(id, ContentId::Page(_)) { "page" } else { "section" };
        context.insert_value(key, library.content(id, Facet::Meta));
        context.insert("feed_url", &site.file_url(&format!("{}{COMMENT_FEED}", content.path)));
        if let Some(last) = content.thread.comments.last() {
            context.insert("last_updated", &last.date.rfc3339());
        }
        context
    }

    fn recent_comments(&self, lang: &str) -> Context {
        let (library, site) = (self.library, &self.library.site);
        let limit = site.config.feed_limit.unwrap_or(usize::MAX).min(RECENT_COMMENTS);
        let comments = library.recent_comments(lang, limit);
        let folder = if site.config.is_default_language(lang) { String::new() } else { format!("/{lang}") };
        let mut context = self.global(lang);
        context.insert_value("comments", comments);
        context.insert("feed_url", &site.file_url(&format!("{folder}/{COMMENT_FEED}")));
        let newest = site.recent.iter().find(|comment| site.content(comment.content).lang() == lang);
        if let Some(newest) = newest {
            let comment = &site.content(newest.content).thread.comments[newest.index];
            context.insert("last_updated", &comment.date.rfc3339());
        }
        context
    }

    fn sitemap(&self, range: std::ops::Range<usize>) -> Context {
        let (library, site) = (self.library, &self.library.site);
        library.note(Fact::List(List::Addresses, Facet::Meta));
        let addresses = sitemap::addresses(site);
        let entries: Vec<Value> = addresses[range]
            .iter()
            .map(|address| {
                let mut map = tera::Map::new();
                map.insert("permalink".into(), address.permalink.as_str().into());
                let page = match address.content {
                    Some(ContentId::Page(id)) => Some(site.page(id)),
                    _ => None,
                };
                let date = page.and_then(|page| page.meta.updated.as_ref().or(page.meta.date.as_ref()));
                map.insert("updated".into(), date.map(|date| date.text.as_str()).into());
                let extra = match address.content {
                    Some(ContentId::Page(PageId(index))) => Some(&site.pages[index].meta.extra),
                    Some(ContentId::Section(id)) => Some(&site.section(id).meta.extra),
                    None => None,
                };
                map.insert("extra".into(), extra.map(Value::from_serializable).into());
                map.into()
            })
            .collect();
        let mut context = self.global(&site.config.default_language().code);
        context.insert_value("entries", entries.into());
        context
    }
}

/// How many comments the feed of all comments holds where the configuration sets no limit: a feed of everything that
/// was ever said would be read again by every reader with every comment.
const RECENT_COMMENTS: usize = 50;
