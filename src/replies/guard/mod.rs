//! The spam guard: is this reply what a reader wrote, or what a program sends?
//!
//! Each part looks at one thing and says what it found in a sentence, with points towards spam. The points are added up.
//! No part asks anybody else, and none is certain, so nothing is thrown away: what is held as spam lies where the author
//! finds it, with the sentences. Only who sends too much in an hour is refused, and may come again.
//!
//! The guard has no clock, no files and no network: [`Attempt`] brings everything along. What it has learned is a
//! [`Model`], the recent replies a [`RecentActivity`].

mod address;
mod bayes;
mod links;
mod names;
mod proof;
mod recent;
#[cfg(test)]
mod tests;
mod text;
mod verdict;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

pub use crate::config::guard::{GuardConfig, Pattern};
pub use address::{network, wide_network};
pub use bayes::{Estimate, Label, Model, ModelError};
pub use names::look_the_same;
pub use proof::{Proof, SCRIPT, challenge, is_solution};
pub use recent::{AddressKey, RecentActivity, RecentCounts, RecentReplies, RecentReply, Subject, TextKey};
pub use verdict::{Cause, Disposition, ForeignMarkup, Reason, Verdict};

use links::LinkCounts;
use text::{MAX_TEXT, WordList, clip, is_in_unspaced_script};

/// From so many points on a reply is held as spam.
pub const SPAM_SCORE: i32 = 100;
/// From so many points on a reply goes into the stricter queue.
pub const STRICT_SCORE: i32 = 40;
/// The time that rates are counted over.
pub const RATE_WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// The time that copies of a text are looked for in.
pub const COPY_WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// So many times what is taken from one address is taken from a wide network, in which many may live.
const WIDE_NETWORK_FACTOR: usize = 5;

/// The classifier's leaning that is enough for spam by itself.
const SPAM_LEANING: f64 = 0.7;
/// More than spam by itself, so that no other part's doubts are needed, and no good words help.
const CERTAIN_SPAM: i32 = 150;

/// What a reply says, and who says it.
#[derive(Clone, Copy, Debug)]
pub struct ReplyText<'a> {
    /// The writer's name.
    pub author: Option<&'a str>,
    /// The writer's e-mail address.
    pub email: Option<&'a str>,
    /// The writer's website.
    pub url: Option<&'a str>,
    /// The Markdown of the reply.
    pub comment: &'a str,
}

/// A reply as it came, with all that can be known of how it came.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    /// The writer's name.
    pub author: Option<&'a str>,
    /// The writer's e-mail address.
    pub email: Option<&'a str>,
    /// The writer's website.
    pub url: Option<&'a str>,
    /// The Markdown of the reply.
    pub comment: &'a str,
    /// The author of the site whose name the writer's can be taken for, see [`look_the_same`].
    pub poses_as: Option<&'a str>,
    /// The path of the page that it belongs to.
    pub page: &'a str,
    /// Where it came from: the keyed hash of what [`network`] gives.
    pub address_key: AddressKey,
    /// The same of what [`wide_network`] gives.
    pub wide_key: Option<AddressKey>,
    /// When it came.
    pub received: Timestamp,
    /// How long the form had been there, by a token that was checked; none: there was no token.
    pub form_age: Option<Duration>,
    /// Whether the field that people do not see was filled in.
    pub honeypot_filled: bool,
    /// The work that the form script did.
    pub proof: Option<Proof<'a>>,
    /// What was taken lately, this reply not among it.
    pub recent: &'a dyn RecentActivity,
}

impl<'a> Attempt<'a> {
    /// What it says.
    pub fn text(&self) -> ReplyText<'a> {
        ReplyText { author: self.author, email: self.email, url: self.url, comment: self.comment }
    }

    /// What is to be remembered of it once it is taken.
    pub fn recent_reply(&self) -> RecentReply {
        RecentReply::new(self.received, self.address_key, self.page, &self.text()).with_wide_network(self.wide_key)
    }
}

/// The findings so far.
#[derive(Default)]
struct Findings {
    reasons: Vec<Reason>,
    /// The mildest decision that is still possible.
    minimum: Option<Disposition>,
}

impl Findings {
    fn add(&mut self, weight: i32, cause: Cause) {
        if matches!(cause, Cause::NoToken | Cause::NoWork | Cause::AuthorName { .. }) {
            // Who reads without JavaScript is no spammer, but programs read so too. Nor is the author who forgets where they write.
            self.at_least(Disposition::Strict);
        }
        self.reasons.push(Reason { cause, weight });
    }

    fn at_least(&mut self, decision: Disposition) {
        self.minimum = self.minimum.max(Some(decision));
    }

