//! What of an HTML page is compared: the document that a browser makes of it, one line for each tag and text.

use causerie::dom::{Data, Dom, NodeId};

use crate::kind::without_image_hash;

/// Elements beside which white space is not visible.
const BLOCKS: [&str; 62] = [
    "",
    "address",
    "article",
    "aside",
    "base",
    "blockquote",
    "body",
    "br",
    "caption",
    "center",
    "col",
    "colgroup",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hgroup",
    "hr",
    "html",
    "legend",
    "li",
    "link",
    "main",
    "menu",
    "meta",
    "nav",
    "noscript",
    "ol",
    "optgroup",
    "option",
    "p",
    "picture",
    "pre",
    "script",
    "section",
    "source",
    "style",
    "summary",
    "table",
    "tbody",
    "td",
    "template",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
];

/// Elements whose text is kept as it is.
const PREFORMATTED: [&str; 2] = ["pre", "textarea"];

#[derive(Debug)]
enum Piece {
    Tag { line: String, is_block: bool },
    Text { text: String, depth: usize },
}

/// A page as lines; none if it nests too deep. Of a redirect only the target counts.
pub fn lines(html: &str) -> Option<Vec<String>> {
    if let Some(target) = redirect_target(html) {
        return Some(vec![format!("redirect to {target}")]);
    }
    let dom = Dom::parse_page(html)?;
    let mut pieces = Vec::new();
    for &node in dom.top() {
        push(&dom, node, 0, false, &mut pieces);
    }
    Some(trimmed(pieces))
}

/// Where a page leads that does nothing else.
fn redirect_target(html: &str) -> Option<String> {
    let (start, rest) = html.split_once("http-equiv")?;
    let start = &start[start.rfind('<')?..];
    let meta = [start, rest.split_once('>')?.0].concat();
    let (_, target) = meta.contains("refresh").then(|| meta.split_once("url="))??;
    // The address ends with a quote, or with the attribute where minifiers leave out quotes.
    let end = target.find(['"', '\'', ' ']).unwrap_or(target.len());
    Some(target[..end].trim_end_matches('/').to_owned())
}

fn push(dom: &Dom, node: NodeId, depth: usize, is_preformatted: bool, pieces: &mut Vec<Piece>) {
    match &dom.node(node).data {
        Data::Comment(_) => {}
        Data::Text(text) => {
            let text = if is_preformatted { text.clone() } else { collapsed(text) };
            pieces.push(Piece::Text { text, depth });
        }
        Data::Element(name, attributes) => {
            let is_block = BLOCKS.contains(&name.as_str()) || name == "svg" || name == "path";
            let is_viewport = name == "meta" && attributes.contains(&("name".to_owned(), "viewport".to_owned()));
            let attributes = attributes.iter().filter(|(attribute, value)| !is_default(name, attribute, value));
            let attributes = attributes.map(|(name, value)| match is_viewport {
                // Minifiers leave out the spaces in its list.
                true => attribute(name, &value.replace(", ", ",")),
                false => attribute(name, value),
            });
            let mut attributes: Vec<_> = attributes.collect();
            attributes.sort();
            let line = format!("{}<{name}{}>", " ".repeat(depth), attributes.concat());
            pieces.push(Piece::Tag { line, is_block });
            if matches!(name.as_str(), "script" | "style") {
                let mut text = String::new();
                dom.node(node).children.iter().for_each(|&child| dom.all_text(child, &mut text));
                let text = crate::json::compact(&text).unwrap_or_else(|| without_semicolons(&text));
                pieces.push(Piece::Text { text, depth: depth + 1 });
            } else if name == "noscript" {
                // A browser with scripts takes what is in it for a text.
                let mut html = String::new();
                dom.node(node).children.iter().for_each(|&child| dom.all_text(child, &mut html));
                let lines = lines(&html).unwrap_or_else(|| vec![html.clone()]);
                pieces.push(Piece::Text { text: lines.join("\n"), depth: depth + 1 });
            } else {
                let is_preformatted = is_preformatted || PREFORMATTED.contains(&name.as_str());
                for &child in &dom.node(node).children {
                    push(dom, child, depth + 1, is_preformatted, pieces);
                }
            }
            // The end has no line of its own, because the depth of the next line shows it.
            pieces.push(Piece::Tag { line: String::new(), is_block });
        }
    }
}

