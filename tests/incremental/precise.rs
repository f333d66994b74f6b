//! Which outputs a single edit renders again, and why.

use super::site::{Site, is_built, problems};

const SITE: &[(&str, &str)] = &[
    (
        "site.toml",
        "base_url = \"https://x.example\"\ntitle = \"X\"\ngenerate_feeds = true\nfeed_limit = 2\n\
         taxonomies = [{ name = \"tags\" }]\n",
    ),
    ("templates/base.html", "<title>{{ config.title }}</title>{% block main %}{% endblock %}"),
    ("templates/parts.html", "{% component card(p) %}<b>{{ p.title }}</b>{% endcomponent card %}"),
    (
        "templates/index.html",
        "{% extends \"base.html\" %}{% block main %}{% for c in recent_comments(limit=1) %}{{ c.author }}{% endfor %}\
         {% endblock %}",
    ),
    (
        "templates/section.html",
        "{% extends \"base.html\" %}{% block main %}{% for p in section.pages %}{{ <card p={p} /> }} \
         {{ p.comments.count }} {{ p.reading_time }}{% endfor %}{% endblock %}",
    ),
    ("templates/titles.html", "{% for p in section.pages %}{{ p.title }}{% endfor %}"),
    (
        "templates/page.html",
        "{% extends \"base.html\" %}{% block main %}{{ page.title }}{{ page.content | safe }}\
         {% if page.lower %}{{ page.lower.title }}{% endif %}{% for c in page.comments.threads %}{{ c.author }}\
         {% endfor %}{% endblock %}",
    ),
    ("templates/taxonomy_list.html", "{% for t in terms %}{{ t.name }} {{ t.page_count }}{% endfor %}"),
    ("templates/taxonomy_single.html", "{% for p in paginator?.pages or term.pages %}{{ p.title }}{% endfor %}"),
    ("templates/404.html", "{% set d = load_data(path=\"data/d.toml\") %}{{ d.x }}"),
    ("data/d.toml", "x = 1\n"),
    ("static/s.css", "a {}"),
    ("content/posts/_index.md", "+++\ntitle = \"Posts\"\nsort_by = \"date\"\n+++\n"),
    ("content/posts/old.md", "+++\ntitle = \"Old\"\ndate = 2024-01-01\n[taxonomies]\ntags = [\"t\"]\n+++\nOld.\n"),
    ("content/posts/mid.md", "+++\ntitle = \"Mid\"\ndate = 2024-02-01\n+++\nMid.\n"),
    ("content/posts/new.md", "+++\ntitle = \"New\"\ndate = 2024-03-01\n+++\nNew, see [old](@/posts/old.md).\n"),
    (
        "content/posts/old.comments.md",
        "+++\nauthor = \"Zed\"\ndate = 2024-01-02\n+++\nOldest.\n\n+++\nauthor = \"Kim\"\ndate = 2024-01-03\n+++\nOlder.\n\n\
         +++\nauthor = \"Ann\"\ndate = 2024-03-02\n+++\nFirst.\n",
    ),
    ("content/other/_index.md", "+++\ntitle = \"Other\"\ntemplate = \"titles.html\"\n+++\n"),
    ("content/other/page.md", "+++\ntitle = \"Page\"\n+++\nText.\n"),
];

/// A site that was built, and has come to rest.
fn built() -> Site {
    let site = Site::new(SITE);
    rest();
    let report = site.build();
    assert!(is_built(&report), "{}", problems(&report));
    assert_eq!(site.build().explained, []);
    site
}

/// Lets the clock of the file system go on, so that no file is so new that it must be looked at twice.
fn rest() {
    std::thread::sleep(std::time::Duration::from_millis(40));
}

/// The outputs that an edit renders again, except the files of the search.
fn after(edit: impl FnOnce(&Site)) -> Vec<String> {
    all_after(edit).into_iter().filter(|line| !line.starts_with("search-index/")).collect()
}

