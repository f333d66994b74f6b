//! What becomes of a Webmention once its source is known: a comment that waits or is published, a count, or a removal.

use std::io;
use std::path::Path;
use std::time::Duration;

use rustc_hash::FxHashSet;

use super::ledger::{self, LEDGER, LIKE, REPOST};
use super::microformats::Relation;
use super::source::{Linked, Source};
use super::target::Target;
use crate::config::Approve;
use crate::content::{Date, Reaction};
use crate::diagnostic::Diagnostic;
use crate::gather::{
    GatherContext, GatherReport, GatherResults, ReplyStatus, incoming_reply, known_writers, own_accounts,
    remove_missing, settle_others, status_of, take_in, write_reactions,
};
use crate::import::files::Files;
use crate::import::ledger::LedgerEntry;
use crate::replies::guard::Model;
use crate::replies::{Spool, find_moved_page, moment_of};
use crate::site::Site;

/// Why a comment does not come back that a moderator has rejected.
const NOT_SHOWN: &str = "the site does not show it";

/// Why a comment stays that its source has taken back: somebody has edited its file.
const KEPT: &str = "the site has edited what it shows of it, and keeps that";

/// What became of a Webmention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is a reply that waits for a decision, or has one already.
    Kept(String),
    /// It is a reply that needs no decision, and is to be published.
    Approved(String),
    /// It is counted.
    Counted,
    /// What it said before is removed.
    Removed,
    /// It is refused, and why.
    Refused(String),
    /// It cannot be decided now, why, and how long the source's server wants us to wait.
    Later(String, Option<Duration>),
}

/// Brings Webmentions in.
pub struct Receiver<'a> {
    /// The root of the site.
    pub root: &'a Path,
    /// The site.
    pub site: &'a Site,
    /// Where replies wait.
    pub spool: &'a Spool,
}

impl Receiver<'_> {
    /// Whether the ledger has a pair.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn knows(&self, source: &str, target: &Target) -> io::Result<bool> {
        Ok(ledger::find(&ledger::read(self.root)?, self.site, &target.page, source).is_some())
    }

    /// Takes in what a source says. Returns also the files of the site that changed.
    ///
    /// # Errors
    /// Something cannot be read or written. The same call can be made again.
    pub fn apply(&self, address: &str, target: &Target, source: Source) -> Result<(Outcome, Vec<String>), Diagnostic> {
        // Several inboxes and threads change one ledger.
        let _lock = self.spool.inbox_folder().lock(".webmention").map_err(|error| failed(&error))?;
        let ledger = ledger::read(self.root).map_err(|error| failed(&error))?;
        let known = ledger::find(&ledger, self.site, &target.page, address);
        let known = known.map(|(key, entry)| (key.to_owned(), entry.clone()));
        let (model, _) = self.spool.guard_model().map_err(|error| failed(&error))?;
        let trusted_accounts = match self.site.config.gather.approve {
            Approve::Known => known_writers(self.site),
            _ => FxHashSet::default(),
        };
        let context = GatherContext { trusted_accounts, ..self.context(&model) };
        let mut results = GatherResults { ledger: ledger.clone(), ..GatherResults::default() };
        let outcome = take(&context, &mut results, address, target, source, known).map_err(|error| failed(&error))?;
        if results.ledger != ledger {
            context.files.put_text(LEDGER, &results.ledger).map_err(|error| failed(&error))?;
        }
        let GatherReport { problems, written, .. } = results.report;
        match problems.into_iter().next() {
            Some(problem) => Err(problem),
            None => Ok((outcome, written)),
        }
    }

    /// Notes in the ledger what was decided about replies, as long as the spool knows. Later, a page that is sent once more would
    /// be a new one.
    ///
    /// # Errors
    /// Something cannot be read or written.
    pub fn settle(&self) -> io::Result<()> {
        if ledger::undecided_pages(&ledger::read(self.root)?).is_empty() {
            return Ok(());
        }
        let _lock = self.spool.inbox_folder().lock(".webmention")?;
        let ledger = ledger::read(self.root)?;
        let (model, _) = self.spool.guard_model()?;
        let context = self.context(&model);
        let mut results = GatherResults { ledger: ledger.clone(), ..GatherResults::default() };
        for path in ledger::undecided_pages(&ledger) {
            if let Some(page) = find_moved_page(self.site, &path) {
                settle_others(&context, &mut results, &page, &ledger::prefix(&path), &FxHashSet::default())?;
            }
        }
        if results.ledger != ledger {
            context.files.put_text(LEDGER, &results.ledger)?;
        }
        Ok(())
    }

    fn context<'a>(&'a self, model: &'a Model) -> GatherContext<'a> {
        GatherContext {
            site: self.site,
            config: &self.site.config,
            spool: self.spool,
            model,
            files: Files { root: self.root, dry_run: false },
            own_accounts: own_accounts(&self.site.config),
            trusted_accounts: FxHashSet::default(),
        }
    }
}

