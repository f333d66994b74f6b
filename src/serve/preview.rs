//! The preview of a site: it loads the site again after each change, and renders an output when a browser requests it.

mod gathering;
mod search;
mod snapshot;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, RwLock, Weak};
use std::thread;
use std::time::SystemTime;

use jiff::Timestamp;
use rayon::{ThreadPool, ThreadPoolBuilder};
use rustc_hash::FxHashMap;
use tokio::sync::watch;

use self::search::SearchSnapshot;
use self::snapshot::{CachedOutput, LoadedVersion, Snapshot};
use super::site_view::{Contents, ReplyOutcome, ServedOutput, SiteView};
use crate::build::render::{self, OutputBytes, RenderedOutput, recipe_fingerprint};
use crate::build::search::SearchBuild;
use crate::build::{ConfiguredSite, LoadedSite, Options, Report, keep_parse_cache, read_parse_cache};
use crate::config::{Mode, split_origin};
use crate::content::CommentStatus;
use crate::diagnostic::{Diagnostic, Severity};
use crate::images::GeneratedImage;
use crate::load::ParseCache;
use crate::locks::{self, lock};
use crate::replies::{self, Refusal, Submission};
use crate::site::ContentId;
use crate::site::plan::{PageList, Recipe};
use crate::site::thread::is_one_of;
use crate::source::{Fingerprint, Stream};
use crate::templates::Library;
use crate::templates::images::image_problem;

/// The preview of a site.
pub struct Preview {
    options: Options,
    /// The status of new replies.
    reply_status: CommentStatus,
    /// The parsed files, so that a reload reads only changed files. Locked while the site is loaded.
    parse_cache: Mutex<ParseCache>,
    snapshot: RwLock<Arc<Snapshot>>,
    /// The requested outputs, as they were rendered last.
    outputs: Mutex<FxHashMap<String, Arc<CachedOutput>>>,
    /// The search index that was built last.
    last_search: Mutex<Arc<SearchSnapshot>>,
    version: watch::Sender<u64>,
    /// One thread for the checks in the background. In the pool of all threads, an edit would wait until the whole site is
    /// checked. `None` if the system starts no more threads.
    background: Option<ThreadPool>,
    /// Held while replies from other networks are gathered.
    gathering: Mutex<()>,
    /// A reference to this preview, for the background thread.
    this: Weak<Self>,
}

impl Preview {
    /// Loads a site for the first time.
    pub fn new(options: Options, reply_status: CommentStatus) -> Arc<Self> {
        let parse_cache = read_parse_cache(&options.root).unwrap_or_default();
        let this = Arc::new_cyclic(|this: &Weak<Self>| Self {
            options,
            reply_status,
            this: this.clone(),
            parse_cache: Mutex::new(parse_cache),
            snapshot: RwLock::default(),
            outputs: Mutex::default(),
            last_search: Mutex::default(),
            version: watch::Sender::new(0),
            gathering: Mutex::default(),
            background: ThreadPoolBuilder::new().num_threads(1).build().ok(),
        });
        this.reload();
        let saver = this.clone();
        // The thread that holds this lock may wait for the pool, so this is not a thread of the pool.
        thread::spawn(move || {
            let parse_cache = lock(&saver.parse_cache);
            if parse_cache.is_changed() {
                keep_parse_cache(&saver.options.root, &parse_cache);
            }
        });
        this
    }

    /// The current errors and warnings.
    pub fn all_problems(&self) -> Vec<Diagnostic> {
        self.snapshot().all_problems()
    }

    /// The number of pages of the site.
    pub fn pages(&self) -> usize {
        self.snapshot().site.as_ref().map_or(0, |site| site.library.site.pages.len())
    }

    /// The output folder of builds, which the watcher ignores.
    pub fn output_folder(&self) -> PathBuf {
        let snapshot = self.snapshot();
        snapshot.site.as_ref().map_or("public", |site| &site.library.site.config.output_dir).into()
    }

