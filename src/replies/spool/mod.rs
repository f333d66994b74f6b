//! The spool: replies that wait for a decision, and what is remembered of those that were decided.

#[cfg(feature = "cloud")]
mod bucket;
mod folder;
mod guard_model;
mod ledger;
mod mentions;
mod object;
mod outbox;
mod store;
#[cfg(test)]
mod tests;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::diagnostic::{Diagnostic, Location};
use crate::locks::lock;
use crate::source::FileMetadata;

pub use folder::{FolderStore, InboxFolder};
pub use ledger::OneTimeUse;
pub use mentions::{Mention, MentionState, StoredMention};
pub(super) use object::form_of;
pub use object::{Lease, ModerationNotes, Origin, ReplyObject, State};
pub use store::{Store, Version};

/// Where a site's replies wait, if its configuration does not say.
pub const DEFAULT_FOLDER: &str = "inbox";

/// The end of an object's name.
const EXTENSION: &str = ".md";

/// The replies of a site.
#[derive(Debug)]
pub struct Spool {
    store: Box<dyn Store>,
    inbox_folder: InboxFolder,
    /// Replies that were read, as each page of moderation asks for all.
    cache: Mutex<Arc<CachedReplies>>,
}

/// Replies by their ids, with the stamps of their objects.
type CachedReplies = FxHashMap<String, (FileMetadata, Arc<StoredReply>)>;

/// So many bytes of replies are remembered at most. The others are read each time.
const MAX_CACHE_SIZE: usize = 64 * 1024 * 1024;

/// About as much as a reply takes besides its text.
const REPLY_OVERHEAD: usize = 2 * 1024;

/// A reply as it was read, and which version of it that was.
#[derive(Clone, Debug)]
pub struct StoredReply {
    /// The reply.
    pub reply: ReplyObject,
    version: Version,
}

/// Why a reply could not be read or changed.
#[derive(Debug)]
pub enum SpoolError {
    /// It is not there.
    NotFound,
    /// Somebody else has changed it since it was read.
    Changed,
    /// What is there is no reply.
    Unreadable(Diagnostic),
    /// The system, or the network, failed.
    Failed(io::Error),
}

impl From<io::Error> for SpoolError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            _ => Self::Failed(error),
        }
    }
}

impl Spool {
    /// The spool at a place: a folder of the site, or a bucket by its URL (`s3://bucket/folder`, `gs://`, `az://`).
    ///
    /// # Errors
    /// There can be no spool there.
    pub fn open(root: &Path, location: &str) -> Result<Self, Diagnostic> {
        if !location.contains("://") {
            let folder = InboxFolder::new(root, location);
            return Ok(Self::new(FolderStore::new(folder.clone()), folder));
        }
        #[cfg(feature = "cloud")]
        return Ok(Self::new(bucket::BucketStore::open(location)?, InboxFolder::new(root, DEFAULT_FOLDER)));
        #[cfg(not(feature = "cloud"))]
        Err(Diagnostic::error("this Causerie was built without buckets, so that it cannot keep replies there")
            .help("build it with `--features cloud`, or let `inbox` be a folder"))
    }

    /// A spool in a store. The key and the locks are in `home`.
    pub fn new(store: impl Store + 'static, inbox_folder: InboxFolder) -> Self {
        Self { store: Box::new(store), inbox_folder, cache: Mutex::default() }
    }

    /// Where the key and the locks are.
    pub fn inbox_folder(&self) -> &InboxFolder {
        &self.inbox_folder
    }

    /// Keeps a new reply. When this returns it is on stable storage.
    ///
    /// # Errors
    /// It is not kept. `AlreadyExists` if there is one of that id.
    pub fn add(&self, reply: &ReplyObject) -> io::Result<()> {
        let (name, object) = (object_name(&reply.id), reply.to_object());
        match self.store.create(&name, object.as_bytes()) {
            // A store whose answer was lost is asked again, and has it already.
            Err(error)
                if error.kind() == io::ErrorKind::AlreadyExists
                    && self.store.read(&name).is_ok_and(|(stored, _)| stored == object.as_bytes()) =>
            {
                Ok(())
            }
            result => result,
        }
    }

    /// Reads a reply.
    ///
    /// # Errors
    /// There is none of that id, or it cannot be read.
    pub fn get(&self, id: &str) -> Result<StoredReply, SpoolError> {
        // Whatever is no id is not looked for: it may come from anywhere.
        if !is_id(id) {
            return Err(SpoolError::NotFound);
        }
        parse_object(id, self.store.read(&object_name(id)))
    }

    /// Changes a reply, if it is still the one that was read.
    ///
    /// # Errors
    /// It was changed by somebody else, is gone, or could not be written.
    pub fn update(&self, stored: &StoredReply, reply: ReplyObject) -> Result<StoredReply, SpoolError> {
        let version = self
            .store
            .replace(&object_name(&stored.reply.id), reply.to_object().as_bytes(), &stored.version)?
            .ok_or(SpoolError::Changed)?;
        Ok(StoredReply { reply, version })
    }

