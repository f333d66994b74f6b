//! Mail to subscribers about published replies, and their subscriptions.

use std::io;

use super::forget::remove_address;
use super::{EditRefusal, Moderation};
use crate::replies::SubscriptionRequest;
use crate::replies::spool::{ReplyObject, SpoolError, State};

impl Moderation<'_> {
    /// Writes the mail about an approved reply: a request for confirmation to its own writer, and a notification to the
    /// writer of the reply that it answers. If no moderator has read the reply, the request goes only to an address that its
    /// writer has confirmed before. Otherwise a trusted writer could have mail sent to anybody.
    pub(super) fn write_mail(&self, reply: &ReplyObject) -> io::Result<()> {
        let Some(notifications) = &self.notifications else { return Ok(()) };
        let now = reply.notes.decided.unwrap_or(reply.notes.received);
        if let Some(address) = reply.notes.email.as_deref().filter(|_| !reply.notes.is_confirmed)
            && (!reply.notes.skipped_queue || self.has_proven(reply, address)?)
        {
            self.spool.queue_mail(&question(&reply.id), &notifications.confirmation_mail(reply, address, now), now)?;
        }
        let parent = match reply.form.reply_to().map(|id| self.spool.get(id)) {
            Some(Ok(parent)) => parent.reply,
            Some(Err(SpoolError::Failed(error))) => return Err(error),
            // The parent did not come through the spool, or its record is gone.
            _ => return Ok(()),
        };
        let is_the_same = parent.notes.document == reply.notes.document && parent.notes.state == State::Approved;
        let is_their_own =
            |address: &str| reply.notes.email.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(address));
        match parent.subscriber().filter(|address| is_the_same && !is_their_own(address)) {
            Some(address) => {
                self.spool.queue_mail(&news(&reply.id), &notifications.answer_mail(&parent, address, reply, now), now)
            }
            None => Ok(()),
        }
    }

    /// Whether the writer of a reply has confirmed this address for another reply.
    fn has_proven(&self, reply: &ReplyObject, address: &str) -> io::Result<bool> {
        let (all, _) = self.spool.all()?;
        let is_theirs = |other: &ReplyObject| reply.notes.writer.is_some() && other.notes.writer == reply.notes.writer;
        let listens = |other: &ReplyObject| other.subscriber().is_some_and(|own| own.eq_ignore_ascii_case(address));
        Ok(all.iter().any(|other| is_theirs(&other.reply) && listens(&other.reply)))
    }

    /// Carries out a subscription request, which the owner of an address made with a link in a mail. Returns the reply, if it
    /// is still known.
    ///
    /// # Errors
    /// The reply or its address is gone.
    pub fn grant(&self, request: SubscriptionRequest, id: &str) -> Result<Option<ReplyObject>, EditRefusal> {
        match request {
            SubscriptionRequest::Subscribe => self
                .change(id, |reply| {
                    reply.notes.is_confirmed = reply.notes.email.is_some();
                    if reply.notes.is_confirmed { Ok(()) } else { Err(EditRefusal::Late) }
                })
                .map(Some),
            SubscriptionRequest::Unsubscribe => self.stop(id),
        }
    }

    /// Forgets the address of a reply's writer wherever it is, and what waits to be sent to it; but for what is sent to the author of
    /// the site, who may have written that reply. Whoever decides meanwhile waits, so that no other mail is written to it.
    fn stop(&self, id: &str) -> Result<Option<ReplyObject>, EditRefusal> {
        let _lock = self.lock().map_err(EditRefusal::Failed)?;
        let failed = |error| EditRefusal::from(SpoolError::Failed(error));
        let parent = match self.spool.get(id) {
            Err(SpoolError::NotFound) => return Ok(None),
            stored => stored?.reply,
        };
        if let Some(address) = parent.notes.email.as_deref() {
            self.spool.remove_mail_to(address, is_subscriber_mail).map_err(failed)?;
            let (all, _) = self.spool.all().map_err(failed)?;
            let has_it =
                |reply: &ReplyObject| reply.notes.email.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(address));
            for other in all.iter().map(|stored| &stored.reply).filter(|other| other.id != id && has_it(other)) {
                self.forget_address_of(&other.id)?;
            }
        }
        // The last one: until then the link leads to the address.
        self.forget_address_of(id)
    }

    /// Forgets the address of a reply's writer there. None: the reply is gone, and its address with it.
    fn forget_address_of(&self, id: &str) -> Result<Option<ReplyObject>, EditRefusal> {
        let forgotten = self.change(id, |reply| {
            remove_address(reply);
            Ok(())
        });
        match forgotten {
            Err(EditRefusal::Late) => match self.spool.get(id) {
                Err(SpoolError::NotFound) => Ok(None),
                _ => forgotten.map(Some),
            },
            forgotten => forgotten.map(Some),
        }
    }

    /// Changes a reply, and tries again if it was changed at the same moment.
    fn change(
        &self,
        id: &str,
        change: impl Fn(&mut ReplyObject) -> Result<(), EditRefusal>,
    ) -> Result<ReplyObject, EditRefusal> {
        for _ in 0..4 {
            let stored = self.spool.get(id)?;
            let mut reply = stored.reply.clone();
            change(&mut reply)?;
            match self.spool.update(&stored, reply) {
                Err(SpoolError::Changed) => {}
                updated => return Ok(updated?.reply),
            }
        }
        Err(EditRefusal::from(SpoolError::Changed))
    }

    /// The reply that a link in a mail is about, if it is still known.
    pub fn known(&self, id: &str) -> Option<ReplyObject> {
        self.spool.get(id).ok().map(|stored| stored.reply)
    }
}

/// Whether a mail of this name goes to a subscriber.
fn is_subscriber_mail(name: &str) -> bool {
    [question(""), news("")].iter().any(|start| name.starts_with(start))
}

/// The name of the mail that asks the writer of a reply to confirm a subscription.
pub(super) fn question(id: &str) -> String {
    format!("question-{id}")
}

/// The name of the mail that notifies a subscriber of a reply.
pub(super) fn news(id: &str) -> String {
    format!("news-{id}")
}
