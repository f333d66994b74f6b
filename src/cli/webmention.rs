use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::{EXIT_FAILURE, date, show};
use crate::webmention::{SendOptions, send};

/// Notify the sites that your posts link to
///
/// Webmentions of other sites come to `causerie inbox`, which needs no command for them.
#[derive(Args, Debug)]
pub struct Webmention {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Send(Send),
}

/// Send Webmentions for the links of published posts
///
/// Run it after the site is published: the other sites look at your posts. It sends one Webmention for each link to another
/// site that a post has gained, has lost, or has kept while the post changed, if that site takes Webmentions. The first run only
/// records the links that are there.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  causerie webmention send                       Send what is due
  causerie webmention send --dry-run             Show what is due, and send nothing
  causerie webmention send --since 2026-01-01    Only for posts from this date on; links of others are recorded
  causerie webmention send --all                 Also for links that were only recorded

Exit status: 0 done, 1 something could not be sent, 2 the command was not understood.")]
struct Send {
    /// Show what is due, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Only for posts from this date on; the links of others are recorded
    #[arg(long, value_name = "DATE", value_parser = date)]
    since: Option<Timestamp>,
    /// Also for links that were only recorded
    #[arg(long)]
    all: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

impl Webmention {
    pub fn run(self, root: &Path) -> ExitCode {
        let Command::Send(Send { dry_run, since, all, json }) = self.command;
        let report = match send(&SendOptions { root: root.to_owned(), all, since, dry_run }, &progress) {
            Ok(report) => report,
            Err(mut problems) => return show(&mut problems),
        };
        let text = match json {
            true => serde_json::to_string_pretty(&report).unwrap_or_default() + "\n",
            false => report.text(dry_run),
        };
        // A closed pipe is no reason to fail: what was sent is written.
        let _ = write!(anstream::stdout(), "{text}");
        if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FAILURE) }
    }
}

/// Shows how far the run is, on a terminal.
fn progress(done: usize, total: usize) {
    super::show_progress(format_args!("Sent {done} of {total} Webmentions"), done == total);
}
