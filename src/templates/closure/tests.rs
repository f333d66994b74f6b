use tera::{Kwargs, Value};

use super::*;
use crate::templates::dependencies::FieldMask;
use crate::templates::reads::Access;

fn sources(files: &[(&str, &str)]) -> BTreeMap<String, SourceText> {
    let source = |text: &str| SourceText { path: "a".into(), text: text.into() };
    files.iter().map(|(name, text)| ((*name).to_owned(), source(text))).collect()
}

fn closure(name: &str, files: &[(&str, &str)], prefixes: &[&str]) -> Closure {
    let (sources, prefixes) = (sources(files), prefixes.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>());
    ParsedTemplates::new(&sources, &prefixes).closure(name, &sources)
}

fn reads(text: &str) -> Reads {
    closure("a", &[("a", text)], &[]).reads
}

/// The components that the tests call.
const PARTS: (&str, &str) = (
    "parts.html",
    "{% component card(post: map) %}{{ post.title }} {{ post.summary }}{% endcomponent card %}\
     {% component list(pages) %}{% for p in pages %}{{ p.content }}{% endfor %}{% endcomponent list %}\
     {% component titles(pages) %}{% for p in pages %}{{ p.title }}{% endfor %}{% endcomponent titles %}\
     {% component here(@page) %}{{ page.toc }}{% endcomponent here %}\
     {% component through(@page) %}{{ <here /> }}{% endcomponent through %}\
     {% component frame(...rest) %}{{ body }}{{ rest.post.word_count }}{% endcomponent frame %}\
     {% component tree(item) %}{{ item.name }}{% for x in item.below %}{{ <tree item={x} /> }}{% endfor %}{% endcomponent tree %}",
);

fn mask(template: &str, variable: &str) -> FieldMask {
    closure("a", &[("a", template), PARTS], &[]).reads.variable(variable).mask()
}

fn pages_mask(template: &str) -> Option<FieldMask> {
    closure("a", &[("a", template), PARTS], &[]).reads.variable("section").pages_mask()
}

#[test]
fn a_closure_follows_parents_includes_and_components() {
    let files = [
        ("base.html", "<body>{% block main %}{% endblock %}{{ <card title={page.title} /> }}</body>"),
        ("page.html", "{% extends \"base.html\" %}{% block main %}{{ page.title }}{% endblock %}"),
        ("parts.html", "{% component card(title) %}{% include'icon.html' %}{{ title }}{% endcomponent card %}"),
        ("icon.html", "<svg></svg>"),
        ("other.html", "{{ section.title }}"),
    ];
    let closure = closure("page.html", &files, &[]);
    let names: Vec<&str> = closure.templates.iter().map(String::as_str).collect();
    assert_eq!(names, ["base.html", "icon.html", "page.html", "parts.html"]);
    assert_eq!(closure.reads.variable("page").mask(), FieldMask::META);
}

#[test]
fn components_are_found_wherever_they_are_called() {
    for call in [
        "{{ <card post={p} /> }}",
        "{{<card post={p}/>}}",
        "{% <card post={p}> %}x{% </card> %}",
        "{% set c = <card post={p} /> %}",
        "{{ <frame c={<card post={p} />} /> }}",
        "{{ (<card post={p}/>) }}",
        "{{ 'a' ~ <card post={p} /> }}",
        "{{ 'a' if b else <card post={p} /> }}",
        "{{ [<card post={p} />] }}",
        "{{ {'a': <card post={p} />} | json_encode }}",
        "{{ x | default(value=<card post={p} />) }}",
        "{{ f(x=<card post={p} />) }}",
        "{% if <card post={p} /> %}{% endif %}",
        "{% for x in [<card post={p} />] %}{% endfor %}",
        "{% set c %}{{ <card post={p} /> }}{% endset %}",
        "{% filter upper %}{{ <card post={p} /> }}{% endfilter %}",
        "{{ [<card post={x} /> for x in [p]] }}",
        "{{ <card {...{\"post\": p}} /> }}",
    ] {
        let closure = closure("a", &[("a", call), PARTS], &[]);
        assert!(closure.templates.contains("parts.html"), "{call}");
        assert!(closure.reads.variable("p").mask().contains(FieldMask::SUMMARY), "{call}");
    }
}

