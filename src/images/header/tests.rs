use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageEncoder, ImageFormat};

use super::*;

fn header(bytes: &[u8]) -> Result<ImageHeader, HeaderError> {
    ImageHeader::read(Cursor::new(bytes))
}

fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::new_rgba8(width, height).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The header of a PNM file.
const PNM: &[u8] = b"P6\n# a comment\n30 20\n255\n";

/// Exif data with an orientation, a description and a date.
fn exif(orientation: u8) -> Vec<u8> {
    let mut exif = b"MM\0\x2a\0\0\0\x08\0\x02".to_vec();
    exif.extend(b"\x01\x0e\0\x02\0\0\0\x04Tea\0");
    exif.extend(b"\x01\x12\0\x03\0\0\0\x01\0");
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    exif
}

fn jpeg(width: u32, height: u32, exif: Option<Vec<u8>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new(&mut bytes);
    if let Some(exif) = exif {
        encoder.set_exif_metadata(exif).unwrap();
    }
    encoder.encode_image(&DynamicImage::new_rgb8(width, height)).unwrap();
    bytes
}

/// A box of ISO's container format (ISO/IEC 14496-12, 4.2).
fn iso_box(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len() + 8).unwrap();
    [&length.to_be_bytes(), &name[..], content].concat()
}

fn avif(width: u32, height: u32) -> Vec<u8> {
    let size = [&[0; 4][..], &width.to_be_bytes(), &height.to_be_bytes()].concat();
    let properties = iso_box(b"iprp", &iso_box(b"ipco", &iso_box(b"ispe", &size)));
    let meta = iso_box(b"meta", &[&[0; 4][..], &properties].concat());
    [iso_box(b"ftyp", b"avif\0\0\0\0avifmif1"), meta, iso_box(b"mdat", &[0; 9])].concat()
}

#[test]
fn the_size_of_every_format_is_known() {
    for (format, kind) in [
        (ImageFormat::Png, ImageKind::Png),
        (ImageFormat::Gif, ImageKind::Gif),
        (ImageFormat::WebP, ImageKind::Webp),
        (ImageFormat::Bmp, ImageKind::Bmp),
        (ImageFormat::Ico, ImageKind::Ico),
    ] {
        let header = header(&encoded(30, 20, format)).unwrap();
        assert_eq!((header.kind, header.width, header.height, header.orientation), (kind, 30, 20, 1));
    }
    let tiff = b"II*\0\x08\0\0\0\x02\0\0\x01\x03\0\x01\0\0\0\x1e\0\0\0\x01\x01\x03\0\x01\0\0\0\x14\0\0\0\0\0\0\0";
    for (bytes, kind) in [
        (avif(30, 20), ImageKind::Avif),
        (b"qoif\0\0\0\x1e\0\0\0\x14\x04\0".to_vec(), ImageKind::Qoi),
        (tiff.to_vec(), ImageKind::Tiff),
        (PNM.to_vec(), ImageKind::Pnm),
    ] {
        let header = header(&bytes).unwrap();
        assert_eq!((header.kind, header.width, header.height), (kind, 30, 20));
    }
}

#[test]
fn exif_data_turns_a_photograph() {
    for (orientation, expected) in [(1, (30, 20)), (3, (30, 20)), (4, (30, 20)), (5, (20, 30)), (8, (20, 30))] {
        let header = header(&jpeg(30, 20, Some(exif(orientation)))).unwrap();
        assert_eq!((header.width, header.height), expected, "{orientation}");
        assert_eq!(header.description.as_deref(), Some("Tea"));
    }
    for unusable in [exif(0), exif(9), exif(6)[..9].to_vec(), vec![0; 60]] {
        let header = header(&jpeg(30, 20, Some(unusable))).unwrap();
        assert_eq!((header.width, header.height, header.orientation), (30, 20, 1));
    }
    // In PNG and WebP the data is a chunk of its own.
    let mut png = encoded(30, 20, ImageFormat::Png);
    let end = png.len() - 12;
    let chunk = [&26_u32.to_be_bytes()[..], b"eXIf", &exif(6)[..26], &[0; 4]].concat();
    assert_eq!(header(&png).unwrap().orientation, 1);
    png.splice(end..end, chunk);
    // Cut off within the second entry, it says nothing.
    assert_eq!(header(&png).unwrap().orientation, 1);
    let chunk = [&(exif(6).len() as u32).to_be_bytes()[..], b"eXIf", &exif(6), &[0; 4]].concat();
    png.splice(end..end, chunk);
    assert_eq!((header(&png).unwrap().width, header(&png).unwrap().orientation), (20, 6));
    let chunks = [
        &b"VP8X\x0a\0\0\0\x0a\0\0\0\x1d\0\0\x13\0\0"[..],
        b"ANIM\x06\0\0\0\0\0\0\0\0\0",
        b"EXIF",
        &(exif(6).len() as u32).to_le_bytes(),
        &exif(6),
    ];
    let webp = [&b"RIFF\0\0\0\0WEBP"[..], &chunks.concat()].concat();
    let header = header(&webp).unwrap();
    assert_eq!((header.width, header.height, header.is_animated), (20, 30, true));
}

