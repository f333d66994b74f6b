//! The text of a page: calls of shortcodes, and braces that were only text.
//!
//! Zola before 0.23 saw nothing in a text but calls of shortcodes. Now the whole text is a template, so every other `{{`,
//! `{%` and `{#` is put between `{% raw %}` and `{% endraw %}`. The reader sees the same characters.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::ast::{Arguments, ExpressionKind};
use super::change::{Change, ChangeKind, Decision, Rewritten};
use super::lexer::{TagKind, TokenKind, tokens};
use super::parser::Parser;
use super::project::{ValueKind, unquoted};
use super::rewriter::escape_backslashes;
use super::shortcodes::{ArgumentUse, ShortcodeCalls};

/// The most bytes of a call. Texts with many braces are read in a time that grows with their length alone.
const MAX_CALL: usize = 16 * 1024;

/// Something in a text that looks like a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece<'t> {
    /// The call of a shortcode; `is_opening` if it has a body.
    Call { name: &'t str, arguments: Arguments<'t>, is_opening: bool },
    /// The end of a shortcode's body.
    End { name: &'t str },
    /// What is shown as it is, with the text to show.
    Plain(String),
}

/// A piece with its place.
type Placed<'t> = (Range<usize>, Piece<'t>);

/// What is known of the shortcodes of a site.
#[derive(Clone, Debug, Default)]
pub struct Shortcodes {
    /// The names.
    pub names: BTreeSet<String>,
    /// Those that want to know how many calls precede theirs.
    pub counting: BTreeSet<String>,
}

/// Notes the calls in a text whose front matter ends at `start`.
pub fn note_calls(text: &str, start: usize, calls: &mut BTreeMap<String, ShortcodeCalls>) {
    for (_, piece) in pieces(text, start) {
        let Piece::Call { name, arguments, .. } = piece else { continue };
        let known = calls.entry(name.to_owned()).or_default();
        known.count += 1;
        for argument in &arguments.list {
            let value = &text[argument.value.span.clone()];
            let given: &mut ArgumentUse =
                known.arguments.entry(argument.name.unwrap_or_default().to_owned()).or_default();
            given.count += 1;
            given.kinds.insert(match argument.value.kind {
                ExpressionKind::List(_) => ValueKind::Other,
                _ => ValueKind::of_literal(value),
            });
            given.needs_escapes |= unquoted(value).contains(['<', '>', '&', '"', '\'']);
        }
    }
}

/// Rewrites a text whose front matter ends at `start`.
pub fn rewrite_content(text: &str, start: usize, shortcodes: &Shortcodes) -> Rewritten {
    let mut result = Rewritten { text: text[..start].to_owned(), ..Rewritten::default() };
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    let pieces = pieces(text, start);
    let code = if pieces.is_empty() { Vec::new() } else { code_blocks(text) };
    let (mut at, mut number) = (start, 0);
    while let Some((span, piece)) = pieces.get(number) {
        result.text.push_str(&text[at..span.start]);
        at = span.end;
        number += 1;
        match piece {
            Piece::Call { name, arguments, is_opening } => {
                let nth = numbers.entry(name).or_default();
                *nth += 1;
                let count = shortcodes.counting.contains(*name).then_some(*nth);
                result.text.push_str(&component_call(text, name, arguments, *is_opening, count));
                result.changes.push(Change { kind: ChangeKind::ShortcodeCall, span: span.clone(), is_needed: true });
                if !shortcodes.names.contains(*name) {
                    result.decisions.push(Decision {
                        span: span.clone(),
                        message: format!("there is no shortcode `{name}`"),
                        help: format!(
                            "define the component: `{{% component {name}(…) %}}…{{% endcomponent {name} %}}`"
                        ),
                    });
                }
            }
            Piece::End { name } => result.text.push_str(&format!("{{% </{name}> %}}")),
            Piece::Plain(shown) if shown.contains("endraw") => {
                result.text.push_str(&quoted(shown));
                result.changes.push(Change { kind: ChangeKind::PlainText, span: span.clone(), is_needed: true });
            }
            Piece::Plain(shown) => {
                result.text.push_str("{% raw %}");
                result.text.push_str(shown);
                // What follows in the same line or the same code is part of it.
                while let Some((next, Piece::Plain(shown))) = pieces.get(number)
                    && !shown.contains("endraw")
                    && (!text[at..next.start].contains('\n') || is_in_one(&code, at, next.start))
                {
                    result.text.push_str(&text[at..next.start]);
                    result.text.push_str(shown);
                    at = next.end;
                    number += 1;
                }
                result.text.push_str("{% endraw %}");
                result.changes.push(Change { kind: ChangeKind::PlainText, span: span.start..at, is_needed: true });
            }
        }
    }
    result.text.push_str(&text[at..]);
    result
}

