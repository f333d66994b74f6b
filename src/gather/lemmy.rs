//! Lemmy (<https://lemmy.readme.io/reference/get_comment-list>).

use serde::Deserialize;

use super::client::{Client, Trouble};
use super::reply::{Replies, ReplyParts};
use crate::config::Network;
use crate::content::DiscussionAddress;

/// So many comments come in one answer.
const PAGE: usize = 50;

/// So many answers are read of one discussion.
const MAX_PAGES: usize = 100;

#[derive(Deserialize)]
struct CommentList {
    comments: Vec<CommentView>,
}

#[derive(Deserialize)]
struct CommentView {
    comment: LemmyComment,
    creator: Person,
}

#[derive(Deserialize)]
struct LemmyComment {
    id: u64,
    #[serde(default)]
    content: String,
    #[serde(default)]
    published: String,
    /// The ids of the comments above it, from `0`, and its own, with dots between them.
    #[serde(default)]
    path: String,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    removed: bool,
    #[serde(default)]
    ap_id: String,
}

#[derive(Deserialize)]
struct Person {
    #[serde(default)]
    name: String,
    display_name: Option<String>,
    #[serde(default)]
    actor_id: String,
}

#[derive(Deserialize)]
struct PostAnswer {
    post_view: PostView,
}

#[derive(Deserialize)]
struct PostView {
    counts: Counts,
}

#[derive(Deserialize)]
struct Counts {
    #[serde(default)]
    upvotes: usize,
}

/// Asks for the replies to a post.
pub fn replies(client: &mut Client<'_>, address: &DiscussionAddress) -> Result<Option<Replies>, Trouble> {
    let [id] = &address.parts[..] else { return Ok(None) };
    let server = client.server(Network::Lemmy, &format!("https://{}", address.host));
    let page = |number: usize| {
        format!("{server}/api/v3/comment/list?post_id={id}&type_=All&sort=Old&limit={PAGE}&page={number}")
    };
    let Some(mut list): Option<CommentList> = client.json(&page(1))? else { return Ok(None) };
    let mut found = Replies::default();
    let mut number = 1;
    loop {
        let is_last = list.comments.len() < PAGE;
        let shown = list.comments.iter().filter(|view| !view.comment.deleted && !view.comment.removed);
        found.list.extend(shown.map(reply));
        if is_last {
            break;
        }
        number += 1;
        if number > MAX_PAGES {
            found.is_partial = true;
            break;
        }
        list = client.json_anew(&page(number))?;
    }
    let post: PostAnswer = client.json_anew(&format!("{server}/api/v3/post?id={id}"))?;
    found.likes = post.post_view.counts.upvotes;
    Ok(Some(found))
}

fn reply(CommentView { comment, creator }: &CommentView) -> super::reply::Reply {
    let above = comment.path.split('.').rev().nth(1).filter(|above| *above != "0");
    let name = creator.display_name.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or(&creator.name);
    // Old servers leave out the zone, which is UTC.
    let has_zone = comment.published.ends_with('Z') || comment.published.get(19..).is_some_and(|end| end.contains('+'));
    let parts = ReplyParts {
        network: Network::Lemmy,
        key: &comment.id.to_string(),
        parent: above,
        author: name,
        account: &creator.actor_id,
        url: &comment.ap_id,
        date: &format!("{}{}", comment.published, if has_zone { "" } else { "Z" }),
        html: crate::markdown::render_comment(&comment.content),
    };
    parts.reply()
}
