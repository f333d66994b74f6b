//! Links that decide about one reply in one way: approve it, say. They are in e-mails to the site's author.
//!
//! Each is about one revision of a reply, is good for a week, and is used up by the decision. Looking at where it leads
//! decides nothing, for programs that look through mail follow links too.

use axum::http::StatusCode;
use jiff::Timestamp;

use super::command::{LinkDecision, ModerationCommand};
use super::{HOME, LoggedResponse, RequestHandler, view};
use crate::inbox::origins::Origins;
use crate::replies::spool::OneTimeUse;
use crate::replies::{Key, Purpose, ReplyObject};

/// The address that decides about a reply as it is now, if it still is when somebody follows it.
pub fn link(origins: &Origins, key: &Key, verb: LinkDecision, kept: &ReplyObject, now: Timestamp) -> String {
    format!("{}{HOME}/decide?token={}", origins.public(), token(key, verb, &kept.handle_with_state(), now))
}

fn token(key: &Key, verb: LinkDecision, handle: &str, now: Timestamp) -> String {
    key.sign(Purpose::EmailDecision, &format!("{}-{handle}", verb.name()), now)
}

/// What a link says.
struct LinkPayload<'t> {
    verb: LinkDecision,
    handle: &'t str,
    once: OneTimeUse,
}

impl RequestHandler<'_> {
    /// Shows what a link is about, and a button.
    pub(super) fn show_link(&self, token: &str) -> LoggedResponse {
        let said = match self.said(token) {
            Ok(said) => said,
            Err(answer) => return answer,
        };
        match self.inbox.desk.moderation().show_revision(said.handle, self.now) {
            Ok(kept) if !said.verb.applies_to(kept.notes.state) => {
                let problem = format!("This reply is {} already", kept.notes.state.as_str());
                self.outside(StatusCode::CONFLICT, "not-done", |pages| pages.late(&problem))
            }
            Ok(kept) => {
                let reply = view::reply(&self.inbox.desk.library().site, kept);
                self.outside(StatusCode::OK, "asked", |pages| pages.link(said.verb, token, &reply))
            }
            Err(problem) => self.outside(StatusCode::CONFLICT, "not-done", |pages| pages.late(&problem.message)),
        }
    }

    /// Does what a link says.
    pub(super) fn follow(&self, token: &str) -> LoggedResponse {
        let LinkPayload { verb, handle, once } = match self.said(token) {
            Ok(said) => said,
            Err(answer) => return answer,
        };
        // Used up first, so that two who press at once decide once.
        match self.door.spool().use_up(&once) {
            Ok(true) => {}
            Ok(false) => return self.outside(StatusCode::GONE, "too-late", |pages| pages.spent()),
            Err(error) => return self.failed(&error),
        }
        let outcome = ModerationCommand::of(verb, handle).carry_out(&self.inbox.desk, self.now);
        if !outcome.is_good() {
            if let Err(error) = self.door.spool().undo_use(&once) {
                return self.failed(&error);
            }
            let problem = outcome.problems.first().map_or("", String::as_str);
            return self.outside(StatusCode::CONFLICT, "not-done", |pages| pages.late(problem));
        }
        let undo =
            outcome.undo.first().map(|handle| self::token(self.inbox.desk.key(), LinkDecision::Undo, handle, self.now));
        self.outside(StatusCode::OK, verb.name(), |pages| pages.followed(&outcome, undo.as_deref()))
    }

    fn said<'t>(&self, token: &'t str) -> Result<LinkPayload<'t>, LoggedResponse> {
        let read = || -> std::io::Result<Option<LinkPayload<'t>>> {
            let Some((said, once)) = self.door.once_signed(Purpose::EmailDecision, token, self.now)? else {
                return Ok(None);
            };
            let verb = said.split_once('-').and_then(|(name, handle)| {
                let verb = LinkDecision::ALL.into_iter().find(|verb| verb.name() == name)?;
                Some((verb, handle))
            });
            match verb {
                Some((verb, handle)) if !self.door.spool().is_used_up(&once)? => {
                    Ok(Some(LinkPayload { verb, handle, once }))
                }
                _ => Ok(None),
            }
        };
        match read() {
            Ok(Some(said)) => Ok(said),
            Ok(None) => Err(self.outside(StatusCode::GONE, "too-late", |pages| pages.spent())),
            Err(error) => Err(self.failed(&error)),
        }
    }
}
