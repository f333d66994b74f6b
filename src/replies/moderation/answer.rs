//! The post author's answer to a reply.

use jiff::Timestamp;

use super::error::{inbox_error, refusal_error, spool_error};
use super::handle::{check_revision, check_state};
use super::settle::check_settled;
use super::thread::{self, ThreadCache};
use super::{Decision, DecisionOutcome, Moderation};
use crate::diagnostic::{Diagnostic, Location};
use crate::replies::form::{Field, Form};
use crate::replies::guard::Verdict;
use crate::replies::spool::{ReplyObject, State};

impl Moderation<'_> {
    /// Publishes an answer to a reply, which is approved first if it is not yet. `author` replaces the name of the
    /// post's author; `id` becomes the id of the answer.
    ///
    /// # Errors
    /// As [`Moderation::decide`]; or the answer is not a valid reply, or the site names no author.
    pub fn reply(
        &self,
        handle: &str,
        comment: &str,
        author: Option<&str>,
        id: String,
        now: Timestamp,
    ) -> Result<Vec<DecisionOutcome>, Diagnostic> {
        let replies = self.lock_replies(now)?;
        let mut threads = ThreadCache::default();
        let stored = replies.find(handle)?;
        check_settled(stored)?;
        let is_approved = stored.reply.notes.state == State::Approved;
        let mut parent = stored.reply.clone();
        if is_approved {
            // The comment in the thread stays the same, however often its text was changed before.
            check_state(stored, handle)?;
        } else {
            check_revision(stored, handle)?;
            self.comments_of(&mut parent, &mut threads)?;
        }
        // A mistake in the answer must be found before anything is approved.
        let form = self.answer_form(&parent, comment, author)?;
        let mut outcomes = Vec::new();
        if !is_approved {
            outcomes.push(self.carry_out(stored, &mut threads, Decision::Approve, false, now)?);
        }
        if !threads.of(self.root, &parent)?.has(&parent.id) {
            return Err(Diagnostic::error("the response is no longer in its thread, so nobody can answer it")
                .at(Location::file(parent.path())));
        }
        outcomes.push(self.publish_answer(&parent, id, form, now)?);
        Ok(outcomes)
    }

    fn answer_form(&self, parent: &ReplyObject, comment: &str, author: Option<&str>) -> Result<Form, Diagnostic> {
        let author = match author {
            Some(author) => author.to_owned(),
            None => thread::author(self.root, parent)?,
        };
        let fields = [
            (Field::Page, parent.notes.page.as_str()),
            (Field::ReplyTo, parent.id.as_str()),
            (Field::Author, author.as_str()),
            (Field::Comment, comment),
        ];
        Form::new(fields.into_iter().map(|(field, value)| (field, value.into())))
            .map_err(|refusal| refusal_error(&refusal))
    }

    /// Stores an answer as one that is being approved, and finishes its approval.
    fn publish_answer(
        &self,
        parent: &ReplyObject,
        id: String,
        form: Form,
        now: Timestamp,
    ) -> Result<DecisionOutcome, Diagnostic> {
        let mut notes = parent.notes.clone();
        (notes.state, notes.decided, notes.previous_state) = (State::Approving, Some(now), Some(State::Pending));
        (notes.by_author, notes.received, notes.revision) = (true, now, 0);
        (notes.email, notes.is_confirmed, notes.writer, notes.skipped_queue) = (None, false, None, false);
        notes.lease = Some(self.lease(now)?);
        notes.guard = Verdict::default();
        let answer = ReplyObject { id, form, notes };
        self.spool.add(&answer).map_err(|error| inbox_error(&error))?;
        let stored = self.spool.get(&answer.id).map_err(spool_error)?;
        let mut problems = Vec::new();
        let stored = self.settle(stored, &mut problems)?;
        Ok(DecisionOutcome { changed: vec![stored.reply.path()], reply: stored.reply, problems })
    }
}
