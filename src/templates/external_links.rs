//! Links to other sites: which there are, and where.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use rayon::prelude::*;

use super::library::Library;
use super::link_check::{all_destinations, locate, path_below};
use crate::config::Config;
use crate::diagnostic::Location;
use crate::site::ContentId;

/// A link to another site.
#[derive(Debug)]
pub struct ExternalLink {
    /// Its URL.
    pub url: String,
    /// The same as the author wrote it.
    pub written: String,
    /// Where it is.
    pub at: Location,
}

impl Library {
    /// Returns the links in bodies to other sites, each once a page, but for those that the configuration leaves out.
    pub fn external_links(self: &Arc<Self>) -> Vec<ExternalLink> {
        let rules = &self.site.config.link_checker;
        let is_skipped = |url: &str| rules.skip_prefixes.iter().any(|prefix| url.starts_with(prefix.as_str()));
        let links = |id: ContentId| {
            let content = self.site.content(id);
            let is_ignored = rules.ignored_files.is_match(content.file.relative());
            let outline = self.outline(id);
            let urls = outline.external.iter().filter(|url| !is_ignored && !is_skipped(url)).cloned();
            let urls: Vec<String> = urls.collect();
            let source = if urls.is_empty() { None } else { content.source.read(&*self.world).ok() };
            let located = urls.into_iter().map(|url| {
                let (at, written) = locate(content, source.as_ref(), || external_forms(&url));
                ExternalLink { url, written, at }
            });
            located.collect::<Vec<_>>()
        };
        let all: Vec<ContentId> = self.site.contents().collect();
        all.into_par_iter().flat_map_iter(links).collect()
    }
}

/// Returns what an author may have written for the URL of another site: rendering encodes letters outside of ASCII.
fn external_forms(url: &str) -> impl Iterator<Item = String> + use<> {
    let decoded = percent_decode_str(url).decode_utf8_lossy().into_owned();
    let escaped = url.replace('&', "&amp;");
    [url.to_owned(), decoded, escaped].into_iter()
}

/// Returns the addresses of other sites that a piece of HTML links to or shows, each once.
pub(super) fn external_destinations(config: &Config, html: &str) -> Vec<String> {
    let is_web = |url: &str| {
        let begins = |start: &str| url.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
        begins("http://") || begins("https://") || begins("//")
    };
    all_destinations(html, |url| is_web(url) && path_below(&config.base_url, "/", url).is_none())
}
