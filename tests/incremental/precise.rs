//! What single edits make anew, and why.

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
         {{ p.comments.count }}{% endfor %}{% endblock %}",
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

/// What is made anew after an edit, but for the files of the search.
fn after(edit: impl FnOnce(&Site)) -> Vec<String> {
    all_after(edit).into_iter().filter(|line| !line.starts_with("search-index/")).collect()
}

/// All that is made anew after an edit.
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
fn nothing_is_made_anew_when_nothing_changed() {
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
fn an_output_that_somebody_touched_is_made_anew() {
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
fn a_new_post_is_told_from_what_was_there() {
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
    site.write("content/posts/bundle/p.jpg", "a picture");
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
