use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::content::{Document, Languages, parse};
use crate::diagnostic::SourceText;

/// The YAML scalars of the table below, and notations around them.
const SCALARS: &[&str] = &[
    "",
    "~",
    "null",
    "Null",
    "NULL",
    "nULL",
    "true",
    "True",
    "TRUE",
    "tRUE",
    "false",
    "yes",
    "no",
    "on",
    "off",
    "y",
    "0",
    "-0",
    "+0",
    "7",
    "+7",
    "-7",
    "007",
    "-007",
    "00",
    "0x1F",
    "0X1F",
    "-0x1F",
    "+0x1F",
    "0x-1",
    "0o17",
    "0b101",
    "017",
    "1_000",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "-9223372036854775809",
    "340282366920938463463374607431768211456",
    "1.10",
    "1.",
    ".5",
    "-.5",
    "+.5",
    "1e3",
    "1E3",
    "1e400",
    "-1e400",
    "0.1",
    "00.1",
    "08",
    "+-5",
    "++5",
    "- 5",
    ".inf",
    "-.inf",
    "+.inf",
    ".Inf",
    "inf",
    "infinity",
    ".nan",
    "-.nan",
    "nan",
    "NaN",
    "2024-05-31",
    "2024-05-31T10:00:00Z",
    "12:30",
    "1,000",
    "'7'",
    "\"7\"",
    "\"a\\tb\"",
    "'it''s'",
    "''",
    "|\n    seven\n    eight",
    ">-\n    seven\n    eight",
    "a\n    b",
    "!!str 7",
    "!!int \"7\"",
    "!!int x",
    "!!float 7",
    "!!bool \"true\"",
    "!!null ''",
    "!!null ~",
    "!!binary aGk=",
    "!name 7",
    "! 7",
    "[1, 1.10, ~, a]",
    "[]",
    "{}",
    "{a: 1, 2: b, ~: c, 1.10: d}",
    "{a: 1, a: 2}",
    "{[a]: 1}",
    "!!seq [1]",
    "!name [1]",
    "a # comment",
    "a#b",
    "<<",
    "=",
    "&a 7",
    "[&a 7, *a]",
    "*a",
    "[&a [1], *a]",
    "&a [*a]",
    "{<<: {a: 1}}",
    "@a",
    "`a`",
    "%a",
    "-",
    "- a",
    "?",
    ": a",
    "a: b",
    "\"a",
    "'a",
    "[a",
    "a]",
    "\ta",
    "\"\\u00e9\"",
    "\"\\q\"",
    "é",
    "a \\n",
    "--- a",
    "...",
    "? a",
    "? a\n    : b",
    "[a: b]",
    "{a, b}",
    "{a}",
    "[a,]",
    "[,]",
    "\"a\n  b\"",
    "[a,\nb]",
];

fn value(yaml: &str) -> String {
    let text = format!("---\nextra:\n  x: {yaml}\n---\n");
    let source = SourceText { path: "content/a.md".into(), text: text.into() };
    match parse(source, &Languages { default: "en", others: &[] }) {
        (Some(Document::Page(page)), problems) if problems.is_empty() => {
            page.meta.extra.get("x").unwrap_or(&Json::Null).to_string()
        }
        (_, problems) => format!("error {}", problems[0].message),
    }
}

fn title(yaml: &str) -> String {
    let text = format!("---\ntitle: {yaml}\n---\n");
    let source = SourceText { path: "content/a.md".into(), text: text.into() };
    match parse(source, &Languages { default: "en", others: &[] }) {
        (Some(Document::Page(page)), problems) if problems.is_empty() => format!("{:?}", page.meta.title),
        (_, problems) => format!("error {}", problems[0].message),
    }
}

#[test]
fn probe() {
    let mut table = String::new();
    for scalar in SCALARS {
        writeln!(table, "{scalar:?} | {} | {}", value(scalar), title(scalar)).unwrap();
    }
    std::fs::write(std::env::var("PROBE").unwrap(), table).unwrap();
}
