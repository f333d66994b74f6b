//! Names and addresses that lead astray.

use std::fs;

use crate::support::{Site, errors, files, said};

fn page(front_matter: &str) -> String {
    format!("+++\ntitle = \"T\"\n{front_matter}\n+++\nText.\n")
}

#[test]
fn an_absolute_address_is_one_below_the_site() {
    let site = Site::plain().with(&[("content/a.md", page("path = \"/etc/passwd\"\naliases = [\"/tmp/x\"]"))]);
    site.builds();
    site.output("etc/passwd/index.html");
    site.output("tmp/x/index.html");
}

#[test]
fn slugs_lose_what_leads_out() {
    for (slug, output) in [("../x", "x"), ("..", "a"), ("a/../../b", "a-b"), ("a\\b", "a-b")] {
        let site = Site::plain().with(&[("content/a.md", page(&format!("slug = '{slug}'")))]);
        let report = site.build();
        if !report.failed() {
            site.output(&format!("{output}/index.html"));
        }
        assert_eq!(fs::read_dir(site.beside("")).unwrap().count(), 1);
    }
}

#[test]
fn no_key_of_the_configuration_leads_out() {
    let head = "base_url = \"https://site.example\"\ngenerate_feeds = true\n";
    for (config, key) in [
        ("feed_filenames = [\"../atom.xml\"]\n", "feed_filenames"),
        ("feed_filenames = [\"a/../../atom.xml\"]\n", "feed_filenames"),
        ("feed_filenames = [\"a\\u0000.xml\"]\n", "feed_filenames"),
        ("taxonomies = [{ name = \"../tags\" }]\n[slugify]\ntaxonomies = \"off\"\n", "taxonomies"),
        ("taxonomies = [{ name = \"tags\", paginate_by = 1, paginate_path = \"../..\" }]\n", "taxonomies"),
        ("taxonomies = [{ name = \"tags\" }]\n[slugify]\ntaxonomies = \"off\"\n", "term"),
        ("[languages.\"../x\"]\n", "languages"),
        ("theme = \"../theme\"\n", "theme"),
    ] {
        let page = |tag: &str| format!("+++\ndate = 2024-01-02\n[taxonomies]\n{tag}\n+++\n");
        let page = match key {
            "taxonomies" if config.contains("../tags") => page("\"../tags\" = [\"a\"]"),
            "taxonomies" => page("tags = [\"a\"]"),
            "term" => page("tags = [\"../..\"]"),
            _ => page(""),
        };
        let site = Site::plain().with(&[
            ("site.toml", format!("{head}{config}").as_str()),
            ("content/a.md", &page),
            ("templates/taxonomy_list.html", ""),
            ("templates/taxonomy_single.html", ""),
            ("templates/../atom.xml", "a"),
        ]);
        let report = site.build();
        let told = said(&report.diagnostics);
        assert!(report.failed(), "{config} is let through");
        assert!(told.contains("site.toml") || told.contains("content/a.md"), "{config}: {told}");
        assert!(!site.public().exists());
        assert_eq!(fs::read_dir(site.beside("")).unwrap().count(), 1, "{config}: something lies beside the site");
    }
}

#[test]
fn a_pager_folder_that_leads_out_is_refused() {
    let site = Site::plain().with(&[
        ("content/posts/_index.md", "+++\npaginate_by = 1\npaginate_path = \"../../..\"\n+++\n"),
        ("content/posts/a.md", "+++\ntitle = \"A\"\n+++\n"),
        ("content/posts/b.md", "+++\ntitle = \"B\"\n+++\n"),
    ]);
    let said = site.fails();
    assert!(said.contains("content/posts/_index.md"), "{said}");
}

