//! The command line: parses the arguments and runs one command.

mod build;
mod check;
mod comments;
mod completion;
mod deploy;
mod export;
mod files;
mod gather;
mod import;
mod inbox;
mod init;
#[cfg(test)]
mod manual_tests;
mod new;
mod serve;
#[cfg(test)]
mod tests;
mod theme;
mod webmention;

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use jiff::Timestamp;

use crate::config;
use crate::content::Date;
use crate::diagnostic::{self, Diagnostic, Severity};

/// Exit status of a command whose site has errors.
const EXIT_FAILURE: u8 = 1;

/// Turn a folder of Markdown files, and the comments on them, into a website.
///
/// A site is a folder with a file site.toml. Its posts are in `content`, and the comments on a post are in a file beside it.
#[derive(Debug, Parser)]
#[command(name = "causerie", version, after_help = EXAMPLES)]
struct Arguments {
    /// The site's folder [default: the current one]
    #[arg(long, short, global = true, value_name = "DIR", default_value = ".", hide_default_value = true)]
    root: PathBuf,
    /// The configuration, below the site's folder, for build, serve and check [default: site.toml, zola.toml or config.toml]
    #[arg(long, short, global = true, value_name = "FILE")]
    config: Option<String>,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  causerie init blog                 Create a site in the folder blog
  cd blog
  causerie new posts/hello-world     Create a post
  causerie serve --open              Show the site in the browser while you write
  causerie build                     Write the site into the folder public

Exit status: 0 done, 1 the site has errors, 2 the command was not understood.
Set NO_COLOR=1 for messages without colours.";

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Init),
    New(new::New),
    Build(build::Build),
    Serve(serve::Serve),
    Check(check::Check),
    Comments(comments::Comments),
    Gather(gather::Gather),
    Import(import::Import),
    Export(export::Export),
    Inbox(inbox::Inbox),
    Theme(theme::Theme),
    Webmention(webmention::Webmention),
    Completion(completion::Completion),
    Man(completion::Man),
}

/// Runs one command and reports its result.
///
/// # Errors
/// The exit status is 1 if the site has errors or the command failed, and 2 if the arguments are invalid.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let Arguments { root, config, command } = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // A closed pipe is no reason to fail.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    if !matches!(command, Command::Init(_) | Command::Completion(_) | Command::Man(_)) && !root.is_dir() {
        let problem = Diagnostic::error(format!("there is no folder `{}`", root.display()));
        return show_error(problem.help("--root names the folder of the site"));
    }
    if let Some(config) = &config
        && !matches!(command, Command::Build(_) | Command::Serve(_) | Command::Check(_))
    {
        let problem = Diagnostic::error(format!("`--config {config}` has no meaning for this command"));
        return show_error(
            problem.help("it is for build, serve and check; the others read site.toml, zola.toml or config.toml"),
        );
    }
    match command {
        Command::Init(init) => init.run(&root),
        Command::New(new) => new.run(&root),
        Command::Build(build) => build.run(root, config),
        Command::Serve(serve) => serve.run(root, config),
        Command::Check(check) => check.run(root, config),
        Command::Comments(comments) => comments.run(&root),
        Command::Gather(gather) => gather.run(&root),
        Command::Export(export) => export.run(&root),
        Command::Import(import) => import.run(&root),
        Command::Inbox(inbox) => inbox.run(root),
        Command::Theme(theme) => theme.run(&root),
        Command::Webmention(webmention) => webmention.run(&root),
        Command::Completion(completion) => completion.run(),
        Command::Man(man) => man.run(),
    }
}

/// Prints a line to standard error, without colours if that is not a terminal.
fn say(text: impl Display) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Shows how far a run is, on a terminal, in a line that goes away at the end.
fn show_progress(text: impl Display, is_done: bool) {
    let mut stream = io::stderr();
    if stream.is_terminal() {
        let end = if is_done { "\r\x1b[K" } else { "" };
        let _ = write!(stream, "\r{text}{end}");
    }
}

/// Prints to standard output. A closed pipe is no reason to fail.
fn print(bytes: &[u8]) -> ExitCode {
    match io::stdout().write_all(bytes) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            show_error(Diagnostic::error(format!("nothing can be printed: {error}")))
        }
        _ => ExitCode::SUCCESS,
    }
}

/// Prints every problem. The exit status is 1 if one of them is an error.
fn show(diagnostics: &mut Vec<Diagnostic>) -> ExitCode {
    diagnostic::sort(diagnostics);
    let mut stream = anstream::stderr().lock();
    for diagnostic in diagnostics.iter() {
        let _ = writeln!(stream, "{}\n", diagnostic::report(diagnostic));
    }
    if has_error(diagnostics) { ExitCode::from(EXIT_FAILURE) } else { ExitCode::SUCCESS }
}

/// Whether one of the problems is an error, which stops the build.
fn has_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// Prints the error that ended a command.
fn show_error(diagnostic: Diagnostic) -> ExitCode {
    show(&mut vec![diagnostic])
}

/// `1 page`, `2 pages`.
fn count(number: usize, name: &str) -> String {
    if number == 1 { format!("1 {name}") } else { format!("{number} {name}s") }
}

/// Reads a date from the command line.
fn date(text: &str) -> Result<Timestamp, String> {
    Date::parse(text).map(|date| date.timestamp).ok_or_else(|| "write a date such as 2026-01-31".to_owned())
}

/// Reads the address of a site from the command line.
fn base_url(text: &str) -> Result<String, String> {
    config::check_base_url(text).map(|()| text.to_owned()).map_err(|problem| match problem.help {
        Some(help) => format!("{} ({help})", problem.message),
        None => problem.message,
    })
}
