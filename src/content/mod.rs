//! Content: pages, sections and threads, each file parsed by itself.

mod cascade;
mod date;
mod discussions;
mod extra;
mod file_name;
mod front_matter;
mod links;
#[cfg(test)]
mod manual_tests;
mod page;
mod reactions;
mod section;
mod source;
#[cfg(test)]
mod tests;
mod thread;
mod words;

use std::sync::Arc;

use pulldown_cmark::Options;
use serde::{Deserialize, Serialize};

use crate::diagnostic::{Diagnostic, Severity, SourceText};
use crate::source::TableReader;

pub use cascade::Cascade;
pub use date::Date;
pub use discussions::{Discussion, DiscussionAddress};
pub use file_name::{FileInfo, Languages};
pub use links::{linked_file, parser_options};
pub use page::{CommentsMode, PageMeta};
pub use reactions::{Reaction, parse_reactions, reactions_path};
pub use section::{SectionMeta, SortBy};
pub use source::Source;
pub use thread::{
    CommentDocument, CommentKind, CommentStatus, ThreadFile, ThreadOwner, kind_word, owner, parse_thread, thread_names,
};
pub use words::reading_time;

/// A parsed file of content. It is cheap to clone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Document {
    /// Any `.md` file but a section's.
    Page(PageDocument),
    /// An `_index.md`.
    Section(SectionDocument),
}

/// A parsed file, with front matter of any kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParsedDocument<Meta> {
    /// The file.
    pub source: Source,
    /// The values from its path.
    pub file: Arc<FileInfo>,
    /// The values from its front matter.
    pub meta: Arc<Meta>,
    /// How many words the Markdown has, code blocks left out; in Chinese and Japanese, characters.
    pub words: usize,
    /// The files that it links to: `blog/hello.md` of `@/blog/hello.md#anchor`. Each once, in the
    /// order of the text.
    pub links: Arc<[String]>,
}

/// A page.
pub type PageDocument = ParsedDocument<PageMeta>;

/// A section.
pub type SectionDocument = ParsedDocument<SectionMeta>;

/// Parses one file of content. There is a document if its place in the site is known and its front matter could be
/// found; with an error among the problems it may not be what the author meant. `options` say what of the Markdown is a
/// link (see [`parser_options`]).
pub fn parse(source: SourceText, languages: &Languages<'_>, options: Options) -> (Option<Document>, Vec<Diagnostic>) {
    let (file, mut problems) = FileInfo::new(&source.path, languages);
    let has_place = problems.iter().all(|problem| problem.severity != Severity::Error);
    let front_matter = match front_matter::split(&source) {
        Ok(front_matter) => front_matter,
        Err(problem) => {
            problems.push(problem);
            return (None, problems);
        }
    };
    let body = front_matter.body.clone();
    let markdown = &source.text[body.clone()];
    let (words, links) = (words::count(markdown, &file.lang), links::internal(markdown, options).into());
    let parsed = front_matter.parse(&source);
    let rules = if file.is_section() { &front_matter::SECTION } else { &front_matter::PAGE };
    let reading = TableReader::new(&source, &parsed, rules);
    let source = Source::new(&source, body.start);
    let document = if file.is_section() {
        let meta = SectionMeta::read(reading.root());
        Document::Section(ParsedDocument { source, file: file.into(), meta: meta.into(), words, links })
    } else {
        let mut meta = PageMeta::read(reading.root());
        if meta.date.is_none() {
            meta.date.clone_from(&file.date);
        }
        Document::Page(ParsedDocument { source, file: file.into(), meta: meta.into(), words, links })
    };
    let mut found = reading.finish();
    found.sort_by_key(start);
    problems.extend(found);
    (has_place.then_some(document), problems)
}

/// Where a problem begins in its file.
fn start(problem: &Diagnostic) -> usize {
    problem.location.as_ref().and_then(|location| location.excerpt.as_ref()).map_or(0, |(_, span)| span.start)
}
