//! Whether an address in the configuration is one.

use std::ops::Range;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::nfc::nfc;

/// Whether `?` and `#` may stand in a URL.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum QueryRule {
    Allowed,
    Forbidden,
}

/// What is wrong with a URL, where in it, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub struct UrlProblem {
    pub message: &'static str,
    pub span: Range<usize>,
    pub help: &'static str,
}

/// Whether a character may stand in a URL as it is. Letters beyond ASCII may: browsers encode them.
pub fn is_plain(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
}

/// The scheme that a URL begins with, without its colon (RFC 3986, section 3.1). There are more in use than any list has.
pub fn scheme(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once(':')?;
    let is_of_scheme = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic()) && scheme.bytes().all(is_of_scheme);
    is_scheme.then_some(scheme)
}

/// Whether an author means a URL and not a path of the site, which may have a colon in it: `https://a.example/`, `//a.example/`
/// or `mailto:jo@a.example`.
pub fn is_whole_url(url: &str) -> bool {
    let is_url = |scheme: &str| {
        url[scheme.len()..].starts_with("://") || matches!(scheme, "mailto" | "tel" | "xmpp" | "sms" | "geo")
    };
    url.starts_with("//") && !url.starts_with("///") || scheme(url).is_some_and(is_url)
}

/// Whether this is http or https, a host, and no character that an address cannot have.
pub fn is_web_address(url: &str) -> bool {
    let strip =
        |scheme: &str| url.get(..scheme.len()).filter(|s| s.eq_ignore_ascii_case(scheme)).map(|s| &url[s.len()..]);
    let Some(rest) = strip("https://").or_else(|| strip("http://")) else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    !host.is_empty()
        && !host.starts_with([':', '@'])
        && !url.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>' | '\\' | '`'))
}

/// Parts the address of a site at the end of its host: `https://a.example` and `/blog`. A path alone has no host.
pub fn split_origin(url: &str) -> (&str, &str) {
    let end = match url.starts_with('/') {
        true => 0,
        false => url.match_indices('/').nth(2).map_or(url.len(), |(at, _)| at),
    };
    url.split_at(end)
}

/// What must be percent-encoded in a part of a path: all but what RFC 3986 (section 3.3) lets stand there. `&` and `'` may stand
/// there too, but not in every attribute, script and feed that an address is put into.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@')
    .remove(b'/');

/// The same in an address that an author wrote. Braces stay: scripts replace what stands in them, as in `/style-${mode}.css`.
const WRITTEN: &AsciiSet = &PATH.remove(b'{').remove(b'}');

/// The same for a query and an anchor.
const QUERY: &AsciiSet = &WRITTEN.remove(b'?').remove(b'&');

/// The address of a path below a site's own. The path names things as they are: each of its parts is percent-encoded.
pub fn address_below(base_url: &str, path: &str) -> String {
    format!("{base_url}/{}", encode_path(path.trim_start_matches('/')))
}

/// The parts of a path, percent-encoded, as they stand in an address.
pub fn encode_path(path: &str) -> String {
    utf8_percent_encode(&nfc(path), PATH).to_string()
}

/// The path of an address that an author wrote, and its query and anchor. What is percent-encoded already stays as it is, and what
/// no address can have is percent-encoded, except for braces.
pub fn encode_written(url: &str) -> (String, String) {
    let (path, rest) = url.split_at(url.find(['?', '#']).unwrap_or(url.len()));
    let (query, anchor) = rest.split_at(rest.find('#').unwrap_or(rest.len()));
    let anchor = anchor.strip_prefix('#').map(|anchor| format!("#{}", encode_again(anchor, QUERY)));
    (encode_again(&nfc(path), WRITTEN), encode_again(query, QUERY) + anchor.as_deref().unwrap_or_default())
}

fn encode_again(text: &str, set: &'static AsciiSet) -> String {
    let is_encoded = |at: usize| {
        let digits = text.as_bytes().get(at + 1..at + 3);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let mut encoded = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            '%' if is_encoded(at) => encoded.push('%'),
            c => encoded.extend(utf8_percent_encode(c.encode_utf8(&mut [0; 4]), set)),
        }
    }
    encoded
}

/// Checks that a text can be the address of a site: an absolute URL, or a path from the root of whatever host serves the site.
pub fn check_base_url(text: &str) -> Result<(), UrlProblem> {
    if !text.starts_with('/') || text.starts_with("//") {
        return check(text, QueryRule::Forbidden);
    }
    let fault = |message, span, help| Err(UrlProblem { message, span, help });
    check_characters(text)?;
    check_query(text)?;
    let mut parts = text.strip_suffix('/').unwrap_or(text).split('/').skip(1);
    if parts.any(|part| matches!(part, "" | "." | "..")) {
        return fault("this is not the path of a site", 0..text.len(), "for example: / or /blog/");
    }
    Ok(())
}

