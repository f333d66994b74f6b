//! Headings of a post.

use std::borrow::Cow;
use std::ops::Range;

use super::Renderer;
use crate::config::markdown::InsertAnchor;
use crate::markdown::headings::{self, Heading};
use crate::markdown::ids::IdOwner;
use crate::markdown::writer::push_number;

impl Renderer<'_, '_> {
    pub(super) fn end_heading(&mut self, span: Range<usize>) {
        let Some(heading) = self.heading.take() else { return };
        let context = self.context;
        let id = match &heading.id {
            Some(chosen) => {
                let assigned = self.ids.assign(IdOwner::ChosenHeading, chosen).unwrap_or_default();
                if *assigned != **chosen {
                    self.id_problem(chosen, span.clone(), Some(format!("#{chosen}")));
                }
                assigned
            }
            None => self.ids.assign(IdOwner::Heading, &(context.slugify)(&heading.title)).unwrap_or_default(),
        };
        let mut opening = heading.opening_tag(&id);
        if context.insert_anchor != InsertAnchor::None {
            match (context.anchor_link)(&id, heading.level, &heading.title) {
                Ok(link) => match context.insert_anchor {
                    InsertAnchor::Left => opening.push_str(&link),
                    InsertAnchor::Right => self.writer.out.push_str(&link),
                    InsertAnchor::Heading => {
                        let tag = match context.options.follows_zola {
                            true => headings::first_link(&link).map(Cow::Borrowed),
                            false if heading.has_link => None,
                            false => headings::opening_link_tag(&link),
                        };
                        if let Some(tag) = tag {
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
}
