use crate::{PICTURE, Session};

/// The texts between two marks.
fn between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    text.split(start).skip(1).filter_map(|rest| rest.split(end).next()).collect()
}

#[test]
fn every_address_leads_to_the_file_that_was_written_for_it() {
    let blog = Session::with(&[
        (
            "site.toml",
            "base_url = \"https://a.example\"\ntheme = \"salon\"\ngenerate_feeds = true\n\
             taxonomies = [{ name = \"tags\", feed = true, paginate_by = 1 }]\n\
             [slugify]\npaths = \"off\"\ntaxonomies = \"safe\"\n",
        ),
        ("content/100%.md", "+++\ndate = 2024-01-02T15:00\n[taxonomies]\ntags = [\"C#\", \"C++\", \"C\"]\n+++\n"),
        (
            "content/a%20b.md",
            "+++\ndate = 2024-01-02\naliases = [\"/old%20caf%C3%A9/\"]\n[taxonomies]\ntags = [\"C#\"]\n+++\n",
        ),
        ("content/why?/index.md", "+++\n+++\n![x](<x y.jpg>)\n"),
        ("content/why?/x y.jpg", PICTURE),
        ("content/why?/comments/1.md", "+++\nauthor = \"Jo\"\ndate = 2024-01-03T10:00:00Z\n+++\nYes.\n"),
        ("content/thé.md", "+++\n+++\n[a](@/100%25.md) [b](@/a%2520b.md) [c](@/why%3F/index.md)\n"),
    ]);
    let said = blog.causerie(&["build"]);
    assert!(said.status == 0 && !said.stderr.contains("warning"), "{}", said.stderr);
    let names = blog.names();
    let decoded = |url: &str| {
        let path = url.strip_prefix("https://a.example/").unwrap_or_else(|| panic!("{url}"));
        let path = percent_encoding::percent_decode_str(path).decode_utf8().unwrap().into_owned();
        if path.is_empty() || path.ends_with('/') {
            format!("public/{path}index.html")
        } else {
            format!("public/{path}")
        }
    };
    let sitemap = blog.read("public/sitemap.xml");
    assert!(sitemap.is_ascii(), "{sitemap}");
    let mut addresses = between(&sitemap, "<loc>", "</loc>");
    for address in ["100%25/", "a%2520b/", "why%3F/", "th%C3%A9/", "tags/C%23/", "tags/C++/", "tags/C%23/page/2/"] {
        assert!(addresses.contains(&&*format!("https://a.example/{address}")), "{address}: {addresses:?}");
    }
    let read: Vec<String> = [
        "public/atom.xml",
        "public/tags/C#/atom.xml",
        "public/why?/comments.xml",
        "public/thé/index.html",
        "public/why?/index.html",
        "public/old café/index.html",
        "public/tags/C#/page/1/index.html",
    ]
    .map(|name| blog.read(name))
    .into();
    for (start, end) in [("href=\"", "\""), ("<id>", "</id>"), ("src=\"", "\"")] {
        addresses.extend(read.iter().flat_map(|text| between(text, start, end)));
    }
    let own = addresses.iter().filter(|url| url.starts_with("https://a.example/"));
    let own: Vec<&str> = own.map(|url| url.split(['#', '?']).next().unwrap_or(url)).collect();
    assert!(own.len() > 30, "{own:?}");
    for address in own {
        assert!(names.contains(&decoded(address)), "{address} leads to nothing: {names:?}");
    }
    // A sitemap has dates of the W3C.
    assert_eq!(between(&sitemap, "<lastmod>", "</lastmod>"), ["2024-01-02T15:00:00Z", "2024-01-02"]);
}

#[test]
fn terms_that_become_one_are_warned_of() {
    let page = |tags: &str| format!("+++\n[taxonomies]\ntags = [{tags}]\n+++\n");
    let (a, b, c) = (page("\"C\", \"Tea\""), page("\"C++\", \"tea\""), page("\"C#\", \"cafe\u{301}\", \"CAFÉ\""));
    let config = "base_url = \"https://a.example\"\ntheme = \"salon\"\ntaxonomies = [{ name = \"tags\" }]\n";
    let blog = Session::with(&[
        ("site.toml", config),
        ("content/a.md", &a),
        ("content/b.md", &b),
        ("content/c.md", &c),
        ("content/d.md", &page("\"C++\"")),
    ]);
    let warning = "warning: `C`, `C#` and `C++` become one term of `tags`, as all of them are at `/tags/c/`\n";
    for command in ["check", "build", "build"] {
        let told = blog.causerie(&[command]).stderr;
        assert_eq!(told.matches("warning:").count(), 1, "{told}");
        for part in [warning, "content/b.md", "content/a.md", "content/c.md", "taxonomies = \"safe\"", "1 warning"] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }
    blog.write("site.toml", &format!("{config}[slugify]\ntaxonomies = \"safe\"\n"));
    assert!(!blog.causerie(&["build"]).stderr.contains("become one"));
}

