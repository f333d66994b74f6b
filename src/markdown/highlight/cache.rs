//! The blocks that are remembered: those of this run, and those that an earlier build left in the cache.

use std::io::{self, Write};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, RwLock};

use rustc_hash::FxHashMap;

use super::block::Highlighted;
use crate::locks;
use crate::source::Fingerprint;

/// How many bytes of highlighted code are remembered, once for the blocks that were needed lately and once for those before.
const GENERATION: usize = 128 << 20;

/// How many bytes of blocks that no page showed in a build are kept beside the others. One of them costs nothing but its
/// place, and the next edit may bring it back; a build that makes everything drops them all.
const MOST_UNUSED: usize = 32 << 20;

/// Reads what [`HighlightCache::pack`] wrote.
pub(super) type PackedBytes = Box<dyn Fn() -> Option<Vec<u8>> + Send + Sync>;

/// Highlighted blocks, by the fingerprint of what they are made of.
#[derive(Default)]
pub(super) struct HighlightCache {
    /// What else the blocks depend on. Packed blocks with another one are not these.
    setting: Fingerprint,
    blocks: RwLock<Generations>,
    source: Option<PackedBytes>,
    packed: OnceLock<PackedBlocks>,
    /// Whether a block was remembered that was not among the packed ones.
    is_changed: AtomicBool,
}

/// The blocks that were needed lately, and those before, so that what nobody needs any more is forgotten.
#[derive(Default)]
struct Generations {
    young: FxHashMap<Fingerprint, Arc<Highlighted>>,
    old: FxHashMap<Fingerprint, Arc<Highlighted>>,
    /// The bytes of the young.
    bytes: usize,
}

impl Generations {
    fn insert(&mut self, key: Fingerprint, block: Arc<Highlighted>) {
        if self.bytes > GENERATION {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        let length = block.html.len();
        if self.young.insert(key, block).is_none() {
            self.bytes += length;
        }
    }
}

/// The blocks of an earlier build.
#[derive(Default)]
struct PackedBlocks {
    bytes: Vec<u8>,
    places: FxHashMap<Fingerprint, Range<usize>>,
}

impl HighlightCache {
    pub fn new(setting: Fingerprint) -> Self {
        Self { setting, ..Self::default() }
    }

    /// Lets the blocks be looked for in what an earlier build packed. It is read when the first block is needed.
    pub fn recall(&mut self, source: PackedBytes) {
        self.source = Some(source);
    }

    pub fn get(&self, key: Fingerprint) -> Option<Arc<Highlighted>> {
        let old = {
            let blocks = locks::read(&self.blocks);
            if let Some(block) = blocks.young.get(&key) {
                return Some(block.clone());
            }
            blocks.old.get(&key).cloned()
        };
        let block = old.or_else(|| self.packed().get(key).map(Arc::new))?;
        locks::write(&self.blocks).insert(key, block.clone());
        Some(block)
    }

    pub fn insert(&self, key: Fingerprint, block: Arc<Highlighted>) {
        if block.problem.is_none() {
            self.is_changed.store(true, Ordering::Relaxed);
        }
        locks::write(&self.blocks).insert(key, block);
    }

    fn packed(&self) -> &PackedBlocks {
        self.packed.get_or_init(|| {
            let bytes = self.source.as_ref().and_then(|source| source());
            bytes.and_then(|bytes| PackedBlocks::unpack(bytes, self.setting)).unwrap_or_default()
        })
    }

    /// Whether there is anything to pack that is not packed already. With `is_whole` every block was needed that the site has,
    /// and the packed blocks that were not are to go.
    pub fn is_changed(&self, is_whole: bool) -> bool {
        let is_unneeded = || {
            let blocks = locks::read(&self.blocks);
            self.packed().places.keys().any(|key| !blocks.young.contains_key(key))
        };
        self.is_changed.load(Ordering::Relaxed) || is_whole && is_unneeded()
    }

    /// Writes the blocks for the next build.
    pub fn pack(&self, is_whole: bool, file: &mut impl Write) -> io::Result<()> {
        let blocks = locks::read(&self.blocks);
        let packed = self.packed();
        file.write_all(&self.setting.0.to_le_bytes())?;
        let needed = blocks.young.iter().filter(|(_, block)| block.problem.is_none());
        let needed = needed.map(|(key, block)| (*key, block.html.as_bytes()));
        let unused = packed.places.iter().filter(|(key, _)| !is_whole && !blocks.young.contains_key(key));
        let mut unused: Vec<_> = unused.map(|(key, place)| (*key, &packed.bytes[place.clone()])).collect();
        // The order is of no consequence, but equal caches are equal files.
        unused.sort_unstable();
        let mut left = MOST_UNUSED;
        unused.retain(|(_, html)| {
            left = left.saturating_sub(html.len());
            left > 0
        });
        let mut all: Vec<_> = needed.chain(unused).collect();
        all.sort_unstable();
        for (Fingerprint(key), html) in all {
            file.write_all(&key.to_le_bytes())?;
            file.write_all(&(html.len() as u64).to_le_bytes())?;
            file.write_all(html)?;
        }
        Ok(())
    }
}

impl PackedBlocks {
    /// Finds the blocks among the bytes; none if they are not of this setting.
    fn unpack(bytes: Vec<u8>, setting: Fingerprint) -> Option<Self> {
        let mut places = FxHashMap::default();
        let mut rest = bytes.as_slice();
        if take(&mut rest)? != setting.0.to_le_bytes() {
            return None;
        }
        while !rest.is_empty() {
            let key = Fingerprint(u128::from_le_bytes(take(&mut rest)?));
            let length = usize::try_from(u64::from_le_bytes(take(&mut rest)?)).ok()?;
            let start = bytes.len() - rest.len();
            rest = rest.get(length..)?;
            places.insert(key, start..start + length);
        }
        Some(Self { bytes, places })
    }

    fn get(&self, key: Fingerprint) -> Option<Highlighted> {
        let html = std::str::from_utf8(&self.bytes[self.places.get(&key)?.clone()]).ok()?;
        Some(Highlighted { html: html.to_owned(), problem: None })
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}
