//! Mail to readers, about what was decided.

use std::io;

use super::{Moderation, Second, forget_address};
use crate::replies::Wish;
use crate::replies::spool::{Kept, State, Trouble};

impl Moderation<'_> {
    /// Writes to those who want to hear of a reply that is approved: who wrote it is asked whether they want to hear of answers, and
    /// who is answered is told.
    pub(super) fn write_mail(&self, kept: &Kept) -> io::Result<()> {
        let Some(notices) = &self.notices else { return Ok(()) };
        let now = kept.notes.decided.unwrap_or(kept.notes.received);
        if let Some(address) = kept.notes.email.as_deref().filter(|_| !kept.notes.confirmed) {
            self.spool.post(&question(&kept.id), &notices.question(kept, address, now), now)?;
        }
        let asked = match kept.form.reply_to().map(|id| self.spool.get(id)) {
            Some(Ok(asked)) => asked.kept,
            Some(Err(Trouble::Failed(error))) => return Err(error),
            // What is answered came another way, or is not known any more.
            _ => return Ok(()),
        };
        let is_the_same = asked.notes.document == kept.notes.document && asked.notes.state == State::Approved;
        let is_their_own =
            |address: &str| kept.notes.email.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(address));
        match asked.listener().filter(|address| is_the_same && !is_their_own(address)) {
            Some(address) => self.spool.post(&news(&kept.id), &notices.news(&asked, address, kept, now), now),
            None => Ok(()),
        }
    }

    /// Does what the owner of an address wants, who has proven to be that by a link in a mail to it. Gives back the reply that it
    /// is about, if it is still known.
    ///
    /// # Errors
    /// They want to hear of answers to something that is gone, or whose address is forgotten.
    pub fn grant(&self, wish: Wish, id: &str) -> Result<Option<Kept>, Second> {
        // Somebody may decide about it at the same moment.
        for _ in 0..4 {
            let stored = match self.spool.get(id) {
                Err(Trouble::Gone) if wish == Wish::Stop => return Ok(None),
                stored => stored?,
            };
            let mut kept = stored.kept.clone();
            match wish {
                Wish::Hear if kept.notes.email.is_none() => return Err(Second::Late),
                Wish::Hear => kept.notes.confirmed = true,
                Wish::Stop => forget_address(&mut kept),
            }
            match self.spool.update(&stored, kept) {
                Err(Trouble::Changed) => {}
                Err(Trouble::Gone) if wish == Wish::Stop => return Ok(None),
                updated => return Ok(Some(updated?.kept)),
            }
        }
        Err(Second::from(Trouble::Changed))
    }

    /// The reply that a link in a mail is about, if it is still known.
    pub fn known(&self, id: &str) -> Option<Kept> {
        self.spool.get(id).ok().map(|stored| stored.kept)
    }
}

/// What the mail is called that asks the writer of a reply whether they want to hear of answers.
pub(super) fn question(id: &str) -> String {
    format!("question-{id}")
}

/// What the mail is called that tells of a reply to whoever it answers.
pub(super) fn news(id: &str) -> String {
    format!("news-{id}")
}
