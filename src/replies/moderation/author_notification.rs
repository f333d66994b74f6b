//! Which replies the site's author has been notified of by mail. Each reply records its own notification, so that it is
//! sent only once, even if the process is restarted.

use jiff::Timestamp;

use super::error::spool_error;
use super::{Moderation, State};
use crate::diagnostic::Diagnostic;
use crate::replies::spool::{ReplyObject, SpoolError};

impl Moderation<'_> {
    /// The replies for which no notification was sent, oldest first: pending replies, and replies that were published at
    /// once because their writers are trusted.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn unnotified(&self, now: Timestamp) -> Result<Vec<ReplyObject>, Diagnostic> {
        let replies = self.lock_replies(now)?;
        let is_new = |reply: &&ReplyObject| match reply.notes.state {
            State::Pending => !reply.is_notified(),
            State::Approved => reply.notes.skipped_queue && !reply.is_notified(),
            _ => false,
        };
        let new = replies.iter().map(|stored| &stored.reply).filter(is_new);
        Ok(new.map(|reply| self.with_published_text(reply.clone())).collect())
    }

    /// Records that a notification of these replies was sent. A reply that has changed or gone since is left as it is.
    ///
    /// # Errors
    /// It could not be recorded.
    pub fn mark_notified(&self, replies: &[ReplyObject]) -> Result<(), Diagnostic> {
        let _lock = self.lock()?;
        for reply in replies {
            let recorded = self.spool.get(&reply.id).and_then(|stored| {
                // The record of a published reply has no text, and gets none here.
                let mut record = stored.reply.clone();
                if record.notes.revision == reply.notes.revision {
                    record.notes.notified_revision = Some(reply.notes.revision);
                    self.spool.update(&stored, record)?;
                }
                Ok(())
            });
            match recorded {
                Ok(()) | Err(SpoolError::NotFound | SpoolError::Changed) => {}
                Err(error) => return Err(spool_error(error)),
            }
        }
        Ok(())
    }
}
