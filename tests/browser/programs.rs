//! What programs read of the pages in every language: microformats, linked data and feeds, and whether these agree.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use roxmltree::{Document, Node};
use serde_json::{Value, json};

use crate::checkers::{file, missing as missing_file};
use crate::grid::{Grid, GridSite, PAGES, POST, THREAD};

const PARSER: &str = "microformats-parser/dist/index.mjs";
const ATOM: &str = "http://www.w3.org/2005/Atom";
const PUBLISHED: &str = "2026-01-02T10:00:00+01:00";
const UPDATED: &str = "2026-01-09T10:00:00+01:00";

/// The titles of the posts in each language, the newest first, and the tags of the one with the short thread.
const POSTS: [(&str, [&str; 3], [&str; 2]); 3] = [
    (
        "en",
        ["Three hundred opinions on milk", "Which kettle for green tea?", "A leaf under the lens"],
        ["Tea", "Kettles"],
    ),
    (
        "de",
        ["Dreihundert Meinungen über Milch", "Welcher Wasserkocher für grünen Tee?", "Ein Teeblatt unter der Lupe"],
        ["Tee", "Wasserkocher"],
    ),
    ("ar", ["ثلاثمئة رأي في الحليب", "أي غلاية للشاي الأخضر؟", "ورقة شاي تحت العدسة"], ["شاي", "غلايات"]),
];

/// What is missing for the test of microformats, if anything.
pub fn missing() -> Option<String> {
    missing_file(PARSER, Some("node"))
}

fn posts(lang: &str) -> ([&'static str; 3], [&'static str; 2]) {
    let found = POSTS.into_iter().find(|(own, ..)| *own == lang).expect("it is one of the languages");
    (found.1, found.2)
}

/// A built file.
fn read(site: &GridSite, path: &str) -> String {
    let name = if path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() };
    fs::read_to_string(site.folder().join(name.trim_start_matches('/')))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What a parser of microformats finds on the pages of a site: the items of each.
fn microformats(site: &GridSite, paths: &[&str]) -> Vec<Value> {
    let pages: Vec<_> = paths.iter().map(|path| json!({ "url": site.url(path), "html": read(site, path) })).collect();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let input = folder.path().join("pages.json");
    fs::write(&input, json!(pages).to_string()).expect("a file can be written");
    let script = format!(
        "import {{ mf2 }} from {}; import {{ readFileSync }} from 'node:fs';
         const pages = JSON.parse(readFileSync({}, 'utf8'));
         console.log(JSON.stringify(pages.map(page => mf2(page.html, {{ baseUrl: page.url }}).items)))",
        json!(file(PARSER)),
        json!(input)
    );
    let output =
        Command::new("node").args(["--input-type=module", "-e", &script]).output().expect("node can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("it is JSON")
}

/// Every page has the entries that it shows, with the values that readers see.
pub fn microformats_are_those_of_the_page(grid: &Grid) {
    let paths: Vec<&str> = PAGES.iter().map(|(_, path)| *path).collect();
    for site in grid.sites() {
        let (titles, tags) = posts(site.lang);
        for (path, items) in paths.iter().zip(microformats(site, &paths)) {
            let place = format!("{} {path}", site.lang);
            match *path {
                "/" | "/archive/" => {
                    assert_eq!(
                        (items.as_array().map(Vec::len), &items[0]["type"]),
                        (Some(1), &json!(["h-feed"])),
                        "{place}"
                    );
                    assert_eq!(names_of(&items[0]["properties"]["author"]), ["Ada Wren"], "{place}");
                    let entries = items[0]["children"].as_array().expect("entries");
                    let names: Vec<_> = entries.iter().map(|entry| entry["properties"]["name"].clone()).collect();
                    assert_eq!(names, titles.map(|title| json!([title])), "{place}");
                    assert_eq!(entries[0]["properties"]["url"], json!([site.url(THREAD)]), "{place}");
                    assert_eq!(entries[1]["properties"]["published"], json!([PUBLISHED]), "{place}");
                }
                POST | THREAD => {
                    assert_eq!(
                        (items.as_array().map(Vec::len), &items[0]["type"]),
                        (Some(1), &json!(["h-entry"])),
                        "{place}"
                    );
                    let entry = &items[0]["properties"];
                    let is_thread = *path == THREAD;
                    assert_eq!(entry["name"], json!([titles[usize::from(!is_thread)]]), "{place}");
                    assert_eq!(entry["url"], json!([site.url(path)]), "{place}");
                    assert_eq!(names_of(&entry["author"]), ["Ada Wren"], "{place}");
                    let mut comments = Vec::new();
                    collect_comments(entry, &mut comments);
                    assert_eq!(comments.len(), if is_thread { 300 } else { 3 }, "{place}");
                    for comment in &comments {
                        let is_whole =
                            ["author", "content", "published", "url"].iter().all(|key| !comment[key][0].is_null());
                        assert!(is_whole, "{place}: {comment}");
                    }
                    if !is_thread {
                        assert_eq!((&entry["published"], &entry["updated"]), (&json!([PUBLISHED]), &json!([UPDATED])));
                        assert_eq!(entry["category"], json!(tags), "{place}");
                        assert_eq!(comments[0]["author"][0]["properties"]["url"], json!(["https://jo.example"]));
                        assert_eq!(comments[0]["published"], json!(["2026-01-03T08:00:00Z"]), "{place}");
                        assert_eq!(comments[1]["in-reply-to"], comments[0]["url"], "{place}");
                    }
                }
                _ => assert_eq!(items, json!([]), "{place}"),
            }
        }
    }
}

/// The names of cards.
fn names_of(cards: &Value) -> Vec<&str> {
    cards.as_array().into_iter().flatten().filter_map(|card| card["properties"]["name"][0].as_str()).collect()
}

/// The properties of the comments of an entry, and of the replies to them.
fn collect_comments<'a>(entry: &'a Value, comments: &mut Vec<&'a Value>) {
    for comment in entry["comment"].as_array().into_iter().flatten() {
        comments.push(&comment["properties"]);
        collect_comments(&comment["properties"], comments);
    }
}

