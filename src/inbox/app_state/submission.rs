//! What the writer of a reply can do: send it, change or withdraw it, and subscribe to answers.

use std::collections::BTreeSet;
use std::net::IpAddr;

use axum::http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use super::AppState;
use crate::inbox::admission::{self, SubmissionContext};
use crate::inbox::{log, writer};
use crate::replies::guard::{Disposition, look_the_same};
use crate::replies::{
    DecisionOutcome, EditRefusal, Field, Form, Purpose, Refusal, ReplyObject, Submission, SubscriptionRequest,
    find_target, new_id,
};
use crate::site::Site;
use crate::site::thread::{ANONYMOUS, names_of};

/// A reply that was accepted, and the token with which its writer can change it.
pub struct AcceptedReply {
    /// The reply.
    pub reply: ReplyObject,
    /// The token is valid for a quarter of an hour.
    pub token: String,
    /// The approval, if the reply skipped the queue because its writer is trusted. Otherwise the reply is pending.
    pub approval: Option<DecisionOutcome>,
    /// The cookie that identifies the writer's next replies.
    pub cookie: Option<String>,
}

impl AppState {
    /// Accepts a reply. When this returns, the reply is on stable storage. `is_ours` states that a page of this site certainly
    /// sent the form; only then the writer's cookie counts.
    ///
    /// # Errors
    /// The reply is refused, or cannot be stored. Nothing was stored.
    pub fn accept(
        &self,
        sent: &Submission,
        headers: &HeaderMap,
        is_ours: bool,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<AcceptedReply, Refusal> {
        let library = self.library();
        let settings = &library.site.config.comments;
        let form = sent.form()?;
        // An address that receives no mail is not stored.
        let form = if settings.notices { form } else { form.without_notifications() };
        let target = find_target(&library.site, &form, now)?;
        let sender = self.senders.key(address, now);
        let poses_as = form.author().and_then(|name| imitated_author(&library.site, name));
        let wide = self.senders.wide_key(address, now);
        let context = SubmissionContext { sent, sender, wide, received: now, age: self.form_age(&form, now), poses_as };
        let admitted = self.admission.judge(&self.spool, &settings.guard, &form, &context)?;
        // All addresses of a page are stored as one path. The proof of work is for the address that was sent.
        let form = form.with_page(&library.site.content(target.content()).path);
        let known_writer = self.writer(headers, now).filter(|_| is_ours);
        let is_known = known_writer.is_some();
        let store = || {
            let random = getrandom::u32().map_err(|error| storage_failed(&error))?;
            let mut reply =
                ReplyObject::new(new_id(now, random), form, &library.site, &target, admitted.verdict.clone(), now);
            // A form that another page may have sent gives its sender no cookie.
            if is_ours && settings.trust_after > 0 {
                reply.notes.writer = known_writer.or_else(writer::new_id);
            }
            self.spool.add(&reply).map_err(|error| storage_failed(&error))?;
            Ok(reply)
        };
        let mut reply = store().inspect_err(|_| self.admission.forget(&admitted))?;
        let token = self.key.sign(Purpose::Change, &reply.id, now);
        let cookie = self.writer_cookie(&reply, now);
        let approval = if is_known { self.skip_queue(&reply, settings.trust_after, now) } else { None };
        if let Some(approval) = &approval {
            reply.notes = approval.reply.notes.clone();
        }
        Ok(AcceptedReply { reply, token, approval, cookie })
    }

    /// Approves a reply at once if its writer is trusted. After a failure the reply stays pending.
    fn skip_queue(&self, reply: &ReplyObject, trust_after: usize, now: Timestamp) -> Option<DecisionOutcome> {
        if reply.notes.guard.decision != Disposition::Queue {
            return None;
        }
        let outcome = self.moderation().skip_queue(&reply.id, trust_after, now);
        let outcome = outcome.unwrap_or_else(|problem| {
            log::error("trust", problem.message);
            None
        })?;
        outcome.problems.iter().for_each(|problem| log::error("trust", &problem.message));
        self.wake_mail_thread();
        Some(outcome)
    }

    /// Returns the writer that the cookie of a request names, if the site trusts writers.
    pub fn writer(&self, headers: &HeaderMap, now: Timestamp) -> Option<String> {
        self.trusts_writers().then(|| writer::of(&self.key, headers, self.is_secure(), now)).flatten()
    }

    /// Returns the cookie that identifies the writer of a reply, if the site trusts writers.
    pub fn writer_cookie(&self, reply: &ReplyObject, now: Timestamp) -> Option<String> {
        let id = reply.notes.writer.as_ref().filter(|_| self.trusts_writers())?;
        Some(writer::cookie(&self.key, id, self.is_secure(), now))
    }

    /// Whether the site identifies writers by a cookie, to publish the replies of trusted writers at once.
    pub fn trusts_writers(&self) -> bool {
        self.config().comments.trust_after > 0
    }

    /// Whether readers reach the inbox over HTTPS.
    fn is_secure(&self) -> bool {
        self.config().below_endpoint("").is_some_and(|address| address.starts_with("https://"))
    }

    /// Makes the token that the script of a form sends along with the form, and the proof of work that it must do first.
    pub fn form_token(&self, page: &str, now: Timestamp) -> Json {
        // Each token is unique, so that its proof of work counts once. Without random numbers, two tokens may be equal.
        let number = getrandom::u64().unwrap_or_default();
        let token = self.key.sign(Purpose::Form, &format!("{number:016x}"), now);
        let work = admission::work(&self.config().comments.guard, page, &token);
        json!({ "token": token, "work": work, "remembers": self.trusts_writers() })
    }

    /// Returns how long ago a form was loaded, if it has a valid token.
    fn form_age(&self, form: &Form, now: Timestamp) -> Option<SignedDuration> {
        let (_, end) = self.key.verify(Purpose::Form, form.token()?, now)?;
        Some(now.duration_since(end.checked_sub(Purpose::Form.lifetime()).ok()?))
    }

    /// Returns a reply to its writer, who can still change it.
    ///
    /// # Errors
    /// The token is not valid any more, or the reply is decided.
    pub fn own_reply(&self, token: &str, now: Timestamp) -> Result<AcceptedReply, Refusal> {
        let id = self.reply_id(token, now)?;
        let reply = self.moderation().own(id).map_err(edit_refused)?;
        Ok(AcceptedReply { reply, token: token.to_owned(), approval: None, cookie: None })
    }

    /// Changes a reply for its writer, or withdraws it. Returns `None` for a withdrawn reply.
    ///
    /// # Errors
    /// The reply cannot be changed any more, or the new text is refused. Nothing was changed.
    pub fn change(&self, sent: &Submission, now: Timestamp) -> Result<Option<AcceptedReply>, Refusal> {
        let token = sent.get(Field::Token);
        let id = self.reply_id(token, now)?;
        match sent.get(Field::Action) {
            "withdraw" => self.moderation().withdraw(id).map(|()| None).map_err(edit_refused),
            "change" => {
                let config = self.config();
                let judge = |reply: &ReplyObject, form: &Form| {
                    self.admission.judge_again(&self.spool, &config.comments.guard, reply, form, now)
                };
                let reply = self.moderation().rewrite(id, sent.get(Field::Comment), judge).map_err(edit_refused)?;
                Ok(Some(AcceptedReply { reply, token: token.to_owned(), approval: None, cookie: None }))
            }
            _ => Err(Refusal::NotAForm),
        }
    }

    /// Returns the reply that a token allows to change.
    fn reply_id<'t>(&self, token: &'t str, now: Timestamp) -> Result<&'t str, Refusal> {
        self.key.verify(Purpose::Change, token, now).map(|(id, _)| id).ok_or(Refusal::TooLate)
    }

    /// Returns the request of a link in a mail about answers, and the reply that it is about. Changes nothing.
    ///
    /// # Errors
    /// The token is not valid any more.
    pub fn subscription_request(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<(SubscriptionRequest, Option<ReplyObject>), Refusal> {
        let (request, id) = SubscriptionRequest::from_token(&self.key, token, now).ok_or(Refusal::TooLate)?;
        let reply = self.moderation().known(id);
        match (request, &reply) {
            (SubscriptionRequest::Subscribe, Some(known)) if known.notes.email.is_some() => Ok((request, reply)),
            (SubscriptionRequest::Subscribe, _) => Err(Refusal::TooLate),
            (SubscriptionRequest::Unsubscribe, _) => Ok((request, reply)),
        }
    }

    /// Subscribes or unsubscribes the writer of a reply, as a link in a mail about answers requests.
    ///
    /// # Errors
    /// As [`AppState::subscription_request`], or the change cannot be stored.
    pub fn change_subscription(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<(SubscriptionRequest, Option<ReplyObject>), Refusal> {
        let (request, id) = SubscriptionRequest::from_token(&self.key, token, now).ok_or(Refusal::TooLate)?;
        self.moderation().grant(request, id).map(|reply| (request, reply)).map_err(edit_refused)
    }
}

fn storage_failed(error: &dyn std::fmt::Display) -> Refusal {
    log::error("spool", error);
    Refusal::StorageFailed
}

fn edit_refused(refusal: EditRefusal) -> Refusal {
    match refusal {
        EditRefusal::Late => Refusal::TooLate,
        EditRefusal::Refused(refusal) => refusal,
        EditRefusal::Failed(problem) => storage_failed(&problem.message),
    }
}

/// Returns the author of the site for whom a reader could take a name.
fn imitated_author<'s>(site: &'s Site, name: &str) -> Option<&'s str> {
    // A few authors write most posts. Each is compared once.
    let authors: BTreeSet<&str> =
        site.contents().flat_map(|id| site.authors(id)).chain(&site.config.author).map(String::as_str).collect();
    let mut names = authors.into_iter().flat_map(names_of).filter(|author| !author.eq_ignore_ascii_case(ANONYMOUS));
    names.find(|author| look_the_same(name, author))
}
