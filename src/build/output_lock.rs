//! Keeps builds into one output folder apart, whatever sites they are of.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

/// The right of one build to an output folder; it ends with the build. The folder itself is locked, so that no file for it is
/// published. Where a system or a file system cannot do that there is none.
#[derive(Debug)]
pub struct OutputLock {
    /// The folders that were made for it, innermost first. They go again if nothing comes into them.
    made: Vec<PathBuf>,
    _folder: File,
}

impl OutputLock {
    /// Waits until no other build has the folder, which is made if it is not there; `waiting` is called once if there is one.
    pub fn acquire(folder: &Path, waiting: impl FnOnce()) -> Option<Self> {
        let mut waiting = Some(waiting);
        let mut made = Vec::new();
        loop {
            let missing = folder.ancestors().take_while(|folder| !folder.exists());
            made.splice(0..0, missing.map(Path::to_owned).collect::<Vec<_>>());
            let opened = fs::create_dir_all(folder).and_then(|()| File::open(folder)).ok();
            let Some(opened) = opened else {
                remove_empty(&made);
                return None;
            };
            let locked = match opened.try_lock() {
                Err(TryLockError::WouldBlock) => {
                    if let Some(waiting) = waiting.take() {
                        waiting();
                    }
                    opened.lock().is_ok()
                }
                result => result.is_ok(),
            };
            if !locked {
                remove_empty(&made);
                return None;
            }
            // The build before may have failed, and taken its folder away.
            if is_at(&opened, folder) {
                return Some(Self { made, _folder: opened });
            }
        }
    }
}

impl Drop for OutputLock {
    fn drop(&mut self) {
        remove_empty(&self.made);
    }
}

/// Removes folders as long as nothing is in them.
fn remove_empty(folders: &[PathBuf]) {
    for folder in folders {
        let _ = fs::remove_dir(folder);
    }
}

#[cfg(unix)]
fn is_at(opened: &File, folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |data: fs::Metadata| (data.dev(), data.ino());
    opened.metadata().ok().map(identity) == folder.metadata().ok().map(identity)
}

/// Elsewhere a folder that is open cannot be removed.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}