/// All outputs that an edit renders again.
fn all_after(edit: impl FnOnce(&Site)) -> Vec<String> {
    let site = built();
    edit(&site);
    rest();
    let report = site.build();
    assert!(is_built(&report), "{}", problems(&report));
    report.explained.iter().map(|(path, why)| format!("{path}: {why}")).collect()
}

fn paths(explained: &[String]) -> Vec<&str> {
    explained.iter().map(|line| line.split(": ").next().unwrap_or(line)).collect()
}

#[test]
fn nothing_is_rendered_again_when_nothing_changed() {
    let site = built();
    let report = site.build();
    assert_eq!((report.summary.written, report.summary.removed, report.explained), (0, 0, Vec::new()));
    assert_eq!((report.summary.pages, report.summary.outputs), (4, report.summary.unchanged));
}

#[test]
fn a_comment_is_the_concern_of_its_post_of_counts_and_of_feeds() {
    let made = after(|site| {
        let comments = site.read("content/posts/old.comments.md");
        site.write(
            "content/posts/old.comments.md",
            comments + "+++\nauthor = \"Bob\"\ndate = 2024-03-03\n+++\nSecond.\n",
        );
    });
    assert_eq!(
        paths(&made),
        ["comments.xml", "index.html", "posts/index.html", "posts/old/comments.xml", "posts/old/index.html"],
        "{made:#?}"
    );
    assert!(made[4].contains("changed: content/posts/old.md ("), "{made:#?}");
    assert!(made[2].contains("changed: the list of pages of content/posts/_index.md"), "{made:#?}");
}

#[test]
fn an_old_comment_is_no_concern_of_lists_of_the_newest() {
    let made = after(|site| {
        let comments = site.read("content/posts/old.comments.md");
        site.write("content/posts/old.comments.md", comments.replace("Oldest.", "The very oldest."));
    });
    assert_eq!(paths(&made), ["posts/old/comments.xml", "posts/old/index.html"], "{made:#?}");
}

#[test]
fn a_reply_is_the_concern_of_who_shows_what_it_answers() {
    let made = after(|site| {
        let comments = site.read("content/posts/old.comments.md");
        let comments = comments.replace("author = \"Ann\"", "id = \"ann\"\nauthor = \"Ann\"");
        let reply = "\n+++\nauthor = \"Max\"\ndate = 2023-01-01\nreply_to = \"ann\"\n+++\nBefore its time.\n";
        site.write("content/posts/old.comments.md", comments + reply);
    });
    assert!(paths(&made).contains(&"index.html"), "{made:#?}");
}

#[test]
fn a_comment_that_is_not_approved_is_nobody_s_concern() {
    for status in ["pending", "spam"] {
        let made = all_after(|site| {
            let comments = site.read("content/posts/old.comments.md");
            let more = format!("+++\nauthor = \"Bob\"\ndate = 2024-03-03\nstatus = \"{status}\"\n+++\nBuy.\n");
            site.write("content/posts/old.comments.md", comments + &more);
        });
        assert_eq!(made, Vec::<String>::new());
    }
}

#[test]
fn a_text_is_the_concern_of_its_page_and_of_the_feeds_that_hold_it() {
    let append = |path: &'static str| move |site: &Site| site.write(path, site.read(path) + "More.\n");
    assert_eq!(paths(&after(append("content/posts/old.md"))), ["posts/old/index.html"]);
    assert_eq!(paths(&after(append("content/posts/mid.md"))), ["atom.xml", "posts/mid/index.html"]);
    // A list that says how long it takes to read is concerned by so much more that it takes longer.
    let longer =
        after(|site| site.write("content/posts/old.md", site.read("content/posts/old.md") + &"More. ".repeat(500)));
    assert_eq!(paths(&longer), ["posts/index.html", "posts/old/index.html"]);
}

#[test]
fn a_title_is_the_concern_of_lists_and_neighbours_too() {
    let made = after(|site| {
        site.write("content/posts/old.md", site.read("content/posts/old.md").replace("Old\"", "Older\""));
    });
    assert_eq!(
        paths(&made),
        [
            "comments.xml",
            "index.html",
            "posts/index.html",
            "posts/mid/index.html",
            "posts/old/comments.xml",
            "posts/old/index.html",
            "tags/t/index.html"
        ],
        "{made:#?}"
    );
}

