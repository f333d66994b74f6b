//! The state of an output folder: what every output in it was made of, so that the next build makes only what changed.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::SystemTime;

use indexmap::IndexSet;
use jiff::Timestamp;
use rayon::prelude::*;
use rustc_hash::{FxBuildHasher, FxHashMap};
use serde::{Deserialize, Serialize};

use super::Summary;
use super::output_folder::OutputFolder;
use super::rebuild_reason::RebuildReason;
use crate::clock::Validity;
use crate::images::GeneratedImage;
use crate::locks::{self, lock};
use crate::markdown::InternalLink;
use crate::source::{FileMetadata, Fingerprint, World};
use crate::templates::Library;
use crate::templates::body::BodyOutline;
use crate::templates::dependencies::{Dependencies, Dependency, environment_fingerprint};
use crate::templates::library::RememberedBodies;

/// A dependency's place in the list of all dependencies of a state.
type DependencyId = u32;

/// The fingerprint of what could have changed unseen while it was looked at. Nothing is equal to it.
const DOUBTFUL: Fingerprint = Fingerprint(0);

/// What is known of an output folder after a build.
#[derive(Debug)]
pub struct State {
    /// The part that shows quickly that nothing changed.
    pub head: StateHeader<'static>,
    /// All of it, packed, and where the rest begins.
    packed: (Vec<u8>, usize),
}

/// The part of a state that shows quickly that nothing changed.
#[derive(Debug, Serialize, Deserialize)]
pub struct StateHeader<'a> {
    /// The fingerprint of everything that the site was made of; none if some of it could have changed unseen, or if there
    /// was a warning, which must be reported again.
    pub sources: Option<Fingerprint>,
    /// The files that outputs read, wherever they lie in the site.
    pub read: Vec<(String, Option<FileMetadata>)>,
    /// The environment variables that outputs read.
    pub environment: Vec<(String, Fingerprint)>,
    /// The outputs, in the order of their paths, with the files that were written.
    pub outputs: Vec<(Cow<'a, str>, Option<OutputFile>)>,
    /// The metadata of the manifest.
    pub manifest: Option<FileMetadata>,
    /// The interval of moments at which the same sources give the same outputs.
    pub validity: Validity,
    /// The figures that the build reported.
    pub summary: Summary,
}

impl StateHeader<'_> {
    /// Whether everything is as it was when the last build ended: the sources, the files that outputs read, and the
    /// outputs.
    pub fn is_up_to_date(
        &self,
        (sources, now): (Option<Fingerprint>, Timestamp),
        folder: &OutputFolder,
        world: &dyn World,
    ) -> bool {
        self.sources.is_some()
            && self.sources == sources
            && self.validity.has(now)
            && self.manifest == folder.manifest_metadata()
            && self.read.iter().all(|(path, stamp)| world.stamp(path) == *stamp)
            && self.environment.iter().all(|(name, before)| environment_fingerprint(name) == *before)
            && self.outputs.par_iter().all(|(path, written)| written.is_some_and(|it| it.is_in(folder, path)))
    }
}

/// A file as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputFile {
    /// Its metadata.
    pub metadata: FileMetadata,
    /// Its content, if the metadata alone would not show a change.
    pub content: Option<Fingerprint>,
}

impl OutputFile {
    /// Whether the file in an output's place is still the one that was written.
    pub fn is_in(self, folder: &OutputFolder, path: &str) -> bool {
        folder.metadata(path) == Some(self.metadata)
            && self.content.is_none_or(|print| folder.content(path).is_ok_and(|content| content == print))
    }

    /// The same, if the file was looked at since a moment at which its metadata would show every later change.
    pub fn settled(self, looked: SystemTime) -> Self {
        Self { content: self.content.filter(|_| !self.metadata.is_settled(looked)), ..self }
    }
}

/// What the outputs and bodies were made of.
#[derive(Debug, Serialize, Deserialize)]
struct StateDetails<'a> {
    dependencies: Vec<(Dependency, Fingerprint)>,
    /// Recipe and dependencies of each output, in the order of [`StateHeader::outputs`].
    outputs: Vec<(Fingerprint, Cow<'a, [DependencyId]>)>,
    bodies: Vec<PackedBody<'a>>,
}

