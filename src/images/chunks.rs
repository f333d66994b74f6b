//! The chunks of an image file in which its metadata lies, found by seeking over its pixels.

use std::io::{self, Read, Seek, SeekFrom};

use super::ImageKind;

/// What the chunks of a file hold beside its pixels.
#[derive(Debug, Default)]
pub struct Chunks {
    /// Exif data, as in a TIFF file.
    pub exif: Option<Vec<u8>>,
    /// Whether the file shows several pictures one after the other.
    pub is_animated: bool,
}

/// So many chunks are looked at. A photograph has a few dozen; a file that consists of headers must not keep a build busy.
const MOST_CHUNKS: usize = 10_000;

/// The largest Exif data that is read, in bytes. A JPEG file cannot hold more than 64 KiB.
const LARGEST_EXIF: u32 = 1 << 20;

/// Finds the chunks of a file. A file that ends too early has those that were found until then.
pub fn read(kind: ImageKind, file: &mut (impl Read + Seek)) -> Chunks {
    let mut chunks = Chunks::default();
    // Where a header is damaged the decoder reports it; the size is known already.
    let _ = match kind {
        ImageKind::Jpeg => read_jpeg(file, &mut chunks),
        ImageKind::Png => read_png(file, &mut chunks),
        ImageKind::Webp => read_webp(file, &mut chunks),
        // That it has one picture only would be seen at its end.
        ImageKind::Gif => {
            chunks.is_animated = true;
            Ok(())
        }
        _ => Ok(()),
    };
    chunks
}

/// The segments of a JPEG file up to its pixels (ITU T.81, B.1.1).
fn read_jpeg(file: &mut (impl Read + Seek), chunks: &mut Chunks) -> io::Result<()> {
    const START_OF_SCAN: u8 = 0xda;
    const END_OF_IMAGE: u8 = 0xd9;
    const APP1: u8 = 0xe1;
    const EXIF: &[u8] = b"Exif\0\0";
    file.seek(SeekFrom::Start(2))?;
    for _ in 0..MOST_CHUNKS {
        let [_, mut marker] = bytes(file)?;
        // Any number of fill bytes may stand before a marker.
        while marker == 0xff {
            [marker] = bytes(file)?;
        }
        if matches!(marker, START_OF_SCAN | END_OF_IMAGE) {
            break;
        }
        let length = u32::from(u16::from_be_bytes(bytes(file)?)).saturating_sub(2);
        if marker == APP1 && chunks.exif.is_none() {
            let segment = payload(file, length)?;
            chunks.exif = segment.strip_prefix(EXIF).map(<[u8]>::to_vec);
        } else {
            file.seek_relative(length.into())?;
        }
    }
    Ok(())
}

/// The chunks of a PNG file (PNG 3, 5.3). Exif data may stand behind the pixels.
fn read_png(file: &mut (impl Read + Seek), chunks: &mut Chunks) -> io::Result<()> {
    file.seek(SeekFrom::Start(8))?;
    for _ in 0..MOST_CHUNKS {
        let length = u32::from_be_bytes(bytes(file)?);
        match &bytes(file)? {
            b"eXIf" if length <= LARGEST_EXIF && chunks.exif.is_none() => {
                chunks.exif = Some(payload(file, length)?);
                file.seek_relative(4)?;
                continue;
            }
            b"acTL" => chunks.is_animated = true,
            b"IEND" => break,
            _ => {}
        }
        file.seek_relative(i64::from(length) + 4)?;
    }
    Ok(())
}

/// The chunks of a WebP file (RFC 9649, 2.7). Only a file that begins with `VP8X` has more than pixels.
fn read_webp(file: &mut (impl Read + Seek), chunks: &mut Chunks) -> io::Result<()> {
    const HAS_ANIMATION: u8 = 0x02;
    file.seek(SeekFrom::Start(12))?;
    for number in 0..MOST_CHUNKS {
        let name: [u8; 4] = bytes(file)?;
        let length = u32::from_le_bytes(bytes(file)?);
        // Chunks have an even length.
        let padded = i64::from(length) + i64::from(length & 1);
        match &name {
            b"VP8X" => {
                let [flags] = bytes(file)?;
                chunks.is_animated = flags & HAS_ANIMATION != 0;
                file.seek_relative(padded - 1)?;
            }
            _ if number == 0 => break,
            b"EXIF" if length <= LARGEST_EXIF => {
                let exif = payload(file, length)?;
                chunks.exif = Some(exif.strip_prefix(b"Exif\0\0").map_or(exif.clone(), <[u8]>::to_vec));
                break;
            }
            _ => file.seek_relative(padded)?,
        }
    }
    Ok(())
}

fn bytes<const N: usize>(file: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Some bytes, as many as there are of `length`.
fn payload(file: &mut impl Read, length: u32) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(length.into()).read_to_end(&mut bytes)?;
    Ok(bytes)
}
