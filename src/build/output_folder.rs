//! The output folder. No half-written file is ever seen in it, and nothing is lost.
//!
//! A build first *stages* its changed outputs in a hidden folder inside the output folder, which has the shape that the
//! output folder will have. Only when every output is staged does it *commit*: it writes the manifest of the files that
//! are about to be there, and renames what it staged into place, a new folder as a whole. A build that fails before that
//! leaves the folder as it was. A build that is killed leaves whole files only, all of them on the manifest, and the next
//! build puts the rest right.

mod commit;
mod files;
mod obstacles;
mod open;
mod stage;
mod stale;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;

use rustc_hash::{FxHashMap, FxHashSet};

use super::manifest::{Manifest, PathHash};
use crate::diagnostic::Diagnostic;
use crate::site::{MANIFEST, STAGING};
use crate::source::{FileMetadata, Fingerprint};

/// An output folder during one build.
#[derive(Debug)]
pub struct OutputFolder {
    root: PathBuf,
    /// There was nothing in the folder before this build.
    is_new: bool,
    /// The folder and those above it that did not exist, innermost first. A build that fails removes them again.
    missing: Vec<PathBuf>,
    /// What earlier builds wrote.
    previous: Manifest,
    /// Where outputs are staged.
    staged: PathBuf,
    /// Hashes of the paths of folders that exist in `staged`. It saves attempts to create them, so it need not be complete.
    staged_folders: Mutex<FxHashSet<u64>>,
    /// Outputs in whose places somebody else put the very same bytes. Those files stay somebody else's.
    foreign: Mutex<BTreeSet<String>>,
    /// The content of each output of this build that was compared or staged.
    contents: Mutex<FxHashMap<PathHash, Fingerprint>>,
    /// How many outputs were staged.
    written: AtomicUsize,
}

/// What a build did to its output folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Outputs that are new or have other bytes than before.
    pub written: usize,
    /// Outputs of an earlier build that no longer exist.
    pub removed: usize,
    /// Files in the places of such outputs that somebody edited. They stay.
    pub edited: Vec<String>,
}

impl OutputFolder {
    /// The path of the folder, without links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The metadata of an output that an earlier build wrote; none if there is no such file.
    pub fn metadata(&self, path: &str) -> Option<FileMetadata> {
        if self.previous.has(path) { self.metadata_of_any(path) } else { None }
    }

    /// The metadata of the manifest; none if there is no manifest.
    pub fn manifest_metadata(&self) -> Option<FileMetadata> {
        self.metadata_of_any(MANIFEST)
    }

    fn metadata_of_any(&self, path: &str) -> Option<FileMetadata> {
        let data = self.root.join(path).symlink_metadata().ok().filter(fs::Metadata::is_file)?;
        Some(FileMetadata::of_own(&data))
    }

    /// The fingerprint of the bytes in an output's place.
    pub fn content(&self, path: &str) -> io::Result<Fingerprint> {
        Fingerprint::of_stream(File::open(self.root.join(path))?)
    }

    /// Whether the file at a path is one that an earlier build wrote, with the bytes that it wrote.
    fn is_ours(&self, path: &str) -> bool {
        let mut contents = self.previous.contents(PathHash::of(path)).peekable();
        if contents.peek().is_none() || !files::is_file(&self.root.join(path)) {
            return false;
        }
        self.content(path).is_ok_and(|found| contents.any(|content| content == found))
    }

    /// How many files of earlier builds a folder in the output folder holds; none if it holds anything else.
    fn count_ours(&self, folder: &str) -> Option<usize> {
        let mut count = 0;
        for entry in fs::read_dir(self.root.join(folder)).ok()? {
            let entry = entry.ok()?;
            let name = format!("{folder}/{}", entry.file_name().to_str()?);
            if entry.file_type().ok()?.is_dir() {
                // Causerie leaves no empty folders, and removes none of somebody else's.
                count += self.count_ours(&name).filter(|&count| count > 0)?;
            } else {
                count += self.is_ours(&name).then_some(1)?;
            }
        }
        Some(count)
    }

    /// Whether a folder above a file is a symbolic link. Then the file is not in this folder, whoever made the link.
    fn is_behind_link(&self, path: &str) -> bool {
        files::ancestors(path).any(|folder| self.root.join(folder).is_symlink())
    }

    /// Gives the build up. The folder is as it was before.
    pub fn abandon(&self) {
        self.remove_staging();
        // Fails where somebody else has put something there meanwhile, as it should.
        for folder in &self.missing {
            let _ = fs::remove_dir(folder);
        }
    }

    /// Removes what a build that was killed left behind. It is ours and worthless.
    pub fn remove_staging(&self) {
        let staging = self.root.join(STAGING);
        if staging.symlink_metadata().is_ok_and(|data| data.is_dir()) {
            let _ = fs::remove_dir_all(staging);
        }
    }
}

/// The problem that somebody else's file is where an output goes.
fn foreign(place: &Path) -> Diagnostic {
    Diagnostic::error(format!("`{}` is in the way, and Causerie did not write it", place.display()))
        .help("move it away, or choose another output folder with `--output`")
}

/// The problem that something could not be done to a file or folder.
fn failed(action: &str, place: &Path, error: &io::Error) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(format!("cannot {action} {}: {error}", place.display()));
    if error.kind() == io::ErrorKind::StorageFull {
        diagnostic = diagnostic.help("make room on the disk; the site that was there before is untouched");
    } else if error.kind() == io::ErrorKind::PermissionDenied {
        diagnostic = diagnostic.help("give yourself the right to write there, or choose another output folder");
    }
    diagnostic
}
