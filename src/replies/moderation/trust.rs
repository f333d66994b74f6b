//! Who may skip the queue.

use jiff::Timestamp;

use super::thread::ThreadCache;
use super::{Decision, DecisionOutcome, Moderation, find};
use crate::diagnostic::Diagnostic;
use crate::replies::guard::Disposition as Guarded;
use crate::replies::spool::State;

impl Moderation<'_> {
    /// Approves a reply that nobody has read, because its writer has proven to be somebody of whom so many were approved. None: it
    /// waits as every reply does. There must be nothing that the guard finds strange, and nothing of that writer's that
    /// somebody rejected, called spam, or took back. What was decided longer ago than decisions are kept counts for nothing, so that a
    /// rejection is known for at least as long as whatever was approved before it.
    ///
    /// # Errors
    /// As [`Moderation::decide`]. Then it waits.
    pub fn skip_queue(
        &self,
        id: &str,
        trust_after: usize,
        now: Timestamp,
    ) -> Result<Option<DecisionOutcome>, Diagnostic> {
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
                (State::Approved, Some(at)) if now.duration_since(at) <= self.keep => {
                    approved += usize::from(!other.skipped);
                }
                // It is kept for another reason: somebody wants to hear of answers to it.
                (State::Approved, _) => {}
                (State::Rejected | State::Spam, Some(_)) => return Ok(None),
                _ if other.skipped => return Ok(None),
                _ => {}
            }
        }
        let is_trusted = trust_after > 0 && notes.writer.is_some() && approved >= trust_after;
        if is_plain && is_trusted {
            self.carry_out(stored, &mut ThreadCache::default(), Decision::Approve, true, now).map(Some)
        } else {
            Ok(None)
        }
    }
}
