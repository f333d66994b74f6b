//! Making files that were not there before: all of them, or none.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostic;

/// Makes files below a folder, and the folders that they need. Nothing that exists is changed. If one file cannot be
/// made, those that were are removed again.
///
/// # Errors
/// A file or folder could not be made.
pub fn make<'a>(root: &Path, files: impl IntoIterator<Item = (&'a Path, &'a [u8])>) -> Result<(), Diagnostic> {
    let mut made = CreatedFiles::default();
    let result = files.into_iter().try_for_each(|(path, bytes)| made.file(&below(root, path), bytes));
    result.map_err(|(path, error)| {
        made.undo();
        Diagnostic::error(format!("{} cannot be made: {error}", path.display()))
    })
}

/// A path below a folder, without the `./` of this folder before it.
pub fn below(folder: &Path, path: &Path) -> PathBuf {
    let here = Path::new(".");
    match (folder == here, path == here) {
        (true, _) => path.to_owned(),
        (_, true) => folder.to_owned(),
        _ => folder.join(path),
    }
}

/// What was made so far, in the order in which it was.
#[derive(Default)]
struct CreatedFiles {
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
}

impl CreatedFiles {
    fn file(&mut self, path: &Path, bytes: &[u8]) -> Result<(), (PathBuf, io::Error)> {
        if let Some(folder) = path.parent() {
            self.folder(folder)?;
        }
        let failed = |error| (path.to_owned(), error);
        let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
        self.files.push(path.to_owned());
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)
    }

    fn folder(&mut self, path: &Path) -> Result<(), (PathBuf, io::Error)> {
        if path.as_os_str().is_empty() || path.is_dir() {
            return Ok(());
        }
        if let Some(parent) = path.parent() {
            self.folder(parent)?;
        }
        match fs::create_dir(path) {
            Ok(()) => self.folders.push(path.to_owned()),
            // Somebody else made it since it was looked for.
            Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => {}
            Err(error) => return Err((path.to_owned(), error)),
        }
        Ok(())
    }

    /// Removes what was made. What cannot be removed stays: the first error says more than a second one would.
    fn undo(self) {
        for file in self.files {
            let _ = fs::remove_file(file);
        }
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Whether something is at a path: a file, a folder, or a link that leads anywhere or nowhere.
pub fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(root: &Path) -> Vec<String> {
        let mut names: Vec<String> = walkdir::WalkDir::new(root)
            .min_depth(1)
            .into_iter()
            .map(|entry| entry.unwrap().path().strip_prefix(root).unwrap().display().to_string())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn all_files_or_none() {
        let root = tempfile::tempdir().unwrap();
        let make = |files: &[&str]| make(root.path(), files.iter().map(|file| (Path::new(file), b"x".as_slice())));
        make(&["a/b/c", "a/d"]).unwrap();
        assert_eq!(names(root.path()), ["a", "a/b", "a/b/c", "a/d"]);

        // A file that exists stays as it was, and the ones before it are not left behind.
        fs::write(root.path().join("e"), "mine").unwrap();
        let failed = |files: &[&str], path: &str| {
            let message = make(files).unwrap_err().message;
            assert!(
                message.starts_with(&format!("{} cannot be made: ", root.path().join(path).display())),
                "{message}"
            );
        };
        failed(&["a/new", "f/g/h", "e"], "e");
        assert_eq!(fs::read(root.path().join("e")).unwrap(), b"mine");
        assert_eq!(names(root.path()), ["a", "a/b", "a/b/c", "a/d", "e"]);

        // A file where a folder is needed.
        failed(&["i", "e/f/g"], "e");
        assert_eq!(names(root.path()), ["a", "a/b", "a/b/c", "a/d", "e"]);
    }
}
