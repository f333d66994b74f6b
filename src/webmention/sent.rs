//! What was sent: for each page and each link in it, for which version of the page the Webmention was sent, and with which result.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::diagnostic::Diagnostic;
use crate::import::files::Files;

/// The file, from the root of the site.
pub const SENT: &str = "imports/webmentions-sent.toml";

/// How long after the attempts so far the next one is made, in minutes. After the last one nothing more is tried until the page
/// changes.
const RETRY_PAUSES: [i64; 4] = [10, 60, 360, 1440];

const HEAD: &str = "\
# Written by `causerie webmention send`: which links of which pages were reported to the sites that they lead to, and for which
# version of the page. Without it, links could be reported again. Keep it with the site.

";

/// What is known of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkState {
    /// It was there before this site sent Webmentions.
    Recorded,
    /// It was reported.
    Sent,
    /// Its site takes no Webmentions.
    NoEndpoint,
    /// It could not be reported so far.
    Later,
    /// It cannot be reported.
    Failed,
}

/// A link of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentLink {
    /// What is known of it.
    pub state: LinkState,
    /// The version of the page.
    pub version: String,
    /// When it is tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// How often it failed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attempts: usize,
    /// Whether the other site has a Webmention of it, which it has to be told about when the link is gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_known_there: bool,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl SentLink {
    /// A link that is not tried again for this version.
    pub fn done(state: LinkState, version: &str, is_known_there: bool) -> Self {
        Self { state, version: version.to_owned(), due: None, attempts: 0, is_known_there }
    }

    /// A link that is tried again, not before a server's wish; or no more.
    pub fn again(before: Option<&Self>, version: &str, wish: Option<SignedDuration>, now: Timestamp) -> Self {
        let is_known_there = before.is_some_and(|before| before.is_known_there);
        let attempts = before.filter(|before| before.version == version).map_or(0, |before| before.attempts);
        let Some(&pause) = RETRY_PAUSES.get(attempts) else {
            return Self::done(LinkState::Failed, version, is_known_there);
        };
        let pause = SignedDuration::from_mins(pause).max(wish.unwrap_or_default().min(SignedDuration::from_hours(72)));
        let due = now.saturating_add(pause).ok();
        Self { state: LinkState::Later, version: version.to_owned(), due, attempts: attempts + 1, is_known_there }
    }
}

/// What was sent: the links of each page, by the addresses of both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent(pub BTreeMap<String, BTreeMap<String, SentLink>>);

impl Sent {
    /// Reads the file; none if nothing was ever sent or recorded.
    ///
    /// # Errors
    /// It cannot be read, or is not one.
    pub fn read(root: &Path) -> Result<Option<Self>, Diagnostic> {
        let text = match fs::read_to_string(root.join(SENT)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Diagnostic::error(format!("{SENT} cannot be read: {error}"))),
        };
        let parsed = toml::from_str(&text).map_err(|error| {
            let message = format!("{SENT} is not what was written: {}", error.message());
            Diagnostic::error(message).help("restore it from your version control")
        })?;
        Ok(Some(Self(parsed)))
    }

    /// Writes the file. At no time is a part of it to be seen.
    ///
    /// # Errors
    /// The system refused.
    pub fn write(&self, root: &Path) -> io::Result<()> {
        let text = toml::to_string(&self.0).map_err(io::Error::other)?;
        Files { root, dry_run: false }.put(SENT, format!("{HEAD}{text}").as_bytes())
    }
}
