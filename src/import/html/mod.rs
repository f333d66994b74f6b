//! HTML to Markdown, with a proof: what comes out is rendered, and its text, links, images and code must be those that went in.

mod clean;
pub mod dom;
mod lines;
mod markdown;
mod markdown_comment;
mod markdown_post;
mod serialize;
mod signature;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use dom::{Data, Dom, NodeId};
use markdown::{Style, Writer};
use rustc_hash::FxHashSet;
use signature::Signature;

use super::model::{Format, Text};
use crate::config::Markdown;
use crate::config::markdown::InsertAnchor;
use crate::markdown::{Highlighter, PostContext, render_comment, render_post};

pub use clean::Removals;
pub use markdown_post::{anchors, ids};
pub use serialize::block as inner_html;
pub use serialize::escape as escape_html;

/// A longer text is no text.
const MAX_LENGTH: usize = 4 << 20;

/// What a text became.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conversion {
    /// The Markdown.
    pub markdown: String,
    /// How many blocks have no equal in Markdown: HTML in a post, plain text in a comment.
    pub unconverted: u64,
    /// Whether something differs all the same.
    pub differs: bool,
    /// What was taken away.
    pub cleaned: Removals,
}

/// How posts are rendered for the comparison.
pub struct Converter {
    options: Markdown,
    highlighter: Highlighter,
}

impl Converter {
    /// A converter for a site.
    pub fn new(options: &Markdown) -> Self {
        let options = Markdown { highlighting: None, ..options.clone() };
        Self { options, highlighter: Highlighter::default() }
    }

    /// Converts a post.
    pub fn post(&self, text: &Text, rewrite: &dyn Fn(&str) -> String) -> Conversion {
        if text.format == Format::Markdown {
            return self.markdown_post(&text.text, rewrite);
        }
        let mut done = Conversion::default();
        let Some(dom) = prepare(text, false, rewrite, &mut done.cleaned) else {
            return too_deep(&text.text);
        };
        let mut units = Vec::new();
        collect_units(&dom, dom.top(), &mut units);
        let writer = Writer { dom: &dom, is_comment: false, style: Style::Full };
        let linked = linked_places(&dom);
        let convert = |writer, unit: &[NodeId]| match holds_place(&dom, unit, &linked) {
            // Markdown has no form for it: it would lead nowhere.
            true => None,
            false => unit_markdown(writer, unit),
        };
        let mut blocks: Vec<Option<String>> = units.iter().map(|unit| convert(writer, unit)).collect();
        let whole: Vec<&str> = blocks.iter().flatten().map(String::as_str).filter(|block| !block.is_empty()).collect();
        let is_equal = |markdown: &str, nodes: &[NodeId]| self.is_equal(markdown, &dom, nodes);
        if blocks.iter().any(Option::is_none) || !is_equal(&whole.join("\n\n"), dom.top()) {
            for (unit, block) in units.iter().zip(&mut blocks) {
                if block.as_ref().is_some_and(|block| is_equal(block, unit)) {
                    continue;
                }
                let other = convert(Writer { style: Style::WithoutEmphasis, ..writer }, unit);
                *block = other.filter(|block| is_equal(block, unit));
                if block.is_none() {
                    let html = markdown::as_html(&dom, unit);
                    done.unconverted += 1;
                    done.differs |= !is_equal(&html, unit);
                    *block = Some(html);
                }
            }
        }
        done.markdown = blocks.into_iter().flatten().filter(|block| !block.is_empty()).collect::<Vec<_>>().join("\n\n");
        done
    }

    fn is_equal(&self, markdown: &str, dom: &Dom, nodes: &[NodeId]) -> bool {
        let context = PostContext {
            options: &self.options,
            path: "",
            permalink: "",
            base: "",
            insert_anchor: InsertAnchor::None,
            resolve: &|path| Some(format!("@/{path}")),
            slugify: &|text| slug::slugify(text),
            anchor_link: &|_, _, _| Ok(String::new()),
            summary_cutoff: &|_| Ok(String::new()),
            is_reserved: &|_| false,
            image: &|_| Ok(None),
            highlighter: &self.highlighter,
        };
        Signature::of_html(&render_post(markdown, &context).html) == Some(Signature::of(dom, nodes))
    }
}

/// The addresses of the links of a page: of all of them, or of those with this word in their `rel`.
pub fn links_of_page(html: &str, rel: Option<&str>) -> Vec<String> {
    let Some(dom) = Dom::parse_page(html) else { return Vec::new() };
    let mut links = Vec::new();
    let mut open = dom.top().to_vec();
    while let Some(id) = open.pop() {
        open.extend(&dom.node(id).children);
        let has_rel = |rel: &str| {
            let words = dom.attribute(id, "rel").unwrap_or_default();
            words.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case(rel))
        };
        if matches!(dom.name(id), "a" | "link") && rel.is_none_or(has_rel) {
            links.extend(dom.attribute(id, "href").map(str::to_owned));
        }
    }
    links
}

/// Converts a comment.
pub fn comment(text: &Text) -> Conversion {
    match text.format {
        Format::Html | Format::HtmlWithLines => html_comment(text),
        Format::Markdown => markdown_comment::convert(&text.text),
        Format::Plain => {
            let html = Text { text: escape_html(&text.text), format: Format::HtmlWithLines };
            html_comment(&html)
        }
    }
}

