//! Sites on the disk, built again and again.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use causerie::build::{self, Options, Report};
use causerie::diagnostic::{self, Severity};
use jiff::Timestamp;
use tempfile::TempDir;

/// Files by their paths relative to a folder.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A site in a folder of its own.
pub struct Site {
    folder: TempDir,
    clean_builds: usize,
    /// When it is built, in seconds since 1970.
    now: Cell<i64>,
}

impl Site {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let this = Self { folder: tempfile::tempdir().unwrap(), clean_builds: 0, now: Cell::new(1_750_000_000) };
        for (path, text) in files {
            this.write(path, text);
        }
        this
    }

    pub fn root(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    pub fn public(&self) -> PathBuf {
        self.root().join("public")
    }

    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let place = self.root().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, bytes).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap()
    }

    pub fn remove(&self, path: &str) {
        let _ = fs::remove_file(self.root().join(path));
    }

    /// The size of the cache in bytes.
    pub fn cache_size(&self) -> usize {
        files(&self.root().join(".causerie")).values().map(Vec::len).sum()
    }

    /// Sets the clock of the builds that follow.
    pub fn at(&self, moment: &str) {
        self.now.set(moment.parse::<Timestamp>().unwrap().as_second());
    }

    fn options(&self) -> Options {
        let now = Timestamp::from_second(self.now.get()).ok();
        Options { root: self.root(), now, explain: true, shrink: true, ..Options::default() }
    }

    /// The build that authors run again and again.
    pub fn build(&self) -> Report {
        build::build(&self.options())
    }

    /// A build that knows of no other, into a folder of its own: the report, and what it wrote.
    pub fn clean_build(&mut self) -> (Report, Files) {
        self.clean_builds += 1;
        let output = self.folder.path().join(format!("clean{}", self.clean_builds));
        let report = build::build(&Options { output: Some(output.clone()), force: true, ..self.options() });
        (report, files(&output))
    }
}

/// Everything in a folder.
pub fn files(folder: &Path) -> Files {
    let mut found = Files::new();
    collect(folder, folder, &mut found);
    found
}

fn collect(root: &Path, folder: &Path, found: &mut Files) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, found);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            found.insert(name, fs::read(&path).unwrap());
        }
    }
}

/// When the files in a folder were last written.
pub fn times(folder: &Path) -> BTreeMap<String, SystemTime> {
    let time = |path: &String| fs::metadata(folder.join(path)).unwrap().modified().unwrap();
    files(folder).keys().map(|path| (path.clone(), time(path))).collect()
}

/// What a report tells of problems, as text.
pub fn problems(report: &Report) -> String {
    let mut diagnostics = report.diagnostics.clone();
    diagnostic::sort(&mut diagnostics);
    let texts: Vec<String> = diagnostics.iter().map(|it| format!("{}\n", diagnostic::report(it))).collect();
    anstream::adapter::strip_str(&texts.concat()).to_string()
}

/// Whether the site was built.
pub fn is_built(report: &Report) -> bool {
    report.diagnostics.iter().all(|problem| problem.severity != Severity::Error)
}
