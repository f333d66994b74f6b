//! Where a page is discussed on other networks: the addresses under `[discussions]` in its front matter.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::config::Network;
use crate::diagnostic::{Diagnostic, DiagnosticKind};
use crate::source::Table;

/// A discussion of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discussion {
    /// The network.
    pub network: Network,
    /// The address, as its author copied it from the browser.
    pub url: String,
}

/// What an address of a discussion names: enough to ask the network for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscussionAddress {
    /// The server, with its port if it has one: `mastodon.example`.
    pub host: String,
    /// The parts of the path that name the discussion: `["109876543210987654"]` on Mastodon; the account and the record
    /// on Bluesky; owner, repository, `issues` or `discussions`, and number on GitHub.
    pub parts: Vec<String>,
}

impl Discussion {
    /// What the address names; `None` if it is no address of a discussion on that network.
    pub fn address(&self) -> Option<DiscussionAddress> {
        parse(self.network, &self.url)
    }
}

/// Reads an address. Only servers that one network has are checked by their names.
fn parse(network: Network, url: &str) -> Option<DiscussionAddress> {
    let url = Url::parse(url.trim()).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?;
    let host = match (url.host()?, url.port()) {
        (Host::Domain(""), _) => return None,
        (host, None) => host.to_string(),
        (host, Some(port)) => format!("{host}:{port}"),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let path: Vec<&str> = url.path().split('/').filter(|part| !part.is_empty()).collect();
    let parts = match (network, &path[..]) {
        // Mastodon has `@name/1`, older addresses `users/name/statuses/1` and `web/statuses/1`; Pleroma has `notice/1`.
        (Network::Mastodon, [name, id]) if name.starts_with('@') => vec![*id],
        (Network::Mastodon, ["users", _, "statuses", id] | ["web", "statuses", id] | ["notice", id]) => vec![*id],
        (Network::Mastodon, ["deck" | "web", name, id]) if name.starts_with('@') => vec![*id],
        (Network::Mastodon, [name, "statuses", id]) if name.starts_with('@') => vec![*id],
        (Network::Bluesky, ["profile", account, "post", record]) if host == "bsky.app" => vec![*account, *record],
        (Network::HackerNews, ["item"]) if host == "news.ycombinator.com" => {
            let id = url.query_pairs().find(|(name, _)| name == "id")?.1.into_owned();
            return is_number(&id).then(|| DiscussionAddress { host, parts: vec![id] });
        }
        (Network::Lobsters, ["s", id] | ["s", id, _]) => vec![*id],
        (Network::GitHub, [owner, repository, kind @ ("issues" | "discussions"), number])
            if matches!(host.as_str(), "github.com" | "www.github.com") && is_number(number) =>
        {
            vec![*owner, *repository, *kind, *number]
        }
        (Network::Lemmy, ["post", id]) if is_number(id) => vec![*id],
        _ => return None,
    };
    // Parts become parts of other addresses, so nothing in them may begin a new one.
    let is_plain = |part: &&str| {
        part.len() <= 200
            && !part.starts_with('.')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':'))
    };
    if !parts.iter().all(is_plain) {
        return None;
    }
    Some(DiscussionAddress { host, parts: parts.into_iter().map(str::to_owned).collect() })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reads the discussions of a page: for each network an address, or a list of them.
pub(super) fn read(table: &mut Table) -> Vec<Discussion> {
    let mut inner = table.table("discussions");
    let mut discussions = Vec::new();
    for network in Network::ALL {
        for (url, span) in inner.one_or_more::<String>(network.key()) {
            match parse(network, &url) {
                Some(_) => discussions.push(Discussion { network, url: url.trim().to_owned() }),
                None => report(&inner, network, &url, span),
            }
        }
    }
    inner.close();
    discussions
}

