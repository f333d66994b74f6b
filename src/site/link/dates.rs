//! The dates of a site: the newest comments, the newest date, and the years of a copyright line.

use std::cmp::Reverse;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rayon::prelude::*;

use crate::content::Date;
use crate::site::{CommentId, ContentId, Site};

/// What follows from the dates of a site.
pub(super) struct SiteDates {
    /// The newest comments first.
    pub recent: Vec<CommentId>,
    /// The newest date that is not in the future.
    pub latest: Option<Date>,
    /// The first year and the last.
    pub years: Option<(i16, i16)>,
}

/// Finds them in the listed content.
pub(super) fn dates(site: &Site) -> SiteDates {
    let contents: Vec<ContentId> = site.contents().collect();
    let approved = |id: ContentId| {
        let comments = site.content(id).thread.comments.iter().enumerate();
        comments.filter(|(_, comment)| !comment.is_pending())
    };
    let dates = |&id: &ContentId| {
        let meta = match id {
            ContentId::Page(page) => Some(&site.page(page).meta),
            ContentId::Section(_) => None,
        };
        let own = meta.into_iter().flat_map(|meta| meta.date.iter().chain(&meta.updated));
        own.chain(approved(id).map(|(_, comment)| &comment.date))
    };
    let is_listed = |id: &&ContentId| !matches!(id, ContentId::Page(page) if !site.page(*page).is_listed());
    let listed = || contents.par_iter().filter(is_listed);
    let has_begun = |date: &&Date| date.timestamp <= site.now;
    let latest = listed().filter_map(|id| dates(id).filter(has_begun).max()).max().cloned();
    let years = listed().flat_map_iter(dates).map(|date| (date.year, date.year));
    let years = years.reduce_with(|(a, b), (c, d)| (a.min(c), b.max(d)));
    let this_year = site.now.to_zoned(TimeZone::UTC).year();
    let years = years.map(|(first, last)| (first.min(this_year), last.min(this_year)));

    let dated = |&id: &ContentId| {
        let place = move |index| CommentId { content: id, index };
        approved(id).map(move |(index, comment)| (Reverse(comment.date.timestamp), place(index)))
    };
    let mut recent: Vec<(Reverse<Timestamp>, CommentId)> = listed().flat_map_iter(dated).collect();
    // Most are told apart by their dates, which lie beside one another here.
    let place = |comment: &CommentId| (site.content(comment.content).permalink.as_str(), Reverse(comment.index));
    recent.par_sort_by(|(a_date, a), (b_date, b)| a_date.cmp(b_date).then_with(|| place(a).cmp(&place(b))));
    SiteDates { recent: recent.into_iter().map(|(_, comment)| comment).collect(), latest, years }
}
