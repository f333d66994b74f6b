//! From what a browser asks for to the output that it means.
//!
//! Nothing here looks at a file system: an address that is no output of the plan is no address, however it is written.

use std::net::IpAddr;

use percent_encoding::percent_decode_str;

/// What an address could mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The output at this path.
    Output(String),
    /// The output at the first path, or else the folder whose index is at the second, which is asked for with a slash at
    /// its end.
    OutputOrFolder(String, String),
    /// Nothing that could be.
    Nothing,
}

/// Reads the path of a request. `base` is the path of the site's address, with a slash at its end.
pub fn asked(path: &str, base: &str) -> Asked {
    let is_base = !path.is_empty() && path.len() + 1 == base.len() && base.starts_with(path);
    let path = if is_base { base } else { path };
    let Some(path) = path.strip_prefix(base) else { return Asked::Nothing };
    let Ok(path) = percent_decode_str(path).decode_utf8() else { return Asked::Nothing };
    let inner = path.strip_suffix('/').unwrap_or(&path);
    let is_odd = |part: &str| matches!(part, "" | "." | "..") || part.contains(|c: char| c == '\\' || c.is_control());
    if inner.is_empty() && path.is_empty() {
        Asked::Output("index.html".to_owned())
    } else if inner.split('/').any(is_odd) {
        Asked::Nothing
    } else if path.ends_with('/') {
        Asked::Output(format!("{path}index.html"))
    } else {
        Asked::OutputOrFolder(path.to_string(), format!("{path}/index.html"))
    }
}

/// Whether a `Host` header names this computer, or the interface that the author asked for.
///
/// A page of another site can make its own name mean this computer (DNS rebinding), and would then be let in by the
/// browser as if it were the preview itself. Such a request carries that name.
pub fn is_own_host(host: &str, interface: IpAddr) -> bool {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((name, port)) => (name, port),
            None => return false,
        },
        None => match host.split_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, ""),
            Some(_) => return false,
            None => (host, ""),
        },
    };
    if !port.is_empty() && !port.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit())) {
        return false;
    }
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    if name == "localhost" || name.ends_with(".localhost") {
        return true;
    }
    // Who asked for all interfaces is asked for by any of their numbers, but not by a name.
    name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback() || ip == interface || interface.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(path: &str) -> Asked {
        Asked::OutputOrFolder(path.to_owned(), format!("{path}/index.html"))
    }

    #[test]
    fn addresses_are_outputs() {
        for (path, wanted) in [
            ("/", Asked::Output("index.html".into())),
            ("/posts/tea/", Asked::Output("posts/tea/index.html".into())),
            ("/posts/tea", folder("posts/tea")),
            ("/s.css", folder("s.css")),
            ("/th%C3%A9%20vert/", Asked::Output("thé vert/index.html".into())),
            ("/%F0%9F%8D%B5", folder("🍵")),
        ] {
            assert_eq!(asked(path, "/"), wanted, "{path}");
        }
        assert_eq!(asked("/blog/a/", "/blog/"), Asked::Output("a/index.html".into()));
        assert_eq!(asked("/blog", "/blog/"), Asked::Output("index.html".into()));
        assert_eq!(asked("/a/", "/blog/"), Asked::Nothing);
    }

    #[test]
    fn odd_addresses_are_nothing() {
        for path in [
            "",
            "//",
            "//evil.example/",
            "/..",
            "/../secret",
            "/a/../../secret",
            "/%2e%2e/secret",
            "/a/%2e%2e%2fsecret",
            "/a%2f..%2f..%2fsecret",
            "/./a",
            "/a//b",
            "/a\\b",
            "/a%5c..%5cb",
            "/a%00.html",
            "/a%0d%0ab",
            "/%ff",
            "http://evil.example/",
            "*",
        ] {
            assert_eq!(asked(path, "/"), Asked::Nothing, "{path}");
        }
        // Decoded once: what is left is an odd name, and no way out.
        assert_eq!(asked("/%252e%252e/a", "/"), folder("%2e%2e/a"));
        assert_eq!(asked("/C:/windows", "/"), folder("C:/windows"));
    }

    #[test]
    fn hosts_are_this_computer_or_the_interface() {
        let local: IpAddr = [127, 0, 0, 1].into();
        for host in [
            "localhost",
            "localhost:1111",
            "LOCALHOST.",
            "blog.localhost:1",
            "127.0.0.1:1111",
            "127.8.9.1",
            "[::1]",
            "[::1]:1111",
        ] {
            assert!(is_own_host(host, local), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:1111",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "192.168.0.7",
            "[::1",
            "[::1]x",
            "localhost:1111@evil.example",
            "localhost:evil",
            "2130706433",
        ] {
            assert!(!is_own_host(host, local), "{host}");
        }
        let lan: IpAddr = [192, 168, 0, 7].into();
        assert!(is_own_host("192.168.0.7:1111", lan) && is_own_host("localhost", lan));
        assert!(!is_own_host("192.168.0.8", lan) && !is_own_host("evil.example", lan));
        let all: IpAddr = [0, 0, 0, 0].into();
        assert!(is_own_host("192.168.0.8:1111", all) && !is_own_host("evil.example", all));
    }
}
