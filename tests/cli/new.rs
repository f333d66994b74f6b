use snapbox::{assert_data_eq, str};

use crate::Session;

const SITE: &str = "base_url = \"https://example.org\"\ntitle = \"Blog\"\n";

fn site() -> Session {
    Session::with(&[("site.toml", SITE), ("content/posts/_index.md", "")])
}

#[test]
fn a_post_has_a_title_and_todays_date() {
    let session = site();
    session.write("site.toml", &format!("{SITE}taxonomies = [{{ name = \"tags\" }}, {{ name = \"categories\" }}]\n"));
    let said = session.causerie(&["new", "posts/my-title"]);
    assert_eq!((said.status, said.stdout.as_str(), said.stderr.as_str()), (0, "content/posts/my-title.md\n", ""));
    assert_data_eq!(
        session.read("content/posts/my-title.md"),
        str![[r#"
+++
title = "My title"
date = [..]-[..]-[..]
# description = ""

# [taxonomies]
# tags = []
# categories = []

# [discussions]
# mastodon = "https://mastodon.example/@me/1"
+++


"#]]
    );
    let text = session.read("content/posts/my-title.md");
    let date = text.lines().find_map(|line| line.strip_prefix("date = ")).unwrap();
    let day: jiff::civil::Date = date.parse().unwrap();
    assert!((jiff::Zoned::now().date() - day).get_days() <= 1, "{day}");
}

#[test]
fn a_name_may_say_the_date_and_the_kind() {
    let session = site();
    assert_eq!(session.causerie(&["new", "posts/2009-05-12-the-day/", "--draft"]).status, 0);
    assert_data_eq!(
        session.read("content/posts/2009-05-12-the-day/index.md"),
        str![[r#"
+++
title = "The day"
date = 2009-05-12
draft = true
# description = ""

# [discussions]
# mastodon = "https://mastodon.example/@me/1"
+++


"#]]
    );
    assert_eq!(session.causerie(&["new", "notes/_index"]).stdout, "content/notes/_index.md\n");
    assert_data_eq!(
        session.read("content/notes/_index.md"),
        str![[r#"
+++
title = "Notes"
sort_by = "date"
# paginate_by = 10
+++

"#]]
    );
}

#[test]
fn a_page_beside_the_home_page_has_a_date_only_if_that_sorts_its_pages() {
    let session = site();
    let said = session.causerie(&["new", "about"]);
    assert_eq!((said.status, said.stdout.as_str(), said.stderr.as_str()), (0, "content/about.md\n", ""));
    assert_eq!(session.read("content/about.md"), "+++\ntitle = \"About\"\n# description = \"\"\n+++\n\n");
    assert_eq!(session.causerie(&["new", "contact/", "--draft"]).status, 0);
    let text = "+++\ntitle = \"Contact\"\ndraft = true\n# description = \"\"\n+++\n\n";
    assert_eq!(session.read("content/contact/index.md"), text);
    assert_eq!(session.causerie(&["new", "2009-05-12-tea"]).status, 0);
    assert!(session.read("content/2009-05-12-tea.md").contains("\ndate = 2009-05-12\n"));
    session.write("content/_index.md", "+++\nsort_by = \"date\"\n+++\n");
    assert_eq!(session.causerie(&["new", "tea"]).status, 0);
    assert!(session.read("content/tea.md").contains("\ndate = "));
}

#[test]
fn a_post_that_no_section_lists_is_reported() {
    let session = site();
    let said = session.causerie(&["new", "notes/x"]);
    assert_eq!((said.status, said.stdout.as_str()), (0, "content/notes/x.md\n"));
    assert_data_eq!(
        said.stderr,
        str![[r#"
warning: no section lists this post, because there is no content/notes/_index.md
 |
 = help: create one with: causerie new notes/_index


"#]]
    );
}

#[test]
fn another_root() {
    let session = Session::with(&[("blog/zola.toml", SITE), ("blog/content/_index.md", "")]);
    let said = session.causerie(&["new", "hello", "--root", "blog"]);
    assert_eq!((said.status, said.stdout.as_str(), said.stderr.as_str()), (0, "blog/content/hello.md\n", ""));
    assert!(session.path("blog/content/hello.md").is_file());
}

#[test]
fn nothing_is_overwritten() {
    let session = site();
    session.write("content/posts/a.md", "mine");
    session.write("content/posts/b/index.md", "mine");
    session.write("content/posts/file", "mine");
    let before = session.files();
    for (path, place) in [
        ("posts/a", "content/posts/a.md"),
        ("posts/a/", "content/posts/a.md"),
        ("posts/b", "content/posts/b/index.md"),
        ("posts/b/", "content/posts/b/index.md"),
        ("posts/_index", "content/posts/_index.md"),
        ("posts/file/x", "content/posts/file"),
        ("posts/b/comments", "content/posts/b/comments.md"),
        ("posts/b/comments/x", "content/posts/b/comments/x.md"),
        ("posts/a.comments", "content/posts/a.comments.md"),
        ("posts/a.comments/x", "content/posts/a.comments/x.md"),
    ] {
        let said = session.causerie(&["new", path]);
        assert_eq!((said.status, said.stdout.as_str()), (1, ""), "{path}");
        assert!(said.stderr.contains(&format!("\n--> {place}\n")), "{path}: {}", said.stderr);
        assert_eq!(session.files(), before, "{path}");
    }
}

#[test]
fn no_path_leads_out_of_the_content() {
    let session = site();
    let before = session.files();
    for path in ["../x", "posts/../../x", "/tmp/x", "", "content/../../x", "posts/..", "~/\u{7}"] {
        let said = session.causerie(&["new", path]);
        assert_eq!((said.status, said.stdout.as_str()), (1, ""), "{path}");
        assert!(said.stderr.contains("cannot be a post's path"), "{path}: {}", said.stderr);
        assert_eq!(session.files(), before, "{path}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_site_is_not_followed() {
    let session =
        Session::with(&[("site/site.toml", SITE), ("site/content/_index.md", ""), ("elsewhere/keep", "mine")]);
    std::os::unix::fs::symlink(session.path("elsewhere"), session.path("site/content/posts")).unwrap();
    let before = session.files();
    let said = session.causerie(&["new", "posts/x", "--root", "site"]);
    assert_eq!(said.status, 1);
    assert!(said.stderr.contains("links are not followed"), "{}", said.stderr);
    assert_eq!(session.files(), before);
}

#[test]
fn a_configuration_that_cannot_be_read_is_reported() {
    let session = Session::with(&[("site.toml", "title = My site\n")]);
    let said = session.causerie(&["new", "x"]);
    assert_eq!(said.status, 1);
    assert!(said.stderr.contains(" --> site.toml:1:9\n"), "{}", said.stderr);
    assert_eq!(session.names(), ["site.toml"]);
}
