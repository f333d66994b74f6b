//! Forms of Markdown that only kramdown (Jekyll) or goldmark (Hugo) know, as the Markdown of Causerie or as nothing.

use std::sync::LazyLock;

use pulldown_cmark::{Event, Parser};
use regex::{Captures, Regex};

/// Attributes in braces right behind something: `{: .left}`.
#[allow(clippy::expect_used, reason = "the pattern is a constant, and a test compiles it")]
static SPAN: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"([)\]*_`>])\{:[^{}\n]*\}").expect("a pattern"));

/// A tag of HTML that says that there is Markdown in it.
#[allow(clippy::expect_used, reason = "the pattern is a constant, and a test compiles it")]
static MARKDOWN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"^(\s*<[A-Za-z][^<>]*?)\s+markdown\s*=\s*(?:"[^"]*"|'[^']*'|\w+)([^<>]*>)(.*)$"#).expect("a pattern")
});

/// A definition of an abbreviation.
#[allow(clippy::expect_used, reason = "the pattern is a constant, and a test compiles it")]
static ABBREVIATION: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^ {0,3}\*\[[^\]\n]+\]:").expect("a pattern"));

/// An id among attributes.
#[allow(clippy::expect_used, reason = "the pattern is a constant, and a test compiles it")]
static ID: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"(?:^|\s)(?:#|id\s*=\s*["']?)([A-Za-z][\w-]*)"#).expect("a pattern"));

/// The beginning of a block of HTML.
#[allow(clippy::expect_used, reason = "the pattern is a constant, and a test compiles it")]
static BLOCK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^ {0,3}<(div|table|figure|section|article|aside|center|details|ul|ol|dl|blockquote|p)(?:\s[^<>]*)?>")
        .expect("a pattern")
});

/// A block of HTML has no more lines.
const MAX_LINES: usize = 2000;

/// Takes the blank lines out of blocks of HTML. In kramdown such a block reaches to its last tag, in other Markdown to the first
/// blank line.
pub fn join_html(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut out: Vec<&str> = Vec::new();
    let mut fence = None;
    let mut number = 0;
    // Where no end was found, there is none for the next block of this kind either.
    let mut without_end: Vec<String> = Vec::new();
    while number < lines.len() {
        let line = lines[number];
        let mark = ["```", "~~~"].into_iter().find(|mark| line.trim_start().starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) if begins_fence(line.trim(), mark) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            _ => {}
        }
        let name = BLOCK.captures(line).filter(|_| fence.is_none()).map(|found| found[1].to_owned());
        let name = name.filter(|name| !without_end.contains(name));
        if let Some(name) = name {
            if let Some(end) = end_of_block(&lines[number..], &name) {
                let block = &lines[number..=number + end];
                let is_plain = !block.iter().any(|line| line.contains("<pre") || line.contains("markdown="));
                out.extend(block.iter().filter(|line| !is_plain || !line.trim().is_empty()));
                number += end + 1;
                continue;
            }
            without_end.push(name);
        }
        out.push(line);
        number += 1;
    }
    out.join("\n")
}

/// The number of the line on which an element ends that begins on the first one.
fn end_of_block(lines: &[&str], name: &str) -> Option<usize> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut depth = 0_usize;
    for (number, line) in lines.iter().take(MAX_LINES).enumerate() {
        depth += line.matches(&open).count();
        depth = depth.saturating_sub(line.matches(&close).count());
        if depth == 0 {
            return Some(number);
        }
    }
    None
}

/// Replaces what Causerie does not read. `count` is given each thing that changed.
pub fn replace(text: &str, count: &mut dyn FnMut(&'static str)) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut fence: Option<String> = None;
    let mut in_comment = false;
    for line in text.lines() {
        let trimmed = line.trim();
        if let Some(open) = &fence {
            if trimmed.starts_with(open.as_str()) && trimmed.trim_end_matches(['`', '~']).is_empty() {
                fence = None;
            }
            out.push(line.to_owned());
            continue;
        }
        let mark = ["```", "~~~"].into_iter().find(|mark| begins_fence(trimmed, mark));
        if let Some(mark) = mark {
            let c = &mark[..1];
            let length = trimmed.len() - trimmed.trim_start_matches(c).len();
            fence = Some(c.repeat(length));
            out.push(fence_line(line, length));
            continue;
        }
        if in_comment || trimmed.starts_with("{::comment") {
            in_comment = !(trimmed.contains("{:/comment}") || trimmed.ends_with("{:/}") || trimmed.ends_with("/}"));
            count("remarks of kramdown that were removed");
            continue;
        }
        if is_indented_code(line, out.last()) {
            out.push(line.to_owned());
        } else if let Some(heading) = with_id(line) {
            out.push(heading);
        } else if let Some(attributes) = block_attributes(trimmed) {
            count("attribute lists that were removed");
            attach(attributes, &mut out);
        } else if ABBREVIATION.is_match(line) {
            count("abbreviations whose explanation was removed");
        } else if trimmed == "^" || trimmed.starts_with("{::") || trimmed.starts_with("{:/") {
            let rest = trimmed.rsplit_once('}').map_or("", |(_, rest)| rest);
            out.push(rest.to_owned());
        } else {
            out.extend(text_line(line, count));
        }
    }
    out.join("\n")
}

/// A heading with the id that kramdown and goldmark give it, if Causerie gives it another one: links lead to it.
fn with_id(line: &str) -> Option<String> {
    let text = line.strip_prefix('#')?.trim_start_matches('#').strip_prefix(' ')?;
    if text.contains(['{', '<']) {
        return None;
    }
    let events = Parser::new(text).filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) => Some(text.to_string()),
        _ => None,
    });
    let plain: String = events.collect();
    let plain = plain.trim().trim_end_matches('#').trim_end();
    let keep = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ');
    let id: String = plain.to_lowercase().chars().filter(|c| keep(*c)).collect::<String>().replace(' ', "-");
    let is_plain = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let is_other = is_plain && id != slug::slugify(plain);
    is_other.then(|| format!("{} {{#{id}}}", line.trim_end().trim_end_matches('#').trim_end()))
}

