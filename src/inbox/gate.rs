//! Where the guard is asked about a reply, with what this server knows besides: what it has taken lately, and whose work was
//! done. All of that is in memory of a fixed size, and names nobody.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::log;
use crate::config::guard::GuardConfig;
use crate::locks::lock;
use crate::replies::guard::{
    AddressKey, Attempt, COPY_WINDOW, Counts, Guard, Memory, Model, Proof, Text, Trace, Verdict, challenge,
};
use crate::replies::{Field, Form, Refusal, Sent, Spool};

/// So long what was learned is believed to be all that was learned. Others teach too: the command line, other inboxes.
const LEARNED: Duration = Duration::from_secs(3);

/// So many tokens are remembered whose work was done.
const SPENT: usize = 8192;

/// The gate.
#[derive(Default)]
pub struct Gate {
    memory: Mutex<Memory>,
    /// The tokens whose work has counted, newest last: work counts once.
    spent: Mutex<VecDeque<String>>,
    learned: Mutex<Option<(Instant, Arc<Model>)>>,
}

/// How a reply came.
pub struct Manner<'a> {
    /// What its form sent.
    pub sent: &'a Sent<'a>,
    /// Whose it is, as a hash that means nothing tomorrow.
    pub sender: AddressKey,
    /// When it came.
    pub received: Timestamp,
    /// How long before that its form was begun; none: no script has said so.
    pub age: Option<SignedDuration>,
}

impl Gate {
    /// A gate that remembers what lies in the spool of the last day. Of who sent it nothing is known any more.
    pub fn new(spool: &Spool, now: Timestamp) -> Self {
        let gate = Self::default();
        let after = now.checked_sub(COPY_WINDOW).unwrap_or(Timestamp::MIN);
        let (kept, _) = spool.all().unwrap_or_default();
        let mut memory = lock(&gate.memory);
        for kept in kept.into_iter().map(|stored| stored.kept) {
            let notes = &kept.notes;
            if notes.received > after && !notes.by_author {
                // No hash of an address is made of zeros.
                let nobody = AddressKey([0; 16]);
                memory.note(Trace::new(notes.received, nobody, &notes.page, &text_of(&kept.form)));
            }
        }
        drop(memory);
        gate
    }

    /// What the guard says of a reply.
    ///
    /// # Errors
    /// Too many came lately.
    pub fn judge(&self, spool: &Spool, config: &GuardConfig, form: &Form, manner: &Manner) -> Result<Verdict, Refusal> {
        let model = self.learned(spool);
        let guard = Guard::new(config, &model);
        let text = text_of(form);
        let known = Attempt {
            author: text.author,
            email: text.email,
            url: text.url,
            comment: text.comment,
            page: form.page(),
            address_key: manner.sender,
            received: manner.received,
            // A clock that was set back makes it look younger than nothing.
            form_age: manner.age.map(|age| Duration::try_from(age).unwrap_or_default()),
            honeypot_filled: manner.sent.is_trapped(),
            proof: None,
            recent: &Memory::new(0),
        };
        let trace = known.trace();
        let counts = {
            // From the count to the note nobody else is counted: many at once do not get past a limit together.
            let mut memory = lock(&self.memory);
            let counts = Counts::of(&Attempt { recent: &*memory, ..known });
            if guard.refuse(&Attempt { recent: &counts, ..known }).is_some() {
                return Err(Refusal::Unwanted);
            }
            memory.note(trace);
            counts
        };
        let proof = if config.proof_of_work > 0 && manner.age.is_some() {
            self.proof(form, manner.sent.get(Field::Work), config.proof_of_work)
        } else {
            None
        };
        Ok(guard.judge(&Attempt { recent: &counts, proof, ..known }))
    }

    /// The work that was done for a reply. What was done for another one before is as good as wrong.
    fn proof<'a>(&self, form: &'a Form, nonce: &'a str, bits: u32) -> Option<Proof<'a>> {
        let proof = Proof { token: form.token()?, nonce };
        if nonce.is_empty() {
            return None;
        }
        if proof.is_valid(form.page(), bits) {
            let mut spent = lock(&self.spent);
            if spent.iter().any(|token| token == proof.token) {
                return Some(Proof { nonce: "", ..proof });
            }
            if spent.len() >= SPENT {
                spent.pop_front();
            }
            spent.push_back(proof.token.to_owned());
        }
        Some(proof)
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
        let model = match spool.learned() {
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

fn text_of(form: &Form) -> Text<'_> {
    let email = form.email().map(crate::replies::Email::as_str);
    Text { author: form.author(), email, url: form.url(), comment: form.comment() }
}