/// Shows a text that `{% raw %}` cannot contain.
fn quoted(shown: &str) -> String {
    let quote = ['"', '\'', '`'].into_iter().find(|quote| !shown.contains(*quote)).unwrap_or('"');
    let shown = escape_backslashes(shown, "");
    let shown = if shown.contains(quote) { shown.replace(quote, &format!("\\{quote}")) } else { shown };
    format!("{{{{ {quote}{shown}{quote} }}}}")
}

/// Returns the blocks of code between fences.
fn code_blocks(text: &str) -> Vec<Range<usize>> {
    let (mut blocks, mut begin, mut at) = (Vec::new(), None, 0);
    for line in text.split_inclusive('\n') {
        let content = line.trim_start_matches([' ', '\t', '>']);
        if content.starts_with("```") || content.starts_with("~~~") {
            match begin.take() {
                Some(begin) => blocks.push(begin..at),
                None => begin = Some(at + line.len()),
            }
        }
        at += line.len();
    }
    blocks
}

/// Whether two positions are in the same block.
fn is_in_one(blocks: &[Range<usize>], first: usize, second: usize) -> bool {
    let next = blocks.partition_point(|block| block.start <= first);
    next > 0 && blocks[next - 1].contains(&first) && blocks[next - 1].contains(&second)
}

fn component_call(text: &str, name: &str, arguments: &Arguments<'_>, is_opening: bool, nth: Option<usize>) -> String {
    let (mut call, mut body) = (format!("<{name}"), None);
    let component = name;
    for argument in &arguments.list {
        let value = &text[argument.value.span.clone()];
        let name = argument.name.unwrap_or_default();
        if name == "body" && !is_opening {
            body = Some(unquoted(value));
            continue;
        }
        call.push_str(&match argument.value.kind {
            ExpressionKind::Text => format!(" {name}={}", escape_backslashes(value, "")),
            _ => format!(" {name}={{{}}}", escape_backslashes(value, "")),
        });
    }
    if let Some(nth) = nth {
        call.push_str(&format!(" nth={{{nth}}}"));
    }
    if let Some(body) = body {
        // The argument of this name is what stands between the tags now.
        let body = if body.contains('{') { format!("{{% raw %}}{body}{{% endraw %}}") } else { body.to_owned() };
        return format!("{{% {call}> %}}{body}{{% </{component}> %}}");
    }
    if is_opening { format!("{{% {call}> %}}") } else { format!("{{{{ {call} /> }}}}") }
}

/// Finds everything in a text that the template syntax of Tera 2 would read.
fn pieces(text: &str, start: usize) -> Vec<Placed<'_>> {
    let bytes = text.as_bytes();
    let mut pieces: Vec<Placed<'_>> = Vec::new();
    // The openings without an end so far, by their places in `pieces`.
    let mut open: Vec<usize> = Vec::new();
    let mut at = start;
    while let Some(found) = memchr::memchr(b'{', &bytes[at..]) {
        let begin = at + found;
        at = begin + 1;
        let Some(second) = bytes.get(begin + 1) else { break };
        let rest = &text[begin..];
        let piece = match second {
            b'{' if rest.starts_with("{{/*") => ignored(rest, "{{/*", "*/}}", TagKind::Expression),
            b'%' if rest.starts_with("{%/*") => ignored_with_body(rest),
            b'{' => call(text, begin, TagKind::Expression),
            b'%' => end(rest, &pieces, &mut open).or_else(|| call(text, begin, TagKind::Statement)),
            b'#' if is_heading_id(text, begin) => continue,
            b'#' => None,
            _ => continue,
        };
        let (length, piece) = piece.unwrap_or_else(|| plain(rest));
        if matches!(piece, Piece::Call { is_opening: true, .. }) {
            open.push(pieces.len());
        }
        at = begin + length;
        pieces.push((begin..at, piece));
    }
    // A call whose end is missing was only text.
    for number in open {
        let span = pieces[number].0.clone();
        pieces[number].1 = Piece::Plain(text[span].to_owned());
    }
    // A text in which only `{#` occurs is no template.
    let is_open_comment = |(span, _): &Placed| text[span.clone()].len() == 2 && text[span.start..].starts_with("{#");
    if pieces.iter().all(is_open_comment) {
        pieces.clear();
    }
    pieces
}

