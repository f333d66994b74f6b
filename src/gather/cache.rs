//! What a run remembers for the next one beside the ledger: when each discussion was last asked for, which version it had,
//! and which servers want a pause. It lies in the cache folder. Without it everything is asked for again, and nothing else
//! changes.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::accounts::AccountRecord;
use super::client::Validator;

/// The file, in the cache folder.
const FILE: &str = "gather.json";

/// What is known of a discussion.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscussionRecord {
    /// When it was last asked for.
    pub asked: Option<Timestamp>,
    /// The version that it had.
    pub version: Option<Validator>,
    /// The account behind a name that can change, where the network has such names.
    pub account: Option<String>,
}

/// The content of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GatherCache {
    /// The discussions, by their addresses.
    pub discussions: BTreeMap<String, DiscussionRecord>,
    /// The author's accounts, by their addresses.
    pub accounts: BTreeMap<String, AccountRecord>,
    /// Until when servers want to be left alone.
    pub pauses: BTreeMap<String, Timestamp>,
}

impl GatherCache {
    /// Reads the file of the last run. One that is missing or damaged is as good as none.
    pub fn read(folder: &Path) -> Self {
        fs::read(folder.join(FILE)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// Writes the file.
    ///
    /// # Errors
    /// The system refused. The next run asks for everything again.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        let mut writer = io::BufWriter::new(&mut file);
        serde_json::to_writer(&mut writer, self)?;
        writer.flush()?;
        drop(writer);
        file.persist(folder.join(FILE)).map_err(|failed| failed.error)?;
        Ok(())
    }
}

/// Whether a discussion is asked for in a run: in every one while its post is new, and less often as it ages.
pub fn is_due(record: &DiscussionRecord, written: Option<Timestamp>, now: Timestamp) -> bool {
    let (Some(asked), Some(written)) = (record.asked, written) else { return true };
    const DAY: i64 = 24;
    let hours = |hours| SignedDuration::from_hours(hours);
    let age = now.duration_since(written);
    let interval = match () {
        () if age < hours(7 * DAY) => return true,
        () if age < hours(30 * DAY) => hours(6),
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
        let due = |written: &str, asked: &str| {
            let record = DiscussionRecord { asked: Some(at(asked)), ..DiscussionRecord::default() };
            is_due(&record, Some(at(written)), now)
        };
        assert!(due("2026-06-29T12:00:00Z", "2026-06-30T11:59:00Z"), "it is a day old");
        assert!(!due("2026-06-10T12:00:00Z", "2026-06-30T11:00:00Z"));
        assert!(due("2026-06-10T12:00:00Z", "2026-06-30T05:00:00Z"));
        assert!(!due("2026-01-10T12:00:00Z", "2026-06-29T12:00:00Z"));
        assert!(!due("2020-01-10T12:00:00Z", "2026-06-20T12:00:00Z"));
        assert!(due("2020-01-10T12:00:00Z", "2026-06-10T12:00:00Z"));
        assert!(is_due(&DiscussionRecord::default(), Some(now), now), "it was never asked for");
    }
}
