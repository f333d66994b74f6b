//! The manual in `docs/`, as the program itself builds it.

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
