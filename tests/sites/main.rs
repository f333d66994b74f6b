//! Fixture sites with what they must become, as plain folders: `NAME/site` is built, and `NAME/expected` holds every
//! file of the result, or `NAME/report.txt` what the build says instead (or beside: a warning).
//!
//! `CAUSERIE_ACCEPT=1 cargo test --test sites` writes what the builds give; read the difference before you commit it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use causerie::build::{self, Options};
use causerie::diagnostic::report;

/// The files below a folder, by their paths.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok) {
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            found.insert(path, fs::read(entry.path()).unwrap());
        }
    }
    found
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites").join(name)
}

fn run(name: &str) {
    let fixture = folder(name);
    let output = tempfile::tempdir().unwrap();
    let public = output.path().join("public");
    // A build keeps a cache in the site's folder, and these folders are sources.
    let root = output.path().join("site");
    for (path, bytes) in files(&fixture.join("site")) {
        let place = root.join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, bytes).unwrap();
    }
    let options = Options { root, output: Some(public.clone()), ..Options::default() };
    let result = build::build(&options);
    let said: Vec<String> = result
        .diagnostics
        .iter()
        .map(|diagnostic| anstream::adapter::strip_str(&report(diagnostic)).to_string())
        .collect();
    let said = said.join("\n");
    assert_eq!(public.exists(), !result.failed(), "a build that fails must not leave an output folder: {said}");

    // The files of the search are not for reading; the tests of the search ask them.
    let is_search = |path: &str| path.starts_with("search-index/");
    let site_of = |folder: &Path| -> BTreeMap<String, Vec<u8>> {
        let mut files: BTreeMap<String, Vec<u8>> =
            files(folder).into_iter().filter(|(path, _)| !is_search(path)).collect();
        // It has a hash of every file, and no more.
        files.remove(".causerie-manifest");
        files
    };
    let made = site_of(&public);
    let expected = fixture.join("expected");
    let report_file = fixture.join("report.txt");
    if std::env::var_os("CAUSERIE_ACCEPT").is_some() {
        let _ = fs::remove_dir_all(&expected);
        for (path, bytes) in &made {
            let place = expected.join(path);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, bytes).unwrap();
        }
        let _ = fs::remove_file(&report_file);
        if !said.is_empty() {
            fs::write(&report_file, &said).unwrap();
        }
        return;
    }
    let wanted = fs::read_to_string(&report_file).unwrap_or_default();
    assert_eq!(said, wanted, "the build of {name} says something else");
    let wanted = files(&expected);
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&made), names(&wanted), "the build of {name} gives other files");
    for (path, bytes) in &made {
        let (made, wanted) = (String::from_utf8_lossy(bytes), String::from_utf8_lossy(&wanted[path]));
        assert_eq!(made, wanted, "{path} of {name}");
    }

    // The same again gives the same, and touches nothing.
    let again = build::build(&options);
    assert_eq!(again.summary.written, 0, "a second build of {name} wrote something");
    assert_eq!(site_of(&public), made);
}

macro_rules! sites {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            run(stringify!($name));
        })*

        #[test]
        fn every_fixture_is_listed() {
            let listed = [$(stringify!($name)),*];
            for entry in fs::read_dir(folder("")).unwrap().filter_map(Result::ok).filter(|entry| entry.path().is_dir()) {
                let name = entry.file_name().into_string().unwrap();
                assert!(listed.contains(&name.as_str()), "tests/sites/{name} is run by no test");
            }
        }
    };
}

sites!(
    a_mistake_in_a_template_is_reported_once,
    a_page_that_is_not_to_be_found,
    a_notebook_that_lacks_this_and_that,
    names_that_nothing_has,
    a_reply_to_a_comment_that_is_still_pending,
    three_broken_files_are_reported_at_once,
    two_posts_want_one_address,
    a_blog_in_two_languages,
    search_indexes_of_zola_s_formats,
    sections_in_every_order,
    terms_and_their_feeds,
    a_text_that_is_shown_elsewhere,
    an_anchor_that_the_template_has,
    files_that_are_ignored,
    pages_that_cannot_be_sorted,
    two_outputs_of_one_address,
    style_sheets_from_sass,
    a_mistake_in_a_style_sheet,
    a_site_that_is_minified,
);
