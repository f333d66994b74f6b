//! The value of a series, as it is on the page of one of its parts.

use serde::Serialize;
use tera::Value;

use crate::site::PlaceInSeries;

/// Returns a series. `parts` are those that are listed on the page.
pub(in crate::templates) fn series(series: &PlaceInSeries, parts: &[Value]) -> Value {
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
    let first = series.listed().start;
    let own = place - first;
    Value::from_serializable(&SeriesView {
        name,
        permalink,
        count: pages.len(),
        number: place + 1,
        first: first + 1,
        pages: parts,
        previous: own.checked_sub(1).and_then(|before| parts.get(before)),
        next: parts.get(own + 1),
    })
}
