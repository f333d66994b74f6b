//! Admission control: the guard judges each reply, together with what this server remembers of recent replies, requests and
//! proofs of work. The server keeps all of that in memory, in a bounded size, and without addresses.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use rustc_hash::FxHashMap;

use super::log;
use crate::config::guard::GuardConfig;
use crate::locks::lock;
use crate::replies::guard::{
    AddressKey, Attempt, COPY_WINDOW, Disposition, Guard, Model, Proof, RecentCounts, RecentReplies, RecentReply,
    ReplyText, Verdict, challenge,
};
use crate::replies::{Field, Form, Refusal, ReplyObject, Spool, Submission};

/// How long the guard's model is used before it is read again. The command line and other inboxes change it too.
const MODEL_LIFETIME: Duration = Duration::from_secs(3);

/// The number of used tokens that are remembered.
const MAX_USED_TOKENS: usize = 8192;

const HOUR: Duration = Duration::from_secs(3600);

/// The number of requests per reply that an address may send in an hour: failed attempts, changes, views.
const REQUESTS_PER_REPLY: usize = 25;

/// The number of addresses whose requests are counted.
const MAX_COUNTED_ADDRESSES: usize = 8192;

/// The sender of the replies in the spool, who is unknown. No hash of an address consists of zeros.
const UNKNOWN_SENDER: AddressKey = AddressKey([0; 16]);

/// Decides whether a reply is accepted.
#[derive(Default)]
pub struct AdmissionControl {
    recent_replies: Mutex<RecentReplies>,
    /// The tokens whose proof of work has counted, newest last. Each counts once.
    used_tokens: Mutex<VecDeque<String>>,
    /// The guard's model, and when it was read.
    model: Mutex<Option<(Instant, Arc<Model>)>>,
    /// The number of requests of each address in this hour, and when the hour began.
    requests: Mutex<(Option<Instant>, FxHashMap<AddressKey, usize>)>,
}

/// The circumstances of a submission.
pub struct SubmissionContext<'a> {
    /// The fields of the form.
    pub sent: &'a Submission<'a>,
    /// A hash of the sender's address. It changes every day.
    pub sender: AddressKey,
    /// A hash of the wide network that the address belongs to.
    pub wide: Option<AddressKey>,
    /// When the reply arrived.
    pub received: Timestamp,
    /// How long before that the form was loaded, if a script has reported it.
    pub age: Option<SignedDuration>,
    /// The author of the site for whom a reader could take the writer's name.
    pub poses_as: Option<&'a str>,
}

/// A reply that was admitted.
pub struct AdmittedReply {
    /// The guard's verdict.
    pub verdict: Verdict,
    /// What the server remembers of the reply.
    recent: RecentReply,
    /// The token whose proof of work has counted for the reply.
    used_token: Option<String>,
}

impl AdmissionControl {
    /// Creates an admission control that knows the replies of the last day in the spool, but not their senders.
    pub fn new(spool: &Spool, now: Timestamp) -> Self {
        let admission = Self::default();
        let after = now.checked_sub(COPY_WINDOW).unwrap_or(Timestamp::MIN);
        let (stored, _) = spool.all().unwrap_or_default();
        let mut recent_replies = lock(&admission.recent_replies);
        for reply in stored.iter().map(|stored| &stored.reply) {
            let notes = &reply.notes;
            if notes.received > after && !notes.by_author {
                let recent = RecentReply::new(notes.received, UNKNOWN_SENDER, &notes.page, &text_of(&reply.form));
                recent_replies.add(if notes.guard.decision == Disposition::Spam { recent.as_spam() } else { recent });
            }
        }
        drop(recent_replies);
        admission
    }

    /// Counts a request of an address, before the request is read. Refused requests count too.
    ///
    /// # Errors
    /// The address has sent too many requests in this hour.
    pub fn count_request(&self, config: &GuardConfig, sender: AddressKey) -> Result<(), Refusal> {
        let max_requests = config.per_address.saturating_mul(REQUESTS_PER_REPLY);
        if max_requests == 0 {
            return Ok(());
        }
        let mut requests = lock(&self.requests);
        let (since, counts) = &mut *requests;
        // If there are too many addresses, all counts restart. The guard still counts the replies that it accepts.
        if since.is_none_or(|since| since.elapsed() > HOUR) || counts.len() >= MAX_COUNTED_ADDRESSES {
            counts.clear();
            *since = Some(Instant::now());
        }
        let count = counts.entry(sender).or_default();
        *count += 1;
        if *count > max_requests { Err(Refusal::TooManyReplies) } else { Ok(()) }
    }

