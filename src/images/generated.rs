//! Images that a build makes.

use serde::{Deserialize, Serialize};

use super::{Card, ProcessedImage};
use crate::source::Fingerprint;

/// An image that a build makes: of another one, or of the title of a page.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum GeneratedImage {
    /// Made of another image.
    Processed(ProcessedImage),
    /// Drawn for a page.
    Card(Card),
}

impl GeneratedImage {
    /// What it is made of and how: two images with the same fingerprint have the same bytes.
    pub fn fingerprint(&self) -> Fingerprint {
        match self {
            Self::Processed(image) => image.fingerprint(),
            Self::Card(card) => card.fingerprint(),
        }
    }

    /// The path of its file in the output folder.
    pub fn path(&self) -> String {
        match self {
            Self::Processed(image) => image.path(),
            Self::Card(card) => card.path(),
        }
    }

    /// The image that it is made of, if it is made of one.
    pub fn source(&self) -> Option<&str> {
        match self {
            Self::Processed(image) => Some(&image.source),
            Self::Card(_) => None,
        }
    }
}

impl From<ProcessedImage> for GeneratedImage {
    fn from(image: ProcessedImage) -> Self {
        Self::Processed(image)
    }
}

impl From<Card> for GeneratedImage {
    fn from(card: Card) -> Self {
        Self::Card(card)
    }
}
