//! The cache: the folder `.causerie/` in the site, which can be deleted at any time.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustc_hash::FxHashSet;

use super::envelope::{self, PendingFile};
use super::search::StoredEntries;
use super::state::State;
use crate::fetch::ResponseStore;
use crate::images::ImageStore;
use crate::load::ParseCache;
use crate::markdown::Highlighter;
use crate::source::{Fingerprint, open_own};

/// The folder, in the site.
pub const FOLDER: &str = ".causerie";

/// The file of the parse cache, in that folder.
const PARSE_CACHE: &str = "content";

/// The file of the highlighted code, in that folder.
const CODE: &str = "code";

/// The folder of processed images, in that folder.
const IMAGES: &str = "images";

/// How long a processed image or a response is kept that no build uses. Another output folder or a draft may use it.
const LONGEST_UNUSED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The file of links to other sites, in that folder.
const LINKS: &str = "links";

/// The folder of responses of other servers, in that folder.
const RESPONSES: &str = "responses";

/// The responses of other servers in a site's cache, each a file of its own.
pub struct StoredResponses {
    root: PathBuf,
}

impl StoredResponses {
    /// The responses in the cache of a site.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }
}

impl ResponseStore for StoredResponses {
    fn get(&self, request: Fingerprint) -> Option<Vec<u8>> {
        read_used(&Cache::folder_of(&self.root)?.join(RESPONSES).join(request.to_string()))
    }

    fn put(&self, request: Fingerprint, bytes: &[u8]) {
        put_into(&self.root, RESPONSES, request, bytes);
    }
}

/// Reads a file, and notes that it was used. Where that cannot be noted it is made again in a month.
fn read_used(place: &Path) -> Option<Vec<u8>> {
    let bytes = envelope::read(place)?;
    let _ = File::options().write(true).open(place).and_then(|file| file.set_modified(SystemTime::now()));
    Some(bytes)
}

/// Writes a file into a folder of a site's cache. Without it the next run takes longer, and that is all.
fn put_into(root: &Path, folder: &str, name: Fingerprint, bytes: &[u8]) {
    let Some((cache, _)) = Cache::prepare(root) else { return };
    let folder = cache.join(folder);
    if fs::create_dir_all(&folder).is_ok() {
        let _ = envelope::write(&folder.join(name.to_string()), |file| file.write_all(bytes));
    }
}

/// The processed images in a site's cache. Each has a file of its own, which is written as a whole, so that builds and the
/// preview can use them at the same time.
pub struct StoredImages {
    root: PathBuf,
    /// Whether images of earlier builds are used.
    is_read: bool,
}

impl StoredImages {
    /// The images in the cache of a site. With `is_read` those that are there are used.
    pub fn new(root: &Path, is_read: bool) -> Self {
        Self { root: root.to_owned(), is_read }
    }
}

impl ImageStore for StoredImages {
    fn get(&self, image: Fingerprint) -> Option<Vec<u8>> {
        let place = Cache::folder_of(&self.root)?.join(IMAGES).join(image.to_string());
        if self.is_read { read_used(&place) } else { None }
    }

    fn put(&self, image: Fingerprint, bytes: &[u8]) {
        put_into(&self.root, IMAGES, image, bytes);
    }
}

/// The cache of one site, held by one build at a time.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    /// The file by which others are kept waiting; the lock on it ends with the build.
    _lock: Option<File>,
}

