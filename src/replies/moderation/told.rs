//! What the author was told of by mail. A reply says so of itself, so that it is told once, whatever ends and begins anew.

use jiff::Timestamp;

use super::{Moderation, State};
use crate::diagnostic::Diagnostic;
use crate::replies::spool::{ReplyObject, SpoolError};

impl Moderation<'_> {
    /// The replies that nobody has decided about nor was told of, as they are now, oldest first: those that wait, and those
    /// that were published at once, as their writers are trusted.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn untold(&self, now: Timestamp) -> Result<Vec<ReplyObject>, Diagnostic> {
        let _alone = self.alone()?;
        let (all, _) = self.all(now)?;
        let replies = all.iter().map(|stored| &stored.kept);
        let is_new = |kept: &&ReplyObject| match kept.notes.state {
            State::Pending => !kept.is_told(),
            State::Approved => kept.notes.skipped && !kept.is_told(),
            _ => false,
        };
        Ok(replies.filter(is_new).map(|kept| self.whole(kept.clone())).collect())
    }

    /// Notes that somebody was told of these. One that has changed or gone meanwhile is left as it is.
    ///
    /// # Errors
    /// It could not be noted.
    pub fn told(&self, replies: &[ReplyObject]) -> Result<(), Diagnostic> {
        let _alone = self.alone()?;
        for kept in replies {
            let noted = self.spool.get(&kept.id).and_then(|stored| {
                // A record of what is published has no text, and gets none here.
                let mut now = stored.kept.clone();
                if now.notes.revision == kept.notes.revision {
                    now.notes.told = Some(kept.notes.revision);
                    self.spool.update(&stored, now)?;
                }
                Ok(())
            });
            match noted {
                Ok(()) | Err(SpoolError::Gone | SpoolError::Changed) => {}
                Err(trouble) => return Err(super::trouble(trouble)),
            }
        }
        Ok(())
    }
}
