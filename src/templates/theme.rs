//! Themes: folders in the shape of a site, and the one that comes with Causerie.

use std::io::{self, Read};

use include_dir::{Dir, include_dir};

use crate::config::Config;
use crate::diagnostic::{Diagnostic, nearest};
use crate::source::{Entry, MemoryWorld, Walk, World};

/// The default theme's name.
pub const SALON: &str = "salon";

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/themes/salon");

/// A site's files with its theme's among them: the embedded theme shows itself where the site has no folder for it.
pub struct ThemedWorld<W> {
    site: W,
    theme: MemoryWorld,
}

/// Joins a site with its theme, and the theme's configuration with the site's.
pub fn with_theme<W: World>(site: W, config: &mut Config) -> (ThemedWorld<W>, Vec<Diagnostic>) {
    let mut world = ThemedWorld { site, theme: MemoryWorld::new() };
    let Some(name) = config.theme.clone() else { return (world, Vec::new()) };
    let folder = format!("themes/{name}");
    if world.site.walk(&folder).files.is_empty() {
        if name != SALON {
            let there = world.site.walk("themes").files;
            let known = there.iter().filter_map(|entry| entry.path.split('/').nth(1)).chain([SALON]);
            let problem = Diagnostic::error(format!("there is no theme `{name}`")).at(config.locate("theme", &name));
            let help = match nearest(&name, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("put it into `themes/{name}/`, or use the one that is built in: `theme = \"{SALON}\"`"),
            };
            return (world, vec![problem.help(help)]);
        }
        add(&EMBEDDED, &folder, &mut world.theme);
    }
    let problems = config.merge_theme(&world, &format!("{folder}/theme.toml"));
    (world, problems)
}

fn add(dir: &Dir<'_>, folder: &str, world: &mut MemoryWorld) {
    for file in dir.files() {
        if let Some(path) = file.path().to_str() {
            world.insert(format!("{folder}/{}", path.replace('\\', "/")), file.contents());
        }
    }
    for dir in dir.dirs() {
        add(dir, folder, world);
    }
}

impl<W: World> World for ThemedWorld<W> {
    fn walk(&self, folder: &str) -> Walk {
        let mut walk = self.site.walk(folder);
        let mut theme: Vec<Entry> = self.theme.walk(folder).files;
        if !theme.is_empty() {
            walk.files.append(&mut theme);
            walk.files.sort();
        }
        walk
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        if self.theme.is_file(path) { self.theme.read(path) } else { self.site.read(path) }
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn Read + Send>> {
        if self.theme.is_file(path) { self.theme.open(path) } else { self.site.open(path) }
    }

    fn is_file(&self, path: &str) -> bool {
        self.theme.is_file(path) || self.site.is_file(path)
    }
}

