//! Creates new files: all of them, or none.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostic;

/// Creates files below a folder, and the folders that they need. Existing files are never changed. If one file cannot be
/// created, the ones before it are removed again.
///
/// # Errors
/// A file or folder could not be created.
pub fn create<'a>(root: &Path, files: impl IntoIterator<Item = (&'a Path, &'a [u8])>) -> Result<(), Diagnostic> {
    let mut created = CreatedFiles::default();
    let result = files.into_iter().try_for_each(|(path, bytes)| created.file(&join(root, path), bytes));
    result.map_err(|(path, error)| {
        created.undo();
        Diagnostic::error(format!("{} cannot be created: {error}", path.display()))
    })
}

/// Joins a folder and a path, without a leading `./`.
pub fn join(folder: &Path, path: &Path) -> PathBuf {
    let here = Path::new(".");
    match (folder == here, path == here) {
        (true, _) => path.to_owned(),
        (_, true) => folder.to_owned(),
        _ => folder.join(path),
    }
}

/// The files and folders that were created so far, in order.
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
            // Another process created it since the check above.
            Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => {}
            Err(error) => return Err((path.to_owned(), error)),
        }
        Ok(())
    }

    /// Removes the created files and folders. A failure is ignored: the error that led here is the one to report.
    fn undo(self) {
        for file in self.files {
            let _ = fs::remove_file(file);
        }
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Whether a path exists, as a file, a folder, or a symbolic link (even one whose target is missing).
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
        let create = |files: &[&str]| create(root.path(), files.iter().map(|file| (Path::new(file), b"x".as_slice())));
        create(&["a/b/c", "a/d"]).unwrap();
        assert_eq!(names(root.path()), ["a", "a/b", "a/b/c", "a/d"]);

        // An existing file stays as it was, and the new files before it are removed.
        fs::write(root.path().join("e"), "mine").unwrap();
        let failed = |files: &[&str], path: &str| {
            let message = create(files).unwrap_err().message;
            assert!(
                message.starts_with(&format!("{} cannot be created: ", root.path().join(path).display())),
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
