//! Templates of shortcodes, which become components.
//!
//! A shortcode saw its arguments and the variables of the page around it. A component names both: the arguments as
//! parameters, and the variables as implicit ones, such as `@page`.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Change, ChangeKind, Rewritten};
use super::lexer::tags;
use super::project::{Project, ValueKind};
use super::rewriter::{Missing, Rewriter, escape_backslashes};
use super::variables::{CONTEXT, VariableUse, implicit_parameter, uses};

/// Variables that need no parameter.
const FREE: [&str; 5] = ["body", "loop", "zola_version", "__tera_context", "none"];

/// How the texts of a site call a shortcode.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShortcodeCalls {
    /// How many calls there are.
    pub count: usize,
    /// For each argument, how many calls give it, and what they give.
    pub arguments: BTreeMap<String, ArgumentUse>,
}

/// What an argument is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArgumentUse {
    /// How many calls give it.
    pub count: usize,
    /// The kinds of values.
    pub kinds: BTreeSet<ValueKind>,
    /// Whether a value has a character that HTML must escape.
    pub needs_escapes: bool,
}

/// Whether a template of a shortcode prints how many calls precede it on the page.
pub fn counts_calls(text: &str) -> bool {
    uses(text).iter().any(|(name, _)| name == "nth")
}

/// Rewrites the template of a shortcode. None if it defines components already.
pub fn rewrite_shortcode(
    text: &str,
    template: &str,
    name: &str,
    calls: &ShortcodeCalls,
    project: &Project,
) -> Option<Rewritten> {
    let defines_component = |tag: super::lexer::Tag| tag.tokens.first().is_some_and(|token| token.is("component"));
    if tags(text).any(defines_component) {
        return None;
    }
    let is_markdown = template.ends_with(".md");
    let mut uses = uses(text);
    for name in project.context_of_includes(text) {
        if !uses.iter().any(|(used, _)| *used == name) {
            uses.push((name, VariableUse::default()));
        }
    }
    let mut rewriter = Rewriter::new(text, template, project);
    let parameters = parameters(&uses, calls, &mut rewriter);
    if !is_markdown {
        let escaped =
            calls.arguments.iter().filter(|(_, argument)| argument.needs_escapes).map(|(name, _)| name.clone());
        rewriter.escaped = escaped.chain(["body".to_owned()]).collect();
    }
    rewriter.scope.define_html("body", true);
    let mut rewritten = rewriter.run();
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let list = parameters.join(", ");
    // White space around HTML would be part of the text that calls it. In Markdown it can mean something.
    rewritten.text = match is_markdown {
        true => format!("{{% component {name}({list}) %}}{}{{% endcomponent {name} %}}{line_end}", rewritten.text),
        false => {
            let end = if rewritten.text.ends_with('\n') { "" } else { line_end };
            let body = &rewritten.text;
            format!("{{% component {name}({list}) -%}}{line_end}{body}{end}{{%- endcomponent {name} %}}{line_end}")
        }
    };
    rewritten.changes.push(Change { kind: ChangeKind::Shortcode, span: 0..0, is_needed: true });
    Some(rewritten)
}

/// Returns the parameters of the component, and notes those that can be missing.
fn parameters(uses: &[(String, VariableUse)], calls: &ShortcodeCalls, rewriter: &mut Rewriter<'_>) -> Vec<String> {
    let mut optional = Vec::new();
    let mut required = Vec::new();
    let unused = calls.arguments.keys().filter(|name| !uses.iter().any(|(used, _)| used == *name));
    let unused: Vec<_> = unused.map(|name| (name.clone(), VariableUse::default())).collect();
    for (name, used) in uses.iter().chain(&unused) {
        if FREE.contains(&name.as_str()) {
            continue;
        }
        if CONTEXT.contains(&name.as_str()) {
            optional.push(implicit_parameter(name, &mut rewriter.missing));
            continue;
        }
        let given = calls.arguments.get(name);
        let is_always_given = name == "nth" || given.is_none_or(|given| given.count == calls.count);
        let is_optional = used.is_asked || !used.defaults.is_empty() || !is_always_given;
        if !is_optional {
            required.push(name.clone());
            continue;
        }
        match default_value(used, given) {
            Some(value) => {
                rewriter.missing.insert(name.clone(), Missing::Default);
                optional.push(format!("{name} = {}", escape_backslashes(value, "")));
            }
            None => {
                rewriter.missing.insert(name.clone(), Missing::None);
                optional.push(format!("{name} = none"));
            }
        }
    }
    required.extend(optional);
    required
}

/// Returns the value that a parameter can have as its default: the only one that the text gives it, if it has the type of
/// what the calls give.
fn default_value<'u>(used: &'u VariableUse, given: Option<&ArgumentUse>) -> Option<&'u str> {
    let mut values = used.defaults.iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let kind = ValueKind::of_literal(value);
    let fits = given.is_none_or(|given| given.kinds.iter().all(|given| *given == kind));
    (!used.is_asked && fits && kind != ValueKind::Other && !value.starts_with('-')).then_some(value.as_str())
}