#[test]
fn a_template_is_the_concern_of_what_reaches_it() {
    let change = |path: &'static str| move |site: &Site| site.write(path, site.read(path) + "<!-- -->");
    assert_eq!(paths(&after(change("templates/titles.html"))), ["other/index.html"]);
    assert_eq!(paths(&after(change("templates/parts.html"))), ["posts/index.html"]);
    assert_eq!(
        paths(&after(change("templates/base.html"))),
        [
            "index.html",
            "other/page/index.html",
            "posts/index.html",
            "posts/mid/index.html",
            "posts/new/index.html",
            "posts/old/index.html"
        ]
    );
    let made = after(change("templates/titles.html"));
    assert_eq!(made, ["other/index.html: changed: the template titles.html, or one that it uses"]);
}

#[test]
fn a_file_is_the_concern_of_what_read_it() {
    assert_eq!(after(|site| site.write("data/d.toml", "x = 2\n")), ["404.html: changed: the file data/d.toml"]);
    assert_eq!(after(|site| site.write("static/s.css", "b {}")), ["s.css: changed: the file static/s.css"]);
}

#[test]
fn an_output_that_somebody_touched_is_rendered_again() {
    let touched = |edit: fn(&Site)| after(edit);
    assert_eq!(
        touched(|site| std::fs::remove_file(site.public().join("posts/mid/index.html")).unwrap()),
        ["posts/mid/index.html: it was deleted"]
    );
    assert_eq!(
        touched(|site| std::fs::write(site.public().join("404.html"), "!").unwrap()),
        ["404.html: it was changed by hand"]
    );
}

#[test]
fn a_new_post_is_distinguished_from_existing_ones() {
    let made = after(|site| site.write("content/other/more.md", "+++\ntitle = \"More\"\n+++\nText.\n"));
    assert!(made.contains(&"other/more/index.html: it is new".to_owned()), "{made:#?}");
    assert_eq!(paths(&made), ["other/index.html", "other/more/index.html", "sitemap.xml"], "{made:#?}");
}

/// A tool that gives files fixed times, or keeps those that they had.
#[cfg(unix)]
#[test]
fn an_edit_that_leaves_size_and_time_as_they_were_is_seen() {
    use std::fs::File;
    use std::time::{Duration, UNIX_EPOCH};
    let path = "content/other/page.md";
    let site = Site::new(SITE);
    let write = |text: &str| {
        // In its place, so that it stays the same file.
        std::fs::write(site.root().join(path), text).unwrap();
        let file = File::options().write(true).open(site.root().join(path)).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_secs(1_700_000_000)).unwrap();
        rest();
    };
    write("+++\ntitle = \"Page\"\n+++\nText.\n");
    assert!(is_built(&site.build()));
    write("+++\ntitle = \"Page\"\n+++\nNext.\n");
    let report = site.build();
    assert_eq!(report.explained.iter().map(|(path, _)| path.as_str()).next(), Some("other/page/index.html"));
}

#[test]
fn a_component_that_takes_the_place_of_another_is_the_concern_of_texts_that_call_it() {
    let site = built();
    // A built-in one.
    site.write("content/posts/old.md", site.read("content/posts/old.md") + "{{ <quote_footer /> }}\n");
    rest();
    assert!(is_built(&site.build()));
    site.write("templates/quotes.html", "{% component quote_footer() %}<b>mine</b>{% endcomponent quote_footer %}");
    rest();
    let report = site.build();
    assert!(is_built(&report), "{}", problems(&report));
    assert!(site.read("public/posts/old/index.html").contains("<b>mine</b>"), "{:#?}", report.explained);
}

