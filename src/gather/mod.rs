//! Replies from other networks: asked for, and brought in as comments that wait for a decision.
//!
//! A reader per network yields replies in the neutral form of the import ([`reply`]), by a [`client`] that keeps bounds and
//! pace. [`apply`] puts new ones into the spool, where replies of the form wait too, and follows what changes. The ledger is
//! that of the import.

mod apply;
mod bluesky;
mod client;
mod github;
mod hackernews;
mod lemmy;
mod lobsters;
mod mastodon;
mod reply;
mod report;
mod state;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;

use jiff::Timestamp;
use rustc_hash::FxHashSet;

use self::client::{Client, Run, Trouble};
use self::reply::Replies;
use self::state::{Memory, Remembered, is_due};
use crate::config::Network;
use crate::config::{Approve, Config};
use crate::content::{Discussion, DiscussionAddress};
use crate::diagnostic::Diagnostic;
use crate::import::files::Files;
use crate::import::ledger::Ledger;
use crate::load::{ParseCache, Sources};
use crate::locks::lock;
use crate::replies::{Decision, Moderation, PageLocation, Spool, find_moved_page};
use crate::site::{self, Site, Visibility};
use crate::source::DiskWorld;

pub use self::apply::{Applier, Whereabouts};
pub use self::reply::{Reply, site_account};
pub use self::report::GatherReport;

/// The ledger, from the root of the site.
const LEDGER: &str = "imports/gather.toml";

/// So many servers are asked at the same time.
const SERVERS_AT_ONCE: usize = 8;

/// What to ask for.
#[derive(Clone, Debug)]
pub struct Options {
    /// The root of the site.
    pub root: PathBuf,
    /// The folder of the cache.
    pub cache: PathBuf,
    /// The files of the posts; none: all posts.
    pub posts: Vec<String>,
    /// Only posts from this moment on.
    pub since: Option<Timestamp>,
    /// Whether discussions are asked for that are not due.
    pub all: bool,
    /// Whether nothing is changed.
    pub dry_run: bool,
}

/// A discussion of a post that is asked for.
struct Task {
    page: PageLocation,
    discussion: Discussion,
    address: DiscussionAddress,
    remembered: Remembered,
}

/// Asks for replies, and brings them in.
///
/// # Errors
/// There is no site, the ledger or the spool cannot be read, or something cannot be written.
pub fn gather(options: &Options, progress: &(dyn Fn(usize, usize) + Sync)) -> Result<GatherReport, Diagnostic> {
    let world = DiskWorld::new(&options.root);
    let (config, problems) = Config::load(&world);
    let config = config.ok_or_else(|| first(problems, "there is no site here"))?;
    let now = crate::clock::read()?;
    let (site, problems) = load(&world, &config, now);
    let spool = Spool::open(&options.root, &config.comments.inbox)?;
    let failed = |what: &str, error: &io::Error| Diagnostic::error(format!("{what}: {error}"));
    let (model, _) = spool.guard_model().map_err(|error| failed("the guard's model cannot be read", &error))?;
    let mut memory = Memory::read(&options.cache);
    let mut report = GatherReport { problems, ..GatherReport::default() };
    let tasks = tasks(options, &site, &memory, now, &mut report)?;
    let ledger = read_ledger(options)?;
    let known_writers = match config.gather.approve {
        Approve::Known => known_writers(&site),
        _ => FxHashSet::default(),
    };
    let applier = Mutex::new(Applier {
        config: &config,
        spool: &spool,
        model: &model,
        files: Files { root: &options.root, dry_run: options.dry_run },
        ledger,
        report,
        approved: Vec::new(),
        known_writers,
    });
    let asked = ask(&config, tasks, &applier, now, progress);
    let mut applier = applier.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let asked = asked.map_err(|error| failed("what was asked for cannot be written", &error))?;
    if options.dry_run {
        return Ok(applier.report);
    }
    applier.files.put_text(LEDGER, &applier.ledger).map_err(|error| failed("the ledger cannot be written", &error))?;
    publish(options, &config, &mut applier, now)?;
    memory.0.extend(asked);
    // Without it the next run asks for everything again.
    let _ = memory.write(&options.cache);
    Ok(applier.report)
}

