//! What takes two steps: a reply on its way into its thread or back, and one that vanishes.
//!
//! Whoever begins says so in the reply, with the name of their site. If they are stopped in between, whoever comes next to
//! that site finishes it. Another site that shares the spool has another thread folder, and leaves it alone.

use std::io;

use jiff::{SignedDuration, Timestamp};

use super::error::{inbox_error, spool_error};
use super::mail::{news, question};
use super::{Moderation, thread};
use crate::diagnostic::{Diagnostic, Location};
use crate::replies::durable;
use crate::replies::spool::{Lease, ModerationNotes, ReplyObject, SpoolError, State, StoredReply};

/// So long another site that shares the spool may take to approve a reply. If it has not come back by then, it is done here. What
/// is on its way back waits for its site however long that takes, for the file is in the thread there.
const PATIENCE: SignedDuration = SignedDuration::from_hours(1);

impl Moderation<'_> {
    /// This site, as it begins to carry something out.
    pub(super) fn lease(&self, now: Timestamp) -> Result<Lease, Diagnostic> {
        let site = self.spool.home().name().map_err(|error| inbox_error(&error))?;
        Ok(Lease { site, since: now })
    }

    /// Whether a decision about a reply is being carried out at another site, to whose thread it belongs.
    pub(super) fn is_leased_elsewhere(&self, notes: &ModerationNotes, now: Timestamp) -> Result<bool, Diagnostic> {
        let Some(lease) = &notes.hands else { return Ok(false) };
        let is_late = notes.state == State::Approving && now.duration_since(lease.since) >= PATIENCE;
        Ok(!is_late && lease.site != self.lease(now)?.site)
    }

    /// Finishes what is half done about a reply.
    pub(super) fn settle(
        &self,
        mut stored: StoredReply,
        problems: &mut Vec<Diagnostic>,
    ) -> Result<StoredReply, Diagnostic> {
        while is_half_done(&stored.kept.notes) {
            let (made, kept) = self.finished(&stored, problems)?;
            match self.spool.update(&stored, kept) {
                Err(SpoolError::Changed) => {}
                updated => return updated.map_err(spool_error),
            }
            let now = self.spool.get(&stored.kept.id).map_err(spool_error)?;
            if now.kept.notes.hands != stored.kept.notes.hands {
                // Another site has waited for long enough, and has done it; what is decided there holds.
                if made {
                    durable::remove(self.root, &stored.kept.notes.folder, &stored.kept.file_name())
                        .map_err(|error| inbox_error(&error))?;
                }
                return Err(spool_error(SpoolError::Changed));
            }
            // Its writer wants no more mail, say, which is no decision.
            stored = now;
        }
        Ok(stored)
    }

    /// Does in the thread what is half done about a reply. Gives back whether a file was made, and what the reply is now.
    fn finished(
        &self,
        stored: &StoredReply,
        problems: &mut Vec<Diagnostic>,
    ) -> Result<(bool, ReplyObject), Diagnostic> {
        let mut kept = stored.kept.clone();
        kept.notes.hands = None;
        if kept.notes.state == State::Returning {
            thread::check_folder(&kept)?;
            durable::remove(self.root, &kept.notes.folder, &kept.file_name()).map_err(|error| inbox_error(&error))?;
            // What has not been sent yet would lead to what is not there.
            for mail in [question(&kept.id), news(&kept.id)] {
                self.spool.drop_mail(&mail).map_err(|error| inbox_error(&error))?;
            }
            let before = kept.notes.before.take().unwrap_or_default();
            (kept.notes.state, kept.notes.decided) = (before, None);
            return Ok((false, kept));
        }
        let made = match self.publish(&kept) {
            Ok(made) => made,
            Err(error) => {
                // Nothing is in the thread, and it waits as before.
                let before = kept.notes.before.take().unwrap_or_default();
                (kept.notes.state, kept.notes.decided) = (before, None);
                // Nobody has taken it back, which would be held against its writer.
                kept.notes.skipped = false;
                self.update(stored, kept)?;
                return Err(error);
            }
        };
        // Before it is said to be done: whoever is stopped in between comes here again, and posts the same mail.
        if let Err(error) = self.write_mail(&kept) {
            problems.push(Diagnostic::warning(format!("no mail about this could be written: {error}")));
        }
        kept.notes.state = State::Approved;
        kept.form = kept.form.without_text();
        Ok((made, kept))
    }

    /// Makes a reply's file in its thread. It may be there already, and is not made then.
    fn publish(&self, kept: &ReplyObject) -> Result<bool, Diagnostic> {
        thread::check_folder(kept)?;
        let text = kept.to_comment_file();
        match durable::create(self.root, &kept.notes.folder, &kept.file_name(), text.as_bytes()) {
            // Nothing else can have this id, so that it is what an earlier attempt has made.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => {
                Err(Diagnostic::error(format!("the response cannot be written: {error}"))
                    .at(Location::file(kept.path())))
            }
            Ok(()) => Ok(true),
        }
    }

    /// Removes a reply, if it is still the one that was read. Whoever decides about it at this moment is first, or comes too late.
    pub(super) fn delete(&self, stored: &StoredReply) -> Result<(), SpoolError> {
        let mut kept = stored.kept.clone();
        if kept.notes.state != State::Withdrawn {
            kept.notes.state = State::Withdrawn;
            self.spool.update(stored, kept)?;
        }
        self.spool.remove(&stored.kept.id).map_err(SpoolError::Failed)
    }
}

/// Makes sure that nobody is carrying a decision about a reply out. Here nobody is, so that it would be another site.
pub(super) fn check_settled(stored: &StoredReply) -> Result<(), Diagnostic> {
    if is_half_done(&stored.kept.notes) {
        return Err(Diagnostic::error("this reply is just being decided about at another site that shares the inbox")
            .help("wait for it; what it does not approve within an hour is approved here"));
    }
    Ok(())
}

/// Whether a decision is being carried out.
pub(super) fn is_half_done(notes: &ModerationNotes) -> bool {
    matches!(notes.state, State::Approving | State::Returning)
}
