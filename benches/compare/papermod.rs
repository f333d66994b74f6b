//! Hugo's site with PaperMod, its most used theme.

use std::fs;
use std::io;
use std::path::Path;

/// Writes a site with the posts and the switches of Hugo's other one, and a checkout of PaperMod as its theme. The search page is as its
/// manual says.
pub fn write(folder: &Path, checkout: &Path) -> io::Result<()> {
    let checkout = checkout.canonicalize()?;
    let text = |path: Option<&Path>| toml::Value::from(path.unwrap_or(&checkout).to_string_lossy().into_owned());
    let mut config: toml::Table =
        fs::read_to_string(folder.join("hugo/hugo.toml"))?.parse().map_err(io::Error::other)?;
    config.insert("theme".to_owned(), text(checkout.file_name().map(Path::new)));
    config.insert("themesDir".to_owned(), text(checkout.parent()));
    config.extend(toml::toml! {
        [outputs]
        home = ["html", "rss", "json"]
        section = ["html", "rss"]
        taxonomy = ["html"]
        term = ["html", "rss"]
        [module]
        mounts = [{ source = "content", target = "content" }, { source = "../hugo/content", target = "content" }]
    });
    let site = folder.join("papermod");
    fs::create_dir_all(site.join("content"))?;
    fs::write(site.join("hugo.toml"), config.to_string())?;
    fs::write(
        site.join("content/search.md"),
        "+++\ntitle = \"Search\"\nlayout = \"search\"\nplaceholder = \"Search\"\n+++\n",
    )
}
