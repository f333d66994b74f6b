//! One request to moderation, and what all of its routes need.

use axum::http::{StatusCode, request};
use axum::response::Response;
use jiff::Timestamp;

use super::page::PageRenderer;
use super::session::{self, Authenticator, Session};
use crate::http::query;
use crate::inbox::log;
use crate::inbox::origins::Origins;
use crate::inbox::state::ServerState;

/// A response, and its outcome in one word for the log.
pub struct LoggedResponse {
    pub response: Response,
    pub outcome: &'static str,
}

/// What moderation needs of a request.
pub struct RequestContext {
    /// The origin of the page that the request is for.
    pub origin: String,
    /// The cookies that may belong to sessions.
    cookies: Vec<String>,
    /// The query of the address.
    pub query: String,
}

impl RequestContext {
    /// Reads the headers and the address of a request.
    pub fn of(origins: &Origins, head: &request::Parts) -> Self {
        let origin = origins.requested(&head.headers);
        Self {
            cookies: session::cookies(&head.headers, &origin),
            origin,
            query: head.uri.query().unwrap_or_default().to_owned(),
        }
    }
}

/// Handles one request.
pub struct RequestHandler<'a> {
    pub state: &'a ServerState,
    pub request: &'a RequestContext,
    pub authenticator: Authenticator<'a>,
    pub now: Timestamp,
}

impl<'a> RequestHandler<'a> {
    /// Handles a request at this moment.
    pub fn new(state: &'a ServerState, request: &'a RequestContext) -> Self {
        let authenticator = Authenticator::new(state.app.key(), state.app.spool());
        Self { state, request, authenticator, now: Timestamp::now() }
    }

    /// Returns the token of a link. Its characters need no escape in an address.
    pub fn token(&self) -> String {
        query::value(Some(&self.request.query), "token")
    }

    /// Returns the session of the request, if the moderator is signed in.
    pub fn session(&self) -> Result<Option<Session>, LoggedResponse> {
        self.authenticator.session(&self.request.cookies, self.now).map_err(|error| self.failed(&error))
    }

    /// Renders a page.
    pub fn render(&self, page: impl FnOnce(&PageRenderer<'_>) -> Response) -> Response {
        page(&PageRenderer { config: &self.state.app.config() })
    }

    /// Renders a page with a status.
    pub fn respond(
        &self,
        status: StatusCode,
        outcome: &'static str,
        page: impl FnOnce(&PageRenderer<'_>) -> Response,
    ) -> LoggedResponse {
        let mut response = self.render(page);
        *response.status_mut() = status;
        LoggedResponse { response, outcome }
    }

    /// Logs an error of the spool, and renders a page that reports it.
    pub fn failed(&self, error: &std::io::Error) -> LoggedResponse {
        log::error("moderate", error);
        self.respond(StatusCode::SERVICE_UNAVAILABLE, "failed", |pages| pages.spool_failed())
    }
}
