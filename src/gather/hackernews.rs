//! Hacker News, by the interface of its search (<https://hn.algolia.com/api>), which has a whole discussion in one answer.

use serde::Deserialize;

use super::client::{NetworkClient, NetworkError};
use super::reply::{Replies, ReplyParts};
use crate::config::Network;
use crate::content::DiscussionAddress;

/// Where the interface is, unless the configuration says otherwise.
pub const SERVER: &str = "https://hn.algolia.com";

#[derive(Deserialize)]
struct Item {
    id: u64,
    #[serde(default)]
    created_at: String,
    author: Option<String>,
    text: Option<String>,
    #[serde(default)]
    points: Option<usize>,
    children: Vec<Item>,
}

/// Asks for the replies to a story.
pub fn replies(client: &mut NetworkClient<'_>, address: &DiscussionAddress) -> Result<Option<Replies>, NetworkError> {
    let [id] = &address.parts[..] else { return Ok(None) };
    let url = format!("{}/api/v1/items/{id}", client.server(Network::HackerNews, SERVER));
    let Some(story): Option<Item> = client.json_if_changed(&url)? else { return Ok(None) };
    let mut found = Replies { likes: story.points.unwrap_or_default(), ..Replies::default() };
    // A list of what is still to be done, not recursion.
    let mut open: Vec<(Item, Option<String>)> = story.children.into_iter().rev().map(|item| (item, None)).collect();
    while let Some((item, parent)) = open.pop() {
        let key = item.id.to_string();
        // One that was deleted has neither text nor writer; its answers are still there.
        if let (Some(author), Some(text)) = (&item.author, &item.text) {
            let parts = ReplyParts {
                network: Network::HackerNews,
                key: &key,
                parent: parent.as_deref(),
                author,
                account: &format!("https://news.ycombinator.com/user?id={author}"),
                url: &format!("https://news.ycombinator.com/item?id={key}"),
                date: &item.created_at,
                html: text.clone(),
            };
            found.list.push(parts.reply());
        } else {
            found.hide(&key, parent.as_deref());
        }
        open.extend(item.children.into_iter().rev().map(|child| (child, Some(key.clone()))));
    }
    Ok(Some(found))
}
