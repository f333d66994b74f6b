//! The site that the inbox works with, as it was loaded last.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use crate::build::{ConfiguredSite, LoadedSite, Options, Report, read_parse_cache};
use crate::config::Mode;
use crate::diagnostic::Diagnostic;
use crate::load::ParseCache;
use crate::replies::{PageLocation, find_moved_page};
use crate::templates::Library;

/// The site with and without the posts that it holds back. If it holds none back, both are the same.
#[derive(Clone)]
pub struct LoadedSites {
    /// All posts. Whether a post accepts replies yet depends on the moment at which a reply arrives.
    pub all: Arc<Library>,
    /// The published posts. The responses to readers are made from these.
    pub public: Arc<Library>,
}

impl LoadedSites {
    /// Loads a site at the current moment. The inbox ignores a fixed clock, which makes builds repeatable.
    ///
    /// # Errors
    /// The site has errors.
    pub fn load(root: &Path, parse_cache: &mut ParseCache) -> Result<Self, Vec<Diagnostic>> {
        let options = Options { root: root.to_owned(), now: Some(Timestamp::now()), ..Options::default() };
        let mut report = Report::default();
        let Some(mut opened) = ConfiguredSite::new(&options, Mode::Build, None, &mut report) else {
            return Err(report.diagnostics);
        };
        let mut load = |options: &Options| {
            let loaded = opened.load(options, parse_cache, &mut report);
            loaded.map(|LoadedSite { library, .. }| library).ok_or_else(|| std::mem::take(&mut report.diagnostics))
        };
        let public = load(&options)?;
        if public.site.held.is_empty() {
            return Ok(Self { all: public.clone(), public });
        }
        // Posts that are held back today may be published tomorrow.
        Ok(Self { all: load(&Options { future: true, ..options })?, public })
    }
}

/// Loads a site and finds where a page is now that had a path before.
pub fn find_moved(root: &Path, page: &str) -> Option<PageLocation> {
    let sites = LoadedSites::load(root, &mut read_parse_cache(root).unwrap_or_default()).ok()?;
    find_moved_page(&sites.all.site, page)
}
