//! Responses: pages in the site's theme for people, JSON for scripts.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, CONTENT_SECURITY_POLICY, RETRY_AFTER, SET_COOKIE, VARY,
    X_FRAME_OPTIONS,
};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use tera::{Context, Value};

use super::app_state::AcceptedReply;
use super::log;
use super::origins::Origins;
use crate::build::render::render_answer;
use crate::http::response::{self, CROSS_ORIGIN_RESOURCE_POLICY, set};
use crate::markdown::render_comment;
use crate::replies::{Field, Refusal, ReplyObject, Submission, SubscriptionRequest, find_visible_page};
use crate::site::{ContentId, Site};
use crate::templates::Library;

/// A page or section that a reply answers.
pub(super) struct AnsweredPost<'a> {
    pub title: &'a str,
    pub permalink: &'a str,
    pub lang: &'a str,
    pub id: ContentId,
}

impl<'a> AnsweredPost<'a> {
    /// Returns the page at a path, even if readers cannot see it. All fields come from the site, not from the request.
    pub fn at(site: &'a Site, path: &str) -> Option<Self> {
        site.find(path).map(|id| Self::of(site, id))
    }

    /// Returns the page at a path if readers can see it now.
    fn visible_at(site: &'a Site, path: &str, now: Timestamp) -> Option<Self> {
        find_visible_page(site, path, now).map(|id| Self::of(site, id))
    }

    fn of(site: &'a Site, id: ContentId) -> Self {
        let content = site.content(id);
        let title = match id {
            ContentId::Page(id) => site.page(id).meta.title.as_deref(),
            ContentId::Section(id) => site.section(id).meta.title.as_deref(),
        };
        Self { title: title.unwrap_or_default(), permalink: &content.permalink, lang: content.lang(), id }
    }
}

/// Renders response pages.
pub struct ResponsePages<'a> {
    /// The site as readers see it.
    pub library: &'a Arc<Library>,
    /// The site with the posts that it holds back, some of which may be published by now.
    pub all: &'a Site,
    /// The address that changes replies.
    pub change_url: &'a str,
    /// The address that replies are posted to.
    pub endpoint: &'a str,
}

impl ResponsePages<'_> {
    /// The page after a reply was accepted or changed.
    pub fn received(&self, accepted: &AcceptedReply, is_changed: bool) -> Vec<u8> {
        let AcceptedReply { reply, token, .. } = accepted;
        let mut context = Context::new();
        let anonymous = self.text(&reply.notes.page, "anonymous");
        context.insert("author", reply.form.author().unwrap_or(&anonymous));
        context.insert_value("content", Value::safe_string(&render_comment(reply.form.comment())));
        context.insert("text", reply.form.comment());
        context.insert("token", token);
        context.insert("page_path", &reply.notes.page);
        context.insert("change", self.change_url);
        context.insert("link", &format!("{}?token={token}", self.change_url));
        context.insert("changed", &is_changed);
        context.insert("withdrawn", &false);
        context.insert("published", &accepted.approval.is_some());
        context.insert("notice", &reply.notes.email.is_some());
        let anchor = reply.form.reply_to().map_or_else(|| "comments".to_owned(), |id| format!("comment-{id}"));
        self.page("reply-received.html", &reply.notes.page, &anchor, context)
    }

    /// The page after a reply was withdrawn.
    pub fn withdrawn(&self, path: &str) -> Vec<u8> {
        let mut context = Context::new();
        context.insert("withdrawn", &true);
        self.page("reply-received.html", path, "comments", context)
    }

    /// The page after a reply was refused. It has a form with the reply, which can be sent again.
    pub fn refused(&self, sent: &Submission, refusal: Refusal) -> Vec<u8> {
        let mut context = Context::new();
        context.insert("message", &self.refusal(sent, refusal));
        context.insert("reason", refusal.name());
        context.insert("endpoint", self.endpoint);
        let fields =
            [Field::Page, Field::ReplyTo, Field::Author, Field::Email, Field::Notify, Field::Url, Field::Comment];
        let sent_fields: serde_json::Map<String, Json> =
            fields.iter().map(|field| (field.name().to_owned(), shortened(*field, sent.get(*field)).into())).collect();
        context.insert("sent", &sent_fields);
        self.page("reply-refused.html", sent.get(Field::Page), "respond", context)
    }

    /// The page of a link in a mail about answers. `is_done` states whether the request was carried out.
    pub fn notice(
        &self,
        request: Result<&(SubscriptionRequest, Option<ReplyObject>), Refusal>,
        action: &str,
        is_done: bool,
    ) -> Vec<u8> {
        let mut context = Context::new();
        let state = match (request.map(|(request, _)| *request), is_done) {
            (Ok(SubscriptionRequest::Subscribe), false) => "hear",
            (Ok(SubscriptionRequest::Subscribe), true) => "hears",
            (Ok(SubscriptionRequest::Unsubscribe), false) => "stop",
            (Ok(SubscriptionRequest::Unsubscribe), true) => "stopped",
            (Err(_), _) => "late",
        };
        context.insert("state", state);
        context.insert("action", action);
        let reply = request.ok().and_then(|(_, reply)| reply.as_ref());
        let anchor = reply.map_or_else(|| "comments".to_owned(), |reply| format!("comment-{}", reply.id));
        self.page("reply-notice.html", reply.map_or("", |reply| reply.notes.page.as_str()), &anchor, context)
    }

    /// The JSON after a reply was accepted or changed.
    pub fn json_received(&self, accepted: &AcceptedReply) -> Json {
        let AcceptedReply { reply, token, approval, .. } = accepted;
        let key = match reply.notes.email {
            _ if approval.is_some() => "message_published",
            None => "message_kept",
            Some(_) => "message_kept_confirm",
        };
        let page = &reply.notes.page;
        json!({
            "status": if approval.is_some() { "approved" } else { "pending" },
            "message": self.text(page, key),
            "id": reply.id,
            "author": reply.form.author().map_or_else(|| self.text(page, "anonymous"), str::to_owned),
            "url": reply.form.url(),
            "reply_to": reply.form.reply_to(),
            "date": reply.notes.received.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "text": reply.form.comment(),
            "html": render_comment(reply.form.comment()),
            "token": token,
        })
    }

    /// The JSON after a reply was withdrawn.
    pub fn json_withdrawn(&self, path: &str) -> Json {
        json!({ "status": "withdrawn", "message": self.text(path, "message_withdrawn") })
    }

    /// The JSON after a reply was refused.
    pub fn json_refused(&self, sent: &Submission, refusal: Refusal) -> Json {
        json!({ "status": "refused", "reason": refusal.name(), "message": self.refusal(sent, refusal) })
    }

    /// The text for a key in the language of a page.
    pub fn text(&self, path: &str, key: &str) -> String {
        self.library.site.config.translations.text(self.language(path), key, &[])
    }

    /// Why a reply was refused, in the language of the page that it answers.
    fn refusal(&self, sent: &Submission, refusal: Refusal) -> String {
        refusal.text(&self.library.site.config.translations, self.language(sent.get(Field::Page)))
    }

    /// The language of a page; that of the site if readers cannot see the page.
    fn language(&self, path: &str) -> &str {
        let post = AnsweredPost::visible_at(self.all, path, Timestamp::now());
        post.map_or(self.library.site.config.default_language().code.as_str(), |post| post.lang)
    }

    fn page(&self, template: &str, path: &str, anchor: &str, mut context: Context) -> Vec<u8> {
        let site = &self.library.site;
        let post = AnsweredPost::visible_at(self.all, path, Timestamp::now());
        let lang = self.language(path);
        let is_default = site.config.is_default_language(lang);
        let home = site.config.permalink(&if is_default { String::new() } else { format!("{lang}/") });
        context.insert("title", post.as_ref().map_or("", |post| post.title));
        let back = post.as_ref().map_or(home, |post| format!("{}#{anchor}", post.permalink));
        context.insert("back", &back);
        render_answer(self.library, template, lang, context).unwrap_or_else(|problem| {
            log::error("template", problem.message);
            // An error in a theme must not make a reader believe that the reply is lost.
            b"<!doctype html><meta charset=utf-8><title>Reply</title><p>Done. You can go back now.".to_vec()
        })
    }
}

