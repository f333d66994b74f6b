//! `[comments]` and `[[quotes]]`: what Causerie adds to Zola's configuration.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::Serialize;

use super::guard::GuardConfig;
use super::mail::{MailConfig, Secret};
use super::url;
use super::webmention;
use crate::source::{Table, World, plain_path};

/// In which order the threads of a page stand. Replies are always oldest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// The first comment first.
    #[default]
    Oldest,
    /// The last comment first.
    Newest,
}

/// Which pictures stand beside comments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Avatars {
    /// Patterns made from the author's name, drawn at build time.
    #[default]
    Identicon,
    /// None.
    None,
}

/// The greatest `max_depth`. Tera renders components within components twenty levels deep, and some are left for what a theme
/// has around its threads: otherwise readers could answer one another until the page cannot be made.
pub const DEEPEST: usize = 16;

/// How comments are shown and accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comments {
    /// Whether there are any. Default: true.
    pub enabled: bool,
    /// The order of the threads. Default: oldest first.
    pub order: Order,
    /// Replies deeper than this are shown at this depth, from 1 to [`DEEPEST`]. Default: 5.
    pub max_depth: usize,
    /// After so many days a page takes no more comments; 0: never. Default: 0.
    pub close_after_days: usize,
    /// Where the reply form posts: a path on the site, or a URL.
    pub endpoint: Option<String>,
    /// Where other sites send Webmentions: an address of the same inbox; none if it takes none.
    pub webmention: Option<String>,
    /// Where the reply form writes to if there is no endpoint.
    pub email: Option<String>,
    /// Whether readers can get answers by e-mail. They can if the inbox sends mail.
    pub notices: bool,
    /// The pictures beside comments. Default: identicons.
    pub avatars: Avatars,
    /// What the spam guard looks for in replies. It changes no page, and templates do not see it.
    #[serde(skip)]
    pub guard: GuardConfig,
    /// How mail is sent; none: none is.
    #[serde(skip)]
    pub mail: Option<MailConfig>,
    /// Where replies wait for a decision: a folder of the site, or the URL of a bucket. Default: `inbox`.
    #[serde(skip)]
    pub inbox: String,
    /// After so many approved replies a writer's next ones need not wait for a decision; 0: all replies wait. Default: 0.
    #[serde(skip)]
    pub trust_after: usize,
    /// How long decisions can be undone, in days. Default: 30.
    #[serde(skip)]
    pub keep_days: usize,
    /// Whether a decision that changes the site is committed with git. Default: no.
    #[serde(skip)]
    pub commit: bool,
    /// Whether the site is built after such a decision. Default: no.
    #[serde(skip)]
    pub rebuild: bool,
    /// The proxies whose `X-Forwarded-For` is trusted.
    #[serde(skip)]
    pub trusted_proxies: Vec<Network>,
}

impl Default for Comments {
    fn default() -> Self {
        Self {
            enabled: true,
            order: Order::default(),
            max_depth: 5,
            close_after_days: 0,
            endpoint: None,
            webmention: None,
            email: None,
            notices: false,
            avatars: Avatars::default(),
            guard: GuardConfig::default(),
            mail: None,
            inbox: "inbox".to_owned(),
            trust_after: 0,
            keep_days: 30,
            commit: false,
            rebuild: false,
            trusted_proxies: Vec::new(),
        }
    }
}

impl Comments {
    /// Whether an environment variable holds the password of the mail server.
    pub fn reads_password_from(&self, variable: &str) -> bool {
        let user = self.mail.as_ref().and_then(|mail| mail.user.as_ref());
        matches!(user, Some((_, Secret::Variable(name))) if name == variable)
    }

    /// The files and folders of the site that are the author's alone, as they are written and where they really are: the
    /// replies that wait, the key of moderation, a password.
    pub fn private_places(&self, world: &dyn World) -> Vec<String> {
        // The key is where replies are by default, if they are in a bucket.
        let default = Self::default();
        let password = self.mail.as_ref().and_then(|mail| match &mail.user {
            Some((_, Secret::File(file))) => Some(file.as_str()),
            _ => None,
        });
        let written = [Some(default.inbox.as_str()), Some(self.inbox.as_str()), password].into_iter().flatten();
        let written: Vec<&str> = written.filter(|place| !place.contains("://")).collect();
        let real = written.iter().filter_map(|place| world.place_inside(place));
        let places = written.iter().filter_map(|place| plain_path(place)).chain(real);
        // All of the site cannot be meant.
        places.filter(|place| !place.is_empty()).collect()
    }

    /// The private files and folders: their keys, their paths, and what is in them.
    pub(super) fn secrets(&self) -> Vec<(&'static str, &str, &'static str)> {
        let mut secrets = vec![("comments.inbox", self.inbox.as_str(), "what waits in the inbox")];
        if let Some((_, Secret::File(file))) = self.mail.as_ref().and_then(|mail| mail.user.as_ref()) {
            secrets.push(("comments.mail.password_file", file, "the password of the mail"));
        }
        secrets
    }

