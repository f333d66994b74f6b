//! BibTeX as templates see it, in the shape that Zola gives it.
//!
//! The crate that Zola uses panics on texts that end early and has no bound for abbreviations that name each other, so the
//! grammar, which is small, is read here. Its reading of correct files is that crate's.

#[cfg(test)]
mod tests;

use std::cell::Cell;

use tera::value::Key;
use tera::{Map, Value};

/// What is wrong with a text: line and column, and a message.
type ParseError = (Option<(usize, usize)>, String);

/// The months that a file need not define.
const MONTHS: [(&str, &str); 12] = [
    ("jan", "January"),
    ("feb", "February"),
    ("mar", "March"),
    ("apr", "April"),
    ("may", "May"),
    ("jun", "June"),
    ("jul", "July"),
    ("aug", "August"),
    ("sep", "September"),
    ("oct", "October"),
    ("nov", "November"),
    ("dec", "December"),
];

/// With its abbreviations written out, a text may be longer than before by this many bytes.
const MOST_ADDED: usize = 16 << 20;

/// Parses BibTeX: a map with `preambles`, `comments`, `variables` and `bibliographies`.
///
/// An entry has an `entry_type`, a `citation_key` and `tags`, whose names are in lower case. Text outside of entries is a
/// comment. A tag with an abbreviation that is not defined is left out.
pub(super) fn parse_bibtex(text: &str) -> Result<Value, ParseError> {
    let mut parser = Parser { text, at: 0, expanded: Cell::new(0) };
    let (mut preambles, mut comments, mut variables, mut entries) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    loop {
        parser.skip_space();
        let Some(next) = parser.peek() else { break };
        if next != '@' {
            let comment = parser.take_while(|c| c != '@');
            comments.push(Value::from(comment.trim()));
            continue;
        }
        let start = parser.at;
        parser.at += 1;
        parser.skip_space();
        let kind = parser.identifier("the type of an entry, such as `@book`")?;
        parser.skip_space();
        match kind.to_ascii_lowercase().as_str() {
            "comment" => comments.push(parser.braced()?.trim().into()),
            "preamble" => {
                let close = parser.open()?;
                preambles.push(parser.value()?);
                parser.close(close, start)?;
            }
            "string" => {
                let close = parser.open()?;
                variables.push(parser.tag()?);
                parser.close(close, start)?;
            }
            _ => entries.push(parser.entry(kind, start)?),
        }
    }
    let defined = define(&parser, &variables)?;
    let expand = |value: &RawValue<'_>| parser.expand(value, &defined);
    let preambles = preambles.iter().filter_map(|value| expand(value).transpose());
    let preambles = preambles.map(|text| Ok(text?.into())).collect::<Result<Vec<Value>, ParseError>>()?;
    let mut bibliographies = Vec::new();
    for Entry { kind, key, tags } in entries {
        let mut expanded = Map::new();
        for (name, value) in tags {
            if let Some(text) = expand(&value)? {
                expanded.insert(name.to_lowercase().into(), text.into());
            }
        }
        bibliographies.push(map([
            ("entry_type", kind.into()),
            ("citation_key", key.into()),
            ("tags", expanded.into()),
        ]));
    }
    Ok(map([
        ("preambles", preambles.into()),
        ("comments", comments.into()),
        ("variables", defined.into()),
        ("bibliographies", bibliographies.into()),
    ]))
}

fn map<const N: usize>(entries: [(&'static str, Value); N]) -> Value {
    entries.into_iter().map(|(name, value)| (name.into(), value)).collect::<Map>().into()
}

/// Writes out the abbreviations that are defined. One may be used before its definition; those that name each other in a circle
/// stay undefined.
fn define(parser: &Parser<'_>, variables: &[(&str, RawValue<'_>)]) -> Result<Map, ParseError> {
    let mut defined = Map::new();
    for _ in 0..2 {
        for (name, value) in variables {
            if !defined.contains_key(&Key::from(name.to_string()))
                && let Some(text) = parser.expand(value, &defined)?
            {
                defined.insert(name.to_string().into(), text.into());
            }
        }
    }
    Ok(defined)
}

/// A value before its abbreviations are written out.
struct RawValue<'a> {
    parts: Vec<Part<'a>>,
    /// Where it begins.
    at: usize,
}

/// A part of a value.
enum Part<'a> {
    Text(&'a str),
    Abbreviation(&'a str),
}

/// An entry of a bibliography.
struct Entry<'a> {
    kind: &'a str,
    key: &'a str,
    tags: Vec<(&'a str, RawValue<'a>)>,
}

