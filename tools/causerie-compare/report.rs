//! What two folders have in common, and what not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::folder::{File, Folder};
use crate::kind::Kind;
use crate::page;

/// How many files of one kind there are.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    only_first: usize,
    only_second: usize,
    both: usize,
    equal: usize,
    unstable: usize,
}

impl Counts {
    /// The share of equal files among all that can be compared, in percent.
    fn score(self) -> f64 {
        let all = self.only_first + self.only_second + self.both;
        if all == 0 { 100.0 } else { self.equal as f64 * 100.0 / all as f64 }
    }
}

/// A comparison of two folders.
#[derive(Debug, Default)]
pub struct Report {
    counts: BTreeMap<Kind, Counts>,
    only_first: Vec<String>,
    only_second: Vec<String>,
    /// The paths of files that differ, by their kind and first difference.
    differences: BTreeMap<(Kind, String), Vec<String>>,
}

impl Report {
    /// Compares two folders. Files that differ between the first and other builds of it are left out.
    pub fn compare(first: &Folder, second: &Folder, again: &[Folder], minified: bool) -> Result<Self, String> {
        let mut report = Self::default();
        let paths: BTreeSet<&String> = first.files.keys().chain(second.files.keys()).collect();
        for path in paths {
            let (mine, other) = (first.files.get(path), second.files.get(path));
            let Some(kind) = mine.or(other).map(|file| file.kind) else { continue };
            if let Some(mine) = mine {
                let others = again.iter().filter_map(|folder| folder.files.get(path));
                let differences: Vec<_> =
                    others.map(|file| difference(mine, file, minified)).collect::<Result<_, _>>()?;
                if differences.iter().any(Option::is_some) {
                    report.counts.entry(kind).or_default().unstable += 1;
                    continue;
                }
            }
            let counts = report.counts.entry(kind).or_default();
            match (mine, other) {
                (Some(mine), Some(other)) => {
                    counts.both += 1;
                    match difference(mine, other, minified)? {
                        None => counts.equal += 1,
                        Some(text) => report.differences.entry((kind, text)).or_default().push(path.clone()),
                    }
                }
                (Some(_), None) => {
                    counts.only_first += 1;
                    report.only_first.push(path.clone());
                }
                _ => {
                    counts.only_second += 1;
                    report.only_second.push(path.clone());
                }
            }
        }
        Ok(report)
    }

    /// Whether the share of equal pages is at least this, and no page is missing.
    pub fn reaches(&self, percent: f64) -> bool {
        let counts = self.counts.get(&Kind::Html).copied().unwrap_or_default();
        counts.only_first == 0 && counts.score() >= percent
    }

    /// The report, with at most so many paths and differences of each kind.
    pub fn text(&self, limit: usize) -> String {
        let mut text = String::new();
        text.push_str("kind         only 1  only 2   both  equal  unstable     score\n");
        for kind in Kind::ALL {
            let Some(counts) = self.counts.get(&kind) else { continue };
            let Counts { only_first, only_second, both, equal, unstable } = *counts;
            let (name, score) = (kind.name(), counts.score());
            let _ = writeln!(
                text,
                "{name:<12} {only_first:>6} {only_second:>7} {both:>6} {equal:>6} {unstable:>9} {score:>7.1} %"
            );
        }
        for (title, paths) in [("first", &self.only_first), ("second", &self.only_second)] {
            if !paths.is_empty() {
                let _ = writeln!(text, "\nonly in the {title} folder ({}):", paths.len());
                for path in paths.iter().take(limit) {
                    let _ = writeln!(text, "  {path}");
                }
                if paths.len() > limit {
                    let _ = writeln!(text, "  … and {} more", paths.len() - limit);
                }
            }
        }
        for kind in Kind::ALL {
            let mut found: Vec<_> = self.differences.iter().filter(|((of, _), _)| *of == kind).collect();
            found.sort_by_key(|(_, paths)| std::cmp::Reverse(paths.len()));
            for ((_, difference), paths) in found.iter().take(limit) {
                let _ = writeln!(text, "\n{}: {} differ, such as {}", kind.name(), paths.len(), paths[0]);
                text.push_str(difference);
            }
            if found.len() > limit {
                let _ = writeln!(text, "\n{}: … and {} other differences", kind.name(), found.len() - limit);
            }
        }
        text
    }
}

/// The first difference of two files, as a text.
fn difference(first: &File, second: &File, minified: bool) -> Result<Option<String>, String> {
    let (one, two) = (first.bytes()?, second.bytes()?);
    if one == two || first.kind.is_equal(&one, &two) {
        return Ok(None);
    }
    let (Some(mut one), Some(mut two)) = (first.kind.lines(&one), second.kind.lines(&two)) else {
        return Ok(Some(format!("  {} bytes, {} bytes\n", one.len(), two.len())));
    };
    if minified && first.kind == Kind::Html {
        (one, two) = (page::without_spaces(&one), page::without_spaces(&two));
        if one == two {
            return Ok(None);
        }
    }
    let at = one.iter().zip(&two).take_while(|(one, two)| one == two).count();
    let shared = match (one.get(at), two.get(at)) {
        (Some(one), Some(two)) => common(one, two),
        _ => 0,
    };
    let show = |sign: char, lines: &[String]| match lines.get(at) {
        Some(line) => format!("  {sign} {}\n", around(line, shared)),
        None => format!("  {sign} (the end)\n"),
    };
    let before = at.checked_sub(1).map(|before| format!("    {}\n", around(&one[before], 0))).unwrap_or_default();
    Ok(Some(before + &show('-', &one) + &show('+', &two)))
}

/// How many characters two lines share at their beginning.
fn common(one: &str, two: &str) -> usize {
    one.chars().zip(two.chars()).take_while(|(one, two)| one == two).count()
}

/// The part of a line around a character.
fn around(line: &str, position: usize) -> String {
    const BEFORE: usize = 80;
    const LONGEST: usize = 240;
    let start = position.saturating_sub(BEFORE);
    let mut part: String = line.chars().skip(start).take(LONGEST).collect();
    if line.chars().count() > start + LONGEST {
        part.push('…');
    }
    if start > 0 { format!("…{part}") } else { part.trim().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_shown_where_it_differs() {
        let (one, two) = (format!("{}a", "x".repeat(900)), format!("{}b", "x".repeat(900)));
        let shown = around(&one, common(&one, &two));
        assert!(shown.starts_with('…') && shown.ends_with("xa"), "{shown}");
        assert!(shown.chars().count() < 300);
    }
}
