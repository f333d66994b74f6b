//! The texts of Ghost's editors: HTML where it is there, else Markdown, Mobiledoc or Lexical.

use serde_json::Value;

use crate::import::html::escape_html;
use crate::import::json_records::text;
use crate::import::model::{Format, Text};

/// Nodes nest no deeper in any honest text.
const MAX_DEPTH: usize = 40;

/// The text of a post.
pub fn body(row: &Value) -> Text {
    let html = text(row, "html");
    let document = |key: &str| serde_json::from_str::<Value>(&text(row, key)).ok();
    let markdown = text(row, "markdown");
    if !html.trim().is_empty() {
        return Text { text: html, format: Format::Html };
    }
    if !markdown.trim().is_empty() {
        return Text { text: markdown, format: Format::Markdown };
    }
    if let Some(document) = document("lexical") {
        let mut out = String::new();
        lexical(&document["root"], 0, &mut out);
        return Text { text: out, format: Format::Html };
    }
    document("mobiledoc").map_or(Text { text: String::new(), format: Format::Html }, |document| mobiledoc(&document))
}

/// A document of Mobiledoc (<https://github.com/bustle/mobiledoc-kit/blob/master/MOBILEDOC.md>). Early posts are one Markdown card.
fn mobiledoc(document: &Value) -> Text {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let cards = list(&document["cards"]);
    let sections = list(&document["sections"]);
    let markdown = |card: &Value| {
        let name = card[0].as_str().unwrap_or_default();
        name.ends_with("markdown").then(|| text(&card[1], "markdown"))
    };
    if let ([card], [_]) = (&*cards, &*sections)
        && let Some(markdown) = markdown(card)
    {
        return Text { text: markdown, format: Format::Markdown };
    }
    let inline = |markers: &Value| {
        let mut out = String::new();
        let mut open: Vec<String> = Vec::new();
        for marker in list(markers) {
            for number in list(&marker[1]) {
                let markup = &document["markups"][number.as_u64().unwrap_or(u64::MAX) as usize];
                let tag = name(&markup[0]);
                let href = markup[1].as_array().filter(|pair| pair.first().is_some_and(|key| key == "href"));
                let href = href.and_then(|pair| pair.get(1)).and_then(Value::as_str);
                let href = href.map_or(String::new(), |url| format!(" href=\"{}\"", quoted(url)));
                out.push_str(&format!("<{tag}{href}>"));
                open.push(tag);
            }
            if marker[0] == 0 {
                out.push_str(&escape_html(marker[3].as_str().unwrap_or_default()));
            } else {
                out.push_str("<br>");
            }
            for _ in 0..marker[2].as_u64().unwrap_or(0).min(open.len() as u64) {
                if let Some(tag) = open.pop() {
                    out.push_str(&format!("</{tag}>"));
                }
            }
        }
        out
    };
    let mut out = String::new();
    for section in sections {
        match section[0].as_u64() {
            Some(1) => {
                let tag = name(&section[1]);
                out.push_str(&format!("<{tag}>{}</{tag}>\n", inline(&section[2])));
            }
            Some(2) => out.push_str(&format!(
                "<p><img src=\"{}\" alt=\"\"></p>\n",
                quoted(section[1].as_str().unwrap_or_default())
            )),
            Some(3) => {
                let tag = name(&section[1]);
                let items: String = list(&section[2]).iter().map(|item| format!("<li>{}</li>", inline(item))).collect();
                out.push_str(&format!("<{tag}>{items}</{tag}>\n"));
            }
            Some(10) => {
                if let Some(found) = section[1].as_u64().and_then(|number| cards.get(number as usize)) {
                    card(found[0].as_str().unwrap_or_default(), &found[1], &mut out);
                }
            }
            _ => {}
        }
    }
    Text { text: out, format: Format::Html }
}

/// The name of an element, which is a letter and a number at most.
fn name(value: &Value) -> String {
    let name = value.as_str().unwrap_or_default();
    let is_name = !name.is_empty() && name.len() <= 10 && name.bytes().all(|b| b.is_ascii_alphanumeric());
    if is_name { name.to_ascii_lowercase() } else { "p".to_owned() }
}

fn quoted(url: &str) -> String {
    escape_html(url).replace('"', "%22")
}

/// A card: a picture, code, HTML, a link to something that was embedded.
fn card(kind: &str, card: &Value, out: &mut String) {
    let caption = text(card, "caption");
    match kind {
        "image" | "card-image" => {
            let picture =
                format!("<img src=\"{}\" alt=\"{}\">", quoted(&text(card, "src")), quoted(&text(card, "alt")));
            out.push_str(&if caption.is_empty() {
                format!("<p>{picture}</p>\n")
            } else {
                format!("<figure>{picture}<figcaption>{caption}</figcaption></figure>\n")
            });
        }
        "gallery" => {
            for image in card["images"].as_array().into_iter().flatten() {
                self::card("image", image, out);
            }
        }
        "code" | "codeblock" => {
            let language = text(card, "language");
            let class =
                if language.is_empty() { String::new() } else { format!(" class=\"language-{}\"", quoted(&language)) };
            out.push_str(&format!("<pre><code{class}>{}</code></pre>\n", escape_html(&text(card, "code"))));
        }
        "html" => out.push_str(&(text(card, "html") + "\n")),
        "markdown" | "card-markdown" => {
            let mut html = String::new();
            pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new(&text(card, "markdown")));
            out.push_str(&html);
        }
        "hr" | "horizontalrule" => out.push_str("<hr>\n"),
        _ => {
            // What is embedded has an address, and boxes have a text.
            let url = ["url", "src"].iter().map(|key| text(card, key)).find(|url| !url.is_empty());
            let words = ["content", "heading", "buttonText", "title"]
                .iter()
                .map(|key| text(card, key))
                .find(|words| !words.is_empty());
            match (url, words) {
                (Some(url), words) => {
                    let words = words.map_or_else(|| escape_html(&url), |words| escape_html(&words));
                    out.push_str(&format!("<p><a href=\"{}\">{words}</a></p>\n", quoted(&url)));
                }
                (None, Some(words)) => out.push_str(&format!("<p>{words}</p>\n")),
                (None, None) => {}
            }
        }
    }
}

