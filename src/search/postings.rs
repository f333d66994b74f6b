//! Which documents have a word, how much it weighs in each, and in which passages it is.

use super::file::{File, Kind, Name, push_number, take_number};
use super::tree::is_end;

/// So many postings stand with the word itself; a word with more has files for the rest.
const MOST_WITH_WORD: usize = 512;

/// So many passages are named.
pub const MOST_PASSAGES: usize = 4;

/// The wanted size of the files for the rest, in bytes.
const REST: usize = 8192;

/// The greatest impact.
const HIGHEST: u8 = 15;

/// What is said of a word in one document: its impact, from 0 to 1, and the first passages that it is in, in order and
/// at least one.
pub fn push_mention(bytes: &mut Vec<u8>, impact: f32, passages: &[usize]) {
    let level = ((impact * 16.0) as u8).min(HIGHEST);
    let first = passages.first().copied().unwrap_or(0);
    let has_more = u8::from(passages.len() > 1);
    bytes.push(level << 4 | has_more << 3 | first.min(7) as u8);
    if first >= 7 {
        push_number(bytes, first - 7);
    }
    for (index, pair) in passages.windows(2).enumerate() {
        let has_more = usize::from(index + 2 < passages.len());
        push_number(bytes, (pair[1] - pair[0] - 1) << 1 | has_more);
    }
}

/// Takes what is said of a word in one document from the beginning of some bytes.
pub fn take_mention<'a>(bytes: &mut &'a [u8]) -> &'a [u8] {
    let start = *bytes;
    let Some((&first, rest)) = bytes.split_first() else { return &[] };
    *bytes = rest;
    if first & 7 == 7 {
        take_number(bytes);
    }
    let mut has_more = first & 8 != 0;
    while has_more && !bytes.is_empty() {
        has_more = take_number(bytes) & 1 != 0;
    }
    &start[..start.len() - bytes.len()]
}

/// A document that has a word, and what is said of the word in it.
#[derive(Clone, Copy, Debug)]
pub struct Posting<'a> {
    /// The document's number.
    pub document: u32,
    /// Its impact and passages, as [`push_mention`] wrote them.
    pub mention: &'a [u8],
}

impl Posting<'_> {
    fn level(&self) -> u8 {
        self.mention.first().map_or(0, |first| first >> 4)
    }
}

/// Adds the postings of a word to its value. They are in the order of documents. Gives back the files for those that are
/// too many.
pub fn push_postings(value: &mut Vec<u8>, postings: &[Posting<'_>]) -> Vec<File> {
    if postings.len() <= MOST_WITH_WORD {
        push_number(value, postings.len());
        push_list(value, postings.iter());
        return Vec::new();
    }
    let mut counts = [0; HIGHEST as usize + 1];
    for posting in postings {
        counts[usize::from(posting.level())] += 1;
    }
    // All above some level, and of those on it the newest.
    let (mut above, mut level) = (0, HIGHEST);
    while above + counts[usize::from(level)] < MOST_WITH_WORD && level > 0 {
        above += counts[usize::from(level)];
        level -= 1;
    }
    let mut left_out = counts[usize::from(level)].saturating_sub(MOST_WITH_WORD - above);
    let is_with_word = |posting: &&Posting<'_>| {
        let is_old = posting.level() == level && left_out > 0;
        left_out -= usize::from(is_old);
        posting.level() >= level && !is_old
    };
    let (with_word, rest): (Vec<&Posting<'_>>, Vec<&Posting<'_>>) = postings.iter().partition(is_with_word);
    push_number(value, with_word.len());
    push_list(value, with_word.iter().copied());

    let ends = |posting: &&Posting<'_>| is_end(&posting.document.to_be_bytes(), posting.mention.len() + 2, REST, 0);
    let parts: Vec<&[&Posting<'_>]> = rest.chunk_by(|posting, _| !ends(posting)).collect();
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

fn push_list<'a>(bytes: &mut Vec<u8>, postings: impl Iterator<Item = &'a Posting<'a>>) {
    let mut before = 0;
    for Posting { document, mention } in postings {
        push_number(bytes, (document - before) as usize);
        bytes.extend_from_slice(mention);
        before = *document;
    }
}
