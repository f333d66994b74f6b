//! The parser's events: starts and ends of elements, and the text between them.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Tag, TagEnd};

use super::{Renderer, TaskItem};
use crate::diagnostic::Severity;
use crate::markdown::headings::OpenHeading;
use crate::markdown::writer::{push_attribute, push_text};
use crate::markdown::{code, emoji, math};

impl<'a> Renderer<'a, '_> {
    pub(super) fn event(
        &mut self,
        event: Event<'a>,
        span: Range<usize>,
        events: &mut impl Iterator<Item = (Event<'a>, Range<usize>)>,
    ) {
        match event {
            Event::Text(text) => self.text(&text),
            Event::Start(Tag::Image { dest_url, title, .. }) => self.image(&dest_url, &title, span, events),
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
                self.raw_html_start = self.writer.out.len();
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
            Event::InlineMath(latex) => self.formula(&latex, false, span),
            Event::DisplayMath(latex) => self.formula(&latex, true, span),
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

    fn formula(&mut self, latex: &str, is_block: bool, span: Range<usize>) {
        self.title(latex);
        let is_focusable = !self.context.options.follows_zola;
        let Err(problem) = math::push(&mut self.writer.out, latex, is_block, is_focusable) else { return };
        let line = math::problem_line(latex, &problem);
        let start = span.start + if is_block { 2 } else { 1 };
        let needle = Some(latex[line.clone()].to_owned()).filter(|needle| !needle.is_empty());
        let help = "correct the LaTeX; where a dollar sign should be one, write `\\$`";
        self.problem(Severity::Error, problem.message, start + line.start..start + line.end, needle, Some(help));
    }

    /// Adds to the title of the open heading, or else to the label of the open task.
    pub(super) fn title(&mut self, text: &str) {
        if let Some(heading) = &mut self.heading {
            heading.title.push_str(text);
        } else if let Some(task) = &mut self.task {
            task.text.push_str(text);
        }
    }

    /// Writes the label of a checkbox when the text of its task ends.
    pub(super) fn end_task(&mut self) {
        let Some(TaskItem { is_done, at, text }) = self.task.take() else { return };
        if self.context.options.follows_zola {
            return;
        }
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
            Tag::HtmlBlock => self.raw_html_start = writer.out.len(),
            Tag::List(start) => writer.start_list(start),
            Tag::Item => writer.block("<li>"),
            Tag::FootnoteDefinition(name) => {
                if self.context.options.bottom_footnotes {
                    self.footnotes.start_at_end(writer, name);
                } else {
                    self.footnotes.start_in_place(writer, name, &mut self.ids);
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
                self.footnotes.finish_at_end(&mut self.writer);
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
        match block.html.strip_prefix("<pre") {
            Some(rest) => {
                self.writer.fresh_line();
                self.writer.start_scrollable("pre");
                self.writer.out.push_str(rest);
            }
            None => self.writer.block(&block.html),
        }
        self.writer.out.push('\n');
        if let Some(problem) = &block.problem {
            let needle = (!info.is_empty()).then(|| info.to_owned());
            self.problem(problem.severity, problem.message.clone(), span, needle, problem.help.as_deref());
        }
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
