//! Where the inbox takes Webmentions.

use super::url::split_origin;

/// The path at the inbox.
pub const PATH: &str = "/-/webmention";

/// The address for Webmentions at the inbox that the reply form posts to.
pub(super) fn endpoint(form: &str) -> String {
    let origin = if form.starts_with('/') { "" } else { split_origin(form).0 };
    format!("{}{PATH}", origin.split(['?', '#']).next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_on_the_host_of_the_form() {
        for (form, address) in [
            ("/-/comments", PATH),
            ("/", PATH),
            ("https://talk.example/reply?x=1", "https://talk.example/-/webmention"),
            ("https://talk.example:8443", "https://talk.example:8443/-/webmention"),
            ("https://talk.example?x=/y/z", "https://talk.example/-/webmention"),
        ] {
            assert_eq!(endpoint(form), address, "{form}");
        }
    }
}
