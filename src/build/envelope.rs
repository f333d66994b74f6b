//! Files of the cache: written as a whole or not at all, and read only if they are exactly what was written by the very
//! program that reads them.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::LazyLock;

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
pub fn write(path: &Path, content: &[Vec<u8>]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(MAGIC)?;
    file.write_all(&*PROGRAM)?;
    file.write_all(&Fingerprint::of_pieces(content).0.to_le_bytes())?;
    for piece in content {
        file.write_all(piece)?;
    }
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
        write(&path, &[b"con".to_vec(), Vec::new(), b"tent".to_vec()]).unwrap();
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