fn first(problems: Vec<Diagnostic>, otherwise: &str) -> Diagnostic {
    problems.into_iter().next().unwrap_or_else(|| Diagnostic::error(otherwise))
}

fn load(world: &DiskWorld, config: &Config, now: Timestamp) -> (Site, Vec<Diagnostic>) {
    let (sources, mut problems) = Sources::load(world, config, &mut ParseCache::default());
    let (site, found) = site::link(Arc::new(config.clone()), sources, Visibility::default(), now);
    problems.extend(found);
    // What is wrong elsewhere is for `causerie check`.
    problems.retain(|problem| problem.message.contains("discussion"));
    (site, problems)
}

/// The discussions that are to be asked for, in the order of their posts.
fn tasks(
    options: &Options,
    site: &Site,
    memory: &Memory,
    now: Timestamp,
    report: &mut GatherReport,
) -> Result<Vec<Task>, Diagnostic> {
    let named: Vec<String> = options.posts.iter().map(|post| plain_name(post)).collect();
    let mut unknown: FxHashSet<&str> = named.iter().map(String::as_str).collect();
    let mut tasks = Vec::new();
    for page in &site.pages {
        let path = &*page.content.source.path;
        if !named.is_empty() && !named.iter().any(|name| name == path) {
            continue;
        }
        unknown.remove(path);
        let written = page.meta.date.as_ref().map(|date| date.timestamp);
        if options.since.is_some_and(|since| written.is_none_or(|written| written < since)) {
            continue;
        }
        for discussion in &page.meta.discussions {
            let (Some(address), Some(location)) = (discussion.address(), find_moved_page(site, &page.content.path))
            else {
                continue;
            };
            report.discussions += 1;
            let remembered = memory.0.get(&discussion.url).cloned().unwrap_or_default();
            if options.all || !named.is_empty() || is_due(&remembered, written, now) {
                tasks.push(Task { page: location, discussion: discussion.clone(), address, remembered });
            } else {
                report.later += 1;
            }
        }
    }
    match unknown.into_iter().min() {
        None => Ok(tasks),
        Some(name) => Err(Diagnostic::error(format!("there is no post `{name}`"))
            .help("name the file of a post, such as content/posts/my-post.md")),
    }
}

/// The path of a post, however it was named.
fn plain_name(post: &str) -> String {
    let plain = post.trim_start_matches("./").trim_start_matches("@/");
    if plain.starts_with("content/") { plain.to_owned() } else { format!("content/{plain}") }
}

fn read_ledger(options: &Options) -> Result<Ledger, Diagnostic> {
    let path = options.root.join(LEDGER);
    match fs::read_to_string(&path) {
        Ok(text) => Ledger::parse(&text).map_err(|why| {
            Diagnostic::error(format!("{LEDGER} is not a ledger: {why}")).help("restore it from your version control")
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Ledger::default()),
        Err(error) => Err(Diagnostic::error(format!("{LEDGER} cannot be read: {error}"))),
    }
}

/// The accounts of whom the site shows a reply from a network.
pub fn known_writers(site: &Site) -> FxHashSet<String> {
    let contents = site.pages.iter().flat_map(|page| &page.content.thread.comments);
    contents.filter_map(|comment| reply::account_of(&comment.written)).collect()
}

/// Asks for all discussions, each server by one thread at a time, and takes in what they have.
fn ask(
    config: &Config,
    tasks: Vec<Task>,
    applier: &Mutex<Applier<'_>>,
    now: Timestamp,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> io::Result<BTreeMap<String, Remembered>> {
    let http = crate::fetch::Client::new(&config.fetch.private_hosts);
    let token = std::env::var("GITHUB_TOKEN").ok().filter(|token| !token.trim().is_empty());
    let run = Run::new(&http, &config.gather, token);
    let total = tasks.len();
    let mut by_server: BTreeMap<(Network, String), Vec<Task>> = BTreeMap::new();
    for task in tasks {
        by_server.entry((task.discussion.network, task.address.host.clone())).or_default().push(task);
    }
    let threads = by_server.len().min(SERVERS_AT_ONCE);
    let queue: Mutex<VecDeque<Vec<Task>>> = Mutex::new(by_server.into_values().collect());
    let asked = Mutex::new((BTreeMap::new(), 0));
    let work = || -> io::Result<()> {
        loop {
            let next = lock(&queue).pop_front();
            let Some(tasks) = next else { return Ok(()) };
            for task in tasks {
                let remembered = ask_one(&run, &task, applier, now)?;
                let mut asked = lock(&asked);
                asked.1 += 1;
                progress(asked.1, total);
                asked.0.extend(remembered.map(|remembered| (task.discussion.url, remembered)));
            }
        }
    };
    let results: Vec<io::Result<()>> = thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles
            .into_iter()
            .map(|handle| handle.join().unwrap_or_else(|_| Err(io::Error::other("a thread failed"))))
            .collect()
    });
    lock(applier).report.requests = run.requests();
    results.into_iter().collect::<io::Result<()>>()?;
    Ok(asked.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).0)
}

