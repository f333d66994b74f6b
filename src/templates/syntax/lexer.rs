//! The tags of a template and their tokens, by the rules of Tera's own lexer.

use std::borrow::Cow;
use std::ops::Range;

pub(in crate::templates) use crate::tera1::TagKind;
use crate::tera1::next_tag;

/// A part of a tag.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::templates) enum Token<'t> {
    /// A name or keyword.
    Ident(&'t str),
    /// A quoted text, without its quotes and escapes.
    Text(Cow<'t, str>),
    /// A number as it is in the source.
    Number(&'t str),
    /// An operator or bracket.
    Symbol(&'static str),
    /// A character without meaning in a tag.
    Unknown,
}

/// A tag of a template.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::templates) struct Tag<'t> {
    pub kind: TagKind,
    pub tokens: Vec<Token<'t>>,
    /// The span of each token.
    pub token_spans: Vec<Range<usize>>,
    /// The span with the brackets; of an unclosed tag, only the opening ones.
    pub span: Range<usize>,
    /// Whether it has closing brackets.
    pub is_closed: bool,
}

/// Iterates over the tags of a template. Comments and raw text are left out. A tag, comment or raw text without an end
/// is the last one.
pub(in crate::templates) fn tags(text: &str) -> Tags<'_> {
    Tags { text, at: 0 }
}

/// Iterates over the tags of a template. It reads the text once, in one pass.
pub(in crate::templates) struct Tags<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Iterator for Tags<'t> {
    type Item = Tag<'t>;

    fn next(&mut self) -> Option<Tag<'t>> {
        let (kind, start) = next_tag(self.text, self.at)?;
        let (tokens, token_spans, end) = tokens(self.text, start + 2, kind);
        self.at = end.unwrap_or(self.text.len());
        let span = start..end.unwrap_or(start + 2);
        Some(Tag { kind, tokens, token_spans, span, is_closed: end.is_some() })
    }
}

/// Tera's symbols of two or three characters, the longest first.
const LONG_SYMBOLS: [&str; 10] = ["...", "//", "**", "==", "!=", ">=", "<=", "</", "?.", "?["];
const SHORT_SYMBOLS: [&str; 22] =
    ["+", "-", "*", "/", "%", "!", ".", ",", ":", "~", "|", "=", ">", "<", "(", ")", "[", "]", "{", "}", "@", "?"];

/// Returns the tokens of a tag with their spans, and the end of the tag, if it has one. `at` is after its opening
/// brackets.
fn tokens(text: &str, mut at: usize, kind: TagKind) -> (Vec<Token<'_>>, Vec<Range<usize>>, Option<usize>) {
    let bytes = text.as_bytes();
    let (mut tokens, mut places) = (Vec::new(), Vec::new());
    if bytes.get(at) == Some(&b'-') {
        at += 1;
    }
    loop {
        at += bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let Some(&byte) = bytes.get(at) else { return (tokens, places, None) };
        let rest = &text[at..];
        for end in [rest, rest.strip_prefix('-').unwrap_or(rest)] {
            if end.starts_with(kind.closing()) {
                return (tokens, places, Some(text.len() - end.len() + 2));
            }
        }
        if matches!(byte, b'"' | b'\'' | b'`') {
            let Some(length) = quoted_length(&bytes[at + 1..], byte) else {
                return (tokens, places, None);
            };
            tokens.push(Token::Text(without_escapes(&text[at + 1..at + 1 + length])));
            places.push(at..at + length + 2);
            at += length + 2;
            continue;
        }
        let symbol = LONG_SYMBOLS.iter().chain(&SHORT_SYMBOLS).find(|symbol| rest.starts_with(**symbol));
        let length = if let Some(symbol) = symbol {
            tokens.push(Token::Symbol(symbol));
            symbol.len()
        } else if byte.is_ascii_digit() {
            let length = number_length(rest.as_bytes());
            tokens.push(Token::Number(&rest[..length]));
            length
        } else if byte == b'_' || byte.is_ascii_alphabetic() {
            let is_of_name = |byte: &&u8| **byte == b'_' || byte.is_ascii_alphanumeric();
            let length = rest.as_bytes().iter().take_while(is_of_name).count();
            tokens.push(Token::Ident(&rest[..length]));
            length
        } else {
            tokens.push(Token::Unknown);
            rest.chars().next().map_or(1, char::len_utf8)
        };
        places.push(at..at + length);
        at += length;
    }
}

/// Returns the length of a quoted text without its quotes; none if it has no end.
fn quoted_length(bytes: &[u8], quote: u8) -> Option<usize> {
    let mut at = 0;
    loop {
        match bytes.get(at)? {
            b'\\' => at += 2,
            byte if *byte == quote => return Some(at),
            _ => at += 1,
        }
    }
}

fn without_escapes(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        plain.push(match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some(other) => other,
                None => break,
            },
            c => c,
        });
    }
    Cow::Owned(plain)
}

/// Returns the length of a number: digits with at most one point.
fn number_length(bytes: &[u8]) -> usize {
    let mut has_point = false;
    let is_of_number = |byte: &&u8| match byte {
        b'.' if !has_point => {
            has_point = true;
            true
        }
        byte => byte.is_ascii_digit(),
    };
    bytes.iter().take_while(is_of_number).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_cut_into_tokens() {
        let read = |text| tags(text).map(|tag| (tag.tokens, tag.is_closed)).collect::<Vec<_>>();
        let symbol = Token::Symbol;
        assert_eq!(
            read("a {{- p?.title[0]|get(key='a\\'b') -}} { {# {{ x }} #}{% raw %}{{ y }}{%- endraw -%}{%if`}}`%}"),
            [
                (
                    vec![
                        Token::Ident("p"),
                        symbol("?."),
                        Token::Ident("title"),
                        symbol("["),
                        Token::Number("0"),
                        symbol("]"),
                        symbol("|"),
                        Token::Ident("get"),
                        symbol("("),
                        Token::Ident("key"),
                        symbol("="),
                        Token::Text("a'b".into()),
                        symbol(")"),
                    ],
                    true
                ),
                (vec![Token::Ident("if"), Token::Text("}}".into())], true),
            ]
        );
        assert_eq!(read("{{ {...a, \"b\": 1.5}}}")[0].0.len(), 7);
        assert_eq!(read("{{ é -1"), [(vec![Token::Unknown, symbol("-"), Token::Number("1")], false)]);
        for text in ["", "{", "{#", "{# {{ a }}", "{% raw %}{{ a }}", "{%- raw -%}"] {
            assert_eq!(read(text), [], "{text}");
        }
        for text in ["{{", "{%", "{{ \"", "{% 'a\\'", "{{-"] {
            assert!(!tags(text).next().unwrap().is_closed, "{text}");
        }
    }
}