/// Posts are described to search engines in their own language; lists, and pages that nobody should find, are not.
pub fn linked_data_is_that_of_the_page(grid: &Grid) {
    for site in grid.sites() {
        let (titles, _) = posts(site.lang);
        for (kind, path) in PAGES {
            let html = read(site, path);
            let scripts = html.split("<script type=\"application/ld+json\">").skip(1);
            let scripts: Vec<Value> = scripts
                .map(|rest| rest.split("</script>").next().unwrap_or_default())
                .map(|text| serde_json::from_str(text).unwrap_or_else(|error| panic!("{kind}: {error}: {text}")))
                .collect();
            let place = format!("{} {kind}", site.lang);
            if !["post", "thread"].contains(&kind) {
                assert_eq!(scripts, Vec::<Value>::new(), "{place}");
                continue;
            }
            let [data] = &scripts[..] else { panic!("{place}: {}", scripts.len()) };
            let is_thread = kind == "thread";
            assert_eq!(
                (&data["@context"], &data["@type"]),
                (&json!("https://schema.org"), &json!("BlogPosting")),
                "{place}"
            );
            assert_eq!(data["headline"], titles[usize::from(!is_thread)], "{place}");
            assert_eq!((&data["inLanguage"], &data["url"]), (&json!(site.lang), &json!(site.url(path))), "{place}");
            assert_eq!(data["publisher"]["name"], crate::grid::titles(site.lang)[0], "{place}");
            let author = &data["author"];
            assert_eq!(author.get("name").unwrap_or(&author[0]["name"]), "Ada Wren", "{place}");
            // A picture in the post, or else a card, for which there are no Arabic letters.
            let image = data["image"].as_str().unwrap_or_default();
            let has_image = !(is_thread && site.lang == "ar");
            assert!(
                !has_image || site.folder().join(image.trim_start_matches(&site.url("/"))).is_file(),
                "{place}: {image}"
            );
            for key in ["datePublished", "dateModified"] {
                let date = data[key].as_str().unwrap_or_default();
                assert!(date.parse::<Timestamp>().is_ok(), "{place}: {key} {date}");
            }
            assert_eq!(data["commentCount"], if is_thread { 300 } else { 3 }, "{place}");
            let comments = data["comment"].as_array().expect("comments");
            assert_eq!(comments.len(), if is_thread { 10 } else { 1 }, "{place}");
            for comment in comments {
                let texts = [&comment["text"], &comment["author"]["name"], &comment["url"], &comment["dateCreated"]];
                assert!(
                    texts.iter().all(|text| text.as_str().is_some_and(|text| !text.is_empty())),
                    "{place}: {comment}"
                );
            }
        }
    }
}

/// Feeds have what their formats ask for, and the titles and dates of the posts.
pub fn feeds_are_those_of_the_site(grid: &Grid) {
    for site in grid.sites() {
        let (titles, _) = posts(site.lang);
        let posts = atom(site, "/atom.xml");
        assert_eq!(posts, titles.map(str::to_owned), "{}", site.lang);
        assert_eq!(rss(site, "/rss.xml"), posts, "{}", site.lang);
        assert_eq!(atom(site, &format!("{POST}comments.xml")).len(), 3);
        assert_eq!(atom(site, &format!("{THREAD}comments.xml")).len(), 300);
        assert!(atom(site, "/comments.xml").len() > 3);
        let tags = fs::read_dir(site.folder().join("tags")).expect("a folder").flatten();
        for tag in tags.filter(|tag| tag.path().is_dir()) {
            let tag = tag.file_name().into_string().expect("a name in UTF-8");
            assert!(!atom(site, &format!("/tags/{tag}/atom.xml")).is_empty(), "{tag}");
            assert!(!rss(site, &format!("/tags/{tag}/rss.xml")).is_empty(), "{tag}");
        }
    }
}

