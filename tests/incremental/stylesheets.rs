//! What an edit of a Sass file renders again.

use std::time::Duration;

use super::site::{Files, Site, files, is_built, problems};

const SITE: &[(&str, &str)] = &[
    ("site.toml", "base_url = \"https://x.example\"\ncompile_sass = true\n"),
    ("templates/index.html", "{{ get_url(path=\"main.css\", cachebust=true) }}"),
    ("templates/404.html", "404"),
    ("content/_index.md", "+++\n+++\n"),
    ("sass/main.scss", "@import \"colours\"; a { b: $c }"),
    ("sass/_colours.scss", "$c: red;"),
    ("sass/print.scss", "a { b: c }"),
];

/// Builds, and compares with a clean build. Gives back the outputs that were rendered.
fn build(site: &mut Site) -> (Vec<String>, Files) {
    // So that no file is so new that it must be read twice.
    std::thread::sleep(Duration::from_millis(40));
    let report = site.build();
    assert!(is_built(&report), "{}", problems(&report));
    let (_, clean) = site.clean_build();
    let made = files(&site.public());
    assert!(made == clean, "an incremental build is not the clean build");
    (report.explained.into_iter().map(|(path, why)| format!("{path}: {why}")).collect(), made)
}

#[test]
fn a_partial_changes_the_style_sheets_that_import_it() {
    let mut site = Site::new(SITE);
    build(&mut site);
    assert_eq!(build(&mut site).0, [""; 0]);

    site.write("sass/_colours.scss", "$c: blue;");
    let (rendered, made) = build(&mut site);
    assert_eq!(made["main.css"], b"a{b:blue}");
    assert_eq!(
        rendered,
        ["index.html: changed: the style sheet main.css", "main.css: changed: the file sass/_colours.scss"]
    );

    // The same style sheet has the same hash.
    site.write("sass/_colours.scss", "// Nicer.\n$c: blue;");
    assert_eq!(build(&mut site).0, ["main.css: changed: the file sass/_colours.scss"]);

    // A file that was looked for before the one that was found.
    site.write("sass/_colours.sass", "$c: green");
    let (rendered, made) = build(&mut site);
    assert_eq!(made["main.css"], b"a{b:green}");
    assert_eq!(rendered.len(), 2, "{rendered:?}");

    site.remove("sass/print.scss");
    assert!(!build(&mut site).1.contains_key("print.css"));
}

#[test]
fn an_error_leaves_the_output_as_it_was() {
    let mut site = Site::new(SITE);
    let (_, before) = build(&mut site);
    site.write("sass/_colours.scss", "$c: ;");
    let report = site.build();
    let problems = problems(&report);
    assert!(report.failed() && problems.contains("sass/_colours.scss:1"), "{problems}");
    assert_eq!(files(&site.public()), before);
}
