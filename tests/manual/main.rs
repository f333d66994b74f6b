//! The manual in `docs/`, as the program itself builds it.

mod examples;

use std::path::Path;
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs the program in a site, without a cache of an earlier run.
fn run(root: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_causerie"));
    command.env_clear().arg("--root").arg(root).args(arguments).output().expect("the program can be started")
}

#[test]
fn the_manual_is_built_without_a_warning() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = folder.path().join("public");
    let built = run(&root().join("docs"), &["build", "--output-dir", &output.to_string_lossy()]);
    let said = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success() && !said.contains("warning"), "{said}");
    for page in ["index.html", "start/first-site/index.html", "search/index.html", "404.html"] {
        assert!(output.join(page).is_file(), "there is no {page}");
    }
    for other in ["dev", "screenshots"] {
        assert!(!output.join(other).exists(), "{other} is no part of the manual");
    }
}

#[test]
fn the_manual_is_in_order() {
    let checked = run(&root().join("docs"), &["check"]);
    let said = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success() && !said.contains("warning"), "{said}");
}

/// The keys in `[extra]` of the theme, also those that are only shown in a comment, and those in the table of the manual.
#[test]
fn every_setting_of_the_theme_is_in_the_manual() {
    let theme = std::fs::read_to_string(root().join("themes/salon/theme.toml")).expect("the theme");
    let (_, settings) = theme.split_once("[extra]").expect("settings");
    let page = std::fs::read_to_string(root().join("docs/content/themes/settings.md")).expect("the page");
    let rows = page.lines().filter(|line| line.starts_with("| `")).filter_map(|line| line.split('|').nth(1));
    let named: Vec<&str> = rows.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    let settings = settings.lines().map(|line| line.trim_start_matches("# "));
    let keys = settings.filter_map(|line| {
        let (key, _) = line.split_once(" = ")?;
        let name = key.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        name.then_some(key)
    });
    let missing: Vec<&str> = keys.filter(|key| !named.contains(key) && *key != "text").collect();
    assert!(missing.is_empty(), "docs/content/themes/settings.md has no row for {missing:?}");
}
