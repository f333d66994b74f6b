//! What Unicode knows of languages: plural categories, numbers, writing directions, and which languages are near.

use std::cell::RefCell;
use std::rc::Rc;

use icu_decimal::DecimalFormatter;
use icu_decimal::input::Decimal;
use icu_decimal::options::DecimalFormatterOptions;
use icu_locale::{Direction, LanguageIdentifier, Locale, LocaleDirectionality, LocaleExpander};
use icu_plurals::{PluralCategory, PluralRules, PluralRulesOptions};
use rustc_hash::FxHashMap;

/// The names of the plural categories.
pub const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// How a language writes numbers, and which forms words have beside them.
pub struct Conventions {
    plurals: Option<PluralRules>,
    decimals: Option<DecimalFormatter>,
    is_right_to_left: bool,
}

impl Conventions {
    fn new(lang: &str) -> Self {
        let locale = identifier(lang).map_or(Locale::UNKNOWN, Locale::from);
        Self {
            plurals: PluralRules::try_new((&locale).into(), PluralRulesOptions::default()).ok(),
            decimals: DecimalFormatter::try_new((&locale).into(), DecimalFormatterOptions::default()).ok(),
            is_right_to_left: is_right_to_left(lang),
        }
    }

    /// The conventions of a language. Each thread loads them once, because they cannot be shared.
    pub fn of(lang: &str) -> Rc<Self> {
        thread_local! {
            static KNOWN: RefCell<FxHashMap<String, Rc<Conventions>>> = RefCell::default();
        }
        KNOWN.with_borrow_mut(|known| match known.get(lang) {
            Some(conventions) => conventions.clone(),
            None => known.entry(lang.to_owned()).or_insert(Rc::new(Self::new(lang))).clone(),
        })
    }

    /// The plural category of a number.
    pub fn category(&self, number: i64) -> &'static str {
        let rules = self.plurals.as_ref();
        name(rules.map_or(PluralCategory::Other, |rules| rules.category_for(number.unsigned_abs())))
    }

    /// The plural categories of the language.
    pub fn categories(&self) -> Vec<&'static str> {
        self.plurals.iter().flat_map(PluralRules::categories).map(name).collect()
    }

    /// Writes a number in the digits of the language.
    pub fn number(&self, number: i64) -> String {
        match &self.decimals {
            Some(decimals) => decimals.format(&Decimal::from(number)).to_string(),
            None => number.to_string(),
        }
    }

    /// A part of a text, which keeps its own direction: between marks that no reader sees where it has letters of the other one.
    pub fn isolated(&self, part: &str) -> String {
        if part.chars().any(|c| if self.is_right_to_left { c.is_alphabetic() && !is_rtl(c) } else { is_rtl(c) }) {
            format!("\u{2068}{part}\u{2069}")
        } else {
            part.to_owned()
        }
    }
}

fn name(category: PluralCategory) -> &'static str {
    match category {
        PluralCategory::Zero => "zero",
        PluralCategory::One => "one",
        PluralCategory::Two => "two",
        PluralCategory::Few => "few",
        PluralCategory::Many => "many",
        PluralCategory::Other => "other",
    }
}

/// Whether a character is of a script from right to left. These are the blocks that Unicode keeps for them.
fn is_rtl(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// A language's code as Unicode reads it; none if it is none. Its parts may be joined by `_` too (UTS 35).
pub fn identifier(lang: &str) -> Option<LanguageIdentifier> {
    LanguageIdentifier::try_from_str(&lang.replace('_', "-")).ok()
}

/// Whether a language is written from right to left. Vertical scripts and languages that Unicode does not know are not.
pub fn is_right_to_left(lang: &str) -> bool {
    const DIRECTIONS: LocaleDirectionality = LocaleDirectionality::new_extended();
    identifier(lang).is_some_and(|lang| DIRECTIONS.get(&lang) == Some(Direction::RightToLeft))
}

/// A language's code with its most likely script and country: `zh-Hant-TW` for `zh-tw`.
pub fn with_likely_parts(mut lang: LanguageIdentifier) -> LanguageIdentifier {
    const LIKELY: LocaleExpander = LocaleExpander::new_extended();
    LIKELY.maximize(&mut lang);
    lang
}

/// The languages among `available` that readers of a language read, the nearest first: `pt` and `pt-PT` for `pt-BR`. One in
/// another script is none of them.
pub fn nearest_languages<'a>(lang: &str, available: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let Some(wanted) = identifier(lang) else { return available.filter(|other| *other == lang).collect() };
    let likely = with_likely_parts(wanted.clone());
    let distance = |other: &str| {
        let other = identifier(other)?;
        let all = with_likely_parts(other.clone());
        match () {
            () if other == wanted => Some(0),
            () if all == likely => Some(1),
            () if (all.language, all.script) != (likely.language, likely.script) => None,
            () if other.region.is_none() => Some(2),
            () => Some(3),
        }
    };
    let mut near: Vec<_> = available.filter_map(|other| Some((distance(other)?, other))).collect();
    near.sort_unstable();
    near.into_iter().map(|(_, other)| other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_that_their_readers_read() {
        let shipped = ["en", "pt", "pt-PT", "sr", "sr-Latn", "zh-Hans", "zh-Hant", "zh-HK"];
        for (lang, expected) in [
            ("pt-BR", &["pt", "pt-PT"][..]),
            ("pt_PT", &["pt-PT", "pt"]),
            ("zh", &["zh-Hans"]),
            ("zh-cn", &["zh-Hans"]),
            ("zh-TW", &["zh-Hant", "zh-HK"]),
            ("zh-HK", &["zh-HK", "zh-Hant"]),
            ("sr", &["sr"]),
            ("sr-Latn-RS", &["sr-Latn"]),
            ("sv", &[]),
            ("!", &[]),
        ] {
            assert_eq!(nearest_languages(lang, shipped.into_iter()), expected, "{lang}");
        }
    }

    #[test]
    fn numbers_and_forms() {
        for (lang, number, written, category) in [
            ("en", 1_234, "1,234", "other"),
            ("de", 1_234, "1.234", "other"),
            ("fr", 0, "0", "one"),
            ("pl", 22, "22", "few"),
            ("ru", 5, "5", "many"),
            ("fa", 12, "۱۲", "other"),
            ("hi", 123_456, "1,23,456", "other"),
            ("no such code", -7, "-7", "other"),
        ] {
            let conventions = Conventions::of(lang);
            assert_eq!(
                (conventions.number(number).as_str(), conventions.category(number)),
                (written, category),
                "{lang}"
            );
        }
        assert_eq!(Conventions::of("ar").categories().len(), 6);
    }

    #[test]
    fn parts_of_the_other_direction_are_isolated() {
        let (english, hebrew) = (Conventions::of("en"), Conventions::of("he"));
        assert_eq!((english.isolated("tea (2)"), hebrew.isolated("תה")), ("tea (2)".to_owned(), "תה".to_owned()));
        assert_eq!(english.isolated("תה"), "\u{2068}תה\u{2069}");
        assert_eq!(
            (hebrew.isolated("C++"), hebrew.isolated("2012")),
            ("\u{2068}C++\u{2069}".to_owned(), "2012".to_owned())
        );
    }
}
