//! The plan: every output that must exist because the site is as it is, and what each is made of.

mod conflicts;
mod missing_origin;
mod pagers;

use std::borrow::Cow;

use rayon::prelude::*;

use super::paths::{alias_file, is_plain, is_reserved, output_file, too_long};
use super::{ContentId, PageId, SectionId, Site, TaxonomyId};
use crate::diagnostic::{Diagnostic, Location};

pub use pagers::Pagers;

/// A file that must exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its path, relative to the output folder.
    pub path: String,
    /// What it is made of.
    pub recipe: Recipe,
}

/// What an output is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipe {
    /// A page.
    Page(PageId),
    /// A section that is not paginated.
    Section(SectionId),
    /// One part of a list of pages that is shown in parts.
    Pager {
        /// Whose pages.
        list: PageList,
        /// Which part, from 1.
        number: usize,
    },
    /// A taxonomy's list of terms.
    TermList(TaxonomyId),
    /// The page of a term that is not paginated.
    Term(TaxonomyId, usize),
    /// A feed of pages.
    Feed {
        /// Whose pages.
        of: FeedOf,
        /// The template, which is named as the file.
        template: String,
        /// The path of its address.
        path: String,
    },
    /// A feed of the comments of one page or section.
    CommentFeed(ContentId),
    /// A feed of all comments in a language.
    RecentComments(String),
    /// The list of addresses for search engines, or a part of it.
    Sitemap(std::ops::Range<usize>),
    /// The list of the sitemap's parts.
    SitemapIndex(usize),
    /// What crawlers may do.
    Robots,
    /// What is shown for an address that leads nowhere.
    NotFound,
    /// A page that leads to another address.
    Redirect(String),
    /// A file that is published as it is.
    Copy {
        /// Where it lies in the site.
        source: String,
        /// Size in bytes.
        size: u64,
    },
    /// A style sheet that is compiled from a Sass file of the site.
    Stylesheet {
        /// Its path, relative to the output folder.
        name: String,
        /// Where the Sass file lies in the site.
        source: String,
    },
    /// The style sheet of a theme for code.
    HighlightCss(String),
    /// A search index in one file, of a language.
    WholeIndex(String),
    /// The script that reads such an index, if it is elasticlunr's.
    Elasticlunr,
}

/// A list of pages that is shown in parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PageList {
    /// A section's.
    Section(SectionId),
    /// A term's.
    Term(TaxonomyId, usize),
}

/// Whose pages a feed has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedOf {
    /// A language's.
    Site(String),
    /// A section's.
    Section(SectionId),
    /// A term's.
    Term(TaxonomyId, usize),
}

/// Addresses that one sitemap holds; the protocol allows 50,000.
pub const SITEMAP_SIZE: usize = 30_000;

/// The name of the feeds of comments.
pub const COMMENT_FEED: &str = "comments.xml";

/// The name of elasticlunr's script.
pub const ELASTICLUNR: &str = "elasticlunr.min.js";

/// What a build must make.
#[derive(Debug)]
pub struct Plan {
    /// The outputs, in the order of their paths.
    pub outputs: Vec<Output>,
    /// Outputs that cannot be.
    pub problems: Vec<Diagnostic>,
    /// What is left out because something else of the site has its address.
    pub notes: Vec<String>,
}

/// Lists every output of the site. Two outputs for one path are an error, unless one of them gives way.
pub fn plan(site: &Site) -> Plan {
    // Most outputs are pages, and the feeds of their comments.
    let mut planner = Planner { site, entries: Vec::with_capacity(2 * site.pages.len()) };
    planner.pages();
    planner.sections();
    planner.taxonomies();
    planner.feeds();
    planner.site_files();
    let mut plan = planner.finish();
    plan.problems.extend(missing_origin::warning(site));
    plan
}

struct PlannedOutput<'a> {
    output: Output,
    /// What it is, for an error that must name it.
    what: Cow<'static, str>,
    origin: Location,
    /// What the author wrote that its path is made of, and where.
    written: Option<(ContentId, &'a str)>,
}

struct Planner<'a> {
    site: &'a Site,
    entries: Vec<PlannedOutput<'a>>,
}

impl<'a> Planner<'a> {
    fn add(&mut self, path: String, recipe: Recipe, what: impl Into<Cow<'static, str>>, origin: Location) {
        self.entries.push(PlannedOutput { output: Output { path, recipe }, what: what.into(), origin, written: None });
    }

    /// Notes what the last path was made of.
    fn written(&mut self, by: ContentId, value: Option<&'a String>) {
        if let (Some(entry), Some(value)) = (self.entries.last_mut(), value) {
            entry.written = Some((by, value));
        }
    }

    fn config(&self) -> Location {
        self.site.config.location("")
    }

