//! The cache of highlighted blocks: those of this run, and those that an earlier build packed.

use std::io::{self, Write};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, RwLock};

use rustc_hash::FxHashMap;

use super::block::HighlightedCode;
use crate::locks;
use crate::source::Fingerprint;

/// The size of each of the two generations of blocks in memory, in bytes: those that were requested recently, and those
/// before.
const GENERATION_SIZE: usize = 128 << 20;

/// How many bytes of unused blocks the packed cache keeps. An unused block costs only its place, and the next edit may
/// need it again. A build from scratch drops them all.
const MAX_UNUSED: usize = 32 << 20;

/// Reads the bytes that [`HighlightCache::pack`] wrote.
pub(super) type PackedBytes = Box<dyn Fn() -> Option<Vec<u8>> + Send + Sync>;

/// Highlighted blocks, by the fingerprint of their input.
#[derive(Default)]
pub(super) struct HighlightCache {
    /// The fingerprint of everything else that the blocks depend on. Packed blocks with another one are not used.
    setting: Fingerprint,
    blocks: RwLock<Generations>,
    source: Option<PackedBytes>,
    packed: OnceLock<PackedBlocks>,
    /// Whether a block was added that is not among the packed ones.
    is_changed: AtomicBool,
}

/// The blocks that were requested recently, and those before. Blocks that nothing requests are dropped after two
/// generations.
#[derive(Default)]
struct Generations {
    young: FxHashMap<Fingerprint, Arc<HighlightedCode>>,
    old: FxHashMap<Fingerprint, Arc<HighlightedCode>>,
    /// The size of the young generation.
    bytes: usize,
}

impl Generations {
    fn insert(&mut self, key: Fingerprint, block: Arc<HighlightedCode>) {
        if self.bytes > GENERATION_SIZE {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        let length = block.html.len();
        if self.young.insert(key, block).is_none() {
            self.bytes += length;
        }
    }
}

/// The blocks that an earlier build packed.
#[derive(Default)]
struct PackedBlocks {
    bytes: Vec<u8>,
    places: FxHashMap<Fingerprint, Range<usize>>,
}

impl HighlightCache {
    pub fn new(setting: Fingerprint) -> Self {
        Self { setting, ..Self::default() }
    }

    /// Uses the blocks that an earlier build packed. They are read when the first block is needed.
    pub fn use_packed(&mut self, source: PackedBytes) {
        self.source = Some(source);
    }

    pub fn get(&self, key: Fingerprint) -> Option<Arc<HighlightedCode>> {
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

    pub fn insert(&self, key: Fingerprint, block: Arc<HighlightedCode>) {
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

    /// Whether there is anything to pack that is not packed already. With `is_whole` every block of the site has been
    /// requested, so packed blocks that were not requested are dropped.
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
        // The order does not matter, but equal caches must be equal files.
        unused.sort_unstable();
        let mut left = MAX_UNUSED;
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
    /// Indexes packed blocks; none if they have another setting.
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

    fn get(&self, key: Fingerprint) -> Option<HighlightedCode> {
        let html = std::str::from_utf8(&self.bytes[self.places.get(&key)?.clone()]).ok()?;
        Some(HighlightedCode { html: html.to_owned(), problem: None })
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}
