//! Removing a person's data.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Moderation;
use super::error::{inbox_error, spool_error};
use crate::diagnostic::Diagnostic;
use crate::replies::spool::{ReplyObject, State};

impl Moderation<'_> {
    /// Removes the data of a person, who is identified by an e-mail address: the address itself, and rejected replies with
    /// it. Returns the replies that remain, which are pending or published.
    ///
    /// # Errors
    /// The spool cannot be read or changed.
    pub fn forget(&self, address: &str, now: Timestamp) -> Result<Vec<ReplyObject>, Diagnostic> {
        let replies = self.lock_replies(now)?;
        let has_address =
            |reply: &ReplyObject| reply.notes.email.as_ref().is_some_and(|it| it.eq_ignore_ascii_case(address.trim()));
        self.spool.remove_mail_to(address, |_| true).map_err(|error| inbox_error(&error))?;
        let theirs = replies.iter().filter(|stored| has_address(&stored.reply));
        let writers: BTreeSet<&String> = theirs.filter_map(|stored| stored.reply.notes.writer.as_ref()).collect();
        let is_theirs = |reply: &ReplyObject| {
            has_address(reply) || reply.notes.writer.as_ref().is_some_and(|it| writers.contains(it))
        };
        let mut remaining = Vec::new();
        for stored in replies.iter().filter(|stored| is_theirs(&stored.reply)) {
            if matches!(stored.reply.notes.state, State::Rejected | State::Spam) {
                self.delete(stored).map_err(spool_error)?;
                continue;
            }
            let mut reply = stored.reply.clone();
            remove_address(&mut reply);
            reply.notes.writer = None;
            remaining.push(self.update(stored, reply)?.reply);
        }
        Ok(remaining)
    }
}

/// Removes the address of a reply's writer.
pub(super) fn remove_address(reply: &mut ReplyObject) {
    (reply.notes.email, reply.notes.is_confirmed) = (None, false);
    reply.form = reply.form.clone().without_email();
}
