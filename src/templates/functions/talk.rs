//! What people say: the newest comments, and the sayings for the foot of the page.

use tera::{Kwargs, State, TeraResult, Value};

use super::language;
use crate::source::Fingerprint;
use crate::templates::record::{self, Fact};

/// How many comments are given when nobody says how many.
const RECENT: usize = 5;

/// `recent_comments(limit?, lang?)`: the newest comments of a language, each with the `page` that it was made at.
pub(super) fn recent_comments(kwargs: Kwargs, state: &State) -> TeraResult<Value> {
    let (library, _) = record::library()?;
    let lang = language(&library, &kwargs, state)?;
    Ok(library.recent_comments(&lang, kwargs.get("limit")?.unwrap_or(RECENT)))
}

/// `quote(key)`: one of the configuration's quotes, the same one for the same key in every build; none if there are
/// none.
pub(super) fn quote(kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    let (library, _) = record::library()?;
    let key = kwargs.must_get::<String>("key")?;
    let config = &library.site.config;
    library.note(Fact::Config(config.default_language().code.clone()));
    let place = Fingerprint::of(key.as_bytes()).0.checked_rem(config.quotes.len() as u128);
    let quote = place.and_then(|place| config.quotes.get(usize::try_from(place).ok()?));
    Ok(quote.map_or_else(Value::none, Value::from_serializable))
}
