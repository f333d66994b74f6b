//! Parses tags into a syntax tree, by the grammar of Tera 2.

mod collections;
mod cursor;
mod expressions;
mod operators;
mod statements;
#[cfg(test)]
mod tests;

use std::ops::Range;

use super::ast::{Expression, Template};
use super::lexer::{Tag, tags};
use super::work::{Work, WorkPlace, is_constant, needs_brackets};

/// The parser does not support the syntax of the template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::templates) struct UnsupportedSyntax;

type Result<T> = std::result::Result<T, UnsupportedSyntax>;

/// How deep statements and expressions may be nested. Tera allows 40 of each.
const MAX_DEPTH: usize = 100;

/// The variable that contains all others.
const CONTEXT: &str = "__tera_context";

/// The most operators, fields and filters in a tag. Tera allows 256 in an expression.
const MAX_OPERATIONS: usize = 600;

/// Parses a template.
///
/// # Errors
/// The text is not a valid template, or is one for a newer Tera.
pub(in crate::templates) fn parse(text: &str) -> Result<Template> {
    Parser::parse(text).map(|parser| parser.template)
}

/// Returns the places where a template begins work. An expression comes before those that contain it.
///
/// # Errors
/// As for [`parse`].
pub(in crate::templates) fn work_places(text: &str) -> Result<Vec<WorkPlace>> {
    Parser::parse(text).map(|parser| parser.work_places)
}

struct Parser<'t> {
    text: &'t str,
    tags: Vec<Tag<'t>>,
    /// The index of the current tag.
    tag: usize,
    /// The index of the next token in it.
    token: usize,
    depth: usize,
    /// How many operations the expressions of this tag have so far.
    operations: usize,
    template: Template,
    work_places: Vec<WorkPlace>,
}

impl<'t> Parser<'t> {
    fn parse(text: &'t str) -> Result<Self> {
        let (template, work_places) = (Template::default(), Vec::new());
        let tags = tags(text).collect();
        let mut parser = Self { text, tags, tag: 0, token: 0, depth: 0, operations: 0, template, work_places };
        parser.template.nodes = parser.nodes(&[])?;
        if parser.tag < parser.tags.len() {
            return Err(UnsupportedSyntax);
        }
        // A template that extends another one renders only blocks.
        if parser.template.extends.is_none() {
            parser.record_entry(0..0, text.len(), None);
        }
        Ok(parser)
    }

    /// Records that the value of an expression, which ends at the current position, determines an amount of work.
    fn record_work(&mut self, start: usize, expression: &Expression, work: Work) {
        self.record_work_at(start..self.previous_end(), expression, work);
    }

    fn record_work_at(&mut self, span: Range<usize>, expression: &Expression, work: Work) {
        if !is_constant(expression) {
            let needs_brackets = needs_brackets(expression);
            self.work_places.push(WorkPlace { work, error_span: span.clone(), span, needs_brackets });
        }
    }

    /// Records that a template, block or component of some length begins after a tag.
    fn record_entry(&mut self, tag: Range<usize>, length: usize, rest: Option<String>) {
        let trims = self.text[..tag.end].ends_with("-%}") && !tag.is_empty();
        let work = Work::Enter { length, rest, trims };
        self.work_places.push(WorkPlace { work, span: tag.end..tag.end, error_span: tag, needs_brackets: false });
    }

    /// Counts the operations of an expression. Walking a tree with too many would overflow the stack.
    fn count_operation(&mut self) -> Result<()> {
        self.operations += 1;
        if self.operations > MAX_OPERATIONS { Err(UnsupportedSyntax) } else { Ok(()) }
    }

    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == MAX_DEPTH {
            return Err(UnsupportedSyntax);
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }
}