    /// Forgets a reply.
    ///
    /// # Errors
    /// The system refused.
    pub fn remove(&self, id: &str) -> io::Result<()> {
        self.store.remove(&object_name(id))
    }

    /// All replies, oldest first, and what is wrong with the objects that are none.
    ///
    /// # Errors
    /// The spool cannot be looked at.
    pub fn all(&self) -> io::Result<(Vec<Arc<StoredReply>>, Vec<Diagnostic>)> {
        let listed_at = SystemTime::now();
        let names = self.store.list()?;
        let mut ids: Vec<&str> = names.iter().filter_map(|name| name.strip_suffix(EXTENSION)).collect();
        ids.retain(|id| is_id(id));
        ids.sort_unstable();
        let metadata: Vec<Option<FileMetadata>> =
            ids.par_iter().map(|id| self.store.metadata(&object_name(id))).collect();
        // Whoever else asks meanwhile knows as much.
        let cache = Arc::clone(&lock(&self.cache));
        let cached: Vec<Option<Arc<StoredReply>>> = ids
            .iter()
            .zip(&metadata)
            .map(|(&id, metadata)| {
                let (cached_metadata, stored) = cache.get(id)?;
                (Some(*cached_metadata) == *metadata).then(|| Arc::clone(stored))
            })
            .collect();
        let new: Vec<&str> =
            ids.iter().zip(&cached).filter(|(_, cached)| cached.is_none()).map(|(&id, _)| id).collect();
        let bytes = self.store.read_all(&new.iter().map(|id| object_name(id)).collect::<Vec<_>>());
        let read: Vec<_> =
            new.into_par_iter().zip(bytes).map(|(id, read)| parse_object(id, read).map(Arc::new)).collect();
        let mut read = read.into_iter();
        let results = cached.into_iter().map(|cached| cached.map(Ok).or_else(|| read.next()));
        let (mut replies, mut problems) = (Vec::with_capacity(ids.len()), Vec::new());
        let mut settled = Vec::new();
        for ((id, metadata), result) in ids.into_iter().zip(metadata).zip(results.flatten()) {
            match result {
                Ok(stored) => {
                    if let Some(metadata) = metadata.filter(|metadata| metadata.is_settled(listed_at)) {
                        settled.push((metadata, stored.clone()));
                    }
                    replies.push(stored);
                }
                Err(SpoolError::Unreadable(problem)) => problems.push(problem),
                // Somebody has removed it since, or it is nothing of ours.
                Err(SpoolError::NotFound | SpoolError::Changed) => {}
                Err(SpoolError::Failed(error)) => problems.push(
                    Diagnostic::warning(format!("this reply cannot be read: {error}"))
                        .at(Location::file(object_name(id))),
                ),
            }
        }
        *lock(&self.cache) = build_cache(settled, MAX_CACHE_SIZE).into();
        Ok((replies, problems))
    }

    /// Whether replies can be kept at the moment.
    ///
    /// # Errors
    /// Why not.
    pub fn probe(&self) -> io::Result<()> {
        self.store.probe()
    }
}

/// As many of some replies as fit into so many bytes: those that wait for a decision, and the newest of the others.
fn build_cache(mut replies: Vec<(FileMetadata, Arc<StoredReply>)>, max_size: usize) -> CachedReplies {
    let is_pending = |reply: &ReplyObject| reply.notes.state == State::Pending;
    // An id begins with the moment when the reply came.
    replies.sort_by(|(_, a), (_, b)| {
        let (a, b) = (&a.reply, &b.reply);
        is_pending(b).cmp(&is_pending(a)).then_with(|| b.id.cmp(&a.id))
    });
    let mut room = max_size;
    let fits = |(_, stored): &(FileMetadata, Arc<StoredReply>)| {
        let left = room.checked_sub(REPLY_OVERHEAD + stored.reply.form.comment().len());
        room = left.unwrap_or_default();
        left.is_some()
    };
    replies
        .into_iter()
        .take_while(fits)
        .map(|(metadata, stored)| (stored.reply.id.clone(), (metadata, stored)))
        .collect()
}

/// The reply of this id that was read.
fn parse_object(id: &str, read: io::Result<(Vec<u8>, Version)>) -> Result<StoredReply, SpoolError> {
    let (bytes, version) = read?;
    let reply = ReplyObject::from_object(id, bytes).map_err(SpoolError::Unreadable)?;
    Ok(StoredReply { reply, version })
}

fn object_name(id: &str) -> String {
    format!("{id}{EXTENSION}")
}

/// Whether this can be a reply's id: nothing else becomes a part of a path.
fn is_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=64).contains(&id.len()) && id.bytes().all(plain)
}
