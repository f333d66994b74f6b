//! The addresses of the search in a language.

use tera::{Kwargs, Map, State, TeraResult, Value};

use super::language;
use crate::config::translations::Message;
use crate::search;
use crate::templates::Reader;
use crate::templates::dependencies::Dependency;

/// What the client says, without `search_` before it.
const WORDS: [&str; 9] = ["results", "about", "none", "some", "all", "more", "comment", "gaps", "broken"];

/// `search_index(lang?)`: the addresses of a language's `index`, of the `client` that reads it, and of the script for
/// the search `box` that loads the client; and as JSON the `words` that the client says in the language, which are empty if it has
/// them already. None if the language has no index.
pub(super) fn search_index(kwargs: Kwargs, state: &State) -> TeraResult<Value> {
    let reader = Reader::current()?;
    let lang = language(&reader, &kwargs, state)?;
    reader.record(Dependency::Config);
    let site = &reader.library.site;
    if !search::languages(site).any(|code| code == lang) {
        return Ok(Value::none());
    }
    let mut map = Map::new();
    let files = [("index", search::root_path(&lang)), ("client", search::client_path()), ("box", search::box_path())];
    for (key, path) in files {
        map.insert(key.into(), site.config.address(&path).into());
    }
    map.insert("words".into(), words(&reader, &lang).into());
    Ok(map.into())
}

/// What the client says in a language, but for what it says by itself.
fn words(reader: &Reader, lang: &str) -> String {
    let translations = &reader.library.site.config.translations;
    let mut words: Vec<(&str, &Message)> = Vec::new();
    reader.record(Dependency::Texts(lang.to_owned()));
    for word in WORDS {
        let key = format!("search_{word}");
        let text = translations.find(lang, &key).filter(|text| !text.is_english(&key));
        words.extend(text.map(|text| (word, &text.message)));
    }
    if words.is_empty() {
        return String::new();
    }
    let words: serde_json::Map<String, serde_json::Value> =
        words.into_iter().map(|(word, text)| (word.to_owned(), serde_json::json!(text))).collect();
    serde_json::Value::from(words).to_string()
}

#[cfg(test)]
mod tests {
    use crate::templates::dependencies::Dependency;
    use crate::templates::testing::site;

    #[test]
    fn a_language_with_an_index_has_addresses() {
        let config = "base_url = 'https://a.example/b'\n[languages.fr]\nbuild_search_index = false";
        let site = site(&[("site.toml", config)]);
        let show = "{% set s = search_index() %}{{ s.index }} {{ s.client }} {{ s.box }}";
        let shown = site.render(show).unwrap();
        let (index, scripts) = shown.split_once(' ').unwrap();
        assert_eq!(index, "https://a.example/b/search-index/en.bin");
        assert!(scripts.starts_with("https://a.example/b/search-index/client-"), "{scripts}");
        assert!(scripts.ends_with(".js"), "{scripts}");
        assert_eq!(site.render("{% if search_index(lang='fr') is none %}none{% endif %}").unwrap(), "none");
        assert_eq!(site.render("{% set s = search_index() %}{{ s.words }}").unwrap(), "");
        assert_eq!(site.dependencies("{% set s = search_index() %}")[0], Dependency::Config);
    }

    #[test]
    fn words_of_the_language_are_for_the_client() {
        let config = "base_url = 'https://a.example'\n[translations]\nsearch_none = 'Nix'\nsearch_results = { one = 'a', other = '{count} b' }";
        let words =
            site(&[("site.toml", config)]).render_in("en", "{% set s = search_index() %}{{ s.words | safe }}").unwrap();
        assert_eq!(words, r#"{"results":{"one":"a","other":"{count} b"},"none":"Nix"}"#);
    }
}
