//! Code blocks.

use giallo::{PLAIN_GRAMMAR_NAME, ParsedFence, parse_markdown_fence};

use super::writer::{Writer, push_attribute};

/// The largest first line number. Counting on from a larger one could overflow.
const MAX_LINE_NUMBER: isize = 1_000_000_000;

/// Parses the info string of a code block: the language and options, separated by commas.
///
/// `rust,linenos,linenostart=10,hl_lines=1-3 5,hide_lines=2,name=main.rs`
pub(super) fn parse_info(info: &str) -> ParsedFence {
    let mut fence = parse_markdown_fence(info);
    fence.lang = language(info).unwrap_or(PLAIN_GRAMMAR_NAME).to_owned();
    let start = &mut fence.options.line_number_start;
    *start = (*start).clamp(-MAX_LINE_NUMBER, MAX_LINE_NUMBER);
    // The renderer writes these into attributes without escaping them.
    for value in fence.rest.values_mut() {
        let mut escaped = String::with_capacity(value.len());
        push_attribute(&mut escaped, value);
        *value = escaped;
    }
    fence
}

/// Returns the language in the info string of a code block.
///
/// It is the first word that is no option. Some authors add words for other tools behind it.
pub(super) fn language(info: &str) -> Option<&str> {
    const OPTIONS: [&str; 4] = ["linenos", "linenostart", "hl_lines", "hide_lines"];
    let mut parts = info.split(',').map(str::trim);
    let part = parts.find(|part| !part.is_empty() && !part.contains('=') && !OPTIONS.contains(part))?;
    part.split_whitespace().next().filter(|language| *language != PLAIN_GRAMMAR_NAME)
}

/// Opens a code block without colours.
pub(super) fn start_plain(writer: &mut Writer, info: &str) {
    writer.fresh_line();
    writer.start_scrollable("pre");
    writer.out.push_str("><code");
    if let Some(language) = language(info) {
        writer.out.push_str(" data-lang=\"");
        push_attribute(&mut writer.out, language);
        writer.out.push('"');
    }
    writer.out.push('>');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_first_word_that_is_no_option() {
        for (info, expected) in [
            ("rust", Some("rust")),
            (" rust , linenos", Some("rust")),
            ("linenos,rust", Some("rust")),
            ("js {1,3}", Some("js")),
            ("rust ignore", Some("rust")),
            ("name=x.rs", None),
            ("linenos", None),
            ("plain", None),
            ("", None),
            (",,", None),
        ] {
            assert_eq!(language(info), expected, "{info}");
        }
    }

    #[test]
    fn options_of_a_code_block() {
        let fence = parse_info("rust,linenos,linenostart=10,hl_lines=1-3 5,hide_lines=9 7-2,name=a\"b,copy=true");
        assert_eq!(fence.lang, "rust");
        assert!(fence.options.show_line_numbers);
        assert_eq!(fence.options.line_number_start, 10);
        assert_eq!(fence.options.highlight_lines, [1..=3, 5..=5]);
        assert_eq!(fence.options.hide_lines, [9..=9, 2..=7]);
        let rest: Vec<_> = fence.rest.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(rest, [("copy", "true"), ("name", "a&quot;b")]);
    }

    #[test]
    fn line_numbers_stay_countable() {
        assert_eq!(parse_info("a,linenostart=9223372036854775807").options.line_number_start, MAX_LINE_NUMBER);
        assert_eq!(parse_info("a,linenostart=-9223372036854775808").options.line_number_start, -MAX_LINE_NUMBER);
    }
}
