//! Who sends: known by a hash in memory only, with a key that lives for a day.

use std::net::IpAddr;
use std::sync::Mutex;

use axum::http::HeaderMap;
use jiff::Timestamp;

use crate::config::comments::Network;
use crate::locks::lock;
use crate::replies::Key;
use crate::replies::guard::{AddressKey, network, wide_network};

/// What proxies say whose request they pass on with.
const FORWARDED_FOR: &str = "x-forwarded-for";

const DAY: i64 = 24 * 60 * 60;

/// The address that a request comes from: the connection's, unless that is a trusted proxy's, which says another one.
///
/// Each proxy adds the address that it was called from at the end. So the last one that no trusted proxy has is the
/// sender's, and what stands before it was written by the sender, who may write anything.
pub fn address(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.has(address));
    let mut address = peer.to_canonical();
    // What is not ASCII stands for nobody, and must not vanish: what comes before it would take its place.
    let lines: Vec<_> =
        headers.get_all(FORWARDED_FOR).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    let said: Vec<&str> = lines.iter().flat_map(|line| line.split(',')).collect();
    for next in said.iter().rev() {
        if !is_trusted(address) {
            break;
        }
        match parse(next.trim()) {
            Some(next) => address = next.to_canonical(),
            // Nobody knows who that is; whoever passed it on is known.
            None => break,
        }
    }
    address
}

/// An address, which some proxies write with a port.
fn parse(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.split(']').next());
    text.parse().ok().or_else(|| bare?.parse().ok()).or_else(|| {
        let (address, port) = text.split_once(':')?;
        port.parse::<u16>().ok()?;
        address.parse::<std::net::Ipv4Addr>().ok().map(IpAddr::V4)
    })
}

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

    fn from(peer: &str, said: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for said in said {
            headers.append(FORWARDED_FOR, said.parse().expect("a header"));
        }
        let trusted: Vec<Network> = trusted.iter().map(|it| it.parse().expect("a network")).collect();
        address(peer.parse().expect("an address"), &headers, &trusted).to_string()
    }

    #[test]
    fn nobody_is_believed_who_is_not_trusted() {
        assert_eq!(from("203.0.113.7", &[], &[]), "203.0.113.7");
        assert_eq!(from("203.0.113.7", &["198.51.100.1"], &[]), "203.0.113.7");
        assert_eq!(from("203.0.113.7", &["198.51.100.1"], &["127.0.0.1"]), "203.0.113.7");
        assert_eq!(from("127.0.0.1", &["198.51.100.1"], &[]), "127.0.0.1");
    }

    #[test]
    fn a_trusted_proxy_says_who_called_it() {
        let local = &["127.0.0.1", "10.0.0.0/8"];
        assert_eq!(from("127.0.0.1", &["198.51.100.1"], local), "198.51.100.1");
        assert_eq!(from("::ffff:127.0.0.1", &["198.51.100.1"], local), "198.51.100.1");
        assert_eq!(from("127.0.0.1", &["198.51.100.1:4711"], local), "198.51.100.1");
        assert_eq!(from("127.0.0.1", &["[2001:db8::1]:4711"], local), "2001:db8::1");
        assert_eq!(from("127.0.0.1", &["2001:db8::1"], local), "2001:db8::1");
        // What the sender wrote itself stands before what the proxies wrote.
        assert_eq!(from("127.0.0.1", &["10.9.9.9, 127.0.0.1, 198.51.100.1"], local), "198.51.100.1");
        assert_eq!(from("127.0.0.1", &["1.2.3.4", "198.51.100.1, 10.0.0.7"], local), "198.51.100.1");
        assert_eq!(from("127.0.0.1", &["1.2.3.4, 198.51.100.1"], local), "198.51.100.1");
        for nonsense in ["", "unknown", "_hidden", "1.2.3.4.5", "198.51.100.1 x", "198.51.100.1:x", "\u{e9}"] {
            assert_eq!(from("127.0.0.1", &[nonsense], local), "127.0.0.1", "{nonsense}");
            assert_eq!(from("127.0.0.1", &["1.2.3.4", &format!("{nonsense},10.0.0.7")], local), "10.0.0.7");
        }
    }

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
