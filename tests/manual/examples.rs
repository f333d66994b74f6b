//! Every example of the manual: configurations and front matter are read, templates are rendered, and the tutorials' files
//! make sites without a mistake.

use std::fs;
use std::path::{Path, PathBuf};

use causerie::diagnostic::SourceText;
use causerie::{Config, Languages, parse, parse_thread, parser_options};

use crate::{root, run};

/// A block of code in a page.
struct Example {
    /// The page and the line.
    place: String,
    language: String,
    /// The file that the line above the block names.
    file: Option<String>,
    text: String,
}

/// The pages of the manual, with their paths below `docs/content`.
fn pages() -> Vec<(String, String)> {
    let content = root().join("docs/content");
    let mut folders = vec![content.clone()];
    let mut pages = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of the manual") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&content).expect("a path below").to_string_lossy().into_owned();
                pages.push((name, fs::read_to_string(path).expect("a page")));
            }
        }
    }
    pages.sort();
    pages
}

/// The blocks of code in a page.
fn examples(page: &str, text: &str) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut lines = text.lines().enumerate();
    let mut before = "";
    while let Some((number, line)) = lines.next() {
        let Some(language) = line.trim_start().strip_prefix("```") else {
            before = if line.is_empty() || line.starts_with("{%") { before } else { line };
            continue;
        };
        let indent = line.len() - line.trim_start().len();
        let block = lines.by_ref().map(|(_, line)| line).take_while(|line| line.trim() != "```");
        let text: String = block.map(|line| format!("{}\n", line.get(indent..).unwrap_or_default())).collect();
        let file = before.strip_prefix('`').and_then(|line| line.strip_suffix("`:")).map(str::to_owned);
        examples.push(Example { place: format!("{page}:{}", number + 1), language: language.to_owned(), file, text });
        before = "";
    }
    examples
}

fn all_examples() -> Vec<Example> {
    pages().iter().flat_map(|(page, text)| examples(page, text)).collect()
}

fn source(path: &str, text: &str) -> SourceText {
    SourceText { path: path.into(), text: text.into() }
}

/// The messages about a text as each kind of file that it may be.
fn readings(text: &str) -> Vec<Vec<String>> {
    let address = if text.contains("base_url =") { "" } else { "base_url = \"https://example.org\"\n" };
    let (config, found) = Config::parse(source("site.toml", &format!("{address}{text}")));
    let markdown = config.map(|config| config.markdown).unwrap_or_default();
    let fenced = if text.starts_with("+++") { text.to_owned() } else { format!("+++\n{text}+++\n") };
    let languages = Languages { default: "en", others: &["fr".to_owned()] };
    let document = |path: &str| parse(source(path, &fenced), &languages, parser_options(&markdown)).1;
    let (_, thread) = parse_thread(&source("content/tea.comments.md", &fenced));
    let all = [found, document("content/tea.md"), document("content/tea/_index.md"), thread];
    all.map(|problems| problems.into_iter().map(|problem| problem.message).collect()).into()
}

#[test]
fn every_configuration_and_front_matter_can_be_read() {
    let mut wrong = Vec::new();
    for example in all_examples().iter().filter(|example| example.language == "toml") {
        // A theme's file has other keys, and those of hosts are not Causerie's.
        let is_other = example.file.as_deref().is_some_and(|file| !file.ends_with("site.toml"));
        let readings = readings(&example.text);
        if !is_other && !readings.iter().any(Vec::is_empty) {
            wrong.push(format!("{}: {readings:#?}\n{}", example.place, example.text));
        }
    }
    assert!(wrong.is_empty(), "these examples are no part of any file:\n{}", wrong.join("\n"));
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
    fs::write(path, text).expect("it can be written");
}

/// Writes a small picture. The format is known by the first bytes, whatever the name.
fn write_picture(path: &Path) {
    let picture = image::RgbImage::from_pixel(8, 4, image::Rgb([120, 80, 40]));
    picture.save_with_format(path, image::ImageFormat::Png).expect("a picture");
}

fn init() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let site = folder.path().join("site");
    let made = run(folder.path(), &["init", "site"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (folder, site)
}

fn assert_in_order(site: &Path, what: &str) {
    let built = run(site, &["build"]);
    let said = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success() && !said.contains("warning"), "{what}:\n{said}");
}

#[test]
fn every_template_can_be_rendered() {
    let (_folder, site) = init();
    let examples = all_examples();
    let templates = examples.iter().filter(|example| example.language == "html" && example.file.is_none());
    for (number, example) in templates.filter(|example| example.text.contains("{{")).enumerate() {
        let comment = "{% set comment = page.comments.threads[0] %}";
        let is_child = example.text.contains("{% extends");
        let text = if is_child { example.text.clone() } else { format!("{comment}{}", example.text) };
        write(&site, &format!("templates/example-{number}.html"), &text);
        let page = format!(
            "+++\ntitle = \"{}\"\ndate = 2024-01-01\ntemplate = \"example-{number}.html\"\n+++\nTea.\n\n<!-- more -->\n",
            example.place
        );
        write(&site, &format!("content/posts/{number}/index.md"), &page);
        write(
            &site,
            &format!("content/posts/{number}/comments.md"),
            "+++\nauthor = \"Jo\"\ndate = 2024-01-02\n+++\nYes.\n",
        );
        for name in ["cup.jpg", "a.jpg", "b.jpg"] {
            write_picture(&site.join(format!("content/posts/{number}/{name}")));
        }
    }
    for (path, text) in STAND_INS {
        write(&site, path, text);
    }
    write_picture(&site.join("static/pot.gif"));
    write_picture(&site.join("static/cup.jpg"));
    let config = fs::read_to_string(site.join("site.toml")).expect("a configuration");
    write(&site, "site.toml", &format!("{config}\n[languages.fr]\n"));
    assert_in_order(&site, "the examples in html");
}

/// Files that examples name.
const STAND_INS: [(&str, &str); 5] = [
    ("static/mine.css", ""),
    ("static/fonts/own.css", ""),
    ("static/css/app.css", ""),
    ("data/people.json", "{ \"people\": [{ \"name\": \"Zoë\" }] }"),
    (
        "content/posts/tea.md",
        "+++\ntitle = \"Tea\"\ndate = 2024-01-01\n[taxonomies]\ntags = [\"Hot Drinks\"]\n+++\nTea.\n",
    ),
];

#[test]
fn the_tutorials_make_sites() {
    for (page, text) in pages() {
        let files: Vec<Example> = examples(&page, &text).into_iter().filter(|example| example.file.is_some()).collect();
        // The files of hosts are not files of a site that is made here.
        if files.is_empty() || page.starts_with("publish/") {
            continue;
        }
        let (_folder, site) = init();
        for Example { file, text, .. } in &files {
            write(&site, file.as_deref().unwrap_or_default(), text);
        }
        if site.join("themes/plain").exists() {
            let config = fs::read_to_string(site.join("site.toml")).expect("a configuration");
            write(&site, "site.toml", &config.replace("theme = \"salon\"", "theme = \"plain\""));
        }
        assert_in_order(&site, &page);
    }
}
