//! Writes files so that an author's edits stay, and so that an import can stop at any moment.

use std::fmt::Display;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::ledger::{Ledger, LedgerEntry, hash};
use super::model::ItemKind;
use super::report::{Concern, Report};

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileOutcome {
    /// It is new.
    Created,
    /// It was what the last import wrote, and is replaced.
    Updated,
    /// It is already what the import would write.
    Unchanged,
    /// Somebody edited it, so it stays.
    Edited,
    /// Somebody deleted it, so it is not made again.
    Deleted,
}

impl FileOutcome {
    /// The word for it in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Edited => "edited here",
            Self::Deleted => "deleted here",
        }
    }

    /// Whether the file is what the import wants it to be.
    pub fn is_written(self) -> bool {
        !matches!(self, Self::Edited | Self::Deleted)
    }
}

/// Writes below the root of a site.
pub struct Files<'a> {
    /// The root of the site.
    pub root: &'a Path,
    /// Whether nothing is written.
    pub dry_run: bool,
}

impl Files<'_> {
    /// Decides what happens to a file, from the ledger and from what is there.
    pub fn outcome(&self, entry: Option<&LedgerEntry>, path: &str, bytes: &[u8]) -> io::Result<FileOutcome> {
        let present = match fs::read(self.root.join(path)) {
            Ok(present) => Some(present),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        Ok(match (present, entry) {
            (None, Some(known)) if !known.hash.is_empty() => FileOutcome::Deleted,
            (None, _) => FileOutcome::Created,
            (Some(present), _) if present == bytes => FileOutcome::Unchanged,
            // A computer that was switched off can leave a file empty.
            (Some(present), _) if present.is_empty() => FileOutcome::Created,
            (Some(present), Some(known)) if known.hash == hash(&present) => FileOutcome::Updated,
            (Some(_), Some(known)) if known.hash == hash(bytes) => FileOutcome::Unchanged,
            (Some(_), _) => FileOutcome::Edited,
        })
    }

    /// Writes a file that belongs to the ledger.
    pub fn write(
        &self,
        key: &str,
        path: &str,
        bytes: &[u8],
        ledger: &mut Ledger,
        report: &mut Report,
    ) -> io::Result<FileOutcome> {
        let outcome = self.outcome(ledger.0.get(key), path, bytes)?;
        if matches!(outcome, FileOutcome::Created | FileOutcome::Updated) && !self.dry_run {
            self.put(path, bytes)?;
        }
        *report.files.entry(outcome.word()).or_default() += 1;
        if outcome != FileOutcome::Unchanged && report.dry_run {
            report.plan.push(format!("{}: {path}", outcome.word()));
        }
        if outcome.is_written() {
            let entry = ledger.0.entry(key.to_owned()).or_default();
            entry.path = path.to_owned();
            // The hash stays that of the last write if the file was edited to something the import would not write.
            entry.hash = hash(bytes);
        } else {
            report.concern(Concern::Edited, format!("{path}: {}", outcome.word()));
        }
        Ok(outcome)
    }

    /// Puts a file in its place at once.
    pub fn put(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.put_with(path, |file| file.write_all(bytes))
    }

    /// The same for a text that is too long to be in memory twice.
    pub fn put_text(&self, path: &str, text: &impl Display) -> io::Result<()> {
        self.put_with(path, |file| {
            let mut file = BufWriter::new(file);
            write!(file, "{text}")?;
            file.flush()
        })
    }

    fn put_with(&self, path: &str, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        crate::replies::durable::create_folder(self.root, folder)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".import-").suffix(".tmp");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder.tempfile_in(self.root.join(folder))?;
        write(&mut file)?;
        file.persist(self.root.join(path)).map_err(|failed| failed.error)?;
        Ok(())
    }
}

/// The omission of an item whose file an author has edited or deleted.
pub fn kept_as_edited(class: ItemKind) -> super::model::Omission {
    super::model::Omission {
        class,
        reason: "the file was edited or deleted here since the last import".to_owned(),
        is_loss: false,
    }
}
