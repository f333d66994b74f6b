//! Where the checkers of other people lie: packages of npm, which `.ci/run` installs into `target/checkers`.

use std::path::{Path, PathBuf};

use crate::browser::program;

/// A file of a package.
pub fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/checkers/node_modules").join(path)
}

/// What is missing of a file in a package and a program, if anything.
pub fn missing(path: &str, needed: Option<&str>) -> Option<String> {
    if let Some(name) = needed.filter(|name| program(name).is_none()) {
        return Some(format!("no {name} on the PATH"));
    }
    let package = path.split('/').next().unwrap_or_default();
    (!file(path).is_file()).then(|| format!("no {package} in target/checkers"))
}
