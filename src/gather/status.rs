//! Finds out what became of a reply here: whether it waits, is published, or was refused.

use std::io;

use rustc_hash::FxHashSet;

use super::apply::{GatherContext, GatherResults};
use crate::content::Discussion;
use crate::import::ledger::{Ledger, LedgerEntry};
use crate::replies::spool::{SpoolError, StoredReply};
use crate::replies::{PageLocation, State};

/// Where a reply is now.
pub enum ReplyStatus {
    /// It was never here, or was lost before anybody decided about it.
    Absent,
    /// It waits for a decision, or the guard holds it as spam.
    Waiting(Box<StoredReply>),
    /// It is this file of its thread.
    Published(String),
    /// A moderator does not want it, or has deleted its file.
    Refused,
}

/// Finds out where a reply is.
pub fn status_of(
    context: &GatherContext<'_>,
    page: &PageLocation,
    id: &str,
    known: Option<&LedgerEntry>,
) -> io::Result<ReplyStatus> {
    let present = format!("{}/{id}.md", page.folder);
    // The post may have been renamed since, with its comments.
    let mut paths = known.map(|entry| entry.path.clone()).into_iter().chain([present]);
    if let Some(path) = paths.find(|path| context.files.root.join(path).exists()) {
        return Ok(ReplyStatus::Published(path));
    }
    match context.spool.get(id) {
        Ok(stored) => Ok(match (stored.reply.notes.state, stored.reply.notes.decided) {
            (State::Pending | State::Spam, None) => ReplyStatus::Waiting(Box::new(stored)),
            _ => ReplyStatus::Refused,
        }),
        Err(SpoolError::Failed(error)) => Err(error),
        // A damaged object is for `causerie comments` to report.
        Err(SpoolError::Unreadable(_) | SpoolError::Changed) => Ok(ReplyStatus::Refused),
        Err(SpoolError::NotFound) => Ok(match known {
            Some(entry) if !entry.is_undecided => ReplyStatus::Refused,
            _ => ReplyStatus::Absent,
        }),
    }
}

/// Whether the author has decided about replies of a discussion since the last run.
pub fn has_decided_replies(
    context: &GatherContext<'_>,
    ledger: &Ledger,
    page: &PageLocation,
    discussion: &Discussion,
) -> io::Result<bool> {
    let prefix = ledger_prefix(discussion);
    let entries = ledger.0.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix));
    for (_, entry) in entries.filter(|(_, entry)| entry.is_undecided) {
        if !matches!(status_of(context, page, &entry.ids, Some(entry))?, ReplyStatus::Waiting(_)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Notes decisions about replies that the network has not shown in a form that can be taken in.
pub fn settle_others(
    context: &GatherContext<'_>,
    results: &mut GatherResults,
    page: &PageLocation,
    prefix: &str,
    taken: &FxHashSet<String>,
) -> io::Result<()> {
    if context.files.dry_run {
        return Ok(());
    }
    let entries = results.ledger.0.range(prefix.to_owned()..).take_while(|(key, _)| key.starts_with(prefix));
    let undecided = entries.filter(|(key, entry)| entry.is_undecided && !taken.contains(*key));
    let undecided: Vec<(String, LedgerEntry)> = undecided.map(|(key, entry)| (key.clone(), entry.clone())).collect();
    for (key, entry) in undecided {
        match status_of(context, page, &entry.ids, Some(&entry))? {
            ReplyStatus::Waiting(_) => {}
            // It is a new one when the network shows it again.
            ReplyStatus::Absent => drop(results.ledger.0.remove(&key)),
            ReplyStatus::Published(_) | ReplyStatus::Refused => {
                results.ledger.0.insert(key, LedgerEntry { is_undecided: false, ..entry });
            }
        }
    }
    Ok(())
}

/// What begins the keys of a discussion's replies in the ledger.
pub fn ledger_prefix(discussion: &Discussion) -> String {
    let address = discussion.address();
    let name = address
        .map_or_else(|| discussion.url.clone(), |address| format!("{}/{}", address.host, address.parts.join("/")));
    format!("{}:{name}#", discussion.network.key())
}
