//! The address of the site, and the addresses below it.

use super::Config;
use super::url::{self, address_below, split_origin};
use crate::diagnostic::Diagnostic;
use crate::source::Table;

impl Config {
    /// Whether the address of the site names its host. Otherwise addresses are paths from the root of any host, and there is
    /// nothing that consists of whole addresses: no feed and no sitemap.
    pub fn has_origin(&self) -> bool {
        !split_origin(&self.base_url).0.is_empty()
    }

    /// Checks that the address of the site names its host, for what needs it.
    ///
    /// # Errors
    /// The address is a path.
    pub fn require_origin(&self, need: &str) -> Result<(), Diagnostic> {
        if self.has_origin() {
            return Ok(());
        }
        let message = format!("{need}, but `base_url` is only a path");
        Err(Diagnostic::error(message)
            .at(self.location("base_url"))
            .help("write the whole address, for example: base_url = \"https://example.org\""))
    }

    /// Replaces the address of the site, for this run.
    ///
    /// # Errors
    /// The text cannot be the address of a site (see `check_base_url`).
    pub fn override_base_url(&mut self, base_url: &str) -> Result<(), Diagnostic> {
        check_base_url(base_url).map_err(|mut problem| {
            problem.message = format!("`{base_url}`: {}", problem.message);
            problem
        })?;
        self.base_url = base_url.trim_end_matches('/').to_owned();
        self.written_base_url = base_url.to_owned();
        Ok(())
    }

    /// The path of the site's address as the author wrote it: empty, or with a slash at its end or without.
    pub fn written_folder(&self) -> &str {
        split_origin(&self.written_base_url).1
    }

    /// The absolute address of a path on the site, which names things as they are. A slash is added at the end, except for feeds.
    pub fn permalink(&self, path: &str) -> String {
        let path = path.strip_prefix('/').unwrap_or(path);
        format!("{}{}", self.address(path), if self.is_whole(path) { "" } else { "/" })
    }

    /// The same of a path as an author writes it in an address, which may be percent-encoded and have a query and an anchor behind
    /// it.
    pub fn written_permalink(&self, url: &str) -> String {
        let (path, rest) = url::encode_written(url.strip_prefix('/').unwrap_or(url));
        let slash = if self.is_whole(&path) || !rest.is_empty() { "" } else { "/" };
        format!("{}/{}{slash}{rest}", self.base_url, path.trim_start_matches('/'))
    }

    /// Whether the address of a path needs no slash at its end.
    fn is_whole(&self, path: &str) -> bool {
        let feeds = &self.default_language().feed_filenames;
        let is_page = !self.pretty_urls && path.ends_with(".html");
        path.is_empty() || path.ends_with('/') || is_page || feeds.iter().any(|feed| path.ends_with(feed.as_str()))
    }

    /// The absolute address of a file of the finished site. Unlike a permalink it gets no slash at its end.
    pub fn address(&self, path: &str) -> String {
        address_below(&self.base_url, path)
    }

    /// The absolute address of something below where the reply form posts; none if it posts nowhere.
    pub fn below_endpoint(&self, name: &str) -> Option<String> {
        let endpoint = self.comments.endpoint.as_deref()?.split(['?', '#']).next()?.trim_end_matches('/');
        let origin = if endpoint.contains("://") { "" } else { split_origin(&self.base_url).0 };
        Some(format!("{origin}{endpoint}/{name}"))
    }
}

/// Checks an address that comes from elsewhere than the configuration.
///
/// # Errors
/// The text is neither an `http` or `https` URL nor a path from the root, or has a query or an anchor.
pub fn check_base_url(text: &str) -> Result<(), Diagnostic> {
    url::check_base_url(text).map_err(|fault| Diagnostic::error(fault.message).help(fault.help))
}

/// The address of the site; a stand-in where it is missing or wrong.
pub(super) fn read_base_url(root: &mut Table) -> String {
    const STAND_IN: &str = "http://localhost";
    let reading = root.reading();
    let Some((text, span)) = root.spanned::<String>("base_url") else {
        if !root.has("base_url") {
            let problem = Diagnostic::error("`base_url` is missing: the address that the site will have")
                .at(reading.at(0..0))
                .help("for example: base_url = \"https://example.org\"");
            reading.problem(problem);
        }
        return STAND_IN.to_owned();
    };
    match url::check_base_url(&text) {
        Ok(()) => text,
        Err(fault) => {
            // The exact place is known if the file has the text unchanged, between one quote and another.
            let exact = fault.span.start + span.start + 1..fault.span.end + span.start + 1;
            let whole = span.len() != text.len() + 2 || fault.span.is_empty();
            reading.error(if whole { span } else { exact }, fault.message, fault.help);
            STAND_IN.to_owned()
        }
    }
}
