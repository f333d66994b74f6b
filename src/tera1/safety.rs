//! Texts that are HTML already. Tera 1 knew no such values: what `replace` combined was combined as it is. Tera 2 knows
//! them, and escapes the rest when `replace` combines both.

use super::ast::{Call, Expression, ExpressionKind, Filter};
use super::change::ChangeKind;
use super::project::{ValueKind, unquoted};
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
                path.steps.is_empty() && (self.scope.is_html(path.root) || self.is_given_html(path.root))
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

    /// Finishes what `replace` puts into a text. The content of `{% filter replace(…) %}` is HTML already.
    pub fn replacement(&mut self, filter: &Filter<'_>, value: &Expression<'_>, new: String) -> String {
        let is_in_html = matches!(filter.input.kind, ExpressionKind::Content);
        let name = match self.can_be_safe(value) {
            true if !is_in_html => "str",
            false if is_in_html && !self.is_same_in_html(value) => "safe",
            _ => return new,
        };
        self.change_meaning(ChangeKind::Filter, value.span.clone());
        // A filter of Tera 2 applies only to the right side of an operation.
        match value.kind {
            ExpressionKind::Operation { .. } | ExpressionKind::Not(_) | ExpressionKind::Test(_) => {
                format!("({new}) | {name}")
            }
            _ => format!("{new} | {name}"),
        }
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
