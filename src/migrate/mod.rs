//! Migration: a site for Zola before 0.23 becomes a site for Zola 0.23 and Causerie.
//!
//! The old site is only read. All files are planned in memory first, except those that are copied, and a new folder takes
//! its place at once. Templates and texts are rewritten by [`crate::tera1`]; the [`configuration`] and front matter here.

mod collisions;
mod configuration;
mod folder;
mod highlighting;
mod report;
mod site;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostic;

pub use report::Report;

/// What is migrated, and where to.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder of the old site.
    pub old: PathBuf,
    /// The folder of the new one, which must not exist or must be empty.
    pub new: PathBuf,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// Names of components that macros do not get, because they are built in.
    pub reserved: Vec<String>,
}

/// The page of the new site that lists what a person must decide.
pub const REPORT_PATH: &str = "imports/zola.md";

/// Migrates a site.
///
/// # Errors
/// There is no site in the old folder, the new one is in use, or a file cannot be read or written.
pub fn migrate(options: &Options) -> Result<Report, Diagnostic> {
    check_folders(&options.old, &options.new)?;
    let old = folder::Folder::read(&options.old)?;
    let mut report = Report::default();
    report.is_dry_run = options.dry_run;
    let mut planned = site::plan(&old, &options.reserved.iter().cloned().collect(), &mut report)?;
    planned.insert(REPORT_PATH.to_owned(), report.markdown().into_bytes());
    if !options.dry_run {
        old.write(&options.new, &planned)?;
    }
    Ok(report)
}

/// Checks that the new folder is free, and apart from the old one.
fn check_folders(old: &Path, new: &Path) -> Result<(), Diagnostic> {
    if !old.is_dir() {
        return Err(Diagnostic::error(format!("{} is no folder", old.display()))
            .help("name the folder of the old site, with its config.toml"));
    }
    let is_in_use = match std::fs::read_dir(new) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => new.symlink_metadata().is_ok(),
    };
    if is_in_use {
        return Err(Diagnostic::error(format!("{} already exists", new.display()))
            .help("name a folder that does not exist yet, or an empty one: nothing is ever overwritten"));
    }
    let (old_place, new_place) = (absolute(old), absolute(new));
    if new_place.starts_with(&old_place) || old_place.starts_with(&new_place) {
        return Err(Diagnostic::error("the new site cannot be in the old one, nor the old one in the new")
            .help("name a folder beside the old site"));
    }
    Ok(())
}

/// Returns the place of a folder that may not exist yet, without symbolic links on the way.
fn absolute(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for ancestor in path.ancestors() {
        if let (Ok(place), Ok(rest)) = (ancestor.canonicalize(), path.strip_prefix(ancestor)) {
            return place.join(rest);
        }
    }
    path
}
