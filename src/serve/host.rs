//! The hosts that the preview answers to.

use std::net::{IpAddr, Ipv4Addr};

use axum::http::{HeaderMap, Uri};

use crate::http::host::{self, Host, HostName, UntrustedHost};

/// Checks that a request is for this server, which listens on `interface` and may also be called by the `trusted` host.
///
/// # Errors
/// The request is for another host, or it is unclear for which one.
pub fn check(uri: &Uri, headers: &HeaderMap, interface: IpAddr, trusted: Option<&str>) -> Result<(), UntrustedHost> {
    let trusted = trusted.and_then(Host::parse).map(|host| host.without_final_dot().name);
    host::check(uri, headers, |host| is_ours(host, interface) || trusted.as_ref() == Some(&host.name))
}

/// Whether two hosts are one port of this computer's loopback, by different names.
pub fn are_of_one_computer(one: &str, other: &str) -> bool {
    let loopback_port = |host: &str| {
        let host = Host::parse(host)?.without_final_dot();
        host.port.filter(|_| is_ours(&host, Ipv4Addr::LOCALHOST.into()))
    };
    loopback_port(one).is_some_and(|port| loopback_port(other) == Some(port))
}

/// Whether a host is the loopback or the interface. The port can be any, because it may have been forwarded.
fn is_ours(host: &Host, interface: IpAddr) -> bool {
    match &host.name {
        HostName::Address(address) => {
            let interface = interface.to_canonical();
            // A server that listens on all interfaces is reached by any of their addresses.
            // Browsers never write an IPv4 address as an IPv6 address.
            *address == address.to_canonical()
                && (address.is_loopback() || *address == interface || interface.is_unspecified())
        }
        HostName::Domain(name) => {
            name == "localhost" || name.strip_suffix(".localhost").is_some_and(|label| !label.is_empty())
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::HOST;

    use super::*;

    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn is_ours(host: &str, interface: IpAddr) -> bool {
        Host::parse(host).is_some_and(|host| super::is_ours(&host.without_final_dot(), interface))
    }

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
            "[::ffff:127.0.0.1]",
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
            assert!(!is_ours("[::ffff:192.168.1.8]", interface));
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
            check(&Uri::from_static(uri), &headers, LOOPBACK, Some("dev.example:8080"))
        };
        assert_eq!(check("/", &["dev.example"]), Ok(()));
        assert_eq!(check("/", &["dev.example:8080"]), Ok(()));
        assert_eq!(check("/", &["x.dev.example"]), Err(UntrustedHost::Named("x.dev.example".to_owned())));
        assert_eq!(check("/", &["localhost"]), Ok(()));
        assert_eq!(check("/", &[]), Err(UntrustedHost::Unclear));
        assert_eq!(check("/", &["localhost", "localhost"]), Err(UntrustedHost::Unclear));
        assert_eq!(check("http://localhost/", &["localhost"]), Ok(()));
        assert_eq!(check("http://example.org/", &["localhost"]), Err(UntrustedHost::Named("example.org".to_owned())));
        assert_eq!(check("http://localhost/", &["example.org"]), Err(UntrustedHost::Named("example.org".to_owned())));
    }
}
