//! Whole small sites, moved.

use std::fs;
use std::path::Path;

use super::*;

/// Writes an old site, and moves it.
fn moved(files: &[(&str, &str)]) -> (tempfile::TempDir, Result<Report, Diagnostic>) {
    let place = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = place.path().join("old").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let report = migrate(&options(place.path()));
    (place, report)
}

fn options(place: &Path) -> Options {
    Options { old: place.join("old"), new: place.join("new"), dry_run: false, reserved: vec!["comments".to_owned()] }
}

fn read(place: &tempfile::TempDir, path: &str) -> String {
    fs::read_to_string(place.path().join("new").join(path)).unwrap()
}

const CONFIG: &str = "base_url = \"https://a.example\" # ours\ngenerate_feed = true\ntheme = \"calm\"\ntaxonomies = [{name = \"tags\", rss = true}]\n\n[markdown]\nhighlight_code = true\nhighlight_theme = \"dracula\"\nsmart_punctuation = true\n\n[extra]\ngenerate_feed = 1\n";

#[test]
fn a_site_with_a_theme_is_moved() {
    let (place, report) = moved(&[
        ("config.toml", CONFIG),
        (
            "content/a.md",
            "+++\r\ntitle = \"A {{ b }}\"\r\n+++\r\n{{ star(n=3) }} and `{{ x }}`\r\n{% note() %}é{% end %}\r\n",
        ),
        ("content/b.md", "+++\n+++\nNothing { here }.\n"),
        ("content/_index.md", "+++\ngenerate_feed = true\n[extra]\ngenerate_feed = true\n+++\n"),
        ("content/picture.png", "\u{0}"),
        ("templates/shortcodes/star.html", "{% for i in range(end=n) %}*{% endfor %}\n"),
        ("themes/calm/templates/shortcodes/note.md", "> {{ body }}"),
        (
            "themes/calm/templates/page.html",
            "{% import \"macros.html\" as m %}\n{{ m::comments(page=page) }}{% include \"hook.html\" ignore missing %}",
        ),
        ("themes/calm/templates/macros.html", "{% macro comments(page) %}{{ page.title }}{% endmacro comments %}"),
        ("themes/calm/theme.toml", "name = \"calm\"\n"),
        ("themes/other/templates/page.html", "{% macro a() %}"),
        ("public/index.html", "old"),
        (".git/HEAD", "x"),
    ]);
    let report = report.unwrap();
    assert!(report.decisions.is_empty(), "{:?}", report.decisions);
    assert_eq!(
        read(&place, "config.toml"),
        "base_url = \"https://a.example\" # ours\ngenerate_feeds = true\ntheme = \"calm\"\ntaxonomies = [{name = \"tags\", feed = true}]\n\n[markdown]\nsmart_punctuation = true\n\n[extra]\ngenerate_feed = 1\n\n[markdown.highlighting]\ntheme = \"dracula\"\n"
    );
    assert_eq!(
        read(&place, "content/a.md"),
        "+++\r\ntitle = \"A {{ b }}\"\r\n+++\r\n{{ <star n={3} /> }} and `{% raw %}{{ x }}{% endraw %}`\r\n{% <note> %}é{% </note> %}\r\n"
    );
    assert_eq!(read(&place, "content/b.md"), "+++\n+++\nNothing { here }.\n");
    assert_eq!(read(&place, "content/_index.md"), "+++\ngenerate_feeds = true\n[extra]\ngenerate_feed = true\n+++\n");
    assert_eq!(read(&place, "content/picture.png"), "\u{0}");
    assert_eq!(
        read(&place, "templates/shortcodes/star.html"),
        "{% component star(n) -%}\n{% for i in range(end=n) %}*{% endfor %}\n{%- endcomponent star %}\n"
    );
    assert_eq!(
        read(&place, "themes/calm/templates/page.html"),
        "{{ <macros.comments page={page} /> }}{% include \"hook.html\" %}"
    );
    assert_eq!(report.added_files, ["themes/calm/templates/hook.html"]);
    assert!(read(&place, "themes/calm/templates/hook.html").starts_with("{#-"));
    // Another theme is a copy, and what was built is left behind.
    assert_eq!(read(&place, "themes/other/templates/page.html"), "{% macro a() %}");
    assert!(!place.path().join("new/public").exists() && !place.path().join("new/.git").exists());
    assert!(read(&place, REPORT_PATH).contains("Nothing."));
    // The old site is as it was.
    assert_eq!(fs::read_to_string(place.path().join("old/config.toml")).unwrap(), CONFIG);
}