struct Parser<'a> {
    text: &'a str,
    /// How much of the text was read, in bytes.
    at: usize,
    /// How long the values are that were written out so far.
    expanded: Cell<usize>,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take_while(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn skip_space(&mut self) {
        self.take_while(char::is_whitespace);
    }

    /// Reads a character, with white space around it, if it is next.
    fn accept(&mut self, wanted: char) -> bool {
        self.skip_space();
        let is_next = self.peek() == Some(wanted);
        if is_next {
            self.at += wanted.len_utf8();
            self.skip_space();
        }
        is_next
    }

    fn error<T>(&self, at: usize, message: impl Into<String>) -> Result<T, ParseError> {
        let before = &self.text[..at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Err((Some((line, column)), message.into()))
    }

    /// The error that something else was expected.
    fn expected<T>(&self, what: &str) -> Result<T, ParseError> {
        match self.peek() {
            Some(found) => self.error(self.at, format!("expected {what}, found `{}`", found.escape_debug())),
            None => self.error(self.at, format!("expected {what}, but the text ends here")),
        }
    }

    fn identifier(&mut self, what: &str) -> Result<&'a str, ParseError> {
        // As BibTeX reads names, such as `my-entry:2.1`.
        let name = self.take_while(|c| !c.is_whitespace() && !"{}()\"#%',=\\@".contains(c));
        if name.is_empty() { self.expected(what) } else { Ok(name) }
    }

    /// Reads the bracket that opens an entry, and returns the one that closes it.
    fn open(&mut self) -> Result<char, ParseError> {
        match () {
            () if self.accept('{') => Ok('}'),
            () if self.accept('(') => Ok(')'),
            () => self.expected("`{`"),
        }
    }

    fn close(&mut self, close: char, start: usize) -> Result<(), ParseError> {
        self.skip_space();
        match self.peek() {
            None => self.error(start, format!("this entry has no end: a `{close}` is missing")),
            Some(found) if found == close => {
                self.at += 1;
                Ok(())
            }
            Some(_) => self.expected(&format!("`,` or `{close}`")),
        }
    }

    fn entry(&mut self, kind: &'a str, start: usize) -> Result<Entry<'a>, ParseError> {
        let close = self.open()?;
        let key = self.take_while(|c| c != ',' && c != close && c != '\n').trim();
        let mut tags = Vec::new();
        while self.accept(',') {
            // A comma may follow the last tag.
            if self.peek() == Some(close) || self.peek().is_none() {
                break;
            }
            tags.push(self.tag()?);
        }
        self.close(close, start)?;
        Ok(Entry { kind, key, tags })
    }

    /// Reads `name = value`.
    fn tag(&mut self) -> Result<(&'a str, RawValue<'a>), ParseError> {
        let name = self.identifier("a name")?;
        if !self.accept('=') {
            return self.expected("`=`");
        }
        Ok((name, self.value()?))
    }

    /// Reads a value: texts, numbers and abbreviations, joined by `#`.
    fn value(&mut self) -> Result<RawValue<'a>, ParseError> {
        self.skip_space();
        let mut value = RawValue { parts: Vec::new(), at: self.at };
        loop {
            value.parts.push(match self.peek() {
                Some('"') => Part::Text(self.quoted()?),
                Some('{') => Part::Text(self.braced()?.trim()),
                Some(digit) if digit.is_ascii_digit() => Part::Text(self.take_while(char::is_alphanumeric)),
                _ => Part::Abbreviation(
                    self.identifier("a value: a text in `{}` or `\"\"`, a number or an abbreviation")?,
                ),
            });
            if !self.accept('#') {
                return Ok(value);
            }
        }
    }

    /// Writes out the abbreviations of a value; none if one is not defined.
    fn expand(&self, value: &RawValue<'_>, defined: &Map) -> Result<Option<String>, ParseError> {
        let mut text = String::new();
        for part in &value.parts {
            let part = match part {
                Part::Text(part) => part,
                Part::Abbreviation(name) => {
                    let month =
                        || MONTHS.iter().find(|(short, _)| short.eq_ignore_ascii_case(name)).map(|(_, long)| *long);
                    match defined.get(&Key::from(name.to_string())).and_then(Value::as_str).or_else(month) {
                        Some(part) => part,
                        None => return Ok(None),
                    }
                }
            };
            text.push_str(part);
            self.expanded.set(self.expanded.get() + part.len());
            if self.expanded.get() > self.text.len() * 2 + MOST_ADDED {
                return self.error(value.at, "with the abbreviations written out, the text up to here is too long");
            }
        }
        Ok(Some(text))
    }

    /// Reads a text in braces, which may have pairs of braces in it.
    fn braced(&mut self) -> Result<&'a str, ParseError> {
        let start = self.at;
        if self.peek() != Some('{') {
            return self.expected("`{`");
        }
        let mut depth = 0_usize;
        for (at, c) in self.rest().char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 1 => {
                    self.at += at + 1;
                    return Ok(&self.text[start + 1..start + at]);
                }
                '}' => depth -= 1,
                _ => {}
            }
        }
        self.error(start, "this `{` has no `}`")
    }

    /// Reads a text in quotation marks. Those between braces are part of it.
    fn quoted(&mut self) -> Result<&'a str, ParseError> {
        let (start, mut depth) = (self.at, 0_usize);
        for (at, c) in self.rest().char_indices().skip(1) {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => return self.error(start + at, "this `}` has no `{`"),
                '}' => depth -= 1,
                '"' if depth == 0 => {
                    self.at += at + 1;
                    return Ok(&self.text[start + 1..start + at]);
                }
                _ => {}
            }
        }
        self.error(start, "this text has no closing quotation mark")
    }
}
