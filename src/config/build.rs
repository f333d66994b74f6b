//! `[build]`: what a build makes of the content.

use crate::source::Table;

/// What becomes of posts whose date is in the future.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Future {
    /// They are published, as in Zola, with a warning: the author may not know.
    #[default]
    Unspecified,
    /// They are published.
    Publish,
    /// They are held back until their date.
    Hold,
}

impl Future {
    pub(super) fn read(mut table: Table) -> Self {
        let future = table.choice("future", &[("publish", Self::Publish), ("hold", Self::Hold)]).unwrap_or_default();
        table.close();
        future
    }
}
