//! What people say: the newest comments, and the sayings for the foot of the page.

use tera::{Kwargs, State, TeraResult, Value};

use super::language;
use crate::source::Fingerprint;
use crate::templates::Reader;
use crate::templates::dependencies::Dependency;
use crate::templates::reads::Access;

/// How many comments are given when nobody says how many.
const RECENT: usize = 5;

/// `recent_comments(limit?, lang?)`: the newest comments of a language, each with the `page` that it was made at.
pub(super) fn recent_comments(kwargs: Kwargs, state: &State) -> TeraResult<Value> {
    let reader = Reader::current()?;
    let lang = language(&reader, &kwargs, state)?;
    let with_texts = reader.is_called("recent_comments", &kwargs, Access::reads_comment_texts);
    Ok(reader.recent_comments(&lang, kwargs.get("limit")?.unwrap_or(RECENT), with_texts))
}

/// `quote(key)`: one of the configuration's quotes, the same one for the same key in every build; none if there are
/// none.
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
    fn the_newest_comments_with_their_pages() {
        let blog = blog();
        let list = |arguments: &str| {
            blog.render(&format!(
                "{{% for c in recent_comments({arguments}) %}}{{{{ c.author }}}} on {{{{ c.page.title }}}} at \
                 {{{{ c.permalink }}}};{{% endfor %}}"
            ))
            .unwrap()
        };
        let al = "Al on Tea at https://blog.example/posts/tea/#comment-2;";
        let jo = "Jo on Tea at https://blog.example/posts/tea/#comment-1;";
        assert_eq!(list(""), format!("{al}{jo}"));
        assert_eq!(list("limit=1"), al);
        assert_eq!(list("limit=0"), "");
        assert_eq!(list("lang='fr'"), "");
        // Also when they are remembered.
        for _ in 0..2 {
            let dependencies = blog.dependencies("{{ recent_comments() | length }}");
            assert_eq!(dependencies, [Dependency::RecentComments { lang: "en".into(), limit: 5, with_texts: false }]);
        }
    }

    #[test]
    fn a_key_has_its_quote() {
        let blog = blog();
        let author = |key: &str| blog.render(&format!("{{% set q = quote(key='{key}') %}}{{{{ q.author }}}}")).unwrap();
        let of_keys: Vec<String> = ["/", "/a/", "/b/", "/c/", "/d/"].map(author).into();
        // Written down, because it must be the same in every build of every version.
        assert_eq!(of_keys, ["Polonius", "Lucrezia", "Polonius", "Lucrezia", "Polonius"]);
        assert_eq!(author("/"), author("/"));
        assert_eq!(blog.dependencies("{% set q = quote(key=1) %}"), [Dependency::Config]);
        let without = site(&[("site.toml", "base_url = 'https://a.example'")]);
        assert_eq!(without.render("{% if quote(key='a') is none %}none{% endif %}").unwrap(), "none");
    }
}
