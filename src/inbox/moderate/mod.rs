//! Moderation in the browser, at `/-/moderate`.
//!
//! [`session`] says who is let in, [`view`] what they see, [`command`] what they do, [`page`] how it looks; [`link`] is for those
//! who come from an e-mail, and decide about one reply without being let in. Decisions are made by [`crate::replies::Moderation`], as everywhere, and published by the same [`super::Publisher`].
//!
//! Every request brings a cookie that no other site's page can send, and whatever changes something brings besides the
//! origin of its page, which no page can forge, and a token that was in that page.

mod command;
mod composer;
mod link;
pub mod notifier;
mod page;
mod session;
mod view;

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Method, StatusCode, request};
use axum::response::Response;
use jiff::Timestamp;

use self::command::{ModerationCommand, Outcome};
use self::page::PageRenderer;
use self::session::{Authenticator, Session};
use self::view::ReplyQuery;
use super::connections::ConnectionSlot;
use super::log::{self, LogLine};
use super::origins::Origins;
use super::response::with_retry;
use super::router::{Inbox, off_loop};
use crate::http::body::ReceivedBody;
use crate::http::{query, response};
use crate::replies::{Key, Refusal};

/// Where it is.
const HOME: &str = "/-/moderate";

/// Whether a path is one of moderation.
pub fn is_here(path: &str) -> bool {
    path.strip_prefix(HOME).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A link that signs in whoever opens it first.
///
/// # Errors
/// The system has no random numbers.
pub fn sign_in_link(origins: &Origins, key: &Key, now: Timestamp) -> Result<String, getrandom::Error> {
    Ok(format!("{}{HOME}/enter?token={}", origins.public(), session::ticket(key, now)?))
}

/// The doors, by what follows [`HOME`] in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    /// The replies.
    Replies,
    /// Where a link for signing in leads.
    Enter,
    /// Where a link leads that decides about one reply.
    Decide,
    /// Signing out.
    Leave,
    /// Signing out wherever one is signed in, and taking all links back.
    LeaveEverywhere,
}

impl Route {
    fn at(path: &str) -> Option<Self> {
        match path.strip_prefix(HOME)? {
            "" | "/" => Some(Self::Replies),
            "/enter" => Some(Self::Enter),
            "/decide" => Some(Self::Decide),
            "/leave" => Some(Self::Leave),
            "/leave-everywhere" => Some(Self::LeaveEverywhere),
            _ => None,
        }
    }
}

/// Answers a request.
pub async fn answer(inbox: &Arc<Inbox>, head: &request::Parts, body: Body, line: &mut LogLine<'_>) -> Response {
    let path = head.uri.path();
    if let Some(file) = path.strip_prefix(HOME).and_then(|rest| page::file(rest.trim_start_matches('/'))) {
        return file;
    }
    let Some(part) = Route::at(path) else { return response::text(StatusCode::NOT_FOUND, "There is nothing here.\n") };
    let visit = RequestContext::of(&inbox.origins, head);
    let outcome = match head.method {
        Method::GET => off_loop(inbox, move |inbox| Ok(RequestHandler::new(inbox, &visit).show(part))).await,
        Method::POST => {
            let received = ReceivedBody::read_within(&inbox.room, &head.headers, body).await;
            if let Some(place) = head.extensions.get::<Arc<ConnectionSlot>>() {
                place.work();
            }
            match received {
                _ if !inbox.origins.is_sent_by(&visit.origin, &head.headers) => Err(Refusal::Foreign),
                Err(refusal) => Err(refusal),
                Ok(received) => {
                    off_loop(inbox, move |inbox| RequestHandler::new(inbox, &visit).act(part, &received)).await
                }
            }
        }
        _ => {
            return response::method_not_allowed("GET, POST", "This is where replies are moderated.\n");
        }
    };
    let LoggedResponse { response, outcome } = outcome.unwrap_or_else(|refusal| {
        let response = page::plain_words(response::error_status(refusal.status()), &refusal.to_string());
        LoggedResponse { response: with_retry(response, Some(refusal)), outcome: refusal.name() }
    });
    line.outcome = Some(outcome);
    response
}

/// What became of a request, and a word for the log.
struct LoggedResponse {
    response: Response,
    outcome: &'static str,
}

/// What a request says of who sends it.
struct RequestContext {
    /// The origin of the pages that it asks for.
    origin: String,
    /// What may be the cookies of sessions.
    cookies: Vec<String>,
    query: String,
}

impl RequestContext {
    fn of(origins: &Origins, head: &request::Parts) -> Self {
        let headers: &HeaderMap = &head.headers;
        let origin = origins.requested(headers);
        Self {
            cookies: session::cookies(headers, &origin),
            origin,
            query: head.uri.query().unwrap_or_default().to_owned(),
        }
    }
}

/// Where one request is worked on.
struct RequestHandler<'a> {
    inbox: &'a Inbox,
    visit: &'a RequestContext,
    door: Authenticator<'a>,
    now: Timestamp,
}

impl<'a> RequestHandler<'a> {
    fn new(inbox: &'a Inbox, visit: &'a RequestContext) -> Self {
        Self { inbox, visit, door: Authenticator::new(inbox.desk.key(), inbox.desk.spool()), now: Timestamp::now() }
    }

