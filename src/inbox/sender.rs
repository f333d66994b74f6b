//! The senders of replies, as hashes of their addresses. They are in memory only, and the key of the hashes changes every day.

use std::net::IpAddr;
use std::sync::Mutex;

use jiff::Timestamp;

use crate::locks::lock;
use crate::replies::Key;
use crate::replies::guard::{AddressKey, network, wide_network};

const DAY: i64 = 24 * 60 * 60;

/// Hashes the addresses of senders.
pub struct Senders {
    /// The current day since 1970, and its key.
    today: Mutex<(i64, Key)>,
}

impl Senders {
    /// Creates a hasher with a random key.
    pub fn new(random: [u8; 32]) -> Self {
        Self { today: Mutex::new((0, Key::new(random))) }
    }

    /// Returns the hash of the wide network of an address, for today.
    pub fn wide_key(&self, address: IpAddr, now: Timestamp) -> Option<AddressKey> {
        wide_network(address).map(|network| self.key_of(&network, now))
    }

    /// Returns the hash of an address, for today. It changes at midnight (UTC).
    pub fn key(&self, address: IpAddr, now: Timestamp) -> AddressKey {
        self.key_of(&network(address), now)
    }

    fn key_of(&self, network: &[u8], now: Timestamp) -> AddressKey {
        let day = now.as_second().div_euclid(DAY);
        let mut today = lock(&self.today);
        if today.0 != day {
            // Without yesterday's key, nobody can compute yesterday's hashes. The new key comes from the system. Without random
            // numbers it is derived from the old key, which cannot be computed from it.
            let mut random = today.1.hash(b"tomorrow");
            let _ = getrandom::fill(&mut random);
            *today = (day, Key::new(random));
        }
        let hash = today.1.hash(network);
        // Half of the hash is enough to distinguish addresses.
        AddressKey(std::array::from_fn(|place| hash[place]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_known_for_a_day() {
        let senders = Senders::new([1; 32]);
        let key = |address: &str, second| {
            senders.key(address.parse().expect("an address"), Timestamp::from_second(second).expect("a moment"))
        };
        let first = key("203.0.113.7", 1000);
        assert_eq!(key("203.0.113.7", DAY - 1), first);
        assert_ne!(key("203.0.113.8", 1000), first);
        assert_eq!(key("2001:db8::1", 1000), key("2001:db8::ffff:1", 1000));
        assert_ne!(key("2001:db8::1", 1000), key("2001:db8:0:1::1", 1000));
        assert_ne!(key("203.0.113.7", DAY), first);
        assert_ne!(key("203.0.113.7", 1000), first, "even if the clock goes back");
    }
}
