//! The view of the replies: a page of them, with everything that a decision needs.

use std::ops::Range;

use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::command::{ModerationCommand, one_line};
use super::route::HOME;
use crate::diagnostic::Diagnostic;
use crate::http::query;
use crate::inbox::app_state::AppState;
use crate::inbox::response::AnsweredPost;
use crate::markdown::render_comment;
use crate::replies::guard::Disposition;
use crate::replies::{Filter, Listing, ReplyObject, State};
use crate::site::Site;

/// The maximum number of replies on a page.
const PER_PAGE: usize = 25;

/// The maximum text on a page, in bytes of Markdown. A single reply may be longer.
const TEXT_PER_PAGE: usize = 32 * 1024;

/// The characters of an answered comment, or of a published reply, that a page shows.
const MAX_EXCERPT: usize = 600;

/// The maximum length of a search, in characters.
const MAX_SEARCH: usize = 200;

/// The replies of one state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// Pending replies.
    #[default]
    Waiting,
    /// Pending replies that the guard finds unusual.
    Strict,
    /// Replies that a moderator or the guard marked as spam.
    Spam,
    /// Replies that a moderator decided about.
    Decided,
}

impl Tab {
    const ALL: [Self; 4] = [Self::Waiting, Self::Strict, Self::Spam, Self::Decided];

    fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Strict => "strict",
            Self::Spam => "spam",
            Self::Decided => "decided",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Strict => "Look closely",
            Self::Spam => "Spam",
            Self::Decided => "Decided",
        }
    }

    fn has(self, reply: &ReplyObject) -> bool {
        let notes = &reply.notes;
        match self {
            Self::Waiting => notes.state == State::Pending,
            Self::Strict => notes.state == State::Pending && notes.guard.decision == Disposition::Strict,
            Self::Spam => notes.state == State::Spam,
            Self::Decided => notes.decided.is_some(),
        }
    }
}

/// The query of a page of replies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplyQuery {
    tab: Tab,
    search: String,
    /// The number of the page, from 1.
    page: usize,
}

impl ReplyQuery {
    /// Parses the query of an address. Missing and unknown values are the default ones.
    pub fn parse(text: &str) -> Self {
        let mut query = Self { page: 1, ..Self::default() };
        for (name, value) in query::pairs(Some(text)) {
            match &*name {
                "state" => query.tab = Tab::ALL.into_iter().find(|tab| tab.name() == value).unwrap_or_default(),
                "search" => {
                    let plain = value.trim().chars().filter(|c| !c.is_control());
                    query.search = plain.take(MAX_SEARCH).collect();
                }
                "page" => query.page = value.parse().unwrap_or(1).max(1),
                _ => {}
            }
        }
        query
    }

    /// Returns the address of the page.
    fn href(&self) -> String {
        let mut href = format!("{HOME}?state={}", self.tab.name());
        if !self.search.is_empty() {
            href.push_str("&search=");
            href.extend(utf8_percent_encode(&self.search, NON_ALPHANUMERIC));
        }
        if self.page > 1 {
            href.push_str(&format!("&page={}", self.page));
        }
        href
    }
}

/// A page of replies.
#[derive(Debug, Serialize)]
pub struct PageView {
    /// The name of the state.
    pub state: &'static str,
    /// The title of the page.
    pub label: &'static str,
    /// The search text, which may be empty.
    pub search: String,
    /// The address of all replies of the state.
    pub all: String,
    /// The links to all states.
    pub tabs: Vec<StateLink>,
    /// The replies on this page.
    pub replies: Vec<ReplyCard>,
    /// The number of replies on all pages.
    pub total: usize,
    /// The number of this page, from 1, and the number of pages.
    pub page: usize,
    pub pages: usize,
    /// The addresses of this page, the page before and the page after.
    pub here: String,
    pub earlier: Option<String>,
    pub later: Option<String>,
    /// Problems with objects of the spool.
    pub problems: Vec<String>,
}

/// A link to the replies of a state.
#[derive(Debug, Serialize)]
pub struct StateLink {
    label: &'static str,
    href: String,
    count: usize,
    is_here: bool,
}

