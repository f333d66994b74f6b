//! Writes a tree of HTML as Markdown.

use super::dom::{Data, Dom, NodeId};
use super::lines::is_block;
use super::serialize;

/// How freely the writer uses Markdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// All of it.
    Full,
    /// Without emphasis by asterisks, which some neighbouring characters break: as HTML in a post, and none in a comment.
    WithoutEmphasis,
}

/// HTML that Markdown has no form for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsupported;

/// Stands for a line break until its paragraph is written.
const BREAK: char = '\u{1}';

/// Whether an element keeps its id in Markdown: a heading does, if the id is plain.
pub fn keeps_id(dom: &Dom, element: NodeId, id: &str) -> bool {
    matches!(dom.name(element), "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
        && !id.is_empty()
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Writes nodes of one tree.
#[derive(Clone, Copy)]
pub struct Writer<'d> {
    /// The tree.
    pub dom: &'d Dom,
    /// Whether it is a comment, in which there is no HTML.
    pub is_comment: bool,
    /// How freely Markdown is used.
    pub style: Style,
}

impl Writer<'_> {
    /// Writes nodes as blocks, with a blank line between two.
    pub fn blocks(self, nodes: &[NodeId]) -> Result<String, Unsupported> {
        let mut blocks: Vec<String> = Vec::new();
        for run in nodes.chunk_by(|&a, &b| !self.holds_block(a) && !self.holds_block(b)) {
            let block = if self.holds_block(run[0]) { self.block(run[0])? } else { self.paragraph(run)? };
            if !block.trim().is_empty() {
                blocks.push(block);
            }
        }
        Ok(blocks.join("\n\n"))
    }

    /// Whether a node is a block, or holds one although it is none.
    pub fn holds_block(self, id: NodeId) -> bool {
        let name = self.dom.name(id);
        is_block(name) || !name.is_empty() && self.dom.node(id).children.iter().any(|&child| self.holds_block(child))
    }

    fn block(self, id: NodeId) -> Result<String, Unsupported> {
        let children = &self.dom.node(id).children;
        match self.dom.name(id) {
            "p" | "address" | "summary" | "dt" | "figcaption" | "caption"
                if !children.iter().any(|&child| self.holds_block(child)) =>
            {
                self.paragraph(children)
            }
            name @ ("h1" | "h2" | "h3" | "h4" | "h5" | "h6") => {
                let level = usize::from(name.as_bytes()[1] - b'0');
                let text = self.line(children, " ")?.replace('{', "\\{");
                let text = text.strip_suffix('#').map_or(text.clone(), |start| format!("{start}\\#"));
                let id = self.dom.attribute(id, "id").filter(|place| !self.is_comment && keeps_id(self.dom, id, place));
                let anchor = id.map_or(String::new(), |id| format!(" {{#{id}}}"));
                Ok(if text.is_empty() { String::new() } else { format!("{} {text}{anchor}", "#".repeat(level)) })
            }
            "blockquote" => Ok(prefix(&self.blocks(children)?, "> ", "> ")),
            name @ ("ul" | "ol") => self.list(id, name == "ol"),
            "pre" => Ok(self.code_block(id)),
            "hr" => Ok("---".to_owned()),
            "table" => self.table(id),
            "dl" | "details" | "fieldset" if !self.is_comment => Err(Unsupported),
            "figure" if !self.is_comment && self.dom.has(id, &["figcaption"]) => Err(Unsupported),
            _ => self.blocks(children),
        }
    }

    fn list(self, id: NodeId, is_ordered: bool) -> Result<String, Unsupported> {
        let mut number =
            self.dom.attribute(id, "start").and_then(|start| start.parse::<u32>().ok()).unwrap_or(1).min(99_999_999);
        let mut items = Vec::new();
        let mut is_loose = false;
        for &child in &self.dom.node(id).children {
            if self.dom.name(child) != "li" {
                let is_nothing = match &self.dom.node(child).data {
                    Data::Text(text) => text.trim().is_empty(),
                    Data::Comment(_) => true,
                    Data::Element(..) => false,
                };
                if is_nothing {
                    continue;
                }
            }
            let inner = if self.dom.name(child) == "li" { self.dom.node(child).children.clone() } else { vec![child] };
            let is_simple =
                !inner.iter().any(|&node| matches!(self.dom.name(node), "p" | "pre" | "blockquote" | "div" | "table"));
            is_loose |= !is_simple;
            let mut text = self.blocks(&inner)?;
            if is_simple {
                // A list under a line needs no blank line before it, unless it begins with another number.
                text = text.replace("\n\n- ", "\n- ").replace("\n\n1. ", "\n1. ");
            }
            let marker = if is_ordered { format!("{number}. ") } else { "- ".to_owned() };
            number += 1;
            // A fence on the marker's line would look like none where it begins, and like one where it ends.
            let begins_with_code = text.starts_with(['`', '~', '-', '#', '>', '|']);
            let indent = " ".repeat(marker.len());
            items.push(if begins_with_code {
                format!("{}\n{}", marker.trim_end(), prefix(&text, &indent, &indent))
            } else {
                prefix(&text, &marker, &indent)
            });
        }
        Ok(items.join(if is_loose { "\n\n" } else { "\n" }))
    }

    fn code_block(self, id: NodeId) -> String {
        let mut code = String::new();
        self.dom.all_text(id, &mut code);
        let code = code.replace("\r\n", "\n");
        let code = code.trim_matches('\n').trim_end();
        let class = self.dom.attribute(id, "class").or_else(|| {
            let inner = self.dom.node(id).children.iter().find(|&&child| self.dom.name(child) == "code");
            inner.and_then(|&inner| self.dom.attribute(inner, "class"))
        });
        let language = class.and_then(|class| {
            class
                .split([' ', ';'])
                .find_map(|word| word.strip_prefix("language-").or_else(|| word.strip_prefix("lang-")))
        });
        let language = language.filter(|l| {
            !self.is_comment && l.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'#'))
        });
        let fence = "`".repeat((longest_run(code, '`') + 1).max(3));
        format!("{fence}{}\n{code}\n{fence}", language.unwrap_or_default())
    }

    fn table(self, id: NodeId) -> Result<String, Unsupported> {
        let mut rows: Vec<NodeId> = Vec::new();
        for &child in &self.dom.node(id).children {
            match self.dom.name(child) {
                "thead" | "tbody" | "tfoot" => {
                    rows.extend(self.dom.node(child).children.iter().filter(|&&row| self.dom.name(row) == "tr"));
                }
                "tr" => rows.push(child),
                "caption" => return Err(Unsupported),
                _ => {}
            }
        }
        let mut lines: Vec<String> = Vec::new();
        let mut width = 0;
        for row in rows {
            let cells = self.dom.node(row).children.iter().filter(|&&cell| matches!(self.dom.name(cell), "td" | "th"));
            let cells: Vec<NodeId> = cells.copied().collect();
            let is_head = cells.iter().all(|&cell| self.dom.name(cell) == "th");
            let spans = cells
                .iter()
                .any(|&cell| ["colspan", "rowspan"].iter().any(|key| self.dom.attribute(cell, key).is_some()));
            let blocks =
                cells.iter().any(|&cell| self.dom.node(cell).children.iter().any(|&child| self.holds_block(child)));
            if spans
                || blocks
                || cells.is_empty()
                || (lines.is_empty() && !is_head)
                || (width > 0 && width != cells.len())
            {
                return Err(Unsupported);
            }
            let texts =
                cells.iter().map(|&cell| self.line(&self.dom.node(cell).children, " ").map(|text| escape_pipes(&text)));
            let texts = texts.collect::<Result<Vec<_>, _>>()?;
            lines.push(format!("| {} |", texts.join(" | ")));
            if width == 0 {
                width = cells.len();
                lines.push(format!("|{}", " --- |".repeat(width)));
            }
        }
        Ok(lines.join("\n"))
    }

    /// Inline nodes as a paragraph.
    fn paragraph(self, nodes: &[NodeId]) -> Result<String, Unsupported> {
        let text = self.inline(nodes)?;
        let lines: Vec<String> = text.split(BREAK).map(|line| guard(line.trim_matches(' '))).collect();
        let lines = lines.join(&BREAK.to_string());
        let lines = lines.trim_matches(BREAK);
        Ok(lines.replace(BREAK, if self.is_comment { "\n" } else { "\\\n" }))
    }

    /// Inline nodes in one line.
    fn line(self, nodes: &[NodeId], line_break: &str) -> Result<String, Unsupported> {
        Ok(self.inline(nodes)?.replace(BREAK, line_break).trim().to_owned())
    }

    fn inline(self, nodes: &[NodeId]) -> Result<String, Unsupported> {
        let mut out = String::new();
        for &node in nodes {
            let piece = self.inline_node(node)?;
            // White space is one space, and none where one is already.
            let ends = out.is_empty() || out.ends_with([' ', BREAK]);
            out.push_str(if ends { piece.trim_start_matches(' ') } else { &piece });
        }
        Ok(out)
    }

    fn inline_node(self, id: NodeId) -> Result<String, Unsupported> {
        let name = match &self.dom.node(id).data {
            Data::Text(text) => return Ok(escape(&collapse(text))),
            Data::Comment(_) => return Ok(String::new()),
            Data::Element(name, _) => name.as_str(),
        };
        let children = &self.dom.node(id).children;
        match name {
            "br" => Ok(BREAK.to_string()),
            "em" | "i" | "cite" | "var" | "dfn" => self.emphasis(children, "*", "em"),
            "strong" | "b" => self.emphasis(children, "**", "strong"),
            "del" | "s" | "strike" => self.emphasis(children, "~~", "del"),
            "code" | "tt" | "kbd" | "samp" if !self.dom.has(id, &["a", "img"]) => {
                let mut code = String::new();
                self.dom.all_text(id, &mut code);
                Ok(code_span(&collapse(&code)))
            }
            "a" => self.link(id),
            "img" => Ok(self.image(id)),
            "sup" | "sub" | "abbr" | "acronym" | "mark" | "ins" | "u" | "small" | "q" if !self.is_comment => {
                let (before, inner, after) = outer_space(self.inline(children)?);
                Ok(format!("{before}<{name}>{inner}</{name}>{after}"))
            }
            "video" | "audio" | "canvas" | "map" | "ruby" | "picture" => Err(Unsupported),
            _ => self.inline(children),
        }
    }

    fn emphasis(self, children: &[NodeId], mark: &str, tag: &str) -> Result<String, Unsupported> {
        let (before, inner, after) = outer_space(self.inline(children)?);
        Ok(match self.style {
            _ if inner.is_empty() => before + &after,
            // A paragraph ends where a line begins another block, and emphasis does not go beyond.
            Style::Full => format!("{before}{mark}{inner}{mark}{after}"),
            Style::WithoutEmphasis if self.is_comment => format!("{before}{inner}{after}"),
            Style::WithoutEmphasis => format!("{before}<{tag}>{inner}</{tag}>{after}"),
        })
    }

    fn link(self, id: NodeId) -> Result<String, Unsupported> {
        let (before, inner, after) = outer_space(self.inline(&self.dom.node(id).children)?);
        let Some(url) = self.dom.attribute(id, "href").filter(|url| !url.is_empty()) else {
            return Ok(format!("{before}{inner}{after}"));
        };
        let mut text = String::new();
        self.dom.all_text(id, &mut text);
        let is_plain = url.starts_with("http")
            && !url.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '`' | '\\'));
        if text.trim() == url && is_plain {
            return Ok(format!("{before}<{url}>{after}"));
        }
        let inner = inner.replace(BREAK, " ");
        let title = self.dom.attribute(id, "title").map(title).unwrap_or_default();
        Ok(format!("{before}[{inner}]({}{title}){after}", destination(url)))
    }

    fn image(self, id: NodeId) -> String {
        let Some(url) = self.dom.attribute(id, "src").filter(|url| !url.is_empty()) else { return String::new() };
        let alt = escape(&collapse(self.dom.attribute(id, "alt").unwrap_or_default()));
        let title = self.dom.attribute(id, "title").map(title).unwrap_or_default();
        format!("![{}]({}{title})", alt.trim(), destination(url))
    }
}