#[test]
fn a_component_of_the_site_hides_the_theme_s() {
    let files = [
        ("page.html", "{{<card/>}}"),
        ("mine.html", "{% component card() %}{% endcomponent %}"),
        ("theme/templates/parts.html", "{% component card(@page) %}{{ page.content }}{% endcomponent %}"),
    ];
    let closure = closure("page.html", &files, &["theme/templates/"]);
    assert!(closure.templates.contains("mine.html") && !closure.templates.contains("theme/templates/parts.html"));
    assert_eq!(closure.reads.variable("page").mask(), FieldMask::META);
}

#[test]
fn fields_are_found_however_they_are_written() {
    use FieldMask as F;
    for (template, expected) in [
        ("{{ p.title }}{{ p.extra.content }}{{ list[0].content }}", F::META),
        ("{{ p.content }}", F::CONTENT),
        ("{{ p?.toc }}", F::CONTENT),
        ("{{ p['summary'] }}", F::SUMMARY),
        ("{{ p[`summary`] }}", F::SUMMARY),
        ("{{ p?[\"word_count\"] }}", F::WORD_COUNT),
        ("{{ p[(\"content\")] }}", F::CONTENT),
        ("{% if p.comments.count > 1 %}{{ p.reading_time }}{% endif %}", F::COMMENT_COUNT | F::READING_TIME),
        ("{% for c in p.comments.threads %}{% endfor %}", F::THREADS),
        ("{% if p.comments.open %}{% endif %}", F::COMMENTS_OPEN),
        ("{{ p.comments | json_encode }}", F::THREADS | F::COMMENTS_OPEN),
        ("{{ p.lower.title or p.higher.path }}", F::NEIGHBOURS),
        ("{% if p.lower %}{% endif %}", F::NEIGHBOURS),
        ("{{ p.higher.summary }}", F::WHOLE_NEIGHBOURS),
        ("{% set near = p.higher or p.lower %}{{ near.content }}", F::WHOLE_NEIGHBOURS),
        ("{{ p | get(key=\"content\") }}", F::CONTENT),
        ("{% set q = p %}{% set r = q if a else b %}{{ r.content }}", F::CONTENT),
        ("{% set q = {\"a\": [p]} %}{{ q.a[0].content }}", F::CONTENT),
        ("{% for k, v in {\"a\": p} %}{{ v.content }}{% endfor %}", F::CONTENT),
        ("{% set q = {...p, \"x\": 1} %}{{ q.content }}", F::CONTENT),
        ("{% for q in [p] %}{% set_global z = q %}{% endfor %}{{ z.content }}", F::CONTENT),
        ("{{ z.content }}{% set z = p %}", F::CONTENT),
        ("{{ [x.content for x in [p]] | join }}", F::CONTENT),
        ("{{ [p] | first | get(key=\"content\") }}", F::CONTENT),
        ("{{ (p or q) | get(key=\"content\") }}", F::CONTENT),
        ("{% set_global x = p %}{% include \"b\" %}", F::META),
        ("{{ <card post={p} /> }}", F::SUMMARY),
        ("{{ <card {...q} /> }}{% set q = {\"post\": p} %}", F::SUMMARY),
        ("{{ <frame post={p} /> }}", F::WORD_COUNT),
        ("{% set page = p %}{{ <here /> }}", F::CONTENT),
        ("{% set page = p %}{{ <through /> }}", F::CONTENT),
        ("{{ <list pages={[p]} /> }}", F::CONTENT),
        ("{% set c = <list pages={[p]}/> %}{{ c }}", F::CONTENT),
        ("{{ <frame c={<list pages={[p]} />} /> }}", F::CONTENT),
        ("{{ <titles pages={[p]} /> }}", F::META),
    ] {
        assert_eq!(mask(template, "p"), expected, "{template}");
    }
}

