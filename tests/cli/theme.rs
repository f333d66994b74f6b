//! The built-in theme's files: listed, copied, and reported when they are outdated.

use crate::Session;

const SITE: [(&str, &str); 2] = [
    ("site.toml", "base_url = \"https://a.example\"\ntheme = \"salon\"\n"),
    ("content/tea.md", "+++\ntitle = \"Tea\"\ndate = 2024-01-02\n+++\nHot.\n"),
];

#[test]
fn a_copied_template_replaces_the_theme_s() {
    let session = Session::with(&SITE);
    let built = |session: &Session| {
        assert_eq!(session.causerie(&["build"]).status, 0);
        session.read("public/tea/index.html")
    };
    let before = built(&session);
    let copied = session.causerie(&["theme", "eject", "templates/page.html", "static/salon.css", "static/favicon.svg"]);
    assert_eq!((copied.status, copied.stdout.as_str()), (0, ""), "{copied:?}");
    assert!(copied.stderr.contains("templates/page.html: it replaces the theme's file"), "{copied:?}");
    let stylesheet = |page: &str| page.lines().find(|line| line.contains("salon.css")).map(str::to_owned);
    let without_style =
        |page: &str| page.lines().filter(|line| !line.contains("salon.css")).collect::<Vec<_>>().join("\n");
    let after = built(&session);
    assert_eq!(without_style(&after), without_style(&before), "a copy changes nothing but the hash of the style");
    assert_ne!(stylesheet(&after), stylesheet(&before));

    session.write("templates/page.html", &session.read("templates/page.html").replace("h-entry post", "mine"));
    assert!(built(&session).contains("<article class=\"mine\">"));
    let listed = session.causerie(&["theme", "list"]).stdout;
    assert!(listed.contains("templates/page.html  (replaced by the site's own)\n"), "{listed}");
    assert!(listed.contains("templates/base.html\n") && !listed.contains("theme.toml"), "{listed}");
}

