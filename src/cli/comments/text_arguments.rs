//! Reads the text of a reply from the arguments, a file or an editor.

use std::env;
use std::fs;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::PathBuf;
use std::process::Command;

use clap::Args;

use crate::diagnostic::Diagnostic;

#[derive(Args, Debug)]
pub struct TextArguments {
    /// The text
    #[arg(long, value_name = "TEXT", conflicts_with = "file")]
    text: Option<String>,
    /// A file with the text; - reads standard input
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl TextArguments {
    /// Returns the text that the arguments give, if any.
    pub fn read(&self) -> Result<Option<String>, Diagnostic> {
        let Some(file) = &self.file else { return Ok(self.text.clone()) };
        let mut text = String::new();
        let read = match file.to_str() {
            Some("-") => io::stdin().read_to_string(&mut text).map(drop),
            _ => fs::read_to_string(file).map(|read| text = read),
        };
        match read {
            Ok(()) => Ok(Some(text)),
            Err(error) => Err(Diagnostic::error(format!("{} cannot be read: {error}", file.display()))),
        }
    }

    /// Returns the text that the arguments give, or else opens an editor for it.
    pub fn read_or_edit(&self, before: &str) -> Result<Option<String>, Diagnostic> {
        match self.read()? {
            Some(text) => Ok(Some(text)),
            None => edit(before),
        }
    }
}

/// Opens a text in the user's editor. Returns `None` if the user leaves it unchanged.
pub fn edit(before: &str) -> Result<Option<String>, Diagnostic> {
    let cannot = |why: &str| {
        Diagnostic::error(format!("no editor can be opened: {why}"))
            .help("give the text with --text TEXT or --file FILE")
    };
    let editor =
        ["VISUAL", "EDITOR"].into_iter().find_map(|name| env::var(name).ok().filter(|it| !it.trim().is_empty()));
    let editor = editor.ok_or_else(|| cannot("neither VISUAL nor EDITOR is set"))?;
    if !io::stdin().is_terminal() {
        return Err(cannot("standard input is not a terminal"));
    }
    // Spaces separate its arguments, as in `code --wait`. No shell interprets the rest.
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or_default();
    let written = tempfile::Builder::new().suffix(".md").tempfile().and_then(|mut file| {
        file.write_all(before.as_bytes())?;
        Ok(file.into_temp_path())
    });
    let file = written.map_err(|error| cannot(&error.to_string()))?;
    let status = Command::new(program).args(words).arg(&file).status();
    match status {
        Ok(status) if status.success() => {}
        Ok(_) => return Err(Diagnostic::error(format!("`{program}` failed, so nothing was changed"))),
        Err(error) => return Err(cannot(&format!("{program}: {error}"))),
    }
    let after = fs::read_to_string(&file).map_err(|error| cannot(&error.to_string()))?;
    Ok(Some(after).filter(|after| after.trim_end() != before.trim_end()))
}
