//! What was taken lately: by whom, where, and what.

use std::collections::VecDeque;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::links::{LinkCounts, without_addresses};
use super::text::WordList;
use super::{Attempt, COPY_WINDOW, RATE_WINDOW, ReplyText, window_start};

/// A network address as it may be kept: hashed with a key, which is not the guard's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AddressKey(pub [u8; 16]);

/// A text without what makes two copies of it differ: its words, folded, without addresses. A copy of somebody else's
/// reply with a link added is a copy too.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TextKey([u8; 16]);

impl TextKey {
    /// The key of a reply; none if it is too short to be more than a coincidence: "Thank you!" is no copy. Where there is
    /// little but addresses, their hosts count.
    pub fn of(text: &ReplyText) -> Option<Self> {
        const LEAST: usize = 24;
        let mut words = WordList::of(&without_addresses(text.comment, false)).spaced();
        if words.chars().filter(|c| c.is_alphanumeric()).count() < LEAST {
            let hosts = LinkCounts::of(text.comment).hosts;
            if hosts.is_empty() {
                return None;
            }
            for host in hosts {
                words.push('\n');
                words.push_str(&host);
            }
        }
        Some(Self(first_half(Sha256::new_with_prefix(words))))
    }
}

/// Half of a hash is enough to tell one from another, also against somebody who looks for two that are the same.
fn first_half(hash: Sha256) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&hash.finalize()[..16]);
    half
}

