//! Moderation: the decisions about replies, made by a moderator, a rule or a writer.
//!
//! A decision is carried out under the lock of the site's inbox, one at a time. Before it starts, it finishes what an
//! interrupted process left half done. So a reply is never seen both in its thread and in the spool, and never in
//! neither, wherever a process was killed. If several sites share a spool, each site finishes its own work.

mod answer;
mod author_notification;
mod decision;
mod edit;
mod error;
mod filter;
mod forget;
mod handle;
mod lessons;
mod mail;
mod own_reply;
mod settle;
#[cfg(test)]
mod tests;
mod thread;

mod trust;
mod undo;
mod view;

use std::fmt;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use self::error::{inbox_error, spool_error};
use self::handle::{check_revision, find};
use self::settle::is_half_done;
use self::thread::ThreadCache;
use super::spool::{ReplyObject, Spool, State, StoredReply};
use super::{NotificationWriter, PageLocation};
use crate::config::Comments;
use crate::diagnostic::Diagnostic;

pub use decision::{Decision, DecisionOutcome};
pub use edit::Edit;
pub use filter::{Filter, Listing};
pub use own_reply::EditRefusal;
pub use thread::ThreadComments;
pub use view::ReplyView;

/// The moderation of one site's replies.
#[derive(Debug)]
pub struct Moderation<'a> {
    root: &'a Path,
    spool: &'a Spool,
    /// How long decisions are kept.
    retention: SignedDuration,
    /// Whether the guard learns from decisions.
    teaches_guard: bool,
    /// The writer of mail to subscribers, if the site sends mail.
    notifications: Option<NotificationWriter>,
    page_finder: Option<PageFinder<'a>>,
}

type FindPage<'a> = dyn Fn(&str) -> Option<PageLocation> + 'a;

/// Finds the present location of a page by an earlier path.
struct PageFinder<'a>(Box<FindPage<'a>>);

impl fmt::Debug for PageFinder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PageFinder")
    }
}

/// The lock of the inbox, which is held until this value is dropped.
struct ModerationLock {
    _file: File,
}

/// All replies of the spool, under the lock of the inbox: no other process of this site decides about them.
struct LockedReplies {
    /// In the order of their ids.
    replies: Vec<Arc<StoredReply>>,
    /// What could not be read or finished.
    problems: Vec<Diagnostic>,
    _lock: ModerationLock,
}

impl LockedReplies {
    /// Finds the reply that a handle names.
    fn find(&self, handle: &str) -> Result<&StoredReply, Diagnostic> {
        find(&self.replies, handle)
    }

    fn iter(&self) -> impl Iterator<Item = &StoredReply> {
        self.replies.iter().map(|stored| &**stored)
    }
}

impl<'a> Moderation<'a> {
    /// The moderation of a site, with its settings.
    pub fn new(root: &'a Path, spool: &'a Spool, settings: &Comments) -> Self {
        let days = i64::try_from(settings.keep_days.min(36_500)).unwrap_or(36_500);
        Self {
            root,
            spool,
            retention: SignedDuration::from_hours(24 * days),
            teaches_guard: settings.guard.learn,
            notifications: None,
            page_finder: None,
        }
    }

    /// Sends mail to subscribers.
    #[must_use]
    pub fn with_notifications(self, notifications: Option<NotificationWriter>) -> Self {
        Self { notifications, ..self }
    }

    /// Finds the page of a reply by its path if the page's file is gone.
    #[must_use]
    pub fn with_page_finder(self, find: impl Fn(&str) -> Option<PageLocation> + 'a) -> Self {
        Self { page_finder: Some(PageFinder(Box::new(find))), ..self }
    }

