//! Dates in the future: mostly a slip of the pen.

use crate::config::Future;
use crate::content::Moment;
use crate::diagnostic::{Diagnostic, Location};
use crate::source::{World, read_text};

use super::{ContentId, PageId, Site};

/// So many dates are reported one by one.
const MOST_NAMED: usize = 20;

/// A date in the future.
struct FutureDate<'a> {
    message: String,
    date: &'a Moment,
    location: Location,
    help: &'static str,
}

/// Warns of the dates in the future, of pages and of comments. A post that is held back until its date is none of them, nor is one
/// where the site says that it publishes such posts.
pub fn warnings(site: &Site, world: &dyn World) -> Vec<Diagnostic> {
    let mut dates: Vec<FutureDate<'_>> = site.contents().flat_map(|id| dates_of(site, id)).collect();
    dates.sort_by(|a, b| a.location.path.cmp(&b.location.path));
    let more = dates.len().saturating_sub(MOST_NAMED);
    dates.truncate(MOST_NAMED);
    let warning = |FutureDate { message, date, location, help }: FutureDate<'_>| {
        Diagnostic::warning(message).at(with_line(location, date, world)).help(help)
    };
    let mut warnings: Vec<Diagnostic> = dates.into_iter().map(warning).collect();
    if more > 0 {
        let message = format!("{more} more dates of pages and comments are in the future");
        warnings.push(Diagnostic::warning(message).help("mend those that were reported, and run the command again"));
    }
    warnings
}

fn dates_of(site: &Site, id: ContentId) -> Vec<FutureDate<'_>> {
    let is_future = |date: &&Moment| date.timestamp > site.now;
    let mut found = Vec::new();
    if let ContentId::Page(id) = id {
        of_page(site, id, &mut found);
    }
    let comments = site.content(id).thread.comments.iter();
    found.extend(comments.filter(|comment| is_future(&&comment.date)).map(|comment| FutureDate {
        message: format!("the date of the comment by {} is in the future: {}", comment.author(), comment.date),
        date: &comment.date,
        location: comment.written.location.clone(),
        help: "mend the date: until then the comment is the newest of all",
    }));
    found
}

fn of_page<'a>(site: &'a Site, id: PageId, found: &mut Vec<FutureDate<'a>>) {
    let page = site.page(id);
    let meta = &page.meta;
    if site.is_held(ContentId::Page(id), site.now) {
        return;
    }
    let is_future = |date: &&Moment| date.timestamp > site.now;
    if let Some(date) = meta.date.as_ref().filter(is_future).filter(|_| site.config.future != Future::Publish) {
        found.push(FutureDate {
            message: format!("the date of this page is in the future: {date}"),
            date,
            location: page.content.source.find_key("date"),
            help: "the page is published all the same; `future = \"hold\"` in [build] holds such pages back until their \
                   date, and `future = \"publish\"` says that they are meant to be published",
        });
    }
    if let Some(date) = meta.updated.as_ref().filter(is_future) {
        found.push(FutureDate {
            message: format!("this page was updated in the future: {date}"),
            date,
            location: page.content.source.find_key("updated"),
            help: "mend the date in `updated`",
        });
    }
}

/// The place of the date in its file, also where the file was parsed in an earlier run.
fn with_line(location: Location, date: &Moment, world: &dyn World) -> Location {
    if location.excerpt.is_some() {
        return location;
    }
    let Ok(source) = read_text(world, &location.path) else { return location };
    // The day stands in the text as it is, whatever the notation of the time.
    let day = date.text.get(..10).unwrap_or(&date.text);
    let near = [&*date.text, day].into_iter().find_map(|text| Some((source.text.find(text)?, text.len())));
    near.map_or(location, |(start, length)| Location::span(&source, start..start + length))
}