#[test]
fn old_keys_of_the_configuration() {
    for (old, new, decisions) in [
        ("highlight_code = true\n", "\n\n[markdown.highlighting]\ntheme = \"nord\"\n", 1),
        ("[markdown]\nhighlight_code = false\nhighlight_theme = \"nord\"\n", "[markdown]\n", 0),
        (
            "[markdown]\r\nhighlight_code = true\r\nhighlight_theme = \"css\"\r\nhighlight_themes_css = [\r\n  {theme = \"ayu-dark\", filename = \"a.css\"},\r\n]\r\n",
            "[markdown]\r\n\r\n[markdown.highlighting]\r\ntheme = \"ayu-dark\"\r\nstyle = \"class\"\r\n",
            1,
        ),
        (
            "feed_filename = \"rss.xml\"\n[languages.fr]\ngenerate_feed = true\n",
            "feed_filenames = [\"rss.xml\"]\n[languages.fr]\ngenerate_feeds = true\n",
            0,
        ),
        (
            "slugify_paths = false\ncheck_external_links = true # yes\nrss_limit = 3",
            "feed_limit = 3\n\n[slugify]\npaths = \"off\"\n",
            0,
        ),
        (
            "[markdown]\nextra_syntaxes = [\"a\"]\n[slugify]\npaths = \"on\"\n",
            "[markdown]\n[slugify]\npaths = \"on\"\n",
            1,
        ),
        ("title = \"é\"\n", "title = \"é\"\n", 0),
    ] {
        let (place, report) = moved(&[("zola.toml", old)]);
        assert_eq!(read(&place, "zola.toml"), new, "{old}");
        assert_eq!(report.unwrap().decisions.len(), decisions, "{old}");
    }
}

#[test]
fn sections_lose_the_keys_of_pages() {
    let section =
        "+++\ntitle = \"A\"\ndate = 2021-04-01\nupdated = 2021-04-01\nauthors = [\n  \"B\"]\n[extra]\ndate = 1\n+++\n";
    let yaml = "---\ndate: 2021-04-01\nextra:\n  slug: a\n---\n";
    let (place, _) = moved(&[
        ("config.toml", "\n"),
        ("content/_index.md", section),
        ("content/b/_index.fr.md", yaml),
        ("content/a.md", section),
    ]);
    assert_eq!(
        read(&place, "content/_index.md"),
        "+++\ntitle = \"A\"\n# date = 2021-04-01\n# updated = 2021-04-01\nauthors = [\n  \"B\"]\n[extra]\ndate = 1\n+++\n"
    );
    assert_eq!(read(&place, "content/b/_index.fr.md"), "---\n# date: 2021-04-01\nextra:\n  slug: a\n---\n");
    assert_eq!(read(&place, "content/a.md"), section);
}

#[test]
fn what_a_taxonomy_took_the_place_of_is_not_rendered() {
    let config = "taxonomies = [{name = \"tags\"}, {name = \"news\", render = false}, {name = \"ideas\"}]\n";
    let (place, report) = moved(&[
        ("config.toml", config),
        ("content/tags/_index.md", "+++\ntitle = \"T\"\n+++\nText\n"),
        ("content/tags/tea-time/index.md", "---\r\ntitle: Tea\r\n---\r\n"),
        ("content/tags/coffee.md", "+++\n[taxonomies]\ntags = [\"Tea Time\", \"hidden\"]\n+++\n"),
        ("content/tags/hidden.md", "+++\nrender = false\n+++\n"),
        ("content/news/_index.md", "+++\n+++\n"),
        ("content/ideas/index.md", "+++\n+++\n"),
        ("content/ideas/none.md", "no front matter"),
    ]);
    let decisions = report.unwrap().decisions;
    let places: Vec<_> = decisions.iter().map(|it| (it.path.as_str(), it.line, it.column)).collect();
    assert_eq!(places, [("config.toml", 1, 23), ("content/tags/tea-time/index.md", 1, 1)]);
    assert_eq!(read(&place, "content/tags/_index.md"), "+++\nrender = false\ntitle = \"T\"\n+++\nText\n");
    assert_eq!(read(&place, "content/tags/tea-time/index.md"), "---\r\nrender: false\r\ntitle: Tea\r\n---\r\n");
    assert!(!read(&place, "content/tags/coffee.md").contains("render"));
}

