//! The list of what Causerie wrote into an output folder.
//!
//! It lies in the folder that it speaks of, so that the two cannot be parted: a file on the list may be replaced or removed by
//! a later build, any other file is somebody else's and is never touched. Everybody can read what is published, so the list
//! names nothing: a line is a hash of a path and a hash of the bytes that were written there.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::site::MANIFEST;
use crate::source::{Fingerprint, open_own};

const HEADER: &str = "causerie 2: hashes of the files that Causerie wrote here, a line each";

/// A hash of an output's path, from which nobody can compute the path: half of a SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PathHash(u128);

impl PathHash {
    /// The hash of a path, relative to the output folder.
    pub fn of(path: &str) -> Self {
        let hash: [u8; 32] = Sha256::digest(path).into();
        Self(hash[..16].iter().fold(0, |sum, &byte| sum << 8 | u128::from(byte)))
    }
}

/// Files of an output folder, by the hashes of their paths and of their bytes. After a build that was killed a path can have
/// two contents, of which one is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The files, in the order of their hashes, which makes equal manifests equal files.
    pub files: BTreeSet<(PathHash, Fingerprint)>,
}

impl Manifest {
    /// Reads the manifest of an output folder. A folder without one, or with one that nobody can read, holds
    /// nothing of ours: the careful answer.
    pub fn read(folder: &Path) -> Self {
        let Ok(bytes) = read_own(&folder.join(MANIFEST)) else { return Self::default() };
        let Ok(text) = String::from_utf8(bytes) else { return Self::default() };
        let mut lines = text.lines();
        if lines.next() != Some(HEADER) {
            return Self::default();
        }
        let number = |text: &str| u128::from_str_radix(text, 16).ok();
        let file = |line: &str| {
            let (path, content) = line.split_once(' ')?;
            Some((PathHash(number(path)?), Fingerprint(number(content)?)))
        };
        Self { files: lines.filter_map(file).collect() }
    }

    /// What was written to a place; several only after a build that was killed.
    pub fn contents(&self, path: PathHash) -> impl Iterator<Item = Fingerprint> {
        let all = (path, Fingerprint(0))..=(path, Fingerprint(u128::MAX));
        self.files.range(all).map(|&(_, content)| content)
    }

    /// Whether Causerie wrote a file to a place.
    pub fn has(&self, path: &str) -> bool {
        self.contents(PathHash::of(path)).next().is_some()
    }

    /// Writes the manifest; it is there as a whole or not at all. An equal one is left as it is.
    pub fn write(&self, folder: &Path, staging: &Path) -> io::Result<()> {
        let mut text = String::from(HEADER);
        text.push('\n');
        for (PathHash(path), Fingerprint(content)) in &self.files {
            text.push_str(&format!("{path:032x} {content:032x}\n"));
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