    /// Judges a reply and remembers it. If the reply cannot be stored, call [`AdmissionControl::forget`].
    ///
    /// # Errors
    /// Too many replies arrived recently.
    pub fn judge(
        &self,
        spool: &Spool,
        config: &GuardConfig,
        form: &Form,
        context: &SubmissionContext,
    ) -> Result<AdmittedReply, Refusal> {
        let model = self.model(spool);
        let guard = Guard::new(config, &model);
        let text = text_of(form);
        let attempt = Attempt {
            author: text.author,
            email: text.email,
            url: text.url,
            comment: text.comment,
            poses_as: context.poses_as,
            page: form.page(),
            address_key: context.sender,
            wide_key: context.wide,
            received: context.received,
            // After the clock was set back, the age may be negative.
            form_age: context.age.map(|age| Duration::try_from(age).unwrap_or_default()),
            honeypot_filled: context.sent.is_honeypot_filled(),
            proof: None,
            recent: &RecentReplies::new(0),
        };
        let recent = attempt.recent_reply();
        let counts = {
            // Counting and adding happen under one lock, so that simultaneous replies cannot pass a limit together.
            let mut recent_replies = lock(&self.recent_replies);
            let counts = RecentCounts::of(&Attempt { recent: &*recent_replies, ..attempt }, &recent);
            if guard.refuse(&Attempt { recent: &counts, ..attempt }).is_some() {
                return Err(Refusal::TooManyReplies);
            }
            recent_replies.add(recent);
            counts
        };
        let (mut proof, mut used_token) = (None, None);
        let nonce = context.sent.get(Field::Work);
        if let (1.., Some(_), Some(token), false) = (config.proof_of_work, context.age, form.token(), nonce.is_empty())
        {
            let work = Proof { token, nonce };
            let is_valid = work.is_valid(form.page(), config.proof_of_work);
            used_token = (is_valid && self.use_token(token)).then(|| token.to_owned());
            // Work that has counted for another reply is as good as wrong work.
            proof = Some(if is_valid && used_token.is_none() { Proof { nonce: "", ..work } } else { work });
        }
        let verdict = guard.judge(&Attempt { recent: &counts, proof, ..attempt });
        let mut admitted = AdmittedReply { verdict, recent, used_token };
        if admitted.verdict.decision == Disposition::Spam {
            if guard.is_full_of_spam(&counts, context.received) {
                self.forget(&admitted);
                return Err(Refusal::TooManyReplies);
            }
            lock(&self.recent_replies).mark_spam(&admitted.recent);
            admitted.recent = admitted.recent.as_spam();
        }
        Ok(admitted)
    }

    /// Records that the work for a token has counted. False if it has counted before.
    fn use_token(&self, token: &str) -> bool {
        let mut used_tokens = lock(&self.used_tokens);
        if used_tokens.iter().any(|used| used == token) {
            return false;
        }
        if used_tokens.len() >= MAX_USED_TOKENS {
            used_tokens.pop_front();
        }
        used_tokens.push_back(token.to_owned());
        true
    }

    /// Forgets a reply that could not be stored, because its writer will send it again.
    pub fn forget(&self, admitted: &AdmittedReply) {
        lock(&self.recent_replies).remove(&admitted.recent);
        if let Some(token) = &admitted.used_token {
            lock(&self.used_tokens).retain(|used| used != token);
        }
    }

    /// Judges a reply with a new text of its writer, and remembers the new text.
    pub fn judge_again(
        &self,
        spool: &Spool,
        config: &GuardConfig,
        reply: &ReplyObject,
        form: &Form,
        now: Timestamp,
    ) -> Verdict {
        let (notes, text) = (&reply.notes, text_of(form));
        let recent = |text: &ReplyText| RecentReply::new(notes.received, UNKNOWN_SENDER, &notes.page, text);
        let (before, after) = (recent(&text_of(&reply.form)), recent(&text));
        let copies = if after == before {
            // The words are the same. Similar replies that arrived in between are copies of this reply.
            notes.guard.copies()
        } else {
            lock(&self.recent_replies).update_text(&after, now.checked_sub(COPY_WINDOW).unwrap_or(Timestamp::MIN))
        };
        Guard::new(config, &self.model(spool)).judge_again(&notes.guard, &text, copies)
    }

    /// Returns the guard's model, which is at most some seconds old.
    fn model(&self, spool: &Spool) -> Arc<Model> {
        let mut current = lock(&self.model);
        let before = match &mut *current {
            Some((read, model)) if read.elapsed() < MODEL_LIFETIME => return Arc::clone(model),
            // Other threads use the old model in the meantime and do not wait.
            Some((read, model)) => {
                *read = Instant::now();
                let model = Arc::clone(model);
                drop(current);
                model
            }
            None => {
                drop(current);
                Arc::default()
            }
        };
        let model = match spool.guard_model() {
            Ok((model, unreadable)) => {
                if let Some(unreadable) = unreadable {
                    log::error("guard", unreadable);
                }
                Arc::new(model)
            }
            Err(error) => {
                log::error("guard", error);
                before
            }
        };
        *lock(&self.model) = Some((Instant::now(), Arc::clone(&model)));
        model
    }
}

/// Returns the proof of work that the script of a form must do, if the site requires one.
pub fn work(config: &GuardConfig, page: &str, token: &str) -> Option<serde_json::Value> {
    let bits = config.proof_of_work;
    (bits > 0).then(|| serde_json::json!({ "challenge": challenge(page, token), "bits": bits }))
}

fn text_of(form: &Form) -> ReplyText<'_> {
    let email = form.email().map(crate::replies::Email::as_str);
    ReplyText { author: form.author(), email, url: form.url(), comment: form.comment() }
}
