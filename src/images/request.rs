//! Images that are made of others: what a template asks for, and what follows from it without decoding a pixel.

use serde::{Deserialize, Serialize};

use super::{ImageHeader, ImageKind};
use crate::nfc::nfc;
use crate::source::Fingerprint;

/// The folder of processed images, in the output folder and in addresses.
pub const PROCESSED: &str = "processed_images";

/// The largest images that are decoded and made, in pixels: those of professional cameras.
pub const MOST_PIXELS: u64 = 120_000_000;

/// The longest side of a WebP file.
const LONGEST_WEBP: u32 = 16_383;

/// The longest side of a JPEG file, and more than anybody shows of others.
const LONGEST: u32 = 65_535;

/// So many bytes of a file's name are part of the names of the images that are made of it.
const LONGEST_STEM: usize = 200;

/// How an image gets its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// To exactly this width and height.
    Scale(u32, u32),
    /// To this width, with its own proportions.
    FitWidth(u32),
    /// To this height, with its own proportions.
    FitHeight(u32),
    /// Into this width and height, with its own proportions, if it is larger.
    Fit(u32, u32),
    /// To exactly this width and height; what is too much at two of its edges is cut off.
    Fill(u32, u32),
}

/// The names of the operations.
pub const OPERATIONS: [&str; 5] = ["scale", "fit_width", "fit_height", "fit", "fill"];

impl Operation {
    /// An operation by its name, with the numbers that it needs.
    ///
    /// # Errors
    /// There is no such operation, or it lacks a number, or a number is 0.
    pub fn new(name: &str, width: Option<u32>, height: Option<u32>) -> Result<Self, String> {
        let side = |key: &str, side: Option<u32>| match side {
            Some(0) => Err(format!("`{key}` is 0, and an image needs at least one pixel")),
            Some(side) => Ok(side),
            None => Err(format!("the operation `{name}` needs a `{key}`")),
        };
        Ok(match name {
            "fit_width" => Self::FitWidth(side("width", width)?),
            "fit_height" => Self::FitHeight(side("height", height)?),
            "scale" => Self::Scale(side("width", width)?, side("height", height)?),
            "fit" => Self::Fit(side("width", width)?, side("height", height)?),
            "fill" => Self::Fill(side("width", width)?, side("height", height)?),
            _ => {
                return Err(format!("there is no operation `{name}`; those that there are: {}", OPERATIONS.join(", ")));
            }
        })
    }

    /// What it makes of an image of a size: the part that is cut out, and the size of the result.
    fn of(self, (width, height): (u32, u32)) -> (Option<Crop>, (u32, u32)) {
        let in_proportion = |side: u32, other: u32, to: u32| {
            let scaled = u64::from(other) * u64::from(to) / u64::from(side.max(1));
            u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
        };
        match self {
            Self::Scale(w, h) => (None, (w, h)),
            Self::FitWidth(w) => (None, (w, in_proportion(width, height, w))),
            Self::FitHeight(h) => (None, (in_proportion(height, width, h), h)),
            Self::Fit(w, h) if width <= w && height <= h => (None, (width, height)),
            Self::Fit(w, h) if u64::from(width) * u64::from(h) > u64::from(height) * u64::from(w) => {
                Self::FitWidth(w).of((width, height))
            }
            Self::Fit(_, h) => Self::FitHeight(h).of((width, height)),
            Self::Fill(w, h) => (Crop::to_fill((width, height), (w, h)), (w, h)),
        }
    }
}

/// A part of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Crop {
    /// The first column.
    pub x: u32,
    /// The first row.
    pub y: u32,
    /// How many columns.
    pub width: u32,
    /// How many rows.
    pub height: u32,
}

impl Crop {
    /// The middle of an image that has the proportions of another size; none if the image nearly has them.
    fn to_fill((width, height): (u32, u32), (w, h): (u32, u32)) -> Option<Self> {
        /// As in Zola: factors that differ by less are taken for the same.
        const NEARLY: f64 = 0.1;
        let (horizontal, vertical) = (f64::from(width) / f64::from(w), f64::from(height) / f64::from(h));
        if (horizontal - vertical).abs() <= NEARLY {
            return None;
        }
        let part = |factor: f64, side: u32, most: u32| ((factor * f64::from(side)).round() as u32).clamp(1, most);
        Some(if horizontal < vertical {
            let part = part(horizontal, h, height);
            Self { x: 0, y: (height - part) / 2, width, height: part }
        } else {
            let part = part(vertical, w, width);
            Self { x: (width - part) / 2, y: 0, width: part, height }
        })
    }
}

/// What a processed image is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum OutputFormat {
    /// JPEG, with a quality from 1 to 100.
    Jpeg(u8),
    /// PNG.
    Png,
    /// WebP without loss.
    WebpLossless,
    /// WebP, with a quality from 0 to 100.
    Webp(u8),
    /// AVIF, with a quality from 1 to 100 and a speed from 1 to 10.
    Avif(u8, u8),
}

