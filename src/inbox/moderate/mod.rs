//! Moderation in the browser, at `/-/moderate`.
//!
//! [`session`] authenticates moderators, [`view`] collects what they see, [`command`] carries out what they do, and [`page`]
//! renders pages. [`link`] handles links in e-mails, which decide about one reply without a session. All decisions are made
//! by [`crate::replies::Moderation`] and published by [`super::Publisher`], as on the command line.
//!
//! Every request has a cookie that pages of other sites cannot send. A request that changes something also has the origin of
//! its page, which no page can forge, and a token that was in that page.

mod command;
mod composer;
mod handler;
mod link;
pub mod notifier;
mod page;
mod route;
mod session;
mod sign_in;
mod view;

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, StatusCode, request};
use axum::response::Response;
use jiff::Timestamp;

use self::command::{ModerationRequest, Outcome};
use self::handler::{LoggedResponse, RequestContext, RequestHandler};
pub use self::route::has_path;
use self::route::{HOME, Route};
use self::session::Session;
use self::view::ReplyQuery;
use super::connections::ConnectionSlot;
use super::log::{self, LogLine};
use super::origins::Origins;
use super::response::with_retry;
use super::state::ServerState;
use crate::http::body::ReceivedBody;
use crate::http::response;
use crate::replies::{Key, Refusal};

/// Returns a link that signs in the first person who opens it.
///
/// # Errors
/// The system has no random numbers.
pub fn sign_in_link(origins: &Origins, key: &Key, now: Timestamp) -> Result<String, getrandom::Error> {
    Ok(format!("{}{HOME}/enter?token={}", origins.public(), session::sign_in_token(key, now)?))
}

/// Answers a request.
pub async fn answer(state: &Arc<ServerState>, head: &request::Parts, body: Body, line: &mut LogLine<'_>) -> Response {
    let path = head.uri.path();
    if let Some(file) = path.strip_prefix(HOME).and_then(|rest| page::file(rest.trim_start_matches('/'))) {
        return file;
    }
    let Some(route) = Route::of(path) else { return response::text(StatusCode::NOT_FOUND, "There is nothing here.\n") };
    let context = RequestContext::of(&state.origins, head);
    let result = match head.method {
        Method::GET => state.run_blocking(move |state| Ok(RequestHandler::new(state, &context).get(route))).await,
        Method::POST => {
            let received = ReceivedBody::read_within(&state.body_quota, &head.headers, body).await;
            if let Some(slot) = head.extensions.get::<Arc<ConnectionSlot>>() {
                slot.mark_busy();
            }
            match received {
                _ if !Origins::is_sent_by(&context.origin, &head.headers) => Err(Refusal::Foreign),
                Err(refusal) => Err(refusal),
                Ok(body) => {
                    state.run_blocking(move |state| RequestHandler::new(state, &context).post(route, &body)).await
                }
            }
        }
        _ => return response::method_not_allowed("GET, POST", "This is where replies are moderated.\n"),
    };
    let LoggedResponse { response, outcome } = result.unwrap_or_else(|refusal| {
        let response = page::plain_text(response::error_status(refusal.status()), &refusal.to_string());
        LoggedResponse { response: with_retry(response, Some(refusal)), outcome: refusal.name() }
    });
    line.outcome = Some(outcome);
    response
}

impl RequestHandler<'_> {
    /// Answers a GET request. It changes nothing.
    fn get(&self, route: Route) -> LoggedResponse {
        match route {
            Route::SignIn => self.show_sign_in(),
            Route::Decide => self.show_link(&self.token()),
            Route::Replies => match self.session() {
                Ok(Some(session)) => self.show_replies(&session, &Outcome::default(), "shown"),
                Ok(None) => self.respond(StatusCode::UNAUTHORIZED, "signed-out", |pages| pages.not_signed_in()),
                Err(response) => response,
            },
            Route::SignOut | Route::SignOutEverywhere => {
                LoggedResponse { response: page::redirect_home(), outcome: "led-home" }
            }
        }
    }

    /// Answers a form of a page of moderation.
    fn post(&self, route: Route, body: &ReceivedBody) -> Result<LoggedResponse, Refusal> {
        let fields = body.fields()?;
        let field = |name: &str| fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value);
        match route {
            Route::SignIn => return Ok(self.sign_in(field("token"))),
            Route::Decide => return Ok(self.follow_link(field("token"))),
            Route::Replies | Route::SignOut | Route::SignOutEverywhere => {}
        }
        let session = match self.session() {
            Ok(Some(session)) => session,
            Ok(None) => {
                // The page shows the text of the form, so that it is not lost.
                let text = ["comment", "answer"].map(field).into_iter().find(|text| !text.is_empty());
                return Ok(self.respond(StatusCode::UNAUTHORIZED, "signed-out", |pages| pages.session_ended(text)));
            }
            Err(response) => return Ok(response),
        };
        if !self.authenticator.is_form_token_valid(&session, field("act"), self.now) {
            return Err(Refusal::Foreign);
        }
        match route {
            Route::SignOut => Ok(self.sign_out(&session)),
            Route::SignOutEverywhere => Ok(self.sign_out_everywhere(&session)),
            Route::Replies | Route::SignIn | Route::Decide => {
                let request = ModerationRequest::read(&fields).ok_or(Refusal::NotAForm)?;
                let name = request.command.name();
                let outcome = request.carry_out(&self.state.app, self.now);
                Ok(self.show_replies(&session, &outcome, if outcome.is_success() { name } else { "not-done" }))
            }
        }
    }

    /// Shows the replies, and the outcome of a command.
    fn show_replies(&self, session: &Session, outcome: &Outcome, logged: &'static str) -> LoggedResponse {
        let library = self.state.app.library();
        let query = ReplyQuery::parse(&self.request.query);
        let form_token = self.authenticator.form_token(session, self.now);
        let view = view::page_view(&self.state.app, &library.site, &query, self.now);
        let mut response = self.render(|pages| match view {
            Ok(view) => pages.replies(&view, outcome, &form_token),
            Err(problem) => {
                log::error("moderate", &problem.message);
                pages.spool_failed()
            }
        });
        if session.should_renew(self.now) {
            let cookie = self.authenticator.cookie(session, &self.request.origin, self.now);
            page::set_cookie(&mut response, &cookie);
        }
        LoggedResponse { response, outcome: logged }
    }
}
