//! `site.toml`: the configuration of a site.
//!
//! The keys, their meanings and their defaults are those of Zola 0.23, with `[comments]` and `[[quotes]]` added.

mod addresses;
pub mod build;
pub mod comments;
pub mod fetch;
pub mod gather;
mod git;
pub mod guard;
pub mod images;
pub mod languages;
pub mod link_checker;
pub mod mail;
#[cfg(test)]
mod manual_tests;
pub mod markdown;
mod network;
pub mod patterns;
mod renamed;
mod salon;
pub mod search;
pub mod slugify;
pub mod taxonomies;
#[cfg(test)]
mod tests;
pub(crate) mod theme;
pub mod translations;
mod unsupported;
mod url;
pub mod webmention;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use globset::GlobSet;
use serde::Serialize;
use serde_json::{Map, Value, json};

pub use addresses::check_base_url;
pub use build::Future;
pub use comments::{Comments, Quote};
pub use fetch::Fetch;
pub use gather::{Approve, Gather};
pub use git::Git;
pub use images::Images;
pub use languages::Language;
pub use link_checker::LinkChecker;
pub use markdown::Markdown;
pub use network::Network;
pub(crate) use salon::{picture_paths, shows_salon};
pub use search::Search;
pub use slugify::Slugify;
pub use taxonomies::Taxonomy;
pub use translations::Translations;
pub(crate) use url::{address_below, encode_path, is_web_address, is_whole_url, scheme, split_origin};

use crate::diagnostic::{Diagnostic, Location, SourceText};
use crate::source::{Notation, Table, TableReader, World, parse_table, places, read_text};

/// The names that the configuration may have. The first that is there is read.
pub const FILE_NAMES: [&str; 3] = ["site.toml", "zola.toml", "config.toml"];

/// The theme that comes with Causerie, used where the site has no folder of that name.
pub const BUILT_IN_THEME: &str = "salon";

/// The files of a folder that can be a site's configuration.
fn files(world: &dyn World) -> Vec<&'static str> {
    FILE_NAMES.into_iter().filter(|name| world.is_file(name)).collect()
}

fn no_site() -> Diagnostic {
    Diagnostic::error("there is no site here: this folder has no site.toml")
        .help("begin one with `causerie init`, or say where it is with --root")
}

/// Checks that there is a site, which may have any mistake.
///
/// # Errors
/// The folder has no configuration.
pub fn check_is_site(world: &dyn World, name: Option<&str>) -> Result<(), Diagnostic> {
    match name {
        Some(name) if !world.is_file(name) => Err(Diagnostic::error(format!("there is no configuration `{name}`"))
            .help("--config names a file by its path from the site's folder, which --root names")),
        None if files(world).is_empty() => Err(no_site()),
        _ => Ok(()),
    }
}

/// The purpose of a build, as templates see it in `config.mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The site is written.
    Build,
    /// The site is previewed.
    Serve,
    /// The site is checked for mistakes.
    Check,
}

/// Which pages of a paginated list are in the sitemap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ExcludePaginatedPages {
    /// All of them are.
    #[default]
    None,
    /// None of them is.
    All,
}

/// The configuration of a site.
#[derive(Clone, Debug)]
pub struct Config {
    /// The site's address, without a slash at its end.
    pub base_url: String,
    /// The address as the author wrote it, which is what templates see.
    written_base_url: String,
    /// The theme's name.
    pub theme: Option<String>,
    /// Whether the theme is there, if there is one.
    pub has_theme: bool,
    /// The default language, then the others in the order of the file. Never empty.
    languages: Vec<Language>,
    /// How many pages a feed holds; all where it is none.
    pub feed_limit: Option<usize>,
    /// A path that all taxonomies lie below, without slashes around it.
    pub taxonomy_root: Option<String>,
    /// The author of pages that name none.
    pub author: Option<String>,
    /// Whether the address of a page is that of a folder, `/posts/tea/`, and not that of a file, `/posts/tea.html`. Default: true.
    pub pretty_urls: bool,
    /// Whether the files in `sass` become style sheets.
    pub compile_sass: bool,
    /// Whether HTML is written without needless white space.
    pub minify_html: bool,
    /// Files below `content` that are left out, by their paths.
    pub ignored_content: GlobSet,
    /// Files below `static` that are left out, by their paths.
    pub ignored_static: GlobSet,
    /// Files below `content` in which template syntax is plain text, by their paths.
    pub skip_content_templating: GlobSet,
    /// The output folder, relative to the site's.
    pub output_dir: String,
    /// Whether there is a sitemap.
    pub generate_sitemap: bool,
    /// Whether there is a `robots.txt`.
    pub generate_robots_txt: bool,
    /// Which pages of lists are in the sitemap.
    pub exclude_paginated_pages_in_sitemap: ExcludePaginatedPages,
    /// Whether posts with a date in the future are published.
    pub future: Future,
    /// What pages have from the history of their files.
    pub git: Git,
    /// Which links are checked, and how broken ones are reported.
    pub link_checker: LinkChecker,
    /// What a build may load from other servers.
    pub fetch: Fetch,
    /// How names become addresses.
    pub slugify: Slugify,
    /// How Markdown is rendered.
    pub markdown: Markdown,
    /// How replies on other networks are brought in.
    pub gather: Gather,
    /// What becomes of the images in Markdown.
    pub images: Images,
    /// How comments are shown and accepted.
    pub comments: Comments,
    /// Quotations for the foot of the page.
    pub quotes: Vec<Quote>,
    /// The author's own data. Dates are text.
    pub extra: Map<String, Value>,
    /// The texts of templates, scripts and mail in each language.
    pub translations: Translations,
    /// The file, and where in it each value is.
    source: SourceText,
    places: BTreeMap<String, Range<usize>>,
}

