//! Which hosts may be requested: public ones, and those that the caller allows by name.

use std::net::IpAddr;
use std::str::FromStr;

use url::{Host, Url};

use super::address::private_range;

/// A host that may be requested whatever its address, with one port or with all.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AllowedHost {
    host: String,
    port: Option<u16>,
}

impl AllowedHost {
    fn covers(&self, host: &str, port: u16) -> bool {
        self.host == host && self.port.is_none_or(|own| own == port)
    }
}

impl FromStr for AllowedHost {
    type Err = &'static str;

    /// Parses `nas.local`, `localhost:8080`, `10.0.0.7` or `[::1]:8080`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const HELP: &str =
            "write a host and, where only one port is meant, its port, such as `nas.local` or `localhost:8080`";
        if text.contains(['/', '?', '#', '@', '*']) || text.trim() != text {
            return Err(HELP);
        }
        // The scheme decides which port a URL does not mention, so one that has no such port.
        let url = Url::parse(&format!("http://{text}/")).map_err(|_| HELP)?;
        let has_port = text.rsplit_once(':').is_some_and(|(_, end)| !end.is_empty() && !end.ends_with(']'));
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(HELP)?;
        let port = if has_port { Some(url.port_or_known_default().ok_or(HELP)?) } else { None };
        Ok(Self { host: bare(host).to_owned(), port })
    }
}

/// A reason why a host may not be requested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostRefusal {
    /// The host, with its port if that is not the usual one.
    pub host: String,
    reason: String,
}

impl std::error::Error for HostRefusal {}

impl std::fmt::Display for HostRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.reason)
    }
}

/// Refuses a URL because of the name of its host. The addresses behind a name are checked when it is resolved.
pub fn check_name(url: &Url, allowed: &[AllowedHost]) -> Result<(), HostRefusal> {
    let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else { return Ok(()) };
    let name = bare(url.host_str().unwrap_or_default());
    if is_allowed(allowed, name, port) {
        return Ok(());
    }
    match host {
        Host::Ipv4(address) => check_address(name, url.port(), address.into()),
        Host::Ipv6(address) => check_address(name, url.port(), address.into()),
        Host::Domain(_) => {
            let is_local =
                |end: &str| name.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
            if !name.contains('.') || ["localhost", "local", "internal", "home.arpa"].into_iter().any(is_local) {
                let reason = format!("`{name}` is a name of a local network");
                return Err(HostRefusal { host: with_port(name, url.port()), reason });
            }
            Ok(())
        }
    }
}

/// Refuses a private address of a host that is not allowed by name.
pub fn check_address(host: &str, port: Option<u16>, address: IpAddr) -> Result<(), HostRefusal> {
    let Some(range) = private_range(address) else { return Ok(()) };
    let reason = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(_) => format!("`{address}` is not a public address ({range})"),
        Err(_) => format!("`{host}` leads to {address}, which is not a public address ({range})"),
    };
    Err(HostRefusal { host: with_port(host, port), reason })
}

/// Whether a host is allowed whatever its address.
pub fn is_allowed(allowed: &[AllowedHost], host: &str, port: u16) -> bool {
    allowed.iter().any(|entry| entry.covers(bare(host), port))
}

/// A host without the dot that may end a whole domain name.
fn bare(host: &str) -> &str {
    host.trim_end_matches('.')
}

fn with_port(host: &str, port: Option<u16>) -> String {
    match port {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_allowed_with_one_port_or_with_all() {
        for (entry, url, expected) in [
            ("localhost", "http://localhost/", true),
            ("localhost", "http://LOCALHOST.:8080/", true),
            ("localhost:8080", "http://localhost:8080/", true),
            ("localhost:8080", "http://localhost/", false),
            ("localhost:80", "http://localhost/", true),
            ("localhost:80", "https://localhost/", false),
            ("localhost:443", "https://localhost/", true),
            ("nas.local", "http://other.nas.local/", false),
            ("10.0.0.7", "http://10.0.0.7/", true),
            ("10.0.0.7", "http://0xa000007/", true),
            ("10.0.0.7", "http://10.0.0.8/", false),
            ("[::1]:99", "http://[::1]:99/", true),
            ("[::1]", "http://[::1]:99/", true),
            ("[::1]:98", "http://[::1]:99/", false),
        ] {
            let allowed = [entry.parse().unwrap()];
            assert_eq!(check_name(&Url::parse(url).unwrap(), &allowed).is_ok(), expected, "{entry} {url}");
        }
        for wrong in ["", " ", "a b", "http://a", "a/b", "a:x", "a:99999", "me@a", "*.local", "a?", "[::1"] {
            assert!(wrong.parse::<AllowedHost>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn every_spelling_of_a_private_host_is_refused() {
        for url in [
            "http://localhost/",
            "http://blog.localhost./",
            "http://printer/",
            "http://printer.local/",
            "http://metadata.google.internal/",
            "http://box.home.arpa/",
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.0.0.1/",
            "http://0177.0.0.1/",
            "http://①②⑦.0.0.1/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://0/",
            "http://169.254.169.254/latest/",
        ] {
            assert!(check_name(&Url::parse(url).unwrap(), &[]).is_err(), "{url}");
        }
        for url in [
            "https://example.org/",
            "https://localhost.example.org/",
            "https://mylocal/x".replace("mylocal", "my.locality").as_str(),
        ] {
            assert!(check_name(&Url::parse(url).unwrap(), &[]).is_ok(), "{url}");
        }
    }
}
