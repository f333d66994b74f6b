//! The value of a series, as it is on the page of one of its parts.

use serde::Serialize;
use tera::Value;

use crate::site::{LISTED_PARTS, PlaceInSeries};

/// The parts of a series that are shown on the page of one of them.
pub(in crate::templates) struct Parts {
    /// Those that are listed.
    pub listed: Vec<Value>,
    pub previous: Option<Value>,
    pub next: Option<Value>,
}

/// Returns a series.
pub(in crate::templates) fn series(series: &PlaceInSeries, parts: &Parts) -> Value {
    #[derive(Serialize)]
    struct SeriesView<'a> {
        name: &'a str,
        permalink: Option<&'a str>,
        /// The number of all parts.
        count: usize,
        /// The number of the page's own part, from 1.
        number: usize,
        /// The number of the first part in `pages`.
        first: usize,
        pages: &'a [Value],
        previous: Option<&'a Value>,
        next: Option<&'a Value>,
    }
    let PlaceInSeries { name, permalink, pages, place } = *series;
    Value::from_serializable(&SeriesView {
        name,
        permalink,
        count: pages.len(),
        number: place + 1,
        first: series.near(LISTED_PARTS, 0).start + 1,
        pages: &parts.listed,
        previous: parts.previous.as_ref(),
        next: parts.next.as_ref(),
    })
}
