//! What a `#anchor` can name in raw HTML.

use super::html::{Token, Tokens, attributes};

/// Calls `found` with the value of each `id`, and of each `name` of an `a`, in some HTML.
pub(super) fn collect(html: &str, mut found: impl FnMut(&str)) {
    for token in Tokens::of(html) {
        let Token::Start { name: element, attributes: all, .. } = token else { continue };
        for (name, value) in attributes(all) {
            let is_anchor = name.eq_ignore_ascii_case("id") || name.eq_ignore_ascii_case("name") && element == "a";
            if is_anchor && !value.is_empty() {
                found(&value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anchors(html: &str) -> Vec<String> {
        let mut anchors = Vec::new();
        collect(html, |anchor| anchors.push(anchor.to_owned()));
        anchors
    }

    #[test]
    fn ids_and_named_anchors_are_found() {
        for (html, expected) in [
            ("<p id=\"a\">x</p><DIV class=x\n ID = 'b c'>", vec!["a", "b c"]),
            ("<br id=c/><hr hidden id=d>", vec!["c/", "d"]),
            ("<a name=e></a><input name=no>", vec!["e"]),
            ("<p title=\"<b id='no'>\" id=\"f\">", vec!["f"]),
            ("<!-- <p id=no> --><p data-id=no id=g>", vec!["g"]),
            ("1 < 2 id=no > <> </p id=no>", vec![]),
            ("<p id", vec![]),
            ("<p id=", vec![]),
            ("<p id=\"open", vec![]),
            ("<p ==x id=h é=1 id=i>", vec!["h", "i"]),
            ("<", vec![]),
        ] {
            assert_eq!(anchors(html), expected, "{html}");
        }
    }
}
