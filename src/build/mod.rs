//! Builds: the phases in their order, and a report of what happened.

mod cache;
mod configured_site;
mod envelope;
mod explain;
mod future_dates;
mod manifest;
mod menu;
mod output_lock;
pub mod render;
pub(crate) mod search;
mod state;
mod whole_index;
mod write;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use jiff::Timestamp;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::config::Mode;
use crate::diagnostic::{Diagnostic, Severity};
use crate::load::ParseCache;
use crate::parallel::AT_ONCE;
use crate::site::ContentId;
use crate::site::plan::{Output, Recipe};
use crate::source::Fingerprint;
use crate::templates::link_check::LinkCheck;
use cache::Cache;
use envelope::PendingFile;
use output_lock::OutputLock;
use render::{OutputBytes, RenderedOutput, listed_bodies, recipe_fingerprint, render};
use search::{FolderSink, SearchBuild, StoredEntries};
use state::{BuiltOutput, DependencyTable, OutputFile, PreviousBuild, RebuildReason};
use write::OutputFolder;

pub(crate) use configured_site::{ConfiguredSite, LoadedSite};

/// What to build, and where.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The site's folder.
    pub root: PathBuf,
    /// The output folder, in the place of the configuration's.
    pub output: Option<PathBuf>,
    /// The address that the site will have, in the place of the configuration's; in the preview only its host, as the path stays.
    pub base_url: Option<String>,
    /// Whether drafts are part of the site.
    pub drafts: bool,
    /// Whether posts that are held back until their date are part of the site.
    pub future: bool,
    /// The moment of the build; none: what the clock shows.
    pub now: Option<Timestamp>,
    /// Whether to make every output anew.
    pub force: bool,
    /// Whether the build may remove most of what earlier ones wrote.
    pub shrink: bool,
    /// Whether to tell why outputs were made anew.
    pub explain: bool,
    /// Tells the author what happens while it happens.
    pub say: Option<fn(&str)>,
}

/// What happened.
#[derive(Debug, Default)]
pub struct Report {
    /// Every problem that was found. With an error among them nothing was written.
    pub diagnostics: Vec<Diagnostic>,
    /// Figures of the site and the build.
    pub summary: Summary,
    /// The output folder; none where nothing was written.
    pub output: Option<PathBuf>,
    /// How much was done for it.
    pub work: WorkCounts,
    /// The posts that are held back until their date: their files and dates.
    pub held: Vec<(String, String)>,
    /// The outputs that were made anew, and why, if that was asked for: those of the plan, then the files of the search.
    pub explained: Vec<(String, String)>,
}

/// Figures of a site and its build.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Pages of the site.
    pub pages: usize,
    /// Sections of the site.
    pub sections: usize,
    /// Comments that are shown.
    pub comments: usize,
    /// Posts that are held back until their date.
    pub held: usize,
    /// Files of the finished site.
    pub outputs: usize,
    /// Outputs that are new or changed.
    pub written: usize,
    /// Outputs that were left as they are.
    pub unchanged: usize,
    /// Outputs of an earlier build that are gone.
    pub removed: usize,
}

/// What a build has done, in numbers that are the same on every machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkCounts {
    /// Outputs that were rendered.
    pub outputs: usize,
    /// Dependencies of these outputs.
    pub dependencies: usize,
    /// Bodies that were rendered.
    pub bodies: usize,
    /// Fingerprints of pages and sections that were put into those of lists.
    pub fingerprints: usize,
}

impl Options {
    /// The same with the moment of the build, so that the clock is read once whatever the build does again.
    ///
    /// # Errors
    /// `SOURCE_DATE_EPOCH` is no moment.
    pub fn at_a_moment(&self) -> Result<Self, Diagnostic> {
        let now = self.now.map_or_else(clock::read, Ok)?;
        Ok(Self { now: Some(now), ..self.clone() })
    }
}

impl Report {
    /// Whether something stops the site from being built.
    pub fn failed(&self) -> bool {
        has_errors(&self.diagnostics)
    }
}

fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// Builds a site into its output folder. What an earlier build made and what has not changed since is left as it is.
pub fn build(options: &Options) -> Report {
    let (mut report, mut from_cache) = (Report::default(), false);
    let options = match options.at_a_moment() {
        Ok(options) => options,
        Err(problem) => return Report { diagnostics: vec![problem], ..Report::default() },
    };
    let options = &options;
    attempt(options, !options.force, &mut report, &mut from_cache);
    if report.failed() && from_cache {
        // An error is told with the line that it is in, and what comes from the cache has no lines.
        report = Report::default();
        attempt(options, false, &mut report, &mut from_cache);
    }
    report
}

fn attempt(options: &Options, with_cache: bool, report: &mut Report, from_cache: &mut bool) {
    let Some(LockedBuild { mut site, folder, output, cache, looked, lock: _lock }) = begin(options, report) else {
        return;
    };
    let known = cache.as_ref().filter(|_| with_cache);
    let sources = site.sources(options, looked);
    let state = known.zip(output.as_ref().ok()).and_then(|(cache, output)| cache.state(output.root()));
    if let (Some(state), Ok(output)) = (&state, &output)
        && state.head.is_up_to_date((sources, site.now), output, &*site.world)
    {
        report.summary = {
            let summary = state.head.summary;
            Summary { written: 0, unchanged: summary.outputs, removed: 0, ..summary }
        };
        report.output = Some(folder);
        return;
    }

    let kept = known.and_then(Cache::shelf);
    *from_cache = kept.is_some() || state.is_some();
    let mut shelf = kept.unwrap_or_default();
    if let Ok(output) = &output {
        output.remove_staging();
    }
    let (loaded, state) = rayon::join(|| site.load(options, &mut shelf, report), || state.and_then(state::State::open));
    let Some(loaded) = loaded else { return };
    let output = match output {
        Ok(output) => output,
        Err(problem) => {
            report.diagnostics.push(problem);
            return;
        }
    };
    let before = state.map(|state| PreviousBuild::new(state, &loaded.library, options.explain));
    if let Some(before) = &before {
        loaded.library.remember(before.bodies());
    }
    let place = output.root().to_owned();
    let caches = (known, cache.as_ref());
    let write = || write(&loaded, output, before.as_ref(), caches, (options, sources, looked), report);
    let keep_shelf = || {
        if let Some(cache) = cache.as_ref().filter(|_| shelf.is_changed()) {
            cache.keep_shelf(&shelf);
        }
    };
    let (Some(FinishedBuild { state, entries, prepared }), ()) = rayon::join(write, keep_shelf) else { return };
    report.output = Some(folder);
    if let Some(cache) = &cache {
        // Without them the next build takes longer, and that is all.
        let _ = prepared.map(PendingFile::put);
        rayon::join(|| cache.keep_state(&place, &state), || cache.keep_code(&site.highlighter, before.is_none()));
    }
    // Taking a large site apart takes longer than ending the process does: whoever ends need not wait for it.
    rayon::spawn(move || drop((loaded, before, shelf, entries)));
}

/// A build that has its site and its output folder to itself.
struct LockedBuild {
    site: ConfiguredSite,
    /// The output folder as it was asked for.
    folder: PathBuf,
    output: Result<OutputFolder, Diagnostic>,
    cache: Option<Cache>,
    /// Keeps other builds out of the output folder until this one is done.
    lock: Option<OutputLock>,
    /// When it began to look at files.
    looked: SystemTime,
}

