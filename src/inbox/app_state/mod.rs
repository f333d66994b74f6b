//! What the server works with: the site of the moment, the spool and the key.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, RwLock};
use std::thread::Thread;
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use super::admission::{self, AdmissionControl, SubmissionContext};
use super::log;
use super::publish::Publisher;
use super::sender::Senders;
use super::writer;
use crate::build::{ConfiguredSite, LoadedSite, Options, Report, cached_shelf};
use crate::config::comments::Network;
use crate::config::{Config, Mode};
use crate::diagnostic::Diagnostic;
use crate::load::ParseCache;
use crate::locks::{self, lock};
use crate::replies::guard::{Disposition, look_the_same};
use crate::replies::{
    DecisionOutcome, EditRefusal, Field, Form, Key, Mail, Moderation, NotificationWriter, PageLocation, Purpose,
    Refusal, ReplyObject, Spool, Submission, SubscriptionRequest, find_moved_page, find_target, new_id,
};
use crate::site::Site;
use crate::site::thread::{ANONYMOUS, names_of};
use crate::templates::Library;

/// How long what is known of the spool's health is believed.
const PROBED: Duration = Duration::from_secs(5);

/// How often the clock is looked at, at least: it may jump, and the site may be loaded anew meanwhile.
const LOOK: Duration = Duration::from_secs(60);

/// The desk where replies are taken in.
pub struct AppState {
    root: PathBuf,
    /// The files that were parsed, so that only changed ones are read again. Held while the site is loaded.
    shelf: Mutex<ParseCache>,
    /// The last version of the site that could be loaded.
    current: RwLock<LoadedSites>,
    spool: Spool,
    key: Key,
    senders: Senders,
    gate: AdmissionControl,
    trusted: Vec<Network>,
    probed: Mutex<Option<(Instant, bool)>>,
    /// The thread that sends mail, if there is one.
    mail_room: OnceLock<Thread>,
}

/// The site as it was loaded. If it holds nothing back, both are one.
#[derive(Clone)]
struct LoadedSites {
    /// All posts, also those that are held back: whether one takes replies yet is a matter of the clock, with every reply.
    whole: Arc<Library>,
    /// What the site has published. What readers are answered with is made of this.
    public: Arc<Library>,
}

/// A reply that was taken, and what its writer can change it with.
pub struct AcceptedReply {
    /// The reply.
    pub reply: ReplyObject,
    /// Good for a quarter of an hour.
    pub token: String,
    /// What was done with it at once, because its writer is trusted. None: it waits.
    pub done: Option<DecisionOutcome>,
    /// The cookie that its writer is known by later on.
    pub cookie: Option<String>,
}

impl AppState {
    /// Opens the inbox of a site.
    ///
    /// # Errors
    /// What is wrong with the site, the spool or the key.
    pub fn open(root: &Path, trusted: &[Network]) -> Result<Self, Vec<Diagnostic>> {
        let mut shelf = cached_shelf(root).unwrap_or_default();
        let loaded = LoadedSites::load(root, &mut shelf).or_else(|_| {
            // An error is told with the line that it is in, and what comes from the cache has no lines.
            shelf = ParseCache::default();
            LoadedSites::load(root, &mut shelf)
        })?;
        let settings = &loaded.whole.site.config.comments;
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
        let gate = AdmissionControl::new(&spool, Timestamp::now());
        let trusted = settings.trusted_proxies.iter().chain(trusted).copied().collect();
        let desk = Self {
            root: root.to_owned(),
            shelf: Mutex::new(shelf),
            spool,
            key,
            senders: Senders::new(random()?),
            gate,
            trusted,
            probed: Mutex::default(),
            mail_room: OnceLock::new(),
            current: RwLock::new(loaded),
        };
        desk.moderation().tidy(Timestamp::now()).map_err(|problem| vec![problem])?;
        Ok(desk)
    }

    /// Loads the site anew, after something in it changed. While it has an error, the last good version stays.
    pub fn reload(&self) {
        let mut shelf = lock(&self.shelf);
        match LoadedSites::load(&self.root, &mut shelf) {
            Ok(current) => *locks::write(&self.current) = current,
            Err(problems) => {
                let problem = problems.into_iter().next().map_or_else(String::new, |problem| problem.message);
                log::error("reload", problem);
            }
        }
    }

