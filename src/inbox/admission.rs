//! Where the guard is asked about a reply, with what this server knows besides: what it has taken lately, and whose work was
//! done. All of that is in memory of a fixed size, and names nobody.

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

/// So long what was learned is believed to be all that was learned. Others teach too: the command line, other inboxes.
const LEARNED: Duration = Duration::from_secs(3);

/// So many tokens are remembered whose work was done.
const SPENT: usize = 8192;

const HOUR: Duration = Duration::from_secs(3600);

/// For each reply that is taken from an address in an hour, so many requests are: mistakes, changes, second looks.
const TRIES: usize = 25;

/// So many addresses are known by how often they have asked.
const ASKING: usize = 8192;

/// Who sent what lies in the spool: that is not known any more, and no hash of an address is made of zeros.
const NOBODY: AddressKey = AddressKey([0; 16]);

/// The gate.
#[derive(Default)]
pub struct AdmissionControl {
    memory: Mutex<RecentReplies>,
    /// The tokens whose work has counted, newest last: work counts once.
    spent: Mutex<VecDeque<String>>,
    learned: Mutex<Option<(Instant, Arc<Model>)>>,
    /// How often each address has asked for something in an hour, and when that hour began.
    asked: Mutex<(Option<Instant>, FxHashMap<AddressKey, usize>)>,
}

/// How a reply came.
pub struct SubmissionContext<'a> {
    /// What its form sent.
    pub sent: &'a Submission<'a>,
    /// Whose it is, as a hash that means nothing tomorrow.
    pub sender: AddressKey,
    /// The same of the wide network that it comes from.
    pub wide: Option<AddressKey>,
    /// When it came.
    pub received: Timestamp,
    /// How long before that its form was begun; none: no script has said so.
    pub age: Option<SignedDuration>,
    /// The author of the site whose name its writer's can be taken for.
    pub poses_as: Option<&'a str>,
}

/// A reply that was let in.
pub struct AdmittedReply {
    /// What the guard says of it.
    pub verdict: Verdict,
    /// What is remembered of it.
    trace: RecentReply,
    /// The token whose work has counted for it.
    spent: Option<String>,
}

impl AdmissionControl {
    /// A gate that remembers what lies in the spool of the last day. Of who sent it nothing is known any more.
    pub fn new(spool: &Spool, now: Timestamp) -> Self {
        let gate = Self::default();
        let after = now.checked_sub(COPY_WINDOW).unwrap_or(Timestamp::MIN);
        let (kept, _) = spool.all().unwrap_or_default();
        let mut memory = lock(&gate.memory);
        for kept in kept.iter().map(|stored| &stored.reply) {
            let notes = &kept.notes;
            if notes.received > after && !notes.by_author {
                let trace = RecentReply::new(notes.received, NOBODY, &notes.page, &text_of(&kept.form));
                memory.add(if notes.guard.decision == Disposition::Spam { trace.as_spam() } else { trace });
            }
        }
        drop(memory);
        gate
    }

    /// Whether an address may ask for something once more, before anybody looks at what it is. What it is refused counts too.
    ///
    /// # Errors
    /// It has asked too often in this hour.
    pub fn ask(&self, config: &GuardConfig, sender: AddressKey) -> Result<(), Refusal> {
        let most = config.per_address.saturating_mul(TRIES);
        if most == 0 {
            return Ok(());
        }
        let mut asked = lock(&self.asked);
        let (since, counts) = &mut *asked;
        // Where there are too many to know them all, nobody is known: the guard counts what it takes all the same.
        if since.is_none_or(|since| since.elapsed() > HOUR) || counts.len() >= ASKING {
            counts.clear();
            *since = Some(Instant::now());
        }
        let count = counts.entry(sender).or_default();
        *count += 1;
        if *count > most { Err(Refusal::TooManyReplies) } else { Ok(()) }
    }

