//! Who may be asked for.
//!
//! A page from elsewhere cannot read what another origin serves, unless its own name leads here: a name's owner can
//! let it mean 127.0.0.1 for a while (DNS rebinding). The browser then says that name in the `Host` header, and there
//! it is caught. An address, unlike a name, cannot be made to mean something else.

use std::net::{IpAddr, Ipv4Addr};

use axum::http::header::HOST;
use axum::http::{HeaderMap, Uri};

/// Why a request is not answered.
#[derive(Debug, PartialEq, Eq)]
pub enum UntrustedHost {
    /// It says no host, or more than one.
    Unclear,
    /// It says a host that this server is not.
    Named(String),
}

/// Checks that a request means this server, which listens on `interface`.
pub fn check(uri: &Uri, headers: &HeaderMap, interface: IpAddr) -> Result<(), UntrustedHost> {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return Err(UntrustedHost::Unclear) };
    let named = uri.authority().map(|authority| authority.as_str().as_bytes());
    for host in [Some(host.as_bytes()), named].into_iter().flatten() {
        let host = String::from_utf8_lossy(host);
        if !is_ours(&host, interface) {
            return Err(UntrustedHost::Named(host.into_owned()));
        }
    }
    Ok(())
}

/// Whether two hosts with ports are one port of this computer's loopback, by different names.
pub fn are_of_one_computer(one: &str, other: &str) -> bool {
    let port = |host: &str| host.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
    let is_loopback = |host: &str| is_ours(host, Ipv4Addr::LOCALHOST.into());
    is_loopback(one) && is_loopback(other) && port(one).is_some() && port(one) == port(other)
}

/// Whether a host, with or without a port, is the loopback or the interface. The port may be any: it may have been
/// forwarded.
fn is_ours(host: &str, interface: IpAddr) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, port)) => (name, port),
        None => host.find(':').map_or((host, ""), |at| host.split_at(at)),
    };
    let has_port = port.strip_prefix(':').is_some_and(|port| port.bytes().all(|digit| digit.is_ascii_digit()));
    if !port.is_empty() && !has_port {
        return false;
    }
    if let Ok(address) = name.parse::<IpAddr>() {
        let (address, interface) = (address.to_canonical(), interface.to_canonical());
        // Whoever asked for all interfaces reaches the server by any of their addresses.
        return address.is_ipv6() == host.starts_with('[')
            && (address.is_loopback() || address == interface || interface.is_unspecified());
    }
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    !host.starts_with('[')
        && (name == "localhost" || name.strip_suffix(".localhost").is_some_and(|label| !label.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn a_computer_has_several_names() {
        for (one, other, expected) in [
            ("localhost:1111", "127.0.0.1:1111", true),
            ("[::1]:1111", "127.0.0.1:1111", true),
            ("blog.localhost:1111", "localhost:1111", true),
            ("localhost:1112", "127.0.0.1:1111", false),
            ("localhost", "127.0.0.1", false),
            ("192.168.1.7:1111", "127.0.0.1:1111", false),
            ("evil.example:1111", "127.0.0.1:1111", false),
        ] {
            assert_eq!(are_of_one_computer(one, other), expected, "{one} {other}");
        }
    }

    #[test]
    fn the_loopback_is_ours() {
        for host in [
            "localhost",
            "localhost:1111",
            "LocalHost:80",
            "localhost.",
            "blog.localhost:1111",
            "127.0.0.1",
            "127.0.0.1:1111",
            "127.0.0.1:",
            "[::1]",
            "[::1]:1111",
            "[0:0:0:0:0:0:0:1]:1111",
        ] {
            assert!(is_ours(host, LOOPBACK), "{host}");
        }
    }

    #[test]
    fn others_are_not() {
        for host in [
            "",
            ":1111",
            "example.org",
            "localhost.example.org",
            "examplelocalhost",
            ".localhost",
            "127.0.0.1.example.org",
            "127.0.0.1@example.org",
            "example.org@127.0.0.1",
            "user:127.0.0.1",
            "localhost:1111@example.org",
            "localhost:1111:1111",
            "localhost:+1",
            "localhost/",
            "localhost/../",
            " localhost",
            "localhost ",
            "localhost,example.org",
            "localhost..",
            "192.168.1.7",
            "0.0.0.0",
            "[::]",
            "::1",
            "[::1",
            "[::1]example.org",
            "[localhost]",
            "[127.0.0.1]",
            "2130706433",
            "0x7f.0.0.1",
            "127.1",
            "ｌocalhost",
        ] {
            assert!(!is_ours(host, LOOPBACK), "{host}");
        }
    }

    #[test]
    fn the_interface_asked_for_is_ours() {
        let interface: IpAddr = "192.168.1.7".parse().expect("an address");
        assert!(is_ours("192.168.1.7:1111", interface));
        assert!(is_ours("localhost:1111", interface));
        assert!(!is_ours("192.168.1.8:1111", interface));
        assert!(!is_ours("example.org", interface));
        let interface: IpAddr = "2001:db8::7".parse().expect("an address");
        assert!(is_ours("[2001:db8::7]:1111", interface));
        assert!(!is_ours("[2001:db8::8]:1111", interface));
        for everywhere in ["0.0.0.0", "::"] {
            let interface: IpAddr = everywhere.parse().expect("an address");
            assert!(is_ours("192.168.1.8:1111", interface));
            assert!(is_ours("[2001:db8::8]", interface));
            assert!(!is_ours("example.org", interface));
            assert!(!is_ours("my-machine.local:1111", interface));
        }
    }

    #[test]
    fn a_request_says_one_host() {
        let check = |uri: &'static str, hosts: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(HOST, host.parse().expect("a header"));
            }
            check(&Uri::from_static(uri), &headers, LOOPBACK)
        };
        assert_eq!(check("/", &["localhost"]), Ok(()));
        assert_eq!(check("/", &[]), Err(UntrustedHost::Unclear));
        assert_eq!(check("/", &["localhost", "localhost"]), Err(UntrustedHost::Unclear));
        assert_eq!(check("http://localhost/", &["localhost"]), Ok(()));
        assert_eq!(check("http://example.org/", &["localhost"]), Err(UntrustedHost::Named("example.org".to_owned())));
        assert_eq!(check("http://localhost/", &["example.org"]), Err(UntrustedHost::Named("example.org".to_owned())));
    }
}