#[test]
fn the_size_of_an_svg_is_that_of_its_root() {
    for (svg, expected) in [
        (r#"<svg width="30" height="20"/>"#, Some((30, 20))),
        (r#"<svg width="30.4px" height=" 20.5 "></svg>"#, Some((30, 21))),
        (r#"<svg viewBox="0 0 300 200"/>"#, Some((300, 200))),
        (r#"<svg viewBox="-1,-1, 3e2 ,200.2"/>"#, Some((300, 200))),
        (r#"<svg width="60" viewBox="0 0 300 200"/>"#, Some((60, 40))),
        (r#"<svg height="40" width="100%" viewBox="0 0 300 200"/>"#, Some((60, 40))),
        (r#"<svg width="1in" height="25.4mm"/>"#, Some((96, 96))),
        (r#"<svg width="2em" height="1e2"/>"#, Some((32, 100))),
        (
            "\u{feff}\n<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY a 'b'>]><!-- <svg width='1'> --><s:svg xmlns:s='x' width='3' height='2'/>",
            Some((3, 2)),
        ),
        (r#"<svg width="100%" height="100%"/>"#, None),
        (r#"<svg/>"#, None),
        (r#"<svg width="0" height="5"/>"#, None),
        (r#"<svg width="-4" height="5"/>"#, None),
        (r#"<svg width="1e99" height="5"/>"#, None),
        (r#"<svg viewBox="0 0 0 10"/>"#, None),
        (r#"<svg viewBox="0 0 nan 10"/>"#, None),
        ("<svg width=", None),
        ("<!-- ", None),
        ("<html><body></body></html>", None),
        ("<p>", None),
    ] {
        let found = header(svg.as_bytes()).map(|header| (header.width, header.height));
        assert_eq!(found.ok(), expected, "{svg}");
    }
}

#[test]
fn what_is_no_image_is_an_error() {
    for (bytes, expected) in [
        (&b""[..], "the file is empty"),
        (b"+++\ntitle = \"Tea\"\n+++\n", "it is no image that Causerie knows"),
        (b"\0", "it is no image that Causerie knows"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0", "the header of this PNG file is damaged or cut off"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "the header of this JPG file is damaged or cut off"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "the header of this WEBP file is damaged or cut off"),
        (b"\0\0\0\x14ftypavif\0\0\0\0avif\0\0\0\0meta", "the header of this AVIF file is damaged or cut off"),
        (b"GIF89a\0\0\x05\0", "its width or height is 0"),
        (b"<svg/>", "the SVG has neither `width` and `height`"),
    ] {
        let error = header(bytes).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_file_that_was_cut_off_or_changed_anywhere_does_no_harm() {
    let files = [
        jpeg(30, 20, Some(exif(6))),
        encoded(30, 20, ImageFormat::Png),
        encoded(30, 20, ImageFormat::WebP),
        b"II*\0\x08\0\0\0\x02\0\0\x01\x03\0\x01\0\0\0\x1e\0\0\0\x01\x01\x03\0\x01\0\0\0\x14\0\0\0\0\0\0\0".to_vec(),
        encoded(30, 20, ImageFormat::Ico),
        PNM.to_vec(),
        encoded(30, 20, ImageFormat::Bmp),
        avif(30, 20),
        br#"<?xml version="1.0"?><svg width="30" height="20"/>"#.to_vec(),
    ];
    for file in files {
        let within = file.len().min(200);
        for end in 0..within {
            let _ = header(&file[..end]);
            for byte in [0, 1, 0x7f, 0x80, 0xff] {
                let mut changed = file.clone();
                changed[end] = byte;
                let _ = header(&changed);
            }
        }
    }
}