#[test]
fn an_id_in_a_template_is_the_concern_of_the_texts_that_it_is_around() {
    let site = built();
    let post = "+++\ntitle = \"Box\"\ndate = 2024-01-05\n+++\n[x](#box)\n\n## Box\n";
    site.write("content/posts/box.md", post);
    rest();
    assert!(is_built(&site.build()));
    let page = || site.read("public/posts/box/index.html");
    assert!(page().contains("<h2 id=\"box\">") && page().contains("/posts/box/#box\""), "{}", page());
    let base = site.read("templates/base.html");
    site.write("templates/base.html", format!("<div id=\"box\"></div>{base}"));
    rest();
    let report = site.build();
    assert!(is_built(&report), "{}", problems(&report));
    assert!(page().contains("<h2 id=\"box-1\">") && page().contains("/posts/box/#box-1\""), "{}", page());
    site.write("templates/base.html", base);
    rest();
    assert!(is_built(&site.build()));
    assert!(page().contains("<h2 id=\"box\">"), "{}", page());
}

#[test]
fn an_address_is_the_concern_of_the_summary_that_it_is_in() {
    let site = built();
    site.write("content/posts/bundle/p.jpg", "<svg viewBox='0 0 2 1'/>");
    let post = "+++\ntitle = \"Bundle\"\ndate = 2024-01-05\n+++\n![](p.jpg)\n\n<!-- more -->\n\nMore.\n";
    site.write("content/posts/bundle/index.md", post);
    site.write("templates/titles.html", "{% set s = get_section(path='posts/_index.md') %}{% for p in s.pages %}{{ p.summary or '' | safe }}{% endfor %}");
    rest();
    let report = site.build();
    assert!(is_built(&report), "{}", problems(&report));
    assert!(
        site.read("public/other/index.html").contains("posts/bundle/p.jpg"),
        "{}",
        site.read("public/other/index.html")
    );
    site.write("content/posts/bundle/index.md", post.replace("title =", "slug = \"other\"\ntitle ="));
    rest();
    assert!(is_built(&site.build()));
    assert!(site.read("public/other/index.html").contains("posts/other/p.jpg"));
}

#[test]
fn what_stands_below_a_heading_with_an_id_is_read_too() {
    let site = built();
    let body = "\n## Intro {#intro}\n\n{% set s = get_section(path=\"other/_index.md\") %}{% for p in s.pages %}[{{ p.title }}]{% endfor %}\n";
    site.write("content/posts/old.md", site.read("content/posts/old.md") + body);
    rest();
    let report = site.build();
    assert!(is_built(&report), "{}", problems(&report));
    assert!(site.read("public/posts/old/index.html").contains("[Page]"));
    site.write("content/other/page.md", "+++\ntitle = \"Leaf\"\n+++\nText.\n");
    rest();
    assert!(is_built(&site.build()));
    assert!(site.read("public/posts/old/index.html").contains("[Leaf]"));
}

/// The outputs that a build renders again when only the clock has changed.
fn at_another_time(site: &Site, moment: &str) -> Vec<String> {
    site.at(moment);
    let report = site.build();
    assert!(is_built(&report), "{}", problems(&report));
    report.explained.iter().map(|(path, why)| format!("{path}: {why}")).collect()
}

#[test]
fn a_thread_that_closes_today_is_a_fact_of_its_page() {
    let site = built();
    let config = site.read("site.toml");
    site.write("site.toml", config + "[comments]\nenabled = true\nclose_after_days = 30\n");
    site.write("templates/page.html", "{{ page.title }} {{ page.comments.open }}");
    site.at("2024-03-01T12:00:00Z");
    rest();
    site.build();
    let html = |name: &str| site.read(&format!("public/posts/{name}/index.html"));
    assert_eq!([html("old"), html("mid"), html("new")], ["Old false", "Mid true", "New true"]);

    assert_eq!(at_another_time(&site, "2024-03-01T18:00:00Z"), [""; 0]);
    assert_eq!(at_another_time(&site, "2024-03-01T23:59:59Z"), [""; 0]);
    // Feeds say when something last came to them.
    let mut made = at_another_time(&site, "2024-03-02T00:00:00Z");
    made.retain(|path| !path.contains(".xml: changed: whether "));
    assert_eq!(paths(&made), ["posts/mid/index.html"], "{made:#?}");
    assert_eq!([html("old"), html("mid"), html("new")], ["Old false", "Mid false", "New true"]);
    // A clock that was wrong goes back.
    let mut made = at_another_time(&site, "2024-02-20T00:00:00Z");
    made.retain(|path| !path.contains(".xml: changed: whether "));
    assert_eq!(paths(&made), ["posts/mid/index.html"], "{made:#?}");
    assert_eq!(html("mid"), "Mid true");
}

