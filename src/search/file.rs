//! The files of an index: their names, and what they begin with.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::deflate::deflate;

/// The version of the format. A reader passes over files of another one.
const VERSION: u8 = 2;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// The beginning of everything.
    Root = 0,
    /// The upper blocks of a tree.
    Inner = 1,
    /// The entries of a tree.
    Leaf = 2,
    /// Texts of documents: the leaves of their tree.
    Text = 3,
    /// Postings of words that have too many.
    Postings = 4,
}

/// The name of a file: it says what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileName(pub [u8; FileName::LENGTH]);

impl FileName {
    /// How many bytes it has. A browser fetches them with whatever names a file. They are so many, and of such a hash, that
    /// nobody finds two comments that give two files the same name.
    pub const LENGTH: usize = 12;

    /// The name of a file with these bytes: the beginning of their SHA-256.
    pub fn of(bytes: &[u8]) -> Self {
        let hash: [u8; 32] = Sha256::digest(bytes).into();
        let mut name = [0; Self::LENGTH];
        name.copy_from_slice(&hash[..Self::LENGTH]);
        Self(name)
    }

    /// Where the file lies below the folder of its language.
    pub fn path(self) -> String {
        let digits = self.to_string();
        let (folder, file) = digits.split_at(2);
        format!("{folder}/{file}.bin")
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A file of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexFile {
    /// Its name.
    pub name: FileName,
    /// All of it.
    pub bytes: Vec<u8>,
}

impl IndexFile {
    /// A file that holds something.
    pub fn new(kind: FileKind, content: &[u8]) -> Self {
        let bytes = sealed(kind, content);
        Self { name: FileName::of(&bytes), bytes }
    }
}

/// Some content, compressed, behind the beginning that every file has.
pub fn sealed(kind: FileKind, content: &[u8]) -> Vec<u8> {
    let packed = deflate(content);
    let mut bytes = Vec::with_capacity(packed.len() + 8);
    bytes.extend([b'c', b's', VERSION, kind as u8]);
    push_number(&mut bytes, packed.len());
    bytes.extend(packed);
    bytes
}

/// The content of a file.
#[cfg(test)]
pub fn opened(bytes: &[u8]) -> Vec<u8> {
    let mut packed = &bytes[4..];
    let length = take_number(&mut packed);
    assert_eq!(length, packed.len());
    miniz_oxide::inflate::decompress_to_vec(packed).expect("it is what was compressed")
}

/// Adds a number: LEB128, without a sign.
pub fn push_number(bytes: &mut Vec<u8>, number: usize) {
    let mut rest = number;
    while rest >= 0x80 {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

/// Takes a number from the beginning of some bytes; 0 where they end too early.
pub fn take_number(bytes: &mut &[u8]) -> usize {
    if let [byte @ ..0x80, rest @ ..] = *bytes {
        *bytes = rest;
        return usize::from(*byte);
    }
    let mut number = 0;
    for shift in (0..usize::BITS).step_by(7) {
        let Some((&byte, rest)) = bytes.split_first() else { return number };
        *bytes = rest;
        number |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_the_beginning_of_its_sha_256() {
        let name = FileName::of(b"abc");
        assert_eq!(name.to_string(), "ba7816bf8f01cfea414140de");
        assert_eq!(name.path(), "ba/7816bf8f01cfea414140de.bin");
    }
}
