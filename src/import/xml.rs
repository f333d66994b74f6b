//! A record as a small tree, repaired where it is damaged.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Elements nest no deeper in any export.
const MAX_DEPTH: usize = 8;

/// An element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// The name with its prefix.
    pub name: String,
    attributes: Vec<(String, String)>,
    text: String,
    /// The elements in it.
    pub children: Vec<Element>,
}

impl Element {
    /// The text of the first child of a name, without white space around it; empty if there is none.
    pub fn field(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| child.text.trim())
    }

    /// The first child of a name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The children of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the element itself.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Parses a record. Only elements called `containers` have elements in them: any other one that is still open where the
/// next begins was never closed. None if nothing can be made of it.
pub fn parse(record: &str, containers: &[&str], repairs: &mut Vec<(&'static str, u64)>) -> Option<Element> {
    let record = repair(record, repairs);
    let mut reader = Reader::from_str(&record);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut stack: Vec<Element> = Vec::new();
    let count = |what, repairs: &mut Vec<(&'static str, u64)>| repairs.push((what, 1));
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                if stack.last().is_some_and(|top| !containers.contains(&top.name.as_str())) {
                    count("elements that were never closed", repairs);
                    close(&mut stack);
                }
                if stack.len() >= MAX_DEPTH {
                    return None;
                }
                stack.push(element(&tag));
            }
            Event::Empty(tag) => match stack.last_mut() {
                Some(top) => top.children.push(element(&tag)),
                None => return Some(element(&tag)),
            },
            Event::End(tag) => {
                let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                if !stack.iter().any(|open| open.name == name) {
                    count("end tags of nothing", repairs);
                    continue;
                }
                while let Some(top) = stack.last() {
                    let is_it = top.name == name;
                    if !is_it {
                        count("elements that were never closed", repairs);
                    }
                    if stack.len() == 1 {
                        return stack.pop();
                    }
                    close(&mut stack);
                    if is_it {
                        break;
                    }
                }
            }
            Event::Text(text) => push(&mut stack, &String::from_utf8_lossy(&text)),
            Event::CData(text) => push(&mut stack, &String::from_utf8_lossy(&text)),
            Event::GeneralRef(name) => {
                let name = String::from_utf8_lossy(&name).into_owned();
                push(&mut stack, &reference(&name));
            }
            Event::Eof => {
                while stack.len() > 1 {
                    count("elements that were never closed", repairs);
                    close(&mut stack);
                }
                return stack.pop();
            }
            _ => {}
        }
    }
}

fn close(stack: &mut Vec<Element>) {
    if let Some(done) = stack.pop()
        && let Some(parent) = stack.last_mut()
    {
        parent.children.push(done);
    }
}

fn push(stack: &mut [Element], text: &str) {
    if let Some(top) = stack.last_mut() {
        top.text.push_str(text);
    }
}

fn element(tag: &BytesStart<'_>) -> Element {
    let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
    let mut attributes = Vec::new();
    for attribute in tag.html_attributes().with_checks(false).flatten() {
        let key = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
        attributes.push((key, unescape(&String::from_utf8_lossy(&attribute.value))));
    }
    Element { name, attributes, ..Element::default() }
}

/// Replaces the references of XML in a text. One that XML does not know stays as it is.
pub fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        match after.split_once(';').filter(|(name, _)| name.len() < 12 && !name.contains(char::is_whitespace)) {
            Some((name, behind)) => {
                out.push_str(&reference(name));
                rest = behind;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out + rest
}

fn reference(name: &str) -> String {
    let number = name.strip_prefix('#').and_then(|digits| match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => digits.parse().ok(),
    });
    let character = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => number.and_then(char::from_u32).filter(|c| !c.is_control() || matches!(c, '\n' | '\t')),
    };
    character.map_or_else(|| format!("&{name};"), String::from)
}

/// Makes CDATA sections and `<` in text well-formed.
fn repair(record: &str, repairs: &mut Vec<(&'static str, u64)>) -> String {
    const OPEN: &str = "<![CDATA[";
    let mut out = String::with_capacity(record.len() + 16);
    let mut rest = record;
    while let Some((before, after)) = rest.split_once(OPEN) {
        plain(before, &mut out, repairs);
        out.push_str(OPEN);
        let name = before.strip_suffix('>').and_then(|tag| tag.rsplit_once('<')).map_or("", |(_, name)| name);
        let (inner, behind) = section(after, name, repairs);
        // A section may hold `]]>` only in two parts.
        let is_split = inner.contains("]]>") && !inner.replace("]]]]><![CDATA[>", "").contains("]]>");
        if inner.contains("]]>") && !is_split {
            repairs.push(("CDATA sections that ended early", 1));
            out.push_str(&inner.replace("]]]]><![CDATA[>", "]]>").replace("]]>", "]]]]><![CDATA[>"));
        } else {
            out.push_str(inner);
        }
        out.push_str("]]>");
        rest = behind;
    }
    plain(rest, &mut out, repairs);
    out
}

/// The content of a CDATA section that fills the element `name`, and what follows the section.
fn section<'a>(after: &'a str, name: &str, repairs: &mut Vec<(&'static str, u64)>) -> (&'a str, &'a str) {
    let close = format!("</{name}>");
    let element_end = if name.is_empty() { None } else { after.find(&close) };
    let whole = element_end.and_then(|_| after.find(&format!("]]>{close}")));
    match (whole, element_end) {
        // The element ends elsewhere, with more elements behind it: the section was not closed.
        (found, Some(end))
            if found.is_none_or(|found| found > end) && after[end + close.len()..].trim_start().starts_with('<') =>
        {
            let inner = &after[..end];
            match inner.trim_end().strip_suffix("]]>") {
                Some(inner) => (inner, &after[end..]),
                None => {
                    repairs.push(("CDATA sections that were never closed", 1));
                    (inner, &after[end..])
                }
            }
        }
        (Some(found), _) => (&after[..found], &after[found + 3..]),
        _ => after.split_once("]]>").unwrap_or_else(|| {
            repairs.push(("CDATA sections that were never closed", 1));
            (after, "")
        }),
    }
}

/// Copies what is no CDATA section. A `<` that begins no markup becomes text.
fn plain(text: &str, out: &mut String, repairs: &mut Vec<(&'static str, u64)>) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let is_markup = after.starts_with(|c: char| c.is_alphabetic() || matches!(c, '/' | '!' | '?' | '_'));
        if is_markup && (after.contains('>')) {
            out.push('<');
        } else {
            out.push_str("&lt;");
            repairs.push(("“<” in text", 1));
        }
        rest = after;
    }
    out.push_str(rest);
}
