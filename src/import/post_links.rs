//! Links of posts, as they lead to the same things in the new site.

use std::cell::RefCell;

use super::addresses::split;
use super::model::Post;
use super::store::Store;
use super::write::Writer;

impl Writer<'_> {
    /// An address in a post, as it leads to the same thing in the new site.
    pub(super) fn rewrite(&self, store: &Store, url: &str, post: &Post, missing: &RefCell<Vec<String>>) -> String {
        let addresses = &self.plan.addresses;
        if let Some(place) = url.strip_prefix('#') {
            let number = store.post_keys.get(&post.key).copied();
            let is_missing = |number: usize| !place.is_empty() && !store.posts[number].anchors.contains(place);
            return match number.filter(|number| is_missing(*number)) {
                Some(number) => self.link(store, number, place, missing).unwrap_or_else(|| url.to_owned()),
                None => url.to_owned(),
            };
        }
        let absolute = resolve(url, post.url.as_deref());
        let Some(address) = addresses.own(absolute.as_deref().unwrap_or(url)) else { return url.to_owned() };
        // Links in a folder of sources can lead to a file, from the one that they stand in.
        let by_file = || addresses.find_file(url, &post.key);
        let post = addresses.find(&address).or_else(by_file);
        if let Some(link) = post.and_then(|number| self.link(store, number, &address.fragment, missing)) {
            return link;
        }
        let base = crate::config::split_origin(&self.config.base_url).1.trim_end_matches('/');
        self.media
            .address(&address.path)
            .map_or_else(|| url.to_owned(), |path| format!("{base}{}", crate::config::encode_path(&path)))
    }

    /// A link to a place in a post that is written.
    fn link(&self, store: &Store, number: usize, place: &str, missing: &RefCell<Vec<String>>) -> Option<String> {
        let planned = self.plan.posts[number].as_ref()?;
        let file = planned.file.strip_prefix("content/").unwrap_or(&planned.file);
        let mut place = fragment(store, place);
        let is_comment = place.starts_with("#comment-");
        if !place.is_empty() && !is_comment && !store.posts[number].anchors.contains(&place[1..]) {
            missing.borrow_mut().push(format!("{file}{place}"));
            place.clear();
        }
        Some(format!("@/{file}{place}"))
    }
}

/// An address that is seen from that of a post, as it is seen from the root of the blog. None: it is no such address.
fn resolve(url: &str, post: Option<&str>) -> Option<String> {
    let end = url.find(['/', '?', '#']).unwrap_or(url.len());
    if url.is_empty() || end == 0 || url[..end].contains(':') {
        return None;
    }
    let path = split(post?)?.path;
    let is_folder = post?.split(['?', '#']).next()?.ends_with('/');
    let folder = if is_folder { path.as_str() } else { path.rsplit_once('/').map_or("", |(folder, _)| folder) };
    let (relative, rest) = url.split_at(url.find(['?', '#']).unwrap_or(url.len()));
    let path = crate::source::plain_path(&format!("{}/{relative}", crate::config::encode_path(folder)))?;
    Some(format!("/{path}{rest}"))
}

/// The part of a page that a link leads to, with its `#`. What the new page does not have is left out: comments that are not shown, and
/// what WordPress calls `#more-12` and `#respond`.
fn fragment(store: &Store, fragment: &str) -> String {
    let is_there = match fragment.strip_prefix("comment-").and_then(|id| id.parse::<u64>().ok()) {
        Some(id) => store.approved.binary_search(&id).is_ok(),
        None => {
            !fragment.is_empty()
                && !fragment.starts_with("more-")
                && !matches!(fragment, "respond")
                && !fragment.starts_with("comment")
        }
    };
    if is_there { format!("#{fragment}") } else { String::new() }
}
