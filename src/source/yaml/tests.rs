use super::{ScalarValue, YamlKey, YamlNode, YamlScalar, YamlValue, parse_yaml};
use crate::diagnostic::SourceText;

fn source(text: impl Into<String>) -> SourceText {
    SourceText { path: "data/a.yaml".into(), text: text.into().into() }
}

/// The tree as a line of text, with `"` around texts; or the error with its place.
fn parse(text: impl Into<String>) -> String {
    let source = source(text);
    match parse_yaml(&source, &(0..source.text.len())) {
        Ok(node) => show(&node),
        Err(problem) => {
            let (line, column) = problem.location.as_ref().and_then(|location| location.line_column()).unwrap();
            format!("{line}:{column}: {}", problem.message)
        }
    }
}

fn show(node: &YamlNode) -> String {
    let value = match &node.value {
        YamlValue::Scalar(scalar) => show_scalar(scalar),
        YamlValue::List(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", ")),
        YamlValue::Map(entries) => {
            let entry = |(key, node): &(YamlKey, YamlNode)| format!("{}: {}", show_scalar(&key.scalar), show(node));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    };
    node.tag.as_ref().map_or_else(|| value.clone(), |tag| format!("{tag} {value}"))
}

fn show_scalar(scalar: &YamlScalar) -> String {
    match scalar.value {
        ScalarValue::Null => "null".to_owned(),
        ScalarValue::Bool(flag) => flag.to_string(),
        ScalarValue::Unsigned(number) => number.to_string(),
        ScalarValue::Negative(number) => number.to_string(),
        ScalarValue::Float(number) => format!("{number:?}"),
        ScalarValue::Text => format!("{:?}", scalar.text),
    }
}

