//! The newest comments.

use tera::{Kwargs, State, TeraResult, Value};

use super::language;
use crate::templates::Reader;
use crate::templates::reads::Access;

/// The default number of comments.
const DEFAULT_LIMIT: usize = 5;

/// `recent_comments(limit?, lang?)`: the newest comments of a language, each with its `page`.
pub(super) fn recent_comments(kwargs: Kwargs, state: &State) -> TeraResult<Value> {
    let reader = Reader::current()?;
    let lang = language(&reader, &kwargs, state)?;
    let with_texts = reader.reads_result("recent_comments", &kwargs, Access::reads_comment_texts);
    Ok(reader.recent_comments(&lang, kwargs.get("limit")?.unwrap_or(DEFAULT_LIMIT), with_texts))
}

#[cfg(test)]
mod tests {
    use crate::templates::dependencies::Dependency;
    use crate::templates::testing::blog;

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
        // The second time they come from the cache.
        for _ in 0..2 {
            let dependencies = blog.dependencies("{{ recent_comments() | length }}");
            assert_eq!(dependencies, [Dependency::RecentComments { lang: "en".into(), limit: 5, with_texts: false }]);
        }
    }
}
