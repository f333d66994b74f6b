use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use super::tokens::Tokens;
use crate::replies::guard::ReplyText;

/// The form of a stored model. A program that counts other tokens, or counts them otherwise, has another number.
const FORMAT_VERSION: u32 = 1;
const MAGIC: &[u8; 8] = b"cau-bayz";
const HEADER_LENGTH: usize = MAGIC.len() + 4 + 16;

/// So many tokens are kept at most, which is about a megabyte. A blog's replies of some years have as many.
const MAX_MODEL_TOKENS: usize = 60_000;
/// When there are more, as many go as leave this.
const TOKENS_AFTER_PRUNING: usize = MAX_MODEL_TOKENS / 4 * 3;

/// How much a token is held to be worth nothing before anything is known of it, in decisions (Robinson's *s*). Small,
/// as in so few words as a reply has even one that was seen once says something.
const PRIOR_WEIGHT: f64 = 0.1;
/// The tokens of a text are not as independent of each other as Bayes would have them: twice as many do not say twice as
/// much, but this power of two. Between 0.5 and 1 there is little between the choices; this one was measured to be best.
const DEPENDENCE_EXPONENT: f64 = 0.7;
/// So many decisions of a kind are as good as none: below them the estimate is drawn towards "unknown".
const WARM_UP_DECISIONS: f64 = 10.0;
/// So many words are told to the author.
const MAX_EVIDENCE: usize = 5;

/// What the author decided about a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Label {
    /// It was approved.
    Genuine,
    /// It was called spam.
    Spam,
}

/// How often a token was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct TokenCounts {
    genuine: u32,
    spam: u32,
    /// The number of the decision that it was seen in last.
    last_decision: u32,
}

impl TokenCounts {
    fn count_mut(&mut self, kind: Label) -> &mut u32 {
        match kind {
            Label::Genuine => &mut self.genuine,
            Label::Spam => &mut self.spam,
        }
    }
}

/// What was learned from the author's decisions. The same decisions in the same order make the same model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    genuine: u32,
    spam: u32,
    tokens: BTreeMap<u64, TokenCounts>,
}

/// What a model makes of a reply.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Estimate {
    /// Above 0 it is like spam, below 0 like what was approved; beyond ±1 there is not much doubt.
    pub leaning: f64,
    /// What said so most, in words for the author.
    pub evidence: Vec<String>,
}

/// Why a stored model could not be read. A fresh one takes its place, which learns again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelError {
    /// It is not a model, or torn, or was changed.
    Damaged,
    /// It was written by a Causerie that counts otherwise.
    OtherVersion(u32),
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged => f.write_str("what the spam guard has learned is damaged; it starts to learn anew"),
            Self::OtherVersion(version) => write!(
                f,
                "what the spam guard has learned was kept by another version of Causerie (form {version}, here \
                 {FORMAT_VERSION}); it starts to learn anew"
            ),
        }
    }
}

impl std::error::Error for ModelError {}

impl Model {
    /// How many decisions there were: genuine, and spam.
    pub fn decisions(&self) -> (u32, u32) {
        (self.genuine, self.spam)
    }

    /// Learns a decision.
    pub fn learn(&mut self, text: &ReplyText, kind: Label) {
        let all = self.decisions_mut(kind);
        *all = all.saturating_add(1);
        let last = self.genuine.saturating_add(self.spam);
        for token in Tokens::of(text).0.into_keys() {
            let seen = self.tokens.entry(token).or_default();
            *seen.count_mut(kind) = seen.count_mut(kind).saturating_add(1);
            seen.last_decision = last;
        }
        if self.tokens.len() > MAX_MODEL_TOKENS {
            self.prune();
        }
    }

    /// Takes a decision back that was learned before.
    pub fn unlearn(&mut self, text: &ReplyText, kind: Label) {
        let all = self.decisions_mut(kind);
        *all = all.saturating_sub(1);
        for token in Tokens::of(text).0.into_keys() {
            if let Some(seen) = self.tokens.get_mut(&token) {
                *seen.count_mut(kind) = seen.count_mut(kind).saturating_sub(1);
                if seen.genuine == 0 && seen.spam == 0 {
                    self.tokens.remove(&token);
                }
            }
        }
    }

    fn decisions_mut(&mut self, kind: Label) -> &mut u32 {
        match kind {
            Label::Genuine => &mut self.genuine,
            Label::Spam => &mut self.spam,
        }
    }

