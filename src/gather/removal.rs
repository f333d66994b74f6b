//! Removes what the network does not have any more.

use std::fs;
use std::io;

use rustc_hash::FxHashSet;

use super::apply::{GatherContext, GatherResults};
use super::comment_text::{is_placeholder, placeholder, text_hash};
use super::status::{ReplyStatus, status_of};
use crate::import::ledger::LedgerEntry;
use crate::replies::{PageLocation, ThreadComments, durable};
use crate::source::DiskWorld;

/// A published reply that is to be removed.
struct GoneReply {
    ledger_key: String,
    id: String,
    path: String,
    text: String,
}

/// Removes the replies of a discussion that are not among those that are present.
pub fn remove_missing(
    context: &GatherContext<'_>,
    results: &mut GatherResults,
    page: &PageLocation,
    prefix: &str,
    present: &FxHashSet<String>,
) -> io::Result<()> {
    let missing: Vec<(String, LedgerEntry)> = results
        .ledger
        .0
        .range(prefix.to_owned()..)
        .take_while(|(key, _)| key.starts_with(prefix))
        .filter(|(key, _)| !present.contains(*key))
        .map(|(key, entry)| (key.clone(), entry.clone()))
        .collect();
    let mut published: Vec<GoneReply> = Vec::new();
    for (ledger_key, entry) in missing {
        match status_of(context, page, &entry.ids, Some(&entry))? {
            // The decision about it stays remembered.
            ReplyStatus::Refused => {}
            ReplyStatus::Absent if context.files.dry_run => {}
            ReplyStatus::Absent => drop(results.ledger.0.remove(&ledger_key)),
            ReplyStatus::Waiting(_) => {
                results.report.removed += 1;
                if !context.files.dry_run {
                    context.spool.remove(&entry.ids)?;
                    results.ledger.0.remove(&ledger_key);
                }
            }
            ReplyStatus::Published(path) => {
                let text = fs::read_to_string(context.files.root.join(&path))?;
                if text_hash(&text) == entry.hash || is_placeholder(&text) {
                    results.report.removed += usize::from(!is_placeholder(&text));
                    published.push(GoneReply { ledger_key, id: entry.ids, path, text });
                } else {
                    results.report.edited.push(path);
                }
            }
        }
    }
    if published.is_empty() || context.files.dry_run {
        return Ok(());
    }
    // The thread is read once, however many of its comments go.
    let world = DiskWorld::new(context.files.root);
    let thread = ThreadComments::read(&world, &context.config.ignored_content, &page.document);
    // Answers have later ids than what they answer. One whose place stays counts as there.
    published.sort_by(|a, b| b.id.cmp(&a.id));
    let mut ids: FxHashSet<&str> = published.iter().map(|gone| gone.id.as_str()).collect();
    for gone in &published {
        let answers = thread.as_ref().map_or(&[][..], |thread| thread.answers_to(&gone.id));
        let is_answered = answers.iter().any(|answer| !ids.contains(answer.as_str()));
        if is_answered {
            ids.remove(gone.id.as_str());
        }
        remove_published(context, gone, is_answered)?;
        results.report.written.push(gone.path.clone());
        results.ledger.0.remove(&gone.ledger_key);
    }
    Ok(())
}

/// Removes the file of a reply. If somebody has answered it, its place stays, without its writer and text.
fn remove_published(context: &GatherContext<'_>, gone: &GoneReply, is_answered: bool) -> io::Result<()> {
    // The record of the decision goes first: a run that stops here finds the file and removes it, and a reply that comes
    // back to the network is a new one.
    context.spool.remove(&gone.id)?;
    let Some((folder, name)) = gone.path.rsplit_once('/') else { return Ok(()) };
    match placeholder(&gone.text).filter(|_| is_answered) {
        None => durable::remove(context.files.root, folder, name),
        Some(text) => context.files.put(&gone.path, text.as_bytes()),
    }
}
