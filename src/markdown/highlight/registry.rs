//! The available grammars and themes: those of the library, and the site's own.

use std::io::Write as _;
use std::sync::{Arc, OnceLock};

use giallo::Registry;

use crate::config::Config;
use crate::config::markdown::{Highlighting, Themes};
use crate::diagnostic::{Diagnostic, nearest};
use crate::source::Fingerprint;

/// The themes that the library includes, and our own. With this list a theme name is checked without loading the grammars.
const THEMES: [&str; 67] = [
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
    "salon-dark",
    "salon-light",
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

/// Themes in the colours of the default theme for sites.
const OWN_THEMES: [&[u8]; 2] = [include_bytes!("themes/salon-light.json"), include_bytes!("themes/salon-dark.json")];

/// Returns the grammars and themes that the library includes, and our own. They are loaded once.
pub(super) fn built_in() -> Result<Arc<Registry>, String> {
    static BUILT_IN: OnceLock<Result<Arc<Registry>, String>> = OnceLock::new();
    BUILT_IN.get_or_init(|| load_built_in().map(Arc::new)).clone()
}

fn load_built_in() -> Result<Registry, String> {
    let load = || {
        let mut registry = Registry::builtin()?;
        OWN_THEMES.iter().try_for_each(|theme| add(&mut registry, "theme", theme))?;
        Ok(registry)
    };
    load().map_err(|error: giallo::Error| format!("the highlighter's grammars cannot be loaded: {error}"))
}

/// The grammars and themes that a site adds.
pub(super) struct SiteGrammars {
    /// The library's grammars and themes, with the site's own added.
    pub registry: Arc<Registry>,
    /// The names of its languages.
    pub languages: Vec<String>,
    /// The fingerprint of its files.
    pub files: Fingerprint,
    themes: Vec<String>,
}

/// Loads the grammars and themes that a configuration adds, if it adds any.
///
/// Reports every theme in the configuration that does not exist.
pub(super) fn load(
    config: &Config,
    highlighting: &Highlighting,
    read: &dyn Fn(&str) -> Result<Vec<u8>, Diagnostic>,
) -> (Option<SiteGrammars>, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let has_own = !highlighting.extra_grammars.is_empty() || !highlighting.extra_themes.is_empty();
    let own = if has_own { load_own(config, highlighting, read, &mut problems) } else { None };
    for theme in highlighting.themes.names() {
        let name = theme.to_lowercase();
        let own = own.iter().flat_map(|own| own.themes.iter().map(String::as_str));
        let mut known = THEMES.into_iter().chain(own);
        if known.clone().any(|known| known == name) {
            continue;
        }
        let help = match nearest(&name, &mut known) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("there are {}", THEMES.join(", ")),
        };
        let problem = Diagnostic::error(format!("there is no theme `{theme}` for code"));
        problems.push(problem.at(config.location(key_of(&highlighting.themes, theme))).help(help));
    }
    (own, problems)
}

/// Returns the key of the configuration that names a theme.
fn key_of(themes: &Themes, theme: &str) -> &'static str {
    match themes {
        Themes::Single(_) => "markdown.highlighting.theme",
        Themes::Dual { light, .. } if light == theme => "markdown.highlighting.light_theme",
        Themes::Dual { .. } => "markdown.highlighting.dark_theme",
    }
}

/// Loads the library's grammars and themes, and adds the site's own.
fn load_own(
    config: &Config,
    highlighting: &Highlighting,
    read: &dyn Fn(&str) -> Result<Vec<u8>, Diagnostic>,
    problems: &mut Vec<Diagnostic>,
) -> Option<SiteGrammars> {
    // Scopes are numbered for the whole process. The first registry numbers those of the library, which every registry begins with.
    let mut registry = match load_built_in() {
        Ok(registry) => registry,
        Err(message) => {
            problems.push(Diagnostic::error(message));
            return None;
        }
    };
    let (mut themes, mut languages, mut files) = (Vec::new(), Vec::new(), Vec::new());
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
            files.extend(Fingerprint::of(&bytes).0.to_le_bytes());
            match add(&mut registry, what, &bytes) {
                Ok(()) if what == "theme" => themes.extend(name_of(&bytes)),
                Ok(()) => languages.extend(name_of(&bytes)),
                Err(error) => {
                    let help = format!("a TextMate {what} in JSON is wanted, as Visual Studio Code has them");
                    let problem = Diagnostic::error(format!("{path} is not a {what}: {error}"));
                    problems.push(problem.at(config.location(key)).help(help));
                }
            }
        }
    }
    registry.link_grammars();
    Some(SiteGrammars { registry: Arc::new(registry), languages, files: Fingerprint::of(&files), themes })
}

/// Adds a grammar or theme to a registry.
fn add(registry: &mut Registry, what: &str, bytes: &[u8]) -> Result<(), giallo::Error> {
    // Each byte costs time, so the file is tried without its white space. If that fails, the original is parsed, so that the
    // error names a place in the author's file.
    let short = serde_json::from_slice::<serde_json::Value>(bytes).ok().map(|value| value.to_string());
    match short.map(|short| add_file(registry, what, short.as_bytes())) {
        Some(Ok(())) => Ok(()),
        _ => add_file(registry, what, bytes),
    }
}

/// Adds a grammar or theme to a registry, which only reads files.
fn add_file(registry: &mut Registry, what: &str, bytes: &[u8]) -> Result<(), giallo::Error> {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(bytes)?;
    match what {
        "grammar" => registry.add_grammar_from_path(file.path()),
        _ => registry.add_theme_from_path(file.path()),
    }
}

/// Returns the name of a grammar or theme.
fn name_of(json: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(json).ok()?;
    Some(value.get("name")?.as_str()?.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Prints the names that the list has and the library has not.
    #[test]
    fn the_themes_are_there() {
        let registry = built_in().unwrap();
        let missing: Vec<_> = THEMES.into_iter().filter(|theme| !registry.contains_theme(theme)).collect();
        assert_eq!(missing, Vec::<&str>::new());
        assert!(!registry.contains_theme("no-such-theme"));
    }
}
