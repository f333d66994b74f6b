//! Finds the output for the path of a request.
//!
//! This uses no file system. A path can only name an output of the plan.

use percent_encoding::percent_decode_str;

/// The output that the server shows for a path without an output.
pub const NOT_FOUND: &str = "404.html";

/// What the path of a request names. `T` is what the caller looks up for an output: its bytes, or its fingerprint.
#[derive(Debug, PartialEq, Eq)]
pub enum PathTarget<T> {
    /// An output, by its path.
    Output(String, T),
    /// A folder with an index, without the slash at the end of its path.
    Folder,
    /// The root of the server, if the site is below a folder.
    Above,
    /// A path outside the path of the site.
    Outside,
    /// Nothing.
    Nothing,
}

/// Finds what a path names. `path` is the raw path of the request, `base` the path of the site, with a slash at both ends, and
/// `look_up` looks an output up by its path.
pub fn find<T>(path: &str, base: &str, mut look_up: impl FnMut(&str) -> Option<T>) -> PathTarget<T> {
    let Some(path) = decode(path) else { return PathTarget::Nothing };
    let base = percent_decode_str(base).decode_utf8_lossy();
    let Some(inside) = path.strip_prefix(&*base) else {
        if path == base.trim_end_matches('/') {
            return PathTarget::Folder;
        }
        return if path == "/" { PathTarget::Above } else { PathTarget::Outside };
    };
    if inside.is_empty() || inside.ends_with('/') {
        let index = format!("{inside}index.html");
        return look_up(&index).map_or(PathTarget::Nothing, |output| PathTarget::Output(index, output));
    }
    if let Some(output) = look_up(inside) {
        return PathTarget::Output(inside.to_owned(), output);
    }
    match look_up(&format!("{inside}/index.html")) {
        Some(_) => PathTarget::Folder,
        None => PathTarget::Nothing,
    }
}

/// Decodes the segments of a path once, so that an encoded slash separates nothing. `None` if no output can have this path.
fn decode(path: &str) -> Option<String> {
    let path = path.strip_prefix('/')?;
    let mut decoded = String::with_capacity(path.len() + 1);
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        let part = percent_decode_str(part).decode_utf8().ok()?;
        let is_last = parts.peek().is_none();
        if part.is_empty() && !is_last || !is_portable_name(&part) {
            return None;
        }
        decoded.push('/');
        decoded.push_str(&part);
    }
    Some(decoded)
}

/// Whether a decoded segment of a path can be the name of a file or folder on every system.
fn is_portable_name(part: &str) -> bool {
    let names_drive = matches!(part.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    !names_drive && !matches!(part, "." | "..") && !part.contains(|c: char| matches!(c, '/' | '\\') || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &[&str] = &[
        "index.html",
        "404.html",
        "CNAME",
        "posts/index.html",
        "posts/tea/index.html",
        "posts/tea/leaf.png",
        "with space/index.html",
        "thé.txt",
        "100%25.txt",
        "blog/index.html",
    ];

    fn at(base: &str, path: &str) -> PathTarget<()> {
        find(path, base, |output| PLAN.contains(&output).then_some(()))
    }

    fn output(path: &str) -> PathTarget<()> {
        PathTarget::Output(path.to_owned(), ())
    }

    #[test]
    fn paths_lead_to_outputs() {
        for (path, found) in [
            ("/", output("index.html")),
            ("/index.html", output("index.html")),
            ("/CNAME", output("CNAME")),
            ("/posts/", output("posts/index.html")),
            ("/posts", PathTarget::Folder),
            ("/posts/tea/", output("posts/tea/index.html")),
            ("/posts/tea", PathTarget::Folder),
            ("/posts/tea/leaf.png", output("posts/tea/leaf.png")),
            ("/p%6fsts/t%65a/", output("posts/tea/index.html")),
            ("/with%20space/", output("with space/index.html")),
            ("/th%C3%A9.txt", output("thé.txt")),
            ("/thé.txt", output("thé.txt")),
            ("/100%2525.txt", output("100%25.txt")),
            ("/404.html", output("404.html")),
        ] {
            assert_eq!(at("/", path), found, "{path}");
        }
    }

    /// None of these may even be asked for.
    #[test]
    fn hostile_paths_lead_nowhere() {
        for path in [
            "",
            "*",
            "index.html",
            "http://elsewhere.example/",
            "//",
            "//posts/",
            "///etc/passwd",
            "/posts//tea/",
            "/posts/tea//",
            "/.",
            "/..",
            "/./index.html",
            "/../index.html",
            "/posts/../index.html",
            "/posts/tea/..",
            "/%2e%2e/index.html",
            "/.%2e/index.html",
            "/%2E%2e/%2e%2E/etc/passwd",
            "/posts/%2e/",
            "/..%2f..%2fetc%2fpasswd",
            "/posts%2ftea/",
            "/posts%2Ftea%2Findex.html",
            "/%2f",
            "/%2fetc/passwd",
            "/%5c..%5c",
            "/..%5c..%5cwindows",
            "/posts\\tea",
            "/%00",
            "/index.html%00",
            "/index.html%00.png",
            "/index.html%0a",
            "/%0d%0aSet-Cookie:%20a=b",
            "/%7f",
            "/%c2%85",
            "/C:/windows/win.ini",
            "/c:windows",
            "/C%3A/windows",
            "/c%3a",
            "/posts/C:/windows",
            "/%ff",
            "/%c0%ae%c0%ae/",
            "/%c0%af",
            "/%ed%a0%80",
        ] {
            assert_eq!(
                find(path, "/", |asked| -> Option<()> { panic!("{path} asks for {asked}") }),
                PathTarget::Nothing
            );
        }
    }

    /// Paths that are odd, and may be asked for, since no output has such a name.
    #[test]
    fn odd_paths_lead_nowhere() {
        for path in [
            "/%252e%252e/index.html",
            "/%252e%252e%252findex.html",
            "/%2500",
            "/index.html/",
            "/index.html/index.html",
            "/INDEX.HTML",
            "/index.html%20",
            "/index.html.",
            "/...",
            "/.../",
            "/~root",
            "/%zz",
            "/%",
            "/posts/tea/leaf.png/",
            "/site.toml",
            "/content/posts/tea.md",
            "/.causerie-manifest",
            "/.git/config",
            "/con",
            "/index.html::$DATA",
        ] {
            assert_eq!(at("/", path), PathTarget::Nothing, "{path}");
        }
    }

    #[test]
    fn a_site_may_begin_below_the_root() {
        for (path, found) in [
            ("/blog/", output("index.html")),
            ("/blog", PathTarget::Folder),
            ("/bl%6fg/posts/", output("posts/index.html")),
            ("/blog/posts", PathTarget::Folder),
            ("/blog/blog/", output("blog/index.html")),
            ("/", PathTarget::Above),
            ("/posts/", PathTarget::Outside),
            ("/blogposts/", PathTarget::Outside),
            ("/blo", PathTarget::Outside),
            ("/blog/../", PathTarget::Nothing),
            ("/blog//", PathTarget::Nothing),
        ] {
            assert_eq!(at("/blog/", path), found, "{path}");
        }
        assert_eq!(at("/th%C3%A9/", "/th%C3%A9/"), output("index.html"));
        assert_eq!(at("/thé/", "/th%C3%A9/posts"), PathTarget::Folder);
    }
}
