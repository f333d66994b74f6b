//! The manual's page about the command line, and the files of hosts on the pages about publishing.

use clap::{Arg, Command, CommandFactory};

use super::Arguments;
use super::deploy::Host;
use crate::manual::{write_page, write_part};

/// What the reference says of a command, and of those below it.
fn section(command: &Command, path: &str, text: &mut String) {
    let path = format!("{path} {}", command.get_name()).trim().to_owned();
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    text.push_str(&format!("\n\n## `{path}` {{#{}}}\n\n{}\n", path.replace(' ', "-"), prose(&about)));
    let (options, values): (Vec<&Arg>, Vec<&Arg>) = command
        .get_arguments()
        .filter(|argument| !argument.is_hide_set())
        .partition(|argument| !argument.is_positional());
    // Every command has these.
    let is_own =
        |argument: &&&Arg| path == "causerie" || !matches!(argument.get_id().as_str(), "root" | "config" | "help");
    let rows: Vec<String> = values.iter().chain(options.iter().filter(is_own)).map(|argument| row(argument)).collect();
    if !rows.is_empty() {
        text.push_str(&format!("\n| | |\n|---|---|\n{}\n", rows.join("\n")));
    }
    let commands = command.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help");
    let commands: Vec<&Command> = commands.collect();
    let link = |below: &&Command| format!("[`{0}`](#{1}-{0})", below.get_name(), path.replace(' ', "-"));
    let names: Vec<String> = commands.iter().map(link).collect();
    if !names.is_empty() {
        text.push_str(&format!("\nCommands: {}.\n", names.join(", ")));
    }
    if let Some(help) = command.get_after_help() {
        let help = help.to_string();
        let (examples, rest) = help.split_once("\n\n").unwrap_or((&help, ""));
        let examples = examples.trim_start_matches("Examples:\n").lines();
        let examples: Vec<&str> = examples.map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
        text.push_str(&format!("\n```text\n{}\n```\n", examples.join("\n").trim_end()));
        if !rest.is_empty() {
            text.push_str(&format!("\n{}\n", prose(rest)));
        }
    }
    for below in commands {
        section(below, &path, text);
    }
}

/// A row of the table of arguments.
fn row(argument: &Arg) -> String {
    let names = argument.get_value_names().unwrap_or_default().iter().map(|name| format!("<{name}>"));
    let value = if argument.get_num_args().is_some_and(|count| count.takes_values()) {
        names.collect::<Vec<_>>().join(" ")
    } else {
        String::new()
    };
    let flags =
        [argument.get_long().map(|long| format!("--{long}")), argument.get_short().map(|short| format!("-{short}"))];
    // Each in its own code span, which a narrow page does not break.
    let mut call: Vec<String> = flags.into_iter().flatten().collect();
    match call.last_mut() {
        Some(flag) if !value.is_empty() => flag.push_str(&format!(" {value}")),
        None => call.push(value.clone()),
        _ => (),
    }
    let call: Vec<String> = call.iter().map(|part| format!("`{part}`")).collect();
    let mut help = argument.get_long_help().or(argument.get_help()).map(ToString::to_string).unwrap_or_default();
    assert!(!help.is_empty(), "{} has no help text", call.join(", "));
    let values = argument.get_possible_values();
    if !values.is_empty() && !value.is_empty() {
        let values: Vec<String> = values.iter().map(|value| format!("`{}`", value.get_name())).collect();
        help.push_str(&format!(": {}", values.join(", ")));
    }
    let default: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if !default.is_empty() && !argument.is_hide_default_value_set() && !value.is_empty() {
        help.push_str(&format!(" (`{}` by default)", default.join(" ")));
    }
    format!("| {} | {} |", call.join(", "), prose(&help).replace("\n\n", ". ").replace('\n', " ").replace('|', "\\|"))
}

/// A text of the help as Markdown.
fn prose(text: &str) -> String {
    let default = text.split_once(" [default: ").and_then(|(before, rest)| Some((before, rest.split_once(']')?)));
    let text = match default {
        Some((before, (default, after))) => format!("{before} (default: {default}){after}"),
        None => text.to_owned(),
    };
    text.replace('<', "&lt;").replace('*', "\\*")
}

#[test]
fn the_manual_has_every_command() {
    let mut command = Arguments::command();
    command.build();
    let mut text = String::new();
    section(&command, "", &mut text);
    let title = ("Command line", "Every command with its options.", 40);
    write_page("command-line", title, &format!("`causerie help COMMAND` prints the same.\n{text}"));
}

#[test]
fn the_manual_has_the_files_of_every_host() {
    let hosts = [
        (Host::Github, "github"),
        (Host::Gitlab, "gitlab"),
        (Host::Netlify, "netlify"),
        (Host::Cloudflare, "cloudflare"),
    ];
    for (host, name) in hosts {
        let files = host.files().into_iter().map(|(path, bytes)| {
            let language = match path.extension().and_then(|extension| extension.to_str()) {
                Some("yml") => "yaml",
                Some("toml") => "toml",
                _ => "text",
            };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            format!("`{}`:\n\n{{% raw %}}\n```{language}\n{}\n```\n{{% endraw %}}\n", path.display(), text.trim_end())
        });
        let files: Vec<String> = files.collect();
        write_part(&format!("publish/{name}.md"), "files", &format!("{}\n{}", files.join("\n"), host.next_step()));
    }
}
