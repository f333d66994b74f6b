//! What the day of a build decides.

use crate::{Said, Session};

fn site(more: &str) -> Session {
    Session::with(&[
        ("site.toml", &format!("base_url = \"https://a.example\"\n{more}")),
        (
            "templates/page.html",
            "{{ page.title }} {{ page.comments.open }} {{ copyright_years() }} {{ page.content | safe }}",
        ),
        ("templates/index.html", "{% for page in section.pages %}{{ page.title }};{% endfor %}"),
        ("content/_index.md", "+++\nsort_by = \"date\"\n+++\n"),
        ("content/old.md", "+++\ntitle = \"Old\"\ndate = 2020-01-01\n+++\n"),
    ])
}

/// Runs a command at noon of a day of June 2024.
fn at(session: &Session, day: i64, arguments: &[&str]) -> Said {
    let noon: jiff::Timestamp = "2024-06-01T12:00:00Z".parse().unwrap();
    let epoch = (noon.as_second() + (day - 1) * 86_400).to_string();
    session.causerie_with(arguments, &[("SOURCE_DATE_EPOCH", &epoch)])
}

#[test]
fn a_clock_that_is_no_number_is_an_error_that_says_what_to_do() {
    let blog = site("");
    for command in ["build", "check", "serve"] {
        for wrong in ["", "today", "12.5", "-5", "2024-06-01"] {
            let said = blog.causerie_with(&[command], &[("SOURCE_DATE_EPOCH", wrong)]);
            assert_eq!(said.status, 1, "{said:?}");
            let expected =
                format!("error: `SOURCE_DATE_EPOCH` is `{wrong}`, which is no moment\n |\n = help: write the seconds");
            assert!(said.stderr.starts_with(&expected), "{}", said.stderr);
        }
    }
    assert!(!blog.path("public").exists());
}

#[test]
fn a_thread_closes_by_its_own_date_and_the_builds() {
    let blog = site("[comments]\nenabled = true\nclose_after_days = 10\n");
    blog.write("content/new.md", "+++\ntitle = \"New\"\ndate = 2024-06-01\n+++\n");
    blog.write("content/event.md", "+++\ntitle = \"Event\"\ndate = 2031-06-01\n+++\n");
    blog.write("content/old.comments.md", "+++\ndate = 2062-01-01\n+++\nA mistake.\n");
    let show = |day: i64| {
        let said = at(&blog, day, &["build"]);
        assert_eq!(said.status, 0, "{said:?}");
        ["old", "new", "event"].map(|name| blog.read(&format!("public/{name}/index.html")).trim_end().to_owned())
    };
    assert_eq!(show(1), ["Old false 2020–2024", "New true 2020–2024", "Event true 2020–2024"]);
    assert_eq!(show(10), ["Old false 2020–2024", "New true 2020–2024", "Event true 2020–2024"]);
    assert_eq!(show(11), ["Old false 2020–2024", "New false 2020–2024", "Event true 2020–2024"]);
}

#[test]
fn a_future_post_is_published_with_a_warning_or_held_back() {
    let blog = site("");
    let later = "+++\ntitle = \"Later\"\ndate = 2024-06-20\n+++\nText.\n";
    blog.write("content/later.md", later);
    let warning = "warning: the date of this page is in the future: 2024-06-20\n --> content/later.md:3:1";
    for command in ["build", "check"] {
        let said = at(&blog, 5, &[command]);
        assert!(said.status == 0 && said.stderr.contains(warning), "{said:?}");
    }
    assert_eq!(blog.read("public/index.html"), "Later;Old;");

    blog.write("site.toml", "base_url = \"https://a.example\"\n[build]\nfuture = \"hold\"\n");
    let said = at(&blog, 5, &["build"]);
    assert!(
        said.stderr.starts_with("Built 1 page") && said.stderr.contains("; 1 post held back until its date\n"),
        "{said:?}"
    );
    assert_eq!(blog.read("public/index.html"), "Old;");
    assert!(!blog.path("public/later").exists());
    // Also where nothing is to be done, and from then on as a matter of course.
    assert!(at(&blog, 5, &["build"]).stderr.contains("; 1 post held back until its date\n"));
    let said = at(&blog, 5, &["check"]);
    assert_eq!(
        said.stderr,
        "Held back until 2024-06-20: content/later.md\nChecked 1 page and 0 comments: all is well\n"
    );
    assert_eq!(at(&blog, 5, &["check", "--future"]).stderr, "Checked 2 pages and 0 comments: all is well\n");
    assert_eq!(at(&blog, 5, &["build", "--future"]).status, 0);
    assert_eq!(blog.read("public/index.html"), "Later;Old;");
    at(&blog, 5, &["build"]);
    assert_eq!(blog.read("public/index.html"), "Old;");
    at(&blog, 20, &["build"]);
    assert_eq!(blog.read("public/index.html"), "Later;Old;");
}

#[test]
fn a_link_to_a_post_that_is_held_back_says_why_it_leads_nowhere() {
    let blog = site("[build]\nfuture = \"hold\"\n");
    blog.write("content/later.md", "+++\ntitle = \"Later\"\ndate = 2024-06-20\n+++\n");
    blog.write("content/now.md", "+++\ntitle = \"Now\"\ndate = 2024-06-01\n+++\n[later](@/later.md)\n");
    let said = at(&blog, 5, &["build"]);
    assert_eq!(said.status, 1);
    assert!(said.stderr.contains("content/now.md:5:9"), "{}", said.stderr);
    assert!(
        said.stderr.contains("that page is there, but it is held back until its date, 2024-06-20"),
        "{}",
        said.stderr
    );
    blog.write("content/now.md", "+++\ntitle = \"Now\"\n+++\n{% set p = get_page(path=\"later.md\") %}{{ p.title }}\n");
    let said = at(&blog, 5, &["check"]);
    assert!(said.stderr.contains("`later.md`; it is held back until its date, 2024-06-20"), "{}", said.stderr);
    assert_eq!(at(&blog, 20, &["build"]).status, 0);
}

#[test]
fn what_future_can_be_is_said() {
    let blog = site("[build]\nfuture = \"hide\"\n");
    let said = blog.causerie(&["check"]);
    assert!(said.stderr.contains("`future` should be \"publish\" or \"hold\", not \"hide\""), "{}", said.stderr);
}
