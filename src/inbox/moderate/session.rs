//! The sessions of moderators. A link starts a session, once and within a quarter of an hour. Then a cookie continues it.
//!
//! The cookie is a token with a random id and the start of the session. A session ends after twelve hours without a request,
//! after thirty days at the latest, when the moderator signs out, and when a moderator signs out everywhere.

use std::fmt::Write as _;
use std::io;

use axum::http::HeaderMap;
use jiff::{SignedDuration, Timestamp};

use crate::http::cookie;
use crate::replies::spool::OneTimeUse;
use crate::replies::{Key, Purpose, Spool};

/// The name of the cookie.
const COOKIE_NAME: &str = "causerie-moderation";

/// The longest duration of a session.
const MAX_DURATION: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The age from which a cookie is renewed.
const RENEWAL_AGE: SignedDuration = SignedDuration::from_mins(5);

/// The session of a moderator who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    id: String,
    start: Timestamp,
    /// When the cookie was signed.
    signed_at: Timestamp,
}

impl Session {
    /// Whether the cookie should be renewed.
    pub fn should_renew(&self, now: Timestamp) -> bool {
        now.duration_since(self.signed_at) > RENEWAL_AGE
    }

    fn end(&self) -> Timestamp {
        self.start.saturating_add(MAX_DURATION).unwrap_or(Timestamp::MAX)
    }

    /// The contents of the session's tokens.
    fn payload(&self) -> String {
        format!("{}-{}", self.id, self.start.as_millisecond())
    }

    fn parse(payload: &str, signed_at: Timestamp) -> Option<Self> {
        let (id, start) = payload.split_once('-')?;
        let start = Timestamp::from_millisecond(start.parse().ok()?).ok()?;
        Some(Self { id: id.to_owned(), start, signed_at })
    }
}

/// Signs moderators in and out, and verifies their tokens.
#[derive(Clone, Copy, Debug)]
pub struct Authenticator<'a> {
    key: &'a Key,
    spool: &'a Spool,
}

impl<'a> Authenticator<'a> {
    /// The authenticator of an inbox.
    pub fn new(key: &'a Key, spool: &'a Spool) -> Self {
        Self { key, spool }
    }