    /// Loads the site anew if the clock has changed it since, as when a post's date has come. How long to wait until the next look.
    pub fn follow_clock(&self) -> Duration {
        let lasts = |now: Timestamp| {
            let span = self.public().site.span;
            let seconds = u64::try_from(span.until.saturating_sub(now.as_second())).unwrap_or_default();
            span.has(now).then(|| Duration::from_secs(seconds).min(LOOK))
        };
        lasts(Timestamp::now()).unwrap_or_else(|| {
            self.reload();
            lasts(Timestamp::now()).unwrap_or(LOOK)
        })
    }

    /// Finishes what was left half done, and forgets what is old or used up.
    pub fn tidy(&self) {
        if let Err(problem) = self.moderation().tidy(Timestamp::now()) {
            log::error("tidy", problem.message);
        }
        if let Err(error) = self.spool.remove_expired_uses(Timestamp::now()) {
            log::error("tidy", error);
        }
    }

    /// The site of the moment, with the posts that it holds back.
    pub fn library(&self) -> Arc<Library> {
        locks::read(&self.current).whole.clone()
    }

    /// The site of the moment as readers know it.
    pub fn public(&self) -> Arc<Library> {
        locks::read(&self.current).public.clone()
    }

    /// Its configuration.
    pub fn config(&self) -> Arc<Config> {
        self.library().site.config.clone()
    }

    /// Where the replies are, and the mail that waits.
    pub fn spool(&self) -> &Spool {
        &self.spool
    }

    /// Posts a mail, which is sent at once or as soon as that is possible. See [`Spool::queue_mail`].
    ///
    /// # Errors
    /// It is not kept.
    pub fn post(&self, id: &str, mail: &Mail, now: Timestamp) -> std::io::Result<()> {
        self.spool.queue_mail(id, mail, now)?;
        self.wake_mail_room();
        Ok(())
    }

    /// Says who sends mail.
    pub(super) fn has_mail_room(&self, thread: Thread) {
        // There is one.
        let _ = self.mail_room.set(thread);
    }

    /// Lets whoever sends mail look at once whether there is some.
    pub(super) fn wake_mail_room(&self) {
        self.mail_room.get().inspect(|thread| thread.unpark());
    }

    /// The proxies that are believed.
    pub fn trusted(&self) -> &[Network] {
        &self.trusted
    }

