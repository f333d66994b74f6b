//! Requests for a part of a file, as media players send them (RFC 9110, section 14).

use std::ops::Range;

/// The part that a `Range` header requests.
#[derive(Debug, PartialEq, Eq)]
pub enum RequestedRange {
    /// The whole file. The server ignores headers that it does not support, for example several ranges.
    Whole,
    /// One part of the file.
    Part(Range<u64>),
    /// A part beyond the end of the file.
    Unsatisfiable,
}

/// Parses a `Range` header for a file of `length` bytes.
pub fn parse(header: &str, length: u64) -> RequestedRange {
    let Some((unit, range)) = header.split_once('=') else { return RequestedRange::Whole };
    let Some((first, last)) = range.trim().split_once('-') else { return RequestedRange::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return RequestedRange::Whole;
    }
    match (parse_bound(first), parse_bound(last)) {
        (Bound::Missing, Bound::Is(0)) => RequestedRange::Unsatisfiable,
        (Bound::Missing, Bound::Is(count)) if length > 0 => RequestedRange::Part(length.saturating_sub(count)..length),
        (Bound::Is(first), Bound::Is(last)) if last < first => RequestedRange::Whole,
        (Bound::Is(first), Bound::Is(last)) if first < length => {
            RequestedRange::Part(first..last.saturating_add(1).min(length))
        }
        (Bound::Is(first), Bound::Missing) if first < length => RequestedRange::Part(first..length),
        (Bound::Invalid, _) | (_, Bound::Invalid) | (Bound::Missing, Bound::Missing) => RequestedRange::Whole,
        _ => RequestedRange::Unsatisfiable,
    }
}

enum Bound {
    Is(u64),
    Missing,
    Invalid,
}

fn parse_bound(text: &str) -> Bound {
    let text = text.trim();
    if text.is_empty() {
        Bound::Missing
    } else if text.bytes().all(|digit| digit.is_ascii_digit()) {
        // A number that overflows is larger than any file.
        Bound::Is(text.parse().unwrap_or(u64::MAX))
    } else {
        Bound::Invalid
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
            ("bytes=10-", RequestedRange::Unsatisfiable),
            ("bytes=10-20", RequestedRange::Unsatisfiable),
            ("bytes=99999999999999999999999999-", RequestedRange::Unsatisfiable),
            ("bytes=-0", RequestedRange::Unsatisfiable),
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
            assert_eq!(parse(header, 10), expected, "{header}");
        }
        assert_eq!(parse("bytes=0-", 0), RequestedRange::Unsatisfiable);
        assert_eq!(parse("bytes=-5", 0), RequestedRange::Unsatisfiable);
    }
}
