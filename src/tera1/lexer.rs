//! The tags of a template of Tera 1 and their tokens.
//!
//! The lexer differs from that of Tera 2 in three points: a quoted text has no escapes, a name can follow `::`, and a
//! number can follow a point as an index.

use std::ops::Range;

/// The kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A name or keyword.
    Name,
    /// A number without a sign.
    Number,
    /// A quoted text, with its quotes.
    Text,
    /// An operator or bracket.
    Symbol,
    /// A character without meaning in a tag, or a quote without an end.
    Unknown,
}

/// A token of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'t> {
    /// The kind.
    pub kind: TokenKind,
    /// The token as it is in the source.
    pub text: &'t str,
    /// Its position in the source.
    pub start: usize,
}

impl Token<'_> {
    /// Returns the position after the token.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether the token is this name or symbol.
    pub fn is(&self, text: &str) -> bool {
        matches!(self.kind, TokenKind::Name | TokenKind::Symbol) && self.text == text
    }
}

/// The kind of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagKind {
    /// `{{ … }}`
    Expression,
    /// `{% … %}`
    Statement,
}

impl TagKind {
    /// Returns the opening brackets.
    pub fn opening(self) -> &'static str {
        match self {
            Self::Expression => "{{",
            Self::Statement => "{%",
        }
    }

    /// Returns the closing brackets.
    pub fn closing(self) -> &'static str {
        match self {
            Self::Expression => "}}",
            Self::Statement => "%}",
        }
    }
}

/// A tag of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag<'t> {
    /// The kind.
    pub kind: TagKind,
    /// The span with the brackets; of an unclosed tag, up to the end of the text.
    pub span: Range<usize>,
    /// The tokens between the brackets.
    pub tokens: Vec<Token<'t>>,
    /// Whether the tag has closing brackets.
    pub is_closed: bool,
}

/// Iterates over the tags of a template. Comments and raw text are left out.
pub fn tags(text: &str) -> Tags<'_> {
    Tags { text, at: 0 }
}

/// Iterates over the tags of a template, in one pass.
pub struct Tags<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Iterator for Tags<'t> {
    type Item = Tag<'t>;

    fn next(&mut self) -> Option<Tag<'t>> {
        let (kind, start) = next_tag(self.text, self.at)?;
        let (tokens, end) = tokens(self.text, start + 2, kind);
        self.at = end.unwrap_or(self.text.len());
        Some(Tag { kind, span: start..self.at, tokens, is_closed: end.is_some() })
    }
}

/// Returns the kind of the first tag from a position on, and where it begins. Comments and raw text are passed over; they are the
/// same in both versions of Tera.
pub fn next_tag(text: &str, mut at: usize) -> Option<(TagKind, usize)> {
    let bytes = text.as_bytes();
    loop {
        let start = at + memchr::memchr(b'{', bytes.get(at..)?)?;
        match bytes.get(start + 1)? {
            b'{' => return Some((TagKind::Expression, start)),
            b'%' => match keyword_tag(text, start, "raw") {
                Some(body) => at = end_of_raw(text, body).unwrap_or(bytes.len()),
                None => return Some((TagKind::Statement, start)),
            },
            b'#' => at = text[start + 2..].find("#}").map_or(bytes.len(), |end| start + 2 + end + 2),
            _ => at = start + 1,
        }
    }
}

/// Returns the end of a tag at a position that consists of one keyword.
fn keyword_tag(text: &str, start: usize, keyword: &str) -> Option<usize> {
    let rest = text[start..].strip_prefix("{%")?;
    let rest = rest.strip_prefix('-').unwrap_or(rest).trim_ascii_start().strip_prefix(keyword)?.trim_ascii_start();
    let rest = rest.strip_prefix('-').unwrap_or(rest).strip_prefix("%}")?;
    Some(text.len() - rest.len())
}

fn end_of_raw(text: &str, mut at: usize) -> Option<usize> {
    loop {
        at += text[at..].find("{%")?;
        if let Some(end) = keyword_tag(text, at, "endraw") {
            return Some(end);
        }
        at += 2;
    }
}

