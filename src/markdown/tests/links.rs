use super::*;
use crate::diagnostic::Severity;
use crate::markdown::InternalLink;

#[test]
fn links_lead_where_they_should() {
    for (destination, expected) in [
        ("@/posts/there.md", "https://example.org/posts/there/"),
        ("@/posts/there.md#a", "https://example.org/posts/there/#a"),
        ("@/two%20words.md", "https://example.org/two-words/"),
        ("#a", "https://example.org/posts/here/#a"),
        ("#", "#"),
        ("a.pdf", "https://example.org/posts/here/a.pdf"),
        ("/a?b&c", "/a?b&amp;c"),
        ("../a", "https://example.org/posts/a"),
        ("?a", "https://example.org/posts/here/?a"),
        ("https://example.org/a", "https://example.org/a"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("xmpp:a@example.org", "xmpp:a@example.org"),
        ("about:blank", "about:blank"),
    ] {
        assert_eq!(html(&format!("[x]({destination})")), format!("<p><a href=\"{expected}\">x</a></p>\n"));
    }
    assert_eq!(html("[x](/a \"b\\\"c\")"), "<p><a href=\"/a\" title=\"b&quot;c\">x</a></p>\n");
    assert_eq!(html("<a@example.org>"), "<p><a href=\"mailto:a@example.org\">a@example.org</a></p>\n");
}

#[test]
fn links_and_pictures_lead_to_the_same_place_from_everywhere() {
    for (text, expected) in [
        ("![a](../b.png)", "<p><img src=\"https://example.org/posts/b.png\" alt=\"a\" /></p>\n"),
        (
            "<a href=\"b\">c</a> <img src=../d.png>",
            "<p><a href=\"https://example.org/posts/here/b\">c</a> <img src=\"https://example.org/posts/d.png\"></p>\n",
        ),
        (
            "<figure\n  class=x>\n<img\n  src=a.png\n  srcset=\"b.png 2x\">\n</figure>\n",
            "<figure\n  class=x>\n<img\n  src=\"https://example.org/posts/here/a.png\"\n  \
             srcset=\"https://example.org/posts/here/b.png 2x\">\n</figure>\n",
        ),
        ("- <a href=\"#b\">c</a>", "<ul>\n<li><a href=\"https://example.org/posts/here/#b\">c</a></li>\n</ul>\n"),
        (
            "`<a href=b>`\n\n    <a href=b>",
            "<p><code>&lt;a href=b&gt;</code></p>\n<pre tabindex=\"0\"><code>&lt;a href=b&gt;</code></pre>\n",
        ),
    ] {
        assert_eq!(html(text), expected, "{text}");
    }
}

#[test]
fn links_are_collected_for_the_link_check() {
    let rendered = Page::default()
        .render("[a](@/posts/there.md#%C3%A9)\n[b](#c)\n[d](https://example.com/e)\n<h@example.org>\n[i](/j)\n");
    let link = |path: &str, anchor: &str, written: &str, span| InternalLink {
        path: path.to_owned(),
        anchor: Some(anchor.to_owned()),
        written: written.to_owned(),
        span,
    };
    assert_eq!(
        rendered.internal_links,
        [link("posts/there.md", "é", "@/posts/there.md#%C3%A9", 0..28), link("posts/here.md", "c", "#c", 29..36),]
    );
}

#[test]
fn dead_links_are_reported_at_their_place() {
    let body = "# a\n\nA [link](@/posts/their.md#b), and [another]().\n";
    let rendered = Page::default().render(body);
    assert_eq!(
        rendered.html,
        "<h1 id=\"a\">a</h1>\n<p>A <a href=\"@/posts/their.md#b\">link</a>, and <a href=\"#\">another</a>.</p>\n"
    );
    let problems: Vec<_> = rendered
        .problems
        .iter()
        .map(|problem| {
            assert_eq!(problem.severity, Severity::Error);
            (problem.message.as_str(), &body[problem.span.clone()], problem.needle.as_deref())
        })
        .collect();
    assert_eq!(
        problems,
        [
            (
                "there is no page or section `posts/their.md` to link to",
                "[link](@/posts/their.md#b)",
                Some("@/posts/their.md#b")
            ),
            ("this link has no destination", "[another]()", Some("[another]()")),
        ]
    );
}

#[test]
fn links_to_other_sites_can_be_marked() {
    let link = |change: &dyn Fn(&mut Markdown)| html_with("<https://example.com/?a&b>", |options| change(options));
    let whole = |attributes: &str| {
        format!("<p><a {attributes}href=\"https://example.com/?a&amp;b\">https://example.com/?a&amp;b</a></p>\n")
    };
    assert_eq!(link(&|_| {}), whole(""));
    assert_eq!(link(&|options| *options = Markdown::default()), whole("rel=\"external\" "));
    assert_eq!(link(&|options| options.external_links_no_follow = true), whole("rel=\"nofollow\" "));
    assert_eq!(link(&|options| options.external_links_no_referrer = true), whole("rel=\"noreferrer\" "));
    assert_eq!(
        link(&|options| options.external_links_target_blank = true),
        whole("rel=\"noopener\" target=\"_blank\" ")
    );
    assert_eq!(link(&|options| options.external_links_class = Some("a b".to_owned())), whole("class=\"a b\" "));
    let all = |options: &mut Markdown| {
        options.external_links_class = Some("out".to_owned());
        options.external_links_target_blank = true;
        options.external_links_no_follow = true;
        options.external_links_no_referrer = true;
        options.external_links_external = true;
    };
    assert_eq!(link(&all), whole("class=\"out\" rel=\"noopener nofollow noreferrer external\" target=\"_blank\" "));
    // An address that begins with a scheme is external even if it is the site's own.
    assert_eq!(
        html_with("[x](https://example.org/y)", |options| options.external_links_external = true),
        "<p><a rel=\"external\" href=\"https://example.org/y\">x</a></p>\n"
    );
    assert_eq!(html_with("[x](@/posts/there.md)", all), "<p><a href=\"https://example.org/posts/there/\">x</a></p>\n");
}
