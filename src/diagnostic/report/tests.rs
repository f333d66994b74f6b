use std::ops::Range;

use super::*;
use crate::diagnostic::SourceText;

fn at(text: &str, span: Range<usize>) -> Location {
    Location::span(&SourceText { path: "content/a.md".into(), text: text.into() }, span)
}

/// Formats an error in a text.
fn drawn(text: &str, span: Range<usize>) -> String {
    plain(&Diagnostic::error("it is wrong").at(at(text, span)))
}

#[test]
fn message_place_line_and_help() {
    let diagnostic = Diagnostic::error("there is no key `titel`")
        .at(at("+++\ntitel = \"A\"\n+++\n", 4..9))
        .help("did you mean `title`?");
    assert_eq!(
        plain(&diagnostic),
        "\
error: there is no key `titel`
 --> content/a.md:2:1
  |
2 | titel = \"A\"
  | ^^^^^
  |
  = help: did you mean `title`?"
    );
}

#[test]
fn related_places_follow() {
    let source = "a = 1\nb = 2\nb = 3\n";
    let diagnostic = Diagnostic::warning("`b` is set twice")
        .at(at(source, 12..13))
        .related("the first is here", at(source, 6..7))
        .related("it is forbidden by this file", Location::file("site.toml"))
        .help("remove one");
    assert_eq!(
        plain(&diagnostic),
        "\
warning: `b` is set twice
 --> content/a.md:3:1
  |
3 | b = 3
  | ^
  |
  = help: remove one
note: the first is here
 --> content/a.md:2:1
  |
2 | b = 2
  | ^
note: it is forbidden by this file
 --> site.toml"
    );
}

#[test]
fn a_file_as_a_whole_and_no_file_at_all() {
    let file = Diagnostic::error("this file is not UTF-8").at(Location::file("content/a.md")).help("save it as UTF-8");
    assert_eq!(plain(&file), "error: this file is not UTF-8\n--> content/a.md\n = help: save it as UTF-8");
    let run = Diagnostic::error("the disk is full").help("make room");
    assert_eq!(plain(&run), "error: the disk is full\n |\n = help: make room");
    assert_eq!(plain(&Diagnostic::error("the disk is full")), "error: the disk is full");
}

#[test]
fn ends_of_files_and_empty_files() {
    assert_eq!(drawn("", 0..0), "error: it is wrong\n --> content/a.md:1:1\n  |\n1 |\n  | ^");
    assert_eq!(drawn("abc", 3..3), "error: it is wrong\n --> content/a.md:1:4\n  |\n1 | abc\n  |    ^");
    assert_eq!(drawn("abc\n", 4..4), "error: it is wrong\n --> content/a.md:2:1\n  |\n2 |\n  | ^");
    assert_eq!(drawn("abc\n", 1..4), "error: it is wrong\n --> content/a.md:1:2\n  |\n1 | abc\n  |  ^^");
    assert_eq!(drawn("abc\ndef", 3..3), "error: it is wrong\n --> content/a.md:1:4\n  |\n1 | abc\n  |    ^");
    // Inside of a character, and beyond the end.
    assert_eq!(drawn("é", 1..9), "error: it is wrong\n --> content/a.md:1:1\n  |\n1 | é\n  | ^");
}

#[test]
fn several_lines() {
    assert_eq!(
        drawn("a\nb = 1\nc = 2\nd", 2..13),
        "\
error: it is wrong
 --> content/a.md:2:1
  |
2 | / b = 1
3 | | c = 2
  | |_____^"
    );
    // Only the first of many lines is shown.
    let long = "one\n".repeat(100);
    assert_eq!(drawn(&long, 5..390), "error: it is wrong\n --> content/a.md:2:2\n  |\n2 | one\n  |  ^^");
}

#[test]
fn wide_characters_and_tabs_stand_above_their_marks() {
    assert_eq!(
        drawn("title = 日本 x", 8..14),
        "\
error: it is wrong
 --> content/a.md:1:9
  |
1 | title = 日本 x
  |         ^^^^"
    );
    assert_eq!(
        drawn("\ta\tb", 3..4),
        "\
error: it is wrong
 --> content/a.md:1:4
  |
1 |     a    b
  |          ^"
    );
}

