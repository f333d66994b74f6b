//! The words of an index, each with a number while the program runs.

use std::sync::{Mutex, MutexGuard};

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::locks::lock;

/// A word's number. It depends on the order in which words were met, so nothing of it may reach an output.
pub type WordId = u32;

/// All words of a language.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Box<str>>", into = "Vec<Box<str>>")]
pub struct Lexicon(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    ids: FxHashMap<Box<str>, WordId>,
    words: Vec<Box<str>>,
}

impl From<Vec<Box<str>>> for Lexicon {
    /// A lexicon of words that have the numbers of their places.
    fn from(words: Vec<Box<str>>) -> Self {
        let ids = words.iter().enumerate().map(|(id, word)| (word.clone(), id as WordId)).collect();
        Self(Mutex::new(Inner { ids, words }))
    }
}

impl Clone for Lexicon {
    fn clone(&self) -> Self {
        self.words().into()
    }
}

impl From<Lexicon> for Vec<Box<str>> {
    fn from(lexicon: Lexicon) -> Self {
        lexicon.words()
    }
}

impl Lexicon {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        lock(&self.0)
    }

    fn id(&self, word: &str) -> WordId {
        let mut inner = self.inner();
        if let Some(&id) = inner.ids.get(word) {
            return id;
        }
        let id = inner.words.len() as WordId;
        inner.ids.insert(word.into(), id);
        inner.words.push(word.into());
        id
    }

    /// The words in the order of their numbers.
    pub fn words(&self) -> Vec<Box<str>> {
        self.inner().words.clone()
    }
}

/// The words that one thread has met: it asks the lexicon only for those that are new to it.
#[derive(Debug)]
pub struct Reader<'l> {
    lexicon: &'l Lexicon,
    /// Words that fit into a number, which is compared without following a pointer.
    short: FxHashMap<u128, WordId>,
    long: FxHashMap<Box<str>, WordId>,
}

impl<'l> Reader<'l> {
    /// A reader that has met nothing yet.
    pub fn new(lexicon: &'l Lexicon) -> Self {
        Self { lexicon, short: FxHashMap::default(), long: FxHashMap::default() }
    }

    /// The number of a word.
    pub fn id(&mut self, word: &str) -> WordId {
        let Self { lexicon, short, long } = self;
        let mut bytes = [0; 16];
        match bytes.get_mut(..word.len()) {
            Some(same) if word.len() < 16 => {
                same.copy_from_slice(word.as_bytes());
                bytes[15] = word.len() as u8;
                *short.entry(u128::from_le_bytes(bytes)).or_insert_with(|| lexicon.id(word))
            }
            _ => match long.get(word) {
                Some(&id) => id,
                None => {
                    let id = lexicon.id(word);
                    long.insert(word.into(), id);
                    id
                }
            },
        }
    }
}
