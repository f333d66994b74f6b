//! Comments come out harmless, whatever goes in.

use causerie::render_comment;
use proptest::prelude::*;

use crate::oracle::complaint;
use crate::vectors::vectors;

#[test]
fn no_known_attack_comes_through() {
    let vectors = vectors();
    assert!(vectors.len() >= 200, "only {} vectors", vectors.len());
    let mut complaints = Vec::new();
    for vector in &vectors {
        let html = render_comment(vector);
        if let Some(complaint) = complaint(&html) {
            complaints.push(format!("{vector:?}\nbecomes\n{html}\n{complaint}\n"));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Pieces of attacks and of Markdown, which mean most when they meet.
fn piece() -> impl Strategy<Value = String> {
    let vectors = vectors();
    let marks = [
        "*",
        "**",
        "_",
        "~~",
        "`",
        "``",
        "```\n",
        "~~~\n",
        "    ",
        "\n",
        "\n\n",
        "> ",
        "- ",
        "1. ",
        "2) ",
        "# ",
        "===\n",
        "---\n",
        "|",
        "\n|---|\n",
        "[",
        "]",
        "(",
        ")",
        "](",
        "][",
        "![",
        "<",
        ">",
        "\"",
        "'",
        "&",
        "&#",
        ";",
        ":",
        "/",
        "//",
        "\\",
        "<a ",
        "</",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?",
        "href=",
        " onclick=",
        "javascript:",
        "https://",
        "http://example.org",
        "https://example.org/a_b",
        "mailto:",
        "www.",
        "a@b.example",
        "[x]: ",
        "[x]",
        "{{",
        "}}",
        "{%",
        "\r",
        "\r\n",
        "\t",
        "\u{0}",
        "\u{a0}",
        "\u{202e}",
        "\u{feff}",
        "é",
        "字",
        "😀",
        "a",
        "b",
    ];
    let fragment = (prop::sample::select(vectors.clone()), any::<(prop::sample::Index, prop::sample::Index)>())
        .prop_map(|(vector, (from, to))| {
            let at = |index: prop::sample::Index| vector.floor_char_boundary(index.index(vector.len() + 1));
            let (from, to) = (at(from), at(to));
            vector[from.min(to)..from.max(to)].to_owned()
        });
    prop_oneof![
        3 => prop::sample::select(marks.map(str::to_owned).to_vec()),
        2 => fragment,
        1 => prop::sample::select(vectors),
        1 => "\\PC{0,8}",
        1 => any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_mixture_of_attacks_comes_through(pieces in prop::collection::vec(piece(), 0..24)) {
        let comment = pieces.concat();
        let html = render_comment(&comment);
        let complaint = complaint(&html);
        prop_assert!(complaint.is_none(), "{comment:?}\nbecomes\n{html}\n{}", complaint.unwrap_or_default());
    }
}

/// If one of these took time in proportion to the square of its length, this test would not end.
#[test]
fn long_and_deep_comments_end() {
    const LENGTH: usize = 200_000;
    for unit in [
        ">",
        "> ",
        "- ",
        "* * ",
        "1. ",
        "[",
        "![",
        "](",
        "[a](",
        "<",
        "<a ",
        "<!--",
        "<![CDATA[",
        "`",
        "` `` ",
        "*",
        "*a ",
        "**a *b ",
        "_",
        "~~",
        "~~a ",
        "\\",
        "&",
        "&#",
        "|",
        "|-",
        "a\n",
        "\n",
        "#",
        "http://",
        "http://a(",
        "://",
        "a:",
        "[a]: b\n",
        "\"",
        "\t",
        "\u{0}",
        "{{",
        "<div>\n",
        "a@",
        "(",
        ")",
    ] {
        let comment = unit.repeat(LENGTH / unit.len());
        let html = render_comment(&comment);
        assert!(html.len() < comment.len() * 40, "{unit:?} becomes {} bytes", html.len());
    }
    let table = format!("{}\n{}\n{}", "|a".repeat(2000), "|-".repeat(2000), "|\n".repeat(2000));
    assert_eq!(complaint(&render_comment(&table)), None);
}

#[test]
fn deep_comments_stay_shallow() {
    let deep = [
        ">".repeat(100_000) + "a",
        "- ".repeat(1000) + "a",
        "> 1. ".repeat(1000) + "a",
        "*a ".repeat(1000) + &"a* ".repeat(1000),
    ];
    for comment in deep {
        let html = render_comment(&comment);
        assert_eq!(complaint(&html), None);
        let (mut depth, mut deepest) = (0_usize, 0);
        for tag in html.split('<').skip(1).filter(|tag| !tag.starts_with("br>")) {
            depth = if tag.starts_with('/') { depth - 1 } else { depth + 1 };
            deepest = deepest.max(depth);
        }
        assert!((33..100).contains(&deepest), "{deepest} elements deep");
    }
}