    /// Answers a request that changes nothing.
    fn show(&self, part: Route) -> LoggedResponse {
        match part {
            Route::Enter => self.show_door(),
            Route::Decide => self.show_link(&self.token()),
            Route::Replies => match self.session() {
                Ok(Some(session)) => self.show_replies(&session, Outcome::default(), "shown"),
                Ok(None) => self.outside(StatusCode::UNAUTHORIZED, "signed-out", |pages| pages.outside()),
                Err(answer) => answer,
            },
            Route::Leave | Route::LeaveEverywhere => LoggedResponse { response: page::to_home(), outcome: "led-home" },
        }
    }

    /// Does what a form wants that a page of ours has sent.
    fn act(&self, part: Route, received: &ReceivedBody) -> Result<LoggedResponse, Refusal> {
        let fields = received.fields()?;
        let field = |name: &str| fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value);
        match part {
            Route::Enter => return Ok(self.enter(field("token"))),
            Route::Decide => return Ok(self.follow(field("token"))),
            Route::Replies | Route::Leave | Route::LeaveEverywhere => {}
        }
        let session = match self.session() {
            Ok(Some(session)) => session,
            Ok(None) => {
                // What was typed is shown once more, and is not lost.
                let typed = ["comment", "answer"].map(field).into_iter().find(|text| !text.is_empty());
                return Ok(self.outside(StatusCode::UNAUTHORIZED, "signed-out", |pages| pages.ended(typed)));
            }
            Err(answer) => return Ok(answer),
        };
        if !self.door.may_act(&session, field("act"), self.now) {
            return Err(Refusal::Foreign);
        }
        Ok(match part {
            Route::Enter | Route::Decide | Route::Replies => {
                let Some(deed) = ModerationCommand::read(&fields) else { return Err(Refusal::NotAForm) };
                let name = deed.name();
                let outcome = deed.carry_out(&self.inbox.desk, self.now);
                let word = if outcome.is_good() { name } else { "not-done" };
                self.show_replies(&session, outcome, word)
            }
            Route::Leave => self.leave(self.door.leave(&session), &session, "signed-out", false),
            Route::LeaveEverywhere => {
                let left = self.inbox.desk.spool().revoke_signatures(self.now);
                self.leave(left, &session, "signed-out-everywhere", true)
            }
        })
    }

    /// The token of a link. It is of letters that need no escape in an address.
    fn token(&self) -> String {
        query::value(Some(&self.visit.query), "token")
    }

    fn session(&self) -> Result<Option<Session>, LoggedResponse> {
        self.door.session(&self.visit.cookies, self.now).map_err(|error| self.failed(&error))
    }

    fn show_replies(&self, session: &Session, outcome: Outcome, word: &'static str) -> LoggedResponse {
        let library = self.inbox.desk.library();
        let look = ReplyQuery::read(&self.visit.query);
        let act = self.door.act_token(session, self.now);
        let shown = view::show(&self.inbox.desk, &library.site, &look, self.now);
        let mut response = self.pages(|pages| match shown {
            Ok(view) => pages.replies(&view, &outcome, &act),
            Err(problem) => {
                log::error("moderate", &problem.message);
                pages.failed()
            }
        });
        if session.is_to_be_renewed(self.now) {
            let cookie = self.door.cookie(session, &self.visit.origin, self.now);
            page::set_cookie(&mut response, &cookie);
        }
        LoggedResponse { response, outcome: word }
    }

    fn show_door(&self) -> LoggedResponse {
        let token = &self.token();
        match self.door.opens(token, self.now) {
            Ok(true) => self.outside(StatusCode::OK, "asked", |pages| pages.door(token)),
            Ok(false) => self.outside(StatusCode::GONE, "too-late", |pages| pages.closed()),
            Err(error) => self.failed(&error),
        }
    }

    fn enter(&self, token: &str) -> LoggedResponse {
        match self.door.enter(token, self.now) {
            Ok(Some(session)) => {
                let mut response = page::to_home();
                page::set_cookie(&mut response, &self.door.cookie(&session, &self.visit.origin, self.now));
                LoggedResponse { response, outcome: "signed-in" }
            }
            Ok(None) => self.outside(StatusCode::GONE, "too-late", |pages| pages.closed()),
            Err(error) => self.failed(&error),
        }
    }

    fn leave(
        &self,
        left: std::io::Result<()>,
        session: &Session,
        word: &'static str,
        everywhere: bool,
    ) -> LoggedResponse {
        match left {
            Ok(()) => {
                let mut answer = self.outside(StatusCode::OK, word, |pages| pages.left(everywhere));
                page::set_cookie(&mut answer.response, &session::no_cookie(&self.visit.origin));
                answer
            }
            Err(error) => {
                log::error("moderate", &error);
                let act = self.door.act_token(session, self.now);
                let response = self.pages(|pages| pages.still_here(&act));
                LoggedResponse { response, outcome: "not-done" }
            }
        }
    }

    fn outside(
        &self,
        status: StatusCode,
        outcome: &'static str,
        page: impl FnOnce(&PageRenderer<'_>) -> Response,
    ) -> LoggedResponse {
        let mut response = self.pages(page);
        *response.status_mut() = status;
        LoggedResponse { response, outcome }
    }

    fn failed(&self, error: &std::io::Error) -> LoggedResponse {
        log::error("moderate", error);
        self.outside(StatusCode::SERVICE_UNAVAILABLE, "failed", |pages| pages.failed())
    }

    fn pages(&self, page: impl FnOnce(&PageRenderer<'_>) -> Response) -> Response {
        page(&PageRenderer { config: &self.inbox.desk.config() })
    }
}