#[test]
fn unknown_reads_include_everything() {
    for template in [
        "{{ p }}",
        "{{ p | json_encode }}",
        "{{ p | unknown_filter }}",
        "{{ p == q }}",
        "{{ p in list }}",
        "{{ p ~ 'a' }}",
        "{{ p[key] }}",
        "{{ p[\"title\" if a else \"content\"] }}",
        "{{ p[\"CONTENT\" | lower] }}",
        "{{ p[\"\" or \"content\"] }}",
        "{{ p['con'\n~ 'tent'] }}",
        "{{ p['con' ~ 'tent'] }}",
        "{{ p | get(key=k) }}",
        "{{ [p] | sort(attribute=a) }}",
        "{{ p | values }}{% for v in p | values %}{{ v }}{% endfor %}",
        "{{ p | pairs }}",
        "{% for key, value in p %}{{ value }}{% endfor %}",
        "{{ f(x=p) }}",
        "{{ __tera_context }}",
        "{% component x() %}{{ __tera_context }}{% endcomponent %}{{ <x /> }}{{ p.title }}",
        "{{ <no_such_component post={p} /> }}",
        "{{ p.title }}{% include 'loop' %}",
        "{{ [p] | unique(attribute=\"title\") | length }}",
    ] {
        let files = [("a", template), ("loop", "{% include 'loop' %}"), PARTS];
        assert_eq!(closure("a", &files, &[]).reads.variable("p").mask(), FieldMask::ALL, "{template}");
    }
    // An unsupported template may read everything, and so may the templates that reach it.
    for (name, files) in
        [("a", vec![("a", "{{ p ?? q }}")]), ("b", vec![("a", "{{ p ?? q }}"), ("b", "{% include 'a' %}")])]
    {
        let closure = closure(name, &files, &[]);
        assert_eq!((closure.reads.variable("p").mask(), closure.templates.len()), (FieldMask::ALL, files.len()));
    }
}

#[test]
fn variables_of_one_name_are_distinguished() {
    use FieldMask as F;
    let base = "{% for page in get_section(path='posts/_index.md').pages %}{{ page.title }}{% endfor %}";
    let base = base.replace("get_section(path='posts/_index.md').pages", "recent.pages");
    let template = format!(
        "{{% set recent = get_section(path='posts/_index.md') %}}{base}{{{{ page.content }}}}\
         {{% for page in section.pages %}}{{{{ page.word_count }}}}{{% endfor %}}"
    );
    let reads = reads(&template);
    assert_eq!(reads.variable("page").mask(), F::CONTENT);
    assert_eq!(reads.variable("section").pages_mask(), Some(F::WORD_COUNT));
    let arguments = arguments(&[("path", "posts/_index.md".into())]);
    assert_eq!(reads.call("get_section", &arguments).map(|it| it.pages_mask()).collect::<Vec<_>>(), [Some(F::META)]);
}

