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
    /// How many comments each post has, one corpus a number.
    comments: Vec<usize>,
    /// What else the corpora are like.
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
        comments: vec![0],
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
        let numbers = |text: &str| text.split(',').map(number).collect::<Result<Vec<_>, _>>();
        match name.as_str() {
            "--posts" => options.posts = numbers(&value()?)?,
            "--comments" => options.comments = numbers(&value()?)?,
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

const CAUSERIE: &str = "Causerie";
const COPY: &str = "cp -r";
const HUGO: &str = "Hugo";
const ZOLA: &str = "Zola";

/// A program and the corpus that it is given.
struct Row {
    comments: usize,
    program: &'static str,
    costs: Vec<Cost>,
    files: usize,
}

impl Row {
    fn median(&self, of: fn(&Cost) -> f64) -> f64 {
        cost::median(self.costs.iter().map(of))
    }
}

fn compare(options: &Options, posts: usize, hugo: bool, zola: bool) -> Result<(), String> {
    let problem = |error: std::io::Error| error.to_string();
    let corpus = |comments: usize| options.folder.join(format!("{posts}-{comments}"));
    let mut rows = Vec::new();
    for &comments in &options.comments {
        let folder = corpus(comments);
        if folder.exists() {
            return Err(format!("{} is there already; remove it, or choose another --folder", folder.display()));
        }
        corpus::write(&folder, posts, Shape { comments, ..options.shape }).map_err(problem)?;
        let mut programs = vec![CAUSERIE, COPY];
        if comments == 0 {
            programs.extend(hugo.then_some(HUGO));
            programs.extend(zola.then_some(ZOLA));
        }
        rows.extend(programs.into_iter().map(|program| Row { comments, program, costs: Vec::new(), files: 0 }));
    }
    for round in 0..options.runs {
        for row in &mut rows {
            let folder = corpus(row.comments);
            // Each run writes into a folder of its own. Removing the last one's first would be measured with it: some
            // file systems are slow to reuse what was just removed.
            let output = |program: &str| folder.join(format!("out-{program}-{round}"));
            let mut command = command(row.program, &folder, &output(CAUSERIE), &output(row.program))?;
            row.costs.push(measure(&mut command).map_err(|error| format!("{}: {error}", row.program))?);
            row.files = cost::files(&output(row.program)).0;
        }
    }
    print(posts, &rows);
    for &comments in &options.comments {
        if options.edits {
            let theirs = rows.iter().find(|row| row.program == HUGO && row.comments == comments);
            compare_edits(options, &corpus(comments), posts, theirs.map(|row| row.median(|it| it.wall)))?;
        }
        if !options.keep {
            fs::remove_dir_all(corpus(comments)).map_err(problem)?;
        }
    }
    Ok(())
}

/// How a program builds what it is compared by, and remembers nothing of a build before. `ours` is Causerie's output.
fn command(program: &str, folder: &Path, ours: &Path, output: &Path) -> Result<Command, String> {
    let site = folder.join("causerie");
    Ok(match program {
        CAUSERIE => {
            cost::forget(&site).map_err(|error| error.to_string())?;
            cost::causerie_build(&site, output)
        }
        HUGO => cost::hugo_build(&folder.join("hugo"), output),
        ZOLA => {
            let mut command = Command::new("zola");
            command.arg("--root").arg(&site).arg("--config").arg(site.join("for-zola.toml"));
            command.args(["build", "--output-dir"]).arg(output);
            command
        }
        _ => {
            let mut command = Command::new("cp");
            command.arg("-r").arg(ours).arg(output);
            command
        }
    })
}

fn print(posts: usize, rows: &[Row]) {
    let causerie = |comments: usize| rows.iter().find(|row| row.program == CAUSERIE && row.comments == comments);
    for row in rows {
        let wall = row.median(|cost| cost.wall);
        let least = row.costs.iter().map(|cost| cost.wall).fold(f64::INFINITY, f64::min);
        let ours = causerie(row.comments).map_or(f64::NAN, |row| row.median(|cost| cost.wall));
        println!(
            "| {posts} | {} | {} | {wall:.2} ({least:.2}) | {:.2} | {:.0} | {:.2} | {} |",
            row.comments,
            row.program,
            row.median(|cost| cost.cpu),
            row.median(|cost| cost.memory),
            wall / ours,
            row.files
        );
    }
    let Some(first) = rows.first() else { return };
    for row in rows.iter().filter(|row| row.program == CAUSERIE && row.comments != first.comments) {
        let ratio = |of: fn(&Cost) -> f64| row.median(of) / first.median(of);
        println!(
            "\nCauserie with {} comments each, to Causerie with {}: {:.2} of wall, {:.2} of CPU",
            row.comments,
            first.comments,
            ratio(|cost| cost.wall),
            ratio(|cost| cost.cpu)
        );
    }
}

/// What happens between two edits, beside Hugo's clean build and its server.
fn compare_edits(options: &Options, folder: &Path, posts: usize, hugo: Option<f64>) -> Result<(), String> {
    let site = folder.join("causerie");
    let percent =
        |seconds: f64, of: Option<f64>| of.map_or(String::new(), |of| format!("{:.1} %", 100.0 * seconds / of));
    let [nothing, one] = edits::builds(&site, &folder.join("out-edits"), options.runs)?;
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
