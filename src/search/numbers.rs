//! The numbers of documents: by their date, and independent of each other.

use rustc_hash::{FxHashMap, FxHashSet};
use xxhash_rust::xxh3::xxh3_64;

use crate::content::Date;

/// The bits for the days.
const DAYS: u32 = 15;

/// The bits for the documents of one day: the first of these that leave room for twice as many as the busiest day has. Each
/// bit makes all postings longer. The steps are large, so that a site hardly ever goes from one to the next, as then all numbers change.
const WITHIN_DAY: [u32; 5] = [4, 7, 10, 13, 16];

/// How much room there is for each document of the busiest day, so that two seldom want the same number.
const ROOM: usize = 2;

/// The numbers of documents, of which the paths and dates are given in the order of the paths.
pub fn numbers(documents: &[(&str, Option<&Date>)]) -> Vec<u32> {
    let hashed: Vec<(u64, u32)> = documents
        .iter()
        .map(|(path, date)| {
            let hash = xxh3_64(path.as_bytes());
            let day = match date {
                Some(date) => date.timestamp.as_second().div_euclid(24 * 60 * 60) as u64,
                None => hash >> 32,
            };
            (hash, day as u32 & ((1 << DAYS) - 1))
        })
        .collect();
    let mut days: FxHashMap<u32, usize> = FxHashMap::default();
    hashed.iter().for_each(|(_, day)| *days.entry(*day).or_default() += 1);
    let busiest = days.into_values().max().unwrap_or_default();
    let bits = WITHIN_DAY.into_iter().find(|bits| busiest * ROOM <= 1 << bits).unwrap_or(WITHIN_DAY[4]);
    let mut taken = FxHashSet::default();
    let number = |&(hash, day): &(u64, u32)| {
        let mut tries = (0..).map(|attempt: u32| {
            let within = (hash >> (bits * (attempt % 4))) as u32 & ((1 << bits) - 1);
            let day = (day + attempt / 4) & ((1 << DAYS) - 1);
            day << bits | within
        });
        tries.find(|&number| taken.insert(number)).unwrap_or_default()
    };
    hashed.iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Date {
        Date::parse(text).expect("a date")
    }

    #[test]
    fn numbers_are_different_and_newer_ones_are_greater() {
        let dates: Vec<Date> = (1..=28).map(|day| moment(&format!("2024-05-{day:02}"))).collect();
        let paths: Vec<String> = (0..dates.len() * 4).map(|place| format!("/posts/{place:03}/")).collect();
        let documents: Vec<(&str, Option<&Date>)> =
            paths.iter().enumerate().map(|(place, path)| (&**path, Some(&dates[place / 4]))).collect();
        let found = numbers(&documents);
        for (place, number) in found.iter().enumerate() {
            assert_eq!(number >> WITHIN_DAY[0], found[place / 4 * 4] >> WITHIN_DAY[0], "one of the same day");
            assert!(found[place + 1..].iter().all(|other| number != other));
        }
        assert!(found.chunks(4).collect::<Vec<_>>().windows(2).all(|days| days[0].iter().max() < days[1].iter().min()));
    }

    #[test]
    fn a_busy_day_has_room_and_a_new_document_moves_hardly_any() {
        let day = moment("2024-05-05");
        let paths: Vec<String> = (0..3000).map(|place| format!("/{place:04}/")).collect();
        let all: Vec<(&str, Option<&Date>)> = paths.iter().map(|path| (&**path, Some(&day))).collect();
        let before = numbers(&all);
        assert_eq!(before.iter().collect::<FxHashSet<_>>().len(), 3000);
        let without: Vec<_> = all.iter().copied().enumerate().filter(|(place, _)| *place != 7).collect();
        let after = numbers(&without.iter().map(|(_, document)| *document).collect::<Vec<_>>());
        let moved = without.iter().zip(&after).filter(|((place, _), number)| before[*place] != **number).count();
        assert!(moved <= 2, "{moved} documents have another number");
    }

    #[test]
    fn documents_without_a_date_have_numbers_of_their_own() {
        let paths: Vec<String> = (0..5000).map(|place| format!("/{place:04}/")).collect();
        let found = numbers(&paths.iter().map(|path| (&**path, None)).collect::<Vec<_>>());
        assert_eq!(found.iter().collect::<FxHashSet<_>>().len(), 5000);
    }
}
