//! Patterns for files: `ignored_content`, `ignored_static` and the like.

use globset::{Glob, GlobSet, GlobSetBuilder};

use crate::diagnostic::Diagnostic;
use crate::nfc::nfc;
use crate::source::Table;

/// Reads a list of patterns for paths. A pattern that is wrong is a problem, and left out.
pub(super) fn read(table: &mut Table, key: &'static str) -> GlobSet {
    let reading = table.reading();
    let mut set = GlobSetBuilder::new();
    for (pattern, span) in table.list::<String>(key).unwrap_or_default() {
        match Glob::new(&nfc(&pattern)) {
            Ok(glob) => {
                set.add(glob);
            }
            Err(error) => {
                let message = format!("this is not a pattern for files: {}", error.kind());
                reading.error(span, message, "for example \"*.{graphml,xlsx}\", \"temp.*\" or \"**/build_folder\"");
            }
        }
    }
    set.build().unwrap_or_else(|error| {
        reading.problem(Diagnostic::error(format!("the patterns in `{key}` are too large: {error}")));
        GlobSet::empty()
    })
}

/// Whether a pattern matches a file of a source folder (`content`, `static`) or a folder above the file.
///
/// Zola compares `ignored_static` with the path below `static`, and `ignored_content` with the path on the author's disk. A pattern
/// can therefore begin with the first folder below `content`, with `content` itself, or with `**/`.
pub fn matches_below(patterns: &GlobSet, source_folder: &str, path: &str) -> bool {
    let path = nfc(path);
    let from_root = format!("/{source_folder}/{path}");
    let start = source_folder.len() + 2;
    let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
    !patterns.is_empty()
        && ends.map(|end| &from_root[..start + end]).any(|path| {
            // From the root of the site with a slash before it, without one, and from the source folder.
            [0, 1, start].into_iter().any(|from| patterns.is_match(&path[from..]))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        let set = GlobSetBuilder::new().add(Glob::new(pattern).unwrap()).build().unwrap();
        matches_below(&set, "content", path)
    }

    #[test]
    fn patterns_match_from_every_beginning() {
        for pattern in ["d/**", "d/*", "d", "content/d/**", "**/d/**", "**/d", "*/content/d/**", "*.xlsx", "d/e/*.xlsx"]
        {
            assert!(matches(pattern, "d/e/f.xlsx"), "{pattern}");
        }
        for pattern in ["e", "e/**", "f.xlsx", "temp.*", "d/*.md", "static/d/**", "content", "D/**"] {
            assert!(!matches(pattern, "d/e/f.xlsx"), "{pattern}");
        }
        assert!(matches("temp.*", "temp.txt") && !matches("temp.*", "a/temp.txt"));
        assert!(matches("**/{Cargo.lock,target}", "a/target/debug/x") && matches("é/**", "é/ü"));
        assert!(!matches_below(&GlobSet::empty(), "content", "a"));
    }
}