    /// What it signs with.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The room where its replies are decided about.
    pub fn moderation(&self) -> Moderation<'_> {
        let config = self.config();
        let library = self.library();
        Moderation::new(&self.root, &self.spool, &config.comments)
            .with_notifications(NotificationWriter::for_site(&config, &self.key))
            .with_page_finder(move |page| find_moved_page(&library.site, page))
    }

    /// Whether an address may ask for something once more.
    ///
    /// # Errors
    /// It has asked too often.
    pub fn ask(&self, address: IpAddr, now: Timestamp) -> Result<(), Refusal> {
        self.gate.ask(&self.config().comments.guard, self.senders.key(address, now))
    }

    /// Takes a reply. When this returns it is on stable storage. A writer's cookie is believed if the form was certainly sent by
    /// a page of ours (`is_ours`).
    ///
    /// # Errors
    /// Nothing was kept.
    pub fn take(
        &self,
        sent: &Submission,
        headers: &HeaderMap,
        is_ours: bool,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<AcceptedReply, Refusal> {
        let library = self.library();
        let settings = &library.site.config.comments;
        let form = sent.form()?;
        // An address that nothing is sent to is not kept.
        let form = if settings.notices { form } else { form.without_notifications() };
        let place = find_target(&library.site, &form, now)?;
        let sender = self.senders.key(address, now);
        let poses_as = form.author().and_then(|name| posed(&library.site, name));
        let wide = self.senders.wide_key(address, now);
        let manner = SubmissionContext { sent, sender, wide, received: now, age: self.age(&form, now), poses_as };
        let passed = self.gate.judge(&self.spool, &settings.guard, &form, &manner)?;
        // A page is one page by whatever address it was answered. The work that was done is for the address that was sent.
        let form = form.with_page(&library.site.content(place.content()).path);
        let known = self.writer(headers, now).filter(|_| is_ours);
        let is_known = known.is_some();
        let keep = || {
            let random = getrandom::u32().map_err(|error| not_kept(&error))?;
            let mut kept =
                ReplyObject::new(new_id(now, random), form, &library.site, &place, passed.verdict.clone(), now);
            // Whose page that was is not certain otherwise: its reader is not known by it, and keeps the cookie they have.
            if is_ours && settings.trust_after > 0 {
                kept.notes.writer = known.or_else(writer::new);
            }
            self.spool.add(&kept).map_err(|error| not_kept(&error))?;
            Ok(kept)
        };
        let mut kept = keep().inspect_err(|_| self.gate.forget(&passed))?;
        let token = self.key.sign(Purpose::Change, &kept.id, now);
        let cookie = self.cookie(&kept, now);
        let done = if is_known { self.skip_queue(&kept, settings.trust_after, now) } else { None };
        if let Some(done) = &done {
            kept.notes = done.reply.notes.clone();
        }
        Ok(AcceptedReply { reply: kept, token, done, cookie })
    }

    /// Lets a reply skip the queue if its writer is trusted. What goes wrong with that lets it wait.
    fn skip_queue(&self, kept: &ReplyObject, trust_after: usize, now: Timestamp) -> Option<DecisionOutcome> {
        if kept.notes.guard.decision != Disposition::Queue {
            return None;
        }
        let done = self.moderation().skip_queue(&kept.id, trust_after, now);
        let done = done.unwrap_or_else(|problem| {
            log::error("trust", problem.message);
            None
        })?;
        done.problems.iter().for_each(|problem| log::error("trust", &problem.message));
        self.wake_mail_room();
        Some(done)
    }

    /// The writer that a request says it is from, where writers can be trusted.
    pub fn writer(&self, headers: &HeaderMap, now: Timestamp) -> Option<String> {
        self.remembers().then(|| writer::of(&self.key, headers, self.is_secure(), now)).flatten()
    }

    /// The cookie by which a reply's writer is known, where writers can be trusted.
    pub fn cookie(&self, kept: &ReplyObject, now: Timestamp) -> Option<String> {
        let id = kept.notes.writer.as_ref().filter(|_| self.remembers())?;
        Some(writer::cookie(&self.key, id, self.is_secure(), now))
    }

    /// Whether writers are known by a cookie.
    pub fn remembers(&self) -> bool {
        self.config().comments.trust_after > 0
    }

    /// Whether readers reach the inbox over HTTPS.
    fn is_secure(&self) -> bool {
        self.config().below_endpoint("").is_some_and(|address| address.starts_with("https://"))
    }

    /// Commits and builds after decisions, as the command line does. One at a time, for git has one index. What goes wrong is
    /// told, and the decisions stand.
    pub fn publish(&self, done: &[DecisionOutcome]) -> Vec<Diagnostic> {
        if done.iter().all(|done| done.changed.is_empty()) {
            return Vec::new();
        }
        let config = self.config();
        let (commit, build) = (config.comments.commit, config.comments.rebuild);
        // Without the lock it may fail, and says so.
        let _alone = self.spool.inbox_folder().lock(".publishing");
        Publisher { root: self.root.clone(), commit, build }.publish(done)
    }

    /// What a form's script sends with the form of a page later on, and the work that it has to do until then.
    pub fn ticket(&self, page: &str, now: Timestamp) -> Json {
        // No two are the same, so that the work of one counts once. Where there are no random numbers, two may be.
        let number = getrandom::u64().unwrap_or_default();
        let token = self.key.sign(Purpose::Form, &format!("{number:016x}"), now);
        let work = admission::work(&self.config().comments.guard, page, &token);
        json!({ "token": token, "work": work, "remembers": self.remembers() })
    }

    /// How long ago a form was loaded, if it says so.
    fn age(&self, form: &Form, now: Timestamp) -> Option<SignedDuration> {
        let (_, end) = self.key.verify(Purpose::Form, form.token()?, now)?;
        Some(now.duration_since(end.checked_sub(Purpose::Form.lifetime()).ok()?))
    }

    /// A reply as its writer may still see it.
    ///
    /// # Errors
    /// The token is none of ours, or it is too late.
    pub fn own(&self, token: &str, now: Timestamp) -> Result<AcceptedReply, Refusal> {
        let id = self.id(token, now)?;
        let kept = self.moderation().own(id).map_err(second)?;
        Ok(AcceptedReply { reply: kept, token: token.to_owned(), done: None, cookie: None })
    }

    /// Changes a reply, or takes it back: none is left then.
    ///
    /// # Errors
    /// It is as it was.
    pub fn change(&self, sent: &Submission, now: Timestamp) -> Result<Option<AcceptedReply>, Refusal> {
        let token = sent.get(Field::Token);
        let id = self.id(token, now)?;
        match sent.get(Field::Action) {
            "withdraw" => self.moderation().withdraw(id).map(|()| None).map_err(second),
            "change" => {
                let config = self.config();
                let judge = |kept: &ReplyObject, form: &Form| {
                    self.gate.judge_again(&self.spool, &config.comments.guard, kept, form, now)
                };
                let kept = self.moderation().rewrite(id, sent.get(Field::Comment), judge).map_err(second)?;
                Ok(Some(AcceptedReply { reply: kept, token: token.to_owned(), done: None, cookie: None }))
            }
            _ => Err(Refusal::NotAForm),
        }
    }

    fn id<'t>(&self, token: &'t str, now: Timestamp) -> Result<&'t str, Refusal> {
        self.key.verify(Purpose::Change, token, now).map(|(id, _)| id).ok_or(Refusal::TooLate)
    }

    /// What a link in a mail about answers asks for, and the reply that it is about. Nothing is done yet.
    ///
    /// # Errors
    /// The token is none of ours, or it is too late.
    pub fn asked(&self, token: &str, now: Timestamp) -> Result<(SubscriptionRequest, Option<ReplyObject>), Refusal> {
        let (wish, id) = SubscriptionRequest::from_token(&self.key, token, now).ok_or(Refusal::TooLate)?;
        let kept = self.moderation().known(id);
        match (wish, &kept) {
            (SubscriptionRequest::Subscribe, Some(kept)) if kept.notes.email.is_some() => {
                Ok((wish, Some(kept.clone())))
            }
            (SubscriptionRequest::Subscribe, _) => Err(Refusal::TooLate),
            (SubscriptionRequest::Unsubscribe, _) => Ok((wish, kept)),
        }
    }

    /// Does what a link in a mail about answers asks for.
    ///
    /// # Errors
    /// As [`AppState::asked`].
    pub fn grant(&self, token: &str, now: Timestamp) -> Result<(SubscriptionRequest, Option<ReplyObject>), Refusal> {
        let (wish, id) = SubscriptionRequest::from_token(&self.key, token, now).ok_or(Refusal::TooLate)?;
        self.moderation().grant(wish, id).map(|kept| (wish, kept)).map_err(second)
    }

    /// Whether replies can be kept at the moment.
    pub fn is_well(&self) -> bool {
        let mut probed = lock(&self.probed);
        if let Some((at, is_well)) = *probed
            && at.elapsed() < PROBED
        {
            return is_well;
        }
        let result = self.spool.probe();
        let is_well = result.is_ok();
        if let Err(error) = result {
            log::error("spool", error);
        }
        *probed = Some((Instant::now(), is_well));
        is_well
    }
}

