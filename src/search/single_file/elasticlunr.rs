//! The index that elasticlunr.js (<http://elasticlunr.com>) loads.

use elasticlunr::lang::{from_code, tokenize_whitespace};
use elasticlunr::{IndexBuilder, Language, Pipeline};

use super::IndexedPage;
use crate::config::Search;
use crate::config::search::elasticlunr_language;

/// The most characters of a word. The index has an object in an object for each of them, and neither the writer nor
/// the browser's reader takes any depth.
const LONGEST: usize = 100;

/// The index as JSON.
pub fn index(lang: &str, search: &Search, entries: Vec<IndexedPage<'_>>) -> String {
    let mut builder = IndexBuilder::with_language(Box::new(StemmedWords(rules(lang))));
    for (name, _) in fields(search).into_iter().filter(|(_, is_included)| *is_included) {
        builder = match name {
            "path" => builder.add_field_with_tokenizer(name, Box::new(words_of_path)),
            _ => builder.add_field(name),
        };
    }
    let mut index = builder.build();
    for entry in entries {
        let IndexedPage { url, title, description, date, body, path } = &entry;
        let row = [*title, *description, date.as_deref(), *path, body.as_deref()];
        index.add_doc(url, row.into_iter().flatten());
    }
    index.to_json()
}

/// All fields in the order that Zola gives them, and whether the index has them.
fn fields(search: &Search) -> [(&'static str, bool); 5] {
    [
        ("title", search.include_title),
        ("description", search.include_description),
        ("date", search.include_date),
        ("path", search.include_path),
        ("body", search.include_content),
    ]
}

fn words_of_path(path: &str) -> Vec<String> {
    path.split(|c: char| c.is_whitespace() || matches!(c, '-' | '/'))
        .filter_map(|word| short(word.to_lowercase()))
        .collect()
}

/// A word, if it is one and not too long.
fn short(word: String) -> Option<String> {
    (!word.is_empty() && word.chars().nth(LONGEST).is_none()).then_some(word)
}

/// The rules for the words of a language.
fn rules(lang: &str) -> Box<dyn Language> {
    elasticlunr_language(lang).and_then(from_code).unwrap_or_else(|| Box::new(UnstemmedWords(lang.to_owned())))
}

/// A language's rules, but for words that are too long.
struct StemmedWords(Box<dyn Language>);

impl Language for StemmedWords {
    fn name(&self) -> String {
        self.0.name()
    }

    fn code(&self) -> String {
        self.0.code()
    }

    fn tokenize(&self, text: &str) -> Vec<String> {
        self.0.tokenize(text).into_iter().filter_map(short).collect()
    }

    fn make_pipeline(&self) -> Pipeline {
        self.0.make_pipeline()
    }
}

/// A language that there are no rules for. The reader in the browser gets none, and so finds words as they are
/// written.
struct UnstemmedWords(String);

impl Language for UnstemmedWords {
    fn name(&self) -> String {
        self.0.clone()
    }

    fn code(&self) -> String {
        self.0.clone()
    }

    fn tokenize(&self, text: &str) -> Vec<String> {
        let words = tokenize_whitespace(text).into_iter();
        words.map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()).collect()
    }

    fn make_pipeline(&self) -> Pipeline {
        Pipeline { queue: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn index_of(lang: &str, search: &Search, body: &str) -> Value {
        let has = |wanted| fields(search).contains(&(wanted, true));
        let entry = IndexedPage {
            url: "https://a.example/tea/",
            title: has("title").then_some("Making Teas"),
            description: has("description").then_some(""),
            date: has("date").then(String::new),
            path: has("path").then_some("/hot-drinks/tea/"),
            body: has("body").then(|| body.to_owned()),
        };
        serde_json::from_str(&index(lang, search, vec![entry])).unwrap()
    }

    /// How often a word is in a field, as elasticlunr weighs that.
    fn count(index: &Value, field: &str, word: &str) -> Option<f64> {
        let root = &index["index"][field]["root"];
        let end = word.chars().try_fold(root, |node, c| node.get(c.to_string()))?;
        end["docs"]["https://a.example/tea/"]["tf"].as_f64()
    }

    #[test]
    fn it_has_the_fields_that_are_asked_for() {
        let index = index_of("en", &Search::default(), "The water, boiling.");
        assert_eq!(index["fields"], serde_json::json!(["title", "body"]));
        assert_eq!(index["pipeline"], serde_json::json!(["trimmer", "stopWordFilter", "stemmer"]));
        assert_eq!((count(&index, "title", "tea"), count(&index, "body", "boil")), (Some(1.0), Some(1.0)));
        assert_eq!(count(&index, "body", "the"), None);

        let all = Search {
            include_description: true,
            include_date: true,
            include_path: true,
            include_content: false,
            ..Search::default()
        };
        let index = index_of("en", &all, "");
        assert_eq!(index["fields"], serde_json::json!(["title", "description", "date", "path"]));
        assert_eq!((count(&index, "path", "hot"), count(&index, "path", "tea")), (Some(1.0), Some(1.0)));
    }

    #[test]
    fn every_language_that_is_promised_has_rules() {
        for lang in ["ar", "da", "de", "en", "es", "fi", "fr", "hu", "it", "ko", "nb", "nl", "nn", "no", "pt", "pt-BR"]
            .into_iter()
            .chain(["ro", "ru", "sv", "tr", "EN_gb"])
        {
            let index = index_of(lang, &Search::default(), "x");
            assert_ne!(index["pipeline"], serde_json::json!([]), "{lang}");
        }
    }

    #[test]
    fn words_of_other_languages_are_found_as_they_are_written() {
        let index = index_of("pl", &Search::default(), "„Zażółć” gęślą-jaźń!");
        assert_eq!((&index["lang"], &index["pipeline"]), (&"pl".into(), &serde_json::json!([])));
        for word in ["zażółć", "gęślą", "jaźń"] {
            assert_eq!(count(&index, "body", word), Some(1.0), "{word}");
        }
    }

    #[test]
    fn words_without_end_are_left_out() {
        for lang in ["en", "de", "pl"] {
            let body = format!("{} mast {}", "x".repeat(200_000), "y".repeat(LONGEST));
            let index = index_of(lang, &Search { include_path: true, ..Search::default() }, &body);
            assert_eq!(count(&index, "body", "mast"), Some(1.0));
            assert!(serde_json::to_string(&index).unwrap().len() < 250_000, "{lang}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_much(
            body in "(\\PC{0,12}|[a-z]{1,9}(ing|ed|ies|s|ational)?|[а-яё]{1,12}|[ığşçöü]{1,8}|[ء-ي]{1,8}|[à-ÿ]{1,9}|[ -]){0,30}",
            lang in proptest::sample::select(vec![
                "ar", "da", "de", "en", "es", "fi", "fr", "hu", "it", "ko", "nl", "no", "pt", "ro", "ru", "sv", "tr", "pl",
            ]),
        ) {
            index_of(lang, &Search::default(), &body);
        }
    }
}
