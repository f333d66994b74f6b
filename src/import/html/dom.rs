//! HTML as a tree, parsed as browsers do.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::{Attribute, ExpandedName, ParseOpts, QualName, local_name, ns};

/// Text nests no deeper. The parser's work grows with the square of the depth, and the writer uses the stack.
const MAX_DEPTH: i32 = 150;

/// The number of a node.
pub type NodeId = usize;

/// An element, a text or a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// An element with its attributes.
    Element(String, Vec<(String, String)>),
    /// Text.
    Text(String),
    /// A comment.
    Comment(String),
}

/// A node of the tree.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub data: Data,
    /// The nodes in it.
    pub children: Vec<NodeId>,
    parent: Option<NodeId>,
}

/// A piece of HTML.
#[derive(Clone, Debug, Default)]
pub struct Dom {
    nodes: Vec<Node>,
}

impl Dom {
    /// Parses what stands in a `body`. None if it nests too deep.
    pub fn parse(html: &str) -> Option<Self> {
        if is_too_deep(html) {
            return None;
        }
        let sink = Builder::default();
        sink.add(Data::Element(String::new(), Vec::new()));
        let context = QualName::new(None, ns!(html), local_name!("body"));
        let options = ParseOpts::default();
        let mut dom = html5ever::parse_fragment(sink, options, context, Vec::new(), false).one(html);
        // The parser puts an `html` around everything.
        if let [only] = dom.nodes[0].children[..] {
            dom.nodes[0].children = std::mem::take(&mut dom.nodes[only].children);
        }
        Some(dom)
    }

    /// Parses a whole page. None if it nests too deep.
    pub fn parse_page(html: &str) -> Option<Self> {
        if is_too_deep(html) {
            return None;
        }
        let sink = Builder::default();
        sink.add(Data::Element(String::new(), Vec::new()));
        Some(html5ever::parse_document(sink, ParseOpts::default()).one(html))
    }

    /// The nodes at the top.
    pub fn top(&self) -> &[NodeId] {
        &self.nodes[0].children
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    /// A node, to change it.
    pub fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id]
    }

    /// Adds a node that stands nowhere yet.
    pub fn add(&mut self, data: Data, children: Vec<NodeId>) -> NodeId {
        self.nodes.push(Node { data, children, parent: None });
        self.nodes.len() - 1
    }

    /// The name of an element; empty for other nodes.
    pub fn name(&self, id: NodeId) -> &str {
        match &self.nodes[id].data {
            Data::Element(name, _) => name,
            _ => "",
        }
    }

    /// The text of a text node.
    pub fn text(&self, id: NodeId) -> Option<&str> {
        match &self.nodes[id].data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value of an attribute.
    pub fn attribute(&self, id: NodeId, name: &str) -> Option<&str> {
        match &self.nodes[id].data {
            Data::Element(_, attributes) => {
                attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
            }
            _ => None,
        }
    }

    /// All text in a node, as it is.
    pub fn all_text(&self, id: NodeId, out: &mut String) {
        match &self.nodes[id].data {
            Data::Text(text) => out.push_str(text),
            Data::Element(name, _) if name == "br" => out.push('\n'),
            Data::Element(..) => self.nodes[id].children.iter().for_each(|&child| self.all_text(child, out)),
            Data::Comment(_) => {}
        }
    }

    /// Whether a node or one in it has one of these names.
    pub fn has(&self, id: NodeId, names: &[&str]) -> bool {
        names.contains(&self.name(id)) || self.nodes[id].children.iter().any(|&child| self.has(child, names))
    }
}

/// Whether more elements can be open at once than any honest text has.
fn is_too_deep(html: &str) -> bool {
    const VOID: [&str; 16] = [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
        "p", "li",
    ];
    let mut open: HashMap<String, i32> = HashMap::new();
    let mut depth = 0;
    for (at, _) in html.match_indices('<') {
        let rest = &html[at + 1..];
        let (is_end, rest) = rest.strip_prefix('/').map_or((false, rest), |rest| (true, rest));
        let length = rest.bytes().take(20).take_while(u8::is_ascii_alphanumeric).count();
        let name = rest[..length].to_ascii_lowercase();
        if name.is_empty() || VOID.contains(&name.as_str()) {
            continue;
        }
        let count = open.entry(name).or_default();
        if !is_end {
            *count += 1;
            depth += 1;
        } else if *count > 0 {
            *count -= 1;
            depth -= 1;
        }
        if depth > MAX_DEPTH {
            return true;
        }
    }
    false
}

