//! New bytes into the output folder, so that no half-written file is ever seen there and nothing is lost.
//!
//! A build first *stages* its changed outputs in a hidden folder inside the output folder, which has the shape that the
//! output folder will have. Only when every output is staged does it *commit*: it notes in the manifest what is about to
//! be there, and renames what it staged into place, a folder that is new as a whole. A build that fails before that
//! leaves the folder as it was; one that is killed leaves whole files only, all of them on the manifest, and the next
//! build puts the rest right.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::hash::BuildHasher;
use std::io::{self, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use walkdir::WalkDir;
use xxhash_rust::xxh3::Xxh3;

use super::cache;
use super::manifest::{Manifest, PathHash};
use super::state::OutputFile;
use crate::diagnostic::Diagnostic;
use crate::locks::lock;
use crate::site::{MANIFEST, SEARCH_INDEX, STAGING, is_plain};
use crate::source::{FileMetadata, Fingerprint, Stream};

/// So many files may go without a question, however few a site has.
const FEW: usize = 5;

/// An output folder during one build.
#[derive(Debug)]
pub struct OutputFolder {
    root: PathBuf,
    /// There was nothing in the folder before this build.
    is_new: bool,
    /// The folders on the way to it that were not there, and itself, innermost first: a build that fails takes them away again.
    missing: Vec<PathBuf>,
    before: Manifest,
    /// Where outputs are staged.
    tree: PathBuf,
    /// The folders in there that were made, by the hashes of their paths. One that is missing among them is made all the
    /// same: that it is there only saves a try.
    made: Mutex<FxHashSet<u64>>,
    /// Outputs in whose places somebody else put the very same bytes. They stay that somebody's.
    foreign: Mutex<BTreeSet<String>>,
    /// The content of each output that was made.
    contents: Mutex<FxHashMap<PathHash, Fingerprint>>,
    written: AtomicUsize,
    unchanged: AtomicUsize,
}

/// What a build did to its output folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Outputs that are new or have other bytes than before.
    pub written: usize,
    /// Outputs whose bytes are the same, and which were not touched.
    pub unchanged: usize,
    /// Outputs of an earlier build that no longer exist.
    pub removed: usize,
    /// Files in the places of such outputs that somebody edited. They stay.
    pub edited: Vec<String>,
}

