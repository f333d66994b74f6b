use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};

use super::{print, show_error};
use crate::import::{ExportFormat, export_comments};

/// Write the comments out, for another program
#[derive(Args, Debug)]
pub struct Export {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Comments(Comments),
}

/// Print all comments of the site that are approved or pending
///
/// WordPress, Disqus and others read WXR. JSON has the Markdown of each comment as well as its HTML.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  causerie export comments > comments.xml
  causerie export comments --format json > comments.json")]
struct Comments {
    /// The format
    #[arg(long, value_name = "FORMAT", default_value = "wxr")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// WordPress's export format
    Wxr,
    /// JSON
    Json,
}

impl Export {
    pub fn run(self, root: &Path) -> ExitCode {
        let Command::Comments(Comments { format }) = self.command;
        let format = match format {
            Format::Wxr => ExportFormat::Wxr,
            Format::Json => ExportFormat::Json,
        };
        match export_comments(root, format) {
            Ok(text) => print(text.as_bytes()),
            Err(problem) => show_error(problem),
        }
    }
}
