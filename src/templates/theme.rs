//! Themes: folders with the structure of a site, and the built-in theme.

use std::io;

use include_dir::{Dir, include_dir};

use crate::config::BUILT_IN_THEME;
use crate::source::{FileMetadata, MemoryWorld, Stream, WalkEntry, WalkResult, World};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/themes/salon");

/// A site's files, and the built-in theme if the site has no folder of its own for it.
pub struct ThemedWorld<W> {
    site: W,
    theme: MemoryWorld,
}

impl<W: World> ThemedWorld<W> {
    /// Adds the built-in theme under a site.
    pub fn new(site: W) -> Self {
        let folder = format!("themes/{BUILT_IN_THEME}");
        let mut theme = MemoryWorld::new();
        let own = site.walk(&folder);
        // A folder that cannot be read exists all the same; walking it reports the problem.
        if own.files.is_empty() && own.problems.is_empty() {
            for (path, bytes) in built_in_files() {
                theme.insert(format!("{folder}/{path}"), bytes);
            }
        }
        Self { site, theme }
    }
}

/// Returns the files of the built-in theme, sorted by their paths in the theme's folder, such as `templates/page.html`.
pub fn built_in_files() -> Vec<(String, &'static [u8])> {
    fn collect(folder: &Dir<'static>, files: &mut Vec<(String, &'static [u8])>) {
        let in_folder =
            folder.files().filter_map(|file| Some((file.path().to_str()?.replace('\\', "/"), file.contents())));
        files.extend(in_folder);
        folder.dirs().for_each(|folder| collect(folder, files));
    }
    let mut files = Vec::new();
    collect(&EMBEDDED, &mut files);
    files.sort();
    files
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sha2::{Digest, Sha256};

    use super::built_in_files;

    /// The names of files in a text, `latin-4b4f9cd5.woff2` or without their extension.
    fn names(text: &str) -> BTreeSet<String> {
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        let is_name = |word: &&str| {
            word.rsplit_once('-').is_some_and(|(_, hash)| hash.len() == 8 && u32::from_str_radix(hash, 16).is_ok())
        };
        words.filter(is_name).map(str::to_owned).collect()
    }

    #[test]
    fn font_files_are_named_by_their_hash_and_all_used() {
        let files = built_in_files();
        let text = |name: &str| {
            let file = files.iter().find(|(path, _)| path == name).expect("the theme has the file");
            std::str::from_utf8(file.1).expect("it is a text")
        };
        let mut fonts = BTreeSet::new();
        for (path, bytes) in &files {
            let Some(name) = path.strip_prefix("static/literata/").and_then(|name| name.strip_suffix(".woff2")) else {
                continue;
            };
            let hash: String = Sha256::digest(bytes).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
            assert!(name.ends_with(&format!("-{hash}")), "{path} has the hash {hash}");
            fonts.insert(name.to_owned());
        }
        assert_eq!(names(text("static/literata/literata.css")), fonts);
        let preloaded = names(text("templates/icons.html"));
        assert_eq!(preloaded.len(), 4);
        assert!(preloaded.is_subset(&fonts), "{preloaded:?}");
    }
}
