//! Commits and builds after decisions that changed the site.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::build::{self, Options};
use crate::diagnostic::Diagnostic;
use crate::replies::{DecisionOutcome, State};

/// Commits and builds, as far as the site is configured to.
#[derive(Clone, Debug)]
pub struct Publisher {
    /// The site's folder.
    pub root: PathBuf,
    /// Whether to commit with git.
    pub commit: bool,
    /// Whether to build.
    pub build: bool,
}

impl Publisher {
    /// Publishes the changes of decisions. Problems are returned, and the decisions stand.
    pub fn publish(&self, done: &[DecisionOutcome]) -> Vec<Diagnostic> {
        let changed: Vec<&str> = done.iter().flat_map(|done| &done.changed).map(String::as_str).collect();
        if changed.is_empty() { Vec::new() } else { self.publish_files(&changed, &message(done)) }
    }

    /// Publishes changes of these files, with a message for the commit.
    pub fn publish_files(&self, changed: &[&str], message: &str) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        if self.commit {
            problems.extend(commit(&self.root, changed, message).err());
        }
        if self.build {
            problems.extend(build::build(&Options { root: self.root.clone(), ..Options::default() }).diagnostics);
        }
        problems
    }
}

/// Returns the message of the commit. No word of it comes from a reader.
fn message(done: &[DecisionOutcome]) -> String {
    let changing: Vec<&DecisionOutcome> = done.iter().filter(|done| !done.changed.is_empty()).collect();
    let verb = match changing.first().map(|done| &done.reply.notes) {
        Some(notes) if notes.state != State::Approved => "Take back",
        Some(notes) if notes.by_author => "Add",
        _ => "Approve",
    };
    match &changing[..] {
        [only] => format!("{verb} a reply to {}", only.reply.notes.page),
        all => format!("{verb} {} replies", all.len()),
    }
}

/// Commits these files and no others, even if the author has staged more. Runs no shell.
fn commit(root: &Path, paths: &[&str], message: &str) -> Result<(), Diagnostic> {
    git(root, &["add", "--all", "--"], paths)?;
    git(root, &["commit", "--quiet", &format!("--message={message}"), "--"], paths)
}

fn git(root: &Path, arguments: &[&str], paths: &[&str]) -> Result<(), Diagnostic> {
    let output = Command::new("git")
        .arg("--literal-pathspecs")
        .arg("-C")
        .arg(root)
        .args(arguments)
        .args(paths)
        // Git must not wait for a password that nobody types.
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Diagnostic::warning(format!("git cannot be run: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let message = String::from_utf8_lossy(&output.stderr);
    let message = message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it does not say why");
    Err(Diagnostic::warning(format!("git could not commit this: {message}")).help("commit it yourself"))
}
