//! Writing a file so that it is there as a whole or not at all, and stays.
//!
//! A file is written under a hidden name, which builds and previews pass over, synced, and then given its own name; the
//! folder that holds the name is synced too. Whoever is told that it is there finds it after any crash.

use std::fs;
#[cfg(unix)]
use std::fs::File;
use std::io::{self, Write};
use std::path::{Component, Path};
use std::time::{Duration, SystemTime};

/// How hidden files begin and end. What was killed before it gave its file a name leaves one behind.
const HIDDEN_NAME: (&str, &str) = (".reply-", ".tmp");

/// So old is a hidden file that nobody writes to any more.
const ABANDONED_AGE: Duration = Duration::from_secs(3600);

/// A file on stable storage that has no name of its own yet. It vanishes unless it is given one.
pub struct UnnamedFile<'a> {
    root: &'a Path,
    folder: &'a str,
    file: tempfile::NamedTempFile,
}

/// Why a draft got no name.
pub enum PersistError<'a> {
    /// Something else has it. The draft is still there.
    Taken(UnnamedFile<'a>),
    /// The system refused.
    Failed(io::Error),
}

impl<'a> UnnamedFile<'a> {
    /// Writes a file into a folder of the site, which is made if need be.
    ///
    /// # Errors
    /// The file or the folder could not be written, or there is a symbolic link on the way.
    pub fn write(root: &'a Path, folder: &'a str, bytes: &[u8]) -> io::Result<Self> {
        create_folder(root, folder)?;
        let mut file = create_hidden_file(&root.join(folder))?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        Ok(Self { root, folder, file })
    }

    /// Gives it a name that nothing there has. With an error there is no such file.
    pub fn create(self, name: &str) -> Result<(), PersistError<'a>> {
        let Self { root, folder, file } = self;
        let path = root.join(folder).join(name);
        match file.persist_noclobber(&path) {
            Ok(_) => sync_names(root, folder).map_err(|error| {
                let _ = fs::remove_file(&path);
                PersistError::Failed(error)
            }),
            Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => {
                Err(PersistError::Taken(Self { root, folder, file: failed.file }))
            }
            Err(failed) => Err(PersistError::Failed(failed.error)),
        }
    }

    /// Puts it in the place of the file of that name.
    ///
    /// # Errors
    /// The system refused. If that was while the folder was synced, the new file is there all the same.
    pub fn replace(self, name: &str) -> io::Result<()> {
        self.file.persist(self.root.join(self.folder).join(name)).map_err(|failed| failed.error)?;
        sync_names(self.root, self.folder)
    }
}

/// Writes a file that is not there yet; `AlreadyExists` if it is.
///
/// # Errors
/// See [`UnnamedFile::write`] and [`UnnamedFile::create`].
pub fn create(root: &Path, folder: &str, name: &str, bytes: &[u8]) -> io::Result<()> {
    match UnnamedFile::write(root, folder, bytes)?.create(name) {
        Ok(()) => Ok(()),
        Err(PersistError::Taken(_)) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(PersistError::Failed(error)) => Err(error),
    }
}

/// Removes a file for good. One that is not there is removed already.
///
/// # Errors
/// The system refused.
pub fn remove(root: &Path, folder: &str, name: &str) -> io::Result<()> {
    match fs::remove_file(root.join(folder).join(name)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => sync_folder(&root.join(folder)).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        }),
    }
}

/// Removes what writers that were killed left in a folder.
pub fn remove_abandoned_files(folder: &Path) {
    let hidden = |name: &str| name.starts_with(HIDDEN_NAME.0) && name.ends_with(HIDDEN_NAME.1);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let age = entry.metadata().and_then(|data| data.modified()).map(|time| SystemTime::now().duration_since(time));
        let is_old = age.is_ok_and(|age| age.is_ok_and(|age| age > ABANDONED_AGE));
        if is_old && entry.file_name().to_str().is_some_and(hidden) {
            // One that cannot be removed is in nobody's way.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Makes the folders that are missing. There must be no symbolic link on the way: the site would not look behind it,
/// and it may lead anywhere.
pub fn create_folder(root: &Path, folder: &str) -> io::Result<()> {
    let mut path = root.to_owned();
    for part in Path::new(folder).components() {
        if !matches!(part, Component::Normal(_)) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the folder is not in the site"));
        }
        let parent = path.clone();
        path.push(part);
        let is_new = match fs::create_dir(&path) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
            Err(error) => return Err(error),
        };
        let kind = fs::symlink_metadata(&path)?.file_type();
        if kind.is_symlink() {
            let message = format!("`{}` is a symbolic link", path.display());
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
        }
        if !kind.is_dir() {
            return Err(io::Error::new(io::ErrorKind::NotADirectory, format!("`{}` is no folder", path.display())));
        }
        if is_new {
            sync_folder(&parent)?;
        }
    }
    Ok(())
}

/// An open file that vanishes if nothing comes of it. Builds and previews pass over hidden files.
fn create_hidden_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(HIDDEN_NAME.0).suffix(HIDDEN_NAME.1);
    // Whoever may read the author's other files may read this one.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Puts the names in a folder on stable storage, and the folder's own: it may be new, and whoever made it may not
/// have come so far yet.
fn sync_names(root: &Path, folder: &str) -> io::Result<()> {
    sync_folder(&root.join(folder))?;
    sync_folder(&root.join(folder.rsplit_once('/').map_or("", |(parent, _)| parent)))
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some file systems cannot do it for folders (fsync(2), EINVAL), and have other ways to keep their names.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}

/// Elsewhere a folder cannot be opened as a file, and its names are in the file system's own journal.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