#[derive(Clone)]
struct Handle {
    id: NodeId,
    name: Rc<QualName>,
}

#[derive(Default)]
struct Builder {
    dom: RefCell<Dom>,
}

impl Builder {
    fn add(&self, data: Data) -> NodeId {
        self.dom.borrow_mut().add(data, Vec::new())
    }

    fn handle(id: NodeId, name: QualName) -> Handle {
        Handle { id, name: Rc::new(name) }
    }

    /// Puts a node or a text into a parent, before the child at a position.
    fn insert(&self, parent: NodeId, position: usize, child: NodeOrText<Handle>) {
        let dom = &mut *self.dom.borrow_mut();
        match child {
            NodeOrText::AppendText(text) => {
                let before = position.checked_sub(1).map(|before| dom.nodes[parent].children[before]);
                if let Some(before) = before
                    && let Data::Text(old) = &mut dom.nodes[before].data
                {
                    old.push_str(&text);
                    return;
                }
                let id = dom.add(Data::Text(text.to_string()), Vec::new());
                dom.nodes[id].parent = Some(parent);
                dom.nodes[parent].children.insert(position, id);
            }
            NodeOrText::AppendNode(node) => {
                dom.detach(node.id);
                let position = position.min(dom.nodes[parent].children.len());
                dom.nodes[node.id].parent = Some(parent);
                dom.nodes[parent].children.insert(position, node.id);
            }
        }
    }
}

impl Dom {
    fn detach(&mut self, id: NodeId) {
        if let Some(parent) = self.nodes[id].parent.take() {
            self.nodes[parent].children.retain(|&child| child != id);
        }
    }
}

impl TreeSink for Builder {
    type Handle = Handle;
    type Output = Dom;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Dom {
        self.dom.into_inner()
    }

    fn parse_error(&self, _: std::borrow::Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        Self::handle(0, QualName::new(None, ns!(), local_name!("")))
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        target.name.expanded()
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _: ElementFlags) -> Handle {
        let pairs = attributes.into_iter().map(|a| (a.name.local.to_string(), a.value.to_string())).collect();
        Self::handle(self.add(Data::Element(name.local.to_string(), pairs)), name)
    }

    fn create_comment(&self, text: StrTendril) -> Handle {
        Self::handle(self.add(Data::Comment(text.to_string())), QualName::new(None, ns!(), local_name!("")))
    }

    fn create_pi(&self, _: StrTendril, data: StrTendril) -> Handle {
        self.create_comment(data)
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        let end = self.dom.borrow().nodes[parent.id].children.len();
        self.insert(parent.id, end, child);
    }

    fn append_based_on_parent_node(&self, element: &Handle, previous: &Handle, child: NodeOrText<Handle>) {
        let has_parent = self.dom.borrow().nodes[element.id].parent.is_some();
        if has_parent {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &Handle) -> Handle {
        target.clone()
    }

    fn same_node(&self, x: &Handle, y: &Handle) -> bool {
        x.id == y.id
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Handle, node: NodeOrText<Handle>) {
        if let NodeOrText::AppendNode(node) = &node {
            self.dom.borrow_mut().detach(node.id);
        }
        let place = {
            let dom = self.dom.borrow();
            let parent = dom.nodes[sibling.id].parent;
            parent.and_then(|parent| {
                let position = dom.nodes[parent].children.iter().position(|&child| child == sibling.id)?;
                Some((parent, position))
            })
        };
        if let Some((parent, position)) = place {
            self.insert(parent, position, node);
        }
    }

    fn add_attrs_if_missing(&self, _: &Handle, _: Vec<Attribute>) {}

    fn remove_from_parent(&self, target: &Handle) {
        self.dom.borrow_mut().detach(target.id);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        let dom = &mut *self.dom.borrow_mut();
        let children = std::mem::take(&mut dom.nodes[node.id].children);
        for &child in &children {
            dom.nodes[child].parent = Some(new_parent.id);
        }
        dom.nodes[new_parent.id].children.extend(children);
    }
}
