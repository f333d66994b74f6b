//! Tags of Tera 1 in templates that Tera 2 refuses, each with what to write instead.
//!
//! Tera stops at the first mistake of a file. A template for an older Zola has many, and its author wants to see them all.

use std::collections::{BTreeMap, BTreeSet};

use super::suggest::without_prefix;
use crate::diagnostic::{Diagnostic, DiagnosticKind, Location, SourceText};
use crate::tera1::{ChangeKind, Project, RewrittenTag, rewrite_template};

/// The longest replacement that is shown.
const MAX_SHOWN: usize = 160;

/// Replaces the problems of templates that are written in Tera 1 by one for each of their tags.
pub(super) fn explain(
    problems: Vec<Diagnostic>,
    sources: &BTreeMap<String, SourceText>,
    prefixes: &[String],
) -> Vec<Diagnostic> {
    let has_problem = |source: &SourceText| {
        problems.iter().any(|problem| problem.location.as_ref().is_some_and(|at| at.path == source.path))
    };
    let affected: Vec<(&str, &SourceText)> = sources
        .iter()
        .map(|(name, source)| (without_prefix(name, prefixes), source))
        .filter(|(_, source)| has_problem(source))
        .collect();
    if affected.is_empty() {
        return problems;
    }
    let templates = sources.iter().map(|(name, source)| (without_prefix(name, prefixes), &*source.text));
    let project = Project::new(templates, None, &BTreeSet::new());
    let mut all = Vec::new();
    let mut covered: Vec<(&SourceText, RewrittenTag)> = Vec::new();
    for (name, source) in affected {
        let tags = rewrite_template(&source.text, name, &project).tags;
        covered.extend(tags.into_iter().filter(|tag| tag.needed.is_some()).map(|tag| (source, tag)));
    }
    let is_covered = |problem: &Diagnostic| {
        let Some(Location { path, excerpt: Some((_, span)) }) = &problem.location else { return false };
        let is_in = |(source, tag): &(&SourceText, RewrittenTag)| {
            source.path == *path && tag.span.start <= span.start && span.start <= tag.span.end
        };
        problem.kind == DiagnosticKind::General && covered.iter().any(is_in)
    };
    all.extend(problems.into_iter().filter(|problem| !is_covered(problem)));
    for (number, (source, tag)) in covered.iter().enumerate() {
        let Some((kind, span)) = &tag.needed else { continue };
        let mut help = help(*kind, &tag.text);
        if number == 0 {
            help.push_str("; `causerie import zola OLD NEW` rewrites a whole site");
        }
        all.push(Diagnostic::error(message(*kind)).at(Location::span(source, span.clone())).help(help));
    }
    all
}

fn message(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Macro => "there are no macros any more",
        ChangeKind::Import => "components need no import",
        ChangeKind::MacroCall => "this calls a macro, and there are only components now",
        ChangeKind::Filter => "this filter is gone, or takes other arguments",
        ChangeKind::Test => "the argument of a test has a name now",
        ChangeKind::Name => "this has another name now",
        ChangeKind::Index => "an index stands in brackets now",
        ChangeKind::Escape => "a backslash in a quoted text begins an escape now",
        ChangeKind::Unreachable => "this is outside of the blocks, and would never be shown",
        ChangeKind::Block => "a block cannot stand in a loop, nor beside another one of its name",
        ChangeKind::Include => "`include` takes the name of one template, which must exist",
        _ => "this is the syntax of Tera 1",
    }
}

fn help(kind: ChangeKind, new: &str) -> String {
    match kind {
        ChangeKind::Import | ChangeKind::Block => "take this tag out".to_owned(),
        ChangeKind::Unreachable => "move it into a block, or take it out".to_owned(),
        _ if new.len() > MAX_SHOWN || new.contains('\n') => format!(
            "write `{}…`",
            new.lines().next().unwrap_or_default().chars().take(MAX_SHOWN).collect::<String>().trim_end()
        ),
        _ => format!("write `{new}`"),
    }
}
