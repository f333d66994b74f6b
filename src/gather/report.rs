//! What a run did.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;

use crate::diagnostic::Diagnostic;

/// So many names of one kind are printed.
const MAX_NAMED: usize = 20;

/// What a run did.
#[derive(Debug, Default, Serialize)]
pub struct GatherReport {
    /// How many discussions the posts name.
    pub discussions: usize,
    /// How many of them were asked for.
    pub asked: usize,
    /// How many of those were as they had been.
    pub unchanged: usize,
    /// How many wait for another run.
    pub later: usize,
    /// How many requests were made.
    pub requests: usize,
    /// New replies that wait for a decision.
    pub waiting: usize,
    /// New replies that were published.
    pub published: usize,
    /// New replies that the guard holds as spam.
    pub spam: usize,
    /// Replies that their writers have changed.
    pub changed: usize,
    /// Replies that their writers have deleted.
    pub removed: usize,
    /// Replies whose writers do not wish to be shown elsewhere.
    pub opted_out: usize,
    /// Files of reactions that were written.
    pub reactions: usize,
    /// Replies that were left out, by the reason.
    pub left_out: BTreeMap<String, LeftOutReplies>,
    /// Accounts of the author whose profiles do not lead to the site.
    pub unconfirmed: Vec<String>,
    /// Files that were edited here, and so stay as they are.
    pub edited: Vec<String>,
    /// What a dry run would bring.
    pub plan: Vec<String>,
    /// Why discussions wait for another run, each reason once.
    pub reasons: BTreeSet<String>,
    /// The files of the site that were written or removed.
    #[serde(skip)]
    pub written: Vec<String>,
    /// What went wrong.
    #[serde(skip)]
    pub problems: Vec<Diagnostic>,
    /// Whether some discussion could not be asked for.
    pub has_failed: bool,
}

/// Replies that were left out for one reason.
#[derive(Debug, Default, Serialize)]
pub struct LeftOutReplies {
    /// How many there are.
    pub count: usize,
    /// The addresses of the first of them.
    pub examples: Vec<String>,
}

impl GatherReport {
    /// Notes a reply that is left out.
    pub fn left_out(&mut self, reason: &str, url: &str) {
        let replies = self.left_out.entry(reason.to_owned()).or_default();
        replies.count += 1;
        if replies.examples.len() < MAX_NAMED {
            replies.examples.push(url.to_owned());
        }
    }

    /// Notes a reply that a dry run would bring.
    pub fn plan(&mut self, is_published: bool, document: &str, url: &str) {
        let verb = if is_published { "publish" } else { "hold" };
        self.plan.push(format!("{verb}: {url} for {document}"));
    }

    /// What happened to replies, in one line.
    pub fn summary(&self) -> String {
        format!(
            "Replies: {} wait, {} published, {} held as spam, {} changed, {} removed",
            self.waiting, self.published, self.spam, self.changed, self.removed
        )
    }

    /// The report for a terminal.
    pub fn text(&self, is_dry_run: bool) -> String {
        let mut out = String::new();
        if is_dry_run {
            for line in &self.plan {
                let _ = writeln!(out, "{line}");
            }
        }
        let _ = writeln!(
            out,
            "Discussions: {} asked for of {}, {} unchanged, {} later ({} requests)",
            self.asked, self.discussions, self.unchanged, self.later, self.requests
        );
        let _ = writeln!(out, "{}", self.summary());
        if self.opted_out > 0 {
            let _ = writeln!(out, "Left out: {} whose writers do not wish to be shown elsewhere", self.opted_out);
        }
        for (reason, replies) in &self.left_out {
            let _ = writeln!(out, "Left out: {} because {reason}", replies.count);
            for url in &replies.examples {
                let _ = writeln!(out, "  {url}");
            }
        }
        for account in &self.unconfirmed {
            let _ = writeln!(out, "Not confirmed: the profile of {account} has no verified link to this site");
        }
        for path in self.edited.iter().take(MAX_NAMED) {
            let _ = writeln!(out, "Edited here, and left alone: {path}");
        }
        if self.waiting > 0 && !is_dry_run {
            let _ = writeln!(out, "Decide about those that wait: causerie comments list");
        }
        out
    }
}