    /// Makes room: what was seen once goes first, and of that what was seen longest ago.
    fn prune(&mut self) {
        let worth = |(token, seen): (&u64, &TokenCounts)| {
            (seen.genuine.saturating_add(seen.spam) > 1, seen.last_decision, *token)
        };
        let mut worths: Vec<_> = self.tokens.iter().map(worth).collect();
        let surplus = worths.len().saturating_sub(TOKENS_AFTER_PRUNING);
        if surplus > 0 {
            let (_, least, _) = worths.select_nth_unstable(surplus - 1);
            let least = *least;
            self.tokens.retain(|token, seen| worth((token, seen)) > least);
        }
    }

    /// What a reply looks like.
    ///
    /// Each token has a probability of spam, drawn towards one half where little is known of it (Gary Robinson, *A
    /// statistical approach to the spam problem*, 2003). Their log odds are added up, as naive Bayes does.
    pub fn estimate(&self, text: &ReplyText) -> Estimate {
        let (genuine, spam) = (f64::from(self.genuine), f64::from(self.spam));
        if self.genuine == 0 || self.spam == 0 {
            return Estimate::default();
        }
        let mut votes: Vec<(f64, String)> = Vec::new();
        for (token, name) in Tokens::of(text).0 {
            if let Some(seen) = self.tokens.get(&token) {
                let (in_genuine, in_spam) = (f64::from(seen.genuine) / genuine, f64::from(seen.spam) / spam);
                let times = f64::from(seen.genuine) + f64::from(seen.spam);
                // A token that is kept was seen; a model that was made by hand may be wrong.
                let share = if in_genuine + in_spam > 0.0 { in_spam / (in_genuine + in_spam) } else { 0.5 };
                let probability = (PRIOR_WEIGHT * 0.5 + times * share) / (PRIOR_WEIGHT + times);
                votes.push(((probability / (1.0 - probability)).ln(), name));
            }
        }
        if votes.is_empty() {
            return Estimate::default();
        }
        let sum: f64 = votes.iter().map(|(odds, _)| odds).sum();
        let fewer = genuine.min(spam);
        let leaning = sum / (votes.len() as f64).powf(DEPENDENCE_EXPONENT) * fewer / (fewer + WARM_UP_DECISIONS);
        votes.retain(|(odds, _)| odds.signum() == leaning.signum());
        // Where two weigh the same the longer says more; their names make the order certain.
        votes.sort_by(|(a, a_name), (b, b_name)| {
            b.abs().total_cmp(&a.abs()).then(b_name.len().cmp(&a_name.len())).then(a_name.cmp(b_name))
        });
        let because = votes.into_iter().take(MAX_EVIDENCE).map(|(_, name)| name).collect();
        Estimate { leaning, evidence: because }
    }

    /// The model as it is stored.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Numbers in maps can always be written: there is nothing in a model that could fail.
        let content = postcard::to_allocvec(self).unwrap_or_default();
        let mut bytes = Vec::with_capacity(HEADER_LENGTH + content.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
        bytes.extend_from_slice(&xxh3_128(&content).to_le_bytes());
        bytes.extend_from_slice(&content);
        bytes
    }

    /// A stored model. One that cannot be read gives a fresh one, and the reason.
    pub fn from_bytes(bytes: &[u8]) -> (Self, Option<ModelError>) {
        match Self::read(bytes) {
            Ok(model) => (model, None),
            Err(unreadable) => (Self::default(), Some(unreadable)),
        }
    }

    fn read(bytes: &[u8]) -> Result<Self, ModelError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(ModelError::Damaged)?;
        let (version, rest) = rest.split_first_chunk().ok_or(ModelError::Damaged)?;
        let (sum, content) = rest.split_first_chunk().ok_or(ModelError::Damaged)?;
        if u128::from_le_bytes(*sum) != xxh3_128(content) {
            return Err(ModelError::Damaged);
        }
        match u32::from_le_bytes(*version) {
            FORMAT_VERSION => {}
            version => return Err(ModelError::OtherVersion(version)),
        }
        let model: Self = postcard::from_bytes(content).map_err(|_| ModelError::Damaged)?;
        if model.tokens.len() > MAX_MODEL_TOKENS { Err(ModelError::Damaged) } else { Ok(model) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(comment: &str) -> ReplyText<'_> {
        ReplyText { author: Some("Jo"), email: None, url: None, comment }
    }

    fn taught(times: u32) -> Model {
        let mut model = Model::default();
        for number in 0..times {
            model.learn(&text(&format!("Cheap replica watches, order now {number}")), Label::Spam);
            model.learn(&text(&format!("I read your post about sailing twice {number}")), Label::Genuine);
        }
        model
    }

