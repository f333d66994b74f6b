use crate::markdown::render_comment;

const REL: &str = "rel=\"nofollow ugc noopener\"";

fn check(cases: &[(&str, &str)]) {
    for (comment, expected) in cases {
        assert_eq!(render_comment(comment), expected.replace("REL", REL), "{comment}");
    }
}

#[test]
fn plain_markdown() {
    check(&[
        ("", ""),
        ("a *b* **c** ~~d~~ `e`", "<p>a <em>b</em> <strong>c</strong> <del>d</del> <code>e</code></p>\n"),
        ("> a\n\nb", "<blockquote>\n<p>a</p>\n</blockquote>\n<p>b</p>\n"),
        ("- a\n- b\n  1. c", "<ul>\n<li>a</li>\n<li>b<ol>\n<li>c</li>\n</ol>\n</li>\n</ul>\n"),
        ("3. a", "<ol start=\"3\">\n<li>a</li>\n</ol>\n"),
        ("a\n\n***\n\nb", "<p>a</p>\n<hr>\n<p>b</p>\n"),
        ("    a < b", "<pre tabindex=\"0\"><code>a &lt; b</code></pre>\n"),
        ("```html onload\n<b>\n```", "<pre tabindex=\"0\"><code>&lt;b&gt;\n</code></pre>\n"),
        (
            "|a|b|\n|:-|-:|\n|c|",
            "<table tabindex=\"0\"><thead><tr><th class=\"align-left\">a</th><th class=\"align-right\">b</th></tr></thead><tbody>\n\
             <tr><td class=\"align-left\">c</td><td class=\"align-right\"></td></tr>\n</tbody></table>\n",
        ),
        (
            "|a|b|\n|-|:-:|\n|c|d|\n\n|e|\n|-|",
            "<table tabindex=\"0\"><thead><tr><th>a</th><th class=\"align-center\">b</th></tr></thead><tbody>\n\
             <tr><td>c</td><td class=\"align-center\">d</td></tr>\n</tbody></table>\n\
             <table tabindex=\"0\"><thead><tr><th>e</th></tr></thead><tbody>\n</tbody></table>\n",
        ),
    ]);
}

#[test]
fn the_html_of_a_comment_is_bounded() {
    let table = |columns: usize, rows: usize| {
        format!("|{}\n|{}\n{}", "a|".repeat(columns), "-|".repeat(columns), "|b\n".repeat(rows))
    };
    let address = "x".repeat(400);
    for (name, comment) in [
        ("a table", table(512, 512)),
        ("a table in a quotation", table(300, 300).lines().map(|line| format!("> {line}\n")).collect()),
        ("many tables", format!("{}\n\n", table(40, 20)).repeat(60)),
        ("a link named again and again", format!("[a]: https://a.example/{address}\n\n{}", "[a] ".repeat(4_000))),
        ("pictures of it", format!("[a]: https://a.example/{address}\n\n{}", "![a] ".repeat(3_000))),
        ("quotations", "> ".repeat(10_000)),
        ("lists", "- ".repeat(10_000)),
        ("numbered lists", "1. ".repeat(6_000)),
        ("emphasis", "*a".repeat(10_000)),
        ("emphasis that ends", format!("{}a{}", "*".repeat(9_999), "*".repeat(9_999))),
        ("deleted text", "~~a~~ ".repeat(3_000)),
        ("addresses", "http://a ".repeat(2_200)),
        ("addresses in angles", "<a:b>".repeat(4_000)),
        ("entities", "&nGt;&NotEqualTilde;".repeat(1_000)),
        ("quotes", "\"".repeat(20_000)),
        ("rules", "***\n".repeat(5_000)),
        ("footnotes", "[^a]".repeat(5_000)),
        ("lines", "a\n".repeat(10_000)),
        ("empty items", "-\n".repeat(10_000)),
    ] {
        let html = render_comment(&comment);
        assert!(html.len() <= 16 * comment.len() + 9 * 1024, "{name}: {} of {}", html.len(), comment.len());
    }
    // Text that is not rendered is escaped and complete.
    let html = render_comment(&format!("<script>\n\n{}", table(512, 512)));
    assert!(html.starts_with("<p>&lt;script&gt;<br>\n<br>\n|a|a|") && !html.contains("<td>"));
    // A table of a usual size is rendered.
    assert!(render_comment(&table(8, 100)).contains("<td>"));
}

#[test]
fn a_line_break_is_a_line_break() {
    check(&[("a\nb  \nc\\\nd", "<p>a<br>\nb<br>\nc<br>\nd</p>\n"), ("a\r\nb", "<p>a<br>\nb</p>\n")]);
}

