//! Files of the cache: written as a whole or not at all, and read only if they are exactly what was written by the very
//! program that reads them.

use std::fs;
use std::io::{self, Seek, Write};
use std::path::Path;
use std::sync::LazyLock;

use xxhash_rust::xxh3::Xxh3;

use crate::source::{Fingerprint, Stamp};

const MAGIC: &[u8; 8] = b"causerie";
const HEADER: usize = 8 + 16 + 16;

/// What tells one program from another: a cache of another version may mean something else.
static PROGRAM: LazyLock<[u8; 16]> = LazyLock::new(|| {
    let stamp = std::env::current_exe().and_then(fs::metadata).map(|data| Stamp::of_file(&data)).ok();
    let identity = format!("{} {stamp:?}", env!("CARGO_PKG_VERSION"));
    Fingerprint::of(identity.as_bytes()).0.to_le_bytes()
});

/// Reads what [`write`] wrote. None if there is nothing, or something that is torn, edited or of another version.
pub fn read(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = fs::read(path).ok()?;
    let (header, content) = bytes.split_at_checked(HEADER)?;
    let sum = Fingerprint::of(content).0.to_le_bytes();
    if header[..8] != *MAGIC || header[8..24] != *PROGRAM || header[24..] != sum {
        return None;
    }
    bytes.drain(..HEADER);
    Some(bytes)
}

/// Writes a file of the cache, of which the content comes in pieces. The one that was there is replaced in one step.
///
/// # Errors
/// A piece could not be made, or the file not be written. What was there is still there.
pub fn write<P: AsRef<[u8]>>(path: &Path, content: impl IntoIterator<Item = io::Result<P>>) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    // What the header says is known when all has been written.
    file.write_all(&[0; HEADER])?;
    let mut sum = Xxh3::new();
    for piece in content {
        let piece = piece?;
        sum.update(piece.as_ref());
        file.write_all(piece.as_ref())?;
    }
    file.rewind()?;
    file.write_all(MAGIC)?;
    file.write_all(&*PROGRAM)?;
    file.write_all(&Fingerprint(sum.digest128()).0.to_le_bytes())?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        assert_eq!(read(&path), None);
        write(&path, ["con", "", "tent"].map(Ok)).unwrap();
        let broken = [Ok("other"), Err(io::ErrorKind::Other.into())];
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