    /// What the guard says of a reply, which is remembered from now on. One that cannot be kept is to be forgotten.
    ///
    /// # Errors
    /// Too many came lately.
    pub fn judge(
        &self,
        spool: &Spool,
        config: &GuardConfig,
        form: &Form,
        manner: &SubmissionContext,
    ) -> Result<AdmittedReply, Refusal> {
        let model = self.learned(spool);
        let guard = Guard::new(config, &model);
        let text = text_of(form);
        let known = Attempt {
            author: text.author,
            email: text.email,
            url: text.url,
            comment: text.comment,
            poses_as: manner.poses_as,
            page: form.page(),
            address_key: manner.sender,
            wide_key: manner.wide,
            received: manner.received,
            // A clock that was set back makes it look younger than nothing.
            form_age: manner.age.map(|age| Duration::try_from(age).unwrap_or_default()),
            honeypot_filled: manner.sent.is_honeypot_filled(),
            proof: None,
            recent: &RecentReplies::new(0),
        };
        let trace = known.recent_reply();
        let counts = {
            // From the count to the note nobody else is counted: many at once do not get past a limit together.
            let mut memory = lock(&self.memory);
            let counts = RecentCounts::of(&Attempt { recent: &*memory, ..known }, &trace);
            if guard.refuse(&Attempt { recent: &counts, ..known }).is_some() {
                return Err(Refusal::TooManyReplies);
            }
            memory.add(trace);
            counts
        };
        let (mut proof, mut spent) = (None, None);
        let nonce = manner.sent.get(Field::Work);
        if let (1.., Some(_), Some(token), false) = (config.proof_of_work, manner.age, form.token(), nonce.is_empty()) {
            let work = Proof { token, nonce };
            let is_valid = work.is_valid(form.page(), config.proof_of_work);
            spent = (is_valid && self.spend(token)).then(|| token.to_owned());
            // What was done for another reply before is as good as wrong.
            proof = Some(if is_valid && spent.is_none() { Proof { nonce: "", ..work } } else { work });
        }
        let verdict = guard.judge(&Attempt { recent: &counts, proof, ..known });
        let mut passed = AdmittedReply { verdict, trace, spent };
        if passed.verdict.decision == Disposition::Spam {
            if guard.is_full_of_spam(&counts, manner.received) {
                self.forget(&passed);
                return Err(Refusal::TooManyReplies);
            }
            lock(&self.memory).mark_spam(&passed.trace);
            passed.trace = passed.trace.as_spam();
        }
        Ok(passed)
    }

    /// Notes that the work for a token has counted, unless it has before.
    fn spend(&self, token: &str) -> bool {
        let mut spent = lock(&self.spent);
        if spent.iter().any(|one| one == token) {
            return false;
        }
        if spent.len() >= SPENT {
            spent.pop_front();
        }
        spent.push_back(token.to_owned());
        true
    }

    /// Forgets a reply that could not be kept: its writer will send it again.
    pub fn forget(&self, passed: &AdmittedReply) {
        lock(&self.memory).remove(&passed.trace);
        if let Some(token) = &passed.spent {
            lock(&self.spent).retain(|one| one != token);
        }
    }

    /// What the guard says of a reply that its writer changes, which is remembered with what it says then.
    pub fn judge_again(
        &self,
        spool: &Spool,
        config: &GuardConfig,
        kept: &ReplyObject,
        form: &Form,
        now: Timestamp,
    ) -> Verdict {
        let (notes, text) = (&kept.notes, text_of(form));
        let trace = |text: &ReplyText| RecentReply::new(notes.received, NOBODY, &notes.page, text);
        let (before, after) = (trace(&text_of(&kept.form)), trace(&text));
        let copies = if after == before {
            // It has the same words. What came meanwhile is rather a copy of it than the other way round.
            notes.guard.copies()
        } else {
            lock(&self.memory).update_text(&after, now.checked_sub(COPY_WINDOW).unwrap_or(Timestamp::MIN))
        };
        Guard::new(config, &self.learned(spool)).judge_again(&notes.guard, &text, copies)
    }

    /// What was learned, as it was some seconds ago or later.
    fn learned(&self, spool: &Spool) -> Arc<Model> {
        let mut learned = lock(&self.learned);
        let before = match &mut *learned {
            Some((read, model)) if read.elapsed() < LEARNED => return Arc::clone(model),
            // Whoever else comes meanwhile takes what was known before, and does not wait.
            Some((read, model)) => {
                *read = Instant::now();
                let model = Arc::clone(model);
                drop(learned);
                model
            }
            None => {
                drop(learned);
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
        *lock(&self.learned) = Some((Instant::now(), Arc::clone(&model)));
        model
    }
}

/// The work that a form's script has to do, if any is asked for.
pub fn work(config: &GuardConfig, page: &str, token: &str) -> Option<serde_json::Value> {
    let bits = config.proof_of_work;
    (bits > 0).then(|| serde_json::json!({ "challenge": challenge(page, token), "bits": bits }))
}

fn text_of(form: &Form) -> ReplyText<'_> {
    let email = form.email().map(crate::replies::Email::as_str);
    ReplyText { author: form.author(), email, url: form.url(), comment: form.comment() }
}
