//! `[git]`: what pages have from the history of their files.

use crate::source::Table;

/// What pages have from the history of their files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Git {
    /// Whether `updated` of a page that has none is the date of the last commit that changed its file. Default: false.
    pub updated: bool,
}

impl Git {
    pub(super) fn read(mut table: Table) -> Self {
        let git = Self { updated: table.get_or("updated", false) };
        table.close();
        git
    }
}
