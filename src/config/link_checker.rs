//! `[link_checker]`: which links are checked, and how broken ones are reported.

use globset::GlobSet;

use super::patterns;
use crate::diagnostic::Severity;
use crate::source::Table;

/// Which links are checked, and how broken ones are reported.
#[derive(Clone, Debug)]
pub struct LinkChecker {
    /// Prefixes of addresses that are not checked: paths on the site, or full URLs.
    pub skip_prefixes: Vec<String>,
    /// The severity of a broken internal link. Default: an error.
    pub internal_level: Severity,
    /// Files whose links are not checked.
    pub ignored_files: GlobSet,
}

impl Default for LinkChecker {
    fn default() -> Self {
        Self { skip_prefixes: Vec::new(), internal_level: Severity::Error, ignored_files: GlobSet::empty() }
    }
}

const LEVELS: &[(&str, Severity)] = &[("error", Severity::Error), ("warn", Severity::Warning)];

impl LinkChecker {
    pub(super) fn read(mut table: Table) -> Self {
        let prefixes = table.list::<String>("skip_prefixes").unwrap_or_default();
        let checker = Self {
            skip_prefixes: prefixes.into_iter().map(|(prefix, _)| prefix).collect(),
            internal_level: table.choice("internal_level", LEVELS).unwrap_or(Severity::Error),
            ignored_files: patterns::read(&mut table, "ignored_files"),
        };
        // Keys of Zola about addresses outside of the site, which nothing here visits.
        table.list::<String>("skip_anchor_prefixes");
        table.choice("external_level", LEVELS);
        table.close();
        checker
    }
}