#[test]
fn documents() {
    for (text, expected) in [
        ("", "null"),
        ("# nothing\n", "null"),
        ("---\n", "null"),
        ("\u{feff}a: 1\n", r#"{"a": 1}"#),
        ("a: 1\r\nb: |\r\n  one\r\n  two\r\n", r#"{"a": 1, "b": "one\ntwo\n"}"#),
        ("a: 1\n...\n", r#"{"a": 1}"#),
        ("%YAML 1.2\n---\na: 1\n", r#"{"a": 1}"#),
        ("1: a\n\"1\": b\n", r#"{1: "a", "1": "b"}"#),
        ("1: a\n1.0: b\ntrue: c\n\"true\": d\n", r#"{1: "a", 1.0: "b", true: "c", "true": "d"}"#),
        ("a: &x [1]\nb: *x\n", r#"{"a": [1], "b": [1]}"#),
        ("&k a: 1\nb: *k\n", r#"{"a": 1, "b": "a"}"#),
        ("a: &x 1\nb: &x 2\nc: *x\n", r#"{"a": 1, "b": 2, "c": 2}"#),
        // A merge key is an ordinary key, as in YAML 1.2.
        ("a: &x {b: 1}\nc:\n  <<: *x\n", r#"{"a": {"b": 1}, "c": {"<<": {"b": 1}}}"#),
        ("a: !name 7\n", r#"{"a": !name 7}"#),
        ("a: !name\n  b: 1\n", r#"{"a": !name {"b": 1}}"#),
        ("? a\n", r#"{"a": null}"#),
        ("- - 1\n  - 2\n- \n", "[[1, 2], null]"),
        ("a:\n- 1\n", r#"{"a": [1]}"#),
    ] {
        assert_eq!(parse(text), expected, "{text:?}");
    }
}

#[test]
fn mistakes() {
    for (text, expected) in [
        ("a: 1\n---\nb: 2\n", "2:1: this is not YAML: a second document begins here"),
        ("a: 1\na: 2\n", "2:1: this is not YAML: the key `a` is there twice"),
        ("a: 1\n\"a\": 2\n", "2:1: this is not YAML: the key `a` is there twice"),
        ("1: a\n0x1: b\n", "2:1: this is not YAML: the key `0x1` is there twice"),
        ("~: a\nnull: b\n", "2:1: this is not YAML: the key `null` is there twice"),
        ("{[1]: 2}\n", "1:2: this is not YAML: a list or a mapping cannot be a key"),
        ("a: *x\n", "1:4: this is not YAML: "),
        ("a: &x [*x]\n", "1:8: this is not YAML: a value cannot contain itself"),
        ("a: !!int x\n", "1:4: this is not YAML: the tag `!!int` does not fit the value `x`"),
        ("a: [1\nb: 2\n", "2:2: this is not YAML: "),
        ("a:\n\tb: 1\n", "2:1: this is not YAML: "),
        ("é: \"a\n", "1:4: this is not YAML: "),
        ("a: b: c\n", "1:5: this is not YAML: "),
        ("a: \"\\q\"\n", "1:"),
        ("a: 1\n b: 2\n", "2:"),
        ("a: @b\n", "1:4: this is not YAML: "),
        ("a: \u{1}\n", "1:4: this is not YAML: "),
    ] {
        let shown = parse(text);
        assert!(shown.starts_with(expected), "{text:?}: {shown}");
    }
}

#[test]
fn spans_are_those_of_the_file() {
    let source = source("---\ntitle: Zoë  # name\nlist:\n  - a\n  - b\n\nend: 1\n---\n");
    let node = parse_yaml(&source, &(4..source.text.len() - 4)).unwrap();
    let YamlValue::Map(entries) = node.value else { panic!("no mapping") };
    let spans = entries.iter().map(|(key, node)| (&source.text[key.span.clone()], &source.text[node.span.clone()]));
    assert_eq!(spans.collect::<Vec<_>>(), [("title", "Zoë"), ("list", "- a\n  - b"), ("end", "1")]);
}

#[test]
fn references_to_references_are_bounded() {
    let text = "x".repeat(100_000);
    for first in ["[1, 2]".to_owned(), format!("\"{text}\""), format!("!{text} 1")] {
        let mut yaml = format!("a0: &a0 {first}\n");
        for level in 1..100 {
            let reference = format!("*a{}, ", level - 1).repeat(10);
            yaml.push_str(&format!("a{level}: &a{level} [{reference}]\n"));
        }
        let shown = parse(yaml);
        assert!(shown.ends_with("the references stand for too many values"), "{}", &shown[..200]);
    }
}

#[test]
fn references_nest_no_deeper_than_the_text_itself() {
    let mut yaml = format!("a0: &a0 {}{}\n", "[".repeat(100), "]".repeat(100));
    for level in 1..1000 {
        yaml.push_str(&format!("a{level}: &a{level} [*a{}]\n", level - 1));
    }
    assert_eq!(parse(yaml), "29:12: this is not YAML: values are nested too deep");
}

#[test]
fn no_text_is_too_deep_or_too_long() {
    let ladder = (0..1000).fold(String::new(), |yaml, depth| yaml + &" ".repeat(depth) + "a:\n");
    assert!(parse(ladder).ends_with("values are nested too deep"));
    for part in [
        "[",
        "{",
        "{a: ",
        "- ",
        "? ",
        "a: ",
        "&a ",
        "!a ",
        "*a ",
        "\"",
        "'",
        "a ",
        "a\n",
        "[a, ",
        "[a\n",
        "a: |\n",
        "- a\n",
        "]",
        "}",
        ",",
        ":",
        "#",
        "%a\n",
        "---\n",
        "...\n",
        "\t",
        "\r",
        "\r\n",
        "\\",
        "\u{feff}",
        "é",
        "|",
        ">",
        "? a\n: b\n",
        "&a [",
        "- - ",
        "[[], ",
        "{a: [], ",
        "'a': ",
    ] {
        // Neither a panic nor a time that grows with the square of the length.
        let _ = parse(part.repeat(30_000));
        let _ = parse(format!("a: {}", part.repeat(30_000)));
    }
}
