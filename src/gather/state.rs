//! What is remembered between runs beside the ledger: when each discussion was last asked for, and which version it had.
//! It lies in the cache. Without it everything is asked for again, and nothing else changes.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::client::Validator;

/// The file, in the cache's folder.
const FILE: &str = "gather.json";

/// What is remembered of a discussion.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// When it was last asked for.
    pub asked: Option<Timestamp>,
    /// The version that it had.
    pub version: Option<Validator>,
    /// The account behind a name that can change, where the network has such names.
    pub account: Option<String>,
    /// Whether a reply waited for a decision. Once that is made, the answers to it change their place.
    pub is_waiting: bool,
}

/// What is remembered, by the address of the discussion.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory(pub BTreeMap<String, Remembered>);

impl Memory {
    /// Reads the file of the last run. One that is missing or damaged is as good as none.
    pub fn read(cache: &Path) -> Self {
        fs::read(cache.join(FILE)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// Writes the file.
    ///
    /// # Errors
    /// The system refused. The next run asks for everything again.
    pub fn write(&self, cache: &Path) -> io::Result<()> {
        fs::create_dir_all(cache)?;
        let mut file = tempfile::NamedTempFile::new_in(cache)?;
        serde_json::to_writer(&mut file, self)?;
        file.persist(cache.join(FILE)).map_err(|failed| failed.error)?;
        Ok(())
    }
}

/// Whether a discussion is asked for in a run: in every one while its post is new, and less often as it ages. A discussion
/// with replies that wait is asked for as if its post were a week old.
pub fn is_due(remembered: &Remembered, written: Option<Timestamp>, now: Timestamp) -> bool {
    let (Some(asked), Some(written)) = (remembered.asked, written) else { return true };
    const DAY: i64 = 24;
    let hours = |hours| SignedDuration::from_hours(hours);
    let age = now.duration_since(written);
    let interval = match () {
        () if age < hours(7 * DAY) => return true,
        () if age < hours(30 * DAY) || remembered.is_waiting => hours(6),
        () if age < hours(365 * DAY) => hours(2 * DAY),
        () => hours(14 * DAY),
    };
    now.duration_since(asked) >= interval
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_discussion_is_asked_for_less_often_as_it_ages() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a moment");
        let now = at("2026-06-30T12:00:00Z");
        let due = |written: &str, asked: &str, is_waiting: bool| {
            let remembered = Remembered { asked: Some(at(asked)), is_waiting, ..Remembered::default() };
            is_due(&remembered, Some(at(written)), now)
        };
        assert!(due("2026-06-29T12:00:00Z", "2026-06-30T11:59:00Z", false), "it is a day old");
        assert!(!due("2026-06-10T12:00:00Z", "2026-06-30T11:00:00Z", false));
        assert!(due("2026-06-10T12:00:00Z", "2026-06-30T05:00:00Z", false));
        assert!(!due("2026-01-10T12:00:00Z", "2026-06-29T12:00:00Z", false));
        assert!(due("2026-01-10T12:00:00Z", "2026-06-30T05:00:00Z", true), "somebody has decided meanwhile");
        assert!(!due("2020-01-10T12:00:00Z", "2026-06-20T12:00:00Z", false));
        assert!(due("2020-01-10T12:00:00Z", "2026-06-10T12:00:00Z", false));
        assert!(is_due(&Remembered::default(), Some(now), now), "it was never asked for");
    }
}
