//! Everything that Zola documents, row by row, with a small site that shows what Causerie does with it.
//!
//! The rows are in `table/*.toml`. They also make the manual's page "Every name": `CAUSERIE_ACCEPT=1 cargo test --test zola`
//! writes it.

mod page;
mod row;

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use row::{Group, Row, State};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The groups of rows, in the order of the page.
fn groups() -> Vec<Group> {
    let folder = root().join("tests/zola/table");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| Group::read(file)).collect()
}

#[test]
fn every_row_is_true() {
    assert_all("causerie", |_| true, Group::check);
}

/// Whether Zola itself gives what the rows say that is the same. `ZOLA` is the path of the program.
#[test]
#[ignore = "needs Zola 0.23: ZOLA=/path/to/zola cargo test --test zola -- --ignored"]
fn every_row_is_true_of_zola() {
    let zola = std::env::var("ZOLA").expect("the path of the program in ZOLA");
    assert_all("Zola", |row| row.state == State::Same, |group, row| group.check_with(&zola, row));
}

fn assert_all(
    program: &str,
    is_meant: impl Fn(&Row) -> bool,
    check: impl Fn(&Group, &Row) -> Result<(), String> + Sync,
) {
    let groups = groups();
    let mut rows = Vec::new();
    for group in &groups {
        rows.extend(group.rows.iter().filter(|row| is_meant(row)).map(|row| (group, row)));
    }
    let wrong: Vec<String> = rows
        .par_iter()
        .filter_map(|(group, row)| {
            let problem = check(group, row).err()?;
            Some(format!("{}: {}\n{problem}", group.file, row.name))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {} rows are wrong of {program}:\n\n{}",
        wrong.len(),
        rows.len(),
        wrong.join("\n\n")
    );
}

#[test]
fn the_manual_has_the_tables() {
    let file = root().join("docs/content/zola/every-name.md");
    let old = fs::read_to_string(&file).unwrap();
    let new = page::with_tables(&old, &groups());
    if std::env::var_os("CAUSERIE_ACCEPT").is_some() {
        fs::write(&file, new).unwrap();
        return;
    }
    assert!(old == new, "the tables are out of date: run `CAUSERIE_ACCEPT=1 cargo test --test zola`");
}
