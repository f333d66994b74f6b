//! Compares builds of a site: Causerie's, Hugo's, Zola's and Pagefind's, and `cp -r` of Causerie's output.
//!
//! `cargo bench --bench compare -- --posts 10000 --runs 3`; see `benches/README.md`.

mod bars;
mod builds;
mod edits;
mod papermod;
mod preview;
mod program;
#[path = "../shared/mod.rs"]
mod shared;

use std::path::PathBuf;
use std::process::ExitCode;

use bars::Measured;
use builds::Corpus;
use program::Peers;
use shared::corpus::Shape;

struct Options {
    posts: Vec<usize>,
    /// What the corpora of each size are like.
    shapes: Vec<Shape>,
    runs: usize,
    edits: bool,
    /// Whether nothing but `cp -r` is compared.
    alone: bool,
    papermod: Option<PathBuf>,
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
        shapes: vec![Shape::REAL],
        runs: 3,
        edits: false,
        alone: false,
        papermod: None,
        keep: false,
        folder: std::env::temp_dir().join("causerie-bench"),
    };
    let mut is_bare = false;
    let mut bare = Shape::BARE;
    let mut comments = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{name} needs a value"));
        let number = |text: &str| text.parse::<usize>().map_err(|_| format!("`{text}` is no number"));
        let numbers = |text: &str| text.split(',').map(number).collect::<Result<Vec<_>, _>>();
        match name.as_str() {
            "--posts" => options.posts = numbers(&value()?)?,
            "--runs" => options.runs = number(&value()?)?.max(1),
            "--bare" => is_bare = true,
            "--comments" => comments = numbers(&value()?)?,
            "--highlight" => bare.highlight = true,
            "--search" => bare.search = true,
            "--edits" => options.edits = true,
            "--alone" => options.alone = true,
            "--papermod" => options.papermod = Some(value()?.into()),
            "--keep" => options.keep = true,
            "--folder" => options.folder = value()?.into(),
            "--bench" => {}
            _ => return Err(format!("unknown option {name}; see benches/README.md")),
        }
    }
    if let Some(checkout) = options.papermod.as_ref().filter(|checkout| !checkout.join("theme.toml").is_file()) {
        return Err(format!("{} is no checkout of PaperMod: it has no theme.toml", checkout.display()));
    }
    if is_bare {
        if comments.is_empty() {
            comments.push(0);
        }
        options.shapes = comments.into_iter().map(|comments| Shape { comments, ..bare }).collect();
    } else if bare.highlight || bare.search || !comments.is_empty() {
        return Err("--comments, --highlight and --search are for the bare site; add --bare".to_owned());
    }
    Ok(options)
}

fn run(options: &Options) -> Result<(), String> {
    let peers = if options.alone { Peers::default() } else { Peers::find(options.papermod.clone()) };
    let mut all = Vec::new();
    for &posts in &options.posts {
        let write = |&shape: &Shape| Corpus::write(&options.folder, posts, shape, &peers);
        let corpora = options.shapes.iter().map(write).collect::<Result<Vec<_>, _>>()?;
        let builds = builds::compare(&corpora, options.runs, &peers)?;
        for (corpus, builds) in corpora.into_iter().zip(builds) {
            builds::print(&corpus, &builds);
            let mut measured = Measured { corpus, builds, edits: None, preview: None, hugo_preview: None };
            if options.edits {
                compare_edits(&mut measured, options.runs, &peers)?;
                measured.print_edits();
            }
            if !options.keep {
                measured.corpus.remove()?;
            }
            all.push(measured);
        }
    }
    bars::print(&all);
    for version in peers.versions() {
        println!("\n{version}");
    }
    Ok(())
}

fn compare_edits(measured: &mut Measured, runs: usize, peers: &Peers) -> Result<(), String> {
    measured.edits = Some(edits::compare(&measured.corpus, runs)?);
    measured.preview = Some(preview::causerie(&measured.corpus, runs)?);
    if peers.hugo.is_some() {
        measured.hugo_preview = Some(preview::hugo(&measured.corpus, runs)?);
    }
    Ok(())
}
