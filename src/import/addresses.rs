//! Addresses of the old blog.

use percent_encoding::percent_decode_str;
use rustc_hash::FxHashMap;

/// Finds what an address of the old blog leads to.
#[derive(Default)]
pub struct Addresses {
    host: String,
    by_path: FxHashMap<String, usize>,
    by_key: FxHashMap<String, usize>,
}

/// An address of the blog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlogAddress {
    /// The path, decoded.
    pub path: String,
    /// The query.
    pub query: String,
    /// What stands behind the `#`.
    pub fragment: String,
}

impl Addresses {
    /// An index for a blog at an address.
    pub fn new(blog: &str) -> Self {
        Self { host: host(blog).unwrap_or_default(), ..Self::default() }
    }

    /// Remembers that an item has an address.
    pub fn insert(&mut self, url: &str, item: usize) {
        if let Some(address) = split(url)
            && !normal(&address.path).is_empty()
        {
            self.by_path.entry(normal(&address.path)).or_insert(item);
        }
    }

    /// Remembers that an item has a key, by which `?p=KEY` finds it.
    pub fn insert_key(&mut self, key: &str, item: usize) {
        self.by_key.insert(key.to_owned(), item);
    }

    /// The item that was a file of a source, seen from the file `from`.
    pub fn find_file(&self, url: &str, from: &str) -> Option<usize> {
        let path = percent_decode_str(url.split(['?', '#']).next()?).decode_utf8().ok()?;
        if !path.ends_with(".md") && !path.ends_with(".markdown") && !path.ends_with(".html") {
            return None;
        }
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        let top = from.split_once('/').map_or("", |(top, _)| top);
        let seen_from = if path.starts_with('/') { top } else { folder };
        let file = crate::source::plain_path(&format!("{seen_from}/{path}"))?;
        self.by_key.get(&file).copied()
    }

    /// The parts of an address, if it is one of the blog.
    pub fn own(&self, url: &str) -> Option<BlogAddress> {
        let is_own = url.starts_with('/') && !url.starts_with("//")
            || host(url).is_some_and(|host| !self.host.is_empty() && host == self.host);
        if is_own { split(url) } else { None }
    }

    /// The item at an address.
    pub fn find(&self, address: &BlogAddress) -> Option<usize> {
        let id =
            address.query.split('&').find_map(|pair| ["p=", "page_id="].iter().find_map(|key| pair.strip_prefix(key)));
        match id {
            Some(id) => self.by_key.get(id).copied(),
            None => self.by_path.get(&normal(&address.path)).copied(),
        }
    }
}

/// The host of an address, without `www.`, in small letters.
pub fn host(url: &str) -> Option<String> {
    let rest = url
        .split_once("//")
        .filter(|(scheme, _)| matches!(scheme.to_ascii_lowercase().as_str(), "" | "http:" | "https:"))?
        .1;
    let host = rest.split(['/', '?', '#']).next()?.to_ascii_lowercase();
    Some(host.strip_prefix("www.").unwrap_or(&host).to_owned()).filter(|host| !host.is_empty())
}

/// The parts of an address behind its host.
pub fn split(url: &str) -> Option<BlogAddress> {
    let rest = match url.split_once("//") {
        Some((scheme, rest)) if scheme.len() < 7 && !scheme.contains('/') => {
            &rest[rest.find(['/', '?', '#']).unwrap_or(rest.len())..]
        }
        _ => url,
    };
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    let path = decoded.trim_matches('/').to_owned();
    Some(BlogAddress { path, query: query.replace("&amp;", "&"), fragment: fragment.to_owned() })
}

/// A path without what makes no difference.
pub fn normal(path: &str) -> String {
    let path = path.trim_matches('/');
    let path = path.strip_suffix("index.html").or_else(|| path.strip_suffix("index.php")).unwrap_or(path);
    path.trim_matches('/').to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_blog_are_known_in_all_their_forms() {
        let mut all = Addresses::new("https://www.Jo.example/blog");
        all.insert("http://jo.example/2009/05/h%C3%A9llo/", 1);
        all.insert_key("12", 2);
        let find = |url: &str| all.own(url).and_then(|address| all.find(&address));
        for url in [
            "/2009/05/h%C3%A9llo",
            "http://www.jo.example/2009/05/héllo/index.html?x=1#c",
            "//jo.example/2009/05/HÉLLO",
        ] {
            assert_eq!(find(url), Some(1), "{url}");
        }
        assert_eq!(find("https://jo.example/?p=12"), Some(2));
        assert_eq!(find("/?page_id=12&amp;preview=1"), Some(2));
        for url in [
            "https://other.example/2009/05/h%C3%A9llo/",
            "mailto:jo@jo.example",
            "#x",
            "2009/05/héllo",
            "/",
            "https://jo.example",
        ] {
            assert_eq!(find(url), None, "{url}");
        }
    }
}
