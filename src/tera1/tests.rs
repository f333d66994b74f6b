//! Each rewriting, on small templates.

use std::collections::BTreeSet;

use super::*;

mod blocks;
mod html;
mod texts;

fn project(templates: &[(&str, &str)]) -> Project {
    Project::new(templates.iter().copied(), Some("calm/templates/".to_owned()), &BTreeSet::new())
}

/// Rewrites one template without others.
fn rewrite(text: &str) -> Rewritten {
    rewrite_template(text, "page.html", &project(&[("page.html", text), ("b", "")]))
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (old, new) in cases {
        let result = rewrite(old);
        assert_eq!(result.text, *new, "{old}");
        assert!(result.decisions.is_empty(), "{old}: {:?}", result.decisions);
        assert_eq!(result.changes.is_empty(), old == new, "{old}");
    }
}

#[test]
fn filters_get_their_new_names_and_forms() {
    check(&[
        ("{{ a | as_str }}", "{{ a | str }}"),
        ("{{ a|linebreaksbr|safe }}", "{{ a|newlines_to_br|safe }}"),
        ("{{ a | trim_start_matches(pat='/') }}", "{{ a | trim_start(pat='/') }}"),
        ("{{ a | slice(end=3) }}", "{{ a[:3] }}"),
        ("{{ a | slice(start=n, end=n+1) }}", "{{ a[n:(n+1)] }}"),
        ("{{ a | sort(attribute='b') | slice(start=1) }}", "{{ (a | sort(attribute='b'))[1:] }}"),
        ("{% set a = a | concat(with=[b, c]) %}", "{% set a = [...a, b, c] %}"),
        ("{% set a = [] | concat(with='b') %}", "{% set a = ['b'] %}"),
        ("{% set a = a | concat(with=s.pages) %}", "{% set a = [...a, ...s.pages] %}"),
        ("{% set a = a | concat(with=b) %}", "{% set a = [...a, ...(b if b is array else [b])] %}"),
        ("{% set a = [b] | concat(with=get_page(path='x')) %}", "{% set a = [b, get_page(path='x')] %}"),
        (
            "{% for p in pages | filter(attribute='extra.x', value=true) %}",
            "{% for p in [item for item in pages if item.extra?.x == true] %}",
        ),
        (
            "{{ item.pages | map(attribute='title') | join(sep='\\n') }}",
            "{{ [entry.title for entry in item.pages if entry.title is defined and entry.title is not none] | join(sep='\\n') }}",
        ),
        (
            "{{ a | truncate }}{{ a | truncate(end='') }}",
            "{{ a | truncate(length=255) }}{{ a | truncate(length=255, end='') }}",
        ),
        ("{{ a | round(method='common', precision=1) }}", "{{ a | round(precision=1) }}"),
        ("{{ a | round(method=\"common\") }}", "{{ a | round }}"),
        ("{{ a | indent(prefix='  ', first=true) }}", "{{ a | indent(width=2, first=true) }}"),
        ("{{ a | safe | upper }}", "{{ a | safe | upper | safe }}"),
        ("{% filter linebreaksbr %}a{% endfilter %}", "{% filter newlines_to_br %}a{% endfilter %}"),
        ("{{ a | upper }}{{ get_url(path='a') }}", "{{ a | upper }}{{ get_url(path='a') }}"),
    ]);
}

#[test]
fn filters_apply_to_what_they_applied_to() {
    check(&[
        ("{{ a ~ '-' ~ b | slugify }}", "{{ (a ~ '-' ~ b) | slugify }}"),
        ("{{ 1 + n | round }}", "{{ (1 + n) | round }}"),
        ("{{ a | length + 1 }}", "{{ a | length + 1 }}"),
        ("{{ 'a' + b }}", "{{ 'a' ~ b }}"),
    ]);
}

#[test]
fn tests_get_names() {
    check(&[
        ("{% if a is containing(\"x\") %}", "{% if a is containing(pat=\"x\") %}"),
        ("{% if a is not starting_with(b.c) and d %}", "{% if a is not starting_with(pat=b.c) and d %}"),
        ("{% if loop_index is divisibleby(3) %}", "{% if loop_index is divisible_by(divisor=3) %}"),
        ("{% if a is object %}", "{% if a is map %}"),
        ("{% if a is odd or a is containing(pat='x') %}", "{% if a is odd or a is containing(pat='x') %}"),
    ]);
}