impl OutputFolder {
    /// Looks at the output folder, and refuses one that holds the site's sources.
    pub fn open(folder: &Path, site: &Path, inbox: Option<&str>) -> Result<Self, Diagnostic> {
        let problem = |error: io::Error| failed("look at the output folder", folder, &error);
        let site = site.canonicalize().map_err(|error| failed("look at the site's folder", site, &error))?;
        let place = canonical_ahead(folder).map_err(problem)?;
        let inbox = inbox.and_then(|inbox| canonical_ahead(&site.join(inbox)).ok());
        let refused = if place == site {
            Some("it is the site's own folder")
        } else if site.starts_with(&place) {
            Some("the site itself lies in it")
        } else if ["content", "static", "templates", "themes", "sass", ".git", cache::FOLDER]
            .iter()
            .any(|source| place.starts_with(site.join(source)))
        {
            Some("it lies among the site's sources")
        } else if inbox.as_ref().is_some_and(|inbox| inbox.starts_with(&place) || place.starts_with(inbox)) {
            Some("replies wait there, which not everybody may read")
        } else if place.ancestors().find(|folder| folder.symlink_metadata().is_ok()).is_some_and(|it| !it.is_dir()) {
            Some("there is a file in its place")
        } else {
            None
        };
        if let Some(reason) = refused {
            return Err(Diagnostic::error(format!("the output folder cannot be `{}`: {reason}", folder.display()))
                .help("choose a folder of its own, such as `--output public`"));
        }
        // Nothing is staged through a link.
        let staging = place.join(STAGING);
        if staging.symlink_metadata().is_ok_and(|data| !data.is_dir()) {
            return Err(foreign(&staging));
        }
        let is_new = fs::read_dir(&place).map_or(!place.exists(), |mut entries| entries.next().is_none());
        let missing = place.ancestors().take_while(|folder| !folder.exists()).map(Path::to_owned).collect();
        let before = Manifest::read(&place);
        let tree = place.join(STAGING).join("tree");
        Ok(Self {
            root: place,
            is_new,
            missing,
            before,
            tree,
            made: Mutex::default(),
            foreign: Mutex::default(),
            contents: Mutex::default(),
            written: AtomicUsize::new(0),
            unchanged: AtomicUsize::new(0),
        })
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The stamp of what Causerie wrote in an output's place; none if there is no such file.
    pub fn stamp(&self, path: &str) -> Option<FileMetadata> {
        if self.before.has(path) { self.stamp_of_any(path) } else { None }
    }

    /// The stamp of the manifest; none if there is none.
    pub fn manifest_stamp(&self) -> Option<FileMetadata> {
        self.stamp_of_any(MANIFEST)
    }

    fn stamp_of_any(&self, path: &str) -> Option<FileMetadata> {
        let data = self.root.join(path).symlink_metadata().ok().filter(fs::Metadata::is_file)?;
        Some(FileMetadata::of_own(&data))
    }

    /// The fingerprint of the bytes in an output's place.
    pub fn content(&self, path: &str) -> io::Result<Fingerprint> {
        content_of(&mut File::open(self.root.join(path))?)
    }

    /// Finds outputs whose places are taken by what Causerie did not write. `paths` are those that are to be written.
    pub fn obstacles(&self, paths: &[&str]) -> Vec<Diagnostic> {
        if self.is_new {
            return Vec::new();
        }
        let in_the_way = |folder: &&str| match self.root.join(folder).symlink_metadata() {
            Ok(data) if data.is_symlink() => Some(
                Diagnostic::error(format!(
                    "`{folder}` in the output folder is a symbolic link, and outputs are not written through links"
                ))
                .help("remove the link, or choose another output folder"),
            ),
            Ok(data) if !data.is_dir() && !self.is_ours(folder) => Some(
                Diagnostic::error(format!(
                    "`{folder}` in the output folder is a file that Causerie did not write, \
                     and the site needs a folder of that name"
                ))
                .help("move the file away, or choose another output folder"),
            ),
            _ => None,
        };
        let mut found: Vec<Diagnostic> = folders(paths.iter().copied()).par_iter().filter_map(in_the_way).collect();
        for path in paths {
            let is_folder = self.root.join(path).symlink_metadata().is_ok_and(|data| data.is_dir());
            if is_folder && self.count_ours(path).is_none_or(|count| count == 0) {
                found.push(
                    Diagnostic::error(format!(
                        "`{path}` in the output folder is a folder with files that Causerie did not write, \
                         and the site needs a file of that name"
                    ))
                    .help("move the folder away, or choose another output folder"),
                );
            }
        }
        found
    }

    /// Whether the file at a path is one that an earlier build wrote, with the bytes that it wrote.
    fn is_ours(&self, path: &str) -> bool {
        let place = self.root.join(path);
        let mut contents = self.before.contents(PathHash::of(path)).peekable();
        if contents.peek().is_none() || !is_file(&place) {
            return false;
        }
        self.content(path).is_ok_and(|found| contents.any(|content| content == found))
    }

    /// How many files of earlier builds a folder in the output folder holds; none if it holds anything else.
    fn count_ours(&self, folder: &str) -> Option<usize> {
        let mut count = 0;
        for entry in fs::read_dir(self.root.join(folder)).ok()? {
            let entry = entry.ok()?;
            let name = format!("{folder}/{}", entry.file_name().to_str()?);
            if entry.file_type().ok()?.is_dir() {
                // Causerie leaves no empty folders, and removes none of somebody else's.
                count += self.count_ours(&name).filter(|&count| count > 0)?;
            } else {
                count += self.is_ours(&name).then_some(1)?;
            }
        }
        Some(count)
    }

    /// Stages an output's bytes, unless the file in place has them already. Gives back the file as it is then.
    pub fn put(&self, path: &str, bytes: &[u8]) -> Result<OutputFile, Diagnostic> {
        self.stage(
            path,
            bytes.len() as u64,
            || Ok(bytes),
            |file| {
                file.write_all(bytes)?;
                Ok(Fingerprint::of(bytes))
            },
        )
    }

    /// The same with an output of `size` bytes that may be too large for memory.
    pub fn put_stream(
        &self,
        path: &str,
        size: u64,
        open: impl Fn() -> io::Result<Stream>,
    ) -> Result<OutputFile, Diagnostic> {
        self.stage(path, size, &open, |file| copy(open()?, file))
    }

    fn stage<R: Read>(
        &self,
        path: &str,
        size: u64,
        open: impl FnOnce() -> io::Result<R>,
        fill: impl FnOnce(&mut File) -> io::Result<Fingerprint>,
    ) -> Result<OutputFile, Diagnostic> {
        let problem = |error: io::Error| failed("write", &self.root.join(path), &error);
        let place = || self.root.join(path);
        let there = if self.is_new { None } else { place().symlink_metadata().ok().filter(|data| !data.is_dir()) };
        if let Some(data) = there {
            if data.is_file() && data.len() == size {
                let old = File::open(place()).map_err(problem)?;
                if let Some(content) = same_bytes(open().map_err(problem)?, old).map_err(problem)? {
                    lock(&self.contents).insert(PathHash::of(path), content);
                    if !self.before.has(path) {
                        lock(&self.foreign).insert(path.to_owned());
                    }
                    self.unchanged.fetch_add(1, Ordering::Relaxed);
                    return Ok(OutputFile { stamp: FileMetadata::of_own(&data), content: Some(content) });
                }
            }
            if !self.before.has(path) {
                return Err(foreign(&place()));
            }
        }
        let mut file = self.create(&self.tree.join(path)).map_err(problem)?;
        let content = fill(&mut file).map_err(problem)?;
        lock(&self.contents).insert(PathHash::of(path), content);
        self.written.fetch_add(1, Ordering::Relaxed);
        let stamp = FileMetadata::of_own(&file.metadata().map_err(problem)?);
        Ok(OutputFile { stamp, content: Some(content) })
    }

    /// Makes a file to stage an output in, and its folder, which most outputs have to themselves.
    fn create(&self, place: &Path) -> io::Result<File> {
        // It is read again when the system has copied it.
        let create = || File::options().read(true).write(true).create_new(true).open(place);
        let Some(folder) = place.parent() else { return create() };
        let hash = FxBuildHasher.hash_one(folder.as_os_str());
        if lock(&self.made).insert(hash) {
            // Whatever is wrong with it, making the file will tell.
            let _ = fs::create_dir(folder);
        }
        match create() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(folder)?;
                create()
            }
            file => file,
        }
    }

    /// What earlier builds wrote and `planned` lacks, as far as it is there. `known` are paths of an earlier build; if they do
    /// not name all of it, the output folder is looked through.
    pub fn stale<'a>(&self, planned: &[&str], known: impl Iterator<Item = &'a str>) -> Vec<String> {
        let planned: FxHashSet<PathHash> = planned.par_iter().map(|path| PathHash::of(path)).collect();
        let mut wanted: FxHashSet<PathHash> = self.before.files.iter().map(|&(path, _)| path).collect();
        wanted.retain(|path| !planned.contains(path));
        let mut stale = BTreeSet::new();
        if wanted.is_empty() {
            return Vec::new();
        }
        stale.extend(known.filter(|path| is_plain(path) && wanted.remove(&PathHash::of(path))).map(str::to_owned));
        let entries = WalkDir::new(&self.root).into_iter().filter_entry(|entry| entry.file_name() != STAGING);
        for entry in entries.filter_map(Result::ok) {
            if wanted.is_empty() {
                break;
            }
            let Some(path) = entry.path().strip_prefix(&self.root).ok().and_then(Path::to_str) else { continue };
            let path = path.replace(std::path::MAIN_SEPARATOR, "/");
            if wanted.remove(&PathHash::of(&path)) {
                stale.insert(path);
            }
        }
        stale.into_iter().filter(|path| !self.is_behind_link(path) && is_file(&self.root.join(path))).collect()
    }

    /// The error of a build that would leave little of what earlier builds wrote, as happens when a folder of the site is not
    /// where it was. With `has_pages` the site has at least one page.
    pub fn shrinkage(&self, planned: &[&str], stale: &[String], has_pages: bool) -> Option<Diagnostic> {
        // Most files of the search have other names after any change.
        let counts = |path: &&str| path.split('/').next() != Some(SEARCH_INDEX);
        let kept: Vec<&str> = planned.iter().copied().filter(counts).filter(|path| self.before.has(path)).collect();
        let removed: Vec<&str> = stale.iter().map(String::as_str).filter(counts).collect();
        let loses_most = removed.len() > FEW && removed.len() > kept.len();
        let loses_all_pages = !has_pages && removed.iter().any(|path| path.ends_with(".html"));
        let message = if loses_most {
            let all = kept.len() + removed.len();
            format!("the site would lose {} of the {all} files that earlier builds wrote", removed.len())
        } else if loses_all_pages {
            "the site has no pages any more, and would lose those that earlier builds wrote".to_owned()
        } else {
            return None;
        };
        let help =
            "see whether a folder of the site was moved or renamed; if all is as it should be, build with `--force`";
        Some(Diagnostic::error(message).help(help))
    }

    /// Puts everything that was staged into place, and removes what is `stale`.
    pub fn commit(&self, planned: &[&str], stale: &[String]) -> Result<Changes, Diagnostic> {
        let result = self.commit_staged(planned, stale);
        self.remove_staging();
        let edited = result?;
        let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
        let removed = stale.len() - edited.len();
        Ok(Changes { written: count(&self.written), unchanged: count(&self.unchanged), removed, edited })
    }

    /// What the manifest says when the outputs are in their places.
    fn manifest_of(&self, planned: &[&str]) -> Manifest {
        let (foreign, contents) = (lock(&self.foreign), lock(&self.contents));
        let mut files = BTreeSet::new();
        for path in planned.iter().filter(|path| !foreign.contains(**path)) {
            let hash = PathHash::of(path);
            let before: Vec<Fingerprint> = self.before.contents(hash).collect();
            let content = match (contents.get(&hash), &before[..]) {
                (Some(&content), _) | (None, &[content]) => Some(content),
                // A build was killed.
                _ => self.content(path).ok(),
            };
            files.extend(content.map(|content| (hash, content)));
        }
        Manifest { files }
    }

    /// Gives back those of `stale` that somebody edited, which stay.
    fn commit_staged(&self, planned: &[&str], stale: &[String]) -> Result<Vec<String>, Diagnostic> {
        let staging = self.root.join(STAGING);
        let problem = |error: io::Error| failed("write", &self.root, &error);
        fs::create_dir_all(&self.tree).map_err(problem)?;
        // Once it is begun it must not fail half-way for what could have been known.
        let gone = stale.iter().map(|path| self.root.join(path));
        let gone_from: BTreeSet<PathBuf> = gone.filter_map(|place| place.parent().map(Path::to_owned)).collect();
        gone_from.iter().try_for_each(|folder| writable(folder))?;
        self.check_places(&self.tree, "")?;
        let manifest = self.root.join(MANIFEST);
        if manifest.symlink_metadata().is_ok_and(|data| !data.is_file()) {
            return Err(foreign(&manifest));
        }

        // From here on a killed build leaves files; each of them must be known as ours.
        let mut after = self.manifest_of(planned);
        let all = Manifest { files: self.before.files.union(&after.files).copied().collect() };
        all.write(&self.root, &staging).map_err(problem)?;

        // What stands where something new must be makes way first: a file for a folder, or a folder for a file. The rest goes
        // last, so that whatever is there in between finds what it names.
        let folders: FxHashSet<&str> = planned.iter().flat_map(|path| ancestors(path)).collect();
        let files: FxHashSet<&str> = planned.iter().copied().collect();
        let is_in_the_way =
            |path: &&str| folders.contains(path) || ancestors(path).any(|folder| files.contains(folder));
        let (first, last): (Vec<&str>, Vec<&str>) = stale.iter().map(String::as_str).partition(is_in_the_way);
        let mut edited = Vec::new();
        let mut remove = |path: &str| -> Result<(), Diagnostic> {
            if !self.remove(path)? {
                edited.push(path.to_owned());
            }
            Ok(())
        };
        first.into_iter().try_for_each(&mut remove)?;
        let mut taken = Vec::new();
        self.move_into(&self.tree, "", &mut taken)?;
        last.into_iter().try_for_each(&mut remove)?;
        for path in &taken {
            let hash = PathHash::of(path);
            after.files.retain(|&(file, _)| file != hash);
        }
        after.write(&self.root, &staging).map_err(problem)?;
        taken.first().map_or(Ok(edited), |path| Err(foreign(&self.root.join(path))))
    }

    /// Moves what is staged in a folder to its place, which is `path` in the output folder. A folder that is not there yet is
    /// moved as a whole, which makes a first build as quick as writing its files. Where somebody else has put something
    /// meanwhile it stays, and the path comes to `taken`.
    fn move_into(&self, staged: &Path, path: &str, taken: &mut Vec<String>) -> Result<(), Diagnostic> {
        let problem = |error: io::Error| failed("write", &self.root.join(path), &error);
        for entry in fs::read_dir(staged).map_err(problem)? {
            let entry = entry.map_err(problem)?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let path = if path.is_empty() { name.into_owned() } else { format!("{path}/{name}") };
            let target = self.root.join(&path);
            let is_folder = entry.file_type().map_err(problem)?.is_dir();
            let moved = if !is_folder && self.before.has(&path) {
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

    /// Makes sure that what is staged in a folder can be moved to its place, which is `path` in the output folder.
    fn check_places(&self, staged: &Path, path: &str) -> Result<(), Diagnostic> {
        let folder = self.root.join(path);
        let problem = |error: io::Error| failed("write", &folder, &error);
        let mut is_entered = false;
        for entry in fs::read_dir(staged).map_err(problem)? {
            let entry = entry.map_err(problem)?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let path = if path.is_empty() { name.into_owned() } else { format!("{path}/{name}") };
            let place = self.root.join(&path);
            let is_folder = entry.file_type().map_err(problem)?.is_dir();
            let there = place.symlink_metadata().ok();
            match &there {
                Some(data) if data.is_dir() && is_folder => {
                    if !is_on_device_of(data, staged) {
                        return Err(Diagnostic::error(format!("`{}` is another file system", place.display()))
                            .help("the output folder has to be one file system: let all of it be mounted, or none"));
                    }
                    self.check_places(&entry.path(), &path)?;
                    continue;
                }
                // A folder makes way for a file if only stale files are in it.
                Some(data) if data.is_dir() && self.count_ours(&path).is_some_and(|count| count > 0) => {}
                Some(data) if data.is_file() && is_folder && self.is_ours(&path) => {}
                Some(data) if data.is_file() && !is_folder && self.before.has(&path) => {}
                Some(_) => return Err(foreign(&place)),
                None => {}
            }
            if !std::mem::replace(&mut is_entered, true) {
                writable(&folder)?;
            }
        }
        Ok(())
    }

    /// Whether a link is on the way to a file: what lies behind it is not in this folder, whoever put the link here.
    fn is_behind_link(&self, path: &str) -> bool {
        ancestors(path).any(|folder| self.root.join(folder).is_symlink())
    }

    /// Removes a file of an earlier build, and the folders that it leaves empty. False if it is not the file that Causerie wrote:
    /// then it stays.
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

    /// Gives the build up: the folder is as it was before.
    pub fn abandon(&self) {
        self.remove_staging();
        // Fails where somebody else has put something there meanwhile, as it should.
        for folder in &self.missing {
            let _ = fs::remove_dir(folder);
        }
    }

    /// Removes what a build that was killed left behind. It is ours and worthless.
    pub fn remove_staging(&self) {
        let staging = self.root.join(STAGING);
        if staging.symlink_metadata().is_ok_and(|data| data.is_dir()) {
            let _ = fs::remove_dir_all(staging);
        }
    }
}

/// Whether there is a file at a path, and no link to one.
fn is_file(place: &Path) -> bool {
    place.symlink_metadata().is_ok_and(|data| data.is_file())
}

/// Whether something lies in the file system in which a path is: nothing can be renamed from one to another.
#[cfg(unix)]
fn is_on_device_of(data: &fs::Metadata, place: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    place.metadata().is_ok_and(|other| other.dev() == data.dev())
}

/// Elsewhere a rename says so itself.
#[cfg(not(unix))]
fn is_on_device_of(_: &fs::Metadata, _: &Path) -> bool {
    true
}

/// Makes sure that files can be put into a folder and removed from it.
#[cfg(unix)]
fn writable(folder: &Path) -> Result<(), Diagnostic> {
    use rustix::fs::{Access, access};
    access(folder, Access::WRITE_OK | Access::EXEC_OK).map_err(|error| failed("write into", folder, &error.into()))
}

/// Elsewhere the right to write is not a folder's.
#[cfg(not(unix))]
fn writable(_: &Path) -> Result<(), Diagnostic> {
    Ok(())
}

/// Renames something to a place where nothing is, in one step where the system can do that.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Not every file system can.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => rename_if_free(from, to),
        result => result.map_err(io::Error::from),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    rename_if_free(from, to)
}

fn rename_if_free(from: &Path, to: &Path) -> io::Result<()> {
    if to.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::rename(from, to)
}

/// The folders above some paths, each once.
fn folders<'p>(paths: impl Iterator<Item = &'p str>) -> Vec<&'p str> {
    let folders: BTreeSet<&str> = paths.flat_map(ancestors).collect();
    folders.into_iter().collect()
}

