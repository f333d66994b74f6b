use std::fmt;
use std::ops::BitOr;

use serde::{Deserialize, Serialize};

/// Which parts of a page or section are read, beside its front matter, address and relations, which everybody sees.
///
/// The finer the parts, the less is made anew: a comment on a post is no concern of a list that shows titles only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Facets(u8);

impl Facets {
    /// Nothing else.
    pub const META: Self = Self(0);
    /// How long it is: `word_count` and `reading_time`.
    pub const LENGTH: Self = Self(1);
    /// Whether it can be answered, and how often it was: `comments`, without the comments.
    pub const TALK: Self = Self(2);
    /// All of it: those, its rendered Markdown, and its comments.
    pub const WHOLE: Self = Self(7);
    /// What everybody sees of the pages beside it: `lower` and `higher`.
    pub const NEIGHBOURS: Self = Self(8);

    /// How many different ones there are.
    pub(super) const COUNT: usize = 10;

    /// Whether all of `other` is among them.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Without the rendered Markdown, the comments and the neighbours.
    pub(super) fn without_body(self) -> Self {
        Self(self.0 & (Self::LENGTH | Self::TALK).0)
    }

    /// A number below [`Facets::COUNT`], another one for each.
    pub(super) fn index(self) -> usize {
        let own = if self.contains(Self::WHOLE) { 4 } else { self.without_body().0 };
        usize::from(own) + if self.contains(Self::NEIGHBOURS) { Self::COUNT / 2 } else { 0 }
    }
}

impl BitOr for Facets {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Display for Facets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.index() % (Self::COUNT / 2) {
            0 => "front matter and address",
            1 => "front matter, address and length",
            2 => "front matter, address and number of comments",
            3 => "front matter, address, length and number of comments",
            _ => "all of it",
        })?;
        if self.contains(Self::NEIGHBOURS) { f.write_str(", and its neighbours") } else { Ok(()) }
    }
}
