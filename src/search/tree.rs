//! A sorted map in many small files, of which an edit changes few.
//!
//! Where a block ends is decided by the entry that it ends with, and by no other: the same entries make the same blocks,
//! whatever was there before them. (This is known as content-defined chunking, and such trees as prolly trees.)

use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::file::{FileKind, FileName, IndexFile, push_number};

/// The entries that the root may hold before another level of blocks is put below it.
const MOST_IN_ROOT: usize = 384;

/// The wanted size of inner blocks, in bytes.
const INNER: usize = 640;

/// An entry: its key and its value.
pub type TreeEntry<'a> = (&'a [u8], &'a [u8]);

/// A tree.
#[derive(Debug)]
pub struct Tree {
    /// What the root says of it: its height, and its topmost block.
    pub top: Vec<u8>,
    /// The files of the other blocks.
    pub files: Vec<IndexFile>,
}

/// The entries of the level above some blocks: the first key of each block, and its name.
pub type ParentLevel = Vec<(Vec<u8>, FileName)>;

/// Makes a tree of entries in the order of their keys, with leaves of about `size` bytes.
pub fn build(entries: &[TreeEntry<'_>], size: usize) -> Tree {
    if entries.len() <= MOST_IN_ROOT {
        return Tree { top: top(0, encode(entries.iter().copied())), files: Vec::new() };
    }
    let (leaves, above) = level(entries, size, 0, FileKind::Leaf);
    let Tree { top, mut files } = build_above(above);
    files.extend(leaves);
    Tree { top, files }
}

/// Makes the tree above leaves, which are not among its files.
pub fn build_above(leaves: ParentLevel) -> Tree {
    let mut files = Vec::new();
    let mut above = leaves;
    let mut height = 1;
    while above.len() > MOST_IN_ROOT {
        let (inner, next) = level(&entries_of(&above), INNER, height, FileKind::Inner);
        files.extend(inner);
        above = next;
        height += 1;
    }
    Tree { top: top(height, encode(entries_of(&above).into_iter())), files }
}

fn entries_of(above: &ParentLevel) -> Vec<TreeEntry<'_>> {
    above.iter().map(|(key, FileName(name))| (&key[..], &name[..])).collect()
}

/// What the root says of a tree.
fn top(height: usize, block: Vec<u8>) -> Vec<u8> {
    let mut top = Vec::with_capacity(block.len() + 8);
    push_number(&mut top, height);
    push_number(&mut top, block.len());
    top.extend(block);
    top
}