    fn verdict(mut self) -> Verdict {
        let score = self.reasons.iter().fold(0, |sum: i32, reason| sum.saturating_add(reason.weight));
        let by_score = match score {
            SPAM_SCORE.. => Disposition::Spam,
            STRICT_SCORE.. => Disposition::Strict,
            _ => Disposition::Queue,
        };
        self.reasons.sort_by_key(|reason| std::cmp::Reverse(reason.weight));
        Verdict { score, decision: self.minimum.map_or(by_score, |floor| floor.max(by_score)), reasons: self.reasons }
    }
}

/// The guard, ready to judge.
pub struct Guard<'a> {
    config: &'a GuardConfig,
    model: &'a Model,
    /// The author's words, each as it was written and in the forms that are looked for.
    words: Vec<(&'a str, [String; 2])>,
}

impl<'a> Guard<'a> {
    /// A guard with what the author wants and what was learned so far.
    pub fn new(config: &'a GuardConfig, model: &'a Model) -> Self {
        let words = config.words.iter().map(|word| (word.as_str(), search_forms(word)));
        // A word without a letter would be everywhere.
        let words = words.filter(|(_, forms)| forms.iter().all(|form| !form.trim().is_empty()));
        Self { config, model, words: words.collect() }
    }

    /// Refuses a reply if there were too many lately; none: it is to be judged. What floods in costs no more than this.
    pub fn refuse(&self, attempt: &Attempt) -> Option<Verdict> {
        let mut findings = Findings::default();
        self.check_rates(attempt, &mut findings);
        (findings.minimum == Some(Disposition::Refuse)).then(|| findings.verdict())
    }

    /// Judges a reply.
    pub fn judge(&self, attempt: &Attempt) -> Verdict {
        if let Some(verdict) = self.refuse(attempt) {
            return verdict;
        }
        let mut findings = Findings::default();
        self.check_submission(attempt, &mut findings);
        self.check_text(&attempt.text(), count_copies(attempt), &mut findings);
        findings.verdict()
    }

    /// Judges a reply that its writer has changed: as if it had come with this text at first, and never milder than it was
    /// judged before. So many others with the same text came in the last day.
    pub fn judge_again(&self, before: &Verdict, text: &ReplyText, copies: usize) -> Verdict {
        let mut findings = Findings::default();
        for Reason { cause, weight } in before.reasons.iter().filter(|reason| reason.cause.is_about_submission()) {
            findings.add(*weight, cause.clone());
        }
        self.check_text(text, copies, &mut findings);
        let now = findings.verdict();
        if (now.decision, now.score) > (before.decision, before.score) { now } else { before.clone() }
    }

    /// What it says, however it came.
    fn check_text(&self, text: &ReplyText, copies: usize, findings: &mut Findings) {
        self.check_links(text, findings);
        check_disguise(text, findings);
        self.check_lists(text, findings);
        if copies > 0 {
            // Once may be a button that was pressed twice.
            findings.add(if copies == 1 { 60 } else { CERTAIN_SPAM }, Cause::Duplicate { count: copies });
        }
        if self.config.learn {
            self.classify(text, findings);
        }
    }

    fn check_rates(&self, attempt: &Attempt, findings: &mut Findings) {
        let after = window_start(attempt.received, RATE_WINDOW);
        let mut limit = |max: usize, subject: Subject, cause: fn(usize) -> Cause| {
            if max > 0 {
                let count = attempt.recent.count(subject, after);
                if count >= max {
                    findings.add(0, cause(count));
                    findings.at_least(Disposition::Refuse);
                }
            }
        };
        let config = self.config;
        limit(config.per_address, Subject::Address(&attempt.address_key), |count| Cause::AddressRate { count });
        if let Some(wide) = &attempt.wide_key {
            limit(config.per_address.saturating_mul(WIDE_NETWORK_FACTOR), Subject::Wide(wide), |count| {
                Cause::AddressRate { count }
            });
        }
        limit(config.in_all, Subject::All, |count| Cause::AllRate { count });
    }

    /// Whether so much spam came lately, from whomever, that there is no room for more of it. It has room of its own, so that it
    /// takes none from others.
    pub fn is_full_of_spam(&self, recent: &dyn RecentActivity, received: Timestamp) -> bool {
        let limit = self.config.in_all;
        limit > 0 && recent.count(Subject::Spam, window_start(received, RATE_WINDOW)) >= limit
    }

