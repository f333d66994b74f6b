//! `[markdown]`: how Markdown is rendered.

pub use giallo::DataAttrPosition;
use serde::{Deserialize, Serialize};

use super::FILE_NAMES;
use crate::source::Table;

/// Where a heading's link to itself goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InsertAnchor {
    /// Before the heading's text.
    Left,
    /// After it.
    Right,
    /// The whole heading is the link.
    Heading,
    /// There is none.
    #[default]
    None,
}

/// Their names, in configurations and front matter.
pub(crate) const INSERT_ANCHOR: &[(&str, InsertAnchor)] = &[
    ("left", InsertAnchor::Left),
    ("right", InsertAnchor::Right),
    ("heading", InsertAnchor::Heading),
    ("none", InsertAnchor::None),
];

/// How colours get into highlighted code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HighlightStyle {
    /// As `style` attributes.
    #[default]
    Inline,
    /// As classes, with a style sheet for each theme.
    Class,
}

/// The themes that highlighted code is shown in. Names are the same in upper and lower case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "ThemeKeys")]
pub enum Themes {
    /// One theme.
    Single(String),
    /// One for each of the reader's colour schemes.
    Dual {
        /// For the light scheme.
        light: String,
        /// For the dark scheme.
        dark: String,
    },
}

/// The themes as templates see them.
#[derive(Serialize)]
struct ThemeKeys {
    theme: Option<String>,
    light_theme: Option<String>,
    dark_theme: Option<String>,
}

impl From<Themes> for ThemeKeys {
    fn from(themes: Themes) -> Self {
        match themes {
            Themes::Single(theme) => Self { theme: Some(theme), light_theme: None, dark_theme: None },
            Themes::Dual { light, dark } => Self { theme: None, light_theme: Some(light), dark_theme: Some(dark) },
        }
    }
}

/// How code is highlighted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Highlighting {
    /// Whether a language without a grammar is an error; otherwise such code is shown without colours.
    pub error_on_missing_language: bool,
    /// How the colours get into the HTML.
    pub style: HighlightStyle,
    /// The themes.
    #[serde(flatten)]
    pub themes: Themes,
    /// Files of the site with further TextMate grammars, in JSON.
    pub extra_grammars: Vec<String>,
    /// Files of the site with further TextMate themes, in JSON.
    pub extra_themes: Vec<String>,
    /// Which element carries the language and the other facts of a code block as `data-` attributes.
    pub data_attr_position: DataAttrPosition,
}

/// What becomes of formulas between dollar signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Math {
    /// They are text.
    #[default]
    None,
    /// They become MathML.
    MathMl,
}

/// How Markdown is rendered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Markdown {
    /// How code is highlighted; none: it is not. Default: none.
    pub highlighting: Option<Highlighting>,
    /// Whether `:smile:` becomes 😄. Default: false.
    pub render_emoji: bool,
    /// A class for links to other sites.
    pub external_links_class: Option<String>,
    /// Whether links to other sites open a new tab. Default: false.
    pub external_links_target_blank: bool,
    /// Whether links to other sites have `rel="nofollow"`. Default: false.
    pub external_links_no_follow: bool,
    /// Whether links to other sites have `rel="noreferrer"`. Default: false.
    pub external_links_no_referrer: bool,
    /// Whether links to other sites have `rel="external"`. Default: true.
    pub external_links_external: bool,
    /// Whether quotes, dashes and dots become typographic ones. Default: false.
    pub smart_punctuation: bool,
    /// Whether there are definition lists. Default: false.
    pub definition_list: bool,
    /// Whether footnotes stand at the end, with links back; otherwise they stand where they are written.
    /// Default: false.
    pub bottom_footnotes: bool,
    /// Whether images are loaded when they come into view. Default: false.
    pub lazy_async_image: bool,
    /// Where headings' links to themselves go, unless a section says otherwise. Default: nowhere.
    pub insert_anchor_links: InsertAnchor,
    /// Whether a quotation that begins with `[!NOTE]` is an alert. Default: false.
    pub github_alerts: bool,
    /// What becomes of `$x$` and `$$x$$`. Default: text.
    pub math: Math,
    /// Whether the HTML is exactly Zola's, as in a site with a configuration of Zola's. Otherwise addresses in raw HTML become
    /// absolute, no id is there twice, and what may be wider than the screen can be scrolled with the keyboard.
    #[serde(skip)]
    pub follows_zola: bool,
}

impl Default for Markdown {
    fn default() -> Self {
        Self {
            highlighting: None,
            render_emoji: false,
            external_links_class: None,
            external_links_target_blank: false,
            external_links_no_follow: false,
            external_links_no_referrer: false,
            external_links_external: true,
            smart_punctuation: false,
            definition_list: false,
            bottom_footnotes: false,
            lazy_async_image: false,
            insert_anchor_links: InsertAnchor::default(),
            github_alerts: false,
            math: Math::None,
            follows_zola: false,
        }
    }
}