    #[test]
    fn it_leans_to_what_it_was_taught_and_says_why() {
        let model = taught(30);
        assert_eq!(model.decisions(), (30, 30));
        let spam = model.estimate(&text("Replica watches, cheap!"));
        assert!(spam.leaning > 1.0 && spam.evidence.contains(&"replica watches".to_owned()), "{spam:?}");
        let genuine = model.estimate(&text("Twice I went sailing."));
        assert!(genuine.leaning < -0.5 && genuine.evidence.contains(&"sailing".to_owned()), "{genuine:?}");
        let unknown = model.estimate(&ReplyText { author: Some("Xi"), comment: "\u{1f600}", ..text("") });
        assert!(unknown.leaning.abs() < 0.3, "{unknown:?}");
        // A shy beginner thinks the same, but less of it.
        let beginner = taught(2).estimate(&text("Replica watches, cheap!"));
        assert!(beginner.leaning > 0.0 && beginner.leaning < spam.leaning / 2.0, "{beginner:?}");
        assert_eq!(Model::default().estimate(&text("Replica watches")), Estimate::default());
    }

    #[test]
    fn a_model_is_read_as_it_was_stored_or_not_at_all() {
        let model = taught(3);
        let whole = model.to_bytes();
        assert_eq!(Model::from_bytes(&whole), (model, None));
        let fresh = (Model::default(), Some(ModelError::Damaged));
        for cut in 0..whole.len() {
            assert_eq!(Model::from_bytes(&whole[..cut]), fresh, "{cut}");
            let mut edited = whole.clone();
            edited[cut] ^= 1;
            let (read, why) = Model::from_bytes(&edited);
            assert_eq!((read, why.is_some()), (Model::default(), true), "{cut}");
        }
        let mut other = whole;
        other[MAGIC.len()] = 7;
        let (read, why) = Model::from_bytes(&other);
        assert_eq!((read, why), (Model::default(), Some(ModelError::OtherVersion(7))));
        assert!(why.unwrap().to_string().contains("another version"), "{why:?}");
        // A sum that is right over something that is no model.
        let mut forged =
            [MAGIC.as_slice(), &FORMAT_VERSION.to_le_bytes(), &xxh3_128(&[255; 64]).to_le_bytes()].concat();
        forged.extend([255; 64]);
        assert_eq!(Model::from_bytes(&forged), fresh);
    }

    #[test]
    fn a_flood_of_new_words_pushes_out_no_old_knowledge() {
        let mut model = taught(30);
        let before = model.estimate(&text("Replica watches, cheap!"));
        for number in 0..130u32 {
            // More different words than a reply counts.
            let words: String = (0..1_000u32).map(|word| format!("w{number}x{word} ")).collect();
            model.learn(&text(&words), Label::Genuine);
            assert!(model.tokens.len() <= MAX_MODEL_TOKENS);
        }
        assert!(model.to_bytes().len() < 2 << 20, "{}", model.to_bytes().len());
        let after = model.estimate(&text("Replica watches, cheap!"));
        assert!(after.leaning > before.leaning / 2.0, "{before:?} {after:?}");
    }

    #[test]
    fn spam_does_not_drown_in_a_sea_of_good_words() {
        let model = taught(30);
        let good = "sailing twice ".repeat(2_000);
        let filler: String = (0..3_000).map(|number| format!("filler{number} ")).collect();
        for drowned in [
            format!("Replica watches, cheap! {filler}"),
            format!("{filler} Replica watches, cheap! Order now"),
            format!("{good} Cheap replica watches, order now"),
        ] {
            let estimate = model.estimate(&text(&drowned));
            assert!(estimate.leaning > -0.5, "{estimate:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_learned_can_be_unlearned(comments in prop::collection::vec("[a-e ]{0,12}|\\PC{0,20}", 1..8), spam: bool) {
            let kind = if spam { Label::Spam } else { Label::Genuine };
            let mut model = Model::default();
            for comment in &comments {
                model.learn(&text(comment), kind);
            }
            let counts = |model: &Model| -> Vec<(u64, u32, u32)> {
                model.tokens.iter().map(|(token, seen)| (*token, seen.genuine, seen.spam)).collect()
            };
            let (before, decisions) = (counts(&model), model.decisions());
            for kind in [Label::Genuine, Label::Spam] {
                model.learn(&text("something else altogether"), kind);
                model.unlearn(&text("something else altogether"), kind);
                prop_assert_eq!((counts(&model), model.decisions()), (before.clone(), decisions));
            }
            for comment in &comments {
                model.unlearn(&text(comment), kind);
            }
            prop_assert_eq!(model, Model::default());
            // Once more than it was learned.
            let mut model = Model::default();
            model.unlearn(&text(&comments[0]), kind);
            prop_assert_eq!(model, Model::default());
        }
    }
}
