//! Changes that a writer makes to their own reply while it is undecided.

use super::error::spool_error;
use super::{Edit, Moderation};
use crate::diagnostic::Diagnostic;
use crate::replies::guard::{Disposition, Verdict};
use crate::replies::spool::{ReplyObject, SpoolError, State, StoredReply};
use crate::replies::{Form, Refusal};

/// How often a writer can change a reply. Each change is written to the disk, and the site's author is notified of it.
const MAX_CHANGES: u32 = 10;

/// Why a writer cannot change a reply.
#[derive(Debug)]
pub enum EditRefusal {
    /// A moderator has decided about the reply, or it was taken back.
    Late,
    /// The changed text is not a valid reply.
    Refused(Refusal),
    /// The system failed.
    Failed(Diagnostic),
}

impl From<SpoolError> for EditRefusal {
    fn from(error: SpoolError) -> Self {
        match error {
            SpoolError::NotFound | SpoolError::Changed => Self::Late,
            other => Self::Failed(spool_error(other)),
        }
    }
}

impl Moderation<'_> {
    /// Changes a reply for its writer, who has proven to be that, while nobody has decided about it. `judge` says what the
    /// guard makes of a reply that is kept, once it says what a form says.
    ///
    /// # Errors
    /// It is decided or gone, was changed too often, or what it would become is no reply.
    pub fn rewrite(
        &self,
        id: &str,
        comment: &str,
        judge: impl Fn(&ReplyObject, &Form) -> Verdict,
    ) -> Result<ReplyObject, EditRefusal> {
        let edit = Edit { comment: Some(comment.to_owned()), ..Edit::default() };
        self.change_undecided(id, |reply| {
            let mut changed = edit.apply(reply).map_err(EditRefusal::Refused)?;
            if changed.notes.revision == reply.notes.revision {
                return Ok(changed);
            }
            if reply.notes.revision >= MAX_CHANGES {
                return Err(EditRefusal::Refused(Refusal::TooManyChanges));
            }
            changed.notes.guard = judge(reply, &changed.form);
            if changed.notes.guard.decision == Disposition::Spam {
                changed.notes.state = State::Spam;
            }
            Ok(changed)
        })
    }

    /// Takes an undecided reply back for its writer. The caller has verified the writer's token.
    ///
    /// # Errors
    /// It is decided or gone.
    pub fn withdraw(&self, id: &str) -> Result<(), EditRefusal> {
        self.change_undecided(id, |reply| {
            let mut reply = reply.clone();
            reply.notes.state = State::Withdrawn;
            Ok(reply)
        })?;
        self.spool.remove(id).map_err(|error| EditRefusal::from(SpoolError::Failed(error)))
    }

    /// The reply of a writer, while it is undecided.
    ///
    /// # Errors
    /// It is decided or gone.
    pub fn own(&self, id: &str) -> Result<ReplyObject, EditRefusal> {
        Ok(self.undecided(id)?.reply)
    }

    /// Changes an undecided reply. A decision at the same moment either comes first or fails.
    fn change_undecided(
        &self,
        id: &str,
        change: impl Fn(&ReplyObject) -> Result<ReplyObject, EditRefusal>,
    ) -> Result<ReplyObject, EditRefusal> {
        loop {
            let stored = self.undecided(id)?;
            match self.spool.update(&stored, change(&stored.reply)?) {
                // It was noted that its author was told of it, say. Once it is decided, it is too late.
                Err(SpoolError::Changed) => {}
                updated => return Ok(updated?.reply),
            }
        }
    }

    fn undecided(&self, id: &str) -> Result<StoredReply, EditRefusal> {
        let stored = self.spool.get(id)?;
        // The guard's verdict is no decision, and its writer need not know of it.
        match (stored.reply.notes.state, stored.reply.notes.decided) {
            (State::Pending | State::Spam, None) => Ok(stored),
            _ => Err(EditRefusal::Late),
        }
    }
}
