//! Generated templates read the fields of a page in many ways. With only the fields that the analysis found they must
//! render the same as with everything.

use proptest::prelude::*;
use proptest::sample::select;

use crate::templates::testing::{TestSite, blog_with};

/// Expressions for a page, as a variable `v0`.
const PAGES: [&str; 8] = [
    "{% set v0 = page %}",
    "{% set v0 = section.pages[0] %}",
    "{% set v0 = section.pages | first %}",
    "{% set v0 = section.pages | sort(attribute=\"title\") | last %}",
    "{% set v0 = get_page(path='posts/coffee.md') %}",
    "{% set v0 = page.lower or page.higher %}",
    "{% set t = get_taxonomy(kind='tags') %}{% for term in t.items %}{% set_global v0 = term.pages[0] %}{% endfor %}",
    "{% set t = get_taxonomy_term(kind='tags', term='leaves') %}{% for page in t.pages %}{% set_global v0 = page %}{% endfor %}",
];

/// Steps from one variable, `A`, to another one, `B`.
const STEPS: [&str; 16] = [
    "{% set B = A %}",
    "{% set B = A if page else page %}",
    "{% set B = nothing or A %}",
    "{% set B = page and A %}",
    "{% set B = nothing | default(value=A) %}",
    "{% set m = {\"k\": [A]} %}{% set B = m.k[0] %}",
    "{% set m = {\"k\": A} %}{% set B = m['k'] %}",
    "{% set B = {...A, \"x\": 1} %}",
    "{% set B = [x for x in [A] if x.title] | first %}",
    "{% set m = [1, ...[A]] %}{% set B = m[1] %}",
    "{% set B = [A, A][1:] | first %}",
    "{% for x in [A] %}{% set_global B = x %}{% endfor %}",
    "{% for k, x in {\"k\": A} %}{% set_global B = x %}{% endfor %}",
    "{% for k, xs in [A] | group_by(attribute=\"title\") %}{% for x in xs %}{% set_global B = x %}{% endfor %}{% endfor %}",
    "{% set B = {\"k\": A} | get(key=\"k\") %}",
    "{% set m = [[A]] | first | reverse %}{% set B = m | nth(n=0) %}",
];

/// Statements that print a field `F` of a variable `A`.
const SHOWS: [&str; 26] = [
    "{{ A.F }}",
    "{{ A?.F }}",
    "{{ A[\"F\"] }}",
    "{{ A[(\"F\")] }}",
    "{{ A?['F'] }}",
    "{{ A[\"title\" if nothing else \"F\"] }}",
    "{{ A[\"F\" | lower] }}",
    "{{ A[\"\" or \"F\"] }}",
    "{{ A[\"\"\n ~ \"F\"] }}",
    "{{ A | get(key=\"F\") }}",
    "{% set f = \"F\" %}{{ A[f] }}{{ A | get(key=f) }}",
    "{{ [x.F for x in [A]] | join(sep=\",\") }}",
    "{% for k, v in A %}{% if k == \"F\" %}{{ v }}{% endif %}{% endfor %}",
    "{{ A | json_encode }}",
    "{{ A.F | str | length }}",
    "{% if A.F %}yes{% endif %}",
    "{% for x, y in [A] | group_by(attribute=\"permalink\") %}{{ y[0].F }}{% endfor %}",
    "{{ <card post={A} /> }}",
    "{% set c = <card post={A} /> %}{{ c }}",
    "{{ <frame c={<card post={A} />} /> }}",
    "{{ (<list pages={[A]}/>) }}",
    "{{ \"x\" ~ <list pages={[A]} /> }}",
    "{{ <named {...A} /> }}",
    "{{ <rest post={A} /> }}",
    "{% set page = A %}{{ <implicit /> }}",
    "{% set shown = A %}{% include\"show.html\" %}",
];

const FIELDS: [&str; 12] = [
    "title",
    "content",
    "summary",
    "toc",
    "word_count",
    "reading_time",
    "comments",
    "permalink",
    "backlinks",
    "date",
    "lower",
    "higher",
];

fn site() -> TestSite {
    let parts = FIELDS.map(|field| format!("[{{{{ post?.{field} or '' }}}}]")).concat();
    let named = FIELDS.map(|field| format!("{field} = none, ")).concat();
    let shown = FIELDS.map(|field| format!("[{{{{ {field} or '' }}}}]")).concat();
    let components = format!(
        "{{% component card(post: map) %}}{parts}{{% endcomponent card %}}\
         {{% component list(pages) %}}{{% for post in pages %}}{parts}{{% endfor %}}{{% endcomponent list %}}\
         {{% component frame(c) %}}<{{{{ c }}}}>{{% endcomponent frame %}}\
         {{% component named({named}...others) %}}{shown}{{{{ others | json_encode }}}}{{% endcomponent named %}}\
         {{% component rest(...given) %}}{{% set post = given.post %}}{parts}{{% endcomponent rest %}}\
         {{% component implicit(@page) %}}{{% set post = page %}}{parts}{{{{ <deep /> }}}}{{% endcomponent implicit %}}\
         {{% component deep(@page) %}}{{{{ page.content }}}}{{% endcomponent deep %}}"
    );
    let show = format!("{{% set post = shown %}}{parts}");
    blog_with(&[("templates/parts.html", &components), ("templates/show.html", &show)])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_template_is_given_all_that_it_looks_at(
        page in select(&PAGES[..]),
        steps in proptest::collection::vec(select(&STEPS[..]), 0..4),
        shows in proptest::collection::vec((select(&SHOWS[..]), select(&FIELDS[..])), 1..3),
    ) {
        thread_local!(static SITE: TestSite = site());
        let mut template = page.to_owned();
        for (place, step) in steps.iter().enumerate() {
            template += &step.replace('A', &format!("v{place}")).replace('B', &format!("v{}", place + 1));
        }
        for (show, field) in shows {
            template += &show.replace('A', &format!("v{}", steps.len())).replace('F', field);
        }
        SITE.with(|site| {
            let (given, everything) = (site.render_tea(&template, false), site.render_tea(&template, true));
            prop_assert!(everything.is_ok(), "{template}: {everything:?}");
            prop_assert_eq!(given, everything, "{}", template);
            Ok(())
        })?;
    }
}