/// Whether an attribute says what holds without it.
fn is_default(element: &str, name: &str, value: &str) -> bool {
    matches!(
        (element, name, value.trim()),
        ("link" | "style", "type", "text/css")
            | ("script", "type", "text/javascript" | "application/javascript")
            | ("input", "type", "text")
            | ("meta", "content", "")
            | (_, "style" | "class", "")
    )
}

fn attribute(name: &str, value: &str) -> String {
    let value = match name {
        "style" => declarations(value),
        "class" | "content" | "d" | "alt" | "title" => collapsed(value).trim().to_owned(),
        _ => value.trim().to_owned(),
    };
    format!(" {name}={:?}", without_image_hash(&value))
}

/// A text in which every run of white space is one space.
pub fn collapsed(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_ascii_whitespace() {
            result.push(c);
        } else if !result.ends_with(' ') {
            result.push(' ');
        }
    }
    result
}

/// The lines without white space and quotes, except for the depths of tags. A text may begin with a space, which is no depth.
pub fn without_spaces(lines: &[String]) -> Vec<String> {
    let is_kept = |c: &char| !c.is_whitespace() && !matches!(c, '"' | '\'' | '\\');
    let shorten = |line: &String| {
        let is_tag = line.trim_start().starts_with('<');
        let depth = if is_tag { line.len() - line.trim_start_matches(' ').len() } else { 0 };
        let rest: String = line.chars().filter(is_kept).collect();
        (!rest.is_empty()).then(|| [" ".repeat(depth), rest].concat())
    };
    lines.iter().filter_map(shorten).collect()
}

/// A script or a style without white space and semicolons, which minifiers change.
fn without_semicolons(text: &str) -> String {
    without_image_hash(text).chars().filter(|c| !c.is_whitespace() && *c != ';').collect()
}

/// The declarations of a `style` attribute in one order, with the shortest name of each colour, as minifiers write them. Those whose
/// properties begin with the same word keep theirs, because `margin` and `margin-left` override each other.
fn declarations(style: &str) -> String {
    // What is in quotes or brackets may have a semicolon in it.
    if style.contains(['"', '\'', '(']) {
        return without_semicolons(style);
    }
    let written = style.split(';').filter(|declaration| !declaration.trim().is_empty());
    let mut declarations: Vec<String> = written.map(short_declaration).collect();
    declarations.sort_by(|one, two| first_word(one).cmp(first_word(two)));
    declarations.concat()
}

fn first_word(declaration: &str) -> &str {
    declaration.trim_start_matches('-').split(['-', ':']).next().unwrap_or_default()
}

/// A declaration without spaces around its parts, with short values: `#fff` for `#ffffff`, `#0000` for `transparent`, and `.5em` for
/// `0.5em`.
fn short_declaration(declaration: &str) -> String {
    let (name, value) = declaration.split_once(':').unwrap_or((declaration, ""));
    let words = value.split_whitespace().map(|word| {
        let is_double = |digits: &str| digits.as_bytes().chunks(2).all(|pair| pair.len() == 2 && pair[0] == pair[1]);
        let colour = word.strip_prefix('#').map(str::to_ascii_lowercase);
        match &colour {
            Some(digits) if matches!(digits.len(), 6 | 8) && is_double(digits) => {
                format!("#{}", digits.chars().step_by(2).collect::<String>())
            }
            Some(digits) => format!("#{digits}"),
            None if word == "transparent" => "#0000".to_owned(),
            None => word.strip_prefix('0').filter(|rest| rest.starts_with('.')).unwrap_or(word).to_owned(),
        }
    });
    format!("{}:{}", name.trim(), words.collect::<String>())
}

