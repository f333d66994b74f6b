use std::io;
use std::path::Path;

use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use super::durable::{PersistError, UnnamedFile};
use super::target::ReplyTarget;

/// So many replies can come in at one millisecond.
const MAX_IDS: i64 = 10_000;

/// A comment's file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentFile {
    /// The comment's id, which is the stem of the file's name.
    pub id: String,
    /// The file, from the root of the site.
    pub path: String,
}

/// Puts a comment's file into its place, under an id that no file there has. When this returns, the file is on stable
/// storage; with an error there is none. At no time is a part of it to be seen.
///
/// The id is the moment in UTC, to the millisecond, or the next one that is free: `20240531-183000-250`. Ids sort
/// by time, and are fit for file names and addresses everywhere.
pub fn write(root: &Path, target: &ReplyTarget, moment: Timestamp, text: &str) -> io::Result<CommentFile> {
    let mut file = UnnamedFile::write(root, target.folder(), text.as_bytes())?;
    for id in ids(moment) {
        let name = format!("{id}.md");
        match file.create(&name) {
            Ok(()) => return Ok(CommentFile { path: format!("{}/{name}", target.folder()), id }),
            Err(PersistError::Taken(unnamed)) => file = unnamed,
            Err(PersistError::Failed(error)) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "too many comments at one moment"))
}

/// The id of a reply that waits in the spool: the moment, and so many random bits that nobody can guess it and that two
/// inboxes that share a spool never give the same: `20240531-183000-250-k3v9qd`. It becomes the comment's id.
pub fn new_id(moment: Timestamp, random: u32) -> String {
    // Letters and digits that look like no other, of Crockford's Base32.
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut id = ids(moment).next().unwrap_or_default();
    id.push('-');
    id.extend((0..6).map(|position| char::from(DIGITS[(random >> (5 * position)) as usize & 31])));
    id
}

/// The moment that an id names, to the millisecond.
pub fn moment_of(id: &str) -> Option<Timestamp> {
    let part = |range: std::ops::Range<usize>| id.get(range);
    let (date, time) = (part(0..8)?, part(9..15)?);
    let text = format!(
        "{}-{}-{}T{}:{}:{}.{}Z",
        &date.get(..4)?,
        &date.get(4..6)?,
        &date.get(6..)?,
        &time.get(..2)?,
        &time.get(2..4)?,
        &time.get(4..)?,
        part(16..19)?
    );
    text.parse().ok()
}

/// The ids that a comment of some moment may have, in the order of time.
fn ids(moment: Timestamp) -> impl Iterator<Item = String> {
    // Before 1970 no clock is right, and before the year 0 ids would not sort.
    let moment = moment.max(Timestamp::UNIX_EPOCH);
    (0..MAX_IDS).map_while(move |offset| {
        let moment = moment.checked_add(SignedDuration::from_millis(offset)).ok()?;
        let datetime = Offset::UTC.to_datetime(moment);
        let (date, time) = (datetime.date(), datetime.time());
        Some(format!(
            "{:04}{:02}{:02}-{:02}{:02}{:02}-{:03}",
            date.year(),
            date.month(),
            date.day(),
            time.hour(),
            time.minute(),
            time.second(),
            time.millisecond()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(first: &str) -> Vec<String> {
        ids(first.parse().expect("a moment")).take(3).collect()
    }

    #[test]
    fn ids_are_moments_and_follow_one_another() {
        assert_eq!(all("2024-05-31T18:30:00Z"), ["20240531-183000-000", "20240531-183000-001", "20240531-183000-002"]);
        assert_eq!(
            all("2024-12-31T23:59:59.998999Z"),
            ["20241231-235959-998", "20241231-235959-999", "20250101-000000-000"]
        );
        assert_eq!(all("-000044-03-15T12:00:00Z")[0], "19700101-000000-000");
        assert_eq!(ids(Timestamp::MAX).count(), 1);
    }

    #[test]
    fn replies_that_wait_have_ids_that_nobody_guesses() {
        let id = |random| new_id("2024-05-31T18:30:00.25Z".parse().expect("a moment"), random);
        assert_eq!(id(0), "20240531-183000-250-000000");
        assert_eq!(id(u32::MAX), "20240531-183000-250-zzzzzz");
        assert_eq!(id(0b00001_00000_00000_00000_00000_11111), "20240531-183000-250-z00001");
    }
}
