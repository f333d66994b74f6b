//! What the classifier looks at in a reply: its tokens, each a number.

use std::collections::BTreeMap;

use xxhash_rust::xxh3::xxh3_64;

use crate::replies::guard::ReplyText;
use crate::replies::guard::links::{LinkCounts, host_of, without_addresses};
use crate::replies::guard::text::{WordList, digits_to_letters};

/// So many different tokens of one reply count, as a reply of some three hundred words has. A longer one teaches no more and
/// hides no more.
pub const MAX_TOKENS: usize = 600;

/// The tokens of a reply: what each is known by, and how it is shown to the author.
///
/// A model keeps the numbers alone: it has nobody's words, names or addresses in it.
#[derive(Clone, Debug, Default)]
pub struct Tokens(pub BTreeMap<u64, String>);

impl Tokens {
    /// Reads a reply.
    pub fn of(text: &ReplyText) -> Self {
        let mut tokens = Self::default();
        tokens.links(text);
        tokens.shape(text);
        // What was said of the writer and the links always counts.
        let mut words = Self::default();
        words.words(&WordList::of(&without_addresses(text.comment, true)).words);
        let room = MAX_TOKENS.saturating_sub(tokens.0.len());
        // In the order of their numbers, which has nothing to do with their places: neither a long beginning nor a long
        // end can push the rest out.
        tokens.0.extend(words.0.into_iter().take(room));
        tokens
    }

    fn add(&mut self, kind: &str, value: &str) {
        // Words have no colons, so nobody can write the name of another kind of token.
        let name = if kind.is_empty() { value.to_owned() } else { format!("{kind}: {value}") };
        self.0.insert(xxh3_64(name.as_bytes()), name);
    }

    fn words(&mut self, words: &[String]) {
        let mut before: Option<&str> = None;
        for word in words {
            self.add("", word);
            if let Some(read) = digits_to_letters(word) {
                self.add("", &read);
            }
            if let Some(before) = before {
                self.add("", &format!("{before} {word}"));
            }
            before = Some(word);
        }
    }

    fn links(&mut self, text: &ReplyText) {
        let links = LinkCounts::of(text.comment);
        for host in &links.hosts {
            self.host("host", host);
        }
        if let Some(site) = text.url.and_then(host_of) {
            self.host("site", &site);
        }
        if let Some((_, host)) = text.email.and_then(|email| email.rsplit_once('@')) {
            self.add("mail", &host.to_lowercase());
        }
        let many = match links.count {
            0 => "none",
            1 => "one",
            2 | 3 => "some",
            _ => "many",
        };
        self.add("links", many);
        if links.foreign_markup.is_some() {
            self.add("links", "in another markup");
        }
        for word in WordList::of(text.author.unwrap_or_default()).words.iter().take(8) {
            self.add("name", word);
        }
    }

    fn host(&mut self, kind: &str, host: &str) {
        self.add(kind, host);
        let mut parts = host.rsplit('.');
        if let (Some(top), Some(name)) = (parts.next(), parts.next()) {
            self.add(kind, &format!("{name}.{top}"));
            self.add(kind, &format!("*.{top}"));
        }
    }

    /// What can be seen of a text without reading it.
    fn shape(&mut self, text: &ReplyText) {
        let letters = text.comment.chars().filter(|c| c.is_alphabetic()).take(2_000);
        let (upper, all) = letters.fold((0, 0), |(upper, all), c| (upper + usize::from(c.is_uppercase()), all + 1));
        if all > 20 && upper * 2 > all {
            self.add("shape", "capitals");
        }
        if text.comment.matches('!').count() >= 3 {
            self.add("shape", "exclamations");
        }
        if text.comment.contains('`') {
            self.add("shape", "code");
        }
        if text.url.is_none() {
            self.add("site", "none");
        }
        if text.email.is_none() {
            self.add("mail", "none");
        }
    }
}
