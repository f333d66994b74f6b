//! Lemmy (<https://lemmy.readme.io/reference/get_comment-list>).

use serde::Deserialize;

use super::client::{NetworkClient, NetworkError};
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
    #[serde(default)]
    comments: usize,
}

/// Asks for the replies to a post.
pub fn replies(client: &mut NetworkClient<'_>, address: &DiscussionAddress) -> Result<Option<Replies>, NetworkError> {
    let [id] = &address.parts[..] else { return Ok(None) };
    let server = client.server(Network::Lemmy, &format!("https://{}", address.host));
    let page = |number: usize| {
        format!("{server}/api/v3/comment/list?post_id={id}&type_=All&sort=Old&limit={PAGE}&page={number}")
    };
    let Some(mut list): Option<CommentList> = client.json_if_changed(&page(1))? else { return Ok(None) };
    let mut found = Replies::default();
    let mut number = 1;
    loop {
        let is_last = list.comments.len() < PAGE;
        for view in &list.comments {
            if view.comment.deleted || view.comment.removed {
                found.hide(&view.comment.id.to_string(), parent(&view.comment));
            } else {
                found.list.push(reply(view));
            }
        }
        if is_last {
            break;
        }
        number += 1;
        if number > MAX_PAGES {
            found.is_partial = true;
            break;
        }
        list = client.json(&page(number))?;
    }
    // The version of the first page says nothing of the others.
    if number > 1 {
        client.received = None;
    }
    let post: PostAnswer = client.json(&format!("{server}/api/v3/post?id={id}"))?;
    let counts = post.post_view.counts;
    found.likes = counts.upvotes;
    // A server can make its pages shorter, and a comment can move to another page while they are read.
    found.is_partial |= found.list.len() + found.hidden.len() < counts.comments;
    Ok(Some(found))
}

/// The id of the comment that one answers.
fn parent(comment: &LemmyComment) -> Option<&str> {
    comment.path.split('.').rev().nth(1).filter(|above| *above != "0")
}

fn reply(CommentView { comment, creator }: &CommentView) -> super::reply::Reply {
    let name = creator.display_name.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or(&creator.name);
    // Old servers leave out the zone, which is UTC.
    let has_zone = comment.published.ends_with('Z') || comment.published.get(19..).is_some_and(|end| end.contains('+'));
    let parts = ReplyParts {
        network: Network::Lemmy,
        key: &comment.id.to_string(),
        parent: parent(comment),
        author: name,
        account: &creator.actor_id,
        url: &comment.ap_id,
        date: &format!("{}{}", comment.published, if has_zone { "" } else { "Z" }),
        html: crate::markdown::render_comment(&comment.content),
    };
    parts.reply()
}
