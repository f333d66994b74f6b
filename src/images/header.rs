//! The header of an image file: format, size, and what Exif data says of it.

use std::fmt;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use exif::{Exif, In, Tag};
use imagesize::{Compression, ImageType};

use super::{chunks, svg};

/// A file format of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageKind {
    /// JPEG.
    Jpeg,
    /// PNG, animated or not.
    Png,
    /// GIF.
    Gif,
    /// WebP, lossy or lossless.
    Webp,
    /// AVIF.
    Avif,
    /// HEIC, the format of some telephones.
    Heic,
    /// JPEG XL.
    Jxl,
    /// Windows bitmap.
    Bmp,
    /// Windows icon.
    Ico,
    /// TIFF.
    Tiff,
    /// Netpbm's formats.
    Pnm,
    /// QOI.
    Qoi,
    /// SVG.
    Svg,
}

impl ImageKind {
    /// The usual extension of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::Webp => "webp",
            Self::Avif => "avif",
            Self::Heic => "heic",
            Self::Jxl => "jxl",
            Self::Bmp => "bmp",
            Self::Ico => "ico",
            Self::Tiff => "tiff",
            Self::Pnm => "pbm",
            Self::Qoi => "qoi",
            Self::Svg => "svg",
        }
    }

    /// Whether its files usually leave details out.
    pub fn is_lossy(self) -> bool {
        !matches!(self, Self::Png | Self::Bmp | Self::Ico | Self::Tiff | Self::Pnm)
    }

    /// Whether an image of this format can be resized.
    pub fn can_be_decoded(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png | Self::Gif | Self::Webp | Self::Bmp | Self::Ico | Self::Pnm)
    }

    /// Its media type.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Avif => "image/avif",
            Self::Heic => "image/heic",
            Self::Jxl => "image/jxl",
            Self::Bmp => "image/bmp",
            Self::Ico => "image/x-icon",
            Self::Tiff => "image/tiff",
            Self::Pnm => "image/x-portable-anymap",
            Self::Qoi => "image/x-qoi",
            Self::Svg => "image/svg+xml",
        }
    }
}

/// What the header of an image says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageHeader {
    /// Its format.
    pub kind: ImageKind,
    /// Its width in pixels as it is shown, which is its height in the file if Exif data turns it.
    pub width: u32,
    /// Its height in pixels as it is shown.
    pub height: u32,
    /// How it is turned and mirrored to be shown: Exif's number, from 1 (as it is) to 8.
    pub orientation: u8,
    /// Whether it shows several pictures one after the other.
    pub is_animated: bool,
    /// What Exif data says that it shows.
    pub description: Option<String>,
    /// When it was taken, as Exif data says it.
    pub created: Option<String>,
}

/// Why there is no header.
#[derive(Debug)]
pub enum HeaderError {
    /// The file cannot be read.
    Unreadable(io::Error),
    /// The file is empty.
    Empty,
    /// It is no image, or one of a format that nobody shows on the web.
    UnknownFormat,
    /// It ends within its header, or its header makes no sense.
    Damaged(ImageKind),
    /// Its width or height is 0.
    NoSize,
    /// It is an SVG that names no size.
    UnknownSize,
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "it cannot be read: {error}"),
            Self::Empty => f.write_str("the file is empty"),
            Self::UnknownFormat => f.write_str(
                "it is no image that Causerie knows (those are JPEG, PNG, WebP, GIF, AVIF, SVG, JPEG XL, HEIC, TIFF, BMP, ICO, \
                 PNM and QOI)",
            ),
            Self::Damaged(kind) => {
                write!(f, "the header of this {} file is damaged or cut off", kind.extension().to_uppercase())
            }
            Self::NoSize => f.write_str("its header says that its width or height is 0"),
            Self::UnknownSize => f.write_str("the SVG has neither `width` and `height` in a fixed unit nor a `viewBox`"),
        }
    }
}

/// So many bytes tell what format a file has.
const SIGNATURE: usize = 64;

