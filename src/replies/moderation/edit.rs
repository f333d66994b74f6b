//! A moderator's edit of a reply.

use jiff::Timestamp;

use super::error::refusal_error;
use super::handle::check_revision;
use super::settle::check_settled;
use super::{DecisionOutcome, Moderation};
use crate::diagnostic::{Diagnostic, Location};
use crate::replies::Refusal;
use crate::replies::form::{Field, Form};
use crate::replies::spool::{ReplyObject, State};

/// The fields of a reply that a moderator changes. A field that is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    /// The writer's name.
    pub author: Option<String>,
    /// The writer's website.
    pub url: Option<String>,
    /// The text.
    pub comment: Option<String>,
}

impl Edit {
    /// The reply with these changes. Its revision grows by one if they change anything.
    pub(super) fn apply(&self, reply: &ReplyObject) -> Result<ReplyObject, Refusal> {
        let (old, email) = (&reply.form, reply.notes.email.as_deref());
        let fields = [
            (Field::Page, Some(old.page())),
            (Field::ReplyTo, old.reply_to()),
            (Field::Author, self.author.as_deref().or(old.author())),
            (Field::Url, self.url.as_deref().or(old.url())),
            (Field::Email, email),
            (Field::Notify, email.map(|_| "1")),
            (Field::Comment, self.comment.as_deref().or(Some(old.comment()))),
        ];
        let form = Form::new(fields.into_iter().map(|(field, value)| (field, value.unwrap_or_default().into())))?;
        let mut reply = reply.clone();
        if form != reply.form {
            reply.notes.revision = reply.notes.revision.saturating_add(1);
            reply.form = form;
        }
        Ok(reply)
    }
}

impl Moderation<'_> {
    /// Changes the fields of a reply that is not approved.
    ///
    /// # Errors
    /// As [`Moderation::decide`]; or the changed fields are not a valid reply.
    pub fn edit(&self, handle: &str, edit: &Edit, now: Timestamp) -> Result<DecisionOutcome, Diagnostic> {
        let replies = self.lock_replies(now)?;
        let stored = replies.find(handle)?;
        check_settled(stored)?;
        check_revision(stored, handle)?;
        if stored.reply.notes.state == State::Approved {
            return Err(Diagnostic::error("this reply is approved: it is a file of the site now")
                .at(Location::file(stored.reply.path()))
                .help("edit that file"));
        }
        let mut reply = edit.apply(&stored.reply).map_err(|refusal| refusal_error(&refusal))?;
        // The site's author made this change, and needs no mail about it.
        if stored.reply.is_notified() {
            reply.notes.notified_revision = Some(reply.notes.revision);
        }
        let stored = self.update(stored, reply)?;
        Ok(DecisionOutcome { reply: stored.reply, changed: Vec::new(), problems: Vec::new() })
    }
}