#[test]
fn every_file_can_be_copied_and_the_site_stays_the_same() {
    let session = Session::with(&SITE);
    assert_eq!(session.causerie(&["build"]).status, 0);
    let before = session.read("public/tea/index.html");
    assert_eq!(session.causerie(&["theme", "eject"]).status, 0);
    assert_eq!(session.causerie(&["build"]).status, 0);
    let lines = |page: &str| page.lines().filter(|line| !line.contains("?h=")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(lines(&session.read("public/tea/index.html")), lines(&before));
    assert!(session.causerie(&["check"]).stderr.ends_with("all is well\n"));
}

#[test]
fn an_excerpt_has_neither_headings_nor_code() {
    let session = Session::with(&SITE);
    let post = "+++\ntitle = \"Cups\"\ndate = 2024-01-02\n+++\nBefore.\n\n## A heading\n\nAfter.\n\n```\ncode\n```\n\n| cell |\n|-|\n| cell |\n\nEnd.\n";
    session.write("content/posts/_index.md", "+++\nsort_by = \"date\"\n+++\n");
    session.write("content/posts/cups.md", post);
    assert_eq!(session.causerie(&["build"]).status, 0);
    let home = session.read("public/index.html");
    assert!(home.contains("<p class=\"p-summary\" dir=\"auto\">Before. After. End.</p>"), "{home}");
}

#[test]
fn an_excerpt_keeps_formulas_in_sentences_and_ends_each_left_out_part_at_its_own_tag() {
    let session = Session::with(&SITE);
    session.write("site.toml", &format!("{}[markdown]\nmath = \"mathml\"\n", SITE[0].1));
    session.write("content/posts/_index.md", "+++\nsort_by = \"date\"\n+++\n");
    for (text, expected) in [
        ("Before.\n\n## A $x$ formula\n\nAfter.", "Before. After."),
        ("So $x$ is it.\n\n$$\ny > 1\n$$\n\nEnd.", "So x is it. End."),
        ("A.\n\n<table><tr><td><pre>p</pre></td><td>cell</td></tr></table>\n\nB.", "A. B."),
        ("A.\n\n<pre-x>own</pre-x>\n\n<header>top</header>\n\nB.", "A. own top B."),
    ] {
        session.write("content/posts/cups.md", &format!("+++\ntitle = \"Cups\"\ndate = 2024-01-02\n+++\n{text}\n"));
        assert_eq!(session.causerie(&["build"]).status, 0);
        let home = session.read("public/index.html");
        assert!(home.contains(&format!("<p class=\"p-summary\" dir=\"auto\">{expected}</p>")), "{text}: {home}");
    }
}

#[cfg(feature = "cards")]
#[test]
fn an_accent_of_three_digits_is_that_of_cards_too() {
    let cards = ["#0b6", "#00bb66", ""].map(|accent| {
        let session = Session::with(&SITE);
        let config = format!("{}[extra]\nsocial_cards = true\naccent = \"{accent}\"\n", SITE[0].1);
        session.write("site.toml", &config);
        assert_eq!(session.causerie(&["build"]).status, 0);
        let page = session.read("public/tea/index.html");
        page.lines().find(|line| line.contains("og:image")).map(str::to_owned)
    });
    assert!(cards[0].is_some() && cards[0] == cards[1] && cards[0] != cards[2], "{cards:?}");
}

/// The lines of a page's head about its typeface.
fn font_lines(page: &str) -> Vec<String> {
    let page = page.replace("https://a.example", "");
    page.lines()
        .filter(|line| line.contains("literata/"))
        .map(|line| line.split("?h=").next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn the_typeface_is_published_and_preloaded_where_it_is_wanted() {
    let session = Session::with(&SITE);
    let build = |fonts: &str, base_url: &str| {
        let languages = ["pl", "ru", "el", "ar"].map(|lang| format!("[languages.{lang}]\n")).concat();
        session.write(
            "site.toml",
            &format!("base_url = \"{base_url}\"\ntheme = \"salon\"\n[extra]\nfonts = \"{fonts}\"\n{languages}"),
        );
        assert_eq!(session.causerie(&["build"]).status, 0);
    };
    for lang in ["pl", "ru", "el", "ar"] {
        session.write(&format!("content/tea.{lang}.md"), "+++\ntitle = \"Tea\"\ndate = 2024-01-02\n+++\nHot.\n");
    }
    for fonts in ["serif", "sans", "mixed"] {
        build(fonts, "https://a.example");
        assert!(!session.path("public/literata").exists(), "{fonts}");
        assert!(font_lines(&session.read("public/tea/index.html")).is_empty(), "{fonts}");
    }
    for (base_url, path) in [("https://a.example", ""), ("https://a.example/blog", "/blog"), ("/", "")] {
        build("literata", base_url);
        for (page, parts) in [
            ("tea", &["latin"][..]),
            ("pl/tea", &["latin", "latin-ext"]),
            ("ru/tea", &["latin", "cyrillic"]),
            ("el/tea", &["latin", "greek"]),
            ("ar/tea", &[]),
        ] {
            let lines = font_lines(&session.read(&format!("public/{page}/index.html")));
            assert_eq!(lines.len(), if parts.is_empty() { 0 } else { parts.len() + 1 }, "{page}: {lines:?}");
            for (line, part) in lines.iter().zip(parts) {
                let file = line.strip_prefix(&format!("<link rel=\"preload\" href=\"{path}/literata/{part}-"));
                let (hash, rest) = file.and_then(|file| file.split_once('.')).unwrap_or_else(|| panic!("{line}"));
                assert_eq!(rest, "woff2\" as=\"font\" type=\"font/woff2\" crossorigin>");
                assert!(session.path(&format!("public/literata/{part}-{hash}.woff2")).exists(), "{line}");
            }
        }
        assert!(session.path("public/literata/OFL.txt").exists());
    }
    build("serif", "/");
    assert!(!session.path("public/literata").exists());
}

#[test]
fn files_of_the_site_are_never_overwritten() {
    let session = Session::with(&SITE);
    session.write("templates/page.html", "mine");
    let refused = session.causerie(&["theme", "eject"]);
    assert_eq!(refused.status, 1);
    assert!(
        refused.stderr.contains("nothing was copied, because the site has templates/page.html already"),
        "{refused:?}"
    );
    assert_eq!(session.read("templates/page.html"), "mine");
    assert!(!session.path("templates/base.html").exists());

    let unknown = session.causerie(&["theme", "eject", "templates/page.htm", "../site.toml"]);
    assert_eq!(unknown.status, 1);
    assert!(unknown.stderr.contains("the theme has no file templates/page.htm, ../site.toml"), "{unknown:?}");
}

#[test]
fn a_check_reports_a_copy_of_an_older_theme() {
    let session = Session::with(&SITE);
    assert_eq!(session.causerie(&["theme", "eject", "templates/404.html"]).status, 0);
    assert!(session.causerie(&["check"]).stderr.ends_with("all is well\n"));
    let copy = session.read("templates/404.html");
    let (first, rest) = copy.split_once('\n').unwrap();
    let (origin, _) = first.split_once("version ").unwrap();
    session.write("templates/404.html", &format!("{origin}version 0123 -#}}\n{rest}"));
    let checked = session.causerie(&["check"]);
    assert_eq!(checked.status, 0);
    assert!(
        checked.stderr.contains("templates/404.html is a copy of an older version of the theme's file"),
        "{checked:?}"
    );

    // An author who keeps the file removes the line, and is not warned again.
    session.write("templates/404.html", rest);
    assert!(session.causerie(&["check"]).stderr.ends_with("all is well\n"));
}

#[test]
fn additions_to_every_page_need_no_copy() {
    let session = Session::with(&SITE);
    session.write("templates/extra/head.html", "<meta name=\"of-mine\" content=\"{{ config.title or \"x\" }}\">");
    session.write("templates/extra/body.html", "<script src=\"/count.js\"></script>");
    session.write("templates/extra/footer.html", "<p>Imprint</p>");
    assert_eq!(session.causerie(&["build"]).status, 0);
    for path in ["public/tea/index.html", "public/index.html", "public/404.html"] {
        let page = session.read(path);
        let (head, body) = page.split_once("</head>").unwrap();
        assert!(head.contains("<meta name=\"of-mine\" content=\"x\">"), "{path}");
        assert!(body.contains("<script src=\"/count.js\"></script>\n</body>"), "{path}");
        assert!(body.contains("<p>Imprint</p>"), "{path}");
    }
}
