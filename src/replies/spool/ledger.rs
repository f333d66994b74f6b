//! What was used up: links that are good once, and all that was signed before some moment. Both are objects beside the
//! replies, so that inboxes which share a spool agree about them.

use std::fmt::Write as _;
use std::io;

use jiff::Timestamp;

use super::Spool;

/// The end of the name of what stands for something that is used up.
const USED_EXTENSION: &str = ".used";

/// The object that says since when signatures of moderation are believed.
const TRUSTED_SINCE: &str = "signed-since";

/// Something that can be used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneTimeUse(String);

impl OneTimeUse {
    /// What is known by this hash, and is worthless after its end anyway.
    pub fn new(hash: &[u8; 32], end: Timestamp) -> Self {
        let mut name = format!("{}-", end.as_second().max(0));
        for byte in &hash[..16] {
            let _ = write!(name, "{byte:02x}");
        }
        name.push_str(USED_EXTENSION);
        Self(name)
    }
}

impl Spool {
    /// Uses something up. Of several who do so, now or at any time, one is told that it was not used up before.
    ///
    /// # Errors
    /// Nobody knows, and it counts as used up.
    pub fn use_up(&self, token_use: &OneTimeUse) -> io::Result<bool> {
        match self.store.create(&token_use.0, b"used\n") {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes back that something was used up, as nothing came of it.
    ///
    /// # Errors
    /// It stays used up.
    pub fn undo_use(&self, token_use: &OneTimeUse) -> io::Result<()> {
        self.store.remove(&token_use.0)
    }

    /// Whether something is used up.
    ///
    /// # Errors
    /// Nobody knows.
    pub fn is_used_up(&self, token_use: &OneTimeUse) -> io::Result<bool> {
        match self.store.read(&token_use.0) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Forgets what was used up and has ended since.
    ///
    /// # Errors
    /// The spool cannot be looked at.
    pub fn remove_expired_uses(&self, now: Timestamp) -> io::Result<()> {
        for name in self.store.list()? {
            let end = name.strip_suffix(USED_EXTENSION).and_then(|name| name.split_once('-')?.0.parse::<i64>().ok());
            if end.is_some_and(|end| end < now.as_second()) {
                // What cannot be removed now will be another time.
                let _ = self.store.remove(&name);
            }
        }
        Ok(())
    }

    /// From now on nothing of moderation is believed that was signed until now.
    ///
    /// # Errors
    /// It is still believed.
    pub fn revoke_signatures(&self, now: Timestamp) -> io::Result<()> {
        let text = format!("{now}\n");
        loop {
            match self.store.read(TRUSTED_SINCE) {
                Ok((_, version)) => {
                    if self.store.replace(TRUSTED_SINCE, text.as_bytes(), &version)?.is_some() {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    match self.store.create(TRUSTED_SINCE, text.as_bytes()) {
                        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                        result => return result,
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The moment since when what is signed for moderation is believed, if there is one.
    ///
    /// # Errors
    /// Nobody knows, and nothing is to be believed.
    pub fn trusted_since(&self) -> io::Result<Option<Timestamp>> {
        match self.store.read(TRUSTED_SINCE) {
            Ok((bytes, _)) => {
                let moment = std::str::from_utf8(&bytes).ok().and_then(|text| text.trim().parse().ok());
                moment.map(Some).ok_or_else(|| {
                    let message =
                        format!("`{TRUSTED_SINCE}` holds no moment; delete it, and sign out everywhere once more");
                    io::Error::new(io::ErrorKind::InvalidData, message)
                })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}
