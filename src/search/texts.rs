//! The files of documents' texts, each with those of several documents.

use super::document::{DocumentEntry, TextPart, TextPartHead};
use super::file::{FileKind, IndexFile};
use super::tree::{self, BlockCutter};
use crate::source::Fingerprint;

/// The wanted size of a file, in bytes before it is compressed.
const SIZE: usize = 21_000;

/// Parts of texts that are in one file.
#[derive(Debug)]
pub struct Group {
    /// The parts, in the order of their keys: the document's place among all, and the part's among those of the document.
    pub parts: Vec<(usize, usize)>,
    /// The key of the first part.
    pub key: Vec<u8>,
    /// The fingerprint of all that is in the file. Where it is the same, the file is.
    pub fingerprint: Fingerprint,
}

/// The groups of the parts of all documents, which are in the order of their numbers.
pub fn groups(documents: &[(u32, &DocumentEntry)]) -> Vec<Group> {
    let parts = documents.iter().enumerate().flat_map(|(place, (number, entry))| {
        let heads = entry.parts.iter().enumerate();
        heads.map(move |(part, head)| ((place, part), key(*number, head), head))
    });
    let parts: Vec<_> = parts.collect();
    let mut cutter = BlockCutter::new(SIZE, 0);
    let groups = parts.chunk_by(|(_, key, head), _| !cutter.ends(key, head.length as usize));
    let group = |parts: &[((usize, usize), [u8; KEY], &TextPartHead)]| {
        let mut all = Vec::with_capacity(parts.len() * (KEY + 16));
        for (_, key, head) in parts {
            all.extend(key);
            all.extend(head.fingerprint.0.to_le_bytes());
        }
        Group {
            parts: parts.iter().map(|(place, ..)| *place).collect(),
            key: parts[0].1.to_vec(),
            fingerprint: Fingerprint::of(&all),
        }
    };
    groups.map(group).collect()
}

/// How many bytes the key of a part has.
const KEY: usize = 7;

/// The key of a part: the number of its document, and in three bytes that of its first passage.
fn key(document: u32, head: &TextPartHead) -> [u8; KEY] {
    let mut key = [0; KEY];
    key[..4].copy_from_slice(&document.to_be_bytes());
    key[4..].copy_from_slice(&head.first.to_be_bytes()[1..]);
    key
}

/// The file of some parts, each with the number of its document.
pub fn file(parts: &[(u32, &TextPart)]) -> IndexFile {
    let parts: Vec<_> = parts.iter().map(|(number, part)| (key(*number, &part.head), &part.json[..])).collect();
    IndexFile::new(FileKind::Text, &tree::encode(parts.iter().map(|(key, json)| (&key[..], *json))))
}
