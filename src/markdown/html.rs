//! A tokenizer for HTML, of templates and of authors.

use std::borrow::Cow;
use std::ops::Range;

/// One part of HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// Text, with entities decoded.
    Text(Cow<'a, str>),
    /// A start tag.
    Start {
        /// The element's name, in lower case.
        name: Cow<'a, str>,
        /// Everything after the name.
        attributes: &'a str,
        /// Whether the tag is self-closing, or the element is void.
        is_empty: bool,
    },
    /// An end tag.
    End {
        /// The element's name, in lower case.
        name: Cow<'a, str>,
    },
}

/// Void elements, which have no end tag (<https://html.spec.whatwg.org/#void-elements>).
const VOID_ELEMENTS: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];

/// Elements whose content is raw text.
const RAW_TEXT_ELEMENTS: [&str; 8] = ["script", "style", "textarea", "title", "iframe", "noembed", "noframes", "xmp"];

/// Splits HTML into tokens. Anything that is not a tag is text: nothing is an error, as in a browser.
#[derive(Debug)]
pub struct Tokens<'a> {
    html: &'a str,
    at: usize,
    /// The position of the last token.
    start: usize,
    /// The open element whose content is raw text.
    raw: Option<&'static str>,
}

impl<'a> Tokens<'a> {
    /// Tokenizes some HTML.
    pub fn of(html: &'a str) -> Self {
        Self { html, at: 0, start: 0, raw: None }
    }

    /// Returns the position of the next token.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Returns the position of the last token. Comments can stand between it and the token before.
    pub fn token_start(&self) -> usize {
        self.start
    }

    /// Whether raw text follows, such as a script.
    pub fn is_raw_text_next(&self) -> bool {
        self.raw.is_some()
    }

    /// Returns the end of the tag that begins at a position. Quoted attributes can contain a `>`.
    fn end_of_tag(&self, start: usize) -> Option<usize> {
        let bytes = self.html.as_bytes();
        let mut at = start;
        loop {
            at += memchr::memchr3(b'>', b'"', b'\'', &bytes[at..])?;
            if bytes[at] == b'>' {
                return Some(at);
            }
            // A quote counts only after `=`.
            if bytes[start..at].trim_ascii_end().ends_with(b"=") {
                at += 1 + memchr::memchr(bytes[at], &bytes[at + 1..])?;
            }
            at += 1;
        }
    }

    fn text(&mut self, range: Range<usize>) -> Token<'a> {
        self.at = range.end;
        Token::Text(unescape(&self.html[range]))
    }

    /// Skips the content of an element that contains raw text.
    fn skip_raw(&mut self, name: &str) {
        let bytes = self.html.as_bytes();
        let mut at = self.at;
        while let Some(found) = memchr::memchr(b'<', &bytes[at..]) {
            at += found;
            let rest = &bytes[at + 1..];
            let is_end = rest.first() == Some(&b'/')
                && rest.get(1..=name.len()).is_some_and(|end| end.eq_ignore_ascii_case(name.as_bytes()));
            if is_end {
                self.at = at;
                return;
            }
            at += 1;
        }
        self.at = bytes.len();
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(name) = self.raw.take() {
            self.skip_raw(name);
        }
        let bytes = self.html.as_bytes();
        loop {
            let start = self.at;
            self.start = start;
            if start >= bytes.len() {
                return None;
            }
            let Some(open) = memchr::memchr(b'<', &bytes[start..]).map(|open| start + open) else {
                return Some(self.text(start..bytes.len()));
            };
            if open > start {
                return Some(self.text(start..open));
            }
            match bytes.get(open + 1) {
                Some(b'!') if bytes[open..].starts_with(b"<!--") => {
                    // The two dashes can belong to the end as well: `<!-->` is a complete comment.
                    let ends = [&b"-->"[..], b"--!>"]
                        .map(|end| Some(open + 2 + memchr::memmem::find(&bytes[open + 2..], end)? + end.len()));
                    self.at = ends.into_iter().flatten().min().unwrap_or(bytes.len());
                }
                Some(b'!' | b'?') => {
                    let end = memchr::memchr(b'>', &bytes[open..]);
                    self.at = end.map_or(bytes.len(), |end| open + end + 1);
                }
                Some(b'/') if bytes.get(open + 2).is_some_and(u8::is_ascii_alphabetic) => {
                    let end = self.end_of_tag(open + 2).unwrap_or(bytes.len());
                    self.at = (end + 1).min(bytes.len());
                    return Some(Token::End { name: name(&self.html[open + 2..end]).0 });
                }
                Some(byte) if byte.is_ascii_alphabetic() => {
                    let Some(end) = self.end_of_tag(open + 1) else {
                        // A tag that never ends hides everything after it, in browsers as well.
                        self.at = bytes.len();
                        return None;
                    };
                    self.at = end + 1;
                    let (name, attributes) = name(&self.html[open + 1..end]);
                    self.raw = RAW_TEXT_ELEMENTS.into_iter().find(|raw| *raw == name);
                    let is_empty = VOID_ELEMENTS.contains(&&*name);
                    return Some(Token::Start { name, attributes, is_empty });
                }
                _ => {
                    let next = memchr::memchr(b'<', &bytes[open + 1..]).map_or(bytes.len(), |next| open + 1 + next);
                    return Some(self.text(open..next));
                }
            }
        }
    }
}

