//! Why files of the search were made again.

use super::output_folder::OutputFolder;
use super::rebuild_reason::RebuildReason;
use super::search::StoredEntries;
use super::state::{BuiltOutput, PreviousBuild};
use crate::search::FOLDER;
use crate::templates::dependencies::{Dependency, FieldMask};

/// The files of the search that are new or changed, and why. `entries` are those that were kept and those of now.
///
/// The state has no dependencies of such a file. It is made of documents, so the changed documents are the reason.
pub fn search(
    found: &[BuiltOutput<'_>],
    before: Option<&PreviousBuild>,
    (kept, now): (&StoredEntries, &StoredEntries),
    folder: &OutputFolder,
) -> Vec<(String, String)> {
    let why = |made: &BuiltOutput<'_>| -> Option<(String, String)> {
        let why = match before {
            Some(before) => match before.why(&made.path, made.recipe, folder) {
                // The root keeps its name when it changes.
                None if is_other(made, folder) => RebuildReason::OtherRecipe,
                why => why?,
            },
            None => RebuildReason::New,
        };
        let facts = match (&why, before) {
            (RebuildReason::New | RebuildReason::OtherRecipe, Some(before)) => changes(&made.path, before, kept, now),
            _ => Vec::new(),
        };
        let why = if facts.is_empty() { why } else { RebuildReason::Changed(facts.iter().collect()) };
        Some((made.path.to_string(), why.to_string()))
    };
    found.iter().filter_map(why).collect()
}

/// Whether the file that is in the place of a new one says something else.
fn is_other(made: &BuiltOutput<'_>, folder: &OutputFolder) -> bool {
    let new = made.written.and_then(|written| written.content);
    new.is_some_and(|new| folder.content(&made.path).is_ok_and(|old| old != new))
}

/// What changed of all that the index is made of which a file belongs to.
fn changes(path: &str, before: &PreviousBuild, kept: &StoredEntries, now: &StoredEntries) -> Vec<Dependency> {
    let name = path.strip_prefix(FOLDER).and_then(|name| name.strip_prefix('/')).unwrap_or_default();
    let lang = name.split(['/', '.']).next().unwrap_or_default();
    let Some(changed) = now.changed(kept, lang) else { return Vec::new() };
    if before.has_changed(&Dependency::Config) {
        return vec![Dependency::Config];
    }
    changed.into_iter().map(|path| Dependency::Content(path.clone(), FieldMask::OWN)).collect()
}