    /// Whether a link can still sign in.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn is_link_valid(&self, token: &str, now: Timestamp) -> io::Result<bool> {
        match self.verify_sign_in(token, now)? {
            Some(one_time_use) => Ok(!self.spool.is_used_up(&one_time_use)?),
            None => Ok(false),
        }
    }

    /// Starts a session by a link, and uses the link up. `None` if the link is not valid any more.
    ///
    /// # Errors
    /// The spool cannot be read or changed, and no session starts.
    pub fn sign_in(&self, token: &str, now: Timestamp) -> io::Result<Option<Session>> {
        match self.verify_sign_in(token, now)? {
            Some(one_time_use) if self.spool.use_up(&one_time_use)? => {
                let id = random_id().map_err(io::Error::other)?;
                // A token holds milliseconds.
                let start = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
                Ok(Some(Session { id, start, signed_at: now }))
            }
            _ => Ok(None),
        }
    }

    fn verify_sign_in(&self, token: &str, now: Timestamp) -> io::Result<Option<OneTimeUse>> {
        for purpose in [Purpose::SignIn, Purpose::EmailSignIn] {
            if let Some((_, one_time_use)) = self.verify_single_use(purpose, token, now)? {
                return Ok(Some(one_time_use));
            }
        }
        Ok(None)
    }

    /// Verifies a token that is valid once. Returns its payload, and the use that the spool records.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn verify_single_use<'t>(
        &self,
        purpose: Purpose,
        token: &'t str,
        now: Timestamp,
    ) -> io::Result<Option<(&'t str, OneTimeUse)>> {
        let Some((payload, end)) = self.key.verify(purpose, token, now) else { return Ok(None) };
        let is_revoked = self.is_revoked(signed_at(purpose, end))?;
        Ok((!is_revoked).then(|| (payload, OneTimeUse::new(&self.key.hash(token.as_bytes()), end))))
    }

    /// The spool of the inbox.
    pub fn spool(&self) -> &'a Spool {
        self.spool
    }

    /// Returns the session that one of these cookies continues.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn session(&self, cookies: &[String], now: Timestamp) -> io::Result<Option<Session>> {
        for cookie in cookies {
            let Some((payload, end)) = self.key.verify(Purpose::Session, cookie, now) else { continue };
            let session = Session::parse(payload, signed_at(Purpose::Session, end));
            if let Some(session) = session.filter(|session| now < session.end())
                && !self.is_revoked(session.start)?
                && !self.spool.is_used_up(&self.end_of_session(&session))?
            {
                return Ok(Some(session));
            }
        }
        Ok(None)
    }

    /// Ends a session. Its cookie is not valid any more, even as a copy.
    ///
    /// # Errors
    /// The spool cannot be changed, and the session continues.
    pub fn sign_out(&self, session: &Session) -> io::Result<()> {
        self.spool.use_up(&self.end_of_session(session)).map(drop)
    }

    /// Returns the header that sets the cookie of a session.
    pub fn cookie(&self, session: &Session, origin: &str, now: Timestamp) -> String {
        let left = session.end().duration_since(now).min(Purpose::Session.lifetime()).as_secs();
        let token = self.key.sign(Purpose::Session, &session.payload(), now);
        cookie_line(origin, &token, left)
    }

    /// Returns the token for the forms of a page that a session sees.
    pub fn form_token(&self, session: &Session, now: Timestamp) -> String {
        self.key.sign(Purpose::PageDecision, &session.payload(), now)
    }

    /// Whether a form with this token was in a page of the session.
    pub fn is_form_token_valid(&self, session: &Session, token: &str, now: Timestamp) -> bool {
        self.key.verify(Purpose::PageDecision, token, now).is_some_and(|(payload, _)| payload == session.payload())
    }

    /// Whether a moderator has signed out everywhere since a token was signed.
    fn is_revoked(&self, signed_at: Timestamp) -> io::Result<bool> {
        Ok(self.spool.trusted_since()?.is_some_and(|since| signed_at <= since))
    }

    /// The use that the spool records at the end of a session.
    fn end_of_session(&self, session: &Session) -> OneTimeUse {
        OneTimeUse::new(&self.key.hash(session.payload().as_bytes()), session.end())
    }
}

/// Returns the token of a link that signs in.
///
/// # Errors
/// The system has no random numbers.
pub fn sign_in_token(key: &Key, now: Timestamp) -> Result<String, getrandom::Error> {
    Ok(key.sign(Purpose::SignIn, &random_id()?, now))
}

/// Returns the token of a link in an e-mail, which is valid for longer.
///
/// # Errors
/// The system has no random numbers.
pub fn email_sign_in_token(key: &Key, now: Timestamp) -> Result<String, getrandom::Error> {
    Ok(key.sign(Purpose::EmailSignIn, &random_id()?, now))
}

/// Returns when a token was signed, from its end.
fn signed_at(purpose: Purpose, end: Timestamp) -> Timestamp {
    end.saturating_sub(purpose.lifetime()).unwrap_or(Timestamp::MIN)
}

fn random_id() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    let mut id = String::with_capacity(32);
    for byte in bytes {
        let _ = write!(id, "{byte:02x}");
    }
    Ok(id)
}

/// Returns the cookies of a request that may belong to sessions.
pub fn cookies(headers: &HeaderMap, origin: &str) -> Vec<String> {
    let name = cookie::name(COOKIE_NAME, is_https(origin));
    cookie::values(headers, &name).take(4).map(str::to_owned).collect()
}

/// Returns the header that removes the cookie.
pub fn expired_cookie(origin: &str) -> String {
    cookie_line(origin, "", 0)
}