fn html_comment(text: &Text) -> Conversion {
    let mut done = Conversion::default();
    let keep = |url: &str| url.to_owned();
    let Some(mut dom) = prepare(text, true, &keep, &mut done.cleaned) else {
        return Conversion { markdown: markdown::plain_text(&text.text), unconverted: 1, differs: true, ..done };
    };
    clean::link_addresses(&mut dom, 0);
    let source = Signature::of(&dom, dom.top());
    for style in [Style::Full, Style::WithoutEmphasis] {
        let writer = Writer { dom: &dom, is_comment: true, style };
        if let Ok(markdown) = writer.blocks(dom.top())
            && Signature::of_html(&render_comment(&markdown)).is_some_and(|rendered| rendered == source)
        {
            done.markdown = markdown;
            return done;
        }
    }
    let mut plain = String::new();
    for &node in dom.top() {
        dom.all_text(node, &mut plain);
        plain.push('\n');
    }
    done.markdown = markdown::plain_text(plain.trim());
    done.unconverted = 1;
    done
}

/// A text that is cut at the end of a word, if it is longer than so many characters.
pub fn shortened(text: &str, max: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(max) else { return text.to_owned() };
    let head = &text[..end];
    format!("{} …", head.rsplit_once(' ').map_or(head, |(words, _)| words).trim_end())
}

/// The text of HTML: a title, an excerpt.
pub fn text(html: &str) -> String {
    if !html.contains(['<', '&']) {
        return html.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let mut out = String::new();
    if let Some(dom) = Dom::parse(html) {
        dom.top().iter().for_each(|&node| dom.all_text(node, &mut out));
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn prepare(text: &Text, is_comment: bool, rewrite: &dyn Fn(&str) -> String, cleaned: &mut Removals) -> Option<Dom> {
    if text.text.len() > MAX_LENGTH {
        return None;
    }
    let mut dom = Dom::parse(&text.text)?;
    if text.format == Format::HtmlWithLines {
        lines::mark_lines(&mut dom, 0);
    }
    clean::clean(&mut dom, 0, is_comment, rewrite, cleaned);
    Some(dom)
}

/// A text that cannot be parsed, as text.
fn too_deep(text: &str) -> Conversion {
    let mut end = text.len().min(MAX_LENGTH);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Conversion { markdown: markdown::plain_text(&text[..end]), unconverted: 1, differs: true, ..Conversion::default() }
}

/// Parts a tree into the pieces that are compared one by one.
fn collect_units(dom: &Dom, nodes: &[NodeId], units: &mut Vec<Vec<NodeId>>) {
    let writer = Writer { dom, is_comment: false, style: Style::Full };
    let is_more = |id: NodeId| matches!(&dom.node(id).data, Data::Comment(text) if text.trim().starts_with("more"));
    let alone = |id: NodeId| writer.holds_block(id) || is_more(id);
    for run in nodes.chunk_by(|&a, &b| !alone(a) && !alone(b)) {
        let first = run[0];
        if matches!(dom.name(first), "div" | "section" | "article" | "center" | "main")
            || (dom.name(first) == "p" && dom.node(first).children.iter().any(|&child| is_more(child)))
        {
            collect_units(dom, &dom.node(first).children, units);
        } else {
            units.push(run.to_vec());
        }
    }
}

/// The places that links lead to from within the text.
fn linked_places(dom: &Dom) -> FxHashSet<&str> {
    let mut places = FxHashSet::default();
    let mut open = dom.top().to_vec();
    while let Some(id) = open.pop() {
        let place = dom.attribute(id, "href").and_then(|href| href.strip_prefix('#'));
        places.extend(place.filter(|place| !place.is_empty()));
        open.extend(&dom.node(id).children);
    }
    places
}

/// Whether links lead to an element of a unit that keeps its id only as HTML.
fn holds_place(dom: &Dom, unit: &[NodeId], linked: &FxHashSet<&str>) -> bool {
    if linked.is_empty() {
        return false;
    }
    let mut open = unit.to_vec();
    while let Some(id) = open.pop() {
        let ids =
            [dom.attribute(id, "id").filter(|place| !markdown::keeps_id(dom, id, place)), dom.attribute(id, "name")];
        if ids.into_iter().flatten().any(|place| linked.contains(place)) {
            return true;
        }
        open.extend(&dom.node(id).children);
    }
    false
}

fn unit_markdown(writer: Writer<'_>, unit: &[NodeId]) -> Option<String> {
    if let [only] = unit
        && let Data::Comment(text) = &writer.dom.node(*only).data
    {
        return Some(if text.trim().starts_with("more") { "<!-- more -->".to_owned() } else { String::new() });
    }
    writer.blocks(unit).ok()
}

/// Escapes template syntax, which a post would evaluate.
pub fn escape_templates(markdown: &str) -> Cow<'_, str> {
    if !markdown.contains("{{") && !markdown.contains("{%") && !markdown.contains("{#") {
        return markdown.into();
    }
    let mut out = String::with_capacity(markdown.len() + 64);
    let mut rest = markdown;
    while let Some(at) = rest.find('{') {
        let length = rest[at..].find(|c| !matches!(c, '{' | '%' | '#')).unwrap_or(rest.len() - at);
        let (run, behind) = rest[at..].split_at(length);
        out.push_str(&rest[..at]);
        let place = markdown.len() - rest.len() + at;
        let in_heading = markdown[..place].rsplit('\n').next().is_some_and(|line| line.starts_with('#'));
        let id = behind.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        let is_heading_id = in_heading && run == "{#" && (id == "}" || id.starts_with("}\n"));
        if run.len() > 1 && !is_heading_id {
            out.push_str("{% raw %}");
            out.push_str(run);
            out.push_str("{% endraw %}");
        } else {
            out.push_str(run);
        }
        rest = behind;
    }
    (out + rest).into()
}
