//! Committing: everything that was staged goes into place, and stale files go away.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use rustc_hash::FxHashSet;

use super::files::{ancestors, check_writable, is_on_device_of, rename_new};
use super::{Changes, OutputFolder, failed, foreign};
use crate::build::manifest::{Manifest, PathHash};
use crate::diagnostic::Diagnostic;
use crate::locks::lock;
use crate::site::{MANIFEST, STAGING};
use crate::source::Fingerprint;

impl OutputFolder {
    /// Puts everything that was staged into place, and removes the `stale` files.
    pub fn commit(&self, planned: &[&str], stale: &[String]) -> Result<Changes, Diagnostic> {
        let result = self.commit_staged(planned, stale);
        self.remove_staging();
        let edited = result?;
        let removed = stale.len() - edited.len();
        Ok(Changes { written: self.written.load(Ordering::Relaxed), removed, edited })
    }

    /// Returns those of the `stale` files that somebody edited. They stay.
    fn commit_staged(&self, planned: &[&str], stale: &[String]) -> Result<Vec<String>, Diagnostic> {
        let staging = self.root.join(STAGING);
        let problem = |error: io::Error| failed("write", &self.root, &error);
        fs::create_dir_all(&self.staged).map_err(problem)?;
        self.check(stale)?;

        // From here on a killed build leaves files. The manifest must list each of them.
        let mut manifest = self.manifest_of(planned);
        let all = Manifest { files: self.previous.files.union(&manifest.files).copied().collect() };
        all.write(&self.root, &staging).map_err(problem)?;

        // A stale file that is in the way of something new goes first: a file for a folder, or a folder for a file. The others
        // go last, so that every link in the output folder leads somewhere in between.
        let (first, last) = split_by_order(planned, stale);
        let mut edited = self.remove_all(first)?;
        let mut taken = Vec::new();
        self.move_into(&self.staged, "", &mut taken)?;
        edited.extend(self.remove_all(last)?);
        for path in &taken {
            let hash = PathHash::of(path);
            manifest.files.retain(|&(file, _)| file != hash);
        }
        manifest.write(&self.root, &staging).map_err(problem)?;
        taken.first().map_or(Ok(edited), |path| Err(foreign(&self.root.join(path))))
    }

    /// Makes sure that the commit will not fail half-way for a reason that can be known now.
    fn check(&self, stale: &[String]) -> Result<(), Diagnostic> {
        let places = stale.iter().map(|path| self.root.join(path));
        let folders: BTreeSet<PathBuf> = places.filter_map(|place| place.parent().map(Path::to_owned)).collect();
        folders.iter().try_for_each(|folder| check_writable(folder))?;
        self.check_places(&self.staged, "")?;
        let manifest = self.root.join(MANIFEST);
        if manifest.symlink_metadata().is_ok_and(|data| !data.is_file()) {
            return Err(foreign(&manifest));
        }
        Ok(())
    }

    /// Makes sure that what is staged in a folder can be moved to its place, which is `path` in the output folder.
    fn check_places(&self, staged: &Path, path: &str) -> Result<(), Diagnostic> {
        let folder = self.root.join(path);
        let problem = |error: io::Error| failed("write", &folder, &error);
        let mut has_new = false;
        for entry in fs::read_dir(staged).map_err(problem)? {
            let entry = entry.map_err(problem)?;
            let path = join(path, &entry);
            let place = self.root.join(&path);
            let is_folder = entry.file_type().map_err(problem)?.is_dir();
            match place.symlink_metadata().ok() {
                Some(data) if data.is_dir() && is_folder => {
                    if !is_on_device_of(&data, staged) {
                        return Err(Diagnostic::error(format!("`{}` is another file system", place.display()))
                            .help("the output folder has to be one file system: let all of it be mounted, or none"));
                    }
                    self.check_places(&entry.path(), &path)?;
                }
                Some(data) if !self.makes_way(&path, &data, is_folder) => return Err(foreign(&place)),
                _ => has_new = true,
            }
        }
        if has_new { check_writable(&folder) } else { Ok(()) }
    }

