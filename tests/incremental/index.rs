//! Which files of the search index an edit changes, and why.

use std::collections::BTreeSet;
use std::time::Duration;

use causerie::build::Report;

use super::site::{Files, Site, files, is_built, problems};

const POSTS: usize = 300;

const TEMPLATES: &[(&str, &str)] = &[
    ("templates/index.html", "{{ config.title }}"),
    ("templates/section.html", "{{ section.title }}"),
    ("templates/page.html", "{{ page.content | safe }}"),
    ("templates/404.html", "-"),
];

/// The largest number of index files that an edit of one post may change.
const MOST: usize = 30;

/// Numbers that look as if they were chosen by chance, the same in every run.
struct Dice(u64);

impl Dice {
    /// A number below another one.
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }

    /// A word; as in any language, a few are said again and again and most hardly ever.
    fn word(&mut self) -> String {
        let bits = self.roll(12) + 1;
        let mut number = self.roll(1 << bits) + 1;
        let mut word = String::new();
        while number > 0 {
            word.push_str(["ba", "de", "fi", "go", "lu", "ma", "ne", "ro", "su", "ti"][number % 10]);
            number /= 10;
        }
        word
    }

    fn text(&mut self, words: usize) -> String {
        (0..words).map(|_| self.word() + " ").collect()
    }

    fn post(&mut self, number: usize, words: usize) -> String {
        let date = format!("20{:02}-{:02}-{:02}", 10 + number / 30, 1 + number % 12, 1 + number % 28);
        let title = self.text(4);
        format!(
            "+++\ntitle = \"{title}\"\ndate = {date}\n+++\n{}\n\n## {}\n\n{}\n",
            self.text(words),
            self.text(2),
            self.text(words)
        )
    }
}

fn path(number: usize) -> String {
    format!("content/posts/post-{number}.md")
}

/// A site with many posts, built and come to rest.
fn built(search: &str) -> Site {
    let site = Site::new(TEMPLATES);
    site.write("content/posts/_index.md", "+++\ntitle = \"Posts\"\n+++\nOf old.\n");
    site.write("site.toml", format!("base_url = \"https://x.example\"\ntitle = \"X\"\n{search}"));
    let mut dice = Dice(1);
    for number in 0..POSTS {
        site.write(&path(number), dice.post(number, 300));
    }
    build(&site);
    site
}

/// A site with one page.
fn small(search: &str) -> Site {
    let site = Site::new(TEMPLATES);
    site.write("site.toml", format!("base_url = \"https://x.example\"\n{search}"));
    site.write("content/a.md", "+++\ntitle = \"A\"\n+++\nText.\n");
    site
}

/// Lets the clock of the file system go on, and builds.
fn build(site: &Site) -> Report {
    std::thread::sleep(Duration::from_millis(40));
    let report = site.build();
    assert!(is_built(&report), "{}", problems(&report));
    report
}

/// What is told of the files of the search.
fn of_search(report: Report) -> Vec<(String, String)> {
    let is_index = |(path, _): &(String, String)| path.starts_with("search");
    report.explained.into_iter().filter(is_index).collect()
}

/// The files of the search.
fn index(site: &Site) -> Files {
    files(&site.public()).into_iter().filter(|(path, _)| path.starts_with("search")).collect()
}

#[test]
fn an_edit_of_one_post_rewrites_few_files() {
    let mut site = built("");
    let all = index(&site).len();
    assert!(all > 3 * MOST, "{all} files are too few to show anything");
    let mut dice = Dice(2);
    let append = |site: &Site, number: usize, more: &str| site.write(&path(number), site.read(&path(number)) + more);
    for step in 0..12 {
        let before = index(&site);
        let number = dice.roll(POSTS);
        let changed = match step % 6 {
            0 => {
                append(&site, number, &dice.text(1));
                path(number)
            }
            1 => {
                append(&site, number, &format!("{} neverbefore{step}\n", dice.text(12)));
                path(number)
            }
            2 => {
                let text = site.read(&path(number)).replacen("title = \"", "title = \"Anew ", 1);
                site.write(&path(number), text);
                path(number)
            }
            3 => {
                let comment = format!("+++\ndate = 2024-05-05\n+++\n{}\n", dice.text(20));
                site.write(&path(number).replace(".md", ".comments.md"), comment);
                path(number)
            }
            4 => {
                site.write(&path(POSTS + step), dice.post(POSTS + step, 10));
                path(POSTS + step)
            }
            _ => {
                site.remove(&path(POSTS + step - 1));
                path(POSTS + step - 1)
            }
        };
        let told = of_search(build(&site));
        let after = index(&site);
        let is_new = |(path, bytes): &(&String, &Vec<u8>)| before.get(*path) != Some(bytes);
        let made: BTreeSet<&String> = after.iter().filter(is_new).map(|(path, _)| path).collect();
        assert!(
            (2..=MOST).contains(&made.len()),
            "{} of {all} files are rewritten by step {step}: {told:#?}",
            made.len()
        );
        let gone = before.keys().filter(|path| !after.contains_key(*path)).count();
        assert!(gone <= MOST, "{gone} of {all} files are gone after step {step}");
        // The build explains each of these files, and no other.
        assert_eq!(told.iter().map(|(path, _)| path).collect::<BTreeSet<_>>(), made);
        let why = format!("changed: {changed} (all of it)");
        assert!(told.iter().all(|(_, it)| *it == why), "{told:#?}, because of {changed}");
    }
    assert_eq!(site.clean_build().1, files(&site.public()));
}

