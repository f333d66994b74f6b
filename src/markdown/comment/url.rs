//! The URLs that a comment may link to.
//!
//! This is a list of what is allowed, not of what is forbidden. A URL that is not clearly on it stays text: browsers
//! and filters never agree on every strange URL, and attacks use the difference.

use std::fmt::Write as _;

/// Returns a URL as the value of an attribute in double quotes; none if a comment must not link to it.
///
/// Allowed are `http` and `https` with a host name in ASCII, and `mailto`. Two hosts in other scripts can look the
/// same, so they stay text. So do user names and passwords before a host.
pub(super) fn attribute(url: &str) -> Option<String> {
    // Browsers remove white space and control characters at the ends of a URL, and line breaks everywhere (WHATWG URL,
    // 4.4). Spaces may be an oversight; the others are not.
    let url = url.trim_matches(' ');
    if url.contains(|c: char| c.is_control()) {
        return None;
    }
    let (scheme, rest) = url.split_once(':')?;
    let scheme = ["http", "https", "mailto"].into_iter().find(|known| known.eq_ignore_ascii_case(scheme))?;
    let mut out = String::with_capacity(url.len() + 16);
    out.push_str(scheme);
    out.push(':');
    if scheme == "mailto" {
        if rest.is_empty() {
            return None;
        }
        push(&mut out, rest);
        return Some(out);
    }
    let rest = rest.strip_prefix("//")?;
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if !is_host_and_port(authority) {
        return None;
    }
    out.push_str("//");
    out.push_str(authority);
    push(&mut out, path);
    Some(out)
}

/// Whether a text is the name or address of a host, with or without a port.
fn is_host_and_port(authority: &str) -> bool {
    let (host, port) = authority.split_once(':').unwrap_or((authority, "80"));
    let is_port = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok();
    is_port && host.len() <= 253 && host.split('.').all(is_label) && (!ends_in_number(host) || is_ipv4(host))
}

/// Whether a text is one label of a host name. A label that begins with `xn--` encodes letters of other scripts.
fn is_label(label: &str) -> bool {
    let plain = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let encoded = label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"));
    let ends = |c: char| c.is_ascii_alphanumeric();
    plain && !encoded && label.len() <= 63 && label.starts_with(ends) && label.ends_with(ends)
}

/// Whether browsers parse a host as an IPv4 address (WHATWG URL, 3.5).
fn ends_in_number(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    let hexadecimal = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    last.bytes().all(|b| b.is_ascii_digit())
        || hexadecimal.is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Whether a host is an IPv4 address in its usual form. The other forms mostly serve to hide where a link leads.
fn is_ipv4(host: &str) -> bool {
    host.parse::<std::net::Ipv4Addr>().is_ok()
}

/// Appends the rest of a URL. Characters that do not belong into one, or could end the attribute, are percent-encoded.
fn push(out: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'&' => out.push_str("&amp;"),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(char::from(byte)),
            _ if b"-._~:/?#[]@!$()*+,;=%".contains(&byte) => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_urls_are_allowed() {
        for (url, expected) in [
            ("https://example.org", "https://example.org"),
            (" HTTP://Example.org:8080/a?b=c&d#e ", "http://Example.org:8080/a?b=c&amp;d#e"),
            ("https://example.org/\"'<>`é a", "https://example.org/%22%27%3C%3E%60%C3%A9%20a"),
            ("http://127.0.0.1/", "http://127.0.0.1/"),
            ("http://localhost", "http://localhost"),
            ("https://1.example/", "https://1.example/"),
            ("MailTo:jo@example.org?subject=a b", "mailto:jo@example.org?subject=a%20b"),
        ] {
            assert_eq!(attribute(url).as_deref(), Some(expected), "{url}");
        }
    }

    #[test]
    fn everything_else_is_text() {
        for url in [
            "",
            "a",
            "/a",
            "//example.org",
            "?x",
            "#x",
            "javascript:alert(1)",
            "java\nscript:alert(1)",
            "ht\ttp://example.org",
            "\u{1}javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "ftp://example.org",
            "file:///etc/passwd",
            "http:example.org",
            "http:/example.org",
            "https:\\\\example.org",
            "https:///example.org",
            "https://",
            "https://?x",
            "https://user@example.org",
            "https://example.org@evil.example",
            "https://exa mple.org",
            "https://ex%61mple.org",
            "https://example..org",
            "https://example.org.",
            "https://---",
            "https://-a.example",
            "https://_",
            "https://example.org:",
            "https://example.org:99999",
            "https://example.org:+80",
            "https://example.org\\@evil.example",
            "https://münchen.example",
            "https://XN--mnchen-3ya.example",
            "https://[::1]/",
            "https://1.2.3",
            "https://0x7f.1",
            "https://256.1.1.1",
            "https://01.1.1.1",
            "https://example.org/\u{0}",
            "https://example.org/\u{7f}",
            "mailto:",
            ":",
            "://",
        ] {
            assert_eq!(attribute(url), None, "{url}");
        }
    }
}
