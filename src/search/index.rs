//! The index of one language: entries of documents in, files out.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::document::DocumentEntry;
use super::file::{FileKind, FileName, IndexFile, push_number, sealed};
use super::lexicon::{Lexicon, WordId};
use super::postings::{Mention, Posting, PostingBlock, push_postings};
use super::stem_groups::families;
use super::tree::{self, BlockCutter, ParentLevel};
use super::words::is_unspaced;

/// The wanted size of the leaves of words, in bytes before they are compressed.
const WORDS: usize = 9000;

/// The wanted size of the leaves of the spelling.
const SPELLING: usize = 12_000;

/// The wanted size of the files of postings.
const POSTINGS: usize = 24_000;

/// Words that are shorter, in characters, are not mended.
const SHORTEST_TO_MEND: usize = 5;

/// Documents are gathered in so many parts at most, as each part has a number for each word.
const MOST_PARTS: usize = 8;

/// All files of an index but those of texts.
#[derive(Debug, Default)]
pub struct Index {
    /// The root, which has a name that does not change.
    pub root: Vec<u8>,
    /// The others.
    pub files: Vec<IndexFile>,
    /// How many words are in it.
    pub words: usize,
}

/// Makes the index of documents, which are in the order of their numbers. `texts` are the files of their texts.
pub fn build(
    lang: &str,
    lexicon: &Lexicon,
    documents: &[(u32, &DocumentEntry)],
    taxonomies: &BTreeSet<&str>,
    texts: ParentLevel,
) -> Index {
    let (lexicon, occurrences) = rayon::join(|| lexicon.words(), || Occurrences::of(documents, lexicon.count()));
    let words = occurrences.words(&lexicon);
    let (mut values, spelling) = rayon::join(
        || {
            let families = families(lang, &words, |id| occurrences.count(id));
            let value = |(place, &(word, id)): (usize, &(&str, WordId))| {
                let mut value = Vec::with_capacity(64);
                push_number(&mut value, occurrences.count(id));
                families.push(&mut value, word, place);
                let rest = push_postings(&mut value, &occurrences.postings(documents, id));
                (value, rest)
            };
            words.par_iter().enumerate().with_min_len(64).map(value).collect::<Vec<_>>()
        },
        || spelling(&words, &occurrences),
    );

    let mut root = Vec::new();
    push_number(&mut root, documents.len());
    push_number(&mut root, taxonomies.len());
    for name in taxonomies {
        push_number(&mut root, name.len());
        root.extend_from_slice(name.as_bytes());
    }
    let mut files = rest(&words, &mut values);
    let of_words = || {
        let entries = words.iter().zip(&values).map(|((word, _), (value, _))| (word.as_bytes(), &value[..]));
        tree::build(&entries.collect::<Vec<_>>(), WORDS)
    };
    let of_spelling = || {
        let entries = spelling.iter().map(|(word, count)| (&word[..], &count[..]));
        tree::build(&entries.collect::<Vec<_>>(), SPELLING)
    };
    let (of_words, of_spelling) = rayon::join(of_words, of_spelling);
    for tree in [of_words, of_spelling, tree::build_above(texts)] {
        root.extend(tree.top);
        files.extend(tree.files);
    }
    Index { root: sealed(FileKind::Root, &root), files, words: words.len() }
}

/// Makes the files of the postings that do not stand with their words, and adds to the values of these where they are.
/// A file has those of several words, so that there are not too many files.
fn rest(words: &[(&str, WordId)], values: &mut [(Vec<u8>, Vec<PostingBlock>)]) -> Vec<IndexFile> {
    let all = words.iter().zip(&*values).flat_map(|((word, _), (_, rest))| {
        rest.iter().map(|part| {
            let mut key = word.as_bytes().to_vec();
            key.extend(part.first.to_be_bytes());
            (key, &part.list[..])
        })
    });
    let all: Vec<(Vec<u8>, &[u8])> = all.collect();
    let mut cutter = BlockCutter::new(POSTINGS, 0);
    let groups: Vec<&[(Vec<u8>, &[u8])]> = all.chunk_by(|(key, list), _| !cutter.ends(key, list.len())).collect();
    let file = |group: &&[(Vec<u8>, &[u8])]| {
        IndexFile::new(FileKind::Postings, &tree::encode(group.iter().map(|(key, list)| (&key[..], *list))))
    };
    let files: Vec<IndexFile> = groups.par_iter().map(file).collect();
    let names: Vec<FileName> =
        groups.iter().zip(&files).flat_map(|(group, file)| std::iter::repeat_n(file.name, group.len())).collect();
    let mut names = names.into_iter();
    for (value, rest) in values.iter_mut().filter(|(_, rest)| !rest.is_empty()) {
        push_number(value, rest.len());
        let mut before = 0;
        for (part, FileName(name)) in rest.iter().zip(names.by_ref()) {
            push_number(value, (part.first - before) as usize);
            value.extend(name);
            before = part.first;
        }
    }
    files
}