/// The names of the formats.
const FORMATS: &str = "auto, jpg, png, webp, avif";

impl OutputFormat {
    /// A format by its name, with the numbers that it may have. `auto` is JPEG for formats that lose details, and PNG for
    /// others.
    ///
    /// # Errors
    /// There is no such format, or a number is out of its range.
    pub fn new(name: &str, of: ImageKind, quality: Option<u8>, speed: Option<u8>) -> Result<Self, String> {
        let within = |what: &str, value: u8, least: u8, most: u8| match (least..=most).contains(&value) {
            true => Ok(value),
            false => Err(format!("the {what} of {name} is a number from {least} to {most}, and not {value}")),
        };
        let jpeg = || Ok(Self::Jpeg(within("quality", quality.unwrap_or(75), 1, 100)?));
        match name {
            "auto" if of.is_lossy() => jpeg(),
            "jpg" | "jpeg" => jpeg(),
            "auto" | "png" => Ok(Self::Png),
            "webp" => match quality {
                Some(quality) => Ok(Self::Webp(within("quality", quality, 0, 100)?)),
                None => Ok(Self::WebpLossless),
            },
            "avif" if !cfg!(feature = "avif") => {
                Err("this Causerie was built without AVIF: use the format `webp`, or build it with the feature `avif`"
                    .to_owned())
            }
            "avif" => Ok(Self::Avif(
                within("quality", quality.unwrap_or(80), 1, 100)?,
                within("speed", speed.unwrap_or(5), 1, 10)?,
            )),
            _ => Err(format!("there is no image format `{name}`; those that there are: {FORMATS}")),
        }
    }

    /// The extension of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg(_) => "jpg",
            Self::Png => "png",
            Self::Webp(_) | Self::WebpLossless => "webp",
            Self::Avif(..) => "avif",
        }
    }

    fn longest_side(self) -> u32 {
        if matches!(self, Self::Webp(_) | Self::WebpLossless) { LONGEST_WEBP } else { LONGEST }
    }
}

/// An image that is made of another.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProcessedImage {
    /// The file of the site that it is made of.
    pub source: String,
    /// The fingerprint of that file.
    pub content: Fingerprint,
    /// The part of it that is cut out.
    pub crop: Option<Crop>,
    /// Its width.
    pub width: u32,
    /// Its height.
    pub height: u32,
    /// What it is written as.
    pub format: OutputFormat,
}

impl ProcessedImage {
    /// The image that an operation makes of a file with this header and these bytes.
    ///
    /// # Errors
    /// The file cannot be decoded, or it or the result is too large.
    pub fn new(
        source: &str,
        content: Fingerprint,
        header: &ImageHeader,
        operation: Operation,
        format: OutputFormat,
    ) -> Result<Self, String> {
        if !header.kind.can_be_decoded() {
            return Err(format!(
                "`{source}` is a file in the format {}, which cannot be resized; save it as PNG, JPEG or WebP",
                header.kind.extension().to_uppercase()
            ));
        }
        let pixels = |width: u32, height: u32| u64::from(width) * u64::from(height);
        let most = MOST_PIXELS / 1_000_000;
        if pixels(header.width, header.height) > MOST_PIXELS {
            let (width, height) = (header.width, header.height);
            return Err(format!(
                "`{source}` has {width} × {height} pixels; only images of up to {most} megapixels are resized"
            ));
        }
        let (crop, (width, height)) = operation.of((header.width, header.height));
        let longest = format.longest_side();
        if width > longest || height > longest {
            let extension = format.extension().to_uppercase();
            return Err(format!(
                "the image would have {width} × {height} pixels; a side of {extension} has at most {longest}"
            ));
        }
        if pixels(width, height) > MOST_PIXELS {
            return Err(format!(
                "the image would have {width} × {height} pixels; it may have {most} megapixels at most"
            ));
        }
        Ok(Self { source: source.to_owned(), content, crop, width, height, format })
    }

    /// What it is made of and how: two images with the same fingerprint have the same bytes.
    pub fn fingerprint(&self) -> Fingerprint {
        let Self { source: _, content, crop, width, height, format } = self;
        Fingerprint::of(format!("{content} {crop:?} {width} {height} {format:?}").as_bytes())
    }

    /// The path of its file in the output folder, named as Zola names it: `processed_images/cup.0123456789abcdef.jpg`.
    pub fn path(&self) -> String {
        let name = self.source.rsplit('/').next().unwrap_or(&self.source);
        let stem = nfc(name.rsplit_once('.').map_or(name, |(stem, _)| stem));
        let stem = &stem[..stem.floor_char_boundary(LONGEST_STEM)];
        // Files of the site can have names that no output has.
        let stem = stem.replace(|c: char| c.is_control() || c == '\\', "-");
        let hash = self.fingerprint().0 as u64;
        format!("{PROCESSED}/{stem}.{hash:016x}.{}", self.format.extension())
    }
}

#[cfg(test)]
mod tests;
