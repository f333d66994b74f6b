//! What day it is, as far as the content knows.

use jiff::Timestamp;
use tera::{Kwargs, State, TeraResult, Value};

use crate::templates::record::{self, Facet, Fact, List};

/// `now(timestamp?)`: the newest date in the content, in UTC as RFC 3339 has it, or in seconds since 1970.
///
/// It is not the time on the clock, as Zola's is: a build of the same files makes the same site on any day. Content
/// without any date is of the beginning of 1970. Zola's argument `utc` makes no difference.
pub(super) fn now(kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    let (library, _) = record::library()?;
    library.note(Fact::List(List::Latest, Facet::Meta));
    let latest = library.site.latest.as_ref().map_or(Timestamp::UNIX_EPOCH, |moment| moment.timestamp);
    Ok(if kwargs.get("timestamp")?.unwrap_or(false) { latest.as_second().into() } else { latest.to_string().into() })
}

/// `copyright_years()`: the years of the content, as in `2009–2014`, or `2014`, or nothing.
pub(super) fn copyright_years(_: Kwargs, _: &State) -> TeraResult<String> {
    let (library, _) = record::library()?;
    library.note(Fact::List(List::Years, Facet::Meta));
    Ok(match library.site.years {
        Some((first, last)) if first == last => first.to_string(),
        Some((first, last)) => format!("{first}–{last}"),
        None => String::new(),
    })
}