#[test]
fn nothing_from_a_file_reaches_the_terminal_as_a_command() {
    let text = "a\u{1b}[31m\u{9b}31m\r\u{7}\u{202e}\u{200b}\u{e000}0:1:1 b";
    let start = text.len() - 1;
    let mut diagnostic = Diagnostic::error("no \u{1b}[2J\u{e000}0:").at(at(text, start..start + 1)).help("\u{9b}m");
    if let Some(location) = &mut diagnostic.location {
        location.path = "a\n\u{1b}.md".into();
    }
    assert_eq!(
        plain(&diagnostic),
        "\
error: no ␛[2J�0:
 --> a␊␛.md:1:22
  |
1 | a␛[31m�31m␍␇���0:1:1 b
  |                      ^
  |
  = help: �m"
    );
    let styled = report(&diagnostic);
    assert!(styled.contains("\u{1b}[") && !styled.contains("\u{1b}[31m") && !styled.contains("\u{1b}[2J"));
}

#[test]
fn long_lines_are_cut_around_the_mark() {
    let text = format!("{}MARK{}", "a".repeat(5_000_000), "b".repeat(5_000_000));
    assert_eq!(
        drawn(&text, 5_000_000..5_000_004),
        format!(
            "\
error: it is wrong
 --> content/a.md:1:5000001
  |
1 | …{}MARK{}…
  |  {}^^^^",
            "a".repeat(60),
            "b".repeat(96),
            " ".repeat(60)
        )
    );
    // The beginning of the line if the mark is near it; and a mark that is longer than the excerpt.
    assert!(drawn(&text, 50..60).contains(&format!("\n1 | {}…\n  | {}^^^^^^^^^^", "a".repeat(160), " ".repeat(50))));
    let all = drawn(&text, 0..text.len());
    assert!(all.contains(&format!("\n1 | {}…\n  | {}", "a".repeat(160), "^".repeat(160))), "{all}");
    assert!(all.len() < 500);
    // The end of the line.
    let end = drawn(&text, text.len()..text.len());
    assert!(end.ends_with(&format!("\n1 | …{}\n  |  {}^", "b".repeat(60), " ".repeat(60))), "{end}");
    // A message of ten megabytes.
    assert!(plain(&Diagnostic::error(&text)).len() < 3_000);
}

#[test]
fn several_long_lines() {
    let text = format!("{}\n{}", "a".repeat(1000), "b".repeat(1000));
    let drawing = drawn(&text, 900..1500);
    assert!(drawing.lines().all(|line| line.chars().count() < 180), "{drawing}");
    assert!(drawing.starts_with("error: it is wrong\n --> content/a.md:1:901\n"), "{drawing}");
}

#[test]
fn any_span_of_any_text_can_be_drawn() {
    use proptest::prelude::*;
    proptest!(|(text in "(\\PC|[\\n\\t\\x00-\\x1f日é\u{200d}]){0,300}", a in 0usize..400, b in 0usize..400)| {
        let drawing = drawn(&text, a.min(b)..a.max(b));
        prop_assert!(drawing.starts_with("error: it is wrong\n"));
        prop_assert!(drawing.chars().all(|c| c == '\n' || !c.is_control()), "{drawing:?}");
        prop_assert!(!drawing.contains(ExcerptLabels::TOKEN));
    });
}

#[test]
fn problems_are_counted() {
    let (error, warning) = (Diagnostic::error("e"), Diagnostic::warning("w"));
    assert_eq!(summary(&[]), "");
    assert_eq!(summary(std::slice::from_ref(&warning)), "1 warning");
    assert_eq!(summary(&[error.clone(), warning, error]), "2 errors, 1 warning");
}

#[test]
fn problems_are_sorted_and_told_once() {
    let run = Diagnostic::error("run");
    let whole = Diagnostic::error("whole").at(Location::file("content/a.md"));
    let early = Diagnostic::warning("early").at(at("abc", 0..1));
    let late = Diagnostic::error("late").at(at("abc", 2..3));
    let other = Diagnostic::error("other").at(Location::file("content/b.md"));
    let mut all =
        vec![run.clone(), other.clone(), late.clone(), early.clone(), late.clone(), whole.clone(), run.clone()];
    sort(&mut all);
    assert_eq!(all, [whole, early, late, other, run]);
}
