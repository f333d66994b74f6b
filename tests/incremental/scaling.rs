//! What a build does grows in proportion to the site: dependencies, renderings, fingerprints, and what is kept on disk. No
//! clock is read.

use super::site::{Site, is_built, problems};

/// A blog of so many posts with tags, comments and threads, with a number of tags that grows with it.
fn blog(posts: usize, theme: &str) -> Site {
    let site = Site::new(&[]);
    site.write(
        "site.toml",
        format!(
            "base_url = \"https://x.example\"\ntitle = \"X\"\ntheme = \"{theme}\"\ngenerate_feeds = true\nfeed_limit = 20\n\
             taxonomies = [{{ name = \"tags\", feed = true, paginate_by = 10 }}]\n[[quotes]]\ntext = \"A\"\nauthor = \"B\"\n"
        ),
    );
    site.write("content/_index.md", "+++\ntitle = \"Home\"\n+++\n");
    site.write("content/posts/_index.md", "+++\ntitle = \"Posts\"\nsort_by = \"date\"\npaginate_by = 10\n+++\n");
    for post in 0..posts {
        let (year, month, day) = (2000 + post % 20, 1 + post / 20 % 12, 1 + post / 240 % 28);
        let (common, rare) = (post % 5, post / 4);
        site.write(
            &format!("content/posts/p{post}.md"),
            format!(
                "+++\ntitle = \"Post {post}\"\ndate = {year}-{month:02}-{day:02}\n[taxonomies]\ntags = [\"c{common}\", \"r{rare}\"]\n[extra]\nseries = \"s{}\"\n+++\n\
                 First. <!-- more -->\n\nSee [another](@/posts/p{}.md).\n",
                if post % 2 == 0 { 0 } else { rare },
                post / 2
            ),
        );
        if post % 10 == 0 {
            let comment = format!("+++\nauthor = \"Ann\"\ndate = {year}-{month:02}-{day:02}\n+++\nYes.\n");
            site.write(&format!("content/posts/p{post}.comments.md"), comment);
        }
    }
    site
}

/// A theme whose every page uses each function that there is, and lists.
fn busy(posts: usize) -> Site {
    let site = blog(posts, "busy");
    site.write("themes/busy/theme.toml", "");
    site.write("static/a.css", "a{}");
    site.write("data/d.toml", "a = 1\n");
    let base = "\
        {% set s = get_section(path='posts/_index.md') %}{% for page in s.pages[:5] %}{{ page.title }}{% endfor %}{{ s.pages | length }}\
        {% set f = get_section(path='posts/_index.md', limit=5) %}{% for page in f.pages %}{{ page.summary }}{{ page.word_count }}{% endfor %}\
        {% set m = get_section(path='posts/_index.md', metadata_only=true) %}{{ m.title }}\
        {% set t = get_taxonomy(kind='tags', limit=10) %}{% for term in t.items %}{{ term.name }}{{ term.page_count }}{% endfor %}\
        {% set a = get_taxonomy(kind='tags') %}{{ a.items | length }}\
        {% set u = get_taxonomy_term(kind='tags', term='c1') %}{{ u.pages | length }}{{ u.pages[0].comments.count }}\
        {% set v = get_taxonomy_term(kind='tags', term='c2', include_pages=false) %}{{ v.page_count }}\
        {{ get_taxonomy_url(kind='tags', term='c0') }}{{ get_url(path='@/posts/p0.md') }}{{ get_url(path='a.css', cachebust=true) }}\
        {% set p = get_page(path='posts/p1.md') %}{{ p.content | safe }}{{ p.higher.title }}\
        {% for c in recent_comments(limit=3) %}{{ c.author }}{{ c.content }}{{ c.page.title }}{% endfor %}\
        {{ get_hash(path='a.css') }}{% set d = load_data(path='data/d.toml') %}{{ d.a }}{{ text_direction() }}\
        {{ copyright_years() }}{{ now() }}{% set q = quote(key='k') %}{{ q.text }}{% set i = search_index() %}{{ i.index }}\
        {% block main %}{% endblock %}";
    site.write("themes/busy/templates/base.html", base);
    for (name, main) in [
        ("index", "{{ section.title }}"),
        ("section", "{% for p in paginator.pages %}{{ p.title }}{{ p.summary }}{% endfor %}"),
        ("page", "{{ page.title }}{{ page.content | safe }}{{ page.lower.title or '' }}{{ page.comments.count }}"),
        ("taxonomy_single", "{{ term.name }}{% for p in paginator.pages %}{{ p.title }}{% endfor %}"),
        ("taxonomy_list", "{% for t in terms %}{{ t.name }}{{ t.pages[0].title }}{% endfor %}"),
    ] {
        let template = format!("{{% extends \"base.html\" %}}{{% block main %}}{main}{{% endblock %}}");
        site.write(&format!("themes/busy/templates/{name}.html"), template);
    }
    site
}

/// What a clean build does, and what it leaves in the cache, in bytes.
fn work(site: &Site) -> [(&'static str, usize); 7] {
    // Files that are too new are not kept.
    std::thread::sleep(std::time::Duration::from_millis(60));
    let report = site.build();
    assert!(is_built(&report), "{}", problems(&report));
    let work = report.work;
    [
        ("outputs", work.outputs),
        ("dependencies", work.dependencies),
        ("bodies", work.bodies),
        ("comments", work.comments),
        ("fingerprints", work.fingerprints),
        ("comparisons", work.comparisons),
        ("cache", site.cache_size()),
    ]
}

fn grows_in_proportion(make: fn(usize) -> Site) {
    let (small, large) = (work(&make(200)), work(&make(2000)));
    for ((what, small), (_, large)) in small.into_iter().zip(large) {
        // Related posts are compared up to a bound for each post, which small sites do not reach.
        let is_bounded = what == "comparisons";
        assert!(is_bounded || large <= 12 * small, "{what}: {small} for 200 posts, {large} for 2,000");
    }
    let [(_, outputs), (_, dependencies), (_, bodies), (_, comments), _, (_, comparisons), _] = large;
    assert!(dependencies <= 25 * outputs, "{dependencies} dependencies of {outputs} outputs");
    // For each post its neighbours in one large term and in one small one, once to show and once to remember them.
    assert!(comparisons <= 2000 * 2 * (65 + 4), "{comparisons} pages were compared for 2,000 posts");
    assert!(bodies <= 2100, "{bodies} bodies were rendered for 2,000 posts");
    // The feed of the newest comments renders some of them once more.
    assert!(comments <= 200 + 50, "{comments} comments were rendered, and 200 posts have one");
}

#[test]
fn the_default_theme_grows_in_proportion() {
    grows_in_proportion(|posts| blog(posts, "salon"));
}

#[test]
fn a_theme_that_lists_on_every_page_grows_in_proportion() {
    grows_in_proportion(busy);
}

#[test]
fn a_new_comment_renders_few_others() {
    let site = blog(1000, "salon");
    let comments = |site: &Site| work(site)[3].1;
    let all = comments(&site);
    assert!((100..=100 + 50).contains(&all), "{all} comments were rendered, and 100 posts have one");
    site.write("content/posts/p10.comments/bea.md", "+++\nauthor = \"Bea\"\ndate = 2001-01-01\n+++\nNo.\n");
    // Those of its own thread, the newest ones, and those whose texts share a file of the search with the thread's.
    let few = comments(&site);
    assert!(few <= 60, "{few} comments were rendered after one was added");
}
