//! Images, which this version leaves as they are. The functions are known, so that a theme that uses them is told so
//! in a sentence where it does.

use tera::{Error, Kwargs, State, TeraResult, Value};

/// `resize_image(…)`
pub(super) fn resize_image(_: Kwargs, _: &State) -> TeraResult<Value> {
    Err(Error::message(
        "this version of Causerie does not resize images; link to the image itself with `get_url(path=…)`",
    ))
}

/// `get_image_metadata(…)`
pub(super) fn get_image_metadata(_: Kwargs, _: &State) -> TeraResult<Value> {
    Err(Error::message(
        "this version of Causerie does not look into images; write the width and height where they are needed",
    ))
}
