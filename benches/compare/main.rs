//! Compares clean builds: Causerie, Hugo, Zola, and `cp -r` of Causerie's output.
//!
//! `cargo bench --bench compare -- --posts 10000 --runs 3`; see `benches/README.md`.

mod corpus;
mod edits;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

/// What one run of a program took.
#[derive(Clone, Copy, Debug)]
struct Cost {
    /// Seconds on the clock.
    wall: f64,
    /// Seconds of the processors, in the program and in the kernel for it.
    cpu: f64,
    /// The most memory that it held, in MiB.
    memory: f64,
}

struct Options {
    posts: Vec<usize>,
    comments: usize,
    runs: usize,
    highlight: bool,
    edits: bool,
    keep: bool,
    folder: PathBuf,
}

fn main() -> ExitCode {
    match options().and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Options, String> {
    let mut options = Options {
        posts: vec![1000],
        comments: 0,
        runs: 3,
        highlight: false,
        edits: false,
        keep: false,
        folder: std::env::temp_dir().join("causerie-bench"),
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{name} needs a value"));
        let number = |text: &str| text.parse::<usize>().map_err(|_| format!("`{text}` is no number"));
        match name.as_str() {
            "--posts" => options.posts = value()?.split(',').map(number).collect::<Result<_, _>>()?,
            "--comments" => options.comments = number(&value()?)?,
            "--runs" => options.runs = number(&value()?)?.max(1),
            "--highlight" => options.highlight = true,
            "--edits" => options.edits = true,
            "--keep" => options.keep = true,
            "--folder" => options.folder = value()?.into(),
            "--bench" => {}
            _ => return Err(format!("unknown option {name}; see benches/README.md")),
        }
    }
    Ok(options)
}

fn run(options: &Options) -> Result<(), String> {
    let hugo = find(&hugo_program(), &["version"]);
    let zola = find("zola", &["--version"]);
    println!(
        "| posts | comments each | program | wall, median (min) s | CPU s | memory MiB | wall ÷ Causerie | files |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for &posts in &options.posts {
        compare(options, posts, hugo.is_some(), zola.is_some())?;
    }
    for version in [hugo, zola].into_iter().flatten() {
        println!("\n{version}");
    }
    Ok(())
}

/// Hugo itself, where `HUGO_BIN` tells where it is: what is on the path may be a script that starts it.
fn hugo_program() -> String {
    std::env::var("HUGO_BIN").unwrap_or_else(|_| "hugo".to_owned())
}

/// The version of a program, if it is there.
fn find(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn compare(options: &Options, posts: usize, hugo: bool, zola: bool) -> Result<(), String> {
    let folder = options.folder.join(format!("{posts}-{}", options.comments));
    if folder.exists() {
        return Err(format!("{} is there already; remove it, or choose another --folder", folder.display()));
    }
    let problem = |error: std::io::Error| error.to_string();
    corpus::write(&folder, posts, options.comments, options.highlight).map_err(problem)?;
    let site = folder.join("causerie");
    let mut programs = vec!["Causerie", "cp -r"];
    if options.comments == 0 {
        programs.extend(hugo.then_some("Hugo"));
        programs.extend(zola.then_some("Zola"));
    }
    let mut costs: Vec<Vec<Cost>> = vec![Vec::new(); programs.len()];
    let mut files = vec![0; programs.len()];
    for round in 0..options.runs {
        for (place, program) in programs.iter().enumerate() {
            // Each run writes into a folder of its own. Removing the last one's first would be measured with it: some
            // file systems are slow to reuse what was just removed.
            let output = folder.join(format!("out-{place}-{round}"));
            let mut command = match *program {
                "Causerie" => {
                    let mut command = Command::new(env!("CARGO_BIN_EXE_causerie"));
                    command.arg("--root").arg(&site).args(["build", "--output"]).arg(&output);
                    command
                }
                "Hugo" => {
                    let mut command = Command::new(hugo_program());
                    command.args(["build", "--quiet", "--noBuildLock", "--ignoreCache", "--source"]);
                    command.arg(folder.join("hugo")).arg("--destination").arg(&output);
                    command
                }
                "Zola" => {
                    let mut command = Command::new("zola");
                    command.arg("--root").arg(&site).args(["build", "--output-dir"]).arg(&output);
                    command
                }
                _ => {
                    let mut command = Command::new("cp");
                    command.arg("-r").arg(folder.join(format!("out-0-{round}"))).arg(&output);
                    command
                }
            };
            costs[place].push(measure(&mut command).map_err(|error| format!("{program}: {error}"))?);
            files[place] = count(&output);
        }
    }
    let median = |costs: &[Cost], of: fn(&Cost) -> f64| median(costs.iter().map(of).collect());
    let ours = median(&costs[0], |cost| cost.wall);
    for ((program, costs), files) in programs.iter().zip(&costs).zip(files) {
        let wall = median(costs, |cost| cost.wall);
        let least = costs.iter().map(|cost| cost.wall).fold(f64::INFINITY, f64::min);
        println!(
            "| {posts} | {} | {program} | {wall:.2} ({least:.2}) | {:.2} | {:.0} | {:.2} | {files} |",
            options.comments,
            median(costs, |cost| cost.cpu),
            median(costs, |cost| cost.memory),
            wall / ours
        );
    }
    let theirs =
        programs.iter().position(|program| *program == "Hugo").map(|place| median(&costs[place], |it| it.wall));
    if options.edits {
        compare_edits(options, &folder, posts, theirs)?;
    }
    if options.keep { Ok(()) } else { fs::remove_dir_all(&folder).map_err(problem) }
}

/// What happens between two edits, beside Hugo's clean build and its server.
fn compare_edits(options: &Options, folder: &Path, posts: usize, hugo: Option<f64>) -> Result<(), String> {
    let site = folder.join("causerie");
    let percent =
        |seconds: f64, of: Option<f64>| of.map_or(String::new(), |of| format!("{:.1} %", 100.0 * seconds / of));
    let [nothing, one] = edits::builds(&site, &folder.join("out-0-0"), options.runs)?;
    let ours = edits::causerie(&site, options.runs)?;
    let theirs = hugo.map(|_| edits::hugo(&folder.join("hugo"), options.runs)).transpose()?;
    println!("\n| {posts} posts | Causerie | Hugo | |\n|---|---|---|---|");
    let row = |what: &str, ours: f64, theirs: Option<f64>| {
        let their_time = theirs.map_or(String::new(), |theirs| format!("{theirs:.3} s"));
        println!("| {what} | {ours:.3} s | {their_time} | {} |", percent(ours, theirs));
    };
    row("a build with nothing to do, to a clean build", nothing, hugo);
    row("a build with one post edited, to a clean build", one, hugo);
    row("preview: an edit", ours.edit, theirs.as_ref().map(|theirs| theirs.edit));
    row("preview: from the start to the first page", ours.start, theirs.as_ref().map(|theirs| theirs.start));
    println!();
    Ok(())
}

/// The value in the middle.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn count(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let count_one = |path: PathBuf| if path.is_dir() { count(&path) } else { 1 };
    entries.filter_map(Result::ok).map(|entry| count_one(entry.path())).sum()
}

/// Runs a program to its end and tells what it took, with everything that it started and waited for.
fn measure(command: &mut Command) -> Result<Cost, String> {
    command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
    let start = Instant::now();
    let child = command.spawn().map_err(|error| error.to_string())?;
    let (mut status, mut usage) = (0, std::mem::MaybeUninit::<libc::rusage>::zeroed());
    // SAFETY: the process is our own child, nobody else waits for it, and both pointers are to live memory.
    let waited = unsafe { libc::wait4(child.id() as libc::pid_t, &mut status, 0, usage.as_mut_ptr()) };
    let wall = start.elapsed().as_secs_f64();
    if waited < 0 || status != 0 {
        return Err(format!("it ended with status {status}: {command:?}"));
    }
    // SAFETY: wait4 filled it in, and all zeroes would be valid as well.
    let usage = unsafe { usage.assume_init() };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    Ok(Cost { wall, cpu: seconds(usage.ru_utime) + seconds(usage.ru_stime), memory: usage.ru_maxrss as f64 / 1024.0 })
}
