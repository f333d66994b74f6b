//! Builds: the phases in their order, and a report of what happened.

mod attempt;
mod cache;
mod check;
mod configured_site;
mod dedup;
mod envelope;
mod explain;
mod external_links;
mod future_dates;
mod images;
mod locked_build;
mod manifest;
#[cfg(test)]
mod manual_tests;
mod menu;
mod minify;
mod options;
mod output_folder;
mod output_lock;
mod rebuild_reason;
pub mod render;
mod report;
pub(crate) mod search;
mod state;
#[cfg(test)]
mod tests;
mod write;

use std::path::Path;

use crate::load::ParseCache;
use attempt::Attempt;
use cache::Cache;

pub use cache::FOLDER as CACHE_FOLDER;
pub use check::check;
pub(crate) use configured_site::{ConfiguredSite, LoadedSite};
pub(crate) use dedup::dedup;
pub use options::Options;
pub use report::{Report, Summary, WorkCounts};

/// Builds a site into its output folder. Outputs of an earlier build that are up to date are left alone.
pub fn build(options: &Options) -> Report {
    let options = match options.at_a_moment() {
        Ok(options) => options,
        Err(problem) => return Report { diagnostics: vec![problem], ..Report::default() },
    };
    let attempt = Attempt::run(&options, !options.force);
    if attempt.report.failed() && attempt.used_cache {
        // An error shows the line that it is in, and what comes from the cache has no lines.
        return Attempt::run(&options, false).report;
    }
    attempt.report
}

/// The parsed files that earlier runs kept of a site.
pub(crate) fn read_parse_cache(root: &Path) -> Option<ParseCache> {
    Cache::read_parse_cache(root)
}

/// Keeps parsed files for the next run, unless a build is running, which does so itself.
pub(crate) fn keep_parse_cache(root: &Path, parse_cache: &ParseCache) {
    if let Some(cache) = Cache::open_if_free(root) {
        cache.keep_parse_cache(parse_cache);
    }
}