    /// Loads the site again after a change.
    pub fn reload(&self) {
        let mut parse_cache = lock(&self.parse_cache);
        let before = self.snapshot();
        let read_at = SystemTime::now();
        // Both attempts use one moment. An invalid moment is reported when the configuration is read.
        let options = self.options.at_a_moment().unwrap_or_else(|_| self.options.clone());
        let (mut report, mut loaded) = Self::load(&options, &mut parse_cache, &before);
        if report.failed() && parse_cache.has_packed() {
            // The cache holds no line numbers. Without it the errors name their lines.
            *parse_cache = ParseCache::default();
            (report, loaded) = Self::load(&options, &mut parse_cache, &before);
        }
        let sources = loaded.as_ref().and_then(|(configured, _)| configured.sources(&self.options, read_at));
        let site = loaded.map(|(configured, LoadedSite { library, outputs })| {
            if let Some(before) = &before.site {
                library.set_earlier_outlines(before.library.bodies());
                library.set_earlier_images(&before.library);
            }
            let recipes = outputs.into_iter().map(|output| (output.path, output.recipe)).collect();
            Arc::new(LoadedVersion { configured, library, recipes })
        });
        let is_new = site.is_some();
        let snapshot = Snapshot {
            number: before.number + 1,
            sources,
            site: site.or_else(|| before.site.clone()),
            problems: report.diagnostics,
            // Problems stay until they are checked again, so that the remaining problems do not flicker.
            body_problems: Mutex::new(if is_new { lock(&before.body_problems).clone() } else { Vec::new() }),
            output_problems: Mutex::new(if is_new { lock(&before.output_problems).clone() } else { BTreeMap::new() }),
            search: if is_new { Arc::default() } else { before.search.clone() },
        };
        *locks::write(&self.snapshot) = Arc::new(snapshot);
        // The lock ends here, so that no two snapshots have the same number.
        drop(parse_cache);
        if let Some(site) = &self.snapshot().site {
            lock(&self.outputs).retain(|path, _| site.recipes.contains_key(path));
        }
        self.announce();
        if is_new {
            // The preview may be dropped before the thread starts.
            let this = self.this.clone();
            thread::spawn(move || {
                if let Some(this) = this.upgrade() {
                    match &this.background {
                        Some(pool) => pool.install(|| this.check_bodies()),
                        None => this.check_bodies(),
                    }
                }
            });
        }
    }

    /// Loads the site again if its files have changed since it was loaded.
    pub fn reload_if_changed(&self) {
        let configured = ConfiguredSite::new(&self.options, Mode::Serve, None, &mut Report::default());
        let now = configured.and_then(|configured| configured.sources(&self.options, SystemTime::now()));
        if now.is_none() || now != self.snapshot().sources {
            self.reload();
        }
    }

    fn load(
        options: &Options,
        parse_cache: &mut ParseCache,
        before: &Snapshot,
    ) -> (Report, Option<(ConfiguredSite, LoadedSite)>) {
        let mut report = Report::default();
        let configured =
            ConfiguredSite::new(options, Mode::Serve, before.site.as_ref().map(|site| &site.configured), &mut report);
        let loaded = configured.and_then(|mut configured| {
            let loaded = configured.load(options, parse_cache, &mut report)?;
            Some((configured, loaded))
        });
        (report, loaded)
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        locks::read(&self.snapshot).clone()
    }

    fn announce(&self) {
        self.version.send_modify(|version| *version += 1);
    }

    /// Writes a reply as a comment beside its post, and returns the address of the comment.
    fn write_reply(&self, submission: &Submission) -> Result<ReplyOutcome, ReplyOutcome> {
        let snapshot = self.snapshot();
        let form = submission.form()?;
        if submission.is_honeypot_filled() {
            // The writer is the author, who wants to know which fields the browser fills in.
            return Err(Refusal::Honeypot.into());
        }
        let site = &snapshot.site.as_ref().ok_or(Refusal::NoPage)?.library.site;
        let moment = Timestamp::now();
        let target = replies::find_target(site, &form, site.now)?;
        // The writer is the author, who may test how a reader's name looks.
        let by_author = form.author().is_some_and(|name| is_one_of(name, site.authors(target.content())));
        let text = replies::comment_file(&form, None, moment, self.reply_status, by_author);
        let written = replies::write(&self.options.root, &target, moment, &text).map_err(|error| {
            // The message is for the author, who can solve the problem.
            let message = format!("The reply could not be written: {error}.");
            ReplyOutcome::Refused { status: Refusal::StorageFailed.status(), message }
        })?;
        let (_, path) = split_origin(&site.content(target.content()).permalink);
        let file = format!("{}/{}.md", target.folder(), written.id);
        let message = match self.reply_status {
            CommentStatus::Pending => {
                format!("Your reply is in {file}. Readers see it when its status is \"approved\".")
            }
            _ => format!("Your reply is in {file}."),
        };
        Ok(ReplyOutcome::Accepted { location: format!("{path}#comment-{}", written.id), message })
    }

