//! The site as the preview shows it: loaded anew after each change, and rendered where somebody looks.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, RwLock, Weak};
use std::thread;
use std::time::SystemTime;

use jiff::Timestamp;
use rayon::{ThreadPool, ThreadPoolBuilder};
use rustc_hash::FxHashMap;
use tokio::sync::watch;

use super::site_view::{Contents, ReplyAnswer, ServedOutput, SiteView};
use crate::build::render::{OutputBytes, RenderedOutput, recipe_fingerprint, render};
use crate::build::search::{SearchBuild, Sink, StoredEntries};
use crate::build::{ConfiguredSite, LoadedSite, Options, Report, dedup, keep_parse_cache, read_parse_cache};
use crate::config::{Mode, split_origin};
use crate::content::CommentStatus;
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::load::ParseCache;
use crate::locks::{self, lock};
use crate::replies::{self, Refusal, Submission};
use crate::search;
use crate::site::ContentId;
use crate::site::plan::{PageList, Recipe};
use crate::site::thread::is_one_of;
use crate::source::{Fingerprint, Stream};
use crate::templates::Library;
use crate::templates::dependencies::Dependency;

/// The preview of a site.
pub struct Preview {
    options: Options,
    /// What a reply is until its author decides.
    reply_status: CommentStatus,
    /// The files that were parsed, so that only changed ones are read again. Held while the site is loaded.
    parse_cache: Mutex<ParseCache>,
    scene: RwLock<Arc<Snapshot>>,
    /// Outputs that were asked for, as they were rendered last.
    made: Mutex<FxHashMap<String, Arc<CachedOutput>>>,
    /// The search as it was made last.
    searched: Mutex<Arc<SearchSnapshot>>,
    version: watch::Sender<u64>,
    /// One thread for what nobody waits for: in the pool of all threads an edit would wait until the whole site has been
    /// looked through. None where the system gives no more threads.
    background: Option<ThreadPool>,
    this: Weak<Self>,
}

/// The site at one moment.
#[derive(Default)]
struct Snapshot {
    /// Its number, one more with every change.
    number: u64,
    /// The fingerprint of the files that it was loaded from, if every change of them would show in it.
    sources: Option<Fingerprint>,
    /// The last version of the site that could be loaded.
    site: Option<Arc<LoadedVersion>>,
    /// Why this moment's version could not be loaded, and warnings.
    problems: Vec<Diagnostic>,
    /// What is wrong with bodies. They are looked through after the first pages are shown.
    in_bodies: Mutex<Vec<Diagnostic>>,
    /// What is wrong with outputs that were asked for, by their paths.
    in_outputs: Mutex<BTreeMap<String, Diagnostic>>,
    /// The search of this version of the site, made after its first pages are shown; nobody waits for it but who asks for it.
    searched: Arc<Mutex<Option<Arc<SearchSnapshot>>>>,
}

impl Snapshot {
    fn all_problems(&self) -> Vec<Diagnostic> {
        let mut problems = self.problems.clone();
        problems.extend(lock(&self.in_bodies).iter().cloned());
        problems.extend(dedup(lock(&self.in_outputs).values().cloned().collect()));
        diagnostic::sort(&mut problems);
        problems.dedup();
        problems
    }
}

/// A site that was loaded.
struct LoadedVersion {
    opened: ConfiguredSite,
    library: Arc<Library>,
    recipes: FxHashMap<String, Recipe>,
}

