//! Staging: new bytes are written beside the site, and bytes that are already in place are left alone.

use std::fs::{self, File};
use std::hash::BuildHasher;
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::sync::atomic::Ordering;

use rustc_hash::FxBuildHasher;

use super::files::fingerprint_if_equal;
use super::{OutputFolder, failed, foreign};
use crate::build::manifest::PathHash;
use crate::build::state::OutputFile;
use crate::diagnostic::Diagnostic;
use crate::locks::lock;
use crate::source::{FileMetadata, Fingerprint, Stream};

impl OutputFolder {
    /// Stages an output's bytes, unless the file in place has them already. Returns what the file will be.
    pub fn put(&self, path: &str, bytes: &[u8]) -> Result<OutputFile, Diagnostic> {
        let fill = |file: &mut File| {
            file.write_all(bytes)?;
            Ok(Fingerprint::of(bytes))
        };
        self.stage(path, bytes.len() as u64, || Ok(bytes), fill)
    }

    /// Stages an output of `size` bytes that may be too large for memory, unless the file in place has the same bytes.
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
        if let Some(data) = self.file_in_place(path) {
            if let Some(file) = self.keep_if_equal(path, &data, size, open).map_err(problem)? {
                return Ok(file);
            }
            if !self.previous.has(path) {
                return Err(foreign(&self.root.join(path)));
            }
        }
        let mut file = self.create(&self.staged.join(path)).map_err(problem)?;
        let content = fill(&mut file).map_err(problem)?;
        lock(&self.contents).insert(PathHash::of(path), content);
        self.written.fetch_add(1, Ordering::Relaxed);
        let metadata = FileMetadata::of_own(&file.metadata().map_err(problem)?);
        Ok(OutputFile { metadata, content: Some(content) })
    }

    /// What is in an output's place and is no folder.
    fn file_in_place(&self, path: &str) -> Option<fs::Metadata> {
        if self.is_new {
            return None;
        }
        self.root.join(path).symlink_metadata().ok().filter(|data| !data.is_dir())
    }

    /// The file in an output's place, if it has the very bytes that the output will have.
    fn keep_if_equal<R: Read>(
        &self,
        path: &str,
        data: &fs::Metadata,
        size: u64,
        open: impl FnOnce() -> io::Result<R>,
    ) -> io::Result<Option<OutputFile>> {
        if !data.is_file() || data.len() != size {
            return Ok(None);
        }
        let Some(content) = fingerprint_if_equal(open()?, File::open(self.root.join(path))?)? else {
            return Ok(None);
        };
        lock(&self.contents).insert(PathHash::of(path), content);
        if !self.previous.has(path) {
            lock(&self.foreign).insert(path.to_owned());
        }
        Ok(Some(OutputFile { metadata: FileMetadata::of_own(data), content: Some(content) }))
    }

    /// Creates a file to stage an output in, and its folder, which most outputs have to themselves.
    fn create(&self, place: &Path) -> io::Result<File> {
        // It is read again when the system has copied it.
        let create = || File::options().read(true).write(true).create_new(true).open(place);
        let Some(folder) = place.parent() else { return create() };
        let hash = FxBuildHasher.hash_one(folder.as_os_str());
        if lock(&self.staged_folders).insert(hash) {
            // If this fails, creating the file reports why.
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
}

/// Copies a file of the site, and returns the fingerprint of the copy. The copy gets the time of the original: a file that
/// has not changed for long need not be read again to see that nobody changed it.
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
    let content = Fingerprint::of_stream(&mut *to)?;
    if let Some(modified) = modified {
        // If the system refuses, later builds read the file a few times more often.
        let _ = to.set_modified(modified);
    }
    Ok(content)
}