/// The folders above a path, outermost first.
fn ancestors(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    memchr::memchr_iter(b'/', path.as_bytes()).map(|end| &path[..end])
}

/// Copies a file of the site, and gives back the fingerprint of the copy. It is as old as the original: what has been at rest
/// for long need not be read again to see that nobody has changed it.
fn copy(from: Stream, to: &mut File) -> io::Result<Fingerprint> {
    let modified = match from {
        // From file to file the system copies by itself, on some file systems without any copying.
        Stream::File(mut from) => {
            io::copy(&mut from, to)?;
            from.metadata()?.modified().ok()
        }
        Stream::Bytes(mut bytes) => {
            io::copy(&mut bytes, to)?;
            None
        }
    };
    to.rewind()?;
    let content = content_of(to)?;
    if let Some(modified) = modified {
        // Where that is refused it is looked at a few times more often.
        let _ = to.set_modified(modified);
    }
    Ok(content)
}

/// The fingerprint of all bytes of a file.
fn content_of(file: &mut File) -> io::Result<Fingerprint> {
    let mut sum = Xxh3::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(Fingerprint(sum.digest128())),
            Ok(count) => sum.update(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The fingerprint of some bytes if a file has the very same.
fn same_bytes(new: impl Read, old: File) -> io::Result<Option<Fingerprint>> {
    let (mut new, mut old) = (BufReader::with_capacity(1 << 16, new), BufReader::with_capacity(1 << 16, old));
    let mut left = [0; 8192];
    let mut right = [0; 8192];
    let mut sum = Xxh3::new();
    loop {
        let count = new.read(&mut left)?;
        if count == 0 {
            return Ok((old.read(&mut right)? == 0).then(|| Fingerprint(sum.digest128())));
        }
        sum.update(&left[..count]);
        if old.read_exact(&mut right[..count]).is_err() || left[..count] != right[..count] {
            return Ok(None);
        }
    }
}

/// The place a folder has or would have: its nearest existing ancestor without links, then the rest.
fn canonical_ahead(folder: &Path) -> io::Result<PathBuf> {
    let absolute = std::path::absolute(folder)?;
    let mut plain = PathBuf::new();
    for part in absolute.components() {
        match part {
            std::path::Component::ParentDir => {
                plain = plain.canonicalize().unwrap_or(plain);
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    let mut missing = Vec::new();
    let mut there = plain.as_path();
    while !there.exists() {
        match (there.file_name(), there.parent()) {
            (Some(name), Some(parent)) => {
                missing.push(name.to_owned());
                there = parent;
            }
            _ => break,
        }
    }
    let mut place = there.canonicalize()?;
    place.extend(missing.iter().rev());
    Ok(place)
}

fn foreign(place: &Path) -> Diagnostic {
    Diagnostic::error(format!("`{}` is in the way, and Causerie did not write it", place.display()))
        .help("move it away, or choose another output folder with `--output`")
}

fn failed(what: &str, place: &Path, error: &io::Error) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(format!("cannot {what} {}: {error}", place.display()));
    if error.kind() == io::ErrorKind::StorageFull {
        diagnostic = diagnostic.help("make room on the disk; the site that was there before is untouched");
    } else if error.kind() == io::ErrorKind::PermissionDenied {
        diagnostic = diagnostic.help("give yourself the right to write there, or choose another output folder");
    }
    diagnostic
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(folder: &Path) -> OutputFolder {
        let site = folder.join("site");
        fs::create_dir_all(&site).unwrap();
        OutputFolder::open(&folder.join("out"), &site, None).unwrap()
    }

    /// Stages two files, does something to the output folder, and commits; gives what was reported.
    fn commit(folder: &Path, prefix: &str, meanwhile: impl FnOnce(&Path)) -> Option<String> {
        let output = open(folder);
        let paths = [format!("{prefix}a.txt"), format!("{prefix}b.txt")];
        let paths = paths.each_ref().map(String::as_str);
        paths.iter().for_each(|path| {
            output.put(path, b"ours").unwrap();
        });
        meanwhile(&folder.join("out"));
        output.commit(&paths, &output.stale(&paths, std::iter::empty())).err().map(|problem| problem.message)
    }

    #[test]
    fn a_file_that_comes_between_staging_and_commit_is_not_lost() {
        for prefix in ["", "new/", "new/deep/"] {
            let folder = tempfile::tempdir().unwrap();
            let mine = folder.path().join(format!("out/{prefix}b.txt"));
            let put = |_: &Path| {
                fs::create_dir_all(mine.parent().unwrap()).unwrap();
                fs::write(&mine, "mine").unwrap();
            };
            let told = commit(folder.path(), prefix, put);
            assert!(told.is_some_and(|told| told.contains("b.txt")));
            assert_eq!(fs::read_to_string(&mine).unwrap(), "mine");
            assert!(!folder.path().join(format!("out/{prefix}a.txt")).exists());
            // Nor is it ours for the next build.
            assert!(open(folder.path()).put(&format!("{prefix}b.txt"), b"ours").is_err());
            fs::remove_file(&mine).unwrap();
            assert_eq!(commit(folder.path(), prefix, |_| {}), None);
        }
    }

    #[test]
    fn nothing_is_renamed_over_anything() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        for rename in [rename_new, rename_if_free] {
            fs::write(place("a"), "a").unwrap();
            fs::write(place("b"), "b").unwrap();
            assert_eq!(rename(&place("a"), &place("b")).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(fs::read_to_string(place("b")).unwrap(), "b");
            fs::remove_file(place("b")).unwrap();
            rename(&place("a"), &place("b")).unwrap();
        }
    }
}
