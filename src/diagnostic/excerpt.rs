//! The part of a file that is shown with a problem: few lines, not too long, and harmless to a terminal.

use std::ops::Range;

use unicode_width::UnicodeWidthChar as _;

/// How many columns of a line are shown.
const WIDTH: usize = 160;
/// How many of them stand before what is marked, where the line is longer.
const BEFORE: usize = 60;
/// A span over more lines than this is shown by its first line.
const LINES: usize = 6;

/// What is shown of a text.
#[derive(Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The lines, cut and cleaned.
    pub text: String,
    /// What is marked, as a byte range of `text`.
    pub span: Range<usize>,
}

/// Cuts the lines of a span out of a text. The span has to lie on character boundaries.
pub fn excerpt(text: &str, span: Range<usize>) -> Excerpt {
    let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    // What ends with a line's end does not reach into the next one.
    let last = span.end - usize::from(span.end > span.start && text[..span.end].ends_with('\n'));
    let lines = 1 + memchr::memchr_iter(b'\n', &text.as_bytes()[span.start..last.max(span.start)]).take(LINES).count();
    let mut shown = Excerpt { text: String::new(), span: 0..0 };
    let mut line_start = start;
    for number in 0..if lines > LINES { 1 } else { lines } {
        if number > 0 {
            shown.text.push('\n');
        }
        let line_end = memchr::memchr(b'\n', &text.as_bytes()[line_start..]).map_or(text.len(), |at| line_start + at);
        let mark = span.start.max(line_start)..last.clamp(line_start, line_end);
        let window = window(&text[line_start..line_end], mark.start - line_start);
        let window = line_start + window.start..line_start + window.end;
        if window.start > line_start {
            shown.text.push('…');
        }
        let place = |at: usize| clean(&text[window.start..at.clamp(window.start, window.end)], Breaks::Replaced).len();
        let offset = shown.text.len();
        if number == 0 {
            shown.span.start = offset + place(mark.start);
        }
        shown.span.end = offset + place(mark.end);
        shown.text.push_str(&clean(&text[window.clone()], Breaks::Replaced));
        if window.end < line_end {
            shown.text.push('…');
        }
        line_start = line_end + 1;
    }
    shown.span.end = shown.span.end.max(shown.span.start);
    shown
}

/// The part of a line to show: all of it if it is short, else the surroundings of a place in it.
fn window(line: &str, place: usize) -> Range<usize> {
    let width = |c: char| c.width().unwrap_or(1);
    let mut start = place;
    let mut used = 0;
    // As far back as the width allows, to see whether the line's beginning can be shown.
    let mut near = place;
    for (at, c) in line[..place].char_indices().rev() {
        used += width(c);
        if used > WIDTH {
            break;
        }
        start = at;
        if used <= BEFORE {
            near = at;
        }
    }
    let rest = |start: usize, used: usize| {
        let mut used = used;
        let mut end = start;
        for (at, c) in line[start..].char_indices() {
            used += width(c);
            if used > WIDTH {
                break;
            }
            end = start + at + c.len_utf8();
        }
        end
    };
    if start == 0 {
        let end = rest(0, 0);
        // The place and a little of what follows have to be seen.
        if end == line.len() || place + BEFORE <= end {
            return 0..end;
        }
    }
    near..rest(near, 0)
}

/// Whether line breaks stay.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Breaks {
    Kept,
    Replaced,
}

/// A text that a terminal shows and does not obey: control characters and those that turn or hide text become signs.
pub fn clean(text: &str, breaks: Breaks) -> String {
    text.chars()
        .map(|c| match c {
            '\n' if breaks == Breaks::Kept => c,
            // The renderer shows a tab as four spaces, and counts it as one column.
            '\t' => c,
            '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
            '\u{7f}' => '␡',
            // C1 controls, which some terminals obey; directions of text; spaces without width; private use.
            '\u{80}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{e000}'..='\u{f8ff}' => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect()
}
