//! Watches the folder of a site, and reports changes after all writes have finished.
//!
//! The debouncers of notify wait for a fixed time and drop the event that an editor has closed a file. This watcher waits for
//! that event, so the preview shows an edit after some milliseconds, and never half a file.

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

/// How long nothing must change before a change is reported.
const DEBOUNCE: Duration = Duration::from_millis(8);
/// The same after many changes, because a checkout of another branch has longer breaks.
const DEBOUNCE_MANY: Duration = Duration::from_millis(60);
/// The same while a file is open for writing. Not every system reports when it is closed.
const DEBOUNCE_OPEN: Duration = Duration::from_millis(80);
/// The number of changed paths from which changes are many.
const MANY_PATHS: usize = 12;
/// How long a report is delayed at most.
const MAX_DELAY: Duration = Duration::from_secs(2);

/// Folders that are not part of a site.
const IGNORED: [&str; 3] = ["target", "node_modules", spool::DEFAULT_FOLDER];

/// Watches a folder until it is dropped.
#[derive(Debug)]
pub struct Watcher(Sender<Message>);

#[derive(Debug)]
enum Message {
    Event(notify::Result<Event>),
    Stop,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // The thread may have stopped already.
        let _ = self.0.send(Message::Stop);
    }
}

/// Calls `changed` after changes in the folder of a site, when all writes have finished. Changes in the `output` folder are
/// ignored.
///
/// # Errors
/// The system refuses to watch the folder.
pub fn watch(root: &Path, output: &Path, changed: impl Fn() + Send + 'static) -> notify::Result<Watcher> {
    watch_more(root, output, WatchOptions::default(), changed)
}

/// What else is watched, and for how long nothing must change.
#[derive(Clone, Debug, Default)]
pub struct WatchOptions {
    /// Files and folders besides those of the site. Relative paths begin at the site's folder.
    pub paths: Vec<PathBuf>,
    /// How long nothing must change at least before a change is reported.
    pub debounce: Duration,
}

