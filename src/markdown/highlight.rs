//! Colours for code, by TextMate grammars and themes.

use std::io::Write as _;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use giallo::{HighlightOptions, HtmlRenderer, PLAIN_GRAMMAR_NAME, Registry, ThemeVariant};
use rustc_hash::FxHashMap;

use super::code;
use super::writer::push_text;
use crate::config::Config;
use crate::config::markdown::{HighlightStyle, Highlighting, Themes};
use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::source::Fingerprint;

/// The classes of highlighted code begin so.
const CLASS_PREFIX: &str = "z-";

/// How many bytes of highlighted code are remembered.
const MEMORY: usize = 64 << 20;

/// The themes that come with the grammars. Knowing their names spares loading them only to see whether one is there.
const THEMES: [&str; 65] = [
    "andromeeda",
    "aurora-x",
    "ayu-dark",
    "ayu-light",
    "ayu-mirage",
    "catppuccin-frappe",
    "catppuccin-latte",
    "catppuccin-macchiato",
    "catppuccin-mocha",
    "dark-plus",
    "dracula",
    "dracula-soft",
    "everforest-dark",
    "everforest-light",
    "github-dark",
    "github-dark-default",
    "github-dark-dimmed",
    "github-dark-high-contrast",
    "github-light",
    "github-light-default",
    "github-light-high-contrast",
    "gruvbox-dark-hard",
    "gruvbox-dark-medium",
    "gruvbox-dark-soft",
    "gruvbox-light-hard",
    "gruvbox-light-medium",
    "gruvbox-light-soft",
    "horizon",
    "horizon-bright",
    "houston",
    "kanagawa-dragon",
    "kanagawa-lotus",
    "kanagawa-wave",
    "laserwave",
    "light-plus",
    "material-theme",
    "material-theme-darker",
    "material-theme-lighter",
    "material-theme-ocean",
    "material-theme-palenight",
    "min-dark",
    "min-light",
    "monokai",
    "night-owl",
    "night-owl-light",
    "nord",
    "one-dark-pro",
    "one-light",
    "plastic",
    "poimandres",
    "red",
    "rose-pine",
    "rose-pine-dawn",
    "rose-pine-moon",
    "slack-dark",
    "slack-ochin",
    "snazzy-light",
    "solarized-dark",
    "solarized-light",
    "synthwave-84",
    "tokyo-night",
    "vesper",
    "vitesse-black",
    "vitesse-dark",
    "vitesse-light",
];

/// Gives code its colours, as a site's configuration wants them.
///
/// The grammars take some 40 ms to load, so they are loaded with the first block of code and not before; a block takes
/// some 0.2 ms, so it is remembered by its content.
#[derive(Default)]
pub struct Highlighter {
    highlighting: Option<Highlighting>,
    /// The grammars and themes together with the site's own; none where it has none of its own.
    own: Option<Registry>,
    remembered: RwLock<Memory>,
}

#[derive(Default)]
struct Memory {
    blocks: FxHashMap<Fingerprint, Arc<Highlighted>>,
    bytes: usize,
}

/// A block of code with colours.
pub(super) struct Highlighted {
    pub html: String,
    /// What is wrong with it: how grave, what, and what to do.
    pub problem: Option<(Severity, String, Option<String>)>,
}

/// The grammars and themes that come with the highlighter, loaded once.
fn built_in() -> Result<&'static Registry, String> {
    static BUILT_IN: OnceLock<Result<Registry, String>> = OnceLock::new();
    BUILT_IN.get_or_init(load_built_in).as_ref().map_err(Clone::clone)
}

fn load_built_in() -> Result<Registry, String> {
    Registry::builtin().map_err(|error| format!("the highlighter's grammars cannot be loaded: {error}"))
}

impl Highlighter {
    /// A highlighter for a configuration. `read` gives the bytes of a file of the site.
    ///
    /// With problems, code is shown without the colours that are missing.
    pub fn new(config: &Config, read: &dyn Fn(&str) -> Result<Vec<u8>, Diagnostic>) -> (Self, Vec<Diagnostic>) {
        let Some(highlighting) = config.markdown.highlighting.clone() else { return (Self::default(), Vec::new()) };
        let mut problems = Vec::new();
        let has_own = !highlighting.extra_grammars.is_empty() || !highlighting.extra_themes.is_empty();
        let (own, own_themes) =
            if has_own { load_own(config, &highlighting, read, &mut problems) } else { (None, Vec::new()) };
        let missing: Vec<&str> = {
            let known = |name: &&str| {
                THEMES.contains(&name.to_lowercase().as_str()) || own.as_ref().is_some_and(|r| r.contains_theme(name))
            };
            highlighting.themes.names().filter(|name| !known(name)).collect()
        };
        for theme in &missing {
            let message = format!("there is no theme `{theme}` for code");
            let lower = theme.to_lowercase();
            let help = match nearest(&lower, THEMES.into_iter().chain(own_themes.iter().map(String::as_str))) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("there are {}", THEMES.join(", ")),
            };
            problems
                .push(Diagnostic::error(message).at(config.location(key_of(&highlighting.themes, theme))).help(help));
        }
        let highlighting = if missing.is_empty() { Some(highlighting) } else { None };
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

