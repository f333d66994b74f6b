//! Dependencies: what an output read while it was rendered.
//!
//! An output is a function of what it reads. Dependencies name things by their paths, not by ids, so that they mean the
//! same in another process. A list, such as all pages of a section, is one dependency with one fingerprint. So the
//! number of an output's dependencies depends on its template, not on the size of the site.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::date_format::DateFormat;
pub use super::field_mask::FieldMask;
use super::remote::RemoteData;
use crate::images::GeneratedImage;
use crate::source::Fingerprint;

/// One thing that an output read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Dependency {
    /// The configuration.
    Config,
    /// A template, by the requested name, with everything that it reaches.
    Template(String),
    /// The names of all templates, and which template defines each component.
    TemplateNames,
    /// The Markdown of a page or section, by its path from the root of the site, and everything that is needed to
    /// render it.
    Markdown(Arc<str>),
    /// Some fields of a page or section, by its path from the root of the site.
    Content(Arc<str>, FieldMask),
    /// The pages of a list in order, and some fields of each.
    Pages(PageSet, FieldMask),
    /// The name of a list of pages, and their number.
    PageCount(PageSet),
    /// The terms of a taxonomy: their names, addresses and numbers of pages, and some fields of their pages.
    Terms(TermSet, Option<FieldMask>),
    /// The name, address and length of a page's series and its place there, or that it belongs to none.
    Series(Arc<str>),
    /// The comments on a page or section, by its path from the root of the site.
    Thread(Arc<str>),
    /// The newest comments of a language.
    RecentComments {
        /// The language's code.
        lang: String,
        /// The largest number of comments.
        limit: usize,
        /// Whether their texts are read.
        with_texts: bool,
    },
    /// Every address of the site.
    Addresses,
    /// The first and the last year of the content.
    Years,
    /// The newest date of the listed content.
    Latest,
    /// The moment of the build.
    Now,
    /// The moment of the build as the filter `date` writes it.
    FormattedNow(DateFormat),
    /// The value of an environment variable, or that it is not set.
    Environment(String),
    /// Whether the build is at or after a moment, in seconds since 1970.
    MomentReached(i64),
    /// The bytes of a file of the site that is not a document, or that it does not exist.
    File(String),
    /// Which file is published as it is at a path of the site, or that there is none.
    Published(String),
    /// An image that the output shows, made of a file of the site or of a text. That file is a dependency of its own, so that
    /// this one never changes: it says which images have to be there.
    Image(Box<GeneratedImage>),
    /// The response of another server.
    Remote(Box<RemoteData>),
    /// The response of another server to a request that may have a secret in it, so that only its fingerprint is remembered.
    PrivateRemote(Fingerprint),
    /// The address of an internal link, or that its target does not exist.
    Permalink(String),
    /// How much of a path is the literal name of something on the site.
    PathName(String),
    /// The address of a term, or that it does not exist: language, taxonomy, slug.
    TermAddress(String, String, String),
    /// A style sheet that the build compiles, or that there is none of that name.
    Stylesheet(String),
    /// All texts of a language. An output shows dozens of them and they change rarely, so that they are one dependency.
    Texts(String),
    /// The search index of a language, in one file.
    WholeIndex(String),
}

/// Returns the fingerprint of the current value of an environment variable.
pub fn environment_fingerprint(name: &str) -> Fingerprint {
    let value = std::env::var_os(name).map(|value| value.into_encoded_bytes());
    Fingerprint::of(format!("{value:?}").as_bytes())
}

/// A list of pages.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PageSet {
    /// The pages of a section, by its path from the root of the site.
    Section(Arc<str>),
    /// The pages of a term: language, taxonomy, slug.
    Term(String, String, String),
    /// The pages of a language.
    Language(String),
    /// The newest pages of a list, as many as a feed holds.
    Newest(Box<PageSet>),
    /// The pages that share the most terms with a page, by its path from the root of the site, and how many at most.
    Related(Arc<str>, usize),
    /// A page and the parts of its series that are near to it.
    Series {
        /// The path of the page, from the root of the site.
        path: Arc<str>,
        /// So many parts before it.
        before: usize,
        /// So many parts after it.
        after: usize,
    },
    /// The first pages of a list.
    First(Box<PageSet>, usize),
    /// The pages on one pager of a list, and how many pagers there are.
    Pager(Box<PageSet>, usize),
}

/// Terms of a taxonomy.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TermSet {
    /// The language's code.
    pub lang: String,
    /// The slug of the taxonomy.
    pub taxonomy: String,
    /// The largest number of terms: those with the most pages. None for all of them.
    pub limit: Option<usize>,
}

