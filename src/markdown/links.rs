//! The destinations of links and images.

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use percent_encoding::percent_decode_str;

use super::ids::Redirects;
use super::post::PostContext;
use crate::config::{Markdown, scheme, split_origin};
use crate::nfc::nfc;

/// A link to a page or section of the site by its file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InternalLink {
    /// The file, relative to the content folder: `posts/a.md`.
    pub path: String,
    /// The part after the `#`, percent-decoded.
    pub anchor: Option<String>,
    /// The link's destination as the author wrote it: `@/posts/a.md#b`, or `#b` for an anchor in the same file.
    pub written: String,
    /// The byte range of the link in the text.
    pub span: Range<usize>,
}

/// The destination of a link.
pub(super) enum LinkTarget<'u> {
    /// A file of the site.
    Internal { url: String, path: String, anchor: Option<String> },
    /// A file that does not exist.
    Missing { path: String },
    /// An anchor in the same page.
    SamePage { url: String, anchor: String },
    /// An address that begins with `http:` or `https:`.
    External,
    /// An address that was relative to the page, made absolute.
    Relative(String),
    /// Anything else: a path on the site, another scheme.
    Other(&'u str),
}

/// Resolves a destination in Markdown.
pub(super) fn resolve<'u>(destination: &'u str, context: &PostContext, redirects: &Redirects) -> LinkTarget<'u> {
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
                LinkTarget::Internal { url, path, anchor: anchor.map(|anchor| id_of(&anchor)) }
            }
            None => LinkTarget::Missing { path },
        };
    }
    match destination.strip_prefix('#') {
        Some("") => LinkTarget::Other(destination),
        Some(anchor) => {
            let anchor = nfc(anchor);
            let id = id_of(&anchor);
            match redirects.get(&id) {
                Some(id) => LinkTarget::SamePage { url: format!("{}#{id}", context.permalink), anchor: id.clone() },
                None => LinkTarget::SamePage { url: format!("{}#{anchor}", context.permalink), anchor: id },
            }
        }
        None if is_web(destination) => LinkTarget::External,
        None => match from_page(destination, context) {
            Some(url) => LinkTarget::Relative(url),
            None => LinkTarget::Other(destination),
        },
    }
}

/// Makes an address in Markdown absolute that is relative to its page. In a site of Zola's, an address that begins with `..`
/// stays as it is. None if nothing changes.
pub(super) fn from_page(destination: &str, context: &PostContext) -> Option<String> {
    if !context.options.follows_zola {
        return absolute(destination, context.base);
    }
    let is_below = !destination.starts_with("..") && absolute(destination, context.base).is_some();
    let folder = context.base.rfind('/').map_or("", |end| &context.base[..=end]);
    is_below.then(|| [folder, destination].concat())
}

/// Makes an address absolute that is relative to a page, so that it leads to the same place wherever the text is shown.
/// None if it is absolute already, or is an anchor in the page.
pub(super) fn absolute(destination: &str, permalink: &str) -> Option<String> {
    let is_absolute = destination.starts_with(['/', '\\', '#']) || scheme(destination).is_some();
    if is_absolute || destination.is_empty() || permalink.is_empty() {
        return None;
    }
    if destination.starts_with('?') {
        return Some(format!("{permalink}{}", nfc(destination)));
    }
    let host = permalink.find("://").map_or(0, |at| at + 3);
    let root = permalink[host..].find('/').map_or(permalink.len(), |at| host + at);
    let mut folder = permalink[root..].rfind('/').map_or(root, |at| root + at);
    let mut rest = destination;
    loop {
        rest = match step(rest) {
            Some((PathStart::Current, rest)) => rest,
            Some((PathStart::Parent, rest)) => {
                // The parent of the root is the root.
                folder = permalink[root..folder].rfind('/').map_or(root, |at| root + at);
                rest
            }
            None => break,
        };
    }
    Some(format!("{}/{}", &permalink[..folder], nfc(rest)))
}

/// Makes an address absolute, including one that is relative to the root of the site. None if it is absolute already.
pub fn absolute_address(url: &str, permalink: &str) -> Option<String> {
    if url.starts_with('/') && !url.starts_with("//") {
        return Some([split_origin(permalink).0, url].concat());
    }
    absolute(url, permalink)
}

/// The first segment of a path, if it is relative.
enum PathStart {
    /// `.`
    Current,
    /// `..`
    Parent,
}

/// Splits a leading `.` or `..` off a path.
fn step(path: &str) -> Option<(PathStart, &str)> {
    let (step, rest) = match path.strip_prefix("..") {
        Some(rest) => (PathStart::Parent, rest),
        None => (PathStart::Current, path.strip_prefix('.')?),
    };
    match rest.as_bytes().first() {
        Some(b'/') => Some((step, &rest[1..])),
        None | Some(b'?' | b'#') => Some((step, rest)),
        Some(_) => None,
    }
}

/// Whether an address begins with the scheme of the web. As in Zola, such a link counts as one to another site even if it leads
/// to this one.
fn is_web(url: &str) -> bool {
    matches!(scheme(url), Some("http" | "https"))
}

fn decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

/// Normalizes an anchor as ids are normalized.
pub(super) fn id_of(anchor: &str) -> String {
    nfc(&decoded(anchor)).into_owned()
}

/// Returns the attributes of external links, each with a space behind it.
pub(super) fn external_attributes(options: &Markdown) -> String {
    let mut attributes = String::new();
    if let Some(class) = &options.external_links_class {
        attributes.push_str("class=\"");
        super::writer::push_attribute(&mut attributes, class);
        attributes.push_str("\" ");
    }
    // The other page could navigate the tab that it was opened from.
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
    fn addresses_that_are_relative_to_the_page() {
        for (destination, expected) in [
            ("a.png", Some("https://example.org/p/q/a.png")),
            ("./a.md", Some("https://example.org/p/q/a.md")),
            ("sub/a.png?x=1#y", Some("https://example.org/p/q/sub/a.png?x=1#y")),
            ("../a.png", Some("https://example.org/p/a.png")),
            (".././../a", Some("https://example.org/a")),
            ("../../../../a", Some("https://example.org/a")),
            (".", Some("https://example.org/p/q/")),
            ("..", Some("https://example.org/p/")),
            ("..?x", Some("https://example.org/p/?x")),
            ("?page=2", Some("https://example.org/p/q/?page=2")),
            ("..a", Some("https://example.org/p/q/..a")),
            (".well-known", Some("https://example.org/p/q/.well-known")),
            ("1:2.png", Some("https://example.org/p/q/1:2.png")),
            ("cafe\u{301}.png", Some("https://example.org/p/q/café.png")),
            ("", None),
            ("/a.png", None),
            ("//example.com/a.png", None),
            ("\\a", None),
            ("#a", None),
            ("https://example.com/a.png", None),
            ("mailto:a@b", None),
            ("web-app:x", None),
            ("web+app:x", None),
            ("data:image/png;base64,x", None),
        ] {
            assert_eq!(absolute(destination, "https://example.org/p/q/").as_deref(), expected, "{destination}");
        }
        assert_eq!(absolute("a.png", ""), None);
        assert_eq!(absolute("../a", "https://example.org/").as_deref(), Some("https://example.org/a"));
        assert_eq!(absolute("../a", "https://example.org").as_deref(), Some("https://example.org/a"));
        assert_eq!(absolute("a", "/p/").as_deref(), Some("/p/a"));
    }
}
