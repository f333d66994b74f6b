//! Calls: macros become components, functions get new names, and tests named arguments.

use std::ops::Range;

use super::ast::{Arguments, Call, ExpressionKind, Test};
use super::change::ChangeKind;
use super::macros::BODY;
use super::names::{ARGUMENTS, FUNCTIONS, test};
use super::rewriter::{Missing, Rewriter, Use};

impl<'a> Rewriter<'a> {
    /// Rewrites a call.
    pub fn call(&mut self, call: &Call<'a>, span: &Range<usize>) -> String {
        let Some(namespace) = call.namespace else { return self.function(call, span) };
        let known = self.project.component(self.template, &self.imports, namespace, call.name).map(str::to_owned);
        let component = known.unwrap_or_else(|| {
            self.decide(
                span.clone(),
                format!("the macro `{}` is nowhere to be found as `{namespace}::{}`", call.name, call.name),
                "define a component of this name, or take the call out".to_owned(),
            );
            call.name.to_owned()
        });
        self.change(ChangeKind::MacroCall, span.clone());
        let arguments = self.component_arguments(&component, &call.arguments);
        format!("<{component}{arguments} />")
    }

    /// Rewrites the arguments of a macro for a component. Line breaks between them stay.
    fn component_arguments(&mut self, component: &str, arguments: &Arguments<'a>) -> String {
        let (mut text, mut at) = (String::new(), arguments.span.start + 1);
        for argument in &arguments.list {
            // Tera 1 ignored arguments that a macro does not have.
            if !self.project.has_parameter(component, argument.name.unwrap_or_default()) {
                at = argument.span.end;
                continue;
            }
            let gap = self.text[at..argument.span.start].replace(',', "");
            text.push_str(if gap.is_empty() { " " } else { &gap });
            let value = self.expression(&argument.value, Use::Value);
            let name = match argument.name.unwrap_or_default() {
                "body" if self.project.renames_body(component) => BODY,
                name => name,
            };
            let is_text = matches!(argument.value.kind, ExpressionKind::Text);
            text.push_str(&if is_text { format!("{name}={value}") } else { format!("{name}={{{}}}", spaced(&value)) });
            at = argument.span.end;
        }
        let last = self.text[at..arguments.span.end.saturating_sub(1).max(at)].replace(',', "");
        if last.contains('\n') {
            text.push_str(last.trim_end_matches([' ', '\t']).trim_end_matches(['\n', '\r']));
            text.push_str(&self.text[arguments.span.end - 1..arguments.span.end - 1]);
        }
        text
    }

    fn function(&mut self, call: &Call<'a>, span: &Range<usize>) -> String {
        let renamed = FUNCTIONS.iter().find(|(old, _)| *old == call.name).map(|(_, new)| *new);
        if renamed.is_some() {
            self.change(ChangeKind::Name, span.clone());
        }
        let mut parts = Vec::new();
        for argument in &call.arguments.list {
            let is_old =
                |(function, old, _): &&(&str, &str, &str)| *function == call.name && argument.name == Some(*old);
            if let Some((_, old, new)) = ARGUMENTS.iter().find(is_old) {
                self.change(ChangeKind::Name, argument.span.clone());
                parts.push((argument.span.start..argument.span.start + old.len(), (*new).to_owned()));
            }
            let value = self.expression(&argument.value, Use::Value);
            let value = self.path_and_language(call, argument.name, value);
            parts.push((argument.value.span.clone(), value));
        }
        let mut arguments = self.splice(&call.arguments.span, parts);
        if call.name == "get_random" && call.arguments.get("start").is_none() {
            self.change(ChangeKind::Name, span.clone());
            arguments = arguments.replacen('(', "(start=0, ", 1);
        }
        format!(
            "{}{}{arguments}",
            renamed.unwrap_or(call.name),
            &self.text[span.start + call.name.len()..call.arguments.span.start]
        )
    }

    /// Splits a path with a language, such as `get_page(path="a.fr.md")`, into the path and the language.
    fn path_and_language(&mut self, call: &Call<'a>, name: Option<&str>, value: String) -> String {
        let finds_content = matches!(call.name, "get_page" | "get_section") && name == Some("path");
        let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\'' | '`'));
        let (Some(quote), true, None) = (quote, finds_content, call.arguments.get("lang")) else { return value };
        let stem = value.strip_suffix(&format!(".md{quote}")).and_then(|stem| stem.rsplit_once('.'));
        match stem.filter(|(_, code)| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_lowercase())) {
            Some((path, code)) => {
                self.change(ChangeKind::Name, call.arguments.span.clone());
                format!("{path}.md{quote}, lang={quote}{code}{quote}")
            }
            None => value,
        }
    }

    /// Rewrites a test, whose arguments have names in Tera 2.
    pub fn test(&mut self, test_call: &Test<'a>, span: &Range<usize>) -> String {
        let input = self.expression(&test_call.input, Use::Condition);
        if let Some(new) = self.test_of_missing(test_call, &input) {
            self.change_meaning(ChangeKind::Optional, span.clone());
            return new;
        }
        if test_call.name == "iterable" {
            // A text is iterable in Tera 2.
            self.change_meaning(ChangeKind::Test, span.clone());
            return match test_call.is_negated {
                true => format!("({input} is not iterable or {input} is string)"),
                false => format!("({input} is iterable and {input} is not string)"),
            };
        }
        let (name, argument) = test(test_call.name).unwrap_or((test_call.name, None));
        let mut parts = vec![(test_call.input.span.clone(), input)];
        if name != test_call.name {
            self.change(ChangeKind::Test, span.clone());
        }
        parts.push((test_call.name_span.clone(), name.to_owned()));
        for (number, value) in test_call.arguments.list.iter().enumerate() {
            let new = self.expression(&value.value, Use::Value);
            let new = match argument.filter(|_| value.name.is_none() && number == 0) {
                Some(argument) => {
                    self.change(ChangeKind::Test, span.clone());
                    format!("{argument}={new}")
                }
                None => new,
            };
            parts.push((value.value.span.clone(), new));
        }
        if argument.is_none() && test_call.arguments.list.iter().any(|value| value.name.is_none()) {
            self.decide(
                test_call.arguments.span.clone(),
                format!("the arguments of the test `{}` must have names", test_call.name),
                "write `name=` before each of them".to_owned(),
            );
        }
        self.splice(span, parts)
    }

    /// Rewrites `x is defined` where a missing `x` is `none`.
    fn test_of_missing(&self, test: &Test<'a>, input: &str) -> Option<String> {
        let path = test.input.as_path().filter(|path| path.steps.is_empty())?;
        if self.missing.get(path.root) != Some(&Missing::None) {
            return None;
        }
        let is_there = match test.name {
            "defined" => !test.is_negated,
            "undefined" => test.is_negated,
            _ => return None,
        };
        Some(format!("{input} is {}none", if is_there { "not " } else { "" }))
    }
}

/// Puts a space where a brace of a value would join another one.
fn spaced(value: &str) -> String {
    let before = if value.starts_with('{') { " " } else { "" };
    let after = if value.ends_with('}') { " " } else { "" };
    format!("{before}{value}{after}")
}
