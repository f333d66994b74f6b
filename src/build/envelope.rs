//! Files of the cache: written as a whole or not at all, and read only if they are exactly what was written by the very
//! program that reads them.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use tempfile::NamedTempFile;
use xxhash_rust::xxh3::Xxh3;

use crate::source::{FileMetadata, Fingerprint, open_own};

const MAGIC: &[u8; 8] = b"causerie";
const HEADER: usize = 8 + 16 + 16;

/// So many bytes are written at once.
const BUFFER: usize = 1 << 16;

/// The identity of this program: the same bytes may mean something else in the cache of another version.
static PROGRAM: LazyLock<[u8; 16]> = LazyLock::new(|| {
    let stamp = std::env::current_exe().and_then(fs::metadata).map(|data| FileMetadata::of_own(&data)).ok();
    let identity = format!("{} {stamp:?}", env!("CARGO_PKG_VERSION"));
    Fingerprint::of(identity.as_bytes()).0.to_le_bytes()
});

/// Reads what [`write()`] wrote. None if there is nothing, or something that is torn, edited or of another version.
pub fn read(path: &Path) -> Option<Vec<u8>> {
    let mut file = open_own(File::options().read(true), path).ok()?;
    let mut header = [0; HEADER];
    file.read_exact(&mut header).ok()?;
    if header[..8] != *MAGIC || header[8..24] != *PROGRAM {
        return None;
    }
    let mut content = Vec::new();
    file.read_to_end(&mut content).ok()?;
    (header[24..] == Fingerprint::of(&content).0.to_le_bytes()).then_some(content)
}

/// Writes a file of the cache, with what `fill` writes into it. It replaces an earlier file in one step.
///
/// # Errors
/// What `fill` says, or the file cannot be written. What was there is still there.
pub fn write(path: &Path, fill: impl FnOnce(&mut BufWriter<ChecksumWriter>) -> io::Result<()>) -> io::Result<()> {
    prepare(path, fill)?.put()
}

/// Writes such a file beside its place.
///
/// # Errors
/// As for [`write()`].
pub fn prepare(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<ChecksumWriter>) -> io::Result<()>,
) -> io::Result<PendingFile> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    // What the header says is known when all has been written.
    file.write_all(&[0; HEADER])?;
    let mut content = BufWriter::with_capacity(BUFFER, ChecksumWriter { file, sum: Xxh3::new() });
    fill(&mut content)?;
    let ChecksumWriter { mut file, sum } = content.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    file.write_all(MAGIC)?;
    file.write_all(&*PROGRAM)?;
    file.write_all(&Fingerprint(sum.digest128()).0.to_le_bytes())?;
    Ok(PendingFile { file, place: path.to_owned() })
}

/// A file of the cache that is not in its place yet. If it is dropped, it is gone.
#[derive(Debug)]
pub struct PendingFile {
    file: NamedTempFile,
    place: PathBuf,
}

impl PendingFile {
    /// Puts it into its place, in one step.
    ///
    /// # Errors
    /// If that cannot be done. What was there is still there.
    pub fn put(self) -> io::Result<()> {
        self.file.persist(self.place)?;
        Ok(())
    }
}

/// A file that is being written, with the sum of what is in it.
pub struct ChecksumWriter {
    file: NamedTempFile,
    sum: Xxh3,
}

impl Write for ChecksumWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.sum.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        assert_eq!(read(&path), None);
        write(&path, |file| ["con", "", "tent"].iter().try_for_each(|piece| file.write_all(piece.as_bytes()))).unwrap();
        let broken = |file: &mut BufWriter<ChecksumWriter>| {
            file.write_all(b"other")?;
            Err(io::ErrorKind::Other.into())
        };
        assert!(write(&path, broken).is_err());
        assert_eq!(read(&path).as_deref(), Some(&b"content"[..]));
        let whole = fs::read(&path).unwrap();
        for cut in 0..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            assert_eq!(read(&path), None, "{cut}");
            let mut edited = whole.clone();
            edited[cut] ^= 1;
            fs::write(&path, edited).unwrap();
            assert_eq!(read(&path), None, "{cut}");
        }
    }
}
