//! The networks on which people answer to posts.

use serde::{Deserialize, Serialize};

/// A network on which people answer to posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Network {
    /// Mastodon, and every server with its interface.
    Mastodon,
    /// Bluesky.
    Bluesky,
    /// Hacker News.
    HackerNews,
    /// Lobsters.
    Lobsters,
    /// An issue or a discussion on GitHub.
    GitHub,
    /// Lemmy.
    Lemmy,
}

impl Network {
    /// Every network, in the order in which links to them are shown.
    pub const ALL: [Self; 6] =
        [Self::Mastodon, Self::Bluesky, Self::HackerNews, Self::Lobsters, Self::GitHub, Self::Lemmy];

    /// The word for it in front matter, in thread files and for templates.
    pub fn key(self) -> &'static str {
        match self {
            Self::Mastodon => "mastodon",
            Self::Bluesky => "bluesky",
            Self::HackerNews => "hackernews",
            Self::Lobsters => "lobsters",
            Self::GitHub => "github",
            Self::Lemmy => "lemmy",
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mastodon => "Mastodon",
            Self::Bluesky => "Bluesky",
            Self::HackerNews => "Hacker News",
            Self::Lobsters => "Lobsters",
            Self::GitHub => "GitHub",
            Self::Lemmy => "Lemmy",
        }
    }

    /// The network of this key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|network| network.key() == key)
    }
}
