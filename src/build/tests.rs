//! Builds of a site that shows data of another server.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Options, Report, build};
use crate::fetch::testing::{Server, answer};
use crate::locks::lock;

/// A server that answers with a text that a test can change, and the site that shows it on one of its two pages.
fn site(template: &str) -> (tempfile::TempDir, Server, Arc<Mutex<String>>) {
    let text = Arc::new(Mutex::new("green".to_owned()));
    let shown = text.clone();
    let server = Server::start(move |_, stream| {
        let _ = stream.write_all(answer("200 OK", "Content-Type: text/plain\r\n", &lock(&shown)).as_bytes());
    });
    let folder = tempfile::tempdir().unwrap();
    let config = format!("base_url = \"https://a.example\"\n[fetch]\nprivate_hosts = [\"{}\"]\n", server.host());
    let files = [
        ("site.toml", config),
        ("content/tea.md", "+++\ntitle = \"Tea\"\ntemplate = \"tea.html\"\n+++\n".to_owned()),
        ("content/cup.md", "+++\ntitle = \"Cup\"\n+++\n".to_owned()),
        ("templates/tea.html", template.replace("URL", &server.url("/tea"))),
        ("templates/page.html", "{{ page.title }}".to_owned()),
        ("templates/index.html", "{{ section.title }}".to_owned()),
    ];
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    (folder, server, text)
}

fn run(root: &Path, options: Options) -> Report {
    build(&Options { root: root.to_owned(), explain: true, ..options })
}

fn page(root: &Path) -> String {
    fs::read_to_string(root.join("public/tea/index.html")).unwrap()
}

fn online() -> Options {
    Options::default()
}

fn offline() -> Options {
    Options { offline: true, ..Options::default() }
}

#[test]
fn a_page_is_rendered_again_when_its_data_changed() {
    let (site, server, text) = site("{{ load_data(url='URL') }} {{ load_data(url='URL', format='plain') }}");
    let root = site.path();
    let report = run(root, online());
    assert!(report.diagnostics.is_empty(), "{:?}", report.diagnostics);
    assert_eq!((page(root).as_str(), server.requests().len()), ("green green", 1));
    let report = run(root, online());
    assert_eq!((report.summary.written, report.work.outputs, server.requests().len()), (0, 0, 2));
    "black".clone_into(&mut lock(&text));
    let report = run(root, online());
    assert_eq!((report.summary.written, report.work.outputs, page(root).as_str()), (1, 1, "black black"));
    let (path, reason) = &report.explained[0];
    assert_eq!(path, "tea/index.html");
    assert!(reason.contains(&format!("the response of {}", server.url("/tea"))), "{reason}");
    // Without requests nothing changes, also for a clean build.
    "white".clone_into(&mut lock(&text));
    let requests = server.requests().len();
    assert_eq!(run(root, offline()).summary.written, 0);
    fs::remove_dir_all(root.join("public")).unwrap();
    run(root, offline());
    assert_eq!((page(root).as_str(), server.requests().len()), ("black black", requests));
    run(root, Options { force: true, ..online() });
    assert_eq!(page(root), "white white");
}

#[test]
fn a_request_with_a_secret_is_made_again() {
    let template = "{% set key = get_env(name='CARGO_PKG_NAME') %}{{ load_data(url='URL?key=' ~ key) }}";
    let (site, server, text) = site(template);
    let root = site.path();
    run(root, online());
    assert_eq!(page(root), "green");
    let report = run(root, online());
    assert_eq!((report.summary.written, report.work.outputs, server.requests().len()), (0, 1, 2));
    "black".clone_into(&mut lock(&text));
    run(root, online());
    assert_eq!(page(root), "black");
    run(root, offline());
    assert_eq!(page(root), "black");
    let secret = format!("key={}", env!("CARGO_PKG_NAME"));
    for entry in walkdir::WalkDir::new(root.join(".causerie")).into_iter().flatten() {
        // The URL that answered is kept with the response. A query is not part of it.
        let bytes = fs::read(entry.path()).unwrap_or_default();
        let is_there = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
        assert!(!is_there, "{}", entry.path().display());
    }
}

#[test]
fn failures_name_the_call() {
    let (site, server, _) = site("<p>\n{{ load_data(url='URL') }}");
    let root = site.path();
    let report = run(root, offline());
    let problem = &report.diagnostics[0];
    assert!(problem.message.contains("no copy of it is kept"), "{problem:?}");
    let location = problem.location.as_ref().unwrap();
    assert_eq!((&*location.path, location.line_column()), ("templates/tea.html", Some((2, 4))));
    assert!(run(root, online()).diagnostics.is_empty());
    drop(server);
    std::thread::sleep(Duration::from_millis(50));
    // The page is not up to date before the server has answered.
    let report = run(root, online());
    let problem = &report.diagnostics[0];
    assert!(problem.message.contains("`--offline` uses the copy of"), "{problem:?}");
    assert_eq!(page(root), "<p>\ngreen");
    assert!(run(root, offline()).diagnostics.is_empty());
}
