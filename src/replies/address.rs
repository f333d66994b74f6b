//! The address that a writer gives for a website.

use super::refusal::Refusal;

/// The address of a website as it was typed into the form, where most people leave the scheme out; none if the field is
/// empty, or as good as: some forms have a scheme in it from the beginning.
///
/// Stricter than what authors may write in thread files: no user or password before the host, which only serve to
/// hide where a link leads.
pub(super) fn website(typed: &str) -> Result<Option<String>, Refusal> {
    let starts_with = |scheme: &str| typed.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    let scheme = ["https://", "http://"].into_iter().find(|scheme| starts_with(scheme));
    if typed.is_empty() || scheme.is_some_and(|scheme| scheme.len() == typed.len()) {
        return Ok(None);
    }
    let (scheme, rest) = scheme.map_or(("https://", typed), |scheme| (scheme, &typed[scheme.len()..]));
    let bare = rest.len() == typed.len();
    let host = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let plain = !rest.contains(|c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '<' | '>' | '\\' | '`' | '{' | '}' | '|' | '^')
    });
    // Without a scheme a word alone is more likely the beginning of something else.
    if plain && is_host(host) && (!bare || host.contains('.')) {
        Ok(Some(format!("{scheme}{rest}")))
    } else {
        Err(Refusal::NotAWebsite)
    }
}

/// Whether this is the name of a host, in any script, or an IPv4 address, with a port or without.
fn is_host(text: &str) -> bool {
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let label = |label: &str| {
        let letters = label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_' || is_mark(c));
        letters && label.starts_with(|c: char| c.is_alphanumeric() || c == '_') && !label.ends_with('-')
    };
    let digits = |port: &str| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok();
    host.strip_suffix('.').unwrap_or(host).split('.').all(label) && port.is_none_or(digits)
}

/// The marks that stand upon or between the letters of some scripts, and are none themselves.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}' | '\u{e00}'..='\u{eff}' | '\u{200c}' | '\u{200d}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_get_a_scheme() {
        for (typed, address) in [
            ("https://example.org", "https://example.org"),
            ("HTTP://Example.org/a?b=c&d#e", "http://Example.org/a?b=c&d#e"),
            ("example.org", "https://example.org"),
            ("www.example.org:8080/~jo/", "https://www.example.org:8080/~jo/"),
            ("http://localhost:1111", "http://localhost:1111"),
            ("münchen.example", "https://münchen.example"),
            ("https://हिन्दी.example/é", "https://हिन्दी.example/é"),
            ("http://127.0.0.1", "http://127.0.0.1"),
            ("https://example.org.", "https://example.org."),
        ] {
            assert_eq!(website(typed), Ok(Some(address.to_owned())), "{typed}");
        }
    }

    #[test]
    fn a_scheme_alone_is_an_empty_field() {
        for typed in ["", "http://", "https://", "HTTPS://"] {
            assert_eq!(website(typed), Ok(None), "{typed}");
        }
    }

    #[test]
    fn other_things_are_no_websites() {
        for typed in [
            "javascript:alert(1)",
            "javascript://example.org/%0aalert(1)",
            "JaVaScRiPt:alert.1",
            "data:text/html,a.b",
            "mailto:jo@example.org",
            "jo@example.org",
            "ftp://example.org",
            "file:///etc/passwd",
            "//example.org",
            "/example.org",
            "none",
            "no site",
            "https:///example.org",
            "https://?a.b",
            "https://user:password@example.org",
            "https://example.org@evil.example",
            "https://example.org\\@evil.example",
            "https://example.org/\"onclick",
            "https://example.org/<b>",
            "https://example.org/a b",
            "https://example.org/\u{7}",
            "https://example..org",
            "https://-a.example",
            "https://a-.example",
            "https://example.org:",
            "https://example.org:http",
            "https://example.org:99999",
            "https://exa%6dple.org",
            "https://[::1]",
            "https://{{ config }}",
            ".",
            "..",
        ] {
            assert_eq!(website(typed), Err(Refusal::NotAWebsite), "{typed}");
        }
    }
}
