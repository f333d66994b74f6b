//! The pass over the parser's events that makes a post.

mod links;

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd};
use rustc_hash::FxHashSet;

use super::footnotes::Footnotes;
use super::headings::{self, Heading, OpenHeading};
use super::ids::{IdAssignment, IdOwner, Ids, Redirects};
use super::open_elements::{self, LooseTag};
use super::post::{MarkdownProblem, PostContext, RenderedMarkdown};
use super::raw_html::{NameAttribute, PageContext};
use super::writer::{Writer, push_attribute, push_number, push_text};
use super::{code, emoji, summary};
use crate::config::Markdown;
use crate::config::markdown::InsertAnchor;
use crate::content::MARKDOWN_EXTENSIONS;
use crate::diagnostic::Severity;

/// So many tags without a counterpart are told of one text: a single one that is forgotten may bring about many others.
const MOST_LOOSE: usize = 20;

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

    fn event(
        &mut self,
        event: Event<'a>,
        span: Range<usize>,
        events: &mut impl Iterator<Item = (Event<'a>, Range<usize>)>,
    ) {
        match event {
            Event::Text(text) => self.text(&text),
            Event::Start(Tag::Image { dest_url, title, .. }) => self.image(&dest_url, &title, events),
            Event::Start(tag) => {
                if !matches!(tag, Tag::HtmlBlock) {
                    self.writer.open.push(tag.to_end());
                }
                self.start(tag, span);
            }
            Event::End(tag) => {
                if tag != TagEnd::HtmlBlock {
                    self.writer.open.pop();
                }
                self.end(tag, span);
            }
            Event::Code(text) => {
                self.writer.out.push_str("<code>");
                push_text(&mut self.writer.out, &text);
                self.writer.out.push_str("</code>");
                self.title(&text);
            }
            Event::Html(html) => self.raw_html(&html, span),
            Event::InlineHtml(html) => {
                self.raw_html = self.writer.out.len();
                self.raw_html(&html, span.clone());
                self.end_raw_html(span);
            }
            Event::SoftBreak => {
                self.writer.out.push('\n');
                self.title(" ");
            }
            Event::HardBreak => {
                self.writer.out.push_str("<br />\n");
                self.title(" ");
            }
            Event::Rule => self.writer.block("<hr />\n"),
            Event::FootnoteReference(name) => {
                if self.context.options.bottom_footnotes {
                    self.footnotes.reference_to_end(&mut self.writer.out, name, &mut self.ids);
                } else {
                    self.footnotes.reference(&mut self.writer.out, name, &mut self.ids);
                }
            }
            Event::TaskListMarker(is_done) => {
                let out = &mut self.writer.out;
                out.push_str("<input disabled=\"\" type=\"checkbox\"");
                out.push_str(if is_done { " checked=\"\"" } else { "" });
                self.task = Some(TaskItem { is_done, at: out.len(), text: String::new() });
                out.push_str("/>\n");
            }
            // Not asked for, so the parser gives none.
            Event::InlineMath(text) | Event::DisplayMath(text) => push_text(&mut self.writer.out, &text),
        }
    }

    fn text(&mut self, text: &str) {
        if let Some((_, code)) = &mut self.code {
            code.push_str(text);
        } else if self.context.options.render_emoji && self.writer.open.last() != Some(&TagEnd::CodeBlock) {
            let text = emoji::replace(text);
            push_text(&mut self.writer.out, &text);
            self.title(&text);
        } else {
            push_text(&mut self.writer.out, text);
            self.title(text);
        }
    }

    /// Adds to the title of the heading that is open, or to the name of the task, if there is one.
    fn title(&mut self, text: &str) {
        if let Some(heading) = &mut self.heading {
            heading.title.push_str(text);
        } else if let Some(task) = &mut self.task {
            task.text.push_str(text);
        }
    }

    /// Gives its name to the box of a task whose text has ended.
    fn end_task(&mut self) {
        let Some(TaskItem { is_done, at, text }) = self.task.take() else { return };
        let words: Vec<&str> = text.split_whitespace().collect();
        let name = match words.is_empty() {
            true if is_done => "☑".to_owned(),
            true => "☐".to_owned(),
            false => words.join(" "),
        };
        let mut label = " aria-label=\"".to_owned();
        push_attribute(&mut label, &name);
        label.push('"');
        self.writer.out.insert_str(at, &label);
    }

    fn start(&mut self, tag: Tag<'a>, span: Range<usize>) {
        if !is_inline(&tag) {
            self.end_task();
        }
        let writer = &mut self.writer;
        match tag {
            Tag::Paragraph => writer.block("<p>"),
            Tag::Heading { level, id, classes, .. } => {
                writer.fresh_line();
                self.heading = Some(OpenHeading {
                    level: level as u32,
                    id,
                    classes,
                    start: writer.out.len(),
                    title: String::new(),
                    has_link: false,
                });
            }
            Tag::BlockQuote(kind) => writer.start_quote(kind),
            Tag::CodeBlock(kind) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info,
                    CodeBlockKind::Indented => CowStr::Borrowed(""),
                };
                if self.context.highlighter.is_on() {
                    self.code = Some((info, String::with_capacity(span.len())));
                } else {
                    code::start_plain(writer, &info);
                }
            }
            Tag::HtmlBlock => self.raw_html = writer.out.len(),
            Tag::List(start) => writer.start_list(start),
            Tag::Item => writer.block("<li>"),
            Tag::FootnoteDefinition(name) => {
                if self.context.options.bottom_footnotes {
                    self.footnotes.start_for_end(writer, name);
                } else {
                    self.footnotes.start_here(writer, name, &mut self.ids);
                }
            }
            Tag::DefinitionList => writer.block("<dl>\n"),
            Tag::DefinitionListTitle => writer.block("<dt>"),
            Tag::DefinitionListDefinition => writer.block("<dd>"),
            Tag::Table(alignments) => writer.start_table(alignments),
            Tag::TableHead => writer.start_table_head(),
            Tag::TableRow => writer.start_table_row(),
            Tag::TableCell => writer.start_table_cell(),
            Tag::Emphasis => writer.out.push_str("<em>"),
            Tag::Strong => writer.out.push_str("<strong>"),
            Tag::Strikethrough => writer.out.push_str("<del>"),
            Tag::Superscript => writer.out.push_str("<sup>"),
            Tag::Subscript => writer.out.push_str("<sub>"),
            Tag::Link { link_type, dest_url, title, .. } => {
                if let Some(heading) = &mut self.heading {
                    heading.has_link = true;
                }
                self.link(link_type, &dest_url, &title, span);
            }
            Tag::Image { .. } | Tag::MetadataBlock(_) => {}
        }
    }

    fn end(&mut self, tag: TagEnd, span: Range<usize>) {
        if matches!(tag, TagEnd::Paragraph | TagEnd::Item) {
            self.end_task();
        }
        match tag {
            TagEnd::Heading(_) => self.end_heading(span),
            TagEnd::CodeBlock => match self.code.take() {
                Some((info, text)) => self.highlighted(&info, &text, span),
                None => self.writer.end(tag),
            },
            TagEnd::HtmlBlock => self.end_raw_html(span),
            TagEnd::FootnoteDefinition if self.context.options.bottom_footnotes => {
                self.footnotes.end_for_end(&mut self.writer);
            }
            TagEnd::Paragraph => {
                self.footnotes.end_of_paragraph(self.writer.out.len());
                self.writer.end(tag);
            }
            _ => self.writer.end(tag),
        }
    }

    fn highlighted(&mut self, info: &str, text: &str, span: Range<usize>) {
        let Some(block) = self.context.highlighter.highlight(info, text) else { return };
        self.writer.block(&block.html);
        self.writer.out.push('\n');
        if let Some(problem) = &block.problem {
            let needle = (!info.is_empty()).then(|| info.to_owned());
            self.problem(problem.severity, problem.message.clone(), span, needle, problem.help.as_deref());
        }
    }

    fn end_heading(&mut self, span: Range<usize>) {
        let Some(heading) = self.heading.take() else { return };
        let context = self.context;
        let id = match &heading.id {
            Some(chosen) => {
                let given = self.ids.give(IdOwner::ChosenHeading, chosen).unwrap_or_default();
                if *given != **chosen {
                    self.id_problem(chosen, span.clone(), Some(format!("#{chosen}")));
                }
                given
            }
            None => self.ids.give(IdOwner::Heading, &(context.slugify)(&heading.title)).unwrap_or_default(),
        };
        let mut opening = heading.opening(&id);
        if context.insert_anchor != InsertAnchor::None {
            match (context.anchor_link)(&id, heading.level, &heading.title) {
                Ok(link) => match context.insert_anchor {
                    InsertAnchor::Left => opening.push_str(&link),
                    InsertAnchor::Right => self.writer.out.push_str(&link),
                    InsertAnchor::Heading => {
                        if !heading.has_link
                            && let Some(tag) = headings::opening_link(&link)
                        {
                            opening.push_str(&tag);
                            self.writer.out.push_str("</a>");
                        }
                    }
                    InsertAnchor::None => {}
                },
                Err(message) => self.template_problem(message, span),
            }
        }
        self.writer.out.insert_str(heading.start, &opening);
        self.writer.out.push_str("</h");
        push_number(&mut self.writer.out, heading.level);
        self.writer.out.push_str(">\n");
        let permalink = format!("{}#{id}", context.permalink);
        let (level, title) = (heading.level, heading.title);
        headings::add(&mut self.rendered.toc, Heading { level, id, permalink, title, children: Vec::new() });
    }

    fn raw_html(&mut self, html: &str, span: Range<usize>) {
        self.raw.1.push((self.raw.0.len(), span.clone()));
        self.raw.0.push_str(html);
        let marker =
            if self.rendered.summary.is_some() || self.footnotes.is_open() { None } else { summary::marker(html) };
        let Some(marker) = marker else {
            self.writer.out.push_str(html);
            return;
        };
        self.writer.out.push_str(&html[..marker.start]);
        self.end_raw_html(span.clone());
        self.summary(span);
        let id = self.ids.give(IdOwner::SummaryEnd, summary::CONTINUE_READING_ID);
        self.writer.out.push_str(match id {
            Some(_) => summary::CONTINUE_READING,
            None => "<span></span>",
        });
        self.raw_html = self.writer.out.len();
        self.writer.out.push_str(&html[marker.end..]);
    }

    /// Makes the summary of what is written so far, without the heading that is open.
    fn summary(&mut self, span: Range<usize>) {
        self.end_task();
        let writer = &mut self.writer;
        let mut inside = Vec::new();
        let mut end = writer.out.len();
        if let Some(heading) = &self.heading {
            end = heading.start;
            let outside = writer.open.iter().rposition(|tag| matches!(tag, TagEnd::Heading(_))).unwrap_or_default();
            inside = writer.open.split_off(outside);
        }
        let (summary, problem) = summary::close(writer, &writer.out[..end], self.context.summary_cutoff);
        writer.open.append(&mut inside);
        let page = PageContext { permalink: self.context.permalink, redirects: &self.redirects, is_outside: false };
        self.rendered.summary = Some(page.excerpt(summary));
        if let Some(message) = problem {
            self.template_problem(message, span);
        }
    }

    /// Ends the raw HTML that was written last.
    fn end_raw_html(&mut self, span: Range<usize>) {
        let Self { writer, rendered, ids, redirects, context, raw_html: start, .. } = self;
        let page = PageContext { permalink: context.permalink, redirects, is_outside: false };
        let mut lost = Vec::new();
        let rewritten = page.rewrite(&writer.out[*start..], |anchor, name| match anchor {
            NameAttribute::Name => rendered.anchors.insert(name.to_owned()),
            NameAttribute::Id => {
                let is_kept = ids.give(IdOwner::Element, name).is_some();
                if !is_kept {
                    lost.push(name.to_owned());
                }
                is_kept
            }
        });
        if let Some(html) = rewritten {
            writer.out.truncate(*start);
            writer.out.push_str(&html);
        }
        for id in lost {
            let needle = Some(id.clone());
            self.id_problem(&id, span.clone(), needle);
        }
    }

    /// Warns of tags that reach into what follows the text.
    fn check_raw_html(&mut self) {
        let (html, pieces) = std::mem::take(&mut self.raw);
        let piece = |at: usize| {
            let count = pieces.partition_point(|(start, _)| *start < at);
            count.checked_sub(1).map_or(0..0, |last| pieces[last].1.clone())
        };
        for LooseTag { name, is_end, end } in open_elements::loose_tags(&html).into_iter().take(MOST_LOOSE) {
            let (tag, message, help) = match is_end {
                false => (
                    format!("<{name}"),
                    format!("this `<{name}>` is never closed"),
                    format!("write `</{name}>` where it ends: otherwise the rest of the page is in it"),
                ),
                true => (
                    format!("</{name}"),
                    format!("this `</{name}>` closes nothing"),
                    format!("take it out, or write the `<{name}>` that it belongs to"),
                ),
            };
            self.problem(Severity::Warning, message, piece(end), Some(tag), Some(&help));
        }
        if let Some(start) = html.rfind("<!--").filter(|&start| !html[start..].contains("-->")) {
            let message = "this comment is never closed".to_owned();
            let help = "write `-->` where it ends: otherwise the rest of the page is in it";
            self.problem(Severity::Warning, message, piece(start + 1), Some("<!--".to_owned()), Some(help));
        }
    }

    /// Warns of an id that cannot be where the author put it.
    fn id_problem(&mut self, id: &str, span: Range<usize>, needle: Option<String>) {
        let (message, help) = match self.ids.is_around(id) {
            true => (format!("the page has the id `{id}` around its text"), "choose another id"),
            false => {
                (format!("two places have the id `{id}`"), "links to it lead to the first of them: choose another id")
            }
        };
        if self.told_ids.insert(id.to_owned()) {
            self.problem(Severity::Warning, message, span, needle, Some(help));
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

/// Whether an element is part of a line of text.
fn is_inline(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough
            | Tag::Superscript
            | Tag::Subscript
            | Tag::Link { .. }
            | Tag::Image { .. }
    )
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
