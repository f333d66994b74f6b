//! Filters: new names, other arguments, and what they apply to.

use std::ops::Range;

use super::ast::{Arguments, Expression, ExpressionKind, Filter};
use super::change::ChangeKind;
use super::names::{self, FilterChange, NULLABLE};
use super::project::unquoted;
use super::rewriter::{Missing, Rewriter, Use};

impl<'a> Rewriter<'a> {
    /// Rewrites a filter with its input.
    pub fn filter(&mut self, filter: &Filter<'a>, span: &Range<usize>, used: Use) -> String {
        if filter.name == "default" {
            return self.default(filter, span);
        }
        let is_path = filter.input.as_path().is_some_and(|path| !path.steps.is_empty());
        if used == Use::Condition && is_path {
            return self.filter_of_maybe_missing(filter, span);
        }
        let input = self.input(filter);
        self.applied_filter(filter, span, input)
    }

    /// Rewrites a filter in a condition. Tera 1 took a missing value for false there, and Tera 2 filters need one.
    fn filter_of_maybe_missing(&mut self, filter: &Filter<'a>, span: &Range<usize>) -> String {
        let plain = self.input(filter);
        let (changes, decisions) = (self.result.changes.len(), self.result.decisions.len());
        let optional = self.expression(&filter.input, Use::Condition);
        self.result.decisions.truncate(decisions);
        if optional == plain {
            self.result.changes.truncate(changes);
            return self.applied_filter(filter, span, plain);
        }
        let filtered = self.applied_filter(filter, span, plain);
        format!("({optional} and {filtered})")
    }

    /// Rewrites a filter whose input is rewritten already.
    pub fn applied_filter(&mut self, filter: &Filter<'a>, span: &Range<usize>, input: String) -> String {
        match names::filter(filter.name) {
            Some(FilterChange::Renamed(name)) => {
                self.change(ChangeKind::Filter, span.clone());
                let arguments = self.filter_arguments(filter);
                format!("{input}{}{name}{arguments}", &self.text[filter.input.span.end..filter.name_span.start])
            }
            Some(FilterChange::Replaced(help)) => match self.replaced_filter(filter, &input) {
                Some(new) => {
                    self.change(ChangeKind::Filter, span.clone());
                    new
                }
                None => {
                    let message = format!("Tera 2 has no filter `{}`", filter.name);
                    self.decide(filter.name_span.clone(), message, help.to_owned());
                    self.kept_filter(filter, input)
                }
            },
            None => self.kept_filter(filter, input),
        }
    }

    fn kept_filter(&mut self, filter: &Filter<'a>, input: String) -> String {
        let arguments = self.filter_arguments(filter);
        format!("{input}{}{arguments}", &self.text[filter.input.span.end..filter.name_span.end])
    }

    /// Rewrites the input of a filter, with brackets around an operation: a filter of Tera 2 would apply only to the
    /// right side of it.
    fn input(&mut self, filter: &Filter<'a>) -> String {
        let input = self.expression(&filter.input, Use::Value);
        if matches!(filter.input.kind, ExpressionKind::Operation { .. }) {
            self.change_meaning(ChangeKind::Precedence, filter.input.span.clone());
            return format!("({input})");
        }
        if self.combines_html(filter) && self.can_be_safe(&filter.input) {
            self.change_meaning(ChangeKind::Filter, filter.input.span.clone());
            return format!("{input} | str");
        }
        input
    }

    /// Rewrites `default`, which applies to a value that is missing.
    fn default(&mut self, filter: &Filter<'a>, span: &Range<usize>) -> String {
        let input = self.expression(&filter.input, Use::Condition);
        // The value was looked at only if it was needed, so it can be missing as well.
        let value = filter.arguments.get("value").filter(|value| value.as_path().is_some());
        let arguments = match value {
            Some(value) => {
                let new = self.expression(value, Use::Condition);
                self.splice(&filter.arguments.span, [(value.span.clone(), new)])
            }
            None => self.filter_arguments(filter),
        };
        let name = &self.text[filter.input.span.end..filter.name_span.end];
        let path = filter.input.as_path();
        if let Some(path) = path.filter(|path| path.steps.is_empty())
            && self.missing.get(path.root) == Some(&Missing::None)
            && filter.arguments.get("boolean").is_none()
            && let Some(value) = filter.arguments.get("value")
        {
            let value = self.expression(value, Use::Value);
            self.change_meaning(ChangeKind::Optional, span.clone());
            return format!("({value} if {} is none else {})", path.root, path.root);
        }
        let field = path.and_then(|path| match path.steps.as_slice() {
            [super::ast::Step::Field(field)] => Some(*field),
            _ => None,
        });
        let can_be_none = field.is_some_and(|field| NULLABLE.contains(&field));
        if can_be_none && filter.arguments.get("boolean").is_none() && arguments.ends_with(')') {
            self.change_meaning(ChangeKind::Optional, span.clone());
            let open = arguments.strip_suffix(')').unwrap_or(&arguments).trim_end_matches([',', ' ']);
            return format!("{input}{name}{open}, boolean=true)");
        }
        format!("{input}{name}{arguments}")
    }