/// Parts the entries of one level into blocks.
fn level(entries: &[TreeEntry<'_>], size: usize, height: usize, kind: FileKind) -> (Vec<IndexFile>, ParentLevel) {
    let mut cutter = BlockCutter::new(size, height);
    let blocks: Vec<&[TreeEntry<'_>]> =
        entries.chunk_by(|(key, value), _| !cutter.ends(key, key.len() + value.len())).collect();
    blocks
        .into_par_iter()
        .with_min_len(8)
        .map(|block| {
            let file = IndexFile::new(kind, &encode(block.iter().copied()));
            let above = (block[0].0.to_vec(), file.name);
            (file, above)
        })
        .unzip()
}

/// Decides where blocks end: mostly when they have the wanted size, and always at places that the entries alone decide.
/// After a change the blocks soon end again where they ended before. (The way is that of FastCDC: ends are rare in a
/// block's first part, and frequent behind it.)
#[derive(Debug)]
pub struct BlockCutter {
    size: u64,
    height: u64,
    /// The bytes in the block so far.
    filled: u64,
}

impl BlockCutter {
    /// A cutter for blocks of about `size` bytes.
    pub fn new(size: usize, height: usize) -> Self {
        Self { size: size as u64, height: height as u64, filled: 0 }
    }

    /// Whether the block ends behind an entry of so many bytes, which is the next one.
    pub fn ends(&mut self, key: &[u8], bytes: usize) -> bool {
        self.filled += bytes as u64;
        // What one throw of the dice among as many as there are bytes in a block would be without this: shorter blocks end
        // at a sixteenth of those places, longer ones at eight times as many.
        let dice = xxh3_64_with_seed(key, self.height) & u64::from(u32::MAX);
        let chance = (bytes as u64) << 32;
        let ends = match self.filled * 4 < self.size * 3 {
            true => dice * self.size < chance / 16,
            false => dice * self.size < chance * 8,
        };
        if ends {
            self.filled = 0;
        }
        ends
    }
}

/// Writes a block.
pub fn encode<'a>(entries: impl Iterator<Item = TreeEntry<'a>>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(4096);
    let mut before: &[u8] = &[];
    for (key, value) in entries {
        let shared = before.iter().zip(key).take_while(|(a, b)| a == b).count();
        push_number(&mut bytes, shared);
        push_number(&mut bytes, key.len() - shared);
        bytes.extend_from_slice(&key[shared..]);
        push_number(&mut bytes, value.len());
        bytes.extend_from_slice(value);
        before = key;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;
    use crate::search::file::{opened, take_number};

    fn tree(map: &BTreeMap<Vec<u8>, Vec<u8>>) -> (Vec<u8>, Vec<IndexFile>) {
        let entries: Vec<TreeEntry<'_>> = map.iter().map(|(key, value)| (&key[..], &value[..])).collect();
        let Tree { top, files } = build(&entries, 1024);
        (top, files)
    }

    fn block(mut bytes: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut entries: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        while !bytes.is_empty() {
            let shared = take_number(&mut bytes);
            let rest = take_number(&mut bytes);
            let mut key = entries.last().map_or(Vec::new(), |(key, _)| key[..shared].to_vec());
            key.extend(&bytes[..rest]);
            bytes = &bytes[rest..];
            let length = take_number(&mut bytes);
            entries.push((key, bytes[..length].to_vec()));
            bytes = &bytes[length..];
        }
        entries
    }

    /// Reads a whole tree, as a client reads a part of it.
    fn read(root: &[u8], files: &[IndexFile]) -> BTreeMap<Vec<u8>, Vec<u8>> {
        let by_name: BTreeMap<&[u8], &[u8]> = files.iter().map(|file| (&file.name.0[..], &file.bytes[..])).collect();
        let mut root = root;
        let height = take_number(&mut root);
        let length = take_number(&mut root);
        let mut entries = block(&root[..length]);
        for _ in 0..height {
            let below = entries.iter().flat_map(|(key, name)| {
                let entries = block(&opened(by_name[&name[..]]));
                assert_eq!(&entries[0].0, key);
                entries
            });
            entries = below.collect();
        }
        entries.into_iter().collect()
    }

    fn many(count: u32) -> BTreeMap<Vec<u8>, Vec<u8>> {
        (0..count)
            .map(|n| (format!("word{}", n.wrapping_mul(2_654_435_761)).into_bytes(), vec![1; n as usize % 60]))
            .collect()
    }

    #[test]
    fn one_entry_changes_few_files() {
        let mut map = many(20_000);
        let names = |files: &[IndexFile]| files.iter().map(|file| file.name).collect::<BTreeSet<FileName>>();
        let (_, before) = tree(&map);
        assert!(before.len() > 500);
        for key in ["word5", "aaa", "zzz", "word4000"] {
            map.insert(key.into(), b"new".to_vec());
            let (_, after) = tree(&map);
            let new = names(&after).difference(&names(&before)).count();
            assert!(new <= 5, "{key} changed {new} files");
            map.remove(key.as_bytes());
            assert_eq!(tree(&map).1, before);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn what_was_put_in_is_found(map: BTreeMap<Vec<u8>, Vec<u8>>, count in 0..3000u32) {
            let map: BTreeMap<Vec<u8>, Vec<u8>> = map.into_iter().chain(many(count)).collect();
            let (root, files) = tree(&map);
            prop_assert_eq!(read(&root, &files), map);
        }
    }
}
