//! The address of a client behind proxies.

use std::net::IpAddr;

use axum::http::HeaderMap;

use crate::config::comments::Network;

/// Where proxies state the address of the client whose request they pass on.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Returns the address that a request comes from: the address of the connection, or the one that a trusted proxy states.
///
/// Each proxy appends the address from which it was called. The last address that does not belong to a trusted proxy is
/// the client's. The client may have written everything before it.
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.has(address));
    let mut address = peer.to_canonical();
    // A value that is not ASCII must not vanish: the value before it would take its place.
    let lines: Vec<_> =
        headers.get_all(FORWARDED_FOR).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    let stated: Vec<&str> = lines.iter().flat_map(|line| line.split(',')).collect();
    for next in stated.iter().rev() {
        if !is_trusted(address) {
            break;
        }
        match parse(next.trim()) {
            Some(next) => address = next.to_canonical(),
            // The client is unknown; the proxy that passed the request on is known.
            None => break,
        }
    }
    address
}

/// Parses an address, which some proxies write with a port.
fn parse(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.split(']').next());
    text.parse().ok().or_else(|| bare?.parse().ok()).or_else(|| {
        let (address, port) = text.split_once(':')?;
        port.parse::<u16>().ok()?;
        address.parse::<std::net::Ipv4Addr>().ok().map(IpAddr::V4)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(peer: &str, stated: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for stated in stated {
            headers.append(FORWARDED_FOR, stated.parse().expect("a header"));
        }
        let trusted: Vec<Network> = trusted.iter().map(|it| it.parse().expect("a network")).collect();
        client_address(peer.parse().expect("an address"), &headers, &trusted).to_string()
    }

    #[test]
    fn an_untrusted_proxy_is_not_believed() {
        assert_eq!(from("203.0.113.7", &[], &[]), "203.0.113.7");
        assert_eq!(from("203.0.113.7", &["198.51.100.1"], &[]), "203.0.113.7");
        assert_eq!(from("203.0.113.7", &["198.51.100.1"], &["127.0.0.1"]), "203.0.113.7");
        assert_eq!(from("127.0.0.1", &["198.51.100.1"], &[]), "127.0.0.1");
    }

    #[test]
    fn a_trusted_proxy_states_its_client() {
        let local = &["127.0.0.1", "10.0.0.0/8"];
        assert_eq!(from("127.0.0.1", &["198.51.100.1"], local), "198.51.100.1");
        assert_eq!(from("::ffff:127.0.0.1", &["198.51.100.1"], local), "198.51.100.1");
        assert_eq!(from("127.0.0.1", &["198.51.100.1:4711"], local), "198.51.100.1");
        assert_eq!(from("127.0.0.1", &["[2001:db8::1]:4711"], local), "2001:db8::1");
        assert_eq!(from("127.0.0.1", &["2001:db8::1"], local), "2001:db8::1");
        // What the client wrote stands before what the proxies wrote.
        assert_eq!(from("127.0.0.1", &["10.9.9.9, 127.0.0.1, 198.51.100.1"], local), "198.51.100.1");
        assert_eq!(from("127.0.0.1", &["1.2.3.4", "198.51.100.1, 10.0.0.7"], local), "198.51.100.1");
        assert_eq!(from("127.0.0.1", &["1.2.3.4, 198.51.100.1"], local), "198.51.100.1");
        for nonsense in ["", "unknown", "_hidden", "1.2.3.4.5", "198.51.100.1 x", "198.51.100.1:x", "\u{e9}"] {
            assert_eq!(from("127.0.0.1", &[nonsense], local), "127.0.0.1", "{nonsense}");
            assert_eq!(from("127.0.0.1", &["1.2.3.4", &format!("{nonsense},10.0.0.7")], local), "10.0.0.7");
        }
    }
}
