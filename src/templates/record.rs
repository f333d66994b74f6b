//! The record: what an output read while it was rendered.
//!
//! An output is a function of what it reads. Templates reach the site only through the [`Library`], and every way
//! into it notes a [`Fact`] here, so that an output can be known to be up to date without rendering it again. Facts
//! name things by their paths, not by ids, so that they mean the same in another process.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tera::{Error, TeraResult};

use super::Library;
pub use super::facets::Facets;

/// One thing that an output read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Fact {
    /// A template, by the name that it was asked for by, with everything that it reaches.
    Template(String),
    /// The configuration.
    Config,
    /// A page or section, by its path from the root of the site.
    Content(Arc<str>, Facets),
    /// Which pages or sections a list holds, in which order, and some facets of each.
    List(List, Facets),
    /// A file of the site that is not a document: its bytes, or that it is not there.
    File(String),
    /// The address behind an internal link, or that there is none.
    Permalink(String),
    /// The address of a term, or that there is none: language, taxonomy, slug.
    TermAddress(String, String, String),
}

/// A list of pages or comments.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum List {
    /// The pages and subsections of a section, by its path from the root of the site.
    Section(Arc<str>),
    /// A taxonomy of a language: its terms and their pages.
    Taxonomy(String, String),
    /// The pages of a term: language, taxonomy, slug.
    Term(String, String, String),
    /// The pages of a language.
    Language(String),
    /// The newest pages of a list, as many as a feed holds.
    Newest(Box<List>),
    /// How a list is called, and how many pages it has.
    Outline(Box<List>),
    /// The pages on one pager of a list, and how many pagers there are.
    Pager(Box<List>, usize),
    /// The pages before and after a page, by its path from the root of the site.
    Neighbours(Arc<str>),
    /// The comments on a page or section, by its path from the root of the site.
    Thread(Arc<str>),
    /// So many of the newest comments of a language.
    Comments(String, usize),
    /// Every address of the site.
    Addresses,
    /// The first and the last year of the content.
    Years,
    /// The newest date in the content.
    Latest,
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Template(name) => write!(f, "the template {name}, or one that it uses"),
            Self::Config => f.write_str("the configuration"),
            Self::Content(path, facets) => write!(f, "{path} ({facets})"),
            Self::List(list, _) => list.fmt(f),
            Self::File(path) => write!(f, "the file {path}"),
            Self::Permalink(path) => write!(f, "the address of content/{path}"),
            Self::TermAddress(lang, taxonomy, slug) => write!(f, "the address of {taxonomy}/{slug} ({lang})"),
        }
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Section(path) => write!(f, "the list of pages of {path}"),
            Self::Taxonomy(lang, taxonomy) => write!(f, "the terms of {taxonomy} ({lang})"),
            Self::Term(lang, taxonomy, slug) => write!(f, "the list of pages of {taxonomy}/{slug} ({lang})"),
            Self::Language(lang) => write!(f, "the list of pages in the language {lang}"),
            Self::Newest(list) => write!(f, "the newest of {list}"),
            Self::Outline(list) => write!(f, "the number of {list}"),
            Self::Pager(list, number) => write!(f, "part {number} of {list}"),
            Self::Neighbours(path) => write!(f, "the pages before and after {path}"),
            Self::Thread(path) => write!(f, "the comments on {path}"),
            Self::Comments(lang, _) => write!(f, "the newest comments ({lang})"),
            Self::Addresses => f.write_str("the addresses of the site"),
            Self::Years => f.write_str("the years of the site"),
            Self::Latest => f.write_str("the newest date of the site"),
        }
    }
}

/// Everything that an output read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The facts in the order in which they were read, some more than once.
    facts: Vec<Fact>,
}

impl Record {
    /// A record of some facts.
    pub fn of(facts: Vec<Fact>) -> Self {
        Self { facts }.finish()
    }

    /// Notes a fact.
    pub fn note(&mut self, fact: Fact) {
        self.facts.push(fact);
    }

    /// Notes everything that another record holds.
    pub fn include(&mut self, other: &Self) {
        self.facts.extend_from_slice(&other.facts);
    }

    /// The facts, in order, each once.
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    fn finish(mut self) -> Self {
        self.facts.sort_unstable();
        self.facts.dedup();
        self.facts.shrink_to_fit();
        self
    }
}

/// One rendering in progress on this thread.
struct Frame {
    library: Arc<Library>,
    /// What the rendering is given of pages in lists.
    facets: Facets,
    /// The language that it is in.
    lang: Option<String>,
    record: Record,
}

thread_local! {
    /// The renderings in progress, the innermost last: making an output may need the body of another page.
    static FRAMES: RefCell<Vec<Frame>> = const { RefCell::new(Vec::new()) };
}

/// Runs a rendering, and gives back with its result what it read.
pub(super) fn recording<T>(library: &Arc<Library>, facets: Facets, render: impl FnOnce() -> T) -> (T, Record) {
    /// Takes the frame away also when the rendering panics, so that the next one on this thread starts clean.
    struct Guard;
    impl Drop for Guard {
        fn drop(&mut self) {
            FRAMES.with_borrow_mut(Vec::pop);
        }
    }
    FRAMES.with_borrow_mut(|frames| {
        frames.push(Frame { library: library.clone(), facets, lang: None, record: Record::default() })
    });
    let guard = Guard;
    let result = render();
    let record = FRAMES.with_borrow_mut(|frames| frames.last_mut().map(|frame| std::mem::take(&mut frame.record)));
    drop(guard);
    (result, record.unwrap_or_default().finish())
}

/// Says which language the rendering in progress is in. What is called from within a component does not see the variable
/// `lang` of the output.
pub fn speak(lang: &str) {
    FRAMES.with_borrow_mut(|frames| {
        if let Some(frame) = frames.last_mut() {
            frame.lang = Some(lang.to_owned());
        }
    });
}

/// The language of the rendering in progress.
pub(super) fn lang() -> Option<String> {
    FRAMES.with_borrow(|frames| frames.last().and_then(|frame| frame.lang.clone()))
}

/// Notes a fact for the rendering in progress on this thread.
pub fn note(fact: Fact) {
    FRAMES.with_borrow_mut(|frames| {
        if let Some(frame) = frames.last_mut() {
            frame.record.note(fact);
        }
    });
}

/// Notes everything that another rendering read.
pub(super) fn include(record: &Record) {
    FRAMES.with_borrow_mut(|frames| {
        if let Some(frame) = frames.last_mut() {
            frame.record.include(record);
        }
    });
}

/// The library of the rendering in progress, and the facets of pages that it is given: how functions and filters,
/// which Tera knows before there is a site, reach the site.
pub(super) fn library() -> TeraResult<(Arc<Library>, Facets)> {
    FRAMES
        .with_borrow(|frames| frames.last().map(|frame| (frame.library.clone(), frame.facets)))
        .ok_or_else(|| Error::message("this can only be called while a site is rendered"))
}
