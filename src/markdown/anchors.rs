//! What a `#anchor` can name in raw HTML.

/// Calls `found` with the value of each `id`, and of each `name` of an `a`, in some HTML.
///
/// A reader of tags, not of documents: what it takes for a tag inside of a script does no harm here.
pub(super) fn collect(html: &str, mut found: impl FnMut(&str)) {
    let mut rest = html;
    while let Some(at) = memchr::memchr(b'<', rest.as_bytes()) {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            match memchr::memmem::find(comment.as_bytes(), b"-->") {
                Some(end) => rest = &comment[end..],
                None => return,
            }
        } else if rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            rest = tag(rest, &mut found);
        }
    }
}

/// Reads one tag, from its name on; gives back what follows it.
fn tag<'a>(html: &'a str, found: &mut impl FnMut(&str)) -> &'a str {
    let (element, mut rest) = split(html, |c| c.is_ascii_whitespace() || matches!(c, '/' | '>'));
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            return rest;
        }
        // An attribute's name may begin with an equals sign, but not be empty.
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let (_, after) = split(&rest[first..], |c| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '='));
        let name = &rest[..rest.len() - after.len()];
        rest = after;
        let Some(value) = rest.trim_start().strip_prefix('=') else { continue };
        let value = value.trim_start();
        let (value, after) = match value.as_bytes().first() {
            Some(&quote @ (b'"' | b'\'')) => match memchr::memchr(quote, &value.as_bytes()[1..]) {
                Some(end) => (&value[1..=end], &value[end + 2..]),
                None => return "",
            },
            _ => split(value, |c| c.is_ascii_whitespace() || c == '>'),
        };
        rest = after;
        let is_anchor =
            name.eq_ignore_ascii_case("id") || name.eq_ignore_ascii_case("name") && element.eq_ignore_ascii_case("a");
        if is_anchor && !value.is_empty() {
            found(value);
        }
    }
}

/// Splits before the first character that ends something; at the end where there is none.
fn split(text: &str, ends: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
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
            ("<p ==x id=h é=1 id=i", vec!["h", "i"]),
            ("<", vec![]),
        ] {
            assert_eq!(anchors(html), expected, "{html}");
        }
    }
}
