use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::RwLock;

use rayon::prelude::*;
use walkdir::WalkDir;

use super::{FileMetadata, is_left_by_editor};
use crate::diagnostic::{Diagnostic, Location};
use crate::locks;

/// Where source bytes come from. Nothing else in the library opens a source file.
///
/// Paths are relative to the site root, in UTF-8, with `/` between their parts and no `.` or `..` among them.
pub trait World: Send + Sync {
    /// Every file below a folder (`""` is the root), in the order of their paths. A symbolic link to another
    /// place in the site is followed, any other is a problem. Files that editors leave behind are not listed. A folder that
    /// does not exist has no files.
    fn walk(&self, folder: &str) -> WalkResult;

    /// A file's bytes, at most `LARGEST_TEXT`. A symbolic link is not followed out of the site.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;

    /// A file as a stream, for the ones that may be large.
    fn open(&self, path: &str) -> io::Result<Stream>;

    /// The metadata of the file at that path; none if there is no file.
    fn stamp(&self, path: &str) -> Option<FileMetadata>;

    /// The path of the file that is read for a path: another one where a symbolic link is on the way.
    fn real_path(&self, path: &str) -> io::Result<String> {
        Ok(path.to_owned())
    }

    /// The path of a place in the site, wherever symbolic links lead from there, and however it is written: from the root of
    /// the site or of the disk. None if it lies elsewhere. Nothing need be there yet.
    fn place_inside(&self, path: &str) -> Option<String> {
        super::plain_path(path)
    }

    /// Whether there is a file at that path.
    fn is_file(&self, path: &str) -> bool {
        self.stamp(path).is_some()
    }
}

/// What is read as a whole may have so many bytes: texts, templates, data. What is published as it is has no bound.
pub const LARGEST_TEXT: u64 = 64 << 20;

/// A file as a stream.
#[derive(Debug)]
pub enum Stream {
    /// One of the disk.
    File(File),
    /// One that is in memory.
    Bytes(io::Cursor<Vec<u8>>),
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Bytes(bytes) => bytes.read(buffer),
        }
    }
}

impl Seek for Stream {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::File(file) => file.seek(to),
            Self::Bytes(bytes) => bytes.seek(to),
        }
    }
}

/// The result of a walk.
#[derive(Clone, Debug, Default)]
pub struct WalkResult {
    /// The files, in the order of their paths.
    pub files: Vec<WalkEntry>,
    /// The problems with entries: names that are not UTF-8, folders without permission, links that lead elsewhere.
    pub problems: Vec<Diagnostic>,
    /// The symbolic links that were followed, with the paths of their targets in the site.
    pub links: Vec<(String, String)>,
}

/// A file, as a walk sees it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WalkEntry {
    /// The path relative to the site root.
    pub path: String,
    /// Its metadata.
    pub stamp: FileMetadata,
}

/// The site as it lies on the disk.
#[derive(Debug)]
pub struct DiskWorld {
    root: PathBuf,
    /// Folders that are known to lie in the site, without a link on the way to them.
    plain: RwLock<BTreeSet<PathBuf>>,
}

