//! Tests of the parser: it supports everything that Tera accepts.

use super::*;
use crate::templates::syntax::ast::Node;

#[test]
fn valid_templates_are_supported() {
    for text in [
        "",
        "a {{ b }} {# {{ c #}",
        "{% extends \"base.html\" %}{% block a %}{{ super() }}{% endblock a %}{% block b %}{% endblock %}",
        "{% if a and not b %}1{% elif c is not defined %}2{% else %}3{% endif %}",
        "{% for k, v in m %}{% if k %}{% continue %}{% endif %}{% else %}{% endfor %}",
        "{% set a = b | default(value=1) | first %}{% set_global c %}x{% endset %}{% set d | upper | trim %}{% endset %}",
        "{% filter replace(from=\"a\", to=\"b\") | upper %}x{% endfilter %}{% include'x.html' %}",
        "{% component ui.card(title: string = \"x\", @page = {}, n = -1, ...rest) {\"a\": [1, 2]} %}{{ body }}{% endcomponent ui.card %}",
        "{% <ui.card title=\"a\" page={p} n {...m}> %}b{% </ui.card> %}{{ <ui.card/> ~ (<x a={1 + 2}/>) }}",
        "{{ a.b?.c[0][\"d\"]?[e][1:2][::-1][f:] }}",
        "{{ [1, ...a, [2]] }}{{ {\"a\": 1, 2: b, true: c, ...d} }}{{ [p.title for p in pages if p.date] }}",
        "{{ [k for k, v in m] | join(sep=', ') }}{{ a if b else c if d else e }}{{ -a ** -2 }}",
        "{{ a not in b or c in d and 1 < 2 == true }}{{ x | get(key='a', default=\"b\",) }}{{ (1 + 2) * 3 // 4 % 5 }}",
        "{{ range(end=3)[1] }}{{ not a is containing(pat='x') }}{{ 'a' ~\n b }}{{ `c` }}",
    ] {
        assert!(parse(text).is_ok(), "{text}");
        tera::Tera::default().render_str(text, &tera::Context::new(), true).err();
    }
}

#[test]
fn broken_templates_are_unsupported() {
    for text in
        ["{{", "{{ }}", "{% if a %}", "{% endif %}", "{{ a b }}", "{% frob %}", "{{ a( }}", "{{ a[] }}", "{{ é }}"]
    {
        assert_eq!(parse(text).err(), Some(UnsupportedSyntax), "{text}");
    }
    assert!(parse(&"{{ [".repeat(9000)).is_err());
    assert!(parse(&format!("{{{{ {}a{} }}}}", "(".repeat(9000), ")".repeat(9000))).is_err());
    assert!(parse(&"{% if a %}".repeat(9000)).is_err());
    assert!(parse(&format!("{{{{ a{} }}}}", "|b".repeat(30_000))).is_err());
    assert!(parse(&format!("{{{{ a{} }}}}", ".b".repeat(30_000))).is_err());
}

#[test]
fn operators_bind_as_tera_has_it() {
    let shape = |text: &str| match parse(text).unwrap().nodes.remove(0) {
        Node::Print(expression) => format!("{expression:?}"),
        node => format!("{node:?}"),
    };
    assert!(shape("{{ a or b | upper }}").starts_with("Logical"));
    assert!(shape("{{ (a or b) | upper }}").starts_with("Filter"));
    assert!(shape("{{ a or b if c else d }}").starts_with("Ternary"));
    assert!(shape("{{ a ~ b or c }}").starts_with("Logical"));
    assert!(shape("{{ not a or b }}").starts_with("Logical"));
    assert!(shape("{{ -a | abs }}").starts_with("Filter"));
    assert!(shape("{{ a.b | first == c }}").starts_with("Operation"));
    assert!(parse("{{ (a).b }}").is_err());
}
