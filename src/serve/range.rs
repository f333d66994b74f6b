//! Parts of a file: what media players ask for (RFC 9110, section 14).

use std::ops::Range;

/// What a `Range` header asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum RequestedRange {
    /// The whole file: the header says nothing that this server understands. Several ranges at once are among that.
    Whole,
    /// One part of it.
    Part(Range<u64>),
    /// A part that the file does not have.
    Beyond,
}

/// Reads a `Range` header for a file of `length` bytes.
pub fn wanted(header: &str, length: u64) -> RequestedRange {
    let Some((unit, range)) = header.split_once('=') else { return RequestedRange::Whole };
    let Some((first, last)) = range.trim().split_once('-') else { return RequestedRange::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return RequestedRange::Whole;
    }
    match (number(first), number(last)) {
        (Number::Missing, Number::Is(0)) => RequestedRange::Beyond,
        (Number::Missing, Number::Is(count)) if length > 0 => {
            RequestedRange::Part(length.saturating_sub(count)..length)
        }
        (Number::Is(first), Number::Is(last)) if last < first => RequestedRange::Whole,
        (Number::Is(first), Number::Is(last)) if first < length => {
            RequestedRange::Part(first..last.saturating_add(1).min(length))
        }
        (Number::Is(first), Number::Missing) if first < length => RequestedRange::Part(first..length),
        (Number::Wrong, _) | (_, Number::Wrong) | (Number::Missing, Number::Missing) => RequestedRange::Whole,
        _ => RequestedRange::Beyond,
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
            ("bytes=0-0", RequestedRange::Part(0..1)),
            ("bytes=2-5", RequestedRange::Part(2..6)),
            ("bytes=2-", RequestedRange::Part(2..10)),
            ("bytes=-3", RequestedRange::Part(7..10)),
            ("bytes=-99", RequestedRange::Part(0..10)),
            ("bytes=9-99", RequestedRange::Part(9..10)),
            ("Bytes = 2 - 5 ", RequestedRange::Part(2..6)),
            ("bytes=0-99999999999999999999999999", RequestedRange::Part(0..10)),
            ("bytes=10-", RequestedRange::Beyond),
            ("bytes=10-20", RequestedRange::Beyond),
            ("bytes=99999999999999999999999999-", RequestedRange::Beyond),
            ("bytes=-0", RequestedRange::Beyond),
            ("bytes=5-2", RequestedRange::Whole),
            ("bytes=-", RequestedRange::Whole),
            ("bytes=", RequestedRange::Whole),
            ("bytes=a-b", RequestedRange::Whole),
            ("bytes=+1-2", RequestedRange::Whole),
            ("bytes=--2", RequestedRange::Whole),
            ("bytes=0-1,4-5", RequestedRange::Whole),
            ("pages=0-1", RequestedRange::Whole),
            ("bytes", RequestedRange::Whole),
            ("", RequestedRange::Whole),
        ] {
            assert_eq!(wanted(header, 10), expected, "{header}");
        }
        assert_eq!(wanted("bytes=0-", 0), RequestedRange::Beyond);
        assert_eq!(wanted("bytes=-5", 0), RequestedRange::Beyond);
    }
}
