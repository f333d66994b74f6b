//! Watches a site's folder, and tells when there is something new and whole to look at.
//!
//! The debouncers that come with notify wait for a fixed time, and throw away the one event that says that an editor is
//! done with a file. Here that event is waited for, so that an edit shows in some milliseconds, and half a file never.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _, recommended_watcher};

use crate::replies::spool;
use crate::source::is_left_by_editor;

/// How long nothing must happen before the site is looked at.
const QUIET: Duration = Duration::from_millis(8);
/// The same while many files change: a checkout of another branch has longer breaks.
const QUIET_AFTER_MANY: Duration = Duration::from_millis(60);
/// The same while a file is being written to. Not every system tells when that ends.
const QUIET_WHILE_OPEN: Duration = Duration::from_millis(80);
/// So many paths are many.
const MANY: usize = 12;
/// However much happens, after that long the site is looked at.
const LONGEST: Duration = Duration::from_secs(2);

/// Folders that a site is not made of.
const IGNORED: [&str; 3] = ["target", "node_modules", spool::DEFAULT_FOLDER];

/// Watches until it is dropped.
#[derive(Debug)]
pub struct Watcher(Sender<Message>);

#[derive(Debug)]
enum Message {
    Event(notify::Result<Event>),
    Stop,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // If nobody listens any more, it has stopped.
        let _ = self.0.send(Message::Stop);
    }
}

/// Calls `changed` whenever something in the site's folder has changed and come to rest. `output` is the output folder,
/// which is not looked at.
///
/// # Errors
/// If the system refuses to watch the folder.
pub fn watch(root: &Path, output: &Path, changed: impl Fn() + Send + 'static) -> notify::Result<Watcher> {
    let root = root.canonicalize()?;
    let (send, receive) = channel();
    let events = send.clone();
    let watcher = recommended_watcher(move |event| {
        let _ = events.send(Message::Event(event));
    })?;
    let mut site = SiteFolder { output: root.join(output), root, watcher, known: HashSet::new() };
    site.watcher.watch(&site.root, RecursiveMode::NonRecursive)?;
    site.watch_folders();
    thread::spawn(move || site.listen(&receive, changed));
    Ok(Watcher(send))
}

/// A site's folder.
struct SiteFolder {
    root: PathBuf,
    output: PathBuf,
    watcher: RecommendedWatcher,
    /// The folders that are watched with all that is in them.
    known: HashSet<PathBuf>,
}

impl SiteFolder {
    /// Watches the folders of the site. Those that it is not made of may be large, and to watch a folder costs.
    fn watch_folders(&mut self) {
        let folders = std::fs::read_dir(&self.root).into_iter().flatten().flatten();
        let found: HashSet<PathBuf> =
            folders.map(|entry| entry.path()).filter(|path| path.is_dir() && self.is_source(path)).collect();
        for folder in found.difference(&self.known) {
            // One that vanished meanwhile is told by an event of its own.
            let _ = self.watcher.watch(folder, RecursiveMode::Recursive);
        }
        self.known = found;
    }

    fn listen(mut self, messages: &Receiver<Message>, changed: impl Fn()) {
        while let Ok(first) = messages.recv() {
            let mut batch = ChangeBatch::default();
            let started = Instant::now();
            let (mut next, mut last) = (Ok(first), started);
            loop {
                match next {
                    // Files that are only read in the meantime do not make it wait longer.
                    Ok(Message::Event(event)) => {
                        if self.note(event, &mut batch) {
                            last = Instant::now();
                        }
                    }
                    Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                    Err(RecvTimeoutError::Timeout) => break,
                }
                if batch.changed.is_empty() && !batch.is_unclear || started.elapsed() > LONGEST {
                    break;
                }
                next = messages.recv_timeout(batch.quiet().saturating_sub(last.elapsed()));
            }
            if !batch.changed.is_empty() || batch.is_unclear {
                self.watch_folders();
                changed();
            }
        }
    }

    /// Notes an event. Gives back whether it told of a change.
    fn note(&self, event: notify::Result<Event>, batch: &mut ChangeBatch) -> bool {
        // What was lost, or could not be understood, may have been anything.
        let Ok(event) = event else {
            batch.is_unclear = true;
            return true;
        };
        let mut is_change = event.need_rescan();
        batch.is_unclear |= is_change;
        for path in event.paths.iter().filter(|path| self.is_source(path)) {
            match event.kind {
                EventKind::Access(AccessKind::Close(AccessMode::Write)) => {
                    batch.open.remove(path);
                }
                // To read is no change, and we read much.
                EventKind::Access(_) => continue,
                EventKind::Create(_) | EventKind::Modify(notify::event::ModifyKind::Data(_)) if path.is_file() => {
                    batch.open.insert(path.clone());
                }
                _ => {
                    batch.open.remove(path);
                }
            }
            batch.changed.insert(path.clone());
            is_change = true;
        }
        is_change
    }

