//! `[comments.guard]`: what the spam guard looks for in replies.

use std::fmt;
use std::time::Duration;

use regex::{Regex, RegexBuilder};

use crate::source::Table;

/// The greatest proof of work, in bits. Each bit doubles the time: 22 bits take four million tries on average.
const MOST_WORK: u32 = 22;
/// So many words and so many patterns can be given. Each reply is held against all of them.
const MOST_LISTED: usize = 200;
/// How large a pattern may become when it is made ready, in bytes. What is larger could take seconds on one reply.
const PATTERN_SIZE: usize = 1024 * 1024;

/// A pattern of the author's, which is known to be one.
#[derive(Clone)]
pub struct Pattern(Regex);

impl Pattern {
    /// Reads a pattern in the syntax of the crate regex. Small and capital letters are the same.
    pub fn new(pattern: &str) -> Result<Self, String> {
        RegexBuilder::new(pattern)
            .case_insensitive(true)
            .size_limit(PATTERN_SIZE)
            .dfa_size_limit(2 * PATTERN_SIZE)
            .build()
            .map(Self)
            .map_err(|error| match error {
                regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
                // The message has several lines, and the last one is the cause.
                error => {
                    let error = error.to_string();
                    let last = error.lines().next_back().unwrap_or_default();
                    last.trim_start_matches("error: ").to_owned()
                }
            })
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it is found in a text.
    pub fn is_in(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.as_str())
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Pattern {}

/// What the spam guard looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardConfig {
    /// Whoever has a reply ready in less time is held for a program. Default: 3 seconds.
    pub min_time: Duration,
    /// A reply may have so many links. Default: 2.
    pub max_links: usize,
    /// So many replies are taken from one network address in an hour; 0: any number. Default: 20.
    pub per_address: usize,
    /// So many replies are taken to one page in an hour; 0: any number. Default: 60.
    pub per_page: usize,
    /// So many replies are taken in an hour in all; 0: any number. Default: 300.
    pub in_all: usize,
    /// A reply with one of these words, or several in a row, is spam.
    pub words: Vec<String>,
    /// A reply that one of these is found in is spam.
    pub patterns: Vec<Pattern>,
    /// Whether the author's decisions are learned from. Default: true.
    pub learn: bool,
    /// So many bits of work the form script has to do for a reply; 0: none. Default: 0.
    pub proof_of_work: u32,
}

impl Default for GuardConfig {
    fn default() -> Self {
        Self {
            min_time: Duration::from_secs(3),
            max_links: 2,
            per_address: 20,
            per_page: 60,
            in_all: 300,
            words: Vec::new(),
            patterns: Vec::new(),
            learn: true,
            proof_of_work: 0,
        }
    }
}

impl GuardConfig {
    pub(super) fn read(mut table: Table) -> Self {
        let default = Self::default();
        let reading = table.reading();
        let min_time = table.spanned::<usize>("min_seconds").map_or(default.min_time, |(seconds, span)| {
            if seconds > 60 {
                let help = "slow readers are readers too: 3 is enough to tell a person from a program";
                reading.error(span, "`min_seconds` is 60 or less", help);
            }
            Duration::from_secs(seconds.min(60) as u64)
        });
        let proof_of_work = table.spanned::<usize>("proof_of_work").map_or(default.proof_of_work, |(bits, span)| {
            let bits = u32::try_from(bits).unwrap_or(u32::MAX);
            if bits > MOST_WORK {
                let help = "each bit doubles the time: 16 take 65,000 tries on average";
                reading.error(span, format!("`proof_of_work` is {MOST_WORK} or less"), help);
            }
            bits.min(MOST_WORK)
        });
        let mut listed = |key| {
            let mut list = table.list::<String>(key).unwrap_or_default();
            if let Some((_, span)) = list.get(MOST_LISTED) {
                let help = "the guard learns what you call spam; these are for what it cannot learn";
                reading.error(span.clone(), format!("`{key}` can have {MOST_LISTED} entries"), help);
                list.truncate(MOST_LISTED);
            }
            // Each reply would be spam.
            list.retain(|(text, span)| {
                let says_something = text.contains(char::is_alphanumeric) || key == "patterns" && !text.is_empty();
                if !says_something {
                    let what = if key == "words" { "a word" } else { "a pattern" };
                    reading.error(span.clone(), format!("this is not {what}"), "write one, or remove the entry");
                }
                says_something
            });
            list
        };
        let words = listed("words").into_iter().map(|(word, _)| word).collect();
        let mut patterns = Vec::new();
        for (pattern, span) in listed("patterns") {
            match Pattern::new(&pattern) {
                Ok(pattern) if pattern.is_in("") => {
                    let help = "make something in it required: each reply would be spam";
                    reading.error(span, "this pattern is found in a text that says nothing", help);
                }
                Ok(pattern) => patterns.push(pattern),
                Err(why) => {
                    let help = "for example: patterns = ['casino\\d+'], in single quotes, between which TOML \
                                leaves backslashes as they are";
                    reading.error(span, format!("this pattern cannot be used: {why}"), help);
                }
            }
        }
        let config = Self {
            min_time,
            max_links: table.get_or("max_links", default.max_links),
            per_address: table.get_or("per_address", default.per_address),
            per_page: table.get_or("per_page", default.per_page),
            in_all: table.get_or("in_all", default.in_all),
            words,
            patterns,
            learn: table.get_or("learn", default.learn),
            proof_of_work,
        };
        table.close();
        config
    }
}
