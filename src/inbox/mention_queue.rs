//! The queue of Webmentions, and the threads that look at their sources.
//!
//! The spool has every queued Webmention. What is in memory says which are queued, so that nobody has to look for them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use rustc_hash::{FxHashMap, FxHashSet};
use url::Url;

use super::log::{self, LogLine};
use super::state::ServerState;
use crate::config::guard::GuardConfig;
use crate::fetch::Client;
use crate::locks::lock;
use crate::replies::spool::{Mention, MentionState, StoredMention};
use crate::replies::{Decision, Refusal};
use crate::webmention::{LEDGER, Outcome, Receiver, Source, Target, look};

/// How many sources are looked at at once. Each is on another host.
const THREADS: usize = 3;

/// How many queued Webmentions are in memory. More than that wait in the spool.
const MAX_QUEUED: usize = 5_000;

/// How long a thread sleeps that has nothing to do.
const POLL_INTERVAL: Duration = Duration::from_secs(30);

/// How long it is known what became of a Webmention.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24 * 14);

/// How many Webmentions a host may send in an hour, for each reply that an address may send.
const PER_HOST: usize = 10;

const HOUR: Duration = Duration::from_secs(3600);

/// The number of hosts whose Webmentions are counted.
const MAX_COUNTED_HOSTS: usize = 8192;

/// The queue of Webmentions.
#[derive(Default)]
pub struct MentionQueue {
    queue: Mutex<Queue>,
    /// Held by the one thread that reads the spool.
    loading: Mutex<()>,
    threads: OnceLock<Vec<Thread>>,
    /// The number of Webmentions of each host in this hour, and when the hour began.
    counts: Mutex<(Option<Instant>, FxHashMap<String, usize>)>,
}

#[derive(Default)]
struct Queue {
    /// Those that are queued, oldest first.
    waiting: VecDeque<StoredMention>,
    /// The hosts that are asked now.
    busy_hosts: FxHashSet<String>,
    /// Whether there is nothing in the spool that is not in memory.
    is_complete: bool,
}

impl MentionQueue {
    /// Counts a Webmention of a host.
    ///
    /// # Errors
    /// The host has sent too many in this hour.
    pub fn count(&self, source: &str, guard: &GuardConfig) -> Result<(), Refusal> {
        if guard.per_address == 0 {
            return Ok(());
        }
        let mut counts = lock(&self.counts);
        let (since, counts) = &mut *counts;
        // If there are too many hosts, all counts restart.
        if since.is_none_or(|since| since.elapsed() > HOUR) || counts.len() >= MAX_COUNTED_HOSTS {
            counts.clear();
            *since = Some(Instant::now());
        }
        let count = counts.entry(host(source)).or_default();
        *count += 1;
        let max = guard.per_address.saturating_mul(PER_HOST);
        if *count > max { Err(Refusal::TooManyReplies) } else { Ok(()) }
    }

    /// Adds a Webmention that the spool has. False if there is no room for it: then its turn comes later.
    pub fn add(&self, stored: StoredMention) -> bool {
        let mut queue = lock(&self.queue);
        let has_room = queue.waiting.len() < MAX_QUEUED;
        if has_room {
            queue.waiting.retain(|waiting| waiting.id != stored.id);
            queue.waiting.push_back(stored);
        } else {
            queue.is_complete = false;
        }
        drop(queue);
        self.threads.get().into_iter().flatten().for_each(Thread::unpark);
        has_room
    }

    /// Takes the next Webmention that is due and whose host is not asked already.
    fn take(&self, now: Timestamp) -> Option<StoredMention> {
        let mut queue = lock(&self.queue);
        let is_next = |stored: &StoredMention| {
            stored.mention.due <= now && !queue.busy_hosts.contains(&host(&stored.mention.source))
        };
        let position = queue.waiting.iter().position(is_next)?;
        let stored = queue.waiting.remove(position)?;
        queue.busy_hosts.insert(host(&stored.mention.source));
        Some(stored)
    }

    fn end(&self, source: &str) {
        lock(&self.queue).busy_hosts.remove(&host(source));
    }
}

/// Starts the threads. They end with the process, at any moment; a Webmention that they were looking at is queued still.
///
/// # Errors
/// The system starts no thread.
pub fn start(state: &Arc<ServerState>) -> std::io::Result<()> {
    let mut threads = Vec::new();
    for _ in 0..THREADS {
        let state = Arc::clone(state);
        let thread = thread::Builder::new().name("webmention".to_owned()).spawn(move || {
            loop {
                load(&state);
                while let Some(stored) = state.mentions.take(Timestamp::now()) {
                    let source = stored.mention.source.clone();
                    // A panic would leave the host busy for ever, and the thread ended.
                    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| verify(&state, stored)));
                    if done.is_err() {
                        log::error("webmention", "looking at a source failed");
                    }
                    state.mentions.end(&source);
                }
                thread::park_timeout(POLL_INTERVAL);
            }
        })?;
        threads.push(thread.thread().clone());
    }
    // The threads are started once.
    let _ = state.mentions.threads.set(threads);
    Ok(())
}

