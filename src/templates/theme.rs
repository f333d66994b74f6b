//! Themes: folders in the shape of a site, and the one that comes with Causerie.

use std::io;

use include_dir::{Dir, include_dir};

use crate::config::BUILT_IN_THEME;
use crate::source::{FileMetadata, MemoryWorld, Stream, WalkEntry, WalkResult, World};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/themes/salon");

/// A site's files, with the built-in theme among them where the site has no folder of its own for it.
pub struct ThemedWorld<W> {
    site: W,
    theme: MemoryWorld,
}

impl<W: World> ThemedWorld<W> {
    /// Lays the built-in theme under a site.
    pub fn new(site: W) -> Self {
        let folder = format!("themes/{BUILT_IN_THEME}");
        let mut theme = MemoryWorld::new();
        let own = site.walk(&folder);
        // One that cannot be looked at is there all the same; the walks of its folders say what is wrong.
        if own.files.is_empty() && own.problems.is_empty() {
            add_folder(&EMBEDDED, &folder, &mut theme);
        }
        Self { site, theme }
    }
}

fn add_folder(dir: &Dir<'_>, folder: &str, world: &mut MemoryWorld) {
    for file in dir.files() {
        if let Some(path) = file.path().to_str() {
            world.insert(format!("{folder}/{}", path.replace('\\', "/")), file.contents());
        }
    }
    for dir in dir.dirs() {
        add_folder(dir, folder, world);
    }
}

impl<W: World> World for ThemedWorld<W> {
    fn walk(&self, folder: &str) -> WalkResult {
        let mut walk = self.site.walk(folder);
        let mut theme: Vec<WalkEntry> = self.theme.walk(folder).files;
        if !theme.is_empty() {
            walk.files.append(&mut theme);
            walk.files.sort();
        }
        walk
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        if self.theme.is_file(path) { self.theme.read(path) } else { self.site.read(path) }
    }

    fn open(&self, path: &str) -> io::Result<Stream> {
        if self.theme.is_file(path) { self.theme.open(path) } else { self.site.open(path) }
    }

    fn real_path(&self, path: &str) -> io::Result<String> {
        if self.theme.is_file(path) { self.theme.real_path(path) } else { self.site.real_path(path) }
    }

    fn place_inside(&self, path: &str) -> Option<String> {
        self.site.place_inside(path)
    }

    fn stamp(&self, path: &str) -> Option<FileMetadata> {
        self.theme.stamp(path).or_else(|| self.site.stamp(path))
    }
}
