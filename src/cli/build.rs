use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;

use super::{count, has_error, say, show};
use crate::build::{self, Options, Report};
use crate::diagnostic::summary;

/// Write the site into the folder public
///
/// Only files that differ are written. The build removes files that an earlier build wrote and the site no longer
/// has, and no others. If the site has an error, the folder stays as it was.
///
/// The date of the build is the computer's, or that of SOURCE_DATE_EPOCH, in seconds since 1970. It decides which threads are
/// closed because of their age, and which posts are held back.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  causerie build                                   Write the site into public
  causerie build --drafts                          Include drafts
  causerie build --root blog --output /srv/blog    A site in another folder, written to another
  causerie build --base-url https://test.example   The same site for another address")]
pub struct Build {
    /// The folder to write into [default: `output_dir` in site.toml, or public]
    #[arg(long, short, visible_alias = "output-dir", value_name = "DIR")]
    output: Option<PathBuf>,
    /// The address that the site will have, instead of `base_url` in site.toml
    #[arg(long, short = 'u', value_name = "URL", value_parser = super::base_url)]
    base_url: Option<String>,
    /// Include drafts
    #[arg(long)]
    drafts: bool,
    /// Minify the HTML files, as `minify_html = true` in site.toml does
    #[arg(long)]
    minify: bool,
    /// Include posts that `future = "hold"` in site.toml holds back until their date
    #[arg(long)]
    future: bool,
    /// Ignore the cache, render every page again, and allow the build to remove most of the site
    ///
    /// Only this option repairs an output file that was edited but has kept its size and modification time.
    #[arg(long, short)]
    force: bool,
    /// Send no requests: data of other servers is what an earlier build has kept
    #[arg(long)]
    offline: bool,
    /// Say for each page that is rendered again what changed
    #[arg(long)]
    explain: bool,
    /// Say which generated files, such as robots.txt, are not written because the site has a file of that name
    #[arg(long, short)]
    verbose: bool,
}

impl Build {
    pub fn run(self, root: PathBuf, config: Option<String>) -> ExitCode {
        let Self { output, base_url, drafts, minify, future, force, offline, explain, verbose } = self;
        let start = Instant::now();
        let mut report = build::build(&Options {
            root,
            config,
            output,
            base_url,
            drafts,
            minify,
            future,
            force,
            shrink: force,
            offline,
            explain,
            verbose,
            say: Some(|text| say(text)),
            image_progress: io::stderr().is_terminal().then_some(show_image_progress),
            ..Options::default()
        });
        for (path, reason) in &report.explained {
            say(format_args!("{path}: {reason}"));
        }
        for note in report.notes.iter().filter(|_| verbose) {
            say(format_args!("note: {note}"));
        }
        let status = show(&mut report.diagnostics);
        say(outcome(&report, start.elapsed().as_secs_f64()));
        status
    }
}

/// Shows how many images are made.
fn show_image_progress(done: usize, all: usize) {
    show_progress((done, all), &format!("{} resized", count(all, "image")));
}

/// Shows on a terminal how much of some work is done, in a line that goes away with the last of it.
pub(super) fn show_progress((done, all): (usize, usize), work: &str) {
    let mut stream = anstream::stderr().lock();
    let _ = match done == all {
        true => write!(stream, "\r\x1b[K"),
        false => write!(stream, "\r\x1b[K{done} of {work}"),
    };
    let _ = stream.flush();
}

/// Returns the last line that a build prints. `seconds` is its duration.
fn outcome(Report { diagnostics, summary: built, output, .. }: &Report, seconds: f64) -> String {
    let problems = summary(diagnostics);
    if has_error(diagnostics) {
        return format!("{problems}: the site was not built");
    }
    let counts = format!("{} and {}", count(built.pages, "page"), count(built.comments, "comment"));
    let held = match built.held {
        0 => String::new(),
        held => {
            format!("; {} held back until {}", count(held, "post"), if held == 1 { "its date" } else { "their dates" })
        }
    };
    let folder = output.as_ref().map(|output| {
        let short = output.strip_prefix(".").ok().filter(|rest| !rest.as_os_str().is_empty());
        format!(" into {}", short.unwrap_or(output).display())
    });
    let folder = folder.unwrap_or_default();
    let files = format!(
        "{}: {} written, {} unchanged, {} removed",
        count(built.outputs, "file"),
        built.written,
        built.unchanged,
        built.removed
    );
    let problems = if problems.is_empty() { problems } else { format!(", with {problems}") };
    format!("Built {counts}{folder} ({files}) in {seconds:.1} s{problems}{held}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::Summary;
    use crate::diagnostic::Diagnostic;

    #[test]
    fn the_last_line_says_what_was_done() {
        let summary = Summary {
            pages: 12,
            sections: 3,
            comments: 1,
            held: 0,
            outputs: 46,
            written: 3,
            unchanged: 43,
            removed: 0,
        };
        let mut report = Report { summary, output: Some("./public".into()), ..Report::default() };
        assert_eq!(
            outcome(&report, 0.14),
            "Built 12 pages and 1 comment into public (46 files: 3 written, 43 unchanged, 0 removed) in 0.1 s"
        );
        report.summary.held = 2;
        assert_eq!(
            outcome(&report, 0.14),
            "Built 12 pages and 1 comment into public (46 files: 3 written, 43 unchanged, 0 removed) in 0.1 s; 2 posts held back \
             until their dates"
        );
        report.summary.held = 0;
        report.diagnostics.push(Diagnostic::warning("w"));
        assert_eq!(
            outcome(&report, 1.0),
            "Built 12 pages and 1 comment into public (46 files: 3 written, 43 unchanged, 0 removed) in 1.0 s, with 1 \
             warning"
        );
        report.diagnostics.push(Diagnostic::error("e"));
        assert_eq!(outcome(&report, 1.0), "1 error, 1 warning: the site was not built");
    }
}