/// The outline of a body without problems.
#[derive(Debug, Serialize, Deserialize)]
struct PackedBody<'a> {
    path: Cow<'a, str>,
    dependencies: Vec<DependencyId>,
    content: Fingerprint,
    summary: Option<Cow<'a, str>>,
    anchors: Cow<'a, [String]>,
    links: Cow<'a, [InternalLink]>,
    destinations: Cow<'a, [String]>,
}

impl State {
    /// Unpacks what an earlier build packed.
    pub fn unpack(bytes: Vec<u8>) -> Option<Self> {
        let (head, rest) = postcard::take_from_bytes(&bytes).ok()?;
        let start = bytes.len() - rest.len();
        Some(Self { head, packed: (bytes, start) })
    }
}

/// A state with all that is in it.
#[derive(Debug)]
pub struct UnpackedState {
    head: StateHeader<'static>,
    rest: StateDetails<'static>,
}

impl State {
    /// Unpacks the rest.
    pub fn open(self) -> Option<UnpackedState> {
        let (bytes, start) = &self.packed;
        Some(UnpackedState { head: self.head, rest: postcard::from_bytes(&bytes[*start..]).ok()? })
    }
}

/// What an earlier build left, compared with the site as it is now.
pub struct PreviousBuild {
    library: Arc<Library>,
    rest: StateDetails<'static>,
    /// For each dependency whether it is as it was. Whoever asks first finds out.
    holds: Vec<OnceLock<bool>>,
    /// The place of each output.
    places: FxHashMap<String, (usize, Option<OutputFile>)>,
    /// Whether all reasons for a new output are wanted, or one is enough.
    is_explained: bool,
}

impl PreviousBuild {
    /// Begins to compare with a site.
    pub fn new(UnpackedState { head, rest }: UnpackedState, library: &Arc<Library>, is_explained: bool) -> Self {
        let holds = std::iter::repeat_with(OnceLock::new).take(rest.dependencies.len()).collect();
        let outputs = head.outputs.into_iter().enumerate();
        let places = outputs.map(|(index, (path, stamp))| (path.into_owned(), (index, stamp))).collect();
        Self { library: library.clone(), rest, holds, places, is_explained }
    }

    /// Why an output must be made again; none if it is in its place as it must be.
    pub fn why(&self, path: &str, recipe: Fingerprint, folder: &OutputFolder) -> Option<RebuildReason<'_>> {
        let Some((index, written)) = self.places.get(path) else { return Some(RebuildReason::New) };
        let Some((made_of, dependencies)) = self.rest.outputs.get(*index) else { return Some(RebuildReason::New) };
        if *made_of != recipe {
            return Some(RebuildReason::OtherRecipe);
        }
        let changed = dependencies.iter().filter(|&&id| !self.holds(id)).map(|&id| self.dependency(id));
        let changed: Vec<&Dependency> = changed.take(if self.is_explained { usize::MAX } else { 1 }).collect();
        if !changed.is_empty() {
            return Some(RebuildReason::Changed(changed));
        }
        match written {
            Some(written) if written.is_in(folder, path) => None,
            _ if folder.metadata(path).is_none() => Some(RebuildReason::Gone),
            _ => Some(RebuildReason::Touched),
        }
    }

    /// What an output read, by its path.
    pub fn dependencies_of(&self, path: &str) -> impl Iterator<Item = &Dependency> {
        let output = self.places.get(path).and_then(|(index, _)| self.rest.outputs.get(*index));
        output.into_iter().flat_map(|(_, ids)| ids.iter().map(|&id| self.dependency(id)))
    }

    /// Whether something that was read is known not to be as it was.
    pub fn has_changed(&self, dependency: &Dependency) -> bool {
        let known = self.rest.dependencies.iter().position(|(known, _)| known == dependency);
        known.is_some_and(|id| !self.holds(id as DependencyId))
    }

    fn holds(&self, id: DependencyId) -> bool {
        let find = |known: &OnceLock<bool>| {
            *known.get_or_init(|| {
                let (dependency, before) = &self.rest.dependencies[id as usize];
                *before != DOUBTFUL && self.library.fingerprint(dependency) == *before
            })
        };
        self.holds.get(id as usize).is_some_and(find)
    }

    fn dependency(&self, id: DependencyId) -> &Dependency {
        &self.rest.dependencies[id as usize].0
    }

    /// What was known of bodies.
    pub fn bodies(&self) -> RememberedBodies {
        let outline = |body: &PackedBody<'_>| {
            let dependencies =
                body.dependencies.iter().map(|&id| self.rest.dependencies[id as usize].clone()).collect();
            let outline = BodyOutline {
                dependencies,
                content: body.content,
                summary: body.summary.as_deref().map(Arc::from),
                anchors: body.anchors.iter().cloned().collect(),
                links: body.links.to_vec(),
                destinations: body.destinations.to_vec(),
                ..BodyOutline::default()
            };
            (body.path.to_string(), Arc::new(outline))
        };
        self.rest.bodies.par_iter().map(outline).collect::<Vec<_>>().into_iter().collect()
    }

    /// The paths of the outputs.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }

    /// The file of an output as it was written.
    pub fn written(&self, path: &str) -> Option<OutputFile> {
        self.places.get(path).and_then(|(_, written)| *written)
    }
}

