//! Turns Tera's errors into diagnostics with locations in the author's files.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use tera::{Error, ErrorKind, ReportError, Tera};

use crate::diagnostic::{Diagnostic, DiagnosticKind, Location, SourceText, nearest};

/// The name that Tera gives to a text that is not a template.
pub(super) const ONE_OFF: &str = "__tera_one_off";

/// One location of an error, as Tera reports it.
struct ErrorReport {
    message: String,
    template: String,
    /// The first line, from 1, and column, from 0, and the last.
    start: (usize, usize),
    end: (usize, usize),
}

/// Finds every mistake in a set of templates. Tera stops at the first file that it cannot parse, so the others are
/// compiled alone, each with its own Tera.
pub(super) fn compile_errors(
    error: &Error,
    sources: &BTreeMap<String, SourceText>,
    blank: impl Fn() -> Tera,
) -> Vec<Diagnostic> {
    if !matches!(error.kind(), ErrorKind::SyntaxError(_)) {
        return diagnostics(error, sources);
    }
    sources
        .iter()
        .filter_map(|(name, source)| blank().add_raw_template(name, &source.text).err())
        .filter(|error| matches!(error.kind(), ErrorKind::SyntaxError(_)))
        .flat_map(|error| diagnostics(&error, sources))
        .collect()
}

fn diagnostics(error: &Error, sources: &BTreeMap<String, SourceText>) -> Vec<Diagnostic> {
    let reports = reports(error);
    if reports.is_empty() {
        return vec![diagnostic_without_span(error, sources)];
    }
    reports.iter().map(|report| diagnostic(report, sources)).collect()
}

/// Returns the diagnostic for an error while an output was rendered.
pub(super) fn render_error(
    error: &Error,
    sources: &BTreeMap<String, SourceText>,
    origin: Option<Location>,
) -> Diagnostic {
    let mut problem = diagnostics(error, sources).swap_remove(0);
    if let Some(place) = origin {
        problem = problem.related("while making the output of this file", place);
    }
    problem
}

/// Returns the diagnostic for an error in the template syntax of a Markdown text that begins at `start` in its file.
pub(super) fn content_error(
    error: &Error,
    source: &SourceText,
    start: usize,
    sources: &BTreeMap<String, SourceText>,
) -> Diagnostic {
    let Some(report) = reports(error).into_iter().next() else {
        return diagnostic_without_span(error, sources).at(Location::file(source.path.clone()));
    };
    if report.template != ONE_OFF {
        return diagnostic(&report, sources).related("while making the output of this file", file_location(source));
    }
    let body = &source.text[start..];
    let span = start + byte_offset(body, report.start)..start + byte_offset(body, report.end);
    let problem =
        Diagnostic::error(report.message.clone()).kind(kind_of(&report.message)).at(Location::span(source, span));
    if report.message.starts_with("Unknown argument") {
        // A call of a component that exists is no text.
        return problem;
    }
    problem.help("to show template syntax as it is, put it between `{% raw %}` and `{% endraw %}`")
}

/// A place in a template.
pub(super) struct TemplateLocation {
    pub template: String,
    start: (usize, usize),
    end: (usize, usize),
}

impl TemplateLocation {
    /// Returns the span in the source of the template.
    pub(super) fn span(&self, source: &str) -> Range<usize> {
        byte_offset(source, self.start)..byte_offset(source, self.end)
    }
}

/// Returns the location of an error and of its callers, the innermost first. Empty if Tera reports no location.
pub(super) fn call_stack(error: &Error) -> Vec<TemplateLocation> {
    // Tera has no API for the callers, but prints them. All other lines of its report begin differently.
    static CALLER: LazyLock<Regex> = LazyLock::new(|| {
        #[expect(clippy::unwrap_used, reason = "the pattern is a constant")]
        Regex::new(r"(?m)^note: called from (?<template>.*):(?<line>\d+):(?<column>\d+)$").unwrap()
    });
    let (ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report)) = error.kind() else { return Vec::new() };
    let ErrorReport { template, start, end, .. } = from_tera(report);
    let mut places = vec![TemplateLocation { template, start, end }];
    for captures in CALLER.captures_iter(&error.to_string()) {
        let number = |name: &str| captures[name].parse::<usize>().unwrap_or(1);
        let start = (number("line"), number("column").saturating_sub(1));
        places.push(TemplateLocation { template: captures["template"].to_owned(), start, end: (start.0, start.1 + 1) });
    }
    places
}

