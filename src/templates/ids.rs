//! The ids that templates write, which nothing in a body may have as well.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::source::Fingerprint;

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
    /// Those in the sources of templates.
    pub fn of<'a>(sources: impl Iterator<Item = &'a str>) -> Self {
        let mut names = BTreeSet::new();
        for source in sources {
            let values = ID.captures_iter(source).filter_map(|found| found.iter().skip(1).flatten().next());
            names.extend(values.map(|value| value.as_str().to_owned()));
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
            "<main id=\"a\" data-id=\"no\"><p class='x' ID = 'b'>{% if x %}<br id=c/>{% endif %}<i id=d>",
            "<li{% if x %} id=\"e\"{% endif %}><li id=\"no-{{ loop.index }}\"><li id={{ no }}><li id=''>{{ x }} grid=\"no\"",
        ];
        let ids = TemplateIds::of(sources.into_iter());
        assert_eq!(ids.names.into_iter().collect::<Vec<_>>(), ["a", "b", "c", "d", "e"]);
    }
}
