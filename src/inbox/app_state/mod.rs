//! The application state of the inbox: the current site, the spool and the key.

mod loaded_sites;
mod submission;

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, RwLock};
use std::thread::Thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use self::loaded_sites::LoadedSites;
pub use self::loaded_sites::find_moved;
pub use self::submission::AcceptedReply;
use super::admission::AdmissionControl;
use super::log;
use super::publish::Publisher;
use super::sender::Senders;
use crate::build::read_parse_cache;
use crate::config::Config;
use crate::config::comments::Network;
use crate::diagnostic::Diagnostic;
use crate::load::ParseCache;
use crate::locks::{self, lock};
use crate::replies::{DecisionOutcome, Key, Mail, Moderation, NotificationWriter, Refusal, Spool, find_moved_page};
use crate::templates::Library;

/// How long the result of a health check is valid.
const HEALTH_CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// The longest time between two looks at the clock. The clock may jump, and the site may be loaded again in between.
const MAX_CLOCK_INTERVAL: Duration = Duration::from_secs(60);

/// The site, its replies, and the key that signs links and tokens.
pub struct AppState {
    root: PathBuf,
    /// The parsed files, so that a reload reads only changed files. Locked while the site is loaded.
    parse_cache: Mutex<ParseCache>,
    /// The last version of the site that could be loaded.
    sites: RwLock<LoadedSites>,
    spool: Spool,
    key: Key,
    senders: Senders,
    admission: AdmissionControl,
    trusted_proxies: Vec<Network>,
    /// When the spool was last checked, and whether it could store replies.
    last_health_check: Mutex<Option<(Instant, bool)>>,
    /// The thread that sends mail, if there is one.
    mail_thread: OnceLock<Thread>,
}

