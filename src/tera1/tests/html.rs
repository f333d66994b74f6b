//! Filters around texts, and values that are HTML already.

use super::*;

#[test]
fn arguments_of_filter_sections_are_rewritten() {
    check(&[
        (
            "{% filter replace(from=a.0, to='<b>' ~ x) %}c{% endfilter %}",
            "{% filter replace(from=a[0], to=('<b>' ~ x) | safe) %}c{% endfilter %}",
        ),
        (
            "{% filter replace(from='\\d', to=a.0) %}c{% endfilter %}",
            "{% filter replace(from='\\\\d', to=a[0] | safe) %}c{% endfilter %}",
        ),
        (
            "{% macro a() %}{% endmacro %}{% filter replace(from='b', to=self::a()) %}c{% endfilter %}",
            "{% component a() %}{% endcomponent %}{% filter replace(from='b', to=<a />) %}c{% endfilter %}",
        ),
        ("{% filter truncate %}a{% endfilter %}", "{% filter truncate(length=255) %}a{% endfilter %}"),
        (
            "{% filter trim_start_matches(pat=a.0) %}a{% endfilter %}",
            "{% filter trim_start(pat=a[0]) %}a{% endfilter %}",
        ),
        ("{%- filter upper -%}a{% endfilter %}", "{%- filter upper -%}a{% endfilter %}"),
    ]);
    let result = rewrite("{% filter replace(from='a', to='<b>' ~ x) %}c{% endfilter %}");
    tera::Tera::default().add_raw_template("page.html", &result.text).unwrap();
    assert_eq!(rewrite(&result.text).text, result.text);
    assert_eq!(rewrite("{% filter replace(from= %}c{% endfilter %}").decisions.len(), 1);
}

#[test]
fn html_is_known_where_it_is_set() {
    check(&[
        (
            "{% macro a() %}{% set x = get_url(path='b') %}{{ c | replace(from='d', to=x) }}{% endmacro %}{{ c | replace(from='d', to=x) }}",
            "{% component a() %}{% set x = get_url(path='b') %}{{ c | replace(from='d', to=x | str) }}{% endcomponent %}{{ c | replace(from='d', to=x) }}",
        ),
        (
            "{% set x = get_url(path='b') %}{% macro a() %}{{ c | replace(from='d', to=x) }}{% endmacro %}",
            "{% set x = get_url(path='b') %}{% component a() %}{{ c | replace(from='d', to=x) }}{% endcomponent %}",
        ),
        (
            "{% for e in f %}{% set x = get_url(path='b') %}{% set_global y = x %}{% endfor %}{{ c | replace(from=x, to=x) ~ '' }}{{ c | replace(from='d', to=y) }}",
            "{% for e in f %}{% set x = get_url(path='b') %}{% set_global y = x %}{% endfor %}{{ c | replace(from=x, to=x) ~ '' }}{{ c | replace(from='d', to=y | str) }}",
        ),
        (
            "{% if a %}{% set x = get_url(path='b') %}{% endif %}{{ c | replace(from='d', to=x) }}",
            "{% if a %}{% set x = get_url(path='b') %}{% endif %}{{ c | replace(from='d', to=x | str) }}",
        ),
        // What a macro is called with counts in it alone.
        (
            "{% macro a(b) %}{{ c | replace(from='d', to=b) }}{% endmacro %}{{ self::a(b=get_url(path='e')) }}{{ c | replace(from='d', to=b) }}",
            "{% component a(b) %}{{ c | replace(from='d', to=b | str) }}{% endcomponent %}{{ <a b={get_url(path='e')} /> }}{{ c | replace(from='d', to=b) }}",
        ),
    ]);
}
