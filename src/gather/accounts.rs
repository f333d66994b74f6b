//! The accounts that the author names as `me`: whether their profiles lead to the site, and whom they follow.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use url::Url;

use super::client::{NetworkClient, NetworkError, Session};
use super::{bluesky, github};
use crate::config::Network;
use crate::import::html::links_of_page;

/// So long the answer of a network about a profile is used.
const PROFILE_LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);

/// So long a list of followed accounts is used.
const FOLLOWED_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// So many pages of a list of followed accounts are read.
const MAX_PAGES: usize = 25;

/// What the networks say about one of the author's accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountRecord {
    /// When the profile was last looked at.
    pub checked: Option<Timestamp>,
    /// Whether the profile leads to the site.
    pub is_confirmed: bool,
    /// When the followed accounts were last listed.
    pub listed: Option<Timestamp>,
    /// The addresses of the accounts that it follows.
    pub followed: Vec<String>,
}

impl AccountRecord {
    /// Asks the network again for what is too old. What it does not answer stays as it was.
    pub fn refresh(&mut self, session: &Session<'_>, account: &str, site: &str, lists_followed: bool, now: Timestamp) {
        let is_old =
            |moment: Option<Timestamp>, lifetime| moment.is_none_or(|then| now.duration_since(then) >= lifetime);
        let client = NetworkClient::new(session, None, None);
        if is_old(self.checked, PROFILE_LIFETIME) {
            match leads_to_site(&client, account, site) {
                Ok(is_confirmed) => (self.checked, self.is_confirmed) = (Some(now), is_confirmed),
                Err(NetworkError::Postponed(_) | NetworkError::Failed(_)) => {}
                Err(_) => (self.checked, self.is_confirmed) = (Some(now), false),
            }
        }
        if lists_followed
            && is_old(self.listed, FOLLOWED_LIFETIME)
            && let Ok(followed) = followed(&client, account)
        {
            (self.listed, self.followed) = (Some(now), followed);
        }
    }
}

/// An address of an account, as people write it in different ways, in one form.
pub fn plain_address(url: &str) -> String {
    url.trim().trim_end_matches('/').to_lowercase()
}

