//! Images: what their headers say of them, and images that are made of others.
//!
//! A header is read without decoding a pixel ([`ImageHeader`]), so that a template that asks for an image of another size
//! learns its address and size at once ([`ProcessedImage`]). Its bytes are made when they are written ([`process()`]).
//! Other images are drawn from a text ([`Card`]).

mod card;
mod chunks;
mod generated;
mod header;
#[cfg(feature = "images")]
mod process;
mod request;
mod svg;

pub use card::{CARD_HEIGHT, CARD_WIDTH, Card, Colour};
pub use generated::GeneratedImage;
pub use header::{HeaderError, ImageHeader, ImageKind};
#[cfg(feature = "images")]
pub use process::{check, process};
pub use request::{Operation, OutputFormat, PROCESSED, ProcessedImage};

use crate::source::Fingerprint;

/// Why no image can be resized, if none can.
pub const UNAVAILABLE: Option<&str> = if cfg!(feature = "images") {
    None
} else {
    Some("this Causerie was built without image processing: build it with the feature `images`")
};

/// Where processed images are kept from build to build, by the fingerprints of [`ProcessedImage`]. A card is drawn as quickly as it
/// would be read.
pub trait ImageStore: Send + Sync {
    /// The bytes of an image that was made before.
    fn get(&self, image: Fingerprint) -> Option<Vec<u8>>;

    /// Keeps the bytes of an image. Where that fails it is made again the next time.
    fn put(&self, image: Fingerprint, bytes: &[u8]);
}

/// Makes an image of the bytes of its source.
///
/// # Errors
/// Always: this is the program without image processing.
#[cfg(not(feature = "images"))]
pub fn process(_: &[u8], _: &ProcessedImage) -> Result<Vec<u8>, String> {
    Err(UNAVAILABLE.unwrap_or_default().to_owned())
}

/// Decodes an image without making anything of it.
///
/// # Errors
/// Always: this is the program without image processing.
#[cfg(not(feature = "images"))]
pub fn check(_: &[u8]) -> Result<(), String> {
    Err(UNAVAILABLE.unwrap_or_default().to_owned())
}
