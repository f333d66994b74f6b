//! What is said of mistakes that newcomers make, in their own words and where they made them.

use crate::Session;

const SITE: &str = "base_url = \"https://a.example\"\ntheme = \"salon\"\n";

/// What `check` says of a site with some files.
fn check(config: &str, files: &[(&str, &str)]) -> String {
    let session = Session::with(&[("site.toml", config), ("content/posts/_index.md", "+++\n+++\n")]);
    files.iter().for_each(|(path, text)| session.write(path, text));
    session.causerie(&["check"]).stderr
}

/// What `check` says of a post with a text.
fn of_text(text: &str) -> String {
    check(SITE, &[("content/posts/a.md", &format!("+++\ntitle = \"A\"\n+++\n{text}\n"))])
}

fn problems(said: &str) -> usize {
    said.lines().filter(|line| line.starts_with("error:") || line.starts_with("warning:")).count()
}

#[test]
fn a_component_in_another_syntax_is_reported_with_the_right_syntax() {
    for (text, expected) in [
        ("{{ <foo> }}", "error: a `/` is missing at the end of this component\n --> content/posts/a.md:4:"),
        ("{{ <foo> }}", "write `{{ <foo /> }}`"),
        ("{{ vine(id=\"x\") }}", "write `{{ <vine id=\"x\" /> }}`; a component is defined in a template"),
        ("{{< youtube x >}}", "error: components are not written as Hugo's shortcodes are"),
        ("{{% note %}}x{{% /note %}}", "write `{% <note> %}…{% </note> %}`"),
        ("{% note(a=1) %}x{% end %}", "write `{% <note a={1}> %}…{% </note> %}`"),
        (
            "{{ <foo /> }}",
            "a component is defined in a template, such as templates/components.html: `{% component foo() %}",
        ),
        ("`{{< x >}}`", "to show template syntax as it is, put it between `{% raw %}` and `{% endraw %}`"),
    ] {
        let said = of_text(text);
        assert!(said.contains(expected) && problems(&said) == 1, "{text}: {said}");
    }
    let old = [
        ("content/posts/a.md", "+++\n+++\n{{ vine(id=\"x\") }}\n"),
        ("templates/shortcodes/vine.html", "<iframe src=\"{{ id }}\"></iframe>"),
    ];
    let said = check(SITE, &old);
    assert!(said.contains("what is in templates/shortcodes/vine.html becomes a component with"), "{said}");
}

#[test]
fn tags_of_html_without_a_counterpart_are_warned_of_where_they_are() {
    for (text, expected) in [
        ("<div><b>bold", "warning: this `<div>` is never closed\n --> content/posts/a.md:4:1"),
        ("a <b>bold", "warning: this `<b>` is never closed\n --> content/posts/a.md:4:3"),
        ("a\n\n</div>\n", "warning: this `</div>` closes nothing\n --> content/posts/a.md:6:1"),
        ("<details>\n\n*a*\n", "warning: this `<details>` is never closed\n --> content/posts/a.md:4:1"),
        ("a\n\n<!-- note\n\nb", "warning: this comment is never closed\n --> content/posts/a.md:6:1"),
        ("> <section>\n\nb", "warning: this `<section>` is never closed\n --> content/posts/a.md:4:3"),
    ] {
        let said = of_text(text);
        assert!(said.contains(expected), "{text}: {said}");
    }
    for text in [
        "<details>\n\n*a*\n\n</details>",
        "<ul>\n<li>a\n<li>b\n</ul>",
        "<p>a\n\n<br> <hr> <img src=\"/a.png\" alt=\"\">",
        "<table><tr><td>a<td>b</table>",
        "`<div>` and \\<b>\n\n```html\n<div>\n```",
        "<video src=\"x.webm\"></video><svg><path d=\"\"/></svg>",
        "a <!-- note --> b <!-- more --> c",
    ] {
        let said = of_text(text);
        assert!(!said.contains("never closed") && !said.contains("closes nothing"), "{text}: {said}");
    }
}

#[test]
fn one_mistake_is_one_message() {
    // A date that is no date is not also missing, nor is a weight or a title.
    for (sort, line) in
        [("date", "date = \"soon\""), ("weight", "weight = \"heavy\""), ("title", "title = 5"), ("date", "date = 5")]
    {
        let files = [
            ("content/posts/_index.md", format!("+++\nsort_by = \"{sort}\"\n+++\n")),
            ("content/posts/a.md", format!("+++\n{line}\n+++\n")),
        ];
        let said = check(SITE, &files.each_ref().map(|(path, text)| (*path, text.as_str())));
        assert_eq!(problems(&said), 1, "{line}: {said}");
    }
    // A theme that is not there has no templates either.
    for theme in ["salom", "nothere"] {
        let config = SITE.replace("salon", theme);
        let own = ("templates/page.html", "{% extends \"base.html\" %}");
        let said = check(&config, &[("content/posts/a.md", "+++\n+++\n"), own]);
        assert_eq!(problems(&said), 1, "{said}");
        assert!(said.contains(&format!("there is no theme `{theme}`")), "{said}");
    }
}

