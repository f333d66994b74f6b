//! Colours for code, by TextMate grammars and themes.

mod block;
mod registry;

use std::sync::{Arc, RwLock};

use giallo::Registry;
use rustc_hash::FxHashMap;

use crate::config::Config;
use crate::config::markdown::{Highlighting, Themes};
use crate::diagnostic::{Diagnostic, Severity};
use crate::locks;
use crate::source::Fingerprint;
use block::Block;
pub(super) use block::Highlighted;

/// The classes of highlighted code begin so.
const CLASS_PREFIX: &str = "z-";

/// How many bytes of highlighted code are remembered.
const MEMORY: usize = 64 << 20;

/// Gives code its colours, as a site's configuration wants them.
///
/// The grammars take some 40 ms to load, so they are loaded with the first block of code and not before; a block takes
/// some 0.2 ms, so it is remembered by its content.
#[derive(Default)]
pub struct Highlighter {
    highlighting: Option<Arc<Highlighting>>,
    /// The grammars and themes together with the site's own; none where it has none of its own.
    own: Option<Arc<Registry>>,
    remembered: RwLock<Memory>,
}

#[derive(Default)]
struct Memory {
    blocks: FxHashMap<Fingerprint, Arc<Highlighted>>,
    bytes: usize,
}

impl Highlighter {
    /// A highlighter for a configuration. `read` gives the bytes of a file of the site.
    ///
    /// With problems, code is shown without the colours that are missing.
    pub fn new(config: &Config, read: &dyn Fn(&str) -> Result<Vec<u8>, Diagnostic>) -> (Self, Vec<Diagnostic>) {
        let Some(highlighting) = config.markdown.highlighting.clone() else { return (Self::default(), Vec::new()) };
        let (own, problems) = registry::load(config, &highlighting, read);
        let highlighting = problems.is_empty().then(|| Arc::new(highlighting));
        (Self { highlighting, own, remembered: RwLock::default() }, problems)
    }

    /// Whether code gets colours.
    pub(super) fn is_on(&self) -> bool {
        self.highlighting.is_some()
    }

    /// The style sheet of a theme, for code whose colours are classes.
    ///
    /// # Errors
    /// There is no such theme.
    pub fn css(&self, theme: &str) -> Result<String, String> {
        let registry = self.registry()?;
        let prefixes: &[(&str, &str)] = match self.highlighting.as_ref().map(|highlighting| &highlighting.themes) {
            // Code in two themes bears the classes of both; these tell them apart.
            Some(Themes::Dual { light, dark }) => &[(light, "z-l-"), (dark, "z-d-")],
            _ => &[(theme, CLASS_PREFIX)],
        };
        let mut css = String::new();
        for (_, prefix) in prefixes.iter().filter(|(name, _)| *name == theme) {
            css.push_str(&registry.generate_css(theme, prefix).map_err(|error| error.to_string())?);
        }
        Ok(css)
    }

    fn registry(&self) -> Result<Arc<Registry>, String> {
        match &self.own {
            Some(own) => Ok(own.clone()),
            None => registry::built_in(),
        }
    }

    /// A block of code with colours; none if it is to have none. `info` is what is written behind its opening fence.
    pub(super) fn highlight(&self, info: &str, text: &str) -> Option<Arc<Highlighted>> {
        let highlighting = self.highlighting.as_ref()?;
        let mut key = Vec::with_capacity(info.len() + 1 + text.len());
        key.extend_from_slice(info.as_bytes());
        key.push(b'\n');
        key.extend_from_slice(text.as_bytes());
        let key = Fingerprint::of(&key);
        let remembered = locks::read(&self.remembered).blocks.get(&key).cloned();
        if remembered.is_some() {
            return remembered;
        }
        let block = match self.registry() {
            Ok(registry) => {
                let (highlighting, info, text) = (highlighting.clone(), info.to_owned(), text.to_owned());
                let limit = block::patience(&text);
                Block { registry, highlighting, info, text }.highlight_within(limit)
            }
            Err(message) => Highlighted::without_colours(text, Severity::Error, message, None),
        };
        let block = Arc::new(block);
        let mut memory = locks::write(&self.remembered);
        if memory.bytes > MEMORY {
            *memory = Memory::default();
        }
        memory.bytes += block.html.len();
        memory.blocks.insert(key, block.clone());
        Some(block)
    }
}
