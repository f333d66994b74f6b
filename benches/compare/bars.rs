//! The figures that the project holds itself to: each a ratio to a peer in the same run.

use crate::builds::{Build, Corpus, megabytes};
use crate::edits::Edits;
use crate::preview::Preview;
use crate::program::Program;
use crate::shared::cost::Cost;

/// All that was measured of one corpus.
pub struct Measured {
    pub corpus: Corpus,
    pub builds: Vec<Build>,
    pub edits: Option<Edits>,
    pub preview: Option<Preview>,
    pub hugo_preview: Option<Preview>,
}

impl Measured {
    fn build(&self, program: Program) -> Option<&Build> {
        self.builds.iter().find(|build| build.program == program)
    }

    fn cost(&self, program: Program) -> Option<Cost> {
        self.build(program).map(|build| Cost::median(&build.costs))
    }

    /// What happens between two edits, beside Hugo's clean build and its server.
    pub fn print_edits(&self) {
        let hugo = self.cost(Program::Hugo).map(|cost| cost.wall);
        println!("\n## {} posts, {}: between two edits\n", self.corpus.posts, self.corpus.shape.label());
        println!("| | Causerie, s | memory MiB | Hugo, s | memory MiB | Causerie ÷ Hugo |\n|---|---|---|---|---|---|");
        let row = |what: &str, [wall, memory]: [f64; 2], theirs: [Option<f64>; 2]| {
            let [their_wall, their_memory] =
                [theirs[0].map(|it| format!("{it:.3}")), theirs[1].map(|it| format!("{it:.0}"))]
                    .map(Option::unwrap_or_default);
            let ratio = theirs[0].map_or(String::new(), |theirs| format!("{:.3}", wall / theirs));
            println!("| {what} | {wall:.3} | {memory:.0} | {their_wall} | {their_memory} | {ratio} |");
        };
        if let Some(Edits { nothing, body, title, comment, .. }) = &self.edits {
            let rows = [("nothing to do", Some(nothing)), ("a body", Some(body)), ("a title", Some(title))];
            for (what, cost) in rows.into_iter().chain([("a first comment", comment.as_ref())]) {
                if let Some(cost) = cost {
                    row(&format!("build: {what} (Hugo: a clean build)"), [cost.wall, cost.memory], [hugo, None]);
                }
            }
        }
        if let Some(ours) = &self.preview {
            let theirs = |what: fn(&Preview) -> f64| self.hugo_preview.as_ref().map(what);
            let memory = theirs(|it| it.memory);
            let line = |what: &str, of: fn(&Preview) -> f64| row(what, [of(ours), ours.memory], [theirs(of), memory]);
            line("preview: first start, to the first page", |it| it.cold_start);
            line("preview: next start, to the first page", |it| it.start);
            line("preview: from a write to its page (Hugo: its own rebuild)", |it| it.edit);
        }
        if let (Some(edits), Some(build)) = (&self.edits, self.build(Program::Causerie)) {
            let [cache, clean] = [edits.cache, build.cache].map(megabytes);
            println!("\nThe cache after all edits: {cache:.1} MB, after a clean build: {clean:.1} MB.");
        }
    }
}

