//! Files that are not what a text editor writes.

use std::time::{Duration, Instant};

use crate::support::{GOOD, Site, errors, files, said};

const HEAD: &str = "+++\ntitle = \"T\"\n+++\n";

#[test]
fn a_file_that_is_not_utf8_is_reported_with_its_line() {
    for path in ["content/a.md", "content/a.comments.md", "templates/page.html", "site.toml"] {
        let site = Site::plain().with(&[("content/a.md", HEAD)]);
        let mut bytes = std::fs::read(site.root().join(path)).unwrap_or_default();
        bytes.extend(b"\nsecond\nthird \xff\xfe\n");
        site.builds();
        site.write(path, &bytes);
        let said = site.fails();
        assert!(said.contains("not UTF-8"), "{said}");
        let line = bytes.split(|byte| *byte == 0xff).next().unwrap().split(|byte| *byte == b'\n').count();
        assert!(said.contains(&format!("{path}:{line}:7")), "{path}:{line}:7 in {said}");
        assert!(said.contains("save it as UTF-8"), "{said}");
    }
}

#[test]
fn a_page_in_utf16_is_reported_once() {
    let utf16: Vec<u8> = "\u{feff}+++\ntitle = \"T\"\n+++\nText\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let site = Site::plain().with(&[("content/a.md", &utf16)]);
    let report = site.build();
    assert_eq!(errors(&report).len(), 1, "{}", said(&report.diagnostics));
}

#[test]
fn a_byte_order_mark_changes_nothing() {
    let plain = Site::good();
    let marked = Site::good();
    for (path, text) in GOOD.iter().filter(|(path, _)| !path.ends_with(".txt") && !path.starts_with("static/")) {
        marked.write(path, format!("\u{feff}{text}"));
    }
    plain.builds();
    marked.builds();
    assert_eq!(files(&plain.public()), files(&marked.public()));
}

#[test]
fn line_ends_of_windows_give_the_same_site() {
    let plain = Site::good();
    let windows = Site::good();
    for (path, text) in GOOD.iter().filter(|(path, _)| !path.ends_with(".txt") && !path.starts_with("static/")) {
        windows.write(path, text.replace('\n', "\r\n"));
    }
    plain.builds();
    windows.builds();
    assert_eq!(files(&plain.public()), files(&windows.public()));
}

#[test]
fn empty_files_are_no_panic() {
    for (path, _) in GOOD {
        let site = Site::good().with(&[(path, "")]);
        let report = site.build();
        for error in errors(&report) {
            assert!(error.location.is_some(), "{error:?}");
        }
    }
    let site = Site::plain().with(&[("content/a.md", "")]);
    let told = said(&site.build().diagnostics);
    assert!(told.is_empty() || told.contains("content/a.md"), "{told}");
}

#[test]
fn a_site_without_files_is_reported() {
    let site = Site::empty();
    let said = site.fails();
    assert!(said.contains("site.toml"), "{said}");
    assert!(!site.public().exists());
}

/// A line of ten megabytes in each place ends in a time that has no square in it, which would be hours, however busy the
/// machine is; and what is said of it is short.
fn long_line(path: &str, text: String, good: bool) {
    let site = Site::plain().with(&[("content/a.md", HEAD)]);
    site.write(path, text);
    let start = Instant::now();
    let report = site.build();
    let told = said(&report.diagnostics);
    assert!(start.elapsed() < Duration::from_secs(180), "{path}: {:?}", start.elapsed());
    assert!(told.len() < 8000, "{} bytes were said of {path}", told.len());
    assert_eq!(report.failed(), !good, "{told}");
}

const MEGABYTES: usize = 10 << 20;

#[test]
fn ten_megabytes_in_a_line_of_a_post() {
    long_line("content/a.md", format!("{HEAD}{}", "word ".repeat(MEGABYTES / 5)), true);
}

#[test]
fn ten_megabytes_without_a_space_in_a_post() {
    long_line("content/a.md", format!("{HEAD}{}", "x".repeat(MEGABYTES)), true);
}

#[test]
fn ten_megabytes_of_brackets_in_a_post() {
    long_line("content/a.md", format!("{HEAD}{}", "[".repeat(MEGABYTES)), true);
}

#[test]
fn ten_megabytes_with_a_mistake_at_their_end() {
    long_line("content/a.md", format!("{HEAD}{} {{{{ nothing_such() }}}}", "word ".repeat(MEGABYTES / 5)), false);
}

#[test]
fn ten_megabytes_in_a_line_of_front_matter() {
    long_line("content/a.md", format!("+++\ntitle = \"{}\"\n+++\n", "x".repeat(MEGABYTES)), true);
    long_line("content/a.md", format!("+++\ntitle = \"{}\n+++\n", "x".repeat(MEGABYTES)), false);
    long_line("content/a.md", format!("+++\n{} = 1\n+++\n", "x".repeat(MEGABYTES)), true);
    long_line("content/a.md", "x".repeat(MEGABYTES), false);
}

#[test]
fn ten_megabytes_in_a_line_of_a_comment() {
    let head = "+++\ndate = 2024-01-02\n+++\n";
    long_line("content/a.comments.md", format!("{head}{}", "word ".repeat(MEGABYTES / 5)), true);
    long_line("content/a.comments.md", format!("+++\nauthor = \"{}\"\n+++\n", "x".repeat(MEGABYTES)), false);
    long_line("content/a.comments.md", format!("+++\ndate = {}\n+++\n", "2".repeat(MEGABYTES)), false);
}

#[test]
fn ten_megabytes_in_a_line_of_the_configuration() {
    long_line("site.toml", format!("base_url = \"https://site.example\"\n{} = 1", "x".repeat(MEGABYTES)), false);
    long_line("site.toml", format!("base_url = \"{}\"", "x".repeat(MEGABYTES)), false);
}

#[test]
fn ten_megabytes_in_a_line_of_a_template() {
    long_line("templates/page.html", format!("{}{{{{ page.nothing.at_all }}}}", "x".repeat(MEGABYTES)), false);
    long_line("templates/page.html", format!("{}{{% nothing %}}", "x".repeat(MEGABYTES)), false);
}

#[test]
fn a_text_that_is_too_large_is_reported_and_not_read() {
    for path in ["content/a.md", "content/tea.comments.md", "templates/page.html", "site.toml", "data/cups.toml"] {
        let site = Site::good().with(&[("content/tea.md", HEAD)]);
        let place = site.root().join(path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        // It takes no room on the disk.
        std::fs::File::create(&place).unwrap().set_len(1 << 40).unwrap();
        let said = site.fails();
        assert!(said.contains("1048576 MiB large, and a text may have 64 MiB at most"), "{path}: {said}");
        assert!(said.contains(path), "{path}: {said}");
    }
}

#[test]
fn a_copied_file_is_as_old_as_the_original() {
    let site = Site::good();
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(1_000_000);
    let original = std::fs::File::options().write(true).open(site.root().join("static/style.css")).unwrap();
    original.set_modified(long_ago).unwrap();
    site.builds();
    let copy = site.public().join("style.css");
    let modified = copy.metadata().unwrap().modified().unwrap();
    assert_eq!(modified, original.metadata().unwrap().modified().unwrap());
    // That it looks old does not hide that somebody edits it.
    let text = std::fs::read_to_string(&copy).unwrap();
    std::fs::write(&copy, text.replace("black", "white")).unwrap();
    site.builds();
    assert_eq!(std::fs::read_to_string(&copy).unwrap(), text);
}
