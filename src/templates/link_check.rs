//! Checks whether links, pictures and configured paths on the site have an output.
//!
//! Internal links (`@/posts/a.md`) are checked where they are rendered. Explicit addresses are checked at the end of a
//! build or check, when all outputs are known. A dead one is a warning, not an error, because the same host may serve
//! other things than this site.

use std::sync::{Arc, LazyLock};

use percent_encoding::percent_decode_str;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::library::Library;
use crate::config::{Config, Mode, encode_path, is_whole_url, scheme, shows_salon, split_origin};
use crate::diagnostic::{Diagnostic, Location, MAX_SUGGESTIONS, SourceText, nearest, truncate_to_listed};
use crate::markdown::html::{Token, Tokens, attributes};
use crate::parallel::AT_ONCE;
use crate::search;
use crate::site::{Content, ContentId, Site};
use crate::source::plain_path;

/// A link to an address without an output.
struct DeadLink<'a> {
    /// The page or section that it is in.
    content: &'a Content,
    /// The destination, as an author would write it.
    written: String,
    /// The same as a path on the site.
    path: SitePath,
    at: Location,
}

/// A path on the site.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct SitePath {
    /// The path from the site's root, without slashes around it.
    name: String,
    /// Whether it names a folder.
    is_folder: bool,
    /// Whether the address lacks the folder that the site itself is in, so that it leads out of the site.
    is_outside: bool,
}

/// The paths of all outputs.
struct OutputPaths<'a>(FxHashSet<&'a str>);

impl OutputPaths<'_> {
    /// Whether an address has an output, or may have one: the files of the search index are not known yet.
    fn has(&self, SitePath { name, is_folder, .. }: &SitePath) -> bool {
        let index = if name.is_empty() { "index.html".to_owned() } else { format!("{name}/index.html") };
        !is_folder && self.0.contains(name.as_str())
            || self.0.contains(index.as_str())
            || name.split('/').next() == Some(search::FOLDER)
    }

    /// Returns the output whose path is most similar to a misspelt one.
    fn nearest(&self, name: &str) -> Option<SitePath> {
        let known = self.0.iter().map(|output| output.strip_suffix("/index.html").unwrap_or(output));
        let name = nearest(name, known)?.to_owned();
        Some(SitePath { is_folder: !self.0.contains(name.as_str()), name, is_outside: false })
    }
}

/// A check of the links of a site against its outputs.
pub struct LinkCheck<'a> {
    library: &'a Arc<Library>,
    site: &'a Site,
    outputs: OutputPaths<'a>,
    /// Whether the built-in theme shows the pages.
    shows_salon: bool,
}

