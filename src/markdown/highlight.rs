//! Syntax highlighting with TextMate grammars and themes.

mod block;
mod cache;
mod languages;
mod registry;
mod workers;

use std::io::{self, Write};
use std::sync::{Arc, OnceLock};

use giallo::PLAIN_GRAMMAR_NAME;

use crate::config::Config;
use crate::config::markdown::{Highlighting, Themes};
use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::source::Fingerprint;
pub(super) use block::HighlightedCode;
use block::{Block, BlockProblem, size_problem};
use cache::HighlightCache;
use registry::SiteGrammars;
use workers::Workers;

/// The prefix of the classes of highlighted code.
const CLASS_PREFIX: &str = "z-";

/// The names of plain text, which has no grammar.
const PLAIN_NAMES: [&str; 3] = [PLAIN_GRAMMAR_NAME, "text", "txt"];

/// Highlights code as the site's configuration says.
///
/// Loading the grammars takes some 40 ms, so they are loaded with the first block of code. Highlighting a block takes
/// some 0.4 ms, so the result is cached by its content, also between builds.
#[derive(Default)]
pub struct Highlighter {
    highlighting: Option<Arc<Highlighting>>,
    /// The site's own grammars and themes, if it has any.
    own: Option<SiteGrammars>,
    workers: OnceLock<Result<Workers, String>>,
    memory: HighlightCache,
}

impl Highlighter {
    /// Creates a highlighter for a configuration. `read` returns the bytes of a file of the site.
    ///
    /// After a problem, code is shown without the missing colours.
    pub fn new(config: &Config, read: &dyn Fn(&str) -> Result<Vec<u8>, Diagnostic>) -> (Self, Vec<Diagnostic>) {
        let Some(highlighting) = config.markdown.highlighting.clone() else { return (Self::default(), Vec::new()) };
        let (own, problems) = registry::load(config, &highlighting, read);
        let files = own.as_ref().map(|own| own.files);
        let memory = HighlightCache::new(Fingerprint::of(format!("{highlighting:?} {files:?}").as_bytes()));
        let highlighting = problems.is_empty().then(|| Arc::new(highlighting));
        (Self { highlighting, own, workers: OnceLock::new(), memory }, problems)
    }

    /// Uses the blocks that an earlier build [packed](Self::pack). They are read with the first block of code.
    #[must_use]
    pub fn with_packed(mut self, read: impl Fn() -> Option<Vec<u8>> + Send + Sync + 'static) -> Self {
        self.memory.use_packed(Box::new(read));
        self
    }

    /// Whether there is anything to pack that was not packed before. With `is_whole` every block of the site has been
    /// requested, so packed blocks that were not requested are dropped.
    pub fn is_changed(&self, is_whole: bool) -> bool {
        self.is_on() && self.memory.is_changed(is_whole)
    }

    /// Writes the blocks without problems for the next build.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn pack(&self, is_whole: bool, file: &mut impl Write) -> io::Result<()> {
        self.memory.pack(is_whole, file)
    }

    /// Whether code is highlighted.
    pub(super) fn is_on(&self) -> bool {
        self.highlighting.is_some()
    }

    /// Returns the style sheet of a theme, for code that is coloured by classes.
    ///
    /// # Errors
    /// There is no such theme.
    pub fn css(&self, theme: &str) -> Result<String, String> {
        let registry = self.workers()?.registry();
        let prefixes: &[(&str, &str)] = match self.highlighting.as_ref().map(|highlighting| &highlighting.themes) {
            // Code in two themes has the classes of both; the prefixes distinguish them.
            Some(Themes::Dual { light, dark }) => &[(light, "z-l-"), (dark, "z-d-")],
            _ => &[(theme, CLASS_PREFIX)],
        };
        let mut css = String::new();
        for (_, prefix) in prefixes.iter().filter(|(name, _)| *name == theme) {
            css.push_str(&registry.generate_css(theme, prefix).map_err(|error| error.to_string())?);
        }
        Ok(css)
    }

    fn workers(&self) -> Result<&Workers, String> {
        let start = || {
            let registry = match &self.own {
                Some(own) => own.registry.clone(),
                None => registry::built_in()?,
            };
            Ok(Workers::new(registry))
        };
        self.workers.get_or_init(start).as_ref().map_err(String::clone)
    }

    /// Highlights a block of code; none if highlighting is off. `info` is the info string of the block.
    pub(super) fn highlight(&self, info: &str, text: &str) -> Option<Arc<HighlightedCode>> {
        let highlighting = self.highlighting.as_ref()?;
        let mut key = Vec::with_capacity(info.len() + 1 + text.len());
        key.extend_from_slice(info.as_bytes());
        key.push(b'\n');
        key.extend_from_slice(text.as_bytes());
        let key = Fingerprint::of(&key);
        if let Some(remembered) = self.memory.get(key) {
            return Some(remembered);
        }
        let block = Block { highlighting: highlighting.clone(), info: info.to_owned(), text: text.to_owned() };
        let block = Arc::new(self.make(block));
        self.memory.insert(key, block.clone());
        Some(block)
    }

    fn make(&self, block: Block) -> HighlightedCode {
        let workers = match self.workers() {
            Ok(workers) => workers,
            Err(message) => {
                return HighlightedCode::uncoloured(
                    &block.text,
                    BlockProblem { severity: Severity::Error, message, help: None },
                );
            }
        };
        let registry = workers.registry();
        if PLAIN_NAMES.iter().any(|plain| block.language().eq_ignore_ascii_case(plain)) {
            return block.plain(registry, None);
        }
        if !registry.contains_grammar(block.language()) {
            let problem = self.unknown_language(&block);
            return block.plain(registry, Some(problem));
        }
        if let Some(problem) = size_problem(&block.text) {
            return block.plain(registry, Some(problem));
        }
        let block = Arc::new(block);
        match workers.highlight(block.clone()) {
            Ok(html) => HighlightedCode { html, problem: None },
            Err(reason) => {
                let help = "take the language `text` here, or write the code a little differently";
                let problem = BlockProblem::warning(format!("this code stays without colours: {reason}"), help);
                block.plain(registry, Some(problem))
            }
        }
    }

    fn unknown_language(&self, block: &Block) -> BlockProblem {
        let language = block.language();
        let own = self.own.iter().flat_map(|own| own.languages.iter().map(String::as_str));
        let meant = nearest(&language.to_lowercase(), languages::NAMES.split_whitespace().chain(own));
        let names = match meant {
            Some(meant) => format!("did you mean `{meant}`? Or take"),
            None => "take the name of another language,".to_owned(),
        };
        let help = format!("{names} `text` for none, or add its grammar to extra_grammars in [markdown.highlighting]");
        let is_error = block.highlighting.error_on_missing_language;
        let severity = if is_error { Severity::Error } else { Severity::Warning };
        BlockProblem {
            severity,
            message: format!("there are no colours for the language `{language}`"),
            help: Some(help),
        }
    }
}
