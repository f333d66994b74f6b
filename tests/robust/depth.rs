//! Threads that grow ever deeper: every answer can be answered again.

use std::fmt::Write;

use causerie::DEEPEST;

use crate::support::Site;

/// A site of the default theme with a post under which each comment answers the one before.
fn site(max_depth: usize, comments: usize) -> Site {
    let mut talk = String::new();
    for number in 1..=comments {
        let _ = writeln!(talk, "+++\nid = \"{number}\"\nauthor = \"Ann\"\ndate = 2024-02-04T10:00:00Z");
        if number > 1 {
            let _ = writeln!(talk, "reply_to = \"{}\"", number - 1);
        }
        talk.push_str("+++\nAnd then?\n\n");
    }
    let config =
        format!("base_url = \"https://site.example\"\ntheme = \"salon\"\n[comments]\nmax_depth = {max_depth}\n");
    Site::empty().with(&[
        ("site.toml", config.as_str()),
        ("content/posts/_index.md", "+++\ntitle = \"Posts\"\n+++\n"),
        ("content/posts/tea.md", "+++\ntitle = \"Tea\"\ndate = 2024-02-03\n+++\nTea.\n"),
        ("content/posts/tea.comments.md", &talk),
    ])
}

#[test]
fn a_talk_of_any_length_is_shown_as_deep_as_threads_can_be() {
    const COMMENTS: usize = 5000;
    for max_depth in [1, 5, DEEPEST] {
        let site = site(max_depth, COMMENTS);
        site.builds();
        let page = site.output("posts/tea/index.html");
        assert_eq!(page.matches("<p>And then?</p>").count(), COMMENTS, "{max_depth}");
    }
}

#[test]
fn a_thread_that_would_be_deeper_than_templates_go_is_reported_before_anybody_answers() {
    let said = site(DEEPEST + 1, 1).fails();
    assert!(said.contains("`max_depth` is 16 or less"), "{said}");
    assert!(said.contains("site.toml:4:13"), "{said}");
}

#[test]
fn brackets_without_end_in_yaml_are_reported_where_they_become_too_many() {
    for open in ["{a: ", "["] {
        let site = Site::plain().with(&[("content/a.md", format!("---\nextra: {}\n---\n", open.repeat(100_000)))]);
        let told = site.fails();
        assert!(told.contains("values are nested too deep") && told.contains("content/a.md:2:"), "{told}");
    }
}
