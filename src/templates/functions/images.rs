//! Images: what is known of them, and images made of them.

use serde::Serialize;
use tera::{Error, Kwargs, State, TeraResult, Value};

use super::files::{find_file, missing_file_error};
use crate::images::{self, CARD_HEIGHT, CARD_WIDTH, Card, Colour, Operation, OutputFormat, ProcessedImage};
use crate::templates::Reader;
use crate::templates::dependencies::Dependency;

/// What templates see of an image.
#[derive(Serialize)]
struct ImageMetadata<'a> {
    width: u32,
    height: u32,
    format: &'static str,
    mime: &'static str,
    description: Option<&'a str>,
    created: Option<&'a str>,
}

/// `get_image_metadata(path, allow_missing?)`: the size and format of an image, and what Exif data says of it.
pub(super) fn get_image_metadata(kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    let reader = Reader::current()?;
    let path = kwargs.must_get::<&str>("path")?;
    let Some(file) = find_file(&reader, path)? else {
        return match kwargs.get("allow_missing")?.unwrap_or(false) {
            true => Ok(Value::none()),
            false => Err(missing_file_error(&reader.library, path)),
        };
    };
    let header = reader.library.image_header(&file)?;
    Ok(Value::from_serializable(&ImageMetadata {
        width: header.width,
        height: header.height,
        format: header.kind.extension(),
        mime: header.kind.mime(),
        description: header.description.as_deref(),
        created: header.created.as_deref(),
    }))
}

/// What templates see of an image that is made of another.
#[derive(Serialize)]
struct ResizedImage {
    url: String,
    static_path: String,
    width: u32,
    height: u32,
    orig_width: u32,
    orig_height: u32,
}

/// `resize_image(path, width?, height?, op?, format?, quality?, speed?, optional?)`: the address and size of an image that is
/// made of another. It is made when the site is written. With `optional`, none where no image can be made: of a missing file,
/// a drawing, or by a program without image processing.
pub(super) fn resize_image(kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    let reader = Reader::current()?;
    let is_optional = kwargs.get("optional")?.unwrap_or(false);
    if let Some(reason) = images::UNAVAILABLE {
        return if is_optional { Ok(Value::none()) } else { Err(Error::message(reason)) };
    }
    let path = kwargs.must_get::<&str>("path")?;
    let operation = kwargs.get::<&str>("op")?.unwrap_or("fill");
    let operation = Operation::new(operation, kwargs.get("width")?, kwargs.get("height")?).map_err(Error::message)?;
    let library = &reader.library;
    let file = match find_file(&reader, path)? {
        Some(file) => file,
        None if is_optional => return Ok(Value::none()),
        None => return Err(missing_file_error(library, path)),
    };
    let header = library.image_header(&file)?;
    if is_optional && !header.kind.can_be_decoded() {
        return Ok(Value::none());
    }
    let format = kwargs.get::<&str>("format")?.unwrap_or("auto");
    let format = OutputFormat::new(format, header.kind, kwargs.get("quality")?, kwargs.get("speed")?);
    let content = library.content_fingerprint_of_file(&file)?;
    let image = ProcessedImage::new(&file, content, &header, operation, format.map_err(Error::message)?);
    let image = image.map_err(Error::message)?;
    let (width, height) = (image.width, image.height);
    reader.record(Dependency::Config);
    let path = reader.request_image(image);
    Ok(Value::from_serializable(&ResizedImage {
        url: library.site.config.address(&path),
        static_path: format!("static/{path}"),
        width,
        height,
        orig_width: header.width,
        orig_height: header.height,
    }))
}

/// What templates see of a social card.
#[derive(Serialize)]
struct SocialCard {
    url: String,
    width: u32,
    height: u32,
}

/// `social_card(title, site?, author?, background?, color?, accent?)`: the address and size of a picture with these texts, for
/// the previews of other programs. It is drawn when the site is written. None if the typeface lacks letters of a text, or the
/// program draws no cards.
pub(super) fn social_card(kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    let reader = Reader::current()?;
    let text = |key: &'static str| Ok::<_, Error>(kwargs.get::<&str>(key)?.unwrap_or_default());
    let colour = |key: &str, default: [u8; 3]| match kwargs.get::<&str>(key)? {
        None => Ok(Colour(default)),
        Some(written) => Colour::parse(written)
            .ok_or_else(|| Error::message(format!("`{written}` is no colour for `{key}`: write it as in \"#0b6e4f\""))),
    };
    let colours =
        [colour("background", [255; 3])?, colour("color", [0x22, 0x20, 0x1c])?, colour("accent", [0x8a, 0x3b, 0x12])?];
    let Some(card) = Card::new(kwargs.must_get("title")?, text("site")?, text("author")?, colours) else {
        return Ok(Value::none());
    };
    reader.record(Dependency::Config);
    let url = reader.library.site.config.address(&reader.request_image(card));
    Ok(Value::from_serializable(&SocialCard { url, width: CARD_WIDTH, height: CARD_HEIGHT }))
}

#[cfg(test)]
mod tests;
