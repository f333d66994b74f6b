//! Sites that lose most of what they were, which is mostly a mistake.

use std::fs;

use crate::support::{Site, files, said};

/// Does something to a site that was built; a build has to refuse until it may remove files.
fn refuses(change: impl FnOnce(&Site)) {
    let site = Site::good();
    site.builds();
    let before = files(&site.public()).len();
    change(&site);
    let told = site.fails();
    assert!(told.contains("--force"), "{told}");
    // Nor is that forgotten, with and without a cache.
    assert_eq!(site.fails(), told);
    let _ = fs::remove_dir_all(site.root().join(".causerie"));
    site.fails();
    let report = site.builds_smaller();
    assert!(report.summary.removed > 5, "{:?}", report.summary);
    assert!(files(&site.public()).len() < before);
    site.builds();
}

#[test]
fn a_site_without_its_content_is_not_built_over_the_old_one() {
    refuses(|site| fs::remove_dir_all(site.root().join("content")).unwrap());
    refuses(|site| fs::rename(site.root().join("content"), site.root().join("contents")).unwrap());
    refuses(|site| {
        fs::remove_dir_all(site.root().join("content")).unwrap();
        fs::create_dir(site.root().join("content")).unwrap();
    });
    refuses(|site| {
        fs::remove_dir_all(site.root().join("content")).unwrap();
        site.write("content/_index.md", "+++\ntitle = \"Home\"\n+++\n");
    });
    refuses(|site| site.write("site.toml", "base_url = \"https://site.example\"\nignored_content = [\"**\"]\n"));
}

#[test]
fn a_small_site_may_not_lose_all_its_pages_either() {
    let site = Site::plain().with(&[("content/a.md", "+++\ntitle = \"A\"\n+++\n")]);
    site.builds();
    site.remove("content/a.md");
    assert!(site.fails().contains("no pages"));
    // One page of two is an edit.
    site.write("content/a.md", "+++\ntitle = \"A\"\n+++\n");
    site.write("content/b.md", "+++\ntitle = \"B\"\n+++\n");
    site.builds();
    site.remove("content/a.md");
    site.builds();
}

#[test]
fn a_file_in_the_place_of_a_folder_is_an_error() {
    for folder in ["content", "static", "templates"] {
        let site = Site::good();
        site.builds();
        fs::remove_dir_all(site.root().join(folder)).unwrap();
        site.write(folder, "x");
        let told = site.fails();
        assert!(told.contains("needs a folder"), "{told}");
    }
}

#[test]
fn a_new_site_without_pages_is_built() {
    let site = Site::plain();
    let report = site.builds();
    assert!(said(&report.diagnostics).contains("no folder `content`"));
    assert!(site.public().join("index.html").is_file());
    fs::create_dir(site.root().join("content")).unwrap();
    assert!(site.builds().diagnostics.is_empty());
}
