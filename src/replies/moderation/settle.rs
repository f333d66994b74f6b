//! Operations of two steps: publishing a reply, taking it back, and deleting it.
//!
//! The first step announces the operation in the reply's object, with a lease that names the site. If the process is stopped
//! before the second step, the next process of that site finishes it. Another site that shares the spool has another thread
//! folder, and leaves the reply alone.

use std::io;

use jiff::{SignedDuration, Timestamp};

use super::error::{inbox_error, spool_error};
use super::mail::{news, question};
use super::{Moderation, thread};
use crate::diagnostic::{Diagnostic, Location};
use crate::replies::durable;
use crate::replies::spool::{Lease, ModerationNotes, ReplyObject, SpoolError, State, StoredReply};

/// How long the lease of another site lasts. After that, this site approves the reply itself. A reply that is being taken
/// back waits for its site without a limit, because the file is in the thread there.
const PATIENCE: SignedDuration = SignedDuration::from_hours(1);

impl Moderation<'_> {
    /// A lease for this site, from now on.
    pub(super) fn lease(&self, now: Timestamp) -> Result<Lease, Diagnostic> {
        let site = self.spool.inbox_folder().site_name().map_err(|error| inbox_error(&error))?;
        Ok(Lease { site, since: now })
    }

    /// Whether another site holds the lease of a reply.
    pub(super) fn is_leased_elsewhere(&self, notes: &ModerationNotes, now: Timestamp) -> Result<bool, Diagnostic> {
        let Some(lease) = &notes.lease else { return Ok(false) };
        let is_late = notes.state == State::Approving && now.duration_since(lease.since) >= PATIENCE;
        Ok(!is_late && lease.site != self.lease(now)?.site)
    }

    /// Finishes a half-done decision about a reply.
    pub(super) fn settle(
        &self,
        mut stored: StoredReply,
        problems: &mut Vec<Diagnostic>,
    ) -> Result<StoredReply, Diagnostic> {
        while is_half_done(&stored.reply.notes) {
            let (made, reply) = self.finished(&stored, problems)?;
            match self.spool.update(&stored, reply) {
                Err(SpoolError::Changed) => {}
                updated => return updated.map_err(spool_error),
            }
            let now = self.spool.get(&stored.reply.id).map_err(spool_error)?;
            if now.reply.notes.lease != stored.reply.notes.lease {
                // The lease ran out, and another site has finished the decision. That decision holds.
                if made {
                    durable::remove(self.root, &stored.reply.notes.folder, &stored.reply.file_name())
                        .map_err(|error| inbox_error(&error))?;
                }
                return Err(spool_error(SpoolError::Changed));
            }
            // The object has changed without a decision: its writer unsubscribed, for example.
            stored = now;
        }
        Ok(stored)
    }

    /// Changes the thread for a half-done decision. Returns whether a file was created, and the finished reply.
    fn finished(
        &self,
        stored: &StoredReply,
        problems: &mut Vec<Diagnostic>,
    ) -> Result<(bool, ReplyObject), Diagnostic> {
        let mut reply = stored.reply.clone();
        reply.notes.lease = None;
        if reply.notes.state == State::Returning {
            thread::check_folder(&reply)?;
            durable::remove(self.root, &reply.notes.folder, &reply.file_name()).map_err(|error| inbox_error(&error))?;
            // The links of unsent mail would lead to a comment that is gone.
            for mail in [question(&reply.id), news(&reply.id)] {
                self.spool.remove_mail(&mail).map_err(|error| inbox_error(&error))?;
            }
            let before = reply.notes.previous_state.take().unwrap_or_default();
            (reply.notes.state, reply.notes.decided) = (before, None);
            return Ok((false, reply));
        }
        let made = match self.publish(&reply) {
            Ok(made) => made,
            Err(error) => {
                // Nothing is in the thread, so the reply waits as before.
                let before = reply.notes.previous_state.take().unwrap_or_default();
                (reply.notes.state, reply.notes.decided) = (before, None);
                // This is no decision against the reply, and must not count against its writer.
                reply.notes.skipped_queue = false;
                self.update(stored, reply)?;
                return Err(error);
            }
        };
        // The mail is written before the decision is recorded: after an interruption, the same mail is written again.
        if let Err(error) = self.write_mail(&reply) {
            problems.push(Diagnostic::warning(format!("no mail about this could be written: {error}")));
        }
        reply.notes.state = State::Approved;
        reply.form = reply.form.without_text();
        Ok((made, reply))
    }

    /// Creates a reply's file in its thread. Returns whether it was created, as it may exist already.
    fn publish(&self, reply: &ReplyObject) -> Result<bool, Diagnostic> {
        thread::check_folder(reply)?;
        let text = reply.to_comment_file();
        match durable::create(self.root, &reply.notes.folder, &reply.file_name(), text.as_bytes()) {
            // The id is unique, so an earlier attempt created this file.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => {
                Err(Diagnostic::error(format!("the response cannot be written: {error}"))
                    .at(Location::file(reply.path())))
            }
            Ok(()) => Ok(true),
        }
    }

    /// Deletes a reply, if it is still the version that was read. It is first replaced by a tombstone, so that a decision at
    /// the same moment either comes first or fails.
    pub(super) fn delete(&self, stored: &StoredReply) -> Result<(), SpoolError> {
        let mut reply = stored.reply.clone();
        if reply.notes.state != State::Withdrawn {
            reply.notes.state = State::Withdrawn;
            self.spool.update(stored, reply)?;
        }
        self.spool.remove(&stored.reply.id).map_err(SpoolError::Failed)
    }
}

/// Makes sure that no decision about a reply is half done. This site finishes its own decisions under the lock, so it would
/// be another site's.
pub(super) fn check_settled(stored: &StoredReply) -> Result<(), Diagnostic> {
    if is_half_done(&stored.reply.notes) {
        return Err(Diagnostic::error("this reply is just being decided about at another site that shares the inbox")
            .help("wait for it; what it does not approve within an hour is approved here"));
    }
    Ok(())
}

/// Whether a decision about a reply is half done.
pub(super) fn is_half_done(notes: &ModerationNotes) -> bool {
    matches!(notes.state, State::Approving | State::Returning)
}
