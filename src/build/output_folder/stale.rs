//! Outputs of earlier builds that the site no longer has.

use std::collections::BTreeSet;
use std::path::{MAIN_SEPARATOR, Path};

use rayon::prelude::*;
use rustc_hash::FxHashSet;
use walkdir::WalkDir;

use super::OutputFolder;
use super::files::is_file;
use crate::build::manifest::PathHash;
use crate::diagnostic::Diagnostic;
use crate::images::PROCESSED;
use crate::site::{SEARCH_INDEX, STAGING, is_plain};

/// A build may always remove so many files, however few the site has.
const FEW: usize = 5;

impl OutputFolder {
    /// The files of earlier builds that are not `planned` and still exist. `known` are paths of an earlier build. If they do
    /// not name all of these files, the output folder is searched.
    pub fn stale<'a>(&self, planned: &[&str], known: impl Iterator<Item = &'a str>) -> Vec<String> {
        let planned: FxHashSet<PathHash> = planned.par_iter().map(|path| PathHash::of(path)).collect();
        let mut wanted: FxHashSet<PathHash> = self.previous.files.iter().map(|&(path, _)| path).collect();
        wanted.retain(|path| !planned.contains(path));
        if wanted.is_empty() {
            return Vec::new();
        }
        let named = known.filter(|path| is_plain(path) && wanted.remove(&PathHash::of(path)));
        let mut stale: BTreeSet<String> = named.map(str::to_owned).collect();
        let entries = WalkDir::new(&self.root).into_iter().filter_entry(|entry| entry.file_name() != STAGING);
        for entry in entries.filter_map(Result::ok) {
            if wanted.is_empty() {
                break;
            }
            let Some(path) = entry.path().strip_prefix(&self.root).ok().and_then(Path::to_str) else { continue };
            let path = path.replace(MAIN_SEPARATOR, "/");
            if wanted.remove(&PathHash::of(&path)) {
                stale.insert(path);
            }
        }
        stale.into_iter().filter(|path| !self.is_behind_link(path) && is_file(&self.root.join(path))).collect()
    }

    /// The error of a build that would leave little of what earlier builds wrote, as happens when a folder of the site is not
    /// where it was. With `has_pages` the site has at least one page.
    pub fn shrinkage(&self, planned: &[&str], stale: &[String], has_pages: bool) -> Option<Diagnostic> {
        // Most files of the search have other names after any change, and those of processed images after a change of a width.
        let counts = |path: &&str| !matches!(path.split('/').next(), Some(SEARCH_INDEX | PROCESSED));
        let kept = planned.iter().copied().filter(counts).filter(|path| self.previous.has(path)).count();
        let removed: Vec<&str> = stale.iter().map(String::as_str).filter(counts).collect();
        let loses_most = removed.len() > FEW && removed.len() > kept;
        let loses_all_pages = !has_pages && removed.iter().any(|path| path.ends_with(".html"));
        let message = if loses_most {
            let all = kept + removed.len();
            format!("the site would lose {} of the {all} files that earlier builds wrote", removed.len())
        } else if loses_all_pages {
            "the site has no pages any more, and would lose those that earlier builds wrote".to_owned()
        } else {
            return None;
        };
        let help =
            "see whether a folder of the site was moved or renamed; if all is as it should be, build with `--force`";
        Some(Diagnostic::error(message).help(help))
    }
}
