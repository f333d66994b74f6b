//! Cards: pictures that stand for a page in other programs, drawn of its title.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::PROCESSED;
use crate::source::Fingerprint;

#[cfg(feature = "cards")]
mod canvas;
#[cfg(feature = "cards")]
mod text;

/// The width of every card in pixels, as other programs expect it.
pub const CARD_WIDTH: u32 = 1200;
/// The height of every card in pixels.
pub const CARD_HEIGHT: u32 = 630;

/// Changes when cards are drawn in another way, so that no card of an earlier version is taken for one of this.
const VERSION: u32 = 2;

/// So many characters of each text count.
const LONGEST_TEXT: usize = 300;

/// A colour: red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Colour(pub [u8; 3]);

impl Colour {
    /// Reads a colour in the form `#0b6e4f` or `#fff`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        let value = u32::from_str_radix(digits, 16).ok()?;
        let bytes = value.to_be_bytes();
        match digits.len() {
            6 => Some(Self([bytes[1], bytes[2], bytes[3]])),
            3 => Some(Self([8, 4, 0].map(|shift| (value >> shift & 15) as u8 * 17))),
            _ => None,
        }
    }
}

/// A card: what it says, and its colours.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Card {
    title: String,
    site: String,
    author: String,
    ground: Colour,
    ink: Colour,
    accent: Colour,
}

impl Card {
    /// The card of a page. None where it has no title, or a text has letters that the cards' typeface does not have: a card
    /// without them would say something else. Other characters that it does not have, such as emoji, are left out.
    pub fn new(title: &str, site: &str, author: &str, [ground, ink, accent]: [Colour; 3]) -> Option<Self> {
        let [title, site, author] = [title, site, author].map(drawable);
        let title = title.filter(|title| !title.is_empty())?;
        Some(Self { title, site: site?, author: author?, ground, ink, accent })
    }

    /// What it says and how: two cards with the same fingerprint have the same bytes.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(format!("card {VERSION} {self:?}").as_bytes())
    }

    /// The path of its file in the output folder.
    pub fn path(&self) -> String {
        format!("{PROCESSED}/card.{:016x}.png", self.fingerprint().0 as u64)
    }

    /// The bytes of its file, a PNG.
    ///
    /// # Errors
    /// This Causerie was built without cards.
    #[cfg(feature = "cards")]
    pub fn draw(&self) -> Result<Vec<u8>, String> {
        canvas::draw(self)
    }

    /// The bytes of its file, a PNG.
    ///
    /// # Errors
    /// This Causerie was built without cards.
    #[cfg(not(feature = "cards"))]
    pub fn draw(&self) -> Result<Vec<u8>, String> {
        Err("this Causerie was built without social cards: build it with the feature `cards`".to_owned())
    }
}

/// A text in one line with the characters that can be drawn; none if letters would be missing.
fn drawable(text: &str) -> Option<String> {
    let composed: String = text.chars().take(LONGEST_TEXT).nfc().collect();
    let mut drawn = String::with_capacity(composed.len());
    for c in composed.chars() {
        match c {
            c if c.is_whitespace() => drawn.push(' '),
            c if has_glyph(c) => drawn.push(c),
            c if c.is_alphanumeric() || is_mark(c) => return None,
            _ => {}
        }
    }
    Some(drawn.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "))
}

/// Whether a character changes the letter before it, so that it cannot be left out.
fn is_mark(c: char) -> bool {
    // Selectors of the form of an emoji change no letter.
    unicode_normalization::char::is_combining_mark(c) && !('\u{fe00}'..='\u{fe0f}').contains(&c) && c != '\u{20e3}'
}

#[cfg(feature = "cards")]
fn has_glyph(c: char) -> bool {
    text::has_glyph(c)
}

#[cfg(not(feature = "cards"))]
fn has_glyph(_: char) -> bool {
    false
}

#[cfg(all(test, feature = "cards"))]
mod tests;
