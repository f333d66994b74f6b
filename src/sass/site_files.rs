//! The files of a site, as the compiler sees them.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use grass::Fs;

use crate::diagnostic::Diagnostic;
use crate::source::{World, plain_path, read_text};

/// A file system that holds the site and nothing else. It records every file that the compiler looks for.
pub(super) struct SiteFiles<'a> {
    world: &'a dyn World,
    is_file: &'a dyn Fn(&str) -> bool,
    files: RefCell<BTreeSet<String>>,
    unreadable: RefCell<Option<Diagnostic>>,
}

impl fmt::Debug for SiteFiles<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the files of the site")
    }
}

impl<'a> SiteFiles<'a> {
    pub(super) fn new(world: &'a dyn World, is_file: &'a dyn Fn(&str) -> bool) -> Self {
        Self { world, is_file, files: RefCell::default(), unreadable: RefCell::default() }
    }

    /// Every file that was looked for.
    pub(super) fn files(&self) -> BTreeSet<String> {
        self.files.take()
    }

    /// Why the first file could not be read that could not.
    pub(super) fn unreadable(&self) -> Option<Diagnostic> {
        self.unreadable.take()
    }
}

/// A path from the root of the site; none if it leads elsewhere.
fn site_path(path: &Path) -> Option<String> {
    let path = path.to_str()?.replace(std::path::MAIN_SEPARATOR, "/");
    if path.starts_with('/') || Path::new(&path).is_absolute() {
        return None;
    }
    plain_path(&path)
}

impl Fs for SiteFiles<'_> {
    /// Any place may be a folder. The compiler then looks for index files there, so that those become dependencies.
    fn is_dir(&self, path: &Path) -> bool {
        site_path(path).is_some()
    }

    fn is_file(&self, path: &Path) -> bool {
        let Some(path) = site_path(path) else { return false };
        let is_file = (self.is_file)(&path);
        self.files.borrow_mut().insert(path);
        is_file
    }

    /// An error here would be a panic of the compiler if the file is an import. So an unreadable file is an empty one for the
    /// compiler, and the error is kept.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let Some(path) = site_path(path) else { return Ok(Vec::new()) };
        self.files.borrow_mut().insert(path.clone());
        match read_text(self.world, &path) {
            Ok(source) => Ok(source.text.as_bytes().to_vec()),
            Err(problem) => {
                self.unreadable.borrow_mut().get_or_insert(problem);
                Ok(Vec::new())
            }
        }
    }

    /// One file has one path, so that the compiler recognizes an import circle.
    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        site_path(path).map(PathBuf::from).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}