/// Notes decisions about Webmentions, and forgets what became of old ones.
pub fn tidy(state: &ServerState) {
    let library = state.app.library();
    let receiver = Receiver { root: state.app.root(), site: &library.site, spool: state.app.spool() };
    if let Err(error) = receiver.settle().and_then(|()| queued(state)) {
        log::error("webmention", error);
    }
}

fn queued(state: &ServerState) -> std::io::Result<Vec<StoredMention>> {
    let before = Timestamp::now().saturating_sub(KEPT_FOR).unwrap_or(Timestamp::MIN);
    state.app.spool().queued_mentions(before)
}

/// Reads what is queued in the spool, if not all of it is in memory and there is room for more.
fn load(state: &ServerState) {
    let is_needed =
        |queue: &Queue| !queue.is_complete && queue.busy_hosts.is_empty() && queue.waiting.len() <= MAX_QUEUED / 2;
    // The threads start together: the others find the queue filled.
    let _loading = lock(&state.mentions.loading);
    if !is_needed(&lock(&state.mentions.queue)) {
        return;
    }
    // The spool can be on another server: nobody waits for it with the lock.
    let queued = match queued(state) {
        Ok(queued) => queued,
        Err(error) => return log::error("webmention", error),
    };
    let mut queue = lock(&state.mentions.queue);
    if !is_needed(&queue) {
        return;
    }
    queue.is_complete = queued.len() <= MAX_QUEUED;
    let ids: FxHashSet<&str> = queued.iter().map(|stored| stored.id.as_str()).collect();
    // What came meanwhile may be in the list or not.
    let newer: Vec<StoredMention> =
        queue.waiting.drain(..).filter(|waiting| !ids.contains(waiting.id.as_str())).collect();
    queue.waiting = queued.into_iter().take(MAX_QUEUED).chain(newer).collect();
}

/// Looks at the source of a Webmention, and does what follows from it.
fn verify(state: &ServerState, stored: StoredMention) {
    let now = Timestamp::now();
    let (mention, word) = match outcome(state, &stored.mention, now) {
        Outcome::Kept(id) => (stored.mention.with(MentionState::Reply, None, Some(id)), "waiting"),
        Outcome::Approved(id) => (stored.mention.with(MentionState::Reply, None, Some(id)), "published"),
        Outcome::Counted => (stored.mention.with(MentionState::Counted, None, None), "counted"),
        Outcome::Removed => (stored.mention.with(MentionState::Removed, None, None), "removed"),
        Outcome::Refused(why) => (stored.mention.with(MentionState::Refused, Some(why), None), "refused"),
        Outcome::Later(why, wait) => {
            let wait = wait.and_then(|wait| SignedDuration::try_from(wait).ok());
            (stored.mention.again(why, wait, now), "later")
        }
    };
    LogLine { outcome: Some(word), ..LogLine::new("webmention") }.write();
    let is_queued = mention.state == MentionState::Queued;
    match state.app.spool().update_mention(&stored, mention) {
        Ok(Some(stored)) if is_queued => {
            state.mentions.add(stored);
        }
        // Where it was sent again meanwhile, that one is queued.
        Ok(_) => {}
        Err(error) => {
            log::error("webmention", error);
            let mut again = stored;
            again.mention.due = now.saturating_add(SignedDuration::from_mins(1)).unwrap_or(now);
            state.mentions.add(again);
        }
    }
}

fn outcome(state: &ServerState, mention: &Mention, now: Timestamp) -> Outcome {
    let library = state.app.library();
    let config = &library.site.config;
    // The site may have changed since the Webmention came.
    let target = match Target::find(&library.site, &mention.source, &mention.target, now) {
        Ok(target) => target,
        Err(refusal) => return Outcome::Refused(refusal.to_string()),
    };
    let source = look(&Client::new(&config.fetch.private_hosts), &mention.source, &target, mention.received);
    if let Source::Refused(why) = source {
        return Outcome::Refused(why);
    }
    let receiver = Receiver { root: state.app.root(), site: &library.site, spool: state.app.spool() };
    let (outcome, mut changed) = match receiver.apply(&mention.source, &target, source) {
        Ok(applied) => applied,
        Err(problem) => {
            log::error("webmention", problem.message);
            return Outcome::Later("the site could not keep it".to_owned(), None);
        }
    };
    if let Outcome::Approved(id) = &outcome {
        match state.app.moderation().decide_all(&[id], Decision::Approve, now) {
            // What cannot be published waits for a decision.
            Ok(outcomes) => changed.extend(outcomes.into_iter().flatten().flat_map(|outcome| outcome.changed)),
            Err(problem) => log::error("webmention", problem.message),
        }
        state.app.wake_mail_thread();
    }
    state.wake_notifier();
    if !changed.is_empty() {
        changed.push(LEDGER.to_owned());
    }
    for problem in state.app.publish_files(&changed, &format!("Take in a Webmention for {}", target.page.page)) {
        log::error("publish", problem.message);
    }
    outcome
}

/// The host of a source, as requests are counted.
fn host(source: &str) -> String {
    Url::parse(source).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}