/// Returns the error as one line, for a report at another location.
pub(super) fn one_line(error: &Error) -> String {
    match reports(error).into_iter().next() {
        Some(report) => format!("{} (in `{}`, line {})", report.message, report.template, report.start.0),
        None => error.to_string(),
    }
}

fn file_location(source: &SourceText) -> Location {
    Location::file(source.path.clone())
}

fn diagnostic(report: &ErrorReport, sources: &BTreeMap<String, SourceText>) -> Diagnostic {
    let problem = Diagnostic::error(report.message.clone()).kind(kind_of(&report.message));
    match sources.get(&report.template) {
        Some(source) => {
            let span = byte_offset(&source.text, report.start)..byte_offset(&source.text, report.end);
            problem.at(Location::span(source, span))
        }
        None => problem,
    }
}

/// Returns the kind of an error. Tera has no kind for a missing template, so its message is the only sign.
fn kind_of(tera_message: &str) -> DiagnosticKind {
    if tera_message.starts_with("Unknown template ") {
        DiagnosticKind::UnknownTemplate
    } else {
        DiagnosticKind::General
    }
}

/// Returns the diagnostic for an error without a location, but perhaps with a template's name.
fn diagnostic_without_span(error: &Error, sources: &BTreeMap<String, SourceText>) -> Diagnostic {
    let mut problem = Diagnostic::error(error.to_string());
    let (name, needle) = match error.kind() {
        ErrorKind::MissingParent { current, parent } => {
            // This is Tera's message for a missing included template.
            problem.message = format!("Unknown template `{parent}`");
            problem.kind = DiagnosticKind::UnknownTemplate;
            (current, Some(parent))
        }
        ErrorKind::CircularExtend { tpl, .. } | ErrorKind::CircularInclude { tpl, .. } => (tpl, None),
        _ => return problem,
    };
    let Some(source) = sources.get(name) else { return problem };
    match needle.and_then(|needle| source.text.find(needle.as_str()).map(|at| at..at + needle.len())) {
        Some(span) => problem.at(Location::span(source, span)),
        None => problem.at(file_location(source)),
    }
}

/// Returns the locations of an error. Tera returns a structure for one location, and text for several.
fn reports(error: &Error) -> Vec<ErrorReport> {
    match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => vec![from_tera(report)],
        ErrorKind::Msg(text) => parse_reports(text),
        _ => Vec::new(),
    }
}

fn from_tera(report: &ReportError) -> ErrorReport {
    let span = report.span();
    ErrorReport {
        // Tera names texts as Rust does where a filter expects one.
        message: report.message().replace("`&str`", "`string`"),
        template: report.filename().to_owned(),
        start: (span.start_line, span.start_col),
        end: (span.end_line, span.end_col),
    }
}

fn parse_reports(text: &str) -> Vec<ErrorReport> {
    static REPORT: LazyLock<Regex> = LazyLock::new(|| {
        #[expect(clippy::unwrap_used, reason = "the pattern is a constant")]
        Regex::new(
            r"(?m)^error: (?<message>.*)\n *--> (?<template>.*):(?<line>\d+):(?<column>\d+)\n.*\n.*\n *\|(?<under>.*)$",
        )
        .unwrap()
    });
    REPORT
        .captures_iter(text)
        .map(|captures| {
            let number = |name: &str| captures[name].parse::<usize>().unwrap_or(1);
            let (line, column) = (number("line"), number("column").saturating_sub(1));
            let width = captures["under"].matches('^').count().max(1);
            ErrorReport {
                message: captures["message"].to_owned(),
                template: captures["template"].to_owned(),
                start: (line, column),
                end: (line, column + width),
            }
        })
        .collect()
}

/// Returns the error of a template function for an unknown name, with a suggestion, or else with advice. Tera adds the
/// location.
pub(super) fn unknown_name_error<'a>(
    problem: &str,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
    help: &str,
) -> Error {
    Error::message(match nearest(name, known) {
        Some(near) => format!("{problem}; did you mean `{near}`?"),
        None => format!("{problem}; {help}"),
    })
}

/// Returns the byte position of a line, from 1, and a column in characters, from 0.
fn byte_offset(text: &str, (line, column): (usize, usize)) -> usize {
    let start = match line {
        0 | 1 => 0,
        _ => memchr::memchr_iter(b'\n', text.as_bytes()).nth(line - 2).map_or(text.len(), |at| at + 1),
    };
    let rest = &text[start..];
    start + rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at)
}
