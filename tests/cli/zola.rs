//! A site for an older Zola: moved, built, and what a build says of it before that.

use crate::Session;

const OLD: [(&str, &str); 8] = [
    (
        "old/config.toml",
        "base_url = \"https://tea.example\"\ntitle = \"Tea\"\ngenerate_feed = true\n\n[markdown]\nhighlight_code = true\nhighlight_theme = \"dracula\"\n",
    ),
    ("old/content/_index.md", "+++\nsort_by = \"date\"\n+++\n"),
    (
        "old/content/green.md",
        "+++\ntitle = \"Green tea\"\ndate = 2020-05-06\n+++\nBrew it for `{{ minutes }}` minutes.\n\n{{ cup(size=2, label=\"one & two\") }}\n\n{% note() %}\nNot *boiling*.\n{% end %}\n",
    ),
    (
        "old/templates/shortcodes/cup.html",
        "<b class=\"cup-{{ size }}\"{% if handle is defined %} data-handle=\"{{ handle }}\"{% endif %}>{{ label }}</b>\n",
    ),
    ("old/templates/shortcodes/note.html", "<aside>{{ body | markdown | safe }}</aside>\n"),
    (
        "old/templates/macros.html",
        "{% macro title(of, mark=\"\") %}<h1>{{ of.title }}{{ mark }} - {{ config.title }}</h1>{% endmacro title %}\n{% macro bold(body) %}<b>{{ body }}</b>{% endmacro bold %}\n",
    ),
    (
        "old/templates/page.html",
        "{% import \"macros.html\" as m %}\n{{ m::title(of=page, mark=page.extra.mark | default(value=\"!\")) }}\n{% if page.extra.deep.er %}no{% endif %}{% set words = [\"a\"] | concat(with=\"b\") %}<p>{{ words | slice(start=1) | join(sep=\"\") }}{{ words.0 }}{% if page.title is containing(\"Green\") %}{{ \"gr\" ~ \"een\" | upper }}{% endif %}</p>\n{% if page.date %}{% block day %}dated{% endblock %}{% else %}{% block day %}undated{% endblock %}{% endif %}\n{{ page.content | replace(from=\"Brew\", to=m::bold(body=\"Steep\")) | safe }}\n",
    ),
    (
        "old/templates/index.html",
        "{% for page in section.pages | filter(attribute=\"title\", value=\"Green tea\") %}<a href=\"{{ page.permalink }}\">{{ page.title }}</a>{% endfor %}\n",
    ),
];

#[test]
fn an_old_site_is_moved_and_built() {
    let session = Session::with(&OLD);
    let before = session.files();
    let said = session.causerie(&["import", "zola", "old", "new", "--dry-run"]);
    assert_eq!(said.status, 0, "{said:?}");
    assert!(said.stdout.contains("left to decide: 0") && session.files() == before, "{said:?}");

    let said = session.causerie(&["import", "zola", "old", "new"]);
    assert_eq!(said.status, 0, "{said:?}");
    let said = session.causerie(&["-r", "new", "build"]);
    assert_eq!(said.status, 0, "{said:?}");
    let page = session.read("new/public/green/index.html");
    for part in [
        "<h1>Green tea! - Tea</h1>",
        "<p>baGREEN</p>",
        "<code>{{ minutes }}</code>",
        "<b class=\"cup-2\">one &amp; two</b>",
        "<p><b>Steep</b> it for",
        "\ndated\n",
        "<aside><p>Not <em>boiling</em>.</p>",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert!(!page.contains(">no<") && !page.contains("data-handle"), "{page}");
    assert!(session.read("new/public/index.html").contains("Green tea</a>"));
    assert!(session.files().iter().any(|(path, _)| path == "new/public/atom.xml"));
    let old: Vec<_> = session.files().into_iter().filter(|(path, _)| path.starts_with("old/")).collect();
    assert_eq!(old, before);

    let again = session.causerie(&["import", "zola", "old", "new"]);
    assert_eq!(again.status, 1);
    assert!(again.stderr.contains("new already exists"), "{again:?}");
}

#[test]
fn what_is_left_to_decide_is_printed() {
    let session = Session::with(&[
        ("old/config.toml", "base_url = \"https://tea.example\"\n"),
        ("old/templates/page.html", "{% for a in [1] %}\n  {% block tea %}{% endblock %}{% endfor %}\n"),
        ("old/templates/post.html", "{% extends \"page.html\" %}{% block tea %}{% endblock %}\n"),
    ]);
    let said = session.causerie(&["import", "zola", "old", "new"]);
    assert_eq!(said.status, 1, "{said:?}");
    assert!(said.stderr.contains("a block cannot stand in a loop any more"), "{said:?}");
    assert!(said.stderr.contains("templates/page.html:2:3"), "{said:?}");
    assert!(session.read("new/imports/zola.md").contains("`templates/page.html`, line 2, column 3"));
    let json = session.causerie(&["import", "zola", "old", "other", "--json"]).stdout;
    assert!(json.contains("\"line\": 2") && json.contains("\"column\": 3"), "{json}");
}

#[test]
fn a_build_names_every_old_tag() {
    let session = Session::with(&OLD);
    let said = session.causerie(&["-r", "old", "build"]);
    assert_eq!(said.status, 1, "{said:?}");
    for part in [
        "there are no macros any more",
        "write `{% component title(of, mark=none, @config) %}",
        "components need no import",
        "write `{{ <title of={page} mark={page?.extra?.mark | default(value=\"!\")} /> }}`",
        "write `{% set words = [\"a\", \"b\"] %}`",
        "write `{% if page?.title is containing(pat=\"Green\") %}`",
        "write `{{ words[0] }}`",
        "`causerie import zola OLD NEW` rewrites a whole site",
    ] {
        assert!(said.stderr.contains(part), "{part}\n{}", said.stderr);
    }
    assert!(!said.stderr.contains("Found `"), "{}", said.stderr);
}
