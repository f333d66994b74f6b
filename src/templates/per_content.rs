//! Values that a library holds for each page and section.

use std::sync::OnceLock;

use crate::site::{ContentId, PageId, SectionId, Site};

/// A value for each page and section, computed on first use. The slots are allocated on first use as well: many kinds of
/// values are never used on most sites.
#[derive(Debug)]
pub struct PerContent<T> {
    pages: usize,
    sections: usize,
    slots: OnceLock<ContentSlots<T>>,
}

#[derive(Debug)]
struct ContentSlots<T> {
    pages: Vec<OnceLock<T>>,
    sections: Vec<OnceLock<T>>,
}

impl<T> PerContent<T> {
    /// Creates an empty slot for each page and section of a site.
    pub fn new(site: &Site) -> Self {
        Self { pages: site.pages.len(), sections: site.sections.len(), slots: OnceLock::new() }
    }

    /// Returns the slot of a page or section.
    pub fn get(&self, id: ContentId) -> &OnceLock<T> {
        let slots =
            self.slots.get_or_init(|| ContentSlots { pages: empty(self.pages), sections: empty(self.sections) });
        match id {
            ContentId::Page(PageId(index)) => &slots.pages[index],
            ContentId::Section(SectionId(index)) => &slots.sections[index],
        }
    }
}

fn empty<T>(count: usize) -> Vec<OnceLock<T>> {
    std::iter::repeat_with(OnceLock::new).take(count).collect()
}