#[test]
fn a_redirect_keeps_the_place_in_the_page() {
    let blog = Session::with(&[
        ("site.toml", "base_url = \"https://a.example\"\n"),
        ("content/new.md", "+++\naliases = [\"old\"]\n+++\n"),
        ("content/moved/_index.md", "+++\nredirect_to = \"/new/?a=1&b=é#top\"\n+++\n"),
    ]);
    assert_eq!(blog.causerie(&["build"]).status, 0);
    let old = blog.read("public/old/index.html");
    // The script comes first: a browser that has run it must not see the refresh.
    let (script, refresh) = (old.find("location.hash"), old.find("http-equiv=\"refresh\""));
    assert!(script.is_some() && script < refresh, "{old}");
    assert!(old.contains("<link rel=\"canonical\" href=\"https://a.example/new/\">"), "{old}");
    assert!(old.contains("content=\"0; url=https://a.example/new/\""), "{old}");
    let moved = blog.read("public/moved/index.html");
    assert!(moved.contains("href=\"https://a.example/new/?a=1&amp;b=%C3%A9#top\""), "{moved}");
}

#[test]
fn a_name_is_the_same_however_its_letters_are_composed() {
    // As a Mac names files: the accent is a character of its own.
    let cafe = "cafe\u{301}";
    let blog = Session::with(&[
        (
            "site.toml",
            "base_url = \"https://a.example\"\ndefault_language = \"en\"\ntaxonomies = [{ name = \"tags\", render = false }]\n\
             [slugify]\npaths = \"off\"\ntaxonomies = \"off\"\nanchors = \"off\"\n[languages.fr]\n",
        ),
        (
            "templates/index.html",
            "{% set p = get_page(path='posts/café.md') %}{{ p.comments.count }} {{ p.translations | length }} \
             {{ load_data(path='posts/été/thé.txt') | trim }} {{ get_url(path='thé.css', cachebust=true) | split(pat='?') | first }} \
             {% set t = get_taxonomy_term(kind='tags', term='é', lang='en') %}{{ t.page_count }}",
        ),
        ("templates/page.html", "{{ page.content | safe }}{{ page.backlinks | length }}"),
        (&format!("content/posts/{cafe}.md"), "+++\n[taxonomies]\ntags = [\"e\u{301}\"]\n+++\n## thé\n"),
        ("content/posts/café.fr.md", "+++\n+++\n"),
        ("content/posts/café.comments.md", "+++\nauthor = \"Jo\"\ndate = 2024-01-02T10:00:00Z\n+++\nYes.\n"),
        (
            "content/links.md",
            "+++\n[taxonomies]\ntags = [\"é\"]\n+++\n[a](@/posts/café.md#the\u{301}) [b](@/posts/caf%C3%A9.md) \
             [c](@/posts/cafe\u{301}.md) ![d](/posts/été/thé.jpg)\n",
        ),
        ("content/posts/e\u{301}te\u{301}/index.md", "+++\n+++\n![a](thé.jpg) ![b](the\u{301}.jpg)\n"),
        ("content/posts/e\u{301}te\u{301}/the\u{301}.jpg", PICTURE),
        ("content/posts/e\u{301}te\u{301}/the\u{301}.txt", "tea"),
        ("static/the\u{301}.css", ""),
    ]);
    let said = blog.causerie(&["build"]);
    assert!(said.status == 0 && !said.stderr.contains("warning"), "{}", said.stderr);
    assert_eq!(blog.read("public/index.html"), "1 2 tea https://a.example/th%C3%A9.css 2");
    let links = blog.read("public/links/index.html");
    assert_eq!(links.matches("https://a.example/posts/caf%C3%A9/").count(), 3, "{links}");
    assert!(links.contains("/posts/caf%C3%A9/#th%C3%A9\""), "{links}");
    assert!(blog.read("public/posts/café/index.html").ends_with("</h2>\n1"));
    let pictures = blog.read("public/posts/été/index.html");
    assert_eq!(pictures.matches("https://a.example/posts/%C3%A9t%C3%A9/th%C3%A9.jpg").count(), 2, "{pictures}");
    assert!(blog.names().contains(&"public/posts/été/thé.jpg".to_owned()));

    // Two files that nobody can tell apart.
    blog.write("content/posts/café.md", "+++\n+++\n");
    let said = blog.causerie(&["build"]);
    assert!(said.status != 0 && said.stderr.contains("two outputs have the same address"), "{}", said.stderr);
}

