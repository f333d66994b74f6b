//! The record: what an output read while it was rendered.
//!
//! An output is a function of what it reads. Templates reach the site only through the [`Library`], and every way
//! into it notes a [`Fact`] here, so that an output can be known to be up to date without rendering it again. Facts
//! name things by their paths, not by ids, so that they mean the same in another process.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use tera::{Error, TeraResult};

use super::Library;

/// One thing that an output read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fact {
    /// A template, by the name that Tera knows it by, with everything that it reaches.
    Template(String),
    /// The configuration as templates see it in a language.
    Config(String),
    /// A page or section, by its path relative to `content/`.
    Content(String, Facet),
    /// Which pages or sections a list holds, in which order, and a facet of each.
    List(List, Facet),
    /// A file of the site that is not a document: its bytes, or that it is not there.
    File(String),
    /// The address behind an internal link, or that there is none.
    Permalink(String),
    /// The address of a term, or that there is none: language, taxonomy, slug.
    TermAddress(String, String, String),
}

/// Which part of a page or section was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Facet {
    /// Its front matter, address, counts and relations: everything but what is below.
    Meta,
    /// That, and its rendered Markdown and comments.
    Whole,
}

/// A list of pages or comments.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum List {
    /// The pages and subsections of a section.
    Section(String),
    /// A taxonomy of a language: its terms and their pages.
    Taxonomy(String, String),
    /// The pages of a term: language, taxonomy, slug.
    Term(String, String, String),
    /// The newest pages of a language.
    Feed(String),
    /// The newest comments of a language.
    Comments(String),
    /// Every address of the site.
    Addresses,
    /// The first and the last year of the content.
    Years,
    /// The newest date in the content.
    Latest,
}

/// Everything that an output read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    facts: BTreeSet<Fact>,
}

impl Record {
    /// Notes a fact.
    pub fn note(&mut self, fact: Fact) {
        self.facts.insert(fact);
    }

    /// Notes everything that another record holds.
    pub fn include(&mut self, other: &Self) {
        self.facts.extend(other.facts.iter().cloned());
    }

    /// The facts, in order.
    pub fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.facts.iter()
    }
}

/// One rendering in progress on this thread.
struct Frame {
    library: Arc<Library>,
    /// What the rendering is given of pages in lists.
    facet: Facet,
    record: Record,
}

thread_local! {
    /// The renderings in progress, the innermost last: making an output may need the body of another page.
    static FRAMES: RefCell<Vec<Frame>> = const { RefCell::new(Vec::new()) };
}

/// Runs a rendering, and gives back with its result what it read.
pub(super) fn recording<T>(library: &Arc<Library>, facet: Facet, render: impl FnOnce() -> T) -> (T, Record) {
    /// Takes the frame away also when the rendering panics, so that the next one on this thread starts clean.
    struct Guard;
    impl Drop for Guard {
        fn drop(&mut self) {
            FRAMES.with_borrow_mut(Vec::pop);
        }
    }
    FRAMES.with_borrow_mut(|frames| frames.push(Frame { library: library.clone(), facet, record: Record::default() }));
    let guard = Guard;
    let result = render();
    let record = FRAMES.with_borrow_mut(|frames| frames.last_mut().map(|frame| std::mem::take(&mut frame.record)));
    drop(guard);
    (result, record.unwrap_or_default())
}

/// Notes a fact for the rendering in progress on this thread.
pub(super) fn note(fact: Fact) {
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

/// The library of the rendering in progress, and the facet of pages that it is given: how functions and filters,
/// which Tera knows before there is a site, reach the site.
pub(super) fn library() -> TeraResult<(Arc<Library>, Facet)> {
    FRAMES
        .with_borrow(|frames| frames.last().map(|frame| (frame.library.clone(), frame.facet)))
        .ok_or_else(|| Error::message("this can only be called while a site is rendered"))
}