impl Config {
    /// Finds, reads and checks a site's configuration, and adds its theme's `[extra]` to its own.
    ///
    /// There is a configuration unless the file is missing or is not TOML. After other errors it has the defaults instead of
    /// the wrong values, so that the rest of the site can be checked too.
    pub fn load(world: &dyn World) -> (Option<Self>, Vec<Diagnostic>) {
        let (mut config, mut problems) = Self::load_file(world, None);
        problems.extend(config.iter_mut().flat_map(|config| config.load_translations(world)));
        (config, problems)
    }

    /// The same from the file of a name, if there is a name, and without the texts of [`Config::load_translations`].
    pub fn load_file(world: &dyn World, name: Option<&str>) -> (Option<Self>, Vec<Diagnostic>) {
        if let Err(problem) = check_is_site(world, name) {
            return (None, vec![problem]);
        }
        let present = name.map_or_else(|| files(world), |name| vec![name]);
        let Some((name, others)) = present.split_first() else { return (None, vec![no_site()]) };
        let mut problems: Vec<Diagnostic> = others
            .iter()
            .map(|other| {
                Diagnostic::warning(format!("this file is not read, because there is a {name}"))
                    .at(Location::file(*other))
                    .help(format!("move what it says into {name}, and delete it"))
            })
            .collect();
        let source = match read_text(world, name) {
            Ok(source) => source,
            Err(problem) => {
                problems.push(problem);
                return (None, problems);
            }
        };
        let (mut config, found) = Self::parse(source);
        problems.extend(found);
        if let Some(config) = &mut config {
            problems.extend(salon::check(config, world));
            problems.extend(config.load_theme(world));
            problems.extend(config.published_secrets(world));
            problems.extend(unsupported::warnings(config));
        }
        (config, problems)
    }

    /// Reads and checks the text of a configuration.
    pub fn parse(source: SourceText) -> (Option<Self>, Vec<Diagnostic>) {
        let parsed = parse_table(&source, Notation::Toml, &(0..source.text.len()));
        if !parsed.is_valid {
            return (None, parsed.problems);
        }
        let reading = TableReader::new(&source, &parsed, &renamed::RULES);
        let mut config = Self::read(reading.root());
        let problems = reading.finish();
        config.places = places(&parsed.entries);
        drop(parsed);
        config.source = source;
        (Some(config), problems)
    }

