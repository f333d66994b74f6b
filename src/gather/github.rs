//! Issues and discussions on GitHub (<https://docs.github.com/en/rest/issues/comments>,
//! <https://docs.github.com/en/graphql/guides/using-the-graphql-api-for-discussions>).

use serde::Deserialize;
use serde_json::json;

use super::client::{NetworkClient, NetworkError};
use super::reply::{Replies, ReplyParts};
use crate::config::Network;
use crate::content::DiscussionAddress;

/// Where the interface is, unless the configuration says otherwise.
pub const SERVER: &str = "https://api.github.com";

/// So many answers are read of one discussion.
const MAX_PAGES: usize = 50;

/// So many comments come in one answer.
const PAGE: usize = 100;

#[derive(Deserialize)]
struct Issue {
    #[serde(default)]
    comments: usize,
    #[serde(default)]
    reactions: Reactions,
}

#[derive(Default, Deserialize)]
struct Reactions {
    #[serde(default, rename = "+1")]
    thumbs: usize,
    #[serde(default)]
    heart: usize,
    #[serde(default)]
    hooray: usize,
    #[serde(default)]
    rocket: usize,
}

#[derive(Deserialize)]
struct IssueComment {
    id: u64,
    #[serde(default)]
    html_url: String,
    user: Option<User>,
    #[serde(default)]
    created_at: String,
    #[serde(default)]
    body_html: String,
}

#[derive(Deserialize)]
struct User {
    login: String,
    #[serde(default)]
    html_url: String,
}

/// Asks for the comments on an issue, or for a discussion with its answers.
pub fn replies(client: &mut NetworkClient<'_>, address: &DiscussionAddress) -> Result<Option<Replies>, NetworkError> {
    let [owner, repository, kind, number] = &address.parts[..] else { return Ok(None) };
    let server = client.server(Network::GitHub, SERVER);
    if kind == "discussions" {
        return discussion(client, &server, owner, repository, number);
    }
    let issue_url = format!("{server}/repos/{owner}/{repository}/issues/{number}");
    let Some(issue) = client.github_if_changed::<Issue>(&issue_url)? else { return Ok(None) };
    let Reactions { thumbs, heart, hooray, rocket } = issue.reactions;
    let mut found = Replies { likes: thumbs + heart + hooray + rocket, ..Replies::default() };
    for page in 1..=MAX_PAGES {
        let url = format!("{issue_url}/comments?per_page={PAGE}&page={page}");
        let comments: Vec<IssueComment> = client.github(&url)?;
        let is_last = comments.len() < PAGE;
        for comment in &comments {
            // GitHub calls those who have left the ghost.
            let (login, account) = comment
                .user
                .as_ref()
                .map_or(("ghost", "https://github.com/ghost"), |user| (&user.login, &user.html_url));
            let parts = ReplyParts {
                network: Network::GitHub,
                key: &comment.id.to_string(),
                parent: None,
                author: login,
                account,
                url: &comment.html_url,
                date: &comment.created_at,
                html: comment.body_html.clone(),
            };
            found.list.push(parts.reply());
        }
        if is_last {
            break;
        }
        found.is_partial = page == MAX_PAGES;
    }
    found.is_partial |= found.list.len() < issue.comments;
    Ok(Some(found))
}

const QUERY: &str = "query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) { discussion(number: $number) {
    upvoteCount
    comments(first: 50, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes {
        id url createdAt bodyHTML isMinimized author { login url }
        replies(first: 100) {
          pageInfo { hasNextPage }
          nodes { id url createdAt bodyHTML isMinimized author { login url } }
        }
      }
    }
  } }
}";

#[derive(Deserialize)]
struct GraphqlAnswer {
    data: Option<Data>,
    #[serde(default)]
    errors: Vec<GraphqlError>,
}

#[derive(Deserialize)]
struct GraphqlError {
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
struct Data {
    repository: Option<Repository>,
}

#[derive(Deserialize)]
struct Repository {
    discussion: Option<DiscussionNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DiscussionNode {
    #[serde(default)]
    upvote_count: usize,
    comments: Connection,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connection {
    page_info: PageInfo,
    #[serde(default)]
    nodes: Vec<Option<DiscussionComment>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    #[serde(default)]
    has_next_page: bool,
    end_cursor: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DiscussionComment {
    id: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    created_at: String,
    #[serde(default, rename = "bodyHTML")]
    body_html: String,
    #[serde(default)]
    is_minimized: bool,
    author: Option<Actor>,
    replies: Option<Box<Connection>>,
}

#[derive(Deserialize)]
struct Actor {
    login: String,
    #[serde(default)]
    url: String,
}

fn discussion(
    client: &mut NetworkClient<'_>,
    server: &str,
    owner: &str,
    repository: &str,
    number: &str,
) -> Result<Option<Replies>, NetworkError> {
    let mut found = Replies::default();
    let mut after: Option<String> = None;
    for page in 1..=MAX_PAGES {
        let variables =
            json!({ "owner": owner, "name": repository, "number": number.parse::<u32>().unwrap_or(0), "after": after });
        let answer: GraphqlAnswer =
            client.graphql(&format!("{server}/graphql"), &json!({ "query": QUERY, "variables": variables }))?;
        if let Some(error) = answer.errors.first().filter(|_| answer.data.is_none()) {
            return Err(NetworkError::Malformed(format!("GitHub answers: {}", error.message)));
        }
        let node = answer.data.and_then(|data| data.repository).and_then(|repository| repository.discussion);
        // Parts that GitHub could not find out are empty, and it says so.
        found.is_partial |= !answer.errors.is_empty();
        let Some(node) = node else { return Err(NetworkError::Gone) };
        found.likes = node.upvote_count;
        for comment in node.comments.nodes.iter().flatten() {
            add(&mut found, comment, None);
            if let Some(answers) = &comment.replies {
                found.is_partial |= answers.page_info.has_next_page;
                answers.nodes.iter().flatten().for_each(|answer| add(&mut found, answer, Some(&comment.id)));
            }
        }
        after = node.comments.page_info.end_cursor;
        if !node.comments.page_info.has_next_page || after.is_none() {
            break;
        }
        found.is_partial |= page == MAX_PAGES;
    }
    Ok(Some(found))
}

fn add(found: &mut Replies, comment: &DiscussionComment, parent: Option<&str>) {
    if comment.is_minimized {
        found.hide(&comment.id, parent);
        return;
    }
    let (login, account) =
        comment.author.as_ref().map_or(("ghost", "https://github.com/ghost"), |actor| (&actor.login, &actor.url));
    let parts = ReplyParts {
        network: Network::GitHub,
        key: &comment.id,
        parent,
        author: login,
        account,
        url: &comment.url,
        date: &comment.created_at,
        html: comment.body_html.clone(),
    };
    found.list.push(parts.reply());
}
