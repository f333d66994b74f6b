//! The HTML of a site with a configuration of Zola's.

use super::*;

fn page() -> Page {
    Page { options: Markdown { follows_zola: true, ..Markdown::default() }, ..Page::default() }
}

#[test]
fn raw_html_stays_as_it_is() {
    for raw in [
        "<p id=a><a href=\"b\">c</a> <img src='../d.png' srcset=\"e.png 2x\"></p>\n",
        "<div id=\"main\">\n<table><tr><td style=\"background: url(x.png)\">\n</table>\n</div>\n",
        "<pre>a</pre>\n",
        "<form action><a href=\"#main\">x</a></form>\n",
    ] {
        assert_eq!(page().render(raw).html, raw);
    }
    // The second id is reported all the same.
    let rendered = page().render("<p id=a>\n<p id=a>\n");
    assert_eq!(rendered.html, "<p id=a>\n<p id=a>\n");
    assert_eq!(rendered.problems.iter().filter(|problem| problem.message.contains("the id `a`")).count(), 1);
    assert!(rendered.anchors.contains("a"));
}

#[test]
fn addresses_below_the_page_begin_with_its_address() {
    for (destination, expected) in [
        ("a.pdf", "https://example.org/posts/here/a.pdf"),
        ("./a.pdf", "https://example.org/posts/here/./a.pdf"),
        ("../a.pdf", "../a.pdf"),
        ("/a", "/a"),
        ("mailto:a@example.org", "mailto:a@example.org"),
    ] {
        assert_eq!(page().html(&format!("[x]({destination})")), format!("<p><a href=\"{expected}\">x</a></p>\n"));
        assert_eq!(
            page().html(&format!("![x]({destination})")),
            format!("<p><img src=\"{expected}\" alt=\"x\" /></p>\n")
        );
    }
}

#[test]
fn only_headings_make_room_for_each_other() {
    assert_eq!(
        page().html("<i id=\"a\"></i>\n\n# a\n# a\n# b {#a-1}\n"),
        "<p><i id=\"a\"></i></p>\n<h1 id=\"a\">a</h1>\n<h1 id=\"a-2\">a</h1>\n<h1 id=\"a-1\">b</h1>\n"
    );
    let noted = page().html("a[^1]\n\n# 1\n\n[^1]: b\n");
    assert!(noted.contains("<h1 id=\"1\">") && noted.contains("class=\"footnote-definition\" id=\"1\""), "{noted}");
}

#[test]
fn no_line_ends_with_the_summary() {
    for (text, expected) in [
        ("a\n\n<!-- more -->\n\n<b>c</b>\n", "<p>a</p>\n<span id=\"continue-reading\"></span>\n<p><b>c</b></p>\n"),
        ("a\n\n<!-- more -->\n\n<div>c</div>\n", "<p>a</p>\n<span id=\"continue-reading\"></span><div>c</div>\n"),
        ("a\n\n<!-- more -->\n", "<p>a</p>\n<span id=\"continue-reading\"></span>"),
        ("a\n\n<!-- more --> b\n", "<p>a</p>\n<span id=\"continue-reading\"></span> b\n"),
    ] {
        let rendered = page().render(text);
        assert_eq!(rendered.html, expected);
        assert_eq!(rendered.summary.unwrap(), "<p>a</p>");
    }
}

#[test]
fn elements_have_no_attributes_of_their_own() {
    for (text, expected) in [
        ("- [x] a", "<ul>\n<li><input disabled=\"\" type=\"checkbox\" checked=\"\"/>\na</li>\n</ul>\n"),
        ("    a", "<pre><code>a</code></pre>\n"),
        (
            "|a|\n|:-|\n",
            "<table><thead><tr><th style=\"text-align: left\">a</th></tr></thead><tbody>\n</tbody></table>\n",
        ),
    ] {
        assert_eq!(page().html(text), expected, "{text}");
    }
}

#[test]
fn the_link_around_a_heading_keeps_its_label() {
    let page = Page {
        insert_anchor: InsertAnchor::Heading,
        anchor_link: |id, _, _| Ok(format!("<a href=\"#{id}\" aria-label=\"{id}\">#</a>")),
        ..page()
    };
    assert_eq!(page.html("# a"), "<h1 id=\"a\"><a href=\"#a\" aria-label=\"a\">a</a></h1>\n");
}

#[test]
fn footnotes_at_the_end_are_a_section() {
    let page = Page { options: Markdown { bottom_footnotes: true, ..page().options }, ..page() };
    assert_eq!(
        page.html("a[^1]\n\n[^1]: b\n"),
        "<p>a<sup class=\"footnote-reference\" id=\"fr-1-1\"><a href=\"#fn-1\">[1]</a></sup></p>\n\
         <section class=\"footnotes\">\n<ol class=\"footnotes-list\">\n<li id=\"fn-1\">\n\
         <p>b <a href=\"#fr-1-1\">↩</a></p>\n</li>\n</ol>\n</section>\n"
    );
}

#[test]
fn a_summary_keeps_its_ids() {
    let rendered = page().render("# a\n\n<i id=b></i>\n\n<!-- more -->\n");
    assert_eq!(rendered.summary.as_deref(), Some("<h1 id=\"a\">a</h1>\n<p><i id=b></i></p>"));
}