    pub(super) fn read(mut table: Table) -> Self {
        let default = Self::default();
        let reading = table.reading();
        let max_depth = table.spanned::<usize>("max_depth").map_or(default.max_depth, |(depth, span)| {
            if depth == 0 {
                let help = "max_depth = 1 shows all comments in one row, without nesting";
                reading.error(span, "`max_depth` is 1 or more", help);
            } else if depth > DEEPEST {
                let help = "templates cannot nest a thread deeper; what is deeper is shown at this depth";
                reading.error(span, format!("`max_depth` is {DEEPEST} or less"), help);
            }
            depth.clamp(1, DEEPEST)
        });
        let endpoint = table.spanned::<String>("endpoint").and_then(|(endpoint, span)| {
            if is_endpoint(&endpoint) {
                return Some(endpoint);
            }
            let message = "`endpoint` should be a path on this site, or an http or https address";
            reading.error(span, message, "for example: endpoint = \"/-/comments\"");
            None
        });
        let takes_webmentions = table.get_or("webmentions", true);
        let email = table.spanned::<String>("email").and_then(|(email, span)| {
            if is_email(&email) {
                return Some(email);
            }
            let help = "for example: email = \"author@example.org\"";
            reading.error(span, "this is not an e-mail address", help);
            None
        });
        let inbox = table.spanned::<String>("inbox").and_then(|(inbox, span)| {
            if is_inbox(&inbox) {
                return Some(inbox);
            }
            let help = "for example: inbox = \"inbox\", or inbox = \"s3://bucket/folder\"";
            reading.error(span, "`inbox` should be a folder that is no part of the site, or the URL of a bucket", help);
            None
        });
        let mut trusted_proxies = Vec::new();
        for (text, span) in table.list::<String>("trusted_proxies").unwrap_or_default() {
            match text.parse() {
                Ok(network) => trusted_proxies.push(network),
                Err(NotANetwork) => reading.error(
                    span,
                    "this is neither an address nor a network",
                    "for example: trusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\"]",
                ),
            }
        }
        let has_mail = table.has("mail");
        let mail = Some(table.table("mail")).filter(|_| has_mail).and_then(MailConfig::read);
        let comments = Self {
            enabled: table.get_or("enabled", default.enabled),
            order: table.choice("order", &[("oldest", Order::Oldest), ("newest", Order::Newest)]).unwrap_or_default(),
            max_depth,
            close_after_days: table.get_or("close_after_days", default.close_after_days),
            notices: mail.is_some() && endpoint.is_some(),
            webmention: endpoint.as_deref().filter(|_| takes_webmentions).map(webmention::endpoint),
            endpoint,
            email,
            avatars: table
                .choice("avatars", &[("identicon", Avatars::Identicon), ("none", Avatars::None)])
                .unwrap_or_default(),
            guard: GuardConfig::read(table.table("guard")),
            mail,
            inbox: inbox.unwrap_or(default.inbox),
            trust_after: table.get_or("trust_after", default.trust_after),
            keep_days: table.get_or("keep_days", default.keep_days),
            commit: table.get_or("commit", default.commit),
            rebuild: table.get_or("rebuild", default.rebuild),
            trusted_proxies,
        };
        table.close();
        comments
    }
}

/// A path from the root of the host (`//host` would be another host), or a URL.
fn is_endpoint(endpoint: &str) -> bool {
    let path = endpoint.starts_with('/') && !endpoint.starts_with("//") && endpoint.chars().all(url::is_plain);
    path || url::check(endpoint, url::QueryRule::Allowed).is_ok()
}

/// Whether this is a URL, or a folder that is no source or output folder of a site by default.
fn is_inbox(inbox: &str) -> bool {
    if inbox.contains("://") {
        return inbox.chars().all(url::is_plain) && !inbox.contains('@');
    }
    let inside = inbox.strip_prefix('/').unwrap_or(inbox);
    let parts: Vec<&str> = inside.trim_end_matches('/').split('/').collect();
    let plain = |part: &&str| {
        !matches!(*part, "" | "." | "..") && !part.contains(['\\', ':']) && !part.contains(char::is_control)
    };
    parts.iter().all(plain) && (inbox.starts_with('/') || !SOURCE_FOLDERS.contains(&parts[0]))
}

/// The folders that a site is made of or written to by default.
pub(super) const SOURCE_FOLDERS: [&str; 8] =
    ["content", "static", "templates", "themes", "data", "sass", "public", ".causerie"];

/// Near enough: something, one `@`, something, and nothing that would end the address in a `mailto:` link.
pub(super) fn is_email(email: &str) -> bool {
    let plain = email.chars().all(|c| url::is_plain(c) && !matches!(c, '?' | '&' | '#' | '%' | ',' | ';' | '/'));
    let parts = email.split_once('@').filter(|(_, host)| !host.contains('@'));
    plain && parts.is_some_and(|(name, host)| !name.is_empty() && !host.trim_matches('.').is_empty())
}