/// Parses `name(argument=value)` from a position, up to the end of a tag.
fn definition(text: &str, at: usize, kind: TagKind) -> Option<(usize, &str, Arguments<'_>)> {
    let limit = text.floor_char_boundary(at.saturating_add(MAX_CALL));
    let (tokens, end) = tokens(&text[..limit], at, kind);
    let end = end?;
    let mut parser = Parser::new(&tokens);
    let name = parser.eat_kind(TokenKind::Name)?;
    let arguments = parser.arguments(false)?;
    let is_literal = |kind: &ExpressionKind| {
        matches!(kind, ExpressionKind::Literal | ExpressionKind::Text | ExpressionKind::List(_))
    };
    let is_call = !arguments.span.is_empty() && parser.is_done();
    let has_trim = text[at..].starts_with('-') || text[..end - 2].ends_with('-');
    let all_literals = arguments.list.iter().all(|argument| is_literal(&argument.value.kind));
    (is_call && !has_trim && all_literals).then_some((end, name.text, arguments))
}

fn call(text: &str, begin: usize, kind: TagKind) -> Option<(usize, Piece<'_>)> {
    let (end, name, arguments) = definition(text, begin + 2, kind)?;
    let is_opening = kind == TagKind::Statement;
    Some((end - begin, Piece::Call { name, arguments, is_opening }))
}

/// Reads `{% end %}` if a body is open.
fn end<'t>(rest: &str, pieces: &[Placed<'t>], open: &mut Vec<usize>) -> Option<(usize, Piece<'t>)> {
    let after = rest.strip_prefix("{%")?.trim_ascii_start().strip_prefix("end")?.trim_ascii_start();
    let after = after.strip_prefix("%}")?;
    let Piece::Call { name, .. } = &pieces[open.pop()?].1 else { return None };
    Some((rest.len() - after.len(), Piece::End { name }))
}

/// Reads a call that is shown: `{{/* name() */}}`.
fn ignored<'t>(rest: &str, before: &str, after: &str, kind: TagKind) -> Option<(usize, Piece<'t>)> {
    let length = rest[..rest.floor_char_boundary(MAX_CALL)].find(after)?;
    let inner = rest.get(before.len()..length)?;
    let brackets = [&before[..2], &after[after.len() - 2..]];
    let shown = format!("{}{inner}{}", brackets[0], brackets[1]);
    definition(&shown, 2, kind)?;
    Some((length + after.len(), Piece::Plain(shown)))
}

/// Reads a call with a body that is shown, up to its end.
fn ignored_with_body<'t>(rest: &str) -> Option<(usize, Piece<'t>)> {
    let (length, Piece::Plain(mut shown)) = ignored(rest, "{%/*", "*/%}", TagKind::Statement)? else { return None };
    let mut from = length;
    loop {
        let begin = from + rest[from..].find("{%/*")?;
        let after = rest[begin + 4..].trim_ascii_start().strip_prefix("end").map(str::trim_ascii_start);
        if let Some(after) = after.and_then(|after| after.strip_prefix("*/%}")) {
            let end = rest.len() - after.len();
            shown.push_str(&rest[length..begin]);
            shown.push_str(&format!("{{%{}%}}", &rest[begin + 4..end - 4]));
            return Some((end, Piece::Plain(shown)));
        }
        from = begin + 4;
    }
}

/// Reads braces that mean nothing: up to their end in the same line, if they have one there.
fn plain<'t>(rest: &str) -> (usize, Piece<'t>) {
    let line = rest.split('\n').next().unwrap_or_default();
    let closing = match &rest[1..2] {
        "{" => "}}",
        "%" => "%}",
        _ => "#}",
    };
    let length = line[2..].find(closing).map_or(2, |end| 2 + end + 2);
    // `{{{` would leave a brace that joins what follows.
    (length, Piece::Plain(rest[..length].to_owned()))
}

/// Whether `{#` begins a chosen heading id, which is Markdown: `## Heading {#my-id}`
fn is_heading_id(text: &str, at: usize) -> bool {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let line = text[start..].split('\n').next().unwrap_or_default().trim_end();
    let id = &line[at - start..];
    let is_id = id.len() > 3 && id.ends_with('}') && !id[2..id.len() - 1].contains([' ', '{', '}', '#']);
    line.starts_with('#') && is_id
}

/// Returns where the text after the front matter begins.
pub fn body_start(text: &str) -> usize {
    let offset = text.len() - text.trim_start_matches('\u{feff}').len();
    let first = text[offset..].split_inclusive('\n').next().unwrap_or_default();
    let fence = first.trim_end();
    if !matches!(fence, "+++" | "---") {
        return offset;
    }
    let mut at = offset + first.len();
    for line in text[at..].split_inclusive('\n') {
        at += line.len();
        if line.trim_end() == fence {
            return at;
        }
    }
    offset
}
