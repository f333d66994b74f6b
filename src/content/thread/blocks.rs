use std::borrow::Cow;
use std::ops::Range;

use crate::content::front_matter::{Lines, lines};
use crate::diagnostic::{Diagnostic, Location, SourceText};
use crate::source::parse_toml;

/// The keys of a comment, by which a lost front matter is known again.
const KEYS: [&str; 7] = ["id", "author", "url", "date", "reply_to", "kind", "status"];

/// One comment in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CommentBlock {
    /// The line that opens it.
    pub opening: Range<usize>,
    /// What stands between the lines `+++`.
    pub front_matter: Range<usize>,
    /// The Markdown after them, up to the next block.
    pub body: Range<usize>,
}

/// Parts a thread file into its comments.
///
/// A line of three plus signs, with nothing before them, opens or ends a front matter; inside a fenced code block it
/// is text. So is one with a backslash before it, which [`unescape`] takes away.
pub(super) fn blocks(source: &SourceText) -> (Vec<CommentBlock>, Vec<Diagnostic>) {
    let text = &*source.text;
    let (mut blocks, mut problems) = (Vec::new(), Vec::new());
    let mut rest = lines(text, 0);
    let mut opening = next_opening(source, &mut rest, &mut problems);
    let before = 0..opening.as_ref().map_or(text.len(), |line| line.start);
    let blank = text[before.clone()].len() - text[before.clone()].trim_start().len();
    if blank < before.end {
        let line = lines(text, blank).next().unwrap_or(before);
        problems.push(
            Diagnostic::error("this text belongs to no comment")
                .at(Location::span(source, line))
                .help("a comment begins with a line `+++`, a line `date = …` and a line `+++`"),
        );
    }
    while let Some(line) = opening {
        let inner = rest.offset();
        let Some(closing) = rest.find(|line| is_separator(text, line)) else {
            problems.push(never_ends(source, line));
            break;
        };
        let front_matter = inner..closing.start;
        // Where the closing line was forgotten, what opens the next comment seems to close this one. Then the keys
        // of that comment come where its text should be.
        let after = rest.offset();
        if begins_with_key(&text[after..]) && !parse_toml(source, &front_matter).1.is_empty() {
            problems.push(never_ends(source, line));
            opening = Some(closing);
            continue;
        }
        opening = next_opening(source, &mut rest, &mut problems);
        let end = opening.as_ref().map_or(text.len(), |line| line.start);
        blocks.push(CommentBlock { opening: line, front_matter, body: after..end });
    }
    (blocks, problems)
}

fn begins_with_key(text: &str) -> bool {
    let line = text.trim_start().lines().next().unwrap_or("");
    line.split_once('=').is_some_and(|(key, _)| KEYS.contains(&key.trim()))
}

fn never_ends(source: &SourceText, line: Range<usize>) -> Diagnostic {
    Diagnostic::error("this comment's front matter never ends")
        .at(Location::span(source, line))
        .help("write a line `+++` after its last key")
}

/// The next line that opens a comment. Lines inside fenced code blocks are passed over.
fn next_opening(source: &SourceText, rest: &mut Lines<'_>, problems: &mut Vec<Diagnostic>) -> Option<Range<usize>> {
    let text = &*source.text;
    let mut fence: Option<(Fence, Range<usize>)> = None;
    let mut swallowed = false;
    for line in rest {
        let content = &text[line.clone()];
        match &fence {
            Some((open, _)) if open.is_closed_by(content) => {
                fence = None;
                swallowed = false;
            }
            Some(_) => swallowed |= is_separator(text, &line),
            None if is_separator(text, &line) => return Some(line),
            None => fence = Fence::opened_by(content).map(|open| (open, line)),
        }
    }
    if swallowed && let Some((open, line)) = fence {
        let close = String::from(open.character).repeat(open.length);
        problems.push(
            Diagnostic::error("this code block never ends, so the comments after it would be part of it")
                .at(Location::span(source, line))
                .help(format!("write a line `{close}` where the code ends")),
        );
    }
    None
}

fn is_separator(text: &str, line: &Range<usize>) -> bool {
    text[line.clone()].trim_end() == "+++"
}

/// The text that a body stands for: a line of three plus signs with backslashes before them has one of these less.
///
/// Text that nobody has looked at, like a reader's reply, can be written into a thread file by adding that backslash
/// to every such line. No escape of Markdown would do: in code and in HTML a backslash is a backslash.
pub(super) fn unescape(body: &str) -> Cow<'_, str> {
    if !body.contains("\\+++") {
        return body.into();
    }
    let lines = body.split_inclusive('\n').map(|line| match line.strip_prefix('\\') {
        Some(rest) if rest.trim_start_matches('\\').trim_end() == "+++" => rest,
        _ => line,
    });
    lines.collect::<String>().into()
}

/// The line that opens a fenced code block (<https://spec.commonmark.org/0.31.2/#fenced-code-blocks>).
struct Fence {
    character: char,
    length: usize,
}

impl Fence {
    fn opened_by(line: &str) -> Option<Self> {
        let (character, length, rest) = fence(line)?;
        // What looks like a fence and has a backtick after it is a code span.
        (character != '`' || !rest.contains('`')).then_some(Self { character, length })
    }

    fn is_closed_by(&self, line: &str) -> bool {
        fence(line).is_some_and(|(character, length, rest)| {
            character == self.character && length >= self.length && rest.trim().is_empty()
        })
    }
}

/// Three or more backticks or tildes, indented by three blanks at most, and what comes after them.
fn fence(line: &str) -> Option<(char, usize, &str)> {
    let trimmed = line.trim_start_matches(' ');
    let character = trimmed.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let rest = trimmed.trim_start_matches(character);
    let length = trimmed.len() - rest.len();
    (length >= 3 && line.len() - trimmed.len() <= 3).then_some((character, length, rest))
}