    /// The comments of the page that a reply answers. If the page has moved since the reply arrived, the reply moves
    /// with it.
    fn comments_of<'t>(
        &self,
        reply: &mut ReplyObject,
        threads: &'t mut ThreadCache,
    ) -> Result<&'t ThreadComments, Diagnostic> {
        let gone = match threads.of(self.root, reply).map(drop) {
            Ok(()) => return threads.of(self.root, reply),
            Err(gone) => gone,
        };
        let location = self.page_finder.as_ref().and_then(|PageFinder(find)| find(&reply.notes.page)).ok_or(gone)?;
        (reply.notes.page, reply.notes.document, reply.notes.folder) =
            (location.page, location.document, location.folder);
        threads.of(self.root, reply)
    }

    /// The replies that a filter selects, oldest first.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn list(&self, filter: &Filter, now: Timestamp) -> Result<Listing, Diagnostic> {
        let LockedReplies { replies, problems, .. } = self.lock_replies(now)?;
        Ok(filter.apply(replies.iter().map(|stored| &stored.reply).collect(), problems))
    }

    /// Finishes half-done decisions, and forgets old ones.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn tidy(&self, now: Timestamp) -> Result<Vec<Diagnostic>, Diagnostic> {
        self.lock_replies(now).map(|replies| replies.problems)
    }

    /// One reply, with the text in its thread if it is approved. `handle` is its id or the end of its id, see
    /// [`ReplyObject::handle`].
    ///
    /// # Errors
    /// There is no such reply, or more than one.
    pub fn show(&self, handle: &str, now: Timestamp) -> Result<ReplyObject, Diagnostic> {
        let replies = self.lock_replies(now)?;
        let reply = &replies.find(handle)?.reply;
        if reply.notes.state != State::Approved {
            return Ok(reply.clone());
        }
        thread::read(self.root, reply)
    }

    /// One reply, if it is still the revision that a handle names.
    ///
    /// # Errors
    /// There is no such reply, or it has changed since.
    pub fn show_revision(&self, handle: &str, now: Timestamp) -> Result<ReplyObject, Diagnostic> {
        let replies = self.lock_replies(now)?;
        let stored = replies.find(handle)?;
        check_revision(stored, handle)?;
        Ok(self.with_published_text(stored.reply.clone()))
    }

    /// A reply with the text in its thread, if it is approved and its file can be read.
    pub fn with_published_text(&self, reply: ReplyObject) -> ReplyObject {
        if reply.notes.state != State::Approved {
            return reply;
        }
        thread::read(self.root, &reply).unwrap_or(reply)
    }

    /// Waits until no other process decides.
    fn lock(&self) -> Result<ModerationLock, Diagnostic> {
        let file = self.spool.inbox_folder().lock(".deciding").map_err(|error| inbox_error(&error))?;
        Ok(ModerationLock { _file: file })
    }

    /// Takes the lock and reads all replies. Finishes half-done decisions of this site, and forgets old decisions.
    fn lock_replies(&self, now: Timestamp) -> Result<LockedReplies, Diagnostic> {
        let lock = self.lock()?;
        let (all, mut problems) = self.spool.all().map_err(|error| inbox_error(&error))?;
        let mut replies = Vec::with_capacity(all.len());
        for mut stored in all {
            let notes = &stored.reply.notes;
            let is_old = now.duration_since(notes.decided.unwrap_or(notes.received)) > self.retention;
            let is_decided = matches!(notes.state, State::Approved | State::Rejected | State::Spam);
            // The record of a subscriber's reply is kept: it says who gets mail about answers, and where.
            let is_over = is_old && is_decided && stored.reply.subscriber().is_none();
            if is_over || notes.state == State::Withdrawn {
                // A reply that cannot be deleted now is deleted another time.
                let _ = self.delete(&stored);
                continue;
            }
            if self.is_leased_elsewhere(notes, now)? {
                replies.push(stored);
                continue;
            }
            if is_old && is_decided && notes.writer.is_some() {
                // An old decision no longer counts for its writer's trust. This can wait if it fails.
                let mut reply = stored.reply.clone();
                reply.notes.writer = None;
                stored = self.spool.update(&stored, reply).map_or(stored, Arc::new);
            }
            if !is_half_done(&stored.reply.notes) {
                replies.push(stored);
                continue;
            }
            match self.settle(Arc::unwrap_or_clone(stored), &mut problems) {
                Ok(stored) => replies.push(stored.into()),
                Err(problem) => problems.push(problem),
            }
        }
        Ok(LockedReplies { replies, problems, _lock: lock })
    }

    fn update(&self, stored: &StoredReply, reply: ReplyObject) -> Result<StoredReply, Diagnostic> {
        self.spool.update(stored, reply).map_err(spool_error)
    }
}
