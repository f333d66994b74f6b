//! TOML, and what to say of slips in it.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeTable;

use crate::diagnostic::{Diagnostic, Location, SourceText};

/// So many slips are told of one file: where there are more it is not TOML at all.
const MOST_SLIPS: usize = 20;

/// Parses a range of a file. Places in the table count from the beginning of the range. With problems, the table
/// holds what could be read in spite of them.
pub fn parse_toml<'s>(source: &'s SourceText, range: &Range<usize>) -> (Spanned<DeTable<'s>>, Vec<Diagnostic>) {
    let text = &source.text[range.clone()];
    let (table, mut errors) = DeTable::parse_recoverable(text);
    errors.sort_by_key(|error| error.span().map(|span| span.start));
    let mut told: Option<usize> = None;
    let mut problems = Vec::new();
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let start = span.start.min(text.len());
        // What follows the first error of a line is mostly its consequence.
        if told.is_some_and(|told| memchr::memchr(b'\n', &text.as_bytes()[told..start]).is_none()) {
            continue;
        }
        told = Some(start);
        let problem = Diagnostic::error(format!("this is not TOML: {}", error.message()))
            .at(Location::span(source, range.start + span.start..range.start + span.end));
        problems.push(match syntax_help(error.message()) {
            Some(help) => problem.help(help),
            None => problem,
        });
        if problems.len() == MOST_SLIPS {
            break;
        }
    }
    (table, problems)
}

/// What to do about the commonest slips, by the parser's messages.
fn syntax_help(message: &str) -> Option<&'static str> {
    const HELP: &[(&str, &str)] = &[
        (
            "string values must be quoted",
            "text stands in quotes, as in title = \"My site\"; so do dates in another form than 2009-05-12",
        ),
        (
            "invalid basic string",
            "a text ends with a quote in the line in which it begins; longer ones stand between \"\"\"",
        ),
        (
            "invalid literal string",
            "a text ends with a quote in the line in which it begins; longer ones stand between \'\'\'",
        ),
        (
            "missing escaped value",
            "a backslash in double quotes is written twice; in single quotes it stands for itself",
        ),
        ("duplicate key", "this name was used before: remove one of the two, or rename it"),
        ("key with no value", "a line is: key = value"),
        ("invalid unquoted key", "a line is: key = value, and a key with other characters stands in quotes"),
        ("unexpected key or value", "each key begins on a line of its own; a quote inside of a text is written \\\""),
        ("invalid boolean", "true and false are written just so, without quotes"),
        ("unclosed table", "a table begins with its name in brackets: [markdown]"),
        ("unclosed array", "a list ends with ]"),
        ("missing comma between array elements", "a list ends with ], and a comma stands between two of its values"),
        ("invalid float", "a number has one point; a date is written as 2009-05-12"),
    ];
    HELP.iter().find(|(start, _)| message.starts_with(start)).map(|(_, help)| *help)
}
