//! What a build reports.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::output_folder::Changes;
use crate::diagnostic::{Diagnostic, Severity};

/// What a build did, and every problem that it found.
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
    /// How many links to other sites there are; none where they were not looked at.
    pub external_links: Option<usize>,
    /// What is left out because something else of the site has its address.
    pub notes: Vec<String>,
    /// The outputs that were rendered again, and why, if the options request it: those of the plan, then the files of the
    /// search.
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
    /// Comments that were rendered.
    pub comments: usize,
    /// Fingerprints of pages and sections that were put into those of lists.
    pub fingerprints: usize,
    /// Pages that were compared to find related ones.
    pub comparisons: usize,
}

impl Report {
    /// Whether something stops the site from being built.
    pub fn failed(&self) -> bool {
        has_errors(&self.diagnostics)
    }

    /// Adds what a build of so many outputs did to its output folder.
    pub(super) fn add_changes(&mut self, changes: &Changes, outputs: usize) {
        self.summary.outputs = outputs;
        self.summary.written = changes.written;
        self.summary.unchanged = outputs - changes.written;
        self.summary.removed = changes.removed;
        self.diagnostics.extend(changes.edited.iter().map(|path| {
            Diagnostic::warning(format!(
                "`{path}` in the output folder is of no page any more, and stays because somebody edited it"
            ))
            .help("remove the file if readers should not see it")
        }));
    }
}

/// Whether one of some problems is an error.
pub(super) fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}
