//! The search box, as a reader meets it: on a small site with posts in several scripts, comments and code.

use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::accessibility;
use crate::browser::Browser;
use crate::server::{Address, Server};
use crate::sites::{Demo, causerie};

/// The built site of these tests, on a server.
pub struct Harbour {
    pub server: Server,
    folder: TempDir,
    below: &'static str,
}

impl Harbour {
    /// Builds it for the top of an address.
    pub fn build() -> Self {
        Self::build_below("")
    }

    /// Builds it for a path below an address, which begins with a slash.
    pub fn build_below(below: &'static str) -> Self {
        Self::build_with(below, |_| {})
    }

    /// Builds it after something was changed in its source.
    pub fn build_with(below: &'static str, change: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let source = folder.path().join("source");
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/search/site"), &source);
        change(&source);
        let served = folder.path().join("served");
        let output = format!("{}{below}", served.display());
        fs::create_dir_all(&output).expect("a folder to build into");
        let address = Address::take();
        let url = format!("{}{below}", address.url());
        causerie(["build", "--root", &source.to_string_lossy(), "--output", &output, "--base-url", &url]);
        Self { server: address.serve(served), folder, below }
    }

    /// The address of a path of the site, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("{}{}{path}", self.server.url, self.below)
    }

    /// A file of the built site.
    pub fn file(&self, path: &str) -> PathBuf {
        self.folder.path().join(format!("served{}", self.below)).join(path)
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("the fixture can be read") {
        let entry = entry.expect("the fixture can be read");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}

/// What a screen reader is told; empty while the box looks.
pub const STATUS: &str = "(document.querySelector('.search-status')?.textContent ?? '')";

/// Whether results are shown below the box.
pub const IS_OPEN: &str = "!!document.querySelector('.search-popup:not([hidden])')";

/// Types into the empty box and waits for what it says.
pub fn type_query(browser: &Browser, query: &str) {
    browser.click(".search-form [type=search]");
    browser.eval("document.activeElement.value = ''");
    browser.wait_until("!!document.querySelector('.search-status')");
    browser.eval("document.querySelector('.search-status').textContent = ''");
    browser.press(query);
    let typed = json!(query);
    browser.wait_until(&format!("document.activeElement.value === {typed} && {STATUS} !== '' && {IS_OPEN}"));
}

/// The results below the box: title, facts, text, address; marked words in brackets.
pub fn results(browser: &Browser) -> Vec<[String; 4]> {
    let found = browser.eval(
        "[...document.querySelectorAll('.search-popup .search-result, .search-results .search-result')].map((it) => {
             const say = (node) => node.nodeName === 'MARK' ? `[${node.textContent}]`
                 : node.nodeType === 3 ? node.data : [...node.childNodes].map(say).join(node.className === 'search-facts' ? ' · ' : '');
             const text = (name) => say(it.querySelector(`.search-${name}`));
             return [text('title'), text('facts'), text('text'), it.href ?? it.querySelector('a').href];
         })",
    );
    serde_json::from_value(found).expect("four texts for each result")
}

/// The first result of a query.
pub fn first(browser: &Browser, query: &str) -> [String; 4] {
    type_query(browser, query);
    let found = results(browser);
    found.into_iter().next().unwrap_or_else(|| panic!("nothing is found for {query:?}"))
}

pub fn words_are_those_of_the_index() {
    let site = Harbour::build();
    let browser = Browser::start();
    browser.open(&site.url("/"));
    let table = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/search/words.json"))
        .expect("the table can be read");
    let table: Value = serde_json::from_str(&table).expect("the table is JSON");
    assert!(table.as_array().is_some_and(|cases| cases.len() >= 60));
    let differing = browser.eval(&format!(
        "import(document.querySelector('form[data-client]').dataset.client).then(({{ tokens, fold }}) => {table}.flatMap(({{ text, words }}) => {{
             const found = tokens(text);
             const all = found.map(({{ word, parts, whole, end }}) => ({{ word, parts: whole?.end === end ? [...parts, whole.word] : parts }}));
             const same = JSON.stringify(all) === JSON.stringify(words);
             const inPlace = found.every(({{ start, end, word }}) => fold(text.slice(start, end)) === word);
             const settled = found.every(({{ word }}) => fold(word) === word);
             return same && inPlace && settled ? [] : [{{ text, found }}];
         }}))"
    ));
    assert_eq!(differing, json!([]));
}

