//! Clean builds of one or more corpora, by every program, in turns.

use std::fs;
use std::path::{Path, PathBuf};

use crate::papermod;
use crate::program::{Peers, Program};
use crate::shared::corpus::{self, Shape};
use crate::shared::cost::{self, Cost};

/// A corpus on disk.
pub struct Corpus {
    pub folder: PathBuf,
    pub posts: usize,
    pub shape: Shape,
}

/// What a program's clean builds of a corpus took and wrote.
pub struct Build {
    pub program: Program,
    pub costs: Vec<Cost>,
    pub files: usize,
    pub bytes: u64,
    /// What it keeps on disk for the next build.
    pub cache: u64,
}

impl Corpus {
    /// Writes a corpus into a new folder.
    pub fn write(folder: &Path, posts: usize, shape: Shape, peers: &Peers) -> Result<Self, String> {
        let folder = folder.join(format!("{posts}-{}", shape.label()).replace(", ", "-").replace(' ', "-"));
        if folder.exists() {
            return Err(format!("{} is there already; remove it, or choose another --folder", folder.display()));
        }
        let write = || {
            corpus::write(&folder, posts, shape)?;
            let checkout = peers.papermod.as_ref().filter(|_| !shape.is_bare);
            checkout.map_or(Ok(()), |checkout| papermod::write(&folder, checkout))
        };
        write().map_err(|error: std::io::Error| format!("{}: {error}", folder.display()))?;
        Ok(Self { folder, posts, shape })
    }

    pub fn site(&self) -> PathBuf {
        self.folder.join("causerie")
    }

    pub fn hugo(&self) -> PathBuf {
        self.folder.join("hugo")
    }

    /// What Causerie keeps on disk of the site, in bytes.
    pub fn cache(&self) -> u64 {
        cost::files(&self.site().join(".causerie")).1
    }

    pub fn remove(&self) -> Result<(), String> {
        fs::remove_dir_all(&self.folder).map_err(|error| format!("{}: {error}", self.folder.display()))
    }
}

/// Builds all corpora so many times, in turns; the builds of each.
pub fn compare(corpora: &[Corpus], runs: usize, peers: &Peers) -> Result<Vec<Vec<Build>>, String> {
    let new = |program| Build { program, costs: Vec::new(), files: 0, bytes: 0, cache: 0 };
    let programs = |corpus: &Corpus| peers.programs(corpus.posts, corpus.shape).into_iter().map(new).collect();
    let mut all: Vec<Vec<Build>> = corpora.iter().map(programs).collect();
    // Each run writes into a folder of its own. Removing the last one's first would be measured with it: some file
    // systems are slow to reuse what was just removed.
    for round in 0..runs {
        for (corpus, builds) in corpora.iter().zip(&mut all) {
            for build in builds.iter_mut().filter(|build| round < build.program.rounds(runs)) {
                let mut command = build.program.command(&corpus.folder, corpus.shape, round)?;
                let cost = cost::measure(&mut command);
                build.costs.push(cost.map_err(|error| format!("{}: {error}", build.program.name()))?);
                (build.files, build.bytes) = cost::files(&build.program.output(&corpus.folder, round));
                if build.program == Program::Causerie {
                    build.cache = corpus.cache();
                }
            }
        }
    }
    Ok(all)
}

/// Prints what the builds of a corpus took, beside Causerie's.
pub fn print(corpus: &Corpus, builds: &[Build]) {
    println!("\n## {} posts, {}: clean builds\n", corpus.posts, corpus.shape.label());
    println!("| | wall, median (min) s | CPU s | memory MiB | files | output MB | cache MB | wall ÷ Causerie's |");
    println!("|---|---|---|---|---|---|---|---|");
    let ours = builds.first().map_or(f64::NAN, |build| Cost::median(&build.costs).wall);
    for build in builds {
        let Cost { wall, cpu, memory } = Cost::median(&build.costs);
        let least = build.costs.iter().map(|cost| cost.wall).fold(f64::INFINITY, f64::min);
        let cache =
            if build.program == Program::Causerie { format!("{:.1}", megabytes(build.cache)) } else { String::new() };
        println!(
            "| {} | {wall:.2} ({least:.2}) | {cpu:.2} | {memory:.0} | {} | {:.1} | {cache} | {:.2} |",
            build.program.name(),
            build.files,
            megabytes(build.bytes),
            wall / ours
        );
    }
}

pub fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
