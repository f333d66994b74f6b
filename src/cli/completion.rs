//! What a system needs to know of the command line: completions for shells, and the manual page.

use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Arguments, print, show_error};
use crate::diagnostic::Diagnostic;

/// Print a script that completes commands and options in a shell
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  causerie completion bash > ~/.local/share/bash-completion/completions/causerie
  causerie completion fish > ~/.config/fish/completions/causerie.fish
  causerie completion zsh > ~/.zfunc/_causerie")]
pub struct Completion {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completion {
    pub fn run(self) -> ExitCode {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "causerie", &mut script);
        print(&script)
    }
}

/// Print the manual page, in the format of `man`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  causerie man > causerie.1          The page of causerie
  causerie man build | man -l -      The page of a command, shown at once")]
pub struct Man {
    /// The command that the page is about [default: causerie itself]
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

impl Man {
    pub fn run(self) -> ExitCode {
        let mut command = Arguments::command();
        command.build();
        if let Some(name) = &self.command {
            match command.find_subcommand(name) {
                Some(subcommand) => command = subcommand.clone(),
                None => {
                    let problem = Diagnostic::error(format!("there is no command `{name}`"));
                    return show_error(problem.help("`causerie --help` names the commands"));
                }
            }
        }
        let mut page = Vec::new();
        match clap_mangen::Man::new(command).render(&mut page) {
            Ok(()) => print(&page),
            Err(error) => show_error(Diagnostic::error(format!("the manual page cannot be made: {error}"))),
        }
    }
}
