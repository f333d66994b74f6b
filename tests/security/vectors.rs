//! The corpus of known attacks.

use std::path::Path;

/// Every vector of `xss-vectors.txt`, which explains how it is written.
pub fn vectors() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/security/xss-vectors.txt");
    let corpus = std::fs::read_to_string(path).expect("the corpus can be read");
    let lines = corpus.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(decode).collect()
}

fn decode(line: &str) -> String {
    let mut vector = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\\') {
        vector.push_str(before);
        let mut escape = after.chars();
        vector.push(match escape.next() {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some(c @ ('\\' | '#')) => c,
            Some('u') => {
                let (number, after) = after
                    .strip_prefix("u{")
                    .and_then(|number| number.split_once('}'))
                    .unwrap_or_else(|| panic!("\\u without a number: {line}"));
                escape = after.chars();
                let number = u32::from_str_radix(number, 16).ok().and_then(char::from_u32);
                number.unwrap_or_else(|| panic!("\\u without a character's number: {line}"))
            }
            _ => panic!("a backslash that begins nothing: {line}"),
        });
        rest = escape.as_str();
    }
    vector + rest
}
