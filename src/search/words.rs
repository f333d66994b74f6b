//! What a word is: the same words in an index as in the browser that asks for them.
//!
//! `client.js` does the same, and one table of examples (`tests/search/words.json`) holds both to it.

mod fold;

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

pub use fold::fold;

/// Words longer than this are cut off, in characters.
const LONGEST: usize = 40;

/// So many words with hyphens between them are one word as well. What has more is an address or the like.
const MOST_JOINED: usize = 4;

/// Calls `found` with every word of a text, as it is folded, and whether it is a part of the word before. Behind words with
/// hyphens between them comes what they are without the hyphens, as if it were a part of the last of them.
pub fn each_word(text: &str, mut found: impl FnMut(&str, bool)) {
    let mut folded = String::new();
    let mut compound = Compound::default();
    for Token { range, kind } in tokens(text) {
        let written = &text[range.clone()];
        if kind != WordKind::Simple {
            fold(written, &mut folded);
        }
        if kind == WordKind::Word && !folded.contains(char::is_alphanumeric) {
            continue;
        }
        if !compound.goes_on(text, &range, kind) {
            compound.find(text, &mut found);
            compound = Compound { words: usize::from(kind != WordKind::Piece), range };
        }
        if kind == WordKind::Simple {
            let cut = &written[..written.len().min(LONGEST)];
            if cut.bytes().any(|byte| byte.is_ascii_uppercase()) {
                folded.clear();
                folded.push_str(cut);
                folded.make_ascii_lowercase();
                found(&folded, false);
            } else {
                found(cut, false);
            }
            continue;
        }
        found(&folded, false);
        if kind == WordKind::Word {
            for part in parts(written) {
                fold(part, &mut folded);
                if folded.chars().nth(1).is_some() {
                    found(&folded, true);
                }
            }
        }
    }
    compound.find(text, &mut found);
}

/// Words with hyphens between them, where they stand in a text.
#[derive(Default)]
struct Compound {
    range: Range<usize>,
    words: usize,
}

impl Compound {
    /// Whether a word belongs to it.
    fn goes_on(&mut self, text: &str, range: &Range<usize>, kind: WordKind) -> bool {
        let goes_on = self.words > 0 && kind != WordKind::Piece && is_hyphen(&text[self.range.end..range.start]);
        if goes_on {
            self.range.end = range.end;
            self.words += 1;
        }
        goes_on
    }

    /// Calls `found` with the word that it is without hyphens, if it has a letter and is neither one word nor too many.
    fn find(&self, text: &str, found: &mut impl FnMut(&str, bool)) {
        let written = &text[self.range.clone()];
        if (2..=MOST_JOINED).contains(&self.words) && written.contains(char::is_alphabetic) {
            let mut folded = String::new();
            fold(&written.replace(['-', '\u{2010}', '\u{2011}'], ""), &mut folded);
            found(&folded, true);
        }
    }
}

/// Whether what stands between two words is a hyphen.
fn is_hyphen(between: &str) -> bool {
    matches!(between, "-" | "\u{2010}" | "\u{2011}")
}

/// A word where it stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    range: Range<usize>,
    kind: WordKind,
}

/// What a word is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WordKind {
    /// ASCII letters and digits, without parts: what almost all words of many languages are.
    Simple,
    /// Anything else between spaces or signs. It may have parts.
    Word,
    /// A piece of a sentence that is written without spaces.
    Piece,
}

/// What a byte is to the quick way through a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ByteClass {
    /// A small letter or a digit.
    Small,
    Capital,
    /// ASCII that belongs to no word.
    Gap,
    /// Full stops and apostrophes, which join words and end them.
    Sign,
    Other,
}

const CLASSES: [ByteClass; 256] = {
    let mut classes = [ByteClass::Other; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        classes[byte as usize] = match byte {
            b'a'..=b'z' | b'0'..=b'9' => ByteClass::Small,
            b'A'..=b'Z' => ByteClass::Capital,
            b'.' | b'\'' => ByteClass::Sign,
            b'_' => ByteClass::Other,
            _ => ByteClass::Gap,
        };
        byte += 1;
    }
    classes
};

/// The end of the word that begins at a place, if it is of small ASCII letters behind its first one and something ends it
/// that ends words.
fn simple(bytes: &[u8], start: usize) -> Option<usize> {
    let class = |at: usize| bytes.get(at).map_or(ByteClass::Gap, |byte| CLASSES[usize::from(*byte)]);
    if !matches!(class(start), ByteClass::Small | ByteClass::Capital) {
        return None;
    }
    let mut end = start + 1;
    while class(end) == ByteClass::Small {
        end += 1;
    }
    let is_end = match class(end) {
        ByteClass::Gap => true,
        ByteClass::Sign => class(end + 1) == ByteClass::Gap,
        _ => false,
    };
    is_end.then_some(end)
}

