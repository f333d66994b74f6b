//! What an index costs: a clean build without it and with it, Hugo's without any, and Pagefind's work.

use std::path::{Path, PathBuf};

use crate::shared::corpus::{self, Shape};
use crate::shared::cost::{Cost, causerie_build, forget, hugo_build, measure, median, pagefind};

/// What stands beside Causerie on this machine.
#[derive(Clone, Copy, Debug)]
pub struct Others {
    pub hugo: bool,
    pub pagefind: bool,
}

/// What was built.
pub struct Built {
    /// Causerie's site with its index.
    pub site: PathBuf,
    /// Pagefind's index.
    pub pagefind: Option<PathBuf>,
}

const WITHOUT: &str = "Causerie without search";
const WITH: &str = "Causerie with search";
const HUGO: &str = "Hugo, which has none";
const PAGEFIND: &str = "Pagefind, on Causerie's pages";

/// Builds everything so many times, in turns, and prints what it takes.
pub fn compare(folder: &Path, shape: Shape, runs: usize, others: Others) -> Result<Built, String> {
    let site = folder.join("causerie");
    let mut rows: Vec<(&str, Vec<Cost>)> = vec![(WITHOUT, Vec::new()), (WITH, Vec::new())];
    rows.extend(others.hugo.then(|| (HUGO, Vec::new())));
    rows.extend(others.pagefind.then(|| (PAGEFIND, Vec::new())));
    let output = |name: &str, run: usize| folder.join(format!("{name}-{run}"));
    for run in 0..runs {
        for (name, costs) in &mut rows {
            let mut command = match *name {
                WITHOUT => causerie_build(&site, &output("plain", run)),
                WITH => causerie_build(&site, &output("search", run)),
                HUGO => hugo_build(&folder.join("hugo"), &output("hugo", run)),
                _ => pagefind(&output("plain", run), &output("pagefind", run), shape.is_bare),
            };
            let configured = || corpus::configure(folder, Shape { search: *name == WITH, ..shape });
            forget(&site).and_then(|()| configured()).map_err(|error| error.to_string())?;
            costs.push(measure(&mut command)?);
        }
    }
    print(&rows);
    let last = runs - 1;
    Ok(Built { site: output("search", last), pagefind: others.pagefind.then(|| output("pagefind", last)) })
}

fn print(rows: &[(&str, Vec<Cost>)]) {
    println!("\n| clean build | wall, median (min) s | CPU s | memory MiB |\n|---|---|---|---|");
    let of = |name: &str, what: fn(&Cost) -> f64| {
        let costs = &rows.iter().find(|(row, _)| *row == name)?.1;
        Some(median(costs.iter().map(what)))
    };
    for (name, costs) in rows {
        let Cost { wall, cpu, memory } = Cost::median(costs);
        let least = costs.iter().map(|it| it.wall).fold(f64::INFINITY, f64::min);
        println!("| {name} | {wall:.2} ({least:.2}) | {cpu:.2} | {memory:.0} |");
    }
    let both = |what| Some((of(WITHOUT, what)?, of(WITH, what)?));
    println!("\n| the index | wall | CPU | memory |\n|---|---|---|---|");
    let row = |name: &str, ratio: &dyn Fn(fn(&Cost) -> f64) -> Option<f64>, of_memory: Option<f64>, unit: &str| {
        let say = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.2}{unit}"));
        println!("| {name} | {} | {} | {} |", say(ratio(|it| it.wall)), say(ratio(|it| it.cpu)), say(of_memory));
    };
    let added = |what: fn(&Cost) -> f64| both(what).map(|(without, with)| with - without);
    row("added to the build, seconds", &added, None, "");
    let share = |what: fn(&Cost) -> f64| both(what).map(|(without, with)| 100.0 * (with / without - 1.0));
    row("added to the build", &share, share(|it| it.memory), " %");
    let beside = |what: fn(&Cost) -> f64| Some(of(PAGEFIND, what)? / added(what)?);
    row("Pagefind's work ÷ what the index adds", &beside, None, "");
    let hugo = |what: fn(&Cost) -> f64| Some(of(WITH, what)? / of(HUGO, what)?);
    row("Causerie with search ÷ Hugo without", &hugo, hugo(|it| it.memory), "");
}
