//! Asks the networks for discussions, takes in what they have, and saves what was done.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::apply::{GatherContext, GatherResults, apply_replies};
use super::cache::{DiscussionRecord, GatherCache};
use super::client::{NetworkClient, NetworkError, Session};
use super::reply::Replies;
use super::report::GatherReport;
use super::{LEDGER, bluesky, failed, github, hackernews, lemmy, lobsters, mastodon};
use crate::config::Network;
use crate::content::{Discussion, DiscussionAddress};
use crate::diagnostic::Diagnostic;
use crate::locks::lock;
use crate::replies::{Decision, Moderation, PageLocation};

/// So many servers are asked at the same time.
const SERVERS_AT_ONCE: usize = 8;

/// After so long a run saves what it has done, so that the next one goes on from there if it is stopped.
const SAVE_INTERVAL: Duration = Duration::from_secs(5);

/// A discussion that is asked for.
pub struct Task {
    /// The index of its page in the site.
    pub page_index: usize,
    /// The page.
    pub page: PageLocation,
    /// The discussion.
    pub discussion: Discussion,
    /// What its address names.
    pub address: DiscussionAddress,
    /// What is known of it.
    pub record: DiscussionRecord,
    /// Whether the author has decided about replies of it since the last run.
    pub has_decisions: bool,
}

/// What a run works with.
pub struct Run<'a> {
    /// The site, and where replies go.
    pub context: &'a GatherContext<'a>,
    /// The requests.
    pub session: &'a Session<'a>,
    /// The folder of the cache.
    pub cache: &'a Path,
    /// The moment of the run.
    pub now: Timestamp,
}

/// What a run has done so far, and what the next one will know.
pub struct RunState {
    /// What was done.
    pub results: GatherResults,
    /// What the next run will know.
    pub cache: GatherCache,
    /// When all of this was last saved.
    pub saved: Instant,
}