/// Checks a feed against RFC 4287. Returns the titles of its entries.
fn atom(site: &GridSite, path: &str) -> Vec<String> {
    let text = read(site, path);
    let document = Document::parse(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
    let feed = document.root_element();
    assert!(feed.has_tag_name((ATOM, "feed")), "{path}");
    assert_eq!(feed.attribute(("http://www.w3.org/XML/1998/namespace", "lang")), Some(site.lang), "{path}");
    let links = |node: Node, rel: &str| -> Vec<String> {
        let links =
            node.children().filter(|child| child.has_tag_name((ATOM, "link")) && child.attribute("rel") == Some(rel));
        links.filter_map(|link| link.attribute("href")).map(str::to_owned).collect()
    };
    let itself = links(feed, "self");
    let itself = itself.iter().map(|url| percent_encoding::percent_decode_str(url).decode_utf8_lossy().into_owned());
    assert_eq!(itself.collect::<Vec<_>>(), [site.url(path)]);
    assert_eq!(links(feed, "alternate").len(), 1, "{path}");
    let mut ids = BTreeSet::new();
    let mut latest = None;
    let mut titles = Vec::new();
    for node in [feed].into_iter().chain(feed.children().filter(|child| child.has_tag_name((ATOM, "entry")))) {
        let place = format!("{path} {}", only(node, (ATOM, "title")));
        assert!(ids.insert(only(node, (ATOM, "id"))), "{place}: its id is there twice");
        assert!(only(node, (ATOM, "id")).starts_with("http"), "{place}");
        let updated: Timestamp = only(node, (ATOM, "updated")).parse().expect("a date");
        if node == feed {
            latest = Some(updated);
            continue;
        }
        titles.push(only(node, (ATOM, "title")));
        assert!(Some(updated) <= latest, "{place}: newer than its feed");
        let published: Timestamp = only(node, (ATOM, "published")).parse().expect("a date");
        assert!(published <= updated, "{place}");
        assert_eq!(links(node, "alternate").len(), 1, "{place}");
        let author = node.children().find(|child| child.has_tag_name((ATOM, "author"))).expect("an author");
        assert!(!only(author, (ATOM, "name")).is_empty(), "{place}");
        let texts = node.children().filter(|child| ["content", "summary"].contains(&child.tag_name().name()));
        let texts: Vec<Node> = texts.collect();
        assert!(!texts.is_empty() && texts.iter().all(|text| text.attribute("type") == Some("html")), "{place}");
        assert!(texts.iter().all(|text| text.text().is_some_and(|text| text.contains('<'))), "{place}");
    }
    titles
}

/// Checks a feed against RSS 2.0. Returns the titles of its items.
fn rss(site: &GridSite, path: &str) -> Vec<String> {
    let text = read(site, path);
    let document = Document::parse(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
    let root = document.root_element();
    assert!(root.has_tag_name("rss") && root.attribute("version") == Some("2.0"), "{path}");
    let channel = root.children().find(|child| child.has_tag_name("channel")).expect("a channel");
    assert_eq!(only(channel, "language"), site.lang, "{path}");
    assert!(["title", "link", "description"].iter().all(|name| !only(channel, *name).is_empty()), "{path}");
    let mut ids = BTreeSet::new();
    let items = channel.children().filter(|child| child.has_tag_name("item"));
    let titles = items.map(|item| {
        assert!(ids.insert(only(item, "guid")), "{path}: {} is there twice", only(item, "guid"));
        assert!(only(item, "link").starts_with(&site.url("/")), "{path}");
        assert!(rfc2822::parse(&only(item, "pubDate")).is_ok(), "{path}: {}", only(item, "pubDate"));
        assert!(only(item, "description").contains('<'), "{path}");
        only(item, "title")
    });
    titles.collect()
}

/// The text of the only child of that name.
fn only<'n>(node: Node, name: impl Into<roxmltree::ExpandedName<'n, 'n>>) -> String {
    let name = name.into();
    let children: Vec<Node> = node
        .children()
        .filter(|child| child.tag_name().name() == name.name() && child.tag_name().namespace() == name.namespace())
        .collect();
    let [child] = &children[..] else { panic!("{} {} in {}", children.len(), name.name(), node.tag_name().name()) };
    child.text().unwrap_or_default().to_owned()
}
