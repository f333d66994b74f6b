//! Reads `content/` and `static/`: which files are documents, which are threads, which are published as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use globset::GlobSet;
use pulldown_cmark::Options;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::parse_cache::{ParseCache, ParseResult, ParsedFile, UnreadFile};
use crate::config::{Config, patterns, theme};
use crate::content::{self, Document, Languages, ThreadFile, ThreadOwner, parser_options};
use crate::diagnostic::{Diagnostic, Location, Severity};
use crate::nfc::nfc;
use crate::sass;
use crate::source::{WalkEntry, WalkResult, World, read_text};

/// Everything that the site is made of, parsed and not yet linked.
#[derive(Debug, Default)]
pub struct Sources {
    /// The pages and sections, in the order of their paths.
    pub documents: Vec<Document>,
    /// Files of threads, by the path of the document that they lie beside, in its composed form.
    pub threads: BTreeMap<Arc<str>, Vec<Arc<ThreadFile>>>,
    /// The paths of documents that could not be parsed. What belongs or links to them is not to be blamed.
    pub broken: BTreeSet<String>,
    /// The paths of documents with an error in their front matter, where what they lack may be what is wrong.
    pub faulty: BTreeSet<Arc<str>>,
    /// Files of `content/` that are published as they are.
    pub assets: Vec<WalkEntry>,
    /// Files of `static/`, the theme's among them.
    pub static_files: Vec<Asset>,
    /// Sass files that become style sheets, the theme's among them.
    pub stylesheets: Vec<Asset>,
    /// When files were last changed, in the form of RFC 3339, by their paths in their composed form. Empty unless the author
    /// asks for the history.
    pub changes: FxHashMap<String, String>,
}

/// A file that is published as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Where it lies in the site.
    pub source: String,
    /// Where it goes, relative to the address of its page or section.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
}

/// What a file below `content/` is, by its path.
enum ContentFileKind {
    /// A page or a section.
    Document,
    /// Comments on a document.
    Thread(String),
    /// A file that is published as it is.
    Asset,
    /// A file among the comments on a document that is no comment.
    Stray(String),
    /// A file that means nothing.
    Nothing,
}

impl Sources {
    /// Reads and parses every file of `content/`, each alone and in parallel, and lists the static files. A file that did not
    /// change comes from the parse cache.
    pub fn load(world: &dyn World, config: &Config, cache: &mut ParseCache) -> (Self, Vec<Diagnostic>) {
        let looked = SystemTime::now();
        let private = PrivatePlaces::new(world, config);
        let mut problems = Vec::new();
        let walk = private.refuse(world.walk("content"), &mut problems);
        // A hidden link means as little as a hidden file, wherever it leads.
        problems.retain(|problem: &Diagnostic| !problem.location.as_ref().is_some_and(|place| is_hidden(&place.path)));
        let entries: Vec<WalkEntry> =
            walk.into_iter().filter(|entry| is_content_file(&entry.path, &config.ignored_content)).collect();
        let others: Vec<String> = config.other_languages().iter().map(|language| language.code.clone()).collect();
        let languages = Languages { default: &config.default_language().code, others: &others };
        let options = parser_options(&config.markdown);
        cache.for_options(&languages, options);

        // The walk is sorted by path, so that a search in it answers whether a file is there.
        let exists = |path: &str| entries.binary_search_by(|entry| entry.path.as_str().cmp(path)).is_ok();
        let kinds: Vec<ContentFileKind> = entries.par_iter().map(|entry| kind(&entry.path, exists)).collect();
        let mut sources = Sources::default();
        let mut texts: Vec<UnreadFile> = Vec::with_capacity(entries.len());
        for (entry, kind) in entries.into_iter().zip(kinds) {
            match kind {
                ContentFileKind::Document => texts.push(UnreadFile { entry, owner: None }),
                ContentFileKind::Thread(owner) => texts.push(UnreadFile { entry, owner: Some(owner.into()) }),
                ContentFileKind::Asset => sources.assets.push(entry),
                ContentFileKind::Stray(owner) => problems.push(
                    Diagnostic::error(format!("this is no comment of `{owner}`"))
                        .at(Location::file(entry.path))
                        .help("a folder of comments holds Markdown files only; move this one elsewhere"),
                ),
                ContentFileKind::Nothing => {}
            }
        }
        let readings = cache.read_all(&texts, looked, |text| parse(world, text, &languages, options));
        sources.documents.reserve(texts.iter().filter(|text| text.owner.is_none()).count());
        for (UnreadFile { entry, owner }, ParseResult { item, problems: found }) in texts.into_iter().zip(readings) {
            if found.iter().any(|problem| problem.severity == Severity::Error) {
                sources.faulty.insert(entry.path.as_str().into());
            }
            problems.extend(found);
            match (item, owner) {
                (Some(ParsedFile::Document(document)), _) => sources.documents.push(document),
                (Some(ParsedFile::Thread(file)), Some(owner)) => {
                    sources.threads.entry(nfc(&owner).into()).or_default().push(file);
                }
                (None, None) => {
                    sources.broken.insert(nfc(&entry.path).into_owned());
                }
                _ => {}
            }
        }
        sources.static_files = static_files(world, config, &private, &mut problems);
        sources.stylesheets = stylesheets(world, config, &private, &mut problems);
        (sources, problems)
    }
}

