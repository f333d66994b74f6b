use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{count, has_error, say, show, theme};
use crate::build::{self, Options, Report};
use crate::diagnostic::summary;

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
  causerie check --drafts    Check drafts as well")]
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
    /// Accepted because Zola has it: links to other sites are never requested
    #[arg(long)]
    skip_external_links: bool,
}

impl Check {
    pub fn run(self, root: PathBuf, config: Option<String>) -> ExitCode {
        let Self { base_url, drafts, future, skip_external_links: _ } = self;
        let outdated = theme::outdated_copies(&root);
        let mut report = build::check(&Options { root, config, base_url, drafts, future, ..Options::default() });
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
fn outcome(Report { diagnostics, summary: checked, .. }: &Report) -> String {
    let problems = summary(diagnostics);
    if has_error(diagnostics) {
        return problems;
    }
    let counts = format!("{} and {}", count(checked.pages, "page"), count(checked.comments, "comment"));
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
