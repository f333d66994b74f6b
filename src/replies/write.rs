use std::fs;
#[cfg(unix)]
use std::fs::File;
use std::io::{self, Write};
use std::path::{Component, Path};

use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use super::place::Place;

/// So many replies can come in at one millisecond.
const MOST_AT_ONCE: i64 = 10_000;

/// A comment's file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The comment's id, which is the stem of the file's name.
    pub id: String,
    /// The file, from the root of the site.
    pub path: String,
}

/// Puts a comment's file into its place, under an id that no file there has. When this returns, the file is on stable
/// storage; with an error there is none. At no time is a part of it to be seen: it is written under a name that a site
/// takes no notice of, and then gets its own, which never takes another file's.
///
/// The id is the moment in UTC, to the millisecond, or the next one that is free: `20240531-183000-250`. Ids sort
/// by time, and are fit for file names and addresses everywhere.
pub fn write(root: &Path, place: &Place, moment: Timestamp, text: &str) -> io::Result<Written> {
    make_folder(root, place.folder())?;
    let folder = root.join(place.folder());
    let mut file = hidden_file(&folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    for id in ids(moment) {
        let name = format!("{id}.md");
        match file.persist_noclobber(folder.join(&name)) {
            Ok(_) => {
                if let Err(error) = sync(root, place.folder()) {
                    let _ = fs::remove_file(folder.join(&name));
                    return Err(error);
                }
                return Ok(Written { path: format!("{}/{name}", place.folder()), id });
            }
            Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => file = failed.file,
            Err(failed) => return Err(failed.error),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "too many comments at one moment"))
}

/// The ids that a comment of some moment may have, in the order of time.
fn ids(moment: Timestamp) -> impl Iterator<Item = String> {
    // Before 1970 no clock is right, and before the year 0 ids would not sort.
    let moment = moment.max(Timestamp::UNIX_EPOCH);
    (0..MOST_AT_ONCE).map_while(move |later| {
        let moment = moment.checked_add(SignedDuration::from_millis(later)).ok()?;
        let at = Offset::UTC.to_datetime(moment);
        let (date, time) = (at.date(), at.time());
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

/// Makes the folders that are missing. There must be no symbolic link on the way: the site would not look behind it,
/// and it may lead anywhere.
fn make_folder(root: &Path, folder: &str) -> io::Result<()> {
    let mut place = root.to_owned();
    for part in Path::new(folder).components() {
        if !matches!(part, Component::Normal(_)) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the folder is not in the site"));
        }
        let parent = place.clone();
        place.push(part);
        let made = match fs::create_dir(&place) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
            Err(error) => return Err(error),
        };
        let kind = fs::symlink_metadata(&place)?.file_type();
        if kind.is_symlink() {
            let message = format!("`{}` is a symbolic link", place.display());
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
        }
        if !kind.is_dir() {
            return Err(io::Error::new(io::ErrorKind::NotADirectory, format!("`{}` is no folder", place.display())));
        }
        if made {
            sync_folder(&parent)?;
        }
    }
    Ok(())
}

/// An open file that vanishes if nothing comes of it. Builds and previews pass over hidden files.
fn hidden_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".reply-").suffix(".tmp");
    // Whoever may read the author's other files may read this one.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Puts the names in a folder on stable storage, and the folder's own: it may be new, and whoever made it may not
/// have come so far yet.
fn sync(root: &Path, folder: &str) -> io::Result<()> {
    sync_folder(&root.join(folder))?;
    sync_folder(&root.join(folder.rsplit_once('/').map_or("", |(parent, _)| parent)))
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some file systems cannot do it for folders (fsync(2), EINVAL), and have other ways to keep their names.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}

/// Elsewhere a folder cannot be opened as a file, and its names are in the file system's own journal.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
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
}
