use std::fs::Metadata;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::Fingerprint;

/// What a file system knows of a file without reading it.
///
/// While it is unchanged, the bytes are unchanged too, unless the file is so new that two changes can have the same time:
/// see [`FileMetadata::is_settled`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileMetadata {
    /// Size in bytes.
    pub size: u64,
    /// When its bytes were last changed, in nanoseconds since 1970; 0 where it is unknown. Programs can set it
    /// to what they like.
    modified: i64,
    /// When anything about it was last changed, which no program can set; 0 where it is unknown, and for a file
    /// of our own, for which moving it into place is such a change.
    changed: i64,
    /// The number of the file. A file that is moved into its place has another number. 0 where there are none.
    file: u64,
}

impl FileMetadata {
    /// The metadata of a file that other programs write.
    pub fn of_file(data: &Metadata) -> Self {
        Self { changed: changed(data), ..Self::of_own(data) }
    }

    /// The metadata of a file that only Causerie writes. It stays the same when the file is moved.
    pub fn of_own(data: &Metadata) -> Self {
        let modified = data.modified().map_or(0, nanoseconds);
        Self { size: data.len(), modified, changed: 0, file: file_number(data) }
    }

    /// Metadata for bytes that are in no file system.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let Fingerprint(hash) = Fingerprint::of(bytes);
        let [high, low] = [hash >> 64, hash].map(|half| half & u128::from(u64::MAX));
        // Half of a hash, made negative, so that it cannot be taken for a recent time.
        let modified = i64::try_from(high >> 1).unwrap_or_default();
        Self { size: bytes.len() as u64, modified: -modified, changed: 0, file: u64::try_from(low).unwrap_or_default() }
    }

    /// All of it, for a fingerprint.
    pub fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&self.size.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.modified.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.changed.to_le_bytes());
        bytes[24..].copy_from_slice(&self.file.to_le_bytes());
        bytes
    }

    /// Whether a change after the time `looked` would change the metadata.
    ///
    /// Clocks of file systems go in steps, of some milliseconds where they count nanoseconds and of up to two seconds
    /// where they count seconds. A file that was changed less than a step ago can change again unseen.
    pub fn is_settled(&self, looked: SystemTime) -> bool {
        const FINE: Duration = Duration::from_millis(30);
        const COARSE: Duration = Duration::from_secs(2);
        let rests = |since: i64| {
            let step = if since % 1_000_000_000 == 0 { COARSE } else { FINE };
            since.saturating_add(nanoseconds_of(step)) < nanoseconds(looked)
        };
        self.modified != 0 && rests(self.modified) && (self.changed == 0 || rests(self.changed))
    }
}

fn nanoseconds(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => nanoseconds_of(since),
        Err(before) => -nanoseconds_of(before.duration()),
    }
}

fn nanoseconds_of(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(unix)]
fn changed(data: &Metadata) -> i64 {
    use std::os::unix::fs::MetadataExt;
    data.ctime().saturating_mul(1_000_000_000).saturating_add(data.ctime_nsec())
}

#[cfg(not(unix))]
fn changed(_: &Metadata) -> i64 {
    0
}

#[cfg(unix)]
fn file_number(data: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(data)
}

#[cfg(not(unix))]
fn file_number(_: &Metadata) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(modified: i64) -> FileMetadata {
        FileMetadata { size: 1, modified, changed: 0, file: 7 }
    }

    #[test]
    fn a_file_settles_after_a_step_of_its_clock() {
        let second = 1_000_000_000;
        let looked = |nanoseconds: u64| UNIX_EPOCH + Duration::from_nanos(nanoseconds);
        let fine = at(5 * second + 1);
        assert!(!fine.is_settled(looked(5_000_000_001)));
        assert!(!fine.is_settled(looked(5_020_000_000)));
        assert!(fine.is_settled(looked(5_040_000_000)));
        let coarse = at(5 * second);
        assert!(!coarse.is_settled(looked(6_900_000_000)));
        assert!(coarse.is_settled(looked(7_100_000_000)));
        // What somebody has given another time may have been written just now.
        let back = FileMetadata { changed: 9 * second + 1, ..coarse };
        assert!(!back.is_settled(looked(9_000_000_002)));
        assert!(back.is_settled(looked(9_040_000_000)));
        // A file of the future, and one without a time.
        assert!(!at(i64::MAX).is_settled(looked(1)));
        assert!(!at(0).is_settled(looked(5_000_000_000)));
    }

    #[test]
    fn bytes_that_differ_have_stamps_that_differ() {
        assert_eq!(FileMetadata::of_bytes(b"a"), FileMetadata::of_bytes(b"a"));
        assert_ne!(FileMetadata::of_bytes(b"a"), FileMetadata::of_bytes(b"b"));
        assert!(FileMetadata::of_bytes(b"a").is_settled(SystemTime::now()));
    }
}
