//! The pass over the parser's events that makes a post.

mod events;
mod headings;
mod links;
mod raw_html;

use std::ops::Range;

use pulldown_cmark::{CowStr, Options, Parser};
use rustc_hash::FxHashSet;

use super::footnotes::Footnotes;
use super::headings::OpenHeading;
use super::ids::{IdAssignment, Ids, Redirects};
use super::post::{MarkdownProblem, PostContext, RenderedMarkdown};
use super::writer::Writer;
use crate::config::Markdown;
use crate::content::MARKDOWN_EXTENSIONS;
use crate::diagnostic::Severity;

/// A text that is being rendered.
pub(super) struct Renderer<'a, 'c> {
    context: &'c PostContext<'c>,
    body: &'a str,
    writer: Writer,
    heading: Option<OpenHeading<'a>>,
    ids: Ids<'c>,
    redirects: Redirects,
    footnotes: Footnotes<'a>,
    /// The code block that is collected, because it is to have colours: its language and options, and its text.
    code: Option<(CowStr<'a>, String)>,
    /// Where in the output the raw HTML begins that is being written.
    raw_html: usize,
    /// The raw HTML, and where in it and in the text each piece of it begins.
    raw: (String, Vec<(usize, Range<usize>)>),
    /// The ids that were warned of.
    told_ids: FxHashSet<String>,
    /// The box of a task whose text is being written.
    task: Option<TaskItem>,
    /// The attributes of links to other sites, once one was seen.
    external_attributes: Option<String>,
    /// What a template said when it failed.
    failed: Option<String>,
    rendered: RenderedMarkdown,
}

/// The box of a task in a list.
struct TaskItem {
    is_done: bool,
    /// Where in the output its attributes end.
    at: usize,
    /// The text that says what the task is, as far as it has come.
    text: String,
}

impl<'a, 'c> Renderer<'a, 'c> {
    /// With what was decided about ids, if it was rendered before.
    pub fn new(body: &'a str, context: &'c PostContext<'c>, decision: Option<IdAssignment>) -> Self {
        let (ids, redirects) = match decision {
            None => (Ids::within(context.is_around), Redirects::default()),
            Some(IdAssignment { given, redirects }) => (Ids::decided(context.is_around, given), redirects),
        };
        let mut writer = Writer::default();
        writer.out.reserve(body.len() + body.len() / 2);
        Self {
            context,
            body,
            writer,
            heading: None,
            ids,
            redirects,
            footnotes: Footnotes::default(),
            code: None,
            raw_html: 0,
            raw: Default::default(),
            told_ids: FxHashSet::default(),
            task: None,
            external_attributes: None,
            failed: None,
            rendered: RenderedMarkdown::default(),
        }
    }

    /// Renders the text.
    ///
    /// # Errors
    /// It has to be rendered again with what is decided about its ids.
    pub fn render(mut self) -> Result<RenderedMarkdown, IdAssignment> {
        let mut events = Parser::new_ext(self.body, parser_options(self.context.options)).into_offset_iter();
        while let Some((event, span)) = events.next() {
            self.event(event, span, &mut events);
        }
        self.finish()
    }

    fn problem(
        &mut self,
        severity: Severity,
        message: String,
        span: Range<usize>,
        needle: Option<String>,
        help: Option<&str>,
    ) {
        let help = help.map(str::to_owned);
        self.rendered.problems.push(MarkdownProblem { severity, message, span, needle, help });
    }

    /// A template failed. That it fails again at the next heading is no news.
    fn template_problem(&mut self, message: String, span: Range<usize>) {
        if self.failed.as_ref() != Some(&message) {
            self.failed = Some(message.clone());
            self.problem(Severity::Error, message, span, None, None);
        }
    }

    fn finish(mut self) -> Result<RenderedMarkdown, IdAssignment> {
        if let Some(decision) = self.ids.decide() {
            return Err(decision);
        }
        if !self.raw.0.is_empty() {
            self.check_raw_html();
        }
        let mut rendered = self.rendered;
        self.footnotes.finish(&mut self.writer);
        rendered.anchors.extend(self.ids.into_given());
        rendered.html = self.writer.out;
        // It is kept as long as the site is.
        rendered.html.shrink_to_fit();
        Ok(rendered)
    }
}

/// The parser's options for a body. The links that become backlinks are found before template syntax runs, see
/// `content::links`, with the same [`MARKDOWN_EXTENSIONS`].
pub(super) fn parser_options(markdown: &Markdown) -> Options {
    let mut options = MARKDOWN_EXTENSIONS;
    options.set(Options::ENABLE_SMART_PUNCTUATION, markdown.smart_punctuation);
    options.set(Options::ENABLE_DEFINITION_LIST, markdown.definition_list);
    options.set(Options::ENABLE_GFM, markdown.github_alerts);
    options
}
