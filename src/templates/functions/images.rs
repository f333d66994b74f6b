//! Image functions, which this version does not implement. They are registered, so that a theme that uses them gets a
//! clear error.

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

#[cfg(test)]
mod tests {
    use crate::templates::testing::blog;

    #[test]
    fn images_are_an_error_in_a_sentence() {
        for (call, expected) in [
            ("resize_image(path='a.png', width=10)", "this version of Causerie does not resize images"),
            ("get_image_metadata(path='a.png')", "this version of Causerie does not look into images"),
        ] {
            let error = blog().render(&format!("{{{{ {call} }}}}")).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
