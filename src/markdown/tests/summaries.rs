use super::*;
use crate::diagnostic::Severity;

fn summary(body: &str) -> Option<String> {
    let rendered = Page::default().render(body);
    assert!(rendered.problems.iter().all(|problem| problem.severity == Severity::Warning), "{:?}", rendered.problems);
    rendered.summary
}

#[test]
fn the_summary_ends_at_the_mark() {
    let rendered = Page::default().render("# a\n\n*b*\n\n<!-- more -->\n\nc\n");
    assert_eq!(rendered.summary.as_deref(), Some("<h1>a</h1>\n<p><em>b</em></p>"));
    assert_eq!(
        rendered.html,
        "<h1 id=\"a\">a</h1>\n<p><em>b</em></p>\n<span id=\"continue-reading\"></span>\n<p>c</p>\n"
    );
    assert!(rendered.anchors.contains("continue-reading"));
    assert_eq!(summary("a\n\nb\n"), None);
    assert_eq!(summary("a\n\n`<!-- more -->`\n\n    <!-- more -->\n"), None);
    assert_eq!(summary("<!-- more -->").as_deref(), Some(""));
    // Only the first mark counts.
    assert_eq!(summary("a\n\n<!--more-->\n\nb\n\n<!--more-->").as_deref(), Some("<p>a</p>"));
}

#[test]
fn elements_that_are_open_are_closed() {
    for (body, expected) in [
        ("a <!-- more --> b", "<p>a…</p>\n"),
        ("1. a\n2. *b <!-- more --> c*\n3. d", "<ol>\n<li>a</li>\n<li><em>b…</em></li>\n</ol>\n"),
        ("> [a <!-- more --> b](/c)", "<blockquote>\n<p><a href=\"/c\">a…</a></p>\n</blockquote>\n"),
        (
            "|a|\n|-|\n|b <!-- more -->|",
            "<table tabindex=\"0\"><thead><tr><th>a</th></tr></thead><tbody>\n<tr><td>b…</td></tr>\n</tbody></table>\n",
        ),
        (
            "|a <!-- more -->|\n|-|",
            "<table tabindex=\"0\"><thead><tr><th>a…</th></tr></thead><tbody>\n</tbody></table>\n",
        ),
        // A heading with the mark in it is left out.
        ("a\n\n# b <!-- more --> c", "<p>a</p>"),
        ("- a\n\n  # b <!-- more --> c", "<ul>\n<li>\n<p>a</p>…</li>\n</ul>\n"),
    ] {
        assert_eq!(summary(body).as_deref(), Some(expected), "{body}");
    }
}

#[test]
fn raw_html_that_is_open_is_closed() {
    for (body, expected) in [
        ("<b>bold <!-- more --> still</b>", "<p><b>bold…</b></p>"),
        ("*a <b>bold <!-- more --> still</b>*", "<p><em>a <b>bold…</b></em></p>"),
        ("<div>\n\na\n\n<!-- more -->\n\n</div>", "<div>\n<p>a</p>…</div>"),
        ("<p>a <b>b\n<p>c <!-- more -->", "<p>a <b>b\n<p>c…</b></p>"),
        ("<table><tr><td>a\n\n<!-- more -->", "<table tabindex=\"0\"><tr><td>a…</td></tr></table>"),
        ("<table><tr>\n\n<!-- more -->", "<table tabindex=\"0\"><tr></tr></table>…"),
        ("<textarea>a\n\n<!-- more -->", "<textarea>a</textarea>…"),
        ("<style>\nb {}\n<!-- more -->", "<style>\nb {}</style>…"),
        ("<div><template>a\n<!-- more -->", "<div><template>a</template>…</div>"),
        ("a <iframe src=\"/x\"> <!-- more --> b", "<p>a <iframe src=\"/x\"></iframe>…</p>"),
        ("- a <i>b <!-- more --> c</i>", "<ul>\n<li>a <i>b…</i></li></ul>"),
        ("<b>a</b> <br> <!-- more --> b", "<p><b>a</b> <br>…</p>\n"),
        ("</div> a <!-- more --> b", "</div> a"),
    ] {
        assert_eq!(summary(body).as_deref(), Some(expected), "{body}");
    }
}

#[test]
fn a_summary_can_be_shown_elsewhere() {
    for (body, expected) in [
        (
            "# a\n\n[b](#a) <a href=\"c\">c</a>\n\n<!-- more -->",
            "<h1>a</h1>\n<p><a href=\"https://example.org/posts/here/#a\">b</a> <a href=\"https://example.org/posts/here/c\">c</a></p>",
        ),
        // In the same block as the mark.
        (
            "<div id=a>\n<img src=b.png>\n<!-- more -->\n</div>",
            "<div>\n<img src=\"https://example.org/posts/here/b.png\">…</div>",
        ),
        ("<img src=../b.png> <!-- more --> <img src=c.png>", "<p><img src=\"https://example.org/posts/b.png\">…</p>\n"),
        (
            "- [ ] a <!-- more --> b",
            "<ul>\n<li><input disabled=\"\" type=\"checkbox\" aria-label=\"a\"/>\na…</li>\n</ul>\n",
        ),
    ] {
        assert_eq!(summary(body).as_deref(), Some(expected), "{body}");
    }
    let page = Page { insert_anchor: InsertAnchor::Left, ..Page::default() };
    let anchored = page.render("# a\n\n<!-- more -->").summary.unwrap_or_default();
    assert_eq!(anchored, "<h1><a class=\"h1\" href=\"https://example.org/posts/here/#a\">🔗</a>a</h1>");
}

#[test]
fn the_template_sees_the_summary() {
    let page = Page { summary_cutoff: |summary| Ok(format!("[{}]", summary.len())), ..Page::default() };
    assert_eq!(page.render("abc <!-- more --> d").summary.as_deref(), Some("<p>abc[6]</p>\n"));
    let failing = Page { summary_cutoff: |_| Err("no such variable".to_owned()), ..Page::default() };
    let rendered = failing.render("abc <!-- more --> d");
    assert_eq!(rendered.summary.as_deref(), Some("<p>abc</p>\n"));
    assert_eq!(rendered.problems[0].message, "no such variable");
}

#[test]
fn a_summary_has_no_footnotes() {
    let body = "a[^1] b\n\n<!-- more -->\n\n[^1]: c\n";
    assert_eq!(summary(body).as_deref(), Some("<p>a b</p>"));
    let page = Page { options: Markdown { bottom_footnotes: true, ..Markdown::default() }, ..Page::default() };
    assert_eq!(page.render(body).summary.as_deref(), Some("<p>a b</p>"));
    // Footnotes are shown at the end, so the mark in one has no effect.
    assert_eq!(page.render("a[^1]\n\n[^1]: b <!-- more --> c").summary, None);
}