/// A bar: its name, and its value if everything for it was measured. `least` is the corpus with the fewest posts.
type Bar = (&'static str, fn(of: &Measured, least: &Measured) -> Option<f64>);

const BARS: [Bar; 20] = [
    ("clean build ÷ `cp -r` of its output", |it, _| it.ratio(Program::Causerie, Program::Copy)),
    ("Hugo ÷ clean build", |it, _| it.ratio(Program::Hugo, Program::Causerie)),
    ("Hugo with PaperMod ÷ clean build", |it, _| it.ratio(Program::PaperMod, Program::Causerie)),
    ("Pagefind's index alone ÷ clean build with search", |it, _| it.ratio(Program::Pagefind, Program::Causerie)),
    ("memory ÷ Hugo's", |it, _| Some(it.cost(Program::Causerie)?.memory / it.cost(Program::Hugo)?.memory)),
    ("cache ÷ output, bytes", |it, _| it.build(Program::Causerie).map(|it| it.cache as f64 / it.bytes as f64)),
    ("output ÷ Hugo's, bytes", |it, _| Some(it.bytes(Program::Causerie)? / it.bytes(Program::Hugo)?)),
    ("nothing to do ÷ Hugo's clean build", |it, _| it.to_hugo(it.edits.as_ref()?.nothing.wall)),
    ("a body ÷ Hugo's clean build", |it, _| it.to_hugo(it.edits.as_ref()?.body.wall)),
    ("a title ÷ Hugo's clean build", |it, _| it.to_hugo(it.edits.as_ref()?.title.wall)),
    ("a first comment ÷ Hugo's clean build", |it, _| it.to_hugo(it.edits.as_ref()?.comment?.wall)),
    ("a first comment ÷ own clean build", |it, _| {
        Some(it.edits.as_ref()?.comment?.wall / it.cost(Program::Causerie)?.wall)
    }),
    ("most memory of these builds ÷ Hugo's", |it, _| {
        let Edits { nothing, body, title, comment, .. } = it.edits.as_ref()?;
        let costs = [Some(nothing), Some(body), Some(title), comment.as_ref()];
        let most = costs.into_iter().flatten().map(|cost| cost.memory).fold(0.0, f64::max);
        Some(most / it.cost(Program::Hugo)?.memory)
    }),
    ("preview: start to first page ÷ Hugo's clean build", |it, _| it.to_hugo(it.preview.as_ref()?.start)),
    ("preview: first start to first page ÷ Hugo's clean build", |it, _| it.to_hugo(it.preview.as_ref()?.cold_start)),
    ("preview: write to page, seconds", |it, _| Some(it.preview.as_ref()?.edit)),
    ("posts ÷ those of the smallest site", |it, least| Some(it.corpus.posts as f64 / least.corpus.posts as f64)),
    ("clean build ÷ that of the smallest site", |it, least| {
        Some(it.cost(Program::Causerie)?.wall / least.cost(Program::Causerie)?.wall)
    }),
    ("the same, of a single post", |it, least| {
        let of_post = |it: &Measured| Some(it.cost(Program::Causerie)?.wall / it.corpus.posts as f64);
        Some(of_post(it)? / of_post(least)?)
    }),
    ("memory ÷ that of the smallest site", |it, least| {
        Some(it.cost(Program::Causerie)?.memory / least.cost(Program::Causerie)?.memory)
    }),
];

impl Measured {
    /// The wall times of two programs.
    fn ratio(&self, one: Program, other: Program) -> Option<f64> {
        Some(self.cost(one)?.wall / self.cost(other)?.wall)
    }

    fn bytes(&self, program: Program) -> Option<f64> {
        self.build(program).map(|build| build.bytes as f64)
    }

    fn to_hugo(&self, seconds: f64) -> Option<f64> {
        Some(seconds / self.cost(Program::Hugo)?.wall)
    }
}

/// Prints all bars that were measured, a column for each corpus.
pub fn print(all: &[Measured]) {
    let Some(least) = all.iter().min_by_key(|it| it.corpus.posts) else { return };
    let columns: Vec<String> =
        all.iter().map(|it| format!("{} posts, {}", it.corpus.posts, it.corpus.shape.label())).collect();
    println!("\n## Bars\n\n| | {} |\n|---|{}", columns.join(" | "), "---|".repeat(columns.len()));
    for (name, value) in BARS {
        let values: Vec<Option<f64>> = all.iter().map(|it| value(it, least)).collect();
        if values.iter().any(Option::is_some) {
            let cells: Vec<String> =
                values.into_iter().map(|it| it.map_or(String::new(), |it| format!("{it:.3}"))).collect();
            println!("| {name} | {} |", cells.join(" | "));
        }
    }
}
