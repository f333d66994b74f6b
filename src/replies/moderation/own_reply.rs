//! Second thoughts: what a writer can do about their own reply while nobody has decided about it.

use super::error::spool_error;
use super::{Edit, Moderation};
use crate::diagnostic::Diagnostic;
use crate::replies::guard::{Disposition, Verdict};
use crate::replies::spool::{ReplyObject, SpoolError, State, StoredReply};
use crate::replies::{Form, Refusal};

/// So often a writer can change a reply. Each change is written to the disk and told to the site's author.
const MAX_CHANGES: u32 = 10;

/// Why a writer cannot change a reply any more.
#[derive(Debug)]
pub enum EditRefusal {
    /// Somebody has decided about it, or it was taken back.
    Late,
    /// What it would become is no reply.
    Refused(Refusal),
    /// The system failed.
    Failed(Diagnostic),
}

impl From<SpoolError> for EditRefusal {
    fn from(error: SpoolError) -> Self {
        match error {
            SpoolError::Gone | SpoolError::Changed => Self::Late,
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
        self.change_undecided(id, |kept| {
            let mut changed = edit.apply(kept).map_err(EditRefusal::Refused)?;
            if changed.notes.revision == kept.notes.revision {
                return Ok(changed);
            }
            if kept.notes.revision >= MAX_CHANGES {
                return Err(EditRefusal::Refused(Refusal::ChangedOften));
            }
            changed.notes.guard = judge(kept, &changed.form);
            if changed.notes.guard.decision == Disposition::Spam {
                changed.notes.state = State::Spam;
            }
            Ok(changed)
        })
    }

    /// Takes a reply back for its writer, who has proven to be that, while nobody has decided about it.
    ///
    /// # Errors
    /// It is decided or gone.
    pub fn withdraw(&self, id: &str) -> Result<(), EditRefusal> {
        self.change_undecided(id, |kept| {
            let mut kept = kept.clone();
            kept.notes.state = State::Withdrawn;
            Ok(kept)
        })?;
        self.spool.remove(id).map_err(|error| EditRefusal::from(SpoolError::Failed(error)))
    }

    /// A reply as its writer may still see it.
    ///
    /// # Errors
    /// It is decided or gone.
    pub fn own(&self, id: &str) -> Result<ReplyObject, EditRefusal> {
        Ok(self.undecided(id)?.kept)
    }

    /// Changes a reply for its writer. Whoever decides about it at this moment is first, or comes too late.
    fn change_undecided(
        &self,
        id: &str,
        change: impl Fn(&ReplyObject) -> Result<ReplyObject, EditRefusal>,
    ) -> Result<ReplyObject, EditRefusal> {
        loop {
            let stored = self.undecided(id)?;
            match self.spool.update(&stored, change(&stored.kept)?) {
                // It was noted that its author was told of it, say. Once it is decided, it is too late.
                Err(SpoolError::Changed) => {}
                updated => return Ok(updated?.kept),
            }
        }
    }

    fn undecided(&self, id: &str) -> Result<StoredReply, EditRefusal> {
        let stored = self.spool.get(id)?;
        // What the guard took for spam was not decided by anybody, and its writer need not know of it.
        match (stored.kept.notes.state, stored.kept.notes.decided) {
            (State::Pending | State::Spam, None) => Ok(stored),
            _ => Err(EditRefusal::Late),
        }
    }
}
