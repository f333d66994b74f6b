//! Replies from other networks: asked for, and brought in as comments that wait for a decision.
//!
//! A reader per network yields replies in the neutral form of the import ([`reply`]), by a [`client`] that keeps bounds and
//! pace. [`apply`] puts new ones into the spool, where replies of the form wait too, and follows what changes. The ledger is
//! that of the import.

mod accounts;
mod apply;
mod ask;
mod bluesky;
mod cache;
mod client;
mod comment_text;
mod github;
mod hackernews;
mod lemmy;
mod lobsters;
mod mastodon;
mod removal;
mod reply;
mod report;
mod status;
#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use jiff::Timestamp;
use rustc_hash::FxHashSet;

use self::accounts::plain_address;
use self::ask::{Run, RunState, Task};
use self::cache::{GatherCache, is_due};
use self::client::Session;
use self::status::has_decided_replies;
use crate::config::{Approve, Config};
use crate::diagnostic::{Diagnostic, DiagnosticKind};
use crate::import::files::Files;
use crate::import::ledger::Ledger;
use crate::load::{ParseCache, Sources};
use crate::replies::{Spool, page_location};
use crate::site::{self, ContentId, PageId, Site, Visibility};
use crate::source::DiskWorld;

pub use self::apply::{GatherContext, GatherResults, incoming_reply, take_in, write_reactions};
pub use self::removal::remove_missing;
pub use self::reply::{Reply, site_account};
pub use self::report::GatherReport;
pub use self::status::{ReplyStatus, settle_others, status_of};

/// The ledger, from the root of the site.
const LEDGER: &str = "imports/gather.toml";

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

/// Asks for replies, and brings them in.
///
/// # Errors
/// There is no site, the ledger or the spool cannot be read, or something cannot be written.
pub fn gather(options: &Options, progress: &(dyn Fn(usize, usize) + Sync)) -> Result<GatherReport, Diagnostic> {
    let world = DiskWorld::new(&options.root);
    let (config, problems) = Config::load(&world);
    let config = config
        .ok_or_else(|| problems.into_iter().next().unwrap_or_else(|| Diagnostic::error("there is no site here")))?;
    let now = crate::clock::read()?;
    let (site, problems) = load(&world, &config, now);
    let spool = Spool::open(&options.root, &config.comments.inbox)?;
    // A run on a schedule and the button of the preview change one ledger.
    let _lock = match options.dry_run {
        true => None,
        false => Some(
            spool.inbox_folder().lock(".gathering").map_err(|error| failed("the inbox cannot be locked", &error))?,
        ),
    };
    let (model, _) = spool.guard_model().map_err(|error| failed("the guard's model cannot be read", &error))?;
    let mut context = GatherContext {
        site: &site,
        config: &config,
        spool: &spool,
        model: &model,
        files: Files { root: &options.root, dry_run: options.dry_run },
        own_accounts: own_accounts(&config),
        trusted_accounts: FxHashSet::default(),
    };
    let report = GatherReport { problems, ..GatherReport::default() };
    let mut results = GatherResults { ledger: read_ledger(options)?, report, approved: Vec::new() };
    let mut cache = GatherCache::read(&options.cache);
    let tasks = tasks(options, &context, &cache, &mut results, now)?;
    let token = std::env::var("GITHUB_TOKEN").ok().filter(|token| !token.trim().is_empty());
    let session = Session::new(&config, token, &cache.pauses);
    if !tasks.is_empty() {
        look_at_accounts(&session, &config, &mut cache, &mut results.report, now);
    }
    if config.gather.approve == Approve::Known {
        let followed = cache.accounts.values().flat_map(|record| &record.followed);
        context.trusted_accounts = known_writers(&site);
        context.trusted_accounts.extend(followed.map(|account| plain_address(account)));
    }
    let run = Run { context: &context, session: &session, cache: &options.cache, now };
    let state = Mutex::new(RunState { results, cache, saved: Instant::now() });
    run.ask(tasks, &state, progress)?;
    let mut state = state.into_inner().unwrap_or_else(PoisonError::into_inner);
    state.results.report.requests = session.requests();
    run.save(&mut state)?;
    Ok(state.results.report)
}