impl DiskWorld {
    /// A world below a folder, which need not exist.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), plain: RwLock::default() }
    }

    /// Opens a file that lies below the root once every symbolic link on the way is resolved, and returns its length too.
    fn file(&self, path: &str) -> io::Result<(File, u64)> {
        let full = self.place(path)?;
        // That the file itself is no link is seen when it is opened, without a look at it before.
        let known = self.is_in_plain_folder(&full).then(|| open_unless_link(&full));
        let file = known.and_then(Result::ok).map_or_else(|| open(&self.resolve(path)?), Ok)?;
        let data = file.metadata()?;
        if data.is_file() {
            Ok((file, data.len()))
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"))
        }
    }

    /// Where a file is, if no symbolic link leads elsewhere.
    fn place(&self, path: &str) -> io::Result<PathBuf> {
        if Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_))) {
            Ok(self.root.join(path))
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidInput, "the path leads out of the site"))
        }
    }

    /// Whether it is known that no symbolic link is on the way to a file, up to the file itself. A look at every folder on
    /// the way costs a system call each, so that folders are remembered.
    fn is_in_plain_folder(&self, full: &Path) -> bool {
        full.parent().is_some_and(|folder| locks::read(&self.plain).contains(folder))
    }

    /// The file's place, if it lies below the root once every symbolic link on the way is resolved: a link is the only way
    /// out of there.
    fn resolve(&self, path: &str) -> io::Result<PathBuf> {
        let full = self.place(path)?;
        if self.is_in_plain_folder(&full) && !full.symlink_metadata()?.is_symlink() {
            return Ok(full);
        }
        let mut place = self.root.clone();
        for part in Path::new(path).components() {
            place.push(part);
            if place.symlink_metadata()?.is_symlink() {
                let target = full.canonicalize()?;
                if !target.starts_with(self.root.canonicalize()?) {
                    return Err(io::Error::new(
                        io::ErrorKind::PermissionDenied,
                        "it is a symbolic link that leads out of the site",
                    ));
                }
                return Ok(full);
            }
        }
        locks::write(&self.plain).extend(full.parent().map(Path::to_owned));
        Ok(full)
    }

    /// Finds every file below a folder. With `is_linked` a symbolic link has led there, and links to folders are not followed
    /// from there on: a few links could otherwise make more files than a disk holds.
    fn walk_into(
        &self,
        start: &Path,
        folder: &str,
        is_linked: bool,
        found: &mut Vec<(String, PathBuf)>,
        walk: &mut WalkResult,
    ) {
        // The folders on the way to the entry at hand.
        let mut above = vec![folder.to_owned()];
        // The start itself may be a link, which was looked at before.
        let mut entries = WalkDir::new(start).min_depth(1).sort_by_file_name().into_iter();
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let inside = error.path().and_then(|path| path.strip_prefix(start).ok());
                    let inside = inside.map(|path| path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"));
                    let path = match inside.filter(|inside| !inside.is_empty()) {
                        Some(inside) => format!("{folder}/{inside}"),
                        None => folder.to_owned(),
                    };
                    walk.problems.push(closed(&path, error.io_error()));
                    continue;
                }
            };
            above.truncate(entry.depth());
            let mut path = above.last().cloned().unwrap_or_default();
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(&entry.file_name().to_string_lossy());
            let kind = entry.file_type();
            if !kind.is_dir() && is_left_by_editor(&path) {
                continue;
            }
            if entry.file_name().to_str().is_none() {
                let what = if kind.is_dir() { "folder" } else { "file" };
                walk.problems.push(
                    Diagnostic::error(format!("this {what}'s name is not UTF-8, so it cannot become an address"))
                        .at(Location::file(path))
                        .help("rename it"),
                );
                if kind.is_dir() {
                    entries.skip_current_dir();
                }
            } else if kind.is_symlink() {
                match self.follow(&path) {
                    Ok((_, data)) if data.is_dir() && is_linked => walk.problems.push(
                        Diagnostic::error("this symbolic link to a folder lies behind another one")
                            .at(Location::file(path))
                            .help("make a link that leads to the folder itself, or put the files here"),
                    ),
                    Ok((target, data)) => {
                        if data.is_dir() {
                            self.walk_into(entry.path(), &path, true, found, walk);
                        } else if data.is_file() {
                            found.push((path.clone(), entry.into_path()));
                        }
                        walk.links.push((path, target));
                    }
                    Err(problem) => walk.problems.push(problem),
                }
            } else if kind.is_dir() {
                above.push(path);
            } else if kind.is_file() {
                found.push((path, entry.into_path()));
            }
        }
    }

    /// Where a symbolic link leads: the path of its target in the site, and what is there.
    fn follow(&self, path: &str) -> Result<(String, Metadata), Diagnostic> {
        let problem = |message: String, help: &str| Err(Diagnostic::error(message).at(Location::file(path)).help(help));
        let look = || {
            let link = self.root.join(path);
            let target = link.canonicalize()?;
            let data = target.metadata()?;
            let folder = link.parent().map_or_else(|| self.root.canonicalize(), Path::canonicalize)?;
            Ok((target, data, folder, self.root.canonicalize()?))
        };
        let (target, data, folder, root) = match look() {
            Ok(found) => found,
            Err(error) => {
                let error: io::Error = error;
                let message = match error.kind() {
                    io::ErrorKind::NotFound => "this symbolic link leads nowhere".to_owned(),
                    _ => format!("this symbolic link cannot be followed: {error}"),
                };
                return problem(message, "remove it, or put the file itself here");
            }
        };
        let Ok(inside) = target.strip_prefix(&root) else {
            let message = "this symbolic link leads out of the site, and such links are not followed";
            return problem(message.to_owned(), "put the file or folder itself here, or move it into the site");
        };
        if folder.starts_with(&target) {
            return problem("this symbolic link leads back to where it is".to_owned(), "remove it");
        }
        Ok((inside.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"), data))
    }
}

impl World for DiskWorld {
    fn walk(&self, folder: &str) -> WalkResult {
        let mut walk = WalkResult::default();
        let mut found: Vec<(String, PathBuf)> = Vec::new();
        let start = self.root.join(folder);
        for (end, _) in folder.match_indices('/').chain([(folder.len(), "")]) {
            let part = &folder[..end];
            match self.root.join(part).symlink_metadata() {
                Ok(data) if data.is_symlink() => match self.follow(part) {
                    Ok((target, _)) => walk.links.push((part.to_owned(), target)),
                    Err(problem) => {
                        walk.problems.push(problem);
                        return walk;
                    }
                },
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => return walk,
                Err(error) => {
                    walk.problems.push(closed(part, Some(&error)));
                    return walk;
                }
            }
        }
        if !start.is_dir() {
            let problem = Diagnostic::error("this is a file, and the site needs a folder of this name");
            walk.problems.push(problem.at(Location::file(folder)).help("rename the file"));
            return walk;
        }
        self.walk_into(&start, folder, false, &mut found, &mut walk);
        // To look at each file takes longer than to find them all.
        walk.files = found
            .into_par_iter()
            .with_min_len(64)
            // One that vanished since its folder was listed is as if it had never been there.
            .filter_map(|(path, place)| Some(WalkEntry { path, stamp: FileMetadata::of_file(&place.metadata().ok()?) }))
            .collect();
        walk.files.par_sort_unstable();
        walk
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let (file, length) = self.file(path)?;
        let mut bytes = Vec::new();
        // A byte more than is there, so that the end is seen without growing.
        bytes.try_reserve_exact(usize::try_from(length.min(LARGEST_TEXT)).unwrap_or(0).saturating_add(1))?;
        // The file itself would be asked for its length once more, and for its place.
        let read = file.take(LARGEST_TEXT + 1).read_to_end(&mut bytes)?;
        if read as u64 > LARGEST_TEXT {
            let (length, most) = (length.max(read as u64).div_ceil(1 << 20), LARGEST_TEXT >> 20);
            let message = format!("it is {length} MiB large, and a text may have {most} MiB at most");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
        Ok(bytes)
    }

    fn open(&self, path: &str) -> io::Result<Stream> {
        Ok(Stream::File(self.file(path)?.0))
    }

    fn real_path(&self, path: &str) -> io::Result<String> {
        let real = self.resolve(path)?.canonicalize()?;
        let inside = real.strip_prefix(self.root.canonicalize()?).unwrap_or(&real);
        Ok(inside.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"))
    }

    fn place_inside(&self, path: &str) -> Option<String> {
        let place = self.root.join(path);
        let known = place.ancestors().find_map(|known| Some((known, known.canonicalize().ok()?)));
        let (known, real) = known?;
        let real = real.join(place.strip_prefix(known).ok()?);
        let inside = real.strip_prefix(self.root.canonicalize().ok()?).ok()?;
        Some(inside.to_string_lossy().trim_end_matches('/').replace(std::path::MAIN_SEPARATOR, "/"))
    }

    fn stamp(&self, path: &str) -> Option<FileMetadata> {
        let data = self.resolve(path).and_then(std::fs::metadata).ok().filter(Metadata::is_file)?;
        Some(FileMetadata::of_file(&data))
    }
}

/// Opens a file that a program keeps for itself: never through a symbolic link, and nothing but a regular file.
pub fn open_own(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, libc::O_NONBLOCK | libc::O_NOFOLLOW);
    if cfg!(not(unix)) && path.is_symlink() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let file = options.open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
}

/// Opens a file to read it, and does not wait for a writer if it is a pipe.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options().read(true).custom_flags(libc::O_NONBLOCK).open(path)
}

/// Opens a file like that, but not if it is a symbolic link.
#[cfg(unix)]
fn open_unless_link(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOFOLLOW).open(path)
}