/// Whether a line begins a block of code: code in one line is none.
fn begins_fence(line: &str, mark: &str) -> bool {
    line.starts_with(mark) && (mark == "~~~" || !line.trim_start_matches('`').contains('`'))
}

fn is_indented_code(line: &str, before: Option<&String>) -> bool {
    let is_indented = line.starts_with("    ") || line.starts_with('\t');
    is_indented && before.is_none_or(|before| before.trim().is_empty() || before.starts_with("    "))
}

/// The attributes of a line that holds nothing else: `{: .left}` of kramdown, `{.left}` of goldmark.
fn block_attributes(line: &str) -> Option<&str> {
    let inner = line.strip_prefix('{')?.strip_suffix('}')?;
    let is_plain = !inner.contains(['{', '}', '%']);
    match inner.strip_prefix(':') {
        Some(attributes) if is_plain && !attributes.starts_with([':', '/']) => Some(attributes),
        None if is_plain && inner.starts_with(['.', '#']) && inner.len() > 1 => Some(inner),
        _ => None,
    }
}

/// Gives a heading its id, and puts an anchor behind anything else that has one. A list that only stands for the table of contents vanishes.
fn attach(attributes: &str, out: &mut Vec<String>) {
    if attributes.split_whitespace().any(|word| word == "toc") {
        if out.last().is_some_and(|line| line.trim_start().starts_with(['*', '-', '+', '1'])) {
            out.pop();
        }
        return;
    }
    let Some(id) = ID.captures(attributes).map(|found| found[1].to_owned()) else { return };
    if let Some(heading) = out.last_mut().filter(|line| line.starts_with('#') && !line.contains("{#")) {
        let text = heading.trim_end().to_owned();
        *heading = format!("{text} {{#{id}}}");
    } else {
        out.extend([String::new(), format!("<a id=\"{id}\"></a>"), String::new()]);
    }
}

/// A line of text without attributes, and with a blank line where HTML says that Markdown follows.
fn text_line(line: &str, count: &mut dyn FnMut(&'static str)) -> Vec<String> {
    let is_heading = line.starts_with('#');
    let mut line = line.to_owned();
    if line.contains("{:") {
        line = SPAN
            .replace_all(&line, |found: &Captures<'_>| {
                // In code it is no list of attributes.
                let place = found.get(1).map_or(0, |sign| sign.end());
                if line[..place].matches('`').count() % 2 == 1 {
                    return found[0].to_owned();
                }
                count("attribute lists that were removed");
                found[1].to_owned()
            })
            .into_owned();
        let heading = is_heading.then(|| line.split_once("{:")).flatten().and_then(|(text, rest)| {
            let attributes = rest.trim_end().strip_suffix('}')?;
            let id = ID.captures(attributes).map_or(String::new(), |found| format!(" {{#{}}}", &found[1]));
            Some(format!("{}{id}", text.trim_end()))
        });
        if let Some(heading) = heading {
            count("attribute lists that were removed");
            line = heading;
        }
    }
    if !line.contains("markdown") {
        return vec![line];
    }
    match MARKDOWN.captures(&line) {
        Some(found) => {
            count("HTML that held Markdown");
            let rest = found[3].trim().to_owned();
            let mut lines = vec![format!("{}{}", &found[1], &found[2]), String::new()];
            match rest.rfind("</").filter(|_| rest.ends_with('>')) {
                Some(at) => lines.extend([rest[..at].to_owned(), String::new(), rest[at..].to_owned()]),
                None if rest.is_empty() => {}
                None => lines.push(rest),
            }
            lines
        }
        None => vec![line],
    }
}

