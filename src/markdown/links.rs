//! Where links and images lead.

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use percent_encoding::percent_decode_str;

use super::post::PostContext;
use crate::config::Markdown;
use crate::nfc::nfc;

/// A link to a page or section of the site, by its file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InternalLink {
    /// The file, from the content folder on: `posts/a.md`.
    pub path: String,
    /// What stands behind the `#`, with percent signs decoded.
    pub anchor: Option<String>,
    /// The link's destination as the author wrote it: `@/posts/a.md#b`, or `#b` for a place in the same file.
    pub written: String,
    /// Where in the text the link is, in bytes.
    pub span: Range<usize>,
}

/// Where a link leads.
pub(super) enum Target<'u> {
    /// To a file of the site that is there.
    Internal { url: String, path: String, anchor: Option<String> },
    /// To a file that is not there.
    Missing { path: String },
    /// To a place in the same page.
    SamePage { url: String, anchor: String },
    /// To another site.
    External,
    /// To a file beside the page.
    Beside(String),
    /// Anywhere else: a path on the site, another scheme.
    Other(&'u str),
}

/// Where a destination leads, as written in Markdown.
pub(super) fn target<'u>(destination: &'u str, context: &PostContext) -> Target<'u> {
    if let Some(internal) = destination.strip_prefix("@/") {
        let (path, anchor) = match internal.split_once('#') {
            Some((path, anchor)) => (path, Some(nfc(anchor))),
            None => (internal, None),
        };
        let path = decoded(path).into_owned();
        return match (context.resolve)(&path) {
            Some(permalink) => {
                let url = match &anchor {
                    Some(anchor) => format!("{permalink}#{anchor}"),
                    None => permalink,
                };
                Target::Internal { url, path, anchor: anchor.map(|anchor| id_of(&anchor)) }
            }
            None => Target::Missing { path },
        };
    }
    match destination.strip_prefix('#') {
        Some("") => Target::Other(destination),
        Some(anchor) => {
            let anchor = nfc(anchor);
            Target::SamePage { url: format!("{}#{anchor}", context.permalink), anchor: id_of(&anchor) }
        }
        None if is_external(destination, context.base_url) => Target::External,
        None => match beside(destination, context.permalink) {
            Some(url) => Target::Beside(url),
            None => Target::Other(destination),
        },
    }
}

/// The address of a file beside the page, if that is what a destination names.
pub(super) fn beside(destination: &str, permalink: &str) -> Option<String> {
    let elsewhere = destination.starts_with(['/', '#']) || destination.starts_with("..") || has_scheme(destination);
    if elsewhere || permalink.is_empty() {
        return None;
    }
    Some(format!("{permalink}{}", nfc(destination.strip_prefix("./").unwrap_or(destination))))
}

/// Whether a URL begins with something that looks like a scheme. There are more in use than any list has.
fn has_scheme(url: &str) -> bool {
    let scheme = url.split(':').next().unwrap_or_default();
    scheme.len() < url.len() && !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Whether a URL leads to another site.
fn is_external(url: &str, base_url: &str) -> bool {
    if !url.starts_with("http:") && !url.starts_with("https:") {
        return false;
    }
    let base_url = base_url.trim_end_matches('/');
    let own = !base_url.is_empty()
        && url.strip_prefix(base_url).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
    !own
}

fn decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

/// An anchor as an id has it.
fn id_of(anchor: &str) -> String {
    nfc(&decoded(anchor)).into_owned()
}

/// The attributes of links to other sites, each with a space behind it.
pub(super) fn external_attributes(options: &Markdown) -> String {
    let mut attributes = String::new();
    if let Some(class) = &options.external_links_class {
        attributes.push_str("class=\"");
        super::writer::push_attribute(&mut attributes, class);
        attributes.push_str("\" ");
    }
    // The other page could steer the tab that it was opened from.
    let rel = [
        (options.external_links_target_blank, "noopener"),
        (options.external_links_no_follow, "nofollow"),
        (options.external_links_no_referrer, "noreferrer"),
        (options.external_links_external, "external"),
    ];
    let rel: Vec<&str> = rel.iter().filter(|(on, _)| *on).map(|(_, name)| *name).collect();
    if !rel.is_empty() {
        attributes.push_str("rel=\"");
        attributes.push_str(&rel.join(" "));
        attributes.push_str("\" ");
    }
    if options.external_links_target_blank {
        attributes.push_str("target=\"_blank\" ");
    }
    attributes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_beside_the_page() {
        for (destination, expected) in [
            ("a.png", Some("https://example.org/p/a.png")),
            ("./a.md", Some("https://example.org/p/a.md")),
            ("sub/a.png?x=1#y", Some("https://example.org/p/sub/a.png?x=1#y")),
            ("/a.png", None),
            ("//example.com/a.png", None),
            ("../a.png", None),
            ("#a", None),
            ("https://example.com/a.png", None),
            ("mailto:a@b", None),
            ("web-app:x", None),
            ("data:image/png;base64,x", None),
        ] {
            assert_eq!(beside(destination, "https://example.org/p/").as_deref(), expected, "{destination}");
        }
        assert_eq!(beside("a.png", ""), None);
    }

    #[test]
    fn other_sites() {
        for (url, expected) in [
            ("https://example.com/", true),
            ("http:example.com", true),
            ("https://example.org", false),
            ("https://example.org/blog/", false),
            ("https://example.org?x", false),
            ("https://example.org.evil.example/", true),
            ("http://example.org/", true),
            ("mailto:a@example.com", false),
            ("/a", false),
        ] {
            assert_eq!(is_external(url, "https://example.org"), expected, "{url}");
        }
        assert!(is_external("https://example.com/", ""));
    }
}
