//! Emoji by their short names, as on GitHub.

use std::borrow::Cow;

/// Replaces `:smile:` and the like in a text. Unknown names stay as they are.
pub(super) fn replace(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    let mut colons = memchr::memchr_iter(b':', text.as_bytes());
    let Some(mut open) = colons.next() else { return Cow::Borrowed(text) };
    for close in colons {
        match emojis::get_by_shortcode(&text[open + 1..close]) {
            Some(emoji) if open >= copied => {
                out.push_str(&text[copied..open]);
                out.push_str(emoji.as_str());
                copied = close + 1;
            }
            _ => {}
        }
        open = close;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_become_emoji() {
        for (text, expected) in [
            ("Hello :smile:!", "Hello 😄!"),
            (":+1::-1:", "👍👎"),
            (":heart_eyes_cat:", "😻"),
            // A colon that closes one name does not open the next.
            (":smile:smile:", "😄smile:"),
            ("10:30:smile:", "10:30😄"),
            (":nobody_knows: ::", ":nobody_knows: ::"),
            ("a: b", "a: b"),
            ("", ""),
        ] {
            assert_eq!(replace(text), expected, "{text}");
        }
    }
}
