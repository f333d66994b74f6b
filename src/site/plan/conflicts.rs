//! Which of two outputs for one path is written.
//!
//! As in Zola, a file of the author takes the place of one that is generated, and a page that of its own alias. Two outputs that the
//! author wrote are an error.

use rustc_hash::FxHashMap;

use super::{FeedOf, PlannedOutput, Recipe};
use crate::diagnostic::Diagnostic;
use crate::site::Site;

/// Leaves one output for each path. Reports the others as problems, or notes them where one gives way.
pub(super) fn resolve<'a>(
    site: &Site,
    entries: Vec<PlannedOutput<'a>>,
    problems: &mut Vec<Diagnostic>,
) -> (Vec<PlannedOutput<'a>>, Vec<String>) {
    let mut notes = Vec::new();
    let mut taken: FxHashMap<&str, usize> = FxHashMap::default();
    taken.reserve(entries.len());
    let mut is_left_out = vec![false; entries.len()];
    for (index, entry) in entries.iter().enumerate() {
        let path = entry.output.path.as_str();
        let Some(&first) = taken.get(path) else {
            taken.insert(path, index);
            continue;
        };
        let (kept, other) = match (takes_precedence(&entries[first], entry), takes_precedence(entry, &entries[first])) {
            (true, _) => (first, index),
            (false, true) => (index, first),
            (false, false) => {
                let message = format!("two outputs have the same address `{path}`");
                problems.push(collision(site, &entries[first], entry, message));
                (first, index)
            }
        };
        taken.insert(path, kept);
        is_left_out[other] = true;
        let (kept, other) = (&entries[kept], &entries[other]);
        if kept.output.recipe != other.output.recipe {
            let (kept, other) = ((&kept.what, &kept.origin.path), &other.what);
            notes.push(format!("`{path}` is {} of {}; {other} is not written", kept.0, kept.1));
        }
    }
    for entry in &entries {
        let path = entry.output.path.as_str();
        for (end, _) in path.match_indices('/') {
            if let Some(&file) = taken.get(&path[..end]) {
                let message = format!("`{}` would have to be a file and a folder", &path[..end]);
                problems.push(collision(site, &entries[file], entry, message));
            }
        }
    }
    drop(taken);
    let mut is_left_out = is_left_out.into_iter();
    let mut kept = entries;
    kept.retain(|_| !is_left_out.next().unwrap_or(false));
    (kept, notes)
}

/// Whether an output is written in the place of another one with the same path.
fn takes_precedence(it: &PlannedOutput<'_>, other: &PlannedOutput<'_>) -> bool {
    let is_alias =
        |entry: &PlannedOutput<'_>| entry.written.is_some() && matches!(entry.output.recipe, Recipe::Redirect(_));
    match (&it.output.recipe, &other.output.recipe) {
        (Recipe::Copy { .. }, other) => is_generated(other),
        (Recipe::Feed { of: FeedOf::Site(_), .. }, Recipe::Feed { of: FeedOf::Section(_), .. }) => true,
        (it, other) if it == other => matches!(it, Recipe::Redirect(_)),
        _ => is_alias(other) && !is_alias(it) && it.origin.path == other.origin.path,
    }
}

/// Whether nobody wrote what an output shows, so that a file of the author can take its place.
fn is_generated(recipe: &Recipe) -> bool {
    match recipe {
        Recipe::Page(_)
        | Recipe::Section(_)
        | Recipe::Pager { .. }
        | Recipe::TermList(_)
        | Recipe::Term(..)
        | Recipe::Copy { .. } => false,
        Recipe::Feed { .. }
        | Recipe::CommentFeed(_)
        | Recipe::RecentComments(_)
        | Recipe::Sitemap(_)
        | Recipe::SitemapIndex(_)
        | Recipe::Robots
        | Recipe::NotFound
        | Recipe::Redirect(_)
        | Recipe::Stylesheet { .. }
        | Recipe::HighlightCss(_)
        | Recipe::WholeIndex(_)
        | Recipe::Elasticlunr => true,
    }
}

fn collision(site: &Site, first: &PlannedOutput<'_>, second: &PlannedOutput<'_>, message: String) -> Diagnostic {
    // Two of one kind are told apart by their files.
    let named = |entry: &PlannedOutput<'_>| match first.what == second.what {
        true => format!("{} in {}", entry.what, entry.origin.path),
        false => entry.what.to_string(),
    };
    Diagnostic::error(format!("{message}: {} and {}", named(first), named(second)))
        .at(second.place(site))
        .related(named(first), first.place(site))
        .help("give one of them another `slug`, `path` or name")
}
