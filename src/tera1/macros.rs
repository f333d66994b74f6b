//! Definitions of macros, which become components.

use std::collections::BTreeMap;

use super::change::ChangeKind;
use super::lexer::{Tag, Token, TokenKind, tags};
use super::project::ValueKind;
use super::rewriter::{Rewriter, TagText};
use super::scope::FrameKind;
use super::variables::{CONTEXT, VariableUse, implicit_parameter, uses};

/// The name of a parameter that was `body`. In a component, `body` is what stands between its tags.
pub const BODY: &str = "body_text";

/// A parameter of a macro.
struct Parameter<'t> {
    name: Token<'t>,
    /// The place and text of the default value.
    default: Option<(usize, usize)>,
}

impl<'a> Rewriter<'a> {
    /// Rewrites `{% macro name(…) %}` as `{% component name(…) %}`.
    pub fn macro_definition(&mut self, tag: &Tag<'a>) -> TagText {
        let parameters = parameters(&tag.tokens);
        let names: Vec<String> = parameters.iter().map(|parameter| parameter.name.text.to_owned()).collect();
        if self.scope.is_in(&[FrameKind::If, FrameKind::For, FrameKind::Other, FrameKind::Macro]) {
            self.decide(
                tag.span.clone(),
                "a component cannot be defined inside of another tag".to_owned(),
                "move it to the top of the file".to_owned(),
            );
        }
        let has_body = names.iter().any(|name| name == "body");
        self.renames_body = renames_body(self.text, tag);
        if has_body && !self.renames_body {
            self.decide(
                tag.span.clone(),
                "in a component, `body` is what stands between its tags".to_owned(),
                "give the parameter another name, here and in the calls".to_owned(),
            );
        }
        self.scope.push(FrameKind::Macro, names);
        let Some(name) = tag.tokens.get(1).filter(|name| name.kind == TokenKind::Name) else {
            return TagText::Unchanged;
        };
        let component = self.project.defined_component(self.template, name.text).unwrap_or(name.text).to_owned();
        self.change(ChangeKind::Macro, tag.span.clone());
        self.component = Some(component.clone());
        let mut parts = vec![
            (tag.tokens[0].start..tag.tokens[0].end(), "component".to_owned()),
            (name.start..name.end(), component.clone()),
        ];
        let uses = uses(macro_body(self.text, tag));
        let used = |name: &str| uses.iter().find(|(used, _)| used == name).map(|(_, used)| used);
        let mut fallbacks = String::new();
        for parameter in &parameters {
            if parameter.name.is("body") && self.renames_body {
                parts.push((parameter.name.start..parameter.name.end(), BODY.to_owned()));
            }
            let Some((start, end)) = parameter.default else { continue };
            let default = &self.text[start..end];
            if self.accepts_only_default_kind(&component, parameter.name.text, default) {
                let new = super::rewriter::escape_backslashes(default, "");
                parts.push((start..end, new));
            } else {
                // Tera 2 infers the type from the default value, and calls give other types.
                parts.push((start..end, "none".to_owned()));
                if needs_fallback(default, used(parameter.name.text)) {
                    let name = self.variable(parameter.name.text);
                    fallbacks.push_str(&format!("{{%- set {name} = {default} if {name} is none else {name} %}}"));
                }
            }
        }
        parts.extend(self.implicit_parameters(tag, &parameters, &uses));
        TagText::Replaced(self.splice(&tag.span, parts) + &fallbacks)
    }

