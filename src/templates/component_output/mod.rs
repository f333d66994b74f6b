//! The outputs of components, fitted into the Markdown around the calls.
//!
//! The output of a component can have many lines, including blank and indented ones, while the call is part of one line
//! of a text. In a list item or a quotation the further lines get the prefix of lines there; in a table cell they
//! become one line; in code they stay as they are.
//!
//! Marks around the calls show where the outputs are in the rendered text. If a text cannot be rendered with marks, it
//! is rendered again without them, so that its error has the right location.

mod calls;
mod indent;
mod lines;
mod marks;
mod single_line;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;

use rustc_hash::FxHashSet;

use self::calls::component_calls;
use self::indent::without_html_indent;
use self::lines::{push_code, push_nested};
use self::marks::{OutputMarks, RenderedPart};
use self::single_line::single_line;
use crate::config::Markdown;
use crate::markdown::{MarkdownContext, contexts_of_marks};

/// Renders a text, and fits the outputs of components into their context. `render` renders it with marks, `plain`
/// without. `refuse` creates the error for an output that does not fit, with the call of the component if it is known.
pub(super) fn render_with_components<E>(
    source: &str,
    options: &Markdown,
    render: impl FnOnce(&str) -> Option<String>,
    plain: impl FnOnce() -> Result<String, E>,
    refuse: impl FnOnce(Option<Range<usize>>) -> E,
) -> Result<String, E> {
    let calls = component_calls(source);
    let Some(marks) = OutputMarks::unused_in(source).filter(|_| !calls.is_empty()) else { return plain() };
    let Some(marked) = render(&marks.insert(&calls, source)) else { return plain() };
    let Some(parts) = marks.split(&marked) else { return plain() };
    let needs_room = |part: &RenderedPart<'_>| part.output.is_some_and(|output| output.contains(['\n', '|']));
    if !parts.iter().any(needs_room) {
        return Ok(marks.remove(&marked));
    }
    let skeleton: String = parts
        .iter()
        .flat_map(|part| {
            [Cow::Borrowed(part.before), part.output.map_or("".into(), |_| marks.start.to_string().into())]
        })
        .collect();
    let mut contexts = contexts_of_marks(&skeleton, marks.start, options).into_iter();
    // The position in the skeleton.
    let mut at = 0;
    let own_lines = author_lines(source);
    let mut text = String::with_capacity(marked.len());
    for (number, part) in parts.iter().enumerate() {
        text.push_str(part.before);
        let mark = at + part.before.len();
        at = mark + marks.start.len_utf8();
        let Some(output) = part.output else { continue };
        match contexts.next().unwrap_or(MarkdownContext::Open) {
            MarkdownContext::Open => text.push_str(&without_html_indent(output, &own_lines)),
            MarkdownContext::Code { prefix } => push_code(&mut text, output, &prefix, &own_lines),
            place @ (MarkdownContext::Cell(element) | MarkdownContext::Line(element)) => {
                let Some(line) = single_line(output, matches!(place, MarkdownContext::Cell(_)), element) else {
                    // In loops and conditions a call can have several outputs, or none.
                    let is_known = calls.len() + 1 == parts.len();
                    return Err(refuse(calls.get(number).filter(|_| is_known).cloned()));
                };
                text.push_str(&line);
            }
            MarkdownContext::Inside { prefix, start } => {
                let is_first_line = !skeleton[start..mark].contains('\n');
                push_nested(&mut text, output, &prefix, is_first_line, &own_lines);
            }
        }
    }
    Ok(text)
}

/// Returns the lines of a source, and the part of each before its first tag.
fn author_lines(source: &str) -> FxHashSet<&str> {
    let before_tag = |line: &'_ str| line.find("{%").map_or(line.len(), |at| at);
    source.lines().flat_map(|line| [line, &line[..before_tag(line)]]).collect()
}
