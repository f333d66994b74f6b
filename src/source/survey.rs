use std::collections::BTreeMap;
use std::io;
use std::sync::Mutex;
use std::time::SystemTime;

use super::{FileMetadata, Fingerprint, Stream, WalkResult, World};
use crate::locks::lock;

/// A world that walks each folder once, and remembers its files and everything that was read.
///
/// It can detect whether anything changed since another time without reading the files again.
pub struct Survey<W> {
    world: W,
    walks: Mutex<BTreeMap<String, WalkResult>>,
    /// A fingerprint of each thing that was read while [`Survey::watched`] ran.
    watched: Mutex<Option<BTreeMap<String, Fingerprint>>>,
}

impl<W: World> Survey<W> {
    /// A survey of a world.
    pub fn new(world: W) -> Self {
        Self { world, walks: Mutex::default(), watched: Mutex::default() }
    }

    /// Runs something that reads, and gives back with its result the fingerprint of everything that it read.
    pub fn watched<T>(&self, read: impl FnOnce() -> T) -> (T, Fingerprint) {
        *lock(&self.watched) = Some(BTreeMap::new());
        let result = read();
        let watched = lock(&self.watched).take().unwrap_or_default();
        let mut bytes = Vec::new();
        for (what, Fingerprint(print)) in watched {
            bytes.extend_from_slice(what.as_bytes());
            bytes.push(0);
            bytes.extend_from_slice(&print.to_le_bytes());
        }
        (result, Fingerprint::of(&bytes))
    }

    /// The fingerprint of everything below some folders, by the stamps of the files. With it comes whether every change
    /// since `looked` would show in it.
    pub fn print(&self, folders: &[String], looked: SystemTime) -> (Fingerprint, bool) {
        let mut bytes = Vec::new();
        let mut is_settled = true;
        for folder in folders {
            self.walk(folder);
            let walks = lock(&self.walks);
            let Some(walk) = walks.get(folder) else { continue };
            is_settled &= walk.problems.is_empty();
            for entry in &walk.files {
                is_settled &= entry.stamp.is_settled(looked);
                bytes.extend_from_slice(entry.path.as_bytes());
                bytes.push(0);
                bytes.extend_from_slice(&entry.stamp.to_bytes());
            }
        }
        (Fingerprint::of(&bytes), is_settled)
    }

    fn watch(&self, what: impl FnOnce() -> (String, Fingerprint)) {
        if let Some(watched) = &mut *lock(&self.watched) {
            watched.extend([what()]);
        }
    }
}

impl<W: World> World for Survey<W> {
    fn walk(&self, folder: &str) -> WalkResult {
        if let Some(walk) = lock(&self.walks).get(folder) {
            return walk.clone();
        }
        let walk = self.world.walk(folder);
        lock(&self.walks).insert(folder.to_owned(), walk.clone());
        walk
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let result = self.world.read(path);
        self.watch(|| (format!("read {path}"), result.as_ref().map_or(Fingerprint(0), |bytes| Fingerprint::of(bytes))));
        result
    }

    fn open(&self, path: &str) -> io::Result<Stream> {
        self.world.open(path)
    }

    fn real_path(&self, path: &str) -> io::Result<String> {
        self.world.real_path(path)
    }

    fn place_inside(&self, path: &str) -> Option<String> {
        self.world.place_inside(path)
    }

    fn stamp(&self, path: &str) -> Option<FileMetadata> {
        let stamp = self.world.stamp(path);
        self.watch(|| (format!("is there {path}"), Fingerprint(u128::from(stamp.is_some()))));
        stamp
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemoryWorld;

    #[test]
    fn what_was_read_has_a_fingerprint() {
        let print = |text: &str| {
            let world = Survey::new(MemoryWorld::from_iter([("a", text), ("b", "b")]));
            world.watched(|| world.read("a").is_ok() && world.read("c").is_err() && world.is_file("b")).1
        };
        assert_eq!(print("1"), print("1"));
        assert_ne!(print("1"), print("2"));
    }

    #[test]
    fn folders_have_a_fingerprint() {
        let print = |path: &str, text: &str| {
            let world = Survey::new(MemoryWorld::from_iter([(path, text), ("other/b", "b")]));
            world.print(&["content".to_owned()], SystemTime::now())
        };
        let first = print("content/a", "1");
        assert!(first.1);
        assert_eq!(print("content/a", "1"), first);
        assert_ne!(print("content/a", "2"), first);
        assert_ne!(print("content/b", "1"), first);
    }
}