/// Returns as much of a field as its writer needs to shorten it. Pages stay in memory while a client reads them slowly.
fn shortened(field: Field, value: &str) -> &str {
    let max = field.limit() + field.limit() / 2;
    value.char_indices().nth(max).map_or(value, |(end, _)| &value[..end])
}

/// Sets a cookie.
pub fn with_cookie(mut response: Response, cookie: Option<&str>) -> Response {
    cookie.inspect(|cookie| set(&mut response, SET_COOKIE, cookie));
    response
}

/// States when to send a refused request again.
pub fn with_retry(mut response: Response, refusal: Option<Refusal>) -> Response {
    let seconds = refusal.and_then(Refusal::retry_after);
    seconds.inspect(|seconds| set(&mut response, RETRY_AFTER, &seconds.to_string()));
    response
}

/// Makes a response with a page of the site.
pub fn html(status: StatusCode, page: Vec<u8>, origins: &Origins) -> Response {
    // The page stays in memory while a client reads it slowly.
    let mut response = response::html(status, page.into_boxed_slice());
    let site = origins.site();
    // Templates escape all texts. The policy protects readers from a theme that does not.
    let policy = format!(
        "default-src 'none'; style-src {site} 'self' 'unsafe-inline'; img-src {site} 'self' data:; font-src {site} 'self'; \
         script-src {site} 'self'; form-action {site} 'self'; frame-ancestors 'none'; base-uri 'none'"
    );
    set(&mut response, CONTENT_SECURITY_POLICY, &policy);
    set(&mut response, X_FRAME_OPTIONS, "DENY");
    set(&mut response, CROSS_ORIGIN_RESOURCE_POLICY, "same-origin");
    response
}

/// Lets pages of an origin read the response, and states what they may send (CORS).
pub fn allow_origin(response: &mut Response, origin: Option<&str>, with_cookies: bool) {
    set(response, VARY, "Origin, Accept");
    let Some(origin) = origin else { return };
    if with_cookies {
        set(response, ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    }
    set(response, ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    set(response, ACCESS_CONTROL_ALLOW_METHODS, "GET, POST");
    set(response, ACCESS_CONTROL_ALLOW_HEADERS, "Accept, Content-Type");
    set(response, ACCESS_CONTROL_MAX_AGE, "600");
}