/// Splits a tag into its name and the rest.
fn name(tag: &str) -> (Cow<'_, str>, &str) {
    let (name, rest) = split(tag, |c| c.is_ascii_whitespace() || c == '/');
    let name =
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) { name.to_ascii_lowercase().into() } else { name.into() };
    (name, rest)
}

/// An attribute as it is in the source.
#[derive(Clone, Copy, Debug)]
pub struct RawAttribute<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value without quotes, entities not decoded; empty for an attribute without a value.
    pub value: &'a str,
    /// The whole attribute with its quotes.
    pub whole: &'a str,
}

/// Returns the attributes of a tag as they are in the source.
pub fn raw_attributes(mut rest: &str) -> impl Iterator<Item = RawAttribute<'_>> {
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        let start = rest;
        // An attribute's name can begin with an equals sign, but cannot be empty.
        let first = rest.chars().next()?.len_utf8();
        let (_, behind) = split(&rest[first..], |c| c.is_ascii_whitespace() || matches!(c, '/' | '='));
        let name = &rest[..rest.len() - behind.len()];
        rest = behind;
        let Some(value) = rest.trim_ascii_start().strip_prefix('=') else {
            return Some(RawAttribute { name, value: "", whole: name });
        };
        let value = value.trim_ascii_start();
        let (value, behind) = match value.as_bytes().first() {
            Some(&quote @ (b'"' | b'\'')) => match memchr::memchr(quote, &value.as_bytes()[1..]) {
                Some(end) => (&value[1..=end], &value[end + 2..]),
                None => (&value[1..], ""),
            },
            _ => split(value, |c| c.is_ascii_whitespace()),
        };
        rest = behind;
        Some(RawAttribute { name, value, whole: &start[..start.len() - behind.len()] })
    })
}

/// Returns the attributes of a tag: their names as they are in the source, and their values with entities decoded.
pub fn attributes(tag: &str) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    raw_attributes(tag).map(|attribute| (attribute.name, unescape(attribute.value)))
}

/// Returns the value of an attribute.
pub fn attribute<'a>(all: &'a str, wanted: &str) -> Option<Cow<'a, str>> {
    attributes(all).find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
}

/// Replacements in a text, in order.
pub(super) struct Edits<'a> {
    text: &'a str,
    out: String,
    /// How much of the text is in `out`.
    done: usize,
}

impl<'a> Edits<'a> {
    /// Starts with no replacements.
    pub fn of(text: &'a str) -> Self {
        Self { text, out: String::new(), done: 0 }
    }

    /// Replaces a part of the text. `part` must be a slice of the text itself.
    pub fn replace(&mut self, part: &'a str, with: &str) {
        let start = part.as_ptr() as usize - self.text.as_ptr() as usize;
        self.replace_range(start..start + part.len(), with);
    }

    /// Inserts something before a part of the text.
    pub fn insert_before(&mut self, part: &'a str, what: &str) {
        self.replace(&part[..0], what);
    }

    /// Removes a part of the text, with the white space before it.
    pub fn remove(&mut self, part: &'a str) {
        let start = part.as_ptr() as usize - self.text.as_ptr() as usize;
        let from = self.text[self.done..start].trim_ascii_end().len() + self.done;
        self.replace_range(from..start + part.len(), "");
    }

    fn replace_range(&mut self, range: Range<usize>, with: &str) {
        self.out.push_str(&self.text[self.done..range.start]);
        self.out.push_str(with);
        self.done = range.end;
    }

    /// Returns the text with the replacements; none if there are none.
    pub fn finish(mut self) -> Option<String> {
        if self.done == 0 && self.out.is_empty() {
            return None;
        }
        self.out.push_str(&self.text[self.done..]);
        Some(self.out)
    }
}

/// Splits before the first character that `ends` matches, or at the end.
fn split(text: &str, ends: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

/// The length of the longest name of a character, `CounterClockwiseContourIntegral`, with its semicolon.
const MAX_ENTITY: usize = 32;

/// Decodes the entities in a text. What is no entity stays as it is.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'&', text.as_bytes()) else { return Cow::Borrowed(text) };
    let mut plain = String::with_capacity(text.len());
    plain.push_str(&text[..first]);
    let mut rest = &text[first..];
    while let Some(after) = rest.strip_prefix('&') {
        let end = memchr::memchr(b';', &after.as_bytes()[..after.len().min(MAX_ENTITY)]);
        let entity = end.and_then(|end| Some((end, characters(&after[..=end])?)));
        let from = match entity {
            Some((end, (first, second))) => {
                plain.push(first);
                plain.extend(second);
                end + 2
            }
            None => {
                plain.push('&');
                1
            }
        };
        let next = memchr::memchr(b'&', &rest.as_bytes()[from..]).map_or(rest.len(), |next| from + next);
        plain.push_str(&rest[from..next]);
        rest = &rest[next..];
    }
    Cow::Owned(plain)
}

/// Returns the characters of an entity, given from behind its `&` to its semicolon. Some names stand for two.
fn characters(entity: &str) -> Option<(char, Option<char>)> {
    if let Some(number) = entity.strip_prefix('#') {
        let number = number.strip_suffix(';')?;
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return Some((char::from_u32(code).filter(|&c| c != '\0')?, None));
    }
    let &(first, second) = html5ever::data::NAMED_ENTITIES.get(entity)?;
    // A second character of 0 is none.
    Some((char::from_u32(first).filter(|&c| c != '\0')?, char::from_u32(second).filter(|&c| c != '\0')))
}