    /// Whether what is in the place of a staged file or folder is ours to replace.
    fn makes_way(&self, path: &str, data: &fs::Metadata, is_folder: bool) -> bool {
        if data.is_dir() {
            // A folder makes way for a file if only stale files are in it.
            return self.count_ours(path).is_some_and(|count| count > 0);
        }
        data.is_file() && if is_folder { self.is_ours(path) } else { self.previous.has(path) }
    }

    /// The manifest of the outputs when they are in their places.
    fn manifest_of(&self, planned: &[&str]) -> Manifest {
        let (foreign, contents) = (lock(&self.foreign), lock(&self.contents));
        let mut files = BTreeSet::new();
        for path in planned.iter().filter(|path| !foreign.contains(**path)) {
            let hash = PathHash::of(path);
            let previous: Vec<Fingerprint> = self.previous.contents(hash).collect();
            let content = match (contents.get(&hash), &previous[..]) {
                (Some(&content), _) | (None, &[content]) => Some(content),
                // A build was killed.
                _ => self.content(path).ok(),
            };
            files.extend(content.map(|content| (hash, content)));
        }
        Manifest { files }
    }

    /// Moves what is staged in a folder to its place, which is `path` in the output folder. A folder that does not exist yet
    /// is moved as a whole, which makes a first build as quick as writing its files. What somebody else has put there
    /// meanwhile stays, and its path is added to `taken`.
    fn move_into(&self, staged: &Path, path: &str, taken: &mut Vec<String>) -> Result<(), Diagnostic> {
        let problem = |error: io::Error| failed("write", &self.root.join(path), &error);
        for entry in fs::read_dir(staged).map_err(problem)? {
            let entry = entry.map_err(problem)?;
            let path = join(path, &entry);
            let target = self.root.join(&path);
            let is_folder = entry.file_type().map_err(problem)?.is_dir();
            let moved = if !is_folder && self.previous.has(&path) {
                fs::rename(entry.path(), &target)
            } else {
                rename_new(&entry.path(), &target)
            };
            match moved {
                Ok(()) => {}
                Err(_) if is_folder && target.symlink_metadata().is_ok_and(|data| data.is_dir()) => {
                    self.move_into(&entry.path(), &path, taken)?;
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => taken.push(path),
                Err(error) => return Err(failed("write", &target, &error)),
            }
        }
        Ok(())
    }

    /// Removes files of earlier builds. Returns those that somebody edited.
    fn remove_all(&self, paths: Vec<&str>) -> Result<Vec<String>, Diagnostic> {
        let mut edited = Vec::new();
        for path in paths {
            if !self.remove(path)? {
                edited.push(path.to_owned());
            }
        }
        Ok(edited)
    }

    /// Removes a file of an earlier build, and the folders that it leaves empty. False if it is not the file that Causerie
    /// wrote: then it stays.
    fn remove(&self, path: &str) -> Result<bool, Diagnostic> {
        let place = self.root.join(path);
        if self.is_behind_link(path) || !self.is_ours(path) {
            return Ok(false);
        }
        match fs::remove_file(&place) {
            Ok(()) => {}
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
            Err(error) => return Err(failed("remove", &place, &error)),
        }
        for folder in ancestors(path).rev() {
            if fs::remove_dir(self.root.join(folder)).is_err() {
                break; // something else lies in it
            }
        }
        Ok(true)
    }
}

/// The path of an entry of the folder at `path`.
fn join(path: &str, entry: &fs::DirEntry) -> String {
    let name = entry.file_name();
    let name = name.to_string_lossy();
    if path.is_empty() { name.into_owned() } else { format!("{path}/{name}") }
}

/// The stale files that are in the way of planned ones, and the others.
fn split_by_order<'a>(planned: &[&str], stale: &'a [String]) -> (Vec<&'a str>, Vec<&'a str>) {
    let folders: FxHashSet<&str> = planned.iter().flat_map(|path| ancestors(path)).collect();
    let files: FxHashSet<&str> = planned.iter().copied().collect();
    let is_in_the_way = |path: &&str| folders.contains(path) || ancestors(path).any(|folder| files.contains(folder));
    stale.iter().map(String::as_str).partition(is_in_the_way)
}
