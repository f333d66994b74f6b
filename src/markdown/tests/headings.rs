use super::*;
use crate::diagnostic::Severity;
use crate::markdown::Heading;

#[test]
fn headings_get_ids_from_their_text() {
    for (text, expected) in [
        ("# Hello", "<h1 id=\"hello\">Hello</h1>\n"),
        (
            "###### Où *est* `ça` & [là](/x)?",
            "<h6 id=\"ou-est-ca-la\">Où <em>est</em> <code>ça</code> &amp; <a href=\"/x\">là</a>?</h6>\n",
        ),
        ("# a\n# a\n# a", "<h1 id=\"a\">a</h1>\n<h1 id=\"a-1\">a</h1>\n<h1 id=\"a-2\">a</h1>\n"),
        ("a\nb\n=", "<h1 id=\"a-b\">a\nb</h1>\n"),
        ("#\n#", "<h1 id=\"section\"></h1>\n<h1 id=\"section-1\"></h1>\n"),
        ("# ![a](/b)", "<h1 id=\"section\"><img src=\"/b\" alt=\"a\" /></h1>\n"),
        ("- a\n  # b", "<ul>\n<li>a\n<h1 id=\"b\">b</h1>\n</li>\n</ul>\n"),
        (
            "# a[^1]\n\n[^1]: b",
            "<h1 id=\"a\">a<sup class=\"footnote-reference\"><a href=\"#1\">1</a></sup></h1>\n\
            <div class=\"footnote-definition\" id=\"1\"><sup class=\"footnote-definition-label\">1</sup>\n<p>b</p>\n</div>\n",
        ),
    ] {
        assert_eq!(html(text), expected, "{text}");
    }
}

#[test]
fn authors_choose_ids_and_classes() {
    for (text, expected) in [
        ("# a {#b}", "<h1 id=\"b\">a</h1>\n"),
        ("# a {#b .c .d}", "<h1 id=\"b\" class=\"c d\">a</h1>\n"),
        ("# a {.c}", "<h1 id=\"a\" class=\"c\">a</h1>\n"),
        ("# a {.b\"c}", "<h1 id=\"a\" class=\"b&quot;c\">a</h1>\n"),
        // No heading takes an id that is chosen further down.
        ("# a\n# b {#a}", "<h1 id=\"a-1\">a</h1>\n<h1 id=\"a\">b</h1>\n"),
        ("# a\n# b {.c #a}", "<h1 id=\"a-1\">a</h1>\n<h1 id=\"a\" class=\"c\">b</h1>\n"),
    ] {
        assert_eq!(html(text), expected, "{text}");
    }
}

#[test]
fn a_duplicate_chosen_id_is_reported() {
    let rendered = Page::default().render("# a {#b}\n\n# c {#b}\n");
    assert_eq!(rendered.html, "<h1 id=\"b\">a</h1>\n<h1 id=\"b-1\">c</h1>\n");
    let [problem] = &rendered.problems[..] else { panic!("{:?}", rendered.problems) };
    assert_eq!((problem.severity, problem.message.as_str()), (Severity::Warning, "two places have the id `b`"));
    assert_eq!((problem.span.clone(), problem.needle.as_deref()), (10..19, Some("#b")));
}

#[test]
fn nothing_has_the_same_id_twice() {
    for (text, expected) in [
        (
            "# Comments\n[x](#comments)",
            "<h1 id=\"comments-1\">Comments</h1>\n<p><a href=\"https://example.org/posts/here/#comments\">x</a></p>\n",
        ),
        (
            "# Main\n[x](#main)",
            "<h1 id=\"main-1\">Main</h1>\n<p><a href=\"https://example.org/posts/here/#main-1\">x</a></p>\n",
        ),
        (
            "<a href=\"#main\">x</a>\n\n# Main",
            "<p><a href=\"https://example.org/posts/here/#main-1\">x</a></p>\n<h1 id=\"main-1\">Main</h1>\n",
        ),
        ("[x](#main)", "<p><a href=\"https://example.org/posts/here/#main\">x</a></p>\n"),
        ("# a\n<a id=\"a\"></a>", "<h1 id=\"a-1\">a</h1>\n<p><a id=\"a\"></a></p>\n"),
        ("<div id=a>\n</div>\n\n# a", "<div id=a>\n</div>\n<h1 id=\"a-1\">a</h1>\n"),
        (
            "a[^1]\n\n# 1\n\n[^1]: b\n\n[x](#1)",
            "<p>a<sup class=\"footnote-reference\"><a href=\"#1-1\">1</a></sup></p>\n<h1 id=\"1\">1</h1>\n\
             <div class=\"footnote-definition\" id=\"1-1\"><sup class=\"footnote-definition-label\">1</sup>\n<p>b</p>\n</div>\n\
             <p><a href=\"https://example.org/posts/here/#1\">x</a></p>\n",
        ),
        (
            "# Continue reading\n<!-- more -->",
            "<h1 id=\"continue-reading-1\">Continue reading</h1>\n<span id=\"continue-reading\"></span>",
        ),
    ] {
        assert_eq!(html(text), expected, "{text}");
    }
    let noted = html_with("a[^1]\n\n## fn 1\n\n## fr 1 1\n\n[^1]: b", |options| options.bottom_footnotes = true);
    for part in [
        "id=\"fr-1-1-1\"><a href=\"#fn-1-1\">",
        "<h2 id=\"fn-1\">",
        "<h2 id=\"fr-1-1\">",
        "<li id=\"fn-1-1\">",
        "<a href=\"#fr-1-1-1\">",
    ] {
        assert!(noted.contains(part), "{part}: {noted}");
    }
    // The first of two definitions of one name has the id.
    assert_eq!(html("a[^b]\n\n[^b]: c\n\n[^b]: d").matches("id=\"b\"").count(), 1);
}

