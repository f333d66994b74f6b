//! Compares clean builds: Causerie, Hugo, Zola, and `cp -r` of Causerie's output.
//!
//! `cargo bench --bench compare -- --posts 10000 --runs 3`; see `benches/README.md`.

mod edits;
#[path = "../shared/mod.rs"]
mod shared;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use shared::corpus::{self, Shape};
use shared::cost::{self, Cost, find, hugo_program, measure};

struct Options {
    posts: Vec<usize>,
    shape: Shape,
    runs: usize,
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
        shape: Shape::default(),
        runs: 3,
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
            "--comments" => options.shape.comments = number(&value()?)?,
            "--runs" => options.runs = number(&value()?)?.max(1),
            "--highlight" => options.shape.highlight = true,
            "--search" => options.shape.search = true,
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

fn compare(options: &Options, posts: usize, hugo: bool, zola: bool) -> Result<(), String> {
    let folder = options.folder.join(format!("{posts}-{}", options.shape.comments));
    if folder.exists() {
        return Err(format!("{} is there already; remove it, or choose another --folder", folder.display()));
    }
    let problem = |error: std::io::Error| error.to_string();
    corpus::write(&folder, posts, options.shape).map_err(problem)?;
    let site = folder.join("causerie");
    let mut programs = vec!["Causerie", "cp -r"];
    if options.shape.comments == 0 {
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
                "Causerie" => cost::causerie_build(&site, &output),
                "Hugo" => cost::hugo_build(&folder.join("hugo"), &output),
                "Zola" => {
                    let mut command = Command::new("zola");
                    command
                        .arg("--root")
                        .arg(&site)
                        .arg("--config")
                        .arg(site.join("for-zola.toml"))
                        .args(["build", "--output-dir"])
                        .arg(&output);
                    command
                }
                _ => {
                    let mut command = Command::new("cp");
                    command.arg("-r").arg(folder.join(format!("out-0-{round}"))).arg(&output);
                    command
                }
            };
            costs[place].push(measure(&mut command).map_err(|error| format!("{program}: {error}"))?);
            files[place] = cost::files(&output).0;
        }
    }
    let median = |costs: &[Cost], of: fn(&Cost) -> f64| cost::median(costs.iter().map(of));
    let ours = median(&costs[0], |cost| cost.wall);
    for ((program, costs), files) in programs.iter().zip(&costs).zip(files) {
        let wall = median(costs, |cost| cost.wall);
        let least = costs.iter().map(|cost| cost.wall).fold(f64::INFINITY, f64::min);
        println!(
            "| {posts} | {} | {program} | {wall:.2} ({least:.2}) | {:.2} | {:.0} | {:.2} | {files} |",
            options.shape.comments,
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
