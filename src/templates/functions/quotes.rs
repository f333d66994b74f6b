//! The quotes of the configuration.

use tera::{Kwargs, State, TeraResult, Value};

use crate::source::Fingerprint;
use crate::templates::Reader;
use crate::templates::dependencies::Dependency;

/// `quote(key)`: one of the configuration's quotes, the same for the same key in every build; none if there are no
/// quotes.
pub(super) fn quote(kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    let reader = Reader::current()?;
    let key = kwargs.must_get::<String>("key")?;
    let config = &reader.library.site.config;
    reader.record(Dependency::Config);
    let place = Fingerprint::of(key.as_bytes()).0.checked_rem(config.quotes.len() as u128);
    let quote = place.and_then(|place| config.quotes.get(usize::try_from(place).ok()?));
    Ok(quote.map_or_else(Value::none, Value::from_serializable))
}

#[cfg(test)]
mod tests {
    use crate::templates::dependencies::Dependency;
    use crate::templates::testing::{blog, site};

    #[test]
    fn a_key_has_its_quote() {
        let blog = blog();
        let author = |key: &str| blog.render(&format!("{{% set q = quote(key='{key}') %}}{{{{ q.author }}}}")).unwrap();
        let of_keys: Vec<String> = ["/", "/a/", "/b/", "/c/", "/d/"].map(author).into();
        // The expected quotes are literal, because they must be the same in every build of every version.
        assert_eq!(of_keys, ["Polonius", "Lucrezia", "Polonius", "Lucrezia", "Polonius"]);
        assert_eq!(author("/"), author("/"));
        assert_eq!(blog.dependencies("{% set q = quote(key=1) %}"), [Dependency::Config]);
        let without = site(&[("site.toml", "base_url = 'https://a.example'")]);
        assert_eq!(without.render("{% if quote(key='a') is none %}none{% endif %}").unwrap(), "none");
    }
}
