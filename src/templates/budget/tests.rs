use std::collections::BTreeMap;
use std::ops::Range;

use tera::{Context, Value};

use super::{BudgetLimit, CURRENT, InstrumentedTemplate, LIMIT, spend, spend_for_value, with_fresh_budget};
use crate::diagnostic::{Diagnostic, SourceText};
use crate::templates::testing::{TestSite, blog, blog_with};
use crate::templates::{BUILTINS, ZOLA_BUILTINS};

/// The components of a site.
const COMPONENTS: &str = "{% component twice(s) %}{{ s }}{{ s }}{% endcomponent %}
{% component often(s) %}{% for i in range(end=100000) %}{{ s }}{% endfor %}{% endcomponent %}
{% component tree(n) %}{% if n > 0 %}{{ <tree n={n - 1}/> }}{{ <tree n={n - 1}/> }}{{ <tree n={n - 1}/> }}{% endif %}{% endcomponent %}
{% component grow(...rest) -%}
  {% if rest.n > 0 %}{{ <grow n={rest.n - 1} a={rest} b={rest} c={rest} d={rest}/> }}{% else %}{{ rest | length }}{% endif %}
{%- endcomponent %}
{% component box(title) -%} <b>{{ title }}</b> {{ body | trim }} {%- endcomponent %}
";

fn site() -> TestSite {
    blog_with(&[
        ("templates/components.html", COMPONENTS),
        ("templates/base.html", "[{% block a %}base{% endblock %}]"),
        (
            "templates/child.html",
            "{% extends 'base.html' %}{% block a -%} {% for i in [1, 2] %}{{ i }}{{ super() }}{% endfor %}{% endblock %}",
        ),
        ("templates/list.html", "{%- for i in range(end=1000) %}{{ i }} and more of it {% endfor -%}"),
    ])
}

/// Returns the part of a text that an error refers to.
fn shown(problem: &Diagnostic) -> &str {
    let (text, span) = problem.location.as_ref().unwrap().excerpt.as_ref().unwrap();
    &text[span.clone()]
}

