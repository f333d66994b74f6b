//! Images: what is known of them, and images made of them.

use serde::Serialize;
use tera::{Error, Kwargs, State, TeraResult, Value};

use super::files::{find_file, missing_file_error};
use crate::images::{self, Operation, OutputFormat, ProcessedImage};
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

#[cfg(test)]
mod tests;