/// The words that can be mended, in both orders of their characters, with the logarithm of the number of their
/// documents. The turned ones, which begin with a 1, come first, as no word begins so.
fn spelling(words: &[(&str, WordId)], occurrences: &Occurrences) -> Vec<(Vec<u8>, [u8; 1])> {
    let is_mended = |word: &str| {
        !word.contains(|c: char| c == ':' || is_unspaced(c)) && word.chars().nth(SHORTEST_TO_MEND - 1).is_some()
    };
    let mended = words.iter().filter(|(word, _)| is_mended(word));
    let straight = mended.map(|&(word, id)| (word.as_bytes().to_vec(), [occurrences.count(id).ilog2() as u8]));
    let straight: Vec<(Vec<u8>, [u8; 1])> = straight.collect();
    let turned = straight.iter().map(|(word, count)| {
        let mut turned = Vec::with_capacity(word.len() + 1);
        turned.push(1);
        // The bytes of a character stay in their order.
        word.iter().rev().for_each(|&byte| turned.push(byte));
        turned[1..].chunk_by_mut(|before, _| before & 0xc0 == 0x80).for_each(<[u8]>::reverse);
        (beginning(&turned), turned, *count)
    });
    let mut turned: Vec<(u64, Vec<u8>, [u8; 1])> = turned.collect();
    turned.par_sort_unstable();
    turned.into_iter().map(|(_, turned, count)| (turned, count)).chain(straight).collect()
}

/// The first eight bytes, as a number that has the same order. Most of what is sorted differs in them, and then what lies
/// elsewhere need not be looked at.
fn beginning(bytes: &[u8]) -> u64 {
    let mut first = [0; 8];
    let length = bytes.len().min(first.len());
    first[..length].copy_from_slice(&bytes[..length]);
    u64::from_be_bytes(first)
}

/// Where each word occurs: for each word the documents that have it, in their order, with what is said of it there.
struct Occurrences {
    /// How many documents have each word.
    counts: Vec<u32>,
    /// The same of some documents after the other, each part made by one thread.
    parts: Vec<OccurrencePart>,
}

/// Where each word occurs in some of the documents.
struct OccurrencePart {
    /// Where the places of each word begin; one more at the end.
    starts: Vec<u32>,
    /// The document's place among all in the upper part, the mention in the lower one.
    places: Vec<u64>,
}

impl Occurrences {
    fn of(documents: &[(u32, &DocumentEntry)], words: usize) -> Self {
        let size = documents.len().div_ceil(rayon::current_num_threads().min(MOST_PARTS)).max(1);
        let parts = documents.par_chunks(size).enumerate();
        let parts: Vec<OccurrencePart> =
            parts.map(|(index, part)| OccurrencePart::of(part, index * size, words)).collect();
        let count = |word: usize| parts.iter().map(|part| part.starts[word + 1] - part.starts[word]).sum();
        Self { counts: (0..words).into_par_iter().map(count).collect(), parts }
    }

    /// How many documents have a word.
    fn count(&self, word: WordId) -> usize {
        self.counts[word as usize] as usize
    }

    /// The words that any document has, in their order.
    fn words<'l>(&self, lexicon: &'l [Box<str>]) -> Vec<(&'l str, WordId)> {
        let all = lexicon.iter().enumerate().map(|(id, word)| (beginning(word.as_bytes()), &**word, id as WordId));
        let mut words: Vec<(u64, &str, WordId)> = all.filter(|&(.., id)| self.count(id) > 0).collect();
        words.par_sort_unstable();
        words.into_iter().map(|(_, word, id)| (word, id)).collect()
    }

    fn postings(&self, documents: &[(u32, &DocumentEntry)], word: WordId) -> Vec<Posting> {
        let mut postings = Vec::with_capacity(self.count(word));
        for OccurrencePart { starts, places } in &self.parts {
            let places = &places[starts[word as usize] as usize..starts[word as usize + 1] as usize];
            postings.extend(places.iter().map(|&place| Posting {
                document: documents[(place >> Mention::BITS) as usize].0,
                mention: Mention::from_number(place),
            }));
        }
        postings
    }
}

impl OccurrencePart {
    /// Of some documents, of which the first has a place among all.
    fn of(documents: &[(u32, &DocumentEntry)], first: usize, words: usize) -> Self {
        let mut starts = vec![0; words + 1];
        documents.iter().for_each(|(_, entry)| mentions(entry, |word, _| starts[word] += 1));
        let mut total = 0;
        for start in &mut starts {
            total += std::mem::replace(start, total);
        }
        let mut places = vec![0; total as usize];
        for (document, (_, entry)) in (first as u64..).zip(documents) {
            mentions(entry, |word, mention| {
                places[starts[word] as usize] = document << Mention::BITS | mention.to_number();
                starts[word] += 1;
            });
        }
        // Now each word's start is where the next one's is to be.
        starts.rotate_right(1);
        starts[0] = 0;
        Self { starts, places }
    }
}

/// Calls `found` with every word of an entry, and what is said of it.
fn mentions(entry: &DocumentEntry, mut found: impl FnMut(usize, Mention)) {
    let mut rest = &entry.words[..];
    while !rest.is_empty() {
        let (word, mention) = Mention::take(&mut rest);
        found(word as usize, mention);
    }
}
