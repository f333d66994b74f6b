//! What the search does when the network, the files or the questions are not as they should be.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use walkdir::WalkDir;

use crate::browser::Browser;
use crate::search::{Harbour, IS_OPEN, STATUS, first, results, type_query};

/// The site with posts around the lighthouse's that are so long that it shares no file of texts with the other ones.
fn build(change: impl FnOnce(&Path)) -> Harbour {
    Harbour::build_with("", |source| {
        for date in ["2023-01-01", "2023-12-24"] {
            let text = format!("+++\ntitle = \"Long\"\ndate = {date}\n+++\n\n{}\n", "And so on. ".repeat(20_000));
            fs::write(source.join(format!("content/posts/long-{date}.md")), text).expect("a post can be written");
        }
        change(source);
    })
}

/// Collects what nobody handled, and lets tests hold answers back.
const WATCHER: &str = "window.unhandled = []; window.hold = 0;
    addEventListener('unhandledrejection', (event) => unhandled.push(String(event.reason)));
    addEventListener('error', (event) => unhandled.push(event.message));
    const plain = window.fetch;
    window.fetch = async (...all) => { const wait = hold; await new Promise((done) => setTimeout(done, wait)); return plain(...all); };";

fn start() -> Browser {
    let browser = Browser::start();
    browser.before_every_page(WATCHER);
    browser
}

fn nothing_is_unhandled(browser: &Browser) {
    assert_eq!(browser.eval("unhandled"), json!([]));
}

/// Puts a text into the box at once and waits for what it says.
fn enter(browser: &Browser, query: &str) {
    browser.eval(&format!(
        "(() => {{ const box = document.querySelector('.search-form [type=search]'); box.focus(); box.value = {};
            document.querySelector('.search-status').textContent = ''; box.dispatchEvent(new Event('input')) }})()",
        json!(query)
    ));
    browser.wait_until(&format!("{STATUS} !== ''"));
}

pub fn a_late_answer_overwrites_nothing() {
    let site = Harbour::build();
    let browser = start();
    browser.open(&site.url("/"));
    type_query(&browser, "patience");
    // The older question waits for its files, the newer one does not.
    browser.eval("hold = 1500");
    browser.eval("document.querySelector('.search-form [type=search]').value = ''");
    browser.press("sesquipedalian");
    std::thread::sleep(std::time::Duration::from_millis(200));
    browser.eval("hold = 0");
    browser.eval("document.querySelector('.search-form [type=search]').value = ''");
    browser.press("grandmother");
    browser.wait_until(&format!("{IS_OPEN} && {STATUS} !== ''"));
    let shown = results(&browser);
    assert!(shown[0][2].contains("[grandmother]"), "{shown:?}");
    std::thread::sleep(std::time::Duration::from_millis(2000));
    assert_eq!(results(&browser), shown);
    nothing_is_unhandled(&browser);
}

/// On a slow line every key asks again, and what is shown in the end is what was typed in the end.
pub fn a_slow_line_ends_with_the_last_word() {
    let site = Harbour::build();
    let browser = start();
    browser.open(&site.url("/"));
    browser.devtools("Network.enable", json!({}));
    let slow = json!({ "offline": false, "latency": 200, "downloadThroughput": 40_000, "uploadThroughput": 40_000 });
    browser.devtools("Network.emulateNetworkConditions", slow);
    browser.click(".search-form [type=search]");
    for key in "kettle chalk".chars() {
        browser.press(key.to_string());
        std::thread::sleep(std::time::Duration::from_millis(90));
    }
    browser.wait_until(&format!("{STATUS} !== '' && {IS_OPEN}"));
    browser.wait_until("document.querySelector('.search-popup .search-text')?.textContent.includes('chalk')");
    assert_eq!(results(&browser)[0][3], site.url("/posts/kettle/#descaling"));
    nothing_is_unhandled(&browser);
}

