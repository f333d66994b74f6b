//! The text of a card: its typeface, and where its lines end.

use std::cell::RefCell;
use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, GlyphId, PxScale, ScaleFont};
use rustc_hash::FxHashMap;

/// Literata SemiBold for the scripts Latin, Greek and Cyrillic, under the SIL Open Font License (`OFL.txt`).
static TYPEFACE: LazyLock<Option<FontRef<'static>>> =
    LazyLock::new(|| FontRef::try_from_slice(include_bytes!("literata.ttf")).ok());

/// Whether the typeface has a character.
pub(super) fn has_glyph(c: char) -> bool {
    TYPEFACE.as_ref().is_some_and(|font| font.glyph_id(c) != GlyphId(0))
}

/// A text that is broken into lines.
pub(super) struct Lines {
    /// The size of the type in pixels.
    pub size: f32,
    pub lines: Vec<String>,
}

impl Lines {
    /// The space from one line to the next.
    pub fn height(&self) -> f32 {
        self.size * 1.2
    }
}

/// Breaks a text into lines of a width, in the largest of some sizes in which it is not higher than the space. What does not fit
/// even in the smallest is left out, with an ellipsis.
pub(super) fn fit(text: &str, width: f32, height: f32, sizes: &[f32]) -> Lines {
    let mut fitted = Lines { size: 1.0, lines: Vec::new() };
    for &size in sizes {
        fitted = Lines { size, lines: break_lines(text, width, size) };
        if fitted.height() * fitted.lines.len() as f32 <= height {
            return fitted;
        }
    }
    let most = ((height / fitted.height()) as usize).max(1);
    fitted.lines.truncate(most);
    if let Some(last) = fitted.lines.last_mut() {
        *last = shortened(last, width, fitted.size);
    }
    fitted
}

/// A text with an ellipsis that is no wider than the space.
fn shortened(text: &str, width: f32, size: f32) -> String {
    let mut text = text.to_owned();
    loop {
        let short = format!("{}…", text.trim_end_matches([' ', ',', '.', ':', ';']));
        if self::width(&short, size) <= width || text.pop().is_none() {
            return short;
        }
    }
}

/// The beginning of a text that is no wider than the space, with an ellipsis if that is not all of it.
pub(super) fn one_line(text: &str, width: f32, size: f32) -> String {
    if self::width(text, size) <= width { text.to_owned() } else { shortened(text, width, size) }
}

fn break_lines(text: &str, width: f32, size: f32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        if let Some(last) = lines.last_mut() {
            let longer = format!("{last} {word}");
            if self::width(&longer, size) <= width {
                *last = longer;
                continue;
            }
        }
        // A word that is wider than a line is broken where the line ends.
        let mut line = String::new();
        for c in word.chars() {
            line.push(c);
            if self::width(&line, size) > width && line.chars().nth(1).is_some() {
                line.pop();
                lines.push(std::mem::replace(&mut line, c.to_string()));
            }
        }
        lines.push(line);
    }
    lines
}

/// The width of a line in pixels.
pub(super) fn width(line: &str, size: f32) -> f32 {
    placed(line, size).map(|(_, _, end)| end).last().unwrap_or(0.0)
}

/// The pixels of a glyph in one size.
#[derive(Default)]
pub(super) struct Glyph {
    /// The pixels from the point on the baseline where the glyph begins to its first column.
    pub left: i64,
    /// The pixels from the baseline to its first row, mostly below zero.
    pub top: i64,
    /// The pixels of a row.
    pub width: usize,
    /// How much of each pixel it covers, from 0 to 255, row by row.
    pub coverage: Vec<u8>,
}

thread_local! {
    /// The glyphs that cards have already needed. All titles of a site have the same few letters in the same few sizes.
    static GLYPHS: RefCell<FxHashMap<(GlyphId, u32), Glyph>> = RefCell::default();
}

/// Shows each glyph of a line, with the place where it begins.
pub(super) fn with_glyphs(line: &str, size: f32, mut show: impl FnMut(f32, &Glyph)) {
    GLYPHS.with_borrow_mut(|glyphs| {
        for (id, start, _) in placed(line, size) {
            show(start, glyphs.entry((id, size.to_bits())).or_insert_with(|| pixels(id, size)));
        }
    });
}

/// The pixels of a glyph; none for a space.
fn pixels(id: GlyphId, size: f32) -> Glyph {
    let font = TYPEFACE.as_ref();
    let outlined = font.and_then(|font| font.outline_glyph(id.with_scale(scale(font, size))));
    let Some(outlined) = outlined else { return Glyph::default() };
    let bounds = outlined.px_bounds();
    let width = bounds.width() as usize;
    let mut coverage = vec![0; width * bounds.height() as usize];
    outlined.draw(|column, row, part| {
        if let Some(pixel) = coverage.get_mut(row as usize * width + column as usize) {
            *pixel = (part.clamp(0.0, 1.0) * 255.0).round() as u8;
        }
    });
    Glyph { left: bounds.min.x as i64, top: bounds.min.y as i64, width, coverage }
}

/// Each glyph of a line, where it begins, and where it ends.
fn placed(line: &str, size: f32) -> impl Iterator<Item = (GlyphId, f32, f32)> {
    let font = TYPEFACE.as_ref();
    let mut end = 0.0;
    let mut before: Option<GlyphId> = None;
    line.chars().filter_map(move |c| {
        let font = font?;
        let scaled = font.as_scaled(scale(font, size));
        let id = font.glyph_id(c);
        let start = end + before.map_or(0.0, |before| scaled.kern(before, id));
        end = start + scaled.h_advance(id);
        before = Some(id);
        Some((id, start, end))
    })
}

/// The scale in which an em has a size in pixels.
fn scale(font: &FontRef<'_>, size: f32) -> PxScale {
    PxScale::from(size * font.height_unscaled() / font.units_per_em().unwrap_or(1000.0))
}
