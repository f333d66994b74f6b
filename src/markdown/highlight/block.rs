//! One block of code, coloured.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use giallo::{HighlightOptions, HtmlRenderer, PLAIN_GRAMMAR_NAME, Registry, ThemeVariant};

use super::CLASS_PREFIX;
use crate::config::markdown::{HighlightStyle, Highlighting, Themes};
use crate::diagnostic::Severity;
use crate::markdown::code;
use crate::markdown::writer::push_text;

/// How long a block may take: ten seconds, and a tenth of a millisecond more for each byte. It takes a thousandth of
/// that.
pub(super) fn patience(text: &str) -> Duration {
    Duration::from_secs(10) + Duration::from_micros(100) * u32::try_from(text.len()).unwrap_or(u32::MAX)
}

/// A block of code with colours.
pub(in crate::markdown) struct Highlighted {
    pub html: String,
    /// What is wrong with it: how grave, what, and what to do.
    pub problem: Option<(Severity, String, Option<String>)>,
}

impl Highlighted {
    /// The block as it is.
    pub(super) fn without_colours(text: &str, severity: Severity, message: String, help: Option<String>) -> Self {
        let mut html = String::with_capacity(text.len() + 64);
        html.push_str("<pre tabindex=\"0\"><code>");
        push_text(&mut html, text);
        html.push_str("</code></pre>");
        Self { html, problem: Some((severity, message, help)) }
    }
}

/// A block of code, and all that its colours depend on.
#[derive(Clone)]
pub(super) struct Block {
    pub registry: Arc<Registry>,
    pub highlighting: Arc<Highlighting>,
    /// What is written behind the opening fence.
    pub info: String,
    pub text: String,
}

impl Block {
    /// Gives the block its colours, unless that takes longer than `limit`.
    ///
    /// Some grammars run in circles on some texts, and a thread cannot be stopped from outside. So it runs in a thread
    /// of its own, which is left behind then. That is an error: what is published never depends on a clock.
    pub fn highlight_within(self, limit: Duration) -> Highlighted {
        let (sender, receiver) = mpsc::channel();
        let block = self.clone();
        let thread = thread::Builder::new().name("highlighter".to_owned());
        // Nobody listens any more if it took too long.
        let spawned = thread.spawn(move || drop(sender.send(block.highlight())));
        if spawned.is_err() {
            return self.highlight();
        }
        let failure = match receiver.recv_timeout(limit) {
            Ok(highlighted) => return highlighted,
            Err(mpsc::RecvTimeoutError::Timeout) => "does not come to an end with this code",
            Err(mpsc::RecvTimeoutError::Disconnected) => "fails on this code",
        };
        let language = code::language(&self.info).unwrap_or(PLAIN_GRAMMAR_NAME);
        let message = format!("the grammar of the language `{language}` {failure}");
        let help = "take the language `text` here, or write the code a little differently";
        Highlighted::without_colours(&self.text, Severity::Error, message, Some(help.to_owned()))
    }

    fn highlight(&self) -> Highlighted {
        let Self { registry, highlighting, info, text } = self;
        let fence = code::fence(info);
        let known = fence.lang == PLAIN_GRAMMAR_NAME || registry.contains_grammar(&fence.lang);
        let problem = (!known && highlighting.error_on_missing_language).then(|| {
            let help = "take the name of another language, `text` for none, or add its grammar to extra_grammars in \
                        [markdown.highlighting]";
            (Severity::Error, format!("there are no colours for the language `{}`", fence.lang), Some(help.to_owned()))
        });
        let themes = match &highlighting.themes {
            Themes::Single(theme) => ThemeVariant::Single(theme.as_str()),
            Themes::Dual { light, dark } => ThemeVariant::Dual { light: light.as_str(), dark: dark.as_str() },
        };
        let options = HighlightOptions::new(&fence.lang, themes).fallback_to_plain(true);
        let highlighted = match registry.highlight(text, &options) {
            Ok(highlighted) => highlighted,
            Err(error) => {
                let message = format!("this code stays without colours: {error}");
                return Highlighted::without_colours(text, Severity::Warning, message, None);
            }
        };
        let renderer = HtmlRenderer {
            other_metadata: fence.rest,
            data_attr_position: highlighting.data_attr_position,
            css_class_prefix: (highlighting.style == HighlightStyle::Class).then(|| CLASS_PREFIX.to_owned()),
            ..HtmlRenderer::default()
        };
        let html = renderer.render(&highlighted, &fence.options);
        // It takes the focus, so that it can be scrolled with the keyboard.
        let html = match html.strip_prefix("<pre ") {
            Some(rest) => format!("<pre tabindex=\"0\" {rest}"),
            None => html,
        };
        Highlighted { html, problem }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::highlight::registry;

    #[test]
    fn a_grammar_that_runs_in_circles_is_left_behind() {
        // It begins wherever it can, over and over, without reading on.
        let circle = r##"{"name": "circle", "scopeName": "source.circle", "patterns": [{"include": "#a"}],
            "repository": {"a": {"begin": "(?=x)", "end": "y", "patterns": [{"include": "#a"}]}}}"##;
        let registry = registry::with_grammar(circle.as_bytes());
        let highlighting = Highlighting {
            error_on_missing_language: false,
            style: HighlightStyle::Inline,
            themes: Themes::Single("nord".to_owned()),
            extra_grammars: Vec::new(),
            extra_themes: Vec::new(),
            data_attr_position: giallo::DataAttrPosition::Code,
        };
        let block = |text: &str| Block {
            registry: registry.clone(),
            highlighting: Arc::new(highlighting.clone()),
            info: "circle".to_owned(),
            text: text.to_owned(),
        };
        let highlighted = block("<x>\n").highlight_within(Duration::from_millis(100));
        assert_eq!(highlighted.html, "<pre tabindex=\"0\"><code>&lt;x&gt;\n</code></pre>");
        let (severity, message, _) = highlighted.problem.unwrap();
        assert_eq!(severity, Severity::Error);
        assert_eq!(message, "the grammar of the language `circle` does not come to an end with this code");
        assert!(block("a\n").highlight_within(patience("a\n")).problem.is_none());
    }
}
