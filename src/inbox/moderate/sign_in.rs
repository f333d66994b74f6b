//! Signing in by a link, and signing out.

use axum::http::StatusCode;

use super::handler::{LoggedResponse, RequestHandler};
use super::page;
use super::session::{self, Session};
use crate::inbox::log;

impl RequestHandler<'_> {
    /// Shows the page of a link that signs in, with a button.
    pub fn show_sign_in(&self) -> LoggedResponse {
        let token = &self.token();
        match self.authenticator.is_link_valid(token, self.now) {
            Ok(true) => self.respond(StatusCode::OK, "asked", |pages| pages.sign_in(token)),
            Ok(false) => self.respond(StatusCode::GONE, "too-late", |pages| pages.sign_in_link_expired()),
            Err(error) => self.failed(&error),
        }
    }

    /// Signs a moderator in.
    pub fn sign_in(&self, token: &str) -> LoggedResponse {
        match self.authenticator.sign_in(token, self.now) {
            Ok(Some(session)) => {
                let mut response = page::redirect_home();
                page::set_cookie(&mut response, &self.authenticator.cookie(&session, &self.request.origin, self.now));
                LoggedResponse { response, outcome: "signed-in" }
            }
            Ok(None) => self.respond(StatusCode::GONE, "too-late", |pages| pages.sign_in_link_expired()),
            Err(error) => self.failed(&error),
        }
    }

    /// Ends a session.
    pub fn sign_out(&self, session: &Session) -> LoggedResponse {
        match self.authenticator.sign_out(session) {
            Ok(()) => self.signed_out("signed-out", false),
            Err(error) => self.sign_out_failed(session, &error),
        }
    }

    /// Ends all sessions, and revokes all links.
    pub fn sign_out_everywhere(&self, session: &Session) -> LoggedResponse {
        match self.state.app.spool().revoke_signatures(self.now) {
            Ok(()) => self.signed_out("signed-out-everywhere", true),
            Err(error) => self.sign_out_failed(session, &error),
        }
    }

    fn signed_out(&self, outcome: &'static str, is_everywhere: bool) -> LoggedResponse {
        let mut logged = self.respond(StatusCode::OK, outcome, |pages| pages.signed_out(is_everywhere));
        page::set_cookie(&mut logged.response, &session::expired_cookie(&self.request.origin));
        logged
    }

    fn sign_out_failed(&self, session: &Session, error: &std::io::Error) -> LoggedResponse {
        log::error("moderate", error);
        let form_token = self.authenticator.form_token(session, self.now);
        let response = self.render(|pages| pages.sign_out_failed(&form_token));
        LoggedResponse { response, outcome: "not-done" }
    }
}
