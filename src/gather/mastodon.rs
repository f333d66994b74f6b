//! Mastodon, and every server with its interface (<https://docs.joinmastodon.org/methods/statuses/>).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

use super::client::{NetworkClient, NetworkError};
use super::reply::{Replies, Reply, ReplyParts, attachment, link};
use crate::config::Network;
use crate::content::DiscussionAddress;
use crate::import::html::escape_html;

#[derive(Deserialize)]
struct Status {
    id: String,
    /// The address of the status where it was written: the same on every server that shows it.
    #[serde(default)]
    uri: String,
    url: Option<String>,
    #[serde(default)]
    created_at: String,
    in_reply_to_id: Option<String>,
    #[serde(default)]
    visibility: String,
    #[serde(default)]
    spoiler_text: String,
    #[serde(default)]
    content: String,
    #[serde(default)]
    media_attachments: Vec<Attachment>,
    poll: Option<Poll>,
    quote: Option<Quote>,
    account: Account,
    #[serde(default)]
    favourites_count: usize,
    #[serde(default)]
    reblogs_count: usize,
    #[serde(default)]
    replies_count: usize,
}

#[derive(Deserialize)]
struct Account {
    #[serde(default)]
    acct: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    note: String,
    noindex: Option<bool>,
}

#[derive(Deserialize)]
struct Attachment {
    url: Option<String>,
    remote_url: Option<String>,
    description: Option<String>,
}

#[derive(Deserialize)]
struct Poll {
    #[serde(default)]
    options: Vec<PollOption>,
}

#[derive(Deserialize)]
struct PollOption {
    #[serde(default)]
    title: String,
    votes_count: Option<u64>,
}

/// A quoted status: inside of an object that says whether it may be shown, or by itself on other servers.
#[derive(Deserialize)]
struct Quote {
    state: Option<String>,
    quoted_status: Option<QuotedStatus>,
    url: Option<String>,
    content: Option<String>,
}

#[derive(Deserialize)]
struct QuotedStatus {
    url: Option<String>,
    #[serde(default)]
    content: String,
}

/// An answer without the list is no answer: an empty one would mean that everything was deleted.
#[derive(Deserialize)]
struct Context {
    descendants: Vec<Status>,
}

/// Asks for the replies to a status.
pub fn replies(client: &mut NetworkClient<'_>, address: &DiscussionAddress) -> Result<Option<Replies>, NetworkError> {
    let [id] = &address.parts[..] else { return Ok(None) };
    let server = client.server(Network::Mastodon, &format!("https://{}", address.host));
    let status_url = format!("{server}/api/v1/statuses/{id}");
    // The thread is asked first: if it is as it was, so is everything that readers see.
    let Some(context): Option<Context> = client.json_if_changed(&format!("{status_url}/context"))? else {
        return Ok(None);
    };
    let status: Status = client.json(&status_url)?;
    let mut found = Replies { likes: status.favourites_count, reposts: status.reblogs_count, ..Replies::default() };
    found.is_partial = is_cut_off(&context.descendants, status.replies_count);
    for reply in &context.descendants {
        let parent = reply.in_reply_to_id.as_deref().filter(|parent| parent != id);
        if is_for_all(reply) {
            found.list.push(self::reply(reply, parent));
        } else {
            found.opted_out += 1;
            found.hide(&reply.id, parent);
        }
    }
    Ok(Some(found))
}

/// So many replies, and so many levels of them, a server shows to requests without an account.
const MAX_REPLIES: usize = 60;
const MAX_DEPTH: usize = 20;

/// Whether a server may have left out the end of a thread.
fn is_cut_off(replies: &[Status], direct_replies: usize) -> bool {
    if replies.len() < direct_replies || replies.len() >= MAX_REPLIES {
        return true;
    }
    // There are few of them, so that each way to the top can be walked.
    let parents: BTreeMap<&str, Option<&str>> =
        replies.iter().map(|reply| (reply.id.as_str(), reply.in_reply_to_id.as_deref())).collect();
    let depth = |reply: &Status| {
        let mut at = reply.in_reply_to_id.as_deref();
        (1..MAX_DEPTH)
            .take_while(|_| {
                at = at.and_then(|id| parents.get(id).copied().flatten());
                at.is_some()
            })
            .count()
    };
    replies.iter().any(|reply| depth(reply) + 1 >= MAX_DEPTH)
}

/// Whether everybody may read a status anywhere: it is public or unlisted, and its writer has not asked to be left out.
fn is_for_all(status: &Status) -> bool {
    let note = status.account.note.to_lowercase();
    // Tags in a profile are links, so that their words stand after a tag of HTML.
    let opts_out = ["nobot", "noindex", "nobridge", "noarchive"]
        .iter()
        .any(|tag| note.match_indices(tag).any(|(at, _)| note[..at].ends_with('#') || note[..at].ends_with("#<span>")));
    matches!(status.visibility.as_str(), "public" | "unlisted") && status.account.noindex != Some(true) && !opts_out
}

fn reply(status: &Status, parent: Option<&str>) -> Reply {
    let account = &status.account;
    let name = if account.display_name.trim().is_empty() { &account.acct } else { &account.display_name };
    let parts = ReplyParts {
        network: Network::Mastodon,
        key: &status.id,
        parent,
        author: name,
        account: &account.url,
        url: status.url.as_deref().unwrap_or(&status.uri),
        date: &status.created_at,
        html: html(status),
    };
    let mut reply = parts.reply();
    reply.warning = Some(status.spoiler_text.trim().to_owned()).filter(|warning| !warning.is_empty());
    reply
}

/// The text with its poll, its pictures and what it quotes. Custom emoji stay the words that they are written as.
fn html(status: &Status) -> String {
    let mut html = status.content.clone();
    if let Some(poll) = &status.poll {
        html.push_str("<ul>");
        for option in &poll.options {
            let votes = option.votes_count.map(|votes| format!(": {votes}")).unwrap_or_default();
            let _ = write!(html, "<li>{}{votes}</li>", escape_html(&option.title));
        }
        html.push_str("</ul>");
    }
    for attached in &status.media_attachments {
        if let Some(url) = attached.remote_url.as_deref().or(attached.url.as_deref()) {
            html.push_str(&attachment(url, attached.description.as_deref()));
        }
    }
    if let Some(quote) = &status.quote {
        let is_shown = quote.state.as_deref().is_none_or(|state| state == "accepted");
        let (url, content) = match &quote.quoted_status {
            Some(quoted) => (quoted.url.as_deref(), Some(quoted.content.as_str())),
            None => (quote.url.as_deref(), quote.content.as_deref()),
        };
        if let (true, Some(url), Some(content)) = (is_shown, url, content) {
            let _ = write!(html, "<blockquote>{content}<p>{}</p></blockquote>", link(url, url));
        }
    }
    html
}