/// An output as it was rendered last.
struct CachedOutput {
    shown: ServedOutput,
    recipe: Fingerprint,
    dependencies: Vec<(Dependency, Fingerprint)>,
    /// The scene that it was found good for.
    good_for: u64,
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
            scene: RwLock::default(),
            made: Mutex::default(),
            searched: Mutex::default(),
            version: watch::Sender::new(0),
            background: ThreadPoolBuilder::new().num_threads(1).build().ok(),
        });
        this.reload();
        let keeper = this.clone();
        // Not on a thread of the pool, which whoever holds this lock may wait for.
        thread::spawn(move || {
            let parse_cache = lock(&keeper.parse_cache);
            if parse_cache.is_changed() {
                keep_parse_cache(&keeper.options.root, &parse_cache);
            }
        });
        this
    }

    /// Everything that is wrong at the moment, warnings as well.
    pub fn all_problems(&self) -> Vec<Diagnostic> {
        self.scene().all_problems()
    }

    /// How many pages the site has.
    pub fn pages(&self) -> usize {
        self.scene().site.as_ref().map_or(0, |site| site.library.site.pages.len())
    }

    /// Where a build would put the site: what is there is nothing to look at.
    pub fn output_folder(&self) -> PathBuf {
        let scene = self.scene();
        scene.site.as_ref().map_or("public", |site| &site.library.site.config.output_dir).into()
    }

    /// Loads the site anew, after something in it changed.
    pub fn reload(&self) {
        let mut parse_cache = lock(&self.parse_cache);
        let before = self.scene();
        let looked = SystemTime::now();
        // Read here, so that both attempts are made at one moment. What is wrong with it is reported as the site is opened.
        let options = self.options.at_a_moment().unwrap_or_else(|_| self.options.clone());
        let (mut report, mut loaded) = Self::load(&options, &mut parse_cache, &before);
        if report.failed() && parse_cache.has_packed() {
            // An error is told with the line that it is in, and what comes from the cache has no lines.
            *parse_cache = ParseCache::default();
            (report, loaded) = Self::load(&options, &mut parse_cache, &before);
        }
        let sources = loaded.as_ref().and_then(|(opened, _)| opened.sources(&self.options, looked));
        let site = loaded.map(|(opened, LoadedSite { library, outputs })| {
            if let Some(before) = &before.site {
                library.set_earlier_outlines(before.library.bodies());
            }
            let recipes = outputs.into_iter().map(|output| (output.path, output.recipe)).collect();
            Arc::new(LoadedVersion { opened, library, recipes })
        });
        let is_new = site.is_some();
        let scene = Snapshot {
            number: before.number + 1,
            sources,
            site: site.or_else(|| before.site.clone()),
            problems: report.diagnostics,
            // What was wrong is so until somebody has looked again: problems that are still there must not flicker.
            in_bodies: Mutex::new(if is_new { lock(&before.in_bodies).clone() } else { Vec::new() }),
            in_outputs: Mutex::new(if is_new { lock(&before.in_outputs).clone() } else { BTreeMap::new() }),
            searched: if is_new { Arc::default() } else { before.searched.clone() },
        };
        *locks::write(&self.scene) = Arc::new(scene);
        // Until now nobody else could begin: two scenes of one number would be taken for the same.
        drop(parse_cache);
        if let Some(site) = &self.scene().site {
            lock(&self.made).retain(|path, _| site.recipes.contains_key(path));
        }
        self.announce();
        if is_new {
            // Nobody may be left who wants to know.
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

    /// Loads the site anew if its files are not the ones that it was loaded from.
    pub fn catch_up(&self) {
        let opened = ConfiguredSite::new(&self.options, Mode::Serve, None, &mut Report::default());
        let now = opened.and_then(|opened| opened.sources(&self.options, SystemTime::now()));
        if now.is_none() || now != self.scene().sources {
            self.reload();
        }
    }

    fn load(
        options: &Options,
        parse_cache: &mut ParseCache,
        before: &Snapshot,
    ) -> (Report, Option<(ConfiguredSite, LoadedSite)>) {
        let mut report = Report::default();
        let opened =
            ConfiguredSite::new(options, Mode::Serve, before.site.as_ref().map(|site| &site.opened), &mut report);
        let loaded = opened.and_then(|mut opened| {
            let loaded = opened.load(options, parse_cache, &mut report)?;
            Some((opened, loaded))
        });
        (report, loaded)
    }

    fn scene(&self) -> Arc<Snapshot> {
        locks::read(&self.scene).clone()
    }

    fn announce(&self) {
        self.version.send_modify(|version| *version += 1);
    }

    /// Writes a reply as a comment beside its post, and says where it is shown.
    fn take_reply(&self, sent: &Submission) -> Result<ReplyAnswer, ReplyAnswer> {
        let scene = self.scene();
        let form = sent.form()?;
        if sent.is_honeypot_filled() {
            // Here its writer is the author, who wants to know what their browser fills in.
            return Err(Refusal::Honeypot.into());
        }
        let site = &scene.site.as_ref().ok_or(Refusal::NoPage)?.library.site;
        let moment = Timestamp::now();
        let place = replies::find_target(site, &form, site.now)?;
        // Whoever writes here is the author, who may try what a reader's name looks like.
        let by_author = form.author().is_some_and(|name| is_one_of(name, site.authors(place.content())));
        let text = replies::comment_file(&form, None, moment, self.reply_status, by_author);
        let written = replies::write(&self.options.root, &place, moment, &text).map_err(|error| {
            // Here the reader is the author, who can do something about it.
            let message = format!("The reply could not be written: {error}.");
            ReplyAnswer::Refused { status: Refusal::StorageFailed.status(), message }
        })?;
        let (_, path) = split_origin(&site.content(place.content()).permalink);
        let file = format!("{}/{}.md", place.folder(), written.id);
        let message = match self.reply_status {
            CommentStatus::Pending => {
                format!("Your reply is in {file}. Readers see it when its status is \"approved\".")
            }
            _ => format!("Your reply is in {file}."),
        };
        Ok(ReplyAnswer::Accepted { location: format!("{path}#comment-{}", written.id), message })
    }

    /// Looks through all bodies for mistakes. What was known of those that have not changed is taken over.
    fn check_bodies(&self) {
        let scene = self.scene();
        let Some(site) = &scene.site else { return };
        let problems = site.library.check_bodies();
        let is_changed = *lock(&scene.in_bodies) != problems;
        *lock(&scene.in_bodies) = problems;
        let broken: Vec<String> = lock(&scene.in_outputs).keys().cloned().collect();
        for path in broken {
            if self.output(&path).is_none() {
                lock(&scene.in_outputs).remove(&path);
            }
        }
        if is_changed {
            self.announce();
        }
        self.searched(&scene, site);
    }

    /// The files of the search. What the last version knew of documents that have not changed is taken over.
    fn searched(&self, scene: &Snapshot, site: &LoadedVersion) -> Arc<SearchSnapshot> {
        let mut searched = lock(&scene.searched);
        if let Some(searched) = &*searched {
            return searched.clone();
        }
        let before = lock(&self.searched).clone();
        let (entries, files) = SearchBuild::new(&site.library, &before.entries, &before.files).finish();
        let new = Arc::new(SearchSnapshot { entries, files: files.into_iter().collect() });
        *lock(&self.searched) = new.clone();
        *searched = Some(new.clone());
        new
    }

    /// Renders an output, or finds that it is as it was.
    fn make(
        &self,
        scene: &Snapshot,
        site: &LoadedVersion,
        path: &str,
        recipe: &Recipe,
    ) -> Result<ServedOutput, Diagnostic> {
        let library = &site.library;
        let recipe_fingerprint = recipe_fingerprint(library, recipe);
        let known = lock(&self.made).get(path).cloned();
        if let Some(made) = &known {
            if made.good_for == scene.number {
                return Ok(made.shown.clone());
            }
            if made.recipe == recipe_fingerprint && library.are_up_to_date(&made.dependencies) {
                let (dependencies, shown) = (made.dependencies.clone(), made.shown.clone());
                let made = CachedOutput { dependencies, shown, good_for: scene.number, ..**made };
                let shown = made.shown.clone();
                lock(&self.made).insert(path.to_owned(), Arc::new(made));
                return Ok(shown);
            }
        }
        let RenderedOutput { bytes, dependencies } = render(library, recipe)?;
        // A page without its text is no version that anybody wants to see.
        let mut problems = text_of(recipe).map(|id| library.problems(id)).into_iter().flatten();
        if let Some(problem) = problems.find(|problem| problem.severity == Severity::Error) {
            return Err(problem);
        }
        let bytes = match bytes {
            OutputBytes::Made(bytes) => bytes,
            OutputBytes::Copied { source, size } => {
                let unreadable = |error| crate::source::unreadable(&source, &error);
                match library.world.open(&source).map_err(unreadable)? {
                    Stream::File(file) if size > LARGEST_KEPT => {
                        let fingerprint = Fingerprint::of(format!("{:?}", library.world.stamp(&source)).as_bytes());
                        let size = file.metadata().map_err(unreadable)?.len();
                        return Ok(ServedOutput { fingerprint, contents: Contents::File { file: file.into(), size } });
                    }
                    _ => library.world.read(&source).map_err(unreadable)?,
                }
            }
        };
        let shown = ServedOutput { fingerprint: Fingerprint::of(&bytes), contents: bytes.into() };
        let dependencies = library.with_fingerprints(&dependencies);
        let made =
            CachedOutput { shown: shown.clone(), recipe: recipe_fingerprint, dependencies, good_for: scene.number };
        lock(&self.made).insert(path.to_owned(), Arc::new(made));
        Ok(shown)
    }
}

/// Files that are copied as they are stay in memory up to this size, in bytes.
const LARGEST_KEPT: u64 = 1 << 20;

impl SiteView for Preview {
    fn output(&self, path: &str) -> Option<Result<ServedOutput, Vec<Diagnostic>>> {
        let scene = self.scene();
        let Some(site) = &scene.site else { return Some(Err(scene.problems.clone())) };
        if path.starts_with(search::FOLDER) && !site.recipes.contains_key(path) {
            let bytes = self.searched(&scene, site).files.get(path)?.clone();
            return Some(Ok(ServedOutput { fingerprint: Fingerprint::of(&bytes), contents: bytes.into() }));
        }
        let recipe = site.recipes.get(path)?;
        let result = self.make(&scene, site, path, recipe);
        let mut in_outputs = lock(&scene.in_outputs);
        match result {
            Ok(shown) => {
                if in_outputs.remove(path).is_some() {
                    self.announce();
                }
                Some(Ok(shown))
            }
            Err(problem) => {
                if in_outputs.insert(path.to_owned(), problem.clone()).as_ref() != Some(&problem) {
                    self.announce();
                }
                // The last good version, so that the author sees where the problem is.
                let last = lock(&self.made).get(path).map(|made| made.shown.clone());
                Some(last.ok_or_else(|| vec![problem]))
            }
        }
    }

    fn fingerprint(&self, path: &str) -> Option<Result<Fingerprint, Vec<Diagnostic>>> {
        let is_index = |site: &Arc<LoadedVersion>| matches!(site.recipes.get(path), Some(Recipe::WholeIndex(_)));
        if self.scene().site.as_ref().is_some_and(is_index) {
            // It changes with every page, and takes long to make: no reason to load all open pages again.
            return Some(Ok(Fingerprint::of(path.as_bytes())));
        }
        self.output(path).map(|output| output.map(|shown| shown.fingerprint))
    }

    fn problems(&self) -> Arc<[Diagnostic]> {
        let scene = self.scene();
        // Warnings are told on the terminal; over the page they would be in the way.
        let problems = scene.all_problems();
        problems.into_iter().filter(|problem| problem.severity == Severity::Error).collect()
    }

    fn version(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    fn base_path(&self) -> String {
        let scene = self.scene();
        let address = scene.site.as_ref().map(|site| site.library.site.config.base_url.clone()).unwrap_or_default();
        format!("{}/", split_origin(&address).1)
    }

    fn origin(&self) -> Option<String> {
        let scene = self.scene();
        let address = &scene.site.as_ref()?.library.site.config.base_url;
        Some(split_origin(address).0.to_owned())
    }

    fn endpoint(&self) -> Option<String> {
        self.scene().site.as_ref()?.library.site.config.comments.endpoint.clone()
    }

    fn reply(&self, sent: &Submission) -> ReplyAnswer {
        match self.take_reply(sent) {
            Ok(answer) => {
                // The watcher will see the file as well, and find the page as it is.
                self.reload();
                answer
            }
            Err(refusal) => refusal,
        }
    }
}

/// The search of a version.
#[derive(Default)]
struct SearchSnapshot {
    entries: StoredEntries,
    files: MemoryFiles,
}

/// The files of the search by their paths, shared between versions.
type MemoryFiles = BTreeMap<String, bytes::Bytes>;

impl Sink for MemoryFiles {
    type Put = (String, bytes::Bytes);

    fn has(&self, path: &str) -> bool {
        self.contains_key(path)
    }

    fn keep(&self, path: String) -> Self::Put {
        let bytes = self.get(&path).cloned().unwrap_or_default();
        (path, bytes)
    }

    fn put(&self, path: String, bytes: &[u8]) -> Self::Put {
        (path, bytes::Bytes::copy_from_slice(bytes))
    }
}

/// The page or section whose text an output shows.
fn text_of(recipe: &Recipe) -> Option<ContentId> {
    match recipe {
        Recipe::Page(id) => Some(ContentId::Page(*id)),
        Recipe::Section(id) | Recipe::Pager { list: PageList::Section(id), .. } => Some(ContentId::Section(*id)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