pub fn typing_shows_results_with_marked_words() {
    let site = Harbour::build();
    let browser = Browser::start();
    browser.open(&site.url("/"));
    let before = site.server.requests().len();
    assert!(site.server.requests().iter().all(|request| !request.target.contains("client-")), "nobody has asked yet");

    let [title, facts, text, address] = first(&browser, "kettle chalk");
    assert_eq!(title, "The copper [kettle]");
    assert!(facts.contains("Descaling") && facts.contains("Posts") && facts.contains("12 May 2024"), "{facts}");
    assert!(text.starts_with("Vinegar takes the [chalk] out overnight."), "{text}");
    assert!(text.contains("boil a [kettle]"), "{text}");
    assert_eq!(address, site.url("/posts/kettle/#descaling"));
    assert_eq!(browser.text(STATUS), "1 result");
    let asked = site.server.requests().len() - before;
    assert!((3..=20).contains(&asked), "{asked} requests");

    // While one types, a word is taken for the beginning of one.
    assert_eq!(first(&browser, "lightho")[0], "Keeping the [lighthouse]");
    // Forms of a word, accents and case, one typing error, and words that the index has in another form only.
    assert_eq!(first(&browser, "winding")[2].matches("[winds]").count(), 1);
    assert_eq!(first(&browser, "CREME brulee")[0], "[Crème] [brûlée] on a naïve stove");
    assert_eq!(first(&browser, "lighthuose ")[0], "Keeping the [lighthouse]");
    assert!(first(&browser, "managing ")[2].contains("[managers]"));
    // Code, whole and by parts.
    assert!(first(&browser, "push_html")[2].contains("[push_html]"));
    assert!(first(&browser, "writer")[2].contains("[HtmlWriter]"));
    assert!(first(&browser, "fmt.Formatter")[2].contains("[std.fmt.Formatter]"));
    // Hyphens that a reader leaves out or puts in, and the number of a version.
    assert!(first(&browser, "email ")[2].contains("[e]-[mail]"));
    assert!(first(&browser, "wifi ")[2].contains("[Wi]-[Fi]"));
    assert!(first(&browser, "wi-fi ")[2].contains("[Wi]-[Fi]"));
    assert!(first(&browser, "web-site ")[2].contains("[website]"));
    assert!(first(&browser, "2.0 ")[2].contains("[v2.0]"));
    // Scripts without spaces, and those from right to left.
    assert_eq!(first(&browser, "東京")[0], "[東京]の喫茶店");
    assert!(first(&browser, "珈")[2].contains("[珈琲]"));
    assert_eq!(first(&browser, "מגדלור")[3], site.url("/posts/hebrew/"));
    assert_eq!(browser.complaints(), [""; 0]);
}

pub fn questions_have_a_grammar() {
    let site = Harbour::build();
    let browser = Browser::start();
    browser.open(&site.url("/"));
    let titles = |query: &str| -> Vec<String> {
        type_query(&browser, query);
        results(&browser).into_iter().map(|[title, ..]| title.replace(['[', ']'], "")).collect()
    };
    let kettle = "The copper kettle";
    let lighthouse = "Keeping the lighthouse";
    assert_eq!(titles("pilots horn"), [lighthouse, kettle], "what has all words comes first");
    assert_eq!(titles("pilots -coffee"), [lighthouse]);
    assert_eq!(titles("pilots -\"winds the clockwork\""), [kettle]);
    assert_eq!(titles("pilots -\"clockwork the winds\"").len(), 2);
    assert_eq!(titles("\"leave the kettle to the pilots\""), [kettle]);
    assert_eq!(titles("“leave the kettle to the pilots”"), [kettle]);
    assert_eq!(titles("\"leave the pilots to the kettle\""), [""; 0]);
    assert_eq!(titles("tag:work"), [lighthouse, "Writing markup by hand"], "the newest first");
    assert_eq!(titles("tags:work pilots"), [lighthouse]);
    assert_eq!(titles("tag:\"slow mornings\""), [kettle]);
    assert_eq!(titles("tag:slow-mornings patience"), [kettle]);
    assert_eq!(titles("tag:nothing patience"), [""; 0]);
    assert_eq!(titles("pilots -tag:work"), [kettle]);
    assert_eq!(titles("patience stove")[0], "Crème brûlée on a naïve stove");
    assert_eq!(titles("patience stove").len(), 2);
    assert_eq!(titles("lantern").len(), 5, "the others are on the page of all results");
    assert_eq!(titles("--pilots"), titles("pilots"), "an option of a command line is a word");
    type_query(&browser, "\"leave the kettle to the pilots\"");
    assert_eq!(browser.text(STATUS), "1 result");
}

