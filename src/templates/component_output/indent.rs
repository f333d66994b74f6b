//! Blank lines and indentation in the HTML of an output. Markdown would end the HTML at a blank line, and take indented
//! lines for code.

use std::borrow::Cow;

use rustc_hash::FxHashSet;

use crate::markdown::{VerbatimElement, segments};

/// Removes the blank lines of an output if it is HTML without Markdown in it. Blank lines would end the HTML, and make
/// a list loose.
pub(super) fn without_blank_lines<'t>(output: &'t str, own_lines: &FxHashSet<&str>) -> Cow<'t, str> {
    let is_markdown = |line: &str| !line.trim_start().starts_with('<') || own_lines.contains(line);
    let mut lines = output.split('\n').map(|line| line.trim_end_matches('\r'));
    let mut is_behind_blank = true;
    let has_markdown = lines.any(|line| {
        let is_blank = line.trim().is_empty();
        std::mem::replace(&mut is_behind_blank, is_blank) && !is_blank && is_markdown(line)
    });
    if has_markdown || has_verbatim_element(output) {
        return Cow::Borrowed(output);
    }
    let lines: Vec<&str> = output.split('\n').filter(|line| !line.trim().is_empty()).collect();
    Cow::Owned(lines.join("\n"))
}

/// Removes the indentation of HTML that follows a blank line, which Markdown would take for code.
pub(super) fn without_html_indent<'t>(output: &'t str, own_lines: &FxHashSet<&str>) -> Cow<'t, str> {
    if !output.contains('\n') {
        return Cow::Borrowed(output);
    }
    if !is_indented_html(output) {
        return Cow::Borrowed(output);
    }
    let mut text = String::with_capacity(output.len());
    let mut is_behind_blank = false;
    for line in output.split_inclusive('\n') {
        text.push_str(if is_behind_blank { without_indent(line, own_lines) } else { line });
        is_behind_blank = line.trim().is_empty();
    }
    Cow::Owned(text)
}

/// Whether an output is HTML whose indentation can be removed.
pub(super) fn is_indented_html(output: &str) -> bool {
    output.trim_start().starts_with('<') && !has_verbatim_element(output)
}

/// Whether white space counts in some part of an output.
fn has_verbatim_element(output: &str) -> bool {
    segments(output, None)
        .0
        .iter()
        .any(|(element, _)| element.is_some_and(|element| element != VerbatimElement::Comment))
}

/// Removes the indentation of a line of HTML if a template has indented it.
pub(super) fn without_indent<'t>(line: &'t str, own_lines: &FxHashSet<&str>) -> &'t str {
    let html = line.trim_start_matches([' ', '\t']);
    let is_indented = line.len() - html.len() >= 4 || line.starts_with('\t');
    // The author's own lines between the tags of a component can be code.
    let is_own = || own_lines.contains(line.trim_end_matches(['\n', '\r']));
    if is_indented && html.starts_with('<') && !is_own() { html } else { line }
}
