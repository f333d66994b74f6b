//! The front matter of a file: TOML between lines `+++`, or YAML between lines `---`, before the text.

mod fields;
#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Location, SourceText};
use crate::source::{Notation, ParsedTable, parse_table};

pub(crate) use fields::{COMMENT, Id, PAGE, REACTIONS, SECTION, filled_string, strings, terms};

/// The line before and after a front matter.
fn fence(notation: Notation) -> &'static str {
    match notation {
        Notation::Toml => "+++",
        Notation::Yaml => "---",
    }
}

/// A front matter in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FrontMatter {
    pub notation: Notation,
    /// The first line, which opens it.
    pub opening: Range<usize>,
    /// The text between the two lines.
    pub range: Range<usize>,
    /// The text after them, from the first line that is not blank.
    pub body: Range<usize>,
}

/// Finds the front matter of a content file. As in Zola, blank lines may come before it, and there must be one.
pub(crate) fn split(source: &SourceText) -> Result<FrontMatter, Diagnostic> {
    let text = &*source.text;
    let start = text.len() - text.trim_start().len();
    let mut lines = lines(text, start);
    let opening = lines.next().unwrap_or(start..start);
    let notation = match text[opening.clone()].trim_end() {
        "+++" => Notation::Toml,
        "---" => Notation::Yaml,
        _ => {
            let what = if start == text.len() { "this file is empty" } else { "this file has no front matter" };
            return Err(Diagnostic::error(what)
                .at(Location::span(source, opening))
                .help("begin the file with a line `+++`, a line `title = \"…\"`, and a line `+++`"));
        }
    };
    let fence = self::fence(notation);
    let inner = lines.offset();
    match lines.find(|line| text[line.clone()].trim() == fence) {
        Some(closing) => {
            let after = closing.end;
            Ok(FrontMatter {
                notation,
                opening,
                range: inner..closing.start,
                body: skip_blank_lines(text, after)..text.len(),
            })
        }
        None => {
            let other = if fence == "+++" { "---" } else { "+++" };
            let help = match self::lines(text, inner).find(|line| text[line.clone()].trim() == other) {
                Some(_) => format!("it began with `{fence}`: end it with the same line, not with `{other}`"),
                None => format!("write a line `{fence}` after its last key"),
            };
            let problem = Diagnostic::error("this front matter never ends");
            Err(problem.at(Location::span(source, opening)).help(help))
        }
    }
}

/// The lines of a text from a place on, without their ends.
pub(crate) struct Lines<'a> {
    text: &'a str,
    offset: usize,
}

impl Lines<'_> {
    /// Where the next line begins.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

pub(crate) fn lines(text: &str, offset: usize) -> Lines<'_> {
    Lines { text, offset }
}

impl Iterator for Lines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let rest = self.text.as_bytes().get(self.offset..).filter(|rest| !rest.is_empty())?;
        let start = self.offset;
        let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        self.offset = (start + length + 1).min(self.text.len());
        Some(start..start + length)
    }
}

/// The place of the first line at or after `offset` that is not blank.
pub(crate) fn skip_blank_lines(text: &str, offset: usize) -> usize {
    let rest = &text[offset..];
    let blank = rest.len() - rest.trim_start().len();
    rest[..blank].rfind('\n').map_or(offset, |end| offset + end + 1)
}

impl FrontMatter {
    /// Parses the keys.
    pub fn parse<'a>(&self, source: &'a SourceText) -> ParsedTable<'a> {
        parse_table(source, self.notation, &self.range)
    }
}