#[test]
fn no_date_of_the_content_closes_a_thread() {
    let site = built();
    let config = site.read("site.toml");
    site.write("site.toml", config + "[comments]\nclose_after_days = 30\n");
    site.write("templates/page.html", "{{ page.comments.open }} {{ copyright_years() }}");
    site.at("2024-03-10T00:00:00Z");
    let open = |site: &Site| site.read("public/posts/new/index.html");
    for (path, text) in [
        ("content/posts/event.md", "+++\ntitle = \"Event\"\ndate = 2031-06-01\n+++\n"),
        ("content/posts/event.md", "+++\ntitle = \"Event\"\ndate = 2024-03-01\nupdated = 2031-06-01\n+++\n"),
        ("content/posts/event.md", "+++\ntitle = \"Event\"\ndate = 2206-06-01\nhidden = true\n+++\n"),
        ("content/posts/event.md", "+++\ntitle = \"Event\"\ndate = 2206-06-01\nrender = false\n+++\n"),
        ("content/posts/new.comments.md", "+++\ndate = 2062-03-02\n+++\nBy mistake.\n"),
        ("content/posts/_index.comments.md", "+++\ndate = 2062-03-02\n+++\nBy mistake.\n"),
    ] {
        site.write(path, text);
        rest();
        let report = site.build();
        assert!(is_built(&report), "{}", problems(&report));
        assert_eq!(open(&site), "true 2024", "{path}");
        site.remove(path);
    }
}

#[test]
fn a_post_that_was_held_back_comes_on_its_date() {
    let site = built();
    let config = site.read("site.toml");
    site.write("site.toml", config + "[build]\nfuture = \"hold\"\n");
    let text =
        "+++\ntitle = \"Later\"\ndate = 2024-06-01T10:00:00+02:00\n[taxonomies]\ntags = [\"later\"]\n+++\nLater.\n";
    site.write("content/posts/later.md", text);
    site.write("content/posts/later.comments.md", "+++\ndate = 2024-05-02\n+++\nEarly.\n");
    site.at("2024-05-31T00:00:00Z");
    rest();
    let report = site.build();
    assert_eq!((problems(&report).as_str(), report.summary.held), ("", 1));
    let shows = |site: &Site| {
        let mut with: Vec<String> = super::site::files(&site.public())
            .into_iter()
            .filter(|(path, bytes)| {
                path.contains("later") || String::from_utf8_lossy(bytes).to_lowercase().contains("later")
            })
            .map(|(path, _)| path)
            .collect();
        with.retain(|path| !path.starts_with("search-index/"));
        with
    };
    assert_eq!(shows(&site), [""; 0]);
    assert_eq!(at_another_time(&site, "2024-06-01T07:59:59Z"), [""; 0]);
    let report = site.build();
    assert_eq!(report.summary.held, 1, "also where nothing is to be done");
    at_another_time(&site, "2024-06-01T08:00:00Z");
    assert_eq!(
        shows(&site),
        [
            "atom.xml",
            "comments.xml",
            "posts/index.html",
            "posts/later/comments.xml",
            "posts/later/index.html",
            "posts/new/index.html",
            "sitemap.xml",
            "tags/index.html",
            "tags/later/index.html",
        ]
    );
}