#[test]
fn the_first_build_and_what_somebody_did_are_reported() {
    let site = small("");
    let told = of_search(build(&site));
    assert_eq!(told.iter().map(|(path, _)| path).collect::<BTreeSet<_>>(), index(&site).keys().collect());
    assert!(told.iter().all(|(_, why)| why == "it is new"), "{told:#?}");

    std::fs::remove_file(site.public().join("search-index/en.bin")).unwrap();
    assert_eq!(of_search(build(&site)), [("search-index/en.bin".to_owned(), "it was deleted".to_owned())]);

    site.write("site.toml", "base_url = \"https://x.example\"\n[search]\ninclude_content = false\n");
    let told = of_search(build(&site));
    assert!(!told.is_empty() && told.iter().all(|(_, why)| why == "changed: the configuration"), "{told:#?}");

    // What is not of the search does not concern it.
    site.write("templates/page.html", "{{ page.title }}");
    assert_eq!(of_search(build(&site)), []);
}

#[test]
fn an_index_in_one_file_is_rendered_again_only_when_one_of_its_pages_is() {
    let mut site = built(
        "[search]\nindex_format = \"elasticlunr_json\"\n[languages.fr]\n[languages.fr.search]\nindex_format = \"fuse_json\"\n",
    );
    site.write("content/a.fr.md", "+++\ntitle = \"A\"\n+++\nEn français.\n");
    build(&site);
    site.write("content/b.fr.md", "+++\ntitle = \"B\"\n+++\nEn français.\n");
    let told = of_search(build(&site));
    assert_eq!(told, [("search_index.fr.json".to_owned(), "it is made of something else now".to_owned())]);

    site.write(&path(7), site.read(&path(7)) + "neverbefore\n");
    let told = of_search(build(&site));
    assert_eq!(told, [("search_index.en.json".to_owned(), format!("changed: {} (all of it)", path(7)))]);
    let index =
        |site: &Site| String::from_utf8(std::fs::read(site.public().join("search_index.en.json")).unwrap()).unwrap();
    assert!(index(&site).contains("neverbefore"));

    site.write("templates/page.html", "{{ page.title }}");
    site.write("static/a.txt", "a");
    assert_eq!(of_search(build(&site)), []);

    site.remove(&path(7));
    let told = of_search(build(&site));
    assert_eq!(told, [("search_index.en.json".to_owned(), "it is made of something else now".to_owned())]);
    assert!(!index(&site).contains("neverbefore"));
    assert_eq!(site.clean_build().1, files(&site.public()));
}

#[test]
fn a_script_that_a_theme_brings_along_is_the_one() {
    let mut site = small("[search]\nindex_format = \"elasticlunr_javascript\"\n");
    build(&site);
    let script = |site: &Site| std::fs::read(site.public().join("elasticlunr.min.js")).unwrap();
    assert!(script(&site).starts_with(b"/**\n * elasticlunr"));
    site.write("static/elasticlunr.min.js", "of the theme");
    build(&site);
    assert_eq!(script(&site), b"of the theme");
    site.remove("static/elasticlunr.min.js");
    build(&site);
    assert!(script(&site).starts_with(b"/**\n * elasticlunr"));
    assert_eq!(site.clean_build().1, files(&site.public()));

    // So is an index of the author's own.
    site.write("static/search_index.en.js", "of the author");
    build(&site);
    assert_eq!(std::fs::read(site.public().join("search_index.en.js")).unwrap(), b"of the author");
}

/// What is kept of a build whose files did not come to their places must not speak for the next one.
#[test]
fn a_build_that_fails_at_the_end_leaves_no_index_that_is_out_of_date() {
    let mut site =
        small("build_search_index = true\n[search]\nindex_format = \"causerie\"\ninclude_description = true\n");
    let post = |description: &str| format!("+++\ntitle = \"A\"\ndescription = \"{description}\"\n+++\nText\n");
    site.write("content/a.md", post("old"));
    site.write("static/b.txt", "b");
    build(&site);
    // A folder that must become a file, with something of somebody else's in it.
    let taken = site.public().join("b.txt");
    std::fs::remove_file(&taken).unwrap();
    std::fs::create_dir_all(taken.join("mine")).unwrap();
    site.write("static/b.txt", "other");
    site.write("content/a.md", post("new"));
    std::thread::sleep(Duration::from_millis(40));
    assert!(!is_built(&site.build()), "a folder was taken for a file");
    std::fs::remove_dir_all(&taken).unwrap();
    build(&site);
    let now = index(&site);
    let (_, clean) = site.clean_build();
    let clean: Files = clean.into_iter().filter(|(path, _)| path.starts_with("search")).collect();
    assert_eq!(now, clean);
}
