//! WebP: libwebp for the pixels, and the container around them, which libwebp leaves to others.

use image::DynamicImage;
use webp::{Encoder, WebPConfig};

use super::colors::Profile;

/// Writes an image as WebP; without a quality it loses nothing.
pub fn encode(pixels: DynamicImage, profile: Option<Profile>, quality: Option<u8>) -> Result<Vec<u8>, String> {
    // WebP knows no images in grey, and a profile for them would not fit.
    let profile = profile.filter(|profile| &profile.bytes[16..20] == b"RGB ");
    let (width, height, has_alpha) = (pixels.width(), pixels.height(), pixels.color().has_alpha());
    let pixels: DynamicImage = if has_alpha { pixels.into_rgba8().into() } else { pixels.into_rgb8().into() };
    let encoder = match has_alpha {
        true => Encoder::from_rgba(pixels.as_bytes(), width, height),
        false => Encoder::from_rgb(pixels.as_bytes(), width, height),
    };
    let mut config = WebPConfig::new().map_err(|()| "this libwebp is of another version".to_owned())?;
    config.lossless = i32::from(quality.is_none());
    config.quality = quality.map_or(75.0, f32::from);
    let encoded = encoder.encode_advanced(&config).map_err(|error| format!("libwebp cannot write it: {error:?}"))?;
    match profile {
        None => Ok(encoded.to_vec()),
        Some(profile) => with_profile(&encoded, (width, height, has_alpha), &profile.bytes)
            .ok_or_else(|| "libwebp has written no WebP file".to_owned()),
    }
}

/// Puts a colour profile into a file of libwebp's (RFC 9649, 2.7).
fn with_profile(file: &[u8], (width, height, has_alpha): (u32, u32, bool), profile: &[u8]) -> Option<Vec<u8>> {
    const HEADER: usize = 12;
    const EXTENDED: usize = 18;
    const HAS_PROFILE: u8 = 0x20;
    const HAS_ALPHA: u8 = 0x10;
    let mut chunks = file.get(HEADER..)?;
    // What it says is said again.
    if chunks.starts_with(b"VP8X") {
        chunks = chunks.get(EXTENDED..)?;
    }
    // libwebp leaves out what is not transparent anywhere.
    let has_alpha = chunks.starts_with(b"ALPH") || has_alpha && chunks.starts_with(b"VP8L");
    let flags = HAS_PROFILE | if has_alpha { HAS_ALPHA } else { 0 };
    let mut extended = b"VP8X\x0a\0\0\0".to_vec();
    extended.extend([flags, 0, 0, 0]);
    extended.extend_from_slice(&(width - 1).to_le_bytes()[..3]);
    extended.extend_from_slice(&(height - 1).to_le_bytes()[..3]);
    extended.extend(b"ICCP");
    extended.extend(u32::try_from(profile.len()).ok()?.to_le_bytes());
    extended.extend(profile);
    extended.extend(std::iter::repeat_n(0, profile.len() % 2));
    let length = u32::try_from(4 + extended.len() + chunks.len()).ok()?;
    Some([b"RIFF", &length.to_le_bytes()[..], b"WEBP", &extended, chunks].concat())
}
