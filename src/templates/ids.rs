//! The ids that templates write. No element of a body may have the same id.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::BUILTINS;
use super::syntax::calls::Callee;
use super::syntax::lexer::{Token, tags};
use crate::source::Fingerprint;

/// The ids of the built-in comments and their form. Only pages with comments have them.
pub(super) static COMMENT_IDS: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    let components = BUILTINS.iter().filter(|(name, _)| *name == "components.html").map(|(_, source)| *source);
    let sources = components.chain(["{{ <comments /> }}{{ <reply_form /> }}"]);
    find_ids(sources.map(|source| (source, true))).into_iter().map(|(id, _)| id).collect()
});

/// The ids that a template writes.
#[derive(Debug)]
pub(crate) struct TemplateIds {
    pub names: BTreeSet<String>,
    /// The fingerprint of all names.
    pub fingerprint: Fingerprint,
}

/// An attribute `id` with a literal value. The value of an expression is unknown.
static ID: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::unwrap_used, reason = "the pattern is a constant")]
    Regex::new(r#"(?i)(?:^|[\s"'}])id\s*=\s*(?:"([^"{}]+)"|'([^'{}]+)'|([^\s"'=<>`{}/]+)[\s>/])"#).unwrap()
});

impl TemplateIds {
    /// Finds the ids in the sources of templates, each with whether it is built in. The ids of the built-in comments
    /// are left out.
    pub fn find<'a>(sources: impl Iterator<Item = (&'a str, bool)>) -> Self {
        let ids = find_ids(sources).into_iter().filter(|(id, is_built_in)| !is_built_in || !COMMENT_IDS.contains(id));
        let names: BTreeSet<String> = ids.map(|(id, _)| id.to_owned()).collect();
        let fingerprint = Fingerprint::of(format!("{names:?}").as_bytes());
        Self { names, fingerprint }
    }
}

/// Finds the ids in the sources of templates. Each source, and each id, comes with whether it is built in. A component
/// counts only if a template calls it, or a component that counts does, because the other ones may be for bodies.
fn find_ids<'a>(sources: impl Iterator<Item = (&'a str, bool)>) -> Vec<(&'a str, bool)> {
    let mut components: BTreeMap<String, Vec<(&str, bool)>> = BTreeMap::new();
    let mut pending: Vec<(&str, bool)> = Vec::new();
    for (source, is_built_in) in sources {
        let (outside, defined) = split_components(source);
        pending.extend(outside.into_iter().map(|piece| (piece, is_built_in)));
        for (name, body) in defined {
            components.entry(name).or_default().push((body, is_built_in));
        }
    }
    let mut ids = Vec::new();
    while let Some((source, is_built_in)) = pending.pop() {
        for callee in tags(source).flat_map(|tag| tag.callees()) {
            // The templates that a tag includes or extends are among the sources.
            let Callee::Component(name) = callee else { continue };
            pending.extend(components.remove(&name).into_iter().flatten());
        }
        let values = ID.captures_iter(source).filter_map(|captures| captures.iter().skip(1).flatten().next());
        ids.extend(values.map(|value| (value.as_str(), is_built_in)));
    }
    ids
}

/// Splits a source into the parts outside of components, and the components that it defines, with their names and
/// bodies.
fn split_components(source: &str) -> (Vec<&str>, Vec<(String, &str)>) {
    let (mut outside, mut components) = (Vec::new(), Vec::new());
    let mut done = 0;
    let mut open = None;
    for tag in tags(source) {
        if let Some((_, start)) = &open {
            let body = *start..tag.span.start;
            if tag.tokens.first() == Some(&Token::Ident("endcomponent")) {
                components.extend(open.take().map(|(name, _)| (name, &source[body])));
                done = tag.span.end;
            }
        } else if let Some(name) = tag.defined_name("component") {
            outside.push(&source[done..tag.span.start]);
            open = Some((name, tag.span.end));
        }
    }
    if open.is_none() {
        outside.push(&source[done..]);
    }
    (outside, components)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_count_where_they_are_called() {
        let sources = [
            "<p id=a>{{ <one /> }}{{ <parts.four /> }}",
            "{% component one() %}<p id=b>{% set c = <two x={1} /> %}{% endcomponent one %}\
             {% component two(x) %}<p id=c>{% endcomponent two %}{% component three() %}<p id=d>{% endcomponent %}",
            "{% component parts.four() %}<p id=e>{% endcomponent %}{% component parts.five() %}<p id=f>{% endcomponent %}",
        ];
        let ids = TemplateIds::find(sources.into_iter().map(|source| (source, false)));
        assert_eq!(ids.names.into_iter().collect::<Vec<_>>(), ["a", "b", "c", "e"]);
    }

    #[test]
    fn the_ids_of_comments_are_those_of_their_components() {
        let expected = [
            "comments",
            "comments-title",
            "reply-comment",
            "reply-email",
            "reply-markdown",
            "reply-name",
            "reply-nickname",
            "reply-notify",
            "reply-title",
            "reply-to",
            "reply-website",
            "respond",
        ];
        assert_eq!(COMMENT_IDS.iter().copied().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn ids_are_found_where_they_are_written_as_they_are() {
        let sources = [
            "<main id=\"a\" data-id=\"no\"><p class='x' ID = 'b'>{% if x %}<br id=c/>{% endif %}<i id=d><p id=\"respond\">",
            "<li{% if x %} id=\"e\"{% endif %}><li id=\"no-{{ loop.index }}\"><li id={{ no }}><li id=''>{{ x }} grid=\"no\"",
        ];
        let ids = |is_built_in| {
            let ids = TemplateIds::find(sources.into_iter().map(|source| (source, is_built_in)));
            ids.names.into_iter().collect::<Vec<_>>()
        };
        assert_eq!(ids(true), ["a", "b", "c", "d", "e"]);
        assert_eq!(ids(false), ["a", "b", "c", "d", "e", "respond"]);
    }
}