impl<'a> LinkCheck<'a> {
    /// Creates a check. `outputs` are the paths of all outputs.
    pub fn new(library: &'a Arc<Library>, outputs: &[&'a str]) -> Self {
        let site = &library.site;
        let outputs = OutputPaths(outputs.iter().copied().collect());
        Self { library, site, outputs, shows_salon: shows_salon(&site.config, &*library.world) }
    }

    /// Warns of links and pictures in bodies that lead to no output. A build reports the first ones, a check all.
    pub fn check_bodies(&self) -> Vec<Diagnostic> {
        let all: Vec<ContentId> = self.site.contents().collect();
        let mut dead: Vec<DeadLink<'_>> =
            all.par_iter().with_max_len(AT_ONCE).flat_map_iter(|&id| self.dead_links_in(id)).collect();
        let more = if self.library.mode == Mode::Check { 0 } else { truncate_to_listed(&mut dead) };
        let by_name = LazyLock::new(|| {
            let named = |&id: &ContentId| (self.site.content(id).path.trim_matches('/'), id);
            // The first page with a path wins.
            all.iter().rev().map(named).collect::<FxHashMap<&str, ContentId>>()
        });
        let warning = |(index, dead): (usize, DeadLink<'_>)| {
            let named = by_name.get(dead.path.name.as_str()).map(|&id| self.site.content(id).file.relative());
            if dead.path.is_outside {
                return self.outside_warning(dead, named);
            }
            let help = if index < MAX_SUGGESTIONS { self.suggestion(&dead, named) } else { None };
            let address = self.address(&dead.path);
            let help = help.unwrap_or_else(|| {
                let prefix = toml::Value::from(address.as_str());
                format!("if something else answers there, say so: skip_prefixes = [{prefix}] in [link_checker]")
            });
            Diagnostic::warning(format!("nothing of this site is at `{address}`")).help(help).at(dead.at)
        };
        let mut warnings: Vec<Diagnostic> = dead.into_par_iter().enumerate().map(warning).collect();
        if more > 0 {
            let links = if more == 1 { "link leads" } else { "links lead" };
            let message = format!("{more} more {links} to no page or file of this site");
            warnings.push(Diagnostic::warning(message).help("`causerie check` reports all of them"));
        }
        warnings
    }

    /// Warns of paths in the configuration without an output. Each comes with its location. `advice` is the help where no
    /// output has a similar path.
    pub fn check_paths(&self, written: Vec<(String, Location)>, advice: &str) -> Vec<Diagnostic> {
        let skips = &self.site.config.link_checker.skip_prefixes;
        let dead = |(written, at): (String, Location)| {
            let path = written.split(['?', '#']).next().unwrap_or_default();
            let name = plain_path(&percent_decode_str(path.trim_start_matches('/')).decode_utf8_lossy())?;
            let path = SitePath { name, is_folder: false, is_outside: false };
            let address = self.address(&path);
            if self.outputs.has(&path) || skips.iter().any(|prefix| address.starts_with(prefix.as_str())) {
                return None;
            }
            let help = match self.outputs.nearest(&path.name) {
                Some(near) => format!("did you mean `{}`?", near.name),
                None => advice.to_owned(),
            };
            Some(Diagnostic::warning(format!("nothing of this site is at `{address}`")).at(at).help(help))
        };
        written.into_iter().filter_map(dead).collect()
    }

    fn dead_links_in(&self, id: ContentId) -> Vec<DeadLink<'a>> {
        let content = self.site.content(id);
        let config = &self.site.config;
        if config.link_checker.ignored_files.is_match(content.file.relative()) {
            return Vec::new();
        }
        let is_skipped = |url: &str, path: &SitePath| {
            let origin = if path.is_outside { split_origin(&config.base_url).0 } else { &config.base_url };
            let (address, absolute) = (self.address(path), format!("{origin}/{}", path.name));
            let begins = |prefix: &String| [url, &address, &absolute].iter().any(|it| it.starts_with(prefix.as_str()));
            config.link_checker.skip_prefixes.iter().any(begins)
        };
        let page = encode_path(content.path.rfind('/').map_or("", |end| &content.path[..=end]));
        let mut reported: FxHashSet<SitePath> = FxHashSet::default();
        let mut dead = Vec::new();
        let base = content.base();
        let picture = self.picture(id);
        // Its path begins at the site's root or beside the page.
        let picture_url = picture.map(|path| match path.strip_prefix('/') {
            Some(path) => format!("{}/{path}", config.base_url),
            None => format!("{}/{path}", base.rsplit_once('/').map_or("", |(folder, _)| folder)),
        });
        for url in self.library.outline(id).destinations.iter().chain(&picture_url) {
            let Some(path) = path_of(&config.base_url, &page, url) else { continue };
            // Other things may be on the same host. A link out of the site is wrong only if the site has that path.
            let is_dead = self.outputs.has(&path) == path.is_outside && !(path.is_outside && path.name.is_empty());
            if is_dead && !is_skipped(url, &path) && reported.insert(path.clone()) {
                dead.push((path, url));
            }
        }
        if dead.is_empty() {
            return Vec::new();
        }
        let source = content.source.read(&*self.library.world).ok();
        let located = |(path, url): (SitePath, &String)| {
            // Rendering made relative links absolute; the author may have written a relative one.
            let of_picture = picture.filter(|_| Some(url) == picture_url.as_ref()).map(str::to_owned);
            let forms = || of_picture.clone().into_iter().chain(relative_forms(&base, url));
            let (at, written) = locate(content, source.as_ref(), forms);
            DeadLink { content, written, path, at }
        };
        dead.into_iter().map(located).collect()
    }

    /// The picture of this site that the built-in theme shows above a page's text: `image` in the page's `[extra]`.
    fn picture(&self, id: ContentId) -> Option<&'a str> {
        let extra = match id {
            ContentId::Page(id) => &self.site.page(id).meta.extra,
            ContentId::Section(id) => &self.site.section(id).meta.extra,
        };
        let path = extra.get("image")?.as_str().filter(|path| !path.is_empty() && !path.starts_with("//"))?;
        (self.shows_salon && !is_whole_url(path)).then_some(path)
    }

    /// Warns of a link that lacks the site's own folder. `named` is the file of the page that it means, if any.
    fn outside_warning(&self, DeadLink { written, at, .. }: DeadLink<'_>, named: Option<&str>) -> Diagnostic {
        let (origin, folder) = split_origin(&self.site.config.base_url);
        let within = format!("{folder}{}", written.strip_prefix(origin).unwrap_or(&written));
        let anchor = written.find('#').map_or("", |at| &written[at..]);
        let help = match named {
            Some(file) => format!("write `{within}`, or `@/{file}{anchor}`, which holds wherever the site lies"),
            None => format!("write `{within}`"),
        };
        let message = format!("`{written}` leads out of the site, which begins at `{folder}/`");
        Diagnostic::warning(message).at(at).help(help)
    }

    /// Returns the address of a path as an author can link to it: with the site's own folder.
    fn address(&self, SitePath { name, is_folder, is_outside }: &SitePath) -> String {
        let (_, folder) = split_origin(&self.site.config.base_url);
        let folder = if *is_outside { "" } else { folder };
        let end = if *is_folder && !name.is_empty() { "/" } else { "" };
        format!("{folder}/{name}{end}")
    }

    /// Suggests what the author meant. `hidden` is the file of a page that has no output.
    fn suggestion(&self, dead: &DeadLink<'_>, hidden: Option<&str>) -> Option<String> {
        let DeadLink { content, written, path, .. } = dead;
        let (site, outputs) = (self.site, &self.outputs);
        if let Some(file) = hidden {
            return Some(format!("`{file}` is not rendered, so that it has no page"));
        }
        let written = written.split(['?', '#']).next().unwrap_or_default();
        let last = written.rsplit('/').next().unwrap_or_default();
        if last.ends_with(".md") {
            let folder = content.file.relative().rsplit_once('/').map_or("", |(folder, _)| folder);
            let beside = plain_path(&format!("{folder}/{written}")).filter(|file| site.at_file(file).is_some());
            let is_named = |file: &&Arc<str>| file.rsplit('/').next() == Some(last);
            let named = || site.by_path.keys().filter(is_named).min().map(ToString::to_string);
            let file = beside.or_else(named).unwrap_or_else(|| "posts/my-post.md".to_owned());
            return Some(format!("a page is linked to by its file: `@/{file}`"));
        }
        let from_root = plain_path(written).map(|name| SitePath { name, ..path.clone() });
        if let Some(path) = from_root.filter(|path| outputs.has(path)).or_else(|| outputs.nearest(&path.name)) {
            return Some(format!("did you mean `{}`?", self.address(&path)));
        }
        let is_beside = !written.starts_with('/') && !written.contains(':');
        (is_beside && last.contains('.') && !last.ends_with(".html"))
            .then(|| "put the file into the page's own folder, beside its `index.md`".to_owned())
    }
}