/// The dependencies of a build in progress, each once, with the ids of their places. Their hashes are kept, so that it
/// grows without a look at them.
#[derive(Debug, Default)]
pub struct DependencyTable(Mutex<IndexSet<Dependency, FxBuildHasher>>);

impl DependencyTable {
    /// The images that outputs have asked for.
    pub fn images(&self) -> Vec<GeneratedImage> {
        lock(&self.0).iter().filter_map(Dependency::image).cloned().collect()
    }

    /// The ids of the dependencies of an output.
    pub fn ids(&self, dependencies: &Dependencies) -> Vec<DependencyId> {
        self.add(dependencies.iter())
    }

    fn add<'a>(&self, dependencies: impl Iterator<Item = &'a Dependency>) -> Vec<DependencyId> {
        let mut known = lock(&self.0);
        let mut id = |dependency: &Dependency| {
            let id = known.get_index_of(dependency).unwrap_or_else(|| known.insert_full(dependency.clone()).0);
            DependencyId::try_from(id).unwrap_or(DependencyId::MAX)
        };
        dependencies.map(&mut id).collect()
    }
}

/// An output of the build that is to be remembered.
#[derive(Debug)]
pub struct BuiltOutput<'a> {
    /// Its path.
    pub path: Cow<'a, str>,
    /// What it was made of.
    pub recipe: Fingerprint,
    /// What it read; none if it was kept as it was.
    pub dependencies: Option<Vec<DependencyId>>,
    /// The file; none if nothing is known of it.
    pub written: Option<OutputFile>,
}

/// What a build takes over from the state before.
struct ReusedParts<'a> {
    before: &'a PreviousBuild,
    /// Where each dependency of the state before is in the new one.
    moved: Vec<Option<DependencyId>>,
    /// The fingerprints of the dependencies that were moved. They hold, or no output was taken over that read them.
    fingerprints: FxHashMap<DependencyId, Fingerprint>,
}

impl<'a> ReusedParts<'a> {
    fn new(before: &'a PreviousBuild) -> Self {
        Self { before, moved: vec![None; before.rest.dependencies.len()], fingerprints: FxHashMap::default() }
    }

    /// The dependencies of an output that was not made again.
    fn output(&mut self, path: &str, table: &DependencyTable) -> Vec<DependencyId> {
        let Self { before, moved, fingerprints } = self;
        let place = before.places.get(path).and_then(|(index, _)| before.rest.outputs.get(*index));
        let mut move_one = |id: DependencyId| {
            *moved[id as usize].get_or_insert_with(|| {
                let (dependency, fingerprint) = &before.rest.dependencies[id as usize];
                let id = table.add(std::iter::once(dependency))[0];
                fingerprints.insert(id, *fingerprint);
                id
            })
        };
        place.map_or_else(Vec::new, |(_, ids)| ids.iter().map(|&id| move_one(id)).collect())
    }
}

