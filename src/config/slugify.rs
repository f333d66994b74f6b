//! `[slugify]`: how names become parts of addresses.

use serde::Serialize;

use crate::nfc::nfc;
use crate::source::Table;

/// How much of a name is changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Strategy {
    /// Lower-case ASCII letters, digits and hyphens only; other scripts are transliterated.
    #[default]
    On,
    /// Only what file systems forbid is removed.
    Safe,
    /// Nothing is changed.
    Off,
}

/// The strategies of a site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Slugify {
    /// For the paths of pages and sections.
    pub paths: Strategy,
    /// Whether a date at the beginning of a file's name stays in its path.
    pub paths_keep_dates: bool,
    /// For the names and terms of taxonomies.
    pub taxonomies: Strategy,
    /// For the ids of headings.
    pub anchors: Strategy,
}

const STRATEGIES: &[(&str, Strategy)] = &[("on", Strategy::On), ("safe", Strategy::Safe), ("off", Strategy::Off)];

impl Slugify {
    pub(super) fn read(mut table: Table) -> Self {
        let slugify = Self {
            paths: table.choice("paths", STRATEGIES).unwrap_or_default(),
            paths_keep_dates: table.get_or("paths_keep_dates", false),
            taxonomies: table.choice("taxonomies", STRATEGIES).unwrap_or_default(),
            anchors: table.choice("anchors", STRATEGIES).unwrap_or_default(),
        };
        table.close();
        slugify
    }

    /// One part of a page's or section's path.
    pub fn path(&self, name: &str) -> String {
        self.paths.part(name)
    }

    /// A taxonomy's name or term.
    pub fn taxonomy(&self, name: &str) -> String {
        self.taxonomies.part(name)
    }

    /// A heading's id, before it is made unique in its page.
    pub fn anchor(&self, heading: &str) -> String {
        match self.anchors {
            Strategy::On => slug::slugify(heading),
            // An id may hold anything but white space.
            Strategy::Safe | Strategy::Off => nfc(heading).replace(|c: char| c.is_ascii_whitespace(), "_"),
        }
    }
}

impl Strategy {
    /// Returns the strategy of a name.
    pub fn named(name: &str) -> Option<Self> {
        STRATEGIES.iter().find(|(known, _)| *known == name).map(|(_, strategy)| *strategy)
    }

    /// One part of a path.
    pub fn part(self, name: &str) -> String {
        match self {
            Self::On => slug::slugify(name),
            // Windows forbids these characters, and a name that ends in a space or a full stop.
            Self::Safe => {
                nfc(name).trim_end_matches([' ', '.']).replace(['<', '>', ':', '"', '/', '\\', '|', '?', '*'], "")
            }
            Self::Off => nfc(name).into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_paths_by_strategy() {
        for (name, on, safe, off) in [
            ("input", "input", "input", "input"),
            ("Two words ", "two-words", "Two words", "Two words "),
            ("why? ", "why", "why", "why? "),
            ("dot. ", "dot", "dot", "dot. "),
            ("日本", "ri-ben", "日本", "日本"),
            ("a/b", "a-b", "ab", "a/b"),
            ("cafe\u{301}", "cafe", "café", "café"),
        ] {
            assert_eq!(Strategy::On.part(name), on);
            assert_eq!(Strategy::Safe.part(name), safe);
            assert_eq!(Strategy::Off.part(name), off);
        }
    }

    #[test]
    fn anchors_lose_their_spaces_in_any_case() {
        let anchor = |anchors, heading| Slugify { anchors, ..Slugify::default() }.anchor(heading);
        assert_eq!(anchor(Strategy::On, "Où est-ce?"), "ou-est-ce");
        assert_eq!(anchor(Strategy::Safe, "Où est\tce?"), "Où_est_ce?");
        assert_eq!(anchor(Strategy::Off, "Où est ce?"), "Où_est_ce?");
    }
}
