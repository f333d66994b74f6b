//! The size of an SVG: the attributes of its root element.

use std::io::BufRead;

use quick_xml::events::attributes::Attribute;
use quick_xml::{Reader, events::Event};

use super::HeaderError;
use super::ImageKind::Svg;

/// So many bytes are read before the root element. What stands there are comments and declarations.
const LONGEST_PROLOGUE: u64 = 1 << 18;

/// Whether a file that begins so may be XML.
pub fn may_be(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    start.trim_ascii_start().first() == Some(&b'<')
}

/// The width and height of an SVG in pixels, as a browser shows it on its own.
pub fn size(file: impl BufRead) -> Result<(u32, u32), HeaderError> {
    let mut reader = Reader::from_reader(file.take(LONGEST_PROLOGUE));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(root) | Event::Empty(root)) => {
                if root.local_name().as_ref() != b"svg" {
                    return Err(HeaderError::UnknownFormat);
                }
                let (mut width, mut height, mut view_box) = (None, None, None);
                for Attribute { key, value } in root.attributes().with_checks(false).flatten() {
                    let value = String::from_utf8_lossy(&value);
                    match key.as_ref() {
                        b"width" => width = length(&value),
                        b"height" => height = length(&value),
                        b"viewBox" => view_box = sides(&value),
                        _ => {}
                    }
                }
                return of_attributes(width, height, view_box);
            }
            Ok(Event::Eof) | Err(_) => return Err(HeaderError::Damaged(Svg)),
            // Text stands in no prologue, but in other files that begin with `<`.
            Ok(Event::Text(text)) if !text.trim_ascii().is_empty() => return Err(HeaderError::UnknownFormat),
            Ok(_) => {}
        }
    }
}

fn of_attributes(
    width: Option<f64>,
    height: Option<f64>,
    view_box: Option<(f64, f64)>,
) -> Result<(u32, u32), HeaderError> {
    let (width, height) = match (width, height, view_box) {
        (Some(width), Some(height), _) => (width, height),
        // A side that is not named follows from the other.
        (Some(width), None, Some((w, h))) => (width, width * h / w),
        (None, Some(height), Some((w, h))) => (height * w / h, height),
        (None, None, Some(sides)) => sides,
        _ => return Err(HeaderError::UnknownSize),
    };
    let side = |length: f64| match length.round() {
        rounded if rounded >= 1.0 && rounded <= f64::from(u32::MAX) => Ok(rounded as u32),
        rounded if length > 0.0 && rounded < 1.0 => Ok(1),
        _ => Err(HeaderError::NoSize),
    };
    Ok((side(width)?, side(height)?))
}

/// A length in pixels; none if it depends on where the image stands, as a percentage does.
fn length(text: &str) -> Option<f64> {
    let text = text.trim();
    // `e` may be part of the number or of `em`.
    let unit = text.trim_start_matches(|c: char| matches!(c, '0'..='9' | '.' | '+' | '-'));
    let (number, unit) = match unit.strip_prefix(['e', 'E']) {
        Some(exponent) if exponent.starts_with(|c: char| matches!(c, '0'..='9' | '+' | '-')) => {
            let unit = exponent.trim_start_matches(|c: char| matches!(c, '0'..='9' | '+' | '-'));
            (&text[..text.len() - unit.len()], unit)
        }
        _ => (&text[..text.len() - unit.len()], unit),
    };
    // Of CSS, absolute lengths.
    let pixels = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "px" => 1.0,
        "in" => 96.0,
        "cm" => 96.0 / 2.54,
        "mm" => 96.0 / 25.4,
        "q" => 96.0 / 101.6,
        "pt" => 96.0 / 72.0,
        "pc" => 16.0,
        // What browsers take where there is no other font size.
        "em" | "rem" => 16.0,
        "ex" => 8.0,
        _ => return None,
    };
    number.parse().ok().map(|number: f64| number * pixels).filter(|length| length.is_finite())
}

/// The width and height of a `viewBox`.
fn sides(text: &str) -> Option<(f64, f64)> {
    let numbers: Result<Vec<f64>, _> = text
        .split(|c: char| c.is_ascii_whitespace() || c == ',')
        .filter(|part| !part.is_empty())
        .map(str::parse)
        .collect();
    match numbers.ok()?[..] {
        [_, _, width, height] if width > 0.0 && height > 0.0 => Some((width, height)),
        _ => None,
    }
}