/// Asks for one discussion. What is to be remembered of it; none: as before.
fn ask_one(run: &Run<'_>, task: &Task, applier: &Mutex<Applier<'_>>, now: Timestamp) -> io::Result<Option<Remembered>> {
    let Task { page, discussion, address, remembered } = task;
    // Where replies wait, decisions may have changed what their answers look like here.
    let known = remembered.version.clone().filter(|_| !remembered.is_waiting);
    let mut client = Client::new(run, known, remembered.account.clone());
    let found = replies(&mut client, discussion.network, address);
    let mut applier = lock(applier);
    match found {
        Ok(found) => {
            applier.report.asked += 1;
            let is_waiting = match &found {
                Some(found) => applier.apply(page, discussion, found)?,
                None => {
                    applier.report.unchanged += 1;
                    false
                }
            };
            Ok(Some(Remembered { asked: Some(now), version: client.received, account: client.account, is_waiting }))
        }
        Err(trouble) => {
            let name = discussion.network.name();
            let (message, help) = match trouble {
                Trouble::Gone => {
                    applier.report.asked += 1;
                    (
                        format!("this discussion is not on {name} any more"),
                        "what was gathered of it stays; remove the line if it will not come back".to_owned(),
                    )
                }
                Trouble::Later(reason) => {
                    applier.report.later += 1;
                    if !applier.report.reasons.insert(reason.clone()) {
                        return Ok(None);
                    }
                    (reason, "run `causerie gather` again later: it goes on where it was".to_owned())
                }
                Trouble::Failed(error) => {
                    applier.report.has_failed = true;
                    (format!("this discussion cannot be loaded: {}", error.reason), error.help)
                }
                Trouble::Unreadable(reason) => {
                    applier.report.has_failed = true;
                    (reason, "look whether the address opens in a browser; nothing was changed".to_owned())
                }
                Trouble::Needs(what) => {
                    applier.report.has_failed = true;
                    (format!("{name} cannot be asked for this discussion"), what.to_owned())
                }
            };
            applier.problem(&page.document, discussion, message, &help);
            Ok(None)
        }
    }
}

fn replies(client: &mut Client<'_>, network: Network, address: &DiscussionAddress) -> Result<Option<Replies>, Trouble> {
    match network {
        Network::Mastodon => mastodon::replies(client, address),
        Network::Bluesky => bluesky::replies(client, address),
        Network::HackerNews => hackernews::replies(client, address),
        Network::Lobsters => lobsters::replies(client, address),
        Network::GitHub => github::replies(client, address),
        Network::Lemmy => lemmy::replies(client, address),
    }
}

/// Publishes the replies that need no decision of the author's.
fn publish(options: &Options, config: &Config, applier: &mut Applier<'_>, now: Timestamp) -> Result<(), Diagnostic> {
    if applier.approved.is_empty() {
        return Ok(());
    }
    let moderation = Moderation::new(&options.root, applier.spool, &config.comments);
    // Their ids are moments, so that parents come before their answers.
    applier.approved.sort();
    let handles: Vec<&str> = applier.approved.iter().map(String::as_str).collect();
    for outcome in moderation.decide_all(&handles, Decision::Approve, now)? {
        match outcome {
            // What it answers may wait for a decision. Once that is made, a later run puts it in its place.
            Ok(_) => applier.report.published += 1,
            Err(problem) => applier.report.problems.push(problem),
        }
    }
    Ok(())
}
