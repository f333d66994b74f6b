//! Finds pages of a Jekyll site, and what its tags name.

use super::site::{JekyllPage, JekyllSite};
use crate::import::addresses::split;
use crate::import::fields::as_text;
use crate::import::folder::stem_and_end;

impl JekyllSite<'_> {
    /// Remembers the pages by their names. Where two share one, a post goes before a page.
    pub(super) fn index(&mut self) {
        let mut numbers: Vec<usize> = (0..self.pages.len()).collect();
        numbers.sort_by_key(|number| !self.pages[*number].is_post());
        // The exact names of all pages come first.
        for &number in &numbers {
            let page = &self.pages[number];
            self.names.insert(&page.path[self.root.len()..], number);
            self.names.insert_address(page.url.strip_prefix(&self.base).unwrap_or(&page.url), number);
        }
        for number in numbers {
            let page = &self.pages[number];
            let stem = &stem_and_end(&page.path).0[self.root.len()..];
            self.names.insert(stem, number);
            self.names.insert(stem.rsplit('/').next().unwrap_or(stem), number);
            if page.is_post() {
                self.names.insert(&page.slug, number);
                self.names.insert(&page.fields.text(&["title"]).unwrap_or_default(), number);
            }
        }
    }

    /// The key of the post that a thread of comments names by its slug, its path or its address.
    pub fn find(&self, name: &str) -> Option<String> {
        let path = split(name)?.path;
        let base = self.base.trim_matches('/');
        let below = path.strip_prefix(base).filter(|_| !base.is_empty()).and_then(|path| self.names.find(path));
        below.or_else(|| self.names.find(&path)).map(|number| self.pages[number].path.clone())
    }

    /// The address of a post, by its name.
    pub fn post_url(&self, name: &str) -> Option<String> {
        let name = name.trim_matches(['"', '\'', '/']);
        let number = self.names.exact(&format!("_posts/{name}")).or_else(|| self.names.find(name));
        number.map(|number| self.pages[number].url.clone())
    }

    /// The address of a file of the site.
    pub fn link(&self, path: &str) -> Option<String> {
        let path = path.trim_matches(['"', '\'', '/']);
        let page = self.names.exact(path).map(|number| self.pages[number].url.clone());
        let file = format!("{}{path}", self.root);
        page.or_else(|| self.folder.has(&file).then(|| format!("{}/{path}", self.base)))
    }

    /// The value of a variable that is the same in the whole page.
    pub fn variable(&self, name: &str, page: &JekyllPage) -> Option<String> {
        match name {
            "site.url" => return Some(self.url.clone()),
            "site.baseurl" => return Some(self.base.clone()),
            "page.url" => return Some(page.url.clone()),
            "page.date" | "page.content" => return None,
            _ => {}
        }
        let (fields, path) = match name.split_once('.')? {
            ("site", path) => (&self.config, path),
            ("page", path) => (&page.fields, path),
            _ => return None,
        };
        let mut parts = path.split('.');
        let mut value = fields.get(parts.next()?)?;
        for part in parts {
            value = value.get(part)?;
        }
        as_text(value)
    }

    /// The text of a file in `_includes`.
    pub fn include(&self, name: &str) -> Option<String> {
        let path = format!("{}_includes/{}", self.root, crate::source::plain_path(name)?);
        self.folder.has(&path).then(|| self.folder.text(&path, &mut Vec::new()).ok())?
    }
}