impl ImageHeader {
    /// Reads the header of an image file.
    ///
    /// # Errors
    /// It is no image, or its header is damaged.
    pub fn read(file: impl Read + Seek) -> Result<Self, HeaderError> {
        let mut file = BufReader::with_capacity(1 << 12, file);
        let mut start = Vec::with_capacity(SIGNATURE);
        file.by_ref().take(SIGNATURE as u64).read_to_end(&mut start).map_err(HeaderError::Unreadable)?;
        if start.is_empty() {
            return Err(HeaderError::Empty);
        }
        let Some((kind, format)) = recognize(&start) else {
            file.seek(SeekFrom::Start(0)).map_err(HeaderError::Unreadable)?;
            return svg(file, &start);
        };
        // The reader of WebP begins behind the signature.
        file.seek(SeekFrom::Start(12)).map_err(HeaderError::Unreadable)?;
        let size = format.reader_size(&mut file).map_err(|_| HeaderError::Damaged(kind))?;
        let side = |length: usize| u32::try_from(length).map_err(|_| HeaderError::Damaged(kind));
        let (width, height) = (side(size.width)?, side(size.height)?);
        if width == 0 || height == 0 {
            return Err(HeaderError::NoSize);
        }
        let chunks = chunks::read(kind, &mut file);
        let exif = chunks.exif.and_then(|exif| exif::Reader::new().read_raw(exif).ok());
        let orientation = exif.as_ref().and_then(orientation).unwrap_or(1);
        let (width, height) = if orientation >= 5 { (height, width) } else { (width, height) };
        let text = |tag| exif.as_ref().and_then(|exif| text(exif, tag));
        Ok(Self {
            kind,
            width,
            height,
            orientation,
            is_animated: chunks.is_animated,
            description: text(Tag::ImageDescription),
            created: text(Tag::DateTimeOriginal),
        })
    }
}

fn svg(file: impl io::BufRead, start: &[u8]) -> Result<ImageHeader, HeaderError> {
    if !svg::may_be(start) {
        return Err(HeaderError::UnknownFormat);
    }
    let (width, height) = svg::size(file)?;
    Ok(ImageHeader {
        kind: ImageKind::Svg,
        width,
        height,
        orientation: 1,
        is_animated: false,
        description: None,
        created: None,
    })
}

/// The format of a file that begins so; none if it is none of those that begin with a signature.
fn recognize(start: &[u8]) -> Option<(ImageKind, ImageType)> {
    // A file that is shorter is damaged, whatever it is.
    let mut padded = [0; SIGNATURE];
    padded[..start.len()].copy_from_slice(start);
    let format = imagesize::image_type(&padded).ok()?;
    let kind = match format {
        ImageType::Jpeg => ImageKind::Jpeg,
        ImageType::Png => ImageKind::Png,
        ImageType::Gif => ImageKind::Gif,
        ImageType::Webp => ImageKind::Webp,
        ImageType::Heif(Compression::Av1) => ImageKind::Avif,
        ImageType::Heif(Compression::Hevc) => ImageKind::Heic,
        ImageType::Jxl => ImageKind::Jxl,
        ImageType::Bmp => ImageKind::Bmp,
        ImageType::Ico => ImageKind::Ico,
        ImageType::Tiff => ImageKind::Tiff,
        ImageType::Pnm => ImageKind::Pnm,
        ImageType::Qoi => ImageKind::Qoi,
        _ => return None,
    };
    Some((kind, format))
}

/// How Exif data says that the image is turned.
fn orientation(exif: &Exif) -> Option<u8> {
    let value = exif.get_field(Tag::Orientation, In::PRIMARY)?.value.get_uint(0)?;
    u8::try_from(value).ok().filter(|value| (1..=8).contains(value))
}

fn text(exif: &Exif, tag: Tag) -> Option<String> {
    let exif::Value::Ascii(lines) = &exif.get_field(tag, In::PRIMARY)?.value else { return None };
    lines.first().map(|line| String::from_utf8_lossy(line).into_owned())
}

#[cfg(test)]
mod tests;
