use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;

use super::{EXIT_FAILURE, date, show, show_error};
use crate::build::CACHE_FOLDER;
use crate::gather::{self, Options};

/// Bring in replies from other networks
///
/// Asks for the answers to posts on Mastodon, Bluesky, Hacker News, Lobsters, GitHub and Lemmy, where the front matter of a
/// post names its discussions. New answers wait for your decision like other replies, changed ones are changed here too, and
/// deleted ones are removed. Old discussions are asked for less often than new ones.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  causerie gather                              Bring in what is new
  causerie gather content/posts/tea.md         Ask for the discussions of one post
  causerie gather --dry-run                    Show what is new, and change nothing
  causerie gather --since 2026-01-01 --all     Ask for all discussions of this year's posts

Set GITHUB_TOKEN to a token for GitHub to ask for its discussions, and for more requests in an hour.

Exit status: 0 done, 1 a discussion could not be asked for, 2 the command was not understood.")]
pub struct Gather {
    /// The files of posts [default: all posts]
    #[arg(value_name = "POST")]
    posts: Vec<String>,
    /// Show what is new, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Only posts from this date on
    #[arg(long, value_name = "DATE", value_parser = date)]
    since: Option<Timestamp>,
    /// Also request old discussions that were requested recently
    #[arg(long)]
    all: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

impl Gather {
    pub fn run(self, root: &Path) -> ExitCode {
        let options = Options {
            root: root.to_owned(),
            cache: root.join(CACHE_FOLDER),
            posts: self.posts,
            since: self.since,
            all: self.all,
            dry_run: self.dry_run,
        };
        let mut report = match gather::gather(&options, &progress) {
            Ok(report) => report,
            Err(problem) => return show_error(problem),
        };
        let text = if self.json {
            serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
        } else {
            report.text(self.dry_run)
        };
        // A closed pipe is no reason to fail: the files are written.
        let _ = write!(anstream::stdout(), "{text}");
        let shown = show(&mut report.problems);
        if report.has_failed { ExitCode::from(EXIT_FAILURE) } else { shown }
    }
}

/// Shows how far the run is, on a terminal.
fn progress(done: usize, total: usize) {
    super::show_progress(format_args!("Asked for {done} of {total} discussions"), done == total);
}
