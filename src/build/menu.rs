//! The menu of the built-in theme, `[extra] menu`: its problems are reported where it is written, not where the theme reads it.

use serde_json::Value;

use crate::config::{is_whole_url, shows_salon};
use crate::content::linked_file;
use crate::diagnostic::{Diagnostic, Location, nearest};
use crate::site::Site;
use crate::source::World;

const EXAMPLE: &str = "an entry is written { title = \"Posts\", path = \"posts\" }, where `path` may also be an address such as \
                       https://example.org/, or a file: `@/about.md`";

/// Checks the menu, if it is the built-in theme that shows it.
pub fn check(site: &Site, world: &dyn World) -> Vec<Diagnostic> {
    let config = &site.config;
    let Some(menu) = config.extra.get("menu").filter(|_| shows_salon(&site.config, world)) else { return Vec::new() };
    let Some(entries) = menu.as_array() else {
        let problem = Diagnostic::error("the menu of the theme is a list of entries").at(config.location("extra.menu"));
        return vec![problem.help(EXAMPLE)];
    };
    entries.iter().enumerate().filter_map(|(index, entry)| check_entry(site, index, entry)).collect()
}

fn check_entry(site: &Site, index: usize, entry: &Value) -> Option<Diagnostic> {
    let location = |key: &str| site.config.location(&format!("extra.menu.{index}{key}"));
    for key in ["title", "path"] {
        match entry.get(key) {
            Some(Value::String(_)) => {}
            Some(_) => {
                let problem = Diagnostic::error(format!("the `{key}` of an entry of the menu should be a string"));
                return Some(problem.at(location(&format!(".{key}"))).help(EXAMPLE));
            }
            None if entry.is_object() => {
                let problem = Diagnostic::error(format!("this entry of the menu has no `{key}`"));
                return Some(problem.at(location("")).help(EXAMPLE));
            }
            None => {
                let problem = Diagnostic::error("an entry of the menu is a table");
                return Some(problem.at(location("")).help(EXAMPLE));
            }
        }
    }
    let path = entry.get("path")?.as_str()?;
    let file = linked_file(path).filter(|file| site.at_file(file).is_none())?;
    let help = match (site.held_until(&file), nearest(&file, site.by_path.keys().map(|path| &**path))) {
        (Some(date), _) => format!("it is held back until its date, {date}"),
        _ if site.is_left_out(&file) => "it is a draft, or in a drafted section".to_owned(),
        (_, Some(near)) => format!("did you mean `@/{near}`?"),
        (_, None) => "the path begins in `content/`, as in `@/posts/my-post.md`".to_owned(),
    };
    Some(Diagnostic::error(format!("the menu leads to `{path}`, which is not there")).at(location(".path")).help(help))
}

/// The paths of the menu's entries that lead to places on the site, with where they are written.
pub fn paths(site: &Site, world: &dyn World) -> Vec<(String, Location)> {
    let config = &site.config;
    let entries = config.extra.get("menu").and_then(Value::as_array).filter(|_| shows_salon(&site.config, world));
    let path = |(index, entry): (usize, &Value)| {
        let path = entry.get("path")?.as_str().filter(|path| !path.starts_with("@/") && !is_whole_url(path))?;
        Some((path.to_owned(), config.location(&format!("extra.menu.{index}.path"))))
    };
    entries.into_iter().flatten().enumerate().filter_map(path).collect()
}
