//! TOML, and advice about mistakes in it.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeTable;

use crate::diagnostic::{Diagnostic, Location, SourceText};

/// The number of mistakes that are reported of one file. A file with more of them is hardly TOML at all.
const MAX_MISTAKES: usize = 20;

/// Parses a range of a file. Places in the table count from the beginning of the range. With problems, the table
/// holds what could be read in spite of them.
pub fn parse_toml<'s>(source: &'s SourceText, range: &Range<usize>) -> (Spanned<DeTable<'s>>, Vec<Diagnostic>) {
    let text = &source.text[range.clone()];
    let (table, mut errors) = DeTable::parse_recoverable(text);
    errors.sort_by_key(|error| error.span().map(|span| span.start));
    let mut reported: Option<usize> = None;
    let mut problems = Vec::new();
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let start = span.start.min(text.len());
        // Further errors of a line are mostly consequences of the first.
        if reported.is_some_and(|reported| memchr::memchr(b'\n', &text.as_bytes()[reported..start]).is_none()) {
            continue;
        }
        reported = Some(start);
        let problem = Diagnostic::error(format!("this is not TOML: {}", error.message()))
            .at(Location::span(source, range.start + span.start..range.start + span.end));
        problems.push(match syntax_help(error.message()) {
            Some(help) => problem.help(help),
            None => problem,
        });
        if problems.len() == MAX_MISTAKES {
            break;
        }
    }
    (table, problems)
}

/// The advice about the most frequent mistakes, by the parser's messages.
fn syntax_help(message: &str) -> Option<&'static str> {
    const HELP: &[(&str, &str)] = &[
        (
            "string values must be quoted",
            "put text in quotes, as in title = \"My site\", and also a date in another form than 2009-05-12",
        ),
        (
            "invalid basic string",
            "end the text with a quote on the same line; put a text of several lines between \"\"\"",
        ),
        (
            "invalid literal string",
            "end the text with a quote on the same line; put a text of several lines between \'\'\'",
        ),
        ("missing escaped value", "in double quotes write a backslash twice; in single quotes it stands for itself"),
        ("duplicate key", "this name was used before: remove one of the two, or rename it"),
        ("key with no value", "write the line as key = value"),
        ("invalid unquoted key", "write the line as key = value, and put a key with other characters in quotes"),
        ("unexpected key or value", "begin each key on a line of its own, and write a quote inside a text as \\\""),
        ("invalid boolean", "write true or false, without quotes"),
        ("unclosed table", "begin the table with its name in brackets: [markdown]"),
        ("unclosed array", "end the list with ]"),
        ("missing comma between array elements", "end the list with ], and put a comma between two values"),
        ("invalid date", "write a date as 2009-05-12, or with its time as 2009-05-12T18:30:00+02:00"),
        ("invalid time", "write a time as 18:30, and a date with its time as 2009-05-12T18:30:00+02:00"),
        ("invalid float", "write a number with one point, and a date as 2009-05-12"),
    ];
    HELP.iter().find(|(start, _)| message.starts_with(start)).map(|(_, help)| *help)
}
