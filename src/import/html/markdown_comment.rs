//! Comments that are Markdown already. They stay as they are, but for what the source renders and Causerie does not: HTML, and
//! addresses that are links by themselves.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::clean::addresses;
use super::{Conversion, Format, MAX_LENGTH, Text, html_comment, signature::Signature, too_deep};
use crate::content::parse_thread;
use crate::diagnostic::SourceText;
use crate::markdown::render_comment;

/// Elements that comment systems let through. Anything else in angle brackets is text: `Vec<String>`.
const ELEMENTS: [&str; 47] = [
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "center",
    "cite",
    "code",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "picture",
    "pre",
    "q",
    "s",
    "samp",
    "small",
    "source",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "td",
    "th",
    "tr",
    "ul",
];

/// Converts a Markdown comment.
pub fn convert(text: &str) -> Conversion {
    if text.len() > MAX_LENGTH {
        return too_deep(text);
    }
    let text: String =
        text.replace("\r\n", "\n").chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    let text = text.trim_matches('\n').trim_end();
    let mut links = Vec::new();
    if has_html(text, &mut links) {
        return through_html(text);
    }
    let linked = with_links(text, &links);
    let markdown = if linked != text && is_same_text(text, &linked) { linked } else { text.to_owned() };
    match closed(&markdown) {
        Some(markdown) => Conversion { markdown, ..Conversion::default() },
        None => through_html(text),
    }
}

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS
}

/// Converts what the source renders of a comment.
fn through_html(text: &str) -> Conversion {
    let events = Parser::new_ext(text, options()).map(|event| match event {
        Event::SoftBreak => Event::HardBreak,
        Event::TaskListMarker(is_done) => Event::Text(if is_done { "☑ " } else { "☐ " }.into()),
        event => event,
    });
    let mut html = String::with_capacity(text.len() * 2);
    pulldown_cmark::html::push_html(&mut html, events);
    html_comment(&Text { text: html, format: Format::Html })
}

/// Whether a comment has HTML. Otherwise `links` gets the places of addresses in its text.
fn has_html(text: &str, links: &mut Vec<Range<usize>>) -> bool {
    let mut run = 0..0;
    let mut quiet = 0;
    for (event, range) in Parser::new_ext(text, options()).into_offset_iter() {
        match event {
            Event::Html(html) | Event::InlineHtml(html) if is_element(&html) => return true,
            // The parser parts text wherever there could be markup.
            Event::Text(_) if quiet == 0 && range.start == run.end => run.end = range.end,
            Event::Text(_) if quiet == 0 => {
                push_links(text, run, links);
                run = range;
            }
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_)) => quiet += 1,
            Event::End(TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock) => quiet -= 1,
            _ => {}
        }
    }
    push_links(text, run, links);
    false
}

fn is_element(html: &str) -> bool {
    html.split('<').skip(1).any(|tag| {
        let tag = tag.trim_start_matches('/');
        let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
        tag.starts_with("!--") || ELEMENTS.contains(&&*tag[..end].to_ascii_lowercase())
    })
}

fn push_links(text: &str, run: Range<usize>, links: &mut Vec<Range<usize>>) {
    links.extend(addresses(&text[run.clone()]).map(|link| run.start + link.start..run.start + link.end));
}

fn with_links(text: &str, links: &[Range<usize>]) -> String {
    let mut out = String::with_capacity(text.len() + links.len() * 2);
    let mut at = 0;
    for link in links.iter().filter(|link| !text[(*link).clone()].contains(['\\', '&'])) {
        out.push_str(&text[at..link.start]);
        out.push('<');
        out.push_str(&text[link.clone()]);
        out.push('>');
        at = link.end;
    }
    out + &text[at..]
}

fn is_same_text(before: &str, after: &str) -> bool {
    let text = |markdown: &str| Signature::of_html(&render_comment(markdown)).map(|signature| signature.text);
    text(before) == text(after)
}

/// A comment without a code block that would reach into the next comment of its file. None: it cannot be closed.
fn closed(markdown: &str) -> Option<String> {
    let fence = markdown.lines().filter_map(|line| {
        let line = line.trim_start_matches(' ');
        let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let length = line.chars().take_while(|c| *c == mark).count();
        (length >= 3).then(|| String::from(mark).repeat(length))
    });
    let fences: Vec<String> = fence.collect();
    if fences.is_empty() || is_closed(markdown) {
        return Some(markdown.to_owned());
    }
    let rendered = render_comment(&format!("{markdown}\n"));
    let ends = fences.iter().rev().take(4).map(|fence| format!("{markdown}\n{fence}"));
    ends.into_iter().find(|closed| is_closed(closed) && render_comment(closed) == rendered)
}

fn is_closed(markdown: &str) -> bool {
    let other = "+++\ndate = 2000-01-01\n+++\n";
    let body: String =
        markdown.lines().map(|line| if line.trim_end() == "+++" { "\n" } else { line }.to_owned() + "\n").collect();
    let source =
        SourceText { path: "content/import.comments.md".into(), text: format!("{other}{body}{other}x\n").into() };
    parse_thread(&source).0.comments.len() == 2
}
