use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::cli::{EXIT_FAILURE, files, say, show_error};
use crate::diagnostic;
use crate::migrate::{self, Options, REPORT_PATH};
use crate::templates;

/// Move a site from Zola 0.22 or older
///
/// Writes a copy of the site in which templates, shortcodes and the configuration are those of Zola 0.23 and Causerie: macros
/// and shortcodes become components, and old filters, tests and keys their successors. Everything else stays byte for byte.
/// The old site is only read. What a person must decide is listed with file, line and column.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  causerie import zola old-blog blog --dry-run   Report what would be rewritten, and write nothing
  causerie import zola old-blog blog             Write the new site into the folder blog
  causerie -r blog build                         Build it

Exit status: 0 done, 1 something is left to decide or failed, 2 the command was not understood.")]
pub struct Zola {
    /// The folder of the old site
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The folder of the new site, which must not exist or must be empty
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Report what would happen, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

impl Zola {
    pub fn run(self, root: &Path) -> ExitCode {
        let new = files::join(root, &self.new);
        let options = Options {
            old: files::join(root, &self.old),
            new: new.clone(),
            dry_run: self.dry_run,
            reserved: templates::built_in_components(),
        };
        let report = match migrate::migrate(&options) {
            Ok(report) => report,
            Err(problem) => return show_error(problem),
        };
        if !self.json {
            let mut stream = anstream::stderr().lock();
            for diagnostic in report.diagnostics() {
                let _ = writeln!(stream, "{}\n", diagnostic::report(diagnostic));
            }
            if report.unprinted() > 0 {
                let _ = writeln!(stream, "and {} more\n", report.unprinted());
            }
        }
        let text =
            if self.json { serde_json::to_string_pretty(&report).unwrap_or_default() + "\n" } else { report.text() };
        // A closed pipe is no reason to fail: the files are written.
        let _ = write!(anstream::stdout(), "{text}");
        if !self.dry_run {
            say(format_args!("Read {}: it lists what was done and what to decide.", new.join(REPORT_PATH).display()));
        }
        if report.decisions.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FAILURE) }
    }
}
