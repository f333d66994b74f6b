//! HTML that stays HTML in a Markdown file.

use super::dom::{Data, Dom, NodeId};

/// Writes a node as HTML that Markdown passes through: one block, without blank lines.
pub fn block(dom: &Dom, nodes: &[NodeId]) -> String {
    let mut out = String::from("<div>\n");
    nodes.iter().for_each(|&node| write(dom, node, false, &mut out));
    let lines: Vec<&str> = out.lines().filter(|line| !line.trim().is_empty()).collect();
    lines.join("\n") + "\n</div>"
}

fn write(dom: &Dom, id: NodeId, in_pre: bool, out: &mut String) {
    match &dom.node(id).data {
        Data::Text(text) if in_pre => out.push_str(&escape(text).replace('\n', "&#10;")),
        Data::Text(text) => out.push_str(&escape(text)),
        Data::Comment(_) => {}
        Data::Element(name, attributes) => {
            let name = name.as_str();
            if !name.bytes().all(|b| b.is_ascii_alphanumeric()) {
                return dom.node(id).children.iter().for_each(|&child| write(dom, child, in_pre, out));
            }
            out.push('<');
            out.push_str(name);
            for (key, value) in attributes {
                let value = escape(value).replace('"', "&quot;").replace(['\n', '\r'], " ");
                out.push_str(&format!(" {key}=\"{value}\""));
            }
            out.push('>');
            if matches!(name, "br" | "hr" | "img" | "wbr" | "source" | "track" | "col" | "area") {
                return;
            }
            let in_pre = in_pre || name == "pre";
            dom.node(id).children.iter().for_each(|&child| write(dom, child, in_pre, out));
            out.push_str(&format!("</{name}>"));
        }
    }
}

/// Text as HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