    fn read(mut root: Table) -> Self {
        let slugify = Slugify::read(root.table("slugify"));
        let languages = languages::read(&mut root, &slugify);
        let written_base_url = addresses::read_base_url(&mut root);
        let config = Self {
            base_url: written_base_url.trim_end_matches('/').to_owned(),
            written_base_url,
            theme: read_theme(&mut root),
            has_theme: true,
            languages,
            feed_limit: root.get("feed_limit"),
            taxonomy_root: read_path(&mut root, "taxonomy_root"),
            author: root.get("author"),
            pretty_urls: root.get_or("pretty_urls", true),
            compile_sass: root.get_or("compile_sass", false),
            minify_html: root.get_or("minify_html", false),
            ignored_content: patterns::read(&mut root, "ignored_content"),
            ignored_static: patterns::read(&mut root, "ignored_static"),
            skip_content_templating: patterns::read(&mut root, "skip_content_templating"),
            output_dir: read_output_dir(&mut root),
            generate_sitemap: root.get_or("generate_sitemap", true),
            generate_robots_txt: root.get_or("generate_robots_txt", true),
            exclude_paginated_pages_in_sitemap: root
                .choice(
                    "exclude_paginated_pages_in_sitemap",
                    &[("none", ExcludePaginatedPages::None), ("all", ExcludePaginatedPages::All)],
                )
                .unwrap_or_default(),
            future: Future::read(root.table("build")),
            git: Git::read(root.table("git")),
            link_checker: LinkChecker::read(root.table("link_checker")),
            fetch: Fetch::read(root.table("fetch")),
            markdown: Markdown::read(root.table("markdown")),
            gather: Gather::read(root.table("gather")),
            images: Images::read(root.table("images")),
            comments: Comments::read(root.table("comments")),
            quotes: root.tables("quotes").into_iter().flatten().filter_map(Quote::read).collect(),
            extra: root.data("extra"),
            translations: Translations::default(),
            slugify,
            source: SourceText { path: FILE_NAMES[0].into(), text: "".into() },
            places: BTreeMap::new(),
        };
        // Keys of Zola for what always holds here: static files are copies, and files of others in the output folder stay.
        root.accept::<bool>("hard_link_static");
        root.accept::<bool>("preserve_dotfiles_in_output");
        root.close();
        config
    }

    /// The output folder, as plainly as it can be written.
    fn output(&self) -> &str {
        self.output_dir.trim_start_matches("./").trim_end_matches('/')
    }

    /// The errors about private files and folders inside a source or output folder of the site, however the path is written.
    fn published_secrets(&self, world: &dyn World) -> Vec<Diagnostic> {
        let problem = |(key, path, what): (&str, &str, &str)| {
            let place = world.place_inside(path).unwrap_or_else(|| path.to_owned());
            let first = place.split('/').next().unwrap_or_default();
            let is_source = !place.starts_with('/') && (first.is_empty() || comments::SOURCE_FOLDERS.contains(&first));
            let is_output = [path, &place].iter().any(|place| Path::new(place).starts_with(self.output()));
            (!path.contains("://") && (is_source || is_output)).then(|| {
                let place = if place.is_empty() { "the site's own folder".to_owned() } else { format!("`{place}`") };
                Diagnostic::error(format!("{what} would be in {place}, where everybody could read it"))
                    .at(self.location(if self.places.contains_key(key) { key } else { "output_dir" }))
                    .help("choose a place that the site is not made of nor written to, best outside of it")
            })
        };
        self.comments.secrets().into_iter().filter_map(problem).collect()
    }

    /// Reads the `theme.toml` of the theme, if the theme is a folder of the site. The built-in theme brings no data.
    fn load_theme(&mut self, world: &dyn World) -> Vec<Diagnostic> {
        let Some(theme) = self.theme.clone() else { return Vec::new() };
        let path = format!("themes/{theme}/theme.toml");
        if world.is_file(&path) {
            return match read_text(world, &path) {
                Ok(source) => theme::merge(self, &source),
                Err(problem) => vec![problem],
            };
        }
        let folder = world.walk(&format!("themes/{theme}"));
        if !folder.problems.is_empty() {
            return folder.problems;
        }
        if !folder.files.is_empty() {
            let problem = Diagnostic::error(format!("the theme `{theme}` has no file theme.toml"))
                .at(self.location("theme"))
                .help(format!("make the file {path}; it may be empty"));
            return vec![problem];
        }
        if theme == BUILT_IN_THEME {
            return Vec::new();
        }
        self.has_theme = false;
        let themes = world.walk("themes");
        let mut names: Vec<&str> = themes.files.iter().filter_map(|file| file.path.split('/').nth(1)).collect();
        names.push(BUILT_IN_THEME);
        names.dedup();
        let help = match crate::diagnostic::nearest(&theme, names.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("put it into the folder themes/{theme}, or use `{BUILT_IN_THEME}`, which is built in"),
        };
        vec![Diagnostic::error(format!("there is no theme `{theme}`")).at(self.location("theme")).help(help)]
    }

    /// Reads the texts of the theme, and makes them and the others ready. What an output shows of them is recorded text by
    /// text, so that they are no part of what the configuration is read from.
    pub fn load_translations(&mut self, world: &dyn World) -> Vec<Diagnostic> {
        let (translations, problems) = Translations::load(self, world);
        self.translations = translations;
        problems
    }

