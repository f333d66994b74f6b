//! Builds: the phases in their order, and a report of what happened.

mod manifest;
pub mod render;
mod write;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::config::{Config, Mode};
use crate::diagnostic::{Diagnostic, Severity};
use crate::markdown::Highlighter;
use crate::site::plan::{Output, plan};
use crate::site::{self, sources};
use crate::source::{DiskWorld, World, unreadable};
use crate::templates::{Library, Templates, ThemedWorld};
use render::{Bytes, render};
use write::{Changes, OutputFolder};

/// What to build, and where.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The site's folder.
    pub root: PathBuf,
    /// The output folder, in the place of the configuration's.
    pub output: Option<PathBuf>,
    /// The address that the site will have, in the place of the configuration's.
    pub base_url: Option<String>,
    /// Whether drafts are part of the site.
    pub drafts: bool,
    /// Whether to make every output anew.
    pub force: bool,
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
}

/// Figures of a site and its build.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Pages of the site.
    pub pages: usize,
    /// Sections of the site.
    pub sections: usize,
    /// Comments that are shown.
    pub comments: usize,
    /// Files of the finished site.
    pub outputs: usize,
    /// Outputs that are new or changed.
    pub written: usize,
    /// Outputs that were left as they are.
    pub unchanged: usize,
    /// Outputs of an earlier build that are gone.
    pub removed: usize,
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

/// Builds a site into its output folder.
pub fn build(options: &Options) -> Report {
    let mut report = Report::default();
    let Some(loaded) = load(options, Mode::Build, &mut report) else { return report };
    let folder = match &options.output {
        Some(folder) => folder.clone(),
        None => options.root.join(&loaded.library.site.config.output_dir),
    };
    match write(&loaded, &folder, &options.root, &mut report.diagnostics) {
        Some(changes) => {
            report.summary.written = changes.written;
            report.summary.unchanged = changes.unchanged;
            report.summary.removed = changes.removed;
            report.output = Some(folder);
        }
        None => debug_assert!(report.failed()),
    }
    report
}

/// Reports everything that a build would, and writes nothing.
pub fn check(options: &Options) -> Report {
    let mut report = Report::default();
    let Some(loaded) = load(options, Mode::Check, &mut report) else { return report };
    let problems: Vec<Diagnostic> =
        loaded.outputs.par_iter().filter_map(|output| render(&loaded.library, &output.recipe).err()).collect();
    report.diagnostics.extend(problems);
    report
}

/// A site that is ready to be rendered.
struct Loaded {
    library: Arc<Library>,
    outputs: Vec<Output>,
}

/// Reads, parses, links and plans. Each phase goes as far as it can, so that one run tells of every problem; none is
/// given when there is no site to render.
fn load(options: &Options, mode: Mode, report: &mut Report) -> Option<Loaded> {
    let world: Arc<dyn World> = Arc::new(ThemedWorld::new(DiskWorld::new(&options.root)));
    let (config, problems) = Config::load(&*world);
    report.diagnostics.extend(problems);
    let mut config = config?;
    if let Some(url) = &options.base_url
        && let Err(problem) = config.override_base_url(url)
    {
        report.diagnostics.push(problem);
        return None;
    }
    let config = Arc::new(config);

    let ((templates, template_problems), ((sources, source_problems), (highlighter, highlight_problems))) = rayon::join(
        || Templates::load(&*world, &config),
        || (sources::read(&*world, &config), highlighter(&*world, &config)),
    );
    report.diagnostics.extend(template_problems);
    report.diagnostics.extend(source_problems);
    report.diagnostics.extend(highlight_problems);

    let (site, problems) = site::link(config, sources, options.drafts);
    report.diagnostics.extend(problems);
    report.summary = Summary {
        pages: site.pages.len(),
        sections: site.sections.len(),
        comments: site.recent.len(),
        ..Summary::default()
    };
    let (outputs, problems) = plan(&site);
    report.diagnostics.extend(problems);
    report.summary.outputs = outputs.len();

    let library = Library::new(site, world, templates?, highlighter, mode);
    // What is broken in one page must not hide what is broken in another, so bodies are checked in any case.
    report.diagnostics.extend(library.render_bodies());
    if has_errors(&report.diagnostics) { None } else { Some(Loaded { library, outputs }) }
}

/// Renders every output into the folder. None when that failed, and the folder is as it was.
fn write(loaded: &Loaded, folder: &Path, root: &Path, problems: &mut Vec<Diagnostic>) -> Option<Changes> {
    let folder = match OutputFolder::open(folder, root) {
        Ok(folder) => folder,
        Err(problem) => {
            problems.push(problem);
            return None;
        }
    };
    let planned: Vec<&str> = loaded.outputs.iter().map(|output| output.path.as_str()).collect();
    problems.extend(folder.obstacles(&planned));
    let put = |output: &Output| -> Result<(), Diagnostic> {
        let rendered = render(&loaded.library, &output.recipe)?;
        match rendered.bytes {
            Bytes::Made(bytes) => folder.put(&output.path, &bytes),
            Bytes::Copied { source, size } => {
                folder.put_stream(&output.path, size, || loaded.library.world.open(&source))
            }
        }
    };
    problems.par_extend(loaded.outputs.par_iter().filter_map(|output| put(output).err()));
    if has_errors(problems) {
        folder.abandon();
        return None;
    }
    match folder.commit(&planned) {
        Ok(changes) => Some(changes),
        Err(problem) => {
            problems.push(problem);
            None
        }
    }
}

/// The colours for code.
fn highlighter(world: &dyn World, config: &Config) -> (Highlighter, Vec<Diagnostic>) {
    Highlighter::new(config, &|path| world.read(path).map_err(|error| unreadable(path, &error)))
}