    /// Whether a path may be part of the site. Editors leave files of their own beside an author's for a moment; hidden files
    /// are published from `static` only.
    fn is_source(&self, path: &Path) -> bool {
        let Ok(inside) = path.strip_prefix(&self.root) else { return false };
        if path.starts_with(&self.output) && self.output != self.root {
            return false;
        }
        let first = inside.components().next();
        let is_ignored = |name: &OsStr| IGNORED.iter().any(|ignored| name == *ignored);
        if first.is_none_or(|first| is_ignored(first.as_os_str())) {
            return false;
        }
        let is_hidden = |part: Component<'_>| part.as_os_str().to_string_lossy().starts_with('.');
        let above = inside.components().take_while(|part| part.as_os_str() != "static");
        let name = path.file_name().unwrap_or_default();
        !above.into_iter().any(is_hidden) && !is_left_by_editor(&name.to_string_lossy())
    }
}

/// What has happened since the site was looked at.
#[derive(Debug, Default)]
struct ChangeBatch {
    changed: HashSet<PathBuf>,
    /// Files that are being written to.
    open: HashSet<PathBuf>,
    /// Some of what happened was lost.
    is_unclear: bool,
}

impl ChangeBatch {
    fn quiet(&self) -> Duration {
        if !self.open.is_empty() {
            QUIET_WHILE_OPEN
        } else if self.changed.len() >= MANY {
            QUIET_AFTER_MANY
        } else {
            QUIET
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::mpsc;

    use super::*;

    /// How often a site is looked at after something was done to it.
    fn looks(act: impl FnOnce(&Path)) -> usize {
        let folder = tempfile::tempdir().unwrap();
        for name in ["content/posts", "public", ".git", "target", "inbox"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join("content/posts/a.md"), "one").unwrap();
        let (send, receive) = mpsc::channel();
        let watcher = watch(folder.path(), Path::new("public"), move || {
            let _ = send.send(());
        });
        let _watcher = watcher.unwrap();
        act(&folder.path().canonicalize().unwrap());
        let mut count = 0;
        while receive.recv_timeout(Duration::from_millis(400)).is_ok() {
            count += 1;
        }
        count
    }

    /// Whether the site is looked at once after something was done to it. A machine that stands still in the middle of it
    /// makes two changes of one, but not time after time.
    fn is_one_change(act: impl Fn(&Path)) -> bool {
        (0..8).any(|_| looks(&act) == 1)
    }

    #[test]
    fn every_way_to_save_is_one_change() {
        let post = |root: &Path| root.join("content/posts/a.md");
        assert!(is_one_change(|root| fs::write(post(root), "two").unwrap()));
        // Written beside it and moved over it, with a backup.
        assert!(is_one_change(|root| {
            fs::rename(post(root), root.join("content/posts/a.md~")).unwrap();
            fs::write(root.join("content/posts/.a.md.tmp"), "two").unwrap();
            fs::rename(root.join("content/posts/.a.md.tmp"), post(root)).unwrap();
        }));
        // In pieces, with breaks.
        assert!(is_one_change(|root| {
            use std::io::Write;
            let mut file = fs::File::create(post(root)).unwrap();
            for _ in 0..4 {
                file.write_all(b"piece").unwrap();
                file.flush().unwrap();
                thread::sleep(Duration::from_millis(20));
            }
        }));
        // Another branch.
        assert!(is_one_change(|root| {
            for number in 0..40 {
                fs::write(root.join(format!("content/posts/{number}.md")), "new").unwrap();
                thread::sleep(Duration::from_millis(if number % 13 == 12 { 10 } else { 1 }));
            }
        }));
    }

    #[test]
    fn reading_delays_no_change() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("content")).unwrap();
        fs::write(root.join("content/a.md"), "one").unwrap();
        let (send, receive) = mpsc::channel();
        let told = move || {
            let _ = send.send(());
        };
        let _watcher = watch(&root, Path::new("public"), told).unwrap();
        fs::write(root.join("content/b.md"), "two").unwrap();
        // As long as it is being read there is an event in every millisecond.
        let end = Instant::now() + LONGEST;
        let mut is_told = false;
        while !is_told && Instant::now() < end {
            fs::read(root.join("content/a.md")).unwrap();
            is_told = receive.recv_timeout(Duration::from_millis(1)).is_ok();
        }
        assert!(is_told);
    }

    #[test]
    fn what_the_site_is_not_made_of_is_no_change() {
        let count = looks(|root| {
            for path in [
                "public/index.html",
                ".git/index",
                "target/x",
                "inbox/1.md",
                "content/.a.md.swp",
                "content/a.md~",
                "content/#a.md#",
                "content/a.md.bak",
                "content/4913",
            ] {
                fs::write(root.join(path), "x").unwrap();
            }
            fs::read(root.join("content/posts/a.md")).unwrap();
        });
        assert_eq!(count, 0);
    }

    #[test]
    fn new_folders_are_watched_too() {
        let count = looks(|root| {
            fs::create_dir_all(root.join("data/deep")).unwrap();
            thread::sleep(Duration::from_millis(150));
            fs::write(root.join("data/deep/a.toml"), "a = 1").unwrap();
            thread::sleep(Duration::from_millis(150));
            fs::rename(root.join("content/posts"), root.join("content/notes")).unwrap();
            thread::sleep(Duration::from_millis(150));
            fs::write(root.join("content/notes/a.md"), "two").unwrap();
        });
        assert!((3..=5).contains(&count), "{count}");
    }
}
