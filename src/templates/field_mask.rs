use std::fmt;
use std::ops::BitOr;

use serde::{Deserialize, Serialize};

/// The fields of a page or section that are read in addition to its front matter, address and relations, which are
/// always included.
///
/// A finer mask means fewer outputs to render again: a new comment on a post does not affect a list that shows only
/// titles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FieldMask(u16);

impl FieldMask {
    /// Front matter, address and relations.
    pub const META: Self = Self(0);
    /// `reading_time`. Most edits do not change it.
    pub const READING_TIME: Self = Self(1);
    /// `word_count`.
    pub const WORD_COUNT: Self = Self(256);
    /// Whether it has comments, and how many: `comments` without `open` and the comments.
    pub const COMMENT_COUNT: Self = Self(2);
    /// `comments` with the comments.
    pub const THREADS: Self = Self(4 | Self::COMMENT_COUNT.0);
    /// `comments` with `open`, which depends on the date.
    pub const COMMENTS_OPEN: Self = Self(128 | Self::COMMENT_COUNT.0);
    /// `summary`.
    pub const SUMMARY: Self = Self(8);
    /// `content` and `toc`.
    pub const CONTENT: Self = Self(16);
    /// The neighbouring pages, `lower` and `higher`, with their front matter and addresses.
    pub const NEIGHBOURS: Self = Self(32);
    /// The neighbouring pages with all of their own fields.
    pub const WHOLE_NEIGHBOURS: Self = Self(64 | Self::NEIGHBOURS.0);
    /// Everything except its neighbours.
    pub const OWN: Self = Self(31 | Self::COMMENTS_OPEN.0 | Self::WORD_COUNT.0);
    /// Everything.
    pub const ALL: Self = Self(511);

    /// The number of different masks.
    pub(super) const COUNT: usize = 512;

    /// Whether all fields of `other` are in the mask.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Returns the fields that are in both masks.
    pub(super) fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Returns the fields that are read of the neighbouring pages; none if these are not read.
    pub(super) fn neighbour_mask(self) -> Option<Self> {
        match self {
            mask if mask.contains(Self::WHOLE_NEIGHBOURS) => Some(Self::OWN),
            mask if mask.contains(Self::NEIGHBOURS) => Some(Self::META),
            _ => None,
        }
    }

    /// Returns a distinct number below [`FieldMask::COUNT`].
    pub(super) fn index(self) -> usize {
        self.0.into()
    }
}

impl BitOr for FieldMask {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Display for FieldMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.contains(Self::OWN) {
            f.write_str("all of it")?;
        } else {
            f.write_str("front matter and address")?;
            for (field, name) in [
                (Self::READING_TIME, "reading time"),
                (Self::WORD_COUNT, "number of words"),
                (Self::SUMMARY, "summary"),
                (Self::CONTENT, "content"),
                (Self::THREADS, "comments"),
            ] {
                if self.contains(field) {
                    write!(f, ", {name}")?;
                }
            }
            if self.contains(Self::COMMENT_COUNT) && !self.contains(Self::THREADS) {
                f.write_str(", number of comments")?;
            }
            if self.contains(Self::COMMENTS_OPEN) {
                f.write_str(", whether comments are closed")?;
            }
        }
        if self.contains(Self::NEIGHBOURS) { f.write_str(", and its neighbours") } else { Ok(()) }
    }
}
