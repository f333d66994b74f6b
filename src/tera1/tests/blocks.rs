//! Blocks, and what is outside of them.

use super::*;

#[test]
fn what_a_child_has_outside_of_its_blocks_was_never_shown() {
    check(&[
        (
            "{# a #}\n{% extends 'b' %}\n\nc {{ d.0 }}\n{% block e %}f{{ g }}{% endblock %}\n{% set h = 1 %}",
            "{# a #}\n{% extends 'b' %}\n\n{#- This was never shown: c {{ d.0 }} -#}\n{% block e %}f{{ g }}{% endblock %}\n{#- This was never shown: {% set h = 1 %} -#}",
        ),
        (
            "{% extends 'b' %}a {# b #} c",
            "{% extends 'b' %}{#- This was never shown: a -#} {# b #} {#- This was never shown: c -#}",
        ),
        ("a {{ b }}", "a {{ b }}"),
    ]);
}

#[test]
fn blocks_that_no_parent_has_were_never_shown() {
    let templates = [
        ("base.html", "{% block a %}{% endblock %}"),
        (
            "child.html",
            "{% extends 'base.html' %}{% block a %}1{% block c %}{% endblock %}{% endblock %}{% block b %}2{% endblock b %}",
        ),
        ("other.html", "{% extends 'calm/templates/other.html' %}{% block a %}{% endblock %}"),
    ];
    let project = project(&templates);
    let rewrite = |index: usize| rewrite_template(templates[index].1, templates[index].0, &project).text;
    assert_eq!(
        rewrite(1),
        "{% extends 'base.html' %}{% block a %}1{% block c %}{% endblock %}{% endblock %}{#- This was never shown: {% block b %}2{% endblock b %} -#}"
    );
    assert_eq!(rewrite(2), templates[2].1);
}

#[test]
fn blocks_in_loops_and_repeated_ones_lose_their_tags() {
    let old = "{% if a %}{% block b %}1{% endblock %}{% else %}{% block b %}2{%- endblock b -%}{% endif %}{% for c in d %}{%- block e %}3{% endblock %}{% endfor %}";
    let new = "{% if a %}{% block b %}1{% endblock %}{% else %}2{#- -#}{% endif %}{% for c in d %}{#- #}3{% endfor %}";
    check(&[(old, new)]);
    // Another template fills them.
    let templates = [
        ("page.html", old),
        ("middle.html", "{% extends 'page.html' %}"),
        ("child.html", "{% extends 'middle.html' %}{% block b %}4{% endblock %}{% block e %}5{% endblock %}"),
    ];
    let result = rewrite_template(old, "page.html", &project(&templates));
    let messages: Vec<_> = result.decisions.iter().map(|decision| decision.message.as_str()).collect();
    assert_eq!(messages, ["this template has a block `b` already", "a block cannot stand in a loop any more"]);
    assert_eq!(result.text, old);
}

#[test]
fn a_block_that_was_shown_in_the_place_of_another_is_a_decision() {
    for (text, count) in [
        ("{% block t %}A{% endblock %}{% if x %}{% block t %}B{% endblock %}{% endif %}", 1),
        ("{% if x %}{% block t %}B{% endblock %}{% endif %}{% block s %}{% block t %}A{% endblock %}{% endblock %}", 1),
        ("{% block t %}A{% endblock %}{% for x in y %}{% block t %}B{% endblock %}{% endfor %}", 1),
        ("{% block t %}A{% endblock %}{% if x %}{% block s %}B{% endblock %}{% endif %}", 0),
    ] {
        let result = rewrite(text);
        assert_eq!((result.text.as_str(), result.decisions.len()), (text, count));
    }
}
