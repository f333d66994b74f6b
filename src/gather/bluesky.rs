//! Bluesky (<https://docs.bsky.app/docs/api/app-bsky-feed-get-post-thread>), by the server that answers without an account.

use std::fmt::Write as _;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::client::{NetworkClient, NetworkError};
use super::reply::{Replies, Reply, ReplyParts, attachment, link};
use crate::config::Network;
use crate::content::DiscussionAddress;
use crate::import::html::escape_html;

/// Where the interface is, unless the configuration says otherwise.
pub const SERVER: &str = "https://public.api.bsky.app";

/// How the addresses of accounts begin.
pub const PROFILE: &str = "https://bsky.app/profile/";

/// So many levels of replies are asked for. JSON of many more could not be read.
const DEPTH: usize = 50;

#[derive(Deserialize)]
struct Handle {
    did: String,
}

#[derive(Deserialize)]
struct Answer {
    thread: Thread,
}

/// A post with its replies. One that is blocked, or not there any more, has an address and no post.
#[derive(Deserialize)]
struct Thread {
    post: Option<Post>,
    #[serde(default)]
    uri: String,
    #[serde(default)]
    replies: Vec<Thread>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Post {
    uri: String,
    author: Author,
    record: Record,
    embed: Option<Embed>,
    #[serde(default)]
    labels: Vec<Label>,
    #[serde(default)]
    indexed_at: String,
    #[serde(default)]
    like_count: usize,
    #[serde(default)]
    repost_count: usize,
    #[serde(default)]
    quote_count: usize,
    #[serde(default)]
    reply_count: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Author {
    did: String,
    #[serde(default)]
    handle: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    labels: Vec<Label>,
}

#[derive(Deserialize)]
struct Label {
    #[serde(default)]
    val: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    #[serde(default)]
    text: String,
    #[serde(default)]
    created_at: String,
    #[serde(default)]
    facets: Vec<Facet>,
}

/// A part of the text with a meaning. Its place is in bytes of UTF-8.
#[derive(Deserialize)]
struct Facet {
    index: ByteRange,
    #[serde(default)]
    features: Vec<Feature>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ByteRange {
    byte_start: usize,
    byte_end: usize,
}

#[derive(Deserialize)]
struct Feature {
    uri: Option<String>,
    did: Option<String>,
    tag: Option<String>,
}

#[derive(Deserialize)]
struct Embed {
    #[serde(default)]
    images: Vec<Image>,
    external: Option<External>,
    record: Option<serde_json::Value>,
    media: Option<Box<Embed>>,
}

#[derive(Deserialize)]
struct Image {
    #[serde(default)]
    fullsize: String,
    #[serde(default)]
    alt: String,
}

#[derive(Deserialize)]
struct External {
    #[serde(default)]
    uri: String,
    #[serde(default)]
    title: String,
}

/// The label of accounts that do not wish to be shown to people without an account.
const FOR_MEMBERS: &str = "!no-unauthenticated";

/// Asks for the replies to a post.
pub fn replies(client: &mut NetworkClient<'_>, address: &DiscussionAddress) -> Result<Option<Replies>, NetworkError> {
    let [account, record] = &address.parts[..] else { return Ok(None) };
    let server = client.server(Network::Bluesky, SERVER);
    let did = match client.account.clone() {
        _ if account.starts_with("did:") => account.clone(),
        Some(did) => did,
        None => {
            let url = format!("{server}/xrpc/com.atproto.identity.resolveHandle?handle={}", encode(account));
            client.json::<Handle>(&url)?.did
        }
    };
    client.account = Some(did.clone());
    let uri = format!("at://{did}/app.bsky.feed.post/{record}");
    let url = format!("{server}/xrpc/app.bsky.feed.getPostThread?uri={}&depth={DEPTH}&parentHeight=0", encode(&uri));
    let Some(answer) = client.json_if_changed::<Answer>(&url)? else { return Ok(None) };
    let Thread { post: Some(post), replies, .. } = answer.thread else { return Err(NetworkError::Gone) };
    let mut found =
        Replies { likes: post.like_count, reposts: post.repost_count + post.quote_count, ..Replies::default() };
    found.is_partial = replies.len() < post.reply_count;
    // A list of what is still to be done, not recursion.
    let mut open: Vec<(Thread, Option<String>)> = replies.into_iter().rev().map(|thread| (thread, None)).collect();
    while let Some((Thread { post, uri, replies }, parent)) = open.pop() {
        let Some(post) = post else {
            // The server keeps the answers to it back as well, and they are still there.
            found.is_partial = true;
            found.hide(&uri, parent.as_deref());
            continue;
        };
        found.is_partial |= replies.len() < post.reply_count;
        let mut labels = post.labels.iter().chain(&post.author.labels);
        if labels.any(|label| matches!(label.val.as_str(), FOR_MEMBERS | "!hide" | "!takedown")) {
            found.opted_out += 1;
            found.hide(&post.uri, parent.as_deref());
        } else {
            found.list.push(reply(&post, parent.as_deref()));
        }
        open.extend(replies.into_iter().rev().map(|thread| (thread, Some(post.uri.clone()))));
    }
    Ok(Some(found))
}

/// A part of the query of an address.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// The address of a post in a browser, from its `at://` one.
fn web_address(uri: &str) -> Option<String> {
    let mut parts = uri.strip_prefix("at://")?.split('/');
    let (account, record) = (parts.next()?, parts.nth(1)?);
    Some(format!("{PROFILE}{account}/post/{record}"))
}

fn reply(post: &Post, parent: Option<&str>) -> Reply {
    let author = &post.author;
    let name = if author.display_name.trim().is_empty() { &author.handle } else { &author.display_name };
    let date = if post.record.created_at.is_empty() { &post.indexed_at } else { &post.record.created_at };
    let parts = ReplyParts {
        network: Network::Bluesky,
        key: &post.uri,
        parent,
        author: name,
        account: &format!("{PROFILE}{}", author.did),
        url: &web_address(&post.uri).unwrap_or_default(),
        date,
        html: html(post),
    };
    let mut reply = parts.reply();
    // The handle can change, the DID cannot; the configuration may name either.
    reply.account_alias =
        Some(&author.handle).filter(|handle| !handle.is_empty()).map(|handle| format!("{PROFILE}{handle}"));
    reply.warning = warning(&post.labels);
    reply
}

/// What the labels of a post warn of.
fn warning(labels: &[Label]) -> Option<String> {
    let warns = |label: &&Label| matches!(label.val.as_str(), "porn" | "sexual" | "nudity" | "graphic-media" | "gore");
    labels.iter().find(warns).map(|label| label.val.replace('-', " "))
}

/// The text with its links, pictures and what it quotes.
fn html(post: &Post) -> String {
    let mut html = format!("<p>{}</p>", rich_text(&post.record).replace("\n\n", "</p><p>").replace('\n', "<br>"));
    if let Some(embed) = &post.embed {
        push_embed(&mut html, embed);
    }
    html
}

fn push_embed(html: &mut String, embed: &Embed) {
    for image in &embed.images {
        html.push_str(&attachment(&image.fullsize, Some(&image.alt)));
    }
    if let Some(external) = &embed.external {
        let title = if external.title.trim().is_empty() { &external.uri } else { &external.title };
        let _ = write!(html, "<p>{}</p>", link(&external.uri, title));
    }
    if let Some(record) = &embed.record {
        // With media, the record lies one step deeper.
        let record = record.get("record").filter(|inner| inner.get("uri").is_some()).unwrap_or(record);
        let text = record.pointer("/value/text").and_then(|text| text.as_str());
        let url = record.get("uri").and_then(|uri| uri.as_str()).and_then(web_address);
        if let (Some(text), Some(url)) = (text, url) {
            let _ = write!(
                html,
                "<blockquote><p>{}</p><p>{}</p></blockquote>",
                super::reply::lines(text),
                link(&url, &url)
            );
        }
    }
    if let Some(media) = &embed.media {
        for image in &media.images {
            html.push_str(&attachment(&image.fullsize, Some(&image.alt)));
        }
    }
}

/// The text of a post, escaped, with its links.
fn rich_text(record: &Record) -> String {
    let text = record.text.as_str();
    let mut facets: Vec<&Facet> = record.facets.iter().collect();
    facets.sort_by_key(|facet| facet.index.byte_start);
    let (mut html, mut at) = (String::with_capacity(text.len()), 0);
    for Facet { index, features } in facets {
        // A place outside of the text, inside of a letter or inside of another link means nothing.
        let Some(linked) = text.get(index.byte_start..index.byte_end).filter(|_| index.byte_start >= at) else {
            continue;
        };
        let target = features.iter().find_map(|feature| match feature {
            Feature { uri: Some(uri), .. } => Some(uri.clone()),
            Feature { did: Some(did), .. } => Some(format!("{PROFILE}{did}")),
            Feature { tag: Some(tag), .. } => Some(format!("https://bsky.app/hashtag/{}", encode(tag))),
            _ => None,
        });
        let Some(target) = target else { continue };
        html.push_str(&escape_html(&text[at..index.byte_start]));
        html.push_str(&link(&target, linked));
        at = index.byte_end;
    }
    html.push_str(&escape_html(&text[at..]));
    html
}
