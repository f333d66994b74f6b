//! What a reader waits for: bytes from a cold cache, and the time from the last key to results.

use crate::browser::Browser;
use crate::engine::Engine;
use crate::questions::Reading;
use crate::server::{self, Fetched};
use crate::shared::cost::{median, share};

const KINDS: [(&str, [bool; 2]); 3] =
    [("rare + rare", [true, true]), ("rare + common", [true, false]), ("common + common", [false, false])];

/// Figures of all kinds of questions to one engine.
pub struct Weight {
    pub engine: &'static str,
    /// Median and most bytes for a first question.
    pub first: [f64; 2],
    /// Median and most bytes for the next one.
    pub next: [f64; 2],
}

/// Asks so many questions of each kind, each from a cold cache, and one more after it.
pub fn bytes(browser: &Browser, engines: &[Engine], reading: &Reading, count: usize) -> Result<Vec<Weight>, String> {
    println!("\n| bytes fetched, KB | questions | first: median | most | files | next: median | most | files |");
    println!("|---|---|---|---|---|---|---|---|");
    let mut weights = Vec::new();
    let mut parts = None;
    for engine in engines {
        let mut all = Vec::new();
        for (kind, is_rare) in KINDS {
            let mut fetched = Vec::new();
            for (turn, pair) in reading.pairs(is_rare, 2 * count).chunks(2).enumerate() {
                let visit = format!("{}-{turn}", kind.replace(" + ", "-"));
                fetched.push(engine.wire(browser, &visit, [&pair[0], &pair[1]])?);
            }
            row(engine.name, kind, &fetched);
            all.extend(fetched);
        }
        row(engine.name, "all", &all);
        let [first, next] = [0, 1].map(|place| middle_and_most(&all, |fetched| fetched[place].bytes as f64));
        weights.push(Weight { engine: engine.name, first, next });
        parts.get_or_insert(all);
    }
    // The first engine is Causerie.
    println!("\n| Causerie fetched, mean KB | {} |", server::KINDS.join(" | "));
    println!("|---|{}", "---|".repeat(server::KINDS.len()));
    let all = parts.unwrap_or_default();
    for (place, name) in [(0, "first question"), (1, "next question")] {
        let mean = |kind: usize| {
            let sum: u64 = all.iter().map(|fetched| fetched[place].kinds[kind]).sum();
            format!("{:.1}", sum as f64 / all.len() as f64 / 1000.0)
        };
        println!("| {name} | {} |", [0, 1, 2, 3, 4, 5].map(mean).join(" | "));
    }
    Ok(weights)
}

fn middle_and_most(all: &[[Fetched; 2]], what: impl Fn(&[Fetched; 2]) -> f64) -> [f64; 2] {
    [0.5, 1.0].map(|part| share(all.iter().map(&what), part))
}

fn row(engine: &str, kind: &str, fetched: &[[Fetched; 2]]) {
    print!("| {engine} | {kind}");
    for place in [0, 1] {
        let [middle, most] = middle_and_most(fetched, |it| it[place].bytes as f64 / 1000.0);
        print!(" | {middle:.1} | {most:.1} | {:.0}", median(fetched.iter().map(|it| it[place].files as f64)));
    }
    println!(" |");
}

/// Types so many questions of each kind, a key every tenth of a second, each from a cold cache.
pub fn times(browser: &Browser, engines: &[Engine], reading: &Reading, count: usize) -> Result<(), String> {
    println!(
        "\n| typed, letter by letter | last key to results: median ms | 95 % ms | fetched on the way: median KB | most |"
    );
    println!("|---|---|---|---|---|");
    for engine in engines {
        for (kind, is_rare) in KINDS {
            let mut typed = Vec::new();
            for (turn, question) in reading.pairs(is_rare, count).iter().enumerate() {
                let visit = format!("typed-{}-{turn}", kind.replace(" + ", "-"));
                typed.push(engine.typed(browser, &visit, question)?);
            }
            let [middle, late] = [0.5, 0.95].map(|part| share(typed.iter().map(|(_, time)| *time), part));
            let bytes = |part| share(typed.iter().map(|(fetched, _)| fetched.bytes as f64 / 1000.0), part);
            println!("| {}, {kind} | {middle:.0} | {late:.0} | {:.1} | {:.1} |", engine.name, bytes(0.5), bytes(1.0));
        }
    }
    Ok(())
}
