//! Webmentions that wait to be verified, and what became of the others. They lie beside the replies, so that none is lost whose
//! sender was told that it was taken.

use std::io;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Spool, Version, is_id};

/// The end of an object's name.
const EXTENSION: &str = ".mention";

/// How long after the attempts so far the next one is made, in minutes. After the last one the Webmention is refused.
const RETRY_PAUSES: [i64; 4] = [2, 15, 120, 720];

/// The longest time that a server can ask us to wait.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(24);

/// What became of a Webmention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MentionState {
    /// Nobody has looked at its source yet.
    Queued,
    /// Its source links to the page. It is a reply, whose state is that of the reply.
    Reply,
    /// Its source links to the page, and is counted.
    Counted,
    /// What it said before is removed.
    Removed,
    /// It is refused.
    Refused,
}

/// A Webmention that was received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    /// The page that links.
    pub source: String,
    /// The page that is linked to.
    pub target: String,
    /// When it was received last.
    pub received: Timestamp,
    /// What became of it.
    pub state: MentionState,
    /// When its source is looked at next, while it is queued.
    pub due: Timestamp,
    /// How often its source could not be loaded.
    #[serde(default)]
    pub attempts: usize,
    /// Why it is refused, or could not be decided so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The id of the reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
}

/// A Webmention as it was read, and which version of it that was.
#[derive(Clone, Debug)]
pub struct StoredMention {
    /// Its id.
    pub id: String,
    /// The Webmention.
    pub mention: Mention,
    version: Version,
}

impl Mention {
    /// The same Webmention with what became of it.
    pub fn with(&self, state: MentionState, reason: Option<String>, reply: Option<String>) -> Self {
        Self { state, reason, reply, attempts: 0, ..self.clone() }
    }

    /// The same Webmention for another attempt, not before a server's wish; refused, if that was the last one.
    pub fn again(&self, reason: String, wish: Option<SignedDuration>, now: Timestamp) -> Self {
        let Some(&pause) = RETRY_PAUSES.get(self.attempts) else {
            return self.with(MentionState::Refused, Some(reason), None);
        };
        let pause = SignedDuration::from_mins(pause).max(wish.unwrap_or_default().min(LONGEST_PAUSE));
        let due = now.saturating_add(pause).unwrap_or(Timestamp::MAX);
        Self { due, attempts: self.attempts + 1, reason: Some(reason), ..self.clone() }
    }
}

impl Spool {
    /// Queues a Webmention. When this returns it is on stable storage. There is one for each pair of addresses: what was
    /// known of it is replaced, and one that is queued already stays.
    ///
    /// # Errors
    /// It is not kept.
    pub fn queue_mention(&self, source: &str, target: &str, now: Timestamp) -> io::Result<StoredMention> {
        let id = mention_id(source, target);
        let mention = Mention {
            source: source.to_owned(),
            target: target.to_owned(),
            received: now,
            state: MentionState::Queued,
            due: now,
            attempts: 0,
            reason: None,
            reply: None,
        };
        let bytes = serde_json::to_vec(&mention)?;
        loop {
            match self.store.create(&object_name(&id), &bytes) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                created => {
                    created?;
                    return self.mention(&id)?.ok_or_else(|| io::ErrorKind::NotFound.into());
                }
            }
            let Some(stored) = self.mention(&id)? else { continue };
            if stored.mention.state == MentionState::Queued && stored.mention.attempts == 0 {
                return Ok(stored);
            }
            if let Some(stored) = self.update_mention(&stored, mention.clone())? {
                return Ok(stored);
            }
        }
    }

    /// Reads a Webmention. One that cannot be understood is none.
    ///
    /// # Errors
    /// The system, or the network, failed.
    pub fn mention(&self, id: &str) -> io::Result<Option<StoredMention>> {
        if !is_id(id) {
            return Ok(None);
        }
        match self.store.read(&object_name(id)) {
            Ok((bytes, version)) => Ok(Some(parse(id, &bytes, version))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Changes a Webmention, if it is still the one that was read. None if it is another.
    ///
    /// # Errors
    /// It could not be written.
    pub fn update_mention(&self, stored: &StoredMention, mention: Mention) -> io::Result<Option<StoredMention>> {
        let bytes = serde_json::to_vec(&mention)?;
        match self.store.replace(&object_name(&stored.id), &bytes, &stored.version) {
            Ok(version) => Ok(version.map(|version| StoredMention { id: stored.id.clone(), mention, version })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All Webmentions that are queued, oldest first. Those of the others that came before a moment are forgotten.
    ///
    /// # Errors
    /// They cannot be listed.
    pub fn queued_mentions(&self, forget_before: Timestamp) -> io::Result<Vec<StoredMention>> {
        let names: Vec<String> = self.store.list()?.into_iter().filter(|name| name.ends_with(EXTENSION)).collect();
        let mut queued = Vec::new();
        for (name, read) in names.iter().zip(self.store.read_all(&names)) {
            let Some(id) = name.strip_suffix(EXTENSION).filter(|id| is_id(id)) else { continue };
            let (bytes, version) = match read {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            let stored = parse(id, &bytes, version);
            if stored.mention.state == MentionState::Queued {
                queued.push(stored);
            } else if stored.mention.received < forget_before {
                self.store.remove(name)?;
            }
        }
        queued.sort_by(|a, b| (a.mention.received, &a.id).cmp(&(b.mention.received, &b.id)));
        Ok(queued)
    }
}

/// The id of a pair of addresses.
fn mention_id(source: &str, target: &str) -> String {
    let hash = Sha256::digest(format!("{source}\n{target}").as_bytes());
    hash[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The Webmention that was read. What is no Webmention of ours is one that was refused long ago.
fn parse(id: &str, bytes: &[u8], version: Version) -> StoredMention {
    let mention = serde_json::from_slice(bytes).unwrap_or_else(|_| Mention {
        source: String::new(),
        target: String::new(),
        received: Timestamp::UNIX_EPOCH,
        state: MentionState::Refused,
        due: Timestamp::UNIX_EPOCH,
        attempts: 0,
        reason: Some("what was kept of it is damaged".to_owned()),
        reply: None,
    });
    StoredMention { id: id.to_owned(), mention, version }
}

fn object_name(id: &str) -> String {
    format!("{id}{EXTENSION}")
}