impl Cache {
    /// Opens the cache of a site, and waits until no other build uses it; `waiting` is called once if there is one.
    /// None if the site's folder cannot be written to: then there is no cache.
    pub fn open(root: &Path, waiting: impl FnOnce()) -> Option<Self> {
        let (folder, lock) = Self::prepare(root)?;
        let locked = match lock.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => {
                waiting();
                lock.lock().is_ok()
            }
            // Some file systems have no locks.
            Err(TryLockError::Error(_)) => false,
        };
        Some(Self { folder, _lock: locked.then_some(lock) })
    }

    /// Opens the cache of a site if no build uses it.
    pub fn open_if_free(root: &Path) -> Option<Self> {
        let (folder, lock) = Self::prepare(root)?;
        lock.try_lock().ok()?;
        Some(Self { folder, _lock: Some(lock) })
    }

    /// Where the cache is or will be; none if there is something else, such as a link.
    fn folder_of(root: &Path) -> Option<PathBuf> {
        let folder = root.join(FOLDER);
        folder.symlink_metadata().map_or(true, |data| data.is_dir()).then_some(folder)
    }

    /// Makes the folder, if it is not there, and opens the file to lock.
    fn prepare(root: &Path) -> Option<(PathBuf, File)> {
        let folder = Self::folder_of(root)?;
        fs::create_dir_all(&folder).ok()?;
        // Whatever is there stays as it is, also if it is a link.
        if let Ok(mut ignore) = File::create_new(folder.join(".gitignore")) {
            ignore
                .write_all(b"# What causerie remembers of earlier builds. It can be deleted at any time.\n*\n")
                .ok()?;
        }
        let mut options = File::options();
        let lock = open_own(options.create(true).truncate(false).write(true), &folder.join("lock")).ok()?;
        Some((folder, lock))
    }

    /// The links to other sites that were in order.
    pub fn read_links(root: &Path) -> Option<Vec<u8>> {
        envelope::read(&Self::folder_of(root)?.join(LINKS))
    }

    /// Keeps them for the next check.
    pub fn keep_links(root: &Path, bytes: &[u8]) {
        if let Some((folder, _)) = Self::prepare(root) {
            let _ = envelope::write(&folder.join(LINKS), |file| file.write_all(bytes));
        }
    }

    /// The files that were parsed before, for a command that does not build.
    pub fn read_parse_cache(root: &Path) -> Option<ParseCache> {
        Self::parse_cache_in(&Self::folder_of(root)?)
    }

    /// The files that were parsed before.
    pub fn parse_cache(&self) -> Option<ParseCache> {
        Self::parse_cache_in(&self.folder)
    }

    fn parse_cache_in(folder: &Path) -> Option<ParseCache> {
        ParseCache::unpack(envelope::read(&folder.join(PARSE_CACHE))?)
    }

    /// Keeps them for the next run.
    pub fn keep_parse_cache(&self, parse_cache: &ParseCache) {
        // Without a cache the next build takes longer, and that is all.
        let _ = envelope::write(&self.folder.join(PARSE_CACHE), |file| parse_cache.pack(file));
    }

    /// What earlier builds highlighted, for any output folder.
    pub fn read_code(root: &Path) -> Option<Vec<u8>> {
        envelope::read(&Self::folder_of(root)?.join(CODE))
    }

    /// Keeps it for the next run. With `is_whole` every block of the site was shown.
    pub fn keep_code(&self, highlighter: &Highlighter, is_whole: bool) {
        if highlighter.is_changed(is_whole) {
            let _ = envelope::write(&self.folder.join(CODE), |file| highlighter.pack(is_whole, file));
        }
    }

    /// What is known of an output folder.
    pub fn state(&self, output: &Path) -> Option<State> {
        State::unpack(envelope::read(&self.place_of(output))?)
    }

    /// Keeps what is known of an output folder for the next run.
    pub fn keep_state(&self, output: &Path, packed: &[Vec<u8>; 2]) {
        let _ =
            envelope::write(&self.place_of(output), |file| packed.iter().try_for_each(|piece| file.write_all(piece)));
    }

    /// What is kept of the documents of an output folder's search.
    pub fn entries(&self, output: &Path) -> Option<StoredEntries> {
        postcard::from_bytes(&envelope::read(&self.search_of(output))?).ok()
    }

    /// Prepares it for the next run. It may come to its place only when the outputs have.
    pub fn prepare_entries(&self, output: &Path, entries: &StoredEntries) -> Option<PendingFile> {
        let pack = |file: &mut _| postcard::to_io(entries, file).map(drop).map_err(io::Error::other);
        if entries.is_empty() { None } else { envelope::prepare(&self.search_of(output), pack).ok() }
    }

    /// Removes processed images and responses that no build has used for a long time. `used` are the images of this build.
    pub fn forget_unused(&self, used: &FxHashSet<Fingerprint>) {
        let now = SystemTime::now();
        let is_old = |data: fs::Metadata| {
            let age = data.modified().ok().and_then(|modified| now.duration_since(modified).ok());
            age.is_some_and(|age| age > LONGEST_UNUSED)
        };
        let names: FxHashSet<String> = used.iter().map(ToString::to_string).collect();
        let entries = [IMAGES, RESPONSES].map(|folder| fs::read_dir(self.folder.join(folder)));
        for entry in entries.into_iter().flatten().flatten().flatten() {
            let is_used = entry.file_name().to_str().is_some_and(|name| names.contains(name));
            if !is_used && entry.metadata().is_ok_and(is_old) {
                // The next build tries again.
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn search_of(&self, output: &Path) -> PathBuf {
        self.place_of(output).with_extension("search")
    }

    fn place_of(&self, output: &Path) -> PathBuf {
        let Fingerprint(name) = Fingerprint::of(output.as_os_str().as_encoded_bytes());
        self.folder.join(format!("output-{name:032x}"))
    }
}