    fn registry(&self) -> Result<&Registry, String> {
        match &self.own {
            Some(own) => Ok(own),
            None => built_in(),
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
        // A thread that panicked left the memory as it was: entries are put in whole.
        let remembered = self.remembered.read().unwrap_or_else(PoisonError::into_inner).blocks.get(&key).cloned();
        if remembered.is_some() {
            return remembered;
        }
        let block = Arc::new(self.render(highlighting, info, text));
        let mut memory = self.remembered.write().unwrap_or_else(PoisonError::into_inner);
        if memory.bytes > MEMORY {
            *memory = Memory::default();
        }
        memory.bytes += block.html.len();
        memory.blocks.insert(key, block.clone());
        Some(block)
    }

    fn render(&self, highlighting: &Highlighting, info: &str, text: &str) -> Highlighted {
        let fence = code::fence(info);
        let plain = |message: String| {
            let mut html = String::with_capacity(text.len() + 64);
            html.push_str("<pre tabindex=\"0\"><code>");
            push_text(&mut html, text);
            html.push_str("</code></pre>");
            Highlighted { html, problem: Some((Severity::Warning, message, None)) }
        };
        let registry = match self.registry() {
            Ok(registry) => registry,
            Err(message) => return plain(message),
        };
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
            Err(error) => return plain(format!("this code stays without colours: {error}")),
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

/// The key of the configuration that names a theme.
fn key_of(themes: &Themes, theme: &str) -> &'static str {
    match themes {
        Themes::Single(_) => "markdown.highlighting.theme",
        Themes::Dual { light, .. } if light == theme => "markdown.highlighting.light_theme",
        Themes::Dual { .. } => "markdown.highlighting.dark_theme",
    }
}

/// The grammars and themes with the site's own among them, and the names of the site's own themes.
fn load_own(
    config: &Config,
    highlighting: &Highlighting,
    read: &dyn Fn(&str) -> Result<Vec<u8>, Diagnostic>,
    problems: &mut Vec<Diagnostic>,
) -> (Option<Registry>, Vec<String>) {
    // The first registry of a process must be the built-in one, because its scopes are numbered for the whole process.
    let mut registry = match built_in().and_then(|_| load_built_in()) {
        Ok(registry) => registry,
        Err(message) => {
            problems.push(Diagnostic::error(message));
            return (None, Vec::new());
        }
    };
    let mut themes = Vec::new();
    for (key, what, paths) in [
        ("markdown.highlighting.extra_grammars", "grammar", &highlighting.extra_grammars),
        ("markdown.highlighting.extra_themes", "theme", &highlighting.extra_themes),
    ] {
        for path in paths {
            let bytes = match read(path) {
                Ok(bytes) => bytes,
                Err(problem) => {
                    problems.push(problem);
                    continue;
                }
            };
            match add(&mut registry, what, &bytes) {
                Ok(()) if what == "theme" => themes.extend(theme_name(&bytes)),
                Ok(()) => {}
                Err(error) => {
                    let help = format!("a TextMate {what} in JSON is wanted, as Visual Studio Code has them");
                    let problem = Diagnostic::error(format!("{path} is not a {what}: {error}"));
                    problems.push(problem.at(config.location(key)).help(help));
                }
            }
        }
    }
    registry.link_grammars();
    (Some(registry), themes)
}

/// Adds a grammar or theme to a registry, which reads files only.
fn add(registry: &mut Registry, what: &str, bytes: &[u8]) -> Result<(), giallo::Error> {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(bytes)?;
    match what {
        "grammar" => registry.add_grammar_from_path(file.path()),
        _ => registry.add_theme_from_path(file.path()),
    }
}

fn theme_name(json: &[u8]) -> Option<String> {
    let theme: serde_json::Value = serde_json::from_slice(json).ok()?;
    Some(theme.get("name")?.as_str()?.to_lowercase())
}
