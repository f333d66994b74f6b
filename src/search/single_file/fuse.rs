//! The list of documents that fuse.js (<https://www.fusejs.io>) searches: it needs no index besides.

use super::IndexedPage;

/// The documents as JSON.
pub fn index(entries: &Vec<IndexedPage<'_>>) -> String {
    // Texts and lists of texts can always be written as JSON.
    serde_json::to_string(entries).unwrap_or_default()
}
