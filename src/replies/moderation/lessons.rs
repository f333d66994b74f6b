//! What the guard learns from decisions.

use super::Moderation;
use crate::diagnostic::Diagnostic;
use crate::replies::Form;
use crate::replies::guard::{Label, ReplyText};
use crate::replies::spool::{ReplyObject, State};

impl Moderation<'_> {
    /// Lets the guard unlearn what a decision had taught it about a text, and learn what the new one teaches.
    pub(super) fn teach(&self, form: &Form, before: Option<Label>, after: Option<Label>) -> Option<Diagnostic> {
        if !self.teaches_guard || before == after {
            return None;
        }
        // Nothing of an address is learned, so that forgetting it leaves nothing behind.
        let text = ReplyText { author: form.author(), email: None, url: form.url(), comment: form.comment() };
        let taught = self.spool.update_guard_model(|model| {
            before.inspect(|kind| model.unlearn(&text, *kind));
            after.inspect(|kind| model.learn(&text, *kind));
        });
        match taught {
            Ok(None) => None,
            Ok(Some(unreadable)) => Some(Diagnostic::warning(unreadable.to_string())),
            Err(error) => Some(Diagnostic::warning(format!("the spam guard could not learn from this: {error}"))),
        }
    }
}

/// What the guard learns from a reply, as it stands: nothing of what nobody decided, nor of the author's own words.
pub(super) fn lesson(reply: &ReplyObject) -> Option<Label> {
    match (reply.notes.state, reply.notes.decided) {
        _ if reply.notes.by_author => None,
        (State::Approving | State::Approved, _) if !reply.notes.skipped_queue => Some(Label::Genuine),
        (State::Spam, Some(_)) => Some(Label::Spam),
        _ => None,
    }
}