fn kind(path: &str, exists: impl Fn(&str) -> bool) -> ContentFileKind {
    match content::owner(path, exists) {
        Some(ThreadOwner::Ignored) => ContentFileKind::Nothing,
        Some(ThreadOwner::Stray(owner)) => ContentFileKind::Stray(owner),
        Some(ThreadOwner::Thread(owner)) => ContentFileKind::Thread(owner),
        None if path.ends_with(".md") => ContentFileKind::Document,
        None => ContentFileKind::Asset,
    }
}

fn parse(
    world: &dyn World,
    UnreadFile { entry, owner }: &UnreadFile,
    languages: &Languages<'_>,
    options: Options,
) -> ParseResult {
    match (read_text(world, &entry.path), owner) {
        (Ok(source), Some(_)) => {
            let parse = if source.path.ends_with(".toml") { content::parse_reactions } else { content::parse_thread };
            let (file, problems) = parse(&source);
            ParseResult { item: Some(ParsedFile::Thread(file.into())), problems }
        }
        (Ok(source), None) => {
            let (document, problems) = content::parse(source, languages, options);
            ParseResult { item: document.map(ParsedFile::Document), problems }
        }
        (Err(problem), _) => ParseResult { item: None, problems: vec![problem] },
    }
}

/// Whether a file below `content/` is part of the site: neither hidden nor ignored by the configuration.
pub fn is_content_file(path: &str, ignored: &GlobSet) -> bool {
    !is_hidden(path) && !is_ignored(ignored, "content", path)
}

/// Whether the author's patterns leave out a file of a source folder.
fn is_ignored(patterns: &GlobSet, source_folder: &str, path: &str) -> bool {
    let path = path.strip_prefix(source_folder).and_then(|path| path.strip_prefix('/'));
    path.is_some_and(|path| patterns::matches_below(patterns, source_folder, path))
}

/// Whether a file below `content/` is hidden, or lies in a hidden folder.
fn is_hidden(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.'))
}

/// What no symbolic link may publish: the replies that wait, passwords, hidden files and the output.
struct PrivatePlaces(Vec<String>);

impl PrivatePlaces {
    fn new(world: &dyn World, config: &Config) -> Self {
        let mut places = config.comments.private_places(world);
        places.extend(world.place_inside(&config.output_dir).filter(|place| !place.is_empty()));
        Self(places)
    }

    /// Whether what is published of a place in the site would be published of something private as well.
    fn meets(&self, target: &str) -> bool {
        let is_published = ["content/", "static/"].iter().any(|folder| target.starts_with(folder));
        let has = |outer: &str, inner: &str| Path::new(inner).starts_with(outer);
        !is_published && is_hidden(target) || self.0.iter().any(|place| has(place, target) || has(target, place))
    }

    /// The files of a walk without those that a link to something private brought; each such link is an error.
    fn refuse(&self, walk: WalkResult, problems: &mut Vec<Diagnostic>) -> Vec<WalkEntry> {
        problems.extend(walk.problems);
        let refused: Vec<&str> =
            walk.links.iter().filter(|(_, target)| self.meets(target)).map(|(link, _)| &**link).collect();
        problems.extend(refused.iter().map(|&link| {
            Diagnostic::error("this symbolic link leads to what is not for readers of the site")
                .at(Location::file(link))
                .help("remove it, or put the file or folder itself here")
        }));
        let is_refused = |path: &str| refused.iter().any(|link| Path::new(path).starts_with(link));
        walk.files.into_iter().filter(|entry| !is_refused(&entry.path)).collect()
    }
}

/// The static files: the site's own take the place of the theme's of the same name.
fn static_files(
    world: &dyn World,
    config: &Config,
    private: &PrivatePlaces,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Asset> {
    let mut files: BTreeMap<String, Asset> = BTreeMap::new();
    let of_theme = config.theme.as_ref().map(|theme| format!("themes/{theme}/static"));
    for folder in of_theme.iter().map(String::as_str).chain(["static"]) {
        for entry in private.refuse(world.walk(folder), problems) {
            let name = nfc(&entry.path[folder.len() + 1..]).into_owned();
            // As in Zola, the patterns concern the author's own files and not the theme's.
            let is_ignored = is_ignored(&config.ignored_static, "static", &entry.path);
            if !is_ignored && !theme::is_unused(config, &entry.path) {
                files.insert(name.clone(), Asset { source: entry.path, name, size: entry.stamp.size });
            }
        }
    }
    files.into_values().collect()
}

/// The Sass files that become style sheets: those of the theme, and the site's own if the configuration asks for them. The
/// site's own take the place of the theme's that become a style sheet of the same name.
fn stylesheets(
    world: &dyn World,
    config: &Config,
    private: &PrivatePlaces,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Asset> {
    let mut found: Vec<Asset> = Vec::new();
    let theme = config.theme.as_ref().map(|theme| format!("themes/{theme}/sass"));
    for folder in theme.into_iter().chain(config.compile_sass.then(|| "sass".to_owned())) {
        let entries = private.refuse(world.walk(&folder), problems);
        let asset = |entry: WalkEntry| {
            let name = sass::stylesheet_name(&nfc(&entry.path[folder.len() + 1..]))?;
            Some(Asset { source: entry.path, name, size: entry.stamp.size })
        };
        let own: Vec<Asset> = entries.into_iter().filter_map(asset).collect();
        let names: BTreeSet<&str> = own.iter().map(|file| file.name.as_str()).collect();
        found.retain(|file| !names.contains(file.name.as_str()));
        drop(names);
        found.extend(own);
    }
    found
}
