//! The lines of an output in a list item, a quotation or code: each gets the prefix that lines have there.

use rustc_hash::FxHashSet;

use super::indent::{is_indented_html, without_blank_lines, without_html_indent, without_indent};

/// Appends an output to a text that ends in a list item or quotation.
pub(super) fn push_nested(
    text: &mut String,
    output: &str,
    prefix: &str,
    is_first_line: bool,
    own_lines: &FxHashSet<&str>,
) {
    if !output.contains('\n') {
        return text.push_str(output);
    }
    let line = &text[text.rfind('\n').map_or(0, |at| at + 1)..];
    // A line that continues a paragraph can lack the prefix, but an HTML element does not continue a paragraph.
    let is_outside = line.trim().is_empty() && !has_prefix(line, prefix) && output.trim_start().starts_with('<');
    if is_outside && !is_first_line {
        return text.push_str(&without_html_indent(output, own_lines));
    }
    let output = &*without_blank_lines(output.trim(), own_lines);
    let is_indented_html = is_indented_html(output);
    let (mut is_behind_blank, mut is_in_tag) = (false, false);
    for (index, line) in output.split('\n').enumerate() {
        if index > 0 {
            text.push('\n');
        }
        let is_own = own_lines.contains(line.trim_end_matches('\r'));
        // The end of a tag can look like the mark of a quotation.
        let was_in_tag = is_in_tag;
        is_in_tag = line.rfind(['<', '>']).map_or(is_in_tag, |at| line[at..].starts_with('<'));
        if line.trim().is_empty() || is_own && prefix.starts_with(line.trim_end()) && !was_in_tag {
            text.push_str(prefix.trim_end());
            is_behind_blank = true;
            continue;
        }
        if index == 0 {
            text.push_str(line);
            continue;
        }
        // The author's own lines between the tags of a component can have the prefix already.
        if !is_prefixed(line, prefix, own_lines) {
            text.push_str(prefix);
        }
        text.push_str(if is_behind_blank && is_indented_html { without_indent(line, own_lines) } else { line });
        is_behind_blank = false;
    }
}

/// Appends an output to a text that ends in code: unchanged, with the prefix before each line.
pub(super) fn push_code(text: &mut String, output: &str, prefix: &str, own_lines: &FxHashSet<&str>) {
    for (index, line) in output.split('\n').enumerate() {
        if index > 0 {
            text.push('\n');
            if line.trim().is_empty() {
                text.push_str(prefix.trim_end());
            } else if !is_prefixed(line, prefix, own_lines) {
                text.push_str(prefix);
            }
        }
        text.push_str(line);
    }
}

/// Whether the author wrote the prefix of a line: the author's own line, or the marks of a quotation before the end tag
/// of a call.
fn is_prefixed(line: &str, prefix: &str, own_lines: &FxHashSet<&str>) -> bool {
    let before_tag = || &line[..line.len() - line.trim_start_matches(['>', ' ', '\t']).len()];
    let is_own = || own_lines.contains(line.trim_end_matches('\r'));
    has_prefix(line, prefix) && (is_own() || prefix.contains('>') && own_lines.contains(before_tag()))
}

/// Whether a line begins with as many quotation marks and columns as a prefix.
fn has_prefix(line: &str, prefix: &str) -> bool {
    let shape = |line: &str| {
        let marks = line.chars().take_while(|c| matches!(c, '>' | ' ' | '\t'));
        marks.fold((0_usize, 0_usize), |(quotes, columns), c| match c {
            '>' => (quotes + 1, columns + 1),
            '\t' => (quotes, columns / 4 * 4 + 4),
            _ => (quotes, columns + 1),
        })
    };
    let ((quotes, columns), (wanted_quotes, wanted_columns)) = (shape(line), shape(prefix.trim_end_matches(' ')));
    // The mark of a quotation needs no space after it.
    let wanted_columns = if prefix.contains('>') { wanted_columns } else { shape(prefix).1 };
    quotes >= wanted_quotes && columns >= wanted_columns
}
