//! What an author sees at the command line: arguments, what is printed, exit statuses, and the files that are made.

mod addresses;
mod check;
mod clock;
mod comments;
mod content;
mod deploy;
mod embeds;
mod import;
mod init;
mod messages;
mod new;
mod theme;
mod theme_weight;
mod theme_words;
mod usage;
mod zola;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder to work in, which is removed in the end.
pub struct Session {
    folder: TempDir,
}

/// The text of a small picture, whatever its name says.
pub(crate) const PICTURE: &str = "<svg viewBox='0 0 1 1'/>";

/// What a command said and returned.
#[derive(Debug)]
pub struct Said {
    /// The exit status.
    pub status: i32,
    /// The standard output.
    pub stdout: String,
    /// The standard error.
    pub stderr: String,
}

impl Session {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A session in a folder with some files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let session = Self::new();
        for (path, text) in files {
            session.write(path, text);
        }
        session
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Every file and link of the folder, with what is in it.
    pub(crate) fn files(&self) -> Vec<(String, String)> {
        fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
            let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
            entries.sort();
            for path in entries {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                let kind = path.symlink_metadata().unwrap();
                if kind.is_dir() {
                    collect(root, &path, files);
                } else if kind.is_symlink() {
                    files.push((name, "a link".to_owned()));
                } else {
                    files.push((name, String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned()));
                }
            }
        }
        let mut files = Vec::new();
        collect(self.folder.path(), self.folder.path(), &mut files);
        files
    }

    /// Their names alone.
    pub(crate) fn names(&self) -> Vec<String> {
        self.files().into_iter().map(|(name, _)| name).collect()
    }

    /// Runs causerie in the folder.
    pub(crate) fn causerie(&self, arguments: &[&str]) -> Said {
        self.causerie_with(arguments, &[])
    }

    /// Runs causerie in the folder, with more in its environment.
    pub(crate) fn causerie_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Said {
        let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_causerie"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE")
            .env_remove("SOURCE_DATE_EPOCH")
            .envs(environment.iter().copied())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap().replace("\r\n", "\n");
        Said { status: status.code().unwrap(), stdout: text(stdout), stderr: text(stderr) }
    }
}
