//! Reads `content/` and `static/`: which files are documents, which are threads, which are published as they are.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::Asset;
use crate::config::Config;
use crate::content::{self, Document, Languages, Owner, ThreadFile};
use crate::diagnostic::{Diagnostic, Location};
use crate::source::{Entry, World, read_text};

/// Everything that the site is made of, parsed and not yet linked.
#[derive(Debug, Default)]
pub struct Sources {
    /// The pages and sections, in the order of their paths.
    pub documents: Vec<Document>,
    /// Files of threads, by the path of the document that they lie beside.
    pub threads: BTreeMap<String, Vec<ThreadFile>>,
    /// The paths of documents that could not be parsed. What belongs or links to them is not to be blamed.
    pub broken: BTreeSet<String>,
    /// Files of `content/` that are published as they are.
    pub assets: Vec<Entry>,
    /// Files of `static/`, the theme's among them.
    pub static_files: Vec<Asset>,
}

enum Parsed {
    Document(Box<Document>),
    Thread(String, ThreadFile),
    Asset(Entry),
    /// A document that could not be read.
    Broken(String),
    /// A file that means nothing, or that an error was told about.
    Nothing,
}

/// Reads and parses every file of the content, in parallel: parsing one knows nothing of the others.
pub fn read(world: &dyn World, config: &Config) -> (Sources, Vec<Diagnostic>) {
    let walk = world.walk("content");
    let mut problems = walk.problems;
    let entries: Vec<Entry> = walk
        .files
        .into_iter()
        .filter(|entry| !is_backup(&entry.path) && !config.ignored_content.is_match(&entry.path))
        .collect();
    let others: Vec<String> = config.other_languages().iter().map(|language| language.code.clone()).collect();
    let languages = Languages { default: &config.default_language().code, others: &others };
    // The walk is sorted by path, so that a search in it answers whether a file is there.
    let exists = |path: &str| entries.binary_search_by(|entry| entry.path.as_str().cmp(path)).is_ok();

    let parsed: Vec<(Parsed, Vec<Diagnostic>)> =
        entries.par_iter().map(|entry| parse(world, entry, &languages, exists)).collect();

    let mut sources = Sources::default();
    for (parsed, found) in parsed {
        problems.extend(found);
        match parsed {
            Parsed::Document(document) => sources.documents.push(*document),
            Parsed::Thread(owner, file) => sources.threads.entry(owner).or_default().push(file),
            Parsed::Asset(entry) => sources.assets.push(entry),
            Parsed::Broken(path) => {
                sources.broken.insert(path);
            }
            Parsed::Nothing => {}
        }
    }
    sources.static_files = static_files(world, config, &mut problems);
    (sources, problems)
}

fn parse(
    world: &dyn World,
    entry: &Entry,
    languages: &Languages<'_>,
    exists: impl Fn(&str) -> bool,
) -> (Parsed, Vec<Diagnostic>) {
    let path = &entry.path;
    match content::owner(path, exists) {
        Some(Owner::Ignored) => (Parsed::Nothing, Vec::new()),
        Some(Owner::Stray(owner)) => {
            let problem = Diagnostic::error(format!("this is no comment of `{owner}`"))
                .at(Location::file(path.as_str()))
                .help("a folder of comments holds Markdown files only; move this one elsewhere");
            (Parsed::Nothing, vec![problem])
        }
        Some(Owner::Thread(owner)) => match read_text(world, path) {
            Ok(source) => {
                let (file, problems) = content::parse_thread(&source);
                (Parsed::Thread(owner, file), problems)
            }
            Err(problem) => (Parsed::Nothing, vec![problem]),
        },
        None if !path.ends_with(".md") => (Parsed::Asset(entry.clone()), Vec::new()),
        None => {
            let (document, problems) = match read_text(world, path) {
                Ok(source) => content::parse(source, languages),
                Err(problem) => (None, vec![problem]),
            };
            let parsed = document.map_or_else(|| Parsed::Broken(path.clone()), |it| Parsed::Document(Box::new(it)));
            (parsed, problems)
        }
    }
}

/// Files that editors and systems leave beside an author's own.
fn is_backup(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with('.') || name.ends_with('~')
}

/// The static files: the site's own take the place of the theme's of the same name.
fn static_files(world: &dyn World, config: &Config, problems: &mut Vec<Diagnostic>) -> Vec<Asset> {
    let mut files: BTreeMap<String, Asset> = BTreeMap::new();
    let theme = config.theme.as_ref().map(|theme| format!("themes/{theme}/static"));
    for folder in theme.iter().map(String::as_str).chain(["static"]) {
        let walk = world.walk(folder);
        problems.extend(walk.problems);
        for entry in walk.files {
            let name = entry.path[folder.len() + 1..].to_owned();
            if !config.ignored_static.is_match(&entry.path) {
                files.insert(name.clone(), Asset { source: entry.path, name, size: entry.size });
            }
        }
    }
    files.into_values().collect()
}
