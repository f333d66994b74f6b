//! Who is let in: by a link that is good once and for a quarter of an hour, and then by a cookie.
//!
//! The cookie is a token that says a random name and when it was given. It ends when nobody comes for twelve hours, after
//! thirty days in any case, when its owner signs out, and when somebody signs out everywhere.

use std::fmt::Write as _;
use std::io;

use axum::http::HeaderMap;
use jiff::{SignedDuration, Timestamp};

use crate::http::cookie;
use crate::replies::spool::OneTimeUse;
use crate::replies::{Key, Purpose, Spool};

/// The name of the cookie.
const COOKIE_NAME: &str = "causerie-moderation";

/// How long somebody can be signed in, however often they come.
const LONGEST: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A cookie that is younger is not renewed yet.
const YOUNG: SignedDuration = SignedDuration::from_mins(5);

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    id: String,
    since: Timestamp,
    /// When the cookie was given.
    given: Timestamp,
}

impl Session {
    /// Whether it is time for another cookie.
    pub fn is_to_be_renewed(&self, now: Timestamp) -> bool {
        now.duration_since(self.given) > YOUNG
    }

    fn end(&self) -> Timestamp {
        self.since.saturating_add(LONGEST).unwrap_or(Timestamp::MAX)
    }

    /// What a token says of it.
    fn said(&self) -> String {
        format!("{}-{}", self.id, self.since.as_millisecond())
    }

    fn parse(said: &str, given: Timestamp) -> Option<Self> {
        let (id, since) = said.split_once('-')?;
        let since = Timestamp::from_millisecond(since.parse().ok()?).ok()?;
        Some(Self { id: id.to_owned(), since, given })
    }
}

/// Lets people in and out.
#[derive(Clone, Copy, Debug)]
pub struct Authenticator<'a> {
    key: &'a Key,
    spool: &'a Spool,
}

impl<'a> Authenticator<'a> {
    /// The door of an inbox.
    pub fn new(key: &'a Key, spool: &'a Spool) -> Self {
        Self { key, spool }
    }

    /// Whether a link would still let somebody in.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn opens(&self, ticket: &str, now: Timestamp) -> io::Result<bool> {
        match self.ticket(ticket, now)? {
            Some(once) => Ok(!self.spool.is_used_up(&once)?),
            None => Ok(false),
        }
    }

    /// Lets somebody in who has a link, whose use this is.
    ///
    /// # Errors
    /// The spool cannot be read or changed, and nobody is let in.
    pub fn enter(&self, ticket: &str, now: Timestamp) -> io::Result<Option<Session>> {
        match self.ticket(ticket, now)? {
            Some(once) if self.spool.use_up(&once)? => {
                let id = random_name().map_err(io::Error::other)?;
                // A token says milliseconds.
                let since = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
                Ok(Some(Session { id, since, given: now }))
            }
            _ => Ok(None),
        }
    }

    fn ticket(&self, ticket: &str, now: Timestamp) -> io::Result<Option<OneTimeUse>> {
        for purpose in [Purpose::SignIn, Purpose::EmailSignIn] {
            if let Some((_, once)) = self.once_signed(purpose, ticket, now)? {
                return Ok(Some(once));
            }
        }
        Ok(None)
    }

    /// What a token says that is good once, and what stands for its use.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn once_signed<'t>(
        &self,
        purpose: Purpose,
        token: &'t str,
        now: Timestamp,
    ) -> io::Result<Option<(&'t str, OneTimeUse)>> {
        let Some((said, end)) = self.key.verify(purpose, token, now) else { return Ok(None) };
        let is_trusted = self.is_trusted(given(purpose, end))?;
        Ok(is_trusted.then(|| (said, OneTimeUse::new(&self.key.hash(token.as_bytes()), end))))
    }

    /// The spool that it is the door of.
    pub fn spool(&self) -> &'a Spool {
        self.spool
    }

    /// Who comes with one of these cookies.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn session(&self, cookies: &[String], now: Timestamp) -> io::Result<Option<Session>> {
        for cookie in cookies {
            let Some((said, end)) = self.key.verify(Purpose::Session, cookie, now) else { continue };
            let session = Session::parse(said, given(Purpose::Session, end)).filter(|session| now < session.end());
            if let Some(session) = session
                && self.is_trusted(session.since)?
                && !self.spool.is_used_up(&self.once(&session))?
            {
                return Ok(Some(session));
            }
        }
        Ok(None)
    }

    /// Lets somebody out: their cookie is worthless from now on, whoever has it.
    ///
    /// # Errors
    /// They are still in.
    pub fn leave(&self, session: &Session) -> io::Result<()> {
        self.spool.use_up(&self.once(session)).map(drop)
    }

    /// The header that gives a browser its cookie.
    pub fn cookie(&self, session: &Session, origin: &str, now: Timestamp) -> String {
        let left = session.end().duration_since(now).min(Purpose::Session.lifetime()).as_secs();
        let token = self.key.sign(Purpose::Session, &session.said(), now);
        cookie_line(origin, &token, left)
    }

    /// What the forms of a page that somebody sees have in them.
    pub fn act_token(&self, session: &Session, now: Timestamp) -> String {
        self.key.sign(Purpose::PageDecision, &session.said(), now)
    }

    /// Whether a form was in a page that this one has seen.
    pub fn may_act(&self, session: &Session, token: &str, now: Timestamp) -> bool {
        self.key.verify(Purpose::PageDecision, token, now).is_some_and(|(said, _)| said == session.said())
    }

    fn is_trusted(&self, signed: Timestamp) -> io::Result<bool> {
        Ok(self.spool.trusted_since()?.is_none_or(|since| signed > since))
    }

    fn once(&self, session: &Session) -> OneTimeUse {
        OneTimeUse::new(&self.key.hash(session.said().as_bytes()), session.end())
    }
}