#[test]
fn missing_values_stay_allowed_in_conditions() {
    check(&[
        ("{% if page.extra.a %}", "{% if page?.extra?.a %}"),
        ("{% if config.extra.a %}", "{% if config.extra.a %}"),
        ("{% if config.extra.a.b %}", "{% if config.extra.a?.b %}"),
        ("{% if page %}{% if page.extra.a %}", "{% if page %}{% if page.extra.a %}"),
        ("{% if page and page.extra.a %}", "{% if page and page.extra.a %}"),
        ("{% if page %}{% else %}{{ page.a }}{% if page.a %}", "{% if page %}{% else %}{{ page.a }}{% if page?.a %}"),
        ("{% if not page.a or b.c is defined %}", "{% if not page?.a or b?.c is defined %}"),
        ("{{ a.b.c | default(value=1) }}", "{{ a?.b?.c | default(value=1) }}"),
        ("{{ page.title | default(value='a') }}", "{{ page?.title | default(value='a', boolean=true) }}"),
        (
            "{{ page.title | default(value=section.title | default(value=a(b=c), )) }}",
            "{{ page?.title | default(value=section?.title | default(value=a(b=c), boolean=true), boolean=true) }}",
        ),
        ("{% for a in b %}{% if a.b %}{% if a.b.c %}", "{% for a in b %}{% if a.b %}{% if a.b.c %}"),
        ("{% if a['b'].c %}", "{% if a?['b']?.c %}"),
        ("{% if a.b == 'c' %}{{ a.b }}", "{% if a.b == 'c' %}{{ a.b }}"),
        ("{% if page.extra.a | length > 1 %}", "{% if page.extra.a | length > 1 %}"),
        ("{% if page.extra.a | length %}", "{% if (page?.extra?.a and page.extra.a | length) %}"),
    ]);
}

#[test]
fn indexes_get_brackets() {
    check(&[
        ("{{ a.0 }}{{ a.0.b.1 }}", "{{ a[0] }}{{ a[0].b[1] }}"),
        ("{{ f(x=a.0) }}", "{{ f(x=a[0]) }}"),
        (
            "{{ \"a.0\" }} a.0 {# a.0 #}{% raw %}{{ a.0 }}{% endraw %}",
            "{{ \"a.0\" }} a.0 {# a.0 #}{% raw %}{{ a.0 }}{% endraw %}",
        ),
    ]);
}

#[test]
fn backslashes_were_plain_characters() {
    check(&[
        ("{{ a | regex_replace(pattern=`\\d`, rep='\\n') }}", "{{ a | regex_replace(pattern=`\\\\d`, rep='\\\\n') }}"),
        ("{{ a | split(pat='\\n') }}", "{{ a | split(pat='\\n') }}"),
    ]);
}

#[test]
fn names_change() {
    check(&[
        ("{{ get_taxonomy_url(kind='tags', name=tag) }}", "{{ get_taxonomy_url(kind='tags', term=tag) }}"),
        ("{{ get_file_hash(path='a') }}", "{{ get_hash(path='a') }}"),
        ("{% set a = get_page(path='b/c.fr.md') %}", "{% set a = get_page(path='b/c.md', lang='fr') %}"),
        ("{% set a = get_page(path=\"b.1.md\") %}", "{% set a = get_page(path=\"b.1.md\") %}"),
        (
            "{% if config.generate_feed %}{{ config.feed_filename }}",
            "{% if config.generate_feeds %}{{ config.feed_filenames[0] }}",
        ),
    ]);
}

#[test]
fn macros_become_components() {
    let templates = [
        (
            "macros.html",
            "{% macro box(text, kind=\"a\", page=false, size=5) %}{{ text }}{{ self::dot() }}{% endmacro box %}\n{% macro dot() %}.{% endmacro %}",
        ),
        (
            "page.html",
            "{% extends \"base.html\" %}\n{% import \"macros.html\" as m %}\r\n  {% import 'calm/templates/macros.html' as n -%}\n{% block a %}<p>{{m::box(text=page.title, kind=\"b\")}}</p>{{ n::box(text=\"é\",\n    page=page, size=x ~ 1 | int) | upper }}{% endblock %}",
        ),
        ("base.html", ""),
    ];
    let project = project(&templates);
    let rewrite = |index: usize| rewrite_template(templates[index].1, templates[index].0, &project);
    assert_eq!(
        rewrite(0).text,
        "{% component box(text, kind=\"a\", page=none, size=none) %}{%- set size = 5 if size is none else size %}{{ text }}{{ <dot /> }}{% endcomponent box %}\n{% component dot() %}.{% endcomponent %}"
    );
    assert_eq!(
        rewrite(1).text,
        "{% extends \"base.html\" %}\n{% block a %}<p>{{<box text={page.title} kind=\"b\" />}}</p>{{ <box text=\"é\"\n    page={page} size={(x ~ 1) | int} /> | upper }}{% endblock %}"
    );
    assert!(rewrite(1).decisions.is_empty());
}

