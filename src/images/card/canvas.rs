//! The pixels of a card.

use png::{BitDepth, ColorType, Compression, Encoder, Filter};

use super::text::{self, fit, one_line, with_glyphs};
use super::{CARD_HEIGHT, CARD_WIDTH, Card, Colour};

/// A file of sixteen colours is small, and quick to make: ten from the ground to the ink, and six to the accent.
const INK_STEPS: u8 = 9;
const ACCENT_STEPS: u8 = 6;

const WIDTH: usize = CARD_WIDTH as usize;
const HEIGHT: usize = CARD_HEIGHT as usize;
const MARGIN: f32 = 96.0;
const BAR: usize = 20;
const TITLE_SIZES: [f32; 6] = [92.0, 80.0, 70.0, 60.0, 52.0, 46.0];
const TITLE_HEIGHT: f32 = 340.0;
const FOOT_SIZE: f32 = 34.0;
/// The baseline of the names of the site and of the author.
const FOOT: f32 = 548.0;

/// Draws a card: a bar at the side, the title above, and the names below.
pub(super) fn draw(card: &Card) -> Result<Vec<u8>, String> {
    let mut canvas = Canvas { pixels: vec![0; WIDTH * HEIGHT], has_ink: [false; HEIGHT] };
    let space = CARD_WIDTH as f32 - 2.0 * MARGIN;
    let title = fit(&card.title, space, TITLE_HEIGHT, &TITLE_SIZES);
    for (number, line) in title.lines.iter().enumerate() {
        canvas.write(line, title.size, (MARGIN, MARGIN + title.size + title.height() * number as f32), Paint::Ink);
    }
    let author = one_line(&card.author, space * 0.4, FOOT_SIZE);
    let author_width = text::width(&author, FOOT_SIZE);
    let site = one_line(&card.site, space - author_width - FOOT_SIZE, FOOT_SIZE);
    canvas.write(&site, FOOT_SIZE, (MARGIN, FOOT), Paint::Accent);
    canvas.write(&author, FOOT_SIZE, (MARGIN + space - author_width, FOOT), Paint::Ink);
    canvas.encode(card)
}

/// What a glyph is drawn with.
#[derive(Clone, Copy)]
enum Paint {
    Ink,
    Accent,
}

impl Paint {
    /// The place in the palette of a pixel of which a glyph covers a part, from 0 to 255.
    fn place(self, coverage: u8) -> u8 {
        let (first, steps) = match self {
            Self::Ink => (0, INK_STEPS),
            Self::Accent => (INK_STEPS, ACCENT_STEPS),
        };
        match ((u16::from(coverage) * u16::from(steps) + 127) / 255) as u8 {
            0 => 0,
            step => first + step,
        }
    }
}

/// The pixels, as places in the palette, and which rows have any that are not those of the ground.
struct Canvas {
    pixels: Vec<u8>,
    has_ink: [bool; HEIGHT],
}

impl Canvas {
    /// Draws a line of text whose baseline begins at a point.
    fn write(&mut self, line: &str, size: f32, (x, y): (f32, f32), paint: Paint) {
        with_glyphs(line, size, |start, glyph| {
            let left = (x + start).round() as i64 + glyph.left;
            let top = y.round() as i64 + glyph.top;
            for (row, coverage) in (top..).zip(glyph.coverage.chunks(glyph.width.max(1))) {
                let Some(row) = usize::try_from(row).ok().filter(|row| *row < HEIGHT) else { continue };
                self.has_ink[row] = true;
                let pixels = &mut self.pixels[row * WIDTH..][..WIDTH];
                let hidden = left.min(0).unsigned_abs() as usize;
                let pixels = pixels.iter_mut().skip(left.max(0) as usize);
                for (pixel, coverage) in pixels.zip(coverage.iter().skip(hidden)) {
                    *pixel = (*pixel).max(paint.place(*coverage));
                }
            }
        });
    }

    /// Makes the file.
    fn encode(&self, card: &Card) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, CARD_WIDTH, CARD_HEIGHT);
        encoder.set_color(ColorType::Indexed);
        encoder.set_depth(BitDepth::Four);
        encoder.set_palette(palette(card));
        // Most rows are like the row above them: as differences they take a third of the time and of the bytes.
        encoder.set_compression(Compression::Fast);
        encoder.set_filter(Filter::Up);
        let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&self.packed()));
        written.map_err(|error| error.to_string())?;
        Ok(bytes)
    }

    /// The rows with two pixels in a byte, and the bar at the beginning of each.
    fn packed(&self) -> Vec<u8> {
        const ACCENT: u8 = INK_STEPS + ACCENT_STEPS;
        let mut packed = vec![0; WIDTH * HEIGHT / 2];
        for ((row, pixels), has_ink) in packed.chunks_mut(WIDTH / 2).zip(self.pixels.chunks(WIDTH)).zip(self.has_ink) {
            if has_ink {
                // As numbers of two bytes, eight pairs are packed at once.
                for (byte, pair) in row.iter_mut().zip(pixels.as_chunks::<2>().0) {
                    let pair = u16::from_le_bytes(*pair);
                    *byte = (pair << 4 | pair >> 8) as u8;
                }
            }
            row[..BAR / 2].fill(ACCENT << 4 | ACCENT);
        }
        packed
    }
}

/// The sixteen colours.
fn palette(card: &Card) -> Vec<u8> {
    let mix = |to: Colour, step: u8, steps: u8| {
        let (step, steps) = (u32::from(step), u32::from(steps));
        let channel = |channel: usize| {
            let (from, to) = (u32::from(card.ground.0[channel]), u32::from(to.0[channel]));
            ((from * (steps - step) + to * step) / steps) as u8
        };
        [channel(0), channel(1), channel(2)]
    };
    let inks = (0..=INK_STEPS).map(|step| mix(card.ink, step, INK_STEPS));
    let accents = (1..=ACCENT_STEPS).map(|step| mix(card.accent, step, ACCENT_STEPS));
    inks.chain(accents).flatten().collect()
}
