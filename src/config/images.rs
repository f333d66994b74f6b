//! `[images]`: what becomes of the images in Markdown.

use super::FILE_NAMES;
use crate::source::Table;

/// What becomes of the images in Markdown that are files of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Images {
    /// Whether they have `width` and `height`, so that the text around them does not jump, and are loaded when they come into
    /// view. Default: true in `site.toml`, and false in a configuration of Zola's.
    pub dimensions: bool,
    /// Whether browsers may choose among several sizes of each. Default: false.
    pub responsive: bool,
    /// The widths of these sizes in pixels, the smallest first.
    pub widths: Vec<u32>,
    /// How wide an image is shown, as in the HTML attribute `sizes`.
    pub sizes: String,
    /// The quality of these sizes, from 1 to 100. Default: 80.
    pub quality: u8,
}

/// The widths of telephones and columns, and twice as much for screens with small pixels.
const WIDTHS: [u32; 4] = [480, 800, 1200, 1600];

/// The width of the default theme's column, where the screen is wide enough. A browser that knows `auto` looks for itself.
const SIZES: &str = "auto, (max-width: 41rem) 100vw, 38rem";

/// A width of more pixels is not made.
const LARGEST_WIDTH: usize = 8192;

impl Default for Images {
    fn default() -> Self {
        Self { dimensions: false, responsive: false, widths: WIDTHS.into(), sizes: SIZES.to_owned(), quality: 80 }
    }
}

impl Images {
    /// Reads the table. A file with one of Zola's names is read as Zola reads it.
    pub(super) fn read(mut table: Table) -> Self {
        let default = Self { dimensions: table.reading().path() == FILE_NAMES[0], ..Self::default() };
        let images = Self {
            dimensions: table.get_or("dimensions", default.dimensions),
            responsive: table.get_or("responsive", default.responsive),
            widths: read_widths(&mut table).unwrap_or(default.widths),
            sizes: table.get_or("sizes", default.sizes),
            quality: read_quality(&mut table).unwrap_or(default.quality),
        };
        table.close();
        images
    }
}

fn read_widths(table: &mut Table) -> Option<Vec<u32>> {
    let written = table.list::<usize>("widths")?;
    let mut widths = Vec::new();
    for (width, span) in written {
        if !(1..=LARGEST_WIDTH).contains(&width) {
            let message = format!("a width of images is a number of pixels from 1 to {LARGEST_WIDTH}");
            table.reading().error(span, message, "write widths such as `widths = [480, 800, 1200, 1600]`");
        } else if let Ok(width) = u32::try_from(width) {
            widths.push(width);
        }
    }
    widths.sort_unstable();
    widths.dedup();
    Some(widths)
}

fn read_quality(table: &mut Table) -> Option<u8> {
    let (quality, span) = table.spanned::<usize>("quality")?;
    let read = u8::try_from(quality).ok().filter(|quality| (1..=100).contains(quality));
    if read.is_none() {
        table.reading().error(
            span,
            "the quality of images is a number from 1 to 100",
            "leave it out for a quality of 80",
        );
    }
    read
}
