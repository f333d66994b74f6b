//! Opening an output folder, and refusing one that a build must not write into.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;

use super::{OutputFolder, failed, foreign};
use crate::build::cache;
use crate::build::manifest::Manifest;
use crate::diagnostic::Diagnostic;
use crate::site::STAGING;

impl OutputFolder {
    /// Looks at the output folder of a site, and refuses one that holds the site's sources or its waiting replies.
    pub fn open(folder: &Path, site: &Path, inbox: Option<&str>) -> Result<Self, Diagnostic> {
        let site = site.canonicalize().map_err(|error| failed("look at the site's folder", site, &error))?;
        let root = canonical_ahead(folder).map_err(|error| failed("look at the output folder", folder, &error))?;
        let inbox = inbox.and_then(|inbox| canonical_ahead(&site.join(inbox)).ok());
        if let Some(reason) = refusal(&root, &site, inbox.as_deref()) {
            return Err(Diagnostic::error(format!("the output folder cannot be `{}`: {reason}", folder.display()))
                .help("choose a folder of its own, such as `--output public`"));
        }
        // Nothing is staged through a link.
        let staging = root.join(STAGING);
        if staging.symlink_metadata().is_ok_and(|data| !data.is_dir()) {
            return Err(foreign(&staging));
        }
        Ok(Self {
            is_new: fs::read_dir(&root).map_or(!root.exists(), |mut entries| entries.next().is_none()),
            missing: root.ancestors().take_while(|folder| !folder.exists()).map(Path::to_owned).collect(),
            previous: Manifest::read(&root),
            staged: staging.join("tree"),
            root,
            staged_folders: Mutex::default(),
            foreign: Mutex::default(),
            contents: Mutex::default(),
            written: AtomicUsize::new(0),
        })
    }
}

/// Why a folder cannot be the output folder of a site; none if it can.
fn refusal(folder: &Path, site: &Path, inbox: Option<&Path>) -> Option<&'static str> {
    let sources = ["content", "static", "templates", "themes", "sass", ".git", cache::FOLDER];
    let existing = folder.ancestors().find(|folder| folder.symlink_metadata().is_ok());
    if folder == site {
        Some("it is the site's own folder")
    } else if site.starts_with(folder) {
        Some("the site itself lies in it")
    } else if sources.iter().any(|source| folder.starts_with(site.join(source))) {
        Some("it lies among the site's sources")
    } else if inbox.is_some_and(|inbox| inbox.starts_with(folder) || folder.starts_with(inbox)) {
        Some("replies wait there, which not everybody may read")
    } else if existing.is_some_and(|existing| !existing.is_dir()) {
        Some("there is a file in its place")
    } else {
        None
    }
}

/// The path that a folder has or would have: its nearest existing ancestor without links, then the rest.
fn canonical_ahead(folder: &Path) -> io::Result<PathBuf> {
    let absolute = std::path::absolute(folder)?;
    let mut plain = PathBuf::new();
    for part in absolute.components() {
        match part {
            Component::ParentDir => {
                plain = plain.canonicalize().unwrap_or(plain);
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    let mut missing = Vec::new();
    let mut existing = plain.as_path();
    while !existing.exists() {
        match (existing.file_name(), existing.parent()) {
            (Some(name), Some(parent)) => {
                missing.push(name.to_owned());
                existing = parent;
            }
            _ => break,
        }
    }
    let mut path = existing.canonicalize()?;
    path.extend(missing.iter().rev());
    Ok(path)
}
