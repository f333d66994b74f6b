use jiff::Timestamp;
use serde::Serialize;

use crate::replies::guard::{Disposition, Reason};
use crate::replies::spool::{ReplyObject, State};

/// A reply as programs see it that moderate. E-mail addresses are not in it.
#[derive(Debug, Serialize)]
pub struct ReplyView<'a> {
    /// What it is called in every command; it changes with the text.
    pub handle: String,
    /// The id of the comment that it becomes.
    pub id: &'a str,
    /// How far it has come.
    pub state: State,
    /// The path of the page's address.
    pub page: &'a str,
    /// The file of the page.
    pub document: &'a str,
    /// Its own file in the thread, where it is approved.
    pub file: Option<String>,
    /// When it came.
    pub received: Timestamp,
    /// When it was decided.
    pub decided: Option<Timestamp>,
    /// Its writer's name.
    pub author: Option<&'a str>,
    /// Its writer's website.
    pub url: Option<&'a str>,
    /// The id of the comment that it answers.
    pub reply_to: Option<&'a str>,
    /// Its Markdown.
    pub text: &'a str,
    /// Whether the post's author wrote it.
    pub by_author: bool,
    /// The author of the site whose name its writer's can be taken for.
    pub poses_as: Option<&'a str>,
    /// Whether it was approved because its writer is trusted, and nobody has decided about it.
    pub skipped: bool,
    /// What the guard made of it.
    pub guard: Disposition,
    /// Its points: from 40 on it is strange, from 100 on spam.
    pub score: i32,
    /// Why, the weightiest first.
    pub reasons: Vec<ReasonView<'a>>,
}

/// A reason of the guard's, for programs, and in a sentence for people.
#[derive(Debug, Serialize)]
pub struct ReasonView<'a> {
    /// Its name, what it counts, and its points.
    #[serde(flatten)]
    pub reason: &'a Reason,
    /// The sentence.
    pub text: String,
}

impl<'a> From<&'a ReplyObject> for ReplyView<'a> {
    fn from(reply: &'a ReplyObject) -> Self {
        let ReplyObject { id, form, notes } = reply;
        Self {
            handle: reply.handle(),
            id,
            state: notes.state,
            page: &notes.page,
            document: &notes.document,
            file: (notes.state == State::Approved).then(|| reply.path()),
            received: notes.received,
            decided: notes.decided,
            author: form.author(),
            url: form.url(),
            reply_to: form.reply_to(),
            text: form.comment(),
            by_author: notes.by_author,
            poses_as: reply.poses_as(),
            skipped: notes.skipped_queue,
            guard: notes.guard.decision,
            score: notes.guard.score,
            reasons: notes.guard.reasons.iter().map(|reason| ReasonView { reason, text: reason.to_string() }).collect(),
        }
    }
}
