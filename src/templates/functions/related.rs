//! What belongs to a page: related pages, and the series that it is a part of.

use tera::{Kwargs, State, TeraResult, Value};

use super::content::find_page;
use crate::templates::Reader;
use crate::templates::dependencies::FieldMask;
use crate::templates::reads::Access;

/// The default number of related pages.
const DEFAULT_LIMIT: usize = 5;

/// `get_related(path, lang?, limit?)`: the pages that share the most terms with a page.
pub(super) fn get_related(kwargs: Kwargs, state: &State) -> TeraResult<Value> {
    let reader = Reader::current()?;
    let id = find_page(&reader, &kwargs, state)?;
    let fields = reader.call_mask("get_related", &kwargs, Access::items_mask);
    Ok(reader.related(id, kwargs.get("limit")?.unwrap_or(DEFAULT_LIMIT), fields).into())
}

/// `get_series(path, lang?)`: the series of a page, with the parts that are near to it; none if it belongs to none.
pub(super) fn get_series(kwargs: Kwargs, state: &State) -> TeraResult<Value> {
    let reader = Reader::current()?;
    let id = find_page(&reader, &kwargs, state)?;
    let fields = reader.call_mask("get_series", &kwargs, |series| {
        let part = |name| series.field(name).map_or(FieldMask::META, Access::mask);
        series.pages_mask().unwrap_or_default() | part("previous") | part("next")
    });
    Ok(reader.series(id, fields))
}
