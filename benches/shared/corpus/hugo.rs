//! Hugo's sites: the same posts with the same switches, with plain templates, and with PaperMod, its most used theme.

use std::io;
use std::path::Path;

use super::{Shape, put, real};

/// Writes the configuration of the site with plain templates, in place of one that may be there.
pub fn configure(folder: &Path, shape: Shape) -> io::Result<()> {
    let (size, limit, feeds) = if shape.is_bare {
        (20, 20, "section = [\"html\"]\ntaxonomy = [\"html\"]\nterm = [\"html\"]\n")
    } else {
        (10, rss_limit(folder)?, "section = [\"html\", \"rss\"]\ntaxonomy = [\"html\"]\nterm = [\"html\", \"rss\"]\n")
    };
    // Two themes for code, as the real site has them, are style sheets in Hugo.
    let text = format!(
        "{}enableEmoji = false\n[pagination]\npagerSize = {size}\n[taxonomies]\ntag = \"tags\"\n[markup.highlight]\n\
         codeFences = {}\nnoClasses = {}\nstyle = \"github\"\n[services.rss]\nlimit = {limit}\n\
         [outputs]\nhome = [\"html\", \"rss\"]\n{feeds}",
        head(),
        shape.highlight,
        shape.is_bare,
    );
    put(&folder.join("hugo/hugo.toml"), &text)
}

/// Writes a site with the posts of Hugo's other one and a checkout of PaperMod as its theme: coloured code, feeds and a search page, as
/// its manual says.
pub fn write_papermod(folder: &Path, checkout: &Path) -> io::Result<()> {
    let checkout = checkout.canonicalize()?;
    let name = checkout.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let themes = checkout.parent().unwrap_or(&checkout).to_string_lossy().into_owned();
    let [name, themes] = [name, themes].map(toml::Value::String);
    let text = format!(
        "{}theme = {name}\nthemesDir = {themes}\n[pagination]\npagerSize = 10\n[taxonomies]\ntag = \"tags\"\n\
         [markup.highlight]\ncodeFences = true\nnoClasses = false\n[services.rss]\nlimit = {}\n\
         [outputs]\nhome = [\"html\", \"rss\", \"json\"]\n[module]\n\
         mounts = [{{ source = \"content\", target = \"content\" }}, {{ source = \"../hugo/content\", target = \"content\" }}]\n",
        head(),
        rss_limit(folder)?,
    );
    put(&folder.join("papermod/hugo.toml"), &text)?;
    put(
        &folder.join("papermod/content/search.md"),
        "+++\ntitle = \"Search\"\nlayout = \"search\"\nplaceholder = \"Search\"\n+++\n",
    )
}

fn head() -> &'static str {
    "baseURL = \"https://example.org/\"\ntitle = \"Bench\"\nlanguageCode = \"en\"\n"
}

/// The limit of feeds in Hugo's way, where -1 is none.
fn rss_limit(folder: &Path) -> io::Result<i64> {
    Ok(real::feed_limit(&folder.join("causerie"))?.unwrap_or(-1))
}
