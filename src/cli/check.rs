use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::build::show_progress;
use super::{count, has_error, say, show, theme};
use crate::build::{self, Options, Report};
use crate::diagnostic::{Severity, summary};

/// Look for mistakes, without writing anything
///
/// Reports everything that `causerie build` would: mistakes in site.toml, front matter, comments and templates, and
/// internal links that lead nowhere. It warns of dates in the future, and of links and pictures written as addresses,
/// such as `/posts/hello/` or `pot.jpg`, that do not exist in the site. It also lists the posts that are held back until
/// their date. It warns of files that `causerie theme eject` copied and that are older than the theme's.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  causerie check             Check what readers will see
  causerie check --drafts    Check drafts as well
  causerie check --external  Check links to other sites as well")]
pub struct Check {
    /// The address that the site will have, instead of `base_url` in site.toml
    #[arg(long, short = 'u', value_name = "URL", value_parser = super::base_url)]
    base_url: Option<String>,
    /// Include drafts
    #[arg(long)]
    drafts: bool,
    /// Include posts that `future = "hold"` in site.toml holds back until their date
    #[arg(long)]
    future: bool,
    /// Request the links to other sites, and report those that are broken
    ///
    /// Several sites are requested at once, and each of them once in half a second. A link that is in order is not requested
    /// again for a week. [link_checker] in site.toml leaves out links and files.
    #[arg(long)]
    external: bool,
    /// Whether broken links to other sites are errors or warnings, instead of `external_level` in site.toml
    #[arg(long, value_name = "LEVEL", requires = "external")]
    external_level: Option<Level>,
    /// Request no links to other sites, as without `--external`
    #[arg(long)]
    skip_external_links: bool,
    /// Send no requests: data and links of other servers are what an earlier run has kept
    #[arg(long)]
    offline: bool,
}

/// How serious a broken link is.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Level {
    /// The check fails
    Error,
    /// The check reports it and succeeds
    Warn,
}

impl Level {
    fn severity(self) -> Severity {
        match self {
            Self::Error => Severity::Error,
            Self::Warn => Severity::Warning,
        }
    }
}

/// Shows how many pages of other sites are checked.
fn show_link_progress(done: usize, all: usize) {
    show_progress((done, all), &format!("{} of other sites checked", count(all, "page")));
}

impl Check {
    pub fn run(self, root: PathBuf, config: Option<String>) -> ExitCode {
        let Self { base_url, drafts, future, external, external_level, skip_external_links, offline } = self;
        let outdated = theme::outdated_copies(&root);
        let mut report = build::check(&Options {
            root,
            config,
            base_url,
            drafts,
            future,
            offline,
            external_links: external && !skip_external_links,
            external_level: external_level.map(Level::severity),
            link_progress: io::stderr().is_terminal().then_some(show_link_progress),
            ..Options::default()
        });
        report.diagnostics.extend(outdated);
        let status = show(&mut report.diagnostics);
        for (path, date) in &report.held {
            say(format_args!("Held back until {date}: {path}"));
        }
        say(outcome(&report));
        status
    }
}

/// Returns the last line that a check prints.
fn outcome(Report { diagnostics, summary: checked, external_links, .. }: &Report) -> String {
    let problems = summary(diagnostics);
    if has_error(diagnostics) {
        return problems;
    }
    let links = external_links.map(|links| format!(", {} to other sites", count(links, "link"))).unwrap_or_default();
    let counts = format!("{} and {}{links}", count(checked.pages, "page"), count(checked.comments, "comment"));
    format!("Checked {counts}: {}", if problems.is_empty() { "all is well" } else { &problems })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::Summary;
    use crate::diagnostic::Diagnostic;

    #[test]
    fn the_last_line_says_what_was_found() {
        let summary =
            Summary { pages: 1, sections: 0, comments: 34, held: 0, outputs: 0, written: 0, unchanged: 0, removed: 0 };
        let mut report = Report { summary, ..Report::default() };
        assert_eq!(outcome(&report), "Checked 1 page and 34 comments: all is well");
        report.diagnostics.push(Diagnostic::warning("w"));
        assert_eq!(outcome(&report), "Checked 1 page and 34 comments: 1 warning");
        report.diagnostics.push(Diagnostic::error("e"));
        assert_eq!(outcome(&report), "1 error, 1 warning");
    }
}
