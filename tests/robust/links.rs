//! Symbolic links: none is followed out of the site, and none round in a circle.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::thread;
use std::time::Duration;

use crate::support::{Site, files, put, said, tree};

const SECRET: &str = "the secret of another folder";

/// A site, and beside it a folder that is none of its business.
fn site() -> Site {
    let site = Site::good();
    put(&site.beside("outside/secret.md"), format!("+++\ntitle = \"{SECRET}\"\n+++\n{SECRET}\n"));
    put(&site.beside("outside/secret.txt"), SECRET);
    put(&site.beside("outside/secret.toml"), format!("base_url = \"https://x.example\"\ntitle = \"{SECRET}\"\n"));
    site
}

fn keeps_the_secret(site: &Site) {
    for (path, bytes) in files(&site.public()) {
        assert!(!String::from_utf8_lossy(&bytes).contains(SECRET), "the secret is in {path}");
    }
}

#[test]
fn links_out_of_the_site_are_errors() {
    for (place, target) in [
        ("content/secret.md", "outside/secret.md"),
        ("content/posts/milk/secret.txt", "outside/secret.txt"),
        ("content/posts/secret", "outside"),
        ("content/posts/milk/comments/two.md", "outside/secret.md"),
        ("static/secret.txt", "outside/secret.txt"),
        ("static/secret", "outside"),
        ("templates/secret.html", "outside/secret.txt"),
        ("templates/secret", "outside"),
    ] {
        let site = site();
        symlink(site.beside(target), site.root().join(place)).unwrap();
        let told = site.fails();
        assert!(
            told.contains(place) && told.contains("leads out of the site") && told.contains("help: "),
            "{place}: {told}"
        );
        assert!(causerie::build::check(&site.options()).failed(), "{place}");
    }
}

#[test]
fn links_within_the_site_are_followed() {
    let plain = Site::good();
    plain.builds();
    for (place, moved) in [
        ("content", "written"),
        ("content/posts", "posts"),
        ("content/posts/tea.md", "tea.md"),
        ("content/posts/tea.comments.md", "tea.comments.md"),
        ("content/posts/milk/comments", "data/comments"),
        ("content/posts/milk/cow.txt", "static/.cow"),
        ("static", "assets"),
        ("static/style.css", "data/style.css"),
        ("templates", "layout"),
        ("templates/page.html", "data/page.html"),
    ] {
        let site = Site::good();
        fs::rename(site.root().join(place), site.root().join(moved)).unwrap();
        symlink(site.root().join(moved), site.root().join(place)).unwrap();
        let report = site.builds();
        let told = said(&report.diagnostics);
        assert!(!told.contains("symbolic link"), "{place}: {told}");
        let mut files = files(&site.public());
        files.retain(|path, _| path != ".cow" && path != ".causerie-manifest");
        let mut expected = crate::support::files(&plain.public());
        expected.remove(".causerie-manifest");
        assert!(files == expected, "{place}");
        // A change behind the link is seen.
        thread::sleep(Duration::from_millis(50));
        assert_eq!(site.builds().summary.written, 0, "{place}");
    }
    let site = Site::good();
    site.write("posts.css", "old");
    symlink("../posts.css", site.root().join("static/posts.css")).unwrap();
    site.builds();
    site.write("posts.css", "new");
    site.builds();
    assert_eq!(site.output("posts.css"), "new");
}

#[test]
fn links_to_what_is_not_for_readers_are_errors() {
    for target in ["inbox", "inbox/reply.md", ".git", ".git/config", ".causerie", "public", "."] {
        for place in ["content/posts/link", "static/link.md", "content/link.md", "content/posts/tea.comments"] {
            let site = site();
            site.builds();
            site.write("inbox/reply.md", format!("+++\nauthor = \"{SECRET}\"\n+++\n{SECRET}"));
            site.write(".git/config", SECRET);
            symlink(site.root().join(target), site.root().join(place)).unwrap();
            let told = site.fails();
            assert!(told.contains(place) && told.contains("help: "), "{place} to {target}: {told}");
        }
    }
}

