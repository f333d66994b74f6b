//! What HTML becomes.

use super::*;

fn post(html: &str) -> Conversion {
    Converter::new(&Markdown::default())
        .post(&Text { text: html.to_owned(), format: Format::Html }, &|url| url.to_owned())
}

fn said(html: &str) -> String {
    comment(&Text { text: html.to_owned(), format: Format::HtmlWithLines }).markdown
}

#[test]
fn html_becomes_markdown() {
    for (html, markdown) in [
        ("<p>One <em>two</em> <strong>three</strong></p><p>Four</p>", "One *two* **three**\n\nFour"),
        ("<h2>A # title</h2><hr>", "## A # title\n\n---"),
        ("<p><a href=\"https://a.example/x(1)\" title=\"T\">a</a></p>", "[a](<https://a.example/x(1)> \"T\")"),
        ("<p><a href=\"https://a.example/\">https://a.example/</a></p>", "<https://a.example/>"),
        ("<ul><li>a</li><li>b<ol start=\"3\"><li>c</li></ol></li></ul>", "- a\n- b\n\n  3. c"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
        ("<pre><code class=\"language-rust\">fn a() {}\n\n```\n</code></pre>", "````rust\nfn a() {}\n\n```\n````"),
        ("<p><code>a`b</code></p>", "``a`b``"),
        ("<p>a<br>b</p>", "a\\\nb"),
        (
            "<p>1. not a list * nor _this_ <b>\u{201c}x\u{201d}</b>y</p>",
            "1\\. not a list \\* nor \\_this\\_ <strong>\u{201c}x\u{201d}</strong>y",
        ),
        ("<p><img src=\"a.jpg\" alt=\"A [cat]\"></p>", "![A \\[cat\\]](a.jpg)"),
        (
            "<table><tr><th>a</th><th>b</th></tr><tr><td>1|2</td><td>3</td></tr></table>",
            "| a | b |\n| --- | --- |\n| 1\\|2 | 3 |",
        ),
        ("<p>a</p><!--more--><p>b</p>", "a\n\n<!-- more -->\n\nb"),
        ("<div class=\"x\"><div><p>deep</p></div></div>", "deep"),
        ("<p>x<sup>2</sup> &lt;b&gt; &amp;amp;</p>", "x<sup>2</sup> \\<b> \\&amp;"),
    ] {
        assert_eq!(post(html), Conversion { markdown: markdown.to_owned(), ..Conversion::default() }, "{html}");
    }
}

#[test]
fn what_markdown_has_no_form_for_stays_html() {
    let figure =
        post("<figure class=\"wp\"><img src=\"a.jpg\" alt=\"\"><figcaption>Two\n\n<em>cats</em></figcaption></figure>");
    assert_eq!(
        figure.markdown,
        "<div>\n<figure><img src=\"a.jpg\" alt=\"\"><figcaption>Two\n<em>cats</em></figcaption></figure>\n</div>"
    );
    assert_eq!((figure.unconverted, figure.differs), (1, false));
    let table = post("<table><tr><td colspan=2>a</td></tr></table><p>b</p>");
    assert_eq!((table.unconverted, table.differs), (1, false));
    assert!(table.markdown.ends_with("</div>\n\nb"), "{}", table.markdown);
}

#[test]
fn nothing_that_runs_survives() {
    for html in [
        "<script>alert(1)</script>",
        "<p onclick=\"alert(1)\">x</p>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<a href=\" java\nscript:alert(1)\">x</a>",
        "<img src=x onerror=alert(1)>",
        "<svg><script>alert(1)</script></svg>",
        "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
        "<form action=\"javascript:alert(1)\"><input autofocus onfocus=alert(1)></form>",
        "<object data=\"data:text/html,<script>alert(1)</script>\"></object>",
        "<figure><img src=\"javascript:alert(1)\"><figcaption onmouseover=alert(1)>x</figcaption></figure>",
        "<style>@import 'javascript:alert(1)'</style>",
        "<a href=\"data:text/html,alert(1)\">x</a>",
    ] {
        let done = post(html);
        assert!(!done.markdown.contains("alert"), "{html}: {}", done.markdown);
        assert!(!said(html).contains("](javascript"), "{html}");
    }
    let video = post("<p><iframe src=\"//video.example/1\"></iframe></p>");
    assert_eq!((video.markdown.as_str(), video.cleaned.frames), ("<https://video.example/1>", 1));
}

#[test]
fn comments_keep_their_lines_links_and_code() {
    for (html, markdown) in [
        ("One\ntwo\n\nThree", "One\ntwo\n\nThree"),
        (
            "See http://a.example/x_y, or (https://b.example/).",
            "See <http://a.example/x_y>, or (<https://b.example/>).",
        ),
        (
            "<blockquote>q</blockquote>\na <a href=\"https://a.example\" rel=\"nofollow\">b</a>",
            "> q\n\na [b](https://a.example)",
        ),
        ("<img src=\"https://a.example/x.gif\" alt=\"cat\">", "[cat](https://a.example/x.gif)"),
        ("<pre>+++\nx</pre>", "```\n+++\nx\n```"),
        ("# no heading\n- no list\n<b>\u{201c}x\u{201d}</b>y", "\\# no heading\n\\- no list\n\u{201c}x\u{201d}y"),
        ("a < b &amp;&amp; c", "a \\< b && c"),
    ] {
        assert_eq!(said(html), markdown, "{html}");
    }
}

#[test]
fn template_syntax_is_text() {
    for text in [
        "{{ a }}",
        "{% if x %}",
        "{# c #}",
        "{{{% x %}}",
        "{{% endraw %}",
        "## A {# not an id #}",
        "{# x}\n",
        "a {% endraw %} b {{",
    ] {
        let escaped = escape_templates(text);
        let rendered = tera::Tera::default().render_str(&escaped, &tera::Context::new(), false).expect("a template");
        assert_eq!(rendered, text);
    }
    assert_eq!(escape_templates("## A {#my-id}\n{ x }"), "## A {#my-id}\n{ x }");
}

#[test]
fn a_million_nested_elements_are_text() {
    for element in ["<div>", "<b>", "<blockquote>", "<ul><li>", "<table><tr><td>", "<p><b>"] {
        let html = element.repeat(1_000_000 / element.len());
        post(&html);
        said(&html);
    }
    assert!(post(&format!("{}deep", "<div>".repeat(2000))).markdown.contains("deep"));
}
