//! Texts that are HTML already. Tera 1 knew no such values: what `replace` combined was combined as it is. Tera 2 knows
//! them, and escapes the rest when `replace` combines both.

use std::ops::Range;

use super::ast::{Call, Expression, ExpressionKind, Filter};
use super::lexer::Tag;
use super::project::{ValueKind, expression_of, unquoted};
use super::rewriter::Rewriter;

/// Functions whose result is HTML already.
const SAFE_FUNCTIONS: [&str; 2] = ["get_taxonomy_url", "get_url"];
/// Filters whose result is what their input is.
const INHERITING: [&str; 8] =
    ["capitalize", "indent", "lower", "title", "trim", "trim_end_matches", "trim_start_matches", "upper"];

/// Whether the result of a call is HTML already.
pub fn gives_html(call: &Call<'_>) -> bool {
    call.namespace.is_some() || SAFE_FUNCTIONS.contains(&call.name)
}

impl Rewriter<'_> {
    /// Whether the value of an expression can be HTML already for Tera 2.
    pub fn can_be_safe(&self, expression: &Expression<'_>) -> bool {
        match &expression.kind {
            ExpressionKind::Call(call) => gives_html(call),
            ExpressionKind::Group(inner) => self.can_be_safe(inner),
            ExpressionKind::Path(path) => {
                path.steps.is_empty() && (self.safe_variables.contains(path.root) || self.is_given_html(path.root))
            }
            ExpressionKind::Filter(filter) => match filter.name {
                "safe" => true,
                "replace" => !self.combines_html(filter) && self.can_be_safe(&filter.input),
                "default" => {
                    let value = filter.arguments.get("value");
                    self.can_be_safe(&filter.input) || value.is_some_and(|value| self.can_be_safe(value))
                }
                name => INHERITING.contains(&name) && self.can_be_safe(&filter.input),
            },
            _ => false,
        }
    }

    /// Whether the macro around the current place is called with HTML for a parameter.
    fn is_given_html(&self, parameter: &str) -> bool {
        let arguments = self.component.as_ref().and_then(|component| self.project.argument_kinds.get(component));
        arguments.and_then(|given| given.get(parameter)).is_some_and(|kinds| kinds.contains(&ValueKind::Html))
    }

    /// Returns the place of what `{% filter replace(…) %}` puts into its content, if that looks different in HTML. The content is
    /// HTML already.
    pub fn html_in_section(&self, tag: &Tag<'_>) -> Option<Range<usize>> {
        let section = expression_of(tag)?;
        let ExpressionKind::Call(call) = &section.kind else { return None };
        let to = call.arguments.get("to").filter(|to| call.name == "replace" && !self.can_be_safe(to))?;
        (!self.is_same_in_html(to)).then(|| to.span.clone())
    }

    fn is_same_in_html(&self, value: &Expression<'_>) -> bool {
        let text = unquoted(&self.text[value.span.clone()]);
        matches!(value.kind, ExpressionKind::Text) && !text.contains(['<', '>', '&', '"', '\''])
    }

    /// Whether this is a `replace` whose result depends on whether a text is HTML already: what it puts in is not a text
    /// that looks the same in HTML.
    pub fn combines_html(&self, filter: &Filter<'_>) -> bool {
        filter.name == "replace" && !filter.arguments.get("to").is_some_and(|to| self.is_same_in_html(to))
    }
}