#[test]
fn what_is_read_by_name_is_not_read_through_a_link_out() {
    let site = site();
    fs::remove_dir_all(site.root().join("data")).unwrap();
    symlink(site.beside("outside"), site.root().join("data")).unwrap();
    site.write("templates/404.html", "{{ load_data(path=\"data/secret.txt\", format=\"plain\") }}");
    site.write("templates/index.html", "home");
    let said = site.fails();
    assert!(said.contains("templates/404.html:1:"), "{said}");
    assert!(!said.contains(SECRET), "{said}");

    let site = self::site();
    site.remove("site.toml");
    symlink(site.beside("outside/secret.toml"), site.root().join("site.toml")).unwrap();
    let said = site.fails();
    assert!(said.contains("site.toml") && !said.contains(SECRET), "{said}");
}

#[test]
fn circles_of_links_end() {
    let site = site();
    symlink(site.root(), site.root().join("content/round")).unwrap();
    symlink("..", site.root().join("content/posts/up")).unwrap();
    symlink("self.md", site.root().join("content/self.md")).unwrap();
    symlink("two", site.root().join("static/one")).unwrap();
    symlink("one", site.root().join("static/two")).unwrap();
    // Two that lead into one another's folders.
    symlink("../milk", site.root().join("content/posts/milk/comments/up")).unwrap();
    fs::create_dir_all(site.root().join("static/a")).unwrap();
    fs::create_dir_all(site.root().join("static/b")).unwrap();
    symlink("../b", site.root().join("static/a/b")).unwrap();
    symlink("../a", site.root().join("static/b/a")).unwrap();
    symlink("nowhere", site.root().join("static/nowhere")).unwrap();
    let told = site.fails();
    for place in [
        "content/round",
        "content/posts/up",
        "content/self.md",
        "static/one",
        "static/two",
        "static/a/b/a",
        "static/b/a/b",
        "static/nowhere",
    ] {
        assert!(told.contains(place), "{place}: {told}");
    }
}

#[test]
fn a_link_that_an_editor_made_as_a_lock_is_nothing() {
    let site = Site::good();
    for place in [
        "content/posts/.#tea.md",
        "content/posts/milk/comments/.#one.md",
        "static/.#style.css",
        "templates/.#page.html",
    ] {
        symlink("jo@desk.example.1234:1700000000", site.root().join(place)).unwrap();
    }
    symlink(site.beside("elsewhere"), site.root().join("content/.notes")).unwrap();
    let report = site.builds();
    let told = said(&report.diagnostics);
    assert!(!told.contains("symbolic link"), "{told}");
}

#[test]
fn a_site_reached_through_a_link_is_the_same_site() {
    let site = Site::good();
    symlink(site.root(), site.beside("link")).unwrap();
    site.builds();
    let output = site.beside("out");
    let options =
        causerie::build::Options { root: site.beside("link"), output: Some(output.clone()), ..site.options() };
    let report = causerie::build::build(&options);
    assert!(!report.failed(), "{}", said(&report.diagnostics));
    assert_eq!(files(&output), files(&site.public()));
}

#[test]
fn nothing_is_written_or_removed_through_a_link_in_the_output_folder() {
    let site = Site::good();
    site.builds();
    // Its owner moved the folder away and left a link.
    put(&site.beside("outside/x"), "x");
    let moved = site.beside("outside/posts");
    fs::rename(site.public().join("posts"), &moved).unwrap();
    symlink(&moved, site.public().join("posts")).unwrap();
    let before = tree(&site.beside("outside"));
    // As long as nothing is to be written, what is behind the link is as good as what was there.
    site.write("content/posts/tea.md", "+++\ntitle = \"Other tea\"\n+++\nText.\n");
    let said = site.fails();
    assert!(said.contains("posts") && said.contains("symbolic link"), "{said}");
    assert_eq!(tree(&site.beside("outside")), before);

    // Also when all of it is to be removed.
    fs::remove_dir_all(site.root().join("content/posts")).unwrap();
    site.write("content/about.md", "+++\ntitle = \"A\"\n+++\n");
    site.builds_smaller();
    assert_eq!(tree(&site.beside("outside")), before, "files were removed through a link");
}