/// Checks that each text exceeds its budget at a part of it.
fn assert_exceed<'t>(site: &TestSite, excess: BudgetLimit, texts: impl IntoIterator<Item = (String, &'t str)>) {
    let mut wrong = Vec::new();
    for (text, part) in texts {
        let problem = match site.render_text(&text) {
            Ok(rendered) => Diagnostic::error(format!("it has become {} bytes", rendered.len())),
            Err(problem) => problem,
        };
        let is_here = problem.location.as_ref().is_some_and(|place| &*place.path == "post.md");
        let is_secret = crate::diagnostic::plain(&problem).contains(super::calls::PREFIX);
        let is_right = problem.message == excess.message() && problem.help == Some(excess.help());
        if !is_right || !is_here || shown(&problem) != part || is_secret {
            wrong.push((text, part.to_owned(), crate::diagnostic::plain(&problem)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn values_that_grow_are_stopped() {
    let site = site();
    let texts = [
        ("{% set a = a ~ a %}", "a"),
        ("{% set a %}{{ a }}{{ a }}{% endset %}", "a"),
        ("{% set a = [a, a] %}", "[a, a]"),
        ("{% set a = {'a': a, 'b': a} %}", "{'a': a, 'b': a}"),
        ("{% set b = [...b, ...b] %}", "[...b, ...b]"),
        ("{% set b = {...c, 'a': c} %}{% set c = {'b': b, 'c': b} %}", "{...c, 'a': c}"),
        ("{% set a = __tera_context %}{% set b = __tera_context %}", "__tera_context"),
        ("{% set a = [a for i in range(end=10)] %}", "[a for i in range(end=10)]"),
        ("{% set a = a | replace(from='0', to=a) %}", "replace(from='0', to=a)"),
        ("{% set_global a | replace(from='0', to=a) %}{{ a }}{% endset %}", "replace(from='0', to=a)"),
        ("{% set a = a | regex_replace(pattern='.+', rep='$0$0$0') %}", "regex_replace(pattern='.+', rep='$0$0$0')"),
        ("{% set a = [a, a, a] | join(sep=a) %}", "join(sep=a)"),
        (
            "{% set a = a | replace(from='0', to='\\n0') | indent(width=1000) %}{% set a = a ~ a %}",
            "replace(from='0', to='\\n0')",
        ),
        ("{% set a = a ~ a %}{% set b = a | split(pat='') %}", "a"),
        ("{% set a = <twice s={a}/> %}", "{% set a = <twice s={a}/> %}"),
        ("{% set a %}{{ <twice s={a}/> }}{% endset %}", "{{ <twice s={a}/> }}"),
        ("{% set a %}{% <box title={a}> %}{{ a }}{% </box> %}{% endset %}", "{% <box title={a}> %}"),
    ]
    .map(|(step, part)| {
        let text = format!("{{% set a = '000' %}}{{% set b = [0] %}}{{% set c = {{'0': 0}} %}}{}", step.repeat(40));
        (text, part)
    });
    assert_exceed(&site, BudgetLimit::Work, texts);
}

#[test]
fn shared_values_exceed_the_budget_early() {
    let grow = "{% set a = [a, a] %}".repeat(40);
    let texts = ["{{ a | json_encode }}", "{{ a }}", "{% if a == a %}{% endif %}", "{{ a | str | length }}"];
    let texts = texts.map(|use_of_it| (format!("{{% set a = 1 %}}{grow}{use_of_it}"), "[a, a]"));
    assert_exceed(&blog(), BudgetLimit::Work, texts);
}

#[test]
fn loops_in_loops_are_stopped() {
    let site = site();
    let texts = [
        ("{% for a in r %}{% for b in r %}{% set c = b %}{% endfor %}{% endfor %}", "{% for b in r %}"),
        (
            "{% for a in r %}\n{% set b %}{%- include 'list.html' -%}{% endset %}{% endfor %}",
            "{%- include 'list.html' -%}",
        ),
        ("{% set x = [[b for b in r] for a in r] %}", "[b for b in r]"),
        ("{% for a in r %}{% if a ~ 'x' in t %}{% endif %}{% endfor %}", "t"),
        ("{% for a in r %}{% if t == t %}{% endif %}{% endfor %}", "t"),
        ("{% for a in r %}{% set b = r[1:][2] %}{% endfor %}", "r"),
        ("{% for a in r %}{% set b = r[:] %}{% endfor %}", "r"),
        ("{% for a in r %}{% set b = r[::-1] %}{% endfor %}", "r"),
        ("{% for a in r %}{% set b = (r)[:2] %}{% endfor %}", "(r)"),
        ("{% for a in r %}{% set b = r | reverse %}{% endfor %}", "r"),
        ("{% for a in r %}{% if t is containing(pat='x') %}{% endif %}{% endfor %}", "t"),
        ("{% for a in r %}{% if t is matching(pat=`x` ~ a) %}{% endif %}{% endfor %}", "matching(pat=`x` ~ a)"),
        ("{% for a in r %}{% set b = t | length %}{% endfor %}", "t"),
        ("{{ t | replace(from=',', to='<!--<a>') | striptags }}", "t | replace(from=',', to='<!--<a>')"),
    ]
    .map(|(text, part)| {
        let text = format!("{{% set r = range(end=100000) %}}{{% set t = r | str %}}{text}");
        (text, part)
    });
    assert_exceed(&site, BudgetLimit::Work, texts);
}

#[test]
fn a_list_whose_items_are_compared_with_each_other_is_stopped() {
    let text = "{{ range(end=100000) | unique | length }}";
    assert_exceed(&blog(), BudgetLimit::Work, [(text.to_owned(), "range(end=100000)")]);
    assert_eq!(blog().render_text("{{ range(end=3000) | unique | length }}").unwrap(), "3000");
}

#[test]
fn regular_expressions_count_with_their_size() {
    let texts = [
        ("{{ t is matching(pat='[0-9]*1[0-9,]{900}x') }}", "matching(pat='[0-9]*1[0-9,]{900}x')"),
        (
            "{{ t | regex_replace(pattern='[0-9]*1[0-9,]{900}x', rep='') }}",
            "regex_replace(pattern='[0-9]*1[0-9,]{900}x', rep='')",
        ),
        // The compiled expression would be too large.
        ("{{ 'a' is matching(pat='\\\\w{900}') }}", "matching(pat='\\\\w{900}')"),
    ]
    .map(|(text, part)| (format!("{{% set t = range(end=100000) | str %}}{text}"), part));
    assert_exceed(&blog(), BudgetLimit::Work, texts);
    let honest = r"{% set t = range(end=20000) | str %}{{ t is matching(pat='\\w+@\\w+') }}{{ t | regex_replace(pattern='[0-9, ]{9}', rep='') | length }}";
    assert!(blog().render_text(honest).is_ok());
}

#[test]
fn components_are_stopped_and_the_error_is_where_the_text_calls_them() {
    let site = site();
    for (call, line) in [
        ("{{ <tree n={18}/> }}", 3),
        ("{{ <grow n={18}/> }}", 4),
        ("{% set a = <often s='0123456789'/> %}{% set a = <often s={a}/> %}", 2),
    ] {
        let problem = site.render_text(&format!("é {call}")).unwrap_err();
        assert_eq!(problem.message, BudgetLimit::Work.message(), "{call}");
        assert!(call.ends_with(shown(&problem)), "{call}: {}", shown(&problem));
        let (label, place) = &problem.related[0];
        assert_eq!(label, "in this template, which is called there");
        assert_eq!((place.path.as_ref(), place.line_column().unwrap().0), ("templates/components.html", line));
    }
    // The same for a component that the text itself defines.
    let own = "{% component own(n) %}{% if n > 0 %}{{ <own n={n - 1}/> ~ <own n={n - 1}/> ~ <own n={n - 1}/> }}{% endif %}\
               {% endcomponent %}{{ <own n={18}/> }}";
    assert_exceed(&site, BudgetLimit::Work, [(own.to_owned(), "{% component own(n) %}")]);
}

#[test]
fn values_in_values_are_stopped_before_the_stack_ends() {
    let texts = [
        ("{% set_global a = [a] %}", "[a]"),
        ("{% set_global a = {'a': a} %}", "{'a': a}"),
        ("{% set_global a = __tera_context %}", "__tera_context"),
    ]
    .map(|(step, part)| (format!("{{% set a = 1 %}}{{% for i in range(end=100000) %}}{step}{{% endfor %}}"), part));
    assert_exceed(&blog(), BudgetLimit::Depth, texts);
}

#[test]
fn output_is_bounded() {
    let text =
        "é\n{% for a in range(end=1000) %}{% for b in range(end=1000) %}01234567890123456789{% endfor %}{% endfor %}";
    assert_exceed(&blog(), BudgetLimit::Output, [(text.to_owned(), "{% for a in range(end=1000) %}")]);
}

#[test]
fn an_honest_text_is_rendered() {
    let table = format!("name,price\n{}", "Darjeeling,12.50\n".repeat(65_000));
    assert!(table.len() > 1 << 20);
    let site = blog_with(&[("data/table.csv", &table)]);
    let text = "{% set table = load_data(path='data/table.csv') %}{{ table.records | length }} \
                {% set_global names = '' %}{% for row in table.records %}{% if loop.index <= 10000 %}{{ row[0] ~ ' ' }}{% endif %}{% endfor %}\
                {% for i in range(end=1000) %}{% set_global names = names ~ '<li>' ~ i ~ '</li>' %}{% endfor %}{{ names | length }}\
                {% for i in range(end=10000) %}{% if i is divisible_by(divisor=3) %}{{ i }}, {% endif %}{% endfor %}";
    let rendered = site.render_text(text).unwrap();
    assert!(rendered.starts_with("65000 Darjeeling Darjeeling"), "{}", &rendered[..100]);
    assert_eq!(rendered.matches("Darjeeling").count(), 10_000);
    assert!(rendered.ends_with("9996, 9999, "));
}

#[test]
fn a_budget_does_not_change_the_output() {
    let site = site();
    let mut context = Context::new();
    context.insert("list", &[3, 1, 2]);
    context.insert("map", &BTreeMap::from([("a", 1), ("b", 2)]));
    context.insert("text", "Où est\n le thé ?");
    for text in [
        "{{ list[1:] }}{{ list[:2] }}{{ list[:] }}{{ list[::-1] }}{{ list[-2:-1:1] }}{{ list?[1:][0] }}{{ none_there?[1:]?[2] is defined }}",
        "{{ text[1:5] }}{{ text[::-1] }}{{ (list | sort)[1:] }}{{ range(end=5)[2:] }}{{ [1, 2, ...list][1:4] }}",
        "{{ map.a?.b is undefined }}{{ map?.c | default(value=list) }}{{ map['a'] }}{{ map | get(key='z', default='x') }}",
        "{{ 'a' ~ text ~ 1 ~ list ~ (2 - 1) }}{{ -list[0] ~ 'x' }}{{ 1 + 2 * 3 ** 2 // 4 % 5 }}{{ (1 if list else 2) ~ 'x' }}",
        "{{ list == [3, 1, 2] and map != list or not text < 'b' }}{{ 3 in list }}{{ 'z' not in text }}{{ 'x' in ['x'] }}",
        "{{ [x ~ 'x' for x in list if x > 1 and x != text] }}{{ [k ~ v for k, v in map] }}{{ {'a': list, ...map, 'c': [list]} }}",
        "{% for k, v in map %}{{ loop.index }}{{ k }}{{ v }}{% else %}none{% endfor %}{% for c in text %}[{{ c }}]{% endfor %}",
        "a {%- for x in [] -%} b {%- else -%} c {%- endfor -%} d {{- list -}} e {{ text | indent(width=2) }}",
        "{% for x in list if list else map %}{% if x == 1 %}{% continue %}{% elif x == 2 %}{% break %}{% endif %}{{ x }}{% endfor %}",
        "{% set a | upper | replace(from='E', to='é') %}{{ text }}{% endset %}{{ a }}{% filter trim | title %} {{ a }}{% endfilter %}",
        "{% <box title='a'> %} b {{ list }} {% </box> %}{{ <box title={text} /> ~ <twice s={list}/> }}{{ <twice {...{'s': 1}}/> }}",
        "{% include 'child.html' %}{% include 'list.html' %}{{ <tree n={3}/> }}{{ <grow n={2}/> }}",
        "{% component c(a=[1, 2], ...rest) {'x': [1]} -%}  {{ a }}{{ rest | length }}{% endcomponent %} {{ <c b={1}/> }}",
        "{{ list | join(sep=', ') }}{{ [text, 1, [2.5], none] | join }}{{ text | replace(from='t', to='tt') }}{{ text | replace(from='', to='-') }}",
        "{{ text | regex_replace(pattern='(?P<c>[a-z])\\s', rep='${c}$0$$') }}{{ text is matching(pat='^O') }}{{ text | split(pat=' ') }}",
        "{{ list | unique | sort | reverse | first }}{{ map | keys }}{{ map | pairs }}{{ text | length }}{{ list | length }}{{ now() }}",
        "{% raw %}{{ a }}{% endraw %}{# {{ b }} #}{{ \"`'\" ~ text }}{% set_global g = list %}{{ g }}{{ __tera_context is defined }}",
        // An error is an error in both.
        "{{ none_there }}",
        "{{ text.a.b }}",
        "{% for x in 1 %}{% endfor %}",
        "{{ list ~ none_there ~ 1 }}",
        "{{ 'a' ~ -1 }}",
        "{{ 1 | replace(from='a', to='b') }}",
        "{{ text | replace(from='a', to=1) }}",
        "{{ text | join }}",
        "{{ text | regex_replace(pattern='(', rep='') }}",
        "{{ [...text] }}",
        "{{ none_there[1:] }}",
        "{{ <box/> }}",
        "{{ <box title='a' />",
        "{{ text | no_filter }}{% if %}",
    ] {
        site.compare_with_text(text, &context);
    }
}

#[test]
fn errors_refer_to_the_original_template() {
    let source = SourceText {
        path: "content/post.md".into(),
        text:
            "+++\n+++\nÉté\n{% set a = ['é', lang] %}é {{ a[0] ~ a[1] }} {{ a | nth(m=1) }} {{ a ~ missing.field }} é\n"
                .into(),
    };
    let problem = site().render_source(&source, 8).unwrap_err();
    assert_eq!(problem.message, "Missing keyword argument `n`");
    assert_eq!(shown(&problem), "nth(m=1)");
    assert_eq!(problem.location.unwrap().line_column(), Some((4, 53)));
    for (text, part, message) in [
        ("é {{ lang ~ 'é' }} é {{ missing }}", "missing", "Variable `missing` is not defined. Available variables"),
        ("é {{ lang ~ 'é' }} é {{ lang | uper }}", "uper", "Unknown filter `uper`"),
        ("é {{ lang ~ 'é' }} é {% if %}", "%}", "Found"),
        ("é {% for a in lang[0:] %}é{% endfor %} {% for a in 1 %}{% endfor %}", "1", "Iteration not possible on type"),
    ] {
        let problem = blog().render_text(text).unwrap_err();
        assert!(problem.message.starts_with(message) || problem.message.contains("uper"), "{}", problem.message);
        assert_eq!(shown(&problem), part, "{text}");
        assert!(!crate::diagnostic::plain(&problem).contains(super::calls::PREFIX), "{text}");
    }
}

#[test]
fn an_excess_is_where_the_text_has_it_in_its_file() {
    let text = "+++\n+++\n{% set r = range(end=100000) %}Été\n{% set a = ['é', lang] %}é {{ a[0] ~ a[1] }} é {% for x in r %}é{% for y in r %}{% endfor %}{% endfor %}";
    let source = SourceText { path: "content/post.md".into(), text: text.into() };
    let problem = blog().render_source(&source, 8).unwrap_err();
    assert_eq!(shown(&problem), "{% for y in r %}");
    assert_eq!(problem.location.unwrap().line_column(), Some((4, 65)));
}

#[test]
fn counting_calls_are_reserved() {
    let blog = blog();
    for text in ["{{ __causerie_enter(n=1) }}", "{{ 1 | __causerie_read }}", "{% set __causerie_x = 1 %}"] {
        let problem = blog.render_text(text).unwrap_err();
        assert_eq!(problem.message, "names that begin with `__causerie_` are reserved", "{text}");
    }
    assert_eq!(blog.render_text("__causerie_read {{ '__causerie_read' }}").unwrap(), "__causerie_read __causerie_read");
}

#[test]
fn uncountable_texts_are_rejected() {
    let blog = blog();
    let long = format!("{{{{ lang{} }}}}", " ~ lang".repeat(200));
    let problem = blog.render_text(&format!("é\n{long}")).unwrap_err();
    assert_eq!(problem.message, "this template syntax is nested too deep, or too long for one expression");
    assert_eq!(problem.location.unwrap().line_column().unwrap().0, 2);
    let short = format!("{{{{ lang{} }}}}", " ~ lang".repeat(100));
    assert_eq!(blog.render_text(&short).unwrap(), "en".repeat(101));
    // Tera reports its own limits.
    let problem = blog.render_text(&format!("{{{{ lang{} }}}}", " ~ lang".repeat(300))).unwrap_err();
    assert_eq!(problem.message, "The expression is too complex");
}

#[test]
fn a_template_that_has_no_room_for_a_budget_is_called_by_no_text() {
    let deep = format!("{{{{ lang{} }}}}{{% component deep() %}}d{{% endcomponent %}}", " ~ lang".repeat(200));
    let site = blog_with(&[
        ("templates/deep.html", &deep),
        ("templates/over.html", "{% include 'deep.html' %}"),
        ("templates/far.html", "{% component far() %}{% include 'over.html' %}{% endcomponent %}"),
        ("templates/other.html", "o{% component near() %}n{% endcomponent %}"),
    ]);
    assert!(!site.every_template_is_instrumented());
    for call in ["{% include 'deep.html' %}", "{% include \"over.html\" %}", "{{ <deep /> }}", "{{ 'a' ~ <far /> }}"] {
        let problem = site.render_text(&format!("é {{{{ <near /> }}}} {call}")).unwrap_err();
        assert!(problem.message.starts_with("no text can call this"), "{call}: {}", problem.message);
        assert_eq!(shown(&problem), call);
    }
    assert_eq!(site.render_text("{{ <near /> }}{% include 'other.html' %}").unwrap(), "no");
    let own = "{% component deep() %}own{% endcomponent %}{{ 1 < lang }}";
    assert!(site.render_text(own).is_err_and(|problem| !problem.message.starts_with("no text")));
}

#[test]
fn many_calls_take_their_time_once() {
    let start = std::time::Instant::now();
    let rendered = site().render_text(&"{{ <twice s='a'/> }}\n".repeat(20_000)).unwrap();
    assert_eq!(rendered.len(), 60_000);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn budgets_lie_in_each_other() {
    // Without a text nothing is counted.
    spend(LIMIT + 1).unwrap();
    let ((), excess) = with_fresh_budget(|| {
        spend(LIMIT - 1).unwrap();
        let (inner, excess) = with_fresh_budget(|| spend(LIMIT).and_then(|()| spend(1)));
        assert!(inner.is_err());
        assert_eq!(excess, Some(BudgetLimit::Work));
        spend(1).unwrap();
    });
    assert_eq!(excess, None);
    let panicked = std::panic::catch_unwind(|| with_fresh_budget(|| panic!("on purpose")));
    assert!(panicked.is_err());
    spend(LIMIT + 1).unwrap();
}

#[test]
fn the_size_of_a_value_is_that_of_its_parts() {
    let left = || CURRENT.with_borrow(|budget| budget.as_ref().unwrap().left);
    let cost = |value: Value| {
        with_fresh_budget(|| {
            spend_for_value(&value, 10, 1).unwrap();
            LIMIT - left()
        })
        .0
    };
    assert_eq!(cost(1.into()), 10);
    assert_eq!(cost("é".into()), 12);
    assert_eq!(with_fresh_budget(|| spend_for_value(&1.into(), LIMIT / 4, 4)).1, None);
    assert_eq!(with_fresh_budget(|| spend_for_value(&1.into(), LIMIT / 4, 5)).1, Some(BudgetLimit::Work));
    assert_eq!(cost(vec![1, 2].into()), 30);
    assert_eq!(cost(Value::from_serializable(&BTreeMap::from([("ab", "c")]))), 10 + 2 + 11);
}

#[test]
fn spans_map_to_the_original_template() {
    let text = "é{% for a in b -%} {{ a ~ é }}{{ a ~ 1 }}{% endfor %}";
    assert!(InstrumentedTemplate::new(text).is_err());
    let text = "é{% for a in b -%} {{ 'é' ~ a }}{{ a ~ 1 }}{% endfor %}";
    let instrumented = InstrumentedTemplate::new(text).unwrap();
    let back = |part: &str, length: usize| -> Range<usize> {
        let at = instrumented.text.find(part).unwrap();
        instrumented.original(at..at + length)
    };
    assert_eq!(&text[back("{% for", 6)], "{% for");
    assert_eq!(&text[back("|__causerie_repeat", 1)], "{% for a in b -%}");
    assert_eq!(&text[back("'é'", 4)], "'é'");
    assert_eq!(&text[back(" 1", 2)], " 1");
    assert_eq!(&text[back("{% endfor", 12)], "{% endfor %}");
    let whole = instrumented.text.find("{% for").unwrap()..instrumented.text.len();
    assert_eq!(&text[instrumented.original(whole)], &text[2..]);
}

#[test]
fn every_template_of_ours_can_be_instrumented() {
    for (name, text) in BUILTINS.iter().chain(ZOLA_BUILTINS) {
        assert!(InstrumentedTemplate::new(text).is_ok(), "{name}");
    }
    let site = site();
    assert!(site.every_template_is_instrumented());
}
