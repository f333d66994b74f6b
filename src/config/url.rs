//! Whether an address in the configuration is one.

use std::ops::Range;

/// Whether `?` and `#` may stand in a URL.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Query {
    Allowed,
    Forbidden,
}

/// What is wrong with a URL, where in it, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    pub message: &'static str,
    pub span: Range<usize>,
    pub help: &'static str,
}

/// Whether a character may stand in a URL as it is. Letters beyond ASCII may: browsers encode them.
pub fn is_plain(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
}

/// Parts the address of a site at the end of its host: `https://a.example` and `/blog`.
pub fn split_origin(url: &str) -> (&str, &str) {
    let end = url.match_indices('/').nth(2).map_or(url.len(), |(at, _)| at);
    url.split_at(end)
}

/// The address of a path below a site's own. Of what the gentler ways to make slugs leave in a path, a space is what no address can
/// have.
pub fn address_below(base_url: &str, path: &str) -> String {
    format!("{base_url}/{}", path.trim_start_matches('/').replace(' ', "%20"))
}

/// Checks that a text is an absolute `http` or `https` URL (RFC 3986, with the letters of RFC 3987).
pub fn check(text: &str, query: Query) -> Result<(), Fault> {
    let fault = |message, span, help| Err(Fault { message, span, help });
    let whole = 0..text.len();
    let scheme = ["https://", "http://"]
        .iter()
        .find(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    let Some(scheme) = scheme else {
        let help = "write it in full, with https:// at the beginning, as in https://example.org";
        return fault("this is not a web address", whole, help);
    };
    if let Some((at, c)) = text.char_indices().find(|(_, c)| !is_plain(*c)) {
        let help = "remove it, or write it in percent encoding (a space is %20)";
        return fault("a web address cannot hold this character", at..at + c.len_utf8(), help);
    }
    let rest = &text[scheme.len()..];
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let start = scheme.len();
    let place = start..start + authority.len();
    if authority.contains('@') {
        let help = "everybody who reads the site would read them; leave out what stands before the @";
        return fault("a web address should not hold a user's name or password", place, help);
    }
    let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) if address.parse::<std::net::Ipv6Addr>().is_ok() => (address, port),
        Some(_) => return fault("this is not a host's address", place, "for example: https://example.org"),
        None => authority.find(':').map_or((authority, ""), |at| authority.split_at(at)),
    };
    let odd = |c: char| c.is_ascii_punctuation() && !matches!(c, '.' | '-' | '_' | ':');
    if host.trim_matches('.').is_empty() || host.contains(odd) {
        return fault("this web address has no host", place, "for example: https://example.org");
    }
    let number = port.strip_prefix(':').unwrap_or(if port.is_empty() { "443" } else { port });
    if number.parse::<u16>().is_err() {
        return fault("this is not a port", place, "a port is a number up to 65535, as in http://127.0.0.1:8080");
    }
    if query == Query::Forbidden
        && let Some(at) = text.find(['?', '#'])
    {
        let help = "leave out what follows the path: every address of the site begins with this one";
        return fault("the address of a site has neither a query nor an anchor", at..text.len(), help);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_web_address() {
        for good in [
            "https://example.org",
            "HTTP://example.org/",
            "https://example.org/a/b%20c/",
            "http://127.0.0.1:1111",
            "http://[::1]:8080/x",
            "http://localhost",
            "https://münchen.example/straße",
        ] {
            assert_eq!(check(good, Query::Forbidden), Ok(()), "{good}");
        }
        for (bad, span) in [
            ("", 0..0),
            ("/", 0..1),
            ("example.org", 0..11),
            ("ftp://example.org", 0..17),
            ("https://", 8..8),
            ("https:///x", 8..8),
            ("https://a b/", 9..10),
            ("https://a.b/\u{1b}", 12..13),
            ("https://user:word@a.b/", 8..21),
            ("https://a.b:99999/", 8..17),
            ("https://a.b:/", 8..12),
            ("https://[zz]/", 8..12),
            ("https://a.b/?x", 12..14),
            ("https://a.b#x", 11..13),
        ] {
            assert_eq!(check(bad, Query::Forbidden).unwrap_err().span, span, "{bad}");
        }
        assert_eq!(check("https://a.b/?x#y", Query::Allowed), Ok(()));
    }
}
