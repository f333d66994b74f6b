//! Mail that waits to be sent. It lies beside the replies, so that any of several inboxes that share these can send it.
//!
//! Whoever sends a mail first takes it for a while: nobody else does then, and if they are killed it is sent later. So a mail
//! may come twice if that happens between the server's "yes" and its removal here, or if the server is slower than any that is well,
//! and never not at all.

use std::io;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Spool, is_id};
use crate::replies::Mail;

/// The end of an object's name.
const EXTENSION: &str = ".mail";

/// How long after the beginning of each attempt the next one is made, in minutes: for so long a mail is out of the others' reach. The
/// first is longer than a server may take that makes the sender wait half a minute for each of its dozen answers. The last
/// attempt begins 46 hours after the first one; then it is given up.
const RETRY_PAUSES: [i64; 9] = [10, 15, 60, 180, 360, 720, 720, 720, 720];

/// A mail in the outbox.
#[derive(Debug, Serialize, Deserialize)]
struct QueuedMail {
    #[serde(rename = "next")]
    next_attempt: Timestamp,
    #[serde(default, rename = "tries")]
    attempts: usize,
    mail: Mail,
}

/// A mail that is to be sent now, by whoever has got this.
#[derive(Debug)]
pub struct ClaimedMail {
    /// What it is called in the outbox.
    pub id: String,
    /// The mail.
    pub mail: Mail,
    /// Whether nobody tries again after this.
    pub is_last: bool,
}

impl Spool {
    /// Puts a mail into the outbox. When this returns it is on stable storage. `id` has small letters, digits and dashes; if
    /// one of that name waits already, that is the one that is sent.
    ///
    /// # Errors
    /// It is not kept.
    pub fn queue_mail(&self, id: &str, mail: &Mail, now: Timestamp) -> io::Result<()> {
        if !is_id(id) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "this is no name for a mail"));
        }
        let queued = serde_json::to_vec(&QueuedMail { next_attempt: now, attempts: 0, mail: mail.clone() })?;
        match self.store.create(&object_name(id), &queued) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            result => result,
        }
    }

    /// Takes a mail that is due out of the others' reach. Once it is sent, or cannot be, [`Spool::remove_mail`] ends it.
    ///
    /// # Errors
    /// The outbox cannot be looked at.
    pub fn claim_due_mail(&self, now: Timestamp) -> io::Result<Option<ClaimedMail>> {
        for (id, bytes, version) in self.read_outbox()? {
            let Ok(QueuedMail { next_attempt: next, attempts: tries, mail }) = serde_json::from_slice(&bytes) else {
                // It was written as a whole; whatever this is, it is no mail of ours.
                continue;
            };
            if next > now {
                continue;
            }
            let pause = RETRY_PAUSES.get(tries).or(RETRY_PAUSES.last()).copied().unwrap_or(1);
            let next = now.saturating_add(SignedDuration::from_mins(pause)).unwrap_or(Timestamp::MAX);
            let is_last = tries + 1 >= RETRY_PAUSES.len();
            let claimed =
                serde_json::to_vec(&QueuedMail { next_attempt: next, attempts: tries + 1, mail: mail.clone() })?;
            match self.store.replace(&object_name(&id), &claimed, &version) {
                Ok(Some(_)) => return Ok(Some(ClaimedMail { id, mail, is_last })),
                // Somebody else sends it.
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Removes a mail from the outbox.
    ///
    /// # Errors
    /// It is still there.
    pub fn remove_mail(&self, id: &str) -> io::Result<()> {
        if is_id(id) { self.store.remove(&object_name(id)) } else { Ok(()) }
    }

    /// Removes mail to an address from the outbox: what is called so that it is chosen.
    ///
    /// # Errors
    /// Some of it is still there.
    pub fn remove_mail_to(&self, address: &str, is_chosen: impl Fn(&str) -> bool) -> io::Result<()> {
        for (id, bytes, _) in self.read_outbox()? {
            let queued = serde_json::from_slice::<QueuedMail>(&bytes);
            let has_address = queued.is_ok_and(|queued| queued.mail.to().eq_ignore_ascii_case(address.trim()));
            if has_address && is_chosen(&id) {
                self.remove_mail(&id)?;
            }
        }
        Ok(())
    }

    /// What is in the outbox, in the order of names.
    fn read_outbox(&self) -> io::Result<Vec<(String, Vec<u8>, super::Version)>> {
        let names = self.store.list()?;
        let mut ids: Vec<&str> = names.iter().filter_map(|name| name.strip_suffix(EXTENSION)).collect();
        ids.retain(|id| is_id(id));
        ids.sort_unstable();
        let mut mails = Vec::with_capacity(ids.len());
        let names: Vec<String> = ids.iter().map(|id| object_name(id)).collect();
        for (id, read) in ids.into_iter().zip(self.store.read_all(&names)) {
            match read {
                Ok((bytes, version)) => mails.push((id.to_owned(), bytes, version)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(mails)
    }
}

fn object_name(id: &str) -> String {
    format!("{id}{EXTENSION}")
}
