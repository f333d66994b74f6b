//! One output's bytes, from its recipe.

use std::sync::Arc;

use tera::{Context, Value};

use super::minify::minify_html;
use crate::clock;
use crate::content::Date;
use crate::diagnostic::{Diagnostic, Location};
use crate::search;
use crate::site::plan::{COMMENT_FEED, FeedOf, PageList, Pagers, Recipe};
use crate::site::{CommentId, ContentId, PageId, SectionId, Site, TaxonomyId, sitemap};
use crate::source::Fingerprint;
use crate::templates::dependencies::{Dependencies, Dependency, FieldMask, PageSet};
use crate::templates::{Library, Reader};

/// The bytes of an output.
#[derive(Debug)]
pub enum OutputBytes {
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
pub struct RenderedOutput {
    /// Its bytes.
    pub bytes: OutputBytes,
    /// What it read. While that is the same, so are the bytes.
    pub dependencies: Dependencies,
}

/// Renders an output.
pub fn render(library: &Arc<Library>, recipe: &Recipe) -> Result<RenderedOutput, Diagnostic> {
    let template = template(library, recipe);
    let closure = template.as_ref().and_then(|(name, _)| library.templates.closure(name));
    let closure = closure.map(|(_, closure)| closure.clone()).unwrap_or_default();
    let render = |reader: &Reader| match (recipe, &template) {
        (Recipe::Copy { source, size }, _) => {
            reader.record(Dependency::File(source.clone()));
            Ok(OutputBytes::Copied { source: source.clone(), size: *size })
        }
        (Recipe::HighlightCss(theme), _) => {
            reader.record(Dependency::Config);
            match library.highlighter.css(theme) {
                Ok(css) => Ok(OutputBytes::Made(css.into_bytes())),
                Err(message) => Err(Diagnostic::error(message).at(config(library))),
            }
        }
        (Recipe::Stylesheet { name, .. }, _) => {
            reader.stylesheet(name).map(|css| OutputBytes::Made(css.unwrap_or_default().into_bytes()))
        }
        (Recipe::WholeIndex(lang), _) => Ok(OutputBytes::Made(reader.whole_index(lang))),
        (Recipe::Elasticlunr, _) => Ok(OutputBytes::Made(search::single_file::ELASTICLUNR.as_bytes().to_vec())),
        (_, Some((name, asked_by))) => {
            reader.record(Dependency::Template(name.clone()));
            let context = ContextBuilder { reader, library }.of(recipe);
            let bytes = library.templates.render(name, &context, asked_by.clone())?;
            Ok(OutputBytes::Made(match name.rsplit('.').next() {
                Some("xml") => without_forbidden(bytes),
                Some("html") if library.site.config.minify_html => minified(bytes),
                _ => bytes,
            }))
        }
        (_, None) => Ok(OutputBytes::Made(Vec::new())),
    };
    let (bytes, dependencies) = Reader::track(library, &closure, FieldMask::ALL, render);
    Ok(RenderedOutput { bytes: bytes?, dependencies })
}

/// Renders a page that no build writes, like the inbox's answer to a reply, with a template of the site, of its theme or a
/// built-in one. It sees what every template sees, and these values.
pub fn render_answer(library: &Arc<Library>, name: &str, lang: &str, values: Context) -> Result<Vec<u8>, Diagnostic> {
    let closure = library.templates.closure(name).map(|(_, closure)| closure.clone()).unwrap_or_default();
    let render = |reader: &Reader| {
        let mut context = ContextBuilder { reader, library }.global(lang);
        context.extend(values);
        library.templates.render(name, &context, None)
    };
    Reader::track(library, &closure, FieldMask::ALL, render).0
}

/// Leaves out the characters that XML has no way to write (<https://www.w3.org/TR/xml/#charsets>). One of them in a
/// comment would make a feed unreadable, and escaping does not help.
fn without_forbidden(bytes: Vec<u8>) -> Vec<u8> {
    /// How U+FFFE and U+FFFF begin, and few other characters.
    const RARE: &[u8] = b"\xef\xbf";
    // Nearly all feeds have none, which is seen from the bytes at once.
    #[expect(clippy::needless_bitwise_bool, reason = "without a branch, many bytes are compared together")]
    let is_control = |byte: u8| (byte < b' ') & (byte != b'\t') & (byte != b'\n') & (byte != b'\r');
    let may_have = bytes.chunks(256).any(|chunk| chunk.iter().fold(false, |found, &byte| found | is_control(byte)))
        || memchr::memmem::find(&bytes, RARE).is_some();
    if !may_have {
        return bytes;
    }
    let forbidden =
        |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    match std::str::from_utf8(&bytes) {
        Ok(text) if text.contains(forbidden) => text.replace(forbidden, "").into_bytes(),
        _ => bytes,
    }
}

fn minified(bytes: Vec<u8>) -> Vec<u8> {
    match str::from_utf8(&bytes) {
        Ok(html) => minify_html(html).into_bytes(),
        Err(_) => bytes,
    }
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
    let asked_by = |id: ContentId, name: &str| match library.templates.resolve(name) {
        Some(_) => site.content(id).location(),
        None => who_asks(site, id, name),
    };
    let section = |id: SectionId| {
        let name = &site.section(id).template;
        (name.clone(), asked_by(ContentId::Section(id), name))
    };
    let term = |id: TaxonomyId| (own(&site.taxonomy(id).kind.name, "single", "taxonomy_single.html"), config(library));
    let (name, asked_by) = match recipe {
        Recipe::Page(id) => {
            let name = &site.page(*id).template;
            (name.clone(), asked_by(ContentId::Page(*id), name))
        }
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
        Recipe::Copy { .. } | Recipe::Stylesheet { .. } | Recipe::HighlightCss(_) => return None,
        Recipe::WholeIndex(_) | Recipe::Elasticlunr => return None,
    };
    Some((name, Some(asked_by)))
}

/// Where the template of a page or section is named: in its own front matter, or in that of a section above.
fn who_asks(site: &Site, id: ContentId, name: &str) -> Location {
    let content = site.content(id);
    let is_own = match id {
        ContentId::Page(id) => site.page(id).meta.template.is_some(),
        ContentId::Section(_) => true,
    };
    let names_it = |section: &&SectionId| site.section(**section).meta.page_template.as_deref() == Some(name);
    match content.ancestors.iter().rev().find(names_it) {
        Some(&section) if !is_own => site.section(section).content.source.find_in_front_matter(name),
        _ => content.source.find_in_front_matter(name),
    }
}

/// Makes what a template sees.
struct ContextBuilder<'a> {
    reader: &'a Reader,
    library: &'a Arc<Library>,
}