#[test]
fn includes_name_one_template() {
    let text = "{% include 'a.html' ignore missing %}{% include \"b.html\" ignore missing -%}{% include 'c.html' %}";
    let result = rewrite_template(text, "page.html", &project(&[("page.html", text), ("a.html", "")]));
    assert_eq!(result.text, "{% include 'a.html' %}{% include \"b.html\" -%}{% include 'c.html' %}");
    assert_eq!(result.required_templates, ["b.html"]);
    let text = "{% include ['x.html', 'a.html'] ignore missing %}";
    let result = rewrite_template(text, "page.html", &project(&[("page.html", text), ("a.html", "")]));
    assert_eq!((result.text.as_str(), result.decisions.len()), ("{% include 'a.html' %}", 1));
}

#[test]
fn what_a_person_must_decide() {
    for (text, message) in [
        ("{{ a", "this tag has no end"),
        ("{{ a b }}", "this tag cannot be read"),
        ("{% extends 'calm/templates/none.html' %}", "there is no template `calm/templates/none.html`"),
        ("{{ m::x() }}", "the macro `x` is nowhere to be found as `m::x`"),
        ("{{ loop.index }}", "`loop` is only known between `{% for … %}` and `{% endfor %}` of the same file"),
        ("{% for a in b %}{{ f(x=loop) }}", "`loop` is no value of its own"),
        ("{{ a | map(attribute=b) }}", "Tera 2 has no filter `map`"),
        ("{{ a | int(default=1) }}", "the filter `int` has no argument `default` in Tera 2"),
        ("{{ a is quux(1) }}", "the arguments of the test `quux` must have names"),
        ("{% macro a(to, body, body_text) %}{% endmacro %}", "in a component, `body` is what stands between its tags"),
    ] {
        let decisions = rewrite(text).decisions;
        assert_eq!(decisions.iter().map(|decision| decision.message.as_str()).collect::<Vec<_>>(), [message], "{text}");
    }
    // Tera 2 itself is left alone.
    for text in [
        "{{ <a b={c} /> }}",
        "{{ a?.b }}",
        "{{ [...a, b] }}",
        "{{ a if b else c }}",
        "{% if a?.b %}",
        "{% set a = {'b': 1} %}",
        "{% set a %}",
        "{% for a in [...b] %}",
    ] {
        let result = rewrite(text);
        assert_eq!((result.text.as_str(), result.decisions), (text, vec![]), "{text}");
    }
}

#[test]
fn rewritten_templates_are_templates_of_tera_2() {
    let text = "{% import 'page.html' as m %}{% macro card(a, n=1) %}{{ a.0 ~ n | upper }}{% endmacro card %}{{ self::card(a=[1] | concat(with=2)) }}{% for k, v in x | filter(attribute='y.z') %}{% if v is containing('a') %}{{ loop.index }}{% endif %}{% else %}{% endfor %}{{ a | map(attribute='x-y.0') | slice(start=-2) }}{{ m::card(a=m::card(a='x')) }}";
    let result = rewrite(text);
    assert!(result.decisions.is_empty(), "{:?}", result.decisions);
    let mut tera = tera::Tera::default();
    if let Err(error) = tera.add_raw_template("page.html", &result.text) {
        panic!("{error}\n{}", result.text);
    }
    // Nothing is left to do the second time.
    assert_eq!(rewrite(&result.text).text, result.text);
}

#[test]
fn odd_texts_do_no_harm() {
    let pieces = [
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        " if ",
        "m::x(",
        "a.0",
        "|",
        "concat(with=",
        ")",
        "'",
        "é",
        "\r\n",
        "{% raw %}",
        "macro x(a=1,",
        "import 'a' as b",
        "is",
        "not",
        "[",
        "]",
        "-",
    ];
    let mut state = 7_u32;
    for _ in 0..3000 {
        let mut text = String::new();
        for _ in 0..12 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text.push_str(pieces[(state >> 16) as usize % pieces.len()]);
        }
        rewrite(&text);
    }
}

#[test]
fn macros_see_the_page_around_them() {
    check(&[
        (
            "{% macro a(b) %}{{ config.title }}{{ page.title }}{{ b }}{{ c }}{% endmacro %}",
            "{% component a(b, @config, @page = none) %}{{ config.title }}{{ page.title }}{{ b }}{{ c }}{% endcomponent %}",
        ),
        (
            "{% macro a() %}{% if page is defined %}{{ lang }}{% if page.extra.b %}{% endif %}{% endif %}{% endmacro %}",
            "{% component a(@page = none, @lang) %}{% if page is not none %}{{ lang }}{% if page.extra.b %}{% endif %}{% endif %}{% endcomponent %}",
        ),
        (
            "{% macro a(page) %}{{ page.b }}{% endmacro %}{% if page is defined %}{% endif %}",
            "{% component a(page) %}{{ page.b }}{% endcomponent %}{% if page is defined %}{% endif %}",
        ),
    ]);
}

