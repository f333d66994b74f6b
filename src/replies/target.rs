//! Finding the page that a reply answers.

use jiff::Timestamp;

use super::form::Form;
use super::refusal::Refusal;
use crate::content::thread_names;
use crate::site::{CommentsState, Content, ContentId, Site};

/// The page that a reply answers, and the folder for its comment file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyTarget {
    content: ContentId,
    folder: String,
}

impl ReplyTarget {
    /// The page or section that is answered.
    pub fn content(&self) -> ContentId {
        self.content
    }

    /// The folder of its comments, from the root of the site. It may not be there yet.
    pub fn folder(&self) -> &str {
        &self.folder
    }
}

/// Finds the page and thread that a reply belongs to, as they are at this moment. The site may have been built earlier.
pub fn find_target(site: &Site, form: &Form, now: Timestamp) -> Result<ReplyTarget, Refusal> {
    let content = find_visible_page(site, form.page(), now).ok_or(Refusal::NoPage)?;
    let page = site.content(content);
    match page.talk_at(now) {
        CommentsState::Open => {}
        CommentsState::Closed => return Err(Refusal::Closed),
        CommentsState::Off => return Err(Refusal::Off),
    }
    if let Some(id) = form.reply_to()
        && !page.thread.comments.iter().any(|comment| comment.id == id && !comment.is_pending())
    {
        return Err(Refusal::NoComment);
    }
    Ok(ReplyTarget { content, folder: folder(page) })
}

/// Finds the page or section at a path, if readers can see it at this moment.
pub fn find_visible_page(site: &Site, path: &str, now: Timestamp) -> Option<ContentId> {
    site.find(path).filter(|&id| can_be_seen(site, id) && !site.is_held(id, now))
}

/// The present location of a reply's page, and the folder of its comments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageLocation {
    /// The path of its address.
    pub page: String,
    /// Its file.
    pub document: String,
    /// The folder of its comments.
    pub folder: String,
}

/// Finds the present location of a page by its present or an earlier path.
pub fn find_moved_page(site: &Site, page: &str) -> Option<PageLocation> {
    page_location(site, site.find(page)?)
}

/// The location of a page or section, if readers can see it.
pub fn page_location(site: &Site, id: ContentId) -> Option<PageLocation> {
    if !can_be_seen(site, id) {
        return None;
    }
    let content = site.content(id);
    Some(PageLocation {
        page: content.path.clone(),
        document: content.source.path.to_string(),
        folder: folder(content),
    })
}

/// Whether there is a page at the address, not nothing or a redirect.
fn can_be_seen(site: &Site, id: ContentId) -> bool {
    match id {
        ContentId::Page(id) => site.page(id).is_rendered,
        ContentId::Section(id) => {
            let meta = &site.section(id).meta;
            meta.render && meta.redirect_to.is_none()
        }
    }
}

/// The folder for new comments on this page or section.
fn folder(page: &Content) -> String {
    let mut names = thread_names(&page.source.path);
    // Some authors use `index.comments` in bundles too. Comments without an id are called by their place in the thread, in
    // the order of paths, and a file in `comments/` would come before those that are already there.
    let position = names.iter().position(|name| has_files_at(page, name)).unwrap_or(names.len() - 1);
    names.swap_remove(position)
}

/// Whether a comment lies in a file or folder of that name.
fn has_files_at(page: &Content, name: &str) -> bool {
    let rest = |path: &str| path.strip_prefix(name).is_some_and(|rest| rest.starts_with(['/', '.']));
    page.thread.comments.iter().any(|comment| rest(&comment.written.location.path))
}
