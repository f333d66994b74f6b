//! Writing: renders the outputs that are not up to date, stages them, and commits all of them together.

use std::borrow::Cow;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::cache::Cache;
use super::check::{check_bodies, check_links, pages_first, split_results};
use super::configured_site::LoadedSite;
use super::dedup::dedup;
use super::envelope::PendingFile;
use super::images::{self, ProcessedImages};
use super::output_folder::OutputFolder;
use super::rebuild_reason::RebuildReason;
use super::render::{OutputBytes, RenderedOutput, listed_bodies, recipe_fingerprint, render};
use super::search::{FolderSink, SearchBuild, StoredEntries};
use super::state::{self, BuiltOutput, DependencyTable, OutputFile, PreviousBuild};
use super::{Options, Report, explain};
use crate::diagnostic::Diagnostic;
use crate::images::GeneratedImage;
use crate::parallel::AT_ONCE;
use crate::search;
use crate::site::ContentId;
use crate::site::plan::{Output, Recipe};
use crate::source::Fingerprint;

/// What one build writes its outputs from, and where it writes them.
pub struct OutputWriter<'a> {
    /// The site.
    pub loaded: &'a LoadedSite,
    /// The output folder.
    pub folder: OutputFolder,
    /// What the previous build left; none if everything is rendered.
    pub previous: Option<&'a PreviousBuild>,
    /// The cache of earlier builds; none if this build reads none.
    pub readable_cache: Option<&'a Cache>,
    /// The cache for the next build.
    pub cache: Option<&'a Cache>,
    /// The options of the build.
    pub options: &'a Options,
    /// The fingerprint of all sources; none if one of them could change unseen.
    pub sources: Option<Fingerprint>,
    /// When the build began to look at files.
    pub started: SystemTime,
}

/// What to keep of a build whose outputs are in place.
pub struct FinishedBuild {
    /// The state, packed.
    pub state: [Vec<u8>; 2],
    /// The entries of the search.
    pub entries: StoredEntries,
    /// The file of these entries in the cache.
    pub pending_entries: Option<PendingFile>,
    /// The processed images that the outputs show.
    pub images: FxHashSet<Fingerprint>,
}

/// The outputs that are not up to date, and why.
struct Rebuilds<'a> {
    /// The fingerprint of each planned output's recipe.
    recipes: Vec<Fingerprint>,
    /// Why each planned output is rendered again; none if it is up to date.
    reasons: Vec<Option<RebuildReason<'a>>>,
    /// The outputs that are rendered again, pages first.
    outputs: Vec<&'a Output>,
}

/// An output that was rendered and staged.
struct StagedOutput {
    dependencies: Vec<u32>,
    file: OutputFile,
}

/// The rendered outputs by their paths.
type StagedOutputs<'a> = FxHashMap<&'a str, StagedOutput>;

/// A build that only has to be committed.
struct StagedBuild<'a> {
    /// All outputs of the site.
    outputs: Vec<BuiltOutput<'a>>,
    /// Files of earlier builds that the site no longer has.
    stale: Vec<String>,
    /// The entries of the search.
    entries: StoredEntries,
    /// The processed images that the outputs show.
    images: FxHashSet<Fingerprint>,
    /// Why outputs were rendered again, if the author wants to know.
    explained: Vec<(String, String)>,
}

impl<'a> OutputWriter<'a> {
    /// Brings the output folder up to date. None if something failed; until the commit, the folder is as it was.
    pub fn write(self, report: &mut Report) -> Option<FinishedBuild> {
        let table = DependencyTable::default();
        match self.stage(&table, report) {
            Some(staged) => self.commit(staged, table, report),
            None => {
                self.folder.abandon();
                None
            }
        }
    }

    /// Renders and stages every output that is not up to date, then the files of the search and the images.
    fn stage(&self, table: &DependencyTable, report: &mut Report) -> Option<StagedBuild<'a>> {
        let library = &self.loaded.library;
        let rebuilds = self.find_rebuilds();
        report.diagnostics.extend(self.obstacles(&rebuilds.outputs));

        let sink = FolderSink { before: self.previous, folder: &self.folder };
        // A first build reads every document for the search, and soonest when the document has just been rendered.
        let nothing = StoredEntries::default();
        let early_search = self.previous.is_none().then(|| SearchBuild::new(library, &nothing, &sink));
        let (staged, images) = self.stage_outputs(&rebuilds.outputs, early_search.as_ref(), table, report)?;

        let kept = if early_search.is_some() { StoredEntries::default() } else { self.kept_entries() };
        let search = early_search.unwrap_or_else(|| SearchBuild::new(library, &kept, &sink));
        let (entries, files) = search.finish();
        let (search_files, problems) = split_results(files);
        report.diagnostics.extend(dedup(problems));
        let progress = self.options.image_progress;
        let (image_files, problems) =
            split_results(images::put(library, &images, (&self.folder, self.previous), progress));
        report.diagnostics.extend(dedup(problems));
        if report.failed() {
            return None;
        }

