//! What the preview remembers of the site: its current version, problems and rendered outputs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rustc_hash::FxHashMap;

use super::search::SearchSnapshot;
use crate::build::{ConfiguredSite, dedup};
use crate::diagnostic::{self, Diagnostic};
use crate::locks::lock;
use crate::serve::site_view::ServedOutput;
use crate::site::plan::Recipe;
use crate::source::Fingerprint;
use crate::templates::Library;
use crate::templates::dependencies::Dependency;

/// The site as it was loaded at one moment.
#[derive(Default)]
pub(super) struct Snapshot {
    /// The number of the snapshot. It grows by one with every reload.
    pub number: u64,
    /// The fingerprint of the source files, if it would show every change of them.
    pub sources: Option<Fingerprint>,
    /// The last version of the site that could be loaded.
    pub site: Option<Arc<LoadedVersion>>,
    /// The errors for which the current version could not be loaded, and warnings.
    pub problems: Vec<Diagnostic>,
    /// The problems of bodies, which are checked in the background.
    pub body_problems: Mutex<Vec<Diagnostic>>,
    /// The problems of requested outputs, by their paths.
    pub output_problems: Mutex<BTreeMap<String, Diagnostic>>,
    /// The search index of this version, which is built in the background. Only requests for it wait for it.
    pub search: Arc<Mutex<Option<Arc<SearchSnapshot>>>>,
}

impl Snapshot {
    /// Returns all problems, sorted and without duplicates.
    pub fn all_problems(&self) -> Vec<Diagnostic> {
        let mut problems = self.problems.clone();
        problems.extend(lock(&self.body_problems).iter().cloned());
        problems.extend(dedup(lock(&self.output_problems).values().cloned().collect()));
        diagnostic::sort(&mut problems);
        problems.dedup();
        problems
    }
}

/// A version of the site.
pub(super) struct LoadedVersion {
    pub configured: ConfiguredSite,
    pub library: Arc<Library>,
    pub recipes: FxHashMap<String, Recipe>,
}

/// An output as it was rendered last.
pub(super) struct CachedOutput {
    pub output: ServedOutput,
    pub recipe: Fingerprint,
    pub dependencies: Vec<(Dependency, Fingerprint)>,
    /// The number of the snapshot in which the output was last found up to date.
    pub checked_in: u64,
}
