//! What of feeds and sitemaps is compared: the elements, where the order of fields says nothing.

use roxmltree::{Document, Node, ParsingOptions};

use crate::kind::without_image_hash;
use crate::page;

/// A file as lines; none if it is no XML.
pub fn lines(text: &str) -> Option<Vec<String>> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).ok()?;
    Some(block(document.root_element(), 0))
}

/// An element, with the elements in it.
fn block(node: Node<'_, '_>, depth: usize) -> Vec<String> {
    let indent = " ".repeat(depth);
    let name = match node.lookup_prefix(node.tag_name().namespace().unwrap_or_default()) {
        Some(prefix) => format!("{prefix}:{}", node.tag_name().name()),
        None => node.tag_name().name().to_owned(),
    };
    let mut attributes: Vec<_> =
        node.attributes().map(|a| format!(" {}={:?}", a.name(), without_image_hash(a.value()))).collect();
    attributes.sort();
    let mut lines = vec![format!("{indent}<{name}{}>", attributes.concat())];
    let children: Vec<Node<'_, '_>> = node.children().filter(Node::is_element).collect();
    if children.is_empty() {
        lines.extend(text(node).into_iter().map(|line| format!("{indent} {line}")));
        return lines;
    }
    // Fields come in any order, and entries of a feed in that of the feed. A sitemap has no order.
    // Each program names itself as the generator.
    let children = children.into_iter().filter(|child| child.tag_name().name() != "generator");
    let is_field = |child: &Node<'_, '_>| !matches!(child.tag_name().name(), "entry" | "item");
    let (fields, entries): (Vec<_>, Vec<_>) = children.partition(is_field);
    let mut fields: Vec<Vec<String>> = fields.into_iter().map(|field| block(field, depth + 1)).collect();
    fields.sort();
    lines.extend(fields.into_iter().flatten());
    lines.extend(entries.into_iter().flat_map(|entry| block(entry, depth + 1)));
    lines
}

/// The text of an element. HTML in it is compared as HTML.
fn text(node: Node<'_, '_>) -> Vec<String> {
    let text: String = node.children().filter_map(|child| child.text()).collect();
    if text.contains('<') {
        return page::lines(&text).unwrap_or_default();
    }
    let text = page::collapsed(text.trim());
    if text.is_empty() { Vec::new() } else { vec![without_image_hash(&text).into_owned()] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_fields_does_not_count() {
        let first =
            "<feed xmlns='u'><title>A</title><id>1</id><entry><id>2</id></entry><entry><id>3</id></entry></feed>";
        let second =
            "<feed xmlns='u'>\n<entry><id>2</id></entry><entry><id>3</id></entry><id>1</id><title>A</title></feed>";
        let third =
            "<feed xmlns='u'><title>A</title><id>1</id><entry><id>3</id></entry><entry><id>2</id></entry></feed>";
        assert_eq!(lines(first), lines(second));
        assert_ne!(lines(first), lines(third));
    }

    #[test]
    fn html_in_a_feed_is_html() {
        let first = "<r><description>&lt;p class='a'&gt;b&lt;/p&gt;</description></r>";
        let second = "<r><description><![CDATA[<p class=a>b]]></description></r>";
        assert_eq!(lines(first), lines(second));
        assert!(lines("<r>").is_none());
    }
}
