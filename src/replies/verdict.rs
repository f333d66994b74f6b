use serde::{Deserialize, Serialize};

/// What is to happen with a reply, before anybody has read it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Course {
    /// It waits for its author's decision.
    #[default]
    Queue,
    /// It waits, and something about it is unusual.
    Strict,
    /// It is kept as spam, where it can be looked at for a while.
    Spam,
    /// It is not taken.
    Refuse,
}

/// What is thought of a reply, and why.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    /// The larger, the more likely it is spam.
    pub score: f64,
    /// What is to happen.
    pub course: Course,
    /// Why, a sentence each, for the site's author.
    pub reasons: Vec<String>,
}
