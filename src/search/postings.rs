//! Which documents have a word, how much it weighs in each, and in which passages it is.

use super::file::{push_number, take_number};
use super::lexicon::WordId;
use super::tree::BlockCutter;

/// So many postings stand with the word itself; the rest of those of other words is in files.
const MOST_WITH_WORD: usize = 512;

/// So many passages are named.
pub const MOST_PASSAGES: usize = 4;

/// The wanted size of the parts of the rest, in bytes.
const REST: usize = 7000;

/// So many bytes say what there is to say of a word in one document.
const LONGEST: u32 = 4;

/// The greatest impact.
const HIGHEST: u8 = 15;

/// What is said of a word in one document: its impact and the first passages that it is in, in so few bytes that it can
/// be carried about. They are the lower ones; above them stands how many they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mention(u64);

impl Mention {
    /// How many bits there are in all.
    pub const BITS: u32 = 8 * LONGEST + 3;

    /// What is said of a word of an impact, from 0 to 1, that is in some passages, which are in order: at least in one. As
    /// many are named as there is room for.
    pub fn new(impact: f32, passages: &[u32]) -> Self {
        let level = ((impact * 16.0) as u64).min(u64::from(HIGHEST));
        // A document of more passages than that has no fellow.
        let first = passages.first().map_or(0, |&first| first.min(1 << 21));
        let mut bytes = level << 4 | u64::from(first.min(7));
        let mut length = 1;
        if let Some(more) = first.checked_sub(7) {
            let (more, more_length) = number(more);
            bytes |= more << 8;
            length += more_length;
        }
        // What says of the passage before that another one follows.
        let mut follows = 8;
        for pair in passages.windows(2) {
            let (step, step_length) = number((pair[1] - pair[0] - 1) << 1);
            if length + step_length > LONGEST {
                break;
            }
            bytes |= follows | step << (8 * length);
            follows = 1 << (8 * length);
            length += step_length;
        }
        Self(u64::from(length) << (8 * LONGEST) | bytes)
    }

    fn length(self) -> usize {
        (self.0 >> (8 * LONGEST)) as usize
    }

    fn level(self) -> u8 {
        self.0 as u8 >> 4
    }

    fn push(self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.0.to_le_bytes()[..self.length()]);
    }

    /// It as a number of so many bits.
    pub fn to_number(self) -> u64 {
        self.0
    }

    /// It from a number, whatever stands above.
    pub fn from_number(number: u64) -> Self {
        Self(number & ((1 << Self::BITS) - 1))
    }

    /// Adds a word to an entry, and what is said of it.
    pub fn push_with(self, word: WordId, entry: &mut Vec<u8>) {
        push_number(entry, (word as usize) << 2 | (self.length() - 1));
        self.push(entry);
    }

    /// Takes a word from the beginning of an entry, and what is said of it.
    pub fn take(entry: &mut &[u8]) -> (WordId, Self) {
        let head = take_number(entry);
        let length = ((head & 3) + 1).min(entry.len());
        let bytes = match entry.first_chunk() {
            Some(bytes) => u32::from_le_bytes(*bytes) & (u32::MAX >> (8 * (LONGEST as usize - length))),
            None => entry[..length].iter().rev().fold(0, |bytes, byte| bytes << 8 | u32::from(*byte)),
        };
        *entry = &entry[length..];
        ((head >> 2) as WordId, Self((length as u64) << (8 * LONGEST) | u64::from(bytes)))
    }
}

/// A number as [`push_number`] writes it: the lower bytes of another, and how many they are.
fn number(number: u32) -> (u64, u32) {
    let mut rest = u64::from(number);
    let (mut bytes, mut length) = (0, 0);
    loop {
        let has_more = rest >= 0x80;
        bytes |= (rest & 0x7f | u64::from(has_more) << 7) << (8 * length);
        rest >>= 7;
        length += 1;
        if !has_more {
            return (bytes, length);
        }
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

/// Some of the postings of a word that do not stand with it.
#[derive(Debug)]
pub struct PostingBlock {
    /// The first document.
    pub first: u32,
    /// The postings.
    pub list: Vec<u8>,
}

/// Adds the postings of a word to its value. They are in the order of documents. Gives back those that are too many.
pub fn push_postings(value: &mut Vec<u8>, postings: &[Posting]) -> Vec<PostingBlock> {
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

    let mut cutter = BlockCutter::new(REST, 0);
    let mut ends = |posting: &&Posting| cutter.ends(&posting.document.to_be_bytes(), posting.mention.length() + 2);
    rest.chunk_by(|posting, _| !ends(posting))
        .map(|part| {
            let mut list = Vec::new();
            push_list(&mut list, part.iter().copied());
            PostingBlock { first: part[0].document, list }
        })
        .collect()
}

fn push_list<'a>(bytes: &mut Vec<u8>, postings: impl Iterator<Item = &'a Posting>) {
    let mut before = 0;
    for Posting { document, mention } in postings {
        push_number(bytes, (document - before) as usize);
        mention.push(bytes);
        before = *document;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The impact's level and the passages, as a client reads them.
    fn read(mut bytes: &[u8]) -> (u8, Vec<u32>) {
        let first = bytes[0];
        bytes = &bytes[1..];
        let mut passage = u32::from(first & 7);
        if passage == 7 {
            passage += take_number(&mut bytes) as u32;
        }
        let (mut passages, mut has_more) = (vec![passage], first & 8 != 0);
        while has_more {
            let number = take_number(&mut bytes) as u32;
            passage += 1 + (number >> 1);
            passages.push(passage);
            has_more = number & 1 != 0;
        }
        assert!(bytes.is_empty());
        (first >> 4, passages)
    }

    proptest! {
        #[test]
        fn a_mention_says_what_it_has_room_for(impact in 0f32..1.0, steps in proptest::collection::vec(0..300u32, 1..=4), word: u16) {
            let word = u32::from(word);
            let mut passages = steps;
            for place in 1..passages.len() {
                passages[place] += passages[place - 1] + 1;
            }
            let mention = Mention::new(impact, &passages);
            prop_assert_eq!(Mention::from_number(7 << Mention::BITS | mention.to_number()), mention);
            // At the end of an entry, and with another behind it.
            let mut entry = Vec::new();
            mention.push_with(word, &mut entry);
            mention.push_with(word, &mut entry);
            let mut rest = &entry[..];
            prop_assert_eq!(Mention::take(&mut rest), (word, mention));
            prop_assert_eq!(Mention::take(&mut rest), (word, mention));
            prop_assert!(rest.is_empty());
            let mut bytes = Vec::new();
            mention.push(&mut bytes);
            let (level, read) = read(&bytes);
            prop_assert_eq!(level, (impact * 16.0) as u8);
            prop_assert!(passages.starts_with(&read));
            prop_assert!(read.len() >= 2.min(passages.len()) || passages[1] - passages[0] > 64);
        }
    }
}
