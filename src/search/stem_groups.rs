//! Families of words: those with the same stem, so that a search for *manager* finds *managers*.

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use snowball_stemmers_rs::{Algorithm, Stemmer};

use super::file::push_number;
use super::lexicon::WordId;

/// A family has at most so many words: those that most documents have.
const LARGEST: usize = 12;

/// The families of an index.
pub struct StemGroups<'a> {
    words: &'a [(&'a str, WordId)],
    /// For each word its family.
    of: Vec<Option<usize>>,
    /// The places of each family's words, in order.
    members: Vec<Vec<usize>>,
}

/// Finds the stem groups of sorted words. `count` says how many documents have a word.
pub fn families<'a>(lang: &str, words: &'a [(&'a str, WordId)], count: impl Fn(WordId) -> usize) -> StemGroups<'a> {
    let mut families = StemGroups { words, of: vec![None; words.len()], members: Vec::new() };
    let Some(algorithm) = algorithm(lang) else { return families };
    let stems: Vec<Option<String>> = words
        .par_iter()
        .with_min_len(1024)
        .map_init(
            || Stemmer::create(algorithm),
            |stemmer, (word, _)| word.chars().all(char::is_alphabetic).then(|| stemmer.stem(word).into_owned()),
        )
        .collect();
    let mut groups: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    for (place, stem) in stems.iter().enumerate() {
        if let Some(stem) = stem {
            groups.entry(stem).or_default().push(place);
        }
    }
    for (_, mut group) in groups.into_iter().filter(|(_, group)| group.len() > 1) {
        if group.len() > LARGEST {
            group.sort_by_key(|&place| (std::cmp::Reverse(count(words[place].1)), place));
            group.truncate(LARGEST);
            group.sort_unstable();
        }
        for &place in &group {
            families.of[place] = Some(families.members.len());
        }
        families.members.push(group);
    }
    families
}

impl StemGroups<'_> {
    /// Adds the other words of a word's family to its value.
    pub fn push(&self, value: &mut Vec<u8>, word: &str, place: usize) {
        let members = self.of[place].map_or(&[][..], |family| &self.members[family]);
        push_number(value, members.len().saturating_sub(1));
        for other in members.iter().filter(|&&other| other != place).map(|&other| self.words[other].0) {
            let shared = word.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
            push_number(value, shared);
            push_number(value, other.len() - shared);
            value.extend_from_slice(&other.as_bytes()[shared..]);
        }
    }
}

/// How words of a language are reduced to their stems.
fn algorithm(lang: &str) -> Option<Algorithm> {
    let language = lang.split(['-', '_']).next().unwrap_or(lang);
    Some(match language.to_ascii_lowercase().as_str() {
        "ar" => Algorithm::Arabic,
        "ca" => Algorithm::Catalan,
        "cs" => Algorithm::Czech,
        "da" => Algorithm::Danish,
        "de" => Algorithm::German,
        "el" => Algorithm::Greek,
        "en" => Algorithm::English,
        "eo" => Algorithm::Esperanto,
        "es" => Algorithm::Spanish,
        "et" => Algorithm::Estonian,
        "eu" => Algorithm::Basque,
        "fa" => Algorithm::Persian,
        "fi" => Algorithm::Finnish,
        "fr" => Algorithm::French,
        "ga" => Algorithm::Irish,
        "hi" => Algorithm::Hindi,
        "hu" => Algorithm::Hungarian,
        "hy" => Algorithm::Armenian,
        "id" => Algorithm::Indonesian,
        "it" => Algorithm::Italian,
        "lt" => Algorithm::Lithuanian,
        "ne" => Algorithm::Nepali,
        "nl" => Algorithm::Dutch,
        "nb" | "nn" | "no" => Algorithm::Norwegian,
        "pl" => Algorithm::Polish,
        "pt" => Algorithm::Portuguese,
        "ro" => Algorithm::Romanian,
        "ru" => Algorithm::Russian,
        "sr" => Algorithm::Serbian,
        "sv" => Algorithm::Swedish,
        "ta" => Algorithm::Tamil,
        "tr" => Algorithm::Turkish,
        "uk" => Algorithm::Ukrainian,
        "yi" => Algorithm::Yiddish,
        _ => return None,
    })
}
