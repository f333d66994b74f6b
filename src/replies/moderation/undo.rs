//! Undoing decisions.

use jiff::Timestamp;

use super::handle::find_unchanged;
use super::lessons::lesson;
use super::settle::check_settled;
use super::thread::{self, ThreadCache};
use super::{DecisionOutcome, Moderation};
use crate::diagnostic::{Diagnostic, Location};
use crate::replies::spool::{ReplyObject, State, StoredReply};

impl Moderation<'_> {
    /// Undoes the decision about a reply, or the last decision.
    ///
    /// # Errors
    /// There is no such decision, the response has been answered, or its file no longer holds one comment.
    pub fn undo(&self, handle: Option<&str>, now: Timestamp) -> Result<DecisionOutcome, Diagnostic> {
        let replies = self.lock_replies(now)?;
        let stored = match handle {
            Some(handle) => find_unchanged(&replies, handle)?,
            None => replies
                .iter()
                .filter(|stored| stored.reply.notes.decided.is_some() && !stored.reply.notes.skipped_queue)
                .max_by_key(|stored| stored.reply.notes.decided)
                .ok_or_else(|| Diagnostic::error("nothing was decided that could be undone"))?,
        };
        self.undo_one(stored, &mut ThreadCache::default(), now)
    }

    /// Undoes the decisions about several replies, in their order. If one of them fails, the others are still undone.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn undo_all(
        &self,
        handles: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Result<DecisionOutcome, Diagnostic>>, Diagnostic> {
        let replies = self.lock_replies(now)?;
        let mut threads = ThreadCache::default();
        let undo = |handle: &&str| self.undo_one(find_unchanged(&replies, handle)?, &mut threads, now);
        Ok(handles.iter().map(undo).collect())
    }

    fn undo_one(
        &self,
        stored: &StoredReply,
        threads: &mut ThreadCache,
        now: Timestamp,
    ) -> Result<DecisionOutcome, Diagnostic> {
        check_settled(stored)?;
        let mut reply = stored.reply.clone();
        let (Some(_), Some(before)) = (reply.notes.decided, reply.notes.previous_state) else {
            return Err(Diagnostic::error(format!("nothing was decided about {} yet", reply.handle())));
        };
        let is_published = reply.notes.state == State::Approved;
        let learned = lesson(&reply);
        if is_published {
            // The author may have edited the file. The reply keeps these changes.
            reply = thread::read(self.root, &reply)?;
            check_unanswered(&reply, threads.of(self.root, &reply)?.answers_to(&reply.id))?;
            (reply.notes.state, reply.notes.lease) = (State::Returning, Some(self.lease(now)?));
        } else {
            (reply.notes.state, reply.notes.decided, reply.notes.previous_state) = (before, None, None);
        }
        let path = reply.path();
        let stored = self.update(stored, reply)?;
        let mut problems = Vec::new();
        let stored = self.settle(stored, &mut problems)?;
        problems.extend(self.teach(&stored.reply.form, learned, lesson(&stored.reply)));
        if is_published {
            threads.remove(&stored.reply);
        }
        Ok(DecisionOutcome {
            reply: stored.reply,
            changed: is_published.then_some(path).into_iter().collect(),
            problems,
        })
    }
}

/// Makes sure that nobody has answered a response. Its answers would lose what they answer.
fn check_unanswered(reply: &ReplyObject, answers: &[String]) -> Result<(), Diagnostic> {
    let Some((first, rest)) = answers.split_first() else { return Ok(()) };
    let others = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    Err(Diagnostic::error(format!("this response was answered, by `{first}`{others}"))
        .at(Location::file(reply.path()))
        .help("take the answers back first"))
}
