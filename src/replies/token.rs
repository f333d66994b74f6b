//! Tokens: what an inbox has signed, and believes when it comes back.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;

use super::spool::InboxFolder;

/// The name of the key's file, in the folder of the spool.
const KEY_FILE: &str = "key";

/// The length of a key, in bytes: that of the hash (RFC 2104, 3).
const KEY_LENGTH: usize = 32;

/// The longest token that is looked at, in bytes.
const MAX_TOKEN: usize = 255;

/// What a token is good for. One of a purpose is worthless for every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To tell when a form was loaded.
    Form,
    /// To change or take back one's own reply.
    Change,
    /// To sign in for moderation, once.
    SignIn,
    /// The same, in an e-mail.
    EmailSignIn,
    /// To be signed in.
    Session,
    /// To decide about what a page of moderation has shown.
    PageDecision,
    /// To decide about one reply in one way, once.
    EmailDecision,
    /// To say that one wants to hear of answers to a reply.
    Subscribe,
    /// To hear no more of them.
    Unsubscribe,
    /// To be known as somebody who has written before.
    Writer,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Change => "change",
            Self::SignIn => "enter",
            Self::EmailSignIn => "mailed",
            Self::Session => "session",
            Self::PageDecision => "act",
            Self::EmailDecision => "decide",
            Self::Subscribe => "hear",
            Self::Unsubscribe => "stop",
            Self::Writer => "writer",
        }
    }

    /// How long a token of it is good.
    pub fn lifetime(self) -> SignedDuration {
        match self {
            // Some leave a page open overnight before they answer it.
            Self::Form => SignedDuration::from_hours(48),
            Self::Change | Self::SignIn => SignedDuration::from_mins(15),
            // Renewed by whoever goes on, so that this is how long one can be idle.
            Self::Session | Self::PageDecision => SignedDuration::from_hours(12),
            Self::EmailSignIn => SignedDuration::from_hours(24),
            Self::Subscribe | Self::EmailDecision => SignedDuration::from_hours(7 * 24),
            // Old mail is found again, and its link is to work.
            Self::Unsubscribe => SignedDuration::from_hours(10 * 365 * 24),
            // Browsers keep no cookie for longer (RFC 6265bis, 5.5).
            Self::Writer => SignedDuration::from_hours(400 * 24),
        }
    }
}

/// The key that tokens are signed with. It is shown in no debugging output.
#[derive(Clone)]
pub struct Key([u8; KEY_LENGTH]);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// A key of these bytes.
    pub fn new(bytes: [u8; KEY_LENGTH]) -> Self {
        Self(bytes)
    }

    /// The key of an inbox. Where there is none yet, `random` becomes it, in a file that only its owner can read.
    ///
    /// # Errors
    /// The file cannot be read or made, holds no key, or can be read by others.
    pub fn open(folder: &InboxFolder, random: [u8; KEY_LENGTH]) -> io::Result<Self> {
        folder.prepare()?;
        let path = folder.path().join(KEY_FILE);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                create_key_file(&folder.path(), &random)?;
                // If two made one at the same time, this is the first.
                fs::read(&path)?
            }
            result => result?,
        };
        check_owner(&path)?;
        let text = String::from_utf8_lossy(&bytes);
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| {
            let message = format!("`{}` holds no key; delete it to get a new one", path.display());
            io::Error::new(io::ErrorKind::InvalidData, message)
        })
    }

    /// A token that says `what`, from now on for as long as its purpose lasts. Letters, digits, `-`, `_` and `.` can be said.
    pub fn sign(&self, purpose: Purpose, payload: &str, now: Timestamp) -> String {
        let end = now.saturating_add(purpose.lifetime()).map_or(i64::MAX, Timestamp::as_second);
        let signed = format!("{}.{payload}.{end}", purpose.as_str());
        let mac = URL_SAFE_NO_PAD.encode(self.mac(signed.as_bytes()).finalize().into_bytes());
        format!("{signed}.{mac}")
    }

    /// What a token says, and when it ends. None if it is not one of ours for this purpose, or has ended.
    pub fn verify<'t>(&self, purpose: Purpose, token: &'t str, now: Timestamp) -> Option<(&'t str, Timestamp)> {
        let (signed, mac) = token.rsplit_once('.').filter(|_| token.len() <= MAX_TOKEN)?;
        let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
        // In constant time, and before anything in it is believed.
        self.mac(signed.as_bytes()).verify_slice(&mac).ok()?;
        let (payload, end) = signed.strip_prefix(purpose.as_str())?.strip_prefix('.')?.rsplit_once('.')?;
        let end = Timestamp::from_second(end.parse().ok()?).ok()?;
        (now < end).then_some((payload, end))
    }

    /// A hash of what must not be kept itself. Without the key nobody can tell what it is of.
    pub fn hash(&self, bytes: &[u8]) -> [u8; KEY_LENGTH] {
        let mut mac = self.mac(b"hash.");
        mac.update(bytes);
        mac.finalize().into_bytes().into()
    }

    fn mac(&self, bytes: &[u8]) -> Hmac<Sha256> {
        // A key that is shorter than the hash's block is filled up with zeros (RFC 2104, 2).
        let mut block = [0; 64];
        block[..KEY_LENGTH].copy_from_slice(&self.0);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        mac.update(bytes);
        mac
    }
}

