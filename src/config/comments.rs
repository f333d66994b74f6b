//! `[comments]` and `[[quotes]]`: what Causerie adds to Zola's configuration.

use serde::Serialize;

use super::guard::GuardConfig;
use super::table::Table;
use super::url;

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

/// How comments are shown and taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comments {
    /// Whether there are any. Default: true.
    pub enabled: bool,
    /// The order of the threads. Default: oldest first.
    pub order: Order,
    /// Replies deeper than this are shown at this depth, 1 or more. Default: 5.
    pub max_depth: usize,
    /// After so many days a page takes no more comments; 0: never. Default: 0.
    pub close_after_days: usize,
    /// Where the reply form posts: a path on the site, or a URL.
    pub endpoint: Option<String>,
    /// Where the reply form writes to if there is no endpoint.
    pub email: Option<String>,
    /// The pictures beside comments. Default: identicons.
    pub avatars: Avatars,
    /// What the spam guard looks for in replies. It changes no page, and templates do not see it.
    #[serde(skip)]
    pub guard: GuardConfig,
}

impl Default for Comments {
    fn default() -> Self {
        Self {
            enabled: true,
            order: Order::default(),
            max_depth: 5,
            close_after_days: 0,
            endpoint: None,
            email: None,
            avatars: Avatars::default(),
            guard: GuardConfig::default(),
        }
    }
}

impl Comments {
    pub(super) fn read(mut table: Table) -> Self {
        let default = Self::default();
        let reading = table.reading();
        let max_depth = table.spanned::<usize>("max_depth").map_or(default.max_depth, |(depth, span)| {
            if depth == 0 {
                let help = "max_depth = 1 shows all comments in one row, without nesting";
                reading.error(span, "`max_depth` is 1 or more", help);
            }
            depth.max(1)
        });
        let endpoint = table.spanned::<String>("endpoint").and_then(|(endpoint, span)| {
            if is_endpoint(&endpoint) {
                return Some(endpoint);
            }
            let message = "`endpoint` should be a path on this site, or an http or https address";
            reading.error(span, message, "for example: endpoint = \"/-/comments\"");
            None
        });
        let email = table.spanned::<String>("email").and_then(|(email, span)| {
            if is_email(&email) {
                return Some(email);
            }
            let help = "for example: email = \"author@example.org\"";
            reading.error(span, "this is not an e-mail address", help);
            None
        });
        let comments = Self {
            enabled: table.get_or("enabled", default.enabled),
            order: table.choice("order", &[("oldest", Order::Oldest), ("newest", Order::Newest)]).unwrap_or_default(),
            max_depth,
            close_after_days: table.get_or("close_after_days", default.close_after_days),
            endpoint,
            email,
            avatars: table
                .choice("avatars", &[("identicon", Avatars::Identicon), ("none", Avatars::None)])
                .unwrap_or_default(),
            guard: GuardConfig::read(table.table("guard")),
        };
        table.close();
        comments
    }
}

/// A path from the root of the host (`//host` would be another host), or a URL.
fn is_endpoint(endpoint: &str) -> bool {
    let path = endpoint.starts_with('/') && !endpoint.starts_with("//") && endpoint.chars().all(url::is_plain);
    path || url::check(endpoint, url::Query::Allowed).is_ok()
}

/// Near enough: something, one `@`, something, and nothing that would end the address in a `mailto:` link.
fn is_email(email: &str) -> bool {
    let plain = email.chars().all(|c| url::is_plain(c) && !matches!(c, '?' | '&' | '#' | '%' | ',' | ';' | '/'));
    let parts = email.split_once('@').filter(|(_, host)| !host.contains('@'));
    plain && parts.is_some_and(|(name, host)| !name.is_empty() && !host.trim_matches('.').is_empty())
}

/// A saying for the foot of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Quote {
    /// What was said.
    pub text: String,
    /// Who said it.
    pub author: String,
    /// Where: a book, a speech.
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
    fn addresses_have_a_name_and_a_host() {
        for good in ["a@b", "author+blog@example.org", "ü@münchen.example"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "author", "@host", "a@", "a@.", "a@b@c", "a b@c", "a@b?cc=d@e", "a@b,c@d", "<a@b>"] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
