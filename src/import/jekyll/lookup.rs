//! Finds pages of a Jekyll site, and what its tags name.

use super::permalink::slug;
use super::site::{JekyllPage, JekyllSite};
use crate::import::addresses::{normal, split};
use crate::import::fields::as_text;
use crate::import::folder::stem_and_end;

impl JekyllSite<'_> {
    /// Remembers the pages by their names.
    pub(super) fn index(&mut self) {
        let mut names: Vec<(String, usize)> = Vec::new();
        for (number, page) in self.pages.iter().enumerate() {
            let (stem, _) = stem_and_end(&page.path);
            let stem = &stem[self.root.len()..];
            let url = page.url.strip_prefix(&self.base).unwrap_or(&page.url);
            let plain = normal(url.trim_end_matches(".html"));
            names.extend([
                (page.path[self.root.len()..].to_lowercase(), number),
                (stem.to_lowercase(), number),
                (plain.replace('/', "-"), number),
                (slug(&plain), number),
                (slug(stem), number),
                (plain, number),
            ]);
            let name = stem.rsplit('/').next().unwrap_or(stem);
            names.extend([(name.to_lowercase(), number), (slug(name), number)]);
            if page.is_post() {
                names.extend([(page.slug.to_lowercase(), number), (slug(&page.slug), number)]);
                if let Some(title) = page.fields.text(&["title"]) {
                    names.push((slug(&title), number));
                }
            }
        }
        // Where two share a name, a post goes before a page, and the first before the second.
        let (posts, others): (Vec<_>, Vec<_>) =
            names.into_iter().partition(|(_, number)| self.pages[*number].is_post());
        for (name, number) in posts.into_iter().chain(others) {
            self.names.entry(name).or_insert(number);
        }
    }

    fn named(&self, name: &str) -> Option<&JekyllPage> {
        let number = |name: &str| self.names.get(name).copied();
        let plain = name.trim().trim_matches('/').to_lowercase();
        number(&plain).or_else(|| number(&slug(&plain))).map(|number| &self.pages[number])
    }

    /// The key of the post that a thread of comments names by its slug, its path or its address.
    pub fn find(&self, name: &str) -> Option<String> {
        let path = split(name)?.path;
        let path = path.strip_prefix(self.base.trim_matches('/')).unwrap_or(&path);
        self.named(&normal(path.trim_end_matches(".html"))).map(|page| page.path.clone())
    }

    /// The address of a post, by its name.
    pub fn post_url(&self, name: &str) -> Option<String> {
        let name = name.trim_matches(['"', '\'', '/']);
        let direct = self.names.get(&format!("_posts/{name}").to_lowercase()).map(|number| &self.pages[*number]);
        direct.or_else(|| self.named(name)).map(|page| page.url.clone())
    }

    /// The address of a file of the site.
    pub fn link(&self, path: &str) -> Option<String> {
        let path = path.trim_matches(['"', '\'', '/']);
        let page = self.names.get(&path.to_lowercase()).map(|number| self.pages[*number].url.clone());
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
