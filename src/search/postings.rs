//! Which documents have a word, how much it weighs in each, and in which passages it is.

use super::file::{File, Kind, Name, push_number, take_number};
use super::tree::Cutter;

/// So many postings stand with the word itself; a word with more has files for the rest.
const MOST_WITH_WORD: usize = 512;

/// So many passages are named.
pub const MOST_PASSAGES: usize = 4;

/// The wanted size of the files for the rest, in bytes.
const REST: usize = 8192;

/// So many bytes say what there is to say of a word in one document.
const LONGEST: usize = 4;

/// The greatest impact.
const HIGHEST: u8 = 15;

/// What is said of a word in one document: its impact and the passages that it is in, in so few bytes that it can be
/// carried about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mention {
    /// The bytes; those behind the length are 0.
    bytes: [u8; LONGEST],
    length: u8,
}

impl Mention {
    fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    fn level(&self) -> u8 {
        self.bytes[0] >> 4
    }

    /// It as a number below 2³⁵.
    pub fn to_number(self) -> u64 {
        u64::from(self.length) << 32 | u64::from(u32::from_le_bytes(self.bytes))
    }

    /// It from a number, whatever stands above the lower 35 bits.
    pub fn from_number(number: u64) -> Self {
        Self { bytes: (number as u32).to_le_bytes(), length: (number >> 32) as u8 & 7 }
    }

    /// Takes one from the beginning of some bytes.
    pub fn take(bytes: &mut &[u8]) -> Self {
        let start = *bytes;
        let Some((&first, rest)) = bytes.split_first() else { return Self::default() };
        *bytes = rest;
        if first & 7 == 7 {
            take_number(bytes);
        }
        let mut has_more = first & 8 != 0;
        while has_more && !bytes.is_empty() {
            has_more = take_number(bytes) & 1 != 0;
        }
        let length = (start.len() - bytes.len()).min(LONGEST);
        let mut mention = Self { bytes: [0; LONGEST], length: length as u8 };
        mention.bytes[..length].copy_from_slice(&start[..length]);
        mention
    }
}

/// Adds what is said of a word in one document: its impact, from 0 to 1, and the first passages that it is in, in order,
/// at least one and as many as there is room for.
pub fn push_mention(bytes: &mut Vec<u8>, impact: f32, passages: &[usize]) {
    let level = ((impact * 16.0) as u8).min(HIGHEST);
    let start = bytes.len();
    // A document of more passages than that has no fellow.
    let first = passages.first().map_or(0, |&first| first.min(1 << 21));
    bytes.push(level << 4 | first.min(7) as u8);
    if first >= 7 {
        push_number(bytes, first - 7);
    }
    let mut last = start;
    for pair in passages.windows(2) {
        let end = bytes.len();
        push_number(bytes, (pair[1] - pair[0] - 1) << 1);
        if bytes.len() - start > LONGEST {
            bytes.truncate(end);
            return;
        }
        // The one before says that another follows.
        bytes[last] |= if last == start { 8 } else { 1 };
        last = end;
    }
}

/// A document that has a word, and what is said of the word in it.
#[derive(Clone, Copy, Debug)]
pub struct Posting {
    /// The document's number.
    pub document: u32,
    /// Its impact and passages.
    pub mention: Mention,
}

/// Adds the postings of a word to its value. They are in the order of documents. Gives back the files for those that are
/// too many.
pub fn push_postings(value: &mut Vec<u8>, postings: &[Posting]) -> Vec<File> {
    if postings.len() <= MOST_WITH_WORD {
        push_number(value, postings.len());
        push_list(value, postings.iter());
        return Vec::new();
    }
    let mut counts = [0; HIGHEST as usize + 1];
    for posting in postings {
        counts[usize::from(posting.mention.level())] += 1;
    }
    // All above some level, and of those on it the newest.
    let (mut above, mut level) = (0, HIGHEST);
    while above + counts[usize::from(level)] < MOST_WITH_WORD && level > 0 {
        above += counts[usize::from(level)];
        level -= 1;
    }
    let mut left_out = counts[usize::from(level)].saturating_sub(MOST_WITH_WORD - above);
    let is_with_word = |posting: &&Posting| {
        let is_old = posting.mention.level() == level && left_out > 0;
        left_out -= usize::from(is_old);
        posting.mention.level() >= level && !is_old
    };
    let (with_word, rest): (Vec<&Posting>, Vec<&Posting>) = postings.iter().partition(is_with_word);
    push_number(value, with_word.len());
    push_list(value, with_word.iter().copied());

    let mut cutter = Cutter::new(REST, 0);
    let mut ends = |posting: &&Posting| cutter.ends(&posting.document.to_be_bytes(), posting.mention.bytes().len() + 2);
    let parts: Vec<&[&Posting]> = rest.chunk_by(|posting, _| !ends(posting)).collect();
    push_number(value, parts.len());
    let mut before = 0;
    let mut files = Vec::with_capacity(parts.len());
    for part in parts {
        let mut list = Vec::with_capacity(REST);
        push_list(&mut list, part.iter().copied());
        let file = File::new(Kind::Postings, &list);
        push_number(value, (part[0].document - before) as usize);
        let Name(name) = file.name;
        value.extend(name);
        before = part[0].document;
        files.push(file);
    }
    files
}

fn push_list<'a>(bytes: &mut Vec<u8>, postings: impl Iterator<Item = &'a Posting>) {
    let mut before = 0;
    for Posting { document, mention } in postings {
        push_number(bytes, (document - before) as usize);
        bytes.extend_from_slice(mention.bytes());
        before = *document;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The impact's level and the passages, as a client reads them.
    fn read(mut bytes: &[u8]) -> (u8, Vec<usize>) {
        let first = bytes[0];
        bytes = &bytes[1..];
        let mut passage = usize::from(first & 7);
        if passage == 7 {
            passage += take_number(&mut bytes);
        }
        let (mut passages, mut has_more) = (vec![passage], first & 8 != 0);
        while has_more {
            let number = take_number(&mut bytes);
            passage += 1 + (number >> 1);
            passages.push(passage);
            has_more = number & 1 != 0;
        }
        assert!(bytes.is_empty());
        (first >> 4, passages)
    }

    proptest! {
        #[test]
        fn a_mention_says_what_it_has_room_for(impact in 0f32..1.0, steps in proptest::collection::vec(0..300usize, 1..=4)) {
            let mut passages: Vec<usize> = steps;
            for place in 1..passages.len() {
                passages[place] += passages[place - 1] + 1;
            }
            let mut bytes = Vec::new();
            push_mention(&mut bytes, impact, &passages);
            let mut rest = &bytes[..];
            let mention = Mention::take(&mut rest);
            prop_assert!(rest.is_empty());
            prop_assert_eq!(Mention::from_number(7 << 35 | mention.to_number()), mention);
            prop_assert_eq!(mention.bytes(), &bytes[..]);
            let (level, read) = read(&bytes);
            prop_assert_eq!(level, (impact * 16.0) as u8);
            prop_assert!(passages.starts_with(&read));
            prop_assert!(read.len() >= 2.min(passages.len()) || passages[1] - passages[0] > 64);
        }
    }
}
