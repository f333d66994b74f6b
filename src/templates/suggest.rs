//! Suggestions for unknown names in templates.

use std::collections::BTreeMap;
use std::ops::Range;

use super::nesting::{self, OpenTag, TAGS};
use super::shortcodes::{self, Advice, Components};
use super::syntax::calls::defined_names;
use crate::diagnostic::{Diagnostic, Location, SourceText, nearest};

/// Tera's own filters, and those that [`super::filters`] registers.
pub(super) const FILTERS: &[&str] = &[
    "abs",
    "absolute_url",
    "absolute_urls",
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
    "first_image",
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
    "local_date",
    "local_number",
    "lower",
    "markdown",
    "newlines_to_br",
    "nth",
    "num_format",
    "pairs",
    "plain_text",
    "pluralize",
    "regex_replace",
    "replace",
    "reverse",
    "round",
    "safe",
    "shuffle",
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

/// Tera's own tests, and those that [`super::filters`] registers.
pub(super) const TESTS: &[&str] = &[
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

/// Tera's own functions, and those that [`super::functions`] registers.
pub(super) const FUNCTIONS: &[&str] = &[
    "copyright_years",
    "full_locale",
    "get_env",
    "get_hash",
    "get_image_metadata",
    "get_page",
    "get_random",
    "get_related",
    "get_section",
    "get_series",
    "get_taxonomy",
    "get_taxonomy_term",
    "get_taxonomy_url",
    "get_url",
    "language_name",
    "load_data",
    "now",
    "quote",
    "range",
    "recent_comments",
    "resize_image",
    "search_index",
    "social_card",
    "text_direction",
    "text_script",
    "throw",
    "trans",
];

/// Adds help to a problem with a template: a suggestion for an unknown name, or advice on a tag without its
/// counterpart. In the problem's file the template begins at `start`.
pub(super) fn with_help(
    problem: Diagnostic,
    start: usize,
    sources: &BTreeMap<String, SourceText>,
    prefixes: &[String],
    is_content: bool,
) -> Diagnostic {
    let missing = problem.message.ends_with("but got `none`").then(|| MISSING_VALUE_HELP.to_owned());
    if let Some(help) = missing.or_else(|| name_help(&problem.message, sources, prefixes)) {
        return problem.help(help);
    }
    let Some(Location { path, excerpt: Some((text, span)) }) = problem.location.clone() else { return problem };
    let components = Components { sources, prefixes };
    let at = span.start.saturating_sub(start);
    let advice =
        text.get(start..).and_then(|text| shortcodes::advise(&problem.message, text, at, is_content, &components));
    if let Some(Advice { message, help }) = advice {
        let help = problem.help.iter().fold(help, |help, other| format!("{help}; {other}"));
        let message = message.unwrap_or_else(|| problem.message.clone());
        return Diagnostic { message, ..problem }.help(help);
    }
    let place = span.start.saturating_sub(start)..span.end.saturating_sub(start);
    let Some((help, open)) = text.get(start..).and_then(|text| tag_help(&problem.message, text, place)) else {
        return problem;
    };
    // Problems in content have help already: that the text may not be meant as a tag.
    let help = problem.help.iter().fold(help, |help, other| format!("{help}; {other}"));
    let problem = problem.help(help);
    match open {
        Some(open) => {
            let span = start + open.start..start + open.end;
            problem.related("this is open", Location { path, excerpt: Some((text, span)) })
        }
        None => problem,
    }
}

/// Returns advice on a tag at a position that Tera reports, and the span of the tag that is open there.
fn tag_help(message: &str, text: &str, span: Range<usize>) -> Option<(String, Option<Range<usize>>)> {
    let without_open_tag = |help: &str| Some((help.to_owned(), None));
    if message.starts_with("Found `:` but expected") {
        return text.get(span.start..).filter(|rest| rest.starts_with("::")).and_then(|_| without_open_tag(MACRO_HELP));
    }
    let is_end = message == "Unexpected end of input" || message.starts_with("Unclosed component");
    let open = nesting::open_tags(if is_end { text } else { text.get(..span.start)? });
    // The span of an unknown tag begins before its name.
    let open = open.into_iter().rfind(|open| is_end || open.name != "{%");
    let with_open_tag = |open: &OpenTag, help: String| Some((help, Some(open.span.clone())));
    match (message, text.get(span)?, &open) {
        (_, _, Some(open)) if is_end => with_open_tag(open, format!("write `{}` where it ends", open.closing())),
        ("Unknown tag", "macro" | "endmacro" | "import", _) => without_open_tag(MACRO_HELP),
        ("Unknown tag", "elsif" | "elseif", _) => without_open_tag("did you mean `elif`?"),
        ("Unknown tag", "else" | "elif", Some(open)) if matches!(open.name.as_str(), "if" | "for") => {
            with_open_tag(open, "an `if` has its `elif` first and then one `else`; a `for` has one `else`".to_owned())
        }
        ("Unknown tag", tag, Some(open)) if TAGS.contains(&tag) => {
            with_open_tag(open, format!("here `{}` is wanted first", open.closing()))
        }
        ("Unknown tag", tag, None) if TAGS.contains(&tag) => {
            without_open_tag("nothing is open that it belongs to: take it out, or write what it should end")
        }
        ("Unknown tag", tag, _) => without_open_tag(&format!("did you mean `{}`?", nearest(tag, TAGS)?)),
        _ => None,
    }
}

/// Advice about a value that the page does not have.
const MISSING_VALUE_HELP: &str =
    "there is no such value here: name another one for that case, as in `(page.summary or \"\")`";

/// Advice for authors who know Tera 1.
const MACRO_HELP: &str = "Tera 2 has components in place of macros: `{% component name(a) %}…{% endcomponent name %}`, in any \
                      template, is shown by `{{ <name a={…} /> }}`";

/// Returns the suggestion for Tera's message about an unknown name, such as ``Unknown filter `uper` ``; none for
/// another message, or if no name is similar.
fn name_help(message: &str, sources: &BTreeMap<String, SourceText>, prefixes: &[String]) -> Option<String> {
    let defined =
        |keyword| sources.values().flat_map(move |source| defined_names(&source.text, keyword)).collect::<Vec<_>>();
    let (kind, rest) = message.strip_prefix("Unknown ").unwrap_or(message).split_once(" `")?;
    let (name, rest) = rest.split_once('`')?;
    let mut names = None;
    let meant = match kind {
        "filter" => nearest(name, FILTERS.iter().copied()),
        "test" => nearest(name, TESTS.iter().copied()),
        "function" => nearest(name, FUNCTIONS.iter().copied()),
        "component" => nearest(name, names.get_or_insert_with(|| defined("component")).iter().map(String::as_str)),
        "template" => nearest(name, sources.keys().map(|full| without_prefix(full, prefixes))),
        // The template defines the unknown block itself.
        "Block" => {
            let blocks = names.get_or_insert_with(|| defined("block")).iter().map(String::as_str);
            nearest(name, blocks.filter(|block| *block != name))
        }
        // These messages list the known names.
        "Field" | "Variable" => nearest(name, rest.split_once(": ")?.1.split(", ")),
        "argument(s)" => nearest(name, rest.split_once(" are: ")?.1.split(", ").map(|known| known.trim_matches('`'))),
        _ => None,
    }?;
    Some(format!("did you mean `{meant}`?"))
}

/// Returns the name of a template as authors write it.
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
    fn unmatched_tags_are_distinguished() {
        let advice = |template: &str| {
            let mut tera = Tera::default();
            let error = tera.add_raw_template("t", template).unwrap_err();
            let tera::ErrorKind::SyntaxError(report) = error.kind() else { panic!("{error}") };
            let span = report.span();
            let (help, open) = tag_help(report.message(), template, span.start_col..span.end_col)?;
            Some((help, open.map(|open| template[open].to_owned())))
        };
        for (template, help, open) in [
            ("{% if a %}b", "write `{% endif %}` where it ends", Some("{% if a %}")),
            ("{% if a %}{% for b in c %}d{% endfor %}", "write `{% endif %}` where it ends", Some("{% if a %}")),
            ("{% set a %}b", "write `{% endset %}` where it ends", Some("{% set a %}")),
            ("{% <card> %}b", "write `{% </card> %}` where it ends", Some("{% <card> %}")),
            ("a {{ b", "write `}}` where it ends", Some("{{")),
            ("a {% if b", "write `%}` where it ends", Some("{%")),
            ("{% for a in b %}{% endif %}", "here `{% endfor %}` is wanted first", Some("{% for a in b %}")),
            ("{% endif %}", "nothing is open that it belongs to: take it out, or write what it should end", None),
            ("{% iff a %}", "did you mean `if`?", None),
            ("{% if a %}{% elsif b %}{% endif %}", "did you mean `elif`?", None),
            ("{% import 'a' as b %}", MACRO_HELP, None),
            ("{{ a::b() }}", MACRO_HELP, None),
            (
                "{% if a %}{% else %}{% elif b %}{% endif %}",
                "an `if` has its `elif` first and then one `else`; a `for` has one `else`",
                Some("{% if a %}"),
            ),
            ("{% filter upper %}{% else %}", "here `{% endfilter %}` is wanted first", Some("{% filter upper %}")),
        ] {
            assert_eq!(advice(template), Some((help.to_owned(), open.map(str::to_owned))), "{template}");
        }
        for template in ["{% quux %}", "{{ trans(key: 'a') }}"] {
            assert_eq!(advice(template), None, "{template}");
        }
    }

    #[test]
    fn similar_names_are_suggested() {
        let source = |text: &str| SourceText { path: "a".into(), text: text.into() };
        let sources = BTreeMap::from([
            ("calm/templates/base.html".to_owned(), source("{% component card(title) %}{% endcomponent card %}")),
            ("page.html".to_owned(), source("{% block content %}{% endblock %}")),
            ("own.html".to_owned(), source("{% block conten %}{% endblock %}")),
        ]);
        let prefixes = ["calm/templates/".to_owned()];
        for (message, expected) in [
            ("Unknown filter `uper`", Some("upper")),
            ("Unknown function `get_pagge`", Some("get_page")),
            ("Unknown test `defined_`", Some("defined")),
            ("Unknown component `cart`", Some("card")),
            ("Unknown template `bse.html`", Some("base.html")),
            ("Block `conten` is not defined in any parent template", Some("content")),
            ("Field `titel` is not defined. Available fields: date, title, toc", Some("title")),
            ("Variable `pgae` is not defined. Available variables: config, page", Some("page")),
            ("Variable `quark` is not defined. Available variables: config, page", None),
            (
                "Unknown argument(s) `imags` in component call. Possible argument(s) are: `images`, `page`",
                Some("images"),
            ),
            ("Unknown argument(s) `imags` in component call.", None),
            ("Unknown filter `something_else_entirely`", None),
            ("Unknown tag", None),
            ("Found }}", None),
        ] {
            let expected = expected.map(|name| format!("did you mean `{name}`?"));
            assert_eq!(name_help(message, &sources, &prefixes), expected, "{message}");
        }
    }
}
