//! Trust: replies that are approved without a moderator, because their writers had enough replies approved.

use jiff::Timestamp;

use super::thread::ThreadCache;
use super::{Decision, DecisionOutcome, LockedReplies, Moderation};
use crate::diagnostic::Diagnostic;
use crate::replies::guard::Disposition as Guarded;
use crate::replies::spool::{ModerationNotes, State};

impl Moderation<'_> {
    /// Approves a reply at once if its writer is trusted, and returns `None` if it waits in the queue like any other reply.
    ///
    /// A writer is trusted after `trust_after` approved replies, unless one of their replies was rejected, marked as spam
    /// or taken back. The guard must find nothing strange in the reply. Decisions count for as long as they are kept, so a
    /// rejection counts at least as long as any approval before it.
    ///
    /// # Errors
    /// As [`Moderation::decide`]. The reply then waits.
    pub fn skip_queue(
        &self,
        id: &str,
        trust_after: usize,
        now: Timestamp,
    ) -> Result<Option<DecisionOutcome>, Diagnostic> {
        let replies = self.lock_replies(now)?;
        let stored = replies.find(id)?;
        let notes = &stored.reply.notes;
        let is_plain =
            notes.state == State::Pending && notes.decided.is_none() && notes.guard.decision == Guarded::Queue;
        if is_plain && self.is_trusted(&replies, notes, trust_after, now) {
            self.carry_out(stored, &mut ThreadCache::default(), Decision::Approve, true, now).map(Some)
        } else {
            Ok(None)
        }
    }

    /// Whether the writer of a reply is trusted.
    fn is_trusted(&self, replies: &LockedReplies, notes: &ModerationNotes, trust_after: usize, now: Timestamp) -> bool {
        if trust_after == 0 || notes.writer.is_none() {
            return false;
        }
        let mut approved = 0;
        for other in replies.iter().map(|other| &other.reply.notes).filter(|other| other.writer == notes.writer) {
            match (other.state, other.decided) {
                (State::Approved, Some(at)) if now.duration_since(at) <= self.retention => {
                    approved += usize::from(!other.skipped_queue);
                }
                // An old record, which is kept only for its subscriber.
                (State::Approved, _) => {}
                (State::Rejected | State::Spam, Some(_)) => return false,
                _ if other.skipped_queue => return false,
                _ => {}
            }
        }
        approved >= trust_after
    }
}