#[test]
fn the_search_is_not_written_through_a_link_either() {
    let site = Site::good();
    site.builds();
    put(&site.beside("outside/x"), "x");
    let moved = site.beside("outside/index");
    fs::rename(site.public().join("search-index"), &moved).unwrap();
    symlink(&moved, site.public().join("search-index")).unwrap();
    let before = (tree(&site.beside("outside")), tree(&site.public().join("posts")));
    site.write("content/posts/tea.md", "+++\ntitle = \"Other tea\"\n+++\nText.\n");
    let said = site.fails();
    assert!(said.contains("search-index") && said.contains("symbolic link"), "{said}");
    assert_eq!((tree(&site.beside("outside")), tree(&site.public().join("posts"))), before);
}

#[test]
fn a_file_of_the_site_that_is_neither_file_nor_folder_is_left_alone() {
    let site = Site::good();
    for place in ["content/pipe.md", "static/pipe", "templates/pipe.html"] {
        let made = std::process::Command::new("mkfifo").arg(site.root().join(place)).status();
        assert!(made.is_ok_and(|status| status.success()));
    }
    site.builds();
    assert!(!site.public().join("pipe").exists());
}

#[test]
fn folders_of_the_site_that_are_links_out_of_it_are_not_followed_and_reported_once() {
    for folder in ["content", "static", "templates", "content/posts/milk/comments"] {
        let site = site();
        site.builds();
        fs::remove_dir_all(site.root().join(folder)).unwrap();
        symlink(site.beside("outside"), site.root().join(folder)).unwrap();
        let told = site.fails();
        keeps_the_secret(&site);
        assert_eq!(told.matches("symbolic link").count(), 1, "{folder}: {told}");
        assert!(!told.contains("secret"), "{folder}: {told}");
    }
}

#[test]
fn a_theme_that_is_a_link_out_of_the_site_is_an_error() {
    for (link, target) in [("themes/salon", "outside"), ("themes", "outside"), ("themes/salon", "nowhere")] {
        let site = Site::empty().with(&[
            ("site.toml", "base_url = \"https://site.example\"\ntheme = \"salon\"\n"),
            ("content/a.md", "+++\ntitle = \"A\"\n+++\n"),
        ]);
        put(&site.beside("outside/secret.txt"), SECRET);
        fs::create_dir_all(site.root().join(link).parent().unwrap()).unwrap();
        symlink(site.beside(target), site.root().join(link)).unwrap();
        let told = site.fails();
        assert!(told.contains(link) && told.contains("symbolic link"), "{told}");
    }
}

#[test]
fn no_file_of_the_cache_is_opened_through_a_link() {
    // Where the names of files of the cache are known to differ, those of a first build are taken.
    let first = Site::good();
    first.builds();
    let mut names: Vec<String> = files(&first.root().join(".causerie")).into_keys().collect();
    names.extend(["lock".to_owned(), ".gitignore".to_owned()]);
    for name in names {
        for target in ["outside/x", "outside/new"] {
            let site = site();
            put(&site.beside("outside/x"), "mine");
            let outside = tree(&site.beside("outside"));
            fs::create_dir(site.root().join(".causerie")).unwrap();
            symlink(site.beside(target), site.root().join(".causerie").join(&name)).unwrap();
            site.builds();
            site.builds();
            assert_eq!(tree(&site.beside("outside")), outside, "{name}");
        }
    }
    for name in ["lock", "content", "code"] {
        let site = Site::good();
        fs::create_dir(site.root().join(".causerie")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(site.root().join(".causerie").join(name)).status();
        assert!(made.is_ok_and(|status| status.success()));
        site.builds();
    }
    let site = site();
    symlink(site.beside("outside"), site.root().join(".causerie")).unwrap();
    let outside = tree(&site.beside("outside"));
    site.builds();
    assert_eq!(tree(&site.beside("outside")), outside);
}

#[test]
fn nothing_is_staged_or_listed_through_a_link() {
    for name in [".causerie-staging", ".causerie-manifest"] {
        let site = site();
        fs::create_dir(site.public()).unwrap();
        symlink(site.beside("outside"), site.public().join(name)).unwrap();
        let outside = tree(&site.beside("outside"));
        let told = site.fails();
        assert!(told.contains(name), "{told}");
        assert_eq!(tree(&site.beside("outside")), outside);
    }
}