    /// Checks all bodies, and builds the search index. The results of unchanged bodies are reused.
    fn check_bodies(&self) {
        let snapshot = self.snapshot();
        let Some(site) = &snapshot.site else { return };
        let problems = site.library.check_bodies();
        let is_changed = *lock(&snapshot.body_problems) != problems;
        *lock(&snapshot.body_problems) = problems;
        let broken: Vec<String> = lock(&snapshot.output_problems).keys().cloned().collect();
        for path in broken {
            if self.output(&path).is_none() {
                lock(&snapshot.output_problems).remove(&path);
            }
        }
        if is_changed {
            self.announce();
        }
        self.search(&snapshot, site);
    }

    /// Returns the files of the search index, and builds them if needed. The entries of unchanged documents are reused.
    fn search(&self, snapshot: &Snapshot, site: &LoadedVersion) -> Arc<SearchSnapshot> {
        let mut search = lock(&snapshot.search);
        if let Some(search) = &*search {
            return search.clone();
        }
        let before = lock(&self.last_search).clone();
        let (entries, files) = SearchBuild::new(&site.library, &before.entries, &before.files).finish();
        let new = Arc::new(SearchSnapshot { entries, files: files.into_iter().collect() });
        *lock(&self.last_search) = new.clone();
        *search = Some(new.clone());
        new
    }

    /// Renders an output, or returns the cached output if it is up to date.
    fn render(
        &self,
        snapshot: &Snapshot,
        site: &LoadedVersion,
        path: &str,
        recipe: &Recipe,
    ) -> Result<ServedOutput, Diagnostic> {
        let library = &site.library;
        let cached = lock(&self.outputs).get(path).cloned();
        if let Some(cached) = &cached
            && cached.checked_in == snapshot.number
        {
            return Ok(cached.output.clone());
        }
        let recipe_fingerprint = recipe_fingerprint(library, recipe);
        if let Some(cached) = &cached
            && cached.recipe == recipe_fingerprint
            && library.are_up_to_date(&cached.dependencies)
        {
            let (dependencies, output) = (cached.dependencies.clone(), cached.output.clone());
            let checked = CachedOutput { dependencies, output, checked_in: snapshot.number, ..**cached };
            let output = checked.output.clone();
            lock(&self.outputs).insert(path.to_owned(), Arc::new(checked));
            return Ok(output);
        }
        let RenderedOutput { bytes, dependencies } = render::render(library, recipe)?;
        // A page without its text is not shown. The last good version is.
        let mut problems = text_of(recipe).map(|id| library.problems(id)).into_iter().flatten();
        if let Some(problem) = problems.find(|problem| problem.severity == Severity::Error) {
            return Err(problem);
        }
        let bytes = match bytes {
            OutputBytes::Made(bytes) => bytes,
            OutputBytes::Copied { source, size } => {
                let unreadable = |error| crate::source::unreadable(&source, &error);
                match library.world.open(&source).map_err(unreadable)? {
                    Stream::File(file) if size > MAX_CACHED => {
                        let fingerprint = Fingerprint::of(format!("{:?}", library.world.stamp(&source)).as_bytes());
                        let size = file.metadata().map_err(unreadable)?.len();
                        return Ok(ServedOutput { fingerprint, contents: Contents::File { file: file.into(), size } });
                    }
                    _ => library.world.read(&source).map_err(unreadable)?,
                }
            }
        };
        let output = ServedOutput { fingerprint: Fingerprint::of(&bytes), contents: bytes.into() };
        let dependencies = library.with_fingerprints(&dependencies);
        let cached = CachedOutput {
            output: output.clone(),
            recipe: recipe_fingerprint,
            dependencies,
            checked_in: snapshot.number,
        };
        lock(&self.outputs).insert(path.to_owned(), Arc::new(cached));
        Ok(output)
    }
}

/// The maximum size of a copied file that stays in memory, in bytes.
const MAX_CACHED: u64 = 1 << 20;

