//! What pages have from elsewhere than their own front matter, addresses of files, and formulas.

use std::process::Command;

use crate::{PICTURE, Session};

const SITE: &str = "base_url = \"https://a.example\"\n";

#[test]
fn a_section_gives_its_pages_what_they_lack() {
    let page = "{{ page.authors | join(sep='+') }} {{ page.comments.enabled }} {{ page.extra | json_encode | safe }} \
                {{ page.taxonomies.tags | default(value=[]) | join(sep='+') }} {{ page.description or '-' }}";
    let blog = Session::with(&[
        (
            "site.toml",
            &format!(
                "{SITE}taxonomies = [{{ name = \"tags\", render = false }}]\n[languages.fr]\n[comments]\nenabled = true\n"
            ),
        ),
        ("templates/index.html", ""),
        ("templates/section.html", ""),
        ("templates/page.html", page),
        (
            "content/_index.md",
            "+++\n[cascade]\nauthors = [\"Jo\"]\ndescription = \"All\"\ncomments = \"off\"\n[cascade.extra]\na = 1\nb = { c = 1, d = 1 }\n+++\n",
        ),
        (
            "content/notes/_index.md",
            "---\ncascade:\n  draft: true\n  taxonomies:\n    tags: [note]\n  extra:\n    b:\n      c: 2\n---\n",
        ),
        ("content/top.md", "+++\n+++\n"),
        ("content/notes/draft.md", "+++\n+++\n"),
        (
            "content/notes/own.md",
            "+++\ndraft = false\nauthors = []\ncomments = \"open\"\n[taxonomies]\ntags = []\n[extra.b]\nd = 3\n+++\n",
        ),
        ("content/notes/bundle/index.md", "+++\ndraft = false\n+++\n"),
        ("content/notes/own.fr.md", "+++\n+++\n"),
    ]);
    let said = blog.causerie(&["build"]);
    assert_eq!((said.status, said.stderr.contains("warning")), (0, false), "{}", said.stderr);
    let read = |path: &str| blog.read(&format!("public/{path}/index.html"));
    assert_eq!(read("top"), r#"Jo false {"a":1,"b":{"c":1,"d":1}}  All"#);
    assert_eq!(read("notes/own"), r#" true {"b":{"d":3,"c":2},"a":1}  All"#);
    assert_eq!(read("notes/bundle"), r#"Jo false {"b":{"c":2,"d":1},"a":1} note All"#);
    // Another language has sections of its own.
    assert_eq!(read("fr/notes/own"), " true {}  -");
    assert!(!blog.names().iter().any(|name| name.starts_with("public/notes/draft")));

    // A change of the section renders its pages, and no others.
    blog.write("content/notes/_index.md", "+++\n[cascade]\ndescription = \"Notes\"\n+++\n");
    let said = blog.causerie(&["build", "--explain"]);
    assert!(read("notes/bundle").ends_with(" Notes") && read("notes/draft").ends_with(" Notes"), "{}", said.stderr);
    assert!(
        said.stderr.contains("notes/bundle/index.html") && !said.stderr.contains(" top/index.html"),
        "{}",
        said.stderr
    );
    let clean = blog.read("public/notes/own/index.html");
    assert_eq!(blog.causerie(&["build", "--force"]).status, 0);
    assert_eq!(read("notes/own"), clean);
}

#[test]
fn a_mistake_in_a_cascade_has_its_place() {
    let blog = Session::with(&[
        ("site.toml", &format!("{SITE}taxonomies = [{{ name = \"tags\" }}]\n")),
        (
            "content/_index.md",
            "+++\n[cascade]\ntemplate = \"a.html\"\ntitle = \"A\"\nhiden = true\ncomments = \"no\"\n[cascade.taxonomies]\ntag = [\"a\"]\n+++\n",
        ),
        ("content/a.md", "+++\n+++\n"),
        ("content/b.md", "+++\n+++\n"),
    ]);
    let said = blog.causerie(&["build"]);
    assert_eq!(said.status, 1);
    for part in [
        "_index.md:3:1",
        "write `page_template` outside of `[cascade]`",
        "_index.md:4:1",
        "each page has its own",
        "_index.md:5:1",
        "did you mean `hidden`?",
        "_index.md:6:12",
        "_index.md:8:1",
        "did you mean `tags`?",
    ] {
        assert_eq!(said.stderr.matches(part).count(), 1, "{part}: {}", said.stderr);
    }
}

/// Runs git in a folder of the session, as somebody whose settings do not matter.
fn git(session: &Session, folder: &str, date: &str, arguments: &[&str]) {
    let settings = [
        "-c",
        "user.name=Jo",
        "-c",
        "user.email=jo@a.example",
        "-c",
        "commit.gpgsign=false",
        "-c",
        "init.defaultBranch=main",
    ];
    let status = Command::new("git")
        .args(settings)
        .args(arguments)
        .current_dir(session.path(folder))
        .env("GIT_AUTHOR_DATE", date)
        .env("GIT_COMMITTER_DATE", date)
        .output()
        .unwrap();
    assert!(status.status.success(), "{status:?}");
}

#[test]
fn the_last_change_of_a_page_comes_from_git() {
    let page = "{{ page.updated or 'never' }}";
    let blog = Session::with(&[
        ("repo/site/site.toml", &format!("{SITE}[git]\nupdated = true\n")),
        ("repo/site/templates/index.html", ""),
        ("repo/site/templates/page.html", page),
        ("repo/site/content/caf\u{e9} au lait.md", "+++\n+++\n"),
        ("repo/site/content/dated.md", "+++\ndate = 2020-05-01\n+++\n"),
        ("repo/site/content/said.md", "+++\nupdated = 2019-01-01\n+++\n"),
    ]);
    let build = |folder: &str| blog.causerie(&["--root", &format!("{folder}/site"), "build"]);
    let read = |folder: &str, page: &str| blog.read(&format!("{folder}/site/public/{page}/index.html"));
    let said = build("repo");
    assert!(said.status == 0 && said.stderr.contains("no page has its last change from git"), "{}", said.stderr);
    assert!(said.stderr.contains("site.toml:3:11"), "{}", said.stderr);

    git(&blog, "repo", "", &["init", "-q"]);
    blog.write("repo/.gitignore", "public\n.causerie\n");
    git(&blog, "repo", "2020-05-01T20:00:00+02:00", &["add", "."]);
    git(&blog, "repo", "2020-05-01T20:00:00+02:00", &["commit", "-qm", "one"]);
    let said = build("repo");
    assert!(said.status == 0 && !said.stderr.contains("warning"), "{}", said.stderr);
    assert_eq!(read("repo", "cafe-au-lait"), "2020-05-01T20:00:00+02:00");
    // The day of its date is no other day.
    assert_eq!(read("repo", "dated"), "never");
    assert_eq!(read("repo", "said"), "2019-01-01");

    blog.write("repo/site/content/dated.md", "+++\ndate = 2020-05-01\n+++\nMore.\n");
    git(&blog, "repo", "2021-02-03T04:05:06Z", &["commit", "-qam", "two"]);
    assert_eq!(build("repo").status, 0);
    assert_eq!(read("repo", "dated"), "2021-02-03T04:05:06Z");
    assert_eq!(read("repo", "cafe-au-lait"), "2020-05-01T20:00:00+02:00");

    // The last commit of a shallow clone seems to have made every file.
    git(&blog, "repo", "2021-03-03T04:05:06Z", &["commit", "-q", "--allow-empty", "-m", "three"]);
    let url = format!("file://{}", blog.path("repo").display());
    git(&blog, ".", "", &["clone", "-q", "--depth", "1", &url, "clone"]);
    let said = build("clone");
    assert!(said.status == 0 && said.stderr.contains("the git history is cut off"), "{}", said.stderr);
    assert_eq!(read("clone", "dated"), "never");
    git(&blog, "clone", "", &["fetch", "-q", "--unshallow"]);
    let said = build("clone");
    assert!(said.status == 0 && !said.stderr.contains("warning"), "{}", said.stderr);
    assert_eq!(read("clone", "dated"), "2021-02-03T04:05:06Z");
}

#[test]
fn pages_can_be_files() {
    let site = format!(
        "{SITE}pretty_urls = false\ntheme = \"salon\"\ngenerate_feeds = true\nbuild_search_index = true\n\
         taxonomies = [{{ name = \"tags\", paginate_by = 1 }}]\n[comments]\nendpoint = \"/-/comments\"\n"
    );
    let post =
        |text: &str| format!("+++\ntitle = \"T\"\ndate = 2020-01-01\n[taxonomies]\ntags = [\"hot\"]\n+++\n{text}\n");
    let blog = Session::with(&[
        ("site.toml", &site),
        ("content/posts/_index.md", "+++\npaginate_by = 1\n+++\n"),
        (
            "content/posts/tea/index.md",
            &post("![pot](pot.svg) [c](@/posts/coffee.md#milk) [up](../coffee.html) [here](#milk)\n\n## Milk\n"),
        ),
        ("content/posts/tea/pot.svg", PICTURE),
        ("content/posts/tea/comments.md", "+++\nauthor = \"Jo\"\ndate = 2024-01-02T10:00:00Z\n+++\nYes.\n"),
        ("content/posts/coffee.md", &post("[t](tea.html) [dead](gone.html)\n\n## Milk\n")),
        ("content/named.md", "+++\npath = \"old/name.html\"\naliases = [\"was\", \"was.html\"]\n+++\n"),
    ]);
    let said = blog.causerie(&["check"]);
    assert_eq!((said.status, said.stderr.matches("warning:").count()), (0, 1), "{}", said.stderr);
    assert!(said.stderr.contains("nothing of this site is at `/posts/gone.html`"), "{}", said.stderr);
    assert!(said.stderr.contains("coffee.md:7:22"), "{}", said.stderr);
    assert_eq!(blog.causerie(&["build"]).status, 0);
    let names = blog.names();
    for name in [
        "posts/index.html",
        "posts/page/1.html",
        "posts/page/2.html",
        "posts/tea.html",
        "posts/tea/pot.svg",
        "posts/tea/comments.xml",
        "posts/coffee.html",
        "old/name.html",
        "was/index.html",
        "was.html",
        "tags/hot/index.html",
        "tags/hot/page/2.html",
    ] {
        assert!(names.contains(&format!("public/{name}")), "{name}: {names:?}");
    }
    let tea = blog.read("public/posts/tea.html");
    for part in [
        "src=\"https://a.example/posts/tea/pot.svg\"",
        "href=\"https://a.example/posts/coffee.html#milk\"",
        "href=\"https://a.example/posts/coffee.html\"",
        "href=\"https://a.example/posts/tea.html#milk\"",
        "href=\"https://a.example/posts/tea/comments.xml\"",
        "<link rel=\"canonical\" href=\"https://a.example/posts/tea.html\">",
    ] {
        assert!(tea.contains(part), "{part}: {tea}");
    }
    assert!(blog.read("public/posts/coffee.html").contains("href=\"https://a.example/posts/tea.html\">t</a>"));
    assert!(blog.read("public/posts/index.html").contains("href=\"https://a.example/posts/page/2.html\""));
    assert!(blog.read("public/was/index.html").contains("https://a.example/old/name.html\""));
    for file in ["sitemap.xml", "atom.xml", "posts/tea/comments.xml"] {
        let text = blog.read(&format!("public/{file}"));
        assert!(text.contains("https://a.example/posts/tea.html") && !text.contains(".html/"), "{text}");
    }
}

#[test]
fn formulas_become_mathml() {
    let post =
        "+++\ntitle = \"T\"\n+++\nIt is $a<b^2$, costs $5 and \\$6.\n\n$$\n\\frac{1}{2}\n$$\n\n## About $E=mc^2$\n";
    let blog = Session::with(&[
        (
            "site.toml",
            &format!(
                "{SITE}build_search_index = true\n[search]\nindex_format = \"fuse_json\"\n[markdown]\nmath = \"mathml\"\n"
            ),
        ),
        ("templates/index.html", ""),
        ("templates/section.html", ""),
        ("templates/page.html", "{{ page.content | safe }}{{ page.content | plain_text }} {{ <comments /> }}"),
        ("content/sum.md", post),
        ("content/sum.comments.md", "+++\nauthor = \"Jo\"\ndate = 2024-01-02T10:00:00Z\n+++\nNo, $x^2$.\n"),
    ]);
    let said = blog.causerie(&["build"]);
    assert!(said.status == 0 && !said.stderr.contains("warning"), "{}", said.stderr);
    let html = blog.read("public/sum/index.html");
    for part in [
        "It is <math alttext=\"a&lt;b^2\"><mi>a</mi>",
        ", costs $5 and $6.",
        "<span class=\"math-block\" tabindex=\"0\"><math alttext=\"\\frac{1}{2}\" display=\"block\"><mfrac>",
        "<h2 id=\"about-e-mc-2\">",
        "It is a&lt;b^2, costs $5 and $6. \\frac{1}{2} About E=mc^2",
        // Comments are no LaTeX.
        "No, $x^2$.",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert!(blog.read("public/search_index.en.json").contains("It is a&lt;b^2, costs"));

    blog.write("content/sum.md", "+++\n+++\nOne.\n\n> $$\n> a +\n> \\nope b\n> $$\n");
    let said = blog.causerie(&["build"]);
    assert_eq!(said.status, 1);
    for part in ["this formula is not valid: ", " --> content/sum.md:7:3\n", "\\nope b\n"] {
        assert!(said.stderr.contains(part), "{part}: {}", said.stderr);
    }
}

#[test]
fn a_language_has_what_is_not_translated() {
    let site = format!(
        "{SITE}theme = \"salon\"\ngenerate_feeds = true\ntaxonomies = [{{ name = \"tags\" }}]\n[comments]\nendpoint = \"/-/comments\"\n\
         [languages.fr]\ntitle = \"Site\"\nfallback = true\ngenerate_feeds = true\n[languages.de]\n"
    );
    let post = |title: &str| {
        format!(
            "+++\ntitle = \"{title}\"\ndate = 2020-01-01\n[taxonomies]\ntags = [\"hot\"]\n+++\nText, [tea](@/posts/tea/index.md).\n"
        )
    };
    let blog = Session::with(&[
        ("site.toml", &site),
        ("content/posts/_index.md", "+++\ntitle = \"Posts\"\nsort_by = \"date\"\n+++\n"),
        ("content/posts/tea/index.md", &post("Tea")),
        ("content/posts/tea/pot.svg", PICTURE),
        ("content/posts/tea/comments.md", "+++\nauthor = \"Jo\"\ndate = 2024-01-02T10:00:00Z\n+++\nYes.\n"),
        ("content/posts/coffee.md", &post("Coffee")),
        ("content/posts/coffee.fr.md", "+++\ntitle = \"Café\"\ndate = 2020-01-01\n+++\nTexte.\n"),
        ("content/named.md", "+++\ntitle = \"Named\"\npath = \"x/y\"\naliases = [\"old\"]\n+++\n"),
    ]);
    let said = blog.causerie(&["build"]);
    assert!(said.status == 0 && !said.stderr.contains("warning"), "{}", said.stderr);
    let tea = blog.read("public/fr/posts/tea/index.html");
    for part in [
        "<html lang=\"fr\"",
        "<link rel=\"canonical\" href=\"https://a.example/posts/tea/\">",
        "<div class=\"e-content\" lang=\"en\">",
        "<a href=\"https://a.example/posts/tea/\" lang=\"en\" hreflang=\"en\">",
    ] {
        assert!(tea.contains(part), "{part}: {tea}");
    }
    assert!(!tea.contains("rel=\"alternate\" hreflang") && !tea.contains("id=\"comments\""), "{tea}");
    assert!(!blog.read("public/posts/tea/index.html").contains("hreflang=\"fr\""));
    assert!(blog.read("public/posts/coffee/index.html").contains("hreflang=\"fr\""));
    let list = blog.read("public/fr/posts/index.html");
    assert!(list.contains("https://a.example/fr/posts/tea/") && list.contains("Café"), "{list}");
    let names = blog.names();
    for name in ["fr/x/y/index.html", "fr/posts/tea/pot.svg", "fr/posts/coffee/index.html", "old/index.html"] {
        assert!(names.contains(&format!("public/{name}")), "{name}: {names:?}");
    }
    assert!(!names.iter().any(|name| name.starts_with("public/de/posts")), "{names:?}");
    let sitemap = blog.read("public/sitemap.xml");
    assert!(sitemap.contains("/fr/posts/coffee/") && !sitemap.contains("/fr/posts/tea/"), "{sitemap}");
    assert!(!blog.read("public/fr/atom.xml").contains("/tea/"));

    // A mistake is reported once, in the file that has it.
    blog.write("content/posts/tea/index.md", "+++\ntitle = \"Tea\"\ndate = 2020-01-01\n+++\n[no](@/no.md)\n");
    let said = blog.causerie(&["build"]);
    assert_eq!(said.stderr.matches("content/posts/tea/index.md:5:6").count(), 1, "{}", said.stderr);
    assert!(!said.stderr.contains("index.fr.md"), "{}", said.stderr);

    // An edit of the original renders both, as a clean build does; a translation takes the place of the original.
    blog.write("content/posts/tea/index.md", &post("More tea"));
    assert_eq!(blog.causerie(&["build"]).status, 0);
    assert!(blog.read("public/fr/posts/tea/index.html").contains("More tea"));
    blog.write("content/posts/tea/index.fr.md", "+++\ntitle = \"Thé\"\ndate = 2020-01-01\n+++\n");
    assert_eq!(blog.causerie(&["build"]).status, 0);
    let tea = blog.read("public/fr/posts/tea/index.html");
    assert!(
        tea.contains("Thé") && tea.contains("<link rel=\"canonical\" href=\"https://a.example/fr/posts/tea/\">"),
        "{tea}"
    );
    assert!(blog.read("public/sitemap.xml").contains("/fr/posts/tea/"));
}
