//! The links that were in order, so that the next check need not request them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Fault, Faults, Targets};
use crate::build::cache::Cache;

/// How long a link that was in order counts as such, in seconds.
const LIFETIME: u64 = 7 * 24 * 60 * 60;

/// The pages that were there, by their URLs.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct KnownLinks(BTreeMap<String, KnownPage>);

/// A page that was there.
#[derive(Debug, Serialize, Deserialize)]
struct KnownPage {
    /// When, in seconds since 1970.
    checked: u64,
    /// The anchors that it had.
    anchors: BTreeSet<String>,
}

impl KnownLinks {
    /// Reads what earlier checks of a site have kept, as far as it is still valid.
    pub fn read(root: &Path) -> Self {
        let kept = Cache::read_links(root).and_then(|bytes| postcard::from_bytes::<Self>(&bytes).ok());
        let mut kept = kept.unwrap_or_default();
        let now = now();
        kept.0.retain(|_, page| now.checked_sub(page.checked).is_some_and(|age| age < LIFETIME));
        kept
    }

    /// Keeps it for the next check.
    pub fn write(&self, root: &Path) {
        if let Ok(bytes) = postcard::to_stdvec(self) {
            Cache::keep_links(root, &bytes);
        }
    }

    /// Whether a page was there, with some anchors.
    fn has(&self, page: &Url, anchors: &BTreeSet<String>) -> bool {
        self.0.get(page.as_str()).is_some_and(|known| anchors.is_subset(&known.anchors))
    }

    /// Returns the targets of which nothing is known.
    pub fn missing_of(&self, targets: &Targets) -> Targets {
        let missing = targets.iter().filter(|(page, anchors)| !self.has(page, anchors));
        missing.map(|(page, anchors)| (page.clone(), anchors.clone())).collect()
    }

    /// Returns these targets as faults.
    pub fn unknown_of(&self, targets: &Targets) -> BTreeMap<Url, Faults> {
        self.missing_of(targets).into_keys().map(|page| (page, Faults::Page(Fault::Unknown))).collect()
    }

    /// Adds the targets that were in order.
    pub fn add(&mut self, targets: &Targets, faults: &BTreeMap<Url, Faults>) {
        for (page, anchors) in targets {
            let missing = match faults.get(page) {
                Some(Faults::Page(_)) => {
                    self.0.remove(page.as_str());
                    continue;
                }
                Some(Faults::Anchors(missing)) => missing.clone(),
                None => BTreeSet::new(),
            };
            let anchors = anchors.difference(&missing).cloned().collect();
            self.0.insert(page.to_string(), KnownPage { checked: now(), anchors });
        }
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}
