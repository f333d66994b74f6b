//! The texts of pages, and the templates of shortcodes.

use super::*;

fn rewrite_text(text: &str) -> Rewritten {
    let names = ["youtube", "note", "numbered"].map(str::to_owned);
    let shortcodes = Shortcodes { names: names.into(), counting: ["numbered".to_owned()].into() };
    rewrite_content(text, body_start(text), &shortcodes)
}

#[test]
fn calls_of_shortcodes_become_calls_of_components() {
    for (old, new) in [
        (
            "+++\ntitle = \"{{ a }}\"\n+++\n{{ youtube(id=\"x\", n=3, on=true) }}",
            "+++\ntitle = \"{{ a }}\"\n+++\n{{ <youtube id=\"x\" n={3} on={true} /> }}",
        ),
        ("{{youtube(id='a\\b',\r\n  l=[1, \"b\"])}} é\r\n", "{{ <youtube id='a\\\\b' l={[1, \"b\"]} /> }} é\r\n"),
        ("{% note(a=1) %}\nb {{ youtube() }}\n{% end %}", "{% <note a={1}> %}\nb {{ <youtube /> }}\n{% </note> %}"),
        ("{% note() %}{% note() %}{% end %}{% end %}", "{% <note> %}{% <note> %}{% </note> %}{% </note> %}"),
        ("{{ numbered() }}{{ numbered() }}", "{{ <numbered nth={1} /> }}{{ <numbered nth={2} /> }}"),
        ("a {{/* youtube(id=\"x\") */}} b", "a {% raw %}{{ youtube(id=\"x\") }}{% endraw %} b"),
        (
            "{%/* note() */%}a {{ youtube() }}{%/* end */%}",
            "{% raw %}{% note() %}a {{ youtube() }}{% end %}{% endraw %}",
        ),
        ("## A {#b}\n`{{ c }}` and {% d %}", "## A {#b}\n`{% raw %}{{ c }}` and {% d %}{% endraw %}"),
        (
            "```\n${{ a }}\nb\n{% if c %}\n```\n{{ d }}",
            "```\n${% raw %}{{ a }}\nb\n{% if c %}{% endraw %}\n```\n{% raw %}{{ d }}{% endraw %}",
        ),
        ("a {{ b", "a {% raw %}{{{% endraw %} b"),
        ("{# a #} {#b", "{% raw %}{# a #} {#{% endraw %}b"),
        ("a {#b", "a {#b"),
        ("{% endraw %}", "{{ \"{% endraw %}\" }}"),
        ("{% note() %} and no end", "{% raw %}{% note() %}{% endraw %} and no end"),
        ("{% end %}", "{% raw %}{% end %}{% endraw %}"),
        ("a { b } {c} {", "a { b } {c} {"),
    ] {
        let result = rewrite_text(old);
        assert_eq!(result.text, new, "{old}");
        assert!(result.decisions.is_empty(), "{old}: {:?}", result.decisions);
    }
    assert_eq!(rewrite_text("{{ quux() }}").decisions[0].message, "there is no shortcode `quux`");
}

#[test]
fn plain_braces_are_shown_as_they_were() {
    for text in [
        "a {{ b }} c {% d %} {# e #}",
        "{{",
        "{%",
        "a {{{ b }}} c",
        "{{{{ a",
        "{% raw %}a{% endraw %}",
        "{% endraw \"'` %}",
        "`{{`",
        "{{ a }} {% b",
        "{{ a {#%}",
    ] {
        let result = rewrite_text(text);
        let shown = tera::Tera::default().render_str(&result.text, &tera::Context::new(), false);
        assert_eq!(shown.unwrap_or_else(|error| panic!("{error}\n{}", result.text)), text);
    }
}

#[test]
fn templates_of_shortcodes_become_components() {
    let mut calls = std::collections::BTreeMap::new();
    note_calls("{{ youtube(id=\"a\") }}{{ youtube(id=\"a & b\", class=\"c\", unused=1) }}", 0, &mut calls);
    let rewrite = |text: &str, template: &str| {
        let project = super::project(&[(template, text)]);
        rewrite_shortcode(text, template, "youtube", &calls["youtube"], &project).map(|result| result.text)
    };
    assert_eq!(
        rewrite("<a {% if class %}class=\"{{ class }}\"{% endif %} href=\"{{ id }}\">{{ width | default(value=3) }}{{ page.title }}{{ body }}</a>\n", "shortcodes/youtube.html").unwrap(),
        "{% component youtube(id, class = none, width = 3, @page = none, unused = none) -%}\n<a {% if class %}class=\"{{ class }}\"{% endif %} href=\"{{ id | escape_html }}\">{{ width | default(value=3) }}{{ page.title }}{{ body | escape_html }}</a>\n{%- endcomponent youtube %}\n"
    );
    assert_eq!(
        rewrite("{% for a in b %}{{ a }}{% endfor %}{% if class is defined %}{{ class | default(value='x') }}{% endif %}", "shortcodes/youtube.md").unwrap(),
        "{% component youtube(b, class = none, id, unused = none) %}{% for a in b %}{{ a }}{% endfor %}{% if class is not none %}{{ ('x' if class is none else class) }}{% endif %}{% endcomponent youtube %}\n".replace("(b, class = none, id,", "(b, id, class = none,")
    );
    assert_eq!(rewrite("{% component youtube() %}{% endcomponent %}", "shortcodes/youtube.html"), None);
}

#[test]
fn an_argument_body_is_the_body() {
    assert_eq!(
        rewrite_text("{{ note(body=\"a {b}\", n=1) }}").text,
        "{% <note n={1}> %}{% raw %}a {b}{% endraw %}{% </note> %}"
    );
}