fn begin(options: &Options, report: &mut Report) -> Option<LockedBuild> {
    let (mut cache, mut lock) = (None, None);
    loop {
        let looked = SystemTime::now();
        let mut found = Report::default();
        let site = ConfiguredSite::new(options, Mode::Build, None, &mut found);
        let folder = |site: &ConfiguredSite| options.root.join(&site.config.output_dir);
        let folder = options.output.clone().or_else(|| site.as_ref().map(folder));
        let inbox = site.as_ref().map(|site| site.config.comments.inbox.as_str());
        let open = |folder: &PathBuf| OutputFolder::open(folder, &options.root, inbox);
        let mut output = folder.as_ref().map(open);
        let has_waited = Cell::new(false);
        if let (Some(_), Some(Ok(before))) = (&site, &output) {
            let wait = |message: &str| {
                has_waited.set(true);
                if let Some(say) = options.say {
                    say(message);
                }
            };
            // Every build takes these two in this order, so that none waits for one that waits for it.
            if cache.is_none() {
                let message = "Another build of this site is running; this one begins when that is done";
                cache = Cache::open(&options.root, || wait(message));
            }
            if lock.is_none() {
                let message = "Another build into this folder is running; this one begins when that is done";
                lock = OutputLock::acquire(before.root(), || wait(message));
            }
            // Before that, another build may have been at work in there.
            output = folder.as_ref().map(open);
        }
        // What was looked at before the other build was done may have changed.
        if !has_waited.get() {
            report.diagnostics.append(&mut found.diagnostics);
            return Some(LockedBuild { site: site?, folder: folder?, output: output?, cache, lock, looked });
        }
    }
}

/// What earlier runs parsed of a site.
pub(crate) fn cached_shelf(root: &Path) -> Option<ParseCache> {
    Cache::read_shelf(root)
}

/// Keeps what was parsed for the next run, unless a build is at work, which does so itself.
pub(crate) fn keep_shelf(root: &Path, shelf: &ParseCache) {
    if let Some(cache) = Cache::open_if_free(root) {
        cache.keep_shelf(shelf);
    }
}

/// Reports everything that a build would, and writes nothing.
pub fn check(options: &Options) -> Report {
    let mut report = Report::default();
    let Some(mut site) = ConfiguredSite::new(options, Mode::Check, None, &mut report) else { return report };
    let Some(LoadedSite { library, outputs }) = site.load(options, &mut ParseCache::default(), &mut report) else {
        return report;
    };
    let render = |output: &&Output| render(&library, &output.recipe).err();
    let paths: Vec<&str> = outputs.iter().map(|output| output.path.as_str()).collect();
    // Nothing can be wrong with an index, but it takes long.
    let outputs = outputs.iter().filter(|output| !matches!(output.recipe, Recipe::WholeIndex(_)));
    let problems: Vec<Diagnostic> = pages_first(outputs).par_iter().with_max_len(AT_ONCE).filter_map(render).collect();
    report.diagnostics.extend(told_once(problems));
    report.diagnostics.extend(library.check_bodies());
    let links = LinkCheck::new(&library, &paths);
    report.diagnostics.extend(links.check_bodies());
    report.diagnostics.extend(links.check_paths(menu::paths(&library.site, &*library.world)));
    report
}

/// One mistake in a template fails every output that it is part of. It is told with the first of them.
pub(crate) fn told_once(problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut told: Vec<(Diagnostic, usize)> = Vec::new();
    let mut places: BTreeMap<(String, String), usize> = BTreeMap::new();
    for problem in problems {
        let key = (problem.message.clone(), format!("{:?}", place(&problem)));
        match places.get(&key) {
            Some(&at) => told[at].1 += 1,
            None => {
                places.insert(key, told.len());
                told.push((problem, 0));
            }
        }
    }
    told.into_iter()
        .map(|(problem, more)| match (&problem.help, more) {
            (_, 0) => problem,
            (None, more) => problem.help(format!("it is the same in {more} more outputs")),
            (Some(help), more) => {
                let help = format!("{help} (it is the same in {more} more outputs)");
                problem.help(help)
            }
        })
        .collect()
}

fn place(problem: &Diagnostic) -> Option<(&str, Option<usize>)> {
    let location = problem.location.as_ref()?;
    Some((&location.path, location.excerpt.as_ref().map(|(_, span)| span.start)))
}

/// What is to be remembered of a build whose outputs are in place.
struct FinishedBuild {
    /// The state, packed.
    state: [Vec<u8>; 2],
    /// The entries of the search.
    entries: StoredEntries,
    /// Their file in the cache.
    prepared: Option<PendingFile>,
}

