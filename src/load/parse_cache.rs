//! The parse cache: files of content that were parsed before, so that unchanged files are not read again.

use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use pulldown_cmark::Options;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use serde_bytes::Bytes;

use crate::content::{Document, Languages, ThreadFile};
use crate::diagnostic::Diagnostic;
use crate::parallel::AT_ONCE;
use crate::source::{FileMetadata, Fingerprint, WalkEntry};

/// What a file of content is, parsed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum ParsedFile {
    /// A page or a section.
    Document(Document),
    /// Comments on a document.
    Thread(Arc<ThreadFile>),
}

/// A file of content that is to be read.
#[derive(Debug)]
pub(super) struct UnreadFile {
    pub entry: WalkEntry,
    /// The path of the document that it holds comments on; none if it is a document itself.
    pub owner: Option<Arc<str>>,
}

/// A parsed file, and what is wrong with it. There is no item if nothing could be made of it.
#[derive(Clone, Debug)]
pub(super) struct ParseResult {
    pub item: Option<ParsedFile>,
    pub problems: Vec<Diagnostic>,
}

/// The parsed files by their paths.
#[derive(Debug, Default)]
pub struct ParseCache {
    /// What the parsing depends on beside the file.
    key: Fingerprint,
    places: FxHashMap<String, CachedFile>,
    /// What the packed places are packed in.
    packed: Arc<[u8]>,
}

#[derive(Clone, Debug)]
struct CachedFile {
    stamp: FileMetadata,
    content: CachedContent,
}

#[derive(Clone, Debug)]
enum CachedContent {
    /// As an earlier run left it.
    Packed(Range<usize>),
    /// As this run read it; with its packed form, if it came from there.
    Open(ParseResult, Option<Range<usize>>),
}

/// The form in which a parse cache outlives a run. Only files without problems are in it: a problem is reported with
/// its line, for which the file must be read.
#[derive(Deserialize)]
struct PackedCache<'a> {
    key: Fingerprint,
    #[serde(borrow)]
    places: Vec<(&'a str, FileMetadata, &'a [u8])>,
}

