//! What the guard says of a reply, and why.

use std::fmt;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

pub use super::links::ForeignMarkup;

/// What is to be done with a reply. In the order of severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Disposition {
    /// Nothing speaks against it: it waits for the author as every reply does. Who may skip the queue may skip it.
    #[default]
    Queue,
    /// Something is strange: it waits for the author, whoever it is from.
    Strict,
    /// It is held as spam, and the author finds it there.
    Spam,
    /// There were too many lately: it is not taken. The writer may try again later.
    Refuse,
}

/// Why the guard said what it said: one part's finding. Displayed, a sentence for the author.
///
/// The names that it is stored under do not change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum Cause {
    /// The field that people do not see was filled in.
    Honeypot,
    /// The reply was ready too soon.
    TooQuick {
        /// After so many seconds.
        seconds: u64,
        /// So many are asked for.
        #[serde(rename = "least")]
        minimum: u64,
    },
    /// The form brought no token: the script did not run.
    NoToken,
    /// The script's work is missing.
    NoWork,
    /// The script's work is wrong.
    WrongWork,
    /// Too many replies from the address.
    AddressRate {
        /// So many in the last hour.
        count: usize,
    },
    /// Too many replies to the page.
    PageRate {
        /// So many in the last hour.
        count: usize,
    },
    /// Too many replies in all.
    AllRate {
        /// So many in the last hour.
        count: usize,
    },
    /// More links than allowed.
    Links {
        /// So many.
        count: usize,
        /// So many may be.
        #[serde(rename = "most")]
        limit: usize,
    },
    /// A link in the writer's name.
    LinkInName,
    /// The writer's name can be taken for that of an author of the site.
    AuthorName {
        /// Which.
        author: String,
    },
    /// Links in the markup of other systems.
    ForeignMarkup {
        /// Which.
        markup: ForeignMarkup,
    },
    /// Letters that look like others.
    LookAlikes {
        /// A word with some.
        word: String,
    },
    /// Characters without a width inside of words.
    HiddenCharacters {
        /// So many.
        count: usize,
    },
    /// One of the author's words.
    Word {
        /// Which.
        word: String,
    },
    /// One of the author's patterns.
    Pattern {
        /// Which.
        pattern: String,
    },
    /// The same text came before.
    Duplicate {
        /// So many times on the last day.
        count: usize,
    },
    /// It is like what the author called spam.
    LikeSpam {
        /// What says so most.
        #[serde(rename = "because")]
        evidence: Vec<String>,
    },
    /// It is like what the author approved.
    LikeGenuine {
        /// What says so most.
        #[serde(rename = "because")]
        evidence: Vec<String>,
    },
}

