//! Symbolic links: none is followed out of the site, and none round in a circle.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;

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
fn links_out_of_the_site_are_not_followed_and_told() {
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
        let report = site.build();
        keeps_the_secret(&site);
        let told = said(&report.diagnostics);
        assert!(told.contains(place) && told.contains("symbolic link"), "{place}: {told}");
        assert!(!site.public().join("secret").exists());
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
    let report = site.builds();
    let told = said(&report.diagnostics);
    for place in ["content/round", "content/posts/up", "content/self.md", "static/one", "static/two"] {
        assert!(told.contains(place), "{place}: {told}");
    }
    let plain = Site::good();
    plain.builds();
    assert_eq!(files(&site.public()), files(&plain.public()));
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
    site.build();
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
fn folders_of_the_site_that_are_links_out_of_it_are_not_followed_and_told_once() {
    for folder in ["content", "static", "templates"] {
        let site = site();
        fs::remove_dir_all(site.root().join(folder)).unwrap();
        symlink(site.beside("outside"), site.root().join(folder)).unwrap();
        let report = site.build();
        keeps_the_secret(&site);
        let told = said(&report.diagnostics);
        assert_eq!(told.matches("symbolic link").count(), 1, "{folder}: {told}");
        assert!(!told.contains("secret"), "{folder}: {told}");
    }
}