impl Run<'_> {
    /// Asks for all discussions, each server by one thread at a time, and takes in what they have.
    pub fn ask(
        &self,
        tasks: Vec<Task>,
        state: &Mutex<RunState>,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<(), Diagnostic> {
        let total = tasks.len();
        let mut by_server: BTreeMap<(Network, String), Vec<Task>> = BTreeMap::new();
        for task in tasks {
            by_server.entry((task.discussion.network, task.address.host.clone())).or_default().push(task);
        }
        let threads = by_server.len().min(SERVERS_AT_ONCE);
        let queue: Mutex<VecDeque<Vec<Task>>> = Mutex::new(by_server.into_values().collect());
        let done = Mutex::new(0);
        let work = || -> Result<(), Diagnostic> {
            loop {
                let next = lock(&queue).pop_front();
                let Some(tasks) = next else { return Ok(()) };
                for task in tasks {
                    self.ask_one(&task, state)?;
                    let mut state = lock(state);
                    if state.saved.elapsed() >= SAVE_INTERVAL {
                        self.save(&mut state)?;
                    }
                    drop(state);
                    let mut done = lock(&done);
                    *done += 1;
                    progress(*done, total);
                }
            }
        };
        let outcomes: Vec<Result<(), Diagnostic>> = thread::scope(|scope| {
            let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            let crashed = || Err(Diagnostic::error("a part of the program has failed"));
            handles.into_iter().map(|handle| handle.join().unwrap_or_else(|_| crashed())).collect()
        });
        outcomes.into_iter().collect()
    }

    /// Asks for one discussion.
    fn ask_one(&self, task: &Task, state: &Mutex<RunState>) -> Result<(), Diagnostic> {
        let Task { page, discussion, address, record, .. } = task;
        let known = record.version.clone().filter(|_| !task.has_decisions);
        let mut client = NetworkClient::new(self.session, known, record.account.clone());
        let found = replies(&mut client, discussion.network, address);
        let mut state = lock(state);
        let results = &mut state.results;
        match found {
            Ok(found) => {
                results.report.asked += 1;
                match &found {
                    Some(found) => apply_replies(self.context, results, page, discussion, found).map_err(|error| {
                        failed(&format!("the replies to {} cannot be taken in", page.document), &error)
                    })?,
                    None => results.report.unchanged += 1,
                }
                let record =
                    DiscussionRecord { asked: Some(self.now), version: client.received, account: client.account };
                state.cache.discussions.insert(discussion.url.clone(), record);
            }
            Err(error) => {
                if let Some(problem) = problem(&mut results.report, discussion.network, error) {
                    let source = &self.context.site.pages[task.page_index].content.source;
                    results.report.problems.push(problem.at(source.find_in_front_matter(&discussion.url)));
                }
            }
        }
        Ok(())
    }

    /// Publishes what needs no decision, and saves what was done. The ledger comes before the cache: a discussion whose
    /// version is known is one whose replies are.
    pub fn save(&self, state: &mut RunState) -> Result<(), Diagnostic> {
        if self.context.files.dry_run {
            return Ok(());
        }
        let published = self.publish(&mut state.results);
        let ledger = self.context.files.put_text(LEDGER, &state.results.ledger);
        published?;
        ledger.map_err(|error| failed("the ledger cannot be written", &error))?;
        state.cache.pauses = self.session.pauses();
        // Without the cache the next run asks for everything again.
        let _ = state.cache.write(self.cache);
        state.saved = Instant::now();
        Ok(())
    }

    /// Publishes the replies that need no decision of the author's.
    fn publish(&self, results: &mut GatherResults) -> Result<(), Diagnostic> {
        let mut approved = std::mem::take(&mut results.approved);
        if approved.is_empty() {
            return Ok(());
        }
        let context = self.context;
        let moderation = Moderation::new(context.files.root, context.spool, &context.config.comments);
        // Their ids are moments, so that parents come before their answers.
        approved.sort_by(|a, b| a.handle.cmp(&b.handle));
        let handles: Vec<&str> = approved.iter().map(|reply| reply.handle.as_str()).collect();
        let outcomes = moderation.decide_all(&handles, Decision::Approve, self.now)?;
        for (reply, outcome) in approved.iter().zip(outcomes) {
            match outcome {
                // What it answers may wait for a decision. Once that is made, a later run puts it in its place.
                Ok(outcome) => {
                    results.report.published += 1;
                    if let Some(entry) = results.ledger.0.get_mut(&reply.ledger_key) {
                        entry.path = outcome.reply.path();
                        entry.is_undecided = false;
                    }
                }
                Err(problem) => results.report.problems.push(problem),
            }
        }
        Ok(())
    }
}

/// Notes why a discussion could not be asked for. None if the author knows this already.
fn problem(report: &mut GatherReport, network: Network, error: NetworkError) -> Option<Diagnostic> {
    let name = network.name();
    match error {
        NetworkError::Gone => report.asked += 1,
        NetworkError::Postponed(_) => report.later += 1,
        NetworkError::Failed(_) | NetworkError::Malformed(_) | NetworkError::NeedsToken(_) => report.has_failed = true,
    }
    Some(match error {
        NetworkError::Gone => Diagnostic::warning(format!("this discussion is not on {name} any more"))
            .help("what was gathered of it stays; remove the line if it will not come back"),
        NetworkError::Postponed(reason) => {
            if !report.reasons.insert(reason.clone()) {
                return None;
            }
            Diagnostic::warning(reason).help("run `causerie gather` again later: it goes on where it was")
        }
        NetworkError::Failed(error) => {
            Diagnostic::warning(format!("this discussion cannot be loaded: {}", error.reason)).help(error.help)
        }
        NetworkError::Malformed(reason) => {
            Diagnostic::warning(reason).help("look whether the address opens in a browser; nothing was changed")
        }
        NetworkError::NeedsToken(what) => {
            Diagnostic::warning(format!("{name} cannot be asked for this discussion")).help(what)
        }
    })
}

fn replies(
    client: &mut NetworkClient<'_>,
    network: Network,
    address: &DiscussionAddress,
) -> Result<Option<Replies>, NetworkError> {
    match network {
        Network::Mastodon => mastodon::replies(client, address),
        Network::Bluesky => bluesky::replies(client, address),
        Network::HackerNews => hackernews::replies(client, address),
        Network::Lobsters => lobsters::replies(client, address),
        Network::GitHub => github::replies(client, address),
        Network::Lemmy => lemmy::replies(client, address),
    }
}
