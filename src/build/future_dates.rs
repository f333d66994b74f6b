//! Dates in the future: mostly a slip of the pen.

use std::sync::Arc;

use crate::config::Future;
use crate::content::{CommentDocument, Date, parse_thread};
use crate::diagnostic::{Diagnostic, Location, truncate_to_listed};
use crate::site::thread::Comment;
use crate::site::{Content, ContentId, Site};
use crate::source::{World, read_text};

/// A date in the future.
struct FutureDate<'a> {
    content: &'a Content,
    kind: FutureDateKind<'a>,
    date: &'a Date,
}

/// What a date is.
enum FutureDateKind<'a> {
    /// That of a page.
    Page,
    /// The day on which a page was changed.
    Update,
    /// That of a comment.
    Comment(&'a Comment),
}

/// Warns of the dates in the future, of pages and of comments. A post that is held back until its date is none of them, nor is one
/// where the site says that it publishes such posts.
pub fn warnings(site: &Site, world: &dyn World) -> Vec<Diagnostic> {
    let mut dates: Vec<FutureDate<'_>> = site.contents().flat_map(|id| dates_of(site, id)).collect();
    dates.sort_by(|a, b| a.content.source.path.cmp(&b.content.source.path));
    let more = truncate_to_listed(&mut dates);
    let mut warnings: Vec<Diagnostic> = dates.iter().map(|date| date.warning(world)).collect();
    if more > 0 {
        let message = format!("{more} more dates of pages and comments are in the future");
        warnings.push(Diagnostic::warning(message).help("mend those that were reported, and run the command again"));
    }
    warnings
}

fn dates_of(site: &Site, id: ContentId) -> Vec<FutureDate<'_>> {
    let content = site.content(id);
    let (mut date, mut updated) = (None, None);
    if let ContentId::Page(page) = id
        && !site.is_held(id, site.now)
    {
        let meta = &site.page(page).meta;
        date = meta.date.as_ref().filter(|_| site.config.future != Future::Publish);
        updated = meta.updated.as_ref();
    }
    let comments = content.thread.comments.iter().map(|comment| (FutureDateKind::Comment(comment), &comment.date));
    let of_page = [date.map(|date| (FutureDateKind::Page, date)), updated.map(|date| (FutureDateKind::Update, date))];
    let all = of_page.into_iter().flatten().chain(comments).filter(|(_, date)| date.timestamp > site.now);
    all.map(|(kind, date)| FutureDate { content, kind, date }).collect()
}

impl FutureDate<'_> {
    fn warning(&self, world: &dyn World) -> Diagnostic {
        let Self { content, kind, date } = self;
        let (message, help) = match kind {
            FutureDateKind::Page => (
                format!("the date of this page is in the future: {date}"),
                "the page is published all the same: with `future = \"hold\"` in [build] it waits for its date, and with `future = \
                 \"publish\"` nothing is said of it",
            ),
            FutureDateKind::Update => {
                (format!("`updated` is in the future: {date}"), "write the day on which the page was changed")
            }
            FutureDateKind::Comment(comment) => (
                format!("the comment by {} has a date in the future: {date}", comment.author()),
                "write when it was made; until then it stays the newest of all",
            ),
        };
        let in_front_matter = |key: &str| content.source.with_text(world).find_key(key);
        let location = match kind {
            FutureDateKind::Page if content.file.date.as_ref() == Some(date) => content.location(),
            FutureDateKind::Page => in_front_matter("date"),
            FutureDateKind::Update => in_front_matter("updated"),
            FutureDateKind::Comment(comment) => place_of(&comment.written, world),
        };
        Diagnostic::warning(message).at(location).help(help)
    }
}

/// Where a comment is, also where its file was parsed in an earlier run.
fn place_of(comment: &CommentDocument, world: &dyn World) -> Location {
    if comment.location.excerpt.is_some() {
        return comment.location.clone();
    }
    let is_it = |other: &&Arc<CommentDocument>| {
        let same = |it: &CommentDocument| (it.id.clone(), it.date.clone(), it.author.clone(), it.body.clone());
        same(other) == same(comment)
    };
    let source = read_text(world, &comment.location.path).ok();
    let found = source.and_then(|source| parse_thread(&source).0.comments.iter().find(is_it).cloned());
    found.map_or_else(|| comment.location.clone(), |comment| comment.location.clone())
}
