//! The renderer of posts: one pass over the parser's events.

mod events;
mod headings;
mod links;
mod raw_html;

use std::ops::Range;

use pulldown_cmark::{CowStr, Parser};
use rustc_hash::FxHashSet;

use super::footnotes::Footnotes;
use super::headings::OpenHeading;
use super::ids::{IdAssignment, Ids, Redirects};
use super::post::{MarkdownProblem, PostContext, RenderedMarkdown};
use super::writer::Writer;
use crate::config::markdown::HighlightStyle;
use crate::content::parser_options;
use crate::diagnostic::Severity;

/// The state of one rendering.
pub(super) struct Renderer<'a, 'c> {
    context: &'c PostContext<'c>,
    body: &'a str,
    writer: Writer,
    heading: Option<OpenHeading<'a>>,
    ids: Ids<'c>,
    redirects: Redirects,
    footnotes: Footnotes<'a>,
    /// The open code block that will be highlighted: its info string, and its text so far.
    code: Option<(CowStr<'a>, String)>,
    /// Where in the output the last piece of raw HTML begins.
    raw_html_start: usize,
    /// All raw HTML, and for each piece its position there and its span in the text.
    raw: (String, Vec<(usize, Range<usize>)>),
    /// The ids that were reported.
    reported_ids: FxHashSet<String>,
    /// The checkbox of the task whose text is being written.
    task: Option<TaskItem>,
    /// The attributes of external links, from the first one on.
    external_attributes: Option<String>,
    /// The error of a template that failed.
    template_error: Option<String>,
    rendered: RenderedMarkdown,
}

/// The checkbox of a task in a list.
struct TaskItem {
    is_done: bool,
    /// Where in the output its attributes end.
    at: usize,
    /// The text of the task so far, which becomes the checkbox's label.
    text: String,
}

impl<'a, 'c> Renderer<'a, 'c> {
    /// Starts a rendering. The second one of a text gets the ids that were assigned after the first.
    pub fn new(body: &'a str, context: &'c PostContext<'c>, assignment: Option<IdAssignment>) -> Self {
        let (ids, redirects) = match assignment {
            None => (Ids::new(context.is_reserved), Redirects::default()),
            Some(IdAssignment { assigned, redirects }) => {
                (Ids::with_assignment(context.is_reserved, assigned), redirects)
            }
        };
        let ids = if context.options.follows_zola { ids.of_headings() } else { ids };
        let follows_zola = context.options.follows_zola;
        let has_styles = context.options.highlighting.as_ref().is_none_or(|code| code.style != HighlightStyle::Class);
        let mut writer = Writer::new(!follows_zola);
        writer.has_classes = !has_styles && !follows_zola;
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
            raw_html_start: 0,
            raw: Default::default(),
            reported_ids: FxHashSet::default(),
            task: None,
            external_attributes: None,
            template_error: None,
            rendered: RenderedMarkdown::default(),
        }
    }

    /// Renders the text.
    ///
    /// # Errors
    /// The text must be rendered again with these ids.
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

    /// Reports that a template failed. The same error at the next heading is not reported again.
    fn template_problem(&mut self, message: String, span: Range<usize>) {
        if self.template_error.as_ref() != Some(&message) {
            self.template_error = Some(message.clone());
            self.problem(Severity::Error, message, span, None, None);
        }
    }

    fn finish(mut self) -> Result<RenderedMarkdown, IdAssignment> {
        if let Some(assignment) = self.ids.reassign() {
            return Err(assignment);
        }
        if !self.raw.0.is_empty() {
            self.check_raw_html();
        }
        let mut rendered = self.rendered;
        self.footnotes.finish(&mut self.writer, self.context.options.follows_zola);
        rendered.anchors.extend(self.ids.into_assigned());
        rendered.html = self.writer.out;
        // The HTML is kept as long as the site is.
        rendered.html.shrink_to_fit();
        Ok(rendered)
    }
}