    fn pages(&mut self) {
        for (index, page) in self.site.pages.iter().enumerate() {
            let (id, content) = (PageId(index), &page.content);
            if page.is_rendered {
                self.add(output_file(&content.path), Recipe::Page(id), "the page", content.location());
                self.written(ContentId::Page(id), page.meta.path.as_ref().or(page.meta.slug.as_ref()));
                self.aliases(&page.meta.aliases, ContentId::Page(id));
                self.comment_feed(ContentId::Page(id));
                self.assets(ContentId::Page(id));
            }
        }
    }

    fn sections(&mut self) {
        for (index, section) in self.site.sections.iter().enumerate() {
            let (id, content) = (SectionId(index), &section.content);
            let origin = content.location();
            if section.meta.render {
                self.aliases(&section.meta.aliases, ContentId::Section(id));
                let file = output_file(&content.path);
                if let Some(to) = &section.meta.redirect_to {
                    let to = if to.contains("://") { to.clone() } else { self.site.config.written_permalink(to) };
                    self.add(file, Recipe::Redirect(to), "the section's redirect", origin.clone());
                } else if section.paginate_by().is_some() {
                    self.pagers(PageList::Section(id), origin.clone());
                } else {
                    self.add(file, Recipe::Section(id), "the section", origin.clone());
                }
                self.comment_feed(ContentId::Section(id));
            }
            if section.meta.generate_feeds {
                self.page_feeds(FeedOf::Section(id), content.lang(), &content.path, &origin);
            }
            if section.meta.render && section.meta.redirect_to.is_none() {
                self.assets(ContentId::Section(id));
            }
        }
    }

    fn taxonomies(&mut self) {
        for (index, taxonomy) in self.site.taxonomies.iter().enumerate() {
            let id = TaxonomyId(index);
            if !taxonomy.kind.render || taxonomy.terms.is_empty() {
                continue;
            }
            let origin = self.config();
            let what = format!("the list of the taxonomy `{}`", taxonomy.kind.name);
            self.add(output_file(&taxonomy.path), Recipe::TermList(id), what, origin.clone());
            for (number, term) in taxonomy.terms.iter().enumerate() {
                // The term is written in its pages, so that is where an error about it is mended.
                let origin = match term.pages.first() {
                    Some(&page) => self.site.page(page).content.location(),
                    None => origin.clone(),
                };
                if taxonomy.kind.page_size().is_some() {
                    self.pagers(PageList::Term(id, number), origin.clone());
                } else {
                    let what = format!("the term `{}` of `{}`", term.name, taxonomy.kind.name);
                    self.add(output_file(&term.path), Recipe::Term(id, number), what, origin.clone());
                }
                if taxonomy.kind.feed {
                    self.page_feeds(FeedOf::Term(id, number), &taxonomy.lang, &term.path, &origin);
                }
            }
        }
    }

    fn pagers(&mut self, list: PageList, origin: Location) {
        let Some(pagers) = Pagers::of(list, self.site) else { return };
        for number in 1..=pagers.count() {
            let file = output_file(&pagers.path(number));
            self.add(file, Recipe::Pager { list, number }, format!("pager {number} of the list"), origin.clone());
        }
        // An address with a number works for the first pager too.
        let first = Recipe::Redirect(self.site.config.permalink(pagers.path));
        self.add(output_file(&pagers.numbered(1)), first, "the redirect to the first pager", origin);
    }

    fn page_feeds(&mut self, of: FeedOf, lang: &str, folder: &str, origin: &Location) {
        let site = self.site;
        if !site.config.has_origin() {
            return;
        }
        for name in site.config.language(lang).map_or(&[][..], |language| &language.feed_filenames) {
            let path = format!("{folder}{name}");
            let recipe = Recipe::Feed { of: of.clone(), template: name.clone(), path: path.clone() };
            self.add(path.trim_start_matches('/').to_owned(), recipe, format!("the feed `{name}`"), origin.clone());
        }
    }

    fn comment_feed(&mut self, id: ContentId) {
        let content = self.site.content(id);
        // On a home page the feed of all comments has this address, and those of the page itself are among them.
        let is_home = matches!(id, ContentId::Section(id) if self.site.section(id).is_home());
        if content.thread.is_begun() && !is_home && self.site.config.has_origin() {
            let path = format!("{}{COMMENT_FEED}", content.folder.trim_start_matches('/'));
            let origin = content.location();
            self.add(path, Recipe::CommentFeed(id), "the feed of its comments", origin);
        }
    }