/// Puts something before the first line of a text, and something before the others.
fn prefix(text: &str, first: &str, others: &str) -> String {
    let lines = text.split('\n').enumerate().map(|(number, line)| {
        let prefix = if number == 0 { first } else { others };
        if line.is_empty() { prefix.trim_end().to_owned() } else { format!("{prefix}{line}") }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// White space as HTML shows it.
fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' ' | '\n' | '\t' | '\r' if out.ends_with(' ') => {}
            ' ' | '\n' | '\t' | '\r' => out.push(' '),
            BREAK => {}
            other => out.push(other),
        }
    }
    out
}

fn outer_space(text: String) -> (String, String, String) {
    let is_space = |c: char| c == ' ' || c == BREAK;
    let inner = text.trim_matches(is_space);
    if inner.is_empty() {
        return (text, String::new(), String::new());
    }
    let start = text.len() - text.trim_start_matches(is_space).len();
    (text[..start].to_owned(), inner.to_owned(), text[start + inner.len()..].to_owned())
}

/// Text in which nothing is Markdown, but for what a line can begin with.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let after = rest.peek().copied().unwrap_or(' ');
        let special = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '~' | '|' => true,
            '_' => !(before.is_alphanumeric() && after.is_alphanumeric()),
            '&' => after == '#' || after.is_ascii_alphabetic(),
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    out
}