impl ContextBuilder<'_> {
    fn of(&self, recipe: &Recipe) -> Context {
        let site = &self.library.site;
        let default = site.config.default_language().code.as_str();
        match recipe {
            Recipe::Page(id) => {
                let content = &site.page(*id).content;
                let mut context = self.at(content.lang(), &content.path);
                context.insert_value("page", self.own(ContentId::Page(*id), "page"));
                context
            }
            Recipe::Section(id) => {
                let content = &site.section(*id).content;
                let mut context = self.at(content.lang(), &content.path);
                let own = self.own(ContentId::Section(*id), "section");
                let pages = self.reader.variable("section").pages_mask();
                context.insert_value("section", self.reader.section(*id, (own, pages), None));
                context
            }
            Recipe::Pager { list, number } => self.pager(*list, *number),
            Recipe::TermList(id) => {
                let taxonomy = site.taxonomy(*id);
                let mut context = self.at(&taxonomy.lang, &taxonomy.path);
                let pages = self.reader.variable("terms").pages_of_items_mask();
                let value = self.reader.taxonomy(*id, None, pages);
                let field = |key: &str| value.get_from_path(key).cloned().unwrap_or_else(Value::none);
                context.insert_value("taxonomy", field("kind"));
                context.insert_value("terms", field("items"));
                context
            }
            Recipe::Term(id, index) => {
                let path = site.taxonomy(*id).terms[*index].path.clone();
                let term = self.reader.term(*id, *index, self.reader.variable("term").pages_mask());
                self.term(*id, term, &path)
            }
            Recipe::Feed { of, path, .. } => self.feed(of, path),
            Recipe::CommentFeed(id) => self.comment_feed(*id),
            Recipe::RecentComments(lang) => self.recent_comments(lang),
            Recipe::Sitemap(range) => self.sitemap(range.clone()),
            Recipe::SitemapIndex(parts) => {
                let mut context = self.global(default);
                let parts = 1..=*parts;
                let maps: Vec<String> = parts.map(|part| site.config.address(&format!("sitemap{part}.xml"))).collect();
                context.insert("sitemaps", &maps);
                context
            }
            Recipe::Redirect(to) => {
                let is_below = |code: &&str| to.starts_with(&site.config.permalink(code));
                let lang = site.config.other_languages().iter().map(|language| language.code.as_str()).find(is_below);
                let lang = lang.unwrap_or(default);
                self.reader.set_lang(lang);
                let mut context = Context::new();
                context.insert("url", to);
                context.insert("lang", lang);
                context
            }
            Recipe::Robots | Recipe::NotFound => self.global(default),
            // These have no template.
            Recipe::Copy { .. } | Recipe::Stylesheet { .. } | Recipe::HighlightCss(_) => Context::new(),
            Recipe::WholeIndex(_) | Recipe::Elasticlunr => Context::new(),
        }
    }

    /// The page or section whose output this is, as its template sees it in a variable. What is known of it at no cost is
    /// always there.
    fn own(&self, id: ContentId, variable: &str) -> Value {
        let always = FieldMask::WORD_COUNT | FieldMask::READING_TIME | FieldMask::COMMENT_COUNT;
        self.reader.own_content(id, self.reader.variable(variable).mask() | always)
    }

    /// What every template sees.
    fn global(&self, lang: &str) -> Context {
        self.reader.set_lang(lang);
        let mut context = Context::new();
        context.insert_value("config", self.reader.config(lang));
        context.insert("lang", lang);
        context
    }

    /// What every template of an address sees.
    fn at(&self, lang: &str, path: &str) -> Context {
        let mut context = self.global(lang);
        self.reader.set_subject(path);
        context.insert("current_path", path);
        context.insert("current_url", &self.library.site.config.permalink(path));
        context
    }

    fn term(&self, id: TaxonomyId, term: Value, path: &str) -> Context {
        let taxonomy = self.library.site.taxonomy(id);
        let mut context = self.at(&taxonomy.lang, path);
        context.insert_value("taxonomy", Value::from_serializable(&taxonomy.kind));
        context.insert_value("term", term);
        context
    }

    /// A section that is shown in parts comes without its pages, as the paginator has them. A term keeps them for the
    /// templates that ask for them.
    fn pager(&self, list: PageList, number: usize) -> Context {
        let (reader, library, site) = (self.reader, self.library, &self.library.site);
        let Some(pagers) = Pagers::of(list, site) else { return Context::new() };
        let path = pagers.path(number);
        let (mut context, set) = match list {
            PageList::Section(id) => {
                let content = &site.section(id).content;
                let mut context = self.at(content.lang(), &path);
                context.insert_value("section", self.own(ContentId::Section(id), "section"));
                (context, PageSet::Section(content.source.path.clone()))
            }
            PageList::Term(id, index) => {
                let term = reader.term(id, index, reader.variable("term").pages_mask());
                (self.term(id, term, &path), library.term_set(id, index))
            }
        };
        let fields = reader.variable("paginator").pages_mask().unwrap_or_default();
        let pages = reader.pages(PageSet::Pager(set.into(), number), &pagers.slice(number), fields);
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
        set("pages", pages.into());
        context.insert_value("paginator", map.into());
        context
    }

    fn feed(&self, of: &FeedOf, path: &str) -> Context {
        let (reader, site) = (self.reader, &self.library.site);
        let (lang, set) = match of {
            FeedOf::Site(lang) => (lang.clone(), PageSet::Language(lang.clone())),
            FeedOf::Section(id) => {
                let section = site.section(*id);
                (section.content.lang().to_owned(), PageSet::Section(section.content.source.path.clone()))
            }
            FeedOf::Term(id, index) => (site.taxonomy(*id).lang.to_string(), self.library.term_set(*id, *index)),
        };
        let shown = pages_of_feed(site, of);
        let mut context = self.global(&lang);
        let values = reader.pages(PageSet::Newest(set.into()), &shown, reader.variable("pages").items_mask());
        context.insert_value("pages", values.into());
        context.insert("feed_url", &site.config.address(path));
        let dates = shown.iter().map(|&id| site.page(id)).flat_map(|page| [&page.meta.updated, &page.meta.date]);
        if let Some(newest) = self.newest(dates.flatten()) {
            context.insert("last_updated", newest.text.as_str());
        }
        match of {
            FeedOf::Site(_) => {}
            FeedOf::Section(id) => {
                let section = reader.content(ContentId::Section(*id), reader.variable("section").mask());
                context.insert_value("section", section);
            }
            FeedOf::Term(id, index) => {
                context.insert_value("taxonomy", Value::from_serializable(&site.taxonomy(*id).kind));
                context.insert_value("term", reader.term(*id, *index, reader.variable("term").pages_mask()));
            }
        }
        context
    }

    /// The newest of some dates that has come; where none has, the newest of the site.
    fn newest<'d>(&self, dates: impl Iterator<Item = &'d Date>) -> Option<&'d Date>
    where
        Self: 'd,
    {
        let (reader, site) = (self.reader, &self.library.site);
        let (mut newest, mut next) = (None, None::<&Date>);
        for date in dates {
            match date.timestamp <= site.now {
                true => newest = newest.max(Some(date)),
                false => next = Some(next.map_or(date, |next| next.min(date))),
            }
        }
        // It is the newest from when it comes until the next one does.
        for date in [newest, next].into_iter().flatten() {
            reader.record(Dependency::MomentReached(clock::second(date.timestamp)));
        }
        newest.or_else(|| {
            reader.record(Dependency::Latest);
            site.latest.as_ref()
        })
    }

    fn comment_feed(&self, id: ContentId) -> Context {
        let site = &self.library.site;
        let content = site.content(id);
        let comments = &content.thread.comments;
        let mut newest: Vec<usize> = (0..comments.len()).filter(|&index| !comments[index].is_pending()).collect();
        newest.reverse();
        newest.truncate(site.config.feed_limit.unwrap_or(usize::MAX));
        let mut context = self.global(content.lang());
        context.insert_value("comments", self.reader.comments(id, &newest).into());
        let key = if matches!(id, ContentId::Page(_)) { "page" } else { "section" };
        context.insert_value(key, self.reader.content(id, self.reader.variable(key).mask()));
        context.insert("feed_url", &content.comment_feed());
        let approved = comments.iter().filter(|comment| !comment.is_pending());
        if let Some(last) = self.newest(approved.map(|comment| &comment.date)) {
            context.insert("last_updated", &last.rfc3339());
        }
        context
    }

    fn recent_comments(&self, lang: &str) -> Context {
        let site = &self.library.site;
        let limit = site.config.feed_limit.unwrap_or(usize::MAX).min(RECENT_COMMENTS);
        let comments = self.reader.recent_comments(lang, limit, true);
        let folder = if site.config.is_default_language(lang) { String::new() } else { format!("/{lang}") };
        let mut context = self.global(lang);
        context.insert_value("comments", comments);
        context.insert("feed_url", &site.config.address(&format!("{folder}/{COMMENT_FEED}")));
        let date = |id: &CommentId| &site.content(id.content).thread.comments[id.index].date;
        if let Some(last) = self.newest(site.recent_in(lang).take(limit).map(date)) {
            context.insert("last_updated", &last.rfc3339());
        }
        context
    }

    fn sitemap(&self, range: std::ops::Range<usize>) -> Context {
        let site = &self.library.site;
        self.reader.record(Dependency::Addresses);
        let addresses = sitemap::addresses(site);
        let entries: Vec<Value> = addresses[range]
            .iter()
            .map(|address| {
                let mut map = tera::Map::new();
                map.insert("permalink".into(), (&*address.permalink).into());
                let page = match address.content {
                    Some(ContentId::Page(id)) => Some(site.page(id)),
                    _ => None,
                };
                let date = page.and_then(|page| page.meta.updated.as_ref().or(page.meta.date.as_ref()));
                map.insert("updated".into(), date.map(Date::w3c).into());
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

/// The pages that a feed shows.
fn pages_of_feed(site: &Site, of: &FeedOf) -> Vec<PageId> {
    let mut pages = match of {
        FeedOf::Site(lang) => site.feed_pages(lang),
        FeedOf::Section(id) => site.newest(site.section(*id).pages.iter().copied()),
        FeedOf::Term(id, index) => site.newest(site.taxonomy(*id).terms[*index].pages.iter().copied()),
    };
    pages.truncate(site.config.feed_limit.unwrap_or(usize::MAX));
    pages
}

/// The pages whose bodies a list shows, as far as that is known before it is rendered.
pub fn listed_bodies(library: &Library, recipe: &Recipe) -> Vec<PageId> {
    let site = &library.site;
    let Some((name, _)) = template(library, recipe) else { return Vec::new() };
    let Some((_, closure)) = library.templates.closure(&name) else { return Vec::new() };
    let shows = |fields: Option<FieldMask>| fields.is_some_and(|fields| fields.contains(FieldMask::CONTENT));
    let in_field = |variable: &str| shows(closure.reads.variable(variable).pages_mask());
    match recipe {
        Recipe::Feed { of, .. } if shows(Some(closure.reads.variable("pages").items_mask())) => pages_of_feed(site, of),
        Recipe::Section(id) if in_field("section") => site.section(*id).pages.clone(),
        Recipe::Term(id, index) if in_field("term") => site.taxonomy(*id).terms[*index].pages.clone(),
        Recipe::Pager { list, number } if in_field("paginator") => {
            Pagers::of(*list, site).map(|pagers| pagers.slice(*number)).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// The fingerprint of a recipe, by the names of what it is made of.
pub fn recipe_fingerprint(library: &Library, recipe: &Recipe) -> Fingerprint {
    let site = &library.site;
    let content = |id: ContentId| &*site.content(id).source.path;
    let section = |id: SectionId| content(ContentId::Section(id));
    let term = |id: TaxonomyId, index: usize| format!("{:?}", library.term_set(id, index));
    let list = |list: PageList| match list {
        PageList::Section(id) => section(id).to_owned(),
        PageList::Term(id, index) => term(id, index),
    };
    let name = match recipe {
        Recipe::Page(id) => format!("page {}", content(ContentId::Page(*id))),
        Recipe::Section(id) => format!("section {}", section(*id)),
        Recipe::Pager { list: of, number } => format!("pager {number} {}", list(*of)),
        Recipe::TermList(id) => format!("terms {} {}", site.taxonomy(*id).lang, site.taxonomy(*id).kind.slug),
        Recipe::Term(id, index) => format!("term {}", term(*id, *index)),
        Recipe::Feed { of: FeedOf::Site(lang), path, .. } => format!("feed {path} {lang}"),
        Recipe::Feed { of: FeedOf::Section(id), path, .. } => format!("feed {path} {}", section(*id)),
        Recipe::Feed { of: FeedOf::Term(id, index), path, .. } => format!("feed {path} {}", term(*id, *index)),
        Recipe::CommentFeed(id) => format!("comments {}", content(*id)),
        Recipe::RecentComments(lang) => format!("recent comments {lang}"),
        Recipe::Copy { source, .. } => format!("copy {source}"),
        Recipe::Stylesheet { source, .. } => format!("style sheet {source}"),
        Recipe::Sitemap(_) | Recipe::SitemapIndex(_) | Recipe::Robots | Recipe::NotFound => format!("{recipe:?}"),
        Recipe::Redirect(_) | Recipe::HighlightCss(_) | Recipe::Elasticlunr => format!("{recipe:?}"),
        Recipe::WholeIndex(lang) => format!("index {lang} {:?}", library.index_list_fingerprint(lang)),
    };
    let template = template(library, recipe).map(|(name, _)| name);
    let minify = if site.config.minify_html { " minified" } else { "" };
    Fingerprint::of(format!("{name} {template:?}{minify}").as_bytes())
}