/// Makes the file of a key, unless there is one.
fn create_key_file(folder: &Path, key: &[u8; KEY_LENGTH]) -> io::Result<()> {
    // Such files are for their owner alone.
    let mut file = tempfile::Builder::new().prefix(".key-").tempfile_in(folder)?;
    writeln!(file, "{}", URL_SAFE_NO_PAD.encode(key))?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(folder.join(KEY_FILE)) {
        Err(failed) if failed.error.kind() != io::ErrorKind::AlreadyExists => Err(failed.error),
        _ => Ok(()),
    }
}

#[cfg(unix)]
#[expect(clippy::verbose_bit_mask, reason = "permissions are bits")]
fn check_owner(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;

    if fs::metadata(path)?.mode() & 0o077 == 0 {
        return Ok(());
    }
    let message = format!("others can read `{0}`; keep it to yourself with: chmod 600 {0}", path.display());
    Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
}

#[cfg(not(unix))]
fn check_owner(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "20240531-183000-250-k3v9qd";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a moment")
    }

    #[test]
    fn a_token_is_good_for_its_purpose_and_time() {
        let key = Key::new([7; KEY_LENGTH]);
        let token = key.sign(Purpose::Change, ID, at(1000));
        assert!(token.len() <= MAX_TOKEN && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)));
        assert_eq!(key.verify(Purpose::Change, &token, at(1000)), Some((ID, at(1900))));
        assert_eq!(key.verify(Purpose::Change, &token, at(1899)), Some((ID, at(1900))));
        assert_eq!(key.verify(Purpose::Change, &token, at(1900)), None, "it has ended");
        assert_eq!(key.verify(Purpose::Form, &token, at(1000)), None, "it is for something else");
        assert_eq!(Key::new([8; KEY_LENGTH]).verify(Purpose::Change, &token, at(1000)), None, "another key");
    }

    #[test]
    fn no_token_can_be_forged() {
        let key = Key::new([7; KEY_LENGTH]);
        let token = key.sign(Purpose::Change, ID, at(1000));
        for place in 0..token.len() {
            for other in [b'A', b'.', b'9'] {
                let mut bytes = token.clone().into_bytes();
                if std::mem::replace(&mut bytes[place], other) == other {
                    continue;
                }
                let forged = String::from_utf8(bytes).expect("ASCII");
                // The last character of Base64 has bits that mean nothing, and must be none all the same.
                assert_eq!(key.verify(Purpose::Change, &forged, at(1000)), None, "{forged}");
            }
            assert_eq!(key.verify(Purpose::Change, &token[..place], at(1000)), None);
        }
        let longer = token.replace("1900", "9900");
        for bad in ["", ".", "...", "change", "change..9999999999.", &longer, &format!("{token}A"), &token.repeat(9)] {
            assert_eq!(key.verify(Purpose::Change, bad, at(1000)), None, "{bad}");
        }
        assert_ne!(key.hash(b"a"), key.hash(b"b"));
    }

    #[test]
    fn a_key_is_made_once_and_for_its_owner() {
        let root = tempfile::tempdir().expect("a folder");
        let home = InboxFolder::new(root.path(), "inbox");
        let token = Key::open(&home, [1; KEY_LENGTH]).expect("a key").sign(Purpose::Form, "a", at(0));
        let again = Key::open(&home, [2; KEY_LENGTH]).expect("the same");
        assert!(again.verify(Purpose::Form, &token, at(0)).is_some());
        assert_eq!(format!("{again:?}"), "Key(…)");
        let file = root.path().join("inbox/key");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&file).expect("the file").permissions().mode() & 0o777, 0o600);
            fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("it is ours");
            let error = Key::open(&home, [2; KEY_LENGTH]).expect_err("others can read it");
            assert!(error.to_string().contains("chmod 600"), "{error}");
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("it is ours");
        }
        fs::write(&file, "short").expect("it is ours");
        assert!(Key::open(&home, [2; KEY_LENGTH]).is_err());
    }
}
