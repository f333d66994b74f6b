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

/// The values of scalars: those of YAML 1.2's core schema, with what other programs accept besides.
#[test]
fn scalars() {
    for (text, expected) in [
        // Null.
        ("", "null"),
        ("~", "null"),
        ("null", "null"),
        ("Null", "null"),
        ("NULL", "null"),
        ("nULL", r#""nULL""#),
        ("# a comment", "null"),
        // True and false. The words of YAML 1.1 are texts.
        ("true", "true"),
        ("True", "true"),
        ("TRUE", "true"),
        ("tRUE", r#""tRUE""#),
        ("False", "false"),
        ("yes", r#""yes""#),
        ("no", r#""no""#),
        ("on", r#""on""#),
        ("off", r#""off""#),
        ("y", r#""y""#),
        // Whole numbers.
        ("0", "0"),
        ("-0", "0"),
        ("+7", "7"),
        ("-7", "-7"),
        ("18446744073709551615", "18446744073709551615"),
        ("18446744073709551616", r#""18446744073709551616""#),
        ("-9223372036854775808", "-9223372036854775808"),
        ("-9223372036854775809", r#""-9223372036854775809""#),
        ("1_000", r#""1_000""#),
        ("1,000", r#""1,000""#),
        ("12:30", r#""12:30""#),
        ("+-5", r#""+-5""#),
        ("++5", r#""++5""#),
        ("-", "[null]"),
        ("--5", r#""--5""#),
        ("５", r#""５""#),
        // With a base. A leading zero is none: such numbers are mostly those of phones or postcodes.
        ("0x1F", "31"),
        ("-0x1F", "-31"),
        ("0X1F", r#""0X1F""#),
        ("0x", r#""0x""#),
        ("0x-1", r#""0x-1""#),
        ("0o17", "15"),
        ("0o8", r#""0o8""#),
        ("0b101", "5"),
        ("017", r#""017""#),
        ("00", r#""00""#),
        ("-007", r#""-007""#),
        // With a fraction.
        ("1.10", "1.1"),
        ("1.", "1.0"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        ("+.5", "0.5"),
        ("1e3", "1000.0"),
        ("1E-3", "0.001"),
        ("00.1", "0.1"),
        (".", r#"".""#),
        ("1.2.3", r#""1.2.3""#),
        ("1e400", r#""1e400""#),
        ("340282366920938463463374607431768211456", "3.402823669209385e38"),
        (".inf", "inf"),
        ("+.Inf", "inf"),
        ("-.INF", "-inf"),
        (".nan", "NaN"),
        ("-.nan", r#""-.nan""#),
        ("inf", r#""inf""#),
        ("NaN", r#""NaN""#),
        // Dates.
        ("2024-05-31", r#""2024-05-31""#),
        ("2024-05-31T10:00:00Z", r#""2024-05-31T10:00:00Z""#),
        // Texts.
        ("'7'", r#""7""#),
        (r#""7""#, r#""7""#),
        ("'~'", r#""~""#),
        ("''", r#""""#),
        (r#""a\tb\u00e9""#, r#""a\tbé""#),
        ("'it''s'", r#""it's""#),
        ("|\n  7\n", r#""7\n""#),
        (">-\n  one\n  two\n", r#""one two""#),
        ("one\n  two", r#""one two""#),
        ("one # two", r#""one""#),
        ("one#two", r#""one#two""#),
        ("<<", r#""<<""#),
        ("=", r#""=""#),
        // With a tag.
        ("!!str 7", r#""7""#),
        ("!!str", r#""""#),
        (r#"!!int "7""#, "7"),
        ("!!float 7", "7.0"),
        (r#"!!bool "true""#, "true"),
        ("!!null ~", "null"),
        ("!!binary aGk=", r#""aGk=""#),
        ("!name 7", "!name 7"),
        ("! 7", "! 7"),
    ] {
        assert_eq!(parse(text), expected, "{text:?}");
        let listed = parse(format!("- {}", text.replace('\n', "\n  ")));
        assert_eq!(listed, format!("[{expected}]"), "{text:?} in a list");
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
        ("a: !!map {b: !!seq [1]}\n", r#"{"a": {"b": [1]}}"#),
        ("a:\n~:\n", r#"{"a": null, null: null}"#),
        (": a\n", r#"{null: "a"}"#),
        ("{a, b: }\n", r#"{"a": null, "b": null}"#),
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
        ("a: [&x 1, *y]\n", "1:11: this is not YAML: "),
        ("a: !!int x\n", "1:4: this is not YAML: the tag `!!int` does not fit the value `x`"),
        ("a: [1\nb: 2\n", "2:2: this is not YAML: "),
        ("a:\n\tb: 1\n", "2:2: this is not YAML: "),
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
    let source =
        source("---\ntitle: Zoë  # name\nlist:\n  - a\n  - b\n\nend: !n 1\nnamed: &x [1]\nagain: *x\nnone:\n---\n");
    let node = parse_yaml(&source, &(4..source.text.len() - 4)).unwrap();
    let YamlValue::Map(entries) = node.value else { panic!("no mapping") };
    let spans = entries.iter().map(|(key, node)| (&source.text[key.span.clone()], &source.text[node.span.clone()]));
    let expected =
        [("title", "Zoë"), ("list", "- a\n  - b"), ("end", "!n 1"), ("named", "[1]"), ("again", "*x"), ("none", "")];
    assert_eq!(spans.collect::<Vec<_>>(), expected);
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
    let ladder: String = (0..1000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
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