/// A line of a paragraph that begins no other block.
fn guard(line: &str) -> String {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 && line[digits..].starts_with(['.', ')']) {
        return format!("{}\\{}", &line[..digits], &line[digits..]);
    }
    if line.starts_with(['#', '>', '+', '-', '=', ':']) { format!("\\{line}") } else { line.to_owned() }
}

fn longest_run(text: &str, c: char) -> usize {
    text.split(|other| other != c).map(str::len).max().unwrap_or(0)
}

fn code_span(code: &str) -> String {
    if code.is_empty() {
        return String::new();
    }
    let marks = "`".repeat(longest_run(code, '`') + 1);
    let pad = if code.starts_with(['`', ' ']) || code.ends_with(['`', ' ']) { " " } else { "" };
    format!("{marks}{pad}{code}{pad}{marks}")
}

/// An address as the destination of a link.
pub fn destination(url: &str) -> String {
    let url: String = url.chars().filter(|c| !c.is_control()).collect();
    if url.contains(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>' | '\\')) {
        let url = url.replace('<', "%3C").replace('>', "%3E").replace('\\', "%5C");
        return format!("<{}>", url.split_whitespace().collect::<Vec<_>>().join("%20"));
    }
    url.replace('*', "%2A").replace('_', "\\_").replace('&', "&amp;")
}

fn title(title: &str) -> String {
    let title = collapse(title);
    if title.trim().is_empty() { String::new() } else { format!(" \"{}\"", escape(title.trim()).replace('"', "\\\"")) }
}

/// Plain text, which keeps its lines.
pub fn plain_text(text: &str) -> String {
    text.lines().map(|line| guard(&escape(line.trim()))).collect::<Vec<_>>().join("\n")
}

/// A post's block as HTML.
pub fn as_html(dom: &Dom, nodes: &[NodeId]) -> String {
    serialize::block(dom, nodes)
}

/// Escapes the pipes of a table cell that are not escaped yet, as those in code are not.
fn escape_pipes(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut is_escaped = false;
    for c in text.chars() {
        if c == '|' && !is_escaped {
            escaped.push('\\');
        }
        is_escaped = c == '\\' && !is_escaped;
        escaped.push(c);
    }
    escaped
}