    /// How it came, whatever it says.
    fn check_submission(&self, attempt: &Attempt, findings: &mut Findings) {
        let limit = self.config.per_page;
        if limit > 0 {
            let count = attempt.recent.count(Subject::Page(attempt.page), window_start(attempt.received, RATE_WINDOW));
            if count >= limit {
                // A few addresses are enough to get there, which are not to keep everybody else from a page.
                findings.add(0, Cause::PageRate { count });
                findings.at_least(Disposition::Strict);
            }
        }
        if attempt.honeypot_filled {
            findings.add(CERTAIN_SPAM, Cause::Honeypot);
        }
        if let Some(author) = attempt.poses_as {
            findings.add(STRICT_SCORE, Cause::AuthorName { author: author.to_owned() });
        }
        match attempt.form_age {
            None => findings.add(10, Cause::NoToken),
            Some(age) if age < self.config.min_time => {
                let (seconds, minimum) = (age.as_secs(), self.config.min_time.as_secs());
                findings.add(50, Cause::TooQuick { seconds, minimum });
            }
            Some(_) => {}
        }
        let bits = self.config.proof_of_work;
        if bits > 0 {
            match attempt.proof {
                None => findings.add(10, Cause::NoWork),
                Some(proof) if !proof.is_valid(attempt.page, bits) => findings.add(60, Cause::WrongWork),
                Some(_) => {}
            }
        }
    }

    fn check_links(&self, text: &ReplyText, findings: &mut Findings) {
        let links = LinkCounts::of(text.comment);
        let limit = self.config.max_links;
        if links.count > limit {
            let surplus = i32::try_from(links.count - limit).unwrap_or(i32::MAX);
            findings
                .add(surplus.saturating_mul(10).saturating_add(20).min(80), Cause::Links { count: links.count, limit });
        }
        if let Some(markup) = links.foreign_markup {
            findings.add(if markup == ForeignMarkup::BbCode { 60 } else { 30 }, Cause::ForeignMarkup { markup });
        }
        if LinkCounts::of(text.author.unwrap_or_default()).count > 0 {
            findings.add(80, Cause::LinkInName);
        }
    }

    /// The author's words and patterns.
    fn check_lists(&self, text: &ReplyText, findings: &mut Findings) {
        if self.words.is_empty() && self.config.patterns.is_empty() {
            return;
        }
        let (author, url) = (text.author.unwrap_or_default(), text.url.unwrap_or_default());
        let all = format!("{}\n{}\n{}", clip(author, MAX_TEXT), clip(url, MAX_TEXT), clip(text.comment, MAX_TEXT));
        let words = WordList::of(&all).spaced();
        if let Some((word, _)) = self.words.iter().find(|(_, forms)| forms.iter().any(|form| words.contains(form))) {
            findings.add(CERTAIN_SPAM, Cause::Word { word: (*word).to_owned() });
        }
        if let Some(pattern) = self.config.patterns.iter().find(|pattern| pattern.is_in(&all)) {
            findings.add(CERTAIN_SPAM, Cause::Pattern { pattern: pattern.as_str().to_owned() });
        }
    }

    fn classify(&self, text: &ReplyText, findings: &mut Findings) {
        let Estimate { leaning, evidence } = self.model.estimate(text);
        // Good words make up for a link or two, and for no more.
        let points =
            (leaning / SPAM_LEANING * f64::from(SPAM_SCORE)).clamp(-20.0, f64::from(SPAM_SCORE)).trunc() as i32;
        match points {
            ..=-10 => findings.add(points, Cause::LikeGenuine { evidence }),
            10.. => findings.add(points, Cause::LikeSpam { evidence }),
            _ => {}
        }
    }
}

/// What of a text was written to be read by people and not by programs.
fn check_disguise(text: &ReplyText, findings: &mut Findings) {
    let words = WordList::of(text.comment);
    let mixed = words.mixed_script_word.or_else(|| WordList::of(text.author.unwrap_or_default()).mixed_script_word);
    if let Some(word) = mixed {
        findings.add(50, Cause::LookAlikes { word });
    }
    if words.invisible_count > 0 {
        // One may come with what was pasted.
        findings.add(
            if words.invisible_count < 3 { 10 } else { 50 },
            Cause::HiddenCharacters { count: words.invisible_count },
        );
    }
}

/// How often the same text was seen before.
fn count_copies(attempt: &Attempt) -> usize {
    let key = TextKey::of(&attempt.text());
    key.map_or(0, |key| attempt.recent.count(Subject::Text(&key), window_start(attempt.received, COPY_WINDOW)))
}

/// The forms in which a word of the author's is looked for in folded words with blanks around: as whole words, also
/// without the gaps between them; in scripts that put no blanks between words, anywhere.
fn search_forms(word: &str) -> [String; 2] {
    let words = WordList::of(word);
    let (spaced, joined) = (words.spaced(), words.words.concat());
    if word.contains(is_in_unspaced_script) {
        [spaced.trim().to_owned(), joined]
    } else {
        [spaced, format!(" {joined} ")]
    }
}

/// The beginning of a time that ends at a moment.
fn window_start(moment: Timestamp, time: SignedDuration) -> Timestamp {
    moment.checked_sub(time).unwrap_or(Timestamp::MIN)
}
