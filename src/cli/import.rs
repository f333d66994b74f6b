mod zola;

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use jiff::tz::{Offset, TimeZone};

use super::{EXIT_FAILURE, say, show_error};
use crate::import::{self, Options};

/// What becomes of posts that are not public
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Drafts {
    /// They are left out
    None,
    /// They become drafts, private ones too
    Draft,
}

/// Bring in another blog, with its comments
///
/// Reads the export of another blog, and writes its posts, pages and comment threads as Markdown files. It reports every
/// item that was left out, and why. Run it again at any time: files that you have edited or deleted stay as they are, and only
/// what is new is added. Only public posts are published: drafts become drafts, and private posts are left out.
///
/// Kinds of exports: wordpress (Tools → Export), ghost (its JSON, and the table of its comments), blogger (Atom), movable-type
/// (its text format), disqus (the XML of its export page), isso (`sqlite3 -json` of its tables), commento (its JSON), remark42
/// (a backup), giscus and utterances (JSON of GitHub's API), cusdis (JSON of its tables or its API), webmention.io (the answers
/// of its API). All of them can be packed with gzip or zip. Kinds of folders: jekyll and hugo, with the comments of Staticman. `causerie import zola` moves a whole site
/// from an older Zola.
#[derive(Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "\
Examples:
  causerie import blog.xml --dry-run           Report what an import would do
  causerie import blog.xml                     Import a blog
  causerie import blog.xml --media uploads     Import its pictures as well, from a folder
  causerie import blog.xml --fetch-media       The same, from the blog itself
  causerie import ../old-site                  Import a site of Jekyll or Hugo
  causerie import disqus.xml --map pages.csv   Import comments, with the pages of threads that were not found
  causerie import blog.xml isso.json           Import a blog with its comments from elsewhere
  causerie import zola old-blog blog           Move a site from Zola 0.22 or older into the new folder blog

Exit status: 0 done, 1 something was lost or failed, 2 the command was not understood."
)]
pub struct Import {
    #[command(subcommand)]
    site: Option<Site>,
    /// The exported files, or the folder of a Jekyll or Hugo site; another folder stands for the exports in it
    #[arg(required = true, value_name = "FILE")]
    inputs: Vec<PathBuf>,
    /// The kind of the export [default: recognised from the file]
    #[arg(long, value_name = "KIND", value_parser = import::source_names().collect::<Vec<_>>())]
    from: Option<String>,
    /// The section for posts, below `content`
    #[arg(long, value_name = "SECTION", default_value = "posts")]
    into: String,
    /// Report what would happen, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// A folder with the uploaded files, such as WordPress's `wp-content/uploads`
    #[arg(long, value_name = "DIR")]
    media: Option<PathBuf>,
    /// Fetch the uploaded files from the blog, which must be online
    #[arg(long)]
    fetch_media: bool,
    /// What becomes of posts that are not public [default: drafts become drafts, private posts are left out]
    #[arg(long, value_name = "CHOICE")]
    drafts: Option<Drafts>,
    /// A CSV file with an old address and a page of the site (`posts/tea.md`) in each line
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// The time zone of dates without one: `Europe/Warsaw` or `+02:00`
    #[arg(long, value_name = "ZONE", value_parser = time_zone)]
    timezone: Option<TimeZone>,
    /// The name of the import, for the files in `imports` [default: the blog's host]
    #[arg(long)]
    name: Option<String>,
    /// A type of items that is not wanted, such as `portfolio`; can be given several times
    #[arg(long, value_name = "TYPE")]
    leave_out: Vec<String>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Site {
    Zola(zola::Zola),
}

impl Import {
    pub fn run(self, root: &Path) -> ExitCode {
        if let Some(Site::Zola(zola)) = self.site {
            return zola.run(root);
        }
        let options = Options {
            root: root.to_owned(),
            inputs: self.inputs,
            from: self.from,
            into: self.into,
            dry_run: self.dry_run,
            media: self.media,
            fetch_media: self.fetch_media,
            progress: std::io::stderr().is_terminal().then_some(show_progress),
            drafts: self.drafts.map(|drafts| matches!(drafts, Drafts::Draft)),
            map: self.map,
            zone: self.timezone,
            name: self.name,
            leave_out: self.leave_out,
        };
        let report = match import::import(&options) {
            Ok(report) => report,
            Err(problem) => return show_error(problem),
        };
        let text =
            if self.json { serde_json::to_string_pretty(&report).unwrap_or_default() + "\n" } else { report.text() };
        // A closed pipe is no reason to fail: the files are written.
        let _ = write!(anstream::stdout(), "{text}");
        if !report.dry_run {
            say(format_args!("Read imports/{}.md: it lists what to look at.", report.name));
        }
        if report.has_losses() { ExitCode::from(EXIT_FAILURE) } else { ExitCode::SUCCESS }
    }
}

/// Shows on a terminal how many files were fetched, in a line that goes away with the last of them.
fn show_progress(done: u64, all: u64) {
    let mut stream = anstream::stderr().lock();
    let bar = "#".repeat((30 * done / all.max(1)) as usize);
    let _ = match done == all {
        true => write!(stream, "\r\x1b[K"),
        false => write!(stream, "\r\x1b[K[{bar:<30}] {done} of {all} files fetched"),
    };
    let _ = stream.flush();
}

/// Reads a time zone: a name of the IANA database, or an offset.
fn time_zone(text: &str) -> Result<TimeZone, String> {
    let offset = || {
        let (sign, rest) = text.strip_prefix('-').map_or_else(|| (1, text.strip_prefix('+')), |rest| (-1, Some(rest)));
        let (hours, minutes) = rest?.split_once(':')?;
        let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
        let is_offset = (0..=14).contains(&hours) && (0..60).contains(&minutes);
        is_offset.then(|| Offset::from_seconds(sign * (hours * 60 + minutes) * 60).ok())?
    };
    match offset() {
        Some(offset) => Ok(TimeZone::fixed(offset)),
        None => TimeZone::get(text)
            .map_err(|_| "write a name such as Europe/Warsaw, or an offset such as +02:00".to_owned()),
    }
}
