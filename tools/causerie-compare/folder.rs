//! The files of an output folder.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::kind::{Kind, without_image_hash};

/// A file: where it is, and what kind of file it is.
#[derive(Clone, Debug)]
pub struct File {
    pub kind: Kind,
    place: PathBuf,
}

impl File {
    pub fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.place).map_err(|error| format!("{}: {error}", self.place.display()))
    }
}

/// The files of a folder by their paths. Names of processed images have their size instead of a hash; where several then have
/// one name, each but the first has a number behind it.
#[derive(Debug, Default)]
pub struct Folder {
    pub files: BTreeMap<String, File>,
}

impl Folder {
    /// Lists a folder. What Causerie keeps there for itself does not count.
    pub fn read(root: &Path) -> Result<Self, String> {
        let mut files = BTreeMap::new();
        let visible = |entry: &walkdir::DirEntry| {
            entry.depth() == 0 || !entry.file_name().as_encoded_bytes().starts_with(b".causerie")
        };
        for entry in walkdir::WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(visible) {
            let entry = entry.map_err(|error| format!("{}: {error}", root.display()))?;
            if entry.file_type().is_dir() {
                continue;
            }
            let relative = entry.path().strip_prefix(root).unwrap_or(entry.path());
            let path = relative.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
            let name = match without_image_hash(&path) {
                Cow::Borrowed(path) => path.to_owned(),
                Cow::Owned(name) => imagesize::size(entry.path())
                    .map_or(name.clone(), |size| format!("{name} {}×{}", size.width, size.height)),
            };
            let mut unique = name.clone();
            let mut number = 2;
            while files.contains_key(&unique) {
                unique = format!("{name} ({number})");
                number += 1;
            }
            files.insert(unique, File { kind: Kind::of(&path), place: entry.into_path() });
        }
        Ok(Self { files })
    }
}
