//! Measures the search: what the index costs, what a reader fetches and waits for, and whether the right thing is found.
//!
//! `cargo bench --bench search -- --posts 10000`; see `benches/README.md`.

// What the tests need of it besides.
#[allow(dead_code)]
#[path = "../../tests/browser/browser.rs"]
mod browser;
mod builds;
mod engine;
mod quality;
mod questions;
mod server;
#[path = "../shared/mod.rs"]
mod shared;
mod wire;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use browser::Browser;
use builds::Others;
use engine::Engine;
use questions::Reading;
use shared::corpus::{self, Shape};
use shared::cost::{find, hugo_program, pagefind_program};
use wire::Weight;

struct Options {
    posts: Vec<usize>,
    shape: Shape,
    runs: usize,
    /// Questions of each kind whose bytes and times are measured.
    questions: usize,
    /// Posts that are asked for by their words; 0 for none.
    known: usize,
    is_typed: bool,
    alone: bool,
    tell: bool,
    keep: bool,
    folder: PathBuf,
}

fn main() -> ExitCode {
    // The browser's driver is asked over plain HTTP, and all the same by a client that wants to know who encrypts.
    let _ = rustls::crypto::ring::default_provider().install_default();
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
        shape: Shape::BARE,
        runs: 3,
        questions: 20,
        known: 500,
        is_typed: true,
        alone: false,
        tell: false,
        keep: false,
        folder: std::env::temp_dir().join("causerie-search-bench"),
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{name} needs a value"));
        let number = |text: &str| text.parse::<usize>().map_err(|_| format!("`{text}` is no number"));
        match name.as_str() {
            "--posts" => options.posts = value()?.split(',').map(number).collect::<Result<_, _>>()?,
            "--comments" => options.shape.comments = number(&value()?)?,
            "--real" => options.shape = Shape::REAL,
            "--runs" => options.runs = number(&value()?)?.max(1),
            "--questions" => options.questions = number(&value()?)?.max(1),
            "--known" => options.known = number(&value()?)?,
            "--no-typing" => options.is_typed = false,
            "--alone" => options.alone = true,
            "--tell" => options.tell = true,
            "--keep" => options.keep = true,
            "--folder" => options.folder = value()?.into(),
            "--bench" => {}
            _ => return Err(format!("unknown option {name}; see benches/README.md")),
        }
    }
    Ok(options)
}

fn run(options: &Options) -> Result<(), String> {
    let hugo = find(&hugo_program(), &["version"]).filter(|_| !options.alone);
    let pagefind = find(&pagefind_program(), &["--version"]).filter(|_| !options.alone);
    let others = Others { hugo: hugo.is_some(), pagefind: pagefind.is_some() };
    let mut grown = Vec::new();
    for &posts in &options.posts {
        grown.push((posts, compare(options, posts, others)?));
    }
    if let [(_, least), .., _] = grown.as_slice() {
        print_growth(least, &grown);
    }
    for version in [hugo, pagefind].into_iter().flatten() {
        println!("\n{version}");
    }
    Ok(())
}

fn compare(options: &Options, posts: usize, others: Others) -> Result<Vec<Weight>, String> {
    let label = options.shape.label();
    let folder = options.folder.join(format!("{posts}-{label}").replace(' ', "-"));
    if folder.exists() {
        return Err(format!("{} is there already; remove it, or choose another --folder", folder.display()));
    }
    let problem = |error: std::io::Error| error.to_string();
    println!("\n## {posts} posts, {label}");
    corpus::write(&folder, posts, options.shape).map_err(problem)?;
    let built = builds::compare(&folder, options.shape, options.runs, others)?;
    let mut engines = vec![Engine::causerie(&built.site)?];
    engines.extend(built.pagefind.as_deref().map(Engine::pagefind).transpose()?);
    println!("\n| index | files | MB |\n|---|---|---|");
    for Engine { name, size: (files, bytes), .. } in &engines {
        println!("| {name} | {files} | {:.1} |", *bytes as f64 / 1e6);
    }
    let reading = Reading::new(&folder.join("causerie"), posts)?;
    let browser = Browser::start();
    let weights = wire::bytes(&browser, &engines, &reading, options.questions)?;
    if options.is_typed {
        wire::times(&browser, &engines, &reading, options.questions)?;
    }
    if options.known > 0 {
        quality::compare(&browser, &engines, &reading, options.known, options.tell)?;
    }
    if !options.keep {
        fs::remove_dir_all(&folder).map_err(problem)?;
    }
    Ok(weights)
}

/// How the bytes grow with the site.
fn print_growth(least: &[Weight], grown: &[(usize, Vec<Weight>)]) {
    println!("\n| posts | search | first question: median KB | growth | most | next: median KB | growth | most |");
    println!("|---|---|---|---|---|---|---|---|");
    for (posts, weights) in grown {
        for (Weight { engine, first, next }, least) in weights.iter().zip(least) {
            print!("| {posts} | {engine}");
            for ([middle, most], [small, _]) in [(first, least.first), (next, least.next)] {
                print!(" | {:.1} | {:.2} | {:.1}", middle / 1000.0, middle / small, most / 1000.0);
            }
            println!(" |");
        }
    }
}