fn failed(what: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::error(format!("{what}: {error}"))
}

fn load(world: &DiskWorld, config: &Config, now: Timestamp) -> (Site, Vec<Diagnostic>) {
    let (sources, mut problems) = Sources::load(world, config, &mut ParseCache::default());
    let (site, found) = site::link(Arc::new(config.clone()), sources, Visibility::default(), now);
    problems.extend(found);
    // What is wrong elsewhere is for `causerie check`.
    problems.retain(|problem| problem.kind == DiagnosticKind::DiscussionAddress);
    (site, problems)
}

/// The discussions that are to be asked for, in the order of their posts.
fn tasks(
    options: &Options,
    context: &GatherContext<'_>,
    cache: &GatherCache,
    results: &mut GatherResults,
    now: Timestamp,
) -> Result<Vec<Task>, Diagnostic> {
    let site = context.site;
    let named: FxHashSet<String> = options.posts.iter().map(|post| plain_name(post)).collect();
    let mut unknown: FxHashSet<&str> = named.iter().map(String::as_str).collect();
    let mut tasks = Vec::new();
    for (page_index, page) in site.pages.iter().enumerate() {
        let path = &*page.content.source.path;
        // What a language has from another one is the same discussion.
        if page.content.source.is_fallback() || !named.is_empty() && !named.contains(path) {
            continue;
        }
        unknown.remove(path);
        let written = page.meta.date.as_ref().map(|date| date.timestamp);
        if options.since.is_some_and(|since| written.is_none_or(|written| written < since)) {
            continue;
        }
        for discussion in &page.meta.discussions {
            let location = page_location(site, ContentId::Page(PageId(page_index)));
            let (Some(address), Some(location)) = (discussion.address(), location) else { continue };
            results.report.discussions += 1;
            let record = cache.discussions.get(&discussion.url).cloned().unwrap_or_default();
            // A decision changes what the answers to a reply answer here.
            let has_decisions = has_decided_replies(context, &results.ledger, &location, discussion)
                .map_err(|error| failed("the replies that wait cannot be read", &error))?;
            if options.all || !named.is_empty() || has_decisions || is_due(&record, written, now) {
                let discussion = discussion.clone();
                tasks.push(Task { page_index, page: location, discussion, address, record, has_decisions });
            } else {
                results.report.later += 1;
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
        Err(error) => Err(failed(&format!("{LEDGER} cannot be read"), &error)),
    }
}

/// Asks the networks about the author's accounts, where the last answer is too old.
fn look_at_accounts(
    session: &Session<'_>,
    config: &Config,
    cache: &mut GatherCache,
    report: &mut GatherReport,
    now: Timestamp,
) {
    let lists_followed = config.gather.approve == Approve::Known;
    cache.accounts.retain(|account, _| config.gather.me.contains(account));
    for account in &config.gather.me {
        let record = cache.accounts.entry(account.clone()).or_default();
        record.refresh(session, account, &config.base_url, lists_followed, now);
        if record.checked.is_some() && !record.is_confirmed {
            report.unconfirmed.push(account.clone());
        }
    }
}

/// The accounts that the author names as `me`.
pub fn own_accounts(config: &Config) -> FxHashSet<String> {
    config.gather.me.iter().map(|account| plain_address(account)).collect()
}

/// The accounts of whom the site shows a reply from elsewhere.
pub fn known_writers(site: &Site) -> FxHashSet<String> {
    let comments = site.pages.iter().flat_map(|page| &page.content.thread.comments);
    let accounts = comments.filter_map(|comment| reply::account_of(&comment.written));
    accounts.map(|account| plain_address(&account)).collect()
}
