//! Parts of a file: what media players ask for (RFC 9110, section 14).

use std::ops::Range;

/// What a `Range` header asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The whole file: the header says nothing that this server understands. Several ranges at once are among that.
    Whole,
    /// One part of it.
    Part(Range<u64>),
    /// A part that the file does not have.
    Beyond,
}

/// Reads a `Range` header for a file of `length` bytes.
pub fn wanted(header: &str, length: u64) -> Wanted {
    let Some((unit, range)) = header.split_once('=') else { return Wanted::Whole };
    let Some((first, last)) = range.trim().split_once('-') else { return Wanted::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Wanted::Whole;
    }
    match (number(first), number(last)) {
        (Number::Missing, Number::Is(0)) => Wanted::Beyond,
        (Number::Missing, Number::Is(count)) if length > 0 => Wanted::Part(length.saturating_sub(count)..length),
        (Number::Is(first), Number::Is(last)) if last < first => Wanted::Whole,
        (Number::Is(first), Number::Is(last)) if first < length => {
            Wanted::Part(first..last.saturating_add(1).min(length))
        }
        (Number::Is(first), Number::Missing) if first < length => Wanted::Part(first..length),
        (Number::Wrong, _) | (_, Number::Wrong) | (Number::Missing, Number::Missing) => Wanted::Whole,
        _ => Wanted::Beyond,
    }
}

enum Number {
    Is(u64),
    Missing,
    Wrong,
}

fn number(text: &str) -> Number {
    let text = text.trim();
    if text.is_empty() {
        Number::Missing
    } else if text.bytes().all(|digit| digit.is_ascii_digit()) {
        // One that is too large for a number is larger than any file.
        Number::Is(text.parse().unwrap_or(u64::MAX))
    } else {
        Number::Wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for (header, expected) in [
            ("bytes=0-0", Wanted::Part(0..1)),
            ("bytes=2-5", Wanted::Part(2..6)),
            ("bytes=2-", Wanted::Part(2..10)),
            ("bytes=-3", Wanted::Part(7..10)),
            ("bytes=-99", Wanted::Part(0..10)),
            ("bytes=9-99", Wanted::Part(9..10)),
            ("Bytes = 2 - 5 ", Wanted::Part(2..6)),
            ("bytes=0-99999999999999999999999999", Wanted::Part(0..10)),
            ("bytes=10-", Wanted::Beyond),
            ("bytes=10-20", Wanted::Beyond),
            ("bytes=99999999999999999999999999-", Wanted::Beyond),
            ("bytes=-0", Wanted::Beyond),
            ("bytes=5-2", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("bytes=", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
            ("bytes=+1-2", Wanted::Whole),
            ("bytes=--2", Wanted::Whole),
            ("bytes=0-1,4-5", Wanted::Whole),
            ("pages=0-1", Wanted::Whole),
            ("bytes", Wanted::Whole),
            ("", Wanted::Whole),
        ] {
            assert_eq!(wanted(header, 10), expected, "{header}");
        }
        assert_eq!(wanted("bytes=0-", 0), Wanted::Beyond);
        assert_eq!(wanted("bytes=-5", 0), Wanted::Beyond);
    }
}