/// An address, or all that begin with the same bits (CIDR, RFC 4632).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// A text that is no [`Network`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotANetwork;

impl fmt::Display for NotANetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is neither an address nor a network like 10.0.0.0/8")
    }
}

impl std::error::Error for NotANetwork {}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| NotANetwork)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            None => most,
            Some(bits) if bits.bytes().all(|b| b.is_ascii_digit()) => bits.parse().map_err(|_| NotANetwork)?,
            Some(_) => return Err(NotANetwork),
        };
        if bits > most { Err(NotANetwork) } else { Ok(Self { address, bits }) }
    }
}

impl Network {
    /// Whether an address belongs to it.
    pub fn has(self, address: IpAddr) -> bool {
        let share = |a: u128, b: u128, length: u32| {
            let rest = length - u32::from(self.bits);
            a.checked_shr(rest) == b.checked_shr(rest)
        };
        // An IPv4 address may come as an IPv6 one, from a socket that takes both.
        match (self.address.to_canonical(), address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) if self.bits <= 32 => {
                share(u32::from(own).into(), u32::from(other).into(), 32)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => share(own.into(), other.into(), 128),
            _ => false,
        }
    }
}

/// A quotation for the foot of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Quote {
    /// The quoted text.
    pub text: String,
    /// The person who is quoted.
    pub author: String,
    /// The book or speech that it is from.
    pub source: Option<String>,
}

impl Quote {
    pub(super) fn read(mut table: Table) -> Option<Self> {
        let reading = table.reading();
        let mut required = |key| {
            let text = table.spanned::<String>(key);
            match &text {
                Some((text, span)) if text.trim().is_empty() => {
                    reading.error(
                        span.clone(),
                        format!("the `{key}` of a quote cannot be empty"),
                        "write it, or remove the quote",
                    );
                }
                None if !table.has(key) => {
                    let help = "a quote needs a text and an author: text = \"…\" and author = \"…\"";
                    reading.error(table.span(), format!("this quote has no `{key}`"), help);
                }
                _ => {}
            }
            text.map(|(text, _)| text)
        };
        let (text, author) = (required("text"), required("author"));
        let source = table.get("source");
        table.close();
        Some(Self { text: text?, author: author?, source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_paths_or_urls() {
        for good in ["/", "/-/comments", "https://example.org/c?x=1", "http://127.0.0.1:80/c"] {
            assert!(is_endpoint(good), "{good}");
        }
        for bad in ["", "comments", "//host/c", "javascript:alert(1)", "ftp://x/", "/a b", "/\"onclick", "mailto:a@b"] {
            assert!(!is_endpoint(bad), "{bad}");
        }
    }

    #[test]
    fn replies_wait_outside_of_the_site() {
        for good in ["inbox", "inbox/", "replies/new", "/var/lib/blog", "s3://bucket/folder", "gs://b", "az://c/d"] {
            assert!(is_inbox(good), "{good}");
        }
        for bad in ["", "/", ".", "..", "../x", "a//b", "content", "content/x", "static/", "public", "a\\b", "s3://a b"]
        {
            assert!(!is_inbox(bad), "{bad}");
        }
    }

    #[test]
    fn networks_are_addresses_and_their_beginnings() {
        let has = |network: &str, address: &str| {
            let network: Network = network.parse().expect("a network");
            network.has(address.parse().expect("an address"))
        };
        for (network, address) in [
            ("127.0.0.1", "127.0.0.1"),
            ("127.0.0.1", "::ffff:127.0.0.1"),
            ("10.0.0.0/8", "10.255.0.1"),
            ("0.0.0.0/0", "203.0.113.7"),
            ("2001:db8::/32", "2001:db8:ffff::1"),
            ("::/0", "2001:db8::1"),
            ("::1", "::1"),
        ] {
            assert!(has(network, address), "{network} {address}");
        }
        for (network, address) in [
            ("127.0.0.1", "127.0.0.2"),
            ("10.0.0.0/8", "11.0.0.1"),
            ("10.0.0.0/31", "10.0.0.2"),
            ("2001:db8::/32", "2001:db9::1"),
            ("0.0.0.0/0", "2001:db8::1"),
            ("::/0", "203.0.113.7"),
        ] {
            assert!(!has(network, address), "{network} {address}");
        }
        for bad in ["", "localhost", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/+8", "10/8", "10.0.0.0/8/8"] {
            assert_eq!(bad.parse::<Network>(), Err(NotANetwork), "{bad}");
        }
    }

    #[test]
    fn addresses_have_a_name_and_a_host() {
        for good in ["a@b", "author+blog@example.org", "ü@münchen.example"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "author", "@host", "a@", "a@.", "a@b@c", "a b@c", "a@b?cc=d@e", "a@b,c@d", "<a@b>"] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
