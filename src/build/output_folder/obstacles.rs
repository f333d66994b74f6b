//! Finding what is in the way of outputs before anything is rendered.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::OutputFolder;
use super::files::ancestors;
use crate::diagnostic::Diagnostic;

impl OutputFolder {
    /// Finds files and folders that Causerie did not write and that are in the way of outputs. `paths` are those of the
    /// outputs that the build is about to write.
    pub fn obstacles(&self, paths: &[&str]) -> Vec<Diagnostic> {
        if self.is_new {
            return Vec::new();
        }
        let folders: BTreeSet<&str> = paths.iter().copied().flat_map(ancestors).collect();
        let folders: Vec<&str> = folders.into_iter().collect();
        let mut obstacles: Vec<Diagnostic> =
            folders.par_iter().filter_map(|folder| self.obstacle_to_folder(folder)).collect();
        obstacles.extend(paths.iter().filter_map(|path| self.obstacle_to_file(path)));
        obstacles
    }

    /// What is in the place of a folder.
    fn obstacle_to_folder(&self, folder: &str) -> Option<Diagnostic> {
        let data = self.root.join(folder).symlink_metadata().ok()?;
        if data.is_symlink() {
            let message = format!(
                "`{folder}` in the output folder is a symbolic link, and outputs are not written through links"
            );
            return Some(Diagnostic::error(message).help("remove the link, or choose another output folder"));
        }
        if data.is_dir() || self.is_ours(folder) {
            return None;
        }
        let message = format!(
            "`{folder}` in the output folder is a file that Causerie did not write, \
             and the site needs a folder of that name"
        );
        Some(Diagnostic::error(message).help("move the file away, or choose another output folder"))
    }

    /// What is in the place of a file. A folder that holds only files of earlier builds makes way.
    fn obstacle_to_file(&self, path: &str) -> Option<Diagnostic> {
        let is_folder = self.root.join(path).symlink_metadata().is_ok_and(|data| data.is_dir());
        if !is_folder || self.count_ours(path).is_some_and(|count| count > 0) {
            return None;
        }
        let message = format!(
            "`{path}` in the output folder is a folder with files that Causerie did not write, \
             and the site needs a file of that name"
        );
        Some(Diagnostic::error(message).help("move the folder away, or choose another output folder"))
    }
}
