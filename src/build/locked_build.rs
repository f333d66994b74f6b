//! The beginning of a build: it waits for other builds, and then looks at the site.

use std::cell::Cell;
use std::path::PathBuf;
use std::time::SystemTime;

use super::cache::Cache;
use super::configured_site::ConfiguredSite;
use super::output_folder::OutputFolder;
use super::output_lock::OutputLock;
use super::{Options, Report};
use crate::config::Mode;
use crate::diagnostic::Diagnostic;

/// A build that has its site and its output folder to itself.
pub struct LockedBuild {
    /// The site.
    pub site: ConfiguredSite,
    /// The path of the output folder as the author gave it.
    pub folder: PathBuf,
    /// The output folder, or why it cannot be used.
    pub output: Result<OutputFolder, Diagnostic>,
    /// The cache; none if the site's folder cannot be written to.
    pub cache: Option<Cache>,
    /// Keeps other builds out of the output folder until this one is done.
    pub lock: Option<OutputLock>,
    /// When the build began to look at files.
    pub started: SystemTime,
}

impl LockedBuild {
    /// Reads the configuration, and waits until no other build uses the site's cache or the output folder.
    pub fn begin(options: &Options, report: &mut Report) -> Option<Self> {
        let (mut cache, mut lock) = (None, None);
        loop {
            let started = SystemTime::now();
            let mut found = Report::default();
            let site = ConfiguredSite::new(options, Mode::Build, None, &mut found);
            let folder = |site: &ConfiguredSite| options.root.join(&site.config.output_dir);
            let folder = options.output.clone().or_else(|| site.as_ref().map(folder));
            let inbox = site.as_ref().map(|site| site.config.comments.inbox.as_str());
            let open = |folder: &PathBuf| OutputFolder::open(folder, &options.root, inbox);
            let mut output = folder.as_ref().map(open);
            let has_waited = Cell::new(false);
            if let (Some(_), Some(Ok(unlocked))) = (&site, &output) {
                let wait = |message: &str| {
                    has_waited.set(true);
                    if let Some(say) = options.say {
                        say(message);
                    }
                };
                // Every build takes these two locks in this order, so that no two builds wait for each other.
                if cache.is_none() {
                    let message = "Another build of this site is running; this one begins when that is done";
                    cache = Cache::open(&options.root, || wait(message));
                }
                if lock.is_none() {
                    let message = "Another build into this folder is running; this one begins when that is done";
                    lock = OutputLock::acquire(unlocked.root(), || wait(message));
                }
                // Until now, another build may have written into the folder.
                output = folder.as_ref().map(open);
            }
            // While this build waited, the site may have changed: it begins again.
            if !has_waited.get() {
                report.diagnostics.append(&mut found.diagnostics);
                return Some(Self { site: site?, folder: folder?, output: output?, cache, lock, started });
            }
        }
    }
}
