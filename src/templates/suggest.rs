//! What was meant by a name in a template that nothing has.

use std::collections::BTreeMap;

use super::closure;
use crate::diagnostic::{Diagnostic, SourceText, nearest};

/// Tera's own filters, and those that are registered in [`super::filters`].
const FILTERS: &[&str] = &[
    "abs",
    "base64_decode",
    "base64_encode",
    "capitalize",
    "date",
    "default",
    "escape",
    "escape_html",
    "escape_xml",
    "filesizeformat",
    "first",
    "float",
    "format",
    "get",
    "group_by",
    "indent",
    "int",
    "join",
    "json_encode",
    "keys",
    "last",
    "length",
    "lower",
    "markdown",
    "newlines_to_br",
    "nth",
    "num_format",
    "pairs",
    "pluralize",
    "regex_replace",
    "replace",
    "reverse",
    "round",
    "safe",
    "slugify",
    "sort",
    "spaceless",
    "split",
    "str",
    "striptags",
    "title",
    "trim",
    "trim_end",
    "trim_start",
    "truncate",
    "unique",
    "upper",
    "urlencode",
    "urlencode_strict",
    "values",
    "wordcount",
];

/// Tera's own tests, and those that are registered in [`super::filters`].
const TESTS: &[&str] = &[
    "after",
    "array",
    "before",
    "bool",
    "containing",
    "defined",
    "divisible_by",
    "ending_with",
    "even",
    "float",
    "integer",
    "iterable",
    "map",
    "matching",
    "none",
    "number",
    "odd",
    "starting_with",
    "string",
    "undefined",
];

/// Tera's own functions, and those that are registered in [`super::functions`].
const FUNCTIONS: &[&str] = &[
    "copyright_years",
    "get_hash",
    "get_image_metadata",
    "get_page",
    "get_section",
    "get_taxonomy",
    "get_taxonomy_term",
    "get_taxonomy_url",
    "get_url",
    "load_data",
    "now",
    "quote",
    "range",
    "recent_comments",
    "resize_image",
    "search_index",
    "text_direction",
    "throw",
    "trans",
];

/// A problem with a template, with what was probably meant if it is an unknown name.
pub(super) fn with_help(
    problem: Diagnostic,
    sources: &BTreeMap<String, SourceText>,
    prefixes: &[String],
) -> Diagnostic {
    match suggest(&problem.message, sources, prefixes) {
        Some(help) => problem.help(help),
        None => problem,
    }
}

/// What to say to Tera's complaint of an unknown name, such as ``Unknown filter `uper` ``; none if it complains of something
/// else, or nothing is near.
fn suggest(message: &str, sources: &BTreeMap<String, SourceText>, prefixes: &[String]) -> Option<String> {
    let (kind, rest) = message.strip_prefix("Unknown ")?.split_once(" `")?;
    let (name, _) = rest.split_once('`')?;
    let meant = match kind {
        "filter" => nearest(name, FILTERS.iter().copied()),
        "test" => nearest(name, TESTS.iter().copied()),
        "function" => nearest(name, FUNCTIONS.iter().copied()),
        "component" => nearest(name, sources.values().flat_map(|source| closure::defined_in(&source.text))),
        "template" => nearest(name, sources.keys().map(|full| without_prefix(full, prefixes))),
        _ => None,
    }?;
    Some(format!("did you mean `{meant}`?"))
}

/// The name of a template as authors write it.
pub(super) fn without_prefix<'n>(name: &'n str, prefixes: &[String]) -> &'n str {
    prefixes.iter().find_map(|prefix| name.strip_prefix(prefix.as_str())).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use tera::Tera;

    use super::*;

    #[test]
    fn every_name_is_one_and_none_of_ours_is_missing() {
        let mut tera = Tera::default();
        super::super::filters::register(&mut tera);
        super::super::functions::register(&mut tera);
        for (names, before, after) in [(FILTERS, "1 | ", ""), (TESTS, "1 is ", ""), (FUNCTIONS, "", "()")] {
            for name in names {
                let template = format!("{{{{ {before}{name}{after} }}}}");
                tera.add_raw_template("t", &template).unwrap_or_else(|error| panic!("{template}: {error}"));
            }
        }
        let ours = concat!(include_str!("filters/mod.rs"), include_str!("functions/mod.rs"));
        for (what, names) in [("filter", FILTERS), ("test", TESTS), ("function", FUNCTIONS)] {
            let register = format!("register_{what}(\"");
            for rest in ours.split(&register).skip(1) {
                let name = rest.split('"').next().unwrap_or_default();
                assert!(names.contains(&name), "the {what} {name} is not among the names to suggest");
            }
        }
    }

    #[test]
    fn what_is_near_is_suggested() {
        let source = |text: &str| SourceText { path: "a".into(), text: text.into() };
        let sources = BTreeMap::from([
            ("calm/templates/base.html".to_owned(), source("{% component card(title) %}{% endcomponent card %}")),
            ("page.html".to_owned(), source("")),
        ]);
        let prefixes = ["calm/templates/".to_owned()];
        for (message, expected) in [
            ("Unknown filter `uper`", Some("upper")),
            ("Unknown function `get_pagge`", Some("get_page")),
            ("Unknown test `defined_`", Some("defined")),
            ("Unknown component `cart`", Some("card")),
            ("Unknown template `bse.html`", Some("base.html")),
            ("Unknown filter `something_else_entirely`", None),
            ("Unknown tag", None),
            ("Found }}", None),
        ] {
            let expected = expected.map(|name| format!("did you mean `{name}`?"));
            assert_eq!(suggest(message, &sources, &prefixes), expected, "{message}");
        }
    }
}
