//! Mail to readers, about what was decided.

use std::io;

use super::forget::remove_address;
use super::{EditRefusal, Moderation};
use crate::replies::SubscriptionRequest;
use crate::replies::spool::{ReplyObject, SpoolError, State};

impl Moderation<'_> {
    /// Writes to those who want to hear of a reply that is approved: who wrote it is asked whether they want to hear of answers, and
    /// who is answered is told. Where nobody has read it, only an address is asked that its writer has proven to be theirs: who
    /// is trusted could else have mail sent to anybody.
    pub(super) fn write_mail(&self, kept: &ReplyObject) -> io::Result<()> {
        let Some(notifications) = &self.notifications else { return Ok(()) };
        let now = kept.notes.decided.unwrap_or(kept.notes.received);
        if let Some(address) = kept.notes.email.as_deref().filter(|_| !kept.notes.confirmed)
            && (!kept.notes.skipped || self.has_proven(kept, address)?)
        {
            self.spool.post(&question(&kept.id), &notifications.question(kept, address, now), now)?;
        }
        let asked = match kept.form.reply_to().map(|id| self.spool.get(id)) {
            Some(Ok(asked)) => asked.kept,
            Some(Err(SpoolError::Failed(error))) => return Err(error),
            // What is answered came another way, or is not known any more.
            _ => return Ok(()),
        };
        let is_the_same = asked.notes.document == kept.notes.document && asked.notes.state == State::Approved;
        let is_their_own =
            |address: &str| kept.notes.email.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(address));
        match asked.listener().filter(|address| is_the_same && !is_their_own(address)) {
            Some(address) => self.spool.post(&news(&kept.id), &notifications.news(&asked, address, kept, now), now),
            None => Ok(()),
        }
    }

    /// Whether the writer of a reply has confirmed this address before, for another one of theirs.
    fn has_proven(&self, kept: &ReplyObject, address: &str) -> io::Result<bool> {
        let (all, _) = self.spool.all()?;
        let is_theirs = |other: &ReplyObject| kept.notes.writer.is_some() && other.notes.writer == kept.notes.writer;
        let listens = |other: &ReplyObject| other.listener().is_some_and(|own| own.eq_ignore_ascii_case(address));
        Ok(all.iter().any(|other| is_theirs(&other.kept) && listens(&other.kept)))
    }

    /// Does what the owner of an address wants, who has proven to be that by a link in a mail to it. Gives back the reply that it
    /// is about, if it is still known.
    ///
    /// # Errors
    /// They want to hear of answers to something that is gone, or whose address is forgotten.
    pub fn grant(&self, wish: SubscriptionRequest, id: &str) -> Result<Option<ReplyObject>, EditRefusal> {
        match wish {
            SubscriptionRequest::Hear => self
                .change(id, |kept| {
                    kept.notes.confirmed = kept.notes.email.is_some();
                    if kept.notes.confirmed { Ok(()) } else { Err(EditRefusal::Late) }
                })
                .map(Some),
            SubscriptionRequest::Stop => self.stop(id),
        }
    }

    /// Forgets the address of a reply's writer wherever it is, and what waits to be sent to it; but for what is sent to the author of
    /// the site, who may have written that reply. Whoever decides meanwhile waits, so that no other mail is written to it.
    fn stop(&self, id: &str) -> Result<Option<ReplyObject>, EditRefusal> {
        let _lock = self.lock().map_err(EditRefusal::Failed)?;
        let failed = |error| EditRefusal::from(SpoolError::Failed(error));
        let asked = match self.spool.get(id) {
            Err(SpoolError::Gone) => return Ok(None),
            stored => stored?.kept,
        };
        if let Some(address) = asked.notes.email.as_deref() {
            self.spool.drop_mail_to(address, is_notice).map_err(failed)?;
            let (all, _) = self.spool.all().map_err(failed)?;
            let has_it =
                |kept: &ReplyObject| kept.notes.email.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(address));
            for other in all.iter().map(|stored| &stored.kept).filter(|other| other.id != id && has_it(other)) {
                self.forget_address_of(&other.id)?;
            }
        }
        // The last one: until then the link leads to the address.
        self.forget_address_of(id)
    }

    /// Forgets the address of a reply's writer there. None: the reply is gone, and its address with it.
    fn forget_address_of(&self, id: &str) -> Result<Option<ReplyObject>, EditRefusal> {
        let forgotten = self.change(id, |kept| {
            remove_address(kept);
            Ok(())
        });
        match forgotten {
            Err(EditRefusal::Late) => match self.spool.get(id) {
                Err(SpoolError::Gone) => Ok(None),
                _ => forgotten.map(Some),
            },
            forgotten => forgotten.map(Some),
        }
    }

    /// Changes a reply, although somebody may do so at the same moment.
    fn change(
        &self,
        id: &str,
        change: impl Fn(&mut ReplyObject) -> Result<(), EditRefusal>,
    ) -> Result<ReplyObject, EditRefusal> {
        for _ in 0..4 {
            let stored = self.spool.get(id)?;
            let mut kept = stored.kept.clone();
            change(&mut kept)?;
            match self.spool.update(&stored, kept) {
                Err(SpoolError::Changed) => {}
                updated => return Ok(updated?.kept),
            }
        }
        Err(EditRefusal::from(SpoolError::Changed))
    }

    /// The reply that a link in a mail is about, if it is still known.
    pub fn known(&self, id: &str) -> Option<ReplyObject> {
        self.spool.get(id).ok().map(|stored| stored.kept)
    }
}

/// Whether a mail of this name is one to a reader.
fn is_notice(name: &str) -> bool {
    [question(""), news("")].iter().any(|start| name.starts_with(start))
}

/// What the mail is called that asks the writer of a reply whether they want to hear of answers.
pub(super) fn question(id: &str) -> String {
    format!("question-{id}")
}

/// What the mail is called that tells of a reply to whoever it answers.
pub(super) fn news(id: &str) -> String {
    format!("news-{id}")
}
