//! The variables that a template or macro uses and does not set: its arguments, and what every page has.

use std::collections::{BTreeMap, BTreeSet};

use super::ast::{Expression, ExpressionKind};
use super::lexer::{TagKind, tags};
use super::project::expression_of;
use super::rewriter::Missing;

/// Variables of the page around a shortcode or macro, which see them without being called with them.
pub const CONTEXT: [&str; 11] = [
    "config",
    "current_path",
    "current_url",
    "feed_url",
    "lang",
    "page",
    "paginator",
    "section",
    "taxonomy",
    "term",
    "terms",
];

/// Returns the parameter by which a component sees a variable of the page around it, and notes that it can be missing.
pub fn implicit_parameter(name: &str, missing: &mut BTreeMap<String, Missing>) -> String {
    if matches!(name, "config" | "lang") {
        return format!("@{name}");
    }
    missing.insert(name.to_owned(), Missing::None);
    format!("@{name} = none")
}

/// How a template uses a variable that it does not set itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VariableUse {
    /// Whether a condition or test asks for it.
    pub is_asked: bool,
    /// Whether it is compared with something.
    pub is_compared: bool,
    /// The values that `default` gives it.
    pub defaults: BTreeSet<String>,
}

/// Returns how a template uses each variable that it does not set, in the order of the first use.
pub fn uses(text: &str) -> Vec<(String, VariableUse)> {
    let mut uses: Vec<(String, VariableUse)> = Vec::new();
    let mut set: Vec<&str> = Vec::new();
    let mut loops: Vec<Vec<&str>> = Vec::new();
    for tag in tags(text) {
        let keyword = tag.tokens.first().map(|token| token.text).unwrap_or_default();
        let is_statement = tag.kind == TagKind::Statement;
        if let Some(expression) = expression_of(&tag) {
            let is_condition = is_statement && matches!(keyword, "if" | "elif");
            let is_local = |name: &str| set.contains(&name) || loops.iter().flatten().any(|known| *known == name);
            collect(&expression, is_condition, text, &is_local, &mut uses);
        }
        match keyword {
            "set" | "set_global" if is_statement => set.extend(tag.tokens.get(1).map(|name| name.text)),
            "for" if is_statement => {
                let names = tag.tokens.iter().skip(1).take_while(|token| !token.is("in"));
                loops.push(names.map(|token| token.text).collect());
            }
            "endfor" if is_statement => {
                loops.pop();
            }
            _ => {}
        }
    }
    uses
}

/// Collects the variables of an expression.
fn collect(
    expression: &Expression<'_>,
    is_condition: bool,
    text: &str,
    is_local: &impl Fn(&str) -> bool,
    uses: &mut Vec<(String, VariableUse)>,
) {
    let mut note = |name: &str, is_asked: bool, default: Option<String>| {
        if is_local(name) {
            return;
        }
        let place = uses.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            uses.push((name.to_owned(), VariableUse::default()));
            uses.len() - 1
        });
        let used = &mut uses[place].1;
        used.is_asked |= is_asked;
        used.defaults.extend(default);
    };
    match &expression.kind {
        ExpressionKind::Path(path) => note(path.root, is_condition, None),
        ExpressionKind::Filter(filter) if filter.name == "default" => {
            if let (Some(path), Some(value)) = (filter.input.as_path(), filter.arguments.get("value")) {
                let is_plain = path.steps.is_empty() && filter.arguments.get("boolean").is_none();
                note(path.root, !is_plain, is_plain.then(|| text[value.span.clone()].to_owned()));
            }
        }
        ExpressionKind::Test(test) => {
            if let Some(path) = test.input.as_path() {
                note(path.root, true, None);
            }
        }
        _ => {}
    }
    let passes_on = match &expression.kind {
        ExpressionKind::Operation { operator, .. } => matches!(*operator, "and" | "or"),
        ExpressionKind::Not(_) => true,
        ExpressionKind::Group(_) => is_condition,
        _ => false,
    };
    for part in expression.parts() {
        collect(part, passes_on, text, is_local, uses);
    }
    if let ExpressionKind::Operation { operator: "==" | "!=", left, right } = &expression.kind {
        for path in [left, right].into_iter().filter_map(|side| side.as_path()) {
            if let Some((_, used)) = uses.iter_mut().find(|(name, _)| name == path.root) {
                used.is_compared = true;
            }
        }
    }
}
