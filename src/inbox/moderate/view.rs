//! What a page of moderation shows: some of the replies, with everything that a decision needs.

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

/// So many replies are on a page at the most.
const PER_PAGE: usize = 25;

/// So much text of replies is on a page, in bytes of Markdown; a single reply may be longer.
const TEXT_PER_PAGE: usize = 32 * 1024;

/// So many characters of a response that is answered, or that is in its thread already, are shown.
const EXCERPT: usize = 600;

/// The longest question of the search, in characters.
const LONGEST_SEARCH: usize = 200;

/// Which replies are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// Those that wait.
    #[default]
    Waiting,
    /// Those of them that the guard finds unusual.
    Strict,
    /// What somebody, or the guard, took for spam.
    Spam,
    /// What was decided.
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

    fn has(self, kept: &ReplyObject) -> bool {
        let notes = &kept.notes;
        match self {
            Self::Waiting => notes.state == State::Pending,
            Self::Strict => notes.state == State::Pending && notes.guard.decision == Disposition::Strict,
            Self::Spam => notes.state == State::Spam,
            Self::Decided => notes.decided.is_some(),
        }
    }
}

/// What somebody looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplyQuery {
    tab: Tab,
    search: String,
    /// From 1.
    page: usize,
}

impl ReplyQuery {
    /// What a query asks for. What it does not say, or says in no way that is known, is as if nobody had asked.
    pub fn parse(text: &str) -> Self {
        let mut query = Self { page: 1, ..Self::default() };
        for (name, value) in query::pairs(Some(text)) {
            match &*name {
                "state" => query.tab = Tab::ALL.into_iter().find(|tab| tab.name() == value).unwrap_or_default(),
                "search" => {
                    let plain = value.trim().chars().filter(|c| !c.is_control());
                    query.search = plain.take(LONGEST_SEARCH).collect();
                }
                "page" => query.page = value.parse().unwrap_or(1).max(1),
                _ => {}
            }
        }
        query
    }

    /// Its address.
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

/// What a page shows.
#[derive(Debug, Serialize)]
pub struct PageView {
    /// The state that is looked at, by its name.
    pub state: &'static str,
    /// What its page is called.
    pub label: &'static str,
    /// What is searched for; empty: nothing.
    pub search: String,
    /// The address of all of that state.
    pub all: String,
    /// The ways to the other states.
    pub tabs: Vec<StateLink>,
    /// The replies.
    pub replies: Vec<ReplyCard>,
    /// How many there are on all pages.
    pub total: usize,
    /// Which page this is, from 1, and how many there are.
    pub page: usize,
    pub pages: usize,
    /// The addresses of this page and of those around it.
    pub here: String,
    pub earlier: Option<String>,
    pub later: Option<String>,
    /// What in the spool cannot be read.
    pub problems: Vec<String>,
}

/// A way to the replies of a state.
#[derive(Debug, Serialize)]
pub struct StateLink {
    label: &'static str,
    href: String,
    count: usize,
    is_here: bool,
}

/// A reply.
#[derive(Debug, Serialize)]
pub struct ReplyCard {
    /// What is shown of it, for forms to say.
    seen: String,
    handle: String,
    anchor: String,
    state: &'static str,
    /// What of its state has to be told where it stands.
    badge: Option<&'static str>,
    author: String,
    /// The website, and its host.
    url: Option<String>,
    host: Option<String>,
    received: String,
    received_text: String,
    decided_text: Option<String>,
    /// The post.
    title: String,
    link: Option<String>,
    answers: Option<ParentView>,
    html: String,
    /// Whether there is more of it than is shown.
    is_cut: bool,
    source: String,
    typed_author: String,
    typed_url: String,
    by_author: bool,
    /// The author of the site whose name the writer's can be taken for.
    poses_as: Option<String>,
    /// The guard's points, and its reasons with theirs.
    score: i32,
    reasons: Vec<(String, String)>,
    may_approve: bool,
    may_spam: bool,
    may_reject: bool,
    may_edit: bool,
    may_undo: bool,
}

/// The response that a reply answers.
#[derive(Debug, Serialize)]
pub struct ParentView {
    author: String,
    link: Option<String>,
    html: Option<String>,
    is_cut: bool,
}

/// What is to be seen.
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
        count: replies.iter().filter(|kept| tab.has(kept)).count(),
        is_here: tab == query.tab,
    });
    let mut replies: Vec<ReplyObject> = replies.into_iter().filter(|kept| query.tab.has(kept)).collect();
    match query.tab {
        // Who has waited longest comes first.
        Tab::Waiting | Tab::Strict => {}
        Tab::Spam => replies.reverse(),
        Tab::Decided => replies.sort_by_key(|kept| std::cmp::Reverse(kept.notes.decided)),
    }
    let total = replies.len();
    let pages = pages(replies.iter().map(|kept| kept.form.comment().len()));
    let page = query.page.min(pages.len().max(1));
    let shown = pages.get(page - 1).cloned().unwrap_or(0..0);
    let at = |page: usize| ReplyQuery { page, ..query.clone() }.href();
    Ok(PageView {
        state: query.tab.name(),
        label: query.tab.label(),
        search: query.search.clone(),
        all: ReplyQuery { tab: query.tab, page: 1, search: String::new() }.href(),
        tabs: tabs.into(),
        replies: replies.drain(shown).map(|kept| reply_card(site, moderation.with_published_text(kept))).collect(),
        total,
        page,
        pages: pages.len(),
        here: at(page),
        earlier: (page > 1).then(|| at(page - 1)),
        later: (page < pages.len()).then(|| at(page + 1)),
        problems: problems.iter().map(one_line).collect(),
    })
}