/// A reply on a page.
#[derive(Debug, Serialize)]
pub struct ReplyCard {
    /// The handle of the revision that the page shows.
    seen: String,
    handle: String,
    anchor: String,
    state: &'static str,
    /// The badge for the state, if the page does not show the state otherwise.
    badge: Option<&'static str>,
    author: String,
    /// The writer's website, and its host.
    url: Option<String>,
    host: Option<String>,
    received: String,
    received_text: String,
    decided_text: Option<String>,
    /// The title of the post.
    title: String,
    link: Option<String>,
    answers: Option<ParentView>,
    html: String,
    /// Whether the page shows only the beginning.
    is_cut: bool,
    source: String,
    form_author: String,
    form_url: String,
    by_author: bool,
    /// The author of the site for whom a reader could take the writer's name.
    poses_as: Option<String>,
    /// The guard's points, and its reasons with their points.
    score: i32,
    reasons: Vec<(String, String)>,
    may_approve: bool,
    may_spam: bool,
    may_reject: bool,
    may_edit: bool,
    may_undo: bool,
}

/// The comment that a reply answers.
#[derive(Debug, Serialize)]
pub struct ParentView {
    author: String,
    link: Option<String>,
    html: Option<String>,
    is_cut: bool,
}

/// Collects a page of replies.
///
/// # Errors
/// The spool cannot be read.
pub fn page_view(app: &AppState, site: &Site, query: &ReplyQuery, now: Timestamp) -> Result<PageView, Diagnostic> {
    let moderation = app.moderation();
    let text = Some(query.search.clone()).filter(|text| !text.is_empty());
    let Listing { replies, problems, .. } = moderation.list(&Filter { text, ..Filter::default() }, now)?;
    let tabs = Tab::ALL.map(|tab| StateLink {
        label: tab.label(),
        href: ReplyQuery { tab, page: 1, ..query.clone() }.href(),
        count: replies.iter().filter(|reply| tab.has(reply)).count(),
        is_here: tab == query.tab,
    });
    let mut replies: Vec<ReplyObject> = replies.into_iter().filter(|reply| query.tab.has(reply)).collect();
    match query.tab {
        // The oldest replies come first.
        Tab::Waiting | Tab::Strict => {}
        Tab::Spam => replies.reverse(),
        Tab::Decided => replies.sort_by_key(|reply| std::cmp::Reverse(reply.notes.decided)),
    }
    let total = replies.len();
    let pages = pages(replies.iter().map(|reply| reply.form.comment().len()));
    let page = query.page.min(pages.len().max(1));
    let shown = pages.get(page - 1).cloned().unwrap_or(0..0);
    let at = |page: usize| ReplyQuery { page, ..query.clone() }.href();
    Ok(PageView {
        state: query.tab.name(),
        label: query.tab.label(),
        search: query.search.clone(),
        all: ReplyQuery { tab: query.tab, page: 1, search: String::new() }.href(),
        tabs: tabs.into(),
        replies: replies.drain(shown).map(|reply| reply_card(site, moderation.with_published_text(reply))).collect(),
        total,
        page,
        pages: pages.len(),
        here: at(page),
        earlier: (page > 1).then(|| at(page - 1)),
        later: (page < pages.len()).then(|| at(page + 1)),
        problems: problems.iter().map(one_line).collect(),
    })
}

/// Distributes replies over pages, by the lengths of their texts.
fn pages(lengths: impl IntoIterator<Item = usize>) -> Vec<Range<usize>> {
    let mut pages: Vec<Range<usize>> = Vec::new();
    let mut text = 0;
    for (place, length) in lengths.into_iter().enumerate() {
        text += length;
        match pages.last_mut() {
            Some(page) if page.len() < PER_PAGE && text <= TEXT_PER_PAGE => page.end = place + 1,
            _ => {
                text = length;
                pages.push(place..place + 1);
            }
        }
    }
    pages
}

