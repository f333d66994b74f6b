//! Highlighting one block of code.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use giallo::{HighlightOptions, HtmlRenderer, PLAIN_GRAMMAR_NAME, Registry, ThemeVariant};

use super::CLASS_PREFIX;
use crate::config::markdown::{HighlightStyle, Highlighting, Themes};
use crate::diagnostic::Severity;
use crate::markdown::code;
use crate::markdown::writer::push_text;

/// The longest line that is highlighted, in bytes.
///
/// For each word of a line the highlighter searches the rest of the line, so its work grows with the square of the
/// length. A line of minified CSS or JavaScript of this length takes some 10 to 20 ms.
const MAX_LINE_LENGTH: usize = 1_000;

/// The most work that a block may cause: the sum of the squares of the lengths of its lines, each with
/// [`LINE_OVERHEAD`] added.
///
/// It is enough for four lines of the largest length, or for two thousand lines of forty bytes. With lines of the
/// largest length that is a tenth of a second for minified JavaScript, and a second for the slowest text that was
/// found.
const MAX_WORK: usize = 5_000_000;

/// The cost of an empty line.
const LINE_OVERHEAD: usize = 8;

/// How many brackets may be open at once. Above this the work grows with the cube of their number: four thousand take
/// 16 seconds in JavaScript's grammar, five hundred a tenth of a second.
const MAX_OPEN_BRACKETS: usize = 500;

/// A highlighted block of code.
#[derive(Debug)]
pub(in crate::markdown) struct HighlightedCode {
    pub html: String,
    /// Why the block lacks colours, if it does.
    pub problem: Option<BlockProblem>,
}

/// Why a block lacks colours.
#[derive(Debug)]
pub(in crate::markdown) struct BlockProblem {
    pub severity: Severity,
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl BlockProblem {
    pub(super) fn warning(message: String, help: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, message, help: Some(help.into()) }
    }
}

impl HighlightedCode {
    /// Returns the block without the colours of any theme.
    pub(super) fn uncoloured(text: &str, problem: BlockProblem) -> Self {
        let mut html = String::with_capacity(text.len() + 64);
        html.push_str("<pre><code>");
        push_text(&mut html, text);
        html.push_str("</code></pre>");
        Self { html, problem: Some(problem) }
    }
}

/// Returns the problem of a block that is too large to be highlighted.
pub(super) fn size_problem(text: &str) -> Option<BlockProblem> {
    let lines = text.split('\n').map(str::len);
    if let Some((index, length)) = lines.clone().enumerate().find(|(_, length)| *length > MAX_LINE_LENGTH) {
        let number = index + 1;
        let message = format!("line {number} of this code has {length} bytes, too many for colours");
        let help = format!("break the line (up to {MAX_LINE_LENGTH} bytes get colours), or take the language `text`");
        return Some(BlockProblem::warning(message, help));
    }
    if is_too_deep(text) {
        let message =
            format!("this code has more than {MAX_OPEN_BRACKETS} brackets open at once, too many for colours");
        return Some(BlockProblem::warning(message, "take the language `text`"));
    }
    let work = lines.fold(0_usize, |work, length| work.saturating_add((length + LINE_OVERHEAD).pow(2)));
    (work > MAX_WORK).then(|| {
        let message =
            format!("this code is too much for colours: {} bytes in {} lines", text.len(), text.lines().count());
        BlockProblem::warning(message, "show a part of it, or take the language `text`")
    })
}

fn is_too_deep(text: &str) -> bool {
    let mut open = 0_usize;
    text.bytes().any(|byte| {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        open > MAX_OPEN_BRACKETS
    })
}

/// A block of code, and everything that its colours depend on.
pub(super) struct Block {
    pub highlighting: Arc<Highlighting>,
    /// The info string.
    pub info: String,
    pub text: String,
}

impl Block {
    /// Returns the language of the info string.
    pub fn language(&self) -> &str {
        code::language(&self.info).unwrap_or(PLAIN_GRAMMAR_NAME)
    }

    /// Highlights the block.
    ///
    /// # Errors
    /// The library reports an error, or it panicked.
    pub fn highlight(&self, registry: &Registry) -> Result<String, String> {
        self.render(registry, self.language())
    }

    /// Returns the block in the theme's colours for text and background. No grammar is involved.
    pub fn plain(&self, registry: &Registry, problem: Option<BlockProblem>) -> HighlightedCode {
        match self.render(registry, PLAIN_GRAMMAR_NAME) {
            Ok(html) => HighlightedCode { html, problem },
            Err(error) => {
                let message = format!("this code stays without colours: {error}");
                HighlightedCode::uncoloured(
                    &self.text,
                    BlockProblem { severity: Severity::Warning, message, help: None },
                )
            }
        }
    }

    fn render(&self, registry: &Registry, language: &str) -> Result<String, String> {
        let Self { highlighting, info, text } = self;
        let themes = match &highlighting.themes {
            Themes::Single(theme) => ThemeVariant::Single(theme.as_str()),
            Themes::Dual { light, dark } => ThemeVariant::Dual { light: light.as_str(), dark: dark.as_str() },
        };
        let options = HighlightOptions::new(language, themes).fallback_to_plain(true);
        // The library panics when the expression of a grammar backtracks too often.
        let highlighted = panic::catch_unwind(AssertUnwindSafe(|| registry.highlight(text, &options)));
        let highlighted = match highlighted {
            Ok(highlighted) => highlighted.map_err(|error| error.to_string())?,
            Err(_) => return Err(format!("the grammar of the language `{language}` fails on it")),
        };
        let fence = code::parse_info(info);
        let renderer = HtmlRenderer {
            other_metadata: fence.rest,
            data_attr_position: highlighting.data_attr_position,
            css_class_prefix: (highlighting.style == HighlightStyle::Class).then(|| CLASS_PREFIX.to_owned()),
            ..HtmlRenderer::default()
        };
        Ok(renderer.render(&highlighted, &fence.options))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_much_gets_colours() {
        let line = |length: usize| "x".repeat(length);
        for (text, expected) in [
            (line(MAX_LINE_LENGTH), None),
            (
                format!("a\n{}", line(MAX_LINE_LENGTH + 1)),
                Some("line 2 of this code has 1001 bytes, too many for colours"),
            ),
            (format!("{}\n", line(39)).repeat(2_000), None),
            (format!("{}\n", line(999)).repeat(5), Some("this code is too much for colours: 5000 bytes in 5 lines")),
            ("\n".repeat(70_000), None),
            ("\n".repeat(80_000), Some("this code is too much for colours: 80000 bytes in 80000 lines")),
            (format!("{}\n{}", "([{".repeat(160), ")]}".repeat(160)).repeat(4), None),
            ("{\n".repeat(501), Some("this code has more than 500 brackets open at once, too many for colours")),
            (String::new(), None),
        ] {
            assert_eq!(size_problem(&text).map(|problem| problem.message).as_deref(), expected);
        }
    }
}
