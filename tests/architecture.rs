//! The import direction of ARCHITECTURE.md, held against the source.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules in the order of ARCHITECTURE.md: each may import those behind it.
fn order() -> Vec<String> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let mut chains = text.lines().filter(|line| line.matches('→').count() > 5);
    let chain = chains.next().expect("a line with the import direction: `cli` → `serve` → …");
    assert!(chains.next().is_none(), "one line has the import direction");
    chain.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The top-level module of a file: `build` for `src/build/state.rs` and for `src/build.rs`.
fn module(file: &Path) -> String {
    let path = file.strip_prefix(root().join("src")).expect("a file below src/");
    let first = path.iter().next().expect("a name").to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// The top-level modules that a source names after `crate::`, in `use` trees and in paths.
fn imports(source: &str) -> BTreeSet<String> {
    let mut imports = BTreeSet::new();
    for (at, found) in source.match_indices("crate::") {
        let is_whole = !source[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let rest = &source[at + found.len()..];
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if is_whole && name.starts_with(|c: char| c.is_ascii_lowercase()) {
            imports.insert(name);
        }
        assert!(!(is_whole && rest.starts_with('{')), "`use crate::{{…}}` hides from this test what it imports");
    }
    imports
}

#[test]
fn modules_import_only_what_stands_behind_them() {
    let order = order();
    let position = |name: &str| order.iter().position(|module| module == name);
    let files = sources(&root().join("src"));
    let mut known = BTreeSet::new();
    let mut faults = Vec::new();
    for file in files {
        let importer = module(&file);
        // Unit tests may look at what comes of their module further up.
        if matches!(importer.as_str(), "lib" | "main") || file.ends_with("tests.rs") {
            continue;
        }
        known.insert(importer.clone());
        let Some(from) = position(&importer) else {
            faults.push(format!("`{importer}` has no place in the import direction of ARCHITECTURE.md"));
            continue;
        };
        for imported in imports(&fs::read_to_string(&file).expect("a source")) {
            if position(&imported).is_none_or(|to| to < from) {
                faults.push(format!("{} imports `{imported}`", file.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    faults
        .extend(order.iter().filter(|module| !known.contains(*module)).map(|module| format!("there is no `{module}`")));
    assert!(faults.is_empty(), "against the import direction of ARCHITECTURE.md:\n{}", faults.join("\n"));
}

#[test]
fn imports_are_found_in_every_form() {
    let source =
        "use crate::site::Site;\npub(crate) fn f(x: crate::source::World) {}\nuse mycrate::other;\nuse $crate::Macro;";
    assert_eq!(imports(source), BTreeSet::from(["site".to_owned(), "source".to_owned()]));
}
