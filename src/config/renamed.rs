//! What became of keys that other versions of Zola's configuration had.

use super::salon;
use crate::diagnostic::Severity;
use crate::source::{Infinity, KeyContext, TableRules, Value};

/// Configurations.
pub const RULES: TableRules =
    TableRules { subject: None, unknown_keys: Severity::Error, infinity: Infinity::Error, unknown_help, type_help };

const FEEDS: &str = "this is called `generate_feeds` now: generate_feeds = true";
const FEED_FILENAMES: &str = "this is called `feed_filenames` now, and is a list: feed_filenames = [\"atom.xml\"]";
const HIGHLIGHTING: &str = "highlighting has a table of its own now: [markdown.highlighting] with theme = \"…\", or \
                            light_theme and dark_theme; without that table nothing is highlighted";
const HIGHLIGHT_THEME: &str = "this is called `theme` now, in the table [markdown.highlighting]";
const THEMES_CSS: &str =
    "in the table [markdown.highlighting], style = \"class\" now writes the style sheets by itself";
const EXTRA_SYNTAXES: &str = "this is called `extra_grammars` now, in the table [markdown.highlighting], and lists \
                              JSON TextMate grammars";
const EXTRA_THEMES: &str = "this is called `extra_themes` now, in the table [markdown.highlighting], and lists JSON \
                            TextMate themes";

/// Old keys: the table, the key (in any table where that is `*`), what to do.
const KEYS: &[(&str, &str, &str)] = &[
    ("*", "generate_feed", FEEDS),
    ("*", "generate_rss", FEEDS),
    ("*", "feed_filename", FEED_FILENAMES),
    ("", "rss_limit", "this is called `feed_limit` now"),
    ("*", "highlight_code", HIGHLIGHTING),
    ("*", "highlight_theme", HIGHLIGHT_THEME),
    ("*", "highlight_themes_css", THEMES_CSS),
    ("*", "extra_syntaxes", EXTRA_SYNTAXES),
    ("*", "extra_syntaxes_and_themes", EXTRA_SYNTAXES),
    ("*", "extra_highlight_themes", EXTRA_THEMES),
    ("", "slugify_paths", "this is `paths` in the table [slugify] now"),
    ("", "check_external_links", "external links are never followed during a build: leave the line out"),
    ("", "ignored_files", "this is `ignored_content` for files below content, and `ignored_static` below static"),
    ("", "markup", "this table is called [markdown]"),
    ("", "build_search", "this is called `build_search_index`"),
    ("taxonomies", "rss", "this is called `feed` now: feed = true"),
    ("taxonomies", "slug", "the slug is made from the name: see `taxonomies` in the table [slugify]"),
];

/// What to write instead of an old key.
fn unknown_help(context: &KeyContext) -> Option<String> {
    let table = if context.table.ends_with(".taxonomies") { "taxonomies" } else { context.table };
    let is_it = |(in_table, key, _): &&(&str, &str, &str)| ["*", table].contains(in_table) && *key == context.key;
    let old = KEYS.iter().find(is_it).map(|(_, _, help)| (*help).to_owned());
    // TOML's tables run to the next heading, so that settings of the theme easily come into another one.
    let is_misplaced = !table.is_empty() && salon::is_setting(context.key);
    old.or_else(|| {
        is_misplaced.then(|| {
            let theme = crate::config::BUILT_IN_THEME;
            format!("if you mean the setting of the theme `{theme}`: `{}` belongs in `[extra]`", context.key)
        })
    })
}

/// What to write instead of a value whose type was right in an older version.
fn type_help(context: &KeyContext) -> Option<String> {
    let help = match (context.table, context.key, context.value) {
        ("", "languages", Value::List(_)) => {
            "each language has a table of its own now: [languages.fr], and its keys on the lines below"
        }
        ("", "translations", Value::Table(_)) | ("translations", _, Value::Table(_)) => {
            "translations lie beside their language now: [languages.fr.translations], and [translations] for the \
             default language"
        }
        ("markdown", "highlighting", _) => HIGHLIGHTING,
        _ => return None,
    };
    Some(help.to_owned())
}