fn check_characters(text: &str) -> Result<(), UrlProblem> {
    let Some((at, c)) = text.char_indices().find(|(_, c)| !is_plain(*c)) else { return Ok(()) };
    Err(UrlProblem {
        message: "a web address cannot hold this character",
        span: at..at + c.len_utf8(),
        help: "remove it, or write it in percent encoding (a space is %20)",
    })
}

fn check_query(text: &str) -> Result<(), UrlProblem> {
    let Some(at) = text.find(['?', '#']) else { return Ok(()) };
    Err(UrlProblem {
        message: "the address of a site has neither a query nor an anchor",
        span: at..text.len(),
        help: "leave out what follows the path: every address of the site begins with this one",
    })
}

/// Checks that a text is an absolute `http` or `https` URL (RFC 3986, with the letters of RFC 3987).
pub fn check(text: &str, query: QueryRule) -> Result<(), UrlProblem> {
    let fault = |message, span, help| Err(UrlProblem { message, span, help });
    let whole = 0..text.len();
    let scheme = ["https://", "http://"]
        .iter()
        .find(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    let Some(scheme) = scheme else {
        let help = "write it in full, with https:// at the beginning, as in https://example.org";
        return fault("this is not a web address", whole, help);
    };
    check_characters(text)?;
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
    if query == QueryRule::Forbidden {
        check_query(text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_encoded_once() {
        for (path, expected) in [
            ("/tags/C#/", "https://a.b/tags/C%23/"),
            ("a%20b/100%/", "https://a.b/a%2520b/100%25/"),
            ("why?/R&B/it's", "https://a.b/why%3F/R%26B/it%27s"),
            ("C++/a:b@c;d=e,f!(g)*~$/", "https://a.b/C++/a:b@c;d=e,f!(g)*~$/"),
            ("日本/\"<[x]>\"", "https://a.b/%E6%97%A5%E6%9C%AC/%22%3C%5Bx%5D%3E%22"),
            ("", "https://a.b/"),
        ] {
            assert_eq!(address_below("https://a.b", path), expected);
        }
        for (written, path, rest) in [
            ("a%20b c/100%/%zz", "a%20b%20c/100%25/%25zz", ""),
            ("thé?a=1&b=é#x y#z", "th%C3%A9", "?a=1&b=%C3%A9#x%20y%23z"),
            ("#é?", "", "#%C3%A9?"),
            ("a-${b}%7B.css?c={d}%7d", "a-${b}%7B.css", "?c={d}%7d"),
        ] {
            assert_eq!(encode_written(written), (path.to_owned(), rest.to_owned()));
        }
    }

    #[test]
    fn a_whole_url_has_a_scheme_or_a_host() {
        for whole in ["https://a.example", "x-y+z.1://a", "//a.example/b", "mailto:jo@a.example", "tel:1"] {
            assert!(is_whole_url(whole), "{whole}");
        }
        for path in ["", "a", "/a", "///a", "a:b", "a:b://c", "1://a", "é://a", "://a", "a/b:c", "mailto"] {
            assert!(!is_whole_url(path), "{path}");
        }
        for (url, expected) in
            [("a:b", Some("a")), ("data:,", Some("data")), ("a/b:c", None), (":a", None), ("1:a", None)]
        {
            assert_eq!(scheme(url), expected, "{url}");
        }
    }

    #[test]
    fn the_address_of_a_site_can_be_a_path() {
        for good in ["/", "/blog", "/blog/", "/a%20b/c/", "/straße/", "https://example.org/blog"] {
            assert_eq!(check_base_url(good), Ok(()), "{good}");
        }
        for (bad, span) in [
            ("", 0..0),
            ("//", 0..2),
            ("//example.org", 0..13),
            ("/a//b", 0..5),
            ("/..", 0..3),
            ("/a/./b/", 0..7),
            ("/a b", 2..3),
            ("/\\example.org", 1..2),
            ("/a?b", 2..4),
            ("/#b", 1..3),
            ("blog/", 0..5),
        ] {
            assert_eq!(check_base_url(bad).unwrap_err().span, span, "{bad}");
        }
        for (url, parts) in [
            ("https://a.b/c", ("https://a.b", "/c")),
            ("https://a.b", ("https://a.b", "")),
            ("/c/d", ("", "/c/d")),
            ("", ("", "")),
        ] {
            assert_eq!(split_origin(url), parts, "{url}");
        }
    }

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
            assert_eq!(check(good, QueryRule::Forbidden), Ok(()), "{good}");
        }
        for (bad, span) in [
            ("", 0..0),
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
            assert_eq!(check(bad, QueryRule::Forbidden).unwrap_err().span, span, "{bad}");
        }
        assert_eq!(check("https://a.b/?x#y", QueryRule::Allowed), Ok(()));
    }
}