    /// The place of the site's own text for a key in a language.
    pub fn translation_location(&self, language: &str, key: &str) -> Location {
        let name = format!("languages.{language}.translations.{key}");
        let is_at_top = self.is_default_language(language) && !self.places.contains_key(&name);
        self.location(&if is_at_top { format!("translations.{key}") } else { name })
    }

    /// The place of a value by its dotted name (`theme`, `markdown.highlighting.theme`), or the file if the value is not in it.
    pub fn location(&self, name: &str) -> Location {
        match self.places.get(name) {
            Some(span) => Location::span(&self.source, span.clone()),
            None => Location::file(self.source.path.clone()),
        }
    }

    /// The path of a taxonomy's list of terms in a language: `/tags/`, `/fr/tags/`.
    pub fn taxonomy_path(&self, language: &str, taxonomy: &Taxonomy) -> String {
        let mut path = String::from("/");
        let language = Some(language).filter(|language| !self.is_default_language(language));
        for part in [language, self.taxonomy_root.as_deref(), Some(&taxonomy.slug)].into_iter().flatten() {
            path.push_str(part);
            path.push('/');
        }
        path
    }

    /// The default language, then the others in the order of the file.
    pub fn languages(&self) -> &[Language] {
        &self.languages
    }

    /// The default language.
    pub fn default_language(&self) -> &Language {
        &self.languages[0]
    }

    /// The languages but the default one.
    pub fn other_languages(&self) -> &[Language] {
        &self.languages[1..]
    }

    /// The language of a code.
    pub fn language(&self, code: &str) -> Option<&Language> {
        self.languages.iter().find(|language| language.code == code)
    }

    /// Whether a code is that of the default language.
    pub fn is_default_language(&self, code: &str) -> bool {
        self.default_language().code == code
    }

    /// The `config` that templates see in a language; in an unknown one, that of the default language.
    pub fn template_value(&self, language: &str, mode: Mode) -> Value {
        let language = self.language(language).unwrap_or_else(|| self.default_language());
        let others: Map<String, Value> = self
            .languages
            .iter()
            .filter(|other| other.code != language.code)
            .map(|other| (other.code.clone(), json!(other)))
            .collect();
        let has_origin = self.has_origin();
        json!({
            "base_url": self.written_base_url,
            "mode": mode,
            "title": language.title,
            "description": language.description,
            "languages": others,
            "default_language": self.default_language().code,
            // Zola's older name of the same, for themes that still use it.
            "generate_feed": language.generate_feeds && has_origin,
            "generate_feeds": language.generate_feeds && has_origin,
            "feed_filenames": language.feed_filenames,
            "taxonomies": language.taxonomies,
            "author": self.author,
            "build_search_index": language.build_search_index,
            "extra": self.extra,
            "markdown": self.markdown,
            "search": { "index_format": language.search.index_format },
            "generate_sitemap": self.generate_sitemap && has_origin,
            "generate_robots_txt": self.generate_robots_txt,
            "exclude_paginated_pages_in_sitemap": self.exclude_paginated_pages_in_sitemap,
            "comments": self.comments,
            "quotes": self.quotes,
        })
    }
}

/// The theme's name, which is a folder's. No theme where it is empty.
fn read_theme(root: &mut Table) -> Option<String> {
    let reading = root.reading();
    let (theme, span) = root.spanned::<String>("theme").filter(|(theme, _)| !theme.is_empty())?;
    if matches!(theme.as_str(), "." | "..") || theme.contains(['/', '\\']) || theme.chars().any(char::is_control) {
        reading.error(
            span,
            "this is not a theme's name",
            "a theme is named like its folder in `themes`, without slashes",
        );
        return None;
    }
    Some(theme)
}

/// A path inside of the site, without slashes around it.
fn read_path(root: &mut Table, key: &'static str) -> Option<String> {
    let reading = root.reading();
    let (path, span) = root.spanned::<String>(key)?;
    let path = path.trim_matches('/');
    if path.is_empty() {
        return None;
    }
    if path.contains('\\') || path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        reading.error(span, format!("`{key}` is not a path on the site"), format!("for example: {key} = \"blog\""));
        return None;
    }
    Some(path.to_owned())
}

fn read_output_dir(root: &mut Table) -> String {
    const PUBLIC: &str = "public";
    let reading = root.reading();
    match root.spanned::<String>("output_dir") {
        Some((folder, span)) if folder.trim().is_empty() => {
            reading.error(span, "the output folder needs a name", "for example: output_dir = \"public\"");
            PUBLIC.to_owned()
        }
        Some((folder, _)) => folder,
        None => PUBLIC.to_owned(),
    }
}