/// Other systems have no pipes among files.
#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Other systems may have no such way to open one.
#[cfg(not(unix))]
fn open_unless_link(_path: &Path) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The diagnostic for a folder that cannot be listed.
fn closed(path: &str, error: Option<&io::Error>) -> Diagnostic {
    Diagnostic::error(match error {
        Some(error) => format!("this folder cannot be looked at: {error}"),
        None => "this folder cannot be looked at".to_owned(),
    })
    .at(Location::file(path))
}

/// A site in memory: for tests, and for text that is not saved yet.
#[derive(Clone, Debug, Default)]
pub struct MemoryWorld {
    files: BTreeMap<String, Vec<u8>>,
}

impl MemoryWorld {
    /// A world without files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a file into the world, or replaces it.
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.files.insert(path.into(), bytes.into());
    }

    fn get(&self, path: &str) -> io::Result<&Vec<u8>> {
        self.files.get(path).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }
}

impl<P: Into<String>, B: Into<Vec<u8>>> FromIterator<(P, B)> for MemoryWorld {
    fn from_iter<I: IntoIterator<Item = (P, B)>>(files: I) -> Self {
        Self { files: files.into_iter().map(|(path, bytes)| (path.into(), bytes.into())).collect() }
    }
}

impl World for MemoryWorld {
    fn walk(&self, folder: &str) -> WalkResult {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let files = self
            .files
            .range(prefix.clone()..)
            .take_while(|(path, _)| path.starts_with(&prefix))
            .filter(|(path, _)| !is_left_by_editor(path))
            .map(|(path, bytes)| WalkEntry { path: path.clone(), stamp: FileMetadata::of_bytes(bytes) })
            .collect();
        WalkResult { files, ..WalkResult::default() }
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.get(path).cloned()
    }

    fn open(&self, path: &str) -> io::Result<Stream> {
        Ok(Stream::Bytes(io::Cursor::new(self.get(path)?.clone())))
    }

    fn stamp(&self, path: &str) -> Option<FileMetadata> {
        self.files.get(path).map(|bytes| FileMetadata::of_bytes(bytes))
    }
}