#[test]
fn the_picture_of_a_page_has_a_whole_address() {
    for (page, site, expected) in [
        ("image = \"/img/own.png\"", "", Some("https://a.example/notes/img/own.png")),
        ("image = \"own.png\"", "", Some("https://a.example/notes/tea/own.png")),
        ("image = \"https://b.example/own.png\"", "image = \"all.png\"", Some("https://b.example/own.png")),
        ("", "image = \"all.png\"", Some("https://a.example/notes/all.png")),
        ("image = { src = \"own.png\" }", "", None),
        ("image = 5", "", None),
    ] {
        let session = Session::with(&[
            ("site.toml", &format!("base_url = \"https://a.example/notes\"\ntheme = \"salon\"\n[extra]\n{site}\n")),
            ("static/all.png", "a picture"),
            ("content/tea.md", &format!("+++\ntitle = \"Tea\"\ndate = 2020-01-01\n[extra]\n{page}\n+++\nText.\n")),
        ]);
        let said = session.causerie(&["build"]);
        assert_eq!(said.status, 0, "{page} {site}: {said:?}");
        let html = session.read("public/tea/index.html");
        for (before, after) in [("<meta property=\"og:image\" content=\"", "\""), ("\"image\":\"", "\"")] {
            let found = html.split_once(before).and_then(|(_, rest)| Some(rest.split_once(after)?.0));
            assert_eq!(found, expected, "{page} {site}");
        }
    }
}

#[test]
fn the_files_of_a_page_are_found_without_pretty_urls() {
    let text = "+++\ntitle = \"Tea\"\ndate = 2020-01-01\n[extra]\nimage = \"cup.svg\"\n+++\n{{ <figure src=\"cup.svg\" /> }}\n";
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'/>";
    for (pretty, address) in [(true, "posts/tea/index.html"), (false, "posts/tea.html")] {
        let session = Session::with(&[
            ("site.toml", &format!("base_url = \"https://a.example\"\ntheme = \"salon\"\npretty_urls = {pretty}\n")),
            ("content/posts/_index.md", "+++\n+++\n"),
            ("content/posts/tea/index.md", text),
            ("content/posts/tea/cup.svg", svg),
            ("content/posts/cup.svg", svg),
            ("content/posts/milk.md", text),
        ]);
        let said = session.causerie(&["build"]);
        assert!(said.status == 0, "{said:?}");
        let page = session.read(&format!("public/{address}"));
        assert_eq!(page.matches("src=\"https://a.example/posts/tea/cup.svg\"").count(), 2, "{page}");
        // The post without a folder has its files beside itself, or in a folder of its address, where there are none.
        let missing = said.stderr.matches("nothing of this site is at `/posts/milk/cup.svg`").count();
        let warnings = said.stderr.matches("warning: ").count();
        assert_eq!((missing, warnings), if pretty { (1, 1) } else { (0, 0) }, "{said:?}");
        assert!(!page.contains(".htmlcup"), "{page}");
    }
}

#[test]
fn a_link_to_a_heading_that_gave_way_builds() {
    let session = Session::with(&[
        ("site.toml", "base_url = \"https://a.example\"\n"),
        ("templates/page.html", "<nav id=\"toc\"></nav>{{ page.content | safe }}"),
        ("content/a.md", "+++\n+++\n[there](@/b.md#toc)\n"),
        ("content/b.md", "+++\n+++\n## Toc\n"),
    ]);
    let said = session.causerie(&["build"]);
    assert_eq!(said.status, 0, "{said:?}");
    assert!(said.stderr.contains("warning: `b.md` has no anchor `#toc`") && said.stderr.contains("#toc-1"), "{said:?}");
}

#[test]
fn a_file_of_the_author_takes_the_place_of_a_generated_one() {
    let site = Session::with(&[
        ("site.toml", "base_url = \"https://a.example\"\n"),
        ("templates/index.html", "home"),
        ("static/robots.txt", "User-agent: *\n"),
    ]);
    let said = site.causerie(&["build"]);
    assert_eq!(said.status, 0, "{said:?}");
    assert!(!said.stderr.contains("note:"), "{said:?}");
    assert_eq!(site.read("public/robots.txt"), "User-agent: *\n");
    // Also where there is nothing to do.
    for _ in 0..2 {
        let said = site.causerie(&["build", "-v"]);
        let note = "note: `robots.txt` is the file of static/robots.txt; what crawlers may do is not written\n";
        assert!(said.stderr.contains(note), "{said:?}");
    }
}

