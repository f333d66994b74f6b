//! The numbers of documents: by their date, and independent of each other.

use rustc_hash::FxHashSet;
use xxhash_rust::xxh3::xxh3_64;

use crate::content::Moment;

/// The bits for documents of one day.
const WITHIN_DAY: u32 = 11;

/// The bits for the days.
const DAYS: u32 = 15;

/// Gives out numbers.
#[derive(Debug, Default)]
pub struct Numbers {
    taken: FxHashSet<u32>,
}

impl Numbers {
    /// The number of the next document, in the order of their paths.
    pub fn next(&mut self, path: &str, date: Option<&Moment>) -> u32 {
        let hash = xxh3_64(path.as_bytes());
        let day = match date {
            Some(date) => date.timestamp.as_second().div_euclid(24 * 60 * 60) as u64,
            None => hash >> 32,
        };
        let day = (day as u32) & ((1 << DAYS) - 1);
        let tries = (0..).map(|attempt: u32| {
            let within = (hash >> (WITHIN_DAY * (attempt % 4))) as u32 & ((1 << WITHIN_DAY) - 1);
            (day + attempt / 4) << WITHIN_DAY | within
        });
        let mut free = tries.filter(|&number| self.taken.insert(number));
        free.next().unwrap_or_default()
    }
}