impl SiteView for Preview {
    fn output(&self, path: &str) -> Option<Result<ServedOutput, Vec<Diagnostic>>> {
        let snapshot = self.snapshot();
        let Some(site) = &snapshot.site else { return Some(Err(snapshot.problems.clone())) };
        if path.starts_with(crate::search::FOLDER) && !site.recipes.contains_key(path) {
            let bytes = self.search(&snapshot, site).files.get(path)?.clone();
            return Some(Ok(ServedOutput { fingerprint: Fingerprint::of(&bytes), contents: bytes.into() }));
        }
        let result = match site.recipes.get(path) {
            Some(recipe) => self.render(&snapshot, site, path, recipe),
            None => image_bytes(&site.library, path, &site.library.requested_image(path)?),
        };
        let mut output_problems = lock(&snapshot.output_problems);
        match result {
            Ok(output) => {
                if output_problems.remove(path).is_some() {
                    self.announce();
                }
                Some(Ok(output))
            }
            Err(problem) => {
                if output_problems.insert(path.to_owned(), problem.clone()).as_ref() != Some(&problem) {
                    self.announce();
                }
                // The last good version, so that the author sees where the problem is.
                let last = lock(&self.outputs).get(path).map(|cached| cached.output.clone());
                Some(last.ok_or_else(|| vec![problem]))
            }
        }
    }

    fn fingerprint(&self, path: &str) -> Option<Result<Fingerprint, Vec<Diagnostic>>> {
        let is_index = |site: &Arc<LoadedVersion>| matches!(site.recipes.get(path), Some(Recipe::WholeIndex(_)));
        if self.snapshot().site.as_ref().is_some_and(is_index) {
            // The index changes with every page and takes long to build. Open pages do not reload for it.
            return Some(Ok(Fingerprint::of(path.as_bytes())));
        }
        let is_image = |site: &Arc<LoadedVersion>| site.library.requested_image(path).is_some();
        if self.snapshot().site.as_ref().is_some_and(is_image) {
            // An image is named by its content, and takes long to make.
            return Some(Ok(Fingerprint::of(path.as_bytes())));
        }
        self.output(path).map(|result| result.map(|output| output.fingerprint))
    }

    fn problems(&self) -> Arc<[Diagnostic]> {
        let snapshot = self.snapshot();
        // The terminal shows the warnings. Over the page they would be in the way.
        let problems = snapshot.all_problems();
        problems.into_iter().filter(|problem| problem.severity == Severity::Error).collect()
    }

    fn version(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    fn base_path(&self) -> String {
        let snapshot = self.snapshot();
        let address = snapshot.site.as_ref().map(|site| site.library.site.config.base_url.clone()).unwrap_or_default();
        format!("{}/", split_origin(&address).1)
    }

    fn trusted_host(&self) -> Option<String> {
        // The author named it on the command line.
        let (origin, _) = split_origin(self.options.base_url.as_deref()?);
        origin.split_once("://").map(|(_, host)| host.to_owned())
    }

    fn origin(&self) -> Option<String> {
        let snapshot = self.snapshot();
        let address = &snapshot.site.as_ref()?.library.site.config.base_url;
        Some(split_origin(address).0.to_owned())
    }

    fn endpoint(&self) -> Option<String> {
        self.snapshot().site.as_ref()?.library.site.config.comments.endpoint.clone()
    }

    fn discussed_on(&self, path: &str) -> Vec<&'static str> {
        let snapshot = self.snapshot();
        let site = snapshot.site.as_ref().filter(|_| !self.options.offline).map(|site| &site.library.site);
        let page = site.and_then(|site| gathering::discussed_page(site, path));
        page.map(|page| page.meta.discussions.iter().map(|discussion| discussion.network.name()).collect())
            .unwrap_or_default()
    }

    fn gather(&self, path: &str) -> Result<String, String> {
        let outcome = self.gather_for(path);
        self.reload();
        outcome
    }

    fn reply(&self, submission: &Submission) -> ReplyOutcome {
        match self.write_reply(submission) {
            Ok(outcome) => {
                // The watcher reports the file too. That reload changes nothing.
                self.reload();
                outcome
            }
            Err(refusal) => refusal,
        }
    }
}

/// Returns the bytes of a processed image, which is made when a browser requests it.
fn image_bytes(library: &Library, path: &str, image: &GeneratedImage) -> Result<ServedOutput, Diagnostic> {
    let bytes = library.image_bytes(image).map_err(|message| image_problem(image, message))?;
    Ok(ServedOutput { fingerprint: Fingerprint::of(path.as_bytes()), contents: bytes.into() })
}

/// Returns the page or section whose text an output shows.
fn text_of(recipe: &Recipe) -> Option<ContentId> {
    match recipe {
        Recipe::Page(id) => Some(ContentId::Page(*id)),
        Recipe::Section(id) | Recipe::Pager { list: PageList::Section(id), .. } => Some(ContentId::Section(*id)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