/// Returns the addresses on the site that a piece of HTML links to or shows, each once. Internal links are left out: they are
/// checked where they are rendered.
pub(super) fn destinations(config: &Config, html: &str) -> Vec<String> {
    // Only the host counts here: the same relative address may leave the site from one page and not from another.
    all_destinations(html, |url| {
        !url.starts_with('#') && !url.starts_with("@/") && path_below(&config.base_url, "/", url).is_some()
    })
}

/// Returns the addresses that a piece of HTML links to or shows, each once.
pub(super) fn all_destinations(html: &str, is_wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let starts = Tokens::of(html).filter_map(|token| match token {
        Token::Start { attributes, .. } => Some(attributes),
        _ => None,
    });
    let is_destination = |name: &str| name.eq_ignore_ascii_case("href") || name.eq_ignore_ascii_case("src");
    let urls = starts.flat_map(|all| attributes(all).filter(|(name, _)| is_destination(name)));
    let mut known: FxHashSet<String> = FxHashSet::default();
    let urls = urls.map(|(_, url)| url.trim_ascii().to_owned());
    urls.filter(|url| !url.is_empty() && is_wanted(url) && known.insert(url.clone())).collect()
}

/// Returns what an author may have written for an absolute URL on a page: relative forms, the likeliest first, then the URL.
fn relative_forms<'a>(base: &'a str, url: &'a str) -> impl Iterator<Item = String> + 'a {
    let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
    let folders = std::iter::successors(Some(folder), |folder| Some(folder.rsplit_once('/')?.0));
    let forms = folders.enumerate().filter_map(move |(up, folder)| {
        let rest = url.strip_prefix(folder)?.strip_prefix('/')?;
        Some(["../".repeat(up), rest.to_owned()].concat())
    });
    let likeliest = forms.take(32).flat_map(|form| ["", "./"].map(|here| [here, &form].concat()));
    likeliest.filter(|form| !form.is_empty()).chain([url.to_owned()])
}

/// Locates a link in the file of its page, by the forms in which the author may have written it: in the text, or else in the front
/// matter. Without a place the location is the file, and the form the first one.
pub(super) fn locate<I: Iterator<Item = String>>(
    content: &Content,
    source: Option<&SourceText>,
    forms: impl Fn() -> I,
) -> (Location, String) {
    let place = source.and_then(|source| {
        let start = content.source.body_start;
        let (front_matter, body) = source.text.split_at_checked(start)?;
        let find = |text: &str| forms().find_map(|written| Some((destination_in(text, &written)?, written)));
        let in_body = find(body).map(|(at, written)| (start + at, written));
        let (at, written) = in_body.or_else(|| find(front_matter))?;
        Some((Location::span(source, at..at + written.len()), written))
    });
    place.unwrap_or_else(|| (content.location(), forms().next().unwrap_or_default()))
}