fn not_kept(error: &dyn std::fmt::Display) -> Refusal {
    log::error("spool", error);
    Refusal::StorageFailed
}

/// The author of something on the site whose name another one can be taken for.
fn posed<'s>(site: &'s Site, name: &str) -> Option<&'s str> {
    // Few write much: each is looked at once.
    let authors: BTreeSet<&str> =
        site.contents().flat_map(|id| site.authors(id)).chain(&site.config.author).map(String::as_str).collect();
    let mut names = authors.into_iter().flat_map(names_of).filter(|author| !author.eq_ignore_ascii_case(ANONYMOUS));
    names.find(|author| look_the_same(name, author))
}

fn second(second: EditRefusal) -> Refusal {
    match second {
        EditRefusal::Late => Refusal::TooLate,
        EditRefusal::Refused(refusal) => refusal,
        EditRefusal::Failed(problem) => not_kept(&problem.message),
    }
}

/// Where a page of a site is now that was at a path. The site is loaded for that.
pub fn find_moved(root: &Path, page: &str) -> Option<PageLocation> {
    let current = LoadedSites::load(root, &mut cached_shelf(root).unwrap_or_default()).ok()?;
    find_moved_page(&current.whole.site, page)
}

impl LoadedSites {
    /// Loads a site. The inbox has a clock of its own: that of a build that can be repeated may stand still.
    fn load(root: &Path, shelf: &mut ParseCache) -> Result<Self, Vec<Diagnostic>> {
        let public = Options { root: root.to_owned(), now: Some(Timestamp::now()), ..Options::default() };
        let mut report = Report::default();
        let Some(mut opened) = ConfiguredSite::new(&public, Mode::Build, None, &mut report) else {
            return Err(report.diagnostics);
        };
        let mut load = |options: &Options| {
            let loaded = opened.load(options, shelf, &mut report);
            loaded.map(|LoadedSite { library, .. }| library).ok_or_else(|| std::mem::take(&mut report.diagnostics))
        };
        let library = load(&public)?;
        if library.site.held.is_empty() {
            return Ok(Self { whole: library.clone(), public: library });
        }
        // Posts that are held back today may be published tomorrow.
        Ok(Self { whole: load(&Options { future: true, ..public })?, public: library })
    }
}
