//! Resizing of images.

use fast_image_resize::images::TypedImage;
use fast_image_resize::pixels::{U8x3, U8x4, U16x4};
use fast_image_resize::{PixelTrait, ResizeOptions, Resizer};
use image::{ColorType, DynamicImage, Rgb, Rgba};

use crate::images::ProcessedImage;

type Buffer<P> = image::ImageBuffer<P, Vec<<P as image::Pixel>::Subpixel>>;

/// Crops and resizes an image as requested.
///
/// fast_image_resize is compiled once for each type of pixel, and all of them would be a fifth of the program. So every image is
/// resized as one of three types, and grey becomes RGB for the time being.
pub fn resize(pixels: DynamicImage, image: &ProcessedImage) -> Result<DynamicImage, String> {
    let &ProcessedImage { crop, width, height, .. } = image;
    if crop.is_none() && (pixels.width(), pixels.height()) == (width, height) {
        return Ok(pixels);
    }
    let color = pixels.color();
    let mut options = ResizeOptions::new().use_alpha(color.has_alpha());
    if let Some(crop) = crop {
        options = options.crop(crop.x.into(), crop.y.into(), crop.width.into(), crop.height.into());
    }
    let resized = match color {
        ColorType::L8 | ColorType::Rgb8 => {
            let mut resized = Buffer::<Rgb<u8>>::new(width, height);
            let mut pixels = pixels.into_rgb8();
            let size = pixels.dimensions();
            convolve::<U8x3>((&mut pixels, size), (&mut resized, (width, height)), &options)?;
            resized.into()
        }
        ColorType::La8 | ColorType::Rgba8 => {
            let mut resized = Buffer::<Rgba<u8>>::new(width, height);
            let mut pixels = pixels.into_rgba8();
            let size = pixels.dimensions();
            convolve::<U8x4>((&mut pixels, size), (&mut resized, (width, height)), &options)?;
            resized.into()
        }
        _ => {
            let mut resized = Buffer::<Rgba<u16>>::new(width, height);
            let mut pixels = pixels.into_rgba16();
            let size = pixels.dimensions();
            let (source, target) =
                (bytemuck::cast_slice_mut::<u16, u8>(&mut pixels), bytemuck::cast_slice_mut::<u16, u8>(&mut resized));
            convolve::<U16x4>((source, size), (target, (width, height)), &options)?;
            resized.into()
        }
    };
    Ok(with_color(resized, color))
}

/// Fills one image with the pixels of another; each is its bytes and its size.
fn convolve<P: PixelTrait>(
    (source, (source_width, source_height)): (&mut [u8], (u32, u32)),
    (target, (width, height)): (&mut [u8], (u32, u32)),
    options: &ResizeOptions,
) -> Result<(), String> {
    let source = TypedImage::<P>::from_buffer(source_width, source_height, source);
    let source = source.map_err(|error| error.to_string())?;
    let mut target = TypedImage::<P>::from_buffer(width, height, target).map_err(|error| error.to_string())?;
    Resizer::new().resize_typed(&source, &mut target, options).map_err(|error| error.to_string())
}

/// The pixels with the channels that they had.
fn with_color(pixels: DynamicImage, color: ColorType) -> DynamicImage {
    match color {
        ColorType::L8 => pixels.into_luma8().into(),
        ColorType::La8 => pixels.into_luma_alpha8().into(),
        ColorType::L16 => pixels.into_luma16().into(),
        ColorType::La16 => pixels.into_luma_alpha16().into(),
        ColorType::Rgb16 => pixels.into_rgb16().into(),
        _ => pixels,
    }
}