/// Finds a URL in a Markdown text where it is the destination of a link or picture.
fn destination_in(text: &str, url: &str) -> Option<usize> {
    let is_edge = |c: Option<char>, edges: &str| c.is_none_or(|c| c.is_whitespace() || edges.contains(c));
    text.match_indices(url).map(|(at, _)| at).find(|&at| {
        let (before, behind) = (text[..at].chars().next_back(), text[at + url.len()..].chars().next());
        is_edge(before, "(<\"'=:") && is_edge(behind, ")>\"'")
    })
}

/// Returns the path on the site that a URL on a page names; none if it leads elsewhere.
fn path_of(base_url: &str, page: &str, url: &str) -> Option<SitePath> {
    let (path, is_outside) = path_below(base_url, page, url)?;
    let name = plain_path(&percent_decode_str(&path).decode_utf8_lossy())?;
    Some(SitePath { name, is_folder: path.ends_with('/'), is_outside })
}

/// Returns the path on the site that a whole URL or one from the root names; none if it leads elsewhere.
pub(super) fn site_path(base_url: &str, url: &str) -> Option<String> {
    let is_rooted = url.starts_with('/') || scheme(url).is_some();
    let path = path_of(base_url, "/", url).filter(|path| is_rooted && !path.is_outside && !path.is_folder)?;
    Some(path.name)
}

/// Returns the path of a URL on a page below the site's own address, and whether it leads out of the site. A path out of the
/// site is relative to the host. None if the URL names another host.
pub(super) fn path_below(base_url: &str, page: &str, url: &str) -> Option<(String, bool)> {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let absolute = match url {
        _ if scheme(url).is_some() => url.to_owned(),
        _ if url.starts_with("//") => return None,
        _ if url.starts_with('/') => format!("{}{url}", split_origin(base_url).0),
        _ => format!("{base_url}{page}{url}"),
    };
    let below = |address: &str| absolute.strip_prefix(address).filter(|path| path.is_empty() || path.starts_with('/'));
    let inside = below(base_url).map(|path| (path.to_owned(), false));
    inside.or_else(|| Some((below(split_origin(base_url).0)?.to_owned(), true)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_place_on_the_site_or_none() {
        let named = |base: &str, url: &str| path_of(base, "/posts/tea/", url).map(|path| (path.name, path.is_folder));
        for (url, expected) in [
            ("pot.jpg", Some(("posts/tea/pot.jpg", false))),
            ("./pot.jpg?x#y", Some(("posts/tea/pot.jpg", false))),
            ("../coffee/", Some(("posts/coffee", true))),
            ("?page=2", Some(("posts/tea", true))),
            ("../../../..", None),
            ("/posts/coffee%20beans/", Some(("posts/coffee beans", true))),
            ("https://a.example/x/", Some(("x", true))),
            ("https://a.example", Some(("", false))),
            ("https://a.example.org/x", None),
            ("https://b.example/x", None),
            ("//a.example/x", None),
            ("mailto:jo@a.example", None),
        ] {
            let expected = expected.map(|(name, is_folder)| (name.to_owned(), is_folder));
            assert_eq!(named("https://a.example", url), expected, "{url}");
        }
        for (url, expected) in [
            ("/blog/posts/", Some("posts")),
            ("/blog", Some("")),
            ("/blogs/", Some("out of it: blogs")),
            ("/", Some("out of it: ")),
            ("https://a.example/posts/", Some("out of it: posts")),
            ("https://b.example/posts/", None),
            ("x", Some("posts/tea/x")),
        ] {
            let path = path_of("https://a.example/blog", "/posts/tea/", url);
            let name = path.map(|path| if path.is_outside { format!("out of it: {}", path.name) } else { path.name });
            assert_eq!(name.as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn a_destination_is_found_where_it_is_one() {
        for (text, url, expected) in [
            ("a posts [pos](posts/) [pos](pos)", "pos", Some("a posts [pos](posts/) [pos](".len())),
            ("![x](a.jpg \"x\")", "a.jpg", Some(5)),
            ("[a]\n\n[a]: /b", "/b", Some(10)),
            ("<a href=/b>", "/b", Some(8)),
            ("/bb", "/b", None),
        ] {
            assert_eq!(destination_in(text, url), expected, "{text}");
        }
    }
}
