use super::*;

fn at_the_end(text: &str) -> String {
    html_with(text, |options| options.bottom_footnotes = true)
}

#[test]
fn footnotes_at_the_end_link_back() {
    assert_eq!(
        at_the_end("[^b]: *B*\n\nOne[^a], two[^b], one again[^A].\n\n[^a]: A\n\n    and more\n"),
        "<p>One<sup class=\"footnote-reference\" id=\"fr-a-1\"><a href=\"#fn-a\">[1]</a></sup>, \
         two<sup class=\"footnote-reference\" id=\"fr-b-1\"><a href=\"#fn-b\">[2]</a></sup>, \
         one again<sup class=\"footnote-reference\" id=\"fr-a-2\"><a href=\"#fn-a\">[1]</a></sup>.</p>\n\
         <div class=\"footnotes\" role=\"doc-endnotes\">\n<ol class=\"footnotes-list\">\n\
         <li id=\"fn-a\">\n<p>A</p>\n<p>and more <a href=\"#fr-a-1\">↩</a> <a href=\"#fr-a-2\">↩2</a></p>\n</li>\n\
         <li id=\"fn-b\">\n<p><em>B</em> <a href=\"#fr-b-1\">↩</a></p>\n</li>\n\
         </ol>\n</div>\n"
    );
}

#[test]
fn footnotes_that_nothing_refers_to_are_left_out() {
    assert_eq!(at_the_end("a\n\n[^1]: b\n"), "<p>a</p>\n");
    // The first of two definitions of one name counts.
    let html = at_the_end("a[^1]\n\n[^1]: b\n\n[^1]: c\n");
    assert!(html.contains("<p>b ") && !html.contains("<p>c "), "{html}");
}

#[test]
fn a_footnote_without_a_paragraph_has_its_links_behind_it() {
    let html = at_the_end("a[^1]\n\n[^1]:\n    ```\n    b\n    ```\n");
    assert!(html.contains("b\n</code></pre>\n <a href=\"#fr-1-1\">↩</a></li>\n"), "{html}");
}

#[test]
fn footnotes_in_footnotes() {
    let html = at_the_end("a[^1]\n\n[^1]: b[^2]\n\n[^2]: # c\n");
    assert!(
        html.contains("<p>b<sup class=\"footnote-reference\" id=\"fr-2-1\"><a href=\"#fn-2\">[2]</a></sup> "),
        "{html}"
    );
    assert!(html.contains("<h1 id=\"c\">c</h1>\n <a href=\"#fr-2-1\">↩</a></li>\n"), "{html}");
}

#[test]
fn anchors_of_footnotes() {
    let text = "a[^x y]\n\n[^x y]: b\n";
    let anchors = |page: Page| page.render(text).anchors.into_iter().collect::<Vec<_>>();
    assert_eq!(anchors(Page::default()), ["x y"]);
    let options = Markdown { bottom_footnotes: true, ..Markdown::default() };
    assert_eq!(anchors(Page { options, ..Page::default() }), ["fn-x y", "fr-x y-1"]);
}

/// As in Markdown itself, `[^x]` is the footnote `[^X]`.
#[test]
fn case_does_not_matter() {
    let html = html("a[^x]\n\n[^X]: b\n");
    assert!(html.contains("href=\"#x\"") && html.contains("id=\"x\""), "{html}");
}