/// Does what follows from what a source says.
fn take(
    context: &GatherContext<'_>,
    results: &mut GatherResults,
    address: &str,
    target: &Target,
    source: Source,
    known: Option<(String, LedgerEntry)>,
) -> io::Result<Outcome> {
    let refused = |why: &str| Ok(Outcome::Refused(why.to_owned()));
    let is_refused = match &known {
        Some((_, entry)) if !is_reaction(entry) => {
            matches!(status_of(context, &target.page, &entry.ids, Some(entry))?, ReplyStatus::Refused)
        }
        _ => false,
    };
    let linked = match source {
        Source::Linked(linked) => linked,
        Source::Refused(why) => return Ok(Outcome::Refused(why)),
        Source::Later(why, wait) => return Ok(Outcome::Later(why, wait)),
        Source::Gone | Source::Unlinked => {
            let Some((key, entry)) = known else {
                return refused(match source {
                    Source::Gone => "there is nothing at the source",
                    _ => "the source does not link to the target",
                });
            };
            remove(context, results, target, &key, &entry)?;
            if results.ledger.0.contains_key(&key) {
                return refused(if is_refused { NOT_SHOWN } else { KEPT });
            }
            return Ok(Outcome::Removed);
        }
    };
    if is_refused {
        return refused(NOT_SHOWN);
    }
    if known.is_none() && !target.is_open {
        return refused("the target takes no more comments");
    }
    let reaction = match linked.relation {
        Relation::Like => Some(LIKE),
        Relation::Repost => Some(REPOST),
        Relation::Reply | Relation::Bookmark | Relation::Mention => None,
    };
    let key = known.as_ref().map_or_else(|| ledger::key(&target.page.page, address), |(key, _)| key.clone());
    if let Some((key, entry)) = &known
        && (is_reaction(entry) || reaction.is_some())
        && Some(entry.ids.as_str()) != reaction
    {
        // It has become something else.
        remove(context, results, target, key, entry)?;
        if results.ledger.0.contains_key(key) {
            return refused(KEPT);
        }
    }
    match reaction {
        Some(reaction) => {
            let entry = LedgerEntry {
                path: crate::content::reactions_path(&target.page.document),
                hash: String::new(),
                ids: reaction.to_owned(),
                is_undecided: false,
            };
            results.ledger.0.insert(key, entry);
            count(context, results, target)?;
            Ok(Outcome::Counted)
        }
        None => take_reply(context, results, target, key, &linked),
    }
}

fn take_reply(
    context: &GatherContext<'_>,
    results: &mut GatherResults,
    target: &Target,
    key: String,
    linked: &Linked,
) -> io::Result<Outcome> {
    let known_id = results.ledger.0.get(&key).map(|entry| entry.ids.clone());
    let reply = &linked.reply;
    // A date that a page does not have any more, or never had, stays what it was.
    let date = known_id.as_deref().and_then(moment_of);
    let date = date.or_else(|| Some(Date::parse(reply.comment.date.as_deref()?)?.timestamp));
    let Some(date) = date else { return Ok(Outcome::Refused("the source has no date".to_owned())) };
    let parent = linked.parent.as_deref().filter(|parent| has_comment(context.site, target, parent));
    let incoming = match incoming_reply(context, &results.ledger, &target.page, (reply, date), key, parent) {
        Ok(incoming) => incoming,
        Err(why) => return Ok(Outcome::Refused(format!("it is no comment: {why}"))),
    };
    let id = incoming.id().to_owned();
    take_in(context, results, &target.page, &incoming, false)?;
    let is_approved = results.approved.iter().any(|reply| reply.handle == id);
    Ok(if is_approved { Outcome::Approved(id) } else { Outcome::Kept(id) })
}

/// Whether a page shows a comment.
fn has_comment(site: &Site, target: &Target, id: &str) -> bool {
    let content = site.find(&target.page.page).map(|found| site.content(found));
    content
        .is_some_and(|content| content.thread.comments.iter().any(|comment| comment.id == id && !comment.is_pending()))
}

fn remove(
    context: &GatherContext<'_>,
    results: &mut GatherResults,
    target: &Target,
    key: &str,
    entry: &LedgerEntry,
) -> io::Result<()> {
    if is_reaction(entry) {
        results.ledger.0.remove(key);
        return count(context, results, target);
    }
    remove_missing(context, results, &target.page, key, &FxHashSet::default())
}

/// Writes the counts of a page into its file of reactions.
fn count(context: &GatherContext<'_>, results: &mut GatherResults, target: &Target) -> io::Result<()> {
    let (likes, reposts) = ledger::reactions(&results.ledger, context.site, &target.page);
    write_reactions(context, results, &target.page, Reaction { network: None, url: None, likes, reposts })
}

fn is_reaction(entry: &LedgerEntry) -> bool {
    matches!(entry.ids.as_str(), LIKE | REPOST)
}

fn failed(error: &io::Error) -> Diagnostic {
    Diagnostic::error(format!("a Webmention cannot be taken in: {error}"))
}