#[test]
fn no_feed_was_changed_in_the_future() {
    let mut site = built();
    site.write(
        "content/posts/event.md",
        "+++\ntitle = \"Event\"\ndate = 2024-02-02\nupdated = 2031-06-01T10:00:00Z\n+++\n",
    );
    site.write("content/posts/new.md", "+++\ntitle = \"New\"\ndate = 2031-06-02\n+++\nNew.\n");
    site.write(
        "content/posts/old.comments.md",
        "+++\nauthor = \"Ann\"\ndate = 2024-03-02\n+++\nFirst.\n\n+++\nauthor = \"Zed\"\ndate = 2031-06-03\n+++\nLate.\n",
    );
    rest();
    let mut at = |moment: &str, expected: [&str; 3]| {
        site.at(moment);
        let report = site.build();
        assert!(is_built(&report), "{}", problems(&report));
        let updated = |path: &str| {
            let feed = site.read(&format!("public/{path}"));
            let (_, rest) = feed.split_once("<updated>").unwrap_or_default();
            rest.split('T').next().unwrap_or_default().to_owned()
        };
        assert_eq!(["atom.xml", "comments.xml", "posts/old/comments.xml"].map(updated), expected, "{moment}");
        let made = super::site::files(&site.public());
        assert!(made == site.clean_build().1, "{moment}: it is not what a clean build makes");
        report.explained.iter().map(|(path, why)| format!("{path}: {why}")).collect::<Vec<String>>()
    };
    at("2024-05-01T00:00:00Z", ["2024-02-02", "2024-03-02", "2024-03-02"]);
    let made = at("2031-06-01T09:59:59Z", ["2024-02-02", "2024-03-02", "2024-03-02"]);
    assert_eq!(made, [""; 0]);
    let made = at("2031-06-01T10:00:00Z", ["2031-06-01", "2024-03-02", "2024-03-02"]);
    assert_eq!(made, ["atom.xml: changed: whether 2031-06-01T10:00:00Z has come"]);
    at("2031-06-02T00:00:00Z", ["2031-06-02", "2024-03-02", "2024-03-02"]);
    at("2031-06-03T00:00:00Z", ["2031-06-02", "2031-06-03", "2031-06-03"]);
    // A clock that was wrong goes back.
    at("2024-02-15T00:00:00Z", ["2024-02-02", "2024-02-02", "2024-02-02"]);
    at("2020-01-01T00:00:00Z", ["1970-01-01", "1970-01-01", "1970-01-01"]);
    at("2032-01-01T00:00:00Z", ["2031-06-02", "2031-06-03", "2031-06-03"]);
}

#[test]
fn the_moment_of_the_build_is_a_dependency() {
    let site = built();
    site.write("templates/404.html", "{{ now() }}");
    site.at("2024-06-01T10:00:00Z");
    rest();
    site.build();
    assert_eq!(site.read("public/404.html"), "2024-06-01T10:00:00Z");
    assert_eq!(site.build().explained, []);
    assert_eq!(at_another_time(&site, "2024-06-01T10:00:01Z"), ["404.html: changed: the moment of the build"]);
    assert_eq!(site.read("public/404.html"), "2024-06-01T10:00:01Z");
}

#[test]
fn the_moment_as_it_is_formatted_is_a_dependency() {
    let site = built();
    site.write("templates/404.html", "{{ now() | date(format=\"%Y\") }}");
    site.write("templates/month.html", "{{ now() | date(format=\"d MMMM\", locale=\"fr\") }}");
    site.write("content/about.md", "+++\ntemplate = \"month.html\"\n+++\n");
    site.at("2024-06-01T10:00:00Z");
    rest();
    site.build();
    assert_eq!(site.read("public/404.html"), "2024");
    assert_eq!(site.read("public/about/index.html"), "1 juin");
    assert_eq!(site.build().explained, []);
    assert_eq!(at_another_time(&site, "2024-06-01T23:59:59Z"), [""; 0]);
    let day = "about/index.html: changed: the moment of the build, written as `d MMMM`";
    assert_eq!(at_another_time(&site, "2024-06-02T00:00:00Z"), [day]);
    assert_eq!(site.read("public/about/index.html"), "2 juin");
    let year = "404.html: changed: the moment of the build, written as `%Y`";
    // The day and the month are the same.
    assert_eq!(at_another_time(&site, "2025-06-02T12:00:00Z"), [year]);
    assert_eq!(site.read("public/404.html"), "2025");
    // A clock that was wrong goes back.
    assert_eq!(at_another_time(&site, "2024-06-02T12:00:00Z"), [year]);
    assert_eq!(site.read("public/404.html"), "2024");
}

