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
fn a_name_that_is_not_utf8_is_told() {
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

#[test]
fn outputs_cannot_take_the_names_that_causerie_keeps() {
    for path in ["static/.causerie-manifest", "static/.causerie-staging/0"] {
        let site = Site::plain().with(&[(path, "mine")]);
        let said = site.fails();
        assert!(said.contains(path), "{said}");
    }
}
