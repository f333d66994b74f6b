//! Takes away what imported HTML must not do: run, frame other sites, ask for input.

use std::ops::Range;

use super::dom::{Data, Dom, NodeId};

/// Elements that vanish with all that is in them.
const REMOVED: [&str; 14] = [
    "script", "style", "noscript", "object", "applet", "form", "input", "button", "select", "textarea", "template",
    "svg", "math", "link",
];

/// Attributes that are kept in HTML.
const KEPT: [&str; 17] = [
    "href", "src", "alt", "title", "lang", "dir", "id", "name", "width", "height", "colspan", "rowspan", "start",
    "cite", "datetime", "controls", "open",
];

/// What was changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removals {
    /// Scripts, forms and the like that were removed.
    pub removed: u64,
    /// Frames and players that became links.
    pub frames: u64,
    /// Style sheets that were removed.
    pub styles: u64,
}

/// Cleans a node and all below it. `rewrite` gives each address its new form.
pub fn clean(dom: &mut Dom, id: NodeId, is_comment: bool, rewrite: &dyn Fn(&str) -> String, done: &mut Removals) {
    let mut children = Vec::new();
    for child in dom.node(id).children.clone() {
        let name = dom.name(child).to_owned();
        let source =
            |dom: &Dom| ["src", "data-src", "data"].iter().find_map(|key| dom.attribute(child, key)).map(str::to_owned);
        let frame =
            matches!(name.as_str(), "iframe" | "embed") || (is_comment && matches!(name.as_str(), "video" | "audio"));
        if frame || (is_comment && name == "img") {
            let label = dom.attribute(child, "alt").or(dom.attribute(child, "title")).map(str::to_owned);
            match source(dom).map(|url| protocol(&url)).filter(|url| is_web(url)) {
                Some(url) => {
                    let url = rewrite(&url);
                    let label = label.filter(|label| !label.trim().is_empty()).unwrap_or_else(|| url.clone());
                    let text = dom.add(Data::Text(label), Vec::new());
                    children.push(dom.add(Data::Element("a".to_owned(), vec![("href".to_owned(), url)]), vec![text]));
                    done.frames += u64::from(frame);
                }
                None => done.removed += 1,
            }
            continue;
        }
        if REMOVED.contains(&name.as_str()) {
            let is_style = matches!(name.as_str(), "style" | "link");
            *(if is_style { &mut done.styles } else { &mut done.removed }) += 1;
            continue;
        }
        if let Data::Element(_, attributes) = &mut dom.node_mut(child).data {
            let count = attributes.len();
            attributes.retain(|(key, _)| !key.starts_with("on") && key != "srcdoc");
            done.removed += (count - attributes.len()) as u64;
            attributes.retain(|(key, _)| {
                KEPT.contains(&key.as_str()) || key == "class" && name == "code" || key == "class" && name == "pre"
            });
            attributes.retain_mut(|(key, value)| {
                if matches!(key.as_str(), "href" | "src" | "cite") {
                    *value = value.split_whitespace().collect::<Vec<_>>().join("%20");
                    let is_safe = is_safe(value, key == "href", is_comment);
                    done.removed += u64::from(!is_safe);
                    if is_safe {
                        *value = rewrite(value);
                    }
                    return is_safe;
                }
                true
            });
        }
        clean(dom, child, is_comment, rewrite, done);
        children.push(child);
    }
    dom.node_mut(id).children = children;
}

/// An address that begins with `//`, with its protocol.
fn protocol(url: &str) -> String {
    if url.starts_with("//") { format!("https:{url}") } else { url.to_owned() }
}

fn is_web(url: &str) -> bool {
    url.get(..8).is_some_and(|start| {
        let start = start.to_ascii_lowercase();
        start.starts_with("http://") || start == "https://"
    })
}

/// Whether an address can be followed or shown without running anything.
fn is_safe(url: &str, is_link: bool, is_comment: bool) -> bool {
    let end = url.find(['/', '?', '#']).unwrap_or(url.len());
    match url[..end].split_once(':') {
        None => !is_comment || url.starts_with("//"),
        Some((scheme, _)) => {
            let scheme = scheme.to_ascii_lowercase();
            matches!(scheme.as_str(), "http" | "https")
                || is_link && scheme == "mailto"
                || !is_comment && is_link && matches!(scheme.as_str(), "tel" | "xmpp" | "ftp" | "magnet")
        }
    }
}

/// Makes links of the addresses in the text of a comment, as the blogs do that it comes from.
pub fn link_addresses(dom: &mut Dom, id: NodeId) {
    if matches!(dom.name(id), "a" | "pre" | "code") {
        return;
    }
    let mut children = Vec::new();
    for child in dom.node(id).children.clone() {
        let Some(text) = dom.text(child).map(str::to_owned) else {
            link_addresses(dom, child);
            children.push(child);
            continue;
        };
        let mut end = 0;
        for range in addresses(&text) {
            let url = &text[range.clone()];
            children.push(dom.add(Data::Text(text[end..range.start].to_owned()), Vec::new()));
            let label = dom.add(Data::Text(url.to_owned()), Vec::new());
            children
                .push(dom.add(Data::Element("a".to_owned(), vec![("href".to_owned(), url.to_owned())]), vec![label]));
            end = range.end;
        }
        children.push(dom.add(Data::Text(text[end..].to_owned()), Vec::new()));
    }
    dom.node_mut(id).children = children;
}

/// The places of the addresses in a text.
pub fn addresses(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = &text[from..];
            let at = ["https://", "http://"].iter().filter_map(|scheme| rest.find(scheme)).min()?;
            let end = rest[at..]
                .find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`'))
                .map_or(rest.len(), |end| at + end);
            let mut url = rest[at..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', '…', '”', '’']);
            if url.ends_with(')') && !url.contains('(') {
                url = url.trim_end_matches(')');
            }
            let range = from + at..from + at + url.len();
            from = range.end.max(from + at + 7);
            if url.len() > 10 {
                return Some(range);
            }
        }
    })
}
