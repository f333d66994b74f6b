//! Decisions about replies, and how they are carried out.

use jiff::Timestamp;

use super::handle::check_revision;
use super::lessons::lesson;
use super::settle::check_settled;
use super::thread::ThreadCache;
use super::{LockedReplies, Moderation};
use crate::diagnostic::{Diagnostic, Location};
use crate::replies::spool::{ReplyObject, State, StoredReply};

/// A moderator's decision about a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The reply is shown in its thread.
    Approve,
    /// The reply is not shown.
    Reject,
    /// The reply is not shown, and the guard learns that it is spam.
    Spam,
}

/// The outcome of an operation on one reply.
#[derive(Clone, Debug)]
pub struct DecisionOutcome {
    /// The reply as it is now.
    pub reply: ReplyObject,
    /// The files of the site that were created or removed.
    pub changed: Vec<String>,
    /// Warnings for the moderator.
    pub problems: Vec<Diagnostic>,
}

impl Moderation<'_> {
    /// Carries out a decision about one reply, as tests mostly do.
    ///
    /// # Errors
    /// There is no such reply, it is already decided, it changed after the moderator saw it, its page is gone, or the disk
    /// failed.
    #[cfg(test)]
    pub fn decide(&self, handle: &str, decision: Decision, now: Timestamp) -> Result<DecisionOutcome, Diagnostic> {
        self.decide_all(&[handle], decision, now)?.pop().unwrap_or_else(|| Err(super::handle::unknown_handle(handle)))
    }

    /// Carries out the same decision about several replies, in their order. If one of them fails, the others are
    /// still decided.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn decide_all(
        &self,
        handles: &[&str],
        decision: Decision,
        now: Timestamp,
    ) -> Result<Vec<Result<DecisionOutcome, Diagnostic>>, Diagnostic> {
        let replies = self.lock_replies(now)?;
        let mut threads = ThreadCache::default();
        Ok(handles.iter().map(|handle| self.decide_one(&replies, &mut threads, handle, decision, now)).collect())
    }

    fn decide_one(
        &self,
        replies: &LockedReplies,
        threads: &mut ThreadCache,
        handle: &str,
        decision: Decision,
        now: Timestamp,
    ) -> Result<DecisionOutcome, Diagnostic> {
        let stored = replies.find(handle)?;
        check_settled(stored)?;
        check_revision(stored, handle)?;
        self.carry_out(stored, threads, decision, false, now)
    }

    /// Carries out a decision about one of the locked replies. `skipped` says that a trusted writer's reply is approved
    /// without a moderator.
    pub(super) fn carry_out(
        &self,
        stored: &StoredReply,
        threads: &mut ThreadCache,
        decision: Decision,
        skipped: bool,
        now: Timestamp,
    ) -> Result<DecisionOutcome, Diagnostic> {
        check_settled(stored)?;
        let (from, to) = transition(&stored.reply, decision)?;
        let mut reply = stored.reply.clone();
        let mut problems = Vec::new();
        if to == State::Approving {
            let comments = self.comments_of(&mut reply, threads)?;
            if let Some(id) = reply.form.reply_to()
                && !comments.has(id)
            {
                let problem = format!(
                    "the response `{id}` that this one answers is gone, so it is shown as an answer to the post"
                );
                problems.push(Diagnostic::warning(problem));
                reply.form = reply.form.without_reply_to();
            }
        }
        (reply.notes.state, reply.notes.decided, reply.notes.previous_state) = (to, Some(now), Some(from));
        reply.notes.skipped_queue = skipped;
        reply.notes.lease = if to == State::Approving { Some(self.lease(now)?) } else { None };
        let (before, lesson) = (lesson(&stored.reply), lesson(&reply));
        let text = reply.form.clone();
        let stored = self.update(stored, reply)?;
        let stored = self.settle(stored, &mut problems)?;
        problems.extend(self.teach(&text, before, lesson));
        if to == State::Approving {
            threads.add(&stored.reply);
        }
        let changed = (to == State::Approving).then(|| stored.reply.path()).into_iter().collect();
        Ok(DecisionOutcome { reply: stored.reply, changed, problems })
    }
}

/// The state that a reply is in, and the state that a decision puts it into.
fn transition(reply: &ReplyObject, decision: Decision) -> Result<(State, State), Diagnostic> {
    let from = reply.notes.state;
    if from == State::Approved {
        return Err(Diagnostic::error("this reply is approved already")
            .at(Location::file(reply.path()))
            .help(format!("take it back first: causerie comments undo {}", reply.handle())));
    }
    let to = match decision {
        Decision::Approve => State::Approving,
        Decision::Reject => State::Rejected,
        Decision::Spam => State::Spam,
    };
    if from == to {
        return Err(Diagnostic::error(format!("this reply is {} already: {}", to.as_str(), reply.handle())));
    }
    Ok((from, to))
}