#[test]
fn a_site_without_a_host_in_its_address() {
    for base in ["/", "/sub/"] {
        let site = format!(
            "base_url = \"{base}\"\ntheme = \"salon\"\ntitle = \"Tea\"\ngenerate_feeds = true\nbuild_search_index = true\n\
             taxonomies = [{{ name = \"tags\", feed = true }}]\n[comments]\nendpoint = \"/-/comments\"\n"
        );
        let session = Session::with(&[
            ("site.toml", &site),
            ("content/_index.md", "+++\ngenerate_feeds = true\npaginate_by = 1\n+++\n"),
            (
                "content/tea/index.md",
                "+++\ntitle = \"Tea\"\ndate = 2020-01-01\naliases = [\"old\"]\n[taxonomies]\ntags = [\"hot\"]\n+++\n\
                 [Coffee](@/coffee.md), [here](#here), [out](https://b.example/), ![pot](pot.svg)\n\n## Here\n",
            ),
            ("content/tea/pot.svg", PICTURE),
            ("content/tea/comments.md", "+++\nauthor = \"Jo\"\ndate = 2024-01-02T10:00:00Z\n+++\nYes.\n"),
            ("content/coffee.md", "+++\ntitle = \"Coffee\"\ndate = 2020-01-02\n+++\n"),
        ]);
        let said = session.causerie(&["build"]);
        assert_eq!(said.status, 0, "{said:?}");
        let warning =
            "warning: the site lacks feeds and a sitemap, which consist of whole addresses: `base_url` is only a path";
        assert!(said.stderr.starts_with(warning) && said.stderr.matches("warning: ").count() == 1, "{}", said.stderr);
        assert!(said.stderr.contains(" --> site.toml:1:12\n"), "{}", said.stderr);

        let names = session.names();
        assert!(!names.iter().any(|name| name.starts_with("public/") && name.ends_with(".xml")), "{names:?}");
        let tea = session.read("public/tea/index.html");
        for part in [
            format!("href=\"{base}coffee/\""),
            format!("href=\"{base}tea/#here\""),
            format!("src=\"{base}tea/pot.svg\""),
            format!("<link rel=\"canonical\" href=\"{base}tea/\">"),
            format!("href=\"{base}tags/hot/\""),
            "action=\"/-/comments\"".to_owned(),
            "rel=\"external\" href=\"https://b.example/\"".to_owned(),
            format!("data-index=\"{base}search-index"),
        ] {
            assert!(tea.contains(&part), "{part}: {tea}");
        }
        for part in ["og:url", "ld+json", "rel=\"alternate\"", "localhost", "href=\"\"", "\"//"] {
            assert!(!tea.contains(part), "{part}: {tea}");
        }
        assert!(session.read("public/old/index.html").contains(&format!("url={base}tea/")));
        assert!(session.read("public/page/1/index.html").contains(&format!("url={base}\"")));
        assert!(!session.read("public/robots.txt").contains("Sitemap"));
        assert!(session.read("public/404.html").contains(&format!("href=\"{base}\"")));

        // What needs a host asks for it.
        for arguments in [&["export", "comments"][..], &["inbox"]] {
            let said = session.causerie(arguments);
            assert!(said.status == 1 && said.stderr.contains("but `base_url` is only a path"), "{said:?}");
        }
        let said = session.causerie(&["build", "--base-url", "https://a.example/sub"]);
        assert!(said.status == 0 && !said.stderr.contains("warning"), "{said:?}");
        assert!(session.read("public/atom.xml").contains("https://a.example/sub/tea/"));
        let said = session.causerie(&["check", "--base-url", "/x/"]);
        assert!(said.status == 0 && said.stderr.contains("only a path"), "{said:?}");
    }
}

#[test]
fn a_term_without_a_page_has_an_address() {
    let session = Session::with(&[
        (
            "site.toml",
            "base_url = \"https://a.example\"\ntheme = \"salon\"\ntaxonomies = [{ name = \"tags\", render = false }]\n",
        ),
        ("templates/index.html", "{{ get_taxonomy_url(kind='tags', term='hot') }}"),
        ("content/tea.md", "+++\ntitle = \"Tea\"\ndate = 2020-01-01\n[taxonomies]\ntags = [\"hot\"]\n+++\n"),
    ]);
    assert_eq!(session.causerie(&["build"]).status, 0);
    assert_eq!(session.read("public/index.html"), "https://a.example/tags/hot/");
    // The theme links only to pages that are there.
    assert!(!session.read("public/tea/index.html").contains("/tags/hot/"));
}