#[test]
fn control_characters_in_names_of_files_are_refused() {
    for path in ["static/a\nb.txt", "static/a\rb.txt", "content/a/b\nc.txt", "content/a\nb.md"] {
        let site = Site::plain().with(&[("content/a/index.md", page(""))]);
        site.builds();
        site.write(path, page(""));
        let report = site.build();
        if report.failed() {
            assert!(said(&report.diagnostics).contains("help: "), "{}", said(&report.diagnostics));
        } else {
            let made = files(&site.public());
            assert!(made.keys().all(|name| !name.contains(['\n', '\r'])), "{made:?}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_not_utf8_is_reported() {
    use std::os::unix::ffi::OsStrExt as _;
    let site = Site::plain();
    for folder in ["content", "static", "templates"] {
        let name = std::ffi::OsStr::from_bytes(b"caf\xe9.md");
        fs::create_dir_all(site.root().join(folder)).unwrap();
        fs::write(site.root().join(folder).join(name), "+++\n+++\n").unwrap();
    }
    let report = site.build();
    assert!(report.failed());
    assert_eq!(errors(&report).len(), 3, "{}", said(&report.diagnostics));
    assert!(said(&report.diagnostics).contains("rename it"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_whose_name_is_not_utf8_is_reported_once() {
    use std::os::unix::ffi::OsStrExt as _;
    let site = Site::plain().with(&[("content/z.md", "no front matter")]);
    let folder = site.root().join("content").join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
    fs::create_dir_all(folder.join("deep")).unwrap();
    for name in ["a.md", "deep/b.md"] {
        fs::write(folder.join(name), "+++\n+++\n").unwrap();
    }
    let report = site.build();
    let told = said(&report.diagnostics);
    assert_eq!(told.matches("this folder's name is not UTF-8").count(), 1, "{told}");
    // What comes after it is looked at all the same.
    assert!(told.contains("content/z.md"), "{told}");
}

#[test]
fn outputs_cannot_take_the_names_that_causerie_keeps() {
    for path in ["static/.causerie-manifest", "static/.causerie-staging/0"] {
        let site = Site::plain().with(&[(path, "mine")]);
        let said = site.fails();
        assert!(said.contains(path), "{said}");
    }
}

#[test]
fn spaces_and_emoji_in_paths_work() {
    let site = Site::plain().with(&[
        ("content/my posts/_index.md", "+++\ntitle = \"P\"\n+++\n"),
        (
            "content/my posts/tea time ☕/index.md",
            "+++\ntitle = \"Tea\"\n+++\n![cup](my cup ☕.txt) ![cup](<my cup ☕.txt>)\n",
        ),
        ("content/my posts/tea time ☕/my cup ☕.txt", "cup"),
        ("content/my posts/tea time ☕/comments/first 🫖.md", "+++\ndate = 2024-01-02\n+++\nHi.\n"),
        ("content/other.md", "+++\ntitle = \"O\"\n+++\n[tea](<@/my posts/tea time ☕/index.md>)\n"),
        ("static/a file ☕.txt", "static"),
    ]);
    let report = site.builds();
    assert_eq!(report.summary.comments, 1);
    let made: Vec<String> = files(&site.public()).into_keys().collect();
    assert!(made.contains(&"a file ☕.txt".to_owned()), "{made:#?}");
    let tea = made.iter().find(|path| path.starts_with("my posts/tea") && path.ends_with("index.html")).unwrap();
    let asset = tea.replace("index.html", "my cup ☕.txt");
    assert!(made.contains(&asset), "{made:#?}");
    // What links say and where files lie is the same to a browser.
    let page = site.output("other/index.html");
    let href = page.split("href=\"").nth(1).unwrap().split('"').next().unwrap();
    let path = percent_encoding::percent_decode_str(href.strip_prefix("https://site.example/").unwrap());
    assert_eq!(format!("{}index.html", path.decode_utf8().unwrap()), *tea);
    assert!(!href.contains(' '), "{href}");
}

#[test]
fn addresses_that_lead_out_are_refused() {
    let outside = [
        "../x",
        "a/../../x",
        "..",
        "a/..",
        "./x",
        "a/./b",
        "a//b",
        "a\\b",
        "..\\x",
        "C:\\x",
        "a\u{0}b",
        "a\nb",
        "a\u{7f}b",
    ];
    let mut kept = Vec::new();
    for address in outside {
        for key in ["path", "slug", "alias"] {
            let value = toml::Value::from(address).to_string();
            let line = match key {
                "alias" => format!("aliases = [{value}]"),
                key => format!("{key} = {value}"),
            };
            let site = Site::plain().with(&[
                ("site.toml", "base_url = \"https://site.example\"\n[slugify]\npaths = \"off\"\n"),
                ("content/section/a.md", &page(&line)),
            ]);
            let report = site.build();
            if !report.failed() {
                kept.push(line);
                continue;
            }
            let told = said(&report.diagnostics);
            // A text of two lines begins in the line after its key.
            let is_told = [3, 4].iter().any(|line| told.contains(&format!("content/section/a.md:{line}:")));
            assert!(is_told, "no line: {told}");
            assert!(told.contains("help: "), "no help: {told}");
            assert!(!site.public().exists());
            assert_eq!(fs::read_dir(site.beside("")).unwrap().count(), 1, "something lies beside the site");
        }
    }
    assert_eq!(kept, [""; 0]);
}

#[test]
fn a_name_that_is_too_long_is_reported_before_anything_is_written() {
    let long = "x".repeat(300);
    let deep = "deep-folder/".repeat(500);
    for line in [format!("slug = \"{long}\""), format!("path = \"a/{long}/b\""), format!("aliases = [\"{long}\"]")] {
        let site = Site::plain().with(&[("content/a.md", page(&line))]);
        let said = site.fails();
        assert!(said.contains("300 bytes long"), "{said}");
        assert!(said.contains("content/a.md:3:"), "{said}");
    }
    for line in [format!("path = \"{deep}\""), format!("aliases = [\"{deep}\"]")] {
        let site = Site::plain().with(&[("content/b.md", page("slug = \"b\""))]);
        site.builds();
        site.write("content/a.md", page(&line));
        site.remove("content/b.md");
        let said = site.fails();
        assert!(said.contains("too long"), "{said}");
        assert!(said.len() < 8000, "{} bytes", said.len());
    }
}

#[test]
fn comments_on_the_home_page_are_in_the_feed_of_all_comments() {
    let one = "+++\nauthor = \"Ann\"\ndate = 2024-02-04\n+++\nWelcome.\n";
    let site = Site::plain().with(&[
        ("content/_index.comments.md", one),
        ("content/a.md", "+++\n+++\n"),
        ("content/a.comments.md", &one.replace("Ann", "Bob")),
        ("templates/index.html", "{{ section.comments.count }} {{ section.comments.feed }}"),
    ]);
    site.builds();
    assert_eq!(site.output("index.html"), "1 https://site.example/comments.xml");
    let feed = site.output("comments.xml");
    assert!(feed.contains("<name>Ann</name>") && feed.contains("<name>Bob</name>"), "{feed}");
}

#[test]
fn a_link_to_a_draft_is_reported_separately() {
    let links = "[a](@/the%20plan.md) [b](@/secret/x.md) [c](@/tae.md) [d](@/cup.txt)\n";
    let site = Site::plain().with(&[
        ("content/tea.md", format!("+++\n+++\n{links}")),
        ("content/cup.txt", String::new()),
        ("content/the plan.md", "+++\ndraft = true\n+++\n".to_owned()),
        ("content/secret/_index.md", "+++\ndraft = true\n+++\n".to_owned()),
        ("content/secret/x.md", "+++\n+++\n".to_owned()),
    ]);
    let told = site.fails();
    let help = |link: &str| {
        let at = told.find(&format!("`{link}`")).unwrap_or_else(|| panic!("{link} in {told}"));
        told[at..].lines().find_map(|line| line.split_once("help: ")).map(|(_, help)| help.to_owned())
    };
    let draft = "that page is there, but it is a draft or in a drafted section, and those are not part of the site";
    assert_eq!(help("the plan.md").as_deref(), Some(draft));
    assert_eq!(help("secret/x.md").as_deref(), Some(draft));
    assert_eq!(help("tae.md").as_deref(), Some("did you mean `@/tea.md`?"));
    assert!(help("cup.txt").is_some_and(|help| help != draft), "{told}");
}
