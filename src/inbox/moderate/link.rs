//! Links that decide about one reply, for example approve it. They are in e-mails to the site's author.
//!
//! A link is about one revision of a reply, is valid for a week, and is used up by the decision. Opening it only shows a page
//! with a button, because programs that scan mail open links too.

use std::io;

use axum::http::StatusCode;
use jiff::Timestamp;

use super::command::{ModerationCommand, ModerationRequest};
use super::handler::{LoggedResponse, RequestHandler};
use super::route::HOME;
use super::view;
use crate::inbox::origins::Origins;
use crate::replies::spool::OneTimeUse;
use crate::replies::{Key, Purpose, ReplyObject};

/// Returns the address that carries out a command with the current revision of a reply.
pub fn link(origins: &Origins, key: &Key, command: &ModerationCommand, reply: &ReplyObject, now: Timestamp) -> String {
    format!("{}{HOME}/decide?token={}", origins.public(), sign(key, command, &reply.handle_with_state(), now))
}

/// Signs the token of a link.
fn sign(key: &Key, command: &ModerationCommand, handle: &str, now: Timestamp) -> String {
    key.sign(Purpose::EmailDecision, &format!("{}-{handle}", command.name()), now)
}

/// The contents of a link's token.
struct LinkPayload<'t> {
    command: ModerationCommand,
    handle: &'t str,
    one_time_use: OneTimeUse,
}

impl RequestHandler<'_> {
    /// Shows the reply of a link, with a button that carries out its command.
    pub fn show_link(&self, token: &str) -> LoggedResponse {
        let LinkPayload { command, handle, .. } = match self.link_payload(token) {
            Ok(payload) => payload,
            Err(response) => return response,
        };
        match self.state.app.moderation().show_revision(handle, self.now) {
            Ok(reply) if !command.applies_to(reply.notes.state) => {
                let problem = format!("This reply is {} already", reply.notes.state.as_str());
                self.respond(StatusCode::CONFLICT, "not-done", |pages| pages.link_outdated(&problem))
            }
            Ok(reply) => {
                let card = view::reply_card(&self.state.app.library().site, reply);
                self.respond(StatusCode::OK, "asked", |pages| pages.confirm_link(&command, token, &card))
            }
            Err(problem) => {
                self.respond(StatusCode::CONFLICT, "not-done", |pages| pages.link_outdated(&problem.message))
            }
        }
    }

    /// Carries out the command of a link.
    pub fn follow_link(&self, token: &str) -> LoggedResponse {
        let LinkPayload { command, handle, one_time_use } = match self.link_payload(token) {
            Ok(payload) => payload,
            Err(response) => return response,
        };
        // The link is used up first, so that two requests at the same moment decide once.
        match self.authenticator.spool().use_up(&one_time_use) {
            Ok(true) => {}
            Ok(false) => return self.link_expired(),
            Err(error) => return self.failed(&error),
        }
        let name = command.name();
        let request = ModerationRequest { command, handles: vec![handle.to_owned()] };
        let outcome = request.carry_out(&self.state.app, self.now);
        if !outcome.is_success() {
            if let Err(error) = self.authenticator.spool().undo_use(&one_time_use) {
                return self.failed(&error);
            }
            let problem = outcome.problems.first().map_or("", String::as_str);
            return self.respond(StatusCode::CONFLICT, "not-done", |pages| pages.link_outdated(problem));
        }
        let undo_token = outcome
            .undo_handles
            .first()
            .map(|handle| sign(self.state.app.key(), &ModerationCommand::Undo, handle, self.now));
        self.respond(StatusCode::OK, name, |pages| pages.link_followed(&outcome, undo_token.as_deref()))
    }

    /// Verifies the token of a link.
    fn link_payload<'t>(&self, token: &'t str) -> Result<LinkPayload<'t>, LoggedResponse> {
        match self.verify_link(token) {
            Ok(Some(payload)) => Ok(payload),
            Ok(None) => Err(self.link_expired()),
            Err(error) => Err(self.failed(&error)),
        }
    }

    fn verify_link<'t>(&self, token: &'t str) -> io::Result<Option<LinkPayload<'t>>> {
        let verified = self.authenticator.verify_single_use(Purpose::EmailDecision, token, self.now)?;
        let payload = verified.and_then(|(payload, one_time_use)| {
            let (name, handle) = payload.split_once('-')?;
            Some(LinkPayload { command: ModerationCommand::of_link(name)?, handle, one_time_use })
        });
        match payload {
            Some(payload) if !self.authenticator.spool().is_used_up(&payload.one_time_use)? => Ok(Some(payload)),
            _ => Ok(None),
        }
    }

    fn link_expired(&self) -> LoggedResponse {
        self.respond(StatusCode::GONE, "too-late", |pages| pages.link_expired())
    }
}
