//! One attempt at a build: the phases in their order, with the locks and the cache.

use super::cache::Cache;
use super::envelope::PendingFile;
use super::locked_build::LockedBuild;
use super::state::{PreviousBuild, State};
use super::write::{FinishedBuild, OutputWriter};
use super::{Options, Report, Summary};

/// A build that was tried.
#[derive(Default)]
pub struct Attempt {
    /// What it reports.
    pub report: Report,
    /// Whether something of it comes from the cache. What comes from there has no lines to show in a message.
    pub used_cache: bool,
}

impl Attempt {
    /// Builds a site. Without `reads_cache` every source is parsed and every output rendered.
    pub fn run(options: &Options, reads_cache: bool) -> Self {
        let mut attempt = Self::default();
        if let Some(build) = LockedBuild::begin(options, &mut attempt.report) {
            attempt.build(build, options, reads_cache);
        }
        attempt
    }

    fn build(&mut self, build: LockedBuild, options: &Options, reads_cache: bool) {
        let LockedBuild { mut site, folder, output, cache, started, lock: _lock } = build;
        let report = &mut self.report;
        let readable_cache = cache.as_ref().filter(|_| reads_cache);
        let sources = site.sources(options, started);
        let state = readable_cache.zip(output.as_ref().ok()).and_then(|(cache, output)| cache.state(output.root()));
        if let (Some(State { head, .. }), Ok(output), false) = (&state, &output, options.verbose)
            && head.is_up_to_date((sources, site.now), output, &*site.world)
        {
            report.summary = Summary { written: 0, unchanged: head.summary.outputs, removed: 0, ..head.summary };
            report.output = Some(folder);
            return;
        }

        let cached = readable_cache.and_then(Cache::parse_cache);
        self.used_cache = cached.is_some() || state.is_some();
        let mut parse_cache = cached.unwrap_or_default();
        if let Ok(output) = &output {
            output.remove_staging();
        }
        let (loaded, state) =
            rayon::join(|| site.load(options, &mut parse_cache, report), || state.and_then(State::open));
        let Some(loaded) = loaded else { return };
        let output = match output {
            Ok(output) => output,
            Err(problem) => {
                report.diagnostics.push(problem);
                return;
            }
        };
        let previous = state.map(|state| PreviousBuild::new(state, &loaded.library, options.explain));
        if let Some(previous) = &previous {
            loaded.library.set_earlier_outlines(previous.bodies());
        }
        let root = output.root().to_owned();
        let writer = OutputWriter {
            loaded: &loaded,
            folder: output,
            previous: previous.as_ref(),
            readable_cache,
            cache: cache.as_ref(),
            options,
            sources,
            started,
        };
        let keep_parse_cache = || {
            if let Some(cache) = cache.as_ref().filter(|_| parse_cache.is_changed()) {
                cache.keep_parse_cache(&parse_cache);
            }
        };
        let (Some(finished), ()) = rayon::join(|| writer.write(report), keep_parse_cache) else { return };
        let FinishedBuild { state, entries, pending_entries, images } = finished;
        report.output = Some(folder);
        if let Some(cache) = &cache {
            // Without these files the next build takes longer, and that is all.
            let _ = pending_entries.map(PendingFile::put);
            cache.forget_unused(&images);
            let is_whole = previous.is_none();
            rayon::join(|| cache.keep_state(&root, &state), || cache.keep_code(&site.highlighter, is_whole));
        }
        // Freeing the memory of a large site takes longer than ending the process, so that a process that ends need not wait.
        rayon::spawn(move || drop((loaded, previous, parse_cache, entries)));
    }
}