impl Dependency {
    /// The image that has to be there, if it is one.
    pub fn image(&self) -> Option<&GeneratedImage> {
        if let Self::Image(image) = self { Some(image) } else { None }
    }

    /// Whether it covers many things, so that its fingerprint is worth caching.
    pub(super) fn is_aggregate(&self) -> bool {
        matches!(
            self,
            Self::Pages(..)
                | Self::PageCount(_)
                | Self::Terms(..)
                | Self::RecentComments { .. }
                | Self::Addresses
                | Self::Stylesheet(_)
                | Self::Texts(_)
                | Self::WholeIndex(_)
        )
    }
}

impl fmt::Display for Dependency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config => f.write_str("the configuration"),
            Self::Template(name) => write!(f, "the template {name}, or one that it uses"),
            Self::TemplateNames => f.write_str("the names of templates and components"),
            Self::Markdown(path) => write!(f, "the text of {path}"),
            Self::Content(path, fields) => write!(f, "{path} ({fields})"),
            Self::Pages(pages, FieldMask::META) => write!(f, "the list of {pages}"),
            Self::Pages(pages, fields) => write!(f, "the list of {pages} ({fields})"),
            Self::PageCount(pages) => write!(f, "the number of {pages}"),
            Self::Terms(terms, None) => write!(f, "{terms}: a name, address or number of pages"),
            Self::Terms(terms, Some(_)) => write!(f, "{terms}, or their pages"),
            Self::Series(path) => write!(f, "the place of {path} in its series"),
            Self::Thread(path) => write!(f, "the comments on {path}"),
            Self::RecentComments { lang, .. } => write!(f, "the newest comments ({lang})"),
            Self::Addresses => f.write_str("the addresses of the site"),
            Self::Years => f.write_str("the years of the site"),
            Self::Latest => f.write_str("the newest date of the site"),
            Self::Now => f.write_str("the moment of the build"),
            Self::FormattedNow(format) => write!(f, "the moment of the build, written as {format}"),
            Self::Environment(name) => write!(f, "the environment variable {name}"),
            Self::MomentReached(second) => match Timestamp::from_second(*second) {
                Ok(moment) => write!(f, "whether {moment} has come"),
                Err(_) => f.write_str("whether a moment has come"),
            },
            Self::File(path) => write!(f, "the file {path}"),
            Self::Published(path) => write!(f, "the file that is published as {path}"),
            Self::Image(image) => match image.source() {
                Some(source) => write!(f, "an image made of {source}"),
                None => f.write_str("a social card"),
            },
            Self::Remote(data) => write!(f, "the response of {}", data.printable_url()),
            Self::PrivateRemote(_) => f.write_str("the response of another server"),
            Self::Permalink(path) => write!(f, "the address of content/{path}"),
            Self::PathName(path) => write!(f, "what is at {path}"),
            Self::Stylesheet(name) => write!(f, "the style sheet {name}"),
            Self::Texts(lang) => write!(f, "the texts of the language {lang}"),
            Self::WholeIndex(lang) => write!(f, "the search index ({lang})"),
            Self::TermAddress(lang, taxonomy, slug) => write!(f, "the address of {taxonomy}/{slug} ({lang})"),
        }
    }
}

impl fmt::Display for PageSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Section(path) => write!(f, "pages of {path}"),
            Self::Term(lang, taxonomy, slug) => write!(f, "pages of {taxonomy}/{slug} ({lang})"),
            Self::Language(lang) => write!(f, "pages in the language {lang}"),
            Self::Newest(pages) => write!(f, "the newest {pages}"),
            Self::Related(path, count) => write!(f, "{count} pages related to {path}"),
            Self::Series { path, .. } => write!(f, "parts of the series of {path}"),
            Self::First(pages, count) => write!(f, "the first {count} {pages}"),
            Self::Pager(pages, number) => write!(f, "part {number} of the {pages}"),
        }
    }
}

impl fmt::Display for TermSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lang, taxonomy, limit } = self;
        match limit {
            Some(limit) => write!(f, "the {limit} largest {taxonomy} ({lang})"),
            None => write!(f, "the {taxonomy} ({lang})"),
        }
    }
}

/// Everything that an output read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dependencies(Vec<Dependency>);

impl Dependencies {
    /// Adds a dependency. Duplicates are allowed.
    pub(super) fn add(&mut self, dependency: Dependency) {
        self.0.push(dependency);
    }

    /// Sorts the dependencies and removes duplicates.
    pub(super) fn sorted(mut self) -> Self {
        self.0.sort_unstable();
        self.0.dedup();
        self.0.shrink_to_fit();
        self
    }

    /// Iterates over the dependencies.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Dependency> {
        self.0.iter()
    }
}
