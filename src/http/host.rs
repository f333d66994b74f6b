//! The host that a request names.
//!
//! The owner of a name can let it resolve to this machine for a while (DNS rebinding). Pages of that name could then read
//! the server's responses. The browser states the name in the `Host` header, where the server refuses it. An address,
//! unlike a name, cannot be made to mean something else.

use std::net::IpAddr;

use axum::http::header::HOST;
use axum::http::{HeaderMap, Uri};

/// A host, with its port if one is stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The host without its port.
    pub name: HostName,
    /// The port, if it is stated and exists.
    pub port: Option<u16>,
}

/// The name or the address of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostName {
    /// An address.
    Address(IpAddr),
    /// A name in small letters. A dot may stand at its end.
    Domain(String),
}

impl Host {
    /// Parses `HOST` or `HOST:PORT`. The syntax is strict: a browser sends nothing else.
    pub fn parse(authority: &str) -> Option<Self> {
        let end = match authority.strip_prefix('[') {
            Some(rest) => rest.find(']')? + 2,
            None => authority.find(':').unwrap_or(authority.len()),
        };
        let (name, port) = authority.split_at(end);
        let port = match port.strip_prefix(':') {
            Some(digits) if digits.bytes().all(|digit| digit.is_ascii_digit()) => digits.parse().ok(),
            None if port.is_empty() => None,
            _ => return None,
        };
        // The parser also understands `127.1`, `0x7f.0.0.1` and letters that stand for others. It is meant for addresses
        // that people type; a host that it would have to change is refused here.
        let name = match url::Host::parse(name).ok()? {
            url::Host::Ipv6(address) => HostName::Address(address.into()),
            url::Host::Ipv4(address) if address.to_string() == name => HostName::Address(address.into()),
            url::Host::Domain(domain) if domain.eq_ignore_ascii_case(name) && domain != "." => {
                HostName::Domain(domain.to_ascii_lowercase())
            }
            _ => return None,
        };
        Some(Self { name, port })
    }

    /// Returns the same host without a dot at the end of its name. Both mean one machine, but browsers treat them as two
    /// origins.
    pub fn without_final_dot(mut self) -> Self {
        if let HostName::Domain(name) = &mut self.name
            && name.ends_with('.')
        {
            name.pop();
        }
        self
    }

    /// Whether this is an address, or the name that always means this machine.
    pub fn is_address_or_localhost(&self) -> bool {
        match &self.name {
            HostName::Address(_) => true,
            HostName::Domain(name) => name == "localhost",
        }
    }
}

/// Why a server refuses a request for another host.
#[derive(Debug, PartialEq, Eq)]
pub enum UntrustedHost {
    /// The request names no host, or more than one.
    Unclear,
    /// The request names a host that is not this server.
    Named(String),
}

/// Checks that all hosts that a request names are this server: the one of its `Host` header, and the one of its address if
/// that has one. `is_ours` gets each host without a dot at its end.
///
/// # Errors
/// A host is not this server, or it is unclear which one is meant.
pub fn check(uri: &Uri, headers: &HeaderMap, is_ours: impl Fn(&Host) -> bool) -> Result<(), UntrustedHost> {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return Err(UntrustedHost::Unclear) };
    let in_address = uri.authority().map(|authority| authority.as_str().as_bytes());
    for host in [Some(host.as_bytes()), in_address].into_iter().flatten() {
        let host = String::from_utf8_lossy(host);
        if !Host::parse(&host).is_some_and(|host| is_ours(&host.without_final_dot())) {
            return Err(UntrustedHost::Named(host.into_owned()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_parsed_strictly() {
        let name = |text: &str| Host::parse(text).map(|host| host.name);
        let domain = |text: &str| Some(HostName::Domain(text.to_owned()));
        let address = |text: &str| Some(HostName::Address(text.parse().expect("an address")));
        assert_eq!(name("Tea.Example"), domain("tea.example"));
        assert_eq!(name("tea.example.:80"), domain("tea.example."));
        assert_eq!(name("my_inbox:"), domain("my_inbox"));
        assert_eq!(name("xn--th-cja.example"), domain("xn--th-cja.example"));
        assert_eq!(name("127.0.0.1:80"), address("127.0.0.1"));
        assert_eq!(name("[::FFFF:127.0.0.1]"), address("::ffff:127.0.0.1"));
        assert_eq!(name("[2001:DB8::7]:80"), address("2001:db8::7"));
        for bad in [
            "",
            ".",
            ":80",
            "a b",
            "a/b",
            "a@b",
            "a:b",
            "a:80:80",
            "a:+1",
            "a%2eb",
            "127.1",
            "1",
            "0x7f.0.0.1",
            "127.0.0.01",
            "127.0.0.1.",
            "thé.example",
            "::1",
            "[::1",
            "[::1]80",
            "[::1]a",
            "[a]",
            "[127.0.0.1]",
            "[::1%25lo]",
        ] {
            assert_eq!(name(bad), None, "{bad}");
        }
        let port = |text: &str| Host::parse(text).expect("a host").port;
        assert_eq!((port("a:80"), port("[::1]:81"), port("a"), port("a:")), (Some(80), Some(81), None, None));
        assert_eq!(port("a:99999"), None);
    }

    #[test]
    fn a_dot_at_the_end_of_a_name_can_be_left_out() {
        let name = |text: &str| Host::parse(text).map(|host| host.without_final_dot().name);
        let domain = |text: &str| Some(HostName::Domain(text.to_owned()));
        assert_eq!(name("localhost"), domain("localhost"));
        assert_eq!(name("localhost.:80"), domain("localhost"));
        assert_ne!(name("localhost.."), domain("localhost"));
    }
}