/// Renders every output that is not as it must be into the folder. Of the two caches the first may be read, and the second is
/// prepared for the next build. None when something failed; until the outputs move into place, the folder is as it was.
fn write<'a>(
    loaded: &'a LoadedSite,
    folder: OutputFolder,
    before: Option<&PreviousBuild>,
    (known, cache): (Option<&Cache>, Option<&Cache>),
    (options, sources, looked): (&Options, Option<Fingerprint>, SystemTime),
    report: &mut Report,
) -> Option<FinishedBuild> {
    let LoadedSite { library, outputs } = loaded;
    let recipes: Vec<Fingerprint> =
        outputs.par_iter().map(|output| recipe_fingerprint(library, &output.recipe)).collect();
    let why = |(output, recipe): (&Output, &Fingerprint)| match before {
        Some(before) => before.why(&output.path, *recipe, &folder),
        None => Some(RebuildReason::New),
    };
    let reasons: Vec<Option<RebuildReason<'_>>> = outputs.par_iter().zip(&recipes).map(why).collect();
    let stale = pages_first(outputs.iter().zip(&reasons).filter_map(|(output, why)| why.as_ref().map(|_| output)));
    let (indexes, pages): (Vec<&Output>, Vec<&Output>) =
        stale.iter().partition(|output| matches!(output.recipe, Recipe::WholeIndex(_)));
    // The files of the search are known later, but what may stand in their way is not.
    let searched: Vec<String> = crate::search::languages(&library.site).flat_map(crate::search::sample_paths).collect();
    let to_write = stale.iter().map(|output| output.path.as_str()).chain(searched.iter().map(String::as_str));
    report.diagnostics.extend(folder.obstacles(&to_write.collect::<Vec<_>>()));

    let listed = stale.par_iter().flat_map_iter(|output| listed_bodies(library, &output.recipe));
    library.expect_listed(listed.collect::<Vec<_>>().into_iter().collect());
    let table = DependencyTable::default();
    let put = |output: &Output| -> Result<StagedOutput, Diagnostic> {
        let RenderedOutput { bytes, dependencies } = render(library, &output.recipe)?;
        let written = match bytes {
            OutputBytes::Made(bytes) => folder.put(&output.path, &bytes)?,
            OutputBytes::Copied { source, size } => {
                folder.put_stream(&output.path, size, || library.world.open(&source))?
            }
        };
        Ok(StagedOutput { dependencies: table.ids(&dependencies), written })
    };
    let depot = FolderSink { before, folder: &folder };
    // In a first build all is to be read, and soonest when it has just been rendered.
    let nothing = StoredEntries::default();
    let search = before.is_none().then(|| SearchBuild::new(library, &nothing, &depot));
    let put = |&output: &&'a Output| -> Result<(&'a str, StagedOutput), Diagnostic> {
        let put = put(output)?;
        if let (Some(search), Recipe::Page(id)) = (&search, &output.recipe) {
            search.read(ContentId::Page(*id));
        }
        Ok((&output.path, put))
    };
    let (made, problems) = apart(pages.par_iter().with_max_len(AT_ONCE).map(put).collect());
    let mut made: FxHashMap<&str, StagedOutput> = made.into_iter().collect();
    report.work.outputs = made.len();
    report.work.dependencies = made.values().map(|put| put.dependencies.len()).sum();
    report.diagnostics.extend(told_once(problems));
    report.diagnostics.extend(library.check_bodies());
    let paths: Vec<&str> = outputs.iter().map(|output| output.path.as_str()).collect();
    let links = LinkCheck::new(library, &paths);
    report.diagnostics.extend(links.check_bodies());
    report.diagnostics.extend(links.check_paths(menu::paths(&library.site, &*library.world)));
    // What reads all bodies comes when they are rendered.
    if !report.failed() {
        let (indexes, problems) = apart(indexes.par_iter().map(put).collect());
        made.extend(indexes);
        report.diagnostics.extend(told_once(problems));
    }
    if report.failed() {
        folder.abandon();
        return None;
    }
    let read = || known.and_then(|cache| cache.entries(folder.root())).unwrap_or_default();
    let kept = if search.is_some() { StoredEntries::default() } else { read() };
    let (entries, files) = search.unwrap_or_else(|| SearchBuild::new(library, &kept, &depot)).finish();
    let (found, problems) = apart(files);
    report.diagnostics.extend(told_once(problems));
    if report.failed() {
        folder.abandon();
        return None;
    }
    let explained = options.explain.then(|| explain::search(&found, before, (&kept, &entries), &folder));
    let done = SystemTime::now();
    let remember = |(output, recipe): (&'a Output, Fingerprint)| {
        let (dependencies, written) = match made.remove(output.path.as_str()) {
            Some(StagedOutput { dependencies, written }) => (Some(dependencies), Some(written.settled(done))),
            // It was looked at since.
            None => (None, before.and_then(|before| Some(before.written(&output.path)?.settled(looked)))),
        };
        BuiltOutput { path: Cow::Borrowed(&output.path), recipe, dependencies, written }
    };
    let of_search =
        found.into_iter().map(|it| BuiltOutput { written: it.written.map(|written| written.settled(done)), ..it });
    let made: Vec<BuiltOutput<'_>> = outputs.iter().zip(recipes).map(remember).chain(of_search).collect();
    let sources = sources.filter(|_| report.diagnostics.is_empty());
    let planned: Vec<&str> = made.iter().map(|made| &*made.path).collect();
    let stale = folder.stale(&planned, before.into_iter().flat_map(PreviousBuild::paths));
    if !options.shrink
        && let Some(problem) = folder.shrinkage(&planned, &stale, !library.site.pages.is_empty())
    {
        report.diagnostics.push(problem);
        folder.abandon();
        return None;
    }
    let is_settled = |path: &str| library.file_stamp(path).is_none_or(|stamp| stamp.is_settled(looked));
    let prepare = || cache.and_then(|cache| cache.prepare_entries(folder.root(), &entries));
    let pack = || state::pack(library, &made, before, table, sources, is_settled);
    let (changes, (packed, prepared)) = rayon::join(|| folder.commit(&planned, &stale), || rayon::join(pack, prepare));
    let changes = match changes {
        Ok(changes) => changes,
        Err(problem) => {
            report.diagnostics.push(problem);
            return None;
        }
    };
    report.diagnostics.extend(changes.edited.iter().map(|path| {
        Diagnostic::warning(format!(
            "`{path}` in the output folder is of no page any more, and stays because somebody edited it"
        ))
        .help("remove the file if readers should not see it")
    }));
    report.summary.written = changes.written;
    report.summary.outputs = planned.len();
    report.summary.unchanged = planned.len() - changes.written;
    report.summary.removed = changes.removed;
    if let Some(explained) = explained {
        let told = outputs.iter().zip(&reasons).filter_map(|(output, why)| Some((output, why.as_ref()?)));
        report.explained = told.map(|(output, why)| (output.path.clone(), why.to_string())).chain(explained).collect();
    }
    let state = packed.finish(folder.manifest_stamp(), report.summary);
    report.work.bodies = library.work.bodies.load(Ordering::Relaxed);
    report.work.fingerprints = library.work.fingerprints.load(Ordering::Relaxed);
    Some(FinishedBuild { state, entries, prepared })
}

/// What went well, and what did not.
fn apart<T>(results: Vec<Result<T, Diagnostic>>) -> (Vec<T>, Vec<Diagnostic>) {
    let (mut done, mut problems) = (Vec::with_capacity(results.len()), Vec::new());
    for result in results {
        match result {
            Ok(one) => done.push(one),
            Err(problem) => problems.push(problem),
        }
    }
    (done, problems)
}

/// An output that was rendered.
struct StagedOutput {
    dependencies: Vec<u32>,
    /// Its file.
    written: OutputFile,
}

/// The outputs with those of one page before lists: what lists show of a page is at hand when its body was rendered. The feed
/// of a page's comments stays beside the page, as both show the same.
fn pages_first<'a>(outputs: impl Iterator<Item = &'a Output>) -> Vec<&'a Output> {
    let is_of_one_page = |output: &&Output| matches!(output.recipe, Recipe::Page(_) | Recipe::CommentFeed(_));
    let (mut ordered, lists): (Vec<_>, Vec<_>) = outputs.partition(is_of_one_page);
    ordered.extend(lists);
    ordered
}