#[test]
fn the_copyright_ends_with_the_year_at_the_latest() {
    let site = built();
    site.write("content/posts/event.md", "+++\ntitle = \"Event\"\ndate = 2026-06-01\n+++\n");
    site.write("templates/404.html", "{{ copyright_years() }}");
    let at = |moment: &str, years: &str| {
        site.at(moment);
        rest();
        site.build();
        assert_eq!(site.read("public/404.html"), years, "{moment}");
    };
    at("2024-12-31T23:59:59Z", "2024");
    at("2025-01-01T00:00:00Z", "2024–2025");
    at("2026-01-01T00:00:00Z", "2024–2026");
    at("2030-01-01T00:00:00Z", "2024–2026");
    at("2020-01-01T00:00:00Z", "2020");
}

#[test]
fn dates_in_the_future_are_reported_with_their_place() {
    let site = built();
    site.write("content/posts/a.md", "+++\ntitle = \"A\"\ndate = 2031-06-01\n+++\n");
    site.write("content/posts/2032-01-01-b.md", "+++\ntitle = \"The date\"\n+++\n");
    site.write("content/posts/c.md", "+++\ntitle = \"C\"\ndate = 2023-01-01\nupdated = 2031-01-01\n+++\n");
    site.write(
        "content/posts/new.comments.md",
        "+++\nauthor = \"Ann\"\ndate = 2024-04-01\n+++\nA\n+++\nid = \"x\"\ndate = 2062-03-02\n+++\nB\n",
    );
    site.at("2024-05-01T00:00:00Z");
    rest();
    let told = problems(&site.build());
    for part in [
        "the date of this page is in the future: 2031-06-01\n --> content/posts/a.md:3:1",
        "the date of this page is in the future: 2032-01-01\n--> content/posts/2032-01-01-b.md\n = help",
        "`updated` is in the future: 2031-01-01\n --> content/posts/c.md:4:1",
        "the comment by Anonymous has a date in the future: 2062-03-02\n --> content/posts/new.comments.md:7:6",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(told.matches("in the future").count(), 4, "{told}");
    // With what was parsed before, in the same words.
    assert_eq!(problems(&site.build()), told);
    let config = site.read("site.toml");
    for (future, count) in [("publish", 2), ("hold", 2)] {
        site.write("site.toml", format!("{config}[build]\nfuture = \"{future}\"\n"));
        rest();
        let told = problems(&site.build());
        assert_eq!(told.matches("in the future").count(), count, "{future}: {told}");
    }
}

#[test]
fn a_calendar_is_not_a_flood_of_warnings() {
    let site = built();
    for day in 1..=28 {
        site.write(
            &format!("content/posts/event-{day}.md"),
            format!("+++\ntitle = \"E\"\ndate = 2031-06-{day:02}\n+++\n"),
        );
    }
    rest();
    site.at("2024-05-01T00:00:00Z");
    let told = problems(&site.build());
    assert_eq!(told.matches("the date of this page is in the future").count(), 20, "{told}");
    assert!(told.contains("8 more dates of pages and comments are in the future"), "{told}");
}

/// Posts of one tag and one series, on pages that list them.
fn related() -> Site {
    let site = Site::new(&[
        ("site.toml", "base_url = \"https://x.example\"\ntaxonomies = [{ name = \"tags\", render = false }]\n"),
        (
            "templates/page.html",
            "{{ page.content | safe }}{% for p in get_related(path=page.relative_path, limit=1) %}{{ p.title }}{% endfor %}\
             {% set s = get_series(path=page.relative_path) %}{{ s.next.title or \"\" }}",
        ),
        ("templates/index.html", ""),
        ("content/_index.md", "+++\n+++\n"),
    ]);
    for (post, day) in [("a", 1), ("b", 2), ("c", 9), ("d", 11)] {
        site.write(&format!("content/{post}.md"), text_of(post, day, "t"));
    }
    rest();
    let report = site.build();
    assert!(is_built(&report), "{}", problems(&report));
    site
}

fn text_of(post: &str, day: u8, tag: &str) -> String {
    format!(
        "+++\ntitle = \"{post}\"\ndate = 2024-01-{day:02}\n[taxonomies]\ntags = [\"{tag}\"]\n[extra]\nseries = \"s\"\n+++\n{post}\n"
    )
}

#[test]
fn an_edit_concerns_the_posts_that_name_it_as_related_or_next() {
    let rendered = |edit: fn(&Site)| {
        let site = related();
        edit(&site);
        rest();
        let report = site.build();
        assert!(is_built(&report), "{}", problems(&report));
        report.explained.into_iter().map(|(path, _)| path).filter(|path| path.len() < 15).collect::<Vec<_>>()
    };
    let body = rendered(|site| site.write("content/b.md", text_of("b", 2, "t") + "More.\n"));
    assert_eq!(body, ["b/index.html"]);
    // The first shows it as related and as the next part.
    let title = rendered(|site| site.write("content/b.md", text_of("b", 2, "t").replace("\"b\"", "\"B\"")));
    assert_eq!(title, ["a/index.html", "b/index.html"]);
    let tag = rendered(|site| site.write("content/b.md", text_of("b", 2, "u")));
    assert!(["a/index.html", "b/index.html"].iter().all(|path| tag.iter().any(|rendered| rendered == path)), "{tag:?}");
}

/// A series of so many posts, and what an edit of the title or text of its fifth renders.
fn renders_in_series(template: &str, parts: usize, edit: (&str, &str)) -> usize {
    let site = Site::new(&[
        ("site.toml", "base_url = \"https://x.example\"\n"),
        ("templates/page.html", template),
        ("templates/index.html", ""),
        ("content/_index.md", "+++\n+++\n"),
    ]);
    for part in 1..=parts {
        let text = format!("+++\ntitle = \"Part {part}.\"\nweight = {part}\nextra.series = \"s\"\n+++\nText.\n");
        site.write(&format!("content/p{part}.md"), text);
    }
    rest();
    assert!(is_built(&site.build()));
    site.write("content/p5.md", site.read("content/p5.md").replace(edit.0, edit.1));
    rest();
    let report = site.build();
    assert!(is_built(&report), "{}", problems(&report));
    report.explained.iter().filter(|(path, _)| path.starts_with('p')).count()
}

#[test]
fn an_edit_in_a_series_renders_the_parts_that_show_it() {
    let series = "{{ page.content | safe }}{% set s = get_series(path=page.relative_path) %}{{ s.number }}";
    let (title, text) = (("Part 5.", "The fifth"), ("Text.", "More."));
    for (shown, by_title, by_text) in [
        ("", 1, 1),
        ("{{ s.next.title or \"\" }}", 2, 1),
        ("{{ s.previous.title or \"\" }}{{ s.next.title or \"\" }}", 3, 1),
        ("{{ s.next.summary or \"\" }}{{ s.next.content or \"\" }}", 2, 2),
        // Ten on each side: those before it, itself and ten after it.
        ("{% for p in s.pages %}{{ p.title }}{% endfor %}", 15, 1),
        ("{% for p in s.pages %}{{ p.title }}{% endfor %}{{ s.next.content or \"\" }}", 15, 2),
    ] {
        let template = format!("{series}{shown}");
        for parts in [20, 60] {
            assert_eq!(renders_in_series(&template, parts, title), by_title, "{shown}, {parts} parts");
            assert_eq!(renders_in_series(&template, parts, text), by_text, "{shown}, {parts} parts");
        }
    }
}