/// What a link for signing in carries.
///
/// # Errors
/// The system has no random numbers.
pub fn ticket(key: &Key, now: Timestamp) -> Result<String, getrandom::Error> {
    Ok(key.sign(Purpose::SignIn, &random_name()?, now))
}

/// The same for an e-mail, which nobody reads at once.
///
/// # Errors
/// The system has no random numbers.
pub fn mailed_ticket(key: &Key, now: Timestamp) -> Result<String, getrandom::Error> {
    Ok(key.sign(Purpose::EmailSignIn, &random_name()?, now))
}

/// When a token was signed, by its end.
fn given(purpose: Purpose, end: Timestamp) -> Timestamp {
    end.saturating_sub(purpose.lifetime()).unwrap_or(Timestamp::MIN)
}

fn random_name() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    let mut name = String::with_capacity(32);
    for byte in bytes {
        let _ = write!(name, "{byte:02x}");
    }
    Ok(name)
}

/// The cookies of a request that may be those of sessions.
pub fn cookies(headers: &HeaderMap, origin: &str) -> Vec<String> {
    let name = cookie::name(COOKIE_NAME, is_https(origin));
    cookie::values(headers, &name).take(4).map(str::to_owned).collect()
}

/// The header that takes the cookie away.
pub fn no_cookie(origin: &str) -> String {
    cookie_line(origin, "", 0)
}

