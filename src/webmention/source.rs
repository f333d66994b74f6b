//! The page that a Webmention comes from: fetched within strict bounds, and what it says of the page that it links to.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use url::Url;

use super::microformats::{Entry, Relation};
use super::page::Page;
use super::target::Target;
use super::user_agent;
use crate::content::{CommentKind, Date};
use crate::fetch::{Client, ErrorKind, FetchError, Limits, Request, Response};
use crate::gather::{Reply, site_account};
use crate::import::html::{escape_html, shortened};
use crate::import::model::{Comment, CommentState, CommentWriter, Format, Text, ThreadKey};
use crate::import::public_name;
use crate::import::webmention_io::mention;

/// The limits of a request for a source. What is further down in a longer page is not seen.
const LIMITS: Limits =
    Limits { time: Duration::from_secs(20), size: 1 << 20, truncates: true, redirects: 5, leaves_host: true };

/// So many characters of an answer are shown at most; of a longer one, its beginning.
const MAX_ANSWER: usize = 5_000;

/// What a source says.
pub enum Source {
    /// It links to the target.
    Linked(Box<Linked>),
    /// It is there, and does not link to the target any more, or never did.
    Unlinked,
    /// It is gone.
    Gone,
    /// It cannot be a source, and why.
    Refused(String),
    /// It cannot be loaded now, why, and how long its server wants us to wait.
    Later(String, Option<Duration>),
}

/// A source that links to the target.
pub struct Linked {
    /// What it is to the target.
    pub relation: Relation,
    /// The comment that it answers, if it says so.
    pub parent: Option<String>,
    /// The source as a reply.
    pub reply: Reply,
}

/// Fetches a source, and reads what it says of the target.
pub fn look(client: &Client, source: &str, target: &Target, received: Timestamp) -> Source {
    match fetch(client, source) {
        Ok(response) => read(&response, target, received),
        Err(error) if error.is_temporary() => Source::Later(reason(&error), None),
        Err(error) => Source::Refused(reason(&error)),
    }
}

fn fetch(client: &Client, source: &str) -> Result<Response, FetchError> {
    let request = Request::get(source)?
        .header("accept", "text/html, application/xhtml+xml;q=0.9")?
        .header("user-agent", user_agent())?
        .limits(LIMITS);
    client.send(&request)
}

/// Why a source cannot be loaded, for its author.
fn reason(error: &FetchError) -> String {
    match error.kind {
        // Nobody learns from here what there is in a local network.
        ErrorKind::Refused => "the source is not a public address".to_owned(),
        _ => format!("the source cannot be loaded: {}", error.reason),
    }
}

fn read(response: &Response, target: &Target, received: Timestamp) -> Source {
    if matches!(response.status, 404 | 410) {
        return Source::Gone;
    }
    if let Err(error) = response.check_status() {
        return match error.is_temporary() {
            true => Source::Later(reason(&error), response.retry_after(SystemTime::now())),
            false => Source::Refused(reason(&error)),
        };
    }
    let media_type = response.media_type().unwrap_or_default();
    if !matches!(media_type.as_str(), "text/html" | "application/xhtml+xml") {
        return Source::Refused("the source is not HTML, as its header `Content-Type` says".to_owned());
    }
    let Some(page) = Page::parse(&response.text(), &response.url) else {
        return Source::Refused("the source nests its elements too deep, or has addresses without end".to_owned());
    };
    match linked(&page, target, received) {
        Some(linked) => Source::Linked(Box::new(linked)),
        None if response.is_truncated => Source::Refused(
            "the source is longer than a megabyte, and its first megabyte has no link to the target".to_owned(),
        ),
        None => Source::Unlinked,
    }
}

fn linked(page: &Page, target: &Target, received: Timestamp) -> Option<Linked> {
    let link = page.link_to(&target.address);
    let entry = page.entry_about(&target.address);
    if link.is_none() && entry.as_ref().is_none_or(|entry| entry.relation == Relation::Mention) {
        return None;
    }
    let relation = entry.as_ref().map_or(Relation::Mention, |entry| entry.relation);
    let fragment = entry.as_ref().and_then(|entry| entry.fragment.as_deref()).or(target.url.fragment());
    let parent = fragment.and_then(|fragment| fragment.strip_prefix("comment-")).map(str::to_owned);
    // What a page says of itself counts for its own host only.
    let is_own = |url: &String| Url::parse(url).is_ok_and(|url| url.origin() == page.url.origin());
    let url = entry.as_ref().and_then(|entry| entry.url.clone()).filter(is_own);
    let url = url.unwrap_or_else(|| page.url.as_str().to_owned());
    let author =
        entry.as_ref().and_then(|entry| entry.author.clone()).or_else(|| page.meta("author").map(str::to_owned));
    let author = author.unwrap_or_else(|| page.url.host_str().unwrap_or_default().to_owned());
    let published = entry.as_ref().and_then(|entry| Date::parse(entry.published.as_deref()?));
    let date = published.map_or(received, |date| date.timestamp.min(received));
    let passage = link.and_then(|link| page.passage_of(link));
    let origin = page.url.origin().ascii_serialization();
    // As the file of the comment will have it.
    let account = site_account(&origin, &public_name(&author));
    let comment = Comment {
        key: page.url.to_string(),
        // Which page it is on is known to who asked.
        thread: ThreadKey::Thread(String::new()),
        parent: None,
        author,
        writer: CommentWriter::Account(account),
        date: Some(date.to_string()),
        kind: CommentKind::Webmention,
        decision: CommentState::Approved,
        body: Text { text: body(page, entry.as_ref(), passage, &url), format: Format::Html },
        url,
        line: 0,
    };
    Some(Linked { relation, parent, reply: Reply { comment, account_alias: Some(origin), warning: None } })
}

/// The text of a comment, as HTML: an answer as it is, and of everything else the title and the passage with the link.
fn body(page: &Page, entry: Option<&Entry>, passage: Option<String>, url: &str) -> String {
    let summary = entry.and_then(|entry| entry.summary.clone());
    if let Some(entry) = entry.filter(|entry| entry.relation == Relation::Reply) {
        let content = entry.content.as_ref().map(|html| (html, crate::import::html::text(html)));
        match content {
            Some((html, text))
                if !text.is_empty() && html.len() <= 8 * MAX_ANSWER && text.chars().count() <= MAX_ANSWER =>
            {
                return html.clone();
            }
            Some((_, text)) if !text.is_empty() => return paragraph(&shortened(&text, MAX_ANSWER)),
            _ => {}
        }
        if let Some(text) = summary.as_ref().or(entry.name.as_ref()).filter(|text| !text.is_empty()) {
            return paragraph(&shortened(text, MAX_ANSWER));
        }
    }
    let title = match entry {
        Some(entry) => entry.name.clone(),
        None => page.title(),
    };
    let content = || entry.and_then(|entry| entry.content.as_deref()).map(crate::import::html::text);
    let passage = passage.or(summary).or_else(content);
    mention(title.as_deref().unwrap_or_default(), url, passage.as_deref().unwrap_or_default())
}

/// A text as HTML, in a paragraph.
fn paragraph(text: &str) -> String {
    format!("<p>{}</p>", escape_html(text))
}
