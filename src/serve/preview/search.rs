//! The search index of the preview, in memory.

use std::collections::BTreeMap;

use crate::build::search::{Sink, StoredEntries};

/// The search index of a version.
#[derive(Default)]
pub(super) struct SearchSnapshot {
    pub entries: StoredEntries,
    pub files: MemoryFiles,
}

/// The files of the search index by their paths. Versions share the bytes.
pub(super) type MemoryFiles = BTreeMap<String, bytes::Bytes>;

impl Sink for MemoryFiles {
    type Put = (String, bytes::Bytes);

    fn has(&self, path: &str) -> bool {
        self.contains_key(path)
    }

    fn keep(&self, path: String) -> Self::Put {
        let bytes = self.get(&path).cloned().unwrap_or_default();
        (path, bytes)
    }

    fn put(&self, path: String, bytes: &[u8]) -> Self::Put {
        (path, bytes::Bytes::copy_from_slice(bytes))
    }
}