/// What is packed of a file.
enum PackedFile<'a> {
    /// As it was packed before.
    Packed(&'a [u8]),
    /// As this run read it.
    Fresh(&'a ParsedFile),
}

impl ParseCache {
    /// Unpacks what an earlier run packed.
    pub fn unpack(packed: Vec<u8>) -> Option<Self> {
        let packed: Arc<[u8]> = packed.into();
        let start = packed.as_ptr() as usize;
        let PackedCache { key, places } = postcard::from_bytes(&packed).ok()?;
        let places = places
            .into_iter()
            .map(|(path, stamp, bytes)| {
                let at = bytes.as_ptr() as usize - start;
                (path.to_owned(), CachedFile { stamp, content: CachedContent::Packed(at..at + bytes.len()) })
            })
            .collect();
        Some(Self { key, places, packed: packed.clone() })
    }

    /// Packs the cache into a file, for the next run.
    ///
    /// # Errors
    /// What was read cannot be packed, or the file cannot be written.
    pub fn pack(&self, file: &mut impl Write) -> io::Result<()> {
        let mut places: Vec<(&str, FileMetadata, PackedFile<'_>)> = self
            .places
            .iter()
            .filter_map(|(path, CachedFile { stamp, content })| {
                let kept = match content {
                    CachedContent::Packed(range) | CachedContent::Open(_, Some(range)) => {
                        PackedFile::Packed(&self.packed[range.clone()])
                    }
                    CachedContent::Open(ParseResult { item: Some(item), problems }, None) if problems.is_empty() => {
                        PackedFile::Fresh(item)
                    }
                    CachedContent::Open(..) => return None,
                };
                Some((path.as_str(), *stamp, kept))
            })
            .collect();
        places.par_sort_unstable_by_key(|(path, ..)| *path);
        // A [`Packed`]: its key, the length of the list of its places, and these.
        let head = postcard::to_stdvec(&(self.key, places.len())).map_err(io::Error::other)?;
        file.write_all(&head)?;
        // postcard can write into the file by itself, but then it flushes the file each time.
        let (mut item, mut place) = (Vec::new(), Vec::new());
        for (path, stamp, kept) in places {
            let bytes = match kept {
                PackedFile::Packed(bytes) => bytes,
                PackedFile::Fresh(fresh) => {
                    item.clear();
                    item = postcard::to_extend(fresh, item).map_err(io::Error::other)?;
                    &item
                }
            };
            place.clear();
            place = postcard::to_extend(&(path, stamp, Bytes::new(bytes)), place).map_err(io::Error::other)?;
            file.write_all(&place)?;
        }
        Ok(())
    }

    /// Whether some of it was read by an earlier run.
    pub fn has_packed(&self) -> bool {
        !self.packed.is_empty()
    }

    /// Whether the next run would find something else in the cache than the last did.
    pub fn is_changed(&self) -> bool {
        self.places.values().any(|place| matches!(place.content, CachedContent::Open(_, None)))
    }

    /// Forgets everything if the site's configuration gives another meaning to its files: its languages to their names, and
    /// its Markdown options to what is a link.
    pub(super) fn for_options(&mut self, languages: &Languages<'_>, options: Options) {
        let mut text = format!("{:x} {}", options.bits(), languages.default);
        for other in languages.others {
            text.push('\n');
            text.push_str(other);
        }
        let key = Fingerprint::of(text.as_bytes());
        if self.key != key {
            *self = Self { key, ..Self::default() };
        }
    }

    /// What was read from a file that has not changed since.
    fn get(&self, UnreadFile { entry, owner }: &UnreadFile) -> Option<(ParseResult, Option<Range<usize>>)> {
        let place = self.places.get(&entry.path).filter(|place| place.stamp == entry.stamp)?;
        let (reading, range) = match &place.content {
            CachedContent::Open(reading, range) => (reading.clone(), range.clone()),
            CachedContent::Packed(range) => {
                let item = postcard::from_bytes(&self.packed[range.clone()]).ok()?;
                (ParseResult { item: Some(item), problems: Vec::new() }, Some(range.clone()))
            }
        };
        // What a file is may depend on its neighbours: `comments.md` is a thread only beside an `index.md`.
        let is_same = matches!(
            (&reading.item, owner),
            (Some(ParsedFile::Document(_)), None) | (Some(ParsedFile::Thread(_)), Some(_))
        );
        is_same.then_some((reading, range))
    }

    /// Takes every file from the cache or else reads it, in parallel, and leaves in the cache what is there now.
    /// `looked` is a moment before the files were looked at: a file that changed so recently that it could change again
    /// unseen is not put into the cache.
    pub(super) fn read_all(
        &mut self,
        texts: &[UnreadFile],
        looked: SystemTime,
        read: impl Fn(&UnreadFile) -> ParseResult + Sync,
    ) -> Vec<ParseResult> {
        let old = &*self;
        let reading = |text: &UnreadFile| {
            let (reading, range) = old.get(text).unwrap_or_else(|| (read(text), None));
            let stamp = text.entry.stamp;
            let place = || CachedFile { stamp, content: CachedContent::Open(reading.clone(), range) };
            let place = stamp.is_settled(looked).then(place);
            (reading, place)
        };
        let (readings, places): (Vec<ParseResult>, Vec<Option<CachedFile>>) =
            texts.par_iter().with_max_len(AT_ONCE).map(reading).unzip();
        let mut old = std::mem::take(&mut self.places);
        self.places.reserve(texts.len());
        for (UnreadFile { entry, .. }, place) in texts.iter().zip(places) {
            if let Some(place) = place {
                let path = old.remove_entry(&entry.path).map_or_else(|| entry.path.clone(), |(path, _)| path);
                self.places.insert(path, place);
            }
        }
        readings
    }
}