/// The state after a build, but for what is known when its outputs are in place.
pub struct PackedState<'a> {
    head: StateHeader<'a>,
    rest: Vec<u8>,
}

impl PackedState<'_> {
    /// The whole state, in pieces.
    pub fn finish(mut self, manifest: Option<FileMetadata>, summary: Summary) -> [Vec<u8>; 2] {
        self.head.manifest = manifest;
        self.head.summary = summary;
        [postcard::to_stdvec(&self.head).unwrap_or_default(), self.rest]
    }
}

/// Packs the state after a build. `is_settled` says of a file of the site whether a change since the build began would
/// be seen.
pub fn pack<'a>(
    library: &Arc<Library>,
    made: &'a [BuiltOutput<'_>],
    before: Option<&PreviousBuild>,
    table: DependencyTable,
    sources: Option<Fingerprint>,
    is_settled: impl Fn(&str) -> bool + Sync,
) -> PackedState<'a> {
    let mut outputs = Vec::with_capacity(made.len());
    let mut files = Vec::with_capacity(made.len());
    let mut kept = before.map(ReusedParts::new);
    for BuiltOutput { path, recipe, dependencies, written } in made {
        let dependencies = match dependencies {
            Some(dependencies) => dependencies.into(),
            None => kept.as_mut().map(|kept| kept.output(path, &table)).unwrap_or_default().into(),
        };
        outputs.push((*recipe, dependencies));
        files.push((Cow::Borrowed(&**path), *written));
    }
    let bodies = library.site.contents().filter_map(|id| {
        let outline = library.known_outline(id).filter(|outline| outline.problems.is_empty())?;
        Some(PackedBody {
            path: library.site.content(id).file.relative().into(),
            dependencies: table.add(outline.dependencies.iter().map(|(dependency, _)| dependency)),
            content: outline.content,
            summary: outline.summary.as_deref().map(Cow::Borrowed),
            anchors: outline.anchors.iter().cloned().collect::<Vec<String>>().into(),
            links: outline.links.as_slice().into(),
            destinations: outline.destinations.as_slice().into(),
        })
    });
    let bodies = bodies.collect();
    let dependencies: Vec<Dependency> = locks::into_inner(table.0).into_iter().collect();
    let held = kept.map(|kept| kept.fingerprints).unwrap_or_default();
    let fingerprint = |dependency: &Dependency, id: DependencyId| match held.get(&id) {
        Some(fingerprint) => *fingerprint,
        None if matches!(dependency, Dependency::File(path) if !is_settled(path)) => DOUBTFUL,
        None => library.fingerprint(dependency),
    };
    let dependencies: Vec<(Dependency, Fingerprint)> = dependencies
        .into_par_iter()
        .enumerate()
        .map(|(id, dependency)| {
            let fingerprint = fingerprint(&dependency, id as DependencyId);
            (dependency, fingerprint)
        })
        .collect();
    // Other servers have to be asked.
    let is_sure = |(dependency, fingerprint): &(Dependency, Fingerprint)| {
        *fingerprint != DOUBTFUL && !matches!(dependency, Dependency::Remote(_) | Dependency::PrivateRemote(_))
    };
    let sources = sources.filter(|_| dependencies.iter().all(is_sure));
    let read = dependencies.iter().filter_map(|(dependency, _)| match dependency {
        Dependency::File(path) => Some((path.clone(), library.file_metadata(path))),
        _ => None,
    });
    let read = read.collect();
    let environment = dependencies.iter().filter_map(|(dependency, fingerprint)| match dependency {
        Dependency::Environment(name) => Some((name.clone(), *fingerprint)),
        _ => None,
    });
    let environment = environment.collect();
    let site = &library.site;
    let validity = dependencies.iter().fold(site.validity, |validity, (dependency, _)| match dependency {
        Dependency::Now => validity.and(Validity::second(site.now)),
        Dependency::FormattedNow(format) => validity.and(format.validity(site.now)),
        _ => validity,
    });
    let summary = Summary::default();
    let head = StateHeader { sources, read, environment, outputs: files, manifest: None, validity, summary };
    let rest = postcard::to_stdvec(&StateDetails { dependencies, outputs, bodies }).unwrap_or_default();
    PackedState { head, rest }
}