/// What can be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject<'a> {
    /// Replies from an address.
    Address(&'a AddressKey),
    /// Replies from a wide network.
    Wide(&'a AddressKey),
    /// Replies to a page, by its path, but for spam.
    Page(&'a str),
    /// All replies, but for spam.
    All,
    /// All spam.
    Spam,
    /// Replies with a text.
    Text(&'a TextKey),
}

/// Knows what was taken lately.
pub trait RecentActivity {
    /// How many replies there were after a moment.
    fn count(&self, subject: Subject, after: Timestamp) -> usize;
}

/// What was known at one moment of the kin of one reply, so that it can be judged while others come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecentCounts {
    address: usize,
    wide: usize,
    page: usize,
    all: usize,
    spam: usize,
    text: usize,
}

impl RecentCounts {
    /// Counts what `attempt.recent` knows, in the times that the guard asks for. With the attempt's trace the work of making
    /// that is done before, and nobody waits for it who holds a lock meanwhile.
    pub fn of(attempt: &Attempt, reply: &RecentReply) -> Self {
        let (hour, day) = (window_start(attempt.received, RATE_WINDOW), window_start(attempt.received, COPY_WINDOW));
        let count = |subject| attempt.recent.count(subject, hour);
        Self {
            address: count(Subject::Address(&attempt.address_key)),
            wide: attempt.wide_key.as_ref().map_or(0, |key| count(Subject::Wide(key))),
            page: count(Subject::Page(attempt.page)),
            all: count(Subject::All),
            spam: count(Subject::Spam),
            text: reply.text.map_or(0, |key| attempt.recent.count(Subject::Text(&key), day)),
        }
    }
}

impl RecentActivity for RecentCounts {
    fn count(&self, subject: Subject, _: Timestamp) -> usize {
        match subject {
            Subject::Address(_) => self.address,
            Subject::Wide(_) => self.wide,
            Subject::Page(_) => self.page,
            Subject::All => self.all,
            Subject::Spam => self.spam,
            Subject::Text(_) => self.text,
        }
    }
}

/// What is remembered of a reply that was taken. It names nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecentReply {
    received: Timestamp,
    address: AddressKey,
    wide: Option<AddressKey>,
    page: [u8; 16],
    text: Option<TextKey>,
    is_spam: bool,
}

impl RecentReply {
    /// The trace of a reply.
    pub fn new(received: Timestamp, address: AddressKey, page: &str, text: &ReplyText) -> Self {
        Self { received, address, wide: None, page: page_key(page), text: TextKey::of(text), is_spam: false }
    }

    /// The same from a wide network.
    #[must_use]
    pub fn with_wide_network(self, wide: Option<AddressKey>) -> Self {
        Self { wide, ..self }
    }

    /// The same of spam. It counts for whoever sends it, and takes no room from others.
    #[must_use]
    pub fn as_spam(self) -> Self {
        Self { is_spam: true, ..self }
    }
}

fn page_key(page: &str) -> [u8; 16] {
    first_half(Sha256::new_with_prefix(page))
}

/// What one server remembers, in memory of a fixed size. Counting looks at each trace, so nobody can choose keys that
/// make it slow.
#[derive(Clone, Debug)]
pub struct RecentReplies {
    replies: VecDeque<RecentReply>,
    capacity: usize,
}

impl RecentReplies {
    /// A memory of so many replies. When there are more, the oldest is forgotten.
    pub fn new(capacity: usize) -> Self {
        Self { replies: VecDeque::new(), capacity }
    }

    /// Remembers a reply that was taken. One that was refused is nothing to remember: it would push out those that
    /// refusals come from.
    pub fn add(&mut self, reply: RecentReply) {
        while self.replies.len() >= self.capacity {
            if self.replies.pop_front().is_none() {
                return;
            }
        }
        self.replies.push_back(reply);
    }

    /// Forgets a reply that could not be kept after all.
    pub fn remove(&mut self, reply: &RecentReply) {
        if let Some(index) = self.replies.iter().rposition(|known| known == reply) {
            self.replies.remove(index);
        }
    }

    /// Remembers that a reply was spam.
    pub fn mark_spam(&mut self, reply: &RecentReply) {
        if let Some(known) = self.replies.iter_mut().rfind(|known| *known == reply) {
            known.is_spam = true;
        }
    }

    /// Remembers that the reply which came then and there has another text now, and counts the others with that text after a
    /// moment. One that is not remembered is not remembered by this either.
    pub fn update_text(&mut self, reply: &RecentReply, after: Timestamp) -> usize {
        let mut count = 0;
        for known in &mut self.replies {
            if known.received == reply.received && known.page == reply.page {
                known.text = reply.text;
            } else if known.received > after && known.text.is_some() && known.text == reply.text {
                count += 1;
            }
        }
        count
    }
}

impl Default for RecentReplies {
    /// A memory of 8192 replies, which is less than a megabyte.
    fn default() -> Self {
        Self::new(8192)
    }
}

impl RecentActivity for RecentReplies {
    fn count(&self, subject: Subject, after: Timestamp) -> usize {
        let counted = |is: &dyn Fn(&RecentReply) -> bool| {
            self.replies.iter().filter(|reply| reply.received > after && is(reply)).count()
        };
        match subject {
            Subject::Address(address) => counted(&|reply| reply.address == *address),
            Subject::Page(page) => {
                let page = page_key(page);
                counted(&|reply| reply.page == page && !reply.is_spam)
            }
            Subject::Wide(wide) => counted(&|reply| reply.wide == Some(*wide)),
            Subject::All => counted(&|reply| !reply.is_spam),
            Subject::Spam => counted(&|reply| reply.is_spam),
            Subject::Text(text) => counted(&|reply| reply.text == Some(*text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a moment")
    }

    fn text(comment: &str) -> ReplyText<'_> {
        ReplyText { author: None, email: None, url: None, comment }
    }

    #[test]
    fn replies_are_counted_by_what_they_share() {
        let mut memory = RecentReplies::default();
        let (one, other) = (AddressKey([1; 16]), AddressKey([2; 16]));
        let advert = "Buy replica watches at a price that nobody believes";
        memory.add(RecentReply::new(at(10), one, "/a/", &text(advert)));
        memory.add(RecentReply::new(at(20), one, "/b/", &text("Thank you!")));
        memory.add(RecentReply::new(
            at(30),
            other,
            "/a/",
            &text("buy RÉPLICA watches, at a price that: nobody believes!!"),
        ));
        memory.add(RecentReply::new(at(40), other, "/a/", &text("thank you")));
        let key = TextKey::of(&text(advert)).expect("a long text");
        for (subject, after_5, after_20) in [
            (Subject::Address(&one), 2, 0),
            (Subject::Address(&other), 2, 2),
            (Subject::Page("/a/"), 3, 2),
            (Subject::Page("/c/"), 0, 0),
            (Subject::All, 4, 2),
            (Subject::Text(&key), 2, 1),
        ] {
            assert_eq!(
                (memory.count(subject, at(5)), memory.count(subject, at(20))),
                (after_5, after_20),
                "{subject:?}"
            );
        }
        assert_eq!(TextKey::of(&text("Thank you very much!")), None);
        assert_eq!(TextKey::of(&text(&format!("{advert} https://a.example/?x=1"))), Some(key));
        assert!(TextKey::of(&text("https://a.example")).is_some());
        assert_ne!(TextKey::of(&text("https://a.example")), TextKey::of(&text("https://b.example")));
    }

    #[test]
    fn what_is_counted_is_the_trace_and_no_text_is_read_again() {
        let mut memory = RecentReplies::default();
        let advert = "Buy replica watches at a price that nobody believes";
        let trace = RecentReply::new(at(10), AddressKey([1; 16]), "/a/", &text(advert));
        memory.add(trace);
        // An attempt without a text that could be folded: all that is known of it is in its trace.
        let attempt = Attempt {
            author: None,
            email: None,
            url: None,
            comment: "",
            poses_as: None,
            page: "/a/",
            address_key: AddressKey([2; 16]),
            wide_key: None,
            received: at(20),
            form_age: None,
            honeypot_filled: false,
            proof: None,
            recent: &memory,
        };
        assert_eq!(
            RecentCounts::of(&attempt, &trace),
            RecentCounts { page: 1, all: 1, text: 1, ..RecentCounts::default() }
        );
    }

    #[test]
    fn what_was_not_kept_or_is_another_text_now_is_not_counted() {
        let mut memory = RecentReplies::default();
        let anybody = AddressKey([1; 16]);
        let (advert, praise) =
            ("Buy replica watches at a price that nobody believes", "I have never read anything as good as this");
        let trace = |second, comment| RecentReply::new(at(second), anybody, "/a/", &text(comment));
        for second in [10, 20, 20] {
            memory.add(trace(second, praise));
        }
        memory.remove(&trace(20, praise));
        memory.remove(&trace(20, advert));
        assert_eq!(memory.replies.len(), 2, "one of them, once");
        // A change finds the others with its text, never itself, however often it is tried.
        for _ in 0..2 {
            assert_eq!(memory.update_text(&trace(20, advert), at(0)), 0);
        }
        assert_eq!(memory.update_text(&trace(10, advert), at(0)), 1);
        assert_eq!(memory.update_text(&trace(10, advert), at(20)), 0, "that was too long ago");
        assert_eq!(memory.update_text(&trace(30, advert), at(0)), 2);
        let key = |comment| TextKey::of(&text(comment)).expect("a long text");
        let count = |memory: &RecentReplies, comment| memory.count(Subject::Text(&key(comment)), at(0));
        assert_eq!((memory.replies.len(), count(&memory, praise), count(&memory, advert)), (2, 0, 2));
        memory.update_text(&trace(10, "Short."), at(0));
        assert_eq!(
            (memory.update_text(&trace(20, "Short."), at(0)), count(&memory, advert)),
            (0, 0),
            "no copy is short"
        );
    }

    #[test]
    fn a_flood_of_addresses_takes_no_more_memory() {
        let mut memory = RecentReplies::default();
        for number in 0..200_000u64 {
            let mut address = [0; 16];
            address[..8].copy_from_slice(&number.to_le_bytes());
            memory.add(RecentReply::new(at(1), AddressKey(address), "/a/", &text("short")));
        }
        assert_eq!(memory.replies.len(), 8192);
        assert!(memory.replies.capacity() * size_of::<RecentReply>() < 1 << 20);
        assert_eq!(memory.count(Subject::All, at(0)), 8192);
        let mut none = RecentReplies::new(0);
        none.add(RecentReply::new(at(1), AddressKey([0; 16]), "/a/", &text("short")));
        assert!(none.replies.is_empty());
    }
}