/// A node of Lexical, and those in it.
fn lexical(node: &Value, depth: usize, out: &mut String) {
    if depth > MAX_DEPTH {
        return;
    }
    let kind = text(node, "type");
    let children = |out: &mut String| {
        for child in node["children"].as_array().into_iter().flatten() {
            lexical(child, depth + 1, out);
        }
    };
    let around = |tag: &str, attributes: &str, out: &mut String| {
        out.push_str(&format!("<{tag}{attributes}>"));
        children(out);
        out.push_str(&format!("</{tag}>"));
    };
    match kind.as_str() {
        "root" => {
            for child in node["children"].as_array().into_iter().flatten() {
                lexical(child, depth + 1, out);
                out.push('\n');
            }
        }
        "paragraph" => around("p", "", out),
        "heading" | "extended-heading" => around(&name(&node["tag"]), "", out),
        "quote" | "extended-quote" | "aside" => around("blockquote", "", out),
        "list" => around(if text(node, "listType") == "number" { "ol" } else { "ul" }, "", out),
        "listitem" => around("li", "", out),
        "link" | "autolink" => around("a", &format!(" href=\"{}\"", quoted(&text(node, "url"))), out),
        "linebreak" => out.push_str("<br>"),
        "text" | "extended-text" => {
            let format = node["format"].as_u64().unwrap_or(0);
            let tags: Vec<&str> = [(1, "strong"), (2, "em"), (4, "s"), (16, "code")]
                .into_iter()
                .filter(|(bit, _)| format & bit != 0)
                .map(|(_, tag)| tag)
                .collect();
            tags.iter().for_each(|tag| out.push_str(&format!("<{tag}>")));
            out.push_str(&escape_html(&text(node, "text")));
            tags.iter().rev().for_each(|tag| out.push_str(&format!("</{tag}>")));
        }
        kind if node["children"].as_array().is_some_and(|children| !children.is_empty()) => {
            let _ = kind;
            around("p", "", out);
        }
        kind => card(kind, node, out),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_of_all_editors_are_read() {
        let lexical = json!({"root": {"type": "root", "children": [
            {"type": "extended-heading", "tag": "h2", "children": [{"type": "extended-text", "text": "A <b>", "format": 0}]},
            {"type": "paragraph", "children": [
                {"type": "text", "text": "x", "format": 3},
                {"type": "link", "url": "https://a.example/\"", "children": [{"type": "text", "text": "l", "format": 0}]}]},
            {"type": "list", "listType": "number", "children": [{"type": "listitem", "children": [{"type": "text", "text": "1"}]}]},
            {"type": "codeblock", "code": "a<b", "language": "rust"},
            {"type": "image", "src": "/i.png", "alt": "I", "caption": "C"},
            {"type": "embed", "url": "https://v.example/1"},
            {"type": "callout", "calloutText": "", "content": "boxed"}]}});
        let row = json!({"html": null, "lexical": lexical.to_string()});
        assert_eq!(
            body(&row).text.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>(),
            [
                "<h2>A &lt;b&gt;</h2>",
                "<p><strong><em>x</em></strong><a href=\"https://a.example/%22\">l</a></p>",
                "<ol><li>1</li></ol>",
                "<pre><code class=\"language-rust\">a&lt;b</code></pre>",
                "<figure><img src=\"/i.png\" alt=\"I\"><figcaption>C</figcaption></figure>",
                "<p><a href=\"https://v.example/1\">https://v.example/1</a></p>",
                "<p>boxed</p>",
            ]
        );
        let mobiledoc = json!({"version": "0.3.1", "atoms": [], "cards": [["hr", {}]],
            "markups": [["strong"], ["a", ["href", "https://a.example"]]],
            "sections": [[1, "p", [[0, [], 0, "a "], [0, [0, 1], 2, "b"]]], [10, 0], [3, "ul", [[[0, [], 0, "c"]]]], [10, 9], 7]});
        let row = json!({"html": "", "mobiledoc": mobiledoc.to_string()});
        assert_eq!(
            body(&row).text,
            "<p>a <strong><a href=\"https://a.example\">b</a></strong></p>\n<hr>\n<ul><li>c</li></ul>\n"
        );
        let card = json!({"cards": [["card-markdown", {"markdown": "*a*"}]], "sections": [[10, 0]]});
        let row = json!({"mobiledoc": card.to_string()});
        assert_eq!(body(&row), Text { text: "*a*".to_owned(), format: Format::Markdown });
        for damaged in
            [json!({"lexical": "{"}), json!({"mobiledoc": "[1,2]"}), json!({}), json!({"lexical": "{\"root\": 1}"})]
        {
            let _ = body(&damaged);
        }
        let deep = format!("{{\"root\":{}1{}}}", "{\"type\":\"quote\",\"children\":[".repeat(50), "]}".repeat(50));
        assert!(body(&json!({ "lexical": deep })).text.len() < 2000);
    }
}
