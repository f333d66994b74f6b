//! Resizing of images.

use bytemuck::{Pod, cast_slice_mut};
use fast_image_resize::images::TypedImage;
use fast_image_resize::pixels::{U8x3, U8x4, U16x4};
use fast_image_resize::{ImageBufferError, PixelTrait, ResizeOptions, Resizer};
use image::{ColorType, DynamicImage, ImageBuffer, Pixel};

use crate::images::ProcessedImage;

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
    let size = (width, height);
    let resized = match color {
        ColorType::L8 | ColorType::Rgb8 => convolve::<_, U8x3>(pixels.into_rgb8(), size, &options)?.into(),
        ColorType::La8 | ColorType::Rgba8 => convolve::<_, U8x4>(pixels.into_rgba8(), size, &options)?.into(),
        _ => convolve::<_, U16x4>(pixels.into_rgba16(), size, &options)?.into(),
    };
    Ok(with_color(resized, color))
}

/// Gives pixels another size. `K` is what fast_image_resize calls the type `P` of image.
fn convolve<P, K>(
    mut pixels: ImageBuffer<P, Vec<P::Subpixel>>,
    (width, height): (u32, u32),
    options: &ResizeOptions,
) -> Result<ImageBuffer<P, Vec<P::Subpixel>>, String>
where
    P: Pixel<Subpixel: Pod>,
    K: PixelTrait,
{
    let failed = |error: ImageBufferError| error.to_string();
    let mut resized = ImageBuffer::new(width, height);
    let (old_width, old_height) = pixels.dimensions();
    let source = TypedImage::<K>::from_buffer(old_width, old_height, cast_slice_mut(&mut pixels)).map_err(failed)?;
    let mut target = TypedImage::<K>::from_buffer(width, height, cast_slice_mut(&mut resized)).map_err(failed)?;
    Resizer::new().resize_typed(&source, &mut target, options).map_err(|error| error.to_string())?;
    Ok(resized)
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