    fn feeds(&mut self) {
        let site = self.site;
        for language in site.config.languages() {
            let lang = language.code.as_str();
            let folder = if site.config.is_default_language(lang) { "/".to_owned() } else { format!("/{lang}/") };
            let origin = self.config();
            if language.generate_feeds {
                self.page_feeds(FeedOf::Site(lang.to_owned()), lang, &folder, &origin);
            }
            let has_comments = || site.recent.iter().any(|comment| site.content(comment.content).lang() == lang);
            if site.config.has_origin() && has_comments() {
                let path = format!("{}{COMMENT_FEED}", folder.trim_start_matches('/'));
                self.add(path, Recipe::RecentComments(lang.to_owned()), "the feed of all comments", origin);
            }
        }
    }

    fn site_files(&mut self) {
        let site = self.site;
        let origin = self.config();
        self.add("404.html".to_owned(), Recipe::NotFound, "the page for addresses that lead nowhere", origin.clone());
        if site.config.generate_robots_txt {
            self.add("robots.txt".to_owned(), Recipe::Robots, "what crawlers may do", origin.clone());
        }
        if site.config.generate_sitemap && site.config.has_origin() {
            let what = "the sitemap";
            let count = super::sitemap::addresses(site).len();
            if count <= SITEMAP_SIZE {
                self.add("sitemap.xml".to_owned(), Recipe::Sitemap(0..count), what, origin.clone());
            } else {
                let parts = count.div_ceil(SITEMAP_SIZE);
                for part in 0..parts {
                    let range = part * SITEMAP_SIZE..count.min((part + 1) * SITEMAP_SIZE);
                    self.add(format!("sitemap{}.xml", part + 1), Recipe::Sitemap(range), what, origin.clone());
                }
                self.add("sitemap.xml".to_owned(), Recipe::SitemapIndex(parts), what, origin.clone());
            }
        }
        for (name, theme) in site.config.markdown.stylesheets() {
            self.add(
                name.to_owned(),
                Recipe::HighlightCss(theme.to_owned()),
                "the style sheet for code",
                origin.clone(),
            );
        }
        self.whole_indexes();
        for asset in &site.stylesheets {
            let recipe = Recipe::Stylesheet { name: asset.name.clone(), source: asset.source.clone() };
            self.add(asset.name.clone(), recipe, "the style sheet", Location::file(asset.source.as_str()));
        }
        for asset in &site.static_files {
            let recipe = Recipe::Copy { source: asset.source.clone(), size: asset.size };
            self.add(asset.name.clone(), recipe, "the file", Location::file(asset.source.as_str()));
        }
    }

    /// The indexes of Zola's formats, and the script that Zola writes beside them.
    fn whole_indexes(&mut self) {
        let site = self.site;
        let mut has_script = false;
        for language in site.config.languages().iter().filter(|language| language.build_search_index) {
            let format = language.search.index_format;
            if let Some(name) = format.file_name(&language.code) {
                self.add(name, Recipe::WholeIndex(language.code.clone()), "the search index", self.config());
            }
            if format.is_for_elasticlunr() && !std::mem::replace(&mut has_script, true) {
                self.add(ELASTICLUNR.to_owned(), Recipe::Elasticlunr, "the script of the search", self.config());
            }
        }
    }

    fn aliases(&mut self, aliases: &'a [String], of: ContentId) {
        let content = self.site.content(of);
        for alias in aliases {
            let recipe = Recipe::Redirect(content.permalink.clone());
            self.add(alias_file(alias), recipe, format!("the alias `{alias}`"), content.location());
            self.written(of, Some(alias));
        }
    }

    fn assets(&mut self, id: ContentId) {
        let content = self.site.content(id);
        for asset in &content.assets {
            let path = format!("{}{}", content.folder.trim_start_matches('/'), asset.name);
            let recipe = Recipe::Copy { source: asset.source.clone(), size: asset.size };
            let origin = Location::file(asset.source.as_str());
            self.add(path, recipe, "the file", origin);
        }
    }

    fn finish(self) -> Plan {
        let site = self.site;
        let mut problems = Vec::new();
        for entry in &self.entries {
            let path = entry.output.path.as_str();
            if let Some(problem) = too_long(path).map(|problem| problem.at(entry.place(site))) {
                problems.push(problem);
            } else if !is_plain(path) || is_reserved(path) {
                problems.push(
                    Diagnostic::error(format!(
                        "{} would be at `/{}`, which cannot be",
                        entry.what,
                        path.escape_debug()
                    ))
                    .at(entry.place(site))
                    .help("give it another name, without `..`, backslashes and control characters"),
                );
            }
        }
        let (entries, notes) = conflicts::resolve(site, self.entries, &mut problems);
        let mut outputs: Vec<Output> = entries.into_iter().map(|entry| entry.output).collect();
        outputs.par_sort_by(|a, b| a.path.cmp(&b.path));
        Plan { outputs, problems, notes }
    }
}

impl PlannedOutput<'_> {
    /// Where its path can be mended.
    fn place(&self, site: &Site) -> Location {
        self.written.map_or_else(|| self.origin.clone(), |(id, value)| site.content(id).source.find_address(value))
    }
}
