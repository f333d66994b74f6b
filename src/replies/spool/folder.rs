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
const IGNORE: &[u8] =
    b"# Replies that wait for a decision, and the key that signs links to them. They are nobody else's.\n*\n";

/// So many bytes show whether the disk has room: more than a file system keeps beside the name of a file.
const PROBE: usize = 16 * 1024;

/// The file with the name of a home.
const NAME: &str = ".site";

/// A folder that belongs to the inbox.
#[derive(Clone, Debug)]
pub struct InboxFolder {
    /// The folder that it lies in, mostly the site's.
    root: PathBuf,
    folder: String,
}

impl InboxFolder {
    /// A folder of a site, or anywhere if its path begins with a slash. It is made when it is needed.
    pub fn new(root: &Path, folder: &str) -> Self {
        let place = Path::new(folder);
        // Wherever it lies, only its last part is made by us.
        match (place.is_absolute(), place.parent(), place.file_name()) {
            (true, Some(parent), Some(name)) => {
                Self { root: parent.to_owned(), folder: name.to_string_lossy().into_owned() }
            }
            _ => Self { root: root.to_owned(), folder: folder.trim_end_matches('/').to_owned() },
        }
    }

    /// Where it is.
    pub fn place(&self) -> PathBuf {
        self.root.join(&self.folder)
    }

    /// Makes it, if it is not there.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn prepare(&self) -> io::Result<()> {
        if self.place().join(".gitignore").exists() {
            return Ok(());
        }
        match durable::create(&self.root, &self.folder, ".gitignore", IGNORE) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            made => made,
        }
    }

    /// What it is called by others that share its spool: a random word, which it is given when it is first asked for.
    ///
    /// # Errors
    /// Its file cannot be read or made.
    pub fn name(&self) -> io::Result<String> {
        let place = self.place().join(NAME);
        let named = match fs::read_to_string(&place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.prepare()?;
                let name = format!("{:016x}\n", getrandom::u64().map_err(io::Error::other)?);
                match durable::create(&self.root, &self.folder, NAME, name.as_bytes()) {
                    // If two gave it one at the same time, this is the first.
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                    _ => fs::read_to_string(&place)?,
                }
            }
            named => named?,
        };
        Ok(named.trim().to_owned())
    }

    /// Opens a file in it and waits until nobody else has it. The lock is let go with the file.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn lock(&self, name: &str) -> io::Result<File> {
        self.prepare()?;
        let file = File::options().create(true).truncate(false).write(true).open(self.place().join(name))?;
        match file.lock() {
            // Some file systems have no locks; there, what is done at the same moment is not kept apart.
            Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(file),
            locked => locked.map(|()| file),
        }
    }
}

/// Replies as files.
#[derive(Debug)]
pub struct FolderStore(InboxFolder);

impl FolderStore {
    /// The replies in a folder.
    pub fn new(home: InboxFolder) -> Self {
        Self(home)
    }

    /// Runs a change that nobody else's comes between.
    fn alone<T>(&self, change: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let _lock = self.0.lock(".changing")?;
        change()
    }
}

impl Store for FolderStore {
    fn create(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.0.prepare()?;
        durable::create(&self.0.root, &self.0.folder, name, bytes)
    }

    fn read(&self, name: &str) -> io::Result<(Vec<u8>, Version)> {
        let bytes = fs::read(self.0.place().join(name))?;
        let version = Version::Bytes(Fingerprint::of(&bytes));
        Ok((bytes, version))
    }

    fn read_all(&self, names: &[String]) -> Vec<io::Result<(Vec<u8>, Version)>> {
        names.par_iter().map(|name| self.read(name)).collect()
    }

    fn stamp(&self, name: &str) -> Option<FileMetadata> {
        Some(FileMetadata::of_file(&fs::metadata(self.0.place().join(name)).ok()?))
    }

    fn replace(&self, name: &str, bytes: &[u8], version: &Version) -> io::Result<Option<Version>> {
        self.alone(|| {
            if self.read(name)?.1 != *version {
                return Ok(None);
            }
            durable::UnnamedFile::write(&self.0.root, &self.0.folder, bytes)?.replace(name)?;
            Ok(Some(Version::Bytes(Fingerprint::of(bytes))))
        })
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        durable::remove(&self.0.root, &self.0.folder, name)
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(self.0.place()) {
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
        durable::sweep(&self.0.place());
        // A name alone can be made on a full disk.
        let mut file = tempfile::Builder::new().prefix(".probe-").tempfile_in(self.0.place())?;
        file.write_all(&[b'x'; PROBE])?;
        file.as_file().sync_all()
    }
}
