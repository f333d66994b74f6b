//! The old site's folder: its files, and the copy of it with some files replaced.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::config;
use crate::diagnostic::{Diagnostic, Location, SourceText};
use crate::source::LARGEST_TEXT;

/// The files of an old site.
pub struct Folder {
    root: PathBuf,
    /// The paths of files and symbolic links, below the root.
    paths: Vec<String>,
}

/// Folders that are not part of a site, by their names.
const LEFT_OUT: [&str; 3] = [".git", ".causerie", "node_modules"];

impl Folder {
    /// Lists the files. What the old site was built into is left out.
    pub fn read(root: &Path) -> Result<Self, Diagnostic> {
        let mut paths = Vec::new();
        let walk = WalkDir::new(root).min_depth(1).sort_by_file_name().into_iter();
        let is_part = |entry: &walkdir::DirEntry| {
            let name = entry.file_name().to_string_lossy();
            let is_output = entry.depth() == 1 && name == "public";
            !(LEFT_OUT.contains(&name.as_ref()) || is_output && entry.file_type().is_dir())
        };
        for entry in walk.filter_entry(is_part) {
            let entry = entry.map_err(|error| Diagnostic::error(format!("the old site cannot be read: {error}")))?;
            if entry.file_type().is_dir() {
                continue;
            }
            let path = entry.path().strip_prefix(root).unwrap_or(entry.path());
            let Some(path) = path.to_str() else {
                return Err(Diagnostic::error(format!("the name of {} is not UTF-8", entry.path().display()))
                    .help("rename this file"));
            };
            paths.push(path.replace(std::path::MAIN_SEPARATOR, "/"));
        }
        Ok(Self { root: root.to_owned(), paths })
    }

    /// Returns the paths of all files.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }

    /// Returns the configuration's path.
    ///
    /// # Errors
    /// There is none.
    pub fn configuration(&self) -> Result<&str, Diagnostic> {
        let names = config::FILE_NAMES;
        names.into_iter().find(|name| self.paths.iter().any(|path| path == name)).ok_or_else(|| {
            Diagnostic::error(format!("there is no Zola site in {}", self.root.display()))
                .help("name the folder that contains config.toml or zola.toml")
        })
    }

    /// Reads a text. None for a symbolic link, which is copied as one.
    ///
    /// # Errors
    /// The file cannot be read or is not UTF-8.
    pub fn text(&self, path: &str) -> Result<Option<SourceText>, Diagnostic> {
        let place = self.root.join(path);
        let problem = |what: String| Diagnostic::error(what).at(Location::file(path));
        let metadata =
            place.symlink_metadata().map_err(|error| problem(format!("this file cannot be read: {error}")))?;
        if metadata.is_symlink() {
            return Ok(None);
        }
        if metadata.len() > LARGEST_TEXT {
            return Err(problem("this file is too large for a text".to_owned()));
        }
        let bytes = fs::read(&place).map_err(|error| problem(format!("this file cannot be read: {error}")))?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(SourceText { path: path.into(), text: text.into() })),
            Err(_) => Err(problem("this file is not UTF-8".to_owned()).help("save it as UTF-8")),
        }
    }

    /// Writes the new site: the planned files, and copies of all others. It is prepared beside its place and moved there at
    /// the end.
    pub fn write(&self, new: &Path, planned: &BTreeMap<String, Vec<u8>>) -> Result<(), Diagnostic> {
        let failed = |error: io::Error| Diagnostic::error(format!("{} cannot be written: {error}", new.display()));
        let place = std::path::absolute(new).map_err(failed)?;
        let parent = place.parent().unwrap_or(&place);
        fs::create_dir_all(parent).map_err(failed)?;
        // It is removed if something fails before the end.
        let staged = tempfile::Builder::new().prefix(".causerie-import-").tempdir_in(parent).map_err(failed)?;
        let site = staged.path().join("site");
        self.write_files(&site, planned).map_err(failed)?;
        if place.is_dir() {
            fs::remove_dir(&place).map_err(failed)?;
        }
        fs::rename(&site, &place).map_err(failed)
    }

    fn write_files(&self, site: &Path, planned: &BTreeMap<String, Vec<u8>>) -> io::Result<()> {
        fs::create_dir(site)?;
        let create_parent = |path: &Path| path.parent().map_or(Ok(()), fs::create_dir_all);
        for path in self.paths.iter().filter(|path| !planned.contains_key(*path)) {
            let (from, to) = (self.root.join(path), site.join(path));
            create_parent(&to)?;
            if from.symlink_metadata()?.is_symlink() {
                copy_link(&from, &to)?;
            } else {
                fs::copy(&from, &to)?;
            }
        }
        for (path, bytes) in planned {
            let to = site.join(path);
            create_parent(&to)?;
            fs::write(&to, bytes)?;
        }
        Ok(())
    }
}

#[cfg(unix)]
fn copy_link(from: &Path, to: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(fs::read_link(from)?, to)
}

#[cfg(not(unix))]
fn copy_link(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_file() { fs::copy(from, to).map(|_| ()) } else { Ok(()) }
}
