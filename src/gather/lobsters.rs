//! Lobsters, by the JSON that each of its pages has (<https://lobste.rs/about>).

use serde::Deserialize;

use super::client::{NetworkClient, NetworkError};
use super::reply::{Replies, ReplyParts};
use crate::config::Network;
use crate::content::DiscussionAddress;

#[derive(Deserialize)]
struct Story {
    #[serde(default)]
    score: i64,
    #[serde(default)]
    comment_count: usize,
    comments: Vec<StoryComment>,
}

#[derive(Deserialize)]
struct StoryComment {
    short_id: String,
    #[serde(default)]
    created_at: String,
    #[serde(default)]
    is_deleted: bool,
    #[serde(default)]
    is_moderated: bool,
    parent_comment: Option<String>,
    #[serde(default)]
    comment: String,
    commenting_user: User,
}

/// The writer: a name today, and an object with the name in earlier versions.
#[derive(Deserialize)]
#[serde(untagged)]
enum User {
    Name(String),
    Object { username: String },
}

impl User {
    fn name(&self) -> &str {
        match self {
            Self::Name(name) | Self::Object { username: name } => name,
        }
    }
}

/// Asks for the replies to a story.
pub fn replies(client: &mut NetworkClient<'_>, address: &DiscussionAddress) -> Result<Option<Replies>, NetworkError> {
    let [id] = &address.parts[..] else { return Ok(None) };
    let server = client.server(Network::Lobsters, &format!("https://{}", address.host));
    let Some(story): Option<Story> = client.json_if_changed(&format!("{server}/s/{id}.json"))? else { return Ok(None) };
    let mut found = Replies { likes: usize::try_from(story.score).unwrap_or_default(), ..Replies::default() };
    found.is_partial = story.comments.len() < story.comment_count;
    for comment in &story.comments {
        if comment.is_deleted || comment.is_moderated {
            found.hide(&comment.short_id, comment.parent_comment.as_deref());
            continue;
        }
        let name = comment.commenting_user.name();
        let parts = ReplyParts {
            network: Network::Lobsters,
            key: &comment.short_id,
            parent: comment.parent_comment.as_deref(),
            author: name,
            account: &format!("https://{}/~{name}", address.host),
            url: &format!("https://{}/c/{}", address.host, comment.short_id),
            date: &comment.created_at,
            html: comment.comment.clone(),
        };
        found.list.push(parts.reply());
    }
    Ok(Some(found))
}
