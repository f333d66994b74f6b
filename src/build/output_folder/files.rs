//! Operations on files that no part of the output folder has to itself.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::Path;

use xxhash_rust::xxh3::Xxh3;

use super::failed;
use crate::diagnostic::Diagnostic;
use crate::source::Fingerprint;

/// Whether there is a file at a path, and no link to one.
pub fn is_file(place: &Path) -> bool {
    place.symlink_metadata().is_ok_and(|data| data.is_file())
}

/// Whether something lies in the file system in which a path is: nothing can be renamed from one to another.
#[cfg(unix)]
pub fn is_on_device_of(data: &fs::Metadata, place: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    place.metadata().is_ok_and(|other| other.dev() == data.dev())
}

/// Elsewhere a rename says so itself.
#[cfg(not(unix))]
pub fn is_on_device_of(_: &fs::Metadata, _: &Path) -> bool {
    true
}

/// Makes sure that files can be put into a folder and removed from it.
#[cfg(unix)]
pub fn check_writable(folder: &Path) -> Result<(), Diagnostic> {
    use rustix::fs::{Access, access};
    access(folder, Access::WRITE_OK | Access::EXEC_OK).map_err(|error| failed("write into", folder, &error.into()))
}

/// Elsewhere the right to write is not a folder's.
#[cfg(not(unix))]
pub fn check_writable(_: &Path) -> Result<(), Diagnostic> {
    Ok(())
}

/// Renames something to a place where nothing is, in one step where the system can do that.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Not every file system can.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => rename_if_free(from, to),
        result => result.map_err(io::Error::from),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    rename_if_free(from, to)
}

/// Renames something unless something is in the new place. Another process can come between the two steps.
pub fn rename_if_free(from: &Path, to: &Path) -> io::Result<()> {
    if to.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::rename(from, to)
}

/// The folders above a path, outermost first.
pub fn ancestors(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    memchr::memchr_iter(b'/', path.as_bytes()).map(|end| &path[..end])
}

/// The fingerprint of some bytes if a file has the very same.
pub fn fingerprint_if_equal(new: impl Read, old: File) -> io::Result<Option<Fingerprint>> {
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