fn cookie_line(origin: &str, value: &str, seconds: i64) -> String {
    let is_secure = is_https(origin);
    cookie::set_header(&cookie::name(COOKIE_NAME, is_secure), value, seconds, is_secure)
}

fn is_https(origin: &str) -> bool {
    origin.starts_with("https://")
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;

    use super::*;

    const HOUR: i64 = 3600;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).expect("a moment")
    }

    /// Runs a test with an authenticator.
    fn with_authenticator(test: impl FnOnce(Authenticator<'_>)) {
        let root = tempfile::tempdir().expect("a folder");
        let spool = Spool::open(root.path(), "inbox").expect("a spool");
        test(Authenticator::new(&Key::new([7; 32]), &spool));
    }

    /// The cookie that a browser sends back.
    fn sent(authenticator: &Authenticator<'_>, session: &Session, now: Timestamp) -> Vec<String> {
        let line = authenticator.cookie(session, "https://tea.example", now);
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, line.split(';').next().expect("a pair").parse().expect("a header"));
        cookies(&headers, "https://tea.example")
    }

    #[test]
    fn a_link_lets_one_in_once() {
        with_authenticator(|authenticator| {
            let link = sign_in_token(authenticator.key, at(0)).expect("random numbers");
            assert!(authenticator.is_link_valid(&link, at(899)).expect("a spool"));
            assert!(
                !authenticator.is_link_valid(&link, at(900)).expect("a spool")
                    && authenticator.sign_in(&link, at(900)).expect("ok").is_none()
            );
            let session = authenticator.sign_in(&link, at(10)).expect("a spool").expect("it is the first");
            assert!(
                !authenticator.is_link_valid(&link, at(11)).expect("a spool")
                    && authenticator.sign_in(&link, at(11)).expect("ok").is_none()
            );
            let found = authenticator
                .session(&sent(&authenticator, &session, at(10)), at(20))
                .expect("a spool")
                .expect("it is let in");
            assert_eq!(found.payload(), session.payload());
            // Other tokens of the same key let nobody in.
            for purpose in [Purpose::Form, Purpose::Change, Purpose::Session, Purpose::PageDecision] {
                let token = authenticator.key.sign(purpose, &session.payload(), at(0));
                assert!(authenticator.sign_in(&token, at(1)).expect("a spool").is_none(), "{purpose:?}");
                let found = authenticator.session(&[token], at(1)).expect("a spool");
                assert_eq!(found.is_some(), purpose == Purpose::Session, "{purpose:?}");
            }
        });
    }

    #[test]
    fn a_session_ends() {
        with_authenticator(|authenticator| {
            let link = sign_in_token(authenticator.key, at(0)).expect("random numbers");
            let session = authenticator.sign_in(&link, at(0)).expect("a spool").expect("it is the first");
            let is_in = |given: i64, now: i64| {
                authenticator.session(&sent(&authenticator, &session, at(given)), at(now)).expect("a spool").is_some()
            };
            assert!(is_in(0, 12 * HOUR - 1) && !is_in(0, 12 * HOUR), "nobody came for half a day");
            assert!(is_in(20 * 24 * HOUR, 20 * 24 * HOUR + HOUR), "it was renewed");
            assert!(is_in(30 * 24 * HOUR - 60, 30 * 24 * HOUR - 1) && !is_in(30 * 24 * HOUR - 60, 30 * 24 * HOUR));
            let late = authenticator.cookie(&session, "http://127.0.0.1:1", at(30 * 24 * HOUR - 60));
            assert!(late.ends_with("Max-Age=60") && late.starts_with("causerie-moderation=session."), "{late}");
            let found = authenticator
                .session(&sent(&authenticator, &session, at(0)), at(301))
                .expect("a spool")
                .expect("it is in");
            assert!(found.should_renew(at(301)) && !found.should_renew(at(300)));
            authenticator.sign_out(&session).expect("a spool");
            assert!(!is_in(0, 1) && !is_in(100, 101), "it has signed out");
        });
    }

    #[test]
    fn signing_out_everywhere_ends_links_too() {
        with_authenticator(|authenticator| {
            let (link, other) = (
                sign_in_token(authenticator.key, at(0)).expect("ok"),
                sign_in_token(authenticator.key, at(0)).expect("ok"),
            );
            let session = authenticator.sign_in(&link, at(1)).expect("a spool").expect("it is the first");
            authenticator.spool.revoke_signatures(at(5)).expect("a spool");
            assert!(authenticator.session(&sent(&authenticator, &session, at(1)), at(6)).expect("a spool").is_none());
            assert!(authenticator.sign_in(&other, at(6)).expect("a spool").is_none());
            let later = sign_in_token(authenticator.key, at(6)).expect("random numbers");
            assert!(authenticator.sign_in(&later, at(7)).expect("a spool").is_some());
            authenticator.spool.revoke_signatures(at(8)).expect("twice as well");
            assert!(!authenticator.is_link_valid(&later, at(9)).expect("a spool"));
        });
    }

    #[test]
    fn links_in_mail_last_longer_and_end_as_well() {
        with_authenticator(|authenticator| {
            let mailed = email_sign_in_token(authenticator.key, at(0)).expect("random numbers");
            assert!(authenticator.is_link_valid(&mailed, at(24 * HOUR - 1)).expect("a spool"));
            assert!(!authenticator.is_link_valid(&mailed, at(24 * HOUR)).expect("a spool"));
            let decide = authenticator.key.sign(Purpose::EmailDecision, "approve-a.1", at(0));
            let said = |now| {
                authenticator
                    .verify_single_use(Purpose::EmailDecision, &decide, at(now))
                    .expect("a spool")
                    .map(|(said, _)| said)
            };
            assert_eq!((said(0), said(7 * 24 * HOUR - 1)), (Some("approve-a.1"), Some("approve-a.1")));
            assert_eq!(said(7 * 24 * HOUR), None);
            authenticator.spool.revoke_signatures(at(1)).expect("a spool");
            assert_eq!(said(2), None);
            assert!(!authenticator.is_link_valid(&mailed, at(2)).expect("a spool"));
        });
    }

    #[test]
    fn a_form_is_of_its_own_session() {
        with_authenticator(|authenticator| {
            let enter = || {
                let link = sign_in_token(authenticator.key, at(0)).expect("random numbers");
                authenticator.sign_in(&link, at(0)).expect("a spool").expect("it is the first")
            };
            let (one, other) = (enter(), enter());
            let token = authenticator.form_token(&one, at(0));
            assert!(
                authenticator.is_form_token_valid(&one, &token, at(1))
                    && !authenticator.is_form_token_valid(&other, &token, at(1))
            );
            assert!(
                !authenticator.is_form_token_valid(&one, &token, at(12 * HOUR))
                    && !authenticator.is_form_token_valid(&one, "", at(1))
            );
            let cookie = authenticator.key.sign(Purpose::Session, &one.payload(), at(0));
            assert!(!authenticator.is_form_token_valid(&one, &cookie, at(1)), "a cookie is no form's token");
        });
    }

    #[test]
    fn over_https_the_cookie_is_bound_to_its_host() {
        with_authenticator(|authenticator| {
            let link = sign_in_token(authenticator.key, at(0)).expect("random numbers");
            let session = authenticator.sign_in(&link, at(0)).expect("a spool").expect("it is the first");
            let line = authenticator.cookie(&session, "https://tea.example", at(0));
            assert!(line.starts_with("__Host-causerie-moderation=session."), "{line}");
            assert!(line.ends_with("; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200; Secure"), "{line}");
            // One without the prefix may come from another host of the same domain.
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, "causerie-moderation=a; x; =; b=c".parse().expect("a header"));
            assert!(cookies(&headers, "https://tea.example").is_empty());
            assert_eq!(cookies(&headers, "http://127.0.0.1:1"), ["a"]);
        });
    }
}
