//! The template syntax in a body.

use std::borrow::Cow;
use std::cell::LazyCell;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use tera::Context;

use crate::diagnostic::{Diagnostic, Location, SourceText};
use crate::site::ContentId;
use crate::templates::Reader;
use crate::templates::component_output;
use crate::templates::dependencies::Dependency;

/// Evaluates the template syntax in a page's Markdown.
pub(super) fn render_template_syntax<'a>(
    reader: &Reader,
    id: ContentId,
    source: &'a SourceText,
) -> Result<Cow<'a, str>, Diagnostic> {
    let library = &reader.library;
    let content = library.site.content(id);
    let start = content.source.body_start;
    let body = &source.text[start..];
    let skip = || library.site.config.skip_content_templating.is_match(content.file.relative());
    if !has_template_syntax(body) || skip() {
        return Ok(Cow::Borrowed(body));
    }
    // The analysis must see the same text as Tera.
    let guarded = guard_heading_ids(source);
    let template_source = guarded.as_ref().map_or(source, |(guarded, _)| guarded);
    let closure = library.templates.closure_of_text(&template_source.text[start..]);
    // A new template or component of the same name could replace one of these.
    reader.record(Dependency::TemplateNames);
    let templates = closure.templates.iter().cloned().map(Dependency::Template);
    templates.for_each(|template| reader.record(template));
    let render = |reader: &Reader| {
        let mut context = Context::new();
        context.insert("lang", content.lang());
        context.insert_value("config", reader.config(content.lang()));
        let key = match id {
            ContentId::Page(_) => "page",
            ContentId::Section(_) => "section",
        };
        context.insert_value(key, reader.content(id, reader.variable(key).mask()));
        let templates = &library.templates;
        let render = |marked: &str| templates.render_variant(marked, &context);
        let plain = || templates.render_content(template_source, start, &context);
        let reject = |call: Option<Range<usize>>| {
            let place = call.map(|call| Location::span(source, start + call.start..start + call.end));
            Diagnostic::error("a component gives a script of several lines where there is room for one line")
                .at(place.unwrap_or_else(|| Location::file(source.path.clone())))
                .help("call it outside of tables, headings and links, or keep the script in a file and give `<script src=…>`")
        };
        let options = &library.site.config.markdown;
        let text = match options.follows_zola {
            true => plain()?,
            false => {
                let text = &template_source.text[start..];
                component_output::render_with_components(text, options, render, plain, reject)?
            }
        };
        Ok(Cow::Owned(match &guarded {
            Some((_, guard)) => text.replace(*guard, "#"),
            None => text,
        }))
    };
    reader.with_closure(&closure.into(), render)
}

/// A chosen heading id, `## Heading {#my-id}`, whose `{#` begins a comment in Tera.
static HEADING_ID: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::unwrap_used, reason = "the pattern is a constant")]
    Regex::new(r"(?m)^(#{1,6} .*\{)#([^\s{}#][^{}]*\}[ \t]*)$").unwrap()
});

/// Replaces the `#` of chosen heading ids by a character that occurs nowhere in the text. So Tera sees no comment, and
/// columns stay the same.
fn guard_heading_ids(source: &SourceText) -> Option<(SourceText, char)> {
    // Unicode gives these no meaning (<https://www.unicode.org/faq/private_use.html#noncharacters>).
    let guard = ('\u{fdd0}'..='\u{fdef}').find(|&c| !source.text.contains(c))?;
    match HEADING_ID.replace_all(&source.text, format!("${{1}}{guard}${{2}}")) {
        Cow::Borrowed(_) => None,
        Cow::Owned(text) => Some((SourceText { path: source.path.clone(), text: text.into() }, guard)),
    }
}

/// Whether a text has template syntax.
fn has_template_syntax(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Searched once, however many comments seem to begin.
    let last_end = LazyCell::new(|| text.rfind("#}"));
    memchr::memchr_iter(b'{', bytes).any(|at| match bytes.get(at + 1) {
        Some(b'{' | b'%') => true,
        Some(b'#') => *last_end > Some(at) && !is_heading_id(text, at),
        _ => false,
    })
}

fn is_heading_id(text: &str, at: usize) -> bool {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    HEADING_ID
        .captures(&text[start..end])
        .and_then(|captures| captures.get(1))
        .is_some_and(|it| start + it.end() == at + 1)
}
