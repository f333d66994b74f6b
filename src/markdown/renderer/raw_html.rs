//! Raw HTML of a post, and the comment in it that ends the summary.

use std::ops::Range;

use pulldown_cmark::TagEnd;

use super::Renderer;
use crate::diagnostic::Severity;
use crate::markdown::ids::IdOwner;
use crate::markdown::open_elements::{self, LooseTag};
use crate::markdown::raw_html::{NameAttribute, PageContext};
use crate::markdown::summary;

/// How many unmatched tags are reported for one text. A single forgotten tag can leave many others unmatched.
const MAX_LOOSE_TAGS: usize = 20;

impl Renderer<'_, '_> {
    pub(super) fn raw_html(&mut self, html: &str, span: Range<usize>) {
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
        let id = self.ids.assign(IdOwner::SummaryEnd, summary::CONTINUE_READING_ID);
        self.writer.out.push_str(match id {
            Some(_) => summary::CONTINUE_READING,
            None => "<span></span>",
        });
        self.raw_html_start = self.writer.out.len();
        let rest = &html[marker.end..];
        // Zola leaves out the line break as well.
        if !self.context.options.follows_zola || !rest.trim_ascii().is_empty() {
            self.writer.out.push_str(rest);
        }
    }

    /// Makes the summary of the output so far, without the open heading.
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
        let page = PageContext::new(self.context, &self.redirects);
        self.rendered.summary = Some(page.excerpt(summary));
        if let Some(message) = problem {
            self.template_problem(message, span);
        }
    }

    /// Rewrites the last piece of raw HTML.
    pub(super) fn end_raw_html(&mut self, span: Range<usize>) {
        let Self { writer, rendered, ids, redirects, context, raw_html_start: start, .. } = self;
        let page = PageContext::new(context, redirects);
        let mut lost = Vec::new();
        let rewritten = page.rewrite(&writer.out[*start..], |anchor, name| match anchor {
            NameAttribute::Name => rendered.anchors.insert(name.to_owned()),
            NameAttribute::Id => {
                let is_kept = ids.assign(IdOwner::Element, name).is_some();
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

    /// Warns of tags that affect what follows the text.
    pub(super) fn check_raw_html(&mut self) {
        let (html, pieces) = std::mem::take(&mut self.raw);
        let piece = |at: usize| {
            let count = pieces.partition_point(|(start, _)| *start < at);
            count.checked_sub(1).map_or(0..0, |last| pieces[last].1.clone())
        };
        for LooseTag { name, is_end, end } in open_elements::loose_tags(&html).into_iter().take(MAX_LOOSE_TAGS) {
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

    /// Warns of an id that the author chose and that is taken.
    pub(super) fn id_problem(&mut self, id: &str, span: Range<usize>, needle: Option<String>) {
        let (message, help) = match self.ids.is_reserved(id) {
            true => (format!("the page has the id `{id}` around its text"), "choose another id"),
            false => {
                (format!("two places have the id `{id}`"), "links to it lead to the first of them: choose another id")
            }
        };
        if self.reported_ids.insert(id.to_owned()) {
            self.problem(Severity::Warning, message, span, needle, Some(help));
        }
    }
}