#[test]
fn what_has_another_address_than_a_taxonomy_stays() {
    let config = "default_language = \"en\"\ntaxonomies = [{name = \"My Tags\"}]\n[languages.fr]\n";
    let plain = "+++\n+++\n";
    let terms = "+++\n[taxonomies]\n\"My Tags\" = [\"A\", \"a b\", \"2024-01-02 c\", \"d\", \"a fr\", \"E.F\"]\n+++\n";
    let files = [
        ("content/post.md", terms),
        ("content/my-tags/_index.fr.md", plain),
        ("content/my-tags/a.fr.md", plain),
        ("content/my-tags/a.md", "+++\nslug = \"z\"\n+++\n"),
        ("content/my-tags/a b.md", "+++\npath = \"y\"\n+++\n"),
        ("content/my-tags/a/b.md", plain),
        ("content/my-tags/2024-01-02-c.md", plain),
        ("content/other/my-tags/_index.md", plain),
    ];
    let (place, report) = moved(&[&[("config.toml", config)], files.as_slice()].concat());
    assert_eq!(report.unwrap().decisions, []);
    for (path, text) in files {
        assert_eq!(read(&place, path), text, "{path}");
    }
    // The configuration says what the addresses are.
    for (slugify, path, is_hidden) in [
        ("", "content/my-tags/2024-01-03-d.md", true),
        ("", "content/my-tags/d/_index.md", true),
        ("", "content/My Tags/D.md", true),
        ("[slugify]\npaths = \"off\"\n", "content/my-tags/D.md", false),
        ("[slugify]\npaths_keep_dates = true\n", "content/my-tags/2024-01-02-c.md", true),
        ("[slugify]\ntaxonomies = \"off\"\n", "content/my-tags/d.md", false),
        ("[slugify]\ntaxonomies = \"safe\"\npaths = \"safe\"\n", "content/My Tags/A.md", true),
        ("[slugify]\npaths = \"quux\"\ntaxonomies = 1\n", "content/my-tags/e-f.md", true),
    ] {
        let config = format!("{config}{slugify}");
        let (place, report) = moved(&[("config.toml", &config), ("content/post.md", terms), (path, plain)]);
        assert_eq!(read(&place, path).contains("render = false"), is_hidden, "{slugify} {path}");
        assert_eq!(report.unwrap().decisions.len(), usize::from(is_hidden), "{slugify} {path}");
    }
    let old = "slugify_paths = false\ntaxonomies = [{name = \"tags\"}]\n";
    let (place, _) = moved(&[("config.toml", old), ("content/Tags/_index.md", plain)]);
    assert_eq!(read(&place, "content/Tags/_index.md"), plain);
}

#[test]
fn a_component_gets_what_its_includes_use() {
    let (place, _) = moved(&[
        ("config.toml", "\n"),
        ("templates/part.html", "{{ config.title }}{{ lang }}{% include \"parts/deep.html\" %}"),
        ("templates/parts/deep.html", "{{ page.title }}"),
        ("templates/shortcodes/star.html", "{% include \"part.html\" %}"),
        ("templates/macros.html", "{% macro a(lang) %}{% include 'part.html' %}{% endmacro %}"),
    ]);
    assert_eq!(
        read(&place, "templates/shortcodes/star.html"),
        "{% component star(@config, @lang, @page = none) -%}\n{% include \"part.html\" %}\n{%- endcomponent star %}\n"
    );
    assert_eq!(
        read(&place, "templates/macros.html"),
        "{% component a(lang, @config, @page = none) %}{% include 'part.html' %}{% endcomponent %}"
    );
}

#[test]
fn decisions_have_a_place() {
    let (place, report) = moved(&[
        ("config.toml", "\n"),
        ("templates/a.html", "é\n  x {{ loop.index }}\n"),
        ("content/a.md", "{{ one() }}{{ one() }}\n"),
        ("content/b.md", "{{ one() }}\n"),
    ]);
    let decisions = report.unwrap().decisions;
    let places: Vec<_> = decisions.iter().map(|it| (it.path.as_str(), it.line, it.column, it.text.as_str())).collect();
    assert_eq!(
        places,
        [("content/a.md", 1, 1, "{{ one() }}{{ one() }}"), ("templates/a.html", 2, 8, "x {{ loop.index }}")]
    );
    assert!(read(&place, REPORT_PATH).contains("`templates/a.html`, line 2, column 8"));
}

#[test]
fn nothing_is_written_where_something_is() {
    let (place, report) = moved(&[("config.toml", "\n")]);
    assert!(report.is_ok());
    let again = |options: Options| migrate(&options).unwrap_err().message;
    assert!(again(options(place.path())).ends_with("new already exists"));
    let inside = Options { new: place.path().join("old/deep/new"), ..options(place.path()) };
    assert!(again(inside).starts_with("the new site cannot be in the old one"));
    let missing = Options { old: place.path().join("nothing"), new: place.path().join("b"), ..options(place.path()) };
    assert!(again(missing).ends_with("nothing is no folder"));
    let no_site =
        Options { old: place.path().join("new/imports"), new: place.path().join("b"), ..options(place.path()) };
    assert!(again(no_site).starts_with("there is no Zola site in"));
    // A dry run and a broken configuration write nothing.
    let dry = Options { new: place.path().join("dry"), dry_run: true, ..options(place.path()) };
    assert!(migrate(&dry).is_ok() && !dry.new.exists());
    let (place, report) = moved(&[("config.toml", "a = = b")]);
    assert!(report.is_err() && !place.path().join("new").exists());
}