/// The lines, without white space beside blocks.
fn trimmed(pieces: Vec<Piece>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let is_block = |piece: Option<&Piece>| match piece {
        Some(Piece::Tag { is_block, .. }) => *is_block,
        Some(Piece::Text { .. }) => false,
        None => true,
    };
    for (number, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Tag { line, .. } if line.is_empty() => {}
            Piece::Tag { line, .. } => lines.push(line.clone()),
            Piece::Text { text, depth } => {
                let before = number.checked_sub(1).and_then(|before| pieces.get(before));
                let mut text = text.as_str();
                if is_block(before) {
                    text = text.trim_start();
                }
                if is_block(pieces.get(number + 1)) {
                    text = text.trim_end();
                }
                for line in without_image_hash(text).split('\n').filter(|line| !line.is_empty()) {
                    lines.push(format!("{}{line}", " ".repeat(*depth)));
                }
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_equal(first: &str, second: &str) {
        assert_eq!(lines(first).unwrap(), lines(second).unwrap());
    }

    fn assert_differs(first: &str, second: &str) {
        assert_ne!(lines(first).unwrap(), lines(second).unwrap());
    }

    #[test]
    fn what_a_browser_makes_the_same_is_equal() {
        assert_equal("<p>a\n  b</p>\n<p>c", "<p>a b</p><p>c</p>");
        assert_equal("<a href='x' class=\"b  a\">é</a>", "<a class='b a' href=x>&eacute;</a>");
        assert_equal("<ul>\n<li> a\n<li>b</ul>", "<ul><li>a</li><li>b</li></ul>");
        assert_equal("<!-- c --><html><body>a</body></html>", "a");
        assert_equal("<meta name=viewport content='a=1, b=2'>", "<meta name=viewport content='a=1,b=2'>");
        assert_equal("<link rel=stylesheet type=text/css href=a>", "<link rel=stylesheet href=a>");
        assert_equal("<p class='' style='a: b; c: d;'>", "<p style='a:b;c:d'>");
        assert_equal("<p style='color: #AABBCC; align-items: x'>", "<p style='align-items:x;color:#abc'>");
        assert_equal("<p style='color: transparent; margin: 0.5em 1em'>", "<p style='color:#0000;margin:.5em 1em'>");
        assert_equal("<input type=text><meta name=a content=''>", "<input><meta name=a>");
        assert_equal("<noscript><b class='a'>b</b> </noscript>", "<noscript><b class=a>b</b></noscript>");
        assert_equal("<script>a = 1;\n</script>", "<script>a=1</script>");
        assert_equal("<script>{\"a\": 1, \"b\": 2}</script>", "<script>{\"b\":2,\"a\":1}</script>");
        assert_equal(
            "<img src=/processed_images/a.0123456789abcdef.jpg>",
            "<img src=/processed_images/a.fedcba9876543210.jpg>",
        );
    }

    #[test]
    fn white_space_need_not_count() {
        let short = |html: &str| without_spaces(&lines(html).unwrap());
        assert_eq!(short("<p><a>a</a> <a>b c</a>"), short("<p><a>a</a><a>b  c</a>"));
        assert_eq!(short("<p><b>\na\n</b>"), short("<p><b>a</b>"));
        assert_eq!(short("<p style='font-family: \"A\"'>"), short("<p style=font-family:A>"));
        assert_ne!(short("<p><a>a</a><a>b</a>"), short("<p><a>a<a>b</a></a>c"));
    }

    #[test]
    fn redirects_are_equal_if_they_lead_to_one_place() {
        let first = "<script>go()</script><noscript><meta http-equiv=\"refresh\" content=\"0; url=https://a.example/b/\"></noscript>";
        assert_equal(first, "<meta http-equiv=refresh content='0; url=https://a.example/b/' /><p>Moved");
        assert_equal(first, "<meta content='0; url=https://a.example/b/' http-equiv=refresh>");
        assert_differs(first, "<meta http-equiv=refresh content='0; url=https://a.example/c/'>");
    }

    #[test]
    fn what_a_reader_can_see_is_not() {
        assert_differs("<b>a</b> <i>b</i>", "<b>a</b><i>b</i>");
        assert_differs("<pre>a\n b</pre>", "<pre>a b</pre>");
        assert_differs("<p><b>a</b></p><p>c</p>", "<p><b>a</b><p>c</p></p>");
        assert_differs("<a href=x>a</a>", "<a href=y>a</a>");
        assert_differs("<p>a</p>", "<p id=a>a</p>");
        assert_differs("<meta name=description content='a, b'>", "<meta name=description content='a,b'>");
        assert_differs("<noscript><b>a</b></noscript>", "<noscript><i>a</i></noscript>");
        assert_differs("<script type=module>a</script>", "<script>a</script>");
        assert_differs("<html lang=en>a", "<html lang=de>a");
        assert_differs("<p style='margin: 0; margin-left: 1px'>", "<p style='margin-left: 1px; margin: 0'>");
        assert_differs("<p style='background: url(A)'>", "<p style='background: url(a)'>");
    }
}
