//! The name of an import, by which the next one finds its ledger.

use std::sync::LazyLock;

use regex::Regex;

use super::folder::Folder;
use super::store::Store;
use super::{Options, addresses};

/// The name: the same for each export of a blog.
pub fn of(options: &Options, store: &Store) -> String {
    let host = || addresses::host(&store.blog.url);
    let thread = || store.threads.iter().find_map(|thread| addresses::host(&thread.url));
    let stem = || {
        let first = options.inputs.first()?;
        if first.is_dir() {
            Folder::open(first).ok().map(|folder| folder.name())
        } else {
            let stem = first.file_stem()?.to_string_lossy().into_owned();
            Some(lasting_stem(&stem).to_owned())
        }
    };
    let name = options.name.clone().or_else(host).or_else(thread).or_else(stem).unwrap_or_default();
    let name = slug::slugify(name);
    if name.is_empty() { "import".to_owned() } else { name.chars().take(80).collect() }
}

/// What the name of an export ends with when it is made, or downloaded, once more: a date, the number of a copy, a type.
#[allow(clippy::expect_used, reason = "the pattern is a constant, and a test compiles it")]
static CHANGING_END: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?:[\s._-]*\(\d+\)|[\s._-]*(?:19|20)\d\d[-_.]?\d\d[-_.]?\d\d(?:[T\s._-]*[\d:._-]+Z?)?|\.(?:ghost|json|xml|atom|tar))+$",
    )
    .expect("a pattern")
});

/// The name of a file without what changes from export to export; all of it, if nothing else is there.
fn lasting_stem(stem: &str) -> &str {
    let end = CHANGING_END.find(stem).map_or(stem.len(), |end| end.start());
    if stem[..end].chars().any(char::is_alphanumeric) { &stem[..end] } else { stem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_from_export_to_export_is_not_in_the_name() {
        for (stem, lasting) in [
            ("tea", "tea"),
            ("tea (1)", "tea"),
            ("tea(2)", "tea"),
            ("tea.ghost.2024-05-31-18-30-00", "tea"),
            ("tea.ghost", "tea"),
            ("tea-2024-05-31T18:30:00.000000-all", "tea-2024-05-31T18:30:00.000000-all"),
            ("remark42-20240531.json", "remark42"),
            ("tea.WordPress.2024-05-31", "tea.WordPress"),
            // Two blogs, and not two exports of one.
            ("tea-2", "tea-2"),
            ("blog1", "blog1"),
            ("2024-05-31", "2024-05-31"),
            ("(1)", "(1)"),
        ] {
            assert_eq!(lasting_stem(stem), lasting, "{stem}");
        }
    }
}