/// What was fetched once is not needed again: all names but the root's say what is in the file, and the root of the last
/// visit is good enough without a network.
pub fn it_works_from_the_cache_of_an_earlier_visit() {
    let site = Harbour::build();
    let browser = start();
    browser.open(&site.url("/"));
    type_query(&browser, "kettle chalk");
    // Another page, which has nothing in its memory.
    browser.open(&site.url("/posts/lighthouse/"));
    browser.devtools("Network.enable", json!({}));
    let offline = json!({ "offline": true, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0 });
    browser.devtools("Network.emulateNetworkConditions", offline);
    assert_eq!(first(&browser, "kettle chalk")[3], site.url("/posts/kettle/#descaling"));
    nothing_is_unhandled(&browser);
}

/// The files of the index of one kind, as their fourth byte says.
fn files(site: &Harbour, kind: u8) -> Vec<PathBuf> {
    let all = WalkDir::new(site.file("search-index/en")).into_iter().map(|entry| entry.expect("a built file"));
    let files = all.filter(|entry| entry.file_type().is_file()).map(|entry| entry.path().to_owned());
    files.filter(|path| fs::read(path).is_ok_and(|bytes| bytes.get(3) == Some(&kind))).collect()
}

const LEAF: u8 = 2;
const TEXT: u8 = 3;

/// What happens to a file.
type Breakage = fn(&PathBuf);

/// What can become of a file.
const BREAKAGES: &[(&str, Breakage)] = &[
    ("missing", |path| fs::remove_file(path).expect("it was there")),
    ("empty", |path| fs::write(path, b"").expect("it can be written")),
    ("truncated", |path| {
        let bytes = fs::read(path).expect("it was there");
        fs::write(path, &bytes[..bytes.len() * 2 / 3]).expect("it can be written");
    }),
    ("of another version", |path| {
        let mut bytes = fs::read(path).expect("it was there");
        bytes[2] = 9;
        fs::write(path, bytes).expect("it can be written");
    }),
    ("garbage behind its head", |path| {
        let mut bytes = fs::read(path).expect("it was there");
        let length = bytes.len();
        for byte in &mut bytes[6..length] {
            *byte = 0xff;
        }
        fs::write(path, bytes).expect("it can be written");
    }),
    ("a page", |path| fs::write(path, b"<!doctype html><title>404</title>").expect("it can be written")),
];

pub fn broken_files_are_reported_and_the_rest_works() {
    for (how, break_it) in BREAKAGES {
        let site = build(|_| {});
        let browser = start();
        browser.devtools("Network.enable", json!({}));
        browser.devtools("Network.setCacheDisabled", json!({ "cacheDisabled": true }));
        browser.open(&site.url("/"));
        // Only the lighthouse has clockwork: what is fetched for it is its text.
        type_query(&browser, "clockwork");
        let texts = files(&site, TEXT);
        let asked = site.server.requests();
        let is_asked =
            |text: &&PathBuf| asked.iter().any(|request| site.file(request.target.trim_start_matches('/')) == **text);
        let [text] = texts.iter().filter(is_asked).collect::<Vec<_>>()[..] else { panic!("one text: {asked:?}") };
        break_it(text);
        browser.open(&site.url("/"));
        type_query(&browser, "pilots");
        let found = results(&browser);
        assert_eq!(found.len(), 1, "{how}: {found:?}");
        assert_eq!(found[0][0], "The copper kettle", "{how}");
        assert!(browser.text_of(".search-popup").contains("cannot be read"), "{how}");
        browser.open(&format!("{}?q=pilots", site.url("/search/")));
        browser.wait_until("!!document.querySelector('.search-results .search-result')");
        assert!(browser.text_of("[data-search-results]").contains("cannot be read"), "{how}");
        nothing_is_unhandled(&browser);

        // All leaves: nothing is found, and it is said that this may be wrong.
        files(&site, LEAF).iter().for_each(*break_it);
        browser.open(&site.url("/"));
        enter_when_loaded(&browser, "pilots");
        assert!(browser.text_of(".search-popup").contains("cannot be read"), "{how}");
        nothing_is_unhandled(&browser);

        break_it(&site.file("search-index/en.bin"));
        browser.open(&site.url("/"));
        enter_when_loaded(&browser, "pilots");
        assert!(browser.text_of(".search-popup").contains("cannot be read"), "{how}");
        assert!(browser.text(STATUS).contains("cannot be read"), "{how}");
        nothing_is_unhandled(&browser);
    }
}

