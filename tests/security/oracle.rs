//! What says whether the HTML of a comment is safe. None of this knows how it was made.

use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use regex::Regex;

/// An HTML sanitiser that lets through exactly what a comment may consist of.
static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .add_tags([
            "a",
            "blockquote",
            "br",
            "code",
            "del",
            "em",
            "hr",
            "li",
            "ol",
            "p",
            "pre",
            "strong",
            "table",
            "tbody",
            "td",
            "th",
            "thead",
            "tr",
            "ul",
        ])
        .add_tag_attributes("a", ["href", "rel"])
        .add_tag_attributes("ol", ["start"])
        .add_tag_attributes("pre", ["tabindex"])
        .add_tag_attributes("table", ["tabindex"])
        .add_tag_attributes("td", ["class"])
        .add_tag_attributes("th", ["class"])
        .url_schemes(["http", "https", "mailto"].into())
        .url_relative(UrlRelative::Deny)
        .link_rel(None)
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            ("a", "rel") => (value == "nofollow ugc noopener").then(|| value.into()),
            ("pre" | "table", "tabindex") => (value == "0").then(|| value.into()),
            (_, "class") => {
                let side = value.strip_prefix("align-");
                side.is_some_and(|side| matches!(side, "left" | "center" | "right")).then(|| value.into())
            }
            _ => Some(value.into()),
        });
    builder
});

/// Every tag that a comment may have, to the byte.
static TAG: LazyLock<Regex> = LazyLock::new(|| {
    let element = "a|blockquote|code|del|em|li|ol|p|pre|strong|table|tbody|td|th|thead|tr|ul";
    let link = r#"a href="(?:https?://[a-zA-Z0-9]|mailto:)[^"'<>`\s\p{Cc}]*" rel="nofollow ugc noopener""#;
    let cell = r#"t[dh] class="align-(?:left|center|right)""#;
    let opening = format!(r#"{element}|br|hr|ol start="[0-9]+"|(?:pre|table) tabindex="0"|{cell}|{link}"#);
    Regex::new(&format!("<(?:/(?:{element})|{opening})>")).expect("a regular expression")
});

/// What is wrong with the HTML of a comment, if anything is.
pub fn complaint(html: &str) -> Option<String> {
    let cleaned = SANITISER.clean(html).to_string();
    if cleaned != html {
        return Some(format!("the sanitiser changes it to:\n{cleaned}"));
    }
    if let Some(tag) = TAG.find_iter(html).find(|tag| tag.as_str().starts_with("<a>")) {
        return Some(format!("a link leads nowhere: {tag:?}"));
    }
    let text = TAG.replace_all(html, "");
    if text.contains(['<', '>']) {
        return Some(format!("a tag is not one of ours, in:\n{text}"));
    }
    if text.contains(|c: char| c < ' ' && !matches!(c, '\n' | '\t')) {
        return Some(format!("a character is not one of XML's, in:\n{text:?}"));
    }
    None
}

#[test]
fn the_oracle_finds_what_is_wrong() {
    for html in [
        "<script>alert(1)</script>",
        "<p onclick=\"x\">a</p>",
        "<p class=\"x\">a</p>",
        "<p id=\"x\">a</p>",
        "<p>a",
        "<p>a <b>c</b></p>",
        "<p>a < b</p>",
        "<p>a & b</p>",
        "<p>a\u{1}</p>",
        "<a href=\"javascript:alert(1)\" rel=\"nofollow ugc noopener\">x</a>",
        "<a href=\"https://example.org\" rel=\"nofollow\">x</a>",
        "<a href=\"https://example.org\">x</a>",
        "<a href=\"//example.org\" rel=\"nofollow ugc noopener\">x</a>",
        "<a href=\"https://example.org\" rel=\"nofollow ugc noopener\" title=\"x\">x</a>",
        "<pre tabindex=\"1\"><code>x</code></pre>",
        "<p class=\"align-left\">a</p>",
        "<table><tbody><tr><td class=\"author-badge\">a</td></tr></tbody></table>",
        "<table><tbody><tr><td style=\"text-align: left\">a</td></tr></tbody></table>",
        "<img src=\"https://example.org\">",
        "<!-- x -->",
    ] {
        assert!(complaint(html).is_some(), "{html}");
    }
    let link = "<a href=\"https://example.org/?a&amp;b\" rel=\"nofollow ugc noopener\">x</a>";
    let html = format!("<p>a &lt; {link}<br>\n\"b\"</p>\n<ol start=\"2\">\n<li>c</li>\n</ol>\n");
    assert_eq!(complaint(&html), None);
}
