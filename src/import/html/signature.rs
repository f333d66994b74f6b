//! What must be equal before and after a conversion: text, links, images and code.

use percent_encoding::percent_decode_str;

use super::dom::{Data, Dom, NodeId};
use super::lines::is_block;

/// The text, links, images and code of a piece of HTML, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// The text.
    pub text: String,
    links: Vec<String>,
    images: Vec<(String, String)>,
    code: Vec<String>,
}

impl Signature {
    /// The signature of some nodes.
    pub fn of(dom: &Dom, nodes: &[NodeId]) -> Self {
        let mut all = Self::default();
        nodes.iter().for_each(|&node| all.add(dom, node));
        all.text = all.text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        all
    }

    /// The signature of HTML that was rendered.
    pub fn of_html(html: &str) -> Option<Self> {
        Dom::parse(html).map(|dom| Self::of(&dom, dom.top()))
    }

    fn add(&mut self, dom: &Dom, id: NodeId) {
        let name = match &dom.node(id).data {
            Data::Text(text) => return self.text.extend(text.chars().map(plain)),
            Data::Comment(_) => return,
            Data::Element(name, _) => name.as_str(),
        };
        let address =
            |key| dom.attribute(id, key).map(|url| percent_decode_str(url.trim()).decode_utf8_lossy().into_owned());
        match name {
            "br" => self.text.push(' '),
            "img" => self.images.push((
                address("src").unwrap_or_default(),
                dom.attribute(id, "alt").unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" "),
            )),
            "pre" => {
                let mut code = String::new();
                dom.all_text(id, &mut code);
                self.code.push(code.trim_matches('\n').trim_end().to_owned());
                self.text.push(' ');
                return;
            }
            "a" => self.links.extend(address("href").filter(|url| !url.is_empty())),
            _ => {}
        }
        let is_block = is_block(name);
        if is_block {
            self.text.push(' ');
        }
        dom.node(id).children.iter().for_each(|&child| self.add(dom, child));
        if is_block {
            self.text.push(' ');
        }
    }
}

/// A character without its typographic dress, which depends on the site's settings.
fn plain(c: char) -> char {
    match c {
        '“' | '”' | '„' | '«' | '»' => '"',
        '‘' | '’' => '\'',
        '\n' | '\t' | '\r' => ' ',
        other => other,
    }
}
