//! The configuration of Hugo's site: the switches of Causerie's.

use std::io;
use std::path::Path;

use super::{Shape, put, real};

/// Writes the configuration, in place of one that may be there.
pub fn configure(folder: &Path, shape: Shape) -> io::Result<()> {
    // Where Causerie has no limit of feeds, Hugo has -1.
    let (size, limit, feeds) = if shape.is_bare {
        (20, 20, "section = [\"html\"]\ntaxonomy = [\"html\"]\nterm = [\"html\"]\n")
    } else {
        (
            10,
            real::feed_limit(&folder.join("causerie"))?.unwrap_or(-1),
            "section = [\"html\", \"rss\"]\ntaxonomy = [\"html\"]\nterm = [\"html\", \"rss\"]\n",
        )
    };
    // Two themes for code, as the real site has them, are style sheets in Hugo.
    let text = format!(
        "baseURL = \"https://example.org/\"\ntitle = \"Bench\"\nlanguageCode = \"en\"\nenableEmoji = false\n\
         [pagination]\npagerSize = {size}\n[taxonomies]\ntag = \"tags\"\n[markup.highlight]\ncodeFences = {}\nnoClasses = {}\nstyle = \"github\"\n[services.rss]\nlimit = {limit}\n\
         [outputs]\nhome = [\"html\", \"rss\"]\n{feeds}",
        shape.highlight, shape.is_bare,
    );
    put(&folder.join("hugo/hugo.toml"), &text)
}
