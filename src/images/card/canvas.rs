//! The pixels of a card.

use png::{BitDepth, ColorType, Compression, Encoder, Filter};

use super::text::{self, fit, one_line, outlines};
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
    let mut canvas = Canvas { pixels: vec![0; WIDTH * HEIGHT] };
    for row in canvas.pixels.chunks_mut(WIDTH) {
        row[..BAR].fill(INK_STEPS + ACCENT_STEPS);
    }
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

/// The pixels, as places in the palette.
struct Canvas {
    pixels: Vec<u8>,
}

impl Canvas {
    /// Draws a line of text whose baseline begins at a point.
    fn write(&mut self, line: &str, size: f32, (x, y): (f32, f32), paint: Paint) {
        let (first, steps) = match paint {
            Paint::Ink => (0, INK_STEPS),
            Paint::Accent => (INK_STEPS, ACCENT_STEPS),
        };
        for glyph in outlines(line, size, x, y) {
            let bounds = glyph.px_bounds();
            let (left, top) = (bounds.min.x as i64, bounds.min.y as i64);
            glyph.draw(|column, row, coverage| {
                let step = (coverage.clamp(0.0, 1.0) * f32::from(steps)).round() as u8;
                let (column, row) = (left + i64::from(column), top + i64::from(row));
                let is_inside =
                    (0..i64::from(CARD_WIDTH)).contains(&column) && (0..i64::from(CARD_HEIGHT)).contains(&row);
                if step > 0 && is_inside {
                    let pixel = &mut self.pixels[row as usize * WIDTH + column as usize];
                    *pixel = (*pixel).max(first + step);
                }
            });
        }
    }

    /// Makes the file.
    fn encode(&self, card: &Card) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, CARD_WIDTH, CARD_HEIGHT);
        encoder.set_color(ColorType::Indexed);
        encoder.set_depth(BitDepth::Four);
        encoder.set_palette(palette(card));
        encoder.set_compression(Compression::Fast);
        encoder.set_filter(Filter::NoFilter);
        let packed: Vec<u8> = self.pixels.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
        let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&packed));
        written.map_err(|error| error.to_string())?;
        Ok(bytes)
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
