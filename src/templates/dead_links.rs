//! Links of bodies to addresses on the site where nothing is.
//!
//! Internal links (`@/posts/a.md`) are checked wherever they are rendered. Those that an author writes as addresses are
//! looked at by `causerie check` alone, as something else than this site may answer at them.

use std::borrow::Cow;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::body::find;
use super::library::Library;
use crate::diagnostic::{Diagnostic, Location, nearest};
use crate::markdown::html::{Token, Tokens, attributes};
use crate::parallel::AT_ONCE;
use crate::site::ContentId;

/// For so many it is looked for what was meant: each takes a look at every output.
const MOST_ADVISED: usize = 100;

/// A link that leads nowhere.
struct DeadLink<'a> {
    /// The file that it is in, below `content/`.
    from: &'a str,
    /// Where it leads, as an author would write it.
    written: String,
    /// The path on the site, without slashes around it.
    path: String,
    at: Location,
}

impl Library {
    /// Warns of the links and pictures in bodies that lead to no output. `outputs` are the paths of all.
    pub fn dead_links<'a>(self: &Arc<Self>, outputs: impl Iterator<Item = &'a str>) -> Vec<Diagnostic> {
        let outputs: FxHashSet<&str> = outputs.collect();
        let all: Vec<ContentId> = self.site.contents().collect();
        let dead: Vec<DeadLink<'_>> =
            all.par_iter().with_max_len(AT_ONCE).flat_map_iter(|&id| self.dead_links_of(id, &outputs)).collect();
        let warning = |(index, dead): (usize, DeadLink<'_>)| {
            let meant = (index < MOST_ADVISED).then(|| self.meant(&dead, &outputs)).flatten();
            let DeadLink { written, path, .. } = &dead;
            let otherwise = || match written.split('/').next() {
                Some(first) if !first.is_empty() && !first.contains(':') => {
                    "put the file into the page's own folder, beside its `index.md`".to_owned()
                }
                _ => {
                    format!("if something else answers there, say so: skip_prefixes = [\"/{path}\"] in [link_checker]")
                }
            };
            let problem = Diagnostic::warning(format!("nothing of this site is at `/{path}`"));
            problem.help(meant.unwrap_or_else(otherwise)).at(dead.at)
        };
        dead.into_par_iter().enumerate().map(warning).collect()
    }

    fn dead_links_of(self: &Arc<Self>, id: ContentId, outputs: &FxHashSet<&str>) -> Vec<DeadLink<'_>> {
        let content = self.site.content(id);
        let checker = &self.site.config.link_checker;
        if checker.ignored_files.is_match(content.file.relative()) {
            return Vec::new();
        }
        let is_skipped =
            |path: &str| checker.skip_prefixes.iter().any(|prefix| format!("/{path}/").starts_with(prefix.as_str()));
        let body = self.body(id);
        let mut dead: Vec<DeadLink<'_>> = Vec::new();
        for url in destinations(&body.html) {
            let Some(path) = path_of(&self.site.config.base_url, &content.path, &url) else { continue };
            if is_there(outputs, &path) || is_skipped(&path) || dead.iter().any(|dead| dead.path == path) {
                continue;
            }
            // A file beside the page has its whole address by now.
            let written = url.strip_prefix(content.permalink.as_str()).unwrap_or(&url).to_owned();
            let at = match content.source.read(&*self.world) {
                Ok(source) => find(&source, content, &written, &(0..0)),
                Err(_) => content.location(),
            };
            dead.push(DeadLink { from: content.file.relative(), written, path, at });
        }
        dead
    }

    /// What was meant.
    fn meant(&self, DeadLink { from, written, path, .. }: &DeadLink<'_>, outputs: &FxHashSet<&str>) -> Option<String> {
        if written.ends_with(".md") {
            let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
            let beside =
                plain(&format!("{folder}/{written}")).filter(|file| self.site.by_path.contains_key(file.as_str()));
            let file = beside.as_deref().unwrap_or("posts/my-post.md");
            return Some(format!("a page is linked to by its file: `@/{file}`"));
        }
        let known = outputs.iter().map(|output| output.strip_suffix("/index.html").unwrap_or(output));
        nearest(path, known).map(|near| format!("did you mean `/{near}`?"))
    }
}

/// Everything that a piece of HTML leads to or shows.
fn destinations(html: &str) -> impl Iterator<Item = String> {
    let starts = Tokens::of(html).filter_map(|token| match token {
        Token::Start { attributes, .. } => Some(attributes),
        _ => None,
    });
    starts
        .flat_map(|all| attributes(all).filter(|(name, _)| matches!(*name, "href" | "src")))
        .map(|(_, url)| url.into())
}

/// The path on the site that a URL on a page names, without query, anchor and the slashes around it; none if it leads
/// elsewhere, or to the page itself.
fn path_of(base_url: &str, page: &str, url: &str) -> Option<String> {
    let url = url.split(['?', '#']).next().filter(|url| !url.is_empty())?;
    let has_scheme = url.split('/').next().is_some_and(|first| first.contains(':'));
    let host_end = base_url.match_indices('/').nth(2).map_or(base_url.len(), |(at, _)| at);
    let whole = match url {
        _ if has_scheme => Cow::Borrowed(url),
        _ if url.starts_with("//") => return None,
        _ if url.starts_with('/') => Cow::Owned(format!("{}{url}", &base_url[..host_end])),
        _ => Cow::Owned(format!("{base_url}{page}{url}")),
    };
    let path = whole.strip_prefix(base_url).filter(|path| path.is_empty() || path.starts_with('/'))?;
    plain(&percent_decode_str(path).decode_utf8_lossy())
}

/// A path without `.` and `..`, and without slashes around it; none if it leads out of the root.
fn plain(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Whether an output is at a path, or in the folder of that name.
fn is_there(outputs: &FxHashSet<&str>, path: &str) -> bool {
    let index = if path.is_empty() { "index.html".to_owned() } else { format!("{path}/index.html") };
    outputs.contains(path) || outputs.contains(index.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_path_of_the_site_or_none() {
        for (url, expected) in [
            ("pot.jpg", Some("posts/tea/pot.jpg")),
            ("./pot.jpg?x#y", Some("posts/tea/pot.jpg")),
            ("../coffee/", Some("posts/coffee")),
            ("../../../..", None),
            ("/posts/coffee%20beans/", Some("posts/coffee beans")),
            ("https://a.example/x/", Some("x")),
            ("https://a.example", Some("")),
            ("https://a.example.org/x", None),
            ("https://b.example/x", None),
            ("//a.example/x", None),
            ("mailto:jo@a.example", None),
            ("#top", None),
            ("", None),
        ] {
            assert_eq!(path_of("https://a.example", "/posts/tea/", url).as_deref(), expected, "{url}");
        }
        for (url, expected) in [
            ("/blog/posts/", Some("posts")),
            ("/blog", Some("")),
            ("/blogs/", None),
            ("/", None),
            ("x", Some("posts/tea/x")),
        ] {
            assert_eq!(path_of("https://a.example/blog", "/posts/tea/", url).as_deref(), expected, "{url}");
        }
    }
}