impl Markdown {
    pub(super) fn read(mut table: Table) -> Self {
        let default = Self::default();
        let highlighting =
            if table.has("highlighting") { Highlighting::read(table.table("highlighting")) } else { None };
        let external_links_class = read_class(&mut table);
        let mut flag = |key, default| table.get_or(key, default);
        let markdown = Self {
            highlighting,
            external_links_class,
            render_emoji: flag("render_emoji", default.render_emoji),
            external_links_target_blank: flag("external_links_target_blank", default.external_links_target_blank),
            external_links_no_follow: flag("external_links_no_follow", default.external_links_no_follow),
            external_links_no_referrer: flag("external_links_no_referrer", default.external_links_no_referrer),
            external_links_external: flag("external_links_external", default.external_links_external),
            smart_punctuation: flag("smart_punctuation", default.smart_punctuation),
            definition_list: flag("definition_list", default.definition_list),
            bottom_footnotes: flag("bottom_footnotes", default.bottom_footnotes),
            lazy_async_image: flag("lazy_async_image", default.lazy_async_image),
            github_alerts: flag("github_alerts", default.github_alerts),
            insert_anchor_links: table.choice("insert_anchor_links", INSERT_ANCHOR).unwrap_or_default(),
            math: table.choice("math", &[("mathml", Math::MathMl), ("none", Math::None)]).unwrap_or_default(),
            follows_zola: table.reading().path() != FILE_NAMES[0],
        };
        table.close();
        markdown
    }

    /// The style sheets that highlighted code needs: each one's file name and its theme.
    pub fn stylesheets(&self) -> Vec<(&'static str, &str)> {
        match &self.highlighting {
            Some(Highlighting { style: HighlightStyle::Class, themes, .. }) => match themes {
                Themes::Single(theme) => vec![("giallo.css", theme)],
                Themes::Dual { light, dark } => vec![("giallo-light.css", light), ("giallo-dark.css", dark)],
            },
            _ => Vec::new(),
        }
    }
}

/// Reads classes for an attribute. They have no quotes, because no style sheet could name them.
fn read_class(table: &mut Table) -> Option<String> {
    let reading = table.reading();
    let (class, span) = table.spanned::<String>("external_links_class")?;
    if class.contains(['"', '\'', '<', '>', '&']) {
        let help = "for example: external_links_class = \"external\"";
        reading.error(span, "a class has no quotes or angle brackets in it", help);
        return None;
    }
    Some(class).filter(|class| !class.trim().is_empty())
}

impl Highlighting {
    fn read(mut table: Table) -> Option<Self> {
        let files = |table: &mut Table, key| {
            let paths = table.list::<String>(key).unwrap_or_default();
            paths.into_iter().map(|(path, _)| path).collect()
        };
        let themes = Themes::read(&mut table);
        let error_on_missing_language = table.get_or("error_on_missing_language", false);
        let style = table
            .choice("style", &[("inline", HighlightStyle::Inline), ("class", HighlightStyle::Class)])
            .unwrap_or_default();
        let extra_grammars = files(&mut table, "extra_grammars");
        let extra_themes = files(&mut table, "extra_themes");
        let positions = [
            ("code", DataAttrPosition::Code),
            ("pre", DataAttrPosition::Pre),
            ("both", DataAttrPosition::Both),
            ("none", DataAttrPosition::None),
        ];
        let data_attr_position = table.choice("data_attr_position", &positions).unwrap_or_default();
        table.close();
        Some(Self {
            themes: themes?,
            error_on_missing_language,
            style,
            extra_grammars,
            extra_themes,
            data_attr_position,
        })
    }
}

impl Themes {
    fn read(table: &mut Table) -> Option<Self> {
        let reading = table.reading();
        let keys = ["theme", "light_theme", "dark_theme"];
        let written = keys.map(|key| table.spanned::<String>(key));
        // Where a theme should be named. None if a name of a wrong type was reported already.
        let blank = match written.iter().flatten().next() {
            Some((_, span)) => Some(span.clone()),
            None if keys.iter().any(|key| table.has(key)) => None,
            None => Some(table.span()),
        };
        let named = written.map(|name| name.filter(|(name, _)| !name.trim().is_empty()));
        let (span, message) = match named {
            [Some((theme, _)), None, None] => return Some(Self::Single(theme)),
            [None, Some((light, _)), Some((dark, _))] => return Some(Self::Dual { light, dark }),
            [Some((_, span)), ..] => (span, "`theme` goes without `light_theme` and `dark_theme`"),
            [None, Some((_, span)), None] => (span, "`light_theme` needs a `dark_theme` beside it"),
            [None, None, Some((_, span))] => (span, "`dark_theme` needs a `light_theme` beside it"),
            [None, None, None] => (blank?, "[markdown.highlighting] names no theme"),
        };
        let help = "for one theme: theme = \"github-light\"; for two: light_theme = \"github-light\" and dark_theme = \
                    \"github-dark\"";
        reading.error(span, message, help);
        None
    }

    /// The names of the themes.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let (first, second) = match self {
            Self::Single(theme) => (theme, None),
            Self::Dual { light, dark } => (light, Some(dark)),
        };
        std::iter::once(first.as_str()).chain(second.map(String::as_str))
    }
}
