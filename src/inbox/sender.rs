//! Who sends: known by a hash in memory only, with a key that lives for a day.

use std::net::IpAddr;
use std::sync::Mutex;

use jiff::Timestamp;

use crate::locks::lock;
use crate::replies::Key;
use crate::replies::guard::{AddressKey, network, wide_network};

const DAY: i64 = 24 * 60 * 60;

/// The key of the day.
pub struct Senders {
    today: Mutex<(i64, Key)>,
}

impl Senders {
    /// Senders, none of whom is known.
    pub fn new(random: [u8; 32]) -> Self {
        Self { today: Mutex::new((0, Key::new(random))) }
    }

    /// What the wide network of a sender is known by, today.
    pub fn wide_key(&self, address: IpAddr, now: Timestamp) -> Option<AddressKey> {
        wide_network(address).map(|network| self.key_of(&network, now))
    }

    /// What a sender is known by, today. At midnight (UTC) everybody is new.
    pub fn key(&self, address: IpAddr, now: Timestamp) -> AddressKey {
        self.key_of(&network(address), now)
    }

    fn key_of(&self, network: &[u8], now: Timestamp) -> AddressKey {
        let day = now.as_second().div_euclid(DAY);
        let mut today = lock(&self.today);
        if today.0 != day {
            // Yesterday's key is gone, and with it what its hashes were of. The new one comes from the system; where that has
            // no random numbers, from the old one, which leads nobody back.
            let mut random = today.1.hash(b"tomorrow");
            let _ = getrandom::fill(&mut random);
            *today = (day, Key::new(random));
        }
        let hash = today.1.hash(network);
        // Half of it is enough to tell one from another.
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
