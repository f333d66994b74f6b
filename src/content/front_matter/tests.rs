use pulldown_cmark::Options;

use serde_json::json;

use crate::content::{Document, Languages, PageDocument, parse};
use crate::diagnostic::SourceText;

/// The page that a front matter gives, or the first problem with its place.
fn page(yaml: &str) -> Result<PageDocument, String> {
    let source = SourceText { path: "content/a.md".into(), text: format!("---\n{yaml}\n---\n").into() };
    let (document, problems) = parse(source, &Languages { default: "en", others: &[] }, Options::empty());
    match (document, problems.first()) {
        (Some(Document::Page(page)), None) => Ok(page),
        (_, Some(problem)) => {
            let (line, column) = problem.location.as_ref().and_then(|location| location.line_column()).unwrap();
            Err(format!("{line}:{column}: {}", problem.message))
        }
        (_, None) => Err("no page".to_owned()),
    }
}

#[test]
fn texts_in_yaml_need_no_quotes() {
    for (yaml, expected) in [
        ("title: Zoë", Some("Zoë")),
        ("title: 1.10", Some("1.10")),
        ("title: 007", Some("007")),
        ("title: 0x1F", Some("0x1F")),
        ("title: +7", Some("+7")),
        ("title: Yes", Some("Yes")),
        ("title: TRUE", Some("TRUE")),
        ("title: .inf", Some(".inf")),
        ("title: 2024-05-31", Some("2024-05-31")),
        ("title: \"null\"", Some("null")),
        ("title: null", None),
        ("title: ~", None),
        ("title:", None),
        ("t: &t 1.10\ntitle: *t", Some("1.10")),
    ] {
        // The key that names a value is unknown, which is a warning.
        let yaml = yaml.replace("t: &t 1.10", "extra: {t: &t 1.10}");
        assert_eq!(page(&yaml).map(|page| page.meta.title.clone()), Ok(expected.map(str::to_owned)), "{yaml}");
    }
}

#[test]
fn values_of_authors_in_yaml() {
    for (yaml, expected) in [
        ("[1, 1.10, ~, yes, 0o17, '7']", json!([1, 1.1, null, "yes", 15, "7"])),
        // Templates have no infinity.
        ("[.inf, -.inf, .nan]", json!(["inf", "-inf", "NaN"])),
        ("{a: 1, 2: b, ~: c, 1.10: d}", json!({"a": 1, "2": "b", "~": "c", "1.10": "d"})),
        ("{a: &a [1], b: *a}", json!({"a": [1], "b": [1]})),
        ("{<<: {a: 1}}", json!({"<<": {"a": 1}})),
        ("18446744073709551615", json!(18_446_744_073_709_551_615_u64)),
        ("2024-05-31", json!("2024-05-31")),
    ] {
        let page = page(&format!("extra:\n  x: {yaml}")).unwrap();
        assert_eq!(page.meta.extra["x"], expected, "{yaml}");
    }
}

#[test]
fn mistakes_in_yaml() {
    for (yaml, expected) in [
        // Keys are texts here, whatever they look like.
        ("extra: {1: a, \"1\": b}", "2:15: the key `1` is there twice"),
        ("title: !shout Hello", "2:8: the tag `!shout` means nothing here"),
        ("extra:\n  x: !list\n    - 1", "3:6: the tag `!list` means nothing here"),
        ("title: a\ndraft: yes", "3:8: `draft` should be true or false, not a string"),
        ("extra: {t: &t [1]}\ntitle: *t", "3:8: `title` should be a string, not a list"),
        ("taxonomies:\n  tags:\n    -", "4:6: `tags` has an empty term"),
        ("- a", "2:1: this should be keys and values, not a list"),
        ("Hello", "2:1: this should be keys and values, not a string"),
    ] {
        assert_eq!(page(yaml).map(|page| page.meta.title.clone()), Err(expected.to_owned()), "{yaml}");
    }
}