        let explained = if self.options.explain {
            let of_search = explain::search(&search_files, self.previous, (&kept, &entries), &self.folder);
            rebuilds.explain(&self.loaded.outputs).chain(of_search).collect()
        } else {
            Vec::new()
        };
        let further = search_files.into_iter().chain(image_files);
        let outputs = self.built_outputs(rebuilds.recipes, staged, further);
        let stale = self.find_stale(&outputs).map_err(|problem| report.diagnostics.push(problem)).ok()?;
        let images = images.values().map(GeneratedImage::fingerprint).collect();
        Some(StagedBuild { outputs, stale, entries, images, explained })
    }

    /// Compares each planned output with the previous build.
    fn find_rebuilds(&self) -> Rebuilds<'a> {
        let LoadedSite { library, outputs } = self.loaded;
        let recipes: Vec<Fingerprint> =
            outputs.par_iter().map(|output| recipe_fingerprint(library, &output.recipe)).collect();
        let reason = |(output, recipe): (&Output, &Fingerprint)| match self.previous {
            Some(previous) => previous.why(&output.path, *recipe, &self.folder),
            None => Some(RebuildReason::New),
        };
        let reasons: Vec<Option<RebuildReason<'_>>> = outputs.par_iter().zip(&recipes).map(reason).collect();
        let with_reason = outputs.iter().zip(&reasons).filter(|(_, reason)| reason.is_some());
        let outputs = pages_first(with_reason.map(|(output, _)| output));
        Rebuilds { recipes, reasons, outputs }
    }

    /// Finds what is in the way of outputs. The files of the search are known only later, but not their folders.
    fn obstacles(&self, outputs: &[&Output]) -> Vec<Diagnostic> {
        let of_search: Vec<String> =
            search::languages(&self.loaded.library.site).flat_map(search::sample_paths).collect();
        let paths = outputs.iter().map(|output| output.path.as_str());
        self.folder.obstacles(&paths.chain(of_search.iter().map(String::as_str)).collect::<Vec<_>>())
    }

    /// Renders and stages outputs, and finds the images that all outputs show. A page is also read for the search, if that is
    /// given.
    fn stage_outputs(
        &self,
        outputs: &[&'a Output],
        search: Option<&SearchBuild<'_, FolderSink<'_>>>,
        table: &DependencyTable,
        report: &mut Report,
    ) -> Option<(StagedOutputs<'a>, ProcessedImages)> {
        let library = &self.loaded.library;
        let listed = outputs.par_iter().flat_map_iter(|output| listed_bodies(library, &output.recipe));
        library.set_listed(listed.collect::<Vec<_>>().into_iter().collect());
        let stage = |&output: &&'a Output| -> Result<(&'a str, StagedOutput), Diagnostic> {
            let staged = self.stage_output(output, table)?;
            if let (Some(search), Recipe::Page(id)) = (search, &output.recipe) {
                search.read(ContentId::Page(*id));
            }
            Ok((&output.path, staged))
        };
        let (indexes, pages): (Vec<&Output>, Vec<&Output>) =
            outputs.iter().partition(|output| matches!(output.recipe, Recipe::WholeIndex(_)));
        let (staged, problems) = split_results(pages.par_iter().with_max_len(AT_ONCE).map(stage).collect());
        let mut staged: StagedOutputs<'_> = staged.into_iter().collect();
        report.work.outputs = staged.len();
        report.work.dependencies = staged.values().map(|output| output.dependencies.len()).sum();
        report.diagnostics.extend(dedup(problems));
        report.diagnostics.extend(check_bodies(self.loaded));
        let images = self.requested_images(&staged, table);
        let image_paths: Vec<&str> = images.keys().map(String::as_str).collect();
        report.diagnostics.extend(self.folder.obstacles(&image_paths));
        report.diagnostics.extend(check_links(self.loaded, &image_paths));
        if report.failed() {
            return None;
        }
        // An index reads every body, so it comes when they are rendered.
        let (indexes, problems) = split_results(indexes.par_iter().map(stage).collect());
        staged.extend(indexes);
        report.diagnostics.extend(dedup(problems));
        (!report.failed()).then_some((staged, images))
    }

    /// Finds the images that the outputs and bodies show, when all of them but the indexes are rendered.
    fn requested_images(&self, staged: &StagedOutputs<'_>, table: &DependencyTable) -> ProcessedImages {
        let LoadedSite { library, outputs } = self.loaded;
        images::requested(library, outputs, table, (self.previous, |path: &str| staged.contains_key(path)))
    }

    fn stage_output(&self, output: &Output, table: &DependencyTable) -> Result<StagedOutput, Diagnostic> {
        let library = &self.loaded.library;
        let RenderedOutput { bytes, dependencies } = render(library, &output.recipe)?;
        let file = match bytes {
            OutputBytes::Made(bytes) => self.folder.put(&output.path, &bytes)?,
            OutputBytes::Copied { source, size } => {
                self.folder.put_stream(&output.path, size, || library.world.open(&source))?
            }
        };
        Ok(StagedOutput { dependencies: table.ids(&dependencies), file })
    }

    /// The entries of the search that the previous build kept.
    fn kept_entries(&self) -> StoredEntries {
        self.readable_cache.and_then(|cache| cache.entries(self.folder.root())).unwrap_or_default()
    }

    /// What to remember of each output of the site. `further` are the files of the search and the images.
    fn built_outputs(
        &self,
        recipes: Vec<Fingerprint>,
        mut staged: StagedOutputs<'a>,
        further: impl Iterator<Item = BuiltOutput<'static>>,
    ) -> Vec<BuiltOutput<'a>> {
        let now = SystemTime::now();
        let built = |(output, recipe): (&'a Output, Fingerprint)| {
            let (dependencies, written) = match staged.remove(output.path.as_str()) {
                Some(StagedOutput { dependencies, file }) => (Some(dependencies), Some(file.settled(now))),
                // Its file was looked at since the build began.
                None => {
                    let file = self.previous.and_then(|previous| previous.written(&output.path));
                    (None, file.map(|file| file.settled(self.started)))
                }
            };
            BuiltOutput { path: Cow::Borrowed(&output.path), recipe, dependencies, written }
        };
        let further =
            further.map(|output| BuiltOutput { written: output.written.map(|file| file.settled(now)), ..output });
        self.loaded.outputs.iter().zip(recipes).map(built).chain(further).collect()
    }

    /// Finds the files of earlier builds that the site no longer has.
    ///
    /// # Errors
    /// They are most of the site, and the author did not allow that.
    fn find_stale(&self, outputs: &[BuiltOutput<'_>]) -> Result<Vec<String>, Diagnostic> {
        let planned = paths(outputs);
        let stale = self.folder.stale(&planned, self.previous.into_iter().flat_map(PreviousBuild::paths));
        let has_pages = !self.loaded.library.site.pages.is_empty();
        match self.folder.shrinkage(&planned, &stale, has_pages) {
            Some(problem) if !self.options.shrink => Err(problem),
            _ => Ok(stale),
        }
    }

    /// Puts the outputs into place. Meanwhile it packs what the next build needs.
    fn commit(&self, staged: StagedBuild<'_>, table: DependencyTable, report: &mut Report) -> Option<FinishedBuild> {
        let StagedBuild { outputs, stale, entries, images, explained } = staged;
        let library = &self.loaded.library;
        let planned = paths(&outputs);
        let sources = self.sources.filter(|_| report.diagnostics.is_empty());
        let is_settled = |path: &str| library.file_metadata(path).is_none_or(|stamp| stamp.is_settled(self.started));
        let prepare = || self.cache.and_then(|cache| cache.prepare_entries(self.folder.root(), &entries));
        let pack = || state::pack(library, &outputs, self.previous, table, sources, is_settled);
        let commit = || self.folder.commit(&planned, &stale);
        let (changes, (packed, pending_entries)) = rayon::join(commit, || rayon::join(pack, prepare));
        let changes = changes.map_err(|problem| report.diagnostics.push(problem)).ok()?;
        report.add_changes(&changes, planned.len());
        report.explained = explained;
        report.work.bodies = library.work.bodies.load(Ordering::Relaxed);
        report.work.comments = library.work.comments.load(Ordering::Relaxed);
        report.work.fingerprints = library.work.fingerprints.load(Ordering::Relaxed);
        report.work.comparisons = library.work.comparisons.load(Ordering::Relaxed);
        let state = packed.finish(self.folder.manifest_metadata(), report.summary);
        Some(FinishedBuild { state, entries, pending_entries, images })
    }
}

impl Rebuilds<'_> {
    /// Why each of the planned outputs is rendered again.
    fn explain(&self, planned: &[Output]) -> impl Iterator<Item = (String, String)> {
        let with_reason = planned.iter().zip(&self.reasons);
        with_reason.filter_map(|(output, reason)| Some((output.path.clone(), reason.as_ref()?.to_string())))
    }
}

/// The paths of outputs.
fn paths<'o>(outputs: &'o [BuiltOutput<'_>]) -> Vec<&'o str> {
    outputs.iter().map(|output| &*output.path).collect()
}
