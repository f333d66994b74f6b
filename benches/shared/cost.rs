//! What a run of another program takes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// What one run of a program took.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Seconds on the clock.
    pub wall: f64,
    /// Seconds of the processors, in the program and in the kernel for it.
    pub cpu: f64,
    /// The most memory that it held, in MiB.
    pub memory: f64,
}

impl Cost {
    /// The medians of several runs, each figure for itself.
    pub fn median(costs: &[Self]) -> Self {
        let [wall, cpu, memory] =
            [|it: &Self| it.wall, |it: &Self| it.cpu, |it: &Self| it.memory].map(|what| median(costs.iter().map(what)));
        Self { wall, cpu, memory }
    }
}

/// Hugo itself, where `HUGO_BIN` tells where it is: what is on the path may be a script that starts it.
pub fn hugo_program() -> String {
    std::env::var("HUGO_BIN").unwrap_or_else(|_| "hugo".to_owned())
}

/// Hugo's clean build of a site.
pub fn hugo_build(site: &Path, output: &Path) -> Command {
    let mut command = Command::new(hugo_program());
    command.args(["build", "--quiet", "--noBuildLock", "--ignoreCache", "--source"]);
    command.arg(site).arg("--destination").arg(output);
    command
}

/// Pagefind, where `PAGEFIND_BIN` tells where it is, or on the path.
pub fn pagefind_program() -> String {
    std::env::var("PAGEFIND_BIN").unwrap_or_else(|_| "pagefind".to_owned())
}

/// Pagefind's index of the posts of a built site. Plain templates mark what it shall look at; in the real site it is the main
/// part of the posts, without the titles of neighbours.
pub fn pagefind(pages: &Path, output: &Path, is_bare: bool) -> Command {
    let mut command = Command::new(pagefind_program());
    command.arg("--silent").arg("--site").arg(pages).arg("--output-path").arg(output);
    if !is_bare {
        command.args(["--glob", "posts/post-*/index.html", "--root-selector", "main"]);
        command.args(["--exclude-selectors", ".neighbours"]);
    }
    command
}

/// Lets Causerie forget what it keeps of earlier builds of a site, so that the next one is clean.
pub fn forget(site: &Path) -> std::io::Result<()> {
    let cache = site.join(".causerie");
    if cache.exists() { fs::remove_dir_all(cache) } else { Ok(()) }
}

/// Causerie's build of a site.
pub fn causerie_build(site: &Path, output: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_causerie"));
    command.arg("--root").arg(site).args(["build", "--output"]).arg(output);
    command
}

/// The version of a program, if it is there.
pub fn find(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stderr(Stdio::null()).output().ok()?;
    // A script that starts the program may say something before.
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().lines().last().filter(|_| output.status.success()).map(str::to_owned)
}

/// The value in the middle.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    share(values, 0.5)
}

/// The value below which a share of the others are: 0.5 is the median. Not a number where there are no values.
pub fn share(values: impl IntoIterator<Item = f64>, share: f64) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let place = (values.len() as f64 * share) as usize;
    values.get(place).or(values.last()).copied().unwrap_or(f64::NAN)
}

/// How many files lie below a folder, and their bytes.
pub fn files(folder: &Path) -> (usize, u64) {
    let Ok(entries) = fs::read_dir(folder) else { return (0, 0) };
    let one = |path: PathBuf| {
        if path.is_dir() { files(&path) } else { (1, fs::metadata(&path).map_or(0, |about| about.len())) }
    };
    let add = |(count, bytes), (more_count, more_bytes)| (count + more_count, bytes + more_bytes);
    entries.filter_map(Result::ok).map(|entry| one(entry.path())).fold((0, 0), add)
}

/// Runs a program to its end and tells what it took, with everything that it started and waited for.
pub fn measure(command: &mut Command) -> Result<Cost, String> {
    command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
    let start = Instant::now();
    let child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
    let (status, cost) = wait(&child, start)?;
    if status == 0 { Ok(cost) } else { Err(format!("it ended with status {status}: {command:?}")) }
}

/// Waits for a process, and returns its status and what it took since its start. Nothing else may wait for it.
#[expect(unsafe_code, reason = "`wait4` is a system call")]
pub fn wait(child: &Child, start: Instant) -> Result<(i32, Cost), String> {
    let (mut status, mut usage) = (0, std::mem::MaybeUninit::<libc::rusage>::zeroed());
    // SAFETY: the process is our own child, nobody else waits for it, and both pointers are to live memory.
    let waited = unsafe { libc::wait4(child.id() as libc::pid_t, &raw mut status, 0, usage.as_mut_ptr()) };
    let wall = start.elapsed().as_secs_f64();
    if waited < 0 {
        return Err(format!("cannot wait for a process: {}", std::io::Error::last_os_error()));
    }
    // SAFETY: wait4 filled it in, and all zeroes would be valid as well.
    let usage = unsafe { usage.assume_init() };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    let cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    Ok((status, Cost { wall, cpu, memory: usage.ru_maxrss as f64 / 1024.0 }))
}
