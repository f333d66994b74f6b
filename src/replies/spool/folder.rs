//! A spool in a folder of the site.
//!
//! Its files are written as those of threads are. The folder is no part of the site: nothing looks for content there, and
//! a file in it keeps it out of version control.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::store::{Store, Version};
use crate::replies::durable;
use crate::source::{FileMetadata, Fingerprint};

/// What keeps the folder out of version control.
const GITIGNORE: &[u8] =
    b"# Replies that wait for a decision, and the key that signs links to them. They are nobody else's.\n*\n";

/// So many bytes show whether the disk has room: more than a file system keeps beside the name of a file.
const PROBE_SIZE: usize = 16 * 1024;

/// The file with the name of a home.
const SITE_NAME_FILE: &str = ".site";

/// A folder that belongs to the inbox.
#[derive(Clone, Debug)]
pub struct InboxFolder {
    /// The folder that it lies in, mostly the site's.
    parent: PathBuf,
    name: String,
}

impl InboxFolder {
    /// A folder of a site, or anywhere if its path begins with a slash. It is made when it is needed.
    pub fn new(root: &Path, folder: &str) -> Self {
        let path = Path::new(folder);
        // Wherever it lies, only its last part is made by us.
        match (path.is_absolute(), path.parent(), path.file_name()) {
            (true, Some(parent), Some(name)) => {
                Self { parent: parent.to_owned(), name: name.to_string_lossy().into_owned() }
            }
            _ => Self { parent: root.to_owned(), name: folder.trim_end_matches('/').to_owned() },
        }
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.parent.join(&self.name)
    }

    /// Makes it, if it is not there.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn prepare(&self) -> io::Result<()> {
        if self.path().join(".gitignore").exists() {
            return Ok(());
        }
        match durable::create(&self.parent, &self.name, ".gitignore", GITIGNORE) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            result => result,
        }
    }

    /// What it is called by others that share its spool: a random word, which it is given when it is first asked for.
    ///
    /// # Errors
    /// Its file cannot be read or made.
    pub fn site_name(&self) -> io::Result<String> {
        let path = self.path().join(SITE_NAME_FILE);
        let name = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.prepare()?;
                let name = format!("{:016x}\n", getrandom::u64().map_err(io::Error::other)?);
                match durable::create(&self.parent, &self.name, SITE_NAME_FILE, name.as_bytes()) {
                    // If two gave it one at the same time, this is the first.
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                    _ => fs::read_to_string(&path)?,
                }
            }
            result => result?,
        };
        Ok(name.trim().to_owned())
    }

    /// Opens a file in it and waits until nobody else has it. The lock is let go with the file.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn lock(&self, name: &str) -> io::Result<File> {
        self.prepare()?;
        let file = File::options().create(true).truncate(false).write(true).open(self.path().join(name))?;
        match file.lock() {
            // Some file systems have no locks; there, what is done at the same moment is not kept apart.
            Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(file),
            result => result.map(|()| file),
        }
    }
}

/// Replies as files.
#[derive(Debug)]
pub struct FolderStore(InboxFolder);

impl FolderStore {
    /// The replies in a folder.
    pub fn new(folder: InboxFolder) -> Self {
        Self(folder)
    }

    /// Runs a change that nobody else's comes between.
    fn with_lock<T>(&self, change: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let _lock = self.0.lock(".changing")?;
        change()
    }
}

impl Store for FolderStore {
    fn create(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.0.prepare()?;
        durable::create(&self.0.parent, &self.0.name, name, bytes)
    }

    fn read(&self, name: &str) -> io::Result<(Vec<u8>, Version)> {
        let bytes = fs::read(self.0.path().join(name))?;
        let version = Version::Bytes(Fingerprint::of(&bytes));
        Ok((bytes, version))
    }

    fn read_all(&self, names: &[String]) -> Vec<io::Result<(Vec<u8>, Version)>> {
        names.par_iter().map(|name| self.read(name)).collect()
    }

    fn metadata(&self, name: &str) -> Option<FileMetadata> {
        Some(FileMetadata::of_file(&fs::metadata(self.0.path().join(name)).ok()?))
    }

    fn replace(&self, name: &str, bytes: &[u8], version: &Version) -> io::Result<Option<Version>> {
        self.with_lock(|| {
            if self.read(name)?.1 != *version {
                return Ok(None);
            }
            durable::UnnamedFile::write(&self.0.parent, &self.0.name, bytes)?.replace(name)?;
            Ok(Some(Version::Bytes(Fingerprint::of(bytes))))
        })
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        durable::remove(&self.0.parent, &self.0.name, name)
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(self.0.path()) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry?;
            if let Ok(name) = entry.file_name().into_string()
                && !name.starts_with('.')
                && entry.file_type()?.is_file()
            {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn probe(&self) -> io::Result<()> {
        self.0.prepare()?;
        durable::remove_abandoned_files(&self.0.path());
        // A name alone can be made on a full disk.
        let mut file = tempfile::Builder::new().prefix(".probe-").tempfile_in(self.0.path())?;
        file.write_all(&[b'x'; PROBE_SIZE])?;
        file.as_file().sync_all()
    }
}
