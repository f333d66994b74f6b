use image::{ColorType, GenericImageView, Rgb, RgbImage, Rgba, RgbaImage};

use super::*;
use crate::images::{Operation, ProcessedImage};
use crate::source::Fingerprint;

/// A profile that says no more than the space of its colours.
fn profile(space: &[u8; 4]) -> Vec<u8> {
    let mut profile = vec![0; 131];
    profile[16..20].copy_from_slice(space);
    profile[36..40].copy_from_slice(b"acsp");
    profile
}

/// Exif data that turns an image.
fn exif(orientation: u8) -> Vec<u8> {
    [&b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"[..], &[orientation, 0, 0, 0, 0, 0, 0]].concat()
}

/// An image whose quarters are red, green, blue and white.
fn quarters(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match (x < width / 2, y < height / 2) {
        (true, true) => Rgb([255, 0, 0]),
        (false, true) => Rgb([0, 255, 0]),
        (true, false) => Rgb([0, 0, 255]),
        (false, false) => Rgb([255, 255, 255]),
    })
}

fn png(pixels: &DynamicImage, profile: Option<Vec<u8>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = PngEncoder::new(&mut bytes);
    if let Some(profile) = profile {
        encoder.set_icc_profile(profile).unwrap();
    }
    pixels.write_with_encoder(encoder).unwrap();
    bytes
}

fn jpeg(pixels: &DynamicImage, profile: Option<Vec<u8>>, exif: Option<Vec<u8>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
    if let Some(profile) = profile {
        encoder.set_icc_profile(profile).unwrap();
    }
    if let Some(exif) = exif {
        encoder.set_exif_metadata(exif).unwrap();
    }
    pixels.write_with_encoder(encoder).unwrap();
    bytes
}

fn request(source: &[u8], operation: Operation, format: OutputFormat) -> ProcessedImage {
    let header = ImageHeader::read(Cursor::new(source)).unwrap();
    ProcessedImage::new("static/a.png", Fingerprint::of(source), &header, operation, format).unwrap()
}

fn processed(source: &[u8], operation: Operation, format: OutputFormat) -> Result<Vec<u8>, String> {
    process(source, &request(source, operation, format))
}

fn decoded(bytes: &[u8]) -> (DynamicImage, Option<Vec<u8>>) {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().unwrap();
    let mut decoder = reader.into_decoder().unwrap();
    let profile = decoder.icc_profile().unwrap();
    (DynamicImage::from_decoder(decoder).unwrap(), profile)
}

/// Which of the colours a pixel is nearest to.
fn color(pixels: &DynamicImage, x: u32, y: u32) -> char {
    let Rgba([red, green, blue, _]) = pixels.get_pixel(x, y);
    match (red > 127, green > 127, blue > 127) {
        (true, true, true) => 'w',
        (true, ..) => 'r',
        (_, true, _) => 'g',
        (.., true) => 'b',
        _ => 'k',
    }
}

/// The colours of the corners, row by row.
fn corners(pixels: &DynamicImage) -> String {
    let (right, bottom) = (pixels.width() - 1, pixels.height() - 1);
    [(0, 0), (right, 0), (0, bottom), (right, bottom)].map(|(x, y)| color(pixels, x, y)).iter().collect()
}

const FORMATS: [OutputFormat; 4] =
    [OutputFormat::Jpeg(90), OutputFormat::Png, OutputFormat::Webp(90), OutputFormat::WebpLossless];

#[test]
fn every_operation_and_format_gives_an_image_of_the_size_that_was_said() {
    let source = png(&quarters(60, 40).into(), None);
    for operation in [
        Operation::Scale(15, 15),
        Operation::FitWidth(30),
        Operation::FitHeight(10),
        Operation::Fit(30, 30),
        Operation::Fit(300, 300),
        Operation::Fill(20, 30),
        Operation::Fill(120, 20),
    ] {
        for format in FORMATS {
            let image = request(&source, operation, format);
            let bytes = process(&source, &image).unwrap();
            let (pixels, _) = decoded(&bytes);
            assert_eq!(pixels.dimensions(), (image.width, image.height), "{operation:?} {format:?}");
            assert_eq!(corners(&pixels), "rgbw", "{operation:?} {format:?}");
            let header = ImageHeader::read(Cursor::new(&bytes)).unwrap();
            assert_eq!(header.kind.extension(), format.extension());
            assert_eq!(process(&source, &image).unwrap(), bytes);
        }
    }
}

#[test]
fn a_photograph_stands_as_it_is_shown() {
    for (orientation, expected) in
        [(1, "rgbw"), (2, "grwb"), (3, "wbgr"), (4, "bwrg"), (5, "rbgw"), (6, "brwg"), (7, "wgbr"), (8, "gwrb")]
    {
        let source = jpeg(&quarters(64, 32).into(), None, Some(exif(orientation)));
        let bytes = processed(&source, Operation::FitWidth(16), OutputFormat::Png).unwrap();
        let (pixels, _) = decoded(&bytes);
        assert_eq!(corners(&pixels), expected, "{orientation}");
        assert_eq!(pixels.height(), if orientation < 5 { 8 } else { 32 });
        // Nothing turns it once more.
        assert_eq!(ImageHeader::read(Cursor::new(bytes)).unwrap().orientation, 1);
    }
}