/// The first line of a block of code, with Hugo's options as Causerie writes them.
fn fence_line(line: &str, marks: usize) -> String {
    let start = line.len() - line.trim_start().len() + marks;
    let (open, info) = line.split_at(start);
    let info = info.trim();
    let Some((language, options)) =
        info.split_once('{').and_then(|(language, rest)| Some((language, rest.strip_suffix('}')?)))
    else {
        return line.to_owned();
    };
    let language = language.trim();
    if language.is_empty() {
        let name = options.split_whitespace().find_map(|word| word.trim_start_matches(':').strip_prefix('.'));
        let name = name.map(|name| name.strip_prefix("language-").unwrap_or(name)).unwrap_or_default();
        return format!("{open}{name}");
    }
    format!("{open}{language}{}", code_options(options))
}

/// Hugo's options of a code block: `linenos=table,hl_lines=["2-3",5],linenostart=9`.
pub fn code_options(options: &str) -> String {
    let mut out = String::new();
    let value = |key: &str| {
        let at = options.to_ascii_lowercase().find(key)?;
        let rest = options[at + key.len()..].trim_start().strip_prefix('=')?.trim_start();
        Some(match rest.strip_prefix('[') {
            Some(list) => list.split(']').next()?.to_owned(),
            None => match rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
                Some(quote) => rest[1..].split(quote).next()?.to_owned(),
                None => rest.split([',', ' ']).next()?.to_owned(),
            },
        })
    };
    if value("linenos").is_some_and(|value| value != "false") {
        out.push_str(",linenos");
    }
    if let Some(start) = value("linenostart").filter(|start| start.bytes().all(|b| b.is_ascii_digit())) {
        out.push_str(&format!(",linenostart={start}"));
    }
    if let Some(lines) = value("hl_lines") {
        let lines = lines.replace([',', '"', '\''], " ");
        let lines: Vec<&str> =
            lines.split_whitespace().filter(|range| range.bytes().all(|b| b.is_ascii_digit() || b == b'-')).collect();
        if !lines.is_empty() {
            out.push_str(&format!(",hl_lines={}", lines.join(" ")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_html_reach_to_their_end() {
        for (old, new) in [
            ("<div>\n\n    *a*\n\n<div>b</div>\n\n</div>\n\nc", "<div>\n    *a*\n<div>b</div>\n</div>\n\nc"),
            ("<p>a</p>\n\nb", "<p>a</p>\n\nb"),
            ("<div>\n\na", "<div>\n\na"),
            ("<div markdown=\"1\">\n\na\n</div>", "<div markdown=\"1\">\n\na\n</div>"),
            ("<div>\n<pre>\na\n\nb</pre>\n</div>", "<div>\n<pre>\na\n\nb</pre>\n</div>"),
            ("```\n<div>\n\n</div>\n```", "```\n<div>\n\n</div>\n```"),
        ] {
            assert_eq!(join_html(old), new, "{old}");
        }
    }

    #[test]
    fn attributes_vanish_and_ids_stay() {
        for (old, new) in [
            ("Words\n{: .lead #x}\n", "Words\n\n<a id=\"x\"></a>\n"),
            ("Words\n{: .lead}\n", "Words"),
            (
                "# One\n{: #first .x}\n\n## Two {: #second}\n\n## Three {:.no_toc}",
                "# One {#first}\n\n## Two {#second}\n\n## Three",
            ),
            ("# One {#kept}", "# One {#kept}"),
            ("## Port/Unit *limits* & more ##", "## Port/Unit *limits* & more {#portunit-limits--more}"),
            ("## Plain words", "## Plain words"),
            ("* TOC\n{:toc}\n\nText", "\nText"),
            ("[a](b){:target=\"_blank\"} *c*{: .d} `{: .e}`", "[a](b) *c* `{: .e}`"),
            ("![a](b)\n{.right}", "![a](b)"),
            ("{::comment}\nhidden\n{:/comment}\nshown", "shown"),
            ("{::nomarkdown}\n<b>x</b>\n{:/}", "\n<b>x</b>\n"),
            ("HTML\n\n*[HTML]: a language", "HTML\n"),
            ("<div class=\"x\" markdown=\"1\">\n*a*\n</div>", "<div class=\"x\">\n\n*a*\n</div>"),
            ("<p markdown='span'>*a*</p>", "<p>\n\n*a*\n\n</p>"),
            (
                "```go {linenos=table,hl_lines=[2,\"4-5\"],linenostart=9}\n{: .x}\n```",
                "```go,linenos,linenostart=9,hl_lines=2 4-5\n{: .x}\n```",
            ),
            ("~~~ {: .language-ruby}\nx\n~~~", "~~~ruby\nx\n~~~"),
            ("text\n\n    {: .code}\n\n    *[x]: y", "text\n\n    {: .code}\n\n    *[x]: y"),
        ] {
            assert_eq!(replace(old, &mut |_| {}), new, "{old}");
        }
    }
}
