//! Pixels: from the bytes of one image file to those of another.

mod colors;
mod resize;
mod webp;

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, Limits};

use super::request::MOST_PIXELS;
use super::{ImageHeader, ImageKind, OutputFormat, ProcessedImage};
use colors::Profile;
use resize::resize;

/// What decoding an image may take, in bytes: eight for each pixel.
const MOST_MEMORY: u64 = 8 * MOST_PIXELS;

/// Makes an image of the bytes of its source. The same bytes give the same result on every machine.
///
/// # Errors
/// The source is damaged, or not what its header says.
pub fn process(source: &[u8], image: &ProcessedImage) -> Result<Vec<u8>, String> {
    // Decoders read files that nobody has checked. What is wrong in one of them must not end the program.
    let result = catch_unwind(AssertUnwindSafe(|| {
        let (pixels, profile) = decode(source)?;
        encode(resize(pixels, image)?, profile, image.format)
    }));
    result.unwrap_or_else(|_| Err("the image library stopped in the middle of it".to_owned()))
}

/// Decodes an image without making anything of it.
///
/// # Errors
/// It is damaged, or not what its header says.
pub fn check(source: &[u8]) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(|| decode(source).map(drop)))
        .unwrap_or_else(|_| Err("the image library stopped in the middle of it".to_owned()))
}

/// The pixels of an image as it is shown, and the colour profile that gives them their meaning.
fn decode(source: &[u8]) -> Result<(DynamicImage, Option<Profile>), String> {
    let header = ImageHeader::read(Cursor::new(source)).map_err(|error| error.to_string())?;
    let format = format_of(header.kind).ok_or("images of its format cannot be decoded")?;
    let mut reader = ImageReader::with_format(Cursor::new(source), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| error.to_string())?;
    let (width, height) = decoder.dimensions();
    let said = if header.orientation >= 5 { (header.height, header.width) } else { (header.width, header.height) };
    if (width, height) != said {
        return Err(format!("its header says {} × {} pixels, but there are {width} × {height}", said.0, said.1));
    }
    let profile = decoder.icc_profile().ok().flatten();
    let mut pixels = DynamicImage::from_decoder(decoder).map_err(|error| error.to_string())?;
    if let Some(orientation) = Orientation::from_exif(header.orientation) {
        pixels.apply_orientation(orientation);
    }
    let profile = profile.and_then(|profile| Profile::of(&pixels, profile));
    Ok((pixels, profile))
}

fn format_of(kind: ImageKind) -> Option<ImageFormat> {
    Some(match kind {
        ImageKind::Jpeg => ImageFormat::Jpeg,
        ImageKind::Png => ImageFormat::Png,
        ImageKind::Gif => ImageFormat::Gif,
        ImageKind::Webp => ImageFormat::WebP,
        ImageKind::Bmp => ImageFormat::Bmp,
        ImageKind::Ico => ImageFormat::Ico,
        ImageKind::Pnm => ImageFormat::Pnm,
        _ => return None,
    })
}

fn encode(pixels: DynamicImage, profile: Option<Profile>, format: OutputFormat) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let failed = |error: image::ImageError| error.to_string();
    match format {
        OutputFormat::Png => {
            let mut encoder = PngEncoder::new(&mut bytes);
            if let Some(profile) = profile {
                let _ = encoder.set_icc_profile(profile.bytes);
            }
            pixels.write_with_encoder(encoder).map_err(failed)?;
        }
        OutputFormat::Jpeg(quality) => {
            let mut encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
            if let Some(profile) = profile {
                let _ = encoder.set_icc_profile(profile.bytes);
            }
            // JPEG has no transparency, and is shown on white more often than on black.
            colors::on_white(pixels).write_with_encoder(encoder).map_err(failed)?;
        }
        OutputFormat::Webp(quality) => bytes = webp::encode(pixels, profile, Some(quality))?,
        OutputFormat::WebpLossless => bytes = webp::encode(pixels, profile, None)?,
        OutputFormat::Avif(quality, speed) => bytes = avif(pixels, profile, quality, speed)?,
    }
    Ok(bytes)
}

#[cfg(feature = "avif")]
fn avif(pixels: DynamicImage, profile: Option<Profile>, quality: u8, speed: u8) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    // How it cuts the image into pieces depends on the number of threads, and every machine has to give the same.
    let encoder =
        image::codecs::avif::AvifEncoder::new_with_speed_quality(&mut bytes, speed, quality).with_num_threads(Some(1));
    // The encoder writes no colour profile.
    let pixels = match profile {
        Some(profile) => profile.to_srgb(pixels),
        None => pixels,
    };
    pixels.write_with_encoder(encoder).map_err(|error| error.to_string())?;
    Ok(bytes)
}

#[cfg(not(feature = "avif"))]
fn avif(_: DynamicImage, _: Option<Profile>, _: u8, _: u8) -> Result<Vec<u8>, String> {
    Err("this Causerie was built without AVIF".to_owned())
}

#[cfg(test)]
mod tests;
