//! Problems with a body: where they are, and what to do about them.

use std::ops::Range;
use std::sync::Arc;

use crate::content::linked_file;
use crate::diagnostic::{Diagnostic, Location, MAX_SUGGESTIONS, SourceText, nearest};
use crate::markdown;
use crate::site::{Content, ContentId};
use crate::templates::Library;

/// The target of a dead link.
#[derive(Clone, Debug)]
pub enum MissingTarget {
    /// A file.
    File(String),
    /// An anchor in a page.
    Anchor(ContentId, String),
}

impl MissingTarget {
    /// Returns the file that a problem with a Markdown text is about, if the file does not exist.
    pub(in crate::templates) fn of_problem(library: &Library, problem: &markdown::MarkdownProblem) -> Option<Self> {
        let path = linked_file(problem.needle.as_deref()?)?;
        (!library.site.is_left_out(&path)
            && library.site.held_until(&path).is_none()
            && !is_file_without_page(library, &path))
        .then(|| Self::File(path.into_owned()))
    }

    /// Suggests what the author meant.
    pub(in crate::templates) fn suggestion(&self, library: &Arc<Library>) -> Option<String> {
        let suggestion = match self {
            Self::File(path) => format!("@/{}", nearest(path, library.site.by_path.keys().map(|path| &**path))?),
            Self::Anchor(target, anchor) => {
                format!("#{}", nearest(anchor, library.outline(*target).anchors.iter().map(String::as_str))?)
            }
        };
        Some(format!("did you mean `{suggestion}`?"))
    }
}

/// Returns the advice for a problem with a Markdown text.
pub(in crate::templates) fn help_for(library: &Library, problem: &markdown::MarkdownProblem) -> Option<String> {
    let Some(path) = problem.needle.as_deref().and_then(linked_file) else { return problem.help.clone() };
    if let Some(date) = library.site.held_until(&path) {
        return Some(format!(
            "that page is there, but it is held back until its date, {date}: link to it from then on, or build with --future"
        ));
    }
    let help = match library.site.is_left_out(&path) {
        true => "that page is there, but it is a draft or in a drafted section, and those are not part of the site",
        false if is_file_without_page(library, &path) => match path.ends_with(".md") {
            true => {
                "that file is there, but it is no page of the site: correct its own errors, or look whether \
                 `ignored_content` names it"
            }
            false => "that file is there, but `@/` leads only to pages: write the address that it has on the site",
        },
        false => "the path begins in `content/`, as in `@/posts/my-post.md`; drafts are not part of the site",
    };
    Some(help.to_owned())
}

/// Whether the file of a link that leads to no page is there: it has errors of its own, is ignored, or is no text.
fn is_file_without_page(library: &Library, path: &str) -> bool {
    library.world.is_file(&format!("content/{path}"))
}

/// Adds suggestions to the problems of dead links. Only the first of very many get one, because each suggestion
/// compares all names of the site.
pub(in crate::templates) fn with_suggestions(
    library: &Arc<Library>,
    problems: Vec<(Diagnostic, Option<MissingTarget>)>,
) -> Vec<Diagnostic> {
    let mut left = MAX_SUGGESTIONS;
    let advise = |(problem, target): (Diagnostic, Option<MissingTarget>)| {
        let Some(target) = target.filter(|_| left > 0) else { return problem };
        left -= 1;
        match target.suggestion(library) {
            Some(suggestion) => problem.help(suggestion),
            None => problem,
        }
    };
    problems.into_iter().map(advise).collect()
}

/// Locates a text in a page's file: in the range `near`, or else where it is found first. If it is not in the file,
/// because template syntax produced it, the location is the file as a whole.
pub(super) fn locate(source: &SourceText, content: &Content, needle: &str, near: &Range<usize>) -> Location {
    let body = &source.text[content.source.body_start..];
    let offset = match body.get(near.clone()).and_then(|text| text.find(needle)) {
        _ if needle.is_empty() => None,
        Some(at) => Some(near.start + at),
        None => body.find(needle),
    };
    match offset {
        Some(at) => {
            let start = content.source.body_start + at;
            Location::span(source, start..start + needle.len())
        }
        None => content.location(),
    }
}