#[test]
fn headings_are_bold_paragraphs() {
    check(&[
        ("# a *b*", "<p><strong>a <em>b</em></strong></p>\n"),
        ("a\n---", "<p><strong>a</strong></p>\n"),
        ("# a {#b .c}", "<p><strong>a {#b .c}</strong></p>\n"),
    ]);
}

#[test]
fn task_lists_are_text() {
    check(&[("- [ ] a\n- [x] b", "<ul>\n<li>☐ a</li>\n<li>☑ b</li>\n</ul>\n")]);
}

#[test]
fn html_is_text() {
    check(&[
        ("a <b>c</b>", "<p>a &lt;b&gt;c&lt;/b&gt;</p>\n"),
        ("<div>\n*a*\n</div>\n\n*b*", "<p>&lt;div&gt;<br>\n*a*<br>\n&lt;/div&gt;</p>\n<p><em>b</em></p>\n"),
        ("<!-- more -->", "<p>&lt;!-- more --&gt;</p>\n"),
        ("a <b\nc=d>", "<p>a &lt;b<br>\nc=d&gt;</p>\n"),
        ("- <p>\n  a", "<ul>\n<li><p>&lt;p&gt;<br>\na</p>\n</li>\n</ul>\n"),
    ]);
}

#[test]
fn links_are_marked() {
    check(&[
        ("[a](https://example.org/?b&c \"d\")", "<p><a href=\"https://example.org/?b&amp;c\" REL>a</a></p>\n"),
        ("<http://example.org>", "<p><a href=\"http://example.org\" REL>http://example.org</a></p>\n"),
        ("<a@example.org>", "<p><a href=\"mailto:a@example.org\" REL>a@example.org</a></p>\n"),
        ("[*a*][b]\n\n[b]: https://example.org", "<p><a href=\"https://example.org\" REL><em>a</em></a></p>\n"),
        ("[](https://example.org)", "<p><a href=\"https://example.org\" REL>https://example.org</a></p>\n"),
    ]);
}

#[test]
fn links_to_elsewhere_are_text() {
    check(&[
        ("[a](javascript:alert(1))", "<p>a</p>\n"),
        ("[a *b*](/c)", "<p>a <em>b</em></p>\n"),
        ("[a](//example.org)", "<p>a</p>\n"),
        ("[a](#b)", "<p>a</p>\n"),
        ("<ftp://example.org>", "<p>ftp://example.org</p>\n"),
    ]);
}

#[test]
fn images_are_links() {
    check(&[
        (
            "![a *b*](https://example.org/c.png \"d\")",
            "<p><a href=\"https://example.org/c.png\" REL>a <em>b</em></a></p>\n",
        ),
        (
            "![](https://example.org/c.png)",
            "<p><a href=\"https://example.org/c.png\" REL>https://example.org/c.png</a></p>\n",
        ),
        ("![a](c.png)", "<p>a</p>\n"),
        // Links do not nest: the outermost counts.
        ("[![a](https://b.example)](https://c.example)", "<p><a href=\"https://c.example\" REL>a</a></p>\n"),
        (
            "![a [b](https://b.example) c](https://c.example) [d](https://d.example)",
            "<p><a href=\"https://c.example\" REL>a b c</a> <a href=\"https://d.example\" REL>d</a></p>\n",
        ),
        ("[![a](https://b.example)](/c)", "<p><a href=\"https://b.example\" REL>a</a></p>\n"),
    ]);
}

#[test]
fn urls_become_links() {
    check(&[
        (
            "See https://example.org/a_b_(c), or so.",
            "<p>See <a href=\"https://example.org/a_b_(c)\" REL>https://example.org/a_b_(c)</a>, or so.</p>\n",
        ),
        (
            "https://a.example https://b.example",
            "<p><a href=\"https://a.example\" REL>https://a.example</a> <a href=\"https://b.example\" REL>https://b.example</a></p>\n",
        ),
        (
            "https://example.org/?a=b&amp;c[d]",
            "<p><a href=\"https://example.org/?a=b&amp;c[d\" REL>https://example.org/?a=b&amp;c[d</a>]</p>\n",
        ),
        ("https://user@example.org ftp://a https://", "<p>https://user@example.org ftp://a https://</p>\n"),
        ("`https://example.org`", "<p><code>https://example.org</code></p>\n"),
        ("[https://a.example](https://b.example)", "<p><a href=\"https://b.example\" REL>https://a.example</a></p>\n"),
    ]);
}

#[test]
fn unsupported_markdown_stays_text() {
    for text in [
        "{{ config.title }}",
        "{% include \"x.html\" %}",
        "{# x #}",
        "{{<search_box />}}",
        "a[^1]",
        "$x$",
        "[[x]]",
        ":smile:",
        "\"a\" -- 'b'...",
    ] {
        assert_eq!(render_comment(text), format!("<p>{}</p>\n", text.replace('<', "&lt;").replace('>', "&gt;")));
    }
}