/// The symbols, the longest first. Those of Tera 2 are here too, for templates that are partly rewritten.
const SYMBOLS: [&str; 32] = [
    "...", "::", "==", "!=", ">=", "<=", "</", "?.", "?[", "**", "//", "+", "-", "*", "/", "%", "!", ".", ",", ":",
    "~", "|", "=", ">", "<", "(", ")", "[", "]", "{", "}", "@",
];

/// Returns the tokens from a position up to the closing brackets, and the position after those, if there are any.
pub fn tokens(text: &str, mut at: usize, kind: TagKind) -> (Vec<Token<'_>>, Option<usize>) {
    let bytes = text.as_bytes();
    let closing = kind.closing();
    let mut tokens: Vec<Token<'_>> = Vec::new();
    if bytes.get(at) == Some(&b'-') {
        at += 1;
    }
    // How many braces are open: `}}` can close two maps of Tera 2, but only those.
    loop {
        at += bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let Some(&byte) = bytes.get(at) else { return (tokens, None) };
        let rest = &text[at..];
        if rest.strip_prefix('-').unwrap_or(rest).starts_with(closing) {
            return (tokens, Some(at + closing.len() + usize::from(byte == b'-')));
        }
        let is_index = tokens.last().is_some_and(|last| last.is("."));
        let symbol = || SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol));
        let (kind, length) = if matches!(byte, b'"' | b'\'' | b'`') {
            match memchr::memchr(byte, &bytes[at + 1..]) {
                Some(length) => (TokenKind::Text, length + 2),
                None => return (tokens, None),
            }
        } else if byte.is_ascii_digit() {
            (TokenKind::Number, number_length(rest.as_bytes(), is_index))
        } else if byte == b'_' || byte.is_ascii_alphabetic() {
            let is_of_name = |byte: &&u8| **byte == b'_' || byte.is_ascii_alphanumeric();
            (TokenKind::Name, rest.bytes().take_while(|byte| is_of_name(&byte)).count())
        } else if let Some(symbol) = symbol() {
            (TokenKind::Symbol, symbol.len())
        } else {
            (TokenKind::Unknown, rest.chars().next().map_or(1, char::len_utf8))
        };
        tokens.push(Token { kind, text: &rest[..length], start: at });
        at += length;
    }
}

/// Returns the length of a number. An index has no decimals, so that `a.0.1` has two of them.
fn number_length(bytes: &[u8], is_index: bool) -> usize {
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits(0);
    let has_decimals =
        !is_index && bytes.get(whole) == Some(&b'.') && bytes.get(whole + 1).is_some_and(u8::is_ascii_digit);
    if has_decimals { whole + 1 + digits(whole + 1) } else { whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<Vec<&str>> {
        tags(text).map(|tag| tag.tokens.iter().map(|token| token.text).collect()).collect()
    }

    #[test]
    fn tags_are_cut_into_tokens() {
        assert_eq!(
            texts("a {{- p.0.title|get(key=\"a\\\") -}} {# {{ x }} #}{% raw %}{{ y }}{%- endraw -%}{%if`}}`%}"),
            [vec!["p", ".", "0", ".", "title", "|", "get", "(", "key", "=", "\"a\\\"", ")"], vec!["if", "`}}`"]]
        );
        assert_eq!(texts("{{ m::x(a=1.5) }}"), [["m", "::", "x", "(", "a", "=", "1.5", ")"]]);
        assert_eq!(texts("{{ é -1 }}"), [["é", "-", "1"]]);
        for text in ["", "{", "{#", "{# {{ a }}", "{% raw %}{{ a }}", "{%- raw -%}"] {
            assert!(texts(text).is_empty(), "{text}");
        }
        for text in ["{{", "{%", "{{ \"", "{% 'a", "{{-", "{{ a }"] {
            let tag = tags(text).next().unwrap();
            assert!(!tag.is_closed && tag.span == (0..text.len()), "{text}");
        }
    }
}
