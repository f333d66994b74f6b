//! Who may skip the queue.

use jiff::Timestamp;

use super::{Decision, Done, Moderation, find};
use crate::diagnostic::Diagnostic;
use crate::replies::guard::Decision as Guarded;
use crate::replies::spool::State;

impl Moderation<'_> {
    /// Approves a reply that nobody has read, because its writer has proven to be somebody of whom so many were approved. None: it
    /// waits as every reply does. There must be nothing that the guard finds strange, and nothing of that writer's that
    /// somebody rejected, called spam, or took back.
    ///
    /// # Errors
    /// As [`Moderation::decide`]. Then it waits.
    pub fn skip_queue(&self, id: &str, trust_after: usize, now: Timestamp) -> Result<Option<Done>, Diagnostic> {
        let _alone = self.alone()?;
        let (all, _) = self.all(now)?;
        let stored = find(&all, id)?;
        let notes = &stored.kept.notes;
        let is_plain =
            notes.state == State::Pending && notes.decided.is_none() && notes.guard.decision == Guarded::Queue;
        let theirs = all.iter().map(|other| &other.kept.notes).filter(|other| other.writer == notes.writer);
        let mut approved = 0;
        for other in theirs {
            match (other.state, other.decided) {
                (State::Approved, _) => approved += usize::from(!other.skipped),
                (State::Rejected | State::Spam, Some(_)) => return Ok(None),
                _ if other.skipped => return Ok(None),
                _ => {}
            }
        }
        let is_trusted = trust_after > 0 && notes.writer.is_some() && approved >= trust_after;
        if is_plain && is_trusted { self.carry_out(stored, Decision::Approve, true, now).map(Some) } else { Ok(None) }
    }
}