    /// Rewrites the arguments of a filter, with their brackets.
    fn filter_arguments(&mut self, filter: &Filter<'a>) -> String {
        let arguments = &filter.arguments;
        let removed: &[&str] = match filter.name {
            "int" | "float" => &["default"],
            "round" if self.is_common(arguments.get("method")) => &["method"],
            "unique" => &["attribute", "case_sensitive"],
            _ => &[],
        };
        for name in removed.iter().filter(|name| **name != "method") {
            if let Some(value) = arguments.get(name).filter(|value| !self.is_true(value)) {
                self.decide(
                    value.span.clone(),
                    format!("the filter `{}` has no argument `{name}` in Tera 2", filter.name),
                    "the argument is left out: check the values that go through the filter".to_owned(),
                );
            }
        }
        if filter.name == "truncate" && arguments.get("length").is_none() {
            self.change(ChangeKind::Filter, filter.name_span.clone());
            let inner = self.list_arguments(arguments, &[]);
            return if inner.is_empty() { "(length=255)".to_owned() } else { format!("(length=255, {inner})") };
        }
        if filter.name == "indent"
            && let Some(prefix) = arguments.get("prefix")
        {
            return self.indent(arguments, prefix);
        }
        if arguments.list.iter().any(|argument| argument.name.is_some_and(|name| removed.contains(&name))) {
            self.change(ChangeKind::Filter, filter.name_span.clone());
            let inner = self.list_arguments(arguments, removed);
            return if inner.is_empty() { String::new() } else { format!("({inner})") };
        }
        // These two read `\n` and `\t` in Tera 1 as well.
        let separator = match filter.name {
            "join" => "sep",
            "split" => "pat",
            _ => "",
        };
        let new: Vec<_> = arguments
            .list
            .iter()
            .map(|argument| {
                let value = &argument.value;
                let is_text = matches!(value.kind, ExpressionKind::Text);
                let mut new = match argument.name == Some(separator) && is_text {
                    true => self.quoted_text(value, "nt"),
                    false => self.expression(value, Use::Value),
                };
                if filter.name == "date" && is_text && new.contains("%+") {
                    self.change(ChangeKind::Filter, value.span.clone());
                    new = new.replace("%+", "%Y-%m-%dT%H:%M:%S%:z");
                }
                if filter.name == "replace" && argument.name == Some("to") {
                    new = self.replacement(filter, value, new);
                }
                (value.span.clone(), new)
            })
            .collect();
        // Without brackets the span is empty.
        if arguments.span.is_empty() {
            String::new()
        } else {
            let gap = &self.text[filter.name_span.end..arguments.span.start];
            format!("{gap}{}", self.splice(&arguments.span, new))
        }
    }

    fn is_common(&self, method: Option<&Expression<'a>>) -> bool {
        method.is_some_and(|method| unquoted(&self.text[method.span.clone()]) == "common")
    }

    fn is_true(&self, value: &Expression<'a>) -> bool {
        self.text[value.span.clone()].eq_ignore_ascii_case("true")
    }

    /// Rewrites `indent(prefix="  ")`, which takes a number of spaces in Tera 2.
    fn indent(&mut self, arguments: &Arguments<'a>, prefix: &Expression<'a>) -> String {
        let text = unquoted(&self.text[prefix.span.clone()]);
        if !matches!(prefix.kind, ExpressionKind::Text) || !text.chars().all(|c| c == ' ') {
            self.decide(
                prefix.span.clone(),
                "the filter `indent` indents by spaces only in Tera 2".to_owned(),
                "write the number of spaces, as in `indent(width=4)`".to_owned(),
            );
        }
        self.change(ChangeKind::Filter, prefix.span.clone());
        let inner = self.list_arguments(arguments, &["prefix"]);
        let inner = if inner.is_empty() { inner } else { format!(", {inner}") };
        format!("(width={}{inner})", text.chars().count())
    }

    /// Returns the arguments without some of them, separated by commas.
    pub fn list_arguments(&mut self, arguments: &Arguments<'a>, without: &[&str]) -> String {
        let kept = arguments.list.iter().filter(|argument| !argument.name.is_some_and(|name| without.contains(&name)));
        let texts: Vec<String> = kept
            .map(|argument| {
                let value = self.expression(&argument.value, Use::Value);
                argument.name.map_or_else(|| value.clone(), |name| format!("{name}={value}"))
            })
            .collect();
        texts.join(", ")
    }

    /// Finishes an expression that is printed: `safe` counts only as the last filter, and what a shortcode printed was
    /// escaped.
    pub fn printed(&mut self, expression: &Expression<'a>, new: String) -> String {
        let mut filters = Vec::new();
        let mut inner = expression;
        while let ExpressionKind::Filter(filter) = &inner.kind {
            filters.push(filter.name);
            inner = &filter.input;
        }
        if filters.iter().skip(1).any(|name| *name == "safe") && filters[0] != "safe" {
            self.change_meaning(ChangeKind::Filter, expression.span.clone());
            return format!("{new} | safe");
        }
        let is_escaped = inner
            .as_path()
            .is_some_and(|path| path.steps.is_empty() && self.escaped.iter().any(|name| name == path.root));
        if filters.is_empty() && is_escaped {
            self.change_meaning(ChangeKind::Filter, expression.span.clone());
            return format!("{new} | escape_html");
        }
        new
    }
}
