//! What is particular to the real site: the configuration of `causerie init`, and how tags and comments are spread.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use super::random::Random;

const TAGS: usize = 60;

/// Begins a site as an author does.
pub fn init(site: &Path) -> io::Result<()> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_causerie"));
    let status = command.arg("init").arg(site).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{command:?} ended with {status}"))) }
}

/// Switches the search of a site on or off. The rest of its configuration stays as it is.
pub fn set_search(site: &Path, is_on: bool) -> io::Result<()> {
    let mut config = read_config(site)?;
    config.insert("build_search_index".to_owned(), is_on.into());
    fs::write(site.join("site.toml"), config.to_string())
}

/// How many posts a feed of the site has at most.
pub fn feed_limit(site: &Path) -> io::Result<Option<i64>> {
    Ok(read_config(site)?.get("feed_limit").and_then(toml::Value::as_integer))
}

fn read_config(site: &Path) -> io::Result<toml::Table> {
    fs::read_to_string(site.join("site.toml"))?.parse().map_err(io::Error::other)
}

/// Three tags. At 10,000 posts each of the ten most frequent ones has more than a thousand posts, and the rarest ones have few.
pub fn tags(random: &mut Random) -> Vec<String> {
    let mut tags: Vec<String> = Vec::with_capacity(3);
    while tags.len() < 3 {
        let tag = format!("tag{}", random.skewed(TAGS).min(random.below(TAGS)));
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

/// How many comments a post has: most have none, one in ten has ten, and the first one has a long conversation.
pub fn comments(number: usize) -> usize {
    match number {
        0 => 300,
        _ if number % 10 == 4 => 10,
        _ => 0,
    }
}
