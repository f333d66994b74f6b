//! When pages were changed, as the history of their files says.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::content::{Date, Document};
use crate::nfc::nfc;

/// Gives `updated` to each page that has none and was changed on a later day than its own date.
pub(super) fn apply(documents: &mut [Document], changes: &FxHashMap<String, String>) {
    if changes.is_empty() {
        return;
    }
    for document in documents {
        let Document::Page(page) = document else { continue };
        if page.meta.updated.is_some() {
            continue;
        }
        let Some(change) = changes.get(&*nfc(&page.source.path)).and_then(|date| Date::parse(date)) else { continue };
        let day = |date: &Date| (date.year, date.month, date.day);
        let is_later = |date: &Date| change.timestamp > date.timestamp && day(&change) != day(date);
        if page.meta.date.as_ref().is_none_or(is_later) {
            Arc::make_mut(&mut page.meta).updated = Some(change);
        }
    }
}
