//! The part of a file that is printed with a problem: a few lines, not too long, and harmless to a terminal.

use std::ops::Range;

use unicode_width::UnicodeWidthChar as _;

/// How many columns of a line are printed.
const MAX_WIDTH: usize = 160;
/// How many columns before the marked part are printed of a longer line.
const WIDTH_BEFORE_MARK: usize = 60;
/// The most lines that are printed. Of a longer span only the first line is.
const MAX_LINES: usize = 6;

/// The printed part of a text.
#[derive(Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The lines, shortened and cleaned.
    pub text: String,
    /// The marked part, as a byte range of `text`.
    pub span: Range<usize>,
}

/// Cuts the lines of a span out of a text. The span must lie on character boundaries.
pub fn excerpt(text: &str, span: Range<usize>) -> Excerpt {
    let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    // A span that ends with a line break does not reach into the next line.
    let last = span.end - usize::from(span.end > span.start && text[..span.end].ends_with('\n'));
    let lines =
        1 + memchr::memchr_iter(b'\n', &text.as_bytes()[span.start..last.max(span.start)]).take(MAX_LINES).count();
    let mut shown = Excerpt { text: String::new(), span: 0..0 };
    let mut line_start = start;
    for number in 0..if lines > MAX_LINES { 1 } else { lines } {
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

/// Returns the part of a line to print: all of a short line, or else the surroundings of a position in it.
fn window(line: &str, place: usize) -> Range<usize> {
    let width = |c: char| c.width().unwrap_or(1);
    let mut start = place;
    let mut used = 0;
    // Goes back as far as the width allows, to find out whether the beginning of the line fits.
    let mut near = place;
    for (at, c) in line[..place].char_indices().rev() {
        used += width(c);
        if used > MAX_WIDTH {
            break;
        }
        start = at;
        if used <= WIDTH_BEFORE_MARK {
            near = at;
        }
    }
    let rest = |start: usize, used: usize| {
        let mut used = used;
        let mut end = start;
        for (at, c) in line[start..].char_indices() {
            used += width(c);
            if used > MAX_WIDTH {
                break;
            }
            end = start + at + c.len_utf8();
        }
        end
    };
    if start == 0 {
        let end = rest(0, 0);
        // The position and a few columns behind it must be visible.
        if end == line.len() || place + WIDTH_BEFORE_MARK <= end {
            return 0..end;
        }
    }
    near..rest(near, 0)
}

/// Whether line breaks are kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Breaks {
    Kept,
    Replaced,
}

/// Makes a text harmless to a terminal: control characters, and characters that turn or hide text, become visible
/// signs.
pub fn clean(text: &str, breaks: Breaks) -> String {
    text.chars()
        .map(|c| match c {
            '\n' if breaks == Breaks::Kept => c,
            // The renderer prints a tab as four spaces, and counts it as one column.
            '\t' => c,
            '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
            '\u{7f}' => '␡',
            // C1 controls, which some terminals obey; text directions; spaces without width; private use.
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