fn enter_when_loaded(browser: &Browser, query: &str) {
    browser.click(".search-form [type=search]");
    browser.wait_until("!!document.querySelector('.search-status')");
    enter(browser, query);
}

/// A site that was published again while a page of it was open.
pub fn a_new_root_is_fetched_when_files_are_gone() {
    let site = build(|_| {});
    let browser = start();
    browser.open(&site.url("/"));
    type_query(&browser, "patience");
    let newer = build(|source| {
        let post = source.join("content/posts/lighthouse.md");
        let text = fs::read_to_string(&post).expect("a post").replace("clockwork", "clockwork sextant");
        fs::write(post, text).expect("a post can be written");
    });
    fs::remove_dir_all(site.file("search-index")).expect("the index was there");
    for entry in WalkDir::new(newer.file("search-index")).into_iter().map(|entry| entry.expect("a built file")) {
        let target =
            site.file("search-index").join(entry.path().strip_prefix(newer.file("search-index")).expect("below"));
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).expect("a folder");
        } else {
            fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
    enter(&browser, "lighthouse");
    enter(&browser, "sextant");
    assert!(results(&browser)[0][2].contains("[sextant]"));
    nothing_is_unhandled(&browser);
}

pub fn hostile_questions_are_questions() {
    let site = Harbour::build();
    let browser = start();
    browser.open(&site.url("/"));
    type_query(&browser, "patience");
    let long = "kettle ".repeat(1500);
    let nested = "(".repeat(5000);
    let hostile = [
        long.as_str(),
        &nested,
        &"x".repeat(10_000),
        &"\"".repeat(9_999),
        &"-tag:".repeat(2_000),
        &"東京".repeat(5_000),
        &"e\u{301}\u{301}".repeat(3_000),
        "🎉🎉 👩‍💻 🏳️‍🌈",
        "[a-z]+(.*)\\ ^$ {3}|?*",
        "((((((((a+)+)+)+)+)+)+)+)$",
        "<script>window.hacked = 5</script>",
        "<img src=x onerror=\"window.hacked = 6\">",
        "'; DROP TABLE posts; --",
        "\u{202e}עִבְרִית\u{202c} العربية",
        "\u{0}\u{1}\u{7f}",
        "__proto__ constructor toString",
        "__proto__:x constructor:y tag:__proto__ tags:constructor",
        "tag: -tag: tag:\"\" -\"\" - -- \"",
        "%00%ff&q=1#x?y",
        "../../etc/passwd",
        "Z̴̡̢͚̦͑ạ̷̛̈́̚l̸̨̛͓̀g̴̰̈́o̵͖͒",
    ];
    for query in hostile {
        let start = browser.number("performance.now()");
        enter(&browser, query);
        let took = browser.number("performance.now()") - start;
        let begin: String = query.chars().take(30).collect();
        assert!(took < 3000.0, "{begin}: {took} ms");
        assert!(browser.holds(IS_OPEN), "{begin}");
        browser.open(&format!(
            "{}?q={}",
            site.url("/search/"),
            percent_encoding::utf8_percent_encode(&begin, percent_encoding::NON_ALPHANUMERIC)
        ));
        browser.wait_until(
            "!new URLSearchParams(location.search).get('q').trim() || !!document.querySelector('.search-count')",
        );
        nothing_is_unhandled(&browser);
        browser.open(&site.url("/"));
        browser.click(".search-form [type=search]");
        browser.wait_until("!!document.querySelector('.search-status')");
    }
    assert!(browser.holds("window.hacked === undefined"));
    assert_eq!(browser.count(".search-popup script, .search-popup img"), 0);
    // And it still answers.
    assert!(first(&browser, "grandmother")[2].contains("[grandmother]"));
    assert_eq!(browser.complaints(), [""; 0]);
}
