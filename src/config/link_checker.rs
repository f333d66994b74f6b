//! `[link_checker]`: how broken links are told.

use globset::GlobSet;

use super::patterns;
use crate::diagnostic::Severity;
use crate::source::Table;

/// How broken links are told.
#[derive(Clone, Debug)]
pub struct LinkChecker {
    /// Addresses that begin so are not checked: paths of the site or whole ones.
    pub skip_prefixes: Vec<String>,
    /// The anchors of external addresses that begin so are not checked.
    pub skip_anchor_prefixes: Vec<String>,
    /// What a broken internal link is. Default: an error.
    pub internal_level: Severity,
    /// What a broken external link is. Default: an error.
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
        let mut prefixes = |key| {
            let prefixes = table.list::<String>(key).unwrap_or_default();
            prefixes.into_iter().map(|(prefix, _)| prefix).collect()
        };
        let checker = Self {
            skip_prefixes: prefixes("skip_prefixes"),
            skip_anchor_prefixes: prefixes("skip_anchor_prefixes"),
            internal_level: table.choice("internal_level", LEVELS).unwrap_or(Severity::Error),
            external_level: table.choice("external_level", LEVELS).unwrap_or(Severity::Error),
            ignored_files: patterns::read(&mut table, "ignored_files"),
        };
        table.close();
        checker
    }
}