/// Collects what a page shows of a reply.
pub fn reply_card(site: &Site, reply: ReplyObject) -> ReplyCard {
    let ReplyObject { id, form, notes } = &reply;
    let post = AnsweredPost::at(site, &notes.page);
    let state = notes.state;
    let is_shown = state == State::Approved;
    // A published reply can be read in its thread. Moderators do not decide about it here.
    let (text, is_cut) = if is_shown { excerpt(form.comment()) } else { (form.comment(), false) };
    ReplyCard {
        seen: reply.handle_with_state(),
        handle: reply.handle(),
        anchor: format!("reply-{id}"),
        state: state.as_str(),
        badge: match (state, notes.guard.decision) {
            (State::Pending, Disposition::Strict) => Some("look closely"),
            (State::Pending, _) => None,
            (State::Spam, _) if notes.decided.is_none() => Some("spam, says the guard"),
            (State::Approved, _) if notes.skipped_queue => Some("published at once"),
            _ => Some(state.as_str()),
        },
        author: form.author().unwrap_or("Anonymous").to_owned(),
        host: form.url().and_then(host_of),
        url: form.url().map(str::to_owned),
        received: notes.received.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        received_text: date_and_time(notes.received),
        decided_text: notes.decided.map(date_and_time),
        title: post.as_ref().map_or(&*notes.page, |post| post.title).to_owned(),
        link: post.as_ref().map(|post| match is_shown {
            true => format!("{}#comment-{id}", post.permalink),
            false => post.permalink.to_owned(),
        }),
        answers: form.reply_to().map(|id| parent_view(site, post.as_ref(), id)),
        html: render_comment(text),
        is_cut,
        source: if is_shown { String::new() } else { form.comment().to_owned() },
        form_author: form.author().unwrap_or_default().to_owned(),
        form_url: form.url().unwrap_or_default().to_owned(),
        by_author: notes.by_author,
        poses_as: reply.poses_as().map(str::to_owned),
        score: notes.guard.score,
        reasons: notes
            .guard
            .reasons
            .iter()
            .map(|reason| (reason.to_string(), format!("{:+}", reason.weight)))
            .collect(),
        may_approve: ModerationCommand::APPROVE.applies_to(state),
        may_spam: ModerationCommand::SPAM.applies_to(state),
        may_reject: ModerationCommand::REJECT.applies_to(state),
        may_edit: !is_shown,
        may_undo: notes.decided.is_some() && notes.previous_state.is_some(),
    }
}

fn parent_view(site: &Site, post: Option<&AnsweredPost<'_>>, id: &str) -> ParentView {
    let comment = post.and_then(|post| {
        site.content(post.id).thread.comments.iter().find(|comment| comment.id == id && !comment.is_pending())
    });
    match (post, comment) {
        (Some(post), Some(comment)) => {
            let (text, is_cut) = excerpt(&comment.written.body);
            ParentView {
                author: comment.author().to_owned(),
                link: Some(format!("{}#comment-{id}", post.permalink)),
                html: Some(render_comment(text)),
                is_cut,
            }
        }
        _ => ParentView { author: id.to_owned(), link: None, html: None, is_cut: false },
    }
}

/// Returns the beginning of a text, and whether it was cut.
fn excerpt(text: &str) -> (&str, bool) {
    match text.char_indices().nth(MAX_EXCERPT) {
        Some((end, _)) => (&text[..end], true),
        None => (text, false),
    }
}

/// Returns the host of a website.
fn host_of(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    rest.split(['/', '?', '#']).next().map(str::to_owned)
}

fn date_and_time(moment: Timestamp) -> String {
    moment.strftime("%-d %B %Y, %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_bounded_in_number_and_size() {
        assert_eq!(pages([]), [] as [Range<usize>; 0]);
        assert_eq!(pages([1; 51]), [0..25, 25..50, 50..51]);
        let long = TEXT_PER_PAGE;
        assert_eq!(pages([long, 1, long + 1, 1, 1, long - 2, 1]), [0..1, 1..2, 2..3, 3..6, 6..7]);
    }

    #[test]
    fn a_query_is_parsed_leniently() {
        let query = ReplyQuery::parse("state=spam&search=+a%20%26b&page=3");
        assert_eq!(query, ReplyQuery { tab: Tab::Spam, search: "a &b".to_owned(), page: 3 });
        assert_eq!(ReplyQuery::parse(&query.href()[HOME.len() + 1..]), query);
        let first = ReplyQuery { page: 1, ..ReplyQuery::default() };
        for nonsense in ["", "state=", "page=0", "page=-1", "page=99999999999999999999999", "state=%FF", "x&&=&search="]
        {
            assert_eq!(ReplyQuery::parse(nonsense), first, "{nonsense}");
        }
        assert_eq!(ReplyQuery::parse(&format!("search={}", "a".repeat(5000))).search.len(), MAX_SEARCH);
    }
}