/// What the address of an account names.
enum AccountName<'a> {
    /// A server with Mastodon's interface, and the name there.
    Mastodon { server: String, name: &'a str },
    /// The handle or the DID.
    Bluesky(&'a str),
    /// The login.
    GitHub(&'a str),
    /// An account whose network has no interface for this.
    Other,
}

fn name(session_server: impl Fn(Network, &str) -> String, account: &str) -> AccountName<'_> {
    if let Some(name) = account.strip_prefix(bluesky::PROFILE) {
        return AccountName::Bluesky(name.trim_end_matches('/'));
    }
    if let Some(login) = account.strip_prefix("https://github.com/") {
        return AccountName::GitHub(login.trim_end_matches('/'));
    }
    let Ok(url) = Url::parse(account) else { return AccountName::Other };
    let path = account.trim_end_matches('/').rsplit_once('/');
    match path {
        Some((before, name)) if name.starts_with('@') || before.ends_with("/users") => {
            let server = session_server(Network::Mastodon, &url.origin().ascii_serialization());
            AccountName::Mastodon { server, name: name.trim_start_matches('@') }
        }
        _ => AccountName::Other,
    }
}

#[derive(Deserialize)]
struct MastodonAccount {
    id: String,
    #[serde(default)]
    fields: Vec<MastodonField>,
}

/// A line of a profile. Its server has verified a link by looking for `rel="me"` on the page behind it.
#[derive(Deserialize)]
struct MastodonField {
    #[serde(default)]
    value: String,
    verified_at: Option<String>,
}

#[derive(Deserialize)]
struct FollowedAccount {
    #[serde(default)]
    url: String,
}

#[derive(Deserialize)]
struct BlueskyProfile {
    #[serde(default)]
    handle: String,
}

#[derive(Deserialize)]
struct BlueskyFollows {
    follows: Vec<BlueskyAccount>,
    cursor: Option<String>,
}

#[derive(Deserialize)]
struct BlueskyAccount {
    did: String,
}

#[derive(Deserialize)]
struct GitHubUser {
    blog: Option<String>,
}

/// Whether the profile of an account leads to the site: by a link that the network has verified, by a name that is the
/// site's, or by a link with `rel="me"`.
fn leads_to_site(client: &NetworkClient<'_>, account: &str, site: &str) -> Result<bool, NetworkError> {
    match name(|network, usual| client.server(network, usual), account) {
        AccountName::Mastodon { server, name } => {
            let found = mastodon_account(client, &server, name)?;
            let is_verified = |field: &MastodonField| {
                field.verified_at.is_some() && links_of_page(&field.value, None).iter().any(|url| is_on_site(url, site))
            };
            Ok(found.fields.iter().any(is_verified))
        }
        AccountName::Bluesky(name) => {
            let server = client.server(Network::Bluesky, bluesky::SERVER);
            let url = format!("{server}/xrpc/app.bsky.actor.getProfile?actor={}", bluesky::encode(name));
            let profile: BlueskyProfile = client.json(&url)?;
            // The network has looked whether the owner of the domain names the account.
            let host = Url::parse(site).ok().and_then(|url| url.host_str().map(str::to_lowercase)).unwrap_or_default();
            let handle = profile.handle.to_lowercase();
            Ok(handle.contains('.') && (host == handle || host.ends_with(&format!(".{handle}"))))
        }
        AccountName::GitHub(login) => {
            let server = client.server(Network::GitHub, github::SERVER);
            let user: GitHubUser = client.github(&format!("{server}/users/{}", bluesky::encode(login)))?;
            // GitHub shows it as a link with `rel="me"`.
            Ok(user.blog.is_some_and(|blog| is_on_site(&blog, site)))
        }
        AccountName::Other => {
            let page = client.html(account)?;
            Ok(links_of_page(&page, Some("me")).iter().any(|url| is_on_site(url, site)))
        }
    }
}

fn mastodon_account(client: &NetworkClient<'_>, server: &str, name: &str) -> Result<MastodonAccount, NetworkError> {
    client.json(&format!("{server}/api/v1/accounts/lookup?acct={}", bluesky::encode(name)))
}

/// Whether an address leads to the site or to a page of it.
fn is_on_site(url: &str, site: &str) -> bool {
    let parse = |text: &str| {
        let text = text.trim();
        let url = Url::parse(text).or_else(|_| Url::parse(&format!("https://{text}"))).ok()?;
        let host = url.host_str()?.trim_start_matches("www.").to_lowercase();
        Some((host, url.port(), url.path().trim_end_matches('/').to_owned()))
    };
    let (Some((host, port, path)), Some((own_host, own_port, own_path))) = (parse(url), parse(site)) else {
        return false;
    };
    let below = path.strip_prefix(&*own_path);
    host == own_host && port == own_port && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The accounts that an account follows, on networks that say so to everybody. Elsewhere there are none.
fn followed(client: &NetworkClient<'_>, account: &str) -> Result<Vec<String>, NetworkError> {
    let mut followed = Vec::new();
    match name(|network, usual| client.server(network, usual), account) {
        AccountName::Mastodon { server, name } => {
            let id = mastodon_account(client, &server, name)?.id;
            let mut next = Some(format!("{server}/api/v1/accounts/{}/following?limit=80", bluesky::encode(&id)));
            for _ in 0..MAX_PAGES {
                // A page of another server is none of this list.
                let Some(url) = next.filter(|url| url.starts_with(&format!("{server}/"))) else { break };
                let (accounts, following) = client.json_page::<Vec<FollowedAccount>>(&url)?;
                followed.extend(accounts.into_iter().map(|account| account.url));
                next = following;
            }
        }
        AccountName::Bluesky(name) => {
            let server = client.server(Network::Bluesky, bluesky::SERVER);
            let list = format!("{server}/xrpc/app.bsky.graph.getFollows?actor={}&limit=100", bluesky::encode(name));
            let mut cursor: Option<String> = None;
            for _ in 0..MAX_PAGES {
                let more = cursor.map(|cursor| format!("&cursor={}", bluesky::encode(&cursor))).unwrap_or_default();
                let page: BlueskyFollows = client.json(&format!("{list}{more}"))?;
                followed.extend(page.follows.iter().map(|account| format!("{}{}", bluesky::PROFILE, account.did)));
                cursor = page.cursor;
                if cursor.is_none() {
                    break;
                }
            }
        }
        AccountName::GitHub(_) | AccountName::Other => {}
    }
    Ok(followed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_the_site_or_elsewhere() {
        for (url, site, expected) in [
            ("https://blog.example", "https://blog.example", true),
            ("https://blog.example/about/", "https://blog.example/", true),
            ("http://www.blog.example/", "https://blog.example", true),
            ("blog.example", "https://blog.example", true),
            ("https://blog.example/notes/tea", "https://blog.example/notes", true),
            ("https://blog.example/notes-of-others", "https://blog.example/notes", false),
            ("https://blog.example.evil.example/", "https://blog.example", false),
            ("https://evil.example/https://blog.example", "https://blog.example", false),
            ("https://blog.example:8080/", "https://blog.example", false),
            ("", "https://blog.example", false),
            ("javascript:x", "https://blog.example", false),
        ] {
            assert_eq!(is_on_site(url, site), expected, "{url} {site}");
        }
    }
}
