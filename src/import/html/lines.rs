//! Line breaks that mean something: WordPress's classic editor writes a paragraph as a blank line, and a break as a
//! line break (`wpautop`).

use super::dom::{Data, Dom, NodeId};

/// Elements that hold blocks. In all others a line break is a space.
const FLOW: [&str; 15] = [
    "",
    "div",
    "section",
    "article",
    "aside",
    "blockquote",
    "td",
    "th",
    "li",
    "dd",
    "center",
    "figure",
    "main",
    "details",
    "figcaption",
];

/// Whether an element is a block, which a paragraph cannot hold.
pub fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "center"
            | "dd"
            | "details"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hr"
            | "li"
            | "main"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
            | "caption"
            | "colgroup"
    )
}

/// Turns blank lines into paragraphs and line breaks into `br`, in a node and below it.
pub fn mark_lines(dom: &mut Dom, id: NodeId) {
    let name = dom.name(id).to_owned();
    if matches!(name.as_str(), "pre" | "script" | "style" | "textarea") {
        return;
    }
    for child in dom.node(id).children.clone() {
        mark_lines(dom, child);
    }
    if name == "p" {
        let children = dom.node(id).children.clone();
        let run = break_run(dom, &children, false);
        dom.node_mut(id).children = run.concat();
    } else if FLOW.contains(&name.as_str()) {
        let children = std::mem::take(&mut dom.node_mut(id).children);
        let mut out = Vec::new();
        let is_alone = matches!(name.as_str(), "li" | "td" | "th" | "dd" | "figcaption" | "figure");
        for run in children
            .chunk_by(|&a, &b| is_block(dom.name(a)) == is_block(dom.name(b)))
            .map(<[_]>::to_vec)
            .collect::<Vec<_>>()
        {
            if is_block(dom.name(run[0])) {
                out.extend(run);
                continue;
            }
            let paragraphs = break_run(dom, &run, true);
            if is_alone && paragraphs.len() == 1 {
                out.extend(paragraphs.concat());
                continue;
            }
            for paragraph in paragraphs {
                // What is not shown needs no paragraph.
                if paragraph.iter().all(|&node| matches!(dom.node(node).data, Data::Comment(_))) {
                    out.extend(paragraph);
                } else {
                    out.push(dom.add(Data::Element("p".to_owned(), Vec::new()), paragraph));
                }
            }
        }
        dom.node_mut(id).children = out;
    }
}

/// A run of inline nodes as paragraphs. `split`: whether a blank line begins another one.
fn break_run(dom: &mut Dom, run: &[NodeId], split: bool) -> Vec<Vec<NodeId>> {
    let mut paragraphs = vec![Vec::new()];
    let mut after_break = true;
    for (place, &node) in run.iter().enumerate() {
        let Some(text) = dom.text(node).map(|text| text.replace("\r\n", "\n").replace('\r', "\n")) else {
            after_break = dom.name(node) == "br";
            // A comment such as `<!--more-->` parts paragraphs by itself.
            if split && matches!(&dom.node(node).data, Data::Comment(text) if text.trim().starts_with("more")) {
                paragraphs.push(vec![node]);
                paragraphs.push(Vec::new());
                after_break = true;
            } else if let Some(last) = paragraphs.last_mut() {
                last.push(node);
            }
            continue;
        };
        let is_last = place + 1 == run.len() || dom.name(run[place + 1]) == "br";
        let lines: Vec<&str> = text.split('\n').collect();
        let mut blank = false;
        for (number, line) in lines.iter().enumerate() {
            let is_end = number + 1 == lines.len();
            if line.trim().is_empty() && number > 0 && !is_end {
                blank = true;
                continue;
            }
            if number > 0 && blank && split {
                paragraphs.push(Vec::new());
                after_break = true;
            }
            let Some(last) = paragraphs.last_mut() else { continue };
            let is_nothing = line.trim().is_empty() && is_end && is_last;
            if number > 0 && !after_break && !is_nothing {
                last.push(dom.add(Data::Element("br".to_owned(), Vec::new()), Vec::new()));
            }
            blank = false;
            after_break = (after_break || number > 0) && line.trim().is_empty();
            if !line.is_empty() {
                last.push(dom.add(Data::Text((*line).to_owned()), Vec::new()));
            }
        }
    }
    let shown =
        |dom: &Dom, nodes: &[NodeId]| nodes.iter().any(|&n| !dom.text(n).is_some_and(|text| text.trim().is_empty()));
    paragraphs.retain(|nodes| shown(dom, nodes));
    paragraphs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraphs(html: &str) -> Vec<String> {
        let mut dom = Dom::parse(html).expect("no deep HTML");
        mark_lines(&mut dom, 0);
        let text = |id| {
            let mut text = String::new();
            dom.all_text(id, &mut text);
            format!("{}:{}", dom.name(id), text.trim())
        };
        dom.top().iter().map(|&id| text(id)).filter(|text| text != ":").collect()
    }

    #[test]
    fn blank_lines_part_paragraphs_and_line_breaks_stay() {
        assert_eq!(paragraphs("One\ntwo\n\nThree\r\n\r\n\r\nfour"), ["p:One\ntwo", "p:Three", "p:four"]);
        assert_eq!(paragraphs("<em>a</em>\n<b>b</b>"), ["p:a\nb"]);
        assert_eq!(paragraphs("a<br />\nb"), ["p:a\nb"]);
        assert_eq!(paragraphs("a\n\n<blockquote>x\n\ny</blockquote>\nb"), ["p:a", "blockquote:xy", "p:b"]);
        assert_eq!(paragraphs("<pre>a\n\nb</pre>"), ["pre:a\n\nb"]);
    }
}
