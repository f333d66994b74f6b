//! The themes of highlighted code: those of Zola before 0.22, and the ones that are nearest to them now.

/// The old theme, the new one, and whether they are the same theme.
const THEMES: &[(&str, &str, bool)] = &[
    ("1337", "dark-plus", false),
    ("OneHalfDark", "one-dark-pro", false),
    ("OneHalfLight", "one-light", false),
    ("agola-dark", "monokai", false),
    ("ascii-white", "github-light", false),
    ("ayu-dark", "ayu-dark", true),
    ("ayu-light", "ayu-light", true),
    ("ayu-mirage", "ayu-mirage", true),
    ("base16-atelierdune-light", "solarized-light", false),
    ("base16-ocean-dark", "nord", false),
    ("base16-ocean-light", "one-light", false),
    ("charcoal", "dark-plus", false),
    ("dracula", "dracula", true),
    ("green", "github-dark", false),
    ("gruvbox-dark", "gruvbox-dark-medium", true),
    ("gruvbox-light", "gruvbox-light-medium", true),
    ("inspired-github", "github-light", false),
    ("kronuz", "monokai", false),
    ("material-dark", "material-theme-darker", true),
    ("material-light", "material-theme-lighter", true),
    ("monokai", "monokai", true),
    ("nord", "nord", true),
    ("nyx-bold", "night-owl", false),
    ("one-dark", "one-dark-pro", true),
    ("solarized-dark", "solarized-dark", true),
    ("solarized-light", "solarized-light", true),
    ("two-dark", "one-dark-pro", false),
    ("visual-studio-dark", "dark-plus", true),
    ("zenburn", "everforest-dark", false),
];

/// The theme that old sites had if they named none.
pub const OLD_DEFAULT: &str = "base16-ocean-dark";

/// Returns the nearest theme, and whether it is the same one.
pub fn nearest_theme(old: &str) -> (&'static str, bool) {
    let known = THEMES.iter().find(|(name, ..)| *name == old).map(|(_, new, is_same)| (*new, *is_same));
    known.unwrap_or(if old.contains("light") || old.contains("white") {
        ("github-light", false)
    } else {
        ("github-dark", false)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_new_theme_exists() {
        let names = THEMES.iter().map(|(_, new, _)| *new).chain(["github-light", "github-dark"]);
        for name in names {
            let text = format!("base_url = \"https://a.example\"\n[markdown.highlighting]\ntheme = \"{name}\"\n");
            let source = crate::diagnostic::SourceText { path: "zola.toml".into(), text: text.into() };
            let (config, problems) = crate::config::Config::parse(source);
            assert!(problems.is_empty(), "{problems:?}");
            let (_, problems) = crate::markdown::Highlighter::new(&config.unwrap(), &|_| Ok(Vec::new()));
            assert!(problems.is_empty(), "{name}: {problems:?}");
        }
    }
}
