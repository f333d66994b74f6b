//! What a run of sending did.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde::Serialize;

/// So many problems are printed.
const MAX_NAMED: usize = 50;

/// What happened to a link since the last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// The page has gained it.
    Gained,
    /// The page has kept it, and was changed.
    Kept,
    /// The page has lost it, or is gone.
    Lost,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gained => "new",
            Self::Kept => "changed",
            Self::Lost => "removed",
        })
    }
}

/// A Webmention that could not be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SendProblem {
    /// The page of this site.
    pub source: String,
    /// The page of another one.
    pub target: String,
    /// Why.
    pub reason: String,
    /// Whether a later run tries again.
    pub is_tried_again: bool,
}

/// What a run did.
#[derive(Debug, Default, Serialize)]
pub struct SendReport {
    /// How many published pages there are.
    pub pages: usize,
    /// How many links to other sites they have.
    pub links: usize,
    /// How many Webmentions were due.
    pub planned: usize,
    /// Webmentions that were sent.
    pub sent: BTreeMap<Change, usize>,
    /// Links to sites that take no Webmentions.
    pub without_endpoint: usize,
    /// Links that were only recorded.
    pub recorded: usize,
    /// Webmentions that wait for another run.
    pub later: usize,
    /// What could not be sent.
    pub problems: Vec<SendProblem>,
    /// What a dry run would send.
    pub plan: Vec<(Change, String, String)>,
}

impl SendReport {
    /// Notes a Webmention that could not be sent.
    pub fn problem(&mut self, source: &str, target: &str, reason: String, is_tried_again: bool) {
        self.later += usize::from(is_tried_again);
        let (source, target) = (source.to_owned(), target.to_owned());
        self.problems.push(SendProblem { source, target, reason, is_tried_again });
    }

    /// The report for a terminal.
    pub fn text(&self, is_dry_run: bool) -> String {
        let mut out = String::new();
        for (change, source, target) in &self.plan {
            let _ = writeln!(out, "{change}: {source} -> {target}");
        }
        for SendProblem { source, target, reason, is_tried_again } in self.problems.iter().take(MAX_NAMED) {
            let when =
                if *is_tried_again { "a later run tries again" } else { "not tried again until the page changes" };
            let _ = writeln!(out, "Not sent: {source} -> {target}\n  {reason}; {when}");
        }
        let of = |change| self.sent.get(&change).copied().unwrap_or_default();
        let _ = writeln!(out, "Links: {} to other sites, on {} pages", self.links, self.pages);
        let _ = match is_dry_run {
            true => writeln!(out, "Webmentions: {} would be sent, {} later", self.planned, self.later),
            false => writeln!(
                out,
                "Webmentions: {} sent ({} new, {} changed, {} removed), {} to sites that take none, {} later",
                self.sent.values().sum::<usize>(),
                of(Change::Gained),
                of(Change::Kept),
                of(Change::Lost),
                self.without_endpoint,
                self.later
            ),
        };
        if self.recorded > 0 {
            let _ = writeln!(
                out,
                "Recorded without sending: {} links that are there already; `--all` sends for them too",
                self.recorded
            );
        }
        out
    }
}
