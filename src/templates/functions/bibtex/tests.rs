//! Tests of the parser of BibTeX.

use super::*;

fn json(text: &str) -> String {
    let value = parse_bibtex(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    serde_json::to_string(&value).unwrap()
}

#[test]
fn a_file_becomes_a_map() {
    let text = r#"@preamble{"Notes" # " on tea"}
        @Comment{
            A {nested} comment.
        }
        Another comment!
        @string(press = "Kettle Press")
        @STRING{city = {Bath}, }
        @misc {wren:2014,
            Author = {Ada {W}ren},
            title = "Leaves, {"}and{"} cups",
            note = "By: " # press # { in } # city,
            year = 2014, month = mar,
        }
        @book(field-1, pages = "1--2")
        @article{bare}"#;
    let text = text.replace("{Bath}, }", "{Bath}}");
    assert_eq!(
        json(&text),
        concat!(
            r#"{"preambles":["Notes on tea"],"comments":["A {nested} comment.","Another comment!"],"#,
            r#""variables":{"press":"Kettle Press","city":"Bath"},"bibliographies":["#,
            r#"{"entry_type":"misc","citation_key":"wren:2014","tags":{"author":"Ada {W}ren","#,
            r#""title":"Leaves, {\"}and{\"} cups","note":"By: Kettle PressinBath","year":"2014","month":"March"}},"#,
            r#"{"entry_type":"book","citation_key":"field-1","tags":{"pages":"1--2"}},"#,
            r#"{"entry_type":"article","citation_key":"bare","tags":{}}]}"#,
        )
    );
    assert_eq!(
        json("@a{k, x = y, z = who, w = {v}} @string{y = q} @string{q = {Q}} @string{a = b} @string{b = a # a}"),
        concat!(
            r#"{"preambles":[],"comments":[],"variables":{"q":"Q","y":"Q"},"#,
            r#""bibliographies":[{"entry_type":"a","citation_key":"k","tags":{"x":"Q","w":"v"}}]}"#,
        )
    );
    let empty = r#"{"preambles":[],"comments":[],"variables":{},"bibliographies":[]}"#;
    assert_eq!([json(""), json(" \n\u{2003}")], [empty, empty]);
}

#[test]
fn mistakes_have_a_place() {
    for (text, place, expected) in [
        ("@", (1, 2), "expected the type of an entry, such as `@book`, but the text ends here"),
        ("@book", (1, 6), "expected `{`, but the text ends here"),
        ("@book{", (1, 1), "this entry has no end: a `}` is missing"),
        ("@book{a,\n  b", (2, 4), "expected `=`, but"),
        ("@book{a,\n  = 1}", (2, 3), "expected a name, found `=`"),
        ("@book{a,\n  b = }", (2, 7), "expected a value"),
        ("@book{a,\n  é = {é", (2, 7), "this `{` has no `}`"),
        ("@book{a, b = \"é", (1, 14), "this text has no closing quotation mark"),
        ("@book{a, b = \"}\"}", (1, 15), "this `}` has no `{`"),
        ("@book{a, b = 1 c = 2}", (1, 16), "expected `,` or `}`, found `c`"),
        ("@comment{", (1, 9), "this `{` has no `}`"),
        ("@comment(x)", (1, 9), "expected `{`, found `(`"),
    ] {
        let (at, message) = parse_bibtex(text).unwrap_err();
        assert_eq!(at, Some(place), "{text}: {message}");
        assert!(message.contains(expected), "{text}: {message}");
    }
}

#[test]
fn hostile_texts_are_bounded() {
    let doubling = (1..64).map(|n| format!("@string{{a{n} = a{} # a{0}}}\n", n - 1));
    let text = format!("@string{{a0 = \"xxxxxxxx\"}}\n{}", doubling.collect::<String>());
    let (_, message) = parse_bibtex(&text).unwrap_err();
    assert!(message.contains("too long"), "{message}");
    assert!(parse_bibtex(&format!("@a{{b, c = {}", "{".repeat(1_000_000))).is_err());
    assert!(parse_bibtex(&"@".repeat(1_000_000)).is_err());
    // Every beginning of a text is an error or a value, never a panic.
    let whole = "@string{é = \"ä\"} ö @b{ü, ß = é # {ä{é}} # 1}";
    for end in (0..whole.len()).filter(|&end| whole.is_char_boundary(end)) {
        let _ = parse_bibtex(&whole[..end]);
    }
}
