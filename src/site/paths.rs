//! From names of files to addresses, and from addresses to names of files.

use percent_encoding::percent_decode_str;

use crate::config::Config;
use crate::content::{FileInfo, PageMeta};
use crate::diagnostic::Diagnostic;
use crate::nfc::nfc;

/// The name, in the output folder, of the list of files that Causerie wrote there.
pub const MANIFEST: &str = ".causerie-manifest";

/// The name, in the output folder, of the folder for outputs that are not yet in place.
pub const STAGING: &str = ".causerie-staging";

/// The folder, in the output folder, of what the search reads.
pub const SEARCH_INDEX: &str = "search-index";

/// The longest name of a file or folder that common file systems hold, in bytes.
const MAX_NAME: usize = 255;

/// The longest path in the output folder, in bytes. Systems allow some 4,000 for the whole path of a file.
const MAX_PATH: usize = 3000;

/// The slug of a page, and the path of its address.
pub(super) fn page_path(meta: &PageMeta, file: &FileInfo, config: &Config) -> (String, String) {
    let name = if config.slugify.paths_keep_dates { &file.dated_slug } else { &file.slug };
    let slug = config.slugify.path(meta.slug.as_ref().unwrap_or(name));
    let path = match &meta.path {
        Some(path) => nfc(path.trim().trim_matches('/')).into_owned(),
        None => {
            let mut parts: Vec<&str> = Vec::new();
            if !config.is_default_language(&file.lang) {
                parts.push(&file.lang);
            }
            parts.extend(file.components.iter().map(String::as_str));
            parts.push(&slug);
            parts.join("/")
        }
    };
    let path = match path.as_str() {
        "" => "/".to_owned(),
        path if config.pretty_urls => format!("/{path}/"),
        path => format!("/{}.html", path.strip_suffix(".html").unwrap_or(path)),
    };
    (slug, path)
}

/// The path below which lies what belongs to a page or section: its files, and the feed of its comments.
pub(super) fn folder(path: &str) -> String {
    path.strip_suffix(".html").map_or_else(|| path.to_owned(), |stem| format!("{stem}/"))
}

/// The path of a section's address.
pub(super) fn section_path(file: &FileInfo, config: &Config) -> String {
    let mut path = String::from("/");
    if !config.is_default_language(&file.lang) {
        path.push_str(&file.lang);
        path.push('/');
    }
    for component in &file.components {
        path.push_str(component);
        path.push('/');
    }
    path
}

/// The parts of an address's path.
pub(super) fn components(path: &str) -> Vec<String> {
    path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Whether a path that somebody wrote stays below the folder that it is put into.
pub(super) fn stays_inside(path: &str) -> bool {
    !path.contains(['\0', '\\']) && !path.split('/').any(|part| part == "..")
}

/// Whether a path names a place below the folder that it is put into, and names it in one way only, on every system that tells
/// capital from small letters: two outputs of different paths are two files. Nor can a line of the manifest be taken for two.
pub fn is_plain(path: &str) -> bool {
    !path.contains(|c: char| c == '\\' || c.is_control())
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// The output that answers an address: `/posts/a/` is `posts/a/index.html`, and `/posts/a.html` is `posts/a.html`.
pub fn output_file(path: &str) -> String {
    let index = if path.ends_with('/') { "index.html" } else { "" };
    [path.trim_start_matches('/'), index].concat()
}

/// The output that answers an old address, which may name a file and be percent-encoded, as browsers show it.
pub fn alias_file(alias: &str) -> String {
    let alias = percent_decode_str(alias.trim()).decode_utf8().unwrap_or(alias.into());
    let alias = nfc(alias.trim_matches('/'));
    if alias.ends_with(".html") || alias.is_empty() { alias.into_owned() } else { format!("{alias}/index.html") }
}

/// Whether a path in the output folder is one that Causerie keeps for itself.
pub(super) fn is_reserved(path: &str) -> bool {
    matches!(path.split('/').next(), Some(MANIFEST | STAGING | SEARCH_INDEX))
}

/// Says that an output cannot have the name it would get.
pub(super) fn too_long(path: &str) -> Option<Diagnostic> {
    let part = path.split('/').find(|part| part.len() > MAX_NAME);
    let (long, what) = match part {
        Some(part) => (part, "the name of a file"),
        None if path.len() > MAX_PATH => (path, "a path"),
        None => return None,
    };
    let shown: String = long.chars().take(40).collect();
    let message = format!("`{shown}…` is {} bytes long, too long for {what}", long.len());
    Some(Diagnostic::error(message).help("give the page a shorter `slug` or `path`"))
}
