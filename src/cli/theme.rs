//! `causerie theme`: the built-in theme's files, copied into the site for authors who want to change them.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{files, print, say, show_error};
use crate::config::BUILT_IN_THEME;
use crate::diagnostic::Diagnostic;
use crate::source::Fingerprint;
use crate::templates::built_in_files;

/// Change the built-in theme
///
/// A file of the same path in your site replaces the theme's. Before you copy a template, look whether a setting in
/// [extra], or a file templates/extra/head.html, body.html or footer.html, does what you want: those are never outdated.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  causerie theme list                             List the theme's files
  causerie theme eject templates/page.html        Copy the template for posts into the site")]
pub struct Theme {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the theme's files, and the ones that the site replaces
    List,
    /// Copy files of the theme into the site
    ///
    /// A copy replaces the theme's file from then on. `causerie check` warns when the theme's file has changed since.
    Eject(Eject),
}

#[derive(Args, Debug)]
struct Eject {
    /// The files, as `causerie theme list` shows them [default: all]
    #[arg(value_name = "FILE")]
    files: Vec<String>,
}

impl Theme {
    pub fn run(self, root: &Path) -> ExitCode {
        match self.command {
            Command::List => list(root),
            Command::Eject(eject) => eject.run(root),
        }
    }
}

fn list(root: &Path) -> ExitCode {
    let mut text = String::new();
    for (path, _) in ejectable() {
        text.push_str(&path);
        if files::exists(&root.join(&path)) {
            text.push_str("  (replaced by the site's own)");
        }
        text.push('\n');
    }
    print(text.as_bytes())
}

impl Eject {
    fn run(&self, root: &Path) -> ExitCode {
        let known = ejectable();
        let unknown: Vec<&str> =
            self.files.iter().map(String::as_str).filter(|file| !known.iter().any(|(path, _)| path == file)).collect();
        if !unknown.is_empty() {
            return show_error(
                Diagnostic::error(format!("the theme has no file {}", unknown.join(", ")))
                    .help("`causerie theme list` lists its files"),
            );
        }
        let chosen: Vec<_> =
            known.into_iter().filter(|(path, _)| self.files.is_empty() || self.files.contains(path)).collect();
        let existing: Vec<&str> =
            chosen.iter().map(|(path, _)| path.as_str()).filter(|path| files::exists(&root.join(path))).collect();
        if !existing.is_empty() {
            return show_error(
                Diagnostic::error(format!("nothing was copied, because the site has {} already", existing.join(", ")))
                    .help("remove or rename the site's own file to get the theme's"),
            );
        }
        let copies: Vec<(&str, Vec<u8>)> =
            chosen.iter().map(|(path, bytes)| (path.as_str(), copy(path, bytes))).collect();
        if let Err(problem) =
            files::create(root, copies.iter().map(|(path, bytes)| (Path::new(path), bytes.as_slice())))
        {
            return show_error(problem);
        }
        for (path, _) in &copies {
            say(format_args!("Copied {path}: it replaces the theme's file of that name"));
        }
        ExitCode::SUCCESS
    }
}

/// Returns a file of the theme with a first line that says which version of it this is, if the file can have comments.
fn copy(path: &str, bytes: &[u8]) -> Vec<u8> {
    let Some((open, close)) = comment_marks(path) else { return bytes.to_vec() };
    let first = format!("{open} {} {close}", origin(path, bytes));
    [first.trim_end().as_bytes(), b"\n", bytes].concat()
}

/// The marks of a comment in a file of the theme; none in a picture.
fn comment_marks(path: &str) -> Option<(&'static str, &'static str)> {
    match Path::new(path).extension().and_then(|extension| extension.to_str()) {
        Some("css" | "js") => Some(("/*", "*/")),
        Some("svg") => Some(("<!--", "-->")),
        Some("toml") => Some(("#", "")),
        Some("html") => Some(("{#-", "-#}")),
        _ => None,
    }
}

/// Names a version of a file of the theme: `salon/templates/page.html 7f3a…`, with a hash of its bytes.
fn origin(path: &str, bytes: &[u8]) -> String {
    format!("Copied from {BUILT_IN_THEME}/{path}, version {}", Fingerprint::of(bytes))
}

/// Finds copies whose original in the theme has changed since, and returns a warning for each.
pub fn outdated_copies(root: &Path) -> Vec<Diagnostic> {
    let outdated = |(path, bytes): (String, &[u8])| {
        let text = fs::read_to_string(root.join(&path)).ok()?;
        let first = text.lines().next()?;
        let is_copy = first.contains(&format!("Copied from {BUILT_IN_THEME}/{path}, version "));
        (is_copy && !first.contains(&origin(&path, bytes))).then(|| {
            Diagnostic::warning(format!("{path} is a copy of an older version of the theme's file")).help(format!(
                "rename it, run `causerie theme eject {path}`, and move your changes over; or remove its first line to keep it"
            ))
        })
    };
    ejectable().into_iter().filter_map(outdated).collect()
}

/// Returns the theme's files that a site can replace. Its `theme.toml` is not one of them: its settings go into [extra].
fn ejectable() -> Vec<(String, &'static [u8])> {
    let mut files = built_in_files();
    files.retain(|(path, _)| ["i18n/", "static/", "templates/"].iter().any(|folder| path.starts_with(folder)));
    files
}
