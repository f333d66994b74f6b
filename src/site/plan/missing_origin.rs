//! What a site without a host in its address lacks.

use crate::config::Language;
use crate::diagnostic::Diagnostic;
use crate::site::Site;

/// The warning that a site without a host in its address lacks what consists of whole addresses.
pub(super) fn warning(site: &Site) -> Option<Diagnostic> {
    let config = &site.config;
    let has_feeds = || {
        let of_language = |language: &Language| language.generate_feeds || language.taxonomies.iter().any(|it| it.feed);
        config.languages().iter().any(of_language)
            || site.sections.iter().any(|section| section.meta.generate_feeds)
            || !site.recent.is_empty()
    };
    let (missing, or_else) = match (config.has_origin(), config.generate_sitemap, has_feeds()) {
        (true, _, _) | (_, false, false) => return None,
        (_, true, true) => ("feeds and a sitemap", "set `generate_sitemap = false`, and switch feeds off"),
        (_, true, false) => ("a sitemap", "set `generate_sitemap = false`"),
        (_, false, true) => ("feeds", "switch feeds off"),
    };
    let message = format!("the site lacks {missing}, which consist of whole addresses: `base_url` is only a path");
    let help = format!("write the whole address, as in base_url = \"https://example.org\", or {or_else}");
    Some(Diagnostic::warning(message).at(config.location("base_url")).help(help))
}
