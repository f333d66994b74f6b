//! What the history of a git repository says of the site's files.

use std::io;
use std::path::Path;
use std::process::{Command, Output};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diagnostic::Diagnostic;
use crate::nfc::nfc;

/// The last commit of the repository that a site lies in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The name of the commit.
    pub commit: String,
    /// Where the names of the commits stand at which a shallow clone ends; none if the history is whole.
    shallow: Option<String>,
}

/// When the files of a site were last changed, as the commits say.
#[derive(Clone, Debug, Default)]
pub struct LastChanges {
    /// The dates in the form of RFC 3339, by the paths from the root of the site.
    pub dates: FxHashMap<String, String>,
    /// What the author should know of them.
    pub warning: Option<Diagnostic>,
}

/// What every command is told: to change nothing, to start no other program, and to print paths from the folder of the site.
const PLAIN: [&str; 5] = ["--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false"];

impl Head {
    /// Asks git for the last commit.
    ///
    /// # Errors
    /// Git is missing, or the folder is in no repository with a commit.
    pub fn read(root: &Path) -> Result<Self, Diagnostic> {
        let text = run(root, &["rev-parse", "--is-shallow-repository", "HEAD", "--git-path", "shallow"])?;
        let text = String::from_utf8_lossy(&text);
        let mut lines = text.lines();
        let (is_shallow, commit, shallow) = (lines.next(), lines.next(), lines.next());
        let shallow = shallow.filter(|_| is_shallow == Some("true")).map(str::to_owned);
        Ok(Self { commit: commit.unwrap_or_default().to_owned(), shallow })
    }

    /// Asks git for the last change of every file in a folder of the site. One command reads the history once, however many
    /// files there are.
    ///
    /// # Errors
    /// Git fails.
    pub fn last_changes(&self, root: &Path, folder: &str) -> Result<LastChanges, Diagnostic> {
        // The author's date, as a rebase changes the other one.
        let log = ["log", "--no-renames", "--no-ext-diff", "--relative", "-z", "--name-only", "--format=%x00%H %aI"];
        let log = run(root, &[&log[..], &[self.commit.as_str(), "--", folder][..]].concat())?;
        let ends = self.shallow.as_ref().and_then(|path| std::fs::read_to_string(root.join(path)).ok());
        let ends: FxHashSet<&str> = ends.iter().flat_map(|ends| ends.lines()).collect();
        let (dates, is_cut) = parse_log(&String::from_utf8_lossy(&log), &ends);
        let warning = is_cut.then(|| {
            let message = "the git history is cut off, so that pages with an older last change have no `updated` from it";
            Diagnostic::warning(message)
                .help("fetch all of it with `git fetch --unshallow`; in GitHub Actions, give actions/checkout `fetch-depth: 0`")
        });
        Ok(LastChanges { dates, warning })
    }
}

/// Reads the newest date of each file from a log, without the commits at which the history is cut off: these seem to have created
/// every file. Gives back whether there was one.
fn parse_log(log: &str, ends: &FxHashSet<&str>) -> (FxHashMap<String, String>, bool) {
    let mut dates: FxHashMap<String, (jiff::Timestamp, &str)> = FxHashMap::default();
    let (mut current, mut is_cut) = (None, false);
    let mut parts = log.split('\0');
    while let Some(part) = parts.next() {
        if part.is_empty() {
            // A commit begins: its name and date. Then come its files.
            let commit = parts.next().and_then(|line| line.split_once(' '));
            is_cut |= commit.is_some_and(|(name, _)| ends.contains(name));
            let kept = commit.filter(|(name, _)| !ends.contains(name));
            current = kept.and_then(|(_, date)| Some((date.trim().parse::<jiff::Timestamp>().ok()?, date.trim())));
        } else if let Some(date) = current {
            let newest = dates.entry(nfc(part.trim_start_matches('\n')).into_owned()).or_insert(date);
            *newest = (*newest).max(date);
        }
    }
    (dates.into_iter().map(|(path, (_, date))| (path, date.to_owned())).collect(), is_cut)
}

fn run(root: &Path, arguments: &[&str]) -> Result<Vec<u8>, Diagnostic> {
    let command = Command::new("git").args(PLAIN).args(arguments).current_dir(root).env("LC_ALL", "C").output();
    match command {
        Ok(Output { status, stdout, .. }) if status.success() => Ok(stdout),
        Ok(Output { stderr, .. }) => {
            let said = String::from_utf8_lossy(&stderr);
            let said = said.lines().next().unwrap_or_default().trim().trim_start_matches("fatal: ");
            Err(without_history(&format!("git says: {said}")))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(without_history("the program `git` is not installed"))
        }
        Err(error) => Err(without_history(&format!("git cannot be started: {error}"))),
    }
}

fn without_history(reason: &str) -> Diagnostic {
    Diagnostic::warning(format!("no page has its last change from git: {reason}"))
        .help("build in a clone of the repository, or remove `updated` from [git]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_change_of_a_file_counts() {
        let log = "\0c3 2021-05-01T10:00:00+02:00\0\ncontent/a.md\0\
                   \0c2 2021-05-01T09:30:00+00:00\0\ncontent/a.md\0content/cafe\u{301}.md\0\
                   \0c1 2020-01-01T00:00:00Z\0\ncontent/a.md\0content/old.md\0";
        let (dates, is_cut) = parse_log(log, &["c1"].into_iter().collect());
        let mut dates: Vec<(&str, &str)> = dates.iter().map(|(path, date)| (path.as_str(), date.as_str())).collect();
        dates.sort_unstable();
        let newest = "2021-05-01T09:30:00+00:00";
        assert_eq!(dates, [("content/a.md", newest), ("content/café.md", newest)]);
        assert!(is_cut);
        // Whatever another version of git prints.
        for odd in ["", "\0", "\0\0", "\0c\0x", "x\0y", "\0c 2021-13-45\0\na\0"] {
            assert_eq!(parse_log(odd, &FxHashSet::default()).0.len(), 0, "{odd:?}");
        }
    }
}