    /// Returns the name that a variable has now.
    pub fn variable<'n>(&self, name: &'n str) -> &'n str {
        if name == "body" && self.renames_body { BODY } else { name }
    }

    /// Returns the parameters for the variables of the page, which a macro saw as well, and where they go.
    fn implicit_parameters(
        &mut self,
        tag: &Tag<'_>,
        parameters: &[Parameter<'_>],
        uses: &[(String, VariableUse)],
    ) -> Option<(std::ops::Range<usize>, String)> {
        let is_context = |name: &str| CONTEXT.contains(&name) && !parameters.iter().any(|it| it.name.text == name);
        let of_includes = self.project.context_of_includes(macro_body(self.text, tag));
        let own = uses.iter().map(|(name, _)| name.as_str());
        let more = of_includes.iter().map(String::as_str).filter(|name| !uses.iter().any(|(used, _)| used == name));
        let names: Vec<&str> = own.chain(more).filter(|name| is_context(name)).collect();
        let close = tag.tokens.iter().rfind(|token| token.is(")"))?.start;
        self.missing = BTreeMap::new();
        let list: Vec<String> = names.iter().map(|name| implicit_parameter(name, &mut self.missing)).collect();
        let comma = if parameters.is_empty() { "" } else { ", " };
        (!list.is_empty()).then(|| (close..close, format!("{comma}{}", list.join(", "))))
    }

    /// Whether all calls give an argument a value of the default's kind, so that the type that Tera 2 infers fits.
    fn accepts_only_default_kind(&self, component: &str, name: &str, default: &str) -> bool {
        // A negative number cannot be a default value.
        if default.starts_with('-') {
            return false;
        }
        let kind = ValueKind::of_literal(default);
        let given = self.project.argument_kinds.get(component).and_then(|arguments| arguments.get(name));
        given.is_none_or(|given| given.iter().all(|given| *given == kind))
    }

    /// Rewrites `{% endmacro %}`.
    pub fn macro_end(&mut self, tag: &Tag<'a>) -> TagText {
        self.scope.pop(FrameKind::Macro);
        self.renames_body = false;
        self.missing = BTreeMap::new();
        let component = self.component.take();
        let mut parts = vec![(tag.tokens[0].start..tag.tokens[0].end(), "endcomponent".to_owned())];
        if let Some(name) = tag.tokens.get(1) {
            // Tera 1 did not compare this name with that of the definition.
            parts.push((name.start..name.end(), component.unwrap_or_else(|| name.text.to_owned())));
        }
        TagText::Replaced(self.splice(&tag.span, parts))
    }
}

/// Whether the parameter `body` of the macro that a tag begins gets another name: it has one, and neither uses that name
/// already nor gives `body` another value.
pub fn renames_body(text: &str, tag: &Tag<'_>) -> bool {
    let parameters = parameters(&tag.tokens);
    let has = |name: &str| parameters.iter().any(|parameter| parameter.name.is(name));
    let sets_body = |tag: Tag<'_>| {
        let mut names = tag.tokens.iter().skip(1).take_while(|token| !token.is("in") && !token.is("="));
        tag.tokens.first().is_some_and(|first| matches!(first.text, "set" | "set_global" | "for"))
            && names.any(|name| name.is("body"))
    };
    has("body") && !has(BODY) && !tags(macro_body(text, tag)).any(sets_body)
}

/// Returns the text from the tag of a macro to its end.
fn macro_body<'t>(text: &'t str, tag: &Tag<'_>) -> &'t str {
    let rest = &text[tag.span.end..];
    let end = tags(rest).find(|tag| tag.tokens.first().is_some_and(|token| token.is("endmacro")));
    &rest[..end.map_or(rest.len(), |end| end.span.start)]
}

/// Whether the body of a macro would see that a parameter is `none` and not its default value.
fn needs_fallback(default: &str, used: Option<&VariableUse>) -> bool {
    let is_compared = used.is_some_and(|used| used.is_compared);
    let is_asked = used.is_some_and(|used| used.is_asked);
    match default {
        "false" | "False" => is_compared,
        "\"\"" | "''" | "``" => is_compared || !is_asked,
        _ => true,
    }
}

/// Returns the parameters in the tag of a macro.
fn parameters<'t>(tokens: &[Token<'t>]) -> Vec<Parameter<'t>> {
    let Some(open) = tokens.iter().position(|token| token.is("(")) else { return Vec::new() };
    let mut parameters = Vec::new();
    for part in tokens[open + 1..].split(|token| token.is(",") || token.is(")")) {
        if let [name, rest @ ..] = part
            && name.kind == TokenKind::Name
        {
            let default = match rest {
                [equals, value @ ..] if equals.is("=") => value.first().zip(value.last()),
                _ => None,
            };
            let default = default.map(|(first, last)| (first.start, last.end()));
            parameters.push(Parameter { name: *name, default });
        }
    }
    parameters
}