fn arguments(arguments: &[(&'static str, Value)]) -> Kwargs {
    let map: tera::Map = arguments.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
    Kwargs::new(map.into())
}

#[test]
fn calls_are_distinguished_by_literal_arguments() {
    use FieldMask as F;
    let reads = reads(
        "{% set a = get_section(path='a') %}{{ a.title }}{% set b = get_section(path='b') %}{{ b.pages[0].content }}\
         {% for p in list %}{% set c = get_section(path=p) %}{{ c.pages | length }}{% endfor %}{{ get_page(path='a') }}",
    );
    let of = |path: &str| -> Vec<Option<F>> {
        let mut masks: Vec<_> =
            reads.call("get_section", &arguments(&[("path", path.into())])).map(Access::pages_mask).collect();
        masks.sort_unstable();
        masks
    };
    assert_eq!(of("a"), [None, Some(F::META)]);
    assert_eq!(of("b"), [Some(F::META), Some(F::CONTENT)]);
    assert_eq!(of("c"), [Some(F::META)]);
    assert_eq!(reads.call("get_taxonomy", &arguments(&[])).count(), 0);
    assert_eq!(
        reads.call("get_page", &arguments(&[("path", "a".into())])).map(Access::mask).collect::<Vec<_>>(),
        [F::ALL]
    );
}

#[test]
fn lists_keep_their_pages_through_filters() {
    use FieldMask as F;
    for (template, expected) in [
        ("{{ section.title }}", None),
        ("{{ section.pages | length }}", Some(F::META)),
        ("{% for p in section.pages %}{{ p.title }}{% endfor %}", Some(F::META)),
        ("{% for p in section.pages[:5] | reverse %}{{ p.summary }}{% endfor %}", Some(F::SUMMARY)),
        (
            "{% for y, ps in section.pages | group_by(attribute='year') %}{% for p in ps %}{{ p.summary }}{% endfor %}{% endfor %}",
            Some(F::SUMMARY),
        ),
        ("{% for y, ps in section.pages | group_by(attribute='word_count') %}{{ y }}{% endfor %}", Some(F::WORD_COUNT)),
        ("{{ section.pages | sort(attribute='comments.count') | length }}", Some(F::COMMENT_COUNT)),
        ("{{ (section.pages | first).summary }}", None),
        ("{% set f = section.pages | first %}{{ f.summary }}", Some(F::SUMMARY)),
        ("{% set f = section.pages | nth(n=2) %}{{ f.summary }}", Some(F::SUMMARY)),
        ("{% set f = [...section.pages, 1] %}{{ f[0].summary }}", Some(F::SUMMARY)),
        (
            "{% for p in [x for x in section.pages if x.word_count] %}{{ p.summary }}{% endfor %}",
            Some(F::SUMMARY | F::WORD_COUNT),
        ),
        ("{{ section.pages | json_encode }}", Some(F::ALL)),
        ("{{ section }}", Some(F::ALL)),
        ("{{ <list pages={section.pages} /> }}", Some(F::CONTENT)),
        ("{{ <titles {...section} /> }}", Some(F::META)),
        ("{{ <card post={section.pages[0]} /> }}{{ <titles pages={section.pages} /> }}", Some(F::SUMMARY)),
    ] {
        // Templates that Tera rejects are unsupported.
        let expected = if template.contains("first).") { Some(F::ALL) } else { expected };
        assert_eq!(pages_mask(template), expected, "{template}");
    }
}

#[test]
fn components_that_call_themselves_come_to_an_end() {
    let closure = closure("a", &[("a", "{{ <tree item={t} /> }}{{ <tree item={u} /> }}"), PARTS], &[]);
    let tree = closure.reads.variable("t");
    assert!(!closure.reads.is_unknown && !tree.is_whole);
    assert!(tree.field("below").is_some() && tree.field("name").is_some_and(|name| name.is_whole));
}

#[test]
fn blocks_see_surrounding_assignments() {
    let files = [
        ("base", "{% set x = p %}{% if a %}{% block one %}{% endblock %}{% endif %}"),
        (
            "child",
            "{% extends 'base' %}{% block one %}{{ x.content }}{% block two %}{{ super() }}{% endblock %}{% endblock %}",
        ),
        (
            "grandchild",
            "{% extends 'child' %}{% block two %}{{ x.word_count }}{% endblock %}{% block lost %}{{ p.summary }}{% endblock %}",
        ),
    ];
    let mask = closure("grandchild", &files, &[]).reads.variable("p").mask();
    assert_eq!(mask, FieldMask::CONTENT | FieldMask::WORD_COUNT | FieldMask::SUMMARY);
}

#[test]
fn blocks_are_found_in_every_branch() {
    let template = "{% for x in list %}{{ x }}{% else %}{% block none %}{{ p.content }}{% endblock %}{% endfor %}";
    assert_eq!(mask(template, "p"), FieldMask::CONTENT);
}

#[test]
fn undefined_variables_hide_none_from_includes() {
    let files = [("a", "{% for p in [nothing] %}{% include 'b' %}{% endfor %}"), ("b", "{{ p.content }}")];
    assert_eq!(closure("a", &files, &[]).reads.variable("p").mask(), FieldMask::CONTENT);
}

#[test]
fn a_text_with_components_of_its_own_may_look_at_everything() {
    let text = "{% component l() %}{{ get_section(path='a').pages }}{% endcomponent l %}{{ <l /> }}";
    assert!(ParsedTemplates::new(&BTreeMap::new(), &[]).closure_of_text(text).reads.is_unknown);
}

#[test]
fn templates_that_would_take_for_ever_are_given_up() {
    // Each component calls the next one twice.
    let mut text = String::new();
    for n in 0..40 {
        let next = n + 1;
        text += &format!(
            "{{% component c{n}(p) %}}{{{{ <c{next} p={{p}} /> }}}}{{{{ <c{next} p={{p}} /> }}}}{{% endcomponent %}}"
        );
    }
    text += "{% component c40(p) %}{{ p.title }}{% endcomponent %}{{ <c0 p={p} /> }}";
    assert_eq!(reads(&text).variable("p").mask(), FieldMask::ALL);
}
