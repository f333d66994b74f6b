//! Finds the pages of a folder by whatever names them: a file, a slug, an address.

use rustc_hash::FxHashMap;

use super::addresses::{normal, split};

/// The pages by their names. Where two share a name, the first has it.
#[derive(Default)]
pub struct PageNames(FxHashMap<String, usize>);

impl PageNames {
    /// Adds a name.
    pub fn insert(&mut self, name: &str, page: usize) {
        let name = plain(name);
        for name in [slug(&name), name] {
            if !name.is_empty() {
                self.0.entry(name).or_insert(page);
            }
        }
    }

    /// Adds an address, also as comment systems make a name of it: with hyphens, or without anything between its parts.
    pub fn insert_address(&mut self, address: &str, page: usize) {
        let path = normal(address);
        let path = path.trim_end_matches(".html");
        self.insert(path, page);
        self.insert(&path.replace('/', ""), page);
    }

    /// The page with exactly this name.
    pub fn exact(&self, name: &str) -> Option<usize> {
        self.0.get(&plain(name)).copied()
    }

    /// The page that a name means: exactly, or but for its signs.
    pub fn find(&self, name: &str) -> Option<usize> {
        let path = split(name.trim()).map(|address| address.path)?;
        let path = normal(&path);
        let path = path.trim_end_matches(".html");
        self.exact(path).or_else(|| self.0.get(&slug(path)).copied())
    }
}

fn plain(name: &str) -> String {
    name.trim().trim_matches('/').to_lowercase()
}

/// A name of letters, digits and hyphens, in small letters.
pub fn slug(text: &str) -> String {
    let text = text.to_lowercase();
    text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_found_by_all_their_names() {
        let mut names = PageNames::default();
        names.insert_address("/2019/05/01/My Tea/", 1);
        names.insert("_posts/2019-05-01-my-tea.md", 1);
        names.insert("about", 2);
        names.insert("about", 3);
        for name in [
            "2019-05-01-my-tea",
            "/2019/05/01/my tea/",
            "https://x.example/2019/05/01/my%20tea/index.html",
            "20190501my tea",
            "-2019-05-01-my-tea-",
        ] {
            assert_eq!(names.find(name), Some(1), "{name}");
        }
        assert_eq!((names.find("About"), names.find("x"), names.find("/")), (Some(2), None, None));
    }
}