fn cookie_line(origin: &str, value: &str, seconds: i64) -> String {
    let is_secure = is_https(origin);
    cookie::line(&cookie::name(COOKIE_NAME, is_secure), value, seconds, is_secure)
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

    /// Runs a test with the door of an inbox of its own.
    fn with_door(test: impl FnOnce(Authenticator<'_>)) {
        let root = tempfile::tempdir().expect("a folder");
        let spool = Spool::open(root.path(), "inbox").expect("a spool");
        test(Authenticator::new(&Key::new([7; 32]), &spool));
    }

    /// The cookie that a browser sends back.
    fn sent(door: &Authenticator<'_>, session: &Session, now: Timestamp) -> Vec<String> {
        let line = door.cookie(session, "https://tea.example", now);
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, line.split(';').next().expect("a pair").parse().expect("a header"));
        cookies(&headers, "https://tea.example")
    }

    #[test]
    fn a_link_lets_one_in_once() {
        with_door(|door| {
            let link = ticket(door.key, at(0)).expect("random numbers");
            assert!(door.opens(&link, at(899)).expect("a spool"));
            assert!(!door.opens(&link, at(900)).expect("a spool") && door.enter(&link, at(900)).expect("ok").is_none());
            let session = door.enter(&link, at(10)).expect("a spool").expect("it is the first");
            assert!(!door.opens(&link, at(11)).expect("a spool") && door.enter(&link, at(11)).expect("ok").is_none());
            let found = door.session(&sent(&door, &session, at(10)), at(20)).expect("a spool").expect("it is let in");
            assert_eq!(found.said(), session.said());
            // Other tokens of the same key let nobody in.
            for purpose in [Purpose::Form, Purpose::Change, Purpose::Session, Purpose::PageDecision] {
                let token = door.key.sign(purpose, &session.said(), at(0));
                assert!(door.enter(&token, at(1)).expect("a spool").is_none(), "{purpose:?}");
                let found = door.session(&[token], at(1)).expect("a spool");
                assert_eq!(found.is_some(), purpose == Purpose::Session, "{purpose:?}");
            }
        });
    }

    #[test]
    fn a_session_ends() {
        with_door(|door| {
            let link = ticket(door.key, at(0)).expect("random numbers");
            let session = door.enter(&link, at(0)).expect("a spool").expect("it is the first");
            let is_in = |given: i64, now: i64| {
                door.session(&sent(&door, &session, at(given)), at(now)).expect("a spool").is_some()
            };
            assert!(is_in(0, 12 * HOUR - 1) && !is_in(0, 12 * HOUR), "nobody came for half a day");
            assert!(is_in(20 * 24 * HOUR, 20 * 24 * HOUR + HOUR), "it was renewed");
            assert!(is_in(30 * 24 * HOUR - 60, 30 * 24 * HOUR - 1) && !is_in(30 * 24 * HOUR - 60, 30 * 24 * HOUR));
            let late = door.cookie(&session, "http://127.0.0.1:1", at(30 * 24 * HOUR - 60));
            assert!(late.ends_with("Max-Age=60") && late.starts_with("causerie-moderation=session."), "{late}");
            let found = door.session(&sent(&door, &session, at(0)), at(301)).expect("a spool").expect("it is in");
            assert!(found.is_to_be_renewed(at(301)) && !found.is_to_be_renewed(at(300)));
            door.leave(&session).expect("a spool");
            assert!(!is_in(0, 1) && !is_in(100, 101), "it has signed out");
        });
    }

    #[test]
    fn signing_out_everywhere_ends_links_too() {
        with_door(|door| {
            let (link, other) = (ticket(door.key, at(0)).expect("ok"), ticket(door.key, at(0)).expect("ok"));
            let session = door.enter(&link, at(1)).expect("a spool").expect("it is the first");
            door.spool.revoke_signatures(at(5)).expect("a spool");
            assert!(door.session(&sent(&door, &session, at(1)), at(6)).expect("a spool").is_none());
            assert!(door.enter(&other, at(6)).expect("a spool").is_none());
            let later = ticket(door.key, at(6)).expect("random numbers");
            assert!(door.enter(&later, at(7)).expect("a spool").is_some());
            door.spool.revoke_signatures(at(8)).expect("twice as well");
            assert!(!door.opens(&later, at(9)).expect("a spool"));
        });
    }

    #[test]
    fn links_in_mail_last_longer_and_end_as_well() {
        with_door(|door| {
            let mailed = mailed_ticket(door.key, at(0)).expect("random numbers");
            assert!(door.opens(&mailed, at(24 * HOUR - 1)).expect("a spool"));
            assert!(!door.opens(&mailed, at(24 * HOUR)).expect("a spool"));
            let decide = door.key.sign(Purpose::EmailDecision, "approve-a.1", at(0));
            let said = |now| {
                door.once_signed(Purpose::EmailDecision, &decide, at(now)).expect("a spool").map(|(said, _)| said)
            };
            assert_eq!((said(0), said(7 * 24 * HOUR - 1)), (Some("approve-a.1"), Some("approve-a.1")));
            assert_eq!(said(7 * 24 * HOUR), None);
            door.spool.revoke_signatures(at(1)).expect("a spool");
            assert_eq!(said(2), None);
            assert!(!door.opens(&mailed, at(2)).expect("a spool"));
        });
    }

    #[test]
    fn a_form_is_of_its_own_session() {
        with_door(|door| {
            let enter = || {
                let link = ticket(door.key, at(0)).expect("random numbers");
                door.enter(&link, at(0)).expect("a spool").expect("it is the first")
            };
            let (one, other) = (enter(), enter());
            let token = door.act_token(&one, at(0));
            assert!(door.may_act(&one, &token, at(1)) && !door.may_act(&other, &token, at(1)));
            assert!(!door.may_act(&one, &token, at(12 * HOUR)) && !door.may_act(&one, "", at(1)));
            let cookie = door.key.sign(Purpose::Session, &one.said(), at(0));
            assert!(!door.may_act(&one, &cookie, at(1)), "a cookie is no form's token");
        });
    }

    #[test]
    fn over_https_the_cookie_is_bound_to_its_host() {
        with_door(|door| {
            let link = ticket(door.key, at(0)).expect("random numbers");
            let session = door.enter(&link, at(0)).expect("a spool").expect("it is the first");
            let line = door.cookie(&session, "https://tea.example", at(0));
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