#[test]
fn a_clash_of_addresses_names_both_files() {
    let said = check(
        SITE,
        &[
            ("content/posts/a.md", "+++\ntitle = \"a\"\n+++\n"),
            ("content/posts/b.md", "+++\ntitle = \"a\"\nslug = \"a\"\naliases = [\"old\"]\n+++\n"),
            ("content/posts/c.md", "+++\naliases = [\"old\"]\n+++\n"),
        ],
    );
    for part in [
        "`posts/a/index.html`: the page in content/posts/a.md and the page in content/posts/b.md\n --> content/posts/b.md:3:9",
        "the alias `old` in content/posts/b.md and the alias `old` in content/posts/c.md\n --> content/posts/c.md:2:13",
    ] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn an_empty_slug_is_reported_with_what_a_slug_is() {
    for (text, expected) in [
        (
            "+++\nslug = \"\"\n+++\n",
            "the name of the file takes its place, or write the last part of the page's address: `slug = \"my-post\"`",
        ),
        ("---\nslug: \" \"\n---\n", "`slug: \"my-post\"`"),
        ("+++\npath = \"\"\n+++\n", "or write the page's whole address: `path = \"notes/my-post\"`"),
    ] {
        let said = check(SITE, &[("content/posts/a.md", text)]);
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn a_mistake_in_the_menu_is_reported_in_the_configuration() {
    for (entry, expected) in [
        ("{ title = \"A\" }", "error: this entry of the menu has no `path`\n --> site.toml:4:9"),
        ("{ path = \"posts\" }", "error: this entry of the menu has no `title`\n --> site.toml:4:9"),
        (
            "{ title = \"A\", path = 5 }",
            "error: the `path` of an entry of the menu should be a string\n --> site.toml:4:",
        ),
        ("\"posts\"", "error: an entry of the menu is a table\n --> site.toml:4:9"),
        ("{ title = \"A\", path = \"psts\" }", "warning: nothing of this site is at `/psts`\n --> site.toml:4:"),
        ("{ title = \"A\", path = \"psts\" }", "did you mean `posts`?"),
        (
            "{ title = \"A\", path = \"@/posts/none.md\" }",
            "error: the menu leads to `@/posts/none.md`, which is not there\n --> site.toml:4:",
        ),
    ] {
        let said = check(&format!("{SITE}[extra]\nmenu = [{entry}]\n"), &[]);
        assert!(said.contains(expected) && problems(&said) == 1, "{entry}: {said}");
    }
    let said = check(&format!("{SITE}[extra]\nmenu = \"posts\"\n"), &[]);
    assert!(said.contains("error: the menu of the theme is a list of entries\n --> site.toml:4:8"), "{said}");
    // A template of the author's own may read the menu in another way.
    let blocks = ["title", "description", "image", "head", "search", "main", "sidebar"]
        .map(|name| format!("{{% block {name} %}}{{% endblock %}}"));
    let said = check(&format!("{SITE}[extra]\nmenu = [\"posts\"]\n"), &[("templates/base.html", &blocks.concat())]);
    assert_eq!(problems(&said), 0, "{said}");
}

#[test]
fn a_picture_of_the_theme_is_a_file_or_an_output() {
    for (settings, expected) in [
        ("icon = \"posts/uber-tee/cup.svg\"", ""),
        ("logo = \"/posts/uber-tee/cup.svg\"", ""),
        ("image = \"two%20words.svg\"", ""),
        ("icon = \"favicon.svg\"", ""),
        ("icon = \"none.png\"", "warning: nothing of this site is at `/none.png`\n --> site.toml:4:8"),
        ("image = \"none.png\"", "put the picture into `static`, or leave the line out"),
    ] {
        let files = [
            ("content/posts/Über Tee/index.md", "+++\ntitle = \"T\"\n+++\n"),
            ("content/posts/Über Tee/cup.svg", "<svg viewBox='0 0 1 1'/>"),
            ("static/two words.svg", "<svg/>"),
        ];
        let said = check(&format!("{SITE}[extra]\n{settings}\n"), &files);
        assert_eq!(problems(&said), usize::from(!expected.is_empty()), "{settings}: {said}");
        assert!(said.contains(expected), "{settings}: {said}");
    }
}

#[test]
fn no_setting_of_the_theme_stops_a_build() {
    for settings in [
        "palette = \"violet\"",
        "fonts = \"mine\"",
        "accent = \"no colour\"",
        "home = \"list\"",
        "sidebar = \"none\"",
        "logo = false",
        "license = \"\"",
        "authro = \"Ada\"",
        "icon = \"none.png\"",
    ] {
        let said = check(&format!("{SITE}[extra]\n{settings}\n"), &[]);
        assert!(problems(&said) == 1 && said.starts_with("warning: "), "{settings}: {said}");
    }
}

#[test]
fn a_picture_that_a_template_of_the_site_may_read_otherwise_is_not_checked() {
    let post = ("content/posts/a.md", "+++\ntitle = \"A\"\n[extra]\nimage = \"none.png\"\n+++\n");
    assert_eq!(problems(&check(SITE, &[post])), 1);
    let blocks = ["title", "description", "image", "head", "search", "main", "sidebar"]
        .map(|name| format!("{{% block {name} %}}{{% endblock %}}"));
    let said = check(SITE, &[post, ("templates/base.html", &blocks.concat())]);
    assert_eq!(problems(&said), 0, "{said}");
}

#[test]
fn a_link_to_a_file_without_a_page_is_told_from_one_to_nothing() {
    let config = format!("ignored_content = [\"posts/notes.md\"]\n{SITE}");
    for (link, expected) in [
        (
            "@/posts/notes.md",
            "that file is there, but it is no page of the site: correct its own errors, or look whether",
        ),
        ("@/posts/cup.png", "that file is there, but `@/` leads only to pages"),
        ("@/posts/nots.md", "did you mean"),
    ] {
        let files = [
            ("content/posts/a.md", &*format!("+++\ntitle = \"A\"\n+++\n[x]({link})\n")),
            ("content/posts/notes.md", "+++\n+++\n"),
            ("content/posts/note.md", "+++\ntitle = \"N\"\n+++\n"),
            ("content/posts/cup.png", "p"),
        ];
        let said = check(&config, &files);
        assert!(said.contains(expected) && problems(&said) == 1, "{link}: {said}");
    }
}

#[test]
fn a_menu_may_lead_out_of_the_site() {
    let session = Session::with(&[
        (
            "site.toml",
            &format!(
                "{SITE}[extra]\nmenu = [\n{}]\n",
                [
                    "https://b.example/x?a=b",
                    "//b.example/",
                    "mailto:jo@b.example",
                    "/posts/",
                    "posts#x",
                    "files/a.pdf",
                    "@/posts/_index.md"
                ]
                .map(|path| format!("  {{ title = \"T\", path = \"{path}\" }},\n"))
                .concat()
            ),
        ),
        ("content/posts/_index.md", "+++\n+++\n"),
        ("static/files/a.pdf", ""),
    ]);
    let said = session.causerie(&["build"]);
    assert_eq!((said.status, problems(&said.stderr)), (0, 0), "{}", said.stderr);
    let page = session.read("public/index.html");
    let menu = page.split_once("site-menu").and_then(|(_, rest)| rest.split_once("</nav>")).unwrap().0;
    let links: Vec<&str> = menu.split("<a href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(
        links,
        [
            "https://b.example/x?a=b",
            "//b.example/",
            "mailto:jo@b.example",
            "https://a.example/posts/",
            "https://a.example/posts#x",
            "https://a.example/files/a.pdf",
            "https://a.example/posts/",
        ]
    );
}

#[test]
fn outside_of_a_site_every_command_says_so() {
    let session = Session::new();
    for command in [
        &["build"][..],
        &["check"],
        &["serve"],
        &["new", "posts/a"],
        &["inbox"],
        &["comments", "list"],
        &["comments", "show", "x"],
        &["comments", "approve", "x"],
        &["comments", "undo"],
        &["comments", "link"],
    ] {
        let said = session.causerie(command);
        assert_eq!(said.status, 1, "{command:?}: {said:?}");
        assert!(
            said.stderr.starts_with("error: there is no site here: this folder has no site.toml\n"),
            "{command:?}: {said:?}"
        );
    }
    assert_eq!(session.names(), [""; 0]);
}

#[test]
fn an_arrow_means_the_same_on_posts_and_on_lists() {
    let session = Session::with(&[
        ("site.toml", SITE),
        ("content/posts/_index.md", "+++\nsort_by = \"date\"\npaginate_by = 1\n+++\n"),
    ]);
    for (name, day) in [("oldest", 1), ("middle", 2), ("newest", 3)] {
        session.write(
            &format!("content/posts/{name}.md"),
            &format!("+++\ntitle = \"{name}\"\ndate = 2020-01-0{day}\n+++\n"),
        );
    }
    assert_eq!(session.causerie(&["build"]).status, 0);
    let page = session.read("public/posts/middle/index.html");
    let arrow = |arrow: &str| format!("<span class=\"arrow\" aria-hidden=\"true\">{arrow}</span>");
    let newer =
        format!("<a rel=\"prev\" href=\"https://a.example/posts/newest/\">{} <bdi>newest</bdi></a>", arrow("←"));
    let older =
        format!("<a rel=\"next\" href=\"https://a.example/posts/oldest/\"><bdi>oldest</bdi> {}</a>", arrow("→"));
    assert!(page.contains(&newer) && page.contains(&older), "{page}");
    let list = session.read("public/posts/page/2/index.html");
    let newer = format!("rel=\"prev\" href=\"https://a.example/posts/\">{} Newer</a>", arrow("←"));
    let older = format!("rel=\"next\" href=\"https://a.example/posts/page/3/\">Older {}</a>", arrow("→"));
    assert!(list.contains(&newer) && list.contains(&older), "{list}");
}
