//! An output in one line, for table cells, headings and links.

use crate::markdown::{VerbatimElement, segments};

/// Joins an output into one line, for a context of one line inside of an element. None for a script, which could change
/// its meaning.
pub(super) fn single_line(output: &str, is_cell: bool, element: Option<VerbatimElement>) -> Option<String> {
    let output = if element.is_some() { output } else { output.trim() };
    let mut text = String::with_capacity(output.len());
    for (element, piece) in segments(output, element).0 {
        match element {
            Some(VerbatimElement::Pre | VerbatimElement::Textarea) => {
                text.push_str(&piece.replace("\r\n", "\n").replace('\n', "&#10;"));
            }
            // The end of a line can end a statement or a comment.
            Some(VerbatimElement::Script) if piece.trim().contains('\n') => return None,
            None | Some(VerbatimElement::Script | VerbatimElement::Style | VerbatimElement::Comment) => {
                push_joined(&mut text, piece);
            }
        }
    }
    if !is_cell || !text.contains('|') {
        return Some(text);
    }
    // A code span would show an entity as it is.
    let bar = if text.contains('`') { "\\|" } else { "&#124;" };
    Some(text.replace("\\|", "|").replace('|', bar))
}

/// Appends several lines as one line.
fn push_joined(text: &mut String, lines: &str) {
    let Some((first, others)) = lines.split_once('\n') else { return text.push_str(lines) };
    text.push_str(first.trim_end());
    for line in others.split('\n').map(str::trim).filter(|line| !line.is_empty()) {
        text.push(' ');
        text.push_str(line);
    }
}
