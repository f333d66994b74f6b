use pulldown_cmark::{Options, Parser};

use super::*;

/// Everything without an intended change is byte for byte the HTML of pulldown-cmark.
#[test]
fn plain_elements_are_those_of_the_parser() {
    let texts = [
        "A paragraph\nof two lines,  \nor three.\\\nOr four.\n\nAnother.",
        "*a* _b_ **c** __d__ ***e*** ~~f~~ `<g>` &amp; &copy; < > \" '",
        "- a\n- b\n\n  c\n\n  - d\n    1. e\n    2. f\n\n7. g\n8) h",
        "1. a\n\n   b\n2. c\n   > d\n   > - e\n\n* * *\n- - -",
        "> a\n> > b\n\n> c\n\n---\n\nd\n***\ne",
        "| a | b | c | d |\n|---|:--|:-:|--:|\n| 1 | 2 | 3 | 4 |\n| *5* | `\\|` |\n\n| e |\n|---|\n| f |",
        "<div>\n*a*\n</div>\n\n<b>c</b> <br> d <!-- e -->\n\n<!-- f -->\n\n- <div>\n  g\n  </div>",
        "[a](/b \"c\\\"d\") <e@example.org> [f]\n\n[f]: /g",
        "a[^1] b[^2] c[^1]\n\n[^1]: d\n\n    e\n\n[^2]: f\n\ng",
        "",
        "\n\n",
        "\u{0}é字😀",
    ];
    let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH;
    for text in texts {
        let mut expected = String::new();
        pulldown_cmark::html::push_html(&mut expected, Parser::new_ext(text, options));
        // Tables can be focused.
        let expected = expected.replace("<table>", "<table tabindex=\"0\">");
        assert_eq!(html(text), expected, "{text}");
    }
}

#[test]
fn boxes_of_tasks_have_names() {
    let open = |name: &str| format!("<input disabled=\"\" type=\"checkbox\" aria-label=\"{name}\"/>\n");
    let done = |name: &str| format!("<input disabled=\"\" type=\"checkbox\" checked=\"\" aria-label=\"{name}\"/>\n");
    for (text, expected) in [
        (
            "- [ ] a *b* `c` [d](/e)\n  f",
            format!("<ul>\n<li>{}a <em>b</em> <code>c</code> <a href=\"/e\">d</a>\nf</li>\n</ul>\n", open("a b c d f")),
        ),
        ("- [x] a \"b\"", format!("<ul>\n<li>{}a \"b\"</li>\n</ul>\n", done("a &quot;b&quot;"))),
        (
            "- [x] a\n  - [ ] b",
            format!("<ul>\n<li>{}a\n<ul>\n<li>{}b</li>\n</ul>\n</li>\n</ul>\n", done("a"), open("b")),
        ),
        (
            "- [ ] a\n\n  b\n- [X] c",
            format!("<ul>\n<li>\n<p>{}a</p>\n<p>b</p>\n</li>\n<li>\n<p>{}c</p>\n</li>\n</ul>\n", open("a"), done("c")),
        ),
        (
            "- [ ] ![a](/b)\n- [x] <b></b>",
            format!("<ul>\n<li>{}<img src=\"/b\" alt=\"a\" /></li>\n<li>{}<b></b></li>\n</ul>\n", open("a"), done("☑")),
        ),
    ] {
        assert_eq!(html(text), expected, "{text}");
    }
}

#[test]
fn smart_punctuation() {
    let text = "\"It's\" 'a' -- b --- c...";
    assert_eq!(html(text), "<p>\"It's\" 'a' -- b --- c...</p>\n");
    assert_eq!(html_with(text, |options| options.smart_punctuation = true), "<p>“It’s” ‘a’ – b — c…</p>\n");
}

#[test]
fn definition_lists() {
    let text = "Term\n: Meaning\n: Another\n";
    assert_eq!(html(text), "<p>Term\n: Meaning\n: Another</p>\n");
    assert_eq!(
        html_with(text, |options| options.definition_list = true),
        "<dl>\n<dt>Term</dt>\n<dd>Meaning</dd>\n<dd>Another</dd>\n</dl>\n"
    );
}

#[test]
fn alerts() {
    let text = "> [!NOTE]\n> a\n\n> [!CAUTION]\n> b\n";
    assert_eq!(
        html_with(text, |options| options.github_alerts = true),
        "<blockquote class=\"markdown-alert-note\">\n<p>a</p>\n</blockquote>\n\
         <blockquote class=\"markdown-alert-caution\">\n<p>b</p>\n</blockquote>\n"
    );
    assert!(html(text).starts_with("<blockquote>\n<p>[!NOTE]\na</p>\n</blockquote>\n"));
}

#[test]
fn emoji_are_not_for_code() {
    let text = "# :cat:\n\n:smile: `:smile:` ![:dog:](/d.png) *:+1:*\n\n    :smile:\n\n```\n:smile:\n```\n";
    let page = Page { options: Markdown { render_emoji: true, ..Markdown::default() }, ..Page::default() };
    let rendered = page.render(text);
    assert_eq!(
        rendered.html,
        "<h1 id=\"cat\">🐱</h1>\n\
         <p>😄 <code>:smile:</code> <img src=\"/d.png\" alt=\"🐶\" /> <em>👍</em></p>\n\
         <pre tabindex=\"0\"><code>:smile:\n</code></pre>\n\
         <pre tabindex=\"0\"><code>:smile:\n</code></pre>\n"
    );
    assert_eq!(rendered.toc[0].title, "🐱");
    assert!(html(text).contains("<p>:smile: "));
}

#[test]
fn images() {
    for (text, expected) in [
        ("![a](/b.png)", "<img src=\"/b.png\" alt=\"a\" />"),
        ("![](https://example.com/b.png)", "<img src=\"https://example.com/b.png\" alt=\"\" />"),
        (
            "![a \"<b>\" *c* `d` [e](/f) ![g](/h)](/i \"j\\\"\")",
            "<img src=\"/i\" alt=\"a &quot;&quot; c d e g\" title=\"j&quot;\" />",
        ),
        ("![a\nb](/c)", "<img src=\"/c\" alt=\"a b\" />"),
        ("![a](b.png)", "<img src=\"https://example.org/posts/here/b.png\" alt=\"a\" />"),
        ("![a](./b.png)", "<img src=\"https://example.org/posts/here/b.png\" alt=\"a\" />"),
        ("![a](../b.png)", "<img src=\"https://example.org/posts/b.png\" alt=\"a\" />"),
        ("![a](<b c.png>)", "<img src=\"https://example.org/posts/here/b%20c.png\" alt=\"a\" />"),
    ] {
        assert_eq!(html(text), format!("<p>{expected}</p>\n"), "{text}");
    }
    assert_eq!(
        html_with("![a](/b.png \"c\")", |options| options.lazy_async_image = true),
        "<p><img src=\"/b.png\" alt=\"a\" title=\"c\" loading=\"lazy\" decoding=\"async\" /></p>\n"
    );
}

#[test]
fn anchors_of_raw_html() {
    let text = "<div\n  id=\"a\">\n\n<a name=b></a> c <b id='d'>\n\n    <p id=\"code\">\n\n# e\n\n`<p id=\"f\">`\n";
    let anchors: Vec<_> = Page::default().render(text).anchors.into_iter().collect();
    assert_eq!(anchors, ["a", "b", "d", "e"]);
}
