//! The text of a comment: escaping it, and finding URLs in it.

use std::ops::Range;

use memchr::memchr;

/// Appends text, escaped for the content of an element.
///
/// Characters that XML cannot contain become �, because comments are in feeds too. A no-break space becomes an entity,
/// as browsers write it, so that it is visible in the source.
pub(super) fn push(out: &mut String, text: &str) {
    let bytes = text.as_bytes();
    let (mut copied, mut from) = (0, 0);
    while let Some(offset) = bytes[from..].iter().position(|byte| STOPS[usize::from(*byte)]) {
        let at = from + offset;
        let next = bytes.get(at + 1).copied();
        let (length, replacement) = match bytes[at] {
            b'&' => (1, "&amp;"),
            b'<' => (1, "&lt;"),
            b'>' => (1, "&gt;"),
            // For a browser a lone carriage return is a line break.
            b'\r' => (1, if next == Some(b'\n') { "" } else { "\n" }),
            0..b' ' => (1, "\u{fffd}"),
            0xC2 if next == Some(0xA0) => (2, "&nbsp;"),
            // U+FFFE and U+FFFF.
            0xEF if next == Some(0xBF) && bytes.get(at + 2).is_some_and(|b| *b >= 0xBE) => (3, "\u{fffd}"),
            _ => {
                from = at + 1;
                continue;
            }
        };
        out.push_str(&text[copied..at]);
        out.push_str(replacement);
        copied = at + length;
        from = copied;
    }
    out.push_str(&text[copied..]);
}

/// The bytes that begin something to replace, or can do so.
const STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    let mut byte = 0;
    while byte < b' ' {
        stops[byte as usize] = byte != b'\t' && byte != b'\n';
        byte += 1;
    }
    stops[b'&' as usize] = true;
    stops[b'<' as usize] = true;
    stops[b'>' as usize] = true;
    stops[0xC2] = true;
    stops[0xEF] = true;
    stops
};

/// Finds the first URL of a web page in a text, without the punctuation behind it.
pub(super) fn url(text: &str) -> Option<Range<usize>> {
    let mut from = 0;
    loop {
        let colon = from + memchr(b':', &text.as_bytes()[from..])?;
        from = colon + 1;
        if !text[from..].starts_with("//") {
            continue;
        }
        from += 2;
        let scheme = ["https", "http"].into_iter().find(|scheme| {
            let start = colon.checked_sub(scheme.len());
            start.and_then(|start| text.get(start..colon)).is_some_and(|found| found.eq_ignore_ascii_case(scheme))
        });
        let Some(scheme) = scheme else { continue };
        let start = colon - scheme.len();
        if text[..start].ends_with(char::is_alphanumeric) {
            continue;
        }
        let length = text[from..].find(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"'));
        let end = length.map_or(text.len(), |length| from + length);
        return Some(start..start + without_punctuation(&text[start..end]));
    }
}

/// Returns the length of a URL without the punctuation of the sentence around it.
fn without_punctuation(url: &str) -> usize {
    let count = |wanted| memchr::memchr_iter(wanted, url.as_bytes()).count();
    let (opened, mut closed) = (count(b'('), count(b')'));
    for (at, c) in url.char_indices().rev() {
        if c == ')' && closed > opened {
            closed -= 1;
        } else if c.is_alphanumeric() || matches!(c, ')' | '/' | '#' | '=' | '&' | '+' | '%' | '$' | '@' | '-' | '_') {
            return at + c.len_utf8();
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        for (text, expected) in [
            ("a < b & c > d \"e\" 'f'", "a &lt; b &amp; c &gt; d \"e\" 'f'"),
            ("&amp; &lt;", "&amp;amp; &amp;lt;"),
            ("\0a\u{1}\u{1b}\tb\nc\r\nd\re", "�a��\tb\nc\nd\ne"),
            ("a\u{a0}b\u{a1}é", "a&nbsp;b\u{a1}é"),
            ("\u{fffe}\u{ffff}\u{fffd}\u{ff01}", "���\u{ff01}"),
            ("", ""),
        ] {
            let mut out = String::new();
            push(&mut out, text);
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn urls_end_before_the_punctuation() {
        for (text, expected) in [
            ("see https://example.org.", Some("https://example.org")),
            ("(HTTP://example.org/a_(b)), and", Some("HTTP://example.org/a_(b)")),
            ("http://example.org/?a=b&c!", Some("http://example.org/?a=b&c")),
            ("“http://example.org/é”", Some("http://example.org/é")),
            ("<http://example.org>", Some("http://example.org")),
            ("xhttp://example.org http://b.example", Some("http://b.example")),
            ("ftp://example.org", None),
            ("://", None),
            ("http:// x", Some("http://")),
        ] {
            assert_eq!(url(text).map(|range| &text[range]), expected, "{text}");
        }
    }
}