#[test]
fn a_reserved_id_is_reported() {
    for (text, html, message) in [
        ("<a id=b></a> <i id=b>c</i>", "<p><a id=b></a> <i>c</i></p>\n", "two places have the id `b`"),
        ("<p id='comments'>\n", "<p>\n", "the page has the id `comments` around its text"),
        ("# a {#comments}", "<h1 id=\"comments-1\">a</h1>\n", "the page has the id `comments` around its text"),
        ("<a id=b></a>\n\n# c {#b}", "<p><a id=b></a></p>\n<h1 id=\"b-1\">c</h1>\n", "two places have the id `b`"),
    ] {
        let rendered = Page::default().render(text);
        assert_eq!(rendered.html, html);
        let problems: Vec<_> = rendered.problems.iter().map(|problem| (problem.severity, &*problem.message)).collect();
        assert_eq!(problems, [(Severity::Warning, message)], "{text}");
    }
}

#[test]
fn headings_can_link_to_themselves() {
    let page = |insert_anchor| Page { insert_anchor, ..Page::default() };
    for (insert_anchor, expected) in [
        (InsertAnchor::None, "<h2 id=\"a-b\">A <em>b</em></h2>\n"),
        (InsertAnchor::Left, "<h2 id=\"a-b\"><a class=\"h2\" href=\"#a-b\">🔗</a>A <em>b</em></h2>\n"),
        (InsertAnchor::Right, "<h2 id=\"a-b\">A <em>b</em><a class=\"h2\" href=\"#a-b\">🔗</a></h2>\n"),
        (InsertAnchor::Heading, "<h2 id=\"a-b\"><a class=\"h2\" href=\"#a-b\">A <em>b</em></a></h2>\n"),
    ] {
        assert_eq!(page(insert_anchor).html("## A *b*"), expected);
    }
    // Links do not nest.
    assert_eq!(page(InsertAnchor::Heading).html("# [a](/b)"), "<h1 id=\"a\"><a href=\"/b\">a</a></h1>\n");
    // A template without a link cannot wrap a heading.
    let without = Page { anchor_link: |_, _, _| Ok("🔗".to_owned()), ..page(InsertAnchor::Heading) };
    assert_eq!(without.html("# a"), "<h1 id=\"a\">a</h1>\n");
}

#[test]
fn a_failing_template_is_reported_once() {
    let failing = Page {
        insert_anchor: InsertAnchor::Left,
        anchor_link: |_, _, _| Err("no such variable".to_owned()),
        ..Page::default()
    };
    let rendered = failing.render("# a\n\n# b\n");
    assert_eq!(rendered.html, "<h1 id=\"a\">a</h1>\n<h1 id=\"b\">b</h1>\n");
    assert_eq!(rendered.problems.len(), 1);
    assert_eq!(rendered.problems[0].message, "no such variable");
}

#[test]
fn the_table_of_contents_holds_plain_text() {
    let rendered = Page::default().render("# A *b* `c` <i>d</i>\n\n### E & f {#g}\n\n# H\n");
    let heading = |level, id: &str, title: &str, children| {
        let permalink = format!("https://example.org/posts/here/#{id}");
        Heading { level, id: id.to_owned(), permalink, title: title.to_owned(), children }
    };
    let nested = heading(3, "g", "E & f", vec![]);
    assert_eq!(rendered.toc, [heading(1, "a-b-c-d", "A b c d", vec![nested]), heading(1, "h", "H", vec![])]);
    let anchors: Vec<_> = rendered.anchors.into_iter().collect();
    assert_eq!(anchors, ["a-b-c-d", "g", "h"]);
}
