//! The list of what Causerie wrote into an output folder.
//!
//! It lies in the folder that it speaks of, so that the two cannot be parted: a file on the list may be replaced
//! or removed by a later build, any other file is somebody else's and is never touched.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use crate::site::{MANIFEST, is_plain};
use crate::source::open_own;

const HEADER: &str = "causerie 1: the files that Causerie wrote here, a line each";

/// Output paths, relative to the output folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest<'a> {
    /// The paths, in their order, which makes equal manifests equal files.
    pub paths: BTreeSet<Cow<'a, str>>,
}

impl Manifest<'_> {
    /// Reads the manifest of an output folder. A folder without one, or with one that nobody can read, holds
    /// nothing of ours: the careful answer.
    pub fn read(folder: &Path) -> Self {
        let Ok(bytes) = read_own(&folder.join(MANIFEST)) else { return Self::default() };
        let Ok(text) = String::from_utf8(bytes) else { return Self::default() };
        let mut lines = text.lines();
        if lines.next() != Some(HEADER) {
            return Self::default();
        }
        // A manifest that somebody edited must not lead out of the folder.
        Self { paths: lines.filter(|line| is_plain(line)).map(|line| line.to_owned().into()).collect() }
    }

    /// Writes the manifest; it is there as a whole or not at all. An equal one is left as it is.
    pub fn write(&self, folder: &Path, staging: &Path) -> io::Result<()> {
        let mut text = String::from(HEADER);
        text.push('\n');
        for path in &self.paths {
            text.push_str(path);
            text.push('\n');
        }
        let place = folder.join(MANIFEST);
        if read_own(&place).is_ok_and(|old| old == text.as_bytes()) {
            return Ok(());
        }
        let temporary = staging.join("manifest");
        let mut file = File::create(&temporary)?;
        file.write_all(text.as_bytes())?;
        drop(file);
        std::fs::rename(temporary, place)
    }
}

fn read_own(place: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_own(File::options().read(true), place)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}