fn tokens(text: &str) -> impl Iterator<Item = Token> {
    let mut at = 0;
    // Whether the unit at hand was the second one of a piece.
    let mut in_run = false;
    std::iter::from_fn(move || {
        loop {
            if let Some(end) = simple(text.as_bytes(), at) {
                let range = at..end;
                at = end + skip_ascii(&text.as_bytes()[end..]);
                return Some(Token { range, kind: WordKind::Simple });
            }
            let here = text[at..].chars().next()?;
            let start = at;
            // Most words begin with an ASCII letter: those need not be looked at twice.
            if let Some(end) = Some(here).filter(|here| !here.is_ascii()).and_then(|_| unit(text, at)) {
                at = end;
                let next = unit(text, at);
                if next.is_none() && std::mem::take(&mut in_run) {
                    continue;
                }
                in_run = next.is_some();
                return Some(Token { range: start..next.unwrap_or(at), kind: WordKind::Piece });
            }
            if is_spaced(here) {
                let token = word(text, at);
                at = token.range.end;
                return Some(token);
            }
            at += here.len_utf8();
            at += skip_ascii(&text.as_bytes()[at..]);
        }
    })
}

/// The end of the unit that begins at a place, if one does: a letter of a script without spaces, with its marks.
fn unit(text: &str, start: usize) -> Option<usize> {
    let mut rest = text[start..].chars();
    rest.next().filter(|&c| is_unspaced(c) && is_letter(c))?;
    let marks = rest.take_while(|&c| is_combining_mark(c) || matches!(c, '\u{ff9e}' | '\u{ff9f}'));
    let marks: usize = marks.map(char::len_utf8).sum();
    Some(start + text[start..].chars().next().map_or(0, char::len_utf8) + marks)
}

/// How many bytes at the beginning are ASCII and belong to no word.
fn skip_ascii(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| matches!(CLASSES[usize::from(**byte)], ByteClass::Gap | ByteClass::Sign)).count()
}

/// The word that begins at a place.
fn word(text: &str, start: usize) -> Token {
    let bytes = text.as_bytes();
    let mut end = start;
    let mut is_simple = true;
    let mut after_small = false;
    let mut capitals = 0;
    loop {
        match bytes.get(end) {
            Some(byte) if byte.is_ascii_lowercase() => {
                // `HTMLWriter`: the last of several capitals begins a part.
                is_simple &= capitals < 2;
                (after_small, capitals) = (true, 0);
                end += 1;
            }
            Some(byte) if byte.is_ascii_digit() => {
                (after_small, capitals) = (true, 0);
                end += 1;
            }
            Some(byte) if byte.is_ascii_uppercase() => {
                is_simple &= !after_small;
                after_small = false;
                capitals += 1;
                end += 1;
            }
            Some(b'_') => {
                is_simple = false;
                end += 1;
            }
            Some(byte) if !byte.is_ascii() || matches!(byte, b'\'' | b'.') => {
                let mut rest = text[end..].chars();
                let Some(next) = rest.next() else { break };
                let joins = end > start && matches!(next, '\'' | '’' | '.' | '·') && rest.next().is_some_and(is_spaced);
                if !is_spaced(next) && !joins {
                    break;
                }
                is_simple = false;
                end += next.len_utf8();
            }
            _ => break,
        }
    }
    Token { range: start..end, kind: if is_simple { WordKind::Simple } else { WordKind::Word } }
}

/// Letters, marks and numbers.
fn is_letter(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { c.is_alphanumeric() || is_combining_mark(c) }
}

/// What words with spaces between them are made of: letters, `_`, and characters that nobody sees.
fn is_spaced(c: char) -> bool {
    let is_unseen = matches!(c, '\u{ad}' | '\u{200c}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
    (is_letter(c) || c == '_' || is_unseen) && !is_unspaced(c)
}

/// The scripts that put no spaces between words.
pub fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}' | '\u{20000}'..='\u{3ffff}')
}

/// The parts of a word, if it has any.
fn parts(word: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut before: [Option<char>; 2] = [None, None];
    let mut chars = word.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let sign = matches!(c, '_' | '\'' | '’' | '.' | '·');
        let capital = c.is_uppercase()
            && before[1].is_some_and(|before| {
                before.is_lowercase()
                    || before.is_numeric()
                    || before.is_uppercase() && chars.peek().is_some_and(|(_, next)| next.is_lowercase())
            });
        if sign || capital {
            parts.push(&word[start..at]);
            start = if sign { at + c.len_utf8() } else { at };
        }
        before = [before[1], (!sign).then_some(c)];
    }
    if !parts.is_empty() {
        parts.push(&word[start..]);
    }
    // The number of a version: 2.0 is found where v2.0 stands.
    let version = word.strip_prefix(['v', 'V']).filter(|rest| rest.starts_with(char::is_numeric) && rest.contains('.'));
    parts.extend(version);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Word {
        word: String,
        parts: Vec<String>,
    }

    #[derive(serde::Deserialize)]
    struct Case {
        text: String,
        words: Vec<Word>,
    }

    #[test]
    fn the_words_of_the_table() {
        let cases: Vec<Case> = serde_json::from_str(include_str!("../../tests/search/words.json")).unwrap();
        assert!(cases.len() > 50);
        for Case { text, words } in cases {
            let mut found: Vec<Word> = Vec::new();
            each_word(&text, |word, is_part| match found.last_mut() {
                Some(whole) if is_part => whole.parts.push(word.to_owned()),
                _ => found.push(Word { word: word.to_owned(), parts: Vec::new() }),
            });
            assert_eq!(found, words, "{text}");
        }
    }
}
