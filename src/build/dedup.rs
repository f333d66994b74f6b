//! One mistake, one report.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;

/// Merges equal problems. One mistake in a template fails every output that it is part of; it is reported with the first of
/// them.
pub(crate) fn dedup(problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut merged: Vec<(Diagnostic, usize)> = Vec::new();
    let mut positions: BTreeMap<(String, String), usize> = BTreeMap::new();
    for problem in problems {
        let key = (problem.message.clone(), format!("{:?}", position(&problem)));
        match positions.get(&key) {
            Some(&position) => merged[position].1 += 1,
            None => {
                positions.insert(key, merged.len());
                merged.push((problem, 0));
            }
        }
    }
    let with_count = |(problem, more): (Diagnostic, usize)| match (&problem.help, more) {
        (_, 0) => problem,
        (None, more) => problem.help(format!("it is the same in {more} more outputs")),
        (Some(help), more) => {
            let help = format!("{help} (it is the same in {more} more outputs)");
            problem.help(help)
        }
    };
    merged.into_iter().map(with_count).collect()
}

/// The file and the byte that a problem points at.
fn position(problem: &Diagnostic) -> Option<(&str, Option<usize>)> {
    let location = problem.location.as_ref()?;
    Some((&location.path, location.excerpt.as_ref().map(|(_, span)| span.start)))
}
