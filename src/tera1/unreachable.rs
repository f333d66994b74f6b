//! What a template that extends another one has outside of its blocks. Tera 1 never showed it, and Tera 2 refuses it.

use std::ops::Range;

use super::lexer::{TagKind, tags};

/// Returns the ranges that were never shown.
///
/// `is_known` tells whether a block of a name can be shown: whether a template that is extended has it.
pub fn unreachable(text: &str, is_known: impl Fn(&str) -> bool) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let (mut depth, mut at, mut is_child) = (0_usize, 0, false);
    // Where a block begins that no parent has.
    let mut unknown_block = None;
    let mut note = |range: Range<usize>| match ranges.last_mut() {
        Some(last) if text[last.end..range.start].trim().is_empty() => last.end = range.end,
        _ => ranges.push(range),
    };
    for tag in tags(text) {
        if depth == 0 {
            shown_parts(text, at..tag.span.start).into_iter().for_each(&mut note);
        }
        at = tag.span.end;
        let keyword = match (tag.kind, tag.tokens.first()) {
            (TagKind::Statement, Some(token)) => token.text,
            _ => "",
        };
        match keyword {
            "extends" => is_child = true,
            "import" => {}
            "block" | "macro" | "component" => {
                let name = tag.tokens.get(1).map(|name| name.text).unwrap_or_default();
                if keyword == "block" && depth == 0 && !is_known(name) {
                    unknown_block = Some(tag.span.start);
                }
                depth += 1;
            }
            "endblock" | "endmacro" | "endcomponent" => {
                depth = depth.saturating_sub(1);
                if depth == 0
                    && let Some(start) = unknown_block.take()
                {
                    note(start..tag.span.end);
                }
            }
            _ if depth == 0 && tag.is_closed => note(tag.span),
            _ => {}
        }
    }
    if depth == 0 {
        shown_parts(text, at..text.len()).into_iter().for_each(&mut note);
    }
    if is_child { ranges } else { Vec::new() }
}

/// Returns the parts of a range between tags that are not comments or white space.
fn shown_parts(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let (mut parts, mut at) = (Vec::new(), range.start);
    while at < range.end {
        let rest = &text[at..range.end];
        let comment = rest.find("{#");
        let part = &rest[..comment.unwrap_or(rest.len())];
        let start = at + part.len() - part.trim_start().len();
        if !part.trim().is_empty() {
            parts.push(start..start + part.trim().len());
        }
        let Some(comment) = comment else { break };
        at += rest[comment..].find("#}").map_or(rest.len(), |end| comment + end + 2);
    }
    parts
}

/// Returns the comment that keeps a range for the author.
pub fn as_comment(text: &str) -> String {
    if text.contains("{#") || text.contains("#}") {
        return String::new();
    }
    format!("{{#- This was never shown: {text} -#}}")
}