#[test]
fn a_color_profile_is_kept_if_it_fits() {
    let color: DynamicImage = quarters(60, 40).into();
    let gray: DynamicImage = color.to_luma8().into();
    let clear: DynamicImage = color.to_rgba8().into();
    for pixels in [&color, &clear] {
        let source = png(pixels, Some(profile(b"RGB ")));
        for format in FORMATS {
            let bytes = processed(&source, Operation::FitWidth(30), format).unwrap();
            let (pixels, found) = decoded(&bytes);
            assert_eq!(found, Some(profile(b"RGB ")), "{format:?}");
            assert_eq!(corners(&pixels), "rgbw");
        }
    }
    let source = png(&gray, Some(profile(b"GRAY")));
    for (format, expected) in [(OutputFormat::Png, Some(profile(b"GRAY"))), (OutputFormat::Webp(80), None)] {
        assert_eq!(decoded(&processed(&source, Operation::FitWidth(30), format).unwrap()).1, expected);
    }
    // As of a photograph for a printer, whose pixels are red, green and blue when they are decoded.
    let source = jpeg(&color, Some(profile(b"CMYK")), None);
    assert_eq!(decoded(&processed(&source, Operation::FitWidth(30), OutputFormat::Png).unwrap()).1, None);
    for unusable in [Vec::new(), vec![7; 12]] {
        let source = jpeg(&color, Some(unusable), None);
        assert!(processed(&source, Operation::FitWidth(30), OutputFormat::Webp(80)).is_ok());
    }
}

#[test]
fn transparency_is_kept_or_becomes_white() {
    let mut pixels = RgbaImage::from_pixel(40, 40, Rgba([255, 0, 0, 255]));
    for (x, _, pixel) in pixels.enumerate_pixels_mut() {
        if x < 20 {
            *pixel = Rgba([0, 0, 0, 0]);
        }
    }
    let source = png(&pixels.into(), None);
    for (format, expected) in [(OutputFormat::Png, 0), (OutputFormat::WebpLossless, 0), (OutputFormat::Jpeg(90), 255)] {
        let (pixels, _) = decoded(&processed(&source, Operation::FitWidth(20), format).unwrap());
        assert_eq!(pixels.get_pixel(2, 2).0[3], expected, "{format:?}");
        assert!(pixels.get_pixel(15, 2).0[0] > 250, "{format:?}");
    }
    let (pixels, _) = decoded(&processed(&source, Operation::FitWidth(20), OutputFormat::Jpeg(90)).unwrap());
    assert_eq!(color(&pixels, 2, 2), 'w');
    // What is transparent has no colour that could show at an edge.
    let (pixels, _) = decoded(&processed(&source, Operation::FitWidth(15), OutputFormat::Png).unwrap());
    let visible = pixels.pixels().filter(|(.., Rgba(it))| it[3] > 32);
    visible.for_each(|(x, y, Rgba([red, ..]))| assert!(red > 250, "{x} {y} {red}"));
}

#[test]
fn every_kind_of_pixel_can_be_written() {
    let color: DynamicImage = quarters(30, 20).into();
    let all: [DynamicImage; 8] = [
        color.to_luma8().into(),
        color.to_luma_alpha8().into(),
        color.to_rgb8().into(),
        color.to_rgba8().into(),
        color.to_luma16().into(),
        color.to_luma_alpha16().into(),
        color.to_rgb16().into(),
        color.to_rgba16().into(),
    ];
    for pixels in all {
        let source = png(&pixels, None);
        for format in FORMATS {
            let found = processed(&source, Operation::FitWidth(15), format);
            assert!(found.is_ok(), "{:?} {format:?} {found:?}", pixels.color());
        }
    }
    assert_eq!(color.color(), ColorType::Rgb8);
    for (format, kind) in [
        (ImageFormat::Gif, ImageKind::Gif),
        (ImageFormat::WebP, ImageKind::Webp),
        (ImageFormat::Bmp, ImageKind::Bmp),
        (ImageFormat::Ico, ImageKind::Ico),
    ] {
        let mut source = Cursor::new(Vec::new());
        color.to_rgba8().write_to(&mut source, format).unwrap();
        let bytes = processed(source.get_ref(), Operation::FitWidth(20), OutputFormat::Png).unwrap();
        assert_eq!(corners(&decoded(&bytes).0), "rgbw", "{kind:?}");
    }
    let pnm = [&b"P6\n30 20\n255\n"[..], color.as_bytes()].concat();
    let bytes = processed(&pnm, Operation::FitWidth(20), OutputFormat::Png).unwrap();
    assert_eq!(corners(&decoded(&bytes).0), "rgbw");
}

#[test]
fn damaged_files_are_errors() {
    let whole = png(&quarters(60, 40).into(), None);
    let image = request(&whole, Operation::FitWidth(30), OutputFormat::Png);
    let cut = &whole[..whole.len() / 2];
    assert!(process(cut, &image).is_err() && check(cut).is_err());
    assert!(check(&whole).is_ok());
    // One that says that it is larger than memory.
    let mut bomb = whole.clone();
    bomb[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
    assert!(process(&bomb, &image).is_err());
    // Any byte may be wrong.
    let photograph = jpeg(&quarters(24, 16).into(), Some(profile(b"RGB ")), Some(exif(6)));
    for source in [png(&quarters(9, 7).into(), None), photograph] {
        for at in 0..source.len().min(300) {
            let mut changed = source.clone();
            changed[at] ^= 0x55;
            let _ = process(&changed, &image);
            let _ = process(&source[..at], &image);
        }
    }
}

#[cfg(feature = "avif")]
#[test]
fn avif_keeps_the_size_and_the_colors() {
    let source = png(&quarters(60, 40).into(), None);
    let bytes = processed(&source, Operation::FitWidth(30), OutputFormat::Avif(60, 10)).unwrap();
    let header = ImageHeader::read(Cursor::new(&bytes)).unwrap();
    assert_eq!((header.kind, header.width, header.height), (ImageKind::Avif, 30, 20));
}
