//! The addresses of the search in a language.

use tera::{Kwargs, Map, State, TeraResult, Value};

use super::language;
use crate::search;
use crate::templates::Reader;
use crate::templates::dependencies::Dependency;

/// `search_index(lang?)`: the addresses of a language's `index`, of the `client` that reads it, and of the script for
/// the search `box` that loads the client; none if the language has no index.
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
    Ok(map.into())
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
        assert_eq!(site.dependencies("{% set s = search_index() %}"), [Dependency::Config]);
    }
}
