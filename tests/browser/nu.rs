//! What the Nu HTML checker says of all pages and style sheets.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::answers;
use crate::browser::Browser;
use crate::checkers::{file, missing as missing_file};
use crate::grid::Grid;
use crate::sites::{Demo, causerie, manual};
use crate::{album, moderate};

const JAR: &str = "vnu-jar/build/dist/vnu.jar";

/// Messages that are wrong or no fault: the end of the file's path, the beginning of the message, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("moderate-waiting.html", ROLE_OF_LIST, "VoiceOver announces a list without bullets only if it has the role"),
    ("moderate-spam.html", ROLE_OF_LIST, "the same"),
    ("moderate-decided.html", ROLE_OF_LIST, "the same"),
    (
        ".html",
        "Trailing slash on void elements has no effect",
        "HTML that Markdown becomes is Zola's, to the byte; its attributes all have quotation marks",
    ),
    (
        ".css",
        "CSS: “max-width”: The types are incompatible.",
        "the checker does not know what `var()` is in `calc(10rem + 2 * var(--gutter))`",
    ),
];

const ROLE_OF_LIST: &str = "The “list” role is unnecessary for element “ol”.";

/// What is missing for these tests, if anything.
pub fn missing() -> Option<String> {
    missing_file(JAR, Some("java"))
}

/// Checks all HTML and CSS in folders. Returns a line for each problem.
fn problems(folders: &[PathBuf]) -> Vec<String> {
    let output = Command::new("java")
        .arg("-jar")
        .arg(file(JAR))
        .args(["--format", "json", "--stdout", "--exit-zero-always", "--skip-non-html", "--also-check-css"])
        .args(folders)
        .output()
        .expect("Java can be started");
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let messages = report["messages"].as_array().expect("a list of messages").iter();
    let told = messages.filter_map(|message| {
        let text = |key: &str| message[key].as_str().unwrap_or_default();
        let (path, said) = (text("url").trim_start_matches("file:"), text("message"));
        let is_exception = EXCEPTIONS.iter().any(|(end, start, _)| path.ends_with(end) && said.starts_with(start));
        let extract = text("extract").replace('\n', " ");
        (!is_exception).then(|| format!("{path}:{}: {}: {said} ({extract})", message["lastLine"], text("type")))
    });
    told.collect()
}

/// Nothing wrong with any page of the sites: the demo, the manual, a new site, a photo blog, a site without a theme, and the grid.
pub fn every_page_is_valid(demo: &Demo, grid: &Grid) {
    let (manual, album) = (manual(), album::site());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (new, plain) = (folder.path().join("new"), folder.path().join("plain"));
    causerie(["init".as_ref(), new.as_os_str()]);
    causerie(["build".as_ref(), "--root".as_ref(), new.as_os_str()]);
    write_without_theme(&plain);
    causerie(["build".as_ref(), "--root".as_ref(), plain.as_os_str()]);
    let mut folders = vec![demo.site().file(""), manual.file(""), album.file("")];
    folders.extend([new.join("public"), plain.join("public")]);
    folders.extend(grid.sites().iter().map(|site| site.folder()));
    let found = problems(&folders);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A site with the built-in templates alone.
fn write_without_theme(root: &Path) {
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    };
    write(
        "site.toml",
        "base_url = \"https://example.org\"\ntitle = \"Plain\"\n[comments]\nendpoint = \"/-/comments\"\n",
    );
    write("content/_index.md", "+++\ntitle = \"Home\"\n+++\nHome.\n");
    write("content/tea.md", "+++\ntitle = \"Tea\"\ndate = 2026-01-02\naliases = [\"old\"]\n+++\nTea.\n");
    write("content/tea.comments.md", "+++\nauthor = \"Jo\"\ndate = 2026-01-03\n+++\nYes.\n");
}

/// Nothing wrong with what the inbox answers, and with the pages of moderation.
pub fn every_answer_is_valid(grid: &Grid) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let browser = Browser::start();
    let save = |browser: &Browser, name: &str| {
        let path = folder.path().join(format!("{name}.html"));
        fs::write(path, browser.source()).expect("a file can be written");
    };
    for site in grid.sites() {
        answers::walk(site, &browser, &mut |browser, name| save(browser, &format!("{}-{name}", site.lang)));
    }
    let moderation = Browser::start();
    moderate::walk(&moderation, &mut |browser, name| save(browser, &format!("moderate-{name}")));
    let count = fs::read_dir(folder.path()).expect("a folder").count();
    assert!(count >= grid.sites().len() * answers::KINDS + 8, "only {count} pages");
    let found = problems(&[folder.path().to_owned()]);
    assert!(found.is_empty(), "{}", found.join("\n"));
}
