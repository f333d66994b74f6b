//! `[link_checker]`: which links are checked, and how broken ones are reported.

use globset::GlobSet;

use super::patterns;
use crate::diagnostic::Severity;
use crate::source::Table;

/// Which links are checked, and how broken ones are reported.
#[derive(Clone, Debug)]
pub struct LinkChecker {
    /// Prefixes of addresses that are not checked: paths on the site, or whole URLs of this site or others.
    pub skip_prefixes: Vec<String>,
    /// Prefixes of addresses of other sites whose anchors are not checked.
    pub skip_anchor_prefixes: Vec<String>,
    /// The severity of a broken internal link. Default: an error.
    pub internal_level: Severity,
    /// The severity of a broken link to another site. Default: an error.
    pub external_level: Severity,
    /// Files whose links are not checked.
    pub ignored_files: GlobSet,
}

impl Default for LinkChecker {
    fn default() -> Self {
        Self {
            skip_prefixes: Vec::new(),
            skip_anchor_prefixes: Vec::new(),
            internal_level: Severity::Error,
            external_level: Severity::Error,
            ignored_files: GlobSet::empty(),
        }
    }
}

const LEVELS: &[(&str, Severity)] = &[("error", Severity::Error), ("warn", Severity::Warning)];

impl LinkChecker {
    pub(super) fn read(mut table: Table) -> Self {
        let mut prefixes = |key: &'static str| {
            let written = table.list::<String>(key).unwrap_or_default();
            written.into_iter().map(|(prefix, _)| prefix).collect()
        };
        let (skip_prefixes, skip_anchor_prefixes) = (prefixes("skip_prefixes"), prefixes("skip_anchor_prefixes"));
        let mut level = |key: &'static str| table.choice(key, LEVELS).unwrap_or(Severity::Error);
        let (internal_level, external_level) = (level("internal_level"), level("external_level"));
        let ignored_files = patterns::read(&mut table, "ignored_files");
        let checker = Self { skip_prefixes, skip_anchor_prefixes, internal_level, external_level, ignored_files };
        table.close();
        checker
    }
}