/// The same as [`watch()`], with more to watch.
///
/// # Errors
/// The system refuses to watch the folder or one of the other paths, or one of them does not exist.
pub fn watch_more(
    root: &Path,
    output: &Path,
    options: WatchOptions,
    changed: impl Fn() + Send + 'static,
) -> notify::Result<Watcher> {
    let root = root.canonicalize()?;
    let (send, receive) = channel();
    let events = send.clone();
    let watcher = recommended_watcher(move |event| {
        let _ = events.send(Message::Event(event));
    })?;
    let WatchOptions { paths, debounce } = options;
    let more = paths.iter().map(|path| root.join(path).canonicalize()).collect::<Result<Vec<PathBuf>, _>>()?;
    let mut site = SiteFolder { output: root.join(output), root, watcher, watched: HashSet::new(), more, debounce };
    for path in site.more.clone() {
        let mode = if path.is_dir() { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
        site.watcher.watch(&path, mode)?;
    }
    site.watcher.watch(&site.root, RecursiveMode::NonRecursive)?;
    site.watch_folders();
    thread::spawn(move || site.listen(&receive, changed));
    Ok(Watcher(send))
}

/// The folder of a site.
struct SiteFolder {
    root: PathBuf,
    output: PathBuf,
    watcher: RecommendedWatcher,
    /// The folders that are watched recursively.
    watched: HashSet<PathBuf>,
    /// The paths that are watched besides these.
    more: Vec<PathBuf>,
    /// How long nothing must change at least before a change is reported.
    debounce: Duration,
}

impl SiteFolder {
    /// Watches the folders of the site. Other folders may be large, and watching a folder has a cost.
    fn watch_folders(&mut self) {
        let folders = std::fs::read_dir(&self.root).into_iter().flatten().flatten();
        let found: HashSet<PathBuf> =
            folders.map(|entry| entry.path()).filter(|path| path.is_dir() && self.is_source(path)).collect();
        for folder in found.difference(&self.watched) {
            // A folder that was removed in the meantime causes an event of its own.
            let _ = self.watcher.watch(folder, RecursiveMode::Recursive);
        }
        self.watched = found;
    }

    /// Collects changes into batches, and reports each batch.
    fn listen(mut self, messages: &Receiver<Message>, changed: impl Fn()) {
        while let Ok(first) = messages.recv() {
            let mut batch = ChangeBatch::default();
            let started = Instant::now();
            let (mut next, mut last) = (Ok(first), started);
            loop {
                match next {
                    // Events of files that are only read do not extend the delay.
                    Ok(Message::Event(event)) => {
                        if self.add_event(event, &mut batch) {
                            last = Instant::now();
                        }
                    }
                    Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                    Err(RecvTimeoutError::Timeout) => break,
                }
                let max_delay = MAX_DELAY.max(self.debounce);
                if batch.changed.is_empty() && !batch.is_incomplete || started.elapsed() > max_delay {
                    break;
                }
                next = messages.recv_timeout(batch.debounce().max(self.debounce).saturating_sub(last.elapsed()));
            }
            if !batch.changed.is_empty() || batch.is_incomplete {
                self.watch_folders();
                changed();
            }
        }
    }

    /// Adds an event to a batch. Returns whether the event is a change.
    fn add_event(&self, event: notify::Result<Event>, batch: &mut ChangeBatch) -> bool {
        // A lost event may have been any change.
        let Ok(event) = event else {
            batch.is_incomplete = true;
            return true;
        };
        let mut is_change = event.need_rescan();
        batch.is_incomplete |= is_change;
        for path in event.paths.iter().filter(|path| self.is_source(path)) {
            match event.kind {
                EventKind::Access(AccessKind::Close(AccessMode::Write)) => {
                    batch.open.remove(path);
                }
                // Reading is no change, and the preview reads many files.
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

    /// Whether a path may be part of the site. Files that editors create for a moment are not, and hidden files are only in
    /// `static`.
    fn is_source(&self, path: &Path) -> bool {
        if path.starts_with(&self.output) && self.output != self.root {
            return false;
        }
        let is_hidden = |part: Component<'_>| part.as_os_str().to_string_lossy().starts_with('.');
        let is_ignored = |name: &OsStr| IGNORED.iter().any(|ignored| name == *ignored);
        let name = path.file_name().unwrap_or_default();
        // The site's folder can be one of these, and the preview writes its cache there.
        let is_watched = |below: &Path| {
            !below.components().any(|part| is_hidden(part) || is_ignored(part.as_os_str()))
                && !is_left_by_editor(&name.to_string_lossy())
        };
        if self.more.iter().filter_map(|more| path.strip_prefix(more).ok()).any(is_watched) {
            return true;
        }
        let Ok(inside) = path.strip_prefix(&self.root) else { return false };
        let first = inside.components().next();
        if first.is_none_or(|first| is_ignored(first.as_os_str())) {
            return false;
        }
        let above = inside.components().take_while(|part| part.as_os_str() != "static");
        !above.into_iter().any(is_hidden) && !is_left_by_editor(&name.to_string_lossy())
    }
}

/// The changes since the last report.
#[derive(Debug, Default)]
struct ChangeBatch {
    changed: HashSet<PathBuf>,
    /// Files that are open for writing.
    open: HashSet<PathBuf>,
    /// Whether events were lost.
    is_incomplete: bool,
}

impl ChangeBatch {
    /// How long nothing must change before the batch is reported.
    fn debounce(&self) -> Duration {
        if !self.open.is_empty() {
            DEBOUNCE_OPEN
        } else if self.changed.len() >= MANY_PATHS {
            DEBOUNCE_MANY
        } else {
            DEBOUNCE
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::mpsc;

    use super::*;

    /// How many changes are reported after an action.
    fn count_reports(act: impl FnOnce(&Path)) -> usize {
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

    /// Whether an action is reported as one change. On a busy machine one change may become two, but not every time.
    fn is_one_change(act: impl Fn(&Path)) -> bool {
        (0..8).any(|_| count_reports(&act) == 1)
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
        let report = move || {
            let _ = send.send(());
        };
        let _watcher = watch(&root, Path::new("public"), report).unwrap();
        fs::write(root.join("content/b.md"), "two").unwrap();
        // As long as it is being read there is an event in every millisecond.
        let end = Instant::now() + MAX_DELAY;
        let mut is_reported = false;
        while !is_reported && Instant::now() < end {
            fs::read(root.join("content/a.md")).unwrap();
            is_reported = receive.recv_timeout(Duration::from_millis(1)).is_ok();
        }
        assert!(is_reported);
    }

    #[test]
    fn files_outside_the_site_are_no_change() {
        let count = count_reports(|root| {
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
        let count = count_reports(|root| {
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

    #[test]
    fn more_paths_are_watched() {
        let (site, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir(site.path().join("content")).unwrap();
        let options = |path: &Path| WatchOptions { paths: vec![path.to_owned()], debounce: Duration::from_millis(50) };
        let (send, receive) = mpsc::channel();
        let changed = move || {
            let _ = send.send(());
        };
        let _watcher = watch_more(site.path(), Path::new("public"), options(other.path()), changed).unwrap();
        fs::write(other.path().join("notes.txt"), "1").unwrap();
        receive.recv_timeout(Duration::from_secs(20)).unwrap();
        assert!(watch_more(site.path(), Path::new("public"), options(Path::new("missing")), || {}).is_err());

        // The site's own folder: not the cache that the preview writes there.
        let (send, receive) = mpsc::channel();
        let changed = move || {
            let _ = send.send(());
        };
        fs::create_dir(site.path().join(".causerie")).unwrap();
        let _watcher = watch_more(site.path(), Path::new("public"), options(Path::new(".")), changed).unwrap();
        fs::write(site.path().join(".causerie/parsed"), "1").unwrap();
        assert!(receive.recv_timeout(Duration::from_millis(500)).is_err());
        fs::write(site.path().join("notes.txt"), "1").unwrap();
        receive.recv_timeout(Duration::from_secs(20)).unwrap();
    }
}