impl Cause {
    /// Whether it is about how the reply came, whatever it says.
    pub(super) fn is_about_submission(&self) -> bool {
        matches!(
            self,
            Self::Honeypot
                | Self::TooQuick { .. }
                | Self::NoToken
                | Self::NoWork
                | Self::WrongWork
                | Self::PageRate { .. }
                // A writer can change the text alone.
                | Self::AuthorName { .. }
        )
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Honeypot => f.write_str("The field that people do not see was filled in."),
            Self::TooQuick { seconds, minimum } => {
                let plural = if *seconds == 1 { "" } else { "s" };
                write!(
                    f,
                    "It was sent {seconds} second{plural} after the form was shown; a person takes {minimum} or more."
                )
            }
            Self::NoToken => f.write_str("The form's script did not run, so nobody knows how long it took to write."),
            Self::NoWork => f.write_str("The form's script did not do the work that it is asked to do."),
            Self::WrongWork => f.write_str("The work that the form's script is asked to do is wrong."),
            Self::AddressRate { count } => {
                write!(f, "{} came from this address in the last hour.", count_replies(*count))
            }
            Self::PageRate { count } => write!(f, "{} came to this page in the last hour.", count_replies(*count)),
            Self::AllRate { count } => write!(f, "{} came in the last hour.", count_replies(*count)),
            Self::Links { count, limit } => {
                let links = if *count == 1 { "link" } else { "links" };
                write!(f, "It has {count} {links}; ")?;
                match limit {
                    0 => f.write_str("none is usual."),
                    1 => f.write_str("one is usual."),
                    limit => write!(f, "up to {limit} are usual."),
                }
            }
            Self::AuthorName { author } => {
                write!(f, "The name looks like “{author}”, who writes this site, and somebody else may have sent it.")
            }
            Self::LinkInName => f.write_str("The name is the address of a website."),
            Self::ForeignMarkup { markup: ForeignMarkup::Html } => {
                f.write_str("It has links in HTML, which are none here.")
            }
            Self::ForeignMarkup { markup: ForeignMarkup::BbCode } => {
                f.write_str("It has links in BBCode, which programs write for other sites.")
            }
            Self::LookAlikes { word } => write!(f, "Letters of another script are hidden in “{word}”."),
            Self::HiddenCharacters { count } => {
                let characters = if *count == 1 { "character" } else { "characters" };
                write!(f, "It has {count} invisible {characters} inside of words.")
            }
            Self::Word { word } => write!(f, "It has “{word}”, which is on your list of words."),
            Self::Pattern { pattern } => write!(f, "Your pattern `{pattern}` is found in it."),
            Self::Duplicate { count: 1 } => f.write_str("The same text came before in the last day."),
            Self::Duplicate { count } => write!(f, "The same text came {count} times before in the last day."),
            Self::LikeSpam { evidence } => write!(f, "It is like what you called spam{}.", quote_evidence(evidence)),
            Self::LikeGenuine { evidence } => write!(f, "It is like what you approved{}.", quote_evidence(evidence)),
        }
    }
}

fn count_replies(count: usize) -> String {
    if count == 1 { "1 reply".to_owned() } else { format!("{count} replies") }
}

fn quote_evidence(evidence: &[String]) -> String {
    let quoted: Vec<String> = evidence.iter().map(|token| format!("“{token}”")).collect();
    if quoted.is_empty() { String::new() } else { format!(": {}", quoted.join(", ")) }
}

/// A cause and what it counts. Displayed, the cause's sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What was found.
    #[serde(flatten)]
    pub cause: Cause,
    /// Points towards spam; below 0 away from it.
    pub weight: i32,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(f)
    }
}

/// What the guard says of a reply. It can be stored with it, in any format that describes itself (JSON, TOML).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The sum of the weights: 0 and less is nothing, from [`STRICT_SCORE`](super::STRICT_SCORE) on it is strange, from
    /// [`SPAM_SCORE`](super::SPAM_SCORE) on it is spam.
    pub score: i32,
    /// What is to be done.
    pub decision: Disposition,
    /// Why, the weightiest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "deserialize_known_reasons")]
    pub reasons: Vec<Reason>,
}

impl Verdict {
    /// How often the same text came before.
    pub fn copies(&self) -> usize {
        let counts = self.reasons.iter().map(|reason| match reason.cause {
            Cause::Duplicate { count } => count,
            _ => 0,
        });
        counts.sum()
    }

    /// The author of the site whose name the writer's can be taken for.
    pub fn poses_as(&self) -> Option<&str> {
        self.reasons.iter().find_map(|reason| match &reason.cause {
            Cause::AuthorName { author } => Some(author.as_str()),
            _ => None,
        })
    }
}

/// The reasons that this version knows. What another one has stored besides is no reason to lose the reply.
fn deserialize_known_reasons<'de, D: Deserializer<'de>>(reasons: D) -> Result<Vec<Reason>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum StoredReason {
        Known(Reason),
        Unknown(IgnoredAny),
    }
    let stored = Vec::<StoredReason>::deserialize(reasons)?;
    let known = |stored| match stored {
        StoredReason::Known(reason) => Some(reason),
        StoredReason::Unknown(IgnoredAny) => None,
    };
    Ok(stored.into_iter().filter_map(known).collect())
}
