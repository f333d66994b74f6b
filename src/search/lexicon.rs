//! The words of an index, each with a number while the program runs.

use std::sync::{Arc, Mutex, MutexGuard};

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap};
use serde::{Deserialize, Serialize, Serializer};

use crate::locks::lock;

/// A word's number. It depends on the order in which words were met, so nothing of it may reach an output.
pub type WordId = u32;

/// All words of a language.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "Vec<Box<str>>")]
pub struct Lexicon(Mutex<Words>);

/// Words with the numbers of their places. Their hashes are kept, so that it grows without a look at them.
type Words = IndexSet<Box<str>, FxBuildHasher>;

impl From<Vec<Box<str>>> for Lexicon {
    /// A lexicon of words that have the numbers of their places.
    fn from(words: Vec<Box<str>>) -> Self {
        Self(Mutex::new(words.into_iter().collect()))
    }
}

impl Serialize for Lexicon {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&*self.inner())
    }
}

impl Lexicon {
    fn inner(&self) -> MutexGuard<'_, Words> {
        lock(&self.0)
    }

    fn id(&self, word: &str) -> WordId {
        let mut words = self.inner();
        let id = words.get_index_of(word).unwrap_or_else(|| words.insert_full(word.into()).0);
        id as WordId
    }

    /// How many words there are.
    pub fn count(&self) -> usize {
        self.inner().len()
    }

    /// The words in the order of their numbers.
    pub fn words(&self) -> Vec<Box<str>> {
        self.inner().iter().cloned().collect()
    }
}

/// A word as it is looked for: a short one by its bytes, which need no pointer to be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The first eight bytes.
    low: u64,
    /// Three more, and the length in the last one.
    high: u32,
}

/// The longest word that is its own key, in bytes.
const LONGEST_KEY: usize = 11;

impl Key {
    /// Stands where no key is.
    const NONE: u32 = 0;

    /// Stands with the number of a word that is too long to be its own key.
    const LONG: u32 = u32::MAX;

    fn of(word: &[u8]) -> Option<Self> {
        let length = word.len();
        let (low, high) = match (word.first_chunk::<8>(), word.last_chunk::<8>()) {
            (Some(first), Some(last)) if length <= LONGEST_KEY => {
                // Shifted in two steps, as there may be nothing left of it.
                let rest = u64::from_le_bytes(*last) >> (8 * (15 - length)) >> 8;
                (u64::from_le_bytes(*first), rest as u32)
            }
            (Some(_), _) => return None,
            _ => match (word.first_chunk::<4>(), word.last_chunk::<4>()) {
                // The two may overlap, where they are the same.
                (Some(first), Some(last)) => {
                    let last = u64::from(u32::from_le_bytes(*last)) << (8 * (length - 4));
                    (u64::from(u32::from_le_bytes(*first)) | last, 0)
                }
                _ => (word.iter().rev().fold(0, |low, byte| low << 8 | u64::from(*byte)), 0),
            },
        };
        (length > 0).then_some(Self { low, high: high | (length as u32) << 24 })
    }

    /// Where a table of so many times two places begins to look for it.
    fn place(self, bits: u32) -> usize {
        let mixed = (self.low ^ u64::from(self.high).rotate_left(40)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> (u64::BITS - bits)) as usize
    }

    fn to_word(self) -> String {
        let length = (self.high >> 24) as usize;
        let bytes: Vec<u8> = self.low.to_le_bytes().into_iter().chain(self.high.to_le_bytes()).take(length).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// The words that one thread has met: it asks the lexicon only for those that are new to it.
#[derive(Debug)]
pub struct LexiconReader {
    lexicon: Arc<Lexicon>,
    short: IdTable,
    long: FxHashMap<Box<str>, WordId>,
}

impl LexiconReader {
    /// A reader that has met nothing yet.
    pub fn new(lexicon: Arc<Lexicon>) -> Self {
        Self { lexicon, short: IdTable::default(), long: FxHashMap::default() }
    }

    /// What a word is looked for by. To look for many at once takes less time than for each when it is met.
    pub fn key(&mut self, word: &str) -> Key {
        Key::of(word.as_bytes()).unwrap_or_else(|| {
            let id = self.long.get(word).copied().unwrap_or_else(|| {
                let id = self.lexicon.id(word);
                self.long.insert(word.into(), id);
                id
            });
            Key { low: id.into(), high: Key::LONG }
        })
    }

    /// The number of a word.
    pub fn id(&mut self, key: Key) -> WordId {
        match key.high {
            Key::LONG => key.low as WordId,
            _ => self.short.number(key, || self.lexicon.id(&key.to_word())),
        }
    }
}

/// Numbers of keys: a table of 2ⁿ places that is at most half full.
#[derive(Debug)]
pub struct IdTable {
    slots: Vec<Slot>,
    bits: u32,
    /// How many there are.
    count: usize,
}

/// A place in a table: as small as it can be, as most tables are larger than what a processor has at hand.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    low: u64,
    high: u32,
    number: u32,
}

/// How large a table is at first.
const FIRST_BITS: u32 = 10;

impl Default for IdTable {
    fn default() -> Self {
        Self { slots: vec![Slot::default(); 1 << FIRST_BITS], bits: FIRST_BITS, count: 0 }
    }
}

impl IdTable {
    /// The number of a key. A new one gets the one that is made for it.
    pub fn number(&mut self, key: Key, make: impl FnOnce() -> u32) -> u32 {
        let last = self.slots.len() - 1;
        let mut place = key.place(self.bits);
        loop {
            let Slot { low, high, number } = self.slots[place & last];
            if low == key.low && high == key.high {
                return number;
            }
            if high == Key::NONE {
                let number = make();
                self.add(key, number);
                return number;
            }
            place += 1;
        }
    }

    /// Takes all out. It is as small as at first again, so that one large document makes no later one slow.
    pub fn clear(&mut self) {
        self.slots.truncate(1 << FIRST_BITS);
        self.slots.fill(Slot::default());
        (self.bits, self.count) = (FIRST_BITS, 0);
    }

    fn add(&mut self, key: Key, number: u32) {
        self.count += 1;
        if self.count * 2 > self.slots.len() {
            self.grow();
        }
        self.put(key, number);
    }

    fn put(&mut self, key: Key, number: u32) {
        let last = self.slots.len() - 1;
        let mut place = key.place(self.bits) & last;
        while self.slots[place].high != Key::NONE {
            place = (place + 1) & last;
        }
        self.slots[place] = Slot { low: key.low, high: key.high, number };
    }

    #[cold]
    fn grow(&mut self) {
        self.bits += 1;
        let before = std::mem::replace(&mut self.slots, vec![Slot::default(); 1 << self.bits]);
        for Slot { low, high, number } in before.into_iter().filter(|slot| slot.high != Key::NONE) {
            self.put(Key { low, high }, number);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_word_has_its_own_number(words in proptest::collection::vec("[ab]{1,3}|[a-c]{4,8}|.{0,5}|[ab]{8,17}", 0..2000)) {
            let lexicon = Arc::new(Lexicon::default());
            let mut reader = LexiconReader::new(lexicon.clone());
            for word in &words {
                if let Some(key) = Key::of(word.as_bytes()) {
                    prop_assert_eq!(&key.to_word(), word);
                }
                let key = reader.key(word);
                let id = reader.id(key);
                prop_assert_eq!(&*lexicon.words()[id as usize], &**word);
            }
        }
    }
}
