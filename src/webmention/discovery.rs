//! Where a page takes Webmentions (<https://www.w3.org/TR/webmention/#sender-discovers-receiver-webmention-endpoint>).

use url::Url;

use super::page::Page;
use crate::fetch::Response;

/// The address that a page names: first that of its headers, else that of the first element that names one.
pub fn endpoint(response: &Response) -> Option<Url> {
    let in_headers =
        response.headers("link").find_map(|header| links(header).into_iter().find(|link| is_webmention(&link.1)));
    if let Some((address, _)) = in_headers {
        return whole(response.url.join(&address).ok());
    }
    let is_html = |kind: String| matches!(kind.as_str(), "text/html" | "application/xhtml+xml");
    if !response.media_type().is_some_and(is_html) {
        return None;
    }
    let page = Page::parse(&response.text(), &response.url)?;
    let mut named = page.elements().iter().copied().filter(|&id| matches!(page.name(id), "link" | "a"));
    // An element without an address names none. An empty address is that of the page itself.
    let address = named.find_map(|id| {
        let address = page.attribute(id, "href")?;
        page.attribute(id, "rel").is_some_and(is_webmention).then_some(address)
    });
    whole(Url::parse(address?).ok())
}

fn whole(url: Option<Url>) -> Option<Url> {
    let mut url = url.filter(|url| matches!(url.scheme(), "http" | "https"))?;
    url.set_fragment(None);
    Some(url)
}

/// Whether one of the relations in a list is ours.
fn is_webmention(relations: impl AsRef<str>) -> bool {
    relations.as_ref().split_ascii_whitespace().any(|relation| relation.eq_ignore_ascii_case("webmention"))
}

/// The links of a header `Link` (RFC 8288, 3): each address with its relations.
fn links(header: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = header;
    while let Some(start) = rest.find('<') {
        let Some((address, after)) = rest[start + 1..].split_once('>') else { break };
        let mut relations = None;
        rest = after;
        // Parameters until the comma before the next link. Texts between quotation marks may have commas.
        loop {
            rest = rest.trim_start();
            let Some(behind) = rest.strip_prefix(';') else { break };
            let (name, behind) = take_until(behind, &['=', ';', ',']);
            rest = behind;
            let Some(behind) = behind.strip_prefix('=') else { continue };
            let (value, behind) = take_value(behind.trim_start());
            rest = behind;
            if name.trim().eq_ignore_ascii_case("rel") && relations.is_none() {
                relations = Some(value);
            }
        }
        found.push((address.trim().to_owned(), relations.unwrap_or_default()));
    }
    found
}

fn take_until<'t>(text: &'t str, ends: &[char]) -> (&'t str, &'t str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

/// A word, or a text between quotation marks, and what is behind it.
fn take_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (word, rest) = take_until(text, &[';', ',']);
        return (word.trim().to_owned(), rest);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, c)| c)),
            c => value.push(c),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_have_links_with_relations() {
        for (header, expected) in [
            ("</a>; rel=webmention", vec![("/a", "webmention")]),
            (
                "<a>; rel=\"other webmention\"; title=\"a, <b>; rel=x\", <c>;rel=d",
                vec![("a", "other webmention"), ("c", "d")],
            ),
            ("<a>;rel=b;rel=webmention", vec![("a", "b")]),
            ("<a>; title*=UTF-8''x; REL = \"we\\bmention\"", vec![("a", "webmention")]),
            ("<>; rel=webmention", vec![("", "webmention")]),
            ("<a?x=1,2;y>;crossorigin;rel=b", vec![("a?x=1,2;y", "b")]),
            ("<a>,<b>", vec![("a", ""), ("b", "")]),
            ("<a", vec![]),
            ("a; rel=webmention", vec![]),
            ("<a>; rel=\"webmention", vec![("a", "webmention")]),
            ("<a>; rel=\"web\\", vec![("a", "web")]),
        ] {
            let found = links(header);
            let found: Vec<(&str, &str)> = found.iter().map(|(url, rel)| (url.as_str(), rel.as_str())).collect();
            assert_eq!(found, expected, "{header}");
        }
    }
}
