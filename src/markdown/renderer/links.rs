//! Links and images of a post.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType};

use super::Renderer;
use crate::diagnostic::Severity;
use crate::markdown::links::{self, InternalLink, LinkTarget};
use crate::markdown::writer::{push_attribute, push_href};
use crate::markdown::{ImageAttributes, emoji};

impl<'a> Renderer<'a, '_> {
    /// Opens a link.
    pub(super) fn link(&mut self, link_type: LinkType, destination: &str, title: &str, span: Range<usize>) {
        if link_type == LinkType::Email {
            self.writer.out.push_str("<a href=\"mailto:");
            return self.end_of_link_tag(destination, title);
        }
        if destination.is_empty() {
            let needle = self.body.get(span.clone()).map(str::to_owned);
            let help = "write it between the parentheses: [text](https://example.org)";
            self.problem(Severity::Error, "this link has no destination".to_owned(), span, needle, Some(help));
            self.writer.out.push_str("<a href=\"");
            return self.end_of_link_tag("#", title);
        }
        let target = links::resolve(destination, self.context, &self.redirects);
        if matches!(target, LinkTarget::External) {
            let attributes = match &self.external_attributes {
                Some(attributes) => attributes,
                None => self.external_attributes.insert(links::external_attributes(self.context.options)),
            };
            let out = &mut self.writer.out;
            out.push_str("<a ");
            out.push_str(attributes);
            out.push_str("href=\"");
            return self.end_of_link_tag(destination, title);
        }
        self.writer.out.push_str("<a href=\"");
        match target {
            LinkTarget::Internal { url, path, anchor } => {
                self.end_of_link_tag(&url, title);
                self.internal_link(path, anchor, destination, span);
            }
            LinkTarget::SamePage { url, anchor } => {
                self.end_of_link_tag(&url, title);
                if !self.context.path.is_empty() {
                    self.internal_link(self.context.path.to_owned(), Some(anchor), destination, span);
                }
            }
            LinkTarget::Missing { path } => {
                self.end_of_link_tag(destination, title);
                let message = format!("there is no page or section `{path}` to link to");
                self.problem(Severity::Error, message, span, Some(destination.to_owned()), None);
            }
            LinkTarget::Relative(url) => self.end_of_link_tag(&url, title),
            LinkTarget::Other(url) => self.end_of_link_tag(url, title),
            LinkTarget::External => {}
        }
    }

    fn internal_link(&mut self, path: String, anchor: Option<String>, written: &str, span: Range<usize>) {
        self.rendered.internal_links.push(InternalLink { path, anchor, written: written.to_owned(), span });
    }

    /// Writes the rest of a tag, from the URL on.
    fn end_of_link_tag(&mut self, url: &str, title: &str) {
        let out = &mut self.writer.out;
        push_href(out, url);
        if !title.is_empty() {
            out.push_str("\" title=\"");
            push_attribute(out, title);
        }
        out.push_str("\">");
    }

    /// Writes an image. The events up to its end are its alternative text.
    pub(super) fn image(
        &mut self,
        destination: &str,
        title: &str,
        span: Range<usize>,
        events: &mut impl Iterator<Item = (Event<'a>, Range<usize>)>,
    ) {
        let absolute = links::absolute(destination, self.context.base);
        let known = (self.context.image)(absolute.as_deref().unwrap_or(destination)).unwrap_or_else(|message| {
            let help = "see whether an image viewer shows the file; if it does not, put a whole copy in its place";
            self.problem(Severity::Warning, message, span, Some(destination.to_owned()), Some(help));
            None
        });
        let out = &mut self.writer.out;
        out.push_str("<img src=\"");
        push_href(out, links::from_page(destination, self.context).as_deref().unwrap_or(destination));
        out.push_str("\" alt=\"");
        let mut depth = 0;
        let mut alternative = String::new();
        for (event, _) in events {
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) if depth == 0 => break,
                Event::End(_) => depth -= 1,
                Event::Text(text) if self.context.options.render_emoji => alternative.push_str(&emoji::replace(&text)),
                Event::Text(text) | Event::Code(text) => alternative.push_str(&text),
                Event::SoftBreak | Event::HardBreak => alternative.push(' '),
                _ => {}
            }
        }
        push_attribute(out, &alternative);
        out.push('"');
        // The alternative text is part of the task's label, too.
        if let Some(task) = &mut self.task {
            task.text.push_str(&alternative);
        }
        if !title.is_empty() {
            out.push_str(" title=\"");
            push_attribute(out, title);
            out.push('"');
        }
        if let Some(known) = &known {
            push_known(out, known);
        }
        match self.context.options.lazy_async_image {
            true => out.push_str(" loading=\"lazy\" decoding=\"async\""),
            false if known.is_some() => out.push_str(" loading=\"lazy\""),
            false => {}
        }
        out.push_str(" />");
    }
}

/// Writes what is known of an image: its other sizes, and the place that it takes.
fn push_known(out: &mut String, known: &ImageAttributes) {
    let ImageAttributes { width, height, sources, sizes } = known;
    if !sources.is_empty() {
        out.push_str(" srcset=\"");
        for (number, (url, width)) in sources.iter().enumerate() {
            if number > 0 {
                out.push_str(", ");
            }
            // A comma at its end would be taken for that between two sizes.
            push_href(out, url);
            out.push_str(&format!(" {width}w"));
        }
        out.push_str("\" sizes=\"");
        push_attribute(out, sizes);
        out.push('"');
    }
    out.push_str(&format!(" width=\"{width}\" height=\"{height}\""));
}
