//! The front matter of a file: TOML between lines `+++`, or YAML between lines `---`, before the text.

mod fields;
mod node;
#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Location, SourceText};

pub(crate) use fields::Fields;

/// Reads a range of a file as TOML keys.
pub(crate) fn toml_fields(source: &SourceText, range: Range<usize>) -> Fields<'_> {
    Fields::read(source, Format::Toml, range)
}

/// Whether a range of a file is TOML.
pub(crate) fn is_toml(source: &SourceText, range: &Range<usize>) -> bool {
    node::read_toml(source, range).sound
}

/// How a front matter is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Toml,
    Yaml,
}

impl Format {
    fn fence(self) -> &'static str {
        match self {
            Self::Toml => "+++",
            Self::Yaml => "---",
        }
    }
}

/// A front matter in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FrontMatter {
    pub format: Format,
    /// The first line, which opens it.
    pub opening: Range<usize>,
    /// What stands between the two lines.
    pub range: Range<usize>,
    /// What comes after them, from the first line that is not blank.
    pub body: Range<usize>,
}

/// Finds the front matter of a content file. As in Zola, blank lines may come before it, and there must be one.
pub(crate) fn split(source: &SourceText) -> Result<FrontMatter, Diagnostic> {
    let text = &*source.text;
    let start = text.len() - text.trim_start().len();
    let mut lines = lines(text, start);
    let opening = lines.next().unwrap_or(start..start);
    let format = match text[opening.clone()].trim_end() {
        "+++" => Format::Toml,
        "---" => Format::Yaml,
        _ => {
            let what = if start == text.len() { "this file is empty" } else { "this file has no front matter" };
            return Err(Diagnostic::error(what)
                .at(Location::span(source, opening))
                .help("begin the file with a line `+++`, a line `title = \"…\"`, and a line `+++`"));
        }
    };
    let fence = format.fence();
    let inner = lines.offset();
    match lines.find(|line| text[line.clone()].trim() == fence) {
        Some(closing) => {
            let after = closing.end;
            Ok(FrontMatter {
                format,
                opening,
                range: inner..closing.start,
                body: skip_blank_lines(text, after)..text.len(),
            })
        }
        None => {
            let other = if format == Format::Toml { Format::Yaml } else { Format::Toml }.fence();
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
    /// Reads the keys. Problems of notation are among the fields' problems, and then there are no keys.
    pub fn fields<'a>(&self, source: &'a SourceText) -> Fields<'a> {
        Fields::read(source, self.format, self.range.clone())
    }
}