/// Which replies are on which page, by the lengths of their texts.
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

/// One reply.
pub fn reply_card(site: &Site, kept: ReplyObject) -> ReplyCard {
    let ReplyObject { id, form, notes } = &kept;
    let post = AnsweredPost::at(site, &notes.page);
    let state = notes.state;
    let is_shown = state == State::Approved;
    // What is in its thread can be read there, and nobody decides about it here.
    let (text, is_cut) = if is_shown { excerpt(form.comment()) } else { (form.comment(), false) };
    ReplyCard {
        seen: kept.handle_with_state(),
        handle: kept.handle(),
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
        received_text: long(notes.received),
        decided_text: notes.decided.map(long),
        title: post.as_ref().map_or(&*notes.page, |post| post.title).to_owned(),
        link: post.as_ref().map(|post| match is_shown {
            true => format!("{}#comment-{id}", post.permalink),
            false => post.permalink.to_owned(),
        }),
        answers: form.reply_to().map(|id| answered(site, post.as_ref(), id)),
        html: render_comment(text),
        is_cut,
        source: if is_shown { String::new() } else { form.comment().to_owned() },
        typed_author: form.author().unwrap_or_default().to_owned(),
        typed_url: form.url().unwrap_or_default().to_owned(),
        by_author: notes.by_author,
        poses_as: kept.poses_as().map(str::to_owned),
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

fn answered(site: &Site, post: Option<&AnsweredPost<'_>>, id: &str) -> ParentView {
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

/// The beginning of a text, and whether there is more.
fn excerpt(text: &str) -> (&str, bool) {
    match text.char_indices().nth(EXCERPT) {
        Some((end, _)) => (&text[..end], true),
        None => (text, false),
    }
}

/// The host of a website, which tells more than the whole of its address.
fn host_of(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    rest.split(['/', '?', '#']).next().map(str::to_owned)
}

fn long(moment: Timestamp) -> String {
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
    fn a_query_asks_for_what_there_is() {
        let query = ReplyQuery::parse("state=spam&search=+a%20%26b&page=3");
        assert_eq!(query, ReplyQuery { tab: Tab::Spam, search: "a &b".to_owned(), page: 3 });
        assert_eq!(ReplyQuery::parse(&query.href()[HOME.len() + 1..]), query);
        let first = ReplyQuery { page: 1, ..ReplyQuery::default() };
        for nonsense in ["", "state=", "page=0", "page=-1", "page=99999999999999999999999", "state=%FF", "x&&=&search="]
        {
            assert_eq!(ReplyQuery::parse(nonsense), first, "{nonsense}");
        }
        assert_eq!(ReplyQuery::parse(&format!("search={}", "a".repeat(5000))).search.len(), LONGEST_SEARCH);
    }
}
