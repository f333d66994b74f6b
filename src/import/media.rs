//! Uploaded files, taken from a local folder. They keep their addresses: `wp-content/uploads/2009/05/a.jpg` becomes
//! `static/wp-content/uploads/2009/05/a.jpg`.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use regex::Regex;

use super::addresses::{host, split};
use super::files::Files;
use super::ledger::Ledger;
use super::model::{ItemKind, Media as UploadedFile, Omission};
use super::store::Store;
use crate::config::split_origin;
use crate::locks::lock;
use crate::source::plain_path;

/// The end of a name that WordPress gives to smaller copies.
#[allow(clippy::expect_used, reason = "the pattern is a constant, and a test compiles it")]
static SIZE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"-\d{1,5}x\d{1,5}(\.[A-Za-z0-9]{2,5})$").expect("a pattern"));

/// The uploaded files of a blog.
pub struct Media {
    folder: Option<PathBuf>,
    /// The files that the source names, by their paths in the blog.
    named: BTreeMap<String, PathBuf>,
    host: String,
    /// The path of the new site, which its addresses begin with and its files do not.
    base: String,
    used: Mutex<BTreeSet<String>>,
}

impl Media {
    /// Files in a folder: that of the uploads, or one that holds it.
    pub fn new(folder: Option<&Path>, blog: &str, site: &str, files: &[UploadedFile]) -> Self {
        let folder = folder.and_then(|folder| folder.canonicalize().ok());
        let path = |file: &UploadedFile| Some((split(&file.url)?.path, file.file.clone()?));
        let named = files.iter().filter_map(path).filter(|(path, _)| crate::site::is_plain(path)).collect();
        let base = split_origin(site).1.trim_matches('/').to_owned();
        Self { folder, named, host: host(blog).unwrap_or_default(), base, used: Mutex::default() }
    }

    /// The host of the blog.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The address of a file in the new site, if the file is there. Smaller copies lead to the original.
    pub fn address(&self, path: &str) -> Option<String> {
        let original = Self::original(path);
        let path = [path, &original].into_iter().find(|path| self.named.contains_key(*path)).unwrap_or(&original);
        self.find(path)?;
        lock(&self.used).insert(path.to_owned());
        Some(format!("/{}", self.below_site(path)))
    }

    /// The path of the file that a smaller copy was made of.
    pub fn original(path: &str) -> Cow<'_, str> {
        SIZE.replace(path, "$1")
    }

    /// A path of the old blog as one of the new site, which can stand in the same folder of its server.
    pub fn below_site<'p>(&self, path: &'p str) -> &'p str {
        let below = path.strip_prefix(self.base.as_str()).and_then(|rest| rest.strip_prefix('/'));
        below.filter(|_| !self.base.is_empty()).unwrap_or(path)
    }

    /// The local file for a path of the blog.
    fn find(&self, path: &str) -> Option<PathBuf> {
        if let Some(file) = self.named.get(path) {
            return Some(file.clone());
        }
        let folder = self.folder.as_ref()?;
        let path = plain_path(path).filter(|path| crate::site::is_plain(path) && path.contains('.'))?;
        let below = path.split_once("uploads/").map(|(_, below)| below);
        // The folder can be the one that all the files lie in.
        let inner = path.split_once('/').map(|(_, inner)| inner);
        let candidates = [Some(path.as_str()), below, inner].into_iter().flatten();
        candidates.map(|path| folder.join(path)).find(|file| {
            let is_file = file.symlink_metadata().is_ok_and(|data| data.is_file());
            // A link on the way could lead anywhere.
            is_file && file.canonicalize().is_ok_and(|real| real.starts_with(folder))
        })
    }

    /// Copies the files that posts use, and those that the source lists.
    pub fn copy(&self, store: &mut Store, files: &Files<'_>, ledger: &mut Ledger) -> io::Result<()> {
        let mut used = std::mem::take(&mut *lock(&self.used));
        for media in &store.media {
            let path = split(&media.url).map(|address| address.path).unwrap_or_default();
            let omission =
                |reason: &str, is_loss| Omission { class: ItemKind::Media, reason: reason.to_owned(), is_loss };
            if let Some(why) = store.failed_media.get(&path) {
                store.report.leave_out(omission("it could not be fetched", true), why.clone());
            } else if self.folder.is_none() && media.file.is_none() {
                let reason = "pass their folder with --media, or --fetch-media";
                store.report.leave_out(omission(reason, false), media.url.clone());
            } else if self.find(&path).is_some() {
                used.insert(path);
                store.report.write(ItemKind::Media, 1);
            } else {
                store.report.leave_out(omission("the file is not there", true), media.url.clone());
            }
        }
        for path in used {
            let Some(source) = self.find(&path) else { continue };
            let target = format!("static/{}", self.below_site(&path));
            if files.root.join(&target).symlink_metadata().is_ok_and(|data| !data.is_file()) {
                continue;
            }
            let bytes = fs::read(source)?;
            files.write(&format!("media:{path}"), &target, &bytes, ledger, &mut store.report)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_from_the_folder_only() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = root.path().join("uploads");
        fs::create_dir_all(folder.join("2009/05")).expect("a folder");
        fs::write(folder.join("2009/05/a.jpg"), "x").expect("a file");
        fs::write(root.path().join("secret.txt"), "x").expect("a file");
        let media = Media::new(Some(&folder), "https://jo.example", "https://new.example", &[]);
        let address = |path: &str| media.address(path);
        assert_eq!(
            address("wp-content/uploads/2009/05/a-300x200.jpg").as_deref(),
            Some("/wp-content/uploads/2009/05/a.jpg")
        );
        assert_eq!(address("2009/05/a.jpg").as_deref(), Some("/2009/05/a.jpg"));
        for path in [
            "../secret.txt",
            "wp-content/uploads/../../secret.txt",
            "b.jpg",
            "2009/05",
            "/etc/hostname",
            "uploads/\\..\\secret.txt",
        ] {
            assert_eq!(address(path), None, "{path}");
        }
    }
}
