//! One block of code, coloured.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use giallo::{HighlightOptions, HtmlRenderer, PLAIN_GRAMMAR_NAME, Registry, ThemeVariant};

use super::CLASS_PREFIX;
use crate::config::markdown::{HighlightStyle, Highlighting, Themes};
use crate::diagnostic::Severity;
use crate::markdown::code;
use crate::markdown::writer::push_text;

/// The longest line that gets colours, in bytes.
///
/// For each word of a line the highlighter looks through the rest of the line, so its work grows with the square of the
/// length. A line of minified CSS or JavaScript that is as long as this takes some 10 to 20 ms.
const LONGEST_LINE: usize = 1_000;

/// The work that a block may make: the sum of the squares of its lines' lengths, each with [`LINE`] added.
///
/// It is enough for four of the longest lines and for two thousand of forty bytes. With the longest lines that is a tenth of
/// a second of minified JavaScript, and a second of the worst that was found.
const MOST_WORK: usize = 5_000_000;

/// What a line costs even if it is empty.
const LINE: usize = 8;

/// How many brackets may be open at once. With so many the work begins to grow with the third power of their number: four
/// thousand take JavaScript's grammar 16 seconds, and five hundred a tenth of one.
const MOST_OPEN: usize = 500;

/// A block of code with colours.
#[derive(Debug)]
pub(in crate::markdown) struct Highlighted {
    pub html: String,
    /// What is wrong with it.
    pub problem: Option<BlockProblem>,
}

/// What is wrong with a block.
#[derive(Debug)]
pub(in crate::markdown) struct BlockProblem {
    pub severity: Severity,
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl BlockProblem {
    pub(super) fn warning(message: String, help: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, message, help: Some(help.into()) }
    }
}

impl Highlighted {
    /// The block as it is, without the colours of a theme.
    pub(super) fn bare(text: &str, problem: BlockProblem) -> Self {
        let mut html = String::with_capacity(text.len() + 64);
        html.push_str("<pre tabindex=\"0\"><code>");
        push_text(&mut html, text);
        html.push_str("</code></pre>");
        Self { html, problem: Some(problem) }
    }
}

/// Why a block gets no colours, if it is too large for that.
pub(super) fn excess(text: &str) -> Option<BlockProblem> {
    let lines = text.split('\n').map(str::len);
    if let Some((index, length)) = lines.clone().enumerate().find(|(_, length)| *length > LONGEST_LINE) {
        let number = index + 1;
        let message = format!("line {number} of this code has {length} bytes, too many for colours");
        let help = format!("break the line (up to {LONGEST_LINE} bytes get colours), or take the language `text`");
        return Some(BlockProblem::warning(message, help));
    }
    if is_too_deep(text) {
        let message = format!("this code has more than {MOST_OPEN} brackets open at once, too many for colours");
        return Some(BlockProblem::warning(message, "take the language `text`"));
    }
    let work = lines.fold(0_usize, |work, length| work.saturating_add((length + LINE).pow(2)));
    (work > MOST_WORK).then(|| {
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
        open > MOST_OPEN
    })
}

/// A block of code, and all that its colours depend on.
pub(super) struct Block {
    pub highlighting: Arc<Highlighting>,
    /// What is written behind the opening fence.
    pub info: String,
    pub text: String,
}

impl Block {
    /// The language that is written behind the fence.
    pub fn language(&self) -> &str {
        code::language(&self.info).unwrap_or(PLAIN_GRAMMAR_NAME)
    }

    /// Gives the block its colours.
    ///
    /// # Errors
    /// What the library says, or that it panicked.
    pub fn highlight(&self, registry: &Registry) -> Result<String, String> {
        self.render(registry, self.language())
    }

    /// The block in the colours of its theme's background and text alone. No grammar has a part in it.
    pub fn plain(&self, registry: &Registry, problem: Option<BlockProblem>) -> Highlighted {
        match self.render(registry, PLAIN_GRAMMAR_NAME) {
            Ok(html) => Highlighted { html, problem },
            Err(error) => {
                let message = format!("this code stays without colours: {error}");
                Highlighted::bare(&self.text, BlockProblem { severity: Severity::Warning, message, help: None })
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
        // A grammar's expression that goes back too often makes the library panic.
        let highlighted = panic::catch_unwind(AssertUnwindSafe(|| registry.highlight(text, &options)));
        let highlighted = match highlighted {
            Ok(highlighted) => highlighted.map_err(|error| error.to_string())?,
            Err(_) => return Err(format!("the grammar of the language `{language}` fails on it")),
        };
        let fence = code::fence(info);
        let renderer = HtmlRenderer {
            other_metadata: fence.rest,
            data_attr_position: highlighting.data_attr_position,
            css_class_prefix: (highlighting.style == HighlightStyle::Class).then(|| CLASS_PREFIX.to_owned()),
            ..HtmlRenderer::default()
        };
        let html = renderer.render(&highlighted, &fence.options);
        // It takes the focus, so that it can be scrolled with the keyboard.
        Ok(match html.strip_prefix("<pre ") {
            Some(rest) => format!("<pre tabindex=\"0\" {rest}"),
            None => html,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_much_gets_colours() {
        let line = |length: usize| "x".repeat(length);
        for (text, expected) in [
            (line(LONGEST_LINE), None),
            (
                format!("a\n{}", line(LONGEST_LINE + 1)),
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
            assert_eq!(excess(&text).map(|problem| problem.message).as_deref(), expected);
        }
    }
}