pub fn a_comment_is_found_and_led_to() {
    let site = Harbour::build();
    let browser = Browser::start();
    browser.open(&site.url("/"));
    let [title, facts, text, address] = first(&browser, "grandmother marmalade");
    assert_eq!(title, "The copper kettle");
    assert!(facts.starts_with("Comment by Jo Field"), "{facts}");
    assert!(text.contains("[grandmother] swore by lemon and [marmalade] spoons"), "{text}");
    assert!(address.contains("/posts/kettle/#comment-"), "{address}");
    let [_, facts, _, _] = first(&browser, "antwerp");
    assert!(facts.starts_with("Comment by Zoë <b>Quill</b>"), "{facts}");
    let [_, facts, _, address] = first(&browser, "quill");
    assert!(facts.starts_with("Comment by Zoë <b>[Quill]</b>"), "{facts}");
    assert!(address.contains("/posts/kettle/#comment-"), "{address}");
    first(&browser, "antwerp");
    browser.click(".search-popup [role=option]");
    browser.wait_until("location.pathname.endsWith('/posts/kettle/')");
    assert!(browser.text("document.querySelector(':target').textContent").contains("a wooden whisk from Antwerp"));
}

/// A word of so many posts that not all of them stand with it: the rest is asked for where it matters.
pub fn common_words_have_a_rest() {
    let site = Harbour::build_with("", |source| {
        let folder = source.join("content/posts");
        for number in 0..700 {
            // The older a post, the longer: what weighs least is what the list leaves out.
            let rest = "and other words about the sea ".repeat((700 - number) / 20);
            let (year, month, day) = (1980 + number / 300, 1 + number / 28 % 12, 1 + number % 28);
            let text = format!(
                "+++\ntitle = \"Tide {number}\"\ndate = {year}-{month:02}-{day:02}\n+++\n\nThe ebb of day rare{number}. {rest}\n"
            );
            fs::write(folder.join(format!("tide-{number}.md")), text).expect("a post can be written");
        }
    });
    let browser = Browser::start();
    browser.open(&site.url("/"));
    type_query(&browser, "ebb");
    assert_eq!(browser.text(STATUS), "About 700 results");
    for number in [0, 350, 699] {
        let [title, _, text, _] = first(&browser, &format!("ebb rare{number} "));
        assert_eq!(title, format!("Tide {number}"));
        assert!(text.starts_with(&format!("The [ebb] of day [rare{number}].")), "{text}");
        type_query(&browser, &format!("rare{number} -ebb "));
        assert_eq!(results(&browser).len(), 0, "a list that is not complete never says no");
    }
    assert_eq!(browser.complaints(), [""; 0]);
}

pub fn titles_are_text() {
    let site = Harbour::build();
    let browser = Browser::start();
    browser.open(&site.url("/"));
    let [title, _, text, address] = first(&browser, "sesquipedalian");
    assert!(title.starts_with("Why <script>window.hacked = 1</script> is <img src=x onerror="), "{title}");
    assert!(text.contains("<script>window.hacked = 3</script>"), "{text}");
    browser.open(&format!("{}?q=sesquipedalian", site.url("/search/")));
    browser.wait_until("!!document.querySelector('.search-results .search-result')");
    assert_eq!(
        browser.count(".search-results script, .search-results img, .search-popup script, .search-popup img"),
        0
    );
    assert!(browser.holds("window.hacked === undefined"));
    browser.click(".search-results a");
    browser.wait_until(&format!("location.href === {address:?}"));
}

pub fn the_demo_site_finds_itself(demo: &Demo) {
    let browser = Browser::start();
    browser.open(&demo.site().url("/"));
    let [title, ..] = first(&browser, "leaders managers");
    assert_eq!(title, "The Difference Between [Leaders] and [Managers]");
    let [title, facts, ..] = first(&browser, "grandmother dated");
    assert_eq!((title.as_str(), facts.contains("Jo Field")), ("Notes in the Margin", true), "{facts}");
}

/// With the popup open, and on the page of all results.
pub fn axe_finds_nothing(demo: &Demo) {
    let browser = Browser::start();
    browser.open(&demo.site().url("/"));
    type_query(&browser, "comment");
    browser.press(char::from(thirtyfour::Key::Down).to_string());
    assert!(browser.holds(IS_OPEN));
    let mut found = accessibility::faults(&browser);
    assert!(browser.holds(IS_OPEN));
    browser.open(&format!("{}?q=comment", demo.site().url("/search/")));
    browser.wait_until("!!document.querySelector('.search-results .search-result')");
    found.extend(accessibility::faults(&browser));
    assert!(found.is_empty(), "{}", found.join("\n"));
}
