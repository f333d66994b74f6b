//! Replies judged one after another, as an author's guard judges them.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use causerie::guard::{
    AddressKey, Attempt, Disposition, Guard, GuardConfig, Label, Model, RecentReplies, ReplyText, Verdict,
};
use jiff::Timestamp;

use crate::collection::Reply;

/// So many replies are decided before anything is counted.
pub const TAUGHT: usize = 200;

/// What the guard sees, and what it learns.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Whether it sees how replies came, and not only what they say.
    pub sees_manner: bool,
    /// Whether the author goes on deciding after the first 200.
    pub goes_on: bool,
}

/// How many were judged how.
#[derive(Default)]
pub struct Figures {
    pub genuine: usize,
    pub genuine_held: usize,
    pub genuine_strict: usize,
    pub spam: usize,
    pub spam_caught: usize,
    pub spam_strict: usize,
    /// Of each kind: all, and those that were judged wrongly.
    pub kinds: BTreeMap<String, (usize, usize)>,
    /// What was wrong, with the reasons.
    pub wrong: Vec<String>,
}

impl Figures {
    /// The share of genuine replies that were held as spam.
    pub fn wrongly_held(&self) -> f64 {
        self.genuine_held as f64 / self.genuine.max(1) as f64
    }

    /// The share of spam that was held as such.
    pub fn caught(&self) -> f64 {
        self.spam_caught as f64 / self.spam.max(1) as f64
    }

    fn count(&mut self, reply: &Reply, verdict: &Verdict) {
        let held = verdict.decision >= Disposition::Spam;
        let strict = usize::from(verdict.decision == Disposition::Strict);
        if reply.is_spam {
            self.spam += 1;
            self.spam_caught += usize::from(held);
            self.spam_strict += strict;
        } else {
            self.genuine += 1;
            self.genuine_held += usize::from(held);
            self.genuine_strict += strict;
        }
        let (all, wrong) = self.kinds.entry(reply.kind.clone()).or_default();
        *all += 1;
        if held != reply.is_spam {
            *wrong += 1;
            let reasons: Vec<String> = verdict.reasons.iter().map(|r| format!("{} {r}", r.weight)).collect();
            self.wrong.push(format!("{}: {:.200}: {reasons:?}", reply.kind, reply.comment));
        }
    }

    /// Adds others.
    pub fn add(&mut self, other: Self) {
        self.genuine += other.genuine;
        self.genuine_held += other.genuine_held;
        self.genuine_strict += other.genuine_strict;
        self.spam += other.spam;
        self.spam_caught += other.spam_caught;
        self.spam_strict += other.spam_strict;
        for (kind, (all, wrong)) in other.kinds {
            let sum = self.kinds.entry(kind).or_default();
            *sum = (sum.0 + all, sum.1 + wrong);
        }
        self.wrong.extend(other.wrong);
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |part: usize, all: usize| 100.0 * part as f64 / all.max(1) as f64;
        write!(
            f,
            "genuine {}: {:.2} % held as spam, {:.2} % strict; spam {}: {:.2} % caught, {:.2} % strict",
            self.genuine,
            percent(self.genuine_held, self.genuine),
            percent(self.genuine_strict, self.genuine),
            self.spam,
            percent(self.spam_caught, self.spam),
            percent(self.spam_strict, self.spam),
        )
    }
}

/// Judges replies in their order. Each that is decided is learned after it was judged.
pub fn replay(replies: &[Reply], manner: Manner) -> Figures {
    let config = GuardConfig::default();
    let (mut model, mut memory, mut figures) = (Model::default(), RecentReplies::default(), Figures::default());
    for (number, reply) in replies.iter().enumerate() {
        let text = ReplyText {
            author: reply.author.as_deref(),
            email: reply.email.as_deref(),
            url: reply.url.as_deref(),
            comment: &reply.comment,
        };
        let mut address = [0; 16];
        let source = if manner.sees_manner { reply.address } else { number as u64 };
        address[..8].copy_from_slice(&source.to_le_bytes());
        let attempt = Attempt {
            author: text.author,
            email: text.email,
            url: text.url,
            comment: text.comment,
            poses_as: None,
            page: &reply.page,
            address_key: AddressKey(address),
            wide_key: None,
            // One in ten minutes.
            received: Timestamp::from_second(1_700_000_000 + 600 * number as i64).expect("a moment"),
            form_age: if manner.sees_manner { reply.form_age } else { Some(Duration::from_secs(60)) },
            honeypot_filled: manner.sees_manner && reply.honeypot_filled,
            proof: None,
            recent: &memory,
        };
        if number >= TAUGHT {
            let verdict = Guard::new(&config, &model).judge(&attempt);
            figures.count(reply, &verdict);
        }
        let trace = attempt.recent_reply();
        if manner.sees_manner {
            memory.add(trace);
        }
        if number < TAUGHT || manner.goes_on {
            model.learn(&text, if reply.is_spam { Label::Spam } else { Label::Genuine });
        }
    }
    figures
}
