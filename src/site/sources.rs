//! Reads `content/` and `static/`: which files are documents, which are threads, which are published as they are.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::Asset;
use crate::config::Config;
use crate::content::thread::{self, ThreadFile};
use crate::content::{self, Document, Languages};
use crate::diagnostic::Diagnostic;
use crate::source::{Entry, World, read_text};

/// Everything that the site is made of, parsed and not yet linked.
#[derive(Debug, Default)]
pub struct Sources {
    /// The pages and sections, in the order of their paths.
    pub documents: Vec<Document>,
    /// Files of threads, by the path of the document that they lie beside.
    pub threads: BTreeMap<String, Vec<ThreadFile>>,
    /// Files of `content/` that are published as they are.
    pub assets: Vec<Entry>,
    /// Files of `static/`, the theme's among them.
    pub static_files: Vec<Asset>,
}

enum Parsed {
    Document(Option<Document>),
    Thread(String, ThreadFile),
    Asset(Entry),
}

/// Reads and parses every file of the content, in parallel: parsing one knows nothing of the others.
pub fn read(world: &dyn World, config: &Config) -> (Sources, Vec<Diagnostic>) {
    let walk = world.walk("content");
    let mut problems = walk.problems;
    let ignored = |path: &str| config.ignored_content.is_match(path);
    let others: Vec<String> = config.other_languages().iter().map(|language| language.code.clone()).collect();
    let languages = Languages { default: &config.default_language().code, others: &others };

    let parsed: Vec<(Parsed, Vec<Diagnostic>)> = walk
        .files
        .into_par_iter()
        .filter(|entry| !is_backup(&entry.path) && !ignored(&entry.path))
        .map(|entry| parse(world, entry, &languages))
        .collect();

    let mut sources = Sources::default();
    for (parsed, found) in parsed {
        problems.extend(found);
        match parsed {
            Parsed::Document(document) => sources.documents.extend(document),
            Parsed::Thread(owner, file) => sources.threads.entry(owner).or_default().push(file),
            Parsed::Asset(entry) => sources.assets.push(entry),
        }
    }
    sources.static_files = static_files(world, config, &mut problems);
    (sources, problems)
}

fn parse(world: &dyn World, entry: Entry, languages: &Languages<'_>) -> (Parsed, Vec<Diagnostic>) {
    if let Some(owner) = thread::owner(&entry.path) {
        return match read_text(world, &entry.path) {
            Ok(source) => {
                let (file, problems) = thread::parse(source);
                (Parsed::Thread(owner, file), problems)
            }
            Err(problem) => (Parsed::Document(None), vec![problem]),
        };
    }
    if !entry.path.ends_with(".md") {
        return (Parsed::Asset(entry), Vec::new());
    }
    match read_text(world, &entry.path) {
        Ok(source) => {
            let (document, problems) = content::parse(source, languages);
            (Parsed::Document(document), problems)
        }
        Err(problem) => (Parsed::Document(None), vec![problem]),
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