impl AppState {
    /// Opens the inbox of a site.
    ///
    /// # Errors
    /// The site has an error, or the spool or the key cannot be opened.
    pub fn open(root: &Path, trusted_proxies: &[Network]) -> Result<Self, Vec<Diagnostic>> {
        let mut parse_cache = read_parse_cache(root).unwrap_or_default();
        let sites = LoadedSites::load(root, &mut parse_cache).or_else(|_| {
            // The cache holds no line numbers. Without it the errors name their lines.
            parse_cache = ParseCache::default();
            LoadedSites::load(root, &mut parse_cache)
        })?;
        let settings = &sites.all.site.config.comments;
        let spool = Spool::open(root, &settings.inbox).map_err(|problem| vec![problem])?;
        let failed = |what: &str, error: &dyn std::fmt::Display| vec![Diagnostic::error(format!("{what}: {error}"))];
        let random = || {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes)
                .map(|()| bytes)
                .map_err(|error| failed("this system gives no random numbers", &error))
        };
        spool.probe().map_err(|error| failed("replies cannot be kept", &error))?;
        let key =
            Key::open(spool.inbox_folder(), random()?).map_err(|error| failed("links cannot be signed", &error))?;
        let admission = AdmissionControl::new(&spool, Timestamp::now());
        let trusted_proxies = settings.trusted_proxies.iter().chain(trusted_proxies).copied().collect();
        let app = Self {
            root: root.to_owned(),
            parse_cache: Mutex::new(parse_cache),
            spool,
            key,
            senders: Senders::new(random()?),
            admission,
            trusted_proxies,
            last_health_check: Mutex::default(),
            mail_thread: OnceLock::new(),
            sites: RwLock::new(sites),
        };
        app.moderation().tidy(Timestamp::now()).map_err(|problem| vec![problem])?;
        Ok(app)
    }

    /// Loads the site again after a file changed. While the site has an error, the last good version stays.
    pub fn reload(&self) {
        let mut parse_cache = lock(&self.parse_cache);
        match LoadedSites::load(&self.root, &mut parse_cache) {
            Ok(sites) => *locks::write(&self.sites) = sites,
            Err(problems) => {
                let problem = problems.into_iter().next().map_or_else(String::new, |problem| problem.message);
                log::error("reload", problem);
            }
        }
    }

    /// Loads the site again if time has changed it, for example when the date of a post is reached. Returns how long to wait
    /// until the next call.
    pub fn reload_if_outdated(&self) -> Duration {
        let remaining = |now: Timestamp| {
            let validity = self.public().site.validity;
            let seconds = u64::try_from(validity.until.saturating_sub(now.as_second())).unwrap_or_default();
            validity.has(now).then(|| Duration::from_secs(seconds).min(MAX_CLOCK_INTERVAL))
        };
        remaining(Timestamp::now()).unwrap_or_else(|| {
            self.reload();
            remaining(Timestamp::now()).unwrap_or(MAX_CLOCK_INTERVAL)
        })
    }

    /// Finishes interrupted decisions, and removes old decisions and expired uses of tokens.
    pub fn tidy(&self) {
        if let Err(problem) = self.moderation().tidy(Timestamp::now()) {
            log::error("tidy", problem.message);
        }
        if let Err(error) = self.spool.remove_expired_uses(Timestamp::now()) {
            log::error("tidy", error);
        }
    }

    /// The site's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The current site, with the posts that it holds back.
    pub fn library(&self) -> Arc<Library> {
        locks::read(&self.sites).all.clone()
    }

    /// The current site as readers see it.
    pub fn public(&self) -> Arc<Library> {
        locks::read(&self.sites).public.clone()
    }

    /// The configuration of the current site.
    pub fn config(&self) -> Arc<Config> {
        self.library().site.config.clone()
    }

    /// The store of pending replies and of queued mail.
    pub fn spool(&self) -> &Spool {
        &self.spool
    }

    /// Queues a mail and wakes the thread that sends it. See [`Spool::queue_mail`].
    ///
    /// # Errors
    /// The mail cannot be stored.
    pub fn queue_mail(&self, id: &str, mail: &Mail, now: Timestamp) -> std::io::Result<()> {
        self.spool.queue_mail(id, mail, now)?;
        self.wake_mail_thread();
        Ok(())
    }

    /// Sets the thread that sends mail.
    pub(super) fn set_mail_thread(&self, thread: Thread) {
        // The thread is started once.
        let _ = self.mail_thread.set(thread);
    }

    /// Wakes the thread that sends mail.
    pub(super) fn wake_mail_thread(&self) {
        self.mail_thread.get().inspect(|thread| thread.unpark());
    }

    /// The proxies whose statements about clients are believed.
    pub fn trusted_proxies(&self) -> &[Network] {
        &self.trusted_proxies
    }

    /// The key that signs links and tokens.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The operations on replies, for the current site.
    pub fn moderation(&self) -> Moderation<'_> {
        let config = self.config();
        let library = self.library();
        Moderation::new(&self.root, &self.spool, &config.comments)
            .with_notifications(NotificationWriter::for_site(&config, &self.key))
            .with_page_finder(move |page| find_moved_page(&library.site, page))
    }

    /// Counts a request of an address.
    ///
    /// # Errors
    /// The address has sent too many requests.
    pub fn count_request(&self, address: IpAddr, now: Timestamp) -> Result<(), Refusal> {
        self.admission.count_request(&self.config().comments.guard, self.senders.key(address, now))
    }

    /// Commits and builds after decisions, as the command line does. Problems are returned, and the decisions stand.
    pub fn publish(&self, done: &[DecisionOutcome]) -> Vec<Diagnostic> {
        if done.iter().all(|done| done.changed.is_empty()) {
            return Vec::new();
        }
        // Git has one index, so only one commit runs at a time. Without the lock git may fail, and then reports it.
        let _lock = self.spool.inbox_folder().lock(".publishing");
        self.publisher().publish(done)
    }

    /// Commits and builds after other changes of the site's files, with a message for the commit.
    pub fn publish_files(&self, changed: &[String], message: &str) -> Vec<Diagnostic> {
        if changed.is_empty() {
            return Vec::new();
        }
        let _lock = self.spool.inbox_folder().lock(".publishing");
        self.publisher().publish_files(&changed.iter().map(String::as_str).collect::<Vec<_>>(), message)
    }

    fn publisher(&self) -> Publisher {
        let config = self.config();
        Publisher { root: self.root.clone(), commit: config.comments.commit, build: config.comments.rebuild }
    }

    /// Whether replies can be stored at the moment.
    pub fn is_healthy(&self) -> bool {
        let mut last = lock(&self.last_health_check);
        if let Some((at, is_healthy)) = *last
            && at.elapsed() < HEALTH_CHECK_INTERVAL
        {
            return is_healthy;
        }
        let result = self.spool.probe();
        let is_healthy = result.is_ok();
        if let Err(error) = result {
            log::error("spool", error);
        }
        *last = Some((Instant::now(), is_healthy));
        is_healthy
    }
}
