//! Colour profiles and transparency.

use image::{ColorType, DynamicImage};

/// An ICC profile that gives the pixels of an image their meaning.
#[derive(Debug)]
pub struct Profile {
    /// The profile as it lies in a file.
    pub bytes: Vec<u8>,
}

impl Profile {
    /// The profile of some pixels; none if it is made for others. A JPEG file for a printer has a profile for its inks, and is
    /// decoded to red, green and blue.
    pub fn of(pixels: &DynamicImage, bytes: Vec<u8>) -> Option<Self> {
        let is_gray = matches!(pixels.color(), ColorType::L8 | ColorType::La8 | ColorType::L16 | ColorType::La16);
        // ICC.1:2022, 7.2: the space of its colours stands at byte 16.
        let expected = if is_gray { b"GRAY" } else { b"RGB " };
        (bytes.get(16..20) == Some(&expected[..])).then_some(Self { bytes })
    }

    /// The pixels in the colours that browsers assume, for formats that keep no profile.
    #[cfg(feature = "avif")]
    pub fn to_srgb(&self, pixels: DynamicImage) -> DynamicImage {
        use moxcms::{ColorProfile, Layout, TransformOptions};

        if &self.bytes[16..20] != b"RGB " {
            return pixels;
        }
        let Ok(profile) = ColorProfile::new_from_slice(&self.bytes) else { return pixels };
        let srgb = ColorProfile::new_srgb();
        let options = TransformOptions::default();
        let Ok(transform) = profile.create_transform_8bit(Layout::Rgba, &srgb, Layout::Rgba, options) else {
            return pixels;
        };
        let source = pixels.to_rgba8();
        let mut converted = source.clone();
        match transform.transform(&source, &mut converted) {
            Ok(()) => DynamicImage::ImageRgba8(converted),
            Err(_) => pixels,
        }
    }
}

/// The pixels with eight bits for each colour, and white behind what is transparent.
pub fn on_white(pixels: DynamicImage) -> DynamicImage {
    let over = |color: u8, alpha: u8| {
        let (color, alpha) = (u32::from(color), u32::from(alpha));
        ((color * alpha + 255 * (255 - alpha) + 127) / 255) as u8
    };
    match pixels.color() {
        ColorType::L8 | ColorType::Rgb8 => pixels,
        ColorType::L16 => pixels.into_luma8().into(),
        ColorType::La8 | ColorType::La16 => {
            let pixels = pixels.into_luma_alpha8();
            image::GrayImage::from_fn(pixels.width(), pixels.height(), |x, y| {
                let [gray, alpha] = pixels.get_pixel(x, y).0;
                image::Luma([over(gray, alpha)])
            })
            .into()
        }
        color if color.has_alpha() => {
            let pixels = pixels.into_rgba8();
            image::RgbImage::from_fn(pixels.width(), pixels.height(), |x, y| {
                let [red, green, blue, alpha] = pixels.get_pixel(x, y).0;
                image::Rgb([red, green, blue].map(|color| over(color, alpha)))
            })
            .into()
        }
        _ => pixels.into_rgb8().into(),
    }
}