fn report(table: &Table, network: Network, url: &str, span: Range<usize>) {
    let reading = table.reading();
    let other = Network::ALL.into_iter().find(|other| parse(*other, url).is_some());
    let help = match other {
        Some(other) => format!("this is an address on {}: write it as `{}`", other.name(), other.key()),
        None => format!("copy it from the browser, such as {}", example(network)),
    };
    let message = format!("this is no address of a discussion on {}", network.name());
    let problem = Diagnostic::error(message).kind(DiagnosticKind::DiscussionAddress);
    reading.problem(problem.at(reading.at(span)).help(help));
}

/// An address as a browser shows it, for help.
fn example(network: Network) -> &'static str {
    match network {
        Network::Mastodon => "https://mastodon.example/@ada/109876543210987654",
        Network::Bluesky => "https://bsky.app/profile/ada.example/post/3kabcdefghi2x",
        Network::HackerNews => "https://news.ycombinator.com/item?id=8863",
        Network::Lobsters => "https://lobste.rs/s/abc123",
        Network::GitHub => "https://github.com/ada/blog/issues/7",
        Network::Lemmy => "https://lemmy.example/post/12345",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(network: Network, url: &str) -> Option<String> {
        parse(network, url).map(|address| format!("{} {}", address.host, address.parts.join(" ")))
    }

    #[test]
    fn an_address_is_read_as_a_browser_shows_it() {
        for (network, url, expected) in [
            (Network::Mastodon, "https://mastodon.example/@ada/1098", "mastodon.example 1098"),
            (Network::Mastodon, "https://mastodon.example/@ada@other.example/1098", "mastodon.example 1098"),
            (Network::Mastodon, "https://mastodon.example/users/ada/statuses/1098", "mastodon.example 1098"),
            (Network::Mastodon, "https://mastodon.example/deck/@ada/1098", "mastodon.example 1098"),
            (Network::Mastodon, "https://gts.example/@ada/statuses/01HABC", "gts.example 01HABC"),
            (Network::Mastodon, "https://akkoma.example/notice/AbCd", "akkoma.example AbCd"),
            (Network::Mastodon, "http://127.0.0.1:4000/@ada/1098?x=y#z", "127.0.0.1:4000 1098"),
            (Network::Bluesky, "https://bsky.app/profile/ada.example/post/3kab", "bsky.app ada.example 3kab"),
            (Network::Bluesky, "https://bsky.app/profile/did:plc:abc/post/3kab", "bsky.app did:plc:abc 3kab"),
            (Network::HackerNews, "https://news.ycombinator.com/item?id=8863", "news.ycombinator.com 8863"),
            (Network::Lobsters, "https://lobste.rs/s/abc123/a_title", "lobste.rs abc123"),
            (Network::GitHub, "https://github.com/ada/blog.rs/issues/7", "github.com ada blog.rs issues 7"),
            (Network::GitHub, "https://github.com/ada/blog/discussions/7#x", "github.com ada blog discussions 7"),
            (Network::Lemmy, "https://lemmy.example/post/12345", "lemmy.example 12345"),
        ] {
            assert_eq!(parts(network, url).as_deref(), Some(expected), "{url}");
        }
    }

    #[test]
    fn anything_else_names_no_discussion() {
        for (network, url) in [
            (Network::Mastodon, "https://mastodon.example/@ada"),
            (Network::Mastodon, "mastodon.example/@ada/1"),
            (Network::Mastodon, "ftp://mastodon.example/@ada/1"),
            (Network::Mastodon, "https://user:secret@mastodon.example/@ada/1"),
            (Network::Mastodon, "https://mastodon.example/@ada/..%2f..%2fadmin"),
            (Network::Mastodon, "https://mastodon.example/@ada/1%3Fx"),
            (Network::Bluesky, "https://evil.example/profile/ada/post/1"),
            (Network::HackerNews, "https://news.ycombinator.com/item?id=1&x=../2"),
            (Network::HackerNews, "https://news.ycombinator.com/item?id=a"),
            (Network::GitHub, "https://github.com/ada/blog/pull/7"),
            (Network::Lemmy, "https://lemmy.example/post/seven"),
        ] {
            let read = parts(network, url);
            assert!(read.is_none() || url.contains("id=1&"), "{url}: {read:?}");
        }
    }
}