#[test]
fn what_replace_combines_is_combined_as_it_is() {
    check(&[
        ("{{ a | replace(from='b', to='<c>') | safe }}", "{{ a | replace(from='b', to='<c>') | safe }}"),
        ("{{ a | safe | replace(from='b', to='c') }}", "{{ a | safe | replace(from='b', to='c') | safe }}"),
        ("{{ a | safe | replace(from='b', to=c) }}", "{{ a | safe | str | replace(from='b', to=c) | safe }}"),
        (
            "{{ a | replace(from='b', to=get_url(path='c')) }}",
            "{{ a | replace(from='b', to=get_url(path='c') | str) }}",
        ),
        (
            "{% set a %}b{% endset %}{% set c = a | trim %}{{ c | replace(from='b', to=d) | replace(from='e', to=a) }}",
            "{% set a %}b{% endset %}{% set c = a | trim %}{{ c | str | replace(from='b', to=d) | replace(from='e', to=a | str) }}",
        ),
        (
            "{% macro a() %}<b>{% endmacro %}{{ page.content | replace(from='c', to=self::a()) | safe }}",
            "{% component a() %}<b>{% endcomponent %}{{ page.content | replace(from='c', to=<a /> | str) | safe }}",
        ),
        (
            "{% filter replace(from='a', to='<b>') %}a{% endfilter %}{% filter replace(from='a', to='c') %}a{% endfilter %}",
            "{% filter replace(from='a', to='<b>' | safe) %}a{% endfilter %}{% filter replace(from='a', to='c') %}a{% endfilter %}",
        ),
        (
            "{% macro a(b, c) %}{{ d | replace(from=c, to=b) }}{% endmacro %}{{ self::a(b=get_url(path='e'), c='f') }}",
            "{% component a(b, c) %}{{ d | replace(from=c, to=b | str) }}{% endcomponent %}{{ <a b={get_url(path='e')} c='f' /> }}",
        ),
    ]);
}

#[test]
fn a_parameter_body_gets_another_name() {
    check(&[(
        "{% macro a(to, body=\"x\") %}{{ body.b }}{{ body | upper }}{% endmacro %}{{ self::a(to=1, body=body) }}{{ self::a(to=1, body=2) }}",
        "{% component a(to, body_text=none) %}{%- set body_text = \"x\" if body_text is none else body_text %}{{ body_text.b }}{{ body_text | upper }}{% endcomponent %}{{ <a to={1} body_text={body} /> }}{{ <a to={1} body_text={2} /> }}",
    )]);
    // Where it keeps its name, the calls do as well.
    let result = rewrite("{% macro a(body) %}{% set body = 1 %}{% endmacro %}{{ self::a(body=2) }}");
    assert_eq!(result.text, "{% component a(body) %}{% set body = 1 %}{% endcomponent %}{{ <a body={2} /> }}");
    assert_eq!(result.decisions.len(), 1);
}

#[test]
fn conditions_give_true_or_false() {
    check(&[
        ("{{ a and b.c }}", "{{ true if a and b?.c else false }}"),
        ("{% set a = b or (c and d) %}", "{% set a = true if b or (c and d) else false %}"),
        ("{{ f(a=b or c) }}", "{{ f(a=true if b or c else false) }}"),
        ("{{ a == b and not c }}{% if a or b %}", "{{ a == b and not c }}{% if a or b %}"),
    ]);
}

#[test]
fn more_that_public_themes_use() {
    check(&[
        (
            "{% if page.earlier %}{{ page.earlier.permalink }}{% endif %}",
            "{% if page.higher %}{{ page.higher.permalink }}{% endif %}",
        ),
        (
            "{% if a is iterable and b is not iterable %}",
            "{% if (a is iterable and a is not string) and (b is not iterable or b is string) %}",
        ),
        (
            "{% macro a(b) %}{% endmacro %}{{ self::a(b=1, c=2) }}{{ self::a(c=2, b=1) }}",
            "{% component a(b) %}{% endcomponent %}{{ <a b={1} /> }}{{ <a b={1} /> }}",
        ),
        (
            "{{ a | map(attribute='.0') }}",
            "{{ [item[0] for item in a if item[0] is defined and item[0] is not none] }}",
        ),
        ("{% extends \"old/templates/b\" %}", "{% extends \"b\" %}"),
        ("{{ get_random(end=9) }}", "{{ get_random(start=0, end=9) }}"),
        ("{{ a | date(format=\"%+\") }}", "{{ a | date(format=\"%Y-%m-%dT%H:%M:%S%:z\") }}"),
        ("{{ a | default(value=section.extra.b) }}", "{{ a | default(value=section?.extra?.b) }}"),
        (
            "{% macro a(page) %}{{ page.extra[b] | default(value=1) }}{% endmacro %}",
            "{% component a(page) %}{{ page.extra?[b] | default(value=1) }}{% endcomponent %}",
        ),
    ]);
}
