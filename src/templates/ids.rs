//! The ids that templates write, which nothing in a body may have as well.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::source::Fingerprint;

/// Ids of the built-in comments and their form. They are on pages that have comments only.
pub(super) const OF_COMMENTS: [&str; 12] = [
    "comments",
    "comments-title",
    "respond",
    "reply-title",
    "reply-to",
    "reply-name",
    "reply-email",
    "reply-website",
    "reply-comment",
    "reply-markdown",
    "reply-nickname",
    "reply-notify",
];

/// The ids that a template writes.
#[derive(Debug)]
pub(crate) struct TemplateIds {
    pub names: BTreeSet<String>,
    /// Of all of them.
    pub fingerprint: Fingerprint,
}

/// An attribute `id` whose value is written as it is. One that is made of something cannot be known.
static ID: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::unwrap_used, reason = "the pattern is a constant")]
    Regex::new(r#"(?i)(?:^|[\s"'}])id\s*=\s*(?:"([^"{}]+)"|'([^'{}]+)'|([^\s"'=<>`{}/]+)[\s>/])"#).unwrap()
});

impl TemplateIds {
    /// Those in the sources of templates, each with whether it is built in, but those of the built-in comments.
    pub fn of<'a>(sources: impl Iterator<Item = (&'a str, bool)>) -> Self {
        let mut names = BTreeSet::new();
        for (source, is_built_in) in sources {
            let values = ID.captures_iter(source).filter_map(|found| found.iter().skip(1).flatten().next());
            let values = values.map(|value| value.as_str()).filter(|id| !is_built_in || !OF_COMMENTS.contains(id));
            names.extend(values.map(str::to_owned));
        }
        let fingerprint = Fingerprint::of(format!("{names:?}").as_bytes());
        Self { names, fingerprint }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_where_they_are_written_as_they_are() {
        let sources = [
            "<main id=\"a\" data-id=\"no\"><p class='x' ID = 'b'>{% if x %}<br id=c/>{% endif %}<i id=d><p id=\"respond\">",
            "<li{% if x %} id=\"e\"{% endif %}><li id=\"no-{{ loop.index }}\"><li id={{ no }}><li id=''>{{ x }} grid=\"no\"",
        ];
        let ids = |is_built_in| {
            let ids = TemplateIds::of(sources.into_iter().map(|source| (source, is_built_in)));
            ids.names.into_iter().collect::<Vec<_>>()
        };
        assert_eq!(ids(true), ["a", "b", "c", "d", "e"]);
        assert_eq!(ids(false), ["a", "b", "c", "d", "e", "respond"]);
    }
}
